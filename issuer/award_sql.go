package issuer

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

func selectAward(ctx context.Context, t *database.Tx, id string) (*Award, bool, error) {
	if !storable(id) {
		return nil, false, nil
	}
	a := new(Award)
	found, err := t.Get(ctx, a, `
		SELECT `+awardColumns+`
		FROM award
		WHERE id = ?`, id)
	return a, found, err
}

func selectAwards(ctx context.Context, t *database.Tx, ids []string) (list []*Award, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+awardColumns+`
		FROM award
		WHERE id IN (?)
		ORDER BY kind, created_at, id`, ids)
	return list, err
}

func selectBackpack(ctx context.Context, t *database.Tx, h Holder) (list []*Award, err error) {
	addresses := h.Addresses
	if len(addresses) == 0 {
		addresses = []string{""}
	}
	// Two statements in one, each with an index of its own.
	err = t.Select(ctx, &list, `
		SELECT `+awardColumns+`
		FROM award
		WHERE holder = ? AND holder <> ''
		UNION ALL
		SELECT `+qualifiedAwardColumns+`
		FROM candidate c
		JOIN award a ON a.candidate_id = c.id
		WHERE c.email IN (?) AND a.holder = '' AND a.revoked_at IS NULL AND a.superseded_by = ''
		ORDER BY earned_on DESC, id
		LIMIT 1000`, h.ID, addresses)
	return list, err
}

// acceptAward changes nothing of a badge that is accepted already.
func acceptAward(ctx context.Context, t *database.Tx, id, holder, visibility string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE award
		SET state = 'accepted', holder = ?, visibility = ?, decided_at = ?, revision = revision + 1
		WHERE id = ? AND state <> 'accepted' AND holder IN ('', ?) AND revoked_at IS NULL AND superseded_by = ''`,
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

func showAward(ctx context.Context, t *database.Tx, id, visibility string) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE award
		SET visibility = ?, revision = revision + 1
		WHERE id = ? AND state = 'accepted' AND visibility <> ?`, visibility, id, visibility)
	return n == 1, err
}
