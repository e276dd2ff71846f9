// Package partners is the REST API of testing partners and its documentation: it decodes a request, calls one verb
// of the issuer and writes the answer as JSON. What a partner may do is for the issuer to say.
package partners

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/intake"
	"github.com/open-insignia/insignia/issuer/merging"
	"github.com/open-insignia/insignia/issuer/training"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/partner/webhook"
	"github.com/open-insignia/insignia/templates"
)

// Options are the parts that the door is made of.
type Options struct {
	Issuer    *issuer.Issuer
	Trainings *training.Trainings
	Merging   *merging.Merging
	Partners  *partner.Partners
	Webhooks  *webhook.Webhooks
	Imports   *intake.Imports
	Rate      *partner.Rate // of the requests of a key
}

// Door is the REST API of testing partners (contract 3).
type Door struct {
	site      *web.Site
	issuer    *issuer.Issuer
	trainings *training.Trainings
	merging   *merging.Merging
	partners  *partner.Partners
	webhooks  *webhook.Webhooks
	imports   *intake.Imports
	rate      *partner.Rate
	docs      *docs
}

// New makes the door.
func New(site *web.Site, o Options) *Door {
	return &Door{
		site: site, issuer: o.Issuer, trainings: o.Trainings, merging: o.Merging, partners: o.Partners, webhooks: o.Webhooks, imports: o.Imports, rate: o.Rate, docs: newDocs(site),
	}
}

// Routes are all addresses of the door.
func (d *Door) Routes() []web.Route {
	return web.Table(
		d.resultRoutes(), d.trainingRoutes(), d.awardRoutes(), d.candidateRoutes(), d.mergeRoutes(), d.eventRoutes(), d.webhookRoutes(), imports{d, d.imports}.routes(),
		d.programmeRoutes(), d.tokenRoutes(), d.docs.routes(),
	)
}

// call is a partner's request that passed the door: who asks, in which language, and the whole body.
type call struct {
	echo.Context
	caller partner.Caller
	lang   string
	body   []byte
}

// answer is what a partner gets. Its body is one of the wire types.
type answer struct {
	status int
	body   any
}

// partner lets callers with a good key that has the scope through to the handler; "" is any scope. The
// handler's POST requests may carry an Idempotency-Key.
func (d *Door) partner(scope string, handle func(*call) (answer, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		q, err := d.enter(c, scope)
		if err != nil {
			return err
		}
		switch c.Request().Method {
		case http.MethodPost:
			return d.once(q, handle)
		case http.MethodPatch, http.MethodPut:
			if q.body, err = web.ReadBody(c, web.BodyMost); err != nil {
				return err
			}
		}
		a, err := handle(q)
		if err != nil {
			return err
		}
		if a.status == http.StatusNoContent {
			return c.NoContent(a.status)
		}
		return c.Blob(a.status, echo.MIMEApplicationJSON, web.EncodeJSON(a.body))
	}
}

// enter lets a caller with a good key that has the scope in. The body is not read yet.
func (d *Door) enter(c echo.Context, scope string) (*call, error) {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	caller, err := d.authenticate(c)
	if err != nil {
		return nil, err
	}
	c.Set(web.KeyPartner, caller.ID)
	if err := d.allow(c, caller.KeyID); err != nil {
		return nil, err
	}
	if scope != "" && !caller.May(scope) {
		return nil, lacksScope(scope)
	}
	q := &call{
		Context: c, caller: caller,
		lang: templates.Match("", "", c.Request().Header.Get("Accept-Language")),
	}
	h.Set("Content-Language", q.lang)
	web.Vary(h, "Accept-Language")
	return q, nil
}

// authenticate finds out who holds the bearer token (RFC 6750).
func (d *Door) authenticate(c echo.Context) (partner.Caller, error) {
	scheme, key, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	if key = strings.TrimSpace(key); !strings.EqualFold(scheme, "Bearer") || key == "" {
		p := web.NewProblem(web.CodeNoKey, "This needs an API key: Authorization: Bearer KEY.")
		p.Headers = [][2]string{{echo.HeaderWWWAuthenticate, `Bearer realm="insignia"`}}
		return partner.Caller{}, p
	}
	return d.partners.Authenticate(c.Request().Context(), key)
}

// allow counts a request of a key and refuses it beyond the rate.
func (d *Door) allow(c echo.Context, key string) error {
	allowed, left, err := d.rate.Take(c.Request().Context(), key)
	if err != nil {
		return err
	}
	web.RateLimit(c, left, time.Second, d.rate.Most(), time.Second)
	if !allowed {
		return web.Later(web.CodeTooMany, "That was too often.", time.Second)
	}
	return nil
}

func lacksScope(scope string) error {
	p := web.NewProblem("scope_missing", "This needs a key with the scope "+scope+".")
	p.Headers = [][2]string{{echo.HeaderWWWAuthenticate, `Bearer realm="insignia", error="insufficient_scope", scope="` + scope + `"`}}
	return p
}

// segment is a parameter of the path as it was meant: Echo matches the path as it was sent whenever that
// is not the plain encoding, so that an id may hold an encoded slash.
func segment(c echo.Context, name string) string {
	raw := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return raw
	}
	plain, err := url.PathUnescape(raw)
	if err != nil {
		return raw // cannot be: net/http has refused such an address
	}
	return plain
}

// once reads the body of a partner's POST, calls the handler and writes its answer. With an
// Idempotency-Key the answer is kept: the same request again is answered with it and does nothing.
func (d *Door) once(q *call, handle func(*call) (answer, error)) (err error) {
	if q.body, err = web.ReadBody(q.Context, web.BodyMost); err != nil {
		return err
	}
	return d.onceRead(q, handle)
}

// onceRead is once behind the body, or what stands for it.
func (d *Door) onceRead(q *call, handle func(*call) (answer, error)) error {
	keys := q.Request().Header.Values("Idempotency-Key")
	if len(keys) == 0 {
		a, err := handle(q)
		if err != nil {
			return err
		}
		return q.Blob(a.status, echo.MIMEApplicationJSON, web.EncodeJSON(a.body))
	}
	key := strings.Join(keys, ", ")
	ctx := context.WithoutCancel(q.Request().Context()) // what was begun is noted even if the caller goes
	first, err := d.partners.Once(ctx, q.caller, key, q.digest())
	if err != nil {
		return err
	}
	if first != nil {
		q.Response().Header().Set("Idempotent-Replayed", "true")
		return replay(q, *first)
	}
	return d.first(ctx, q, key, handle)
}

// first does a request that came with a new Idempotency-Key. One that failed through our fault may be
// tried again under the same key.
func (d *Door) first(ctx context.Context, q *call, key string, handle func(*call) (answer, error)) error {
	kept := false
	defer func() {
		if !kept {
			_ = d.partners.GiveUp(ctx, q.caller, key) // otherwise its lease runs out in a minute
		}
	}()
	a, failed := handle(q)
	var answered partner.Answer
	if failed == nil {
		answered = partner.Answer{Status: a.status, Body: string(web.EncodeJSON(a.body))}
	} else {
		p := d.site.ProblemOf(q, failed)
		answered = partner.Answer{Status: p.Status, Body: string(d.site.ProblemJSON(q, p))}
	}
	if answered.Status >= http.StatusInternalServerError {
		return failed
	}
	if err := d.partners.Answered(ctx, q.caller, key, answered); err != nil {
		return err
	}
	kept = true
	if failed != nil {
		return failed
	}
	return replay(q, answered)
}

func replay(q *call, a partner.Answer) error {
	mediaType := echo.MIMEApplicationJSON
	if a.Status >= http.StatusBadRequest {
		mediaType = web.TypeProblem
		q.Response().Header().Set("Content-Language", "en")
	}
	return q.Blob(a.Status, mediaType, []byte(a.Body))
}

// digest tells one request from another that comes with the same key.
func (q *call) digest() string {
	h := sha256.New()
	_, _ = io.WriteString(h, q.Request().Method+" "+q.Request().URL.RequestURI()+"\n")
	_, _ = h.Write(q.body)
	return hex.EncodeToString(h.Sum(nil))
}
