package issuer_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
)

// TestPreviewsTellWhatHappens has random programmes applied and random results posted for two people, who accept
// some badges and want no letters at times, while results are voided and badges revoked. Each result is explained
// first and each programme planned; then it happens, and the two are compared with what the database and the
// mailbox have afterwards.
//
// Each case has an installation of its own, so that a failure can be made smaller. That is why it runs on SQLite
// alone: what is compared are rules, and the statements are tested on both databases elsewhere.
func TestPreviewsTellWhatHappens(t *testing.T) {
	t.Parallel()
	var seen sum
	n, folder, first := 0, t.TempDir(), New(t) // copied, since keys take long to make
	rapid.Check(t, func(r *rapid.T) {
		if rapid.Bool().Draw(r, "skipped") {
			return // a case takes as long as many others
		}
		n++
		name := filepath.Join(folder, fmt.Sprint(n, ".db"))
		if _, err := first.DB.SQL().Exec(`VACUUM INTO ?`, name); err != nil {
			t.Fatal(err)
		}
		s := &previewed{World: On(t, databasetest.Open(t, name)), T: r, ctx: context.Background(), sum: &seen}
		s.programme("2000-01-01")
		for range rapid.IntRange(1, 4).Draw(r, "rounds") {
			for range rapid.IntRange(1, 4).Draw(r, "results") {
				s.post()
			}
			for range rapid.IntRange(0, 3).Draw(r, "steps") {
				s.step()
			}
			s.programme(s.day("effective").String())
		}
	})
	t.Logf("%+v", seen)
}

// sum counts what happened in all cases.
type sum struct{ Offers, Changes, Gains, Letters, Uncounted, Unwritten int }

// previewed is an installation in which nothing happens without a preview.
type previewed struct {
	*World
	*rapid.T
	ctx     context.Context
	posted  []string // ids of results
	version int
	sum     *sum
}

// step is anything else that may happen.
func (s *previewed) step() {
	switch rapid.IntRange(0, 5).Draw(s.T, "step") {
	case 0:
		_, err := s.Void(s.ctx, s.Caller, rapid.SampledFrom(s.posted).Draw(s.T, "void"), "a reason")
		s.refusable(err)
	case 1:
		if a := s.someAward(); a != nil {
			_, err := s.RevokeAward(s.ctx, s.Caller, a.ID, "a reason")
			s.refusable(err)
		}
	case 2:
		if a := s.someAward(); a != nil {
			s.refusable(s.Accept(s.ctx, issuer.Holder{ID: "acc_ana", Addresses: addresses}, a.ID, ledger.Public))
		}
	case 3:
		s.Clock.Advance(time.Duration(rapid.IntRange(1, 300).Draw(s.T, "days")) * 24 * time.Hour)
	case 4:
		if sent := s.Letters.Offers(); len(sent) > 0 {
			_, token, _ := strings.Cut(rapid.SampledFrom(sent).Draw(s.T, "stop").StopURL, "/stop/")
			_, err := s.StopMail(s.ctx, token)
			s.check(err)
		}
	case 5:
		if sent := s.Letters.Offers(); len(sent) > 0 {
			_, err := s.Dispute(s.ctx, token(rapid.SampledFrom(sent).Draw(s.T, "dispute")), ledger.UnknownPerson)
			s.refusable(err)
		}
	}
	s.work()
}

// post explains a result, records it and compares.
func (s *previewed) post() {
	s.Clock.Advance(time.Minute)
	r := Pass(fmt.Sprint("R-", rapid.IntRange(0, 12).Draw(s.T, "id")), rapid.SampledFrom([]string{"A", "B", "C", "D", "D-OLD"}).Draw(s.T, "exam"), s.day("taken").String())
	r.Candidate = issuer.Candidate{
		ID:    rapid.SampledFrom([]string{"C-1", "C-2"}).Draw(s.T, "candidate"),
		Email: rapid.SampledFrom(addresses).Draw(s.T, "address"), Name: rapid.SampledFrom([]string{"Ana Ruiz", "Ana Ruiz", "Bea Sanz"}).Draw(s.T, "name"),
	}
	r.Outcome = rapid.SampledFrom([]programme.Mark{"pass", "pass", "pass", "pass", "fail", "no_show"}).Draw(s.T, "outcome")
	if rapid.IntRange(0, 9).Draw(s.T, "held?") == 0 {
		r.Identity = &issuer.IdentityCheck{Method: "passport"}
	}
	before := s.look(r.Candidate.ID)
	e, err := s.Explain(s.ctx, s.Caller, r)
	if code(err) == "result_conflict" {
		return
	}
	s.check(err)
	s.same("explaining changed something", before, s.look(r.Candidate.ID))
	receipt, err := s.Record(s.ctx, s.Caller, r)
	s.check(err)
	s.posted = append(s.posted, r.ID)
	s.work()

	now := s.look(r.Candidate.ID)
	did := issuer.Explanation{Replayed: receipt.Replayed, Decisions: slices.Clone(receipt.Decisions)}
	for k := range did.Decisions {
		if d := &did.Decisions[k]; !receipt.Replayed && d.Award != "" && before.awards[d.Award] == nil {
			d.Award = "" // new, and nobody could know its id
		}
	}
	did.Offers, did.Changes = now.since(before)
	for k := range e.Offers {
		sortSubjects(e.Offers[k].Badges)
	}
	slices.SortFunc(e.Offers, func(a, b issuer.ExplainedOffer) int { return strings.Compare(a.Email, b.Email) })
	sortSubjects(e.Changes)
	s.same("recorded (-) and explained (+)", did, e)
	s.sum.Offers += len(e.Offers)
	s.sum.Changes += len(e.Changes)
	for _, o := range e.Offers {
		s.sum.Unwritten += flag(o.Stopped)
	}
}

// programme plans a random version, applies it, has it reconciled and compares.
func (s *previewed) programme(from string) {
	s.version++
	s.Clock.Advance(time.Minute)
	p, err := programme.Parse(strings.NewReader(s.file()), "drawn.yaml")
	s.check(err)
	day, err := programme.ParseDate(from)
	s.check(err)
	before := s.look("")
	plan, err := s.PlanProgramme(s.ctx, p, day, nil)
	s.check(err)
	s.same("planning changed something", before, s.look(""))
	s.check(s.ApplyProgramme(s.ctx, plan))
	if rapid.IntRange(0, 3).Draw(s.T, "at once?") == 3 {
		s.post() // before the ledgers are reconciled
		return
	}
	s.work()

	now := s.look("")
	gains := map[programme.Subject]int{}
	for id, a := range now.awards {
		if before.awards[id] == nil {
			gains[a.Subject()]++
		}
	}
	s.same("newly earned (-) and planned (+)", gains, plan.Gains)
	written := map[string]bool{}
	for _, l := range now.letters[len(before.letters):] {
		written[l.Badges[0].Award.CandidateID+" "+l.Email] = true
	}
	s.same("written to (-) and planned (+)", len(written), plan.Letters)
	s.same("passes that do not count (-) and planned (+)", s.uncounted(p, plan, day), plan.Uncounted)
	s.sum.Gains += len(gains)
	s.sum.Letters += plan.Letters
	s.sum.Uncounted += plan.Uncounted
}

// uncounted are the passes before a day of the exams that the certifications name which a version adds.
func (s *previewed) uncounted(p *programme.Programme, plan issuer.ProgrammePlan, day programme.Date) (n int) {
	page, _, err := s.Results(s.ctx, s.Caller, issuer.Page{Limit: 200})
	s.check(err)
	for _, r := range page {
		named := slices.ContainsFunc(plan.Added, func(added programme.Subject) bool {
			c, found := p.Certification(added.Code)
			return found && added.Kind == programme.KindCertification &&
				slices.Contains(c.Requires.Named(), programme.Subject{Kind: programme.KindExam, Code: r.Result.Exam})
		})
		n += flag(named && r.Result.Outcome == programme.Pass && r.Result.State == ledger.StateRecorded && r.Result.TakenAt.Before(day.Time()))
	}
	return n
}

// file is a random programme of four exams and up to four certifications.
func (s *previewed) file() string {
	badge := rapid.SampledFrom([]string{"", "", ", badge: always", ", badge: never"})
	dates := func() (text string) {
		if rapid.IntRange(0, 6).Draw(s.T, "since?") == 0 {
			text = ", in_programme_since: " + s.day("since").AddDays(-years).String()
		}
		if rapid.IntRange(0, 6).Draw(s.T, "retired?") == 0 {
			text += ", retired: " + s.day("retired").String()
		}
		return text
	}
	text := fmt.Sprintf("issuer: {id: acme, name: Acme %d, url: https://acme.test, email: badges@acme.test, languages: [en, es, fr]}\nexams:\n", s.version)
	parts := []string{}
	for _, code := range []string{"A", "B", "C", "D"} {
		aliases := ""
		if code == "D" {
			aliases = ", aliases: [D-OLD]"
		}
		text += fmt.Sprintf("  - {code: %s, name: %s%s%s%s}\n", code, code, badge.Draw(s.T, "badge"), dates(), aliases)
		parts = append(parts, "exam: "+code)
	}
	text += "certifications:\n"
	for k := range rapid.IntRange(1, 4).Draw(s.T, "certifications") {
		of := rapid.Permutation(parts).Draw(s.T, "of")[:rapid.IntRange(1, 3).Draw(s.T, "parts")]
		list := "[{" + strings.Join(of, "}, {") + "}]"
		requires := rapid.SampledFrom([]string{"all: " + list, "any: " + list, "at_least: {n: 1, of: " + list + "}"}).Draw(s.T, "requires")
		valid := rapid.SampledFrom([]string{"", "", ", valid_for: 6 months", ", valid_for: 24 months"}).Draw(s.T, "valid")
		text += fmt.Sprintf("  - {code: c%d, name: c%d, requires: {%s}%s%s%s}\n", k, k, requires, valid, badge.Draw(s.T, "badge"), dates())
		parts = append(parts, fmt.Sprintf("certification: c%d", k))
	}
	return text
}

const years = 3 * 365

var addresses = []string{"ana@home.test", "ana@work.test"}

// day is one of the last three years.
func (s *previewed) day(label string) programme.Date {
	return s.Today().AddDays(-rapid.IntRange(1, years).Draw(s.T, label))
}

func (s *previewed) someAward() *ledger.Award {
	awards := s.look("").awards
	if len(awards) == 0 {
		return nil
	}
	name := func(id string) string {
		return fmt.Sprint(awards[id].Subject(), awards[id].EarnedOn, awards[id].Version)
	}
	ids := slices.SortedFunc(maps.Keys(awards), func(a, b string) int { return strings.Compare(name(a), name(b)) })
	return awards[ids[rapid.IntRange(0, len(ids)-1).Draw(s.T, "award")]]
}

// state is what there is at a moment.
type state struct {
	awards  map[string]*ledger.Award
	results []issuer.Receipt
	letters []issuer.OfferLetter
	links   []link
}

type link struct {
	ID, Email string
	Awards    ledger.IDList
}

// look reads what there is of a candidate, or of all.
func (s *previewed) look(candidate string) state {
	now := state{awards: map[string]*ledger.Award{}}
	list, _, err := s.Awards(s.ctx, s.Caller, issuer.Page{Candidate: candidate, Limit: 200})
	s.check(err)
	for _, l := range s.Letters.Offers() {
		if slices.ContainsFunc(list, func(a *ledger.Award) bool { return a.ID == l.Badges[0].Award.ID }) {
			now.letters = append(now.letters, l)
		}
	}
	for _, a := range list {
		now.awards[a.ID] = a
	}
	s.check(s.DB.Reader().Select(s.ctx, &now.links, `SELECT id, email, awards FROM claim`))
	now.links = slices.DeleteFunc(now.links, func(l link) bool {
		return !slices.ContainsFunc(list, func(a *ledger.Award) bool { return a.ID == l.Awards[0] })
	})
	now.results, _, err = s.Results(s.ctx, s.Caller, issuer.Page{Candidate: candidate, Limit: 200})
	s.check(err)
	return now
}

// since tells what came of which award: offered by a new link, for which a letter goes out if the address wants any, or
// another edition without one.
func (now state) since(before state) (offers []issuer.ExplainedOffer, changes []programme.Subject) {
	known := func(l link) bool {
		return slices.ContainsFunc(before.links, func(was link) bool { return was.ID == l.ID })
	}
	offered := map[string]bool{}
	for _, l := range slices.DeleteFunc(slices.Clone(now.links), known) {
		o := issuer.ExplainedOffer{Email: l.Email, Stopped: true}
		for _, id := range l.Awards {
			offered[id] = true
			o.Badges = append(o.Badges, now.awards[id].Subject())
		}
		for _, letter := range now.letters[len(before.letters):] {
			if letter.Key == l.ID {
				o.Stopped = letter.Email != l.Email || len(letter.Badges) != len(l.Awards)
			}
		}
		sortSubjects(o.Badges)
		offers = append(offers, o)
	}
	slices.SortFunc(offers, func(a, b issuer.ExplainedOffer) int { return strings.Compare(a.Email, b.Email) })
	for id, a := range now.awards {
		if was := before.awards[id]; !offered[id] && (was == nil || a.Version > was.Version) {
			changes = append(changes, a.Subject())
		}
	}
	sortSubjects(changes)
	return offers, changes
}

func sortSubjects(list []programme.Subject) { slices.SortFunc(list, programme.Subject.Compare) }

// work does what is due, and everything that is left to a process after this one.
func (s *previewed) work() {
	for {
		issued, err := s.IssuePending(s.ctx)
		s.check(err)
		done, err := s.Queue.Drain(s.ctx)
		s.check(err)
		if issued+done == 0 {
			return
		}
	}
}

// refusable lets a refusal pass: not every step is possible at every time.
func (s *previewed) refusable(err error) {
	if code(err) == "" {
		s.check(err)
	}
}

func (s *previewed) check(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *previewed) same(what string, want, got any) {
	s.Helper()
	if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(state{}, link{})); diff != "" {
		s.Fatalf("%s:\n%s", what, diff)
	}
}
