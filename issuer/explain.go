package issuer

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
)

// Explanation is what recording a result would do.
type Explanation struct {
	Decisions []Decision
	Offers    []programme.Subject // badges that would be offered, in one letter
	Changes   []programme.Subject // badges whose dates would change, without a letter
	Email     string              // where the letter would go
	Stopped   bool                // no letter would go: the address wants none
	Replayed  bool                // the result is recorded already, and nothing would happen
}

// Explain says what Record would do and does nothing of it.
func (i *Issuer) Explain(ctx context.Context, caller partner.Caller, r Result) (e Explanation, err error) {
	r, exam, err := i.admit(ctx, r)
	if err != nil {
		return e, err
	}
	p, err := newPosting(caller, r, exam)
	if err != nil {
		return e, err
	}
	w := &write{i: i, t: i.db.Reader(), now: i.now()}
	if w.history, err = i.history(ctx, w.t); err != nil {
		return e, err
	}
	fresh, _, err := w.answerRepeats(ctx, []*posting{p})
	if err != nil {
		return e, err
	}
	if len(fresh) == 0 {
		return Explanation{Decisions: p.receipt.Decisions, Replayed: true}, p.err
	}
	l, err := w.readLedger(ctx, caller, r)
	if err != nil {
		return e, err
	}
	e = w.explain(l, p)
	e.Stopped, err = selectMailStop(ctx, w.t, e.Email)
	return e, err
}

// readLedger reads a candidate's ledger without locking it; that of a new candidate is empty.
func (w *write) readLedger(ctx context.Context, caller partner.Caller, r Result) (*ledger, error) {
	c, found, err := selectCandidateByNumber(ctx, w.t, caller.ID, r.Candidate.ID)
	if err != nil {
		return nil, fmt.Errorf("read candidate: %w", err)
	}
	if !found {
		return &ledger{candidate: candidate{PartnerID: caller.ID, Number: r.Candidate.ID}}, nil
	}
	c.Revision = 2 // fill reads what is stored
	l := &ledger{candidate: c}
	return l, w.fill(ctx, map[candidateKey]*ledger{c.key(): l})
}

// explain records the posting in memory only. New awards have no ids that would mean anything later.
func (w *write) explain(l *ledger, p *posting) (e Explanation) {
	r := p.recorded(l.candidate.ID, w.now)
	l.results = append(l.results, r)
	before := l.address
	w.followFacts(l)
	outcome, _ := w.settle(l, byLedger)
	e.Email = l.candidate.Email
	for _, a := range w.due {
		made, moved := slices.Contains(w.made, a), a.waits() && a.OwnerEmail == "" && l.candidate.Email != before
		if !made && !moved {
			e.Changes = append(e.Changes, a.Subject())
			continue
		}
		if made {
			e.Email, a.ID = a.address(l.candidate), ""
		}
		if a.waits() {
			e.Offers = append(e.Offers, a.Subject())
		}
	}
	for _, list := range [][]programme.Subject{e.Offers, e.Changes} {
		slices.SortStableFunc(list, func(a, b programme.Subject) int { return cmp.Compare(a.Kind, b.Kind) })
	}
	e.Decisions = l.decisions(outcome, &r)
	return e
}
