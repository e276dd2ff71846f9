package partners

import (
	"net/http"

	"github.com/open-insignia/insignia/issuer"
)

// nameRequest is the body of a corrected name.
type nameRequest struct {
	Name         string `json:"name"`
	Reason       string `json:"reason"`
	PublicReason string `json:"public_reason"`
}

// changedAwards is the answer to what changes several awards.
type changedAwards struct {
	Awards []awardAnswer `json:"awards"`
}

// postCandidateName corrects the name of a candidate; badges that stand are signed anew.
func (d *Door) postCandidateName(q *call) (answer, error) {
	var w nameRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	return d.changedAwards(q)(d.issuer.CorrectName(q.Request().Context(), q.caller, segment(q, "id"), w.Name, issuer.Reason{Text: w.Reason, Public: w.PublicReason}))
}

// emailRequest is the body of a corrected address.
type emailRequest struct {
	Email        string `json:"email"`
	Reason       string `json:"reason"`
	PublicReason string `json:"public_reason"`
}

// postCandidateEmail corrects the address of a candidate; what waits is offered there.
func (d *Door) postCandidateEmail(q *call) (answer, error) {
	var w emailRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	return d.changedAwards(q)(d.issuer.CorrectEmail(q.Request().Context(), q.caller, segment(q, "id"), w.Email, issuer.Reason{Text: w.Reason, Public: w.PublicReason}))
}

func (d *Door) changedAwards(q *call) func([]*issuer.Award, error) (answer, error) {
	return func(changed []*issuer.Award, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		awards, err := d.awardAnswers(q, changed)
		return answer{http.StatusOK, changedAwards{awards}}, err
	}
}
