package issuer_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/programme"
)

// told is what was done to one candidate, from which a plain reading of contract 3.3 finds its facts.
type told struct {
	results     []issuer.Result // in order of arrival
	after       map[string]*lot // of results, by id
	corrections []fixed
}

// lot is what became of a result after it was posted.
type lot struct {
	outcome      programme.Mark
	held, voided bool
}

// fixed is a correction.
type fixed struct {
	member, was, value string
	at                 time.Time
}

var members = map[string]func(issuer.Candidate) string{
	"name":   func(c issuer.Candidate) string { return c.Name },
	"email":  func(c issuer.Candidate) string { return c.Email },
	"locale": func(c issuer.Candidate) string { return c.Locale },
}

// fact is one member: what the latest result says at which the person was and which no correction outranks, else
// what was corrected last, else what the first result said.
func (s *told) fact(member string) string {
	var since time.Time
	value, wrong := members[member](s.results[0].Candidate), map[string]bool{}
	for _, c := range s.corrections {
		if c.member == member {
			wrong[c.was], wrong[c.value] = true, false
			value, since = c.value, c.at
		}
	}
	believed := slices.DeleteFunc(slices.Clone(s.results), func(r issuer.Result) bool {
		l, says := s.after[r.ID], members[member](r.Candidate)
		there := !l.voided && !l.held && (l.outcome == "pass" || l.outcome == "fail" && (r.Identity == nil || r.Identity.Matched))
		return !there || says == "" || wrong[says] || r.TakenAt.Before(since)
	})
	if len(believed) == 0 {
		return value
	}
	return members[member](slices.MaxFunc(believed, func(a, b issuer.Result) int {
		return cmp.Or(a.TakenAt.Compare(b.TakenAt), cmp.Compare(a.ID, b.ID))
	}).Candidate)
}

// TestFactsFollowTheExams does at random to candidates what partners do, in any order of arrival, and looks after
// each step what is stored of the person.
func TestFactsFollowTheExams(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			s := &told{after: map[string]*lot{}}
			candidate := fmt.Sprint("C-", n)
			for range rapid.IntRange(1, 9).Draw(r, "steps") {
				s.step(r, w, candidate)
				want := issuer.Candidate{ID: candidate, Email: s.fact("email"), Name: s.fact("name"), Locale: s.fact("locale")}
				if got := storedFacts(r, w, candidate); got != want {
					r.Fatalf("got %+v, want %+v", got, want)
				}
			}
		})
	})
}

func storedFacts(t rapid.TB, w *World, candidate string) issuer.Candidate {
	row := struct{ Email, Name, Locale string }{}
	found, err := w.DB.Reader().Get(context.Background(), &row, `SELECT email, name, locale FROM candidate WHERE partner_id = ? AND number = ?`, w.Caller.ID, candidate)
	if err != nil || !found {
		t.Fatalf("candidate %s: found %v, error %v", candidate, found, err)
	}
	return issuer.Candidate{ID: candidate, Email: row.Email, Name: row.Name, Locale: row.Locale}
}

// step does one thing to the candidate, and notes what it is to mean.
func (s *told) step(t *rapid.T, w *World, candidate string) {
	ctx := context.Background()
	who := rapid.SampledFrom([]string{"Ana", "Eva", "Zoe"})
	var err error
	switch do := rapid.SampledFrom([]string{"result", "result", "void", "release", "outcome", "name", "email", "wait"}).Draw(t, "do"); {
	case do == "wait":
		w.Clock.Advance(24 * time.Hour * time.Duration(rapid.IntRange(1, 30).Draw(t, "days")))
		fallthrough
	case do == "result" || len(s.results) == 0:
		r := Pass(fmt.Sprint(candidate, "/", len(s.results)), "E4", "2026-01-01")
		r.Outcome = rapid.SampledFrom([]programme.Mark{"pass", "pass", "fail", "no_show"}).Draw(t, "outcome")
		r.TakenAt = w.Clock.Now().AddDate(0, 0, -rapid.IntRange(0, 20).Draw(t, "ago"))
		name := who.Draw(t, "name")
		r.Candidate = issuer.Candidate{ID: candidate, Name: name, Email: who.Draw(t, "email") + "@home.test", Locale: rapid.SampledFrom([]string{"", "es", "fr"}).Draw(t, "locale")}
		if rapid.Bool().Draw(t, "checked") {
			r.Identity = &issuer.IdentityCheck{Matched: rapid.Bool().Draw(t, "matched")}
		}
		_, err = w.Record(ctx, w.Caller, r)
		r.Candidate.Email, _ = email.Canonical(r.Candidate.Email)
		s.results = append(s.results, r)
		s.after[r.ID] = &lot{outcome: r.Outcome, held: r.Outcome == "pass" && r.Identity != nil && !r.Identity.Matched}
	case do == "name":
		c := fixed{member: "name", was: s.fact("name"), value: who.Draw(t, "name"), at: w.Clock.Now().Truncate(time.Second)}
		_, err = w.CorrectName(ctx, w.Caller, candidate, c.value, "a reason")
		s.corrections = append(s.corrections, c)
	case do == "email":
		c := fixed{member: "email", was: s.fact("email"), value: strings.ToLower(who.Draw(t, "email")) + "@home.test", at: w.Clock.Now().Truncate(time.Second)}
		_, err = w.CorrectEmail(ctx, w.Caller, candidate, c.value, "a reason")
		s.corrections = append(s.corrections, c)
	default:
		r := rapid.SampledFrom(s.results).Draw(t, "which")
		err = s.change(t, w, do, r)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// change voids, releases or corrects a result, unless it was voided before.
func (s *told) change(t *rapid.T, w *World, do string, r issuer.Result) (err error) {
	ctx, l := context.Background(), s.after[r.ID]
	if l.voided {
		return nil
	}
	switch do {
	case "void":
		l.voided = true
		_, err = w.Void(ctx, w.Caller, r.ID, "a reason")
	case "release":
		l.held = false
		_, err = w.Release(ctx, w.Caller, r.ID, "a reason")
	case "outcome":
		to := rapid.SampledFrom([]programme.Mark{"pass", "fail", "no_show"}).Draw(t, "to")
		if to != l.outcome {
			l.outcome, l.held = to, to == "pass" && r.Identity != nil && !r.Identity.Matched
		}
		_, err = w.Correct(ctx, w.Caller, r.ID, issuer.Correction{Outcome: to, Reason: "a reason"})
	}
	return err
}

// TestStoredCandidatesKeepTheirFacts: results recorded before they kept what they said say what their candidate's row
// says, so that late ones and voids change nothing, and later ones do.
func TestStoredCandidatesKeepTheirFacts(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../migrations/0015_people.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(file), "UPDATE result")
	fill, _, _ := strings.Cut(rest, ";")
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		do := func(statement string) {
			t.Helper()
			if err := db.InTx(t.Context(), func(tx *database.Tx) error { _, err := tx.Exec(t.Context(), statement); return err }); err != nil {
				t.Fatal(err)
			}
		}
		is := func(what, email string) {
			t.Helper()
			if got := storedFacts(t, w, "C-77").Email; got != email {
				t.Errorf("%s: got %s, want %s", what, got, email)
			}
		}
		for n, email := range []string{"ana@first.test", "ana@second.test"} {
			record(t, w, of(Pass(fmt.Sprint("R-", n), "E4", fmt.Sprintf("2024-0%d-01", n+1)), "Ana Ruiz", email))
		}
		do(`UPDATE result SET candidate_email = '', candidate_name = '', candidate_locale = ''`)
		do(`UPDATE candidate SET email = 'ana@stored.test', first_result = ''`)
		do("UPDATE result" + fill)
		if _, err := w.Void(t.Context(), w.Caller, "R-1", "a reason"); err != nil {
			t.Fatal(err)
		}
		is("a void", "ana@stored.test")
		record(t, w, of(Pass("R-3", "E2", "2023-01-01"), "Ana Ruiz", "ana@late.test"))
		is("a late result", "ana@stored.test")
		record(t, w, of(Pass("R-4", "E2", "2025-01-01"), "Ana Ruiz", "ana@new.test"))
		is("a later result", "ana@new.test")
	})
}
