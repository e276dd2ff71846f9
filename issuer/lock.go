package issuer

import (
	"cmp"
	"context"
	"maps"
	"slices"
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
	for _, c := range list {
		ledgers[c.key()] = &ledger{candidate: c}
	}
	return ledgers, w.fill(ctx, ledgers)
}

// lockLedger locks and reads the ledger of one candidate; found is false when there is none.
func (w *write) lockLedger(ctx context.Context, candidateID string) (l *ledger, found bool, err error) {
	c, found, err := lockCandidate(ctx, w.t, candidateID)
	if err != nil || !found {
		return nil, false, err
	}
	l = &ledger{candidate: c}
	return l, true, w.fill(ctx, map[candidateKey]*ledger{c.key(): l})
}

// fill reads results, awards and corrections of the candidates that this transaction did not make, and has them
// follow the programme.
func (w *write) fill(ctx context.Context, ledgers map[candidateKey]*ledger) error {
	var ids []string
	byID := map[string]*ledger{}
	for _, l := range ledgers {
		if l.candidate.Revision > 1 {
			ids = append(ids, l.candidate.ID)
			byID[l.candidate.ID] = l
			l.address = l.candidate.Email
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
	corrections, err := selectCorrections(ctx, w.t, ids)
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
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		w.catchUp(byID[id])
	}
	return nil
}

type candidateKey struct{ partner, number string }

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
