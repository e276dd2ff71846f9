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
	Offers    []ExplainedOffer    // a letter each
	Changes   []programme.Subject // badges whose dates would change, without a letter
	Replayed  bool                // the result is recorded already, and nothing would happen
}

// ExplainedOffer is what would be offered at one address.
type ExplainedOffer struct {
	Email   string
	Badges  []programme.Subject
	Stopped bool // no letter would go: the address wants none
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
	previews, err := i.newPreviews(ctx, t, h, []*ledger.Ledger{l})
	if err != nil {
		return e, err
	}
	e = explain(l, p, previews[0])
	for k := range e.Offers {
		if e.Offers[k].Stopped, err = selectMailStop(ctx, t, e.Offers[k].Email); err != nil {
			return e, err
		}
	}
	return e, nil
}

// readLedger reads a candidate's ledger without locking it; that of a new candidate is empty.
func readLedger(ctx context.Context, t *database.Tx, caller partner.Caller, r Result) (*ledger.Ledger, error) {
	c, found, err := selectCandidateByNumber(ctx, t, caller.ID, r.Candidate.ID)
	if err != nil {
		return nil, fmt.Errorf("read candidate: %w", err)
	}
	if !found {
		return ledger.Of(ledger.Candidate{ID: candidateID(caller.ID, r.Candidate.ID), PartnerID: caller.ID, Number: r.Candidate.ID}), nil
	}
	if c, err = rootOf(ctx, t, c); err != nil {
		return nil, err
	}
	l := ledger.Of(c)
	return l, readLedgers(ctx, t, []*ledger.Ledger{l})
}

func selectCandidateByNumber(ctx context.Context, t *database.Tx, partner, number string) (c ledger.Candidate, found bool, err error) {
	found, err = t.Get(ctx, &c, `
		SELECT `+candidateColumns+`
		FROM candidate
		WHERE id = ?`, candidateID(partner, number))
	return c, found, err
}

// Preview reads the ledgers of candidates as they are, for changes that nobody stores.
func Preview(ctx context.Context, i *Issuer, candidates ...string) (*ledger.Changes, []*ledger.Ledger, error) {
	t := i.db.Reader()
	h, err := i.HistoryIn(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	changes := &ledger.Changes{History: h, Now: i.now(), IDs: ledger.PreviewIDs()}
	list, err := eachLedgerOf(ctx, t, candidates, func(candidate string) (*ledger.Ledger, bool, error) {
		c, found, err := selectCandidate(ctx, t, candidate)
		if err != nil || !found {
			return nil, false, err
		}
		if c, err = rootOf(ctx, t, c); err != nil {
			return nil, false, err
		}
		l := ledger.Of(c)
		err = readLedgers(ctx, t, []*ledger.Ledger{l})
		return l, true, err
	})
	for n, l := range list {
		if !slices.Contains(list[:n], l) {
			changes.CatchUp(l)
		}
	}
	return changes, list, err
}

// explain tells what recording the posting changes. Awards that would be made have no ids yet.
func explain(l *ledger.Ledger, p *posting, c *preview) (e Explanation) {
	c.CatchUp(l)
	r, _ := c.Record(l, p.recorded(c.Now))
	offered := c.offered()
	for _, a := range certificationsFirst(c.Due) {
		if !slices.Contains(offered, a) {
			e.Changes = append(e.Changes, a.Subject())
			continue
		}
		to := l.Address(a)
		k := slices.IndexFunc(e.Offers, func(o ExplainedOffer) bool { return o.Email == to })
		if k < 0 {
			k, e.Offers = len(e.Offers), append(e.Offers, ExplainedOffer{Email: to})
		}
		e.Offers[k].Badges = append(e.Offers[k].Badges, a.Subject())
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

func certificationsFirst(list []*ledger.Award) []*ledger.Award {
	return slices.SortedStableFunc(slices.Values(list), func(a, b *ledger.Award) int { return cmp.Compare(a.Kind, b.Kind) })
}

// preview is what becomes of a ledger by changes that nobody stores.
type preview struct {
	ledger.Changes
	of     *ledger.Ledger
	before map[string]string // the addresses of its awards
	linked map[link]bool
}

// newPreviews are the previews of ledgers that were just read.
func (i *Issuer) newPreviews(ctx context.Context, t *database.Tx, h programme.History, list []*ledger.Ledger) ([]*preview, error) {
	var ids []string
	for _, l := range list {
		ids = append(ids, idsOf(l)...)
	}
	linked, err := selectLinked(ctx, t, ids)
	previews := make([]*preview, len(list))
	for n, l := range list {
		p := &preview{ledger.Changes{History: h, Now: i.now(), IDs: ledger.PreviewIDs()}, l, map[string]string{}, linked}
		for _, a := range l.Awards {
			p.before[a.ID] = l.Address(a)
		}
		previews[n] = p
	}
	return previews, err
}

// offered are the awards that a letter would tell of, as Offers.Offer sees to it: those that wait and are new, or wait
// at another address to which no link to them went yet.
func (p *preview) offered() (list []*ledger.Award) {
	for _, a := range p.Due {
		to := p.of.Address(a)
		if a.Waits() && p.before[a.ID] != to && !p.linked[link{a.ID, to}] {
			list = append(list, a)
		}
	}
	return list
}
