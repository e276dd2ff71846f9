package egress

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Limits are what one request through a RoundTripper may take.
type Limits struct {
	Patience time.Duration // for the whole answer; zero: as the Client has
	Body     int64         // bytes of an answer, unpacked; zero: 2 MiB
}

// RoundTripper is the same way out for programs of HTTP: webhooks, sign-in elsewhere, feeds. Every request, those of
// redirects included, goes only where Fetch would, with the same breaker, budget (see Budget.In) and bounds of what is
// under way, and https in the place of http. A request after more than 5 redirects is refused. Nothing is kept, and no
// cookie is; the headers are the caller's, who also decides with http.Client.CheckRedirect whether redirects are
// followed.
func (c *Client) RoundTripper(l Limits) http.RoundTripper {
	if l.Patience == 0 {
		l.Patience = c.web.options.Patience
	}
	if l.Body == 0 {
		l.Body = maxBody
	}
	return &roundTripper{c.web, l}
}

type roundTripper struct {
	web    *web
	limits Limits
}

// RoundTrip sends one request. The errors are those of a Fetcher.
func (t *roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, stop := context.WithCancelCause(r.Context())
	hop := &trail{clock: startClock(t.limits.Patience, stop)}
	done := func() {
		hop.clock.end()
		stop(nil)
	}
	answer, err := t.send(r.Clone(context.WithValue(ctx, trail{}, hop)))
	if err == nil && answer.ContentLength > t.limits.Body {
		_ = answer.Body.Close()
		err = ErrTooLarge
	}
	if err != nil {
		err = blame(ctx, err)
		done()
		return nil, err
	}
	answer.Body = &boundedBody{ReadCloser: answer.Body, ctx: ctx, left: t.limits.Body, done: done}
	return answer, nil
}

// send may change r.
func (t *roundTripper) send(r *http.Request) (*http.Response, error) {
	hops := redirectsBefore(r)
	if hops > maxRedirects {
		return nil, refuse(r, ErrRedirects)
	}
	if err := t.web.allowed(r.URL); err != nil {
		return nil, refuse(r, err)
	}
	if hops > 0 {
		r.Header.Del("Referer")
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", t.web.options.UserAgent)
	}
	return t.web.breaker.RoundTrip(r)
}

// redirectsBefore counts the redirects that led to a request; http.Client tells each request which answer it follows.
func redirectsBefore(r *http.Request) (n int) {
	for r.Response != nil && r.Response.Request != nil {
		r = r.Response.Request
		n++
	}
	return n
}

// refuse closes the body of a request that is not sent, as http.RoundTripper asks.
func refuse(r *http.Request, err error) error {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return err
}

// boundedBody gives no more of an answer than may be read, and ends its request's time when it is closed.
type boundedBody struct {
	io.ReadCloser
	ctx  context.Context
	left int64
	done func()
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return n - 1, ErrTooLarge
	}
	if errors.Is(err, io.EOF) && b.ctx.Err() != nil {
		err = b.ctx.Err() // a body that was cut off by us can look like one that ended
	}
	return n, blame(b.ctx, err)
}

func (b *boundedBody) Close() error {
	err := b.ReadCloser.Close()
	b.done()
	return err
}
