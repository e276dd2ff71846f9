package partners

import (
	"context"
	"net/http"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
)

func (d *Door) awardRoutes() []web.Route {
	const path, scope = web.APIPath + "/awards", partner.ScopeResults
	i := d.issuer
	return web.Table(
		web.Get(path, d.partner(scope, d.getAwards)),
		web.Get(path+"/:id", d.partner(scope, d.getAward)),
		web.Get(path+"/:id/history", d.partner(scope, d.getHistory(i.AwardHistory))),
		web.Post(path+"/:id/revoke", d.partner(scope, d.postAward(i.RevokeAward))),
		web.Post(path+"/:id/suspend", d.partner(scope, d.postAward(i.SuspendAward))),
		web.Post(path+"/:id/reinstate", d.partner(scope, d.postAward(i.ReinstateAward))),
		web.Post(path+"/:id/resend", d.partner(scope, d.postAwardResend)),
	)
}

// awardAnswer is an award as partners see it (contract 3). It says nothing of who may see the badge.
type awardAnswer struct {
	ID          string          `json:"id"`
	Achievement namedSubject    `json:"achievement"`
	State       string          `json:"state"`
	Validity    ledger.Validity `json:"validity"`
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

func (d *Door) awardAnswer(ctx context.Context, a *ledger.Award, lang string) (awardAnswer, error) {
	achievement, err := d.issuer.OfAward(ctx, a.ID, a.AchievementID)
	if err != nil {
		return awardAnswer{}, err
	}
	f := a.Facts(d.issuer.Today())
	w := awardAnswer{
		ID: a.ID, Achievement: namedSubject{a.Subject(), achievement.In(achievement.Name, lang)},
		State: a.State, Validity: f.Status, EarnedOn: f.EarnedOn, ExpiresOn: f.ExpiresOn,
		IssuedAt: a.IssuedAt.UTC(), URL: d.issuer.BadgeURL(a.ID),
	}
	if a.DisputedAt != nil {
		w.Disputed = &disputeAnswer{a.DisputedAt.UTC(), a.Dispute}
	}
	return w, nil
}

func (d *Door) award(q *call) func(*ledger.Award, error) (answer, error) {
	return func(a *ledger.Award, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		list, err := d.awardAnswers(q, []*ledger.Award{a})
		if err != nil {
			return answer{}, err
		}
		return answer{http.StatusOK, list[0]}, nil
	}
}

// getAward answers GET /api/v1/awards/:id.
func (d *Door) getAward(q *call) (answer, error) {
	return d.award(q)(d.issuer.Award(q.Request().Context(), q.caller, segment(q, "id")))
}

// alter is one of the issuer's verbs that end, pause or resume an award for a reason.
type alter func(ctx context.Context, caller partner.Caller, id string, reason ledger.Reason) (*ledger.Award, error)

// postAward answers POST /api/v1/awards/:id/revoke, POST /api/v1/awards/:id/suspend and POST
// /api/v1/awards/:id/reinstate.
func (d *Door) postAward(verb alter) func(*call) (answer, error) {
	return func(q *call) (answer, error) {
		var w reasonRequest
		if err := q.decodeAll(&w); err != nil {
			return answer{}, err
		}
		return d.award(q)(verb(q.Request().Context(), q.caller, segment(q, "id"), w.reason()))
	}
}

// postAwardResend, POST /api/v1/awards/:id/resend, takes an empty body too: sending a letter again needs no reason.
func (d *Door) postAwardResend(q *call) (answer, error) {
	if len(q.body) > 0 {
		if err := q.decodeAll(new(reasonRequest)); err != nil {
			return answer{}, err
		}
	}
	return d.award(q)(d.issuer.Resend(q.Request().Context(), q.caller, segment(q, "id")))
}

// getAwards answers GET /api/v1/awards.
func (d *Door) getAwards(q *call) (answer, error) {
	page, err := readPage(q, "state", "candidate", "since", "cursor", "limit")
	if err != nil {
		return answer{}, err
	}
	list, next, err := d.issuer.Awards(q.Request().Context(), q.caller, page)
	if err != nil {
		return answer{}, err
	}
	items, err := d.awardAnswers(q, list)
	return answer{http.StatusOK, newPage(items, next)}, err
}

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
func (d *Door) awardAnswers(q *call, list []*ledger.Award) ([]awardAnswer, error) {
	deliveries, err := d.issuer.Deliveries(q.Request().Context(), list...)
	if err != nil {
		return nil, err
	}
	return d.deliveredAwards(q, list, deliveries)
}

func (d *Door) deliveredAwards(
	q *call, list []*ledger.Award, deliveries map[string]issuer.Delivery,
) (answers []awardAnswer, err error) {
	ctx := q.Request().Context()
	answers = make([]awardAnswer, len(list))
	for k, a := range list {
		if answers[k], err = d.awardAnswer(ctx, a, q.lang); err != nil {
			return nil, err
		}
		letter := deliveries[a.ID]
		answers[k].awardDelivery = awardDelivery{
			candidateAnswer{letter.Candidate}, a.Supports.IDsOf(q.caller.ID), letter.Mail, q.caller.Sandbox,
		}
	}
	return answers, nil
}
