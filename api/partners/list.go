package partners

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// programmeRoutes need a key of any scope.
func (d *Door) programmeRoutes() []web.Route {
	return web.Table(
		web.Get(web.APIPath+"/exams", d.partner("", d.getExams)),
		web.Get(web.APIPath+"/certifications", d.partner("", d.getCertifications)),
	)
}

// readPage reads the query parameters of a list of results or awards.
func readPage(q *call, known ...string) (p issuer.Page, err error) {
	err = readQuery(q, known, func(name, value string) string { return setPage(&p, name, value) })
	return p, err
}

// readQuery hands each query parameter to set, which says what is wrong with it. Unknown ones are refused like unknown
// members, and for the same reason; all faults come at once.
func readQuery(q *call, known []string, set func(name, value string) (problem string)) error {
	var faults []refusal.Field
	fault := func(name, code, detail string) {
		faults = append(faults, refusal.Field{Pointer: web.InQuery + name, Code: code, Detail: detail})
	}
	for name, values := range q.QueryParams() {
		switch {
		case !slices.Contains(known, name):
			fault(name, "unknown_parameter", "is not known")
			continue
		case len(values) > 1:
			fault(name, "duplicate_parameter", "occurs twice")
			continue
		}
		if problem := set(name, values[0]); problem != "" {
			fault(name, "bad_value", problem)
		}
	}
	if len(faults) == 0 {
		return nil
	}
	slices.SortFunc(faults, func(a, b refusal.Field) int { return strings.Compare(a.Pointer, b.Pointer) })
	refused := web.NewProblem(web.CodeInvalid, "The query is not as it should be.")
	refused.Fields = faults
	return refused
}

const (
	pageMost   = 200 // items
	cursorMost = 400 // bytes
	idMost     = 200 // characters, contract 3
)

func setPage(p *issuer.Page, name, value string) (problem string) {
	var err error
	switch name {
	case "limit":
		if p.Limit, err = strconv.Atoi(value); err != nil || p.Limit < 1 || p.Limit > pageMost {
			return "must be a number from 1 to " + strconv.Itoa(pageMost)
		}
	case "since":
		if p.Since, err = web.ReadTime(value); err != nil {
			return "must be a time such as 2026-03-04T10:00:00Z, or a day such as 2026-03-04"
		}
	case "state":
		if !slices.Contains([]string{ledger.Offered, ledger.Accepted, ledger.Declined}, value) {
			return "must be offered, accepted or declined"
		}
		p.State = value
	case "candidate":
		if p.Candidate = value; !web.Readable(value, idMost) {
			return "must be an id of 1 to 200 characters"
		}
	case "cursor":
		if p.Cursor = value; value != "" && !web.Readable(value, cursorMost) {
			return "must be what the page before gave as next"
		}
	}
	return ""
}

// pageAnswer is a page of a list (contract 3).
type pageAnswer[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

func newPage[T any](items []T, next string) pageAnswer[T] {
	p := pageAnswer[T]{Items: items}
	if next != "" {
		p.Next = &next
	}
	return p
}

// historyAnswer is what happened to a result or an award (contract 3).
type historyAnswer struct {
	Items []entryAnswer `json:"items"`
}

type entryAnswer struct {
	At     time.Time   `json:"at"`
	Actor  actorAnswer `json:"actor"`
	Change string      `json:"change"`
	Reason string      `json:"reason"`
}

type actorAnswer struct {
	Kind ledger.ActorKind `json:"kind"`
	Name string           `json:"name"`
}

// getHistory answers GET /api/v1/results/:id/history and GET /api/v1/awards/:id/history.
func (d *Door) getHistory(
	of func(ctx context.Context, caller partner.Caller, id string) ([]ledger.Entry, error),
) func(*call) (answer, error) {
	return func(q *call) (answer, error) {
		list, err := of(q.Request().Context(), q.caller, segment(q, "id"))
		if err != nil {
			return answer{}, err
		}
		items := make([]entryAnswer, len(list))
		for k, e := range list {
			items[k] = entryAnswer{e.At, actorAnswer{e.Actor.Kind, e.Actor.Name}, e.Change, e.Reason}
		}
		return answer{http.StatusOK, historyAnswer{items}}, nil
	}
}

// getExams, GET /api/v1/exams, answers with the exams as the programme file writes them.
func (d *Door) getExams(q *call) (answer, error) {
	p, err := d.programme(q)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, newPage(append([]programme.Exam{}, p.Exams...), "")}, nil
}

// getCertifications, GET /api/v1/certifications, answers with the certifications as the programme file writes them.
func (d *Door) getCertifications(q *call) (answer, error) {
	p, err := d.programme(q)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, newPage(append([]programme.Certification{}, p.Certifications...), "")}, nil
}

// programme is the newest version; before the first there is nothing in it.
func (d *Door) programme(q *call) (*programme.Programme, error) {
	h, err := d.issuer.History(q.Request().Context())
	if err != nil {
		return nil, err
	}
	if len(h) == 0 {
		return new(programme.Programme), nil
	}
	return h.Latest().Programme, nil
}
