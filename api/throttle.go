package api

import (
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"github.com/open-insignia/insignia/earner"
)

// How often a caller may ask, in this process. The documentation says the same of keys and POST /verify.
const (
	keyPerSecond    = 5000 // requests of one API key
	keyBurst        = 10_000
	verifyPerSecond = 5 // verifications of one network
	verifyBurst     = 20
	sizesPerSecond  = 5 // pictures in a size of its own, which are drawn for it, of one network
	sizesBurst      = 40
	listsPerHour    = 30 // lists of many badges of one network
	listsBurst      = 5
)

// throttle bounds how often each of many callers may do something, in this process. It is there against
// loops that ran wild; what guards secrets is counted in the database.
type throttle struct {
	limit rate.Limit
	burst int
	now   func() time.Time
	each  *lru.Cache[string, *rate.Limiter]
}

// throttleCallers bounds the memory: who has not asked for longest begins anew.
const throttleCallers = 10_000

func newThrottle(perSecond float64, burst int, now func() time.Time) *throttle {
	each, _ := lru.New[string, *rate.Limiter](throttleCallers)
	return &throttle{rate.Limit(perSecond), burst, now, each}
}

// allow counts one request of the caller and refuses it beyond the limit; a network of IPv6 counts for the wider one
// that it is in as well. Nobody in particular, which is how this machine is named, is not limited.
func (t *throttle) allow(c echo.Context, caller string) error {
	if caller == "" {
		return nil
	}
	if wider := earner.WiderNetwork(caller); wider != "" {
		if err := t.take(c, wider, earner.WiderShare); err != nil {
			return err
		}
	}
	return t.take(c, caller, 1)
}

// take is allow for a caller of that many shares.
func (t *throttle) take(c echo.Context, caller string, shares int) error {
	limit, burst := t.limit*rate.Limit(shares), t.burst*shares
	l, found := t.each.Get(caller)
	if !found {
		l = rate.NewLimiter(limit, burst)
		if earlier, raced, _ := t.each.PeekOrAdd(caller, l); raced {
			l = earlier
		}
	}
	now := t.now()
	allowed := l.AllowN(now, 1)
	left := max(l.TokensAt(now), 0)
	h := c.Response().Header()
	h.Set("RateLimit-Limit", strconv.Itoa(burst))
	h.Set("RateLimit-Remaining", strconv.Itoa(int(left)))
	if allowed {
		return nil
	}
	return later(codeTooMany, "That was too often.", time.Duration((1-left)/float64(limit)*float64(time.Second)))
}
