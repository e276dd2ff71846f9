package partners_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/partner"
)

// client is a key with some scopes, and its id.
func client(t *testing.T, s *apitest.Site, scopes ...string) (id, key string) {
	t.Helper()
	_, key, err := s.Partners.Add(t.Context(), "Clients", false, scopes...)
	if err != nil {
		t.Fatal(err)
	}
	caller, err := s.Partners.Authenticate(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return caller.KeyID, key
}

func basic(id, key string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(key)))
}

const formType = "application/x-www-form-urlencoded"

// TestToken: a key gets a token by HTTP Basic or in the form, which opens what the key does and no more than was asked
// for, for an hour, and ends with the key (RFC 6749 §4.4, contract 3).
func TestToken(t *testing.T) {
	s := apitest.New(t)
	id, key := client(t, s, partner.ScopeResults, partner.ScopeWebhooks)
	inForm := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {key}}.Encode()
	for what, call := range map[string]struct{ form, authorization, scope string }{
		"basic":     {"grant_type=client_credentials", basic(id, key), "results webhooks"},
		"form":      {inForm, "", "results webhooks"},
		"one scope": {inForm + "&scope=webhooks", "", "webhooks"},
	} {
		w := s.Ask("POST", "/oauth/token", call.form, "Content-Type", formType, "Authorization", call.authorization)
		got := apitest.Object(t, w)
		if w.Code != 200 || got["token_type"] != "Bearer" || got["expires_in"] != 3600.0 || got["scope"] != call.scope || w.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %d %v %v", what, w.Code, got, w.Header())
		}
		s.Key = got["access_token"].(string)
		s.Want(http.StatusOK, "GET", "/webhooks", "")
		want := http.StatusOK
		if call.scope == "webhooks" {
			want = http.StatusForbidden
		}
		s.Want(want, "GET", "/results", "")
	}
	s.Clock.Advance(time.Hour)
	if answer := s.Want(http.StatusUnauthorized, "GET", "/webhooks", ""); answer["code"] != "unauthorized" {
		t.Errorf("after an hour: %v", answer)
	}
	w := s.Ask("POST", "/oauth/token", inForm, "Content-Type", formType)
	s.Key = apitest.Object(t, w)["access_token"].(string)
	s.Want(http.StatusOK, "GET", "/webhooks", "")
	if found, err := s.Partners.RevokeKey(t.Context(), id); !found || err != nil {
		t.Fatal(found, err)
	}
	s.Want(http.StatusUnauthorized, "GET", "/webhooks", "")
	if w := s.Ask("POST", "/oauth/token", inForm, "Content-Type", formType); w.Code != http.StatusUnauthorized {
		t.Errorf("a revoked key got %d %s", w.Code, w.Body)
	}
}

// TestTokenRefused: what is wrong is told as RFC 6749 §5.2 has it.
func TestTokenRefused(t *testing.T) {
	s := apitest.New(t)
	id, key := client(t, s, partner.ScopeResults)
	otherID, _ := client(t, s, partner.ScopeResults)
	credentials := url.Values{"client_id": {id}, "client_secret": {key}}.Encode()
	const grant = "grant_type=client_credentials"
	for what, call := range map[string]struct {
		form, media, authorization string
		status                     int
		code                       string
	}{
		"nothing":               {"", formType, "", 400, "invalid_request"},
		"JSON":                  {`{"grant_type":"client_credentials"}`, "application/json", "", 400, "invalid_request"},
		"another grant":         {credentials + "&grant_type=password", formType, "", 400, "unsupported_grant_type"},
		"a parameter twice":     {grant + "&" + grant + "&" + credentials, formType, "", 400, "invalid_request"},
		"nobody":                {grant, formType, "", 401, "invalid_client"},
		"a wrong key":           {grant, formType, basic(id, "insignia_live_x"), 401, "invalid_client"},
		"another's id":          {grant, formType, basic(otherID, key), 401, "invalid_client"},
		"a NUL":                 {grant, formType, basic(id, "\x00"), 401, "invalid_client"},
		"twice":                 {grant + "&" + credentials, formType, basic(id, key), 400, "invalid_request"},
		"a scope it lacks":      {grant + "&scope=webhooks&" + credentials, formType, "", 400, "invalid_scope"},
		"no such scope":         {grant + "&scope=everything&" + credentials, formType, "", 400, "invalid_scope"},
		"a form without end":    {grant + "&x=" + strings.Repeat("a", 1<<20), formType, "", 413, "invalid_request"},
		"encoded as in no form": {grant, formType, "Basic " + base64.StdEncoding.EncodeToString([]byte("%zz:"+key)), 400, "invalid_request"},
	} {
		w := s.Ask("POST", "/oauth/token", call.form, "Content-Type", call.media, "Authorization", call.authorization)
		if w.Code != call.status || apitest.Object(t, w)["error"] != call.code || (w.Code == 401) != (w.Header().Get("WWW-Authenticate") != "") {
			t.Errorf("%s: got %d %s %v, want %d %s", what, w.Code, w.Body, w.Header(), call.status, call.code)
		}
	}
}

// TestTokenMetadata says where tokens are had (RFC 8414).
func TestTokenMetadata(t *testing.T) {
	s := apitest.New(t)
	got := apitest.Object(t, s.Ask("GET", "/.well-known/oauth-authorization-server", ""))
	if got["issuer"] != s.Given.BaseURL || got["token_endpoint"] != s.Given.BaseURL+"/oauth/token" || len(got["scopes_supported"].([]any)) != len(partner.Scopes) {
		t.Errorf("got %v", got)
	}
}

// TestLastUse: a key shows when it was used last, within a minute, also through a token.
func TestLastUse(t *testing.T) {
	s := apitest.New(t)
	last := func() (at time.Time) {
		keys, err := s.Partners.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if k.LastUsedAt != nil && k.LastUsedAt.After(at) {
				at = *k.LastUsedAt
			}
		}
		return at
	}
	s.Clock.Advance(2 * time.Minute)
	for range 2 {
		s.Call("GET", web.APIPath+"/exams", "")
		if at := last(); !at.Equal(s.Clock.Now().UTC().Truncate(time.Second)) {
			t.Errorf("used at %s, it is %s", at, s.Clock.Now())
		}
		s.Clock.Advance(2 * time.Minute)
	}
}
