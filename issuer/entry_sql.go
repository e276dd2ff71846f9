package issuer

import (
	"context"
	"time"

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

type resultChange struct {
	actorColumns
	Action string `db:"action"`
	Before string `db:"before"`
}
