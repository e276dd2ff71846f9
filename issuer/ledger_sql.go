package issuer

import (
	"cmp"
	"context"
	"slices"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
)

const candidateColumns = `id, partner_id, number, email, name, locale, first_result, revision`

// selectResults finds results by their keys. The ids of each partner go into one list.
func selectResults(ctx context.Context, t *database.Tx, ids map[string][]string) (found []ledger.Result, err error) {
	for partner, list := range ids {
		var part []ledger.Result
		err = t.Select(ctx, &part, `
			SELECT `+ledger.ResultColumns+`
			FROM result
			WHERE partner_id = ? AND id IN (?)`, partner, list)
		if err != nil {
			return nil, err
		}
		found = append(found, part...)
	}
	return found, nil
}

// upsertCandidates makes or locks the candidates of those keys; rows are in the order of locking.
func upsertCandidates(ctx context.Context, t *database.Tx, rows [][]any) (list []ledger.Candidate, err error) {
	err = t.SelectRows(ctx, &list,
		`INSERT INTO candidate (id, partner_id, number, email, name, locale, first_result, revision, created_at)`, rows, `
		ON CONFLICT (id) DO UPDATE SET revision = candidate.revision + 1
		RETURNING `+candidateColumns)
	return list, err
}

// lockCandidate locks a candidate's ledger for this transaction.
func lockCandidate(ctx context.Context, t *database.Tx, id string) (c ledger.Candidate, found bool, err error) {
	found, err = t.Get(ctx, &c, `
		UPDATE candidate
		SET revision = revision + 1
		WHERE id = ?
		RETURNING `+candidateColumns, id)
	return c, found, err
}

// lockCandidateOf locks the ledger that an award belongs to.
func lockCandidateOf(ctx context.Context, t *database.Tx, award string) (c ledger.Candidate, found bool, err error) {
	if !line.Storable(award) {
		return c, false, nil
	}
	found, err = t.Get(ctx, &c, `
		UPDATE candidate
		SET revision = revision + 1
		WHERE id = (SELECT candidate_id FROM award WHERE id = ?)
		RETURNING `+candidateColumns, award)
	return c, found, err
}

// candidateKnown reports whether some candidate, or the owner of some award, has this address, of live partners or of sandboxes.
func candidateKnown(ctx context.Context, t *database.Tx, email string, sandbox bool) (bool, error) {
	if !line.Storable(email) {
		return false, nil
	}
	var one int
	return t.Get(ctx, &one, `
		SELECT 1
		FROM candidate c
		JOIN partner p ON p.id = c.partner_id
		WHERE c.email = ? AND p.sandbox = ?
		UNION ALL
		SELECT 1
		FROM award a
		JOIN partner p ON p.id = a.partner_id
		WHERE a.owner_email = ? AND a.owner_email <> '' AND p.sandbox = ?
		LIMIT 1`, email, database.Flag(sandbox), email, database.Flag(sandbox))
}

func selectCandidate(ctx context.Context, t *database.Tx, id string) (c ledger.Candidate, found bool, err error) {
	found, err = t.Get(ctx, &c, `
		SELECT `+candidateColumns+`
		FROM candidate
		WHERE id = ?`, id)
	return c, found, err
}

func selectCandidates(ctx context.Context, t *database.Tx, ids []string) (list []ledger.Candidate, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+candidateColumns+`
		FROM candidate
		WHERE id IN (?)`, ids)
	return list, err
}

func selectCandidateByNumber(ctx context.Context, t *database.Tx, partner, number string) (c ledger.Candidate, found bool, err error) {
	found, err = t.Get(ctx, &c, `
		SELECT `+candidateColumns+`
		FROM candidate
		WHERE id = ?`, candidateID(partner, number))
	return c, found, err
}

// updateCandidates stores new facts of candidates that this transaction has locked.
func updateCandidates(ctx context.Context, w *write) error {
	for _, l := range w.Restated {
		c := l.Candidate
		_, err := w.t.Exec(ctx, `
			UPDATE candidate
			SET email = ?, name = ?, locale = ?
			WHERE id = ?`, c.Email, c.Name, c.Locale, c.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

func selectLedgerResults(ctx context.Context, t *database.Tx, candidates []string) (list []ledger.Result, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+ledger.ResultColumns+`
		FROM result
		WHERE candidate_id IN (?)
		ORDER BY taken_at, id`, candidates)
	return list, err
}

// insertResults stores the new results. One that another process stored meanwhile is reported as
// errOvertaken.
func insertResults(ctx context.Context, w *write) error {
	rows := make([][]any, 0, len(w.Results))
	inKeyOrder := slices.SortedFunc(slices.Values(w.Results), func(a, b ledger.Result) int {
		return cmp.Or(cmp.Compare(a.PartnerID, b.PartnerID), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range inKeyOrder { // so that two processes with the same results never wait for each other
		rows = append(rows, []any{r.PartnerID, r.ID, r.CandidateID, r.Exam, string(r.Outcome), r.Score, r.MaxScore, r.IdentityMethod,
			r.IdentityMatched, r.State, r.Digest, r.Decisions, r.Awards, r.TakenAt, r.RecordedAt,
			r.CandidateEmail, r.CandidateName, r.CandidateLocale})
	}
	n, err := w.t.InsertRows(ctx, `INSERT INTO result (`+ledger.ResultColumns+`)`, rows, `ON CONFLICT DO NOTHING`)
	if err == nil && int(n) != len(rows) {
		return errOvertaken
	}
	return err
}

func selectCandidatePage(ctx context.Context, t *database.Tx, after string, limit int) (list []ledger.Candidate, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+candidateColumns+`
		FROM candidate
		WHERE id > ?
		ORDER BY id
		LIMIT ?`, after, limit)
	return list, err
}

func insertCorrections(ctx context.Context, w *write) error {
	rows := make([][]any, 0, len(w.Corrections))
	for _, c := range w.Corrections {
		rows = append(rows, []any{c.CandidateID, c.Number, c.Member, c.Was, c.Value, c.Reason, c.CreatedAt})
	}
	_, err := w.t.InsertRows(ctx, `
		INSERT INTO candidate_correction (candidate_id, number, member, was, value, reason, created_at)`, rows, ``)
	return err
}

func selectCorrections(ctx context.Context, t *database.Tx, candidates []string) (list []ledger.Correction, err error) {
	err = t.Select(ctx, &list, `
		SELECT candidate_id, number, member, was, value, reason, created_at
		FROM candidate_correction
		WHERE candidate_id IN (?)
		ORDER BY candidate_id, number`, candidates)
	return list, err
}
