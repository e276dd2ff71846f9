package issuer

import (
	"context"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
)

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
