package egress

import (
	"context"
	"net/http"
	"sync"
	"time"
)

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
