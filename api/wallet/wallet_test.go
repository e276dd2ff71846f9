package wallet_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	door "github.com/open-insignia/insignia/api/wallet"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/wallet"
	"github.com/open-insignia/insignia/issuer/wallet/wallettest"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/verifier"
)

// phone is a wallet that speaks the protocol over HTTP, and the site that it speaks with.
type phone struct {
	*apitest.Site
	t     testing.TB
	key   wallettest.Key
	badge string
	took  time.Duration // by the server
}

func newPhone(t testing.TB) *phone {
	t.Helper()
	s := apitest.New(t)
	return &phone{Site: s, t: t, key: wallettest.NewKey(t, openbadge.ES256), badge: s.Badge1(ledger.ByLink)}
}

// send is a request of the wallet's.
func (p *phone) send(method, address, body string, headers ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	r := httptest.NewRequest(method, strings.TrimPrefix(address, issuertest.BaseURL), strings.NewReader(body))
	for k := 0; k < len(headers); k += 2 {
		r.Header.Set(headers[k], headers[k+1])
	}
	w := httptest.NewRecorder()
	start := time.Now()
	p.ServeHTTP(w, r)
	p.took += time.Since(start)
	if len(w.Result().Cookies()) > 0 || w.Header().Get("Access-Control-Allow-Origin") != "*" {
		p.t.Errorf("%s %s: got cookies %v, CORS %q", method, address, w.Result().Cookies(), w.Header().Get("Access-Control-Allow-Origin"))
	}
	return w
}

// answered decodes an answer with a status.
func answered[T any](t testing.TB, w *httptest.ResponseRecorder, status int) (v T) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != status {
		t.Fatalf("got %d %s, %v, want %d", w.Code, w.Body, err, status)
	}
	return v
}

// offer has the holder offer the badge.
func (p *phone) offer() wallet.Offer {
	p.t.Helper()
	b, found, err := p.Published(context.Background(), p.badge)
	if err == nil && found {
		err = p.Wallets.Offer(context.Background(), b, "en")
	}
	if err != nil || !found {
		p.t.Fatal(found, err)
	}
	o, _, err := p.Wallets.OfferOf(context.Background(), b)
	if err != nil {
		p.t.Fatal(err)
	}
	return o
}

// wire types as a wallet reads them.
type (
	offerDocument struct {
		Issuer         string   `json:"credential_issuer"`
		Configurations []string `json:"credential_configuration_ids"`
		Grants         map[string]struct {
			Code string `json:"pre-authorized_code"`
			PIN  *struct {
				Mode   string `json:"input_mode"`
				Length int
			} `json:"tx_code"`
		}
	}
	issuerDocument struct {
		Issuer         string                             `json:"credential_issuer"`
		Servers        []string                           `json:"authorization_servers"`
		Credential     string                             `json:"credential_endpoint"`
		Nonce          string                             `json:"nonce_endpoint"`
		Configurations map[string]struct{ Format string } `json:"credential_configurations_supported"`
	}
	serverDocument struct {
		Issuer string
		Token  string   `json:"token_endpoint"`
		Grants []string `json:"grant_types_supported"`
	}
	tokenAnswer struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
	}
	credentialAnswer struct {
		Credentials []struct{ Credential json.RawMessage }
	}
	refused struct {
		Error       string
		Description string `json:"error_description"`
	}
)

// known is what stands before the path of an identifier (RFC 8414 §3.1).
func (p *phone) known(name, identifier string) string {
	p.t.Helper()
	u, err := url.Parse(identifier)
	if err != nil {
		p.t.Fatal(err)
	}
	return "/.well-known/" + name + u.Path
}

// receive goes the whole way from the link to the badge in each format.
func (p *phone) receive(o wallet.Offer) map[string]string {
	p.t.Helper()
	link, err := url.Parse(o.Reference)
	if err != nil || link.Scheme != "openid-credential-offer" {
		p.t.Fatal(o.Reference, err)
	}
	offer := answered[offerDocument](p.t, p.send("GET", link.Query().Get("credential_offer_uri"), ""), 200)
	meta := answered[issuerDocument](p.t, p.send("GET", p.known("openid-credential-issuer", offer.Issuer), ""), 200)
	server := answered[serverDocument](p.t, p.send("GET", p.known("oauth-authorization-server", meta.Servers[0]), ""), 200)
	if meta.Issuer != offer.Issuer || server.Issuer != meta.Servers[0] || !slices.Contains(server.Grants, wallet.GrantType) {
		p.t.Errorf("got %+v, %+v, %+v", offer, meta, server)
	}
	form := url.Values{"grant_type": {wallet.GrantType}, "pre-authorized_code": {offer.Grants[wallet.GrantType].Code}, "tx_code": {o.PIN}}
	token := answered[tokenAnswer](p.t, p.send("POST", server.Token, form.Encode(), "Content-Type", "application/x-www-form-urlencoded"), 200)
	got := map[string]string{}
	for _, configuration := range offer.Configurations {
		w := p.ask(meta, token.Token, configuration)
		raw := answered[credentialAnswer](p.t, w, 200).Credentials[0].Credential
		format, text := meta.Configurations[configuration].Format, string(raw)
		if format == "jwt_vc_json" {
			if err := json.Unmarshal(raw, &text); err != nil {
				p.t.Fatal(err)
			}
		}
		got[format] = text
	}
	return got
}

func (p *phone) ask(meta issuerDocument, token, configuration string) *httptest.ResponseRecorder {
	p.t.Helper()
	nonce := answered[map[string]string](p.t, p.send("POST", meta.Nonce, ""), 200)["c_nonce"]
	took := p.took
	proof := p.key.Proof(p.t, issuertest.BaseURL, nonce, p.Clock.Now(), nil, nil)
	p.took = took
	body, _ := json.Marshal(map[string]any{"credential_configuration_id": configuration, "proofs": map[string]any{"jwt": []string{proof}}, "x": 1})
	return p.send("POST", meta.Credential, string(body), "Content-Type", "application/json", "Authorization", "Bearer "+token)
}

// judge has a stranger's verifier, which reads everything over the wire, judge what the wallet holds.
func (p *phone) judge(what, text, recipient string, want verifier.Verdict) {
	p.t.Helper()
	for name, v := range map[string]*verifier.Verifier{
		"stranger": verifier.New(verifier.Options{Fetch: overTheWire{p.Site}, Now: p.Clock.Now}), "ourselves": p.Given.Verifier,
	} {
		r := v.Verify(context.Background(), verifier.Input{Data: []byte(text), Recipient: recipient})
		if r.Verdict != want {
			checks, _ := json.Marshal(r.Checks)
			p.t.Errorf("%s, %s, for %q: got %s, want %s: %s", what, name, recipient, r.Verdict, want, checks)
		}
	}
}

// overTheWire fetches from a site as others do.
type overTheWire struct{ s *apitest.Site }

func (f overTheWire) Fetch(_ context.Context, r egress.Request) (*egress.Response, error) {
	w := f.s.Ask("GET", strings.TrimPrefix(r.URL, issuertest.BaseURL), "", "Accept", r.Accept)
	return &egress.Response{URL: r.URL, Status: w.Code, ContentType: w.Header().Get("Content-Type"), Body: w.Body.Bytes()}, nil
}

// TestExchange: a wallet takes both formats of one offer. What it holds is a badge of its person's, for strangers too, and
// follows suspension, a newer edition and revocation as a file does.
//
// row 92: the status follows into a wallet.
func TestExchange(t *testing.T) {
	p := newPhone(t)
	held := p.receive(p.offer())
	if len(held) != 2 {
		t.Fatalf("got %v", slices.Collect(maps.Keys(held)))
	}
	all := func(want verifier.Verdict) {
		t.Helper()
		for format, text := range held {
			p.judge(format, text, "", want)
		}
	}
	for format, text := range held {
		p.judge(format, text, "", verifier.Valid)
		p.judge(format, text, "ana@home.test", verifier.Valid)
		p.judge(format, text, p.key.DID, verifier.Valid)
		p.judge(format, text, "ben@work.test", verifier.WrongRecipient)
	}
	p.Clock.Advance(time.Hour)
	p.Want(200, "POST", "/candidates/C-77/name", `{"name":"Ana Ruiz Vega","reason":"married"}`)
	p.Work(t)
	all(verifier.Superseded)
	held = p.receive(p.offer())
	all(verifier.Valid)
	p.Want(200, "POST", "/awards/"+p.badge+"/revoke", `{"reason":"misconduct"}`)
	p.Clock.Advance(2 * time.Minute)
	all(verifier.Revoked)
}

// TestPrivate: the holder of a private badge can put it into a wallet, which shows it to nobody: its addresses answer as
// if it did not exist, and what the wallet hands over is judged.
//
// row 110: a badge that was made private still verifies as a file.
func TestPrivate(t *testing.T) {
	p := newPhone(t)
	p.ShowTo(p.badge, ledger.Private)
	held := p.receive(p.offer())
	if w := p.Ask("GET", "/badges/"+p.badge+"/credential.json", ""); w.Code != 404 {
		t.Errorf("a private badge answers %d", w.Code)
	}
	for format, text := range held {
		p.judge(format, text, "ana@home.test", verifier.Valid)
	}
	p.Want(200, "POST", "/awards/"+p.badge+"/revoke", `{"reason":"misconduct"}`)
	p.Clock.Advance(2 * time.Minute)
	for format, text := range held {
		p.judge(format, text, "", verifier.Revoked)
	}
}

// TestErrors: what goes wrong is told as the specifications have it.
func TestErrors(t *testing.T) {
	p := newPhone(t)
	o := p.offer()
	link, _ := url.Parse(o.Link)
	var offer offerDocument
	if err := json.Unmarshal([]byte(link.Query().Get("credential_offer")), &offer); err != nil {
		t.Fatal(err)
	}
	code := offer.Grants[wallet.GrantType].Code
	const form = "application/x-www-form-urlencoded"
	grant := "grant_type=" + url.QueryEscape(wallet.GrantType)
	for name, c := range map[string]struct {
		media, body string
		status      int
		want        string
	}{
		"wrong PIN":       {form, grant + "&pre-authorized_code=" + code + "&tx_code=" + apitest.WrongCode(o.PIN, "000000"), 400, "invalid_grant"},
		"no PIN":          {form, grant + "&pre-authorized_code=" + code, 400, "invalid_request"},
		"no code":         {form, grant + "&tx_code=123456", 400, "invalid_request"},
		"unknown code":    {form, grant + "&pre-authorized_code=x&tx_code=123456", 400, "invalid_grant"},
		"another grant":   {form, "grant_type=client_credentials", 400, "unsupported_grant_type"},
		"no grant":        {form, "", 400, "unsupported_grant_type"},
		"twice":           {form, grant + "&pre-authorized_code=a&pre-authorized_code=b&tx_code=1", 400, "invalid_request"},
		"JSON":            {"application/json", "{}", 400, "invalid_request"},
		"broken escape":   {form, "grant_type=%zz", 400, "invalid_request"},
		"too large":       {form, grant + "&x=" + strings.Repeat("a", 20_000), 413, "invalid_request"},
		"zero bytes, PIN": {form, grant + "&pre-authorized_code=%00%ff&tx_code=%00", 400, "invalid_grant"},
	} {
		w := p.send("POST", "/wallet/token", c.body, "Content-Type", c.media)
		if got := answered[refused](t, w, c.status); got.Error != c.want || w.Header().Get("Cache-Control") != "no-store" || got.Description == "" {
			t.Errorf("%s: got %+v, want %s", name, got, c.want)
		}
	}
	meta := answered[issuerDocument](t, p.send("GET", "/.well-known/openid-credential-issuer", ""), 200)
	good := grant + "&client_id=anything&pre-authorized_code=" + code + "&tx_code=" + o.PIN
	token := answered[tokenAnswer](t, p.send("POST", "/wallet/token", good, "Content-Type", form+"; charset=utf-8"), 200).Token
	if got := answered[refused](t, p.send("POST", "/wallet/token", good, "Content-Type", form), 400); got.Error != "invalid_grant" {
		t.Errorf("replayed offer: got %+v", got)
	}
	if w := p.send("GET", strings.TrimSpace(meta.Issuer+wallet.OffersPath+"x"), ""); w.Code != 404 {
		t.Errorf("unknown offer: got %d", w.Code)
	}
	proof := func() string {
		return p.key.Proof(t, issuertest.BaseURL, answered[map[string]string](t, p.send("POST", "/wallet/nonce", ""), 200)["c_nonce"], p.Clock.Now(), nil, nil)
	}
	for name, c := range map[string]struct {
		token, media, body string
		status             int
		want               string
	}{
		"no token":      {"", "application/json", `{"credential_configuration_id":"openbadge_jwt","proofs":{"jwt":["` + proof() + `"]}}`, 401, "invalid_token"},
		"wrong token":   {"x", "application/json", `{"credential_configuration_id":"openbadge_jwt","proofs":{"jwt":["` + proof() + `"]}}`, 401, "invalid_token"},
		"no JSON":       {token, "application/json", `{`, 400, "invalid_credential_request"},
		"empty":         {token, "application/json", ``, 400, "invalid_credential_request"},
		"a form":        {token, form, `a=b`, 415, "invalid_credential_request"},
		"a list":        {token, "application/json", `[]`, 400, "invalid_credential_request"},
		"member twice":  {token, "application/json", `{"credential_configuration_id":"openbadge_jwt","credential_configuration_id":"openbadge_jwt"}`, 400, "invalid_credential_request"},
		"nothing named": {token, "application/json", `{"proofs":{"jwt":["` + proof() + `"]}}`, 400, "invalid_credential_request"},
		"both named":    {token, "application/json", `{"credential_configuration_id":"openbadge_jwt","credential_identifier":"x"}`, 400, "invalid_credential_request"},
		"identifier":    {token, "application/json", `{"credential_identifier":"x","proofs":{"jwt":["` + proof() + `"]}}`, 400, "unknown_credential_identifier"},
		"configuration": {token, "application/json", `{"credential_configuration_id":"x","proofs":{"jwt":["` + proof() + `"]}}`, 400, "unknown_credential_configuration"},
		"no proof":      {token, "application/json", `{"credential_configuration_id":"openbadge_jwt"}`, 400, "invalid_proof"},
		"two proofs":    {token, "application/json", `{"credential_configuration_id":"openbadge_jwt","proofs":{"jwt":["` + proof() + `","` + proof() + `"]}}`, 400, "invalid_proof"},
		"other proof":   {token, "application/json", `{"credential_configuration_id":"openbadge_jwt","proofs":{"di_vp":["{}"]}}`, 400, "invalid_proof"},
		"encryption":    {token, "application/json", `{"credential_configuration_id":"openbadge_jwt","credential_response_encryption":{"enc":"A256GCM"}}`, 400, "invalid_encryption_parameters"},
		"too large":     {token, "application/json", `{"x":"` + strings.Repeat("a", 70_000) + `"}`, 413, "invalid_credential_request"},
	} {
		w := p.send("POST", "/wallet/credential", c.body, "Content-Type", c.media, "Authorization", "Bearer "+c.token)
		got := answered[refused](t, w, c.status)
		if got.Error != c.want || strings.ContainsAny(got.Description, "\"\\\n") {
			t.Errorf("%s: got %+v, want %s", name, got, c.want)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); (c.status == 401) != strings.Contains(challenge, `Bearer`) {
			t.Errorf("%s: WWW-Authenticate is %q", name, challenge)
		}
	}
	for _, configuration := range []string{"openbadge_jwt", "openbadge_ldp"} {
		answered[credentialAnswer](t, p.ask(meta, token, configuration), 200)
		if got := answered[refused](t, p.ask(meta, token, configuration), 400); got.Error != "credential_request_denied" {
			t.Errorf("%s a second time: got %+v", configuration, got)
		}
	}
}

// TestDraft13: wallets that speak that draft are answered in its shapes.
func TestDraft13(t *testing.T) {
	p := newPhone(t)
	o := p.offer()
	link, _ := url.Parse(o.Link)
	var offer offerDocument
	if err := json.Unmarshal([]byte(link.Query().Get("credential_offer")), &offer); err != nil {
		t.Fatal(err)
	}
	if meta := answered[issuerDocument](t, p.send("GET", "/.well-known/openid-credential-issuer", ""), 200); answered[serverDocument](t, p.send("GET", meta.Servers[0]+"/.well-known/oauth-authorization-server", ""), 200).Issuer != meta.Servers[0] {
		t.Error("the authorization server is not found behind its path")
	}
	form := url.Values{"grant_type": {wallet.GrantType}, "pre-authorized_code": {offer.Grants[wallet.GrantType].Code}, "tx_code": {o.PIN}}
	token := answered[map[string]any](t, p.send("POST", "/wallet/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded"), 200)
	nonce := token["c_nonce"].(string)
	for _, format := range []string{"jwt_vc_json", "ldp_vc"} {
		body, _ := json.Marshal(map[string]any{
			"format": format, "credential_definition": map[string]any{"type": []string{"VerifiableCredential", "OpenBadgeCredential"}},
			"proof": map[string]any{"proof_type": "jwt", "jwt": p.key.Proof(t, issuertest.BaseURL, nonce, p.Clock.Now(), nil, nil)},
		})
		got := answered[map[string]json.RawMessage](t, p.send("POST", "/wallet/credential", string(body), "Content-Type", "application/json", "Authorization", "Bearer "+token["access_token"].(string)), 200)
		text := string(got["credential"])
		if err := json.Unmarshal(got["c_nonce"], &nonce); err != nil || format == "jwt_vc_json" && json.Unmarshal(got["credential"], &text) != nil {
			t.Fatalf("got %s", got)
		}
		p.judge(format, text, "ana@home.test", verifier.Valid)
	}
	body := `{"format":"vc+sd-jwt","proof":{"proof_type":"jwt","jwt":"x"}}`
	if got := answered[refused](t, p.send("POST", "/wallet/credential", body, "Content-Type", "application/json", "Authorization", "Bearer x"), 400); got.Error != "invalid_credential_request" {
		t.Errorf("another format: got %+v", got)
	}
}

// TestFromOtherSites: pages of other sites may call what wallets call, without cookies.
func TestFromOtherSites(t *testing.T) {
	p := newPhone(t)
	for _, path := range []string{"/wallet/token", "/wallet/nonce", "/wallet/credential"} {
		w := p.send("OPTIONS", path, "", "Origin", "https://wallet.test", "Access-Control-Request-Method", "POST")
		if w.Code != 204 || w.Header().Get("Access-Control-Allow-Methods") != "POST" || !strings.Contains(w.Header().Get("Access-Control-Allow-Headers"), "Authorization") || w.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: got %d %v", path, w.Code, w.Header())
		}
	}
}

// TestAddressesOfAPath: of a site below a path the metadata stand before the path (RFC 8414 §3.1, OpenID4VCI 1.0 §12.2.2).
func TestAddressesOfAPath(t *testing.T) {
	p := newPhone(t)
	site := web.New(web.Options{BaseURL: "https://acme.test/badges", Secret: p.Secret, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	found := map[string]bool{}
	for _, r := range door.New(site, p.Wallets).Routes() {
		if r.Method == http.MethodGet {
			found[r.Path] = true
		}
	}
	for _, want := range []string{"/.well-known/openid-credential-issuer/badges", "/.well-known/oauth-authorization-server/badges/wallet"} {
		if !found[want] {
			t.Errorf("%s is not among %v", want, slices.Sorted(maps.Keys(found)))
		}
	}
}

// BenchmarkExchange is everything that a wallet asks of the server for a badge in both formats, with a new offer each time.
// Its budget is 100 ms of the server's time.
func BenchmarkExchange(b *testing.B) {
	p := newPhone(b)
	for b.Loop() {
		b.StopTimer()
		o := p.offer()
		b.StartTimer()
		p.receive(o)
	}
	exchange := float64(p.took.Microseconds()) / 1000 / float64(b.N)
	b.ReportMetric(exchange, "server-ms/exchange")
	b.ReportMetric(exchange/100, "of-budget")
}
