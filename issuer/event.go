package issuer

import (
	"context"

	"github.com/open-insignia/insignia/partner"
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

// appendEvents tells the partners. It comes last in a transaction: it locks their feeds.
func appendEvents(ctx context.Context, w *write) error {
	events := make([]partner.Event, len(w.events))
	for n, e := range w.events {
		events[n] = partner.Event{Partner: e.partner, Type: e.kind, Data: e.data}
	}
	return partner.Append(ctx, w.t, w.now, events)
}
