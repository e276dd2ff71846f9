package api

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
)

// resultRequest is the body of POST /results (contract 3).
type resultRequest struct {
	ID        string           `json:"id"`
	Candidate candidateRequest `json:"candidate"`
	Exam      string           `json:"exam"`
	Outcome   string           `json:"outcome"`
	Score     *json.Number     `json:"score"`
	MaxScore  *json.Number     `json:"max_score"`
	TakenAt   *time.Time       `json:"taken_at"`
	Identity  *identityRequest `json:"identity_check"`
}

type candidateRequest struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Name   string `json:"name"`
	Locale string `json:"locale"`
}

type identityRequest struct {
	Method  string `json:"method"`
	Matched *bool  `json:"matched"`
}

// readResult decodes and checks as far as that can be done without recording anything: all faults of form
// and content come at once.
func (s *Server) readResult(q *call) (issuer.Result, error) {
	var w resultRequest
	faults, err := q.decode(&w)
	if err != nil {
		return issuer.Result{}, err
	}
	r := issuer.Result{
		ID: w.ID, Candidate: issuer.Candidate(w.Candidate), Exam: w.Exam, Outcome: programme.Mark(w.Outcome),
		Score: w.Score, MaxScore: w.MaxScore,
	}
	switch {
	case w.TakenAt == nil || under(faults, "/taken_at"):
	case w.TakenAt.IsZero(): // some programs write it where they have no time; the issuer would take it for none
		faults = append(faults, refusal.Field{Pointer: "/taken_at", Code: "bad_value", Detail: "lies before the year 1900"})
	default:
		r.TakenAt = *w.TakenAt
	}
	if i := w.Identity; i != nil {
		r.Identity = &issuer.IdentityCheck{Method: i.Method}
		if i.Matched != nil {
			r.Identity.Matched = *i.Matched
		} else if !under(faults, "/identity_check/matched") {
			faults = append(faults, refusal.Field{Pointer: "/identity_check/matched", Code: "required", Detail: "is required"})
		}
	}
	if len(faults) == 0 {
		return r, nil
	}
	return r, invalid(faults, s.o.Issuer.Check(q.Request().Context(), r))
}

func (s *Server) postResult(q *call) (answer, error) {
	r, err := s.readResult(q)
	if err != nil {
		return answer{}, err
	}
	receipt, err := s.o.Issuer.Record(q.Request().Context(), q.caller, r)
	if err != nil {
		return answer{}, err
	}
	a, err := s.receipt(q, receipt)
	if err == nil && !receipt.Replayed {
		a.status = http.StatusCreated
	}
	return a, err
}

func (s *Server) postResultExplain(q *call) (answer, error) {
	r, err := s.readResult(q)
	if err != nil {
		return answer{}, err
	}
	e, err := s.o.Issuer.Explain(q.Request().Context(), q.caller, r)
	if err != nil {
		return answer{}, err
	}
	return s.explanation(q, e)
}

func (s *Server) getResult(q *call) (answer, error) {
	receipt, err := s.o.Issuer.Result(q.Request().Context(), q.caller, segment(q, "id"))
	if err != nil {
		return answer{}, err
	}
	return s.receipt(q, receipt)
}

func (s *Server) getResults(q *call) (answer, error) {
	page, err := readPage(q, "candidate", "since", "cursor", "limit")
	if err != nil {
		return answer{}, err
	}
	list, next, err := s.o.Issuer.Results(q.Request().Context(), q.caller, page)
	if err != nil {
		return answer{}, err
	}
	items, err := s.receiptAnswers(q, list)
	return answer{http.StatusOK, newPage(items, next)}, err
}

// reasonRequest is the body of everything that ends or changes something.
type reasonRequest struct {
	Reason       string `json:"reason"`
	PublicReason string `json:"public_reason"`
}

func (w reasonRequest) reason() issuer.Reason {
	return issuer.Reason{Text: w.Reason, Public: w.PublicReason}
}

func (s *Server) postResultVoid(q *call) (answer, error) {
	var w reasonRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	return s.changed(q)(s.o.Issuer.Void(q.Request().Context(), q.caller, segment(q, "id"), w.reason()))
}

func (s *Server) postResultRelease(q *call) (answer, error) {
	var w reasonRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	return s.changed(q)(s.o.Issuer.Release(q.Request().Context(), q.caller, segment(q, "id"), w.reason()))
}

// correctionRequest is the body of POST /results/{id}/corrections.
type correctionRequest struct {
	Outcome      string       `json:"outcome"`
	Score        *json.Number `json:"score"`
	MaxScore     *json.Number `json:"max_score"`
	Reason       string       `json:"reason"`
	PublicReason string       `json:"public_reason"`
}

func (s *Server) postResultCorrection(q *call) (answer, error) {
	var w correctionRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	c := issuer.Correction{Outcome: programme.Mark(w.Outcome), Score: w.Score, MaxScore: w.MaxScore, Reason: w.Reason, PublicReason: w.PublicReason}
	return s.changed(q)(s.o.Issuer.Correct(q.Request().Context(), q.caller, segment(q, "id"), c))
}

// changed answers with a receipt, or passes the error on.
func (s *Server) changed(q *call) func(issuer.Receipt, error) (answer, error) {
	return func(r issuer.Receipt, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return s.receipt(q, r)
	}
}

// decode reads the body as one of our wire types.
func (q *call) decode(dest any) ([]refusal.Field, error) {
	if err := wantJSON(q, q.body); err != nil {
		return nil, err
	}
	return decode(q.body, dest)
}

// decodeAll refuses a body with any fault.
func (q *call) decodeAll(dest any) error {
	faults, err := q.decode(dest)
	if err == nil && len(faults) > 0 {
		err = invalid(faults, nil)
	}
	return err
}
