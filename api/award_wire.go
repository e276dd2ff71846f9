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
	deliveries, err := s.o.Issuer.Deliveries(q.Request().Context(), list...)
	if err != nil {
		return nil, err
	}
	return s.deliveredAwards(q, list, deliveries)
}

func (s *Server) deliveredAwards(q *call, list []*issuer.Award, deliveries map[string]issuer.Delivery) (answers []awardAnswer, err error) {
	ctx := q.Request().Context()
	answers = make([]awardAnswer, len(list))
	for k, a := range list {
		if answers[k], err = s.awardAnswer(ctx, a, q.lang); err != nil {
			return nil, err
		}
		d := deliveries[a.ID]
		answers[k].awardDelivery = awardDelivery{candidateAnswer{d.Candidate}, append([]string{}, a.Supports...), d.Mail, q.caller.Sandbox}
	}
	return answers, nil
}

// receiptAnswers are receipts as their partner sees them.
func (s *Server) receiptAnswers(q *call, list []issuer.Receipt) (items []receiptAnswer, err error) {
	items = make([]receiptAnswer, len(list))
	for k, r := range list {
		items[k] = receiptAnswer{Result: resultOf(r.Result), Replayed: r.Replayed}
		if items[k].Awards, err = s.deliveredAwards(q, r.Awards, r.Deliveries); err != nil {
			return nil, err
		}
		if items[k].Decisions, err = s.decisions(q, r.Decisions); err != nil {
			return nil, err
		}
	}
	return items, nil
}
