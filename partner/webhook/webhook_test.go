package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/partner/webhook"
	"github.com/open-insignia/insignia/refusal"
)

// world is one partner with webhooks, and a clock that stands.
type world struct {
	*webhook.Webhooks
	t      *testing.T
	db     *database.DB
	caller partner.Caller
	clock  *time.Time
	told   *[]string // of webhooks that were disabled
}

func on(t *testing.T, db *database.DB) world {
	t.Helper()
	clock := time.Date(2026, 3, 4, 11, 2, 7, 0, time.UTC)
	w := world{t: t, db: db, clock: &clock, told: new([]string)}
	w.Webhooks = w.process("a secret of the server", "")
	who, key, err := partner.New(db, func() time.Time { return clock }).Add(t.Context(), "TestCo", true)
	if err != nil || key == "" {
		t.Fatal(err)
	}
	w.caller = partner.Caller{Partner: who}
	return w
}

// process is another server on the database.
func (w world) process(secret, before string) *webhook.Webhooks {
	w.t.Helper()
	all, err := webhook.New(webhook.Options{
		DB: w.db, Secret: []byte(secret), OldSecret: []byte(before), Out: egress.New(egress.Options{Loopback: true}),
		Now: func() time.Time { return *w.clock },
		Disabled: func(_ context.Context, _ *database.Tx, m webhook.Webhook) error {
			*w.told = append(*w.told, m.ID)
			return nil
		},
		Failed: func(err error) { w.t.Error(err) },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w world) add(url string, events ...string) (id, secret string) {
	w.t.Helper()
	m, secret, err := w.Add(w.t.Context(), w.caller, webhook.Change{URL: &url, Events: events})
	if err != nil {
		w.t.Fatal(err)
	}
	return m.ID, secret
}

// happen tells events of candidates: "badge.offered C-1".
func (w world) happen(events ...string) {
	w.t.Helper()
	err := w.db.InTx(w.t.Context(), func(t *database.Tx) error {
		var list []partner.Event
		for _, e := range events {
			kind, candidate, _ := strings.Cut(e, " ")
			list = append(list, partner.Event{Partner: w.caller.ID, Type: kind, Data: map[string]any{"candidate": map[string]string{"id": candidate}}})
		}
		return partner.Append(w.t.Context(), t, *w.clock, list)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w world) drain() {
	w.t.Helper()
	if err := w.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// later moves the clock and does what is due.
func (w world) later(d time.Duration) {
	w.t.Helper()
	*w.clock = w.clock.Add(d)
	w.drain()
}

func (w world) deliveries(id string) []webhook.Delivery {
	w.t.Helper()
	list, err := w.Deliveries(w.t.Context(), w.caller, id, 0, 200)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// states are those of a webhook's deliveries, the newest first, with the number of their tries.
func (w world) states(id string) string {
	w.t.Helper()
	var list []string
	for _, d := range w.deliveries(id) {
		list = append(list, fmt.Sprintf("%s %s %d", d.Type, d.State, len(d.Attempts)))
	}
	return strings.Join(list, ", ")
}

// receiver is a partner's server.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []*http.Request
	bodies []string
	answer func(w http.ResponseWriter, r *http.Request)
}

func receive(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *receiver {
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.got, r.bodies = append(r.got, q), append(r.bodies, string(body))
		answer := r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(w, q)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) now(answer func(w http.ResponseWriter, r *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// kinds are the types of what arrived, in the order of arrival.
func (r *receiver) kinds(t *testing.T) string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []string
	for _, b := range r.bodies {
		var e struct {
			Type string
			Data struct{ Candidate struct{ ID string } }
		}
		if err := json.Unmarshal([]byte(b), &e); err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.TrimSpace(e.Type+" "+e.Data.Candidate.ID))
	}
	return strings.Join(list, ", ")
}

// TestDelivery: a receiver gets what it asked for from then on, once, as the feed tells it, and signed.
func TestDelivery(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := on(t, db)
		w.happen("badge.offered C-0") // before anybody listened
		r := receive(t, nil)
		id, secret := w.add(r.URL+"/hook?a=b", "badge.*", "result.voided")
		w.happen("result.recorded C-1", "badge.offered C-1", "result.voided C-1")
		w.drain()
		w.drain()
		if got := r.kinds(t); got != "badge.offered C-1, result.voided C-1" {
			t.Errorf("got %s", got)
		}
		w.happen("badge.offered C-2") // which nobody has handed out when another one begins to listen
		later := receive(t, nil)
		w.add(later.URL, "*")
		w.happen("badge.offered C-3")
		w.drain()
		if got := later.kinds(t); got != "badge.offered C-3" {
			t.Errorf("the later one got %s", got)
		}
		feed, _, err := partner.New(db, func() time.Time { return *w.clock }).Feed(t.Context(), w.caller, partner.FeedPage{})
		if err != nil {
			t.Fatal(err)
		}
		said, err := json.Marshal(feed[2].Document(true))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(said), r.bodies[0]); diff != "" {
			t.Errorf("(-feed +webhook):\n%s", diff)
		}
		q := r.got[0]
		if q.Method != http.MethodPost || q.URL.String() != "/hook?a=b" || q.Header.Get("Content-Type") != "application/json" || q.Header.Get("webhook-id") != feed[2].ID {
			t.Errorf("got %s %s %+v", q.Method, q.URL, q.Header)
		}
		if !signed(q, r.bodies[0], secret) {
			t.Errorf("signature %q", q.Header.Get("webhook-signature"))
		}
		if got := w.states(id); got != "badge.offered delivered 1, badge.offered delivered 1, result.voided delivered 1, badge.offered delivered 1" {
			t.Errorf("got %s", got)
		}
	})
}

// signed reports whether one of the signatures of a request is of a secret, as Standard Webhooks has it.
func signed(q *http.Request, body, secret string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, q.Header.Get("webhook-id")+"."+q.Header.Get("webhook-timestamp")+"."+body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return err == nil && strings.HasPrefix(secret, "whsec_") && slices.Contains(strings.Fields(q.Header.Get("webhook-signature")), want)
}

// TestSchedule: a delivery that fails is tried again by the schedule of contract 3.2, never early and a tenth late at
// most, with the same id, and is dead after the last try. Sent again it begins anew.
func TestSchedule(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := on(t, db)
		r := receive(t, status(http.StatusInternalServerError))
		id, _ := w.add(r.URL, "*")
		w.happen("badge.offered C-1")
		w.drain()
		for n, wait := range []time.Duration{
			5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
		} {
			d := w.deliveries(id)[0]
			if in := d.NextAttemptAt.Sub(*w.clock); len(d.Attempts) != n+1 || d.State != webhook.Waiting || in < wait || in > wait+wait/10 {
				t.Fatalf("try %d: next in %s, want %s; %+v", n+1, in, wait, d)
			}
			w.later(wait - time.Second)
			if got := len(r.bodies); got != n+1 {
				t.Fatalf("%d tries before their time", got)
			}
			w.later(wait/10 + time.Second)
		}
		if got := w.states(id); got != "badge.offered dead 10" {
			t.Errorf("got %s", got)
		}
		if first := r.got[0].Header.Get("webhook-id"); slices.ContainsFunc(r.got, func(q *http.Request) bool { return q.Header.Get("webhook-id") != first }) {
			t.Error("the tries have different ids")
		}
		r.now(nil)
		sent, err := w.Resend(t.Context(), w.caller, id, w.deliveries(id)[0].ID)
		if err != nil || sent.State != webhook.Waiting {
			t.Fatalf("got %+v, error %v", sent, err)
		}
		w.drain()
		if got := w.states(id); got != "badge.offered delivered 11" {
			t.Errorf("got %s", got)
		}
	})
}

// TestOrder: what is about one candidate arrives in its order and one after another, however many there are at once.
func TestOrder(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := on(t, db)
		var mu sync.Mutex
		underWay := map[string]bool{}
		kinds := []string{"badge.offered", "badge.accepted", "badge.suspended", "badge.reinstated", "badge.revoked"}
		whose := map[string]string{} // candidates, by the ids of events
		r := receive(t, func(_ http.ResponseWriter, q *http.Request) {
			mu.Lock()
			who := whose[q.Header.Get("webhook-id")]
			if underWay[who] {
				t.Errorf("two requests about %s at once", who)
			}
			underWay[who] = true
			mu.Unlock()
			for range 200 {
				runtime.Gosched() // so that others come meanwhile
			}
			mu.Lock()
			delete(underWay, who)
			mu.Unlock()
		})
		w.add(r.URL, "*")
		var events []string
		for c := range 40 { // a page of the feed
			for _, k := range kinds {
				events = append(events, fmt.Sprintf("%s C-%d", k, c))
			}
		}
		w.happen(events...)
		feed, _, err := partner.New(db, func() time.Time { return *w.clock }).Feed(t.Context(), w.caller, partner.FeedPage{Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		for n, e := range feed {
			_, whose[e.ID], _ = strings.Cut(events[n], " ")
		}
		w.drain()
		of := map[string][]string{}
		for _, e := range strings.Split(r.kinds(t), ", ") {
			kind, candidate, _ := strings.Cut(e, " ")
			of[candidate] = append(of[candidate], kind)
		}
		if len(of) != 40 {
			t.Errorf("got %d candidates", len(of))
		}
		for c, got := range of {
			if diff := cmp.Diff(kinds, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c, diff)
			}
		}
	})
}

// TestSecondProcess: events become deliveries once and are sent once, whichever of several processes does it.
func TestSecondProcess(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := on(t, db)
		r := receive(t, nil)
		for range 3 {
			w.add(r.URL, "*")
		}
		for n := range 20 {
			w.happen(fmt.Sprintf("badge.offered C-%d", n))
		}
		var group sync.WaitGroup
		for range 4 {
			p := w.process("a secret of the server", "")
			group.Go(func() {
				for range 3 {
					if err := p.Drain(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		w.drain()
		if len(r.bodies) != 60 {
			t.Errorf("%d requests, want 60", len(r.bodies))
		}
	})
}

// TestSecretChanges: for a day requests carry two signatures, then that of the new secret alone, also when the secret of
// the server has changed.
func TestSecretChanges(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := on(t, db)
		r := receive(t, nil)
		id, before := w.add(r.URL, "*")
		after, until, err := w.NewSecret(t.Context(), w.caller, id)
		if err != nil || !until.Equal(w.clock.Add(24*time.Hour)) {
			t.Fatal(until, err)
		}
		w.Webhooks = w.process("another secret of the server", "a secret of the server")
		if err := w.Reseal(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.Webhooks = w.process("another secret of the server", "")
		for n, want := range [][2]bool{{true, true}, {false, true}} {
			w.happen("badge.offered C-1")
			w.drain()
			if q, body := r.got[n], r.bodies[n]; signed(q, body, before) != want[0] || signed(q, body, after) != want[1] {
				t.Errorf("request %d has signatures %q", n, q.Header.Get("webhook-signature"))
			}
			*w.clock = w.clock.Add(24 * time.Hour)
		}
	})
}

// TestDisabled: an answer 410 disables at once, five days of nothing but failures do so with a letter; success between
// starts the days anew. What happens meanwhile is not kept, and an active webhook hears of what happens from then on.
func TestDisabled(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := on(t, db)
		r := receive(t, status(http.StatusGone))
		id, _ := w.add(r.URL, "*")
		state := func() string {
			m, err := w.Get(t.Context(), w.caller, id)
			if err != nil {
				t.Fatal(err)
			}
			return m.State
		}
		change := func(to string) {
			if _, err := w.Change(t.Context(), w.caller, id, webhook.Change{State: &to}); err != nil {
				t.Fatal(err)
			}
		}
		w.happen("badge.offered C-1")
		w.drain()
		if state() != webhook.Disabled || len(*w.told) != 0 {
			t.Errorf("got %s, letters %v", state(), *w.told)
		}
		w.happen("badge.offered C-2")
		w.drain()
		r.now(status(http.StatusInternalServerError))
		change(webhook.Active)
		w.happen("badge.offered C-3")
		w.drain()
		if got := w.states(id); got != "badge.offered waiting 1, badge.offered waiting 1" && got != "badge.offered waiting 1, badge.offered waiting 2" {
			t.Errorf("got %s", got)
		}
		days := func(n int) {
			for range n {
				w.happen("badge.offered C-4")
				w.later(24 * time.Hour)
			}
		}
		days(4)
		r.now(nil)
		days(1)
		r.now(status(http.StatusInternalServerError))
		days(4)
		if state() != webhook.Active {
			t.Fatal("disabled although it answered between")
		}
		days(2)
		if state() != webhook.Disabled || !slices.Equal(*w.told, []string{id}) {
			t.Errorf("got %s, letters %v", state(), *w.told)
		}
		for what, err := range map[string]error{
			"test":   second(w.Test(t.Context(), w.caller, id)),
			"resend": second(w.Resend(t.Context(), w.caller, id, w.deliveries(id)[0].ID)),
		} {
			if !refusal.Is(err, "webhook_disabled") {
				t.Errorf("%s: got %v", what, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestBadReceivers: whoever redirects, cuts off, sends back without end or is not there has failed, and it is told how; an
// answer with a good status is good, whatever follows it.
func TestBadReceivers(t *testing.T) {
	t.Parallel()
	w := on(t, databasetest.New(t))
	other := receive(t, nil)
	gone := receive(t, nil)
	gone.Close()
	for what, c := range map[string]struct {
		at     string
		answer func(http.ResponseWriter, *http.Request)
		want   string
	}{
		"redirects": {answer: func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, other.URL, http.StatusTemporaryRedirect)
		}, want: "waiting 307"},
		"cuts off":  {answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, want: "waiting 0"},
		"not there": {at: gone.URL, want: "waiting 0"},
		"400":       {answer: status(http.StatusBadRequest), want: "waiting 400"},
		"204":       {answer: status(http.StatusNoContent), want: "delivered 204"},
		"sends much": {answer: func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", "1073741824")
			_, _ = rw.Write([]byte(strings.Repeat("x", 1<<20)))
		}, want: "delivered 200"},
		"zeros": {answer: func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("a\x00\xff")) }, want: "delivered 200"},
	} {
		if c.at == "" {
			c.at = receive(t, c.answer).URL
		}
		id, _ := w.add(c.at, "*")
		if _, err := w.Test(t.Context(), w.caller, id); err != nil {
			t.Fatal(err)
		}
		w.drain()
		d := w.deliveries(id)[0]
		if len(d.Attempts) != 1 {
			t.Fatalf("%s: %+v", what, d)
		}
		a := d.Attempts[0]
		if got := fmt.Sprint(d.State, " ", a.Status); got != c.want || (a.Status == 0) != (a.Error != "") || len(a.Body) > 2<<10 {
			t.Errorf("%s: got %s, error %q, %d bytes", what, got, a.Error, len(a.Body))
		}
	}
	if len(other.got) != 0 {
		t.Error("a redirection was followed")
	}
}

// TestTestEvent is in the feed, and goes to the one that asked alone.
func TestTestEvent(t *testing.T) {
	t.Parallel()
	w := on(t, databasetest.New(t))
	r, other := receive(t, nil), receive(t, nil)
	id, _ := w.add(r.URL, "result.voided")
	w.add(other.URL, "*")
	if _, err := w.Test(t.Context(), w.caller, id); err != nil {
		t.Fatal(err)
	}
	w.drain()
	if r.kinds(t) != webhook.TypeTest || len(other.got) != 0 {
		t.Errorf("got %s and %s", r.kinds(t), other.kinds(t))
	}
}

// TestBadWebhooks: what cannot be reached or heard of is refused, all at once, and nothing is made.
func TestBadWebhooks(t *testing.T) {
	t.Parallel()
	w := on(t, databasetest.New(t))
	strict, err := webhook.New(webhook.Options{DB: w.db, Secret: []byte("s"), Out: egress.New(egress.Options{}), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{
		"", "partner.example", "ftp://partner.example/", "http://partner.example/", "https://", "https://127.0.0.1/", "https://localhost/", "https://[::1]/",
		"https://10.0.0.8/", "https://169.254.169.254/latest/meta-data", "https://2130706433/", "https://user:pass@partner.example/", "https://partner.example/#a",
		"https://partner.example/" + strings.Repeat("a", 2000), "https://partner.example/\x00",
	} {
		_, _, err := strict.Add(t.Context(), w.caller, webhook.Change{URL: &address, Events: []string{"badge.*"}})
		if !refusal.Is(err, "validation_failed") {
			t.Errorf("%q: got %v", address, err)
		}
	}
	private, long := "https://10.0.0.8/", strings.Repeat("d", 201)
	_, _, err = strict.Add(t.Context(), w.caller, webhook.Change{URL: &private, Events: []string{"badge.offered", "badge.exploded", "b*", "*.*"}, Description: &long})
	if !refusal.Is(err, "validation_failed") || strings.Count(err.Error(), "/events/") != 3 || !strings.Contains(err.Error(), "/url") || !strings.Contains(err.Error(), "/description") {
		t.Errorf("got %v", err)
	}
	if _, _, err := w.Add(t.Context(), w.caller, webhook.Change{URL: new("https://good.test/")}); !refusal.Is(err, "validation_failed") {
		t.Errorf("no events: got %v", err)
	}
	if list, err := w.List(t.Context(), w.caller, "", 10); err != nil || len(list) != 0 {
		t.Errorf("got %v, error %v", list, err)
	}
}

// TestOthersWebhooks are not there for another partner.
func TestOthersWebhooks(t *testing.T) {
	t.Parallel()
	w := on(t, databasetest.New(t))
	r := receive(t, nil)
	id, _ := w.add(r.URL, "*")
	other := partner.Caller{Partner: partner.Partner{ID: "ptn_other"}}
	for what, err := range map[string]error{
		"get":        second(w.Get(t.Context(), other, id)),
		"change":     second(w.Change(t.Context(), other, id, webhook.Change{})),
		"remove":     w.Remove(t.Context(), other, id),
		"test":       second(w.Test(t.Context(), other, id)),
		"deliveries": second(w.Deliveries(t.Context(), other, id, 0, 10)),
		"resend":     second(w.Resend(t.Context(), other, id, "dlv_x")),
		"no such":    second(w.Get(t.Context(), w.caller, "whk\x00")),
	} {
		if !refusal.Is(err, "not_found") {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if err := w.Remove(t.Context(), w.caller, id); err != nil {
		t.Fatal(err)
	}
	w.happen("badge.offered C-1")
	w.drain()
	if len(r.got) != 0 {
		t.Error("a webhook that was removed is told")
	}
}
