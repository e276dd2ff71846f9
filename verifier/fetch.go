package verifier

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"code.dny.dev/ssrf"
)

// Limits of everything outbound (contract section 5). A budget is that of one badge.
const (
	maxFetches   = 40
	maxRedirects = 5
	maxBody      = 2 << 20
	maxBytes     = 12 << 20 // of all documents of one badge together
	fetchTime    = 5 * time.Second
	badgeTime    = 15 * time.Second
)

// Fetcher gets one document for the verifier. Each implementation keeps the limits of one fetch
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

// What an error of a Fetcher is about. All of them mean: could not be reached.
var (
	errRedirects = errors.New("too many redirects")
	errTooLarge  = errors.New("answer is larger than 2 MiB")
	errRefused   = errors.New("connection refused")
	errAddress   = errors.New("address is not one that is fetched")
	errHere      = fmt.Errorf("%w: it is on this machine", errAddress)
	errSlow      = errors.New("no answer within 5 seconds")
	errBusy      = errors.New("too many others ask the same server")
	errDead      = errors.New("the server has not answered lately")
	errProxy     = errors.New("egress proxy")
	errBudget    = errors.New("the badge asks for more than is fetched for one")
)

// isRefused: the address was not asked, because it is of a kind that never is.
func isRefused(err error) bool { return errors.Is(err, errAddress) || isProhibited(err) }

// isProhibited: the address that a name led to is one that is not visited.
func isProhibited(err error) bool {
	return errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedPort) || errors.Is(err, ssrf.ErrProhibitedNetwork)
}

// webURL reads an absolute http or https address without user information; an address of any other
// kind leads nowhere. The fragment is cut off.
func webURL(text string) (*url.URL, bool) {
	if len(text) > 4096 || strings.ContainsAny(text, " \t\r\n\\") {
		return nil, false
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return nil, false
	}
	u.Fragment, u.RawFragment = "", ""
	return u, true
}

// origin is what a same-origin rule compares: scheme, host in lower case, port unless the usual one.
func origin(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return u.Scheme + "://" + host
	}
	return u.Scheme + "://" + host + ":" + port
}

// staysAt reports whether an answer came from the origin that was asked, or from the same host by https
// where http was asked.
func staysAt(asked, answered string) bool {
	from, ok := webURL(asked)
	to, alsoOK := webURL(answered)
	if !ok || !alsoOK {
		return false
	}
	return origin(from) == origin(to) || strings.Replace(origin(from), "http://", "https://", 1) == origin(to)
}
