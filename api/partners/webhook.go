package partners

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/partner/webhook"
	"github.com/open-insignia/insignia/refusal"
)

// webhookCalls are what partners ask about their receivers of events.
type webhookCalls struct{ *Door }

func (d *Door) webhookRoutes() []web.Route {
	const path, scope = web.APIPath + "/webhooks", partner.ScopeWebhooks
	c := webhookCalls{d}
	return web.Table(
		web.Get(path, c.partner(scope, c.getWebhooks)),
		web.Post(path, c.partner(scope, c.postWebhook)),
		web.Get(path+"/:id", c.partner(scope, c.getWebhook)),
		web.Patch(path+"/:id", c.partner(scope, c.patchWebhook)),
		web.Delete(path+"/:id", c.partner(scope, c.deleteWebhook)),
		web.Post(path+"/:id/secret", c.partner(scope, c.postWebhookSecret)),
		web.Post(path+"/:id/test", c.partner(scope, c.postWebhookTest)),
		web.Get(path+"/:id/deliveries", c.partner(scope, c.getDeliveries)),
		web.Post(path+"/:id/deliveries/:delivery/resend", c.partner(scope, c.postDeliveryResend)),
	)
}

// webhookRequest makes a webhook or changes one; what is left out stays (contract 3.2).
type webhookRequest struct {
	URL         *string  `json:"url"`
	Events      []string `json:"events"`
	Description *string  `json:"description"`
	State       *string  `json:"state"`
}

// webhookAnswer is a webhook. secret is there once, in the answer to the request that made it.
type webhookAnswer struct {
	ID           string     `json:"id"`
	URL          string     `json:"url"`
	Events       []string   `json:"events"`
	Description  string     `json:"description"`
	State        string     `json:"state"`
	FailingSince *time.Time `json:"failing_since"`
	CreatedAt    time.Time  `json:"created_at"`
	Secret       string     `json:"secret,omitempty"`
}

func webhookOf(m webhook.Webhook, secret string) webhookAnswer {
	return webhookAnswer{m.ID, m.URL, m.Events, m.Description, m.State, utc(m.FailingSince), m.CreatedAt.UTC(), secret}
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// postWebhook answers POST /webhooks.
func (d webhookCalls) postWebhook(q *call) (answer, error) {
	var w webhookRequest
	faults, err := q.decode(&w)
	if err != nil {
		return answer{}, err
	}
	if w.State != nil {
		faults = append(faults, refusal.Field{Pointer: "/state", Code: "unknown_member", Detail: "is not known here: a new webhook is active"})
	}
	if len(faults) > 0 {
		return answer{}, web.InvalidRequest(faults, nil)
	}
	made, secret, err := d.webhooks.Add(q.Request().Context(), q.caller, webhook.Change(w))
	return answer{http.StatusCreated, webhookOf(made, secret)}, err
}

// getWebhooks answers GET /webhooks.
func (d webhookCalls) getWebhooks(q *call) (answer, error) {
	page, err := readPage(q, "cursor", "limit")
	if err != nil {
		return answer{}, err
	}
	most := cmp.Or(page.Limit, 50)
	list, err := d.webhooks.List(q.Request().Context(), q.caller, page.Cursor, most)
	items, next := make([]webhookAnswer, len(list)), ""
	for n, m := range list {
		items[n] = webhookOf(m, "")
	}
	if len(list) == most {
		next = list[most-1].ID
	}
	return answer{http.StatusOK, newPage(items, next)}, err
}

// getWebhook answers GET /webhooks/{id}.
func (d webhookCalls) getWebhook(q *call) (answer, error) {
	m, err := d.webhooks.Get(q.Request().Context(), q.caller, segment(q, "id"))
	return answer{http.StatusOK, webhookOf(m, "")}, err
}

// patchWebhook answers PATCH /webhooks/{id}.
func (d webhookCalls) patchWebhook(q *call) (answer, error) {
	var w webhookRequest
	if err := q.decodeAll(&w); err != nil {
		return answer{}, err
	}
	m, err := d.webhooks.Change(q.Request().Context(), q.caller, segment(q, "id"), webhook.Change(w))
	return answer{http.StatusOK, webhookOf(m, "")}, err
}

// deleteWebhook answers DELETE /webhooks/{id}.
func (d webhookCalls) deleteWebhook(q *call) (answer, error) {
	return answer{http.StatusNoContent, nil}, d.webhooks.Remove(q.Request().Context(), q.caller, segment(q, "id"))
}

// secretAnswer is another secret, told once. The one before it signs too until then.
type secretAnswer struct {
	Secret   string    `json:"secret"`
	OldUntil time.Time `json:"old_until"`
}

// postWebhookSecret answers POST /webhooks/{id}/secret.
func (d webhookCalls) postWebhookSecret(q *call) (answer, error) {
	secret, until, err := d.webhooks.NewSecret(q.Request().Context(), q.caller, segment(q, "id"))
	return answer{http.StatusOK, secretAnswer{secret, until.UTC()}}, err
}

// deliveryAnswer is an event on its way (contract 3.2).
type deliveryAnswer struct {
	ID            string          `json:"id"`
	Event         string          `json:"event"`
	Type          string          `json:"type"`
	State         string          `json:"state"`
	Attempts      []attemptAnswer `json:"attempts"`
	NextAttemptAt *time.Time      `json:"next_attempt_at"`
}

type attemptAnswer struct {
	At     time.Time `json:"at"`
	Status *int      `json:"status"`
	Error  string    `json:"error"`
	TookMS int64     `json:"took_ms"`
	Body   string    `json:"body"`
}

func deliveryOf(d webhook.Delivery) deliveryAnswer {
	a := deliveryAnswer{d.ID, d.Event, d.Type, d.State, make([]attemptAnswer, len(d.Attempts)), utc(d.NextAttemptAt)}
	for n, t := range d.Attempts {
		a.Attempts[n] = attemptAnswer{At: t.At.UTC(), Error: t.Error, TookMS: t.TookMS, Body: t.Body}
		if t.Status != 0 {
			a.Attempts[n].Status = &d.Attempts[n].Status
		}
	}
	return a
}

// postWebhookTest answers POST /webhooks/{id}/test.
func (d webhookCalls) postWebhookTest(q *call) (answer, error) {
	made, err := d.webhooks.Test(q.Request().Context(), q.caller, segment(q, "id"))
	return answer{http.StatusAccepted, deliveryOf(made)}, err
}

// getDeliveries answers GET /webhooks/{id}/deliveries, the newest first.
func (d webhookCalls) getDeliveries(q *call) (answer, error) {
	page, err := readPage(q, "cursor", "limit")
	if err != nil {
		return answer{}, err
	}
	before, most := int64(0), cmp.Or(page.Limit, 50)
	if page.Cursor != "" {
		if before, err = strconv.ParseInt(page.Cursor, 10, 64); err != nil || before < 1 {
			return answer{}, refusal.New("cursor_invalid", "The cursor is none that this list gave.")
		}
	}
	list, err := d.webhooks.Deliveries(q.Request().Context(), q.caller, segment(q, "id"), before, most)
	items, next := make([]deliveryAnswer, len(list)), ""
	for n, one := range list {
		items[n] = deliveryOf(one)
	}
	if len(list) == most {
		next = strconv.FormatInt(list[most-1].Position, 10)
	}
	return answer{http.StatusOK, newPage(items, next)}, err
}

// postDeliveryResend answers POST /webhooks/{id}/deliveries/{delivery}/resend.
func (d webhookCalls) postDeliveryResend(q *call) (answer, error) {
	sent, err := d.webhooks.Resend(q.Request().Context(), q.caller, segment(q, "id"), segment(q, "delivery"))
	return answer{http.StatusAccepted, deliveryOf(sent)}, err
}
