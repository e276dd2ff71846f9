package verifier

import (
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
	"time"

	"code.dny.dev/ssrf"
)

// WebOptions are the few settings of Web; the zero value is right for a server on the internet.
type WebOptions struct {
	Loopback  bool     // also fetch from this machine, plain http included: demo and tests only
	Proxy     *url.URL // egress proxy, from ParseProxy; nil: none
	UserAgent string   // default "Insignia-Verifier"

	// ProxyResolves leaves the resolving of names to the proxy, for networks that have no name server
	// of their own. The proxy must then refuse private addresses itself; without it names are resolved
	// and judged here, and the proxy is asked for the address.
	ProxyResolves bool

	// What tests put in the place of the world.
	roots    *x509.CertPool
	resolver *net.Resolver
	now      func() time.Time
	patience time.Duration // instead of fetchTime
}

// Web is the Fetcher for the internet: https only, no address that is private, loopback, link-local
// or otherwise special (checked on the address that is dialled, so redirects and changing DNS answers
// are covered, and a proxy is no way around), at most 5 redirects, 5 seconds and 2 MiB, no cookies, no
// credentials, no proxy from the environment. An http address is asked by https. It keeps answers for
// as long as their sender allows, two minutes at most, asks a server only a few things at once, and
// leaves one that does not answer alone for a while.
func Web(o WebOptions) Fetcher {
	w := newWeb(o)
	return remember(w, w.options.now)
}

func newWeb(o WebOptions) *web {
	if o.UserAgent == "" {
		o.UserAgent = "Insignia-Verifier"
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.resolver == nil {
		o.resolver = net.DefaultResolver
	}
	if o.patience == 0 {
		o.patience = fetchTime
	}
	w := &web{options: o, guard: guardian(o.Loopback)}
	dialer := net.Dialer{Timeout: fetchTime, Control: w.guard.Safe, Resolver: o.resolver}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: o.roots},
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
	w.gate = newGate(transport, o.now)
	w.client = http.Client{Transport: w.gate, CheckRedirect: w.redirect}
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

type web struct {
	options WebOptions
	guard   *ssrf.Guardian
	gate    *gate
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
	hops := &trail{fresh: maxFresh, clock: startClock(w.options.patience, stop)}
	defer hops.clock.end()
	request, err := http.NewRequestWithContext(context.WithValue(ctx, trail{}, hops), http.MethodGet, r.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAddress, err)
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
	if cause := context.Cause(ctx); errors.Is(cause, errSlow) || errors.Is(cause, errBusy) {
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, cause)
	}
	return err
}

// readBody reads no more than may be sent. The transport has unpacked gzip by now, so this bounds what
// a small answer can grow to.
func readBody(answer *http.Response) ([]byte, error) {
	if answer.ContentLength > maxBody {
		return nil, errTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, errTooLarge
	}
	return body, nil
}
