package api

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// Options are the parts and facts that a Server is made of.
type Options struct {
	Issuer   *issuer.Issuer
	Earners  *earner.Accounts
	Verifier *verifier.Verifier
	Queue    *jobs.Queue

	BaseURL        string         // no slash at its end; all public addresses begin with it
	Site           string         // the one product name that people see
	Secret         []byte         // signs cookies
	TrustedProxies []netip.Prefix // whose forwarded headers are believed; none: nobody's
	Log            *slog.Logger
	Now            func() time.Time

	Codes        earner.Queue                    // queues the letter with a code in the caller's transaction
	Ready        func(ctx context.Context) error // nil: the database answers and its schema is current
	MetricsToken string                          // /metrics asks for it as bearer token; empty: only callers on this machine
	Mailbox      http.Handler                    // mounted at /mailbox; nil: there is none
	Records      RecordSigner                    // signs records of checks; nil: none are offered
	Version      string
	Limits       Limits // zero fields have defaults
}

// Limits bound how often a caller may ask, in this process, and how much a request may bring.
type Limits struct {
	KeyPerSecond    float64 // requests of one API key; 0: 5000
	KeyBurst        int     // 0: 10000
	VerifyPerSecond float64 // POST /verify of one network; 0: 5
	VerifyBurst     int     // 0: 20
	ListsPerHour    float64 // lists of many badges of one network; 0: 30
	ListsBurst      int     // 0: 5
	Body            int64   // bytes of a request body; 0: 1 MiB
	VerifyBody      int64   // bytes of a body with something to verify; 0: 8 MiB
}

func (l Limits) withDefaults() Limits {
	set(&l.KeyPerSecond, 5000)
	set(&l.KeyBurst, 10000)
	set(&l.VerifyPerSecond, 5)
	set(&l.VerifyBurst, 20)
	set(&l.ListsPerHour, 30)
	set(&l.ListsBurst, 5)
	set(&l.Body, 1<<20)
	set(&l.VerifyBody, 8<<20)
	return l
}

func set[T comparable](field *T, value T) {
	if *field == *new(T) {
		*field = value
	}
}

// Server answers all addresses of the product. It is an http.Handler and safe for concurrent use.
type Server struct {
	o           Options
	base        *url.URL
	echo        *echo.Echo
	made        *cache // what was rendered
	drawing     gate   // pictures that are being rendered
	keys        *throttle
	checks      *throttle
	checking    gate    // verifications under way
	checkingOwn gate    // those of addresses of ours
	shares      *shares // of a network in what is under way
	lists       *throttle
	runs        *runs // lists of many badges
	metrics     *metrics
	openAPI     issuer.Document
	docs        templates.APIDocs // without its page
	people      people
}

// New makes the server; it panics on a BaseURL that is none.
func New(o Options) *Server {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" {
		panic("api: BaseURL must be an absolute address, not " + o.BaseURL)
	}
	o.Limits = o.Limits.withDefaults()
	s := &Server{
		o: o, base: base, echo: echo.New(), made: newCache(), metrics: newMetrics(),
		keys:   newThrottle(o.Limits.KeyPerSecond, o.Limits.KeyBurst, o.Now),
		checks: newThrottle(o.Limits.VerifyPerSecond, o.Limits.VerifyBurst, o.Now), checking: make(gate, checksAtOnce), drawing: make(gate, 1),
		checkingOwn: make(gate, ownChecksAtOnce), shares: newShares(networkAtOnce), runs: newRuns(o),
		lists: newThrottle(o.Limits.ListsPerHour/3600, o.Limits.ListsBurst, o.Now),
	}
	description := readSpec(o.BaseURL)
	s.openAPI, s.docs = description.document(), newDocs(description, o.BaseURL)
	s.people = newPeople(o)
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.IPExtractor = addressOf(o.TrustedProxies)
	s.echo.HTTPErrorHandler = func(err error, c echo.Context) { s.fail(c, err) }
	s.echo.Use(s.observe, s.protect)
	s.routes()
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// addressOf says where a request comes from. Without trusted proxies that is the connection's other end,
// whatever headers claim.
func addressOf(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		p = p.Masked()
		trust = append(trust, echo.TrustIPRange(&net.IPNet{
			IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// network is the part of the caller's address that limits count by; empty for this machine.
func network(c echo.Context) string {
	addr, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return ""
	}
	return earner.Network(addr.Unmap())
}

// path is an address of ours as a path on this server, without the path of the base address.
func (s *Server) path(address string) string { return strings.TrimPrefix(address, s.o.BaseURL) }
