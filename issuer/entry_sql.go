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

// updateResult stores what a change made of a result, whose ledger this transaction has locked.
func updateResult(ctx context.Context, t *database.Tx, r ledger.Result) error {
	_, err := t.Exec(ctx, `
		UPDATE result
		SET outcome = ?, score = ?, max_score = ?, state = ?, decisions = ?, awards = ?
		WHERE partner_id = ? AND id = ?`,
		string(r.Outcome), r.Score, r.MaxScore, r.State, r.Decisions, r.Awards, r.PartnerID, r.ID)
	return err
}

// insertResultChange keeps what the result said before and after, and who changed it.
func insertResultChange(ctx context.Context, w *write, r, before ledger.Result, action string) error {
	_, err := w.t.Exec(ctx, `
		INSERT INTO result_change (id, partner_id, result_id, action, reason, public_reason, before, after, actor_kind, actor_name, actor_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		newOrderedID("chg", w.i.Now(), 0), r.PartnerID, r.ID, action, w.Reason.Text, w.Reason.Public, before.Summary(), r.Summary(),
		string(w.Actor.Kind), w.Actor.Name, w.Actor.PartnerID, w.Now)
	return err
}
