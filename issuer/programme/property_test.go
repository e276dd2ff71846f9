package programme

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The world of the property tests: six exams, five certifications, two to four versions, three years.
const (
	someExams = 6
	someCerts = 5
)

func drawDay(t *rapid.T, label string) Date {
	return day("2020-01-01").AddDays(rapid.IntRange(0, 3*365).Draw(t, label))
}

// drawDates are the two dates of an item, mostly none.
func drawDates(t *rapid.T) (since, retired Date) {
	if rapid.IntRange(0, 5).Draw(t, "since?") == 0 {
		since = drawDay(t, "since")
	}
	if rapid.IntRange(0, 5).Draw(t, "retired?") == 0 {
		retired = drawDay(t, "retired")
	}
	return since, retired
}

func drawRequirement(t *rapid.T, cert, depth int) Requirement {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	if kind < 3 || depth == 0 {
		if cert > 0 && kind == 0 {
			return certified(fmt.Sprintf("c%d", rapid.IntRange(0, cert-1).Draw(t, "cert")))
		}
		return exam(fmt.Sprintf("E%d", rapid.IntRange(0, someExams-1).Draw(t, "exam")))
	}
	of := make([]Requirement, rapid.IntRange(1, 3).Draw(t, "length"))
	for i := range of {
		of[i] = drawRequirement(t, cert, depth-1)
	}
	switch kind {
	case 3:
		return all(of...)
	case 4:
		return anyOf(of...)
	}
	return some(rapid.IntRange(1, len(of)).Draw(t, "n"), of...)
}

func drawProgramme(t *rapid.T) *Programme {
	badge := rapid.SampledFrom([]Badge{Auto, Auto, Always, Never})
	p := &Programme{Issuer: Issuer{Languages: []string{"en"}}}
	for i := range someExams {
		e := Exam{Code: fmt.Sprintf("E%d", i), Badge: badge.Draw(t, "badge")}
		e.InProgrammeSince, e.Retired = drawDates(t)
		p.Exams = append(p.Exams, e)
	}
	for i := range someCerts {
		c := Certification{Code: fmt.Sprintf("c%d", i), Badge: badge.Draw(t, "badge"), Requires: drawRequirement(t, i, 2)}
		c.InProgrammeSince, c.Retired = drawDates(t)
		c.ValidFor = rapid.SampledFrom([]Months{0, 1, 2, 6, 12}).Draw(t, "valid")
		if c.ValidFor > 0 {
			c.RenewalWindow = min(c.ValidFor.window(), Days(rapid.IntRange(1, 180).Draw(t, "window")))
		}
		p.Certifications = append(p.Certifications, c)
	}
	// A certification needs earlier ones; the order in the file is another.
	p.Certifications = rapid.Permutation(p.Certifications).Draw(t, "order")
	p.finish()
	return p
}

func drawHistory(t *rapid.T) History {
	h := History{{1, Date{}, drawProgramme(t)}}
	for n := range rapid.IntRange(1, 3).Draw(t, "versions") { // in any order of their days
		h = append(h, Version{n + 2, drawDay(t, "effective"), drawProgramme(t)})
	}
	return h
}

func drawResult(t *rapid.T, id string) Result {
	return Result{
		Partner: rapid.SampledFrom([]string{"p", "q"}).Draw(t, "partner"), ID: id, Outcome: Pass,
		Exam:    fmt.Sprintf("E%d", rapid.IntRange(0, someExams).Draw(t, "exam")), // one of them is unknown
		TakenAt: drawDay(t, "day").Time().Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "hour")) * 6 * time.Hour),
	}
}

// idle makes a result contribute nothing.
func idle(t *rapid.T, r Result) Result {
	switch rapid.IntRange(0, 3).Draw(t, "why") {
	case 0:
		r.Outcome = Fail
	case 1:
		r.Outcome = NoShow
	case 2:
		r.Held = true
	default:
		r.Voided = true
	}
	return r
}

func drawLedger(t *rapid.T) []Result {
	var results []Result
	for i := range rapid.IntRange(0, 14).Draw(t, "results") {
		r := drawResult(t, fmt.Sprintf("r%d", i))
		if rapid.IntRange(0, 9).Draw(t, "idle?") == 0 {
			r = idle(t, r)
		}
		results = append(results, r)
	}
	return results
}

func TestEarnedAgreesWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawLedger(t)
		got, want := Earned(h, results, nil), refer(h, results)
		if diff := cmp.Diff(want.told(), told(got)); diff != "" {
			t.Fatalf("earnings (-reference +got):\n%s", diff)
		}
		for k, reason := range want.exams {
			if got := got.Decisions[k][0].Reason; got != reason {
				t.Fatalf("%v: got %s, reference says %s", k, got, reason)
			}
		}
	})
}

// Order of arrival and repeats make no difference.
func TestEarnedIgnoresOrderAndRepeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawLedger(t)
		given := slices.Clone(results)
		want := Earned(h, results, nil)
		if diff := cmp.Diff(given, results); diff != "" {
			t.Fatalf("the ledger given was changed:\n%s", diff)
		}
		other := slices.Concat(results, results[:rapid.IntRange(0, len(results)).Draw(t, "again")])
		other = rapid.Permutation(other).Draw(t, "shuffled")
		if diff := cmp.Diff(want, Earned(h, other, nil)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// Two results under one key, which should never be: still one outcome, whatever their order.
func TestEarnedIsAFunctionOfAnyLedger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawLedger(t)
		for i := range results {
			results[i].ID = rapid.SampledFrom([]string{"r1", "r2", "r3"}).Draw(t, "id")
		}
		want := Earned(h, results, nil)
		if diff := cmp.Diff(want, Earned(h, rapid.Permutation(results).Draw(t, "shuffled"), nil)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// Failed, absent, held and voided results contribute nothing, and neither do recorded awards that are neither kept nor revoked.
func TestEarnedIgnoresWhatContributesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawLedger(t)
		want := Earned(h, results, nil)
		more := slices.Clone(results)
		for i := range rapid.IntRange(1, 4).Draw(t, "more") {
			more = append(more, idle(t, drawResult(t, fmt.Sprintf("idle%d", i))))
		}
		var standing []Standing
		for _, e := range want.Earnings {
			standing = append(standing, Standing{Subject: e.Subject, EarnedOn: e.EarnedOn, Expires: e.Expires, By: e.By, Supports: e.Supports, Version: e.Version})
		}
		got := Earned(h, more, standing)
		if diff := cmp.Diff(want.Earnings, got.Earnings); diff != "" {
			t.Fatalf("earnings (-want +got):\n%s", diff)
		}
		for k, decisions := range want.Decisions {
			if diff := cmp.Diff(decisions, got.Decisions[k]); diff != "" {
				t.Fatalf("%v (-want +got):\n%s", k, diff)
			}
		}
	})
}

// An award that the fold earns by itself is the same kept or not.
func TestKeptAddsNothingToWhatIsEarned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawLedger(t)
		want := Earned(h, results, nil)
		var standing []Standing
		for _, e := range want.Earnings {
			if e.Badge {
				standing = append(standing, Standing{Subject: e.Subject, EarnedOn: e.EarnedOn, By: e.By, Supports: e.Supports, Version: e.Version, Kept: true})
			}
		}
		if diff := cmp.Diff(want, Earned(h, results, rapid.Permutation(standing).Draw(t, "standing"))); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// A programme changed from any day on takes no award away: all that was earned under the old one is there when kept, and keeping
// what is kept changes nothing any more.
func TestKeptSurvivesAnyProgramme(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, results := drawHistory(t), drawLedger(t)
		was := Earned(old, results, nil)
		h := append(slices.Clone(old), Version{len(old) + 1, drawDay(t, "effective"), drawProgramme(t)})
		var standing []Standing
		for _, e := range was.Earnings {
			if e.Badge {
				standing = append(standing, Standing{Subject: e.Subject, EarnedOn: e.EarnedOn, Expires: e.Expires, By: e.By, Supports: e.Supports, Version: e.Version, Kept: true})
			}
		}
		o := Earned(h, results, standing)
		for _, s := range standing {
			covered := slices.ContainsFunc(o.Earnings, func(e Earning) bool {
				return e.Subject == s.Subject && !e.EarnedOn.After(s.EarnedOn) && e.held(s.EarnedOn)
			})
			if !covered {
				t.Fatalf("%s of %s is gone", s.Subject.Code, s.EarnedOn)
			}
		}
		for i, s := range standing {
			for _, e := range o.Earnings {
				if e.Subject == s.Subject && e.By == s.By {
					standing[i].Expires, standing[i].Supports = e.Expires, e.Supports
				}
			}
		}
		if diff := cmp.Diff(o, Earned(h, results, standing)); diff != "" {
			t.Fatalf("told once more, it is different (-want +got):\n%s", diff)
		}
	})
}

// Staff revoking every award gives nothing new from the same results: the earnings are the same, all of them revoked.
func TestRevokedIsNotEarnedAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawLedger(t)
		want := Earned(h, results, nil)
		var standing []Standing
		at := day("2024-01-01").Time()
		for i := range want.Earnings {
			if e := &want.Earnings[i]; e.Badge {
				standing = append(standing, Standing{Subject: e.Subject, EarnedOn: e.EarnedOn, Expires: e.Expires, By: e.By, Revoked: at})
				e.Revoked = at
			}
		}
		if diff := cmp.Diff(want, Earned(h, results, rapid.Permutation(standing).Draw(t, "standing"))); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// A pass more, taken after all others, takes nothing away; what was earned first stays what it was.
func TestALaterPassTakesNothingAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawLedger(t)
		last := drawResult(t, "last")
		last.TakenAt = day("2023-06-01").AddDays(rapid.IntRange(0, 400).Draw(t, "later")).Time()
		was, now := Earned(h, results, nil), Earned(h, append(slices.Clone(results), last), nil)
		if len(now.Earnings) < len(was.Earnings) {
			t.Fatalf("%d earnings became %d", len(was.Earnings), len(now.Earnings))
		}
		for i, e := range was.Earnings {
			f := now.Earnings[i]
			longer := f.Expires.IsZero() || !e.Expires.IsZero() && !f.Expires.Before(e.Expires)
			if f.Subject != e.Subject || f.EarnedOn != e.EarnedOn || f.By != e.By || f.Badge != e.Badge || !longer {
				t.Fatalf("%+v became %+v", e, f)
			}
		}
		for k, decisions := range was.Decisions {
			if diff := cmp.Diff(decisions, now.Decisions[k]); diff != "" {
				t.Fatalf("the decisions on %v changed (-was +now):\n%s", k, diff)
			}
		}
	})
}

// An earning that a voided result did not support stays where it is, as long as the result decided nothing about certifications.
func TestVoidingWhatSupportsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawLedger(t)
		was := Earned(h, results, nil)
		for i, r := range results {
			used := slices.ContainsFunc(was.Earnings, func(e Earning) bool { return slices.Contains(e.Supports, r.Key()) })
			if used {
				continue
			}
			voided := slices.Clone(results)
			voided[i].Voided = true
			if diff := cmp.Diff(was.Earnings, Earned(h, voided, nil).Earnings); diff != "" {
				t.Fatalf("%v supports nothing, and yet (-was +now):\n%s", r.Key(), diff)
			}
		}
	})
}

// What an earning rests on is passes taken no later than its last renewal, the completing pass among them; with the others voided the
// certification is earned all the same, and no later. It may be over by then: an earlier earning that is gone no longer keeps its time
// from beginning earlier.
func TestSupportsSuffice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawLedger(t)
		for _, e := range Earned(h, results, nil).Earnings {
			if !slices.Contains(e.Supports, e.By) {
				t.Fatalf("%+v does not rest on its completing pass", e)
			}
			var alone []Result
			for _, r := range results {
				if slices.Contains(e.Supports, r.Key()) {
					alone = append(alone, r)
				}
			}
			if len(alone) != len(e.Supports) || slices.ContainsFunc(alone, func(r Result) bool { return !r.live() }) {
				t.Fatalf("%+v rests on something that is no pass", e)
			}
			still := slices.ContainsFunc(Earned(h, alone, nil).Earnings, func(f Earning) bool {
				return f.Subject == e.Subject && !f.EarnedOn.After(e.EarnedOn)
			})
			if e.Subject.Kind == KindCertification && !still {
				t.Fatalf("%s of %s does not follow from %v alone", e.Subject.Code, e.EarnedOn, e.Supports)
			}
		}
	})
}
