// Package egress is the one guarded way out: whatever this program asks of other people's servers goes through a
// Client, which keeps away from private networks, bounds what an answer may cost and leaves servers alone that do not
// answer. It knows nothing of badges, and decides nothing about what was fetched.
package egress

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"code.dny.dev/ssrf"
)

// Limits of one fetch (contract section 5).
const (
	maxRedirects = 5
	maxBody      = 2 << 20
	fetchTime    = 5 * time.Second
)

// Fetcher gets one document. Each implementation keeps the limits of one fetch
// (redirects, time, size) itself. An error means that the document could not be reached; an answer of
// any status is no error. Implementations are safe for concurrent use.
type Fetcher interface {
	Fetch(ctx context.Context, r Request) (*Response, error)
}

// Request names a document: an absolute http or https URL without fragment, and the media types
// wanted, as the value of Accept.
type Request struct {
	URL    string
	Accept string
}

// Response is an answer. URL is where it came from after redirects ("" means: from where it was
// asked), ContentType the header as it was sent. The body must not be changed.
type Response struct {
	URL         string
	Status      int
	ContentType string
	Body        []byte

	// What the sender says about keeping it.
	fresh    time.Duration // how long it may be believed
	noStore  bool          // it may not be kept at all
	etag     string        // names of this version
	modified string
}

// What an error of a Fetcher is about; one of time wraps context.DeadlineExceeded. All of them mean: could not be reached.
var (
	ErrRedirects    = errors.New("too many redirects")
	ErrTooLarge     = errors.New("answer is larger than is read")
	errRefused      = errors.New("connection refused")
	ErrAddress      = errors.New("address is not one that is fetched") // not asked at all
	ErrLoopback     = fmt.Errorf("%w: it is on this machine", ErrAddress)
	errSlow         = errors.New("no answer in time")
	ErrBusy         = errors.New("too many others ask the same server")
	ErrUnresponsive = errors.New("the server has not answered lately")
	errProxy        = errors.New("egress proxy")
	ErrBudget       = errors.New("more than may be fetched for one purpose")
)

// Options are the few settings of a Client; the zero value is right for a server on the internet.
type Options struct {
	Loopback  bool     // also fetch from this machine, plain http included: demo and tests only
	Proxy     *url.URL // egress proxy, from ParseProxy; nil: none
	UserAgent string   // default "Insignia-Verifier"

	// ProxyResolves leaves the resolving of names to the proxy, for networks that have no name server
	// of their own. The proxy must then refuse private addresses itself; without it names are resolved
	// and judged here, and the proxy is asked for the address.
	ProxyResolves bool

	UnderWay int            // requests to all servers at once; zero: 64
	Roots    *x509.CertPool // certificates that are believed; nil: the system's
	Patience time.Duration  // how long a server has for its answer; zero: 5 seconds

	// What tests put in the place of the world.
	resolver *net.Resolver
	now      func() time.Time
}

// Client is the way to the internet: https only, no address that is private, loopback, link-local
// or otherwise special (checked on the address that is dialled, so redirects and changing DNS answers
// are covered, and a proxy is no way around), at most 5 redirects, 5 seconds and 2 MiB, no cookies, no
// credentials, no proxy from the environment. An http address is asked by https. It keeps answers for
// as long as their sender allows, two minutes at most, asks a server only a few things at once, and
// leaves one that does not answer alone for a while. It is a Fetcher; see RoundTripper for other
// requests than for a document.
type Client struct {
	web   *web
	cache *cache
}

// New makes a Client. A program has one, so that its limits hold for all that goes out.
func New(o Options) *Client {
	w := newWeb(o)
	return &Client{w, newCache(w, w.options.now)}
}

// Fetch gets a document, or gives the answer that is kept.
func (c *Client) Fetch(ctx context.Context, r Request) (*Response, error) {
	return c.cache.Fetch(ctx, r)
}

// Permits judges an address without asking it: nil says that a request would go there as things are. One whose name is
// not found now is judged when it is asked.
func (c *Client) Permits(ctx context.Context, u *url.URL) error {
	asked := *u
	if err := c.web.allowed(&asked); err != nil {
		return err
	}
	if asked.Scheme != u.Scheme {
		return fmt.Errorf("%w: plain http", ErrAddress)
	}
	host := asked.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || c.web.options.ProxyResolves {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, c.web.options.Patience)
	defer stop()
	addresses, err := c.web.options.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil // not found now
	}
	for _, a := range addresses {
		if err := c.web.safe(a); err != nil {
			return err
		}
	}
	return nil
}

func newWeb(o Options) *web {
	if o.UserAgent == "" {
		o.UserAgent = "Insignia-Verifier"
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.resolver == nil {
		o.resolver = net.DefaultResolver
	}
	if o.Patience == 0 {
		o.Patience = fetchTime
	}
	w := &web{options: o, guard: guardian(o.Loopback)}
	dialer := net.Dialer{Timeout: fetchTime, Control: w.dialled, Resolver: o.resolver}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: o.Roots},
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    fetchTime,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if o.Proxy != nil {
		transport.DialContext = w.dialProxy
	}
	w.breaker = newBreaker(transport, o.now, cmp.Or(o.UnderWay, maxUnderWay))
	w.client = http.Client{Transport: w.breaker, CheckRedirect: w.redirect}
	return w
}

func guardian(loopback bool) *ssrf.Guardian {
	options := []ssrf.Option{ssrf.WithAnyPort()}
	if loopback {
		options = append(options, ssrf.WithAllowedV4Prefixes(netip.MustParsePrefix("127.0.0.0/8")),
			ssrf.WithAllowedV6Prefixes(netip.MustParsePrefix("::1/128")))
	}
	return ssrf.New(options...)
}

// web asks servers, without keeping answers.
type web struct {
	options Options
	guard   *ssrf.Guardian
	breaker *breaker
	client  http.Client
}

func (w *web) Fetch(ctx context.Context, r Request) (*Response, error) {
	return w.ask(ctx, r, nil)
}

// ask fetches r. With an older answer it asks for the document only if it changed since, and gives the
// older answer with its new lifetime when it did not.
func (w *web) ask(ctx context.Context, r Request, old *Response) (*Response, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	hops := &trail{fresh: maxFresh, clock: startClock(w.options.Patience, stop)}
	defer hops.clock.end()
	request, err := http.NewRequestWithContext(context.WithValue(ctx, trail{}, hops), http.MethodGet, r.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	if err := w.allowed(request.URL); err != nil {
		return nil, err
	}
	request.Header.Set("Accept", r.Accept)
	request.Header.Set("User-Agent", w.options.UserAgent)
	conditions(request.Header, old)
	answer, err := w.client.Do(request)
	if err != nil {
		return nil, blame(ctx, err)
	}
	defer answer.Body.Close()
	if old != nil && hops.count == 0 && answer.StatusCode == http.StatusNotModified {
		return old.renewed(answer.Header), nil
	}
	body, err := readBody(answer)
	if err == nil {
		err = ctx.Err() // a body that was cut off by us can look like one that ended
	}
	if err != nil {
		return nil, blame(ctx, err)
	}
	return newResponse(answer, body, hops), nil
}

// conditions asks for a document only if it is another than old.
func conditions(h http.Header, old *Response) {
	if old == nil {
		return
	}
	if old.etag != "" {
		h.Set("If-None-Match", old.etag)
	}
	if old.modified != "" {
		h.Set("If-Modified-Since", old.modified)
	}
}

// renewed is the same answer after the sender said that nothing changed. Its lifetime is the new one,
// where the sender gives one, else the same again (RFC 9111 §4.3.4).
func (r *Response) renewed(h http.Header) *Response {
	n := *r
	if h.Get("Cache-Control") != "" || h.Get("Expires") != "" {
		n.fresh, n.noStore = freshness(h), forbidsStore(h)
	}
	return &n
}

// blame says that time ran out where the client only says that it was stopped.
func blame(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errSlow) || errors.Is(cause, ErrBusy) {
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, cause)
	}
	return err
}

// readBody reads no more than may be sent. The transport has unpacked gzip by now, so this bounds what
// a small answer can grow to.
func readBody(answer *http.Response) ([]byte, error) {
	if answer.ContentLength > maxBody {
		return nil, ErrTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, ErrTooLarge
	}
	return body, nil
}

func newResponse(answer *http.Response, body []byte, hops *trail) *Response {
	r := &Response{
		URL:         answer.Request.URL.String(),
		Status:      answer.StatusCode,
		ContentType: answer.Header.Get("Content-Type"),
		Body:        body,
		fresh:       freshness(answer.Header),
		noStore:     forbidsStore(answer.Header),
	}
	if hops.count > 0 {
		r.fresh = min(r.fresh, hops.fresh)
		return r // what a version is called where it came from means nothing where it was asked for
	}
	r.etag, r.modified = answer.Header.Get("ETag"), answer.Header.Get("Last-Modified")
	return r
}

// trail is what a request met on its way: how many redirects, how long they may be believed, and the
// time that is left.
type trail struct {
	count int
	fresh time.Duration
	clock *clock
}

func (w *web) redirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return ErrRedirects
	}
	if hops, found := next.Context().Value(trail{}).(*trail); found {
		hops.count++
		hops.fresh = min(hops.fresh, hopFreshness(next.Response))
	}
	for _, name := range []string{"Referer", "If-None-Match", "If-Modified-Since"} {
		next.Header.Del(name) // a version's name means something only where it came from
	}
	return w.allowed(next.URL)
}

// maxWait is how long a request waits for its turn, before the time runs that its server has.
const maxWait = 10 * time.Second

// clock stops a request that takes too long. Its server has so much time from when it is asked; waiting
// for others who ask the same server is not the server's fault.
type clock struct {
	patience time.Duration
	stop     context.CancelCauseFunc
	mu       sync.Mutex
	timer    *time.Timer
	running  bool
}

func startClock(patience time.Duration, stop context.CancelCauseFunc) *clock {
	return &clock{patience: patience, stop: stop, timer: time.AfterFunc(maxWait, func() { stop(ErrBusy) })}
}

// begin is called when a server is about to be asked; only the first call counts.
func (c *clock) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running {
		return
	}
	c.running = true
	c.timer.Stop()
	c.timer = time.AfterFunc(c.patience, func() { c.stop(errSlow) })
}

func (c *clock) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer.Stop()
}
