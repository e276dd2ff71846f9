package partners

import (
	"net/http"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/merging"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
)

// mergeCalls are what partners ask about profiles that are one person's.
type mergeCalls struct{ *Door }

func (d *Door) mergeRoutes() []web.Route {
	const path, scope = web.APIPath + "/profiles/merges", partner.ScopeProfiles
	c := mergeCalls{d}
	return web.Table(
		web.Post(path, c.partner(scope, c.postMerge)),
		web.Get(path+"/:id", c.partner(scope, c.getMerge)),
		web.Post(path+"/:id/undo", c.partner(scope, c.postMergeUndo)),
	)
}

// mergeRequest is the body of POST /profiles/merges (contract 3): candidates by the partner's own ids.
type mergeRequest struct {
	Into   string `json:"into"`
	From   string `json:"from"`
	Reason string `json:"reason"`
}

type mergeAnswer struct {
	ID        string     `json:"id"`
	Into      string     `json:"into"`
	From      string     `json:"from"`
	State     string     `json:"state"` // merged or undone
	Reason    string     `json:"reason"`
	CreatedAt time.Time  `json:"created_at"`
	UndoUntil time.Time  `json:"undo_until"`
	UndoneAt  *time.Time `json:"undone_at"`

	Awards []awardAnswer `json:"awards"` // that it made or changed, or its undoing, as they are now
}

// mergePreview is what a merge would do.
type mergePreview struct {
	Into      string              `json:"into"`
	From      string              `json:"from"`
	Before    int                 `json:"awards_before"`
	After     int                 `json:"awards_after"`
	Made      []programme.Subject `json:"made"`
	Collapsed []string            `json:"collapsed"` // ids of awards
}

// postMerge answers POST /api/v1/profiles/merges; ?mode=check changes nothing.
func (d mergeCalls) postMerge(q *call) (answer, error) {
	mode, err := readMode(q)
	if err != nil {
		return answer{}, err
	}
	var w mergeRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	ctx, reason := q.Request().Context(), ledger.Reason{Text: w.Reason}
	if mode == "check" {
		p, err := d.merging.PreviewOwn(ctx, q.caller, w.Into, w.From, reason)
		a := mergePreview{w.Into, w.From, p.Before, p.After, []programme.Subject{}, []string{}}
		a.Made, a.Collapsed = append(a.Made, p.Made...), append(a.Collapsed, p.Collapsed...)
		return answer{http.StatusOK, a}, err
	}
	m, err := d.merging.Own(ctx, q.caller, w.Into, w.From, reason)
	return d.merged(q, http.StatusCreated, m, err)
}

// readMode is whether a merge is to be made or only looked at: run, which is the default, or check.
func readMode(q *call) (mode string, err error) {
	mode = "run"
	err = readQuery(q, []string{"mode"}, func(_, value string) string {
		if mode = value; value != "run" && value != "check" {
			return "must be run or check"
		}
		return ""
	})
	return mode, err
}

// getMerge answers GET /api/v1/profiles/merges/:id.
func (d mergeCalls) getMerge(q *call) (answer, error) {
	m, err := d.merging.Find(q.Request().Context(), q.caller, segment(q, "id"))
	return d.merged(q, http.StatusOK, m, err)
}

// undoRequest is the body of POST /profiles/merges/{id}/undo.
type undoRequest struct {
	Reason string `json:"reason"`
}

// postMergeUndo, POST /api/v1/profiles/merges/:id/undo, takes an empty body too.
func (d mergeCalls) postMergeUndo(q *call) (answer, error) {
	var w undoRequest
	if len(q.body) > 0 {
		if err := q.decodeAll(&w); err != nil {
			return answer{}, err
		}
	}
	m, err := d.merging.UndoOwn(q.Request().Context(), q.caller, segment(q, "id"), ledger.Reason{Text: w.Reason})
	return d.merged(q, http.StatusOK, m, err)
}

func (d mergeCalls) merged(q *call, status int, m merging.Merge, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	a := mergeAnswer{
		ID: m.ID, Into: m.IntoNumber, From: m.FromNumber, State: "merged", Reason: m.Reason,
		CreatedAt: m.CreatedAt.UTC(), UndoUntil: m.UndoUntil.UTC(),
	}
	if m.UndoneAt != nil {
		at := m.UndoneAt.UTC()
		a.State, a.UndoneAt = "undone", &at
	}
	awards, err := d.issuer.Named(q.Request().Context(), q.caller, m.Awards)
	if err != nil {
		return answer{}, err
	}
	a.Awards, err = d.awardAnswers(q, awards)
	return answer{status, a}, err
}
