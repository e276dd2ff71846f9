package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/templates/art"
	"github.com/open-insignia/insignia/verifier"
)

// Options are the parts and facts that a Server is made of.
type Options struct {
	Issuer   *issuer.Issuer
	Partners *partner.Partners
	Earners  *earner.Accounts
	Verifier *verifier.Verifier
	Queue    *jobs.Queue

	BaseURL        string         // no slash at its end; all public addresses begin with it
	Site           string         // the one product name that people see
	Secret         []byte         // signs cookies
	TrustedProxies []netip.Prefix // whose forwarded headers are believed; none: nobody's
	Log            *slog.Logger
	Now            func() time.Time

	Letters      func() int64                    // how many this process has sent; nil: not told
	Ready        func(ctx context.Context) error // nil: the database takes writes and its schema is current
	Unavailable  func(err error) bool            // whether an error says that the database cannot do its work now
	MetricsToken string                          // /metrics asks for it as bearer token; empty: only callers on this machine
	// Mailbox shows letters in frames that it is given, and is mounted at /mailbox; nil: there is none.
	Mailbox func(frame func(*http.Request) templates.Page) http.Handler

	Records RecordSigner // signs records of checks; nil: none are offered
	Version string
	Fonts   *art.Fonts // of preview cards; nil: those that the program carries
}

// Server answers all addresses of the product. It is an http.Handler and safe for concurrent use.
type Server struct {
	o           Options
	base        *url.URL
	site        issuer.Site // what strangers find at our addresses
	echo        *echo.Echo
	made        *cache // what was rendered
	drawing     gate   // pictures that are being rendered
	reading     gate   // lists that are being read
	keys        *throttle
	checks      *throttle
	checking    gate    // verifications under way
	checkingOwn gate    // those of addresses of ours
	shares      *shares // of a network in what is under way
	waits       *waits  // checks that wait for other servers
	lists       *throttle
	sizes       *throttle
	runs        *runs // lists of many badges
	metrics     *metrics
	verdicts    *verdicts // of what was checked
	openAPI     issuer.Document
	docs        templates.APIDocs // without its page
	people      people
}

// New makes the server; it panics on a BaseURL that is none.
func New(o Options) *Server {
	base := mustBase(o.BaseURL)
	s := &Server{
		o: o, base: base, site: issuer.NewSite(o.Issuer, base), echo: echo.New(), made: newCache(), metrics: newMetrics(), verdicts: newVerdicts(),
		keys:   newThrottle(keyPerSecond, keyBurst, o.Now),
		checks: newThrottle(verifyPerSecond, verifyBurst, o.Now), checking: make(gate, checksAtOnce), drawing: make(gate, 1), reading: make(gate, 1),
		checkingOwn: make(gate, ownChecksAtOnce), shares: newShares(networkAtOnce), waits: newWaits(waitsAtOnce, networkWaits), runs: newRuns(o.Now, o.Verifier),
		lists: newThrottle(listsPerHour/3600.0, listsBurst, o.Now),
		sizes: newThrottle(sizesPerSecond, sizesBurst, o.Now),
	}
	description := readSpec(o.BaseURL)
	s.openAPI, s.docs = description.document(), newDocs(description, o.Site, o.BaseURL)
	s.people = newPeople(o, base)
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.IPExtractor = addressOf(o.TrustedProxies, ThisMachine(base.Host), o.Log)
	s.echo.HTTPErrorHandler = func(err error, c echo.Context) { s.fail(c, err) }
	s.echo.Use(s.observe, s.protect)
	s.routes()
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }
