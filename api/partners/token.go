package partners

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

const tokenPath = "/oauth/token"

// tokenCalls are OAuth 2.0 client credentials beside API keys.
type tokenCalls struct{ *Door }

func (d *Door) tokenRoutes() []web.Route {
	t := tokenCalls{d}
	return web.Table(
		web.Callable(tokenPath, d.site.Spoken("invalid_request", t.postToken)),
		web.Open("/.well-known/oauth-authorization-server"+d.site.Base.Path, t.getServer),
	)
}

// tokenResponse is that of RFC 6749 §5.1.
type tokenResponse struct {
	Token   string `json:"access_token"`
	Type    string `json:"token_type"`
	Seconds int    `json:"expires_in"`
	Scope   string `json:"scope"`
}

// postToken, POST /oauth/token, gives a token for an API key: client_id is its id, client_secret the key itself.
func (d tokenCalls) postToken(c echo.Context) error {
	form, err := web.OAuthForm(c)
	if err != nil {
		return err
	}
	if grant := form.Get("grant_type"); grant == "" {
		return refusal.New("invalid_request", "The parameter grant_type is missing: client_credentials.")
	} else if grant != "client_credentials" {
		return refusal.New("unsupported_grant_type", "The grant_type must be client_credentials.")
	}
	id, key, err := clientOf(c, form)
	if err != nil {
		return err
	}
	scopes, err := partner.ReadScopes(form.Get("scope"))
	if err != nil {
		return err
	}
	token, may, err := d.partners.Token(c.Request().Context(), id, key, scopes...)
	if refusal.Is(err, partner.InvalidClient) {
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Basic realm="insignia"`)
	}
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, web.EncodeJSON(tokenResponse{
		token, "Bearer", int(partner.TokenLife.Seconds()), strings.Join(may, " "),
	}))
}

// clientOf is who asks, by HTTP Basic, in which both parts are encoded as in forms (RFC 6749 §2.3.1), or by the form; not
// by both.
func clientOf(c echo.Context, form url.Values) (id, key string, err error) {
	user, password, basic := c.Request().BasicAuth()
	if !basic {
		return form.Get("client_id"), form.Get("client_secret"), nil
	}
	if form.Has("client_secret") {
		return "", "", refusal.New("invalid_request", "The client shows itself twice: by HTTP Basic and in the form.")
	}
	id, idErr := url.QueryUnescape(user)
	key, keyErr := url.QueryUnescape(password)
	if idErr != nil || keyErr != nil {
		return "", "", refusal.New("invalid_request", "What HTTP Basic carries is not encoded as in forms.")
	}
	return id, key, nil
}

// serverDocument says where tokens are had (RFC 8414 §2).
type serverDocument struct {
	Issuer   string   `json:"issuer"`
	Token    string   `json:"token_endpoint"`
	Ways     []string `json:"token_endpoint_auth_methods_supported"`
	Grants   []string `json:"grant_types_supported"`
	Scopes   []string `json:"scopes_supported"`
	Response []string `json:"response_types_supported"` // none: nobody is asked in a browser
	Docs     string   `json:"service_documentation"`
}

// getServer, GET /.well-known/oauth-authorization-server.
func (d tokenCalls) getServer(c echo.Context) error {
	base := d.site.BaseURL
	return web.Serve(c, web.NewDocument(echo.MIMEApplicationJSON, web.EncodeJSON(serverDocument{
		Issuer: base, Token: base + tokenPath, Ways: []string{"client_secret_basic", "client_secret_post"},
		Grants: []string{"client_credentials"}, Scopes: partner.Scopes, Response: []string{}, Docs: base + web.DocsPath,
	})), "public, max-age=3600")
}
