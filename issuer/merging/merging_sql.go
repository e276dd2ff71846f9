package merging

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// setRoot has the candidates of a ledger point to its root, which points to itself.
func setRoot(ctx context.Context, t *database.Tx, l *ledger.Ledger) error {
	ids := make([]string, len(l.Candidates))
	for n, c := range l.Candidates {
		ids[n] = c.ID
	}
	_, err := t.Exec(ctx, `
		UPDATE candidate
		SET ledger = ?
		WHERE id IN (?)`, l.Root().ID, ids)
	return err
}

func insertMerge(ctx context.Context, t *database.Tx, m Merge, by ledger.Actor) error {
	_, err := t.Exec(ctx, `
		INSERT INTO profile_merge (id, into_candidate, from_candidate, partner_id, reason, awards, actor_kind, actor_name, actor_id,
			created_at, undo_until, undone_reason, undone_kind, undone_name, undone_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '')`,
		m.ID, m.Into, m.From, m.Partner, m.Reason, m.Awards, string(by.Kind), by.Name, by.PartnerID, m.CreatedAt, m.UndoUntil)
	return err
}

const mergeColumns = `m.id, m.into_candidate, m.from_candidate, m.partner_id, m.reason, m.awards, m.created_at, m.undo_until, m.undone_at,
	i.number AS into_number, f.number AS from_number`

func selectMerge(ctx context.Context, t *database.Tx, id string) (m Merge, found bool, err error) {
	found, err = t.Get(ctx, &m, `
		SELECT `+mergeColumns+`
		FROM profile_merge m
		JOIN candidate i ON i.id = m.into_candidate
		JOIN candidate f ON f.id = m.from_candidate
		WHERE m.id = ?`, id)
	return m, found, err
}

// selectInForce are the merges that nobody has undone, of the candidates of a ledger.
func selectInForce(ctx context.Context, t *database.Tx, l *ledger.Ledger) (list []Merge, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+mergeColumns+`
		FROM candidate i
		JOIN profile_merge m ON m.into_candidate = i.id
		JOIN candidate f ON f.id = m.from_candidate
		WHERE i.ledger = ? AND m.undone_at IS NULL
		ORDER BY m.created_at, m.id`, l.Root().ID)
	return list, err
}

// InForce are the merges of a profile that nobody has undone, by the candidate to whom the ledger belongs.
func (m *Merging) InForce(ctx context.Context, root string) (list []Merge, err error) {
	if list, err = selectInForce(ctx, m.db.Reader(), ledger.Of(ledger.Candidate{ID: root})); err != nil {
		return nil, fmt.Errorf("read merges: %w", err)
	}
	return list, nil
}

// markUndone keeps who undid a merge, whose ledger this transaction has locked.
func markUndone(ctx context.Context, t *database.Tx, m Merge, by ledger.Actor, reason ledger.Reason) error {
	_, err := t.Exec(ctx, `
		UPDATE profile_merge
		SET undone_at = ?, undone_reason = ?, undone_kind = ?, undone_name = ?, undone_id = ?, awards = ?
		WHERE id = ? AND undone_at IS NULL`, m.UndoneAt, reason.Text, string(by.Kind), by.Name, by.PartnerID, m.Awards, m.ID)
	return err
}
