package issuer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

var ana = issuer.Holder{ID: "acc_ana", Addresses: []string{"ana@home.test"}}

// TestUnsignableAwardsHoldUpNobody has more awards that cannot be signed than one transaction takes, and
// one behind them that can. Trying again and again uses up no places in the status list.
func TestUnsignableAwardsHoldUpNobody(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	var results []issuer.Result
	for n := range 501 {
		r := Pass(fmt.Sprintf("R-%d", n), "E4", "2026-01-01")
		r.Candidate = issuer.Candidate{ID: r.ID, Email: "x@home.test", Name: "Unsignable"}
		results = append(results, r)
	}
	if _, errs := w.RecordAll(ctx, w.Caller, results); errors.Join(errs...) != nil {
		t.Fatal(errs)
	}
	w.Clock.Advance(time.Second)
	record(t, w, Pass("R-good", "E4", "2026-01-01"))
	w.Hook.Signer = choosy{w.Hook.Signer, "Unsignable"}
	var before, after int64
	for attempt, want := range []int{1, 0, 0} {
		before = after
		if n, err := w.IssuePending(ctx); n != want || err == nil {
			t.Errorf("attempt %d: issued %d, error %v, want %d and an error", attempt, n, err, want)
		}
		if _, err := w.DB.Reader().Get(ctx, &after, `SELECT SUM(taken) FROM status_list`); err != nil {
			t.Fatal(err)
		}
	}
	if before != after {
		t.Errorf("an attempt used %d places of the status list", after-before)
	}
}

// TestUnreadableAwardHoldsUpNobody issues what is stored beside something that cannot be read.
func TestUnreadableAwardHoldsUpNobody(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		for n, exam := range []string{"E4", "E3", "E4"} {
			r := Pass(fmt.Sprintf("R-%d", n), exam, "2026-01-01")
			r.Candidate.ID = r.ID
			record(t, w, r)
		}
		second := On(t, db) // which has read nothing yet
		set := func(to, from string) {
			t.Helper()
			err := db.InTx(ctx, func(t *database.Tx) error {
				_, err := t.Exec(ctx, `UPDATE achievement SET content = REPLACE(content, ?, ?) WHERE code = 'E3'`, from, to)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		set(`kind":`, `"kind":`)
		if n, err := second.IssuePending(ctx); n != 2 || err == nil {
			t.Errorf("issued %d, error %v, want the other two and an error", n, err)
		}
		set(`"kind":`, `kind":`)
		w.Work(t)
		if n := len(w.Letters.Offers()); n != 3 {
			t.Errorf("got %d letters, want 3", n)
		}
	})
}

// hooked does something in the middle of signing.
type hooked struct {
	credential.Signer
	during func()
}

func (h hooked) SignJWT(ctx context.Context, payload []byte) (string, error) {
	h.during()
	return h.Signer.SignJWT(ctx, payload)
}

// TestChangedWhileSigned publishes a badge whose holder decides just while it is signed: it is there, and
// it is the newest edition.
func TestChangedWhileSigned(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		id := record(t, w, Pass("R-1", "E4", "2026-01-01")).Awards[0].ID
		sound := w.Hook.Signer
		var once sync.Once
		w.Hook.Signer = hooked{sound, func() {
			once.Do(func() {
				if err := w.Accept(ctx, ana, id, ledger.Public); err != nil {
					t.Error(err)
				}
			})
		}}
		first := published(t, w, id)
		if !first.Award.Shown() {
			t.Error("the badge is not as its holder wants it")
		}
		if _, err := w.CorrectName(ctx, w.Caller, "C-77", "Ana Ruíz", "as on the passport"); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Minute)
		turn := 0
		w.Hook.Signer = hooked{sound, func() { // never comes to rest
			turn++
			if err := w.Show(ctx, ana, id, []string{ledger.Public, ledger.ByLink}[turn%2]); err != nil {
				t.Error(err)
			}
		}}
		if b := published(t, w, id); b.HolderName != "Ana Ruiz" || !b.IssuedAt.Equal(first.IssuedAt) {
			t.Errorf("got %s of %s, want the stored edition of %s", b.HolderName, b.IssuedAt, first.IssuedAt)
		}
		w.Hook.Signer = sound
		if b := published(t, w, id); b.HolderName != "Ana Ruíz" || !b.IssuedAt.After(first.IssuedAt) {
			t.Errorf("got %s of %s, want the newest edition", b.HolderName, b.IssuedAt)
		}
		w.Work(t)
		if n := len(w.Letters.Offers()); n != 0 {
			t.Errorf("got %d letters for what was accepted already", n)
		}
	})
}

// TestUnsignableEdition keeps a badge where it is while its newest edition cannot be signed. One without
// any edition is not there yet, which is an error.
func TestUnsignableEdition(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	id := record(t, w, Pass("R-1", "E4", "2026-01-01")).Awards[0].ID
	published(t, w, id)
	sound := w.Hook.Signer
	w.Hook.Signer = choosy{sound, "Ana"}
	if _, err := w.CorrectName(ctx, w.Caller, "C-77", "Ana Ruíz", "as on the passport"); err != nil {
		t.Fatal(err)
	}
	fresh := record(t, w, Pass("R-2", "E2", "2026-01-01")).Awards[0].ID
	if _, found, err := w.Published(ctx, fresh); found || err == nil {
		t.Errorf("found %v, error %v, want what hindered it", found, err)
	}
	if b := published(t, w, id); b.HolderName != "Ana Ruiz" {
		t.Errorf("got %s, want the stored edition", b.HolderName)
	}
	w.Hook.Signer = sound
	w.Work(t)
	if b := published(t, w, id); b.HolderName != "Ana Ruíz" { // the later result repeats what was corrected
		t.Errorf("got %s", b.HolderName)
	}
	published(t, w, fresh)
}

// TestIssueLoopComesBack has the loop issue, without waiting for the poll, an award that changed while it
// was signed.
func TestIssueLoopComesBack(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := New(t)
	id := make(chan string, 1)
	signed := make(chan bool, 2)
	var once sync.Once
	w.Hook.Signer = hooked{w.Hook.Signer, func() {
		once.Do(func() {
			if err := w.Accept(ctx, ana, <-id, ledger.Public); err != nil {
				t.Error(err)
			}
		})
		signed <- true
	}}
	var loop sync.WaitGroup
	loop.Go(func() { _ = w.IssueLoop(ctx) })
	id <- record(t, w, Pass("R-1", "E4", "2026-01-01")).Awards[0].ID
	for range 2 {
		select {
		case <-signed:
		case <-time.After(4 * time.Second): // the poll comes later, and only to what is old
			t.Fatal("the award was left alone")
		}
	}
	cancel()
	loop.Wait()
}

// TestLookedAtBeforeOffered keeps to one letter for a candidate, although one of the badges is issued
// before the others because somebody asks for it.
func TestLookedAtBeforeOffered(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		receipts, errs := w.RecordAll(context.Background(), w.Caller, []issuer.Result{Pass("R-1", "E4", "2026-01-01"), Pass("R-2", "E2", "2026-01-01")})
		if errors.Join(errs...) != nil {
			t.Fatal(errs)
		}
		published(t, w, receipts[0].Awards[0].ID)
		w.Work(t)
		if l := w.Letters.Offers(); len(l) != 1 || len(l[0].Badges) != 2 {
			t.Errorf("got %d letters, want one with both badges", len(l))
		}
	})
}

// TestIssuedAfterACrash has a second process take over what the first one recorded and never issued, but
// not what it may still be about to issue.
func TestIssuedAfterACrash(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		record(t, On(t, db), Pass("R-1", "E4", "2026-01-01"))
		second := On(t, db)
		for _, want := range []int{0, 1, 0} {
			if n, err := second.IssueLeftBehind(ctx); n != want || err != nil {
				t.Errorf("issued %d, error %v, want %d", n, err, want)
			}
			second.Clock.Advance(20 * time.Second)
		}
		second.Work(t)
		if n := len(second.Letters.Offers()); n != 1 {
			t.Errorf("got %d letters, want one", n)
		}
	})
}

// TestClockThatWasAhead has nothing wait for a clock that was set right after a crash: what was to be signed,
// what was to be mailed, and what was to be mailed again. Badges that were signed only then are valid at once.
func TestClockThatWasAhead(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for n, by := range []time.Duration{2 * time.Minute, time.Hour, 365 * 24 * time.Hour} {
			ctx := context.Background()
			wrong := On(t, db)
			wrong.Clock.Advance(by)
			pass := func(id string) issuer.Result {
				r := Pass(fmt.Sprint(id, n), "E4", "2026-01-01")
				r.Candidate.ID, r.Candidate.Email = r.ID, r.ID+"@home.test"
				return r
			}
			signed := record(t, wrong, pass("signed")).Awards[0].ID
			published(t, wrong, signed) // and crashed before its letter was mailed
			unsigned := record(t, wrong, pass("unsigned")).Awards[0].ID
			reissued := record(t, wrong, pass("reissued")).Awards[0].ID
			edition := published(t, wrong, reissued).IssuedAt
			if _, err := wrong.CorrectName(ctx, wrong.Caller, pass("reissued").Candidate.ID, "Ana Ruíz", "as on the passport"); err != nil {
				t.Fatal(err)
			}

			right := On(t, db) // started again with the right clock
			if n, err := right.IssueLeftBehind(ctx); n != 2 || err != nil {
				t.Errorf("%v ahead: issued %d, error %v, want both", by, n, err)
			}
			if _, err := right.Queue.Drain(ctx); err != nil {
				t.Fatal(err)
			}
			if l := right.Letters.Offers(); len(l) != 3 {
				t.Errorf("%v ahead: got %d offers, want 3", by, len(l))
			}
			if b := published(t, right, unsigned); b.IssuedAt != Start || !b.Award.IssuedAt.Equal(Start) {
				t.Errorf("%v ahead: the badge is of %v, its award of %v, want now", by, b.IssuedAt, b.Award.IssuedAt)
			}
			if b := published(t, right, reissued); !b.IssuedAt.After(edition) || b.HolderName != "Ana Ruíz" {
				t.Errorf("%v ahead: the newer edition is of %v for %s, want it after %v", by, b.IssuedAt, b.HolderName, edition)
			}
		}
	})
}

// TestNothingElseWaitsForAClockThatWasAhead: a request with an Idempotency-Key whose process died is taken over,
// and the status list is one that is valid now.
func TestNothingElseWaitsForAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		record(t, w, Pass("R-1", "E4", "2026-01-01"))
		w.Work(t)
		for _, by := range []time.Duration{10 * time.Minute, time.Hour, 365 * 24 * time.Hour} {
			w.Clock.Advance(by)
			if _, err := w.Partners.Once(ctx, w.Caller, by.String(), "body"); err != nil {
				t.Fatal(err)
			}
			if _, found, err := w.StatusList(ctx, 1); !found || err != nil {
				t.Fatal(found, err)
			}
			w.Clock.Advance(-by)
			if _, err := w.Partners.Once(ctx, w.Caller, by.String(), "body"); err != nil {
				t.Errorf("%v ahead: the key is %v", by, err)
			}
			list, _, err := w.StatusList(ctx, 1)
			if err != nil {
				t.Fatal(err)
			}
			var says struct{ ValidFrom time.Time }
			if err := json.Unmarshal(list.Body, &says); err != nil || says.ValidFrom.IsZero() || says.ValidFrom.After(w.Clock.Now()) {
				t.Errorf("%v ahead: the list is valid from %v, error %v", by, says.ValidFrom, err)
			}
		}
	})
}

// TestIssuedByTwoProcesses has two processes issue the same awards at once: each has one first edition and
// each candidate one letter.
func TestIssuedByTwoProcesses(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		second := On(t, db)
		const people = 20
		for n := range people {
			r := Pass(fmt.Sprintf("R-%d", n), "E4", "2026-01-01")
			r.Candidate.ID = r.ID
			record(t, w, r)
		}
		var group sync.WaitGroup
		for _, process := range []*World{w, second, w, second} {
			group.Go(func() {
				if _, err := process.IssuePending(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		w.Work(t)
		second.Work(t)
		if n := len(w.Letters.Offers()) + len(second.Letters.Offers()); n != people {
			t.Errorf("got %d letters, want %d", n, people)
		}
		var editions int
		if _, err := db.Reader().Get(ctx, &editions, `SELECT COUNT(*) FROM credential`); err != nil || editions != people {
			t.Errorf("got %d editions, error %v, want %d", editions, err, people)
		}
	})
}

// TestIssuedDuringSendAgain issues an award while the earlier links of the same candidate are replaced:
// the letter about it still goes out. SQLite has one writer, so that it cannot happen there.
func TestIssuedDuringSendAgain(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		if !db.Postgres() {
			return
		}
		ctx := context.Background()
		w := On(t, db)
		first := record(t, w, Pass("R-1", "E4", "2026-01-01")).Awards[0].ID
		w.Work(t)
		late := record(t, w, Pass("R-2", "E2", "2026-01-01")).Awards[0].ID
		if _, err := w.Resend(ctx, w.Caller, first); err != nil {
			t.Fatal(err)
		}
		var sending sync.WaitGroup
		w.Letters.Adding = func(tx *database.Tx) error {
			w.Letters.Adding = nil
			if _, err := tx.Exec(ctx, `LOCK TABLE claim IN SHARE ROW EXCLUSIVE MODE`); err != nil {
				return err
			}
			sending.Go(func() {
				if _, err := w.Queue.Drain(ctx); err != nil {
					t.Error(err)
				}
			})
			waitUntilBlocked(t, db, nil)
			return nil
		}
		if n, err := w.IssuePending(ctx); n != 1 || err != nil {
			t.Fatalf("issued %d, error %v, want one", n, err)
		}
		sending.Wait()
		w.Work(t)
		for _, l := range w.Letters.Offers() {
			for _, b := range l.Badges {
				if b.Award.ID == late && claimOf(t, w, l).ReplacedAt == nil {
					return
				}
			}
		}
		t.Error("no letter with a link that works offers the second badge")
	})
}

// waitUntilBlocked waits until a transaction waits for a lock, or until done is closed.
func waitUntilBlocked(t *testing.T, db *database.DB, done <-chan bool) {
	t.Helper()
	for n := 0; n == 0; runtime.Gosched() {
		select {
		case <-done:
			return
		default:
		}
		_, err := db.Reader().Get(context.Background(), &n, `
			SELECT COUNT(*)
			FROM pg_locks l
			JOIN pg_stat_activity a ON a.pid = l.pid
			WHERE a.datname = current_database() AND NOT l.granted`)
		if err != nil {
			t.Error(err)
			return
		}
	}
}

// TestReissueDuringRenewal asks for new editions while a renewal of one of the awards is about to be
// stored: the newest edition has the new dates.
func TestReissueDuringRenewal(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		if !db.Postgres() {
			return // one writer
		}
		ctx := context.Background()
		w := On(t, db)
		id := record(t, w, Pass("R-1", "E7", "2025-05-01")).Awards[0].ID
		w.Work(t)
		key := keyFor(t, w, credential.ForJWT)
		done := make(chan bool)
		err := w.RecordAnd(ctx, w.Caller, Pass("R-2", "E7", "2026-03-04"), func(*database.Tx) error {
			go func() {
				defer close(done)
				if _, err := w.ReissueSignedBy(ctx, key); err != nil {
					t.Error(err)
				}
				if _, err := w.IssuePending(ctx); err != nil {
					t.Error(err)
				}
			}()
			waitUntilBlocked(t, db, done)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		<-done
		editions, err := w.Versions(ctx, published(t, w, id))
		if err != nil || editions[len(editions)-1].ExpiresOn.String() != "2027-05-01" {
			t.Errorf("got editions %+v, error %v, want the last one renewed", editions, err)
		}
	})
}

// proving signs proofs and does something before it hands them out.
type proving struct {
	credential.Signer
	after func()
}

func (p proving) AddProof(ctx context.Context, doc []byte, created time.Time) ([]byte, error) {
	signed, err := p.Signer.AddProof(ctx, doc, created)
	p.after()
	return signed, err
}

// TestReissueFindsLatecomers has a key revoked between the making of a signature and its storing.
func TestReissueFindsLatecomers(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		b := published(t, w, record(t, w, Pass("R-1", "E4", "2026-01-02")).Awards[0].ID)
		w.Work(t)
		key := keyFor(t, w, credential.ForProof)
		sound := w.Hook.Signer
		w.Hook.Signer = proving{sound, func() {
			if found, err := w.Keys.Revoke(ctx, key.ID, "lost"); !found || err != nil {
				t.Errorf("found %v, error %v", found, err)
			}
			if n, err := w.ReissueSignedBy(ctx, key); n != 0 || err != nil {
				t.Errorf("got %d, error %v, want none yet", n, err)
			}
		}}
		mustDocument(t, w.CredentialJSON, b)
		w.Hook.Signer = sound
		w.Clock.Advance(5 * time.Minute)
		w.Work(t)
		now := published(t, w, b.Award.ID)
		if now.Award.Version != 2 {
			t.Errorf("got version %d, want a new one", now.Award.Version)
		}
		checkProof(t, w, mustDocument(t, w.CredentialJSON, now))
	})
}

func keyFor(t testing.TB, w *World, p credential.Purpose) credential.PublicKey {
	t.Helper()
	keys, err := w.Issuer.Keys.Keys(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if k.Purpose == p && k.Revoked == nil {
			return k
		}
	}
	t.Fatalf("no key for %s", p)
	return credential.PublicKey{}
}

// TestReissueManyInPages reissues more awards than one transaction takes, of all candidates.
func TestReissueManyInPages(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	var results []issuer.Result
	for n := range 130 {
		for _, exam := range []string{"E2", "E3"} { // with the certification, three awards each
			r := Pass(fmt.Sprintf("R-%d-%s", n, exam), exam, "2026-01-01")
			r.Candidate.ID = fmt.Sprintf("C-%d", n)
			results = append(results, r)
		}
	}
	if _, errs := w.RecordAll(ctx, w.Caller, results); errors.Join(errs...) != nil {
		t.Fatal(errs)
	}
	w.Work(t)
	key := keyFor(t, w, credential.ForJWT)
	if _, err := w.Keys.Revoke(ctx, key.ID, "lost"); err != nil {
		t.Fatal(err)
	}
	if n, err := w.ReissueSignedBy(ctx, key); n != 390 || err != nil {
		t.Errorf("got %d, error %v, want 390", n, err)
	}
	if n, err := w.ReissueSignedBy(ctx, key); n != 0 || err != nil {
		t.Errorf("again: got %d, error %v, want none", n, err)
	}
	if n, err := w.IssuePending(ctx); n != 390 || err != nil {
		t.Errorf("issued %d, error %v, want 390", n, err)
	}
	if n := len(w.Letters.Offers()); n != 130 {
		t.Errorf("got %d letters, want no new ones", n)
	}
}

// TestEditionMadeWhileEnded sets the bits of editions that are signed after the award was revoked.
func TestEditionMadeWhileEnded(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		id := record(t, w, Pass("R-1", "E4", "2026-01-01")).Awards[0].ID
		if _, err := w.RevokeAward(ctx, w.Caller, id, "an error"); err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		if !statusBit(t, w, string(published(t, w, id).CredentialJWT().Body)) {
			t.Error("the bit is not set")
		}
		if n := len(w.Letters.Offers()) + len(w.Letters.Notices()); n != 0 {
			t.Errorf("got %d letters about a badge that nobody was offered", n)
		}
	})
}

// TestStatusListShowsOwnChanges sets a bit while the list is being signed: whoever asks next sees it.
func TestStatusListShowsOwnChanges(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := New(t)
	b := published(t, w, record(t, w, Pass("R-1", "E4", "2026-01-01")).Awards[0].ID)
	sound := w.Hook.Signer
	w.Hook.Signer = hooked{sound, func() {
		if _, err := w.RevokeAward(ctx, w.Caller, b.Award.ID, "an error"); err != nil {
			t.Error(err)
		}
	}}
	if _, _, err := w.StatusList(ctx, 1); err != nil {
		t.Fatal(err)
	}
	w.Hook.Signer = sound
	if !statusBit(t, w, string(b.CredentialJWT().Body)) {
		t.Error("the bit does not show")
	}
}

// TestRevocationsKeepPrivate lists the hosted address of what strangers may see, and only the random id of
// the rest.
func TestRevocationsKeepPrivate(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		list := func() string {
			t.Helper()
			d, _, err := w.IssuerDocuments(ctx, "acme")
			if err != nil {
				t.Fatal(err)
			}
			doc, err := d.Revocations(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return string(doc.Body)
		}
		ids := map[string]string{}
		for exam, visibility := range map[string]string{"E2": ledger.Public, "E3": ledger.Private, "E4": ""} {
			id := record(t, w, Pass("R-"+exam, exam, "2026-01-01")).Awards[0].ID
			for _, a := range record(t, w, Pass("R-"+exam, exam, "2026-01-01")).Awards {
				if a.Code == exam {
					id = a.ID
				}
			}
			ids[exam] = id
			if visibility != "" {
				if err := w.Accept(ctx, ana, id, visibility); err != nil {
					t.Fatal(err)
				}
			}
			mustDocument(t, w.SignedAssertion, published(t, w, id))
			if _, err := w.SuspendAward(ctx, w.Caller, id, "under review"); err != nil {
				t.Fatal(err)
			}
		}
		got := list()
		if !strings.Contains(got, ids["E2"]) || strings.Contains(got, ids["E3"]) || strings.Contains(got, ids["E4"]) || strings.Count(got, "urn:uuid:") != 3 {
			t.Errorf("got %s, want the address of %s and three random ids", got, ids["E2"])
		}
		for _, id := range ids {
			if _, err := w.ReinstateAward(ctx, w.Caller, id, "cleared"); err != nil {
				t.Fatal(err)
			}
		}
		if got := list(); strings.Contains(got, "/badges/") || strings.Contains(got, "urn:uuid:") {
			t.Errorf("after reinstatement: got %s, want nothing", got)
		}
	})
}
