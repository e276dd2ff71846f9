package verifier

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-insignia/insignia/egress"
)

// manyBadges publishes n hosted badges of one class, and one that is missing.
func manyBadges(w *world, n int) []Input {
	publishHosted(w)
	var inputs []Input
	for i := range n {
		at := fmt.Sprintf("https://issuer.test/badges/%d.json", i)
		w.put(at, "application/json", strings.ReplaceAll(w.network[assertionID].Body, assertionID, at))
		inputs = append(inputs, Input{Data: []byte(at)})
	}
	return inputs
}

// TestVerifyAll: order is kept, duplicates are judged once, shared documents are fetched once.
func TestVerifyAll(t *testing.T) {
	w := newWorld(t)
	inputs := manyBadges(w, 50)
	inputs = append(inputs, inputs[3], Input{Data: []byte("nothing")}, Input{Data: inputs[3].Data, Recipient: "bob@home.test"},
		Input{Data: inputs[3].Data, Name: "the same, from a file"}, Input{Data: inputs[3].Data, At: today.AddDate(1, 0, 0)})
	counter := &counting{next: w.network}
	v := New(Options{Fetch: counter, Now: func() time.Time { return today }})
	seen := map[int]*Report{}
	reports := v.VerifyAll(context.Background(), inputs, 8, func(place int, r *Report) { seen[place] = r })
	if len(reports) != len(inputs) || len(seen) != len(inputs) {
		t.Fatalf("%d reports, %d told", len(reports), len(seen))
	}
	for i, r := range reports {
		if seen[i] != r {
			t.Errorf("report %d was told as another", i)
		}
	}
	for i, r := range reports[:50] {
		if !r.Valid || r.Badge.ID != string(inputs[i].Data) {
			t.Errorf("report %d is %s of %s", i, r.Verdict, r.Badge.ID)
		}
	}
	if reports[50].Badge.ID != reports[3].Badge.ID || reports[50] == reports[3] || reports[50].Badge == reports[3].Badge ||
		reports[51].Verdict != NotABadge || reports[52].Verdict != WrongRecipient || !reports[53].Valid || !reports[54].Valid {
		t.Errorf("got %s %s %s", reports[51].Verdict, reports[52].Verdict, reports[53].Verdict)
	}
	// 50 assertions, and class, profile and picture once.
	if counter.n != 53 {
		t.Errorf("%d fetches", counter.n)
	}
	if got := v.VerifyAll(context.Background(), nil, 0, nil); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// TestVerifyAllStops: what is not judged when the run is stopped is undetermined.
func TestVerifyAllStops(t *testing.T) {
	w := newWorld(t)
	inputs := manyBadges(w, 40)
	ctx, stop := context.WithCancel(context.Background())
	v := New(Options{Fetch: w.network, Now: func() time.Time { return today }})
	done := 0
	reports := v.VerifyAll(ctx, inputs, 1, func(int, *Report) {
		if done++; done == 10 {
			stop()
		}
	})
	valid := 0
	for i, r := range reports {
		switch {
		case r == nil || r.Valid != (i < 10) || !r.Valid && r.Verdict != Undetermined || r.CheckedAt != today || len(r.Checks) == 0:
			t.Errorf("report %d: %+v", i, r)
		case r.Valid:
			valid++
		}
	}
	if valid != 10 {
		t.Errorf("%d are valid", valid)
	}
}

// TestVerifyAllWorkers: no more at once than asked for, and at least one.
func TestVerifyAllWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		slow := fetcherFunc(func(context.Context, egress.Request) (*egress.Response, error) {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer now.Add(-1)
			time.Sleep(time.Second)
			return &egress.Response{Status: 404}, nil
		})
		var inputs []Input
		for i := range 200 {
			inputs = append(inputs, Input{Data: []byte(fmt.Sprintf("https://a.test/%d", i))})
		}
		for workers, want := range map[int]int32{-1: 1, 5: 5, 1000: maxWorkers} {
			most.Store(0)
			began := time.Now()
			New(Options{Fetch: slow}).VerifyAll(context.Background(), inputs, workers, nil)
			if most.Load() != want {
				t.Errorf("%d workers: %d at once in %s", workers, most.Load(), time.Since(began))
			}
		}
	})
}

// TestInputKey: whatever bears on the answer makes another question.
func TestInputKey(t *testing.T) {
	base := Input{Data: []byte("a")}
	others := []Input{{Data: []byte("b")}, {Data: []byte("a"), Recipient: "x"}, {Data: []byte("a"), Recipients: []string{"x", "y"}}, {Data: []byte("a"), Person: "x"},
		{Data: []byte("a"), At: today}, {Data: []byte("a"), JWK: []byte("k")}, {JWK: []byte("a")}}
	seen := map[any]int{base.key(): -1}
	for i, in := range others {
		if j, taken := seen[in.key()]; taken {
			t.Errorf("%d is the same question as %d", i, j)
		}
		seen[in.key()] = i
	}
	if (Input{Data: []byte("a"), Name: "n", Recipient: " "}).key() != base.key() {
		t.Error("a name of a file makes another question")
	}
}
