package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/refusal"
)

// Callable is an address that programs post to, also those in pages of other sites.
func Callable(path string, h echo.HandlerFunc) []Route {
	return append(Post(path, h), Route{http.MethodOptions, path, func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Allow-Methods", http.MethodPost)
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Max-Age", "86400")
		h.Set(echo.HeaderAllow, "POST, OPTIONS")
		return c.NoContent(http.StatusNoContent)
	}})
}

// Spoken is around what is Callable and speaks OAuth: nothing of its answers is kept, and what was not done is told as
// RFC 6749 §5.2 has it. other is the error of whatever has no name of its own there. Our own faults stay problems.
func (s *Site) Spoken(other string, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set(echo.HeaderCacheControl, "no-store")
		err := next(c)
		if err == nil || c.Response().Committed {
			return err
		}
		p := s.ProblemOf(c, err)
		if p.Status >= http.StatusInternalServerError {
			return err
		}
		for _, pair := range p.Headers {
			h.Set(pair[0], pair[1])
		}
		answer := oauthError{Error: other, Description: strings.Map(describable, p.detail)}
		for _, known := range OAuthProblems {
			if p.code == known.Code {
				answer.Error = p.code
			}
		}
		return c.Blob(p.Status, echo.MIMEApplicationJSON, EncodeJSON(answer))
	}
}

const oauthFormMost = 16 << 10

// OAuthForm reads a form whose parameters come once each (RFC 6749 §3.2).
func OAuthForm(c echo.Context) (url.Values, error) {
	body, err := ReadBody(c, oauthFormMost)
	if err != nil {
		return nil, err
	}
	media, _, _ := strings.Cut(c.Request().Header.Get(echo.HeaderContentType), ";")
	form, err := url.ParseQuery(string(body))
	if err != nil || !strings.EqualFold(strings.TrimSpace(media), echo.MIMEApplicationForm) {
		return nil, refusal.New("invalid_request", "The parameters must come as "+echo.MIMEApplicationForm+".")
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, refusal.New("invalid_request", "The parameter "+name+" comes twice.")
		}
	}
	return form, nil
}

type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// describable keeps what an error_description may hold (RFC 6749 §5.2).
func describable(r rune) rune {
	switch {
	case r == '"':
		return '\''
	case r < ' ' || r > '~' || r == '\\':
		return '?'
	}
	return r
}

// OAuthProblems are the errors of OAuth and of the credential endpoint, under the names that their specifications give
// them (RFC 6749 §5.2, RFC 6750 §3.1, OpenID4VCI 1.0 §8.3.1).
var OAuthProblems = []ProblemInfo{
	{"invalid_request", http.StatusBadRequest, "The request is not as it should be", "Send each parameter once, as a form."},
	{"invalid_client", http.StatusUnauthorized, "The client is not known", "client_id is the id of the API key, client_secret the key itself, by HTTP Basic or in the form."},
	{"invalid_scope", http.StatusBadRequest, "The key has no such scope", "Ask for scopes that the key has, or for none in particular."},
	{"invalid_grant", http.StatusBadRequest, "The code or the PIN cannot be taken", "Ask the holder for a new offer."},
	{"unsupported_grant_type", http.StatusBadRequest, "There is no such grant", "Send a grant_type that the metadata name."},
	{"invalid_token", http.StatusUnauthorized, "The access token cannot be taken", "Ask the holder for a new offer."},
	{"invalid_credential_request", http.StatusBadRequest, "The request is not as it should be", "Send one JSON object, as OpenID4VCI 1.0 §8.2 has it."},
	{"unknown_credential_configuration", http.StatusBadRequest, "There is no such configuration", "Name one of the offer."},
	{"unknown_credential_identifier", http.StatusBadRequest, "There is no such credential", "Send a credential_configuration_id."},
	{"invalid_proof", http.StatusBadRequest, "The proof cannot be taken", "Send one of OpenID4VCI 1.0, Appendix F.1."},
	{"invalid_nonce", http.StatusBadRequest, "The nonce cannot be taken", "Get a new one and make another proof."},
	{"invalid_encryption_parameters", http.StatusBadRequest, "Answers are not encrypted", "Leave credential_response_encryption out."},
	{"credential_request_denied", http.StatusBadRequest, "The credential is not handed out", "Ask the holder."},
}
