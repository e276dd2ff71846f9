package api

import (
	"context"
	"net/http"
	"time"
)

// gate lets only so many in at a time, where each takes a core or much memory for a while.
type gate chan struct{}

const gatePatience = 5 * time.Second

// enter waits until there is room; the caller then calls leave. Who waits too long is sent away.
func (g gate) enter(ctx context.Context) (leave func(), err error) {
	patience := time.NewTimer(gatePatience)
	defer patience.Stop()
	select {
	case g <- struct{}{}:
		return func() { <-g }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-patience.C:
		p := trouble(http.StatusServiceUnavailable, codeUnavailable, "Too much of this is being done right now.")
		p.retry = gatePatience
		return nil, p
	}
}
