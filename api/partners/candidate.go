package partners

import (
	"net/http"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/partner"
)

// candidateCalls are what partners ask about their candidates.
type candidateCalls struct{ *Door }

func (d *Door) candidateRoutes() []web.Route {
	const path, scope = web.APIPath + "/candidates", partner.ScopeResults
	c := candidateCalls{d}
	return web.Table(
		web.Get(path+"/:id", c.partner(scope, c.getCandidate)),
		web.Post(path+"/:id/name", c.partner(scope, c.postCandidateName)),
		web.Post(path+"/:id/email", c.partner(scope, c.postCandidateEmail)),
	)
}

// profileAnswer is a candidate as its partner sees it (contract 3.3). It says nothing of accounts.
type profileAnswer struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Email      string      `json:"email"`
	Locale     string      `json:"locale"`
	MergedWith []string    `json:"merged_with"`
	Mail       issuer.Mail `json:"mail"`
	CreatedAt  time.Time   `json:"created_at"`
}

// getCandidate answers GET /api/v1/candidates/:id.
func (d candidateCalls) getCandidate(q *call) (answer, error) {
	p, err := d.issuer.Profile(q.Request().Context(), q.caller, segment(q, "id"))
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, profileAnswer{p.Number, p.Name, p.Email, p.Locale, p.MergedWith, p.Mail, p.CreatedAt.UTC()}}, nil
}

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

// postCandidateName, POST /api/v1/candidates/:id/name, corrects the name of a candidate; badges that stand are signed
// anew.
func (d candidateCalls) postCandidateName(q *call) (answer, error) {
	var w nameRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	return d.changedAwards(q)(d.issuer.CorrectName(q.Request().Context(), q.caller, segment(q, "id"), w.Name, ledger.Reason{
		Text: w.Reason, Public: w.PublicReason,
	}))
}

// emailRequest is the body of a corrected address.
type emailRequest struct {
	Email        string `json:"email"`
	Reason       string `json:"reason"`
	PublicReason string `json:"public_reason"`
}

// postCandidateEmail, POST /api/v1/candidates/:id/email, corrects the address of a candidate; what waits is offered
// there.
func (d candidateCalls) postCandidateEmail(q *call) (answer, error) {
	var w emailRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	reason := ledger.Reason{Text: w.Reason, Public: w.PublicReason}
	return d.changedAwards(q)(d.issuer.CorrectEmail(q.Request().Context(), q.caller, segment(q, "id"), w.Email, reason))
}

func (d candidateCalls) changedAwards(q *call) func([]*ledger.Award, error) (answer, error) {
	return func(changed []*ledger.Award, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		awards, err := d.awardAnswers(q, changed)
		return answer{http.StatusOK, changedAwards{awards}}, err
	}
}
