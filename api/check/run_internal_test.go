package check

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-insignia/insignia/verifier"
)

// One network cannot fill the lists of all, and a finished list stands in nobody's way.
func TestListsShared(t *testing.T) {
	l := newRuns(time.Now, nil)
	start := func(network string) (*run, error) { return l.start(network, handedIn{lines: []listed{{link: one}}}) }
	for k := range runsOfOne {
		if _, err := start("198.51.100.0/24"); err != nil {
			t.Fatalf("list %d: %v", k, err)
		}
	}
	if _, err := start("198.51.100.0/24"); err == nil {
		t.Error("a network has more than its share")
	}
	for k := 1; len(l.each) < runsKept; k++ {
		r, err := start("203.0.113." + strconv.Itoa(k) + "/32")
		if err != nil {
			t.Fatal(err)
		}
		r.done = 1
		<-l.queue
	}
	if _, err := start("192.0.2.0/24"); err != nil || len(l.each) > runsKept {
		t.Errorf("finished lists stand in the way: %v, %d kept", err, len(l.each))
	}
	for _, r := range l.each {
		r.done = 0
	}
	if _, err := start("192.0.3.0/24"); err == nil {
		t.Error("more lists are under way than are kept")
	}
}

// JudgeLoop judges what people send until it is told to stop.
func TestJudgeLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Door{runs: newRuns(time.Now, verifier.New(verifier.Options{}))}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.JudgeLoop(ctx) }()
		r, err := s.runs.start("", handedIn{lines: []listed{{link: one}, {link: two}, {link: one}}})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		kept, found := s.runs.find(r.id)
		if !found || kept.done != 3 || kept.reports[0] != kept.reports[2] || kept.reports[1].Verdict != verifier.Undetermined {
			t.Errorf("%v %+v", found, kept)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
