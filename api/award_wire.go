package api

import (
	"github.com/open-insignia/insignia/issuer"
)

// awardDelivery is the part of an award that tells its partner whose it is, what it rests on, and whether the
// holder was told (contract 3).
type awardDelivery struct {
	Candidate candidateAnswer `json:"candidate"`
	Results   []string        `json:"results"`
	Mail      issuer.Mail     `json:"mail"`
	Test      bool            `json:"test"`
}

// candidateAnswer names a candidate by the partner's own id.
type candidateAnswer struct {
	ID string `json:"id"`
}

// awardAnswers are awards as their partner sees them, whose letters are looked up once for all.
func (s *Server) awardAnswers(q *call, list []*issuer.Award) ([]awardAnswer, error) {
	ctx := q.Request().Context()
	deliveries, err := s.o.Issuer.Deliveries(ctx, list...)
	if err != nil {
		return nil, err
	}
	answers := make([]awardAnswer, len(list))
	for k, a := range list {
		if answers[k], err = s.awardAnswer(ctx, a, q.lang); err != nil {
			return nil, err
		}
		d := deliveries[a.ID]
		answers[k].awardDelivery = awardDelivery{candidateAnswer{d.Candidate}, append([]string{}, a.Supports...), d.Mail, q.caller.Sandbox}
	}
	return answers, nil
}

// receiptAnswers are receipts, with the letters of all their awards looked up once.
func (s *Server) receiptAnswers(q *call, list []issuer.Receipt) ([]receiptAnswer, error) {
	var awards []*issuer.Award
	for _, r := range list {
		awards = append(awards, r.Awards...)
	}
	answers, err := s.awardAnswers(q, awards)
	if err != nil {
		return nil, err
	}
	items := make([]receiptAnswer, len(list))
	for k, r := range list {
		n := len(r.Awards)
		items[k] = receiptAnswer{Result: resultOf(r.Result), Replayed: r.Replayed, Awards: answers[:n:n]}
		answers = answers[n:]
		if items[k].Decisions, err = s.decisions(q, r.Decisions); err != nil {
			return nil, err
		}
	}
	return items, nil
}
