package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/open-insignia/insignia/issuer/programme"
)

// people are candidates whose ledgers are joined and taken apart.
type people struct {
	arrivals
	candidates []string
	ledgers    []*Ledger
	merges     [][2]string // in force
}

func newPeople(h programme.History, candidates ...string) *people {
	p := &people{arrivals: *newArrivals(h), candidates: candidates}
	for _, c := range candidates {
		p.ledgers = append(p.ledgers, Of(Candidate{ID: c, PartnerID: "p", Number: c}))
	}
	return p
}

func (p *people) of(candidate string) *Ledger {
	return p.ledgers[slices.IndexFunc(p.ledgers, func(l *Ledger) bool { return l.Candidate(candidate) != nil })]
}

func (p *people) drop(l *Ledger) {
	p.ledgers = slices.DeleteFunc(p.ledgers, func(o *Ledger) bool { return o == l })
}

func (p *people) merge(into, from string) {
	a, b := p.of(into), p.of(from)
	if a == b {
		return
	}
	c := p.changes()
	for _, l := range []*Ledger{a, b} {
		l.unearned = nil
		c.CatchUp(l)
	}
	l := Join(a, b)
	c.Settle(l, ByLedger)
	p.drop(a)
	p.drop(b)
	p.ledgers, p.merges = append(p.ledgers, l), append(p.merges, [2]string{into, from})
}

// undo undoes a merge, and returns nothing: what leaves is what no other merge leads to from the root.
func (p *people) undo(n int) {
	merge := p.merges[n]
	p.merges = slices.Delete(p.merges, n, n+1)
	l := p.of(merge[0])
	stays := p.connected(l.Root().ID)
	first := merge[1]
	if slices.Contains(stays, first) {
		first = merge[0]
	}
	leaving := []string{first}
	for _, c := range l.Candidates {
		if c.ID != first && !slices.Contains(stays, c.ID) {
			leaving = append(leaving, c.ID)
		}
	}
	c := p.changes()
	l.unearned = nil
	c.CatchUp(l)
	a, b := c.Separate(l, leaving)
	c.Settle(a, ByLedger)
	c.Settle(b, ByLedger)
	p.drop(l)
	p.ledgers = append(p.ledgers, a, b)
}

// connected are the candidates to whom merges in force lead from one.
func (p *people) connected(from string) []string {
	list := []string{from}
	for k := 0; k < len(list); k++ {
		for _, m := range p.merges {
			for n := range m {
				if m[n] == list[k] && !slices.Contains(list, m[1-n]) {
					list = append(list, m[1-n])
				}
			}
		}
	}
	return list
}

// Whatever the order of results, merges and their undoing: in the end each person has what a ledger of their own gives
// to which all results came in order of time. Where an award stays without an earning of its own (see
// TestAwardsDoNotDependOnTheOrder) more may stand.
func TestMergesGiveWhatOneLedgerGives(t *testing.T) {
	n, kept, joined, undone := 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h, results := drawHistory(t), drawResults(t)
		p := newPeople(h, "a", "b", "c", "d")
		for k := range results {
			results[k].CandidateID = rapid.SampledFrom(p.candidates).Draw(t, "candidate")
		}
		for _, r := range rapid.Permutation(results).Draw(t, "order") {
			for rapid.IntRange(0, 2).Draw(t, "more?") > 0 {
				if len(p.merges) > 0 && rapid.IntRange(0, 2).Draw(t, "undo?") == 0 {
					p.undo(rapid.IntRange(0, len(p.merges)-1).Draw(t, "which"))
					undone++
					continue
				}
				pair := rapid.Permutation(p.candidates).Draw(t, "pair")
				p.merge(pair[0], pair[1])
				joined++
			}
			p.ledger = p.of(r.CandidateID)
			p.post(r)
		}
		for len(p.merges) > 0 && rapid.Bool().Draw(t, "undo in the end?") {
			p.undo(0)
		}
		for _, l := range p.ledgers {
			n++
			p.ledger = l
			alone := newArrivals(h)
			alone.ledger = Of(Candidate{ID: "z", PartnerID: "p", Number: "Z"})
			for _, r := range results {
				if l.Candidate(r.CandidateID) != nil {
					r.CandidateID = "z"
					alone.post(r)
				}
			}
			for _, a := range l.Awards {
				if a.Stands() && l.Candidate(a.CandidateID) == nil {
					t.Fatalf("%s is of %s, who is in another ledger", a.line(), a.CandidateID)
				}
				if next := l.Award(a.Successor); a.Successor != "" && next == nil {
					t.Fatalf("%s leads to an award of another ledger", a.line())
				}
			}
			if p.kept() || alone.kept() {
				kept++
				continue
			}
			if diff := cmp.Diff(alone.standing(), p.standing()); diff != "" {
				t.Fatalf("one ledger (-) and merged (+):\n%s", diff)
			}
		}
	})
	t.Logf("%d ledgers, %d merges, %d undone, %d with an award that is kept", n, joined, undone, kept)
}

// Three profiles in a ring: the third merge joins nothing, and undoing one leaves the other.
func TestSeparateBringsBackWhatWasThere(t *testing.T) {
	file, err := programme.Parse(strings.NewReader("issuer: {id: i, name: I, url: https://i.test, email: i@i.test}\nexams: [{code: A, name: A}]\n"), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p := newPeople(programme.History{{Number: 1, Programme: file}}, "a", "b", "c")
	for n, c := range p.candidates {
		p.ledger = p.of(c)
		p.post(Result{
			PartnerID: "p", ID: fmt.Sprintf("r%d", n), CandidateID: c, Exam: "A", Outcome: programme.Pass, State: StateRecorded,
			TakenAt: time.Date(2024, 1, 1+n, 10, 0, 0, 0, time.UTC),
		})
	}
	first := p.of("a").Awards[0]
	others := []*Award{p.of("b").Awards[0], p.of("c").Awards[0]}
	others[1].State, others[1].Holder, others[1].Visibility = Accepted, "acc_1", Public
	p.merge("b", "a")
	p.merge("a", "c")
	p.merge("c", "b")
	if len(p.merges) != 2 || len(p.ledgers) != 1 || others[0].Successor != first.ID || others[1].Successor != first.ID {
		t.Fatalf("got %d merges, %d ledgers, %+v, want one where all lead to the earliest", len(p.merges), len(p.ledgers), others)
	}
	if first.State != Accepted || first.Holder != "acc_1" || first.Visibility != Public {
		t.Errorf("the earliest is %s by %q, want accepted as the one that leads there", first.State, first.Holder)
	}
	p.undo(1)
	if others[0].Successor != first.ID || others[1].Successor != "" || others[1].State != Accepted || first.State != Offered || first.Holder != "" {
		t.Errorf("c alone: got %+v and %+v", others, first)
	}
	p.undo(0)
	if others[0].Successor != "" || !first.Stands() || len(p.ledgers) != 3 {
		t.Errorf("all alone: got %+v and %+v", others, first)
	}
	for _, l := range p.ledgers {
		if len(l.Awards) != 1 {
			t.Errorf("%s has %d awards, want the one of before", l.Root().ID, len(l.Awards))
		}
	}
}
