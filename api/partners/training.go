package partners

import (
	"net/http"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/training"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// trainingCalls are what partners ask about what people completed besides exams.
type trainingCalls struct{ *Door }

func (d *Door) trainingRoutes() []web.Route {
	const path, scope = web.APIPath + "/trainings", partner.ScopeResults
	c := trainingCalls{d}
	return web.Table(
		web.Post(path, c.partner(scope, c.postTraining)),
		web.Get(path+"/:id", c.partner(scope, c.getTraining)),
	)
}

// trainingRequest is the body of POST /trainings (contract 3).
type trainingRequest struct {
	ID          string           `json:"id"`
	Candidate   candidateRequest `json:"candidate"`
	Title       string           `json:"title"`
	URL         string           `json:"url"`
	CompletedAt *time.Time       `json:"completed_at"`
}

// trainingReceipt answers a post with what is kept.
type trainingReceipt struct {
	Training trainingAnswer `json:"training"`
	Replayed bool           `json:"replayed,omitempty"`
}

type trainingAnswer struct {
	ID          string          `json:"id"`
	Candidate   candidateAnswer `json:"candidate"`
	Title       string          `json:"title"`
	URL         string          `json:"url,omitempty"`
	CompletedAt time.Time       `json:"completed_at"`
	RecordedAt  time.Time       `json:"recorded_at"`
}

// postTraining answers POST /api/v1/trainings.
func (d trainingCalls) postTraining(q *call) (answer, error) {
	p, err := d.readTraining(q)
	if err != nil {
		return answer{}, err
	}
	t, replayed, err := d.trainings.Record(q.Request().Context(), q.caller, p)
	if err != nil {
		return answer{}, err
	}
	a := trainingOf(t, replayed)
	if !replayed {
		a.status = http.StatusCreated
	}
	return a, nil
}

// readTraining decodes, and finds all faults of form and content at once.
func (d trainingCalls) readTraining(q *call) (training.Posted, error) {
	var w trainingRequest
	faults, err := q.decode(&w)
	if err != nil {
		return training.Posted{}, err
	}
	p := training.Posted{ID: w.ID, Candidate: issuer.Candidate(w.Candidate), Title: w.Title, URL: w.URL}
	switch {
	case w.CompletedAt == nil || web.HasFault(faults, "/completed_at"):
	case w.CompletedAt.IsZero(): // some programs write it where they have no time
		faults = append(faults, refusal.Field{Pointer: "/completed_at", Code: "bad_value", Detail: "lies before the year 1900"})
	default:
		p.CompletedAt = *w.CompletedAt
	}
	if len(faults) == 0 {
		return p, nil
	}
	return p, web.InvalidRequest(faults, d.trainings.Check(p))
}

// getTraining answers GET /api/v1/trainings/:id.
func (d trainingCalls) getTraining(q *call) (answer, error) {
	t, err := d.trainings.Training(q.Request().Context(), q.caller, segment(q, "id"))
	if err != nil {
		return answer{}, err
	}
	return trainingOf(t, false), nil
}

func trainingOf(t training.Training, replayed bool) answer {
	return answer{http.StatusOK, trainingReceipt{trainingAnswer{
		ID: t.ID, Candidate: candidateAnswer{t.Number}, Title: t.Title, URL: t.URL,
		CompletedAt: t.CompletedAt.UTC(), RecordedAt: t.RecordedAt.UTC(),
	}, replayed}}
}
