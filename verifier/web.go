package verifier

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"code.dny.dev/ssrf"
)

// WebOptions are the few settings of Web; the zero value is right for a server on the internet.
type WebOptions struct {
	Loopback  bool     // also fetch from this machine, plain http included: demo and tests only
	Proxy     *url.URL // egress proxy; it then resolves names, so it must refuse private addresses itself
	UserAgent string   // default "Insignia-Verifier"
}

// Web is the Fetcher for the internet: https only, no address that is private, loopback, link-local
// or otherwise special (checked on the address that is dialled, so redirects and changing DNS answers
// are covered), at most 5 redirects, 5 seconds and 2 MiB, no cookies, no credentials, no proxy from
// the environment. An http address is asked by https. It keeps answers for as long as their sender allows, two minutes at most.
func Web(o WebOptions) Fetcher {
	if o.UserAgent == "" {
		o.UserAgent = "Insignia-Verifier"
	}
	w := &web{options: o, guard: guardian(o.Loopback)}
	dialer := net.Dialer{Timeout: fetchTime, Control: w.guard.Safe}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    fetchTime,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if o.Proxy != nil {
		transport.Proxy = http.ProxyURL(o.Proxy)
		transport.DialContext = (&net.Dialer{Timeout: fetchTime}).DialContext
	}
	w.client = http.Client{Transport: transport, CheckRedirect: w.redirect}
	return remember(w, time.Now)
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
	client  http.Client
}

func (w *web) Fetch(ctx context.Context, r Request) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAddress, err)
	}
	if err := w.allowed(request.URL); err != nil {
		return nil, err
	}
	request.Header.Set("Accept", r.Accept)
	request.Header.Set("User-Agent", w.options.UserAgent)
	answer, err := w.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	// The transport has unpacked gzip by now, so this bounds what a small answer can grow to.
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, errTooLarge
	}
	return &Response{
		URL:         answer.Request.URL.String(),
		Status:      answer.StatusCode,
		ContentType: answer.Header.Get("Content-Type"),
		Body:        body,
		fresh:       freshness(answer.Header),
	}, nil
}

func (w *web) redirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	next.Header.Del("Referer")
	return w.allowed(next.URL)
}

// allowed judges the address before anything is looked up, and turns http into https; the dialled
// address is judged by guard.
func (w *web) allowed(u *url.URL) error {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	address, err := netip.ParseAddr(host)
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && address.IsLoopback()
	switch {
	case u.User != nil || host == "":
		return errAddress
	case u.Scheme == "http" && !(w.options.Loopback && local):
		if port := u.Port(); port != "" && port != "80" {
			return fmt.Errorf("%w: plain http", errAddress)
		}
		u.Scheme, u.Host = "https", strings.TrimSuffix(u.Host, ":80")
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%w: not https", errAddress)
	}
	switch {
	case w.options.Proxy == nil:
		return nil
	case local && !w.options.Loopback:
		return fmt.Errorf("%w: this machine", errAddress)
	case err == nil:
		return w.literal(address)
	}
	return nil
}

// literal is for requests through a proxy, where guard sees only the proxy's address.
func (w *web) literal(address netip.Addr) error {
	network := "tcp6"
	if address.Is4() {
		network = "tcp4"
	}
	return w.guard.Safe(network, netip.AddrPortFrom(address, 443).String(), nil)
}
