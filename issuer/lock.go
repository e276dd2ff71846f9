package issuer

import (
	"cmp"
	"context"
	"slices"

	"github.com/open-insignia/insignia/database"
)

// lockLedgers makes or locks the candidates of the postings, in the fixed order, and reads the
// ledgers of those that were there before.
func (w *write) lockLedgers(ctx context.Context, batch []*posting) (map[candidateKey]*ledger, error) {
	wanted := map[candidateKey]*posting{}
	for _, p := range batch {
		if k := p.candidate(); wanted[k] == nil {
			wanted[k] = p
		}
	}
	var rows [][]any
	for _, k := range sortedKeys(wanted) {
		r := wanted[k].result
		c := r.Candidate
		rows = append(rows, []any{candidateID(k.partner, k.number), k.partner, k.number, c.Email, c.Name, c.Locale, r.ID, int64(1), w.now})
	}
	list, err := upsertCandidates(ctx, w.t, rows)
	if err != nil {
		return nil, err
	}
	ledgers := make(map[candidateKey]*ledger, len(list))
	var known []*ledger
	for _, c := range list {
		l := &ledger{candidate: c}
		ledgers[c.key()] = l
		if c.Revision > 1 { // otherwise this transaction has made it
			known = append(known, l)
		}
	}
	if err := readLedgers(ctx, w.t, known); err != nil {
		return nil, err
	}
	slices.SortFunc(known, func(a, b *ledger) int { return cmp.Compare(a.candidate.ID, b.candidate.ID) })
	for _, l := range known {
		w.catchUp(l)
	}
	return ledgers, nil
}

// lockLedger locks and reads the ledger of one candidate; found is false when there is none.
func (w *write) lockLedger(ctx context.Context, candidateID string) (l *ledger, found bool, err error) {
	c, found, err := lockCandidate(ctx, w.t, candidateID)
	if err != nil || !found {
		return nil, false, err
	}
	l = &ledger{candidate: c}
	if err := readLedgers(ctx, w.t, []*ledger{l}); err != nil {
		return nil, false, err
	}
	w.catchUp(l)
	return l, true, nil
}

// readLedgers reads results, awards and corrections of the candidates of ledgers.
func readLedgers(ctx context.Context, t *database.Tx, list []*ledger) error {
	if len(list) == 0 {
		return nil
	}
	ids, byID := make([]string, len(list)), make(map[string]*ledger, len(list))
	for n, l := range list {
		l.address = l.candidate.Email
		ids[n], byID[l.candidate.ID] = l.candidate.ID, l
	}
	results, err := selectLedgerResults(ctx, t, ids)
	if err != nil {
		return err
	}
	awards, err := selectLedgerAwards(ctx, t, ids)
	if err != nil {
		return err
	}
	corrections, err := selectCorrections(ctx, t, ids)
	if err != nil {
		return err
	}
	for _, c := range corrections {
		byID[c.CandidateID].corrected = append(byID[c.CandidateID].corrected, c)
	}
	for _, r := range results {
		byID[r.CandidateID].results = append(byID[r.CandidateID].results, r)
	}
	for _, a := range awards {
		byID[a.CandidateID].awards = append(byID[a.CandidateID].awards, a)
	}
	return nil
}

// inOrder sorts candidates as every transaction locks them, so that two never wait for each other.
func inOrder(a, b candidateKey) int {
	return cmp.Or(cmp.Compare(a.partner, b.partner), cmp.Compare(a.number, b.number))
}

func sortedKeys[V any](m map[candidateKey]V) []candidateKey {
	list := make([]candidateKey, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	slices.SortFunc(list, inOrder)
	return list
}
