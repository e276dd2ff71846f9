package issuer

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

func insertEntries(ctx context.Context, w *write) error {
	rows := make([][]any, 0, len(w.Entries))
	for n, e := range w.Entries {
		rows = append(rows, []any{newOrderedID("ent", w.i.Now(), n), e.Award, e.Change, string(e.Actor.Kind), e.Actor.Name, e.Actor.PartnerID, e.Reason, e.At})
	}
	_, err := w.t.InsertRows(ctx, `INSERT INTO award_entry (id, award_id, change, actor_kind, actor_name, actor_id, reason, created_at)`, rows, ``)
	return err
}

// actorColumns are who did something, and when.
type actorColumns struct {
	Kind    ledger.ActorKind `db:"actor_kind"`
	Name    string           `db:"actor_name"`
	ActorID string           `db:"actor_id"`
	Reason  string           `db:"reason"`
	At      time.Time        `db:"created_at"`
}

func selectAwardEntries(ctx context.Context, t *database.Tx, award string) (list []ledger.Entry, err error) {
	var rows []struct {
		actorColumns
		Change string `db:"change"`
	}
	err = t.Select(ctx, &rows, `
		SELECT change, actor_kind, actor_name, actor_id, reason, created_at
		FROM award_entry
		WHERE award_id = ?
		ORDER BY created_at, id
		LIMIT 1000`, award)
	for _, r := range rows {
		list = append(list, ledger.Entry{At: r.At.UTC(), Actor: ledger.Actor{Kind: r.Kind, Name: r.Name, PartnerID: r.ActorID}, Change: r.Change, Reason: r.Reason})
	}
	return list, err
}

func selectOnceAccepted(ctx context.Context, t *database.Tx, awards []string) (list []string, err error) {
	err = t.Select(ctx, &list, `
		SELECT DISTINCT award_id
		FROM award_entry
		WHERE award_id IN (?) AND change = ?`, awards, ledger.Accepted)
	return list, err
}

type resultChange struct {
	actorColumns
	Action string `db:"action"`
	Before string `db:"before"`
}

func selectResultChanges(ctx context.Context, t *database.Tx, partner, result string) (list []resultChange, err error) {
	err = t.Select(ctx, &list, `
		SELECT action, before, actor_kind, actor_name, actor_id, reason, created_at
		FROM result_change
		WHERE partner_id = ? AND result_id = ?
		ORDER BY created_at, id
		LIMIT 1000`, partner, result)
	return list, err
}
