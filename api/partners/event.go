package partners

import (
	"net/http"
	"regexp"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/partner"
)

func (d *Door) eventRoutes() []web.Route {
	return web.Table(web.Get(web.APIPath+"/events", d.partner(partner.ScopeWebhooks, d.getEvents)))
}

// typesOfEvents is one type, or all that begin with the part before the star.
var typesOfEvents = regexp.MustCompile(`^[a-z]{1,20}\.([a-z_]{1,20}|\*)$`)

// getEvents lists what happened, GET /events. There is always a next page, which may be empty yet.
func (d *Door) getEvents(q *call) (answer, error) {
	var page issuer.Page
	var kind string
	err := readQuery(q, []string{"type", "cursor", "limit"}, func(name, value string) string {
		if name != "type" {
			return setPage(&page, name, value)
		}
		if kind = value; !typesOfEvents.MatchString(value) {
			return "must be a type of events, such as badge.offered, or badge.* for all that begin so"
		}
		return ""
	})
	if err != nil {
		return answer{}, err
	}
	list, next, err := d.partners.Feed(q.Request().Context(), q.caller, partner.FeedPage{
		Cursor: page.Cursor, Limit: page.Limit, Type: kind,
	})
	if err != nil {
		return answer{}, err
	}
	items := make([]partner.Document, len(list))
	for n, e := range list {
		items[n] = e.Document(q.caller.Sandbox)
	}
	return answer{http.StatusOK, newPage(items, next)}, nil
}
