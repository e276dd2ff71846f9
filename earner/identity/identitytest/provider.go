// Package identitytest is a provider of OpenID Connect for tests, which lies when it is told to. Real ones are asked by
// the tests in a browser.
package identitytest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// The client that every Provider knows.
const (
	ClientID     = "insignia"
	ClientSecret = "a secret of:the client"
)

// Provider signs in whoever is Next, without asking. Its members may be changed between requests.
type Provider struct {
	*httptest.Server
	Now func() time.Time

	mu    sync.Mutex
	next  map[string]any // claims of whoever signs in next
	lies  Lies
	codes map[string]login
	asked []url.Values
	key   *rsa.PrivateKey
}

// Lies are what the provider does wrong.
type Lies struct {
	Nonce    string // in the place of the one that was asked
	Audience string
	Issuer   string        // in the token
	Iss      string        // in the answer (RFC 9207)
	NamesIss bool          // it promises to name itself in every answer, and then does not unless Iss is set
	Error    string        // instead of a code
	Userinfo bool          // the claims are there and not in the token
	Down     bool          // 503 to everything
	Forged   bool          // signed with another key
	Late     time.Duration // the token is that old
}

type login struct {
	query  url.Values
	claims map[string]any
}

// New starts a provider.
func New(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	p := &Provider{Now: now, codes: map[string]login{}, key: keys()[0]}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.metadata)
	mux.HandleFunc("GET /keys", p.publicKeys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.lies.Down {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// SignsIn has somebody sign in from now on, of whom the provider says this besides.
func (p *Provider) SignsIn(subject string, claims map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = map[string]any{"sub": subject}
	maps.Copy(p.next, claims)
}

// Lie has the provider do something wrong from now on.
func (p *Provider) Lie(l Lies) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lies = l
}

// Asked are the queries that people came with.
func (p *Provider) Asked() []url.Values {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

func (p *Provider) metadata(w http.ResponseWriter, _ *http.Request) {
	write(w, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"userinfo_endpoint": p.URL + "/userinfo", "end_session_endpoint": p.URL + "/end", "response_types_supported": []string{"code"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		"authorization_response_iss_parameter_supported": p.lies.NamesIss,
	})
}

// keys are that of all providers, and that of a forger. Making them takes long.
var keys = sync.OnceValue(func() (pair [2]*rsa.PrivateKey) {
	for n := range pair {
		pair[n], _ = rsa.GenerateKey(rand.Reader, 2048) // never fails for this length
	}
	return pair
})

func (p *Provider) publicKeys(w http.ResponseWriter, _ *http.Request) {
	write(w, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig", "n": encode(p.key.N.Bytes()),
		"e": encode(big.NewInt(int64(p.key.E)).Bytes()),
	}}})
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.asked = append(p.asked, q)
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != ClientID || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	if p.lies.Iss != "" {
		answer.Set("iss", p.lies.Iss)
	}
	if p.lies.Error != "" {
		answer.Set("error", p.lies.Error)
	} else {
		code := rand.Text()
		p.codes[code] = login{q, p.next}
		answer.Set("code", code)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	known, found := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	// RFC 6749 §2.3.1: what stands in the header is encoded as in a form.
	if plain, err := url.QueryUnescape(secret); err != nil || id != ClientID || plain != ClientSecret || !found ||
		encode(sum[:]) != known.query.Get("code_challenge") || r.PostFormValue("redirect_uri") != known.query.Get("redirect_uri") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		write(w, map[string]any{"error": "invalid_grant"})
		return
	}
	now := p.Now().Add(-p.lies.Late)
	claims := map[string]any{
		"iss": or(p.lies.Issuer, p.URL), "aud": or(p.lies.Audience, ClientID), "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"nonce": or(p.lies.Nonce, known.query.Get("nonce")), "sub": known.claims["sub"],
	}
	if !p.lies.Userinfo {
		maps.Copy(claims, known.claims)
	}
	write(w, map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": p.sign(claims)})
}

func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer access" {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	write(w, p.next)
}

func (p *Provider) sign(claims map[string]any) string {
	key := p.key
	if p.lies.Forged {
		key = keys()[1]
	}
	body, _ := json.Marshal(claims)
	text := encode([]byte(`{"alg":"RS256","kid":"1","typ":"JWT"}`)) + "." + encode(body)
	sum := sha256.Sum256([]byte(text))
	signature, _ := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	return text + "." + encode(signature)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
