package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/templates"
)

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
func (s *Server) partner(scope string, handle func(*call) (answer, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderCacheControl, "no-store")
		caller, err := s.authenticate(c)
		if err != nil {
			return err
		}
		c.Set(keyPartner, caller.ID)
		if err := s.keys.allow(c, caller.KeyID); err != nil {
			return err
		}
		if scope != "" && !caller.May(scope) {
			return lacksScope(scope)
		}
		q := &call{Context: c, caller: caller, lang: templates.Match("", "", c.Request().Header.Get("Accept-Language"))}
		h.Set("Content-Language", q.lang)
		vary(h, "Accept-Language")
		if c.Request().Method == http.MethodPost {
			return s.once(q, handle)
		}
		a, err := handle(q)
		if err != nil {
			return err
		}
		return c.Blob(a.status, echo.MIMEApplicationJSON, encode(a.body))
	}
}

// authenticate finds out who holds the bearer token (RFC 6750).
func (s *Server) authenticate(c echo.Context) (partner.Caller, error) {
	scheme, key, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	if key = strings.TrimSpace(key); !strings.EqualFold(scheme, "Bearer") || key == "" {
		p := trouble(codeNoKey, "This needs an API key: Authorization: Bearer KEY.")
		p.headers = [][2]string{{echo.HeaderWWWAuthenticate, `Bearer realm="insignia"`}}
		return partner.Caller{}, p
	}
	return s.o.Partners.Authenticate(c.Request().Context(), key)
}

func lacksScope(scope string) error {
	p := trouble("insufficient_scope", "This needs a key with the scope "+scope+".")
	p.headers = [][2]string{{echo.HeaderWWWAuthenticate, `Bearer realm="insignia", error="insufficient_scope", scope="` + scope + `"`}}
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
