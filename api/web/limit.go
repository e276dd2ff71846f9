package web

import (
	"context"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"github.com/open-insignia/insignia/earner"
)

// Throttle bounds how often each of many callers may do something, in this process. It is there against
// loops that ran wild; what guards secrets is counted in the database.
type Throttle struct {
	limit rate.Limit
	burst int
	now   func() time.Time
	each  *lru.Cache[string, *rate.Limiter]
}

// throttleCallers bounds the memory: who has not asked for longest begins anew.
const throttleCallers = 10_000

// NewThrottle allows so many a second, and burst at once.
func NewThrottle(perSecond float64, burst int, now func() time.Time) *Throttle {
	each, _ := lru.New[string, *rate.Limiter](throttleCallers)
	return &Throttle{rate.Limit(perSecond), burst, now, each}
}

// Allow counts one request of the caller and refuses it beyond the limit; a network of IPv6 counts for the wider one
// that it is in as well. Nobody in particular, which is how this machine is named, is not limited.
func (t *Throttle) Allow(c echo.Context, caller string) error {
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
func (t *Throttle) take(c echo.Context, caller string, shares int) error {
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
	forOne := time.Duration(float64(time.Second) / float64(limit))
	RateLimit(c, int(left), time.Duration(float64(burst)-left)*forOne, burst, time.Duration(burst)*forOne)
	if allowed {
		return nil
	}
	return Later(CodeTooMany, "That was too often.", time.Duration((1-left)*float64(forOne)))
}

// RateLimit tells how many more requests go through, until all do again, and how many of them a window has
// (draft-ietf-httpapi-ratelimit-headers-10).
func RateLimit(c echo.Context, left int, reset time.Duration, most int, window time.Duration) {
	h := c.Response().Header()
	h.Set("RateLimit", fmt.Sprintf(`"default";r=%d;t=%d`, left, seconds(reset)))
	h.Set("RateLimit-Policy", fmt.Sprintf(`"default";q=%d;w=%d`, most, max(1, seconds(window))))
}

func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// Gate lets only so many in at a time, where each takes a core or much memory for a while.
type Gate chan struct{}

// GatePatience is how long somebody waits for a place.
const GatePatience = 5 * time.Second

// ErrBusy is that somebody waited in vain for a place.
var ErrBusy = errors.New("no place became free in time")

// Enter waits until there is room; the caller then calls leave. Who waits too long is sent away with ErrBusy.
func (g Gate) Enter(ctx context.Context) (leave func(), err error) {
	patience := time.NewTimer(GatePatience)
	defer patience.Stop()
	select {
	case g <- struct{}{}:
		return func() { <-g }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-patience.C:
		return nil, ErrBusy
	}
}
