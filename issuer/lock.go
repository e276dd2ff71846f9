package issuer

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// lockLedgers makes or locks the candidates of the postings, in the fixed order, and reads the
// ledgers of those that were there before.
func (w *write) lockLedgers(ctx context.Context, batch []*posting) (map[ledger.CandidateKey]*ledger.Ledger, error) {
	wanted := map[ledger.CandidateKey]*posting{}
	for _, p := range batch {
		if k := p.candidate(); wanted[k] == nil {
			wanted[k] = p
		}
	}
	var rows [][]any
	for _, k := range sortedKeys(wanted) {
		r := wanted[k].result
		c := r.Candidate
		rows = append(rows, []any{candidateID(k.Partner, k.Number), k.Partner, k.Number, c.Email, c.Name, c.Locale, r.ID, int64(1), w.Now})
	}
	list, err := upsertCandidates(ctx, w.t, rows)
	if err != nil {
		return nil, err
	}
	ledgers := make(map[ledger.CandidateKey]*ledger.Ledger, len(list))
	var known []*ledger.Ledger
	joint := map[string][]ledger.Candidate{} // by the root of their ledger
	for _, c := range list {
		if c.Ledger != "" {
			joint[c.Ledger] = append(joint[c.Ledger], c.Candidate)
			continue
		}
		l := ledger.Of(c.Candidate)
		ledgers[c.Key()] = l
		if c.Revision > 1 { // otherwise this transaction has made it
			known = append(known, l)
		} else {
			w.newcomers[c.ID] = candidateLetter{Candidate: c.ID, Number: c.Number, StoppedAt: c.StoppedAt}
		}
	}
	for _, root := range slices.Sorted(maps.Keys(joint)) {
		l, err := lockRoot(ctx, w.t, root, joint[root])
		if err != nil {
			return nil, err
		}
		known = append(known, l)
		for _, c := range joint[root] {
			ledgers[c.Key()] = l
		}
	}
	if err := readLedgers(ctx, w.t, known); err != nil {
		return nil, err
	}
	slices.SortFunc(known, func(a, b *ledger.Ledger) int { return cmp.Compare(a.Root().ID, b.Root().ID) })
	for _, l := range known {
		w.CatchUp(l)
	}
	return ledgers, nil
}

// lockRoot locks the ledger that locked candidates share with others. Where another transaction has locked the root and
// waits for one of them, PostgreSQL ends one of the two, and it is run again (see database.InTx).
func lockRoot(ctx context.Context, t *database.Tx, root string, locked []ledger.Candidate) (*ledger.Ledger, error) {
	for _, c := range locked {
		if c.ID == root {
			return ledger.Of(c), nil
		}
	}
	c, _, err := lockCandidate(ctx, t, root)
	return ledger.Of(c), err
}

// upserted is a candidate that was made or locked.
type upserted struct {
	ledger.Candidate
	StoppedAt *time.Time `db:"stopped_at"` // all mail to its address
}

// upsertCandidates makes or locks the candidates of those keys; rows are in the order of locking.
func upsertCandidates(ctx context.Context, t *database.Tx, rows [][]any) (list []upserted, err error) {
	err = t.SelectRows(ctx, &list,
		`INSERT INTO candidate (id, partner_id, number, email, name, locale, first_result, revision, created_at)`, rows, `
		ON CONFLICT (id) DO UPDATE SET revision = candidate.revision + 1
		RETURNING `+candidateColumns+`,
			(SELECT s.created_at FROM mail_stop s WHERE s.email = candidate.email) AS stopped_at`)
	return list, err
}

// lockLedger locks and reads the ledger of a candidate; found is false when there is none.
func (w *write) lockLedger(ctx context.Context, candidateID string) (l *ledger.Ledger, found bool, err error) {
	c, found, err := lockCandidate(ctx, w.t, candidateID)
	if err != nil || !found {
		return nil, false, err
	}
	if c, err = rootOf(ctx, w.t, c); err != nil {
		return nil, false, err
	}
	l = ledger.Of(c)
	if err := readLedgers(ctx, w.t, []*ledger.Ledger{l}); err != nil {
		return nil, false, err
	}
	w.CatchUp(l)
	return l, true, nil
}

// Lock locks and reads the ledgers of candidates, in their order; one ledger of two is the same one.
func (tx Transaction) Lock(ctx context.Context, candidates ...string) ([]*ledger.Ledger, error) {
	return eachLedgerOf(ctx, tx.t, candidates, func(c string) (*ledger.Ledger, bool, error) { return tx.lockLedger(ctx, c) })
}

// eachLedgerOf reads the ledgers of candidates in the order in which they are locked.
func eachLedgerOf(ctx context.Context, t *database.Tx, candidates []string, read func(candidate string) (*ledger.Ledger, bool, error)) ([]*ledger.Ledger, error) {
	known, err := selectCandidates(ctx, t, candidates)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(known, func(a, b ledger.Candidate) int { return cmp.Compare(a.Root(), b.Root()) })
	var found []*ledger.Ledger
	of := func(candidate string) *ledger.Ledger {
		k := slices.IndexFunc(found, func(l *ledger.Ledger) bool { return l.Candidate(candidate) != nil })
		if k < 0 {
			return nil
		}
		return found[k]
	}
	for _, c := range known {
		if of(c.ID) != nil {
			continue
		}
		l, _, err := read(c.ID)
		if err != nil {
			return nil, err
		}
		found = append(found, l)
	}
	list := make([]*ledger.Ledger, len(candidates))
	for n, c := range candidates {
		if list[n] = of(c); list[n] == nil {
			return nil, errNoCandidate
		}
	}
	return list, nil
}

// readLedgers reads what belongs to ledgers of which the roots are known: the other candidates of those that have any,
// and the results, awards and corrections of all.
func readLedgers(ctx context.Context, t *database.Tx, list []*ledger.Ledger) error {
	if len(list) == 0 {
		return nil
	}
	if err := readMembers(ctx, t, list); err != nil {
		return err
	}
	ids, byID := make([]string, 0, len(list)), make(map[string]*ledger.Ledger, len(list))
	for _, l := range list {
		for _, c := range l.Candidates {
			ids, byID[c.ID] = append(ids, c.ID), l
		}
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
		byID[c.CandidateID].Corrected = append(byID[c.CandidateID].Corrected, c)
	}
	for _, r := range results {
		byID[r.CandidateID].Results = append(byID[r.CandidateID].Results, r)
	}
	for _, a := range awards {
		byID[a.CandidateID].Awards = append(byID[a.CandidateID].Awards, a)
	}
	return nil
}

// readMembers reads the other candidates of joint ledgers.
func readMembers(ctx context.Context, t *database.Tx, list []*ledger.Ledger) error {
	byRoot, roots := map[string]*ledger.Ledger{}, []string(nil)
	for _, l := range list {
		if l.Root().Ledger != "" {
			byRoot[l.Root().ID], roots = l, append(roots, l.Root().ID)
		}
	}
	if len(roots) == 0 {
		return nil
	}
	var members []ledger.Candidate
	err := t.Select(ctx, &members, `
		SELECT `+candidateColumns+`
		FROM candidate
		WHERE ledger IN (?) AND ledger <> id
		ORDER BY id`, roots)
	for _, c := range members {
		byRoot[c.Ledger].Candidates = append(byRoot[c.Ledger].Candidates, ledger.Of(c).Candidates...)
	}
	return err
}

// idsOf are the ids of the candidates of a ledger.
func idsOf(l *ledger.Ledger) (ids []string) {
	for _, c := range l.Candidates {
		ids = append(ids, c.ID)
	}
	return ids
}

func selectLedgerResults(ctx context.Context, t *database.Tx, candidates []string) (list []ledger.Result, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+ledger.ResultColumns+`
		FROM result
		WHERE candidate_id IN (?)
		ORDER BY taken_at, id`, candidates)
	return list, err
}

func selectLedgerAwards(ctx context.Context, t *database.Tx, candidates []string) (list []*ledger.Award, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+ledger.AwardColumns+`
		FROM award
		WHERE candidate_id IN (?)
		ORDER BY earned_on, created_at, id`, candidates)
	return list, err
}

// inOrder sorts candidates as every transaction locks them, so that two never wait for each other.
func inOrder(a, b ledger.CandidateKey) int {
	return cmp.Or(cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.Number, b.Number))
}

func sortedKeys[V any](m map[ledger.CandidateKey]V) []ledger.CandidateKey {
	list := make([]ledger.CandidateKey, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	slices.SortFunc(list, inOrder)
	return list
}
