package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

// receiptAnswer is a result with what it did (contract 3).
type receiptAnswer struct {
	Result    resultAnswer     `json:"result"`
	Decisions []decisionAnswer `json:"decisions"`
	Awards    []awardAnswer    `json:"awards"`
	Replayed  bool             `json:"replayed,omitempty"`
}

type resultAnswer struct {
	ID         string          `json:"id"`
	Exam       string          `json:"exam"`
	Outcome    programme.Mark  `json:"outcome"`
	Score      json.RawMessage `json:"score,omitempty"`
	MaxScore   json.RawMessage `json:"max_score,omitempty"`
	State      string          `json:"state"`
	TakenAt    time.Time       `json:"taken_at"`
	RecordedAt time.Time       `json:"recorded_at"`
}

type decisionAnswer struct {
	Subject       programme.Subject         `json:"subject"`
	Outcome       programme.DecisionOutcome `json:"outcome"`
	Reason        programme.Reason          `json:"reason"`
	Certification string                    `json:"certification,omitempty"`
	Missing       *programme.Requirement    `json:"missing,omitempty"`
	Message       string                    `json:"message"`
	Award         string                    `json:"award,omitempty"`
}

// explanationAnswer is what would happen (POST /results/explain).
type explanationAnswer struct {
	Decisions []decisionAnswer `json:"decisions"`
	Mails     []mailAnswer     `json:"mails"`
	Changes   []namedSubject   `json:"changes"` // badges that would get other dates, without a letter
	Replayed  bool             `json:"replayed,omitempty"`
}

type mailAnswer struct {
	Kind   string         `json:"kind"`
	To     string         `json:"to"`
	Badges []namedSubject `json:"badges"`
}

type namedSubject struct {
	programme.Subject
	Name string `json:"name"`
}

func (s *Server) receipt(q *call, r issuer.Receipt) (answer, error) {
	list, err := s.receiptAnswers(q, []issuer.Receipt{r})
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, list[0]}, nil
}

func resultOf(r issuer.Recorded) resultAnswer {
	return resultAnswer{
		ID: r.ID, Exam: r.Exam, Outcome: r.Outcome, State: r.State, TakenAt: r.TakenAt.UTC(), RecordedAt: r.RecordedAt.UTC(),
		Score: json.RawMessage(r.Score), MaxScore: json.RawMessage(r.MaxScore),
	}
}

func (s *Server) decisions(q *call, list []issuer.Decision) ([]decisionAnswer, error) {
	h, err := s.o.Issuer.History(q.Request().Context())
	if err != nil {
		return nil, err
	}
	answers := make([]decisionAnswer, len(list))
	for k, d := range list {
		answers[k] = decisionAnswer{
			Subject: d.Subject, Outcome: d.Outcome, Reason: d.Reason, Certification: d.Certification, Missing: d.Missing,
			Message: templates.Sentence(q.lang, explained(h, d.Decision, q.lang)), Award: d.Award,
		}
	}
	return answers, nil
}

func (s *Server) explanation(q *call, e issuer.Explanation) (answer, error) {
	w := explanationAnswer{Mails: []mailAnswer{}, Replayed: e.Replayed}
	var err error
	if w.Decisions, err = s.decisions(q, e.Decisions); err != nil {
		return answer{}, err
	}
	h, err := s.o.Issuer.History(q.Request().Context())
	if err != nil {
		return answer{}, err
	}
	w.Changes = named(h, e.Changes, q.lang)
	if len(e.Offers) > 0 && !e.Stopped {
		w.Mails = append(w.Mails, mailAnswer{Kind: "offer", To: e.Email, Badges: named(h, e.Offers, q.lang)})
	}
	return answer{http.StatusOK, w}, nil
}

func named(h programme.History, list []programme.Subject, lang string) []namedSubject {
	names := make([]namedSubject, len(list))
	for k, subject := range list {
		names[k] = namedSubject{subject, issuer.Name(h, subject, lang)}
	}
	return names
}

// explained is a decision in the words of the programme, ready to be written as a sentence.
func explained(h programme.History, d programme.Decision, lang string) templates.Decision {
	e := templates.Decision{
		Outcome: string(d.Outcome), Reason: string(d.Reason), Date: d.Date.Time(),
		Subject: subjectOf(h, d.Subject, lang),
	}
	if d.Reason == programme.CertificationRenewed {
		e.Date = d.Expires.Time()
	}
	if d.Certification != "" {
		e.Certification = nameOf(h, programme.Subject{Kind: programme.KindCertification, Code: d.Certification}, lang)
	}
	if d.Missing != nil {
		needs := needed(h, *d.Missing, lang)
		e.Needs = &needs
		e.Book = bookings(h, *d.Missing, lang)
	}
	return e
}

// bookings are the exams of a requirement that can be booked.
func bookings(h programme.History, r programme.Requirement, lang string) (list []templates.Booking) {
	for _, s := range r.Named() {
		e, found := h.Exam(s.Code)
		if s.Kind != programme.KindExam || !found || !e.Retired.IsZero() || webAddress(e.ScheduleURL) == "" {
			continue
		}
		list = append(list, templates.Booking{Exam: subjectOf(h, s, lang).Title(), URL: e.ScheduleURL})
	}
	return list
}

func subjectOf(h programme.History, s programme.Subject, lang string) templates.Subject {
	return templates.Subject{Kind: string(s.Kind), Code: s.Code, Name: nameOf(h, s, lang)}
}

// needed is a requirement as people read it: exams by their codes, which is how they are booked, and names,
// certifications by their names.
func needed(h programme.History, r programme.Requirement, lang string) templates.Needs {
	return programme.Convert(r, func(s programme.Subject) templates.Needs {
		if s.Kind == programme.KindExam {
			return templates.Needs{Exam: subjectOf(h, s, lang).Title()}
		}
		return templates.Needs{Certification: nameOf(h, s, lang)}
	}, templates.NeedsList)
}

// awardAnswer is an award as partners see it (contract 3). It says nothing of who may see the badge.
type awardAnswer struct {
	ID          string          `json:"id"`
	Achievement namedSubject    `json:"achievement"`
	State       string          `json:"state"`
	Validity    issuer.Validity `json:"validity"`
	EarnedOn    programme.Date  `json:"earned_on"`
	ExpiresOn   programme.Date  `json:"expires_on"`
	IssuedAt    time.Time       `json:"issued_at"`
	URL         string          `json:"url"`
	Disputed    *disputeAnswer  `json:"disputed,omitempty"`
	awardDelivery
}

// disputeAnswer is that somebody who got the letter says it is not theirs.
type disputeAnswer struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

func (s *Server) awardAnswer(ctx context.Context, a *issuer.Award, lang string) (awardAnswer, error) {
	achievement, found, err := s.o.Issuer.Achievement(ctx, a.AchievementID)
	if err != nil {
		return awardAnswer{}, fmt.Errorf("read achievement of award %s: %w", a.ID, err)
	}
	if !found {
		return awardAnswer{}, fmt.Errorf("no achievement %s of award %s", a.AchievementID, a.ID)
	}
	f := a.Facts(s.o.Issuer.Today())
	w := awardAnswer{
		ID: a.ID, Achievement: namedSubject{a.Subject(), achievement.In(achievement.Name, lang)},
		State: a.State, Validity: f.Status, EarnedOn: f.EarnedOn, ExpiresOn: f.ExpiresOn,
		IssuedAt: a.IssuedAt.UTC(), URL: s.o.Issuer.BadgeURL(a.ID),
	}
	if a.DisputedAt != nil {
		w.Disputed = &disputeAnswer{a.DisputedAt.UTC(), a.Dispute}
	}
	return w, nil
}
