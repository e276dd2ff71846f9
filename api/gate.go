package api

import (
	"context"
	"errors"
	"time"
)

// gate lets only so many in at a time, where each takes a core or much memory for a while.
type gate chan struct{}

const gatePatience = 5 * time.Second

// errBusy is that somebody waited in vain for a place.
var errBusy = errors.New("no place became free in time")

// enter waits until there is room; the caller then calls leave. Who waits too long is sent away with errBusy.
func (g gate) enter(ctx context.Context) (leave func(), err error) {
	patience := time.NewTimer(gatePatience)
	defer patience.Stop()
	select {
	case g <- struct{}{}:
		return func() { <-g }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-patience.C:
		return nil, errBusy
	}
}
