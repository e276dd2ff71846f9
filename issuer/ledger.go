package issuer

import (
	"context"

	"github.com/open-insignia/insignia/issuer/programme"
)

// answerRepeats answers the postings whose results are in the ledger already and returns the rest.
func (w *write) answerRepeats(ctx context.Context, batch []*posting) ([]*posting, error) {
	ids := map[string][]string{}
	for _, p := range batch {
		ids[p.caller.ID] = append(ids[p.caller.ID], p.result.ID)
	}
	found, err := selectResults(ctx, w.t, ids)
	if err != nil {
		return nil, err
	}
	known := make(map[programme.ResultKey]Recorded, len(found))
	for _, r := range found {
		known[r.key()] = r
	}
	var fresh []*posting
	for _, p := range batch {
		r, repeated := known[programme.ResultKey{Partner: p.caller.ID, ID: p.result.ID}]
		if !repeated {
			fresh = append(fresh, p)
			continue
		}
		awards, err := w.i.awardsOf(ctx, w.t, r)
		if err != nil {
			return nil, err
		}
		p.repeat(r.Digest, Receipt{Result: r, Decisions: r.Decisions, Awards: awards})
	}
	return fresh, nil
}

// lockLedgers makes or locks the candidates of the postings, in the fixed order, and reads the
// ledgers of those that were there before.
func (w *write) lockLedgers(ctx context.Context, batch []*posting) (map[candidateKey]*ledger, error) {
	wanted := map[candidateKey]*posting{}
	for _, p := range batch {
		k := candidateKey{p.caller.ID, p.result.Candidate.ID}
		if wanted[k] == nil {
			wanted[k] = p
		}
	}
	var rows [][]any
	for _, k := range sortedKeys(wanted) {
		c := wanted[k].result.Candidate
		rows = append(rows, []any{candidateID(k.partner, k.number), k.partner, k.number, c.Email, c.Name, c.Locale, int64(1), w.now})
	}
	list, err := upsertCandidates(ctx, w.t, rows)
	if err != nil {
		return nil, err
	}
	ledgers := make(map[candidateKey]*ledger, len(list))
	for _, c := range list {
		ledgers[c.key()] = &ledger{candidate: c}
	}
	return ledgers, w.fill(ctx, ledgers)
}

// fill reads results and awards of the candidates that this transaction did not make.
func (w *write) fill(ctx context.Context, ledgers map[candidateKey]*ledger) error {
	var ids []string
	byID := map[string]*ledger{}
	for _, l := range ledgers {
		if l.candidate.Revision > 1 {
			ids = append(ids, l.candidate.ID)
			byID[l.candidate.ID] = l
		}
	}
	if len(ids) == 0 {
		return nil
	}
	results, err := selectLedgerResults(ctx, w.t, ids)
	if err != nil {
		return err
	}
	awards, err := selectLedgerAwards(ctx, w.t, ids)
	if err != nil {
		return err
	}
	for _, r := range results {
		byID[r.CandidateID].results = append(byID[r.CandidateID].results, r)
	}
	for _, a := range awards {
		byID[a.CandidateID].awards = append(byID[a.CandidateID].awards, a)
	}
	return nil
}

// lockLedger locks and reads the ledger of one candidate.
func (w *write) lockLedger(ctx context.Context, candidateID string) (*ledger, error) {
	c, found, err := lockCandidate(ctx, w.t, candidateID)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, refuse(NotFound, "not_found", "No such candidate.")
	}
	l := &ledger{candidate: c}
	return l, w.fill(ctx, map[candidateKey]*ledger{c.key(): l})
}
