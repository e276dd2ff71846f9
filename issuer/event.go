package issuer

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
)

// resultEvents are the kinds of events of what is done to results, by what it is called in their history.
var resultEvents = map[string]string{"void": "result.voided", "correct": "result.corrected", "release": "result.released"}

// eventData is what an event tells, for ever (contract 3.2). A partner learns of states, never of visibility.
type eventData struct {
	Result    *eventResult    `json:"result,omitempty"`
	Candidate *eventCandidate `json:"candidate,omitempty"`
	Award     *eventAward     `json:"award,omitempty"`
	Merge     *eventMerge     `json:"merge,omitempty"`
	Reason    string          `json:"reason,omitempty"`
}

// eventMerge is a merge of two candidates of the partner's.
type eventMerge struct {
	ID        string    `json:"id"`
	Into      string    `json:"into"`
	From      string    `json:"from"`
	UndoUntil time.Time `json:"undo_until"`
}

type eventResult struct {
	ID      string         `json:"id"`
	Exam    string         `json:"exam"`
	Outcome programme.Mark `json:"outcome"`
	State   string         `json:"state"`
}

type eventCandidate struct {
	ID string `json:"id"`
}

// eventAward is an award as the API answers it, in the issuer's first language.
type eventAward struct {
	ID          string           `json:"id"`
	Achievement eventAchievement `json:"achievement"`
	State       string           `json:"state"`
	Validity    ledger.Validity  `json:"validity"`
	EarnedOn    programme.Date   `json:"earned_on"`
	ExpiresOn   programme.Date   `json:"expires_on"`
	IssuedAt    time.Time        `json:"issued_at"`
	URL         string           `json:"url"`
	Disputed    *eventDispute    `json:"disputed,omitempty"`
	Candidate   eventCandidate   `json:"candidate"`
	Results     []string         `json:"results"`
	Mail        Mail             `json:"mail"`
	Test        bool             `json:"test"`
}

type eventAchievement struct {
	programme.Subject
	Name string `json:"name"`
}

type eventDispute struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// appendEvents tells the partners. It comes last in a transaction: it locks their feeds.
func appendEvents(ctx context.Context, w *write) error {
	if len(w.Events) == 0 {
		return nil
	}
	var awards []*ledger.Award
	for _, e := range w.Events {
		if e.Award != nil {
			awards = append(awards, e.Award)
		}
	}
	deliveries, err := deliveriesOf(ctx, w.t, awards, w.newcomers)
	if err != nil {
		return err
	}
	for id, d := range deliveries {
		w.deliveries[id] = d
	}
	events := make([]partner.Event, len(w.Events))
	for n, e := range w.Events {
		data := eventData{Candidate: &eventCandidate{e.Candidate}, Reason: e.Reason}
		if r := e.Result; r != nil {
			data.Result = &eventResult{r.ID, r.Exam, r.Outcome, r.State}
		}
		if m := e.Merge; m != nil {
			data.Merge = &eventMerge{m.ID, m.Into, m.From, m.UndoUntil.UTC()}
		}
		if e.Award != nil {
			if data.Award, err = w.eventAward(ctx, e, deliveries[e.Award.ID].Mail); err != nil {
				return err
			}
		}
		events[n] = partner.Event{Partner: e.Partner, Type: e.Kind, Data: data}
	}
	return partner.Append(ctx, w.t, w.Now, events)
}

func (w *write) eventAward(ctx context.Context, e ledger.Event, mail Mail) (*eventAward, error) {
	a := e.Award
	wording, err := w.i.AchievementIn(ctx, w.t, e.Stored.AchievementID)
	if err != nil {
		return nil, err
	}
	f := a.Facts(programme.DateOf(w.Now))
	told := &eventAward{
		ID: a.ID, Achievement: eventAchievement{a.Subject(), wording.In(wording.Name, wording.Language)},
		State: a.State, Validity: f.Status, EarnedOn: f.EarnedOn, ExpiresOn: f.ExpiresOn, IssuedAt: e.Stored.IssuedAt.UTC(),
		URL: w.i.BadgeURL(a.ID), Candidate: eventCandidate{e.Candidate}, Results: a.Supports.IDsOf(e.Partner),
		Mail: mail, Test: wording.Test,
	}
	if a.DisputedAt != nil {
		told.Disputed = &eventDispute{a.DisputedAt.UTC(), a.Dispute}
	}
	return told, nil
}
