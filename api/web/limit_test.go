package web

import (
	"net/http"
	"testing"
	"testing/synctest"
)

// Who waits for a place too long is told when to come back.
func TestFullGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := make(Gate, 1)
		g <- struct{}{}
		_, err := g.Enter(t.Context())
		p := new(Site).ProblemOf(nil, err)
		if p.Status != http.StatusServiceUnavailable || p.code != CodeUnavailable || p.Retry != GatePatience {
			t.Errorf("got %v, want to be sent away: %+v", err, p)
		}
	})
}
