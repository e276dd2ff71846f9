package merging_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/merging"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// world is an issuer with merging.
type world struct {
	*issuertest.World
	*merging.Merging
	t *testing.T
}

func on(t *testing.T, db *database.DB) *world {
	t.Helper()
	w := &world{World: issuertest.On(t, db), t: t}
	w.Merging = merging.New(db, w.Issuer)
	return w
}

// connect has an account accept an award of a candidate, and with it the profile.
func (w *world) connect(account, candidate, award string) issuer.Holder {
	w.t.Helper()
	h := issuer.Holder{ID: account, Addresses: []string{strings.ToLower(candidate) + "@home.test"}}
	if err := w.Accept(context.Background(), h, award, ledger.Public); err != nil {
		w.t.Fatal(err)
	}
	return h
}

// backpack are the achievements in a holder's collection that stand.
func (w *world) backpack(h issuer.Holder) string {
	w.t.Helper()
	badges, err := w.Backpack(context.Background(), h)
	if err != nil {
		w.t.Fatal(err)
	}
	var list []string
	for _, b := range badges {
		if b.Award.Stands() {
			list = append(list, b.Award.Code)
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func (w *world) merge(into, from string) (merging.Merge, error) {
	return w.Own(context.Background(), w.Caller, into, from, ledger.Reason{Text: "one person"})
}

func (w *world) mustMerge(into, from string) merging.Merge {
	w.t.Helper()
	m, err := w.merge(into, from)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func (w *world) undo(m merging.Merge) error {
	_, err := w.UndoOwn(context.Background(), w.Caller, m.ID, ledger.Reason{Text: "two people"})
	return err
}

// pass records a pass of a candidate at an address of its own.
func (w *world) pass(candidate, id, exam, day string) []*ledger.Award {
	w.t.Helper()
	r, err := w.Record(context.Background(), w.Caller, passOf(candidate, id, exam, day))
	if err != nil {
		w.t.Fatal(err)
	}
	return r.Awards
}

func passOf(candidate, id, exam, day string) issuer.Result {
	r := issuertest.Pass(id, exam, day)
	r.Candidate.ID, r.Candidate.Email = candidate, strings.ToLower(candidate)+"@home.test"
	return r
}

// standing are the awards of a candidate's ledger that stand, each with its candidate.
func (w *world) standing(candidate string) string {
	w.t.Helper()
	ctx := context.Background()
	awards, _, err := w.Awards(ctx, w.Caller, issuer.Page{Candidate: candidate, Limit: 200})
	if err != nil {
		w.t.Fatal(err)
	}
	letters, err := w.Deliveries(ctx, awards...)
	if err != nil {
		w.t.Fatal(err)
	}
	var list []string
	for _, a := range awards {
		if a.Stands() {
			list = append(list, a.Code+"/"+letters[a.ID].Candidate)
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func (w *world) award(id string) *ledger.Award {
	w.t.Helper()
	a, err := w.Award(context.Background(), w.Caller, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) want(candidate, want string) {
	w.t.Helper()
	if got := w.standing(candidate); got != want {
		w.t.Errorf("%s has %q, want %q", candidate, got, want)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var refused *refusal.Error
	if !errors.As(err, &refused) || refused.Code != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// events are the types of what the partner was told after a position.
func (w *world) events() (list []string) {
	w.t.Helper()
	page, _, err := w.Partners.Feed(context.Background(), w.Caller, partner.FeedPage{Limit: 200})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range page {
		list = append(list, e.Type)
	}
	return list
}

// A certification for which one person passed the exams under two candidates appears when those are merged, and goes when
// that is undone; ids and addresses of all else stay.
// row 117: after the merge of two candidates of one person, C2 is offered.
// row 46: all exams and badges are there before and after, no address changes.
func TestMergeAndUndo(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := on(t, db)
		second := w.pass("A1", "R-1", "E2", "2026-01-10")[0].ID
		third := w.pass("A2", "R-2", "E3", "2026-02-10")[0].ID
		w.Work(t)
		ana := w.connect("acc_ana", "A1", second)
		p, err := w.PreviewOwn(ctx, w.Caller, "A1", "A2", ledger.Reason{Text: "one person"})
		if err != nil || p.Before != 2 || p.After != 3 || !slices.Equal(p.Made, []programme.Subject{{Kind: programme.KindCertification, Code: "C2"}}) || len(p.Collapsed) > 0 {
			t.Errorf("got preview %+v, error %v", p, err)
		}
		w.want("A1", "E2/A1")
		told := len(w.events())
		m := w.mustMerge("A1", "A2")
		w.want("A1", "C2/A2 E2/A1 E3/A2")
		w.want("A2", "C2/A2 E2/A1 E3/A2")
		if got := w.backpack(ana); got != "C2 E2 E3" {
			t.Errorf("the account that A1 is connected to has %q", got)
		}
		if got, want := w.events()[told:], []string{"profile.merged", "badge.offered"}; !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
		w.Work(t)
		if l := w.Letters.Offers(); len(l) != 3 || l[2].Email != "a2@home.test" || l[2].Badges[0].Award.Code != "C2" {
			t.Errorf("got offers %+v, want C2 to a2", l)
		}
		var to []string
		for _, n := range w.Letters.Told() {
			to = append(to, n.Kind+" "+n.Email+" "+n.Reference)
		}
		if !slices.Equal(to, []string{"merged a1@home.test " + m.ID, "merged a2@home.test " + m.ID}) {
			t.Errorf("told by letter: %q", to)
		}
		_, err = w.merge("A2", "A1")
		wantCode(t, err, "already_merged")
		certification := w.award(m.Awards[0])
		if err := w.undo(m); err != nil {
			t.Fatal(err)
		}
		w.want("A1", "E2/A1")
		w.want("A2", "E3/A2")
		if got := w.backpack(ana); got != "E2" {
			t.Errorf("the account that A1 is connected to has %q when all is undone", got)
		}
		if a := w.award(certification.ID); a.Revocation != ledger.ByUndo || a.Reason != "two people" || a.Told() != "" {
			t.Errorf("C2 is %+v, want it withdrawn", a)
		}
		if w.award(second).Revision == 0 || !w.award(third).Stands() {
			t.Error("an award of before is gone")
		}
		w.Work(t)
		if l := w.Letters.Notices(); len(l) != 1 || l[0].Badge.Award.ID != certification.ID {
			t.Errorf("got notices %+v, want one about C2", l)
		}
		if err := w.undo(m); err != nil { // again
			t.Error(err)
		}
		if again := w.mustMerge("A1", "A2"); again.ID == m.ID || w.award(again.Awards[0]).ID == certification.ID {
			t.Error("what was withdrawn came back")
		}
	})
}

// Badges of the same earning become one, the earliest; what leads there goes on working, as it was accepted. Undone, each
// stands by itself again.
func TestDuplicatesBecomeOne(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := on(t, db)
		earliest := w.pass("A1", "R-1", "E1", "2026-01-10")[0].ID
		later := w.pass("A2", "R-2", "E1", "2026-02-10")[0].ID
		w.Work(t)
		ana := w.connect("acc_ana", "A2", later)
		p, err := w.PreviewOwn(ctx, w.Caller, "A2", "A1", ledger.Reason{Text: "one person"})
		if err != nil || p.Before != 2 || p.After != 1 || !slices.Equal(p.Collapsed, []string{later}) {
			t.Errorf("got preview %+v, error %v", p, err)
		}
		m := w.mustMerge("A2", "A1")
		w.Work(t)
		if a, b := w.award(earliest), w.award(later); b.Successor != earliest || a.State != ledger.Accepted || a.Visibility != ledger.Public || a.Holder != ana.ID {
			t.Errorf("got %+v and %+v, want the earliest accepted as the other was", a, b)
		}
		badge, found, err := w.Published(ctx, later)
		if err != nil || !found {
			t.Fatal(found, err)
		}
		if next, err := w.Successor(ctx, badge); err != nil || next == nil || next.Award.ID != earliest {
			t.Errorf("the address of the later badge leads to %v, error %v", next, err)
		}
		if err := w.undo(m); err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		if a, b := w.award(earliest), w.award(later); a.State != ledger.Offered || a.Holder != "" || !b.Stands() || b.State != ledger.Accepted || b.Visibility != ledger.Public {
			t.Errorf("got %+v and %+v, want both as they were", a, b)
		}
	})
}

// A link to a badge that leads to another one after a merge leads to that one, and whoever has confirmed the address that
// the link went to may take it, as long as the profile is nobody else's.
// row 46: claim links go on working.
func TestLinksGoOnWorking(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := on(t, db)
		earliest := w.pass("A1", "R-1", "E1", "2026-01-10")[0].ID
		w.pass("A2", "R-2", "E1", "2026-02-10")
		w.Work(t)
		token := w.Letters.Offers()[1].ClaimURL[len(issuertest.BaseURL+"/claim/"):]
		m := w.mustMerge("A1", "A2")
		w.Work(t)
		claim, found, err := w.Claim(ctx, token)
		if err != nil || !found || !slices.ContainsFunc(claim.Badges, func(b issuer.OfferedBadge) bool { return b.Award.ID == earliest }) {
			t.Fatalf("the link to the later badge leads to %+v, error %v", claim, err)
		}
		ana := issuer.Holder{ID: "acc_ana", Addresses: []string{"a2@home.test"}}
		if got := w.backpack(ana); got != "C1" {
			t.Errorf("whoever has the address of A2 has %q", got)
		}
		if results, err := w.Transcript(ctx, ana); err != nil || len(results) != 2 {
			t.Errorf("got %d results, error %v, want those of both", len(results), err)
		}
		ben := w.connect("acc_ben", "A1", earliest)
		later := w.pass("A1", "R-3", "E4", "2026-02-20")[0]
		if owns, err := w.Owns(ctx, ana, later); err != nil || owns || w.backpack(ana) != "" || w.backpack(ben) != "C1 E4" {
			t.Errorf("of a profile that is another account's: %v, error %v, %q", owns, err, w.backpack(ana))
		}
		if err := w.undo(m); err != nil {
			t.Fatal(err)
		}
		if got := w.backpack(ana); got != "C1" {
			t.Errorf("whoever has the address of A2 has %q when all is undone", got)
		}
	})
}

// row 46: from the connected profile into another one is the wrong direction, and changes nothing.
// row 44: profiles of two accounts are never merged.
func TestDirection(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := on(t, db)
		awards := map[string]string{}
		for _, c := range []string{"A1", "A2", "A3", "A4"} {
			awards[c] = w.pass(c, "R-"+c, "E4", "2026-01-10")[0].ID
		}
		w.connect("acc_ana", "A1", awards["A1"])
		_, err := w.merge("A2", "A1")
		wantCode(t, err, "wrong_direction")
		w.connect("acc_ben", "A2", awards["A2"])
		_, err = w.merge("A2", "A1")
		wantCode(t, err, "already_connected")
		w.want("A1", "E4/A1")
		w.mustMerge("A1", "A3")
		_, err = w.merge("A4", "A3") // whose ledger is connected by now
		wantCode(t, err, "wrong_direction")
		_, err = w.merge("A1", "A9")
		wantCode(t, err, "not_found")
		_, err = w.merge("A1", "A1")
		wantCode(t, err, "validation_failed")
		_, err = w.Own(context.Background(), w.Caller, "A1", "A4", ledger.Reason{})
		wantCode(t, err, "validation_failed")

		other, _ := w.Partner(t, "OtherCo", false)
		_, err = w.Own(context.Background(), other, "A1", "A4", ledger.Reason{Text: "mischief"})
		wantCode(t, err, "not_found")
		sandbox, _ := w.Partner(t, "Sandy", true)
		if _, err := w.Record(context.Background(), sandbox, passOf("S1", "R-1", "E4", "2026-01-10")); err != nil {
			t.Fatal(err)
		}
		key := func(c partner.Caller, number string) string {
			return ledger.CandidateKey{Partner: c.ID, Number: number}.ID()
		}
		_, err = w.Merge(context.Background(), ledger.Actor{Kind: ledger.ByTeam, Name: "Sam"}, key(w.Caller, "A4"), key(sandbox, "S1"), ledger.Reason{Text: "x"})
		wantCode(t, err, "validation_failed")
	})
}

// Undoing after new results came, after an award was revoked, and too late.
func TestUndoLater(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := on(t, db)
		w.pass("A1", "R-1", "E2", "2026-01-10")
		w.pass("A2", "R-2", "E3", "2026-02-10")
		m := w.mustMerge("A1", "A2")
		w.Clock.Advance(24 * time.Hour)
		w.pass("A1", "R-3", "E3", "2026-03-05") // A1 earns C2 by itself now
		first := w.pass("A2", "R-4", "E1", "2026-03-05")[0]
		if _, err := w.RevokeAward(ctx, w.Caller, first.ID, "cheated"); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(29 * 24 * time.Hour)
		if err := w.undo(m); err != nil {
			t.Fatal(err)
		}
		w.want("A1", "C2/A1 E2/A1 E3/A1")
		w.want("A2", "E3/A2")
		if a := w.award(first.ID); a.Revocation != ledger.ByStaff {
			t.Errorf("C1 is %+v, want it revoked as it was", a)
		}
		again := w.mustMerge("A1", "A2")
		w.Clock.Advance(30*24*time.Hour + time.Second)
		wantCode(t, w.undo(again), "too_late")
		w.want("A2", "C2/A1 E2/A1 E3/A2")
	})
}

// A merge, or its undoing, that fails in the middle has not begun: all of it is one transaction.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := on(t, db)
		w.pass("A1", "R-1", "E2", "2026-01-10")
		w.pass("A2", "R-2", "E3", "2026-02-10")
		killed := errors.New("killed")
		w.Letters.Adding = func(*database.Tx) error { return killed } // nearly the last thing that it does
		if _, err := w.merge("A1", "A2"); !errors.Is(err, killed) {
			t.Fatal(err)
		}
		w.want("A1", "E2/A1")
		w.want("A2", "E3/A2")
		w.Letters.Adding = nil
		m := w.mustMerge("A1", "A2")
		w.Letters.Adding = func(*database.Tx) error { return killed }
		if err := w.undo(m); !errors.Is(err, killed) {
			t.Fatal(err)
		}
		w.want("A1", "C2/A2 E2/A1 E3/A2")
		w.Letters.Adding = nil
		if err := w.undo(m); err != nil {
			t.Fatal(err)
		}
		w.want("A1", "E2/A1")
	})
}

// Three merges in a ring at once, by two processes, while results come: two of them join the three, one is told that they
// are one already. All undone at once, each is alone again.
func TestRingAtOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		worlds := []*world{on(t, db), on(t, db)}
		worlds[1].Caller = worlds[0].Caller
		w := worlds[0]
		ring := []string{"A1", "A2", "A3"}
		for n, c := range ring {
			w.pass(c, "R-"+c, []string{"E1", "E2", "E3"}[n], "2026-01-10")
		}
		var mu sync.Mutex
		var made []merging.Merge
		var refused []error
		var wg sync.WaitGroup
		for n := range ring {
			wg.Go(func() {
				m, err := worlds[n%2].merge(ring[n], ring[(n+1)%3])
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					made = append(made, m)
				} else {
					refused = append(refused, err)
				}
			})
			wg.Go(func() {
				if _, err := worlds[n%2].Record(context.Background(), w.Caller, passOf(ring[n], "S-"+ring[n], "E4", fmt.Sprintf("2026-02-1%d", n))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(made) != 2 || len(refused) != 1 {
			t.Fatalf("%d merged, refused %v", len(made), refused)
		}
		wantCode(t, refused[0], "already_merged")
		for _, c := range ring {
			var codes []string
			for _, award := range strings.Fields(w.standing(c)) {
				codes = append(codes, award[:2])
			}
			if !slices.Equal(codes, []string{"C1", "C2", "E2", "E3", "E4"}) {
				t.Errorf("%s has %q, want each badge once", c, codes)
			}
		}
		for n, m := range append(made, made...) {
			wg.Go(func() {
				if err := worlds[n%2].undo(m); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.want("A1", "C1/A1 E4/A1")
		w.want("A2", "E2/A2 E4/A2")
		w.want("A3", "E3/A3 E4/A3")
	})
}

// Any order of results, merges, their undoing and restarts gives what one ledger for each person gives.
func TestAnyOrderOfMerges(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		worlds := []*world{on(t, db), on(t, db)} // a restart is another process
		worlds[1].Caller = worlds[0].Caller
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			w := worlds[0]
			people := []string{fmt.Sprintf("%d-a", round), fmt.Sprintf("%d-b", round), fmt.Sprintf("%d-c", round)}
			var posted []issuer.Result
			var merges []merging.Merge
			for k := range rapid.IntRange(3, 8).Draw(r, "steps") {
				w = rapid.SampledFrom(worlds).Draw(r, "process")
				w.t = t
				switch rapid.IntRange(0, 4).Draw(r, "step") {
				case 0:
					pair := rapid.Permutation(people).Draw(r, "pair")
					m, err := w.merge(pair[0], pair[1])
					if err == nil {
						merges = append(merges, m)
					}
				case 1:
					if len(merges) > 0 {
						n := rapid.IntRange(0, len(merges)-1).Draw(r, "which")
						if err := w.undo(merges[n]); err != nil {
							r.Fatal(err)
						}
						merges = slices.Delete(merges, n, n+1)
					}
				default:
					day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 700).Draw(r, "day"))
					exam := rapid.SampledFrom([]string{"E1", "E2", "E3", "E4", "E7", "E7"}).Draw(r, "exam")
					p := passOf(rapid.SampledFrom(people).Draw(r, "candidate"), fmt.Sprintf("%d-R%d", round, k), exam, day.Format(time.DateOnly))
					posted = append(posted, p)
					if _, err := w.Record(context.Background(), w.Caller, p); err != nil {
						r.Fatal(err)
					}
				}
			}
			for _, candidate := range people {
				joint := []string{candidate}
				for range people {
					for _, m := range merges {
						if slices.Contains(joint, m.IntoNumber) != slices.Contains(joint, m.FromNumber) {
							joint = append(joint, m.IntoNumber, m.FromNumber)
						}
					}
				}
				slices.SortFunc(posted, func(a, b issuer.Result) int { return a.TakenAt.Compare(b.TakenAt) })
				alone := candidate + "-alone"
				for _, p := range posted {
					if slices.Contains(joint, p.Candidate.ID) {
						p.ID, p.Candidate.ID = alone+p.ID, alone
						if _, err := w.Record(context.Background(), w.Caller, p); err != nil {
							r.Fatal(err)
						}
					}
				}
				if got, want := w.dated(candidate), w.dated(alone); got != want {
					r.Fatalf("%s has\n%s\nwant\n%s", candidate, got, want)
				}
			}
		})
	})
}

// dated are the awards of a candidate's ledger that stand, with their days.
func (w *world) dated(candidate string) string {
	w.t.Helper()
	awards, _, err := w.Awards(context.Background(), w.Caller, issuer.Page{Candidate: candidate, Limit: 200})
	if err != nil {
		w.t.Fatal(err)
	}
	var list []string
	for _, a := range awards {
		if a.Stands() {
			list = append(list, fmt.Sprintf("%s %s-%s", a.Code, a.EarnedOn, a.ExpiresOn))
		}
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}
