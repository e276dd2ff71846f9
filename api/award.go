package api

import (
	"context"
	"net/http"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/partner"
)

func (s *Server) award(q *call) func(*issuer.Award, error) (answer, error) {
	return func(a *issuer.Award, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		list, err := s.awardAnswers(q, []*issuer.Award{a})
		if err != nil {
			return answer{}, err
		}
		return answer{http.StatusOK, list[0]}, nil
	}
}

func (s *Server) getAward(q *call) (answer, error) {
	return s.award(q)(s.o.Issuer.Award(q.Request().Context(), q.caller, segment(q, "id")))
}

// alter is one of the issuer's verbs that end, pause or resume an award for a reason.
type alter func(ctx context.Context, caller partner.Caller, id string, reason issuer.Reason) (*issuer.Award, error)

func (s *Server) postAward(verb alter) func(*call) (answer, error) {
	return func(q *call) (answer, error) {
		var w reasonRequest
		if err := q.decodeAll(&w); err != nil {
			return answer{}, err
		}
		return s.award(q)(verb(q.Request().Context(), q.caller, segment(q, "id"), w.reason()))
	}
}

// postAwardResend takes an empty body too: sending a letter again needs no reason.
func (s *Server) postAwardResend(q *call) (answer, error) {
	if len(q.body) > 0 {
		if err := q.decodeAll(new(reasonRequest)); err != nil {
			return answer{}, err
		}
	}
	return s.award(q)(s.o.Issuer.Resend(q.Request().Context(), q.caller, segment(q, "id")))
}

func (s *Server) getAwards(q *call) (answer, error) {
	page, err := readPage(q, "state", "candidate", "since", "cursor", "limit")
	if err != nil {
		return answer{}, err
	}
	list, next, err := s.o.Issuer.Awards(q.Request().Context(), q.caller, page)
	if err != nil {
		return answer{}, err
	}
	items, err := s.awardAnswers(q, list)
	return answer{http.StatusOK, newPage(items, next)}, err
}
