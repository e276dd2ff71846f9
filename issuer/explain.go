package issuer

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
)

// Explanation is what recording a result would do.
type Explanation struct {
	Decisions []ledger.Decision
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
	t := i.db.Reader()
	h, err := i.HistoryIn(ctx, t)
	if err != nil {
		return e, err
	}
	fresh, _, err := answerRepeats(ctx, t, []*posting{p})
	if err != nil {
		return e, err
	}
	if len(fresh) == 0 {
		return Explanation{Decisions: p.receipt.Decisions, Replayed: true}, p.err
	}
	l, err := readLedger(ctx, t, caller, r)
	if err != nil {
		return e, err
	}
	e = explain(l, p, ledger.Changes{History: h, Now: i.now(), IDs: ledger.PreviewIDs()})
	e.Stopped, err = selectMailStop(ctx, t, e.Email)
	return e, err
}

// readLedger reads a candidate's ledger without locking it; that of a new candidate is empty.
func readLedger(ctx context.Context, t *database.Tx, caller partner.Caller, r Result) (*ledger.Ledger, error) {
	c, found, err := selectCandidateByNumber(ctx, t, caller.ID, r.Candidate.ID)
	if err != nil {
		return nil, fmt.Errorf("read candidate: %w", err)
	}
	if !found {
		return &ledger.Ledger{Candidate: ledger.Candidate{PartnerID: caller.ID, Number: r.Candidate.ID}}, nil
	}
	l := &ledger.Ledger{Candidate: c}
	return l, readLedgers(ctx, t, []*ledger.Ledger{l})
}

// explain tells what recording the posting changes. Awards that would be made have no ids yet.
func explain(l *ledger.Ledger, p *posting, c ledger.Changes) (e Explanation) {
	before := l.Address
	c.CatchUp(l)
	r, _ := c.Record(l, p.recorded(l.Candidate.ID, c.Now))
	e.Email = l.Candidate.Email
	for _, a := range c.Due {
		made, moved := slices.Contains(c.Made, a), a.Waits() && a.OwnerEmail == "" && l.Candidate.Email != before
		if !made && !moved {
			e.Changes = append(e.Changes, a.Subject())
			continue
		}
		if made {
			e.Email = a.Address(l.Candidate)
		}
		if a.Waits() {
			e.Offers = append(e.Offers, a.Subject())
		}
	}
	for _, list := range [][]programme.Subject{e.Offers, e.Changes} {
		slices.SortStableFunc(list, func(a, b programme.Subject) int { return cmp.Compare(a.Kind, b.Kind) })
	}
	e.Decisions = r.Decisions
	for k := range e.Decisions {
		d := &e.Decisions[k]
		if slices.ContainsFunc(c.Made, func(a *ledger.Award) bool { return a.ID == d.Award }) {
			d.Award = ""
		}
	}
	return e
}
