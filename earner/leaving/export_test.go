package leaving_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/open-insignia/insignia/earner/leaving"
)

// archive writes what a test gives it, badge by badge.
type archive struct {
	badges int
	each   func(n int) ([]byte, error)
}

func (a *archive) Write(_ context.Context, w io.Writer, _ leaving.Person, _ string, progress func(done, total int) error) error {
	for n := range a.badges {
		if err := progress(n, a.badges); err != nil {
			return err
		}
		body, err := a.each(n)
		if err != nil {
			return err
		}
		if _, err := w.Write(body); err != nil {
			return err
		}
	}
	return progress(a.badges, a.badges)
}

// noise is what does not get smaller, of odd lengths, the same again for the same number.
func noise(n int) []byte {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	body := make([]byte, 200_000+n*101)
	for k := range body {
		body[k] = byte(r.Uint32())
	}
	return body
}

func (h *house) exports(a *archive) *leaving.Exports {
	return leaving.NewExports(h.DB, h.Queue, leaving.ExportOptions{Accounts: h.accounts, Archive: a, Letters: h.outbox, Now: h.Clock.Now})
}

func (h *house) parts() (n int) {
	h.t.Helper()
	_, err := h.DB.Reader().Get(h.t.Context(), &n, `SELECT COUNT(*) FROM leaving_export_part`)
	h.must(err)
	return n
}

// TestExportInParts: a process that is killed in the middle leaves nothing that does not fit, the file is read from any
// place, and how far it is can be seen meanwhile.
func TestExportInParts(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		who := h.signIn("ana@home.test", "")
		killed := true
		var es *leaving.Exports
		a := &archive{badges: 9}
		a.each = func(n int) ([]byte, error) {
			if n == 7 {
				e, found, err := es.Find(ctx, who.Account)
				if err != nil || !found || e.State != leaving.Making || e.Total != 9 || e.Done < 3 || e.Done > 7 {
					t.Errorf("in the middle: %+v %v", e, err)
				}
				if killed {
					killed = false
					return noise(99), errors.New("killed")
				}
			}
			return noise(n), nil
		}
		es = h.exports(a)
		h.must(es.Ask(ctx, who.Account, "en"))
		h.Work(t)
		h.Clock.Advance(time.Minute)
		h.Work(t)
		e, found, err := es.Find(ctx, who.Account)
		if err != nil || !found || e.State != leaving.Ready {
			t.Fatalf("%+v %v %v", e, found, err)
		}
		var want []byte
		for n := range 9 {
			want = append(want, noise(n)...)
		}
		r := es.Open(ctx, e)
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, want) || e.Size != int64(len(want)) {
			t.Fatalf("read %d bytes of %d, size %d, %v", len(got), len(want), e.Size, err)
		}
		for _, at := range []int64{0, 1, 256<<10 - 1, 256 << 10, 1_000_000, e.Size - 1} {
			if _, err := r.Seek(at, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(io.LimitReader(r, 300_000))
			if err != nil || !bytes.Equal(got, want[at:min(int(at)+300_000, len(want))]) {
				t.Errorf("from %d: %d bytes, %v", at, len(got), err)
			}
		}
		if letters, err := h.outbox.Sent(ctx, who); err != nil || len(letters) != 1 || letters[0].Kind != "leaving" || letters[0].State != "sent" {
			t.Errorf("letters %+v %v", letters, err)
		}
		h.Clock.Advance(8 * 24 * time.Hour)
		h.must(es.Forget(ctx))
		if n := h.parts(); n != 0 {
			t.Errorf("%d parts are left", n)
		}
	})
}

// TestExportThatFails is said to have failed after some tries, and is made when it is asked for again.
func TestExportThatFails(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		who := h.signIn("ana@home.test", "")
		broken := true
		es := h.exports(&archive{badges: 1, each: func(n int) ([]byte, error) {
			if broken {
				return nil, errors.New("broken")
			}
			return noise(n), nil
		}})
		h.must(es.Ask(ctx, who.Account, "en"))
		for range 6 {
			h.Work(t)
			h.Clock.Advance(time.Hour)
		}
		if e, _, err := es.Find(ctx, who.Account); err != nil || e.State != leaving.Failed {
			t.Fatalf("%+v %v", e, err)
		}
		broken = false
		h.must(es.Ask(ctx, who.Account, "en"))
		h.Work(t)
		if e, _, err := es.Find(ctx, who.Account); err != nil || e.State != leaving.Ready {
			t.Fatalf("%+v %v", e, err)
		}
	})
}

// TestExportOfSomebodyWhoLeaves ends when the account does, and leaves nothing.
func TestExportOfSomebodyWhoLeaves(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		who := h.signIn("ana@home.test", "")
		_, err := h.requests.Ask(ctx, who, leaving.Leave, "en")
		h.must(err)
		es := h.exports(&archive{badges: 9, each: func(n int) ([]byte, error) {
			if n == 5 { // the day has come
				h.after(14)
			}
			return noise(n), nil
		}})
		h.must(es.Ask(ctx, who.Account, "en"))
		h.Work(t)
		if h.account(who.Account) || h.parts() != 0 {
			t.Errorf("the account is there: %v; %d parts", h.account(who.Account), h.parts())
		}
	})
}

// TestExportTakesNoMemory: 200 badges of 220 kB each, while the heap grows by a few parts.
func TestExportTakesNoMemory(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		who := h.signIn("ana@home.test", "")
		heap := func() uint64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		before, most := heap(), uint64(0)
		es := h.exports(&archive{badges: 200, each: func(n int) ([]byte, error) {
			if n%20 == 0 {
				most = max(most, heap())
			}
			return noise(n), nil
		}})
		h.must(es.Ask(ctx, who.Account, "en"))
		h.Work(t)
		e, _, err := es.Find(ctx, who.Account)
		if err != nil || e.State != leaving.Ready || e.Size < 40_000_000 {
			t.Fatalf("%+v %v", e, err)
		}
		if _, err := io.Copy(io.Discard, es.Open(ctx, e)); err != nil {
			t.Fatal(err)
		}
		if most = max(most, heap()); most > before+16<<20 {
			t.Errorf("the heap grew from %d to %d bytes for a file of %d", before, most, e.Size)
		}
	})
}
