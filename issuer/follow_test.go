package issuer_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
)

// more adds to the fixtures an exam that outlived the certification that it implied.
var more = strings.Replace(Programme, "certifications:\n", `  - {code: E8, name: Survivor}
certifications:
  - {code: C8, name: Ended, in_programme_since: 2020-01-01, retired: 2023-06-30, requires: {exam: E8}}
`, 1)

// versions are programmes that a story applies to the whole past.
var versions = map[string]string{
	"as before":  more,
	"C7 harder":  replaced("valid_for: 12 months, requires: {exam: E7}", "valid_for: 24 months, requires: {all: [{exam: E7}, {exam: E4}]}"),
	"C7 longer":  replaced("valid_for: 12 months, requires: {exam: E7}", "valid_for: 60 months, requires: {exam: E7}"),
	"E4 never":   replaced("{code: E4, name: Stand-alone Exam}", "{code: E4, name: Stand-alone Exam, badge: never}"),
	"C4 from E4": replaced("certifications:\n", "certifications:\n  - {code: C4, name: New, requires: {all: [{exam: E4}, {certification: C2}]}}\n"),
}

func replaced(old, text string) string {
	if !strings.Contains(more, old) {
		panic("no " + old + " in the programme")
	}
	return strings.Replace(more, old, text, 1)
}

// TestAwardsFollow tells contract 1, "Awards follow", as stories: what was done, one step a line, and
// what there is in the end, one award a line: its name in order of making, what for, from when until
// when, how it stands, its edition. Today is 5 March 2026.
func TestAwardsFollow(t *testing.T) {
	t.Parallel()
	stories := []struct{ name, steps, want string }{
		{
			"an earning without an award: a new award and a letter",
			"R1 E4 2024-01-01",
			"a1 E4 2024-01-01- valid v1; letters: 1",
		}, {
			"a renewal keeps the award",
			"R1 E7 2025-05-01; accept a1; R2 E7 2026-03-04",
			"a1 C7 2025-05-01-2027-05-01 valid v2; letters: 1",
		}, {
			"a late result that was the first changes the dates",
			"R1 E7 2024-01-01; R0 E7 2023-12-01",
			"a1 C7 2023-12-01-2024-12-01 expired v2; letters: 1",
		}, {
			"a late result that completes a certification earlier",
			"R1 E2 2024-01-01; R2 E3 2024-03-01; R0 E3 2024-02-01",
			"a1 E2 2024-01-01- valid v1; a2 C2 2024-02-01- valid v2; a3 E3 2024-02-01- valid v2; letters: 2",
		}, {
			"a late pass outside the window changes nothing",
			"R1 E7 2024-01-01; R2 E7 2024-02-01",
			"a1 C7 2024-01-01-2025-01-01 expired v1; letters: 1",
		}, {
			"earned anew after it expired: a second award",
			"R1 E7 2023-01-01; R2 E7 2024-06-01",
			"a1 C7 2023-01-01-2024-01-01 expired v1; a2 C7 2024-06-01-2025-06-01 expired v1; letters: 2",
		}, {
			"a late result joins two earnings into one",
			"R1 E7 2023-01-01; R2 E7 2024-06-01; R3 E7 2023-10-01",
			"a1 C7 2023-01-01-2025-01-01 expired v2; a2 C7 2024-06-01-2025-06-01 superseded by a1 v1; letters: 2",
		}, {
			"… in whatever order",
			"R2 E7 2024-06-01; R1 E7 2023-01-01; R3 E7 2023-10-01",
			"a1 C7 2024-06-01-2025-06-01 superseded by a2 v1; a2 C7 2023-01-01-2025-01-01 expired v2; letters: 2",
		}, {
			"… from before both",
			"R1 E7 2023-01-01; R2 E7 2024-03-01; R0 E7 2022-06-15",
			"a1 C7 2022-06-15-2025-06-15 expired v2; a2 C7 2024-03-01-2025-03-01 superseded by a1 v1; letters: 2",
		}, {
			"what was joined and comes apart again is a new award",
			"R1 E7 2023-01-01; R2 E7 2024-06-01; R3 E7 2023-10-01; void R3",
			"a1 C7 2023-01-01-2024-01-01 expired v3; a2 C7 2024-06-01-2025-06-01 superseded by a1 v1; a3 C7 2024-06-01-2025-06-01 expired v1; letters: 3",
		}, {
			"a late result makes the exam one that a certification implies",
			"R2 E8 2024-01-01; R1 E8 2022-01-01",
			"a1 E8 2024-01-01- superseded by a2 v1; a2 C8 2022-01-01- valid v1; letters: 2",
		}, {
			"a void revokes",
			"R1 E4 2024-01-01; void R1",
			"a1 E4 2024-01-01- revoked result_voided v1; letters: 1",
		}, {
			"… and takes along what rests on it",
			"R1 E2 2024-01-01; R2 E3 2024-02-01; void R1",
			"a1 E2 2024-01-01- revoked result_voided v1; a2 C2 2024-02-01- revoked result_voided v1; a3 E3 2024-02-01- valid v1; letters: 2",
		}, {
			"… and what is earned again is a new award",
			"R1 E4 2024-01-01; void R1; R2 E4 2024-05-01",
			"a1 E4 2024-01-01- revoked result_voided v1; a2 E4 2024-05-01- valid v1; letters: 2",
		}, {
			"… but where another pass stands in, the award stays with other dates",
			"R1 E7 2025-06-01; R2 E7 2025-07-01; void R1",
			"a1 C7 2025-07-01-2026-07-01 valid v2; letters: 1",
		}, {
			"of two awards a void takes the one that rested on the result",
			"R1 E7 2023-01-01; R2 E7 2024-06-01; void R1",
			"a1 C7 2023-01-01-2024-01-01 revoked result_voided v1; a2 C7 2024-06-01-2025-06-01 expired v1; letters: 2",
		}, {
			"a renewal that is voided shortens the award",
			"R1 E7 2025-05-01; R2 E7 2026-03-04; void R2",
			"a1 C7 2025-05-01-2026-05-01 valid v3; letters: 1",
		}, {
			"a correction revokes, and back is a new award",
			"R1 E4 2024-01-01; correct R1 fail; correct R1 pass",
			"a1 E4 2024-01-01- revoked result_voided v1; a2 E4 2024-01-01- valid v1; letters: 2",
		}, {
			"staff revoked: not again from the same results, also with an earlier one",
			"R1 E4 2024-01-01; revoke a1; R0 E4 2023-01-01; R2 E4 2025-01-01",
			"a1 E4 2024-01-01- revoked staff v1; letters: 1",
		}, {
			"… but by a later pass",
			"R1 E4 2024-01-01; revoke a1; wait 48h; R2 E4 2026-03-06",
			"a1 E4 2024-01-01- revoked staff v1; a2 E4 2026-03-06- valid v1; letters: 2",
		}, {
			"… and void and correction of its result change nothing",
			"R1 E4 2024-01-01; revoke a1; correct R1 fail; correct R1 pass; void R1",
			"a1 E4 2024-01-01- revoked staff v1; letters: 1",
		}, {
			"the first of two revoked by staff and its result voided: the second is untouched",
			"R1 E7 2023-01-01; R2 E7 2024-06-01; revoke a1; void R1",
			"a1 C7 2023-01-01-2024-01-01 revoked staff v1; a2 C7 2024-06-01-2025-06-01 expired v1; letters: 2",
		}, {
			"the programme gives: a new award",
			"R1 E2 2024-01-01; R2 E3 2024-02-01; R3 E4 2024-03-01; programme C4 from E4",
			"a1 E2 2024-01-01- valid v1; a2 C2 2024-02-01- valid v1; a3 E3 2024-02-01- valid v1; a4 E4 2024-03-01- valid v1; a5 C4 2024-03-01- valid v1; letters: 4",
		}, {
			"only the programme takes: it stays as it was",
			"R1 E7 2025-05-01; programme C7 harder",
			"a1 C7 2025-05-01-2026-05-01 valid kept v1; a2 E7 2025-05-01- valid v1; letters: 2",
		}, {
			"… and is revoked when its result is voided",
			"R1 E7 2025-05-01; programme C7 harder; void R1",
			"a1 C7 2025-05-01-2026-05-01 revoked result_voided v1; a2 E7 2025-05-01- revoked result_voided v1; letters: 2",
		}, {
			"… and follows its earning again when a result brings it back",
			"R1 E7 2025-05-01; programme C7 harder; R0 E4 2025-04-01",
			"a1 C7 2025-05-01-2027-05-01 valid v2; a2 E7 2025-05-01- valid v1; a3 E4 2025-04-01- valid v1; letters: 3",
		}, {
			"an exam's badge that is no more stays",
			"R1 E4 2024-01-01; programme E4 never; R2 E4 2024-05-01",
			"a1 E4 2024-01-01- valid kept v1; letters: 1",
		}, {
			"joined by the programme alone: both stay, whatever comes later",
			"R1 E7 2023-01-01; R2 E7 2024-06-01; programme C7 longer; R3 E4 2025-01-01",
			"a1 C7 2023-01-01-2028-01-01 valid v2; a2 C7 2024-06-01-2025-06-01 expired kept v1; a3 E4 2025-01-01- valid v1; letters: 3",
		}, {
			"a result that comes before the reconciliation does not hide that it was the programme",
			"R1 E7 2023-01-01; R2 E7 2024-06-01; apply C7 longer; R3 E4 2025-01-01",
			"a1 C7 2023-01-01-2028-01-01 valid v2; a2 C7 2024-06-01-2025-06-01 expired kept v1; a3 E4 2025-01-01- valid v1; letters: 3",
		}, {
			"a change of the programme and back leaves everything as it was",
			"R1 E7 2025-05-01; programme C7 harder; programme as before",
			"a1 C7 2025-05-01-2026-05-01 valid v1; a2 E7 2025-05-01- valid kept v1; letters: 2",
		}, {
			"on hold and renewed: still on hold",
			"R1 E7 2025-05-01; suspend a1; R2 E7 2026-03-04",
			"a1 C7 2025-05-01-2027-05-01 suspended v2; letters: 1",
		}, {
			"reinstated: a new edition",
			"R1 E7 2025-05-01; suspend a1; reinstate a1; reinstate a1",
			"a1 C7 2025-05-01-2026-05-01 valid v2; letters: 1",
		},
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := On(t, db)
		applyFrom(t, w, more, "2000-01-01")
		for n, s := range stories {
			t.Run(s.name, func(t *testing.T) {
				told := &teller{World: w, T: t, candidate: fmt.Sprintf("C-%d", n)}
				for step := range strings.SplitSeq(s.steps, "; ") {
					told.do(step)
				}
				if diff := gocmp.Diff(strings.Split(s.want, "; "), told.end()); diff != "" {
					t.Errorf("awards (-want +got):\n%s", diff)
				}
				applyFrom(t, w, more, "2000-01-01") // for the next story
			})
		}
	})
}

// applyFrom puts a programme into force from a day on.
func applyFrom(t testing.TB, w *World, file, from string) {
	t.Helper()
	p, err := programme.Parse(strings.NewReader(file), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	day, err := programme.ParseDate(from)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := w.PlanProgramme(context.Background(), p, day, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.ApplyProgramme(context.Background(), plan); err != nil {
		t.Fatal(err)
	}
}

// teller does the steps of a story for one candidate.
type teller struct {
	*World
	*testing.T
	candidate string
	ids       []string // of the awards, in order of making: a1 is the first
}

func (s *teller) do(step string) {
	s.Helper()
	ctx := context.Background()
	verb, rest, _ := strings.Cut(step, " ")
	what, how, _ := strings.Cut(rest, " ")
	holder := issuer.Holder{ID: "acc_" + s.candidate, Addresses: []string{"ana@home.test"}}
	var err error
	switch verb {
	case "void":
		_, err = s.Void(ctx, s.Caller, s.candidate+what, "a reason")
	case "correct":
		_, err = s.Correct(ctx, s.Caller, s.candidate+what, issuer.Correction{Outcome: programme.Mark(how), Reason: "a reason"})
	case "revoke":
		_, err = s.RevokeAward(ctx, s.Caller, s.id(what), "a reason")
	case "suspend":
		_, err = s.SuspendAward(ctx, s.Caller, s.id(what), "a reason")
	case "reinstate":
		_, err = s.ReinstateAward(ctx, s.Caller, s.id(what), "a reason")
	case "accept":
		err = s.Accept(ctx, holder, s.id(what), ledger.Public)
	case "programme":
		applyFrom(s, s.World, versions[rest], "2000-01-01")
	case "apply": // and no reconciliation yet
		applyFrom(s, s.World, versions[rest], "2000-01-01")
		return
	case "wait":
		var d time.Duration
		d, err = time.ParseDuration(what)
		s.Clock.Advance(d)
	default:
		r := Pass(s.candidate+verb, what, how)
		r.Candidate.ID = s.candidate
		_, err = s.Record(ctx, s.Caller, r)
	}
	if err != nil {
		s.Fatalf("%s: %v", step, err)
	}
	s.Work(s)
	s.look()
}

func (s *teller) id(name string) string { return s.ids[name[1]-'1'] }

// look names the awards that are new, certifications first.
func (s *teller) look() (list []*ledger.Award) {
	list, _, err := s.Awards(context.Background(), s.Caller, issuer.Page{Candidate: s.candidate, Limit: 200})
	if err != nil {
		s.Fatal(err)
	}
	slices.SortFunc(list, func(a, b *ledger.Award) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code), a.EarnedOn.Compare(b.EarnedOn.Date))
	})
	for _, a := range list {
		if !slices.Contains(s.ids, a.ID) {
			s.ids = append(s.ids, a.ID)
		}
	}
	return list
}

func (s *teller) end() []string {
	lines := make([]string, len(s.ids))
	for _, a := range s.look() {
		how := string(a.Validity(s.Today()))
		switch {
		case a.Successor != "":
			how += fmt.Sprintf(" by a%d", 1+slices.Index(s.ids, a.Successor))
		case a.RevokedAt != nil:
			how += " " + a.Revocation
		case a.Kept:
			how += " kept"
		}
		k := slices.Index(s.ids, a.ID)
		lines[k] = fmt.Sprintf("a%d %s %s-%s %s v%d", k+1, a.Code, a.EarnedOn, a.ExpiresOn, how, a.Version)
	}
	n := 0
	for _, l := range s.Letters.Offers() {
		n += flag(slices.Contains(s.ids, l.Badges[0].Award.ID))
	}
	return append(lines, fmt.Sprintf("letters: %d", n))
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
