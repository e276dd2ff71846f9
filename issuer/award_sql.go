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

// known is a person of a candidate's whom an account is known to be (see owner.go).
type known struct {
	Candidate string `db:"candidate_id"`
	Owner     string `db:"owner_email"`
}

// selectKnown are those that an account is, of one candidate or, if none is named, of all: it has accepted an award of
// theirs, has connected their profile, or has confirmed the address of one that is merged with it.
func selectKnown(ctx context.Context, t *database.Tx, h Holder, candidate string) (map[known]bool, error) {
	addresses := h.Addresses
	if len(addresses) == 0 {
		addresses = []string{""}
	}
	var rows []known
	err := t.Select(ctx, &rows, `
		SELECT DISTINCT candidate_id, owner_email
		FROM award
		WHERE holder = ? AND holder <> '' AND state = 'accepted' AND (candidate_id = ? OR ? = '')
		UNION
		SELECT candidate_id, owner_email
		FROM connection
		WHERE account_id = ? AND (candidate_id = ? OR ? = '')
		UNION
		SELECT c.id, ''
		FROM connection n
		JOIN candidate c ON c.ledger = n.candidate_id
		WHERE n.account_id = ? AND n.owner_email = '' AND (c.id = ? OR ? = '')
		UNION
		SELECT m.id, ''
		FROM `+mergedAt+`
		WHERE `+mergedAtHolder+` AND (m.id = ? OR ? = '')`,
		h.ID, candidate, candidate, h.ID, candidate, candidate, h.ID, candidate, candidate,
		addresses, database.Flag(h.Sandbox), h.ID, candidate, candidate)
	with := make(map[known]bool, len(rows))
	for _, r := range rows {
		with[r] = true
	}
	return with, err
}
