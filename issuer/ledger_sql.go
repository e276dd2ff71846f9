package issuer

import (
	"context"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
)

const candidateColumns = `id, partner_id, number, email, name, locale, first_result, revision, COALESCE(ledger, '') AS ledger`

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

// lockCandidate locks the ledger of a candidate for this transaction, and reads the candidate.
func lockCandidate(ctx context.Context, t *database.Tx, id string) (c ledger.Candidate, found bool, err error) {
	return lockCandidateBy(ctx, t, `SELECT id FROM candidate WHERE id = ?`, id)
}

// lockCandidateBy locks the ledger of the candidate whose id a statement finds: the row of its root. A row whose column
// is NULL never was the root of others. Where the ledger was joined or came apart while its lock was waited for, it is
// looked for again; whoever changes it holds the locks of both.
func lockCandidateBy(ctx context.Context, t *database.Tx, which, argument string) (c ledger.Candidate, found bool, err error) {
	for range writeAttempts {
		found, err = t.Get(ctx, &c, `
			UPDATE candidate
			SET revision = revision + 1
			WHERE id = (SELECT COALESCE(ledger, id) FROM candidate WHERE id = (`+which+`))
			RETURNING `+candidateColumns, argument)
		if err != nil || !found || c.Ledger == "" {
			return c, found, err
		}
		root := c.ID
		found, err = t.Get(ctx, &c, `
			SELECT `+candidateColumns+`
			FROM candidate
			WHERE id = (`+which+`)`, argument)
		if err != nil || !found || c.Root() == root {
			return c, found, err
		}
	}
	return c, false, errTooOften
}

// rootOf is the candidate whose row is the lock of a candidate's ledger.
func rootOf(ctx context.Context, t *database.Tx, c ledger.Candidate) (ledger.Candidate, error) {
	if c.Root() == c.ID {
		return c, nil
	}
	root, _, err := selectCandidate(ctx, t, c.Ledger)
	return root, err
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

func selectCorrections(ctx context.Context, t *database.Tx, candidates []string) (list []ledger.Correction, err error) {
	err = t.Select(ctx, &list, `
		SELECT candidate_id, number, member, was, value, reason, created_at
		FROM candidate_correction
		WHERE candidate_id IN (?)
		ORDER BY candidate_id, number`, candidates)
	return list, err
}
