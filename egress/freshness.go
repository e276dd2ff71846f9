package egress

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxFresh is the longest that an answer is believed without asking again: longer, and a badge that was
// revoked meanwhile would go on being valid.
const maxFresh = 2 * time.Minute

// freshness is how long an answer may be believed: s-maxage, else max-age, else Expires, less its Age,
// between nothing and maxFresh. No statement means: not without asking (RFC 9111 §4.2).
func freshness(h http.Header) time.Duration {
	shared, own := -1, -1
	for name, value := range directives(h) {
		switch name {
		case "no-store", "no-cache", "private":
			return 0
		case "max-age":
			own = seconds(value)
		case "s-maxage":
			shared = seconds(value)
		}
	}
	switch {
	case shared >= 0:
		own = shared
	case own < 0:
		own = untilExpires(h)
	}
	age := max(seconds(h.Get("Age")), 0)
	return time.Duration(max(min(own, int(maxFresh/time.Second)+age)-age, 0)) * time.Second
}

// seconds reads a number of seconds; one that cannot be read is 0, one too large is as large as can be.
func seconds(text string) int {
	n, err := strconv.Atoi(strings.Trim(text, `"`))
	if err != nil && n <= 0 {
		return 0
	}
	return max(n, 0)
}

func untilExpires(h http.Header) int {
	expires, err := http.ParseTime(h.Get("Expires"))
	if err != nil {
		return 0
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return int(min(max(expires.Sub(date), 0), time.Hour) / time.Second)
}

// forbidsStore: not even to be asked about again.
func forbidsStore(h http.Header) bool {
	for name := range directives(h) {
		if name == "no-store" || name == "private" {
			return true
		}
	}
	return strings.Contains(h.Get("Vary"), "*")
}

func directives(h http.Header) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		for directive := range strings.SplitSeq(strings.ToLower(strings.Join(h.Values("Cache-Control"), ",")), ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
			if !yield(strings.TrimSpace(name), strings.TrimSpace(value)) {
				return
			}
		}
	}
}

// hopFreshness is how long a redirect may be believed: permanent ones as long as anything.
func hopFreshness(hop *http.Response) time.Duration {
	if hop == nil {
		return 0
	}
	silent := hop.Header.Get("Cache-Control") == "" && hop.Header.Get("Expires") == ""
	if silent && (hop.StatusCode == http.StatusMovedPermanently || hop.StatusCode == http.StatusPermanentRedirect) {
		return maxFresh
	}
	return freshness(hop.Header)
}
