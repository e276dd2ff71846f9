package partners

import (
	"context"
	"net/http"
	"time"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/partner"
)

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
	Kind issuer.ActorKind `json:"kind"`
	Name string           `json:"name"`
}

// getHistory answers GET /results/{id}/history and GET /awards/{id}/history.
func (d *Door) getHistory(of func(ctx context.Context, caller partner.Caller, id string) ([]issuer.Entry, error)) func(*call) (answer, error) {
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
