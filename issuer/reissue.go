package issuer

import (
	"context"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/openbadge"
)

// signedAward is an award whose edition of that version a certain key has signed.
type signedAward struct {
	ID        string `db:"id"`
	Candidate string `db:"candidate_id"`
	Version   int64  `db:"version"`
	Partner   string `db:"partner_id"`
	Number    string `db:"number"` // of the candidate, or of the root of its ledger, whose partner that is
}

func (s signedAward) key() ledger.CandidateKey {
	return ledger.CandidateKey{Partner: s.Partner, Number: s.Number}
}

type reissuePayload struct {
	Key string `json:"key"`
}

// ReissueSignedBy has new editions signed of all awards whose current one was signed with a key, in
// whichever form: what a revoked key signed is not to be trusted. It returns how many awards those are;
// IssueLoop signs them. The key is to be revoked before.
//
// A process that has not heard of the revocation yet may be about to store what it signed; a job looks for
// that when all such work has ended.
func (i *Issuer) ReissueSignedBy(ctx context.Context, key credential.PublicKey) (n int64, err error) {
	names := []string{key.ID}
	if key.Purpose == credential.ForProof { // what was signed before such keys had addresses is stored under the key itself
		multikey, err := openbadge.Multikey(key.Public)
		if err != nil {
			return 0, err
		}
		names = append(names, multikey)
	}
	err = i.db.InTx(ctx, func(t *database.Tx) error {
		for _, by := range names {
			if err := i.queue.Add(ctx, t, jobs.Task{Kind: jobReissue, Payload: reissuePayload{by}, RunAt: i.now().Add(2 * batchTimeout)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, by := range names {
		more, err := i.reissueSignedBy(ctx, by)
		if n += more; err != nil {
			return n, err
		}
	}
	return n, nil
}

func (i *Issuer) reissueJob(ctx context.Context, j jobs.Job) error {
	var p reissuePayload
	if err := j.Decode(&p); err != nil {
		return err
	}
	_, err := i.reissueSignedBy(ctx, p.Key)
	return err
}

const reissuePage = 200 // awards a transaction

func (i *Issuer) reissueSignedBy(ctx context.Context, key string) (total int64, err error) {
	for after := (signedAward{}); ; {
		page, err := selectSignedBy(ctx, i.db.Reader(), key, after, reissuePage)
		if err != nil || len(page) == 0 {
			return total, err
		}
		after = page[len(page)-1]
		var n int64
		err = i.inWrite(ctx, func(w *write) error {
			n, err = w.reissueAll(ctx, page)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("reissue awards: %w", err)
		}
		total += n
	}
}

// selectSignedBy are awards whose current edition a key has signed in some form, those that come after one
// of them.
func selectSignedBy(ctx context.Context, t *database.Tx, key string, after signedAward, most int) (list []signedAward, err error) {
	err = t.Select(ctx, &list, `
		SELECT a.id, a.candidate_id, a.version, n.partner_id, n.number
		FROM award a
		JOIN candidate c ON c.id = a.candidate_id
		JOIN candidate n ON n.id = COALESCE(c.ledger, c.id)
		WHERE a.signed = a.version AND (a.candidate_id, a.id) > (?, ?) AND (
			EXISTS (SELECT 1 FROM credential e WHERE e.award_id = a.id AND e.version = a.version AND e.signed_by = ?)
			OR EXISTS (SELECT 1 FROM credential_form f WHERE f.award_id = a.id AND f.version = a.version AND f.signed_by = ?))
		ORDER BY a.candidate_id, a.id
		LIMIT ?`, after.Candidate, after.ID, key, key, most)
	return list, err
}

// reissueAll has new editions signed of the awards that nobody has changed meanwhile.
func (w *write) reissueAll(ctx context.Context, list []signedAward) (n int64, err error) {
	slices.SortStableFunc(list, func(a, b signedAward) int { return inOrder(a.key(), b.key()) })
	var l *ledger.Ledger
	for _, s := range list {
		if l == nil || l.Candidate(s.Candidate) == nil {
			if l, _, err = w.lockLedger(ctx, s.Candidate); err != nil {
				return 0, err
			}
		}
		if a := l.Award(s.ID); a.Signed == s.Version && a.Version == s.Version {
			w.Reissue(a)
			n++
		}
	}
	return n, nil
}
