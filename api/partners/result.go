package partners

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

func (d *Door) resultRoutes() []web.Route {
	const path, scope = web.APIPath + "/results", partner.ScopeResults
	return web.Table(
		web.Post(path, d.partner(scope, d.postResult)),
		web.Post(path+"/explain", d.partner(scope, d.postResultExplain)),
		web.Get(path, d.partner(scope, d.getResults)),
		web.Get(path+"/:id", d.partner(scope, d.getResult)),
		web.Get(path+"/:id/history", d.partner(scope, d.getHistory(d.issuer.ResultHistory))),
		web.Post(path+"/:id/void", d.partner(scope, d.postResultVoid)),
		web.Post(path+"/:id/corrections", d.partner(scope, d.postResultCorrection)),
		web.Post(path+"/:id/release", d.partner(scope, d.postResultRelease)),
	)
}

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
func (d *Door) readResult(q *call) (issuer.Result, error) {
	var w resultRequest
	faults, err := q.decode(&w)
	if err != nil {
		return issuer.Result{}, err
	}
	return w.result(q.Request().Context(), d.issuer, faults)
}

// ReadResult reads a body of POST /results that came another way, as a row of a file. Its error is what the request
// would be answered with.
func ReadResult(ctx context.Context, i *issuer.Issuer, body []byte) (issuer.Result, error) {
	var w resultRequest
	faults, err := web.DecodeJSON(body, &w)
	if err != nil {
		return issuer.Result{}, web.AsRefusal(err)
	}
	r, err := w.result(ctx, i, faults)
	return r, web.AsRefusal(err)
}

// result is the request as the issuer knows results. faults are those that decoding has found.
func (w resultRequest) result(ctx context.Context, i *issuer.Issuer, faults []refusal.Field) (issuer.Result, error) {
	r := issuer.Result{
		ID: w.ID, Candidate: issuer.Candidate(w.Candidate), Exam: w.Exam, Outcome: programme.Mark(w.Outcome),
		Score: w.Score, MaxScore: w.MaxScore,
	}
	switch {
	case w.TakenAt == nil || web.HasFault(faults, "/taken_at"):
	case w.TakenAt.IsZero(): // some programs write it where they have no time; the issuer would take it for none
		faults = append(faults, refusal.Field{
			Pointer: "/taken_at", Code: "bad_value", Detail: "lies before the year 1900",
		})
	default:
		r.TakenAt = *w.TakenAt
	}
	if c := w.Identity; c != nil {
		r.Identity = &issuer.IdentityCheck{Method: c.Method}
		if c.Matched != nil {
			r.Identity.Matched = *c.Matched
		} else if !web.HasFault(faults, "/identity_check/matched") {
			faults = append(faults, refusal.Field{
				Pointer: "/identity_check/matched", Code: "required", Detail: "is required",
			})
		}
	}
	if len(faults) == 0 {
		return r, nil
	}
	return r, web.InvalidRequest(faults, i.Check(ctx, r))
}

// postResult answers POST /api/v1/results.
func (d *Door) postResult(q *call) (answer, error) {
	r, err := d.readResult(q)
	if err != nil {
		return answer{}, err
	}
	receipt, err := d.issuer.Record(q.Request().Context(), q.caller, r)
	if err != nil {
		return answer{}, err
	}
	a, err := d.receipt(q, receipt)
	if err == nil && !receipt.Replayed {
		a.status = http.StatusCreated
	}
	return a, err
}

// postResultExplain answers POST /api/v1/results/explain.
func (d *Door) postResultExplain(q *call) (answer, error) {
	r, err := d.readResult(q)
	if err != nil {
		return answer{}, err
	}
	e, err := d.issuer.Explain(q.Request().Context(), q.caller, r)
	if err != nil {
		return answer{}, err
	}
	return d.explanation(q, e)
}

// getResult answers GET /api/v1/results/:id.
func (d *Door) getResult(q *call) (answer, error) {
	receipt, err := d.issuer.Result(q.Request().Context(), q.caller, segment(q, "id"))
	if err != nil {
		return answer{}, err
	}
	return d.receipt(q, receipt)
}

// getResults answers GET /api/v1/results.
func (d *Door) getResults(q *call) (answer, error) {
	page, err := readPage(q, "candidate", "since", "cursor", "limit")
	if err != nil {
		return answer{}, err
	}
	list, next, err := d.issuer.Results(q.Request().Context(), q.caller, page)
	if err != nil {
		return answer{}, err
	}
	items, err := d.receiptAnswers(q, list)
	return answer{http.StatusOK, newPage(items, next)}, err
}

// reasonRequest is the body of everything that ends or changes something.
type reasonRequest struct {
	Reason       string `json:"reason"`
	PublicReason string `json:"public_reason"`
}

func (w reasonRequest) reason() ledger.Reason {
	return ledger.Reason{Text: w.Reason, Public: w.PublicReason}
}

// postResultVoid answers POST /api/v1/results/:id/void.
func (d *Door) postResultVoid(q *call) (answer, error) {
	var w reasonRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	return d.changed(q)(d.issuer.Void(q.Request().Context(), q.caller, segment(q, "id"), w.reason()))
}

// postResultRelease answers POST /api/v1/results/:id/release.
func (d *Door) postResultRelease(q *call) (answer, error) {
	var w reasonRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	return d.changed(q)(d.issuer.Release(q.Request().Context(), q.caller, segment(q, "id"), w.reason()))
}

// correctionRequest is the body of POST /results/{id}/corrections.
type correctionRequest struct {
	Outcome      string       `json:"outcome"`
	Score        *json.Number `json:"score"`
	MaxScore     *json.Number `json:"max_score"`
	Reason       string       `json:"reason"`
	PublicReason string       `json:"public_reason"`
}

// postResultCorrection answers POST /api/v1/results/:id/corrections.
func (d *Door) postResultCorrection(q *call) (answer, error) {
	var w correctionRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	c := issuer.Correction{
		Outcome: programme.Mark(w.Outcome), Score: w.Score, MaxScore: w.MaxScore, Reason: w.Reason,
		PublicReason: w.PublicReason,
	}
	return d.changed(q)(d.issuer.Correct(q.Request().Context(), q.caller, segment(q, "id"), c))
}

// changed answers with a receipt, or passes the error on.
func (d *Door) changed(q *call) func(issuer.Receipt, error) (answer, error) {
	return func(r issuer.Receipt, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return d.receipt(q, r)
	}
}

// decode reads the body as one of our wire types.
func (q *call) decode(dest any) ([]refusal.Field, error) {
	if err := web.WantJSON(q, q.body); err != nil {
		return nil, err
	}
	return web.DecodeJSON(q.body, dest)
}

// decodeAll refuses a body with any fault.
func (q *call) decodeAll(dest any) error {
	faults, err := q.decode(dest)
	if err == nil && len(faults) > 0 {
		err = web.InvalidRequest(faults, nil)
	}
	return err
}

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

func (d *Door) receipt(q *call, r issuer.Receipt) (answer, error) {
	list, err := d.receiptAnswers(q, []issuer.Receipt{r})
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, list[0]}, nil
}

func resultOf(r ledger.Result) resultAnswer {
	return resultAnswer{
		ID: r.ID, Exam: r.Exam, Outcome: r.Outcome, State: r.State, TakenAt: r.TakenAt.UTC(),
		RecordedAt: r.RecordedAt.UTC(), Score: json.RawMessage(r.Score),
		MaxScore: json.RawMessage(r.MaxScore),
	}
}

func (d *Door) decisions(q *call, list []ledger.Decision) ([]decisionAnswer, error) {
	h, err := d.issuer.History(q.Request().Context())
	if err != nil {
		return nil, err
	}
	answers := make([]decisionAnswer, len(list))
	for k, one := range list {
		answers[k] = decisionAnswer{
			Subject: one.Subject, Outcome: one.Outcome, Reason: one.Reason, Certification: one.Certification,
			Missing: one.Missing, Message: templates.Sentence(q.lang, wording.Decision(h, one.Decision, q.lang)),
			Award: one.Award,
		}
	}
	return answers, nil
}

func (d *Door) explanation(q *call, e issuer.Explanation) (answer, error) {
	w := explanationAnswer{Mails: []mailAnswer{}, Replayed: e.Replayed}
	var err error
	if w.Decisions, err = d.decisions(q, e.Decisions); err != nil {
		return answer{}, err
	}
	h, err := d.issuer.History(q.Request().Context())
	if err != nil {
		return answer{}, err
	}
	w.Changes = named(h, e.Changes, q.lang)
	for _, o := range e.Offers {
		if !o.Stopped {
			w.Mails = append(w.Mails, mailAnswer{Kind: "offer", To: o.Email, Badges: named(h, o.Badges, q.lang)})
		}
	}
	return answer{http.StatusOK, w}, nil
}

func named(h programme.History, list []programme.Subject, lang string) []namedSubject {
	names := make([]namedSubject, len(list))
	for k, subject := range list {
		names[k] = namedSubject{subject, catalogue.Name(h, subject, lang)}
	}
	return names
}

// receiptAnswers are receipts as their partner sees them.
func (d *Door) receiptAnswers(q *call, list []issuer.Receipt) (items []receiptAnswer, err error) {
	items = make([]receiptAnswer, len(list))
	for k, r := range list {
		items[k] = receiptAnswer{Result: resultOf(r.Result), Replayed: r.Replayed}
		if items[k].Awards, err = d.deliveredAwards(q, r.Awards, r.Deliveries); err != nil {
			return nil, err
		}
		if items[k].Decisions, err = d.decisions(q, r.Decisions); err != nil {
			return nil, err
		}
	}
	return items, nil
}
