package verifier

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
)

// breaking is an egress.Fetcher that panics at the nth document, as a library would on a document that it does not
// expect.
type breaking struct {
	next  egress.Fetcher
	at    int32
	count atomic.Int32
}

func (b *breaking) Fetch(ctx context.Context, r egress.Request) (*egress.Response, error) {
	if b.count.Add(1) == b.at {
		panic("a mistake")
	}
	return b.next.Fetch(ctx, r)
}

// TestPanics: wherever below Verify something panics, in whichever goroutine, the badge is undetermined, its
// owner is told and the process goes on.
func TestPanics(t *testing.T) {
	schema := func(w *world) string {
		w.put("https://issuer.test/schema.json", "application/json", `{"type":"object"}`)
		return w.edited(func(m map[string]any) {
			m["credentialSchema"] = map[string]any{"id": "https://issuer.test/schema.json", "type": "JsonSchema"}
		})
	}
	for name, input := range map[string]func(w *world) string{
		"hosted": func(w *world) string { publishHosted(w); return assertionID },
		"token":  func(w *world) string { return w.token() },
		"schema": schema,
	} {
		for n := int32(1); ; n++ {
			w := newWorld(t)
			data := input(w)
			var log bytes.Buffer
			network := &breaking{next: w.network, at: n}
			now := func() time.Time { return today }
			o := Options{Fetch: egress.NewRunCache(network, now), Now: now, Panicked: func(problem any, stack []byte) { fmt.Fprintf(&log, "%v %s", problem, stack) }}
			reports := New(o).VerifyAll(context.Background(), []Input{{Data: []byte(data)}}, 2, nil)
			if network.count.Load() < n {
				want(t, reports[0], Valid, "")
				if n < 3 {
					t.Errorf("%s: only %d documents were asked for", name, n-1)
				}
				break
			}
			if r := reports[0]; r.Verdict != Undetermined || r.Valid || !strings.Contains(r.codes(Unknown), Internal) {
				t.Errorf("%s, document %d: got %s %s", name, n, r.Verdict, toJSON(t, r.Checks))
			}
			if !strings.Contains(log.String(), "a mistake") || !strings.Contains(log.String(), "panic_test.go") {
				t.Errorf("%s, document %d: the log says %q", name, n, log.String())
			}
		}
	}
}

// TestPanicOfOurs: the parts of this server that the verifier asks are no different.
func TestPanicOfOurs(t *testing.T) {
	w := newWorld(t)
	w.options.Known = func(string) bool { panic("known") }
	want(t, w.verify(w.token()), Undetermined, Internal)
	w.options.Known = nil
	w.options.Own = failingSite{}
	want(t, w.verify(w.token()), Undetermined, Internal)
}

type failingSite struct{ Site }

func (failingSite) Document(context.Context, string) (OwnDocument, bool) { panic("own") }

// TestMetered: only the meter's own panic is a schema that takes too long.
func TestMetered(t *testing.T) {
	tooLong := &fault{}
	if f := metered(tooLong, func(m *meter) *fault { m.spend(maxSchemaSteps + 1); return nil }); f != tooLong {
		t.Errorf("got %+v", f)
	}
	defer func() {
		if recover() != "another" {
			t.Error("another panic was taken for a schema that takes too long")
		}
	}()
	metered(tooLong, func(*meter) *fault { panic("another") })
}
