package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// States of a delivery.
const (
	Waiting   = "waiting"
	Delivered = "delivered"
	Dead      = "dead" // no more tries, unless it is sent again
)

// Delivery is an event on its way to one receiver.
type Delivery struct {
	ID            string     `db:"id"`
	Webhook       string     `db:"webhook_id"`
	Position      int64      `db:"position"` // of the event in its partner's feed
	Event         string     `db:"event_id"`
	Type          string     `db:"type"`
	Candidate     string     `db:"candidate"` // whom it is about, or empty: what is about one is told in order
	State         string     `db:"state"`
	Tries         int        `db:"tries"` // since it was made or asked for again
	NextAttemptAt *time.Time `db:"next_attempt_at"`
	CreatedAt     time.Time  `db:"created_at"`

	AttemptCount int       `db:"attempts"` // where it was read to be sent
	Attempts     []Attempt `db:"-"`        // the oldest first, where it was read to be shown
}

const deliveryColumns = `id, webhook_id, position, event_id, type, candidate, state, tries, next_attempt_at, created_at`

// Attempt is one try.
type Attempt struct {
	Delivery string    `db:"delivery_id"`
	Number   int       `db:"number"`
	At       time.Time `db:"at"`
	Status   int       `db:"status"` // 0 without an answer
	Error    string    `db:"error"`  // why there was none
	TookMS   int64     `db:"took_ms"`
	Body     string    `db:"body"` // the first 2 KiB of an answer
}

const (
	fanOutMost   = 500                 // events a transaction
	madeMost     = 5000                // deliveries a transaction
	deliveryLife = 90 * 24 * time.Hour // as events are kept at least
)

// place is an event's place in the feed of a partner.
type place struct {
	partner  string
	position int64
}

// fanOut makes deliveries of new events of all partners that have webhooks, each event once, whichever process does it.
func (w *Webhooks) fanOut(ctx context.Context) error {
	var behind []string
	err := w.DB.Reader().Select(ctx, &behind, `
		SELECT f.partner_id
		FROM webhook_feed h
		JOIN partner_feed f ON f.partner_id = h.partner_id
		WHERE f.position > h.position
		ORDER BY f.partner_id`)
	if err != nil {
		return fmt.Errorf("look for events to tell: %w", err)
	}
	for _, p := range behind {
		for more := true; more; {
			err := w.DB.InTx(ctx, func(t *database.Tx) (err error) {
				more, err = w.fanOutOne(ctx, t, p)
				return err
			})
			if err != nil {
				return fmt.Errorf("hand events of partner %s to webhooks: %w", p, err)
			}
		}
	}
	return nil
}

// fanOutOne does so for one partner, and for so many events; more says that there are others.
func (w *Webhooks) fanOutOne(ctx context.Context, t *database.Tx, owner string) (more bool, err error) {
	var from int64
	if _, err := t.Get(ctx, &from, `UPDATE webhook_feed SET position = position WHERE partner_id = ? RETURNING position`, owner); err != nil {
		return false, err
	}
	end, err := partner.FeedEnd(ctx, t, owner)
	if err != nil || end <= from {
		return false, err
	}
	var receivers []Webhook
	err = t.Select(ctx, &receivers, `
		SELECT `+webhookColumns+`
		FROM webhook
		WHERE partner_id = ? AND state = ?
		ORDER BY id`, owner, Active)
	if err != nil {
		return false, err
	}
	to := end // where nobody listens, nothing is read
	if len(receivers) > 0 {
		most := min(fanOutMost, madeMost/len(receivers))
		events, err := partner.Between(ctx, t, owner, from, end, most)
		if err != nil {
			return false, err
		}
		if len(events) == most {
			to = events[most-1].Position
		}
		if err := w.insertDeliveries(ctx, t, receivers, events); err != nil {
			return false, err
		}
		if err := w.remember(ctx, t, owner, events); err != nil {
			return false, err
		}
	}
	_, err = t.Exec(ctx, `UPDATE webhook_feed SET position = ? WHERE partner_id = ?`, to, owner)
	return to < end, err
}

func (w *Webhooks) insertDeliveries(ctx context.Context, t *database.Tx, receivers []Webhook, events []partner.FeedEvent) error {
	var rows [][]any
	now := w.second()
	for _, e := range events {
		if e.Type == TypeTest { // it is for the one that asked, who has it
			continue
		}
		for _, r := range receivers {
			if e.Position > r.After && r.Events.wants(e.Type) {
				rows = append(rows, deliveryRow(r.ID, e, now))
			}
		}
	}
	return insertDeliveries(ctx, t, rows)
}

func deliveryRow(webhook string, e partner.FeedEvent, now time.Time) []any {
	var about struct {
		Candidate struct{ ID string }
	}
	_ = json.Unmarshal([]byte(e.Data), &about) // what is about nobody has no order
	return []any{newID("dlv"), webhook, e.Position, e.ID, e.Type, about.Candidate.ID, Waiting, 0, now, now}
}

func insertDeliveries(ctx context.Context, t *database.Tx, rows [][]any) error {
	_, err := t.InsertRows(ctx, `INSERT INTO webhook_delivery (`+deliveryColumns+`)`, rows, ``)
	return err
}

// remember keeps what receivers are about to be sent, so that it is read once for all of them.
func (w *Webhooks) remember(ctx context.Context, t *database.Tx, owner string, events []partner.FeedEvent) error {
	who, found, err := partner.Find(ctx, t, owner)
	if err != nil || !found {
		return err
	}
	for _, e := range events {
		body, err := json.Marshal(e.Document(who.Sandbox))
		if err != nil {
			return err
		}
		w.bodies.Store(place{owner, e.Position}, string(body))
	}
	return nil
}

// body is an event as it is sent.
func (w *Webhooks) body(ctx context.Context, owner string, position int64) (string, error) {
	if body, found := w.bodies.Load(place{owner, position}); found {
		return body, nil
	}
	t := w.DB.Reader()
	events, err := partner.Between(ctx, t, owner, position-1, position, 1)
	if err != nil {
		return "", err
	}
	if len(events) == 0 {
		return "", fmt.Errorf("event %d of partner %s is gone", position, owner)
	}
	if err := w.remember(ctx, t, owner, events); err != nil {
		return "", err
	}
	body, _ := w.bodies.Load(place{owner, position})
	return body, nil
}

// Test sends a webhook an event of its own, whatever it listens to.
func (w *Webhooks) Test(ctx context.Context, caller partner.Caller, id string) (d Delivery, err error) {
	err = w.DB.InTx(ctx, func(t *database.Tx) error {
		if err := mustBeActive(ctx, t, caller, id); err != nil {
			return err
		}
		told, err := partner.Tell(ctx, t, w.second(), partner.Event{Partner: caller.ID, Type: TypeTest, Data: struct{}{}})
		if err != nil {
			return err
		}
		row := deliveryRow(id, told, w.second())
		if err := insertDeliveries(ctx, t, [][]any{row}); err != nil {
			return err
		}
		d, err = selectDelivery(ctx, t, id, row[0].(string))
		return err
	})
	return d, err
}

func mustBeActive(ctx context.Context, t *database.Tx, caller partner.Caller, id string) error {
	m, err := get(ctx, t, caller, id)
	if err == nil && m.State != Active {
		err = refusal.New("webhook_disabled", "The webhook is disabled: make it active first.")
	}
	return err
}

// Deliveries is a page of those of a webhook, the newest first, before a position; 0 is the first page.
func (w *Webhooks) Deliveries(ctx context.Context, caller partner.Caller, id string, before int64, limit int) (list []Delivery, err error) {
	t := w.DB.Reader()
	if _, err := get(ctx, t, caller, id); err != nil {
		return nil, err
	}
	if before == 0 {
		before = 1 << 62
	}
	err = t.Select(ctx, &list, `
		SELECT `+deliveryColumns+`
		FROM webhook_delivery
		WHERE webhook_id = ? AND position < ?
		ORDER BY position DESC
		LIMIT ?`, id, before, limit)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list, addAttempts(ctx, t, list)
}

func addAttempts(ctx context.Context, t *database.Tx, list []Delivery) error {
	ids, places := make([]string, len(list)), map[string]int{}
	for n, d := range list {
		ids[n], places[d.ID] = d.ID, n
	}
	var attempts []Attempt
	err := t.Select(ctx, &attempts, `
		SELECT delivery_id, number, at, status, error, took_ms, body
		FROM webhook_attempt
		WHERE delivery_id IN (?)
		ORDER BY delivery_id, number`, ids)
	for _, a := range attempts {
		d := &list[places[a.Delivery]]
		d.Attempts = append(d.Attempts, a)
	}
	return err
}

// Resend sends a delivery once more at once, whatever became of it, and by the whole schedule if that fails.
func (w *Webhooks) Resend(ctx context.Context, caller partner.Caller, id, delivery string) (d Delivery, err error) {
	err = w.DB.InTx(ctx, func(t *database.Tx) error {
		if err := mustBeActive(ctx, t, caller, id); err != nil {
			return err
		}
		if d, err = selectDelivery(ctx, t, id, delivery); err != nil {
			return err
		}
		now := w.second()
		d.State, d.Tries, d.NextAttemptAt = Waiting, 0, &now
		return updateDelivery(ctx, t, d)
	})
	return d, err
}

func selectDelivery(ctx context.Context, t *database.Tx, webhook, id string) (Delivery, error) {
	list := make([]Delivery, 1)
	found := false
	var err error
	if line.Storable(id) {
		found, err = t.Get(ctx, &list[0], `
			SELECT `+deliveryColumns+`
			FROM webhook_delivery
			WHERE webhook_id = ? AND id = ?`, webhook, id)
	}
	if err == nil && !found {
		err = refusal.New("not_found", "There is no such delivery.")
	}
	if err == nil {
		err = addAttempts(ctx, t, list)
	}
	return list[0], err
}

func updateDelivery(ctx context.Context, t *database.Tx, d Delivery) error {
	_, err := t.Exec(ctx, `
		UPDATE webhook_delivery
		SET state = ?, tries = ?, next_attempt_at = ?
		WHERE id = ?`, d.State, d.Tries, d.NextAttemptAt, d.ID)
	return err
}

// Forget deletes deliveries that are older than events are kept. cmd calls it once an hour.
func (w *Webhooks) Forget(ctx context.Context) error {
	before := w.second().Add(-deliveryLife)
	return w.DB.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `DELETE FROM webhook_attempt WHERE delivery_id IN (SELECT id FROM webhook_delivery WHERE created_at < ?)`, before)
		if err == nil {
			_, err = t.Exec(ctx, `DELETE FROM webhook_delivery WHERE created_at < ?`, before)
		}
		return err
	})
}
