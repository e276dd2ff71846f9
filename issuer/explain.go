package issuer

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/issuer/programme"
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
func (i *Issuer) Explain(ctx context.Context, caller Caller, r Result) (Explanation, error) {
	r, exam, err := i.admit(ctx, r)
	if err != nil {
		return Explanation{}, err
	}
	p, err := newPosting(caller, r, exam)
	if err != nil {
		return Explanation{}, err
	}
	h, err := i.History(ctx)
	if err != nil {
		return Explanation{}, err
	}
	w := &write{i: i, t: i.db.Reader(), now: i.now(), history: h}
	fresh, err := w.answerRepeats(ctx, []*posting{p})
	if err != nil || p.err != nil {
		return Explanation{}, firstError(err, p.err)
	}
	if len(fresh) == 0 {
		return Explanation{Decisions: p.receipt.Decisions, Replayed: true}, nil
	}
	l, err := w.readLedger(ctx, caller, r)
	if err != nil {
		return Explanation{}, err
	}
	e := w.explain(l, p)
	e.Email = r.Candidate.Email
	e.Stopped, err = selectMailStop(ctx, w.t, e.Email)
	return e, err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// readLedger reads a candidate's ledger without locking it; that of a new candidate is empty.
func (w *write) readLedger(ctx context.Context, caller Caller, r Result) (*ledger, error) {
	c, found, err := selectCandidateByNumber(ctx, w.t, caller.ID, r.Candidate.ID)
	if err != nil {
		return nil, fmt.Errorf("read candidate: %w", err)
	}
	if !found {
		return &ledger{}, nil
	}
	c.Revision = 2 // fill reads what is stored
	l := &ledger{candidate: c}
	return l, w.fill(ctx, map[candidateKey]*ledger{c.key(): l})
}

// explain folds the posting into the ledger and compares what follows with what is recorded.
func (w *write) explain(l *ledger, p *posting) (e Explanation) {
	r := p.recorded(l.candidate.ID, w.now)
	l.results = append(l.results, r)
	outcome := w.fold(l)
	e.Decisions = decisions(outcome.Decisions[r.key()], l)
	for _, s := range subjects(outcome, l.awards) {
		pairs, fresh, _ := match(badgeEarnings(outcome, s), l.resting(s))
		for range fresh {
			e.Offers = append(e.Offers, s)
		}
		for _, pair := range pairs {
			if a := *pair.award; a.Revocation != ByStaff {
				if dates, _, _ := a.follow(pair.earning); dates {
					e.Changes = append(e.Changes, s)
				}
			}
		}
	}
	return e
}
