package issuer

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
)

func insertClaims(ctx context.Context, t *database.Tx, claims []claimRow, now time.Time) error {
	rows := make([][]any, 0, len(claims))
	for _, c := range claims {
		rows = append(rows, []any{c.ID, c.Digest, c.CandidateID, c.Email, c.Awards, now, ""})
	}
	_, err := t.InsertRows(ctx, `INSERT INTO claim (id, digest, candidate_id, email, awards, created_at, disowned_reason)`, rows, ``)
	return err
}

const claimColumns = `id, digest, candidate_id, email, awards, created_at, replaced_at, disowned_at`

func selectClaim(ctx context.Context, t *database.Tx, digest string) (c claimRow, found bool, err error) {
	found, err = t.Get(ctx, &c, `
		SELECT `+claimColumns+`
		FROM claim
		WHERE digest = ?`, digest)
	return c, found, err
}

// disownClaims notes on all links of a candidate that went to an address that somebody used one to say that it is not theirs.
func disownClaims(ctx context.Context, t *database.Tx, candidate, email, reason string, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE claim
		SET disowned_at = ?, disowned_reason = ?
		WHERE candidate_id = ? AND email = ? AND disowned_at IS NULL`, now, reason, candidate, email)
	return err
}

func replaceClaims(ctx context.Context, t *database.Tx, candidate, email string, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE claim
		SET replaced_at = ?
		WHERE candidate_id = ? AND email = ? AND replaced_at IS NULL`, now, candidate, email)
	return err
}

func replaceClaimsElsewhere(ctx context.Context, t *database.Tx, candidate string, addresses []string, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE claim
		SET replaced_at = ?
		WHERE candidate_id = ? AND replaced_at IS NULL AND email NOT IN (?)`, now, candidate, addresses)
	return err
}

// selectLinked are the awards of candidates to which a link leads that nothing has replaced, with the addresses that
// the links went to.
func selectLinked(ctx context.Context, t *database.Tx, candidates []string) (map[link]bool, error) {
	var rows []claimRow
	err := t.Select(ctx, &rows, `
		SELECT `+claimColumns+`
		FROM claim
		WHERE candidate_id IN (?) AND replaced_at IS NULL`, candidates)
	linked := map[link]bool{}
	for _, r := range rows {
		for _, id := range r.Awards {
			linked[link{id, r.Email}] = true
		}
	}
	return linked, err
}

// markSent notes that the mail took over the letter of a claim.
func markSent(ctx context.Context, t *database.Tx, digest string, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE claim
		SET sent_at = ?, bounced_at = NULL
		WHERE digest = ?`, now, digest)
	return err
}

// markBounced notes that the address of a claim's letter was refused for good, once.
func markBounced(ctx context.Context, t *database.Tx, digest string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE claim
		SET bounced_at = ?
		WHERE digest = ? AND bounced_at IS NULL`, now, digest)
	return n == 1, err
}

func readdressClaim(ctx context.Context, t *database.Tx, digest, email string) error {
	_, err := t.Exec(ctx, `
		UPDATE claim
		SET email = ?
		WHERE digest = ?`, email, digest)
	return err
}

// selectOffers are the awards of a candidate that were offered and wait to be accepted. The letter for
// one that is not signed yet is still to come.
func selectOffers(ctx context.Context, t *database.Tx, candidate string) (list []*ledger.Award, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+ledger.AwardColumns+`
		FROM award
		WHERE candidate_id = ? AND signed > 0 AND state = 'offered' AND revoked_at IS NULL AND superseded_by = '' AND disputed_at IS NULL
		ORDER BY created_at, id
		LIMIT 500`, candidate)
	return list, err
}

// selectOffersAt are the offers at an address, of live partners or of sandboxes: those of its candidates, and those
// that are its owner's though the candidate is somebody else now.
func selectOffersAt(ctx context.Context, t *database.Tx, email string, sandbox bool) (list []*ledger.Award, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+ledger.QualifiedAwardColumns+`
		FROM award a
		JOIN partner p ON p.id = a.partner_id
		WHERE p.sandbox = ? AND a.signed > 0 AND a.state = 'offered' AND a.revoked_at IS NULL AND a.superseded_by = '' AND a.disputed_at IS NULL
			AND a.id IN (
				SELECT id FROM award WHERE owner_email = ? AND owner_email <> ''
				UNION ALL
				SELECT o.id FROM candidate c JOIN award o ON o.candidate_id = c.id WHERE c.email = ? AND o.owner_email = '')
		ORDER BY a.created_at, a.id
		LIMIT 500`, database.Flag(sandbox), email, email)
	return list, err
}

// selectAwardsAt are those of the awards that are a candidate's, or somebody's at an address.
func selectAwardsAt(ctx context.Context, t *database.Tx, ids []string, candidate, email string) (list []*ledger.Award, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+ledger.QualifiedAwardColumns+`
		FROM award a
		JOIN candidate c ON c.id = a.candidate_id
		WHERE a.id IN (?) AND (a.candidate_id = ? OR a.owner_email = ? OR a.owner_email = '' AND c.email = ?)
		ORDER BY a.kind, a.created_at, a.id`, ids, candidate, email, email)
	return list, err
}

// selectWaiting are the awards that wait for the owner of an address.
func selectWaiting(ctx context.Context, t *database.Tx, email string) (list []*ledger.Award, err error) {
	if !line.Storable(email) {
		return nil, nil
	}
	err = t.Select(ctx, &list, `
		SELECT `+ledger.QualifiedAwardColumns+`
		FROM candidate c
		JOIN award a ON a.candidate_id = c.id
		WHERE c.email = ? AND a.owner_email = '' AND a.state = 'offered' AND a.revoked_at IS NULL AND a.superseded_by = '' AND a.disputed_at IS NULL
		UNION ALL
		SELECT `+ledger.AwardColumns+`
		FROM award
		WHERE owner_email = ? AND owner_email <> '' AND state = 'offered' AND revoked_at IS NULL AND superseded_by = '' AND disputed_at IS NULL
		ORDER BY created_at, id
		LIMIT 500`, email, email)
	return list, err
}

// selectLetters are the letters of candidates that hold links that still count, by candidate, the oldest first.
func selectLetters(ctx context.Context, t *database.Tx, candidates []string) (map[string][]candidateLetter, error) {
	var rows []candidateLetter
	err := t.Select(ctx, &rows, lettersQuery, candidates)
	letters := make(map[string][]candidateLetter, len(candidates))
	for _, r := range rows {
		letters[r.Candidate] = append(letters[r.Candidate], r)
	}
	return letters, err
}

const lettersQuery = `
	SELECT c.id, c.number, s.created_at AS stopped_at, l.awards, l.sent_at, l.bounced_at
	FROM candidate c
	LEFT JOIN mail_stop s ON s.email = c.email
	LEFT JOIN claim l ON l.candidate_id = c.id AND l.replaced_at IS NULL
	WHERE c.id IN (?)
	ORDER BY l.created_at, l.id`

func selectMailStop(ctx context.Context, t *database.Tx, email string) (stopped bool, err error) {
	var one int
	return t.Get(ctx, &one, `SELECT 1 FROM mail_stop WHERE email = ?`, email)
}

// selectMailStops are those of the addresses that want no letters about badges.
func selectMailStops(ctx context.Context, t *database.Tx, emails []string) (stopped map[string]bool, err error) {
	stopped = map[string]bool{}
	if len(emails) == 0 {
		return stopped, nil
	}
	var list []string
	err = t.Select(ctx, &list, `
		SELECT email
		FROM mail_stop
		WHERE email IN (?)`, emails)
	for _, email := range list {
		stopped[email] = true
	}
	return stopped, err
}

func insertMailStop(ctx context.Context, t *database.Tx, email string, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO mail_stop (email, created_at)
		VALUES (?, ?)
		ON CONFLICT DO NOTHING`, email, now)
	return err
}

// selectEmails are the addresses that letters for a candidate go to or went to.
func selectEmails(ctx context.Context, t *database.Tx, candidate string) (list []string, err error) {
	err = t.Select(ctx, &list, `
		SELECT email
		FROM candidate
		WHERE id = ?
		UNION
		SELECT email
		FROM claim
		WHERE candidate_id = ?
		LIMIT 100`, candidate, candidate)
	return list, err
}
