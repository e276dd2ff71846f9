package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
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
	w.breaker = newBreaker(transport, o.now)
	w.client = http.Client{Transport: w.breaker, CheckRedirect: w.redirect}
	return w
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
