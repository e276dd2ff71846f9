package issuer

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
)

func selectLedgerAwards(ctx context.Context, t *database.Tx, candidates []string) (list []*ledger.Award, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+ledger.AwardColumns+`
		FROM award
		WHERE candidate_id IN (?)
		ORDER BY earned_on, created_at, id`, candidates)
	return list, err
}

func insertAwards(ctx context.Context, w *write) error {
	rows := make([][]any, 0, len(w.Made))
	for _, a := range w.Made {
		rows = append(rows, []any{a.ID, a.CandidateID, a.PartnerID, string(a.Kind), a.Code, a.AchievementID, a.Programme, a.ResultID, a.Supports,
			a.EarnedOn, a.ExpiresOn, a.Renewed, a.Identity, a.Salt, a.State, a.Visibility, a.Holder, database.Flag(a.Scores), a.Version, a.Signed, a.Revision,
			database.Flag(a.Kept), a.Revocation, a.Reason, a.Successor, a.CreatedAt, a.IssuedAt, a.DecidedAt, a.RevokedAt, a.SuspendedAt, a.PublicReason, a.ValidFrom, a.DisputedAt, a.Dispute,
			a.OwnerEmail, a.OwnerName})
	}
	_, err := w.t.InsertRows(ctx, `INSERT INTO award (`+ledger.NewAwardColumns+`)`, rows, ``)
	return err
}

// updateAwards stores what was changed, in the order in which lockRevisions locks. What the holder chose
// without changing the credential has statements of its own.
func updateAwards(ctx context.Context, w *write) error {
	for _, a := range slices.SortedFunc(slices.Values(w.Changed), func(a, b *ledger.Award) int { return cmp.Compare(a.ID, b.ID) }) {
		a.Revision++
		_, err := w.t.Exec(ctx, `
			UPDATE award
			SET programme_version = ?, result_id = ?, supports = ?, earned_on = ?, expires_on = ?, renewed = ?, identity_checked = ?, scores = ?, version = ?,
				revision = revision + 1, kept = ?, revocation = ?, reason = ?, superseded_by = ?, issued_at = ?, revoked_at = ?, suspended_at = ?,
				public_reason = ?, valid_from = ?, disputed_at = ?, dispute = ?, owner_email = ?, owner_name = ?
			WHERE id = ?`,
			a.Programme, a.ResultID, a.Supports, a.EarnedOn, a.ExpiresOn, a.Renewed, a.Identity, database.Flag(a.Scores), a.Version,
			database.Flag(a.Kept), a.Revocation, a.Reason, a.Successor, a.IssuedAt, a.RevokedAt, a.SuspendedAt,
			a.PublicReason, a.ValidFrom, a.DisputedAt, a.Dispute, a.OwnerEmail, a.OwnerName, a.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// storeSupports stores what new awards rest on, and anew what changed ones do. The column of that name says the same
// for the program before.
func storeSupports(ctx context.Context, w *write) error {
	if len(w.Rebased) > 0 {
		_, err := w.t.Exec(ctx, `
			DELETE FROM award_support
			WHERE award_id IN (?)`, []string(ledger.AwardIDs(w.Rebased)))
		if err != nil {
			return err
		}
	}
	rows := make([][]any, 0, len(w.Made)+len(w.Rebased))
	for _, list := range [][]*ledger.Award{w.Made, w.Rebased} {
		for _, a := range list {
			for n, k := range a.Supports {
				rows = append(rows, []any{a.ID, n, k.Partner, k.ID})
			}
		}
	}
	_, err := w.t.InsertRows(ctx, `INSERT INTO award_support (award_id, position, partner_id, result_id)`, rows, ``)
	return err
}

func selectAward(ctx context.Context, t *database.Tx, id string) (*ledger.Award, bool, error) {
	if !line.Storable(id) {
		return nil, false, nil
	}
	a := new(ledger.Award)
	found, err := t.Get(ctx, a, `
		SELECT `+ledger.AwardColumns+`
		FROM award
		WHERE id = ?`, id)
	return a, found, err
}

func selectAwards(ctx context.Context, t *database.Tx, ids []string) (list []*ledger.Award, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+ledger.AwardColumns+`
		FROM award
		WHERE id IN (?)
		ORDER BY kind, created_at, id`, ids)
	return list, err
}

func selectBackpack(ctx context.Context, t *database.Tx, h Holder) (list []*ledger.Award, err error) {
	addresses := h.Addresses
	if len(addresses) == 0 {
		addresses = []string{""}
	}
	// Statements in one, each with an index of its own (see owner.go).
	err = t.Select(ctx, &list, `
		SELECT `+ledger.AwardColumns+`
		FROM award
		WHERE holder = ? AND holder <> ''
		UNION
		SELECT `+ledger.QualifiedAwardColumns+`
		FROM candidate c
		JOIN award a ON a.candidate_id = c.id
		JOIN partner p ON p.id = c.partner_id
		WHERE c.email IN (?) AND p.sandbox >= ? AND a.owner_email = '' AND a.holder = '' AND a.revoked_at IS NULL AND a.superseded_by = ''
		UNION
		SELECT `+ledger.QualifiedAwardColumns+`
		FROM award a
		JOIN partner p ON p.id = a.partner_id
		WHERE a.owner_email IN (?) AND p.sandbox >= ? AND a.owner_email <> '' AND a.holder = '' AND a.revoked_at IS NULL AND a.superseded_by = ''
		UNION
		SELECT `+ledger.QualifiedAwardColumns+`
		FROM award own
		JOIN award a ON a.candidate_id = own.candidate_id AND a.owner_email = own.owner_email
		WHERE own.holder = ? AND own.holder <> '' AND own.state = 'accepted'
			AND a.holder = '' AND a.revoked_at IS NULL AND a.superseded_by = ''
		ORDER BY earned_on DESC, id
		LIMIT 1000`, h.ID, addresses, database.Flag(h.Sandbox), addresses, database.Flag(h.Sandbox), h.ID)
	return list, err
}

// connection is that an account has accepted an award of a person of a candidate's (see owner.go).
type connection struct {
	Candidate string `db:"candidate_id"`
	Owner     string `db:"owner_email"`
}

// selectConnections are those of an account, with one candidate or, if none is named, with all.
func selectConnections(ctx context.Context, t *database.Tx, holder, candidate string) (map[connection]bool, error) {
	var rows []connection
	err := t.Select(ctx, &rows, `
		SELECT DISTINCT candidate_id, owner_email
		FROM award
		WHERE holder = ? AND holder <> '' AND state = 'accepted' AND (candidate_id = ? OR ? = '')`, holder, candidate, candidate)
	with := make(map[connection]bool, len(rows))
	for _, r := range rows {
		with[r] = true
	}
	return with, err
}

// acceptAward changes nothing of a badge that is accepted already.
func acceptAward(ctx context.Context, t *database.Tx, id, holder, visibility string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE award
		SET state = 'accepted', holder = ?, visibility = ?, decided_at = ?, revision = revision + 1
		WHERE id = ? AND state <> 'accepted' AND holder IN ('', ?) AND revoked_at IS NULL AND superseded_by = '' AND disputed_at IS NULL`,
		holder, visibility, now, id, holder)
	return n == 1, err
}

func declineAward(ctx context.Context, t *database.Tx, id, holder string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE award
		SET state = 'declined', holder = ?, decided_at = ?, revision = revision + 1
		WHERE id = ? AND state <> 'declined' AND holder IN ('', ?)`, holder, now, id, holder)
	return n == 1, err
}

// recogniseAward ends a dispute.
func recogniseAward(ctx context.Context, t *database.Tx, id string) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE award
		SET disputed_at = NULL, dispute = '', revision = revision + 1
		WHERE id = ? AND disputed_at IS NOT NULL`, id)
	return n == 1, err
}

// returnAward undoes what an account chose.
func returnAward(ctx context.Context, t *database.Tx, id string) error {
	_, err := t.Exec(ctx, `
		UPDATE award
		SET state = 'offered', holder = '', visibility = 'link', decided_at = NULL
		WHERE id = ?`, id)
	return err
}

func showAward(ctx context.Context, t *database.Tx, id, visibility string) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE award
		SET visibility = ?, revision = revision + 1
		WHERE id = ? AND state = 'accepted' AND visibility <> ?`, visibility, id, visibility)
	return n == 1, err
}
