package issuer

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
)

// event is something that a partner may want to hear of.
type event struct {
	partner, kind string
	data          eventData
}

// eventData is what an event tells. A partner learns of states, never of visibility.
type eventData struct {
	Result      string        `json:"result,omitempty"`
	Candidate   string        `json:"candidate,omitempty"`
	Exam        string        `json:"exam,omitempty"`
	Award       string        `json:"award,omitempty"`
	Achievement *eventSubject `json:"achievement,omitempty"`
	Reason      string        `json:"reason,omitempty"`
}

type eventSubject struct {
	Kind string `json:"kind"`
	Code string `json:"code"`
}

func eventFor(state string) string {
	switch state {
	case StateHeld:
		return "result.held"
	case StateVoided:
		return "result.voided"
	}
	return "result.recorded"
}

// insertEvents numbers the events of a transaction so that their ids keep its order.
func insertEvents(ctx context.Context, w *write) error {
	return storeEvents(ctx, w.t, w.i.Now(), w.now, w.events)
}

func storeEvents(ctx context.Context, t *database.Tx, instant, now time.Time, events []event) error {
	rows := make([][]any, 0, len(events))
	for n, e := range events {
		data, err := json.Marshal(e.data)
		if err != nil {
			return fmt.Errorf("write event %s: %w", e.kind, err)
		}
		rows = append(rows, []any{newOrderedID("evt", instant, n), e.partner, e.kind, string(data), now})
	}
	_, err := t.InsertRows(ctx, `INSERT INTO event (id, partner_id, type, data, created_at)`, rows, ``)
	return err
}
