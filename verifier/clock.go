package verifier

import (
	"context"
	"sync"
	"time"
)

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
	return &clock{patience: patience, stop: stop, timer: time.AfterFunc(maxWait, func() { stop(errBusy) })}
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
