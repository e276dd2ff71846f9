package verifier

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

// today is when the tests' badges are judged.
var today = time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)

const (
	issuerID  = "https://issuer.test/issuers/1"
	keyID     = "https://issuer.test/issuers/1/keys/k1.jwk"
	badgeID   = "https://issuer.test/badges/b1/credential.json"
	listID    = "https://issuer.test/status/7"
	refreshID = "https://issuer.test/badges/b1/credential.jwt"
	ana       = "ana@home.test"
	evilHost  = "https://evil.test"
)

// keys are made once: RSA keys take their time.
var keys = sync.OnceValue(func() struct {
	ec, other *ecdsa.PrivateKey
	rsa       *rsa.PrivateKey
	ed        ed25519.PrivateKey
} {
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	rsaKey, _ := rsa.GenerateKey(rand.Reader, 2048)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	return struct {
		ec, other *ecdsa.PrivateKey
		rsa       *rsa.PrivateKey
		ed        ed25519.PrivateKey
	}{ec, other, rsaKey, ed}
})

// world is one issuer with a badge for Ana, and the only network there is.
type world struct {
	t       testing.TB
	network egress.Memory
	badge   *openbadge.Credential
	header  openbadge.Header
	signer  crypto.Signer
	list    *openbadge.StatusList
	options Options
	in      Input
}

// newWorld has a badge that is valid: ES256, key at an https address, status list with nobody on it.
func newWorld(t testing.TB) *world {
	w := &world{
		t: t, network: egress.Memory{}, signer: keys().ec, list: openbadge.NewStatusList(0),
		header: openbadge.Header{Alg: openbadge.ES256, KID: keyID},
	}
	w.badge = openbadge.NewCredential(badgeID)
	w.badge.Name = "Line Robots"
	w.badge.Issuer = openbadge.Profile{ID: issuerID, Type: []string{"Profile"}, Name: "Example Makers", URL: "https://issuer.test"}
	w.badge.ValidFrom = today.AddDate(0, -1, 0)
	w.badge.Subject = openbadge.NewSubject(openbadge.Achievement{
		ID: "https://issuer.test/achievements/1", Type: []string{"Achievement"}, Name: "Line Robots",
		Description: "Built a robot that follows a line.", Criteria: openbadge.Criteria{Narrative: "Build one."},
	}, openbadge.HashedEmail(openbadge.HashIdentity(ana, "salt"), "salt"))
	w.badge.Status = &openbadge.StatusEntry{
		Type: "BitstringStatusListEntry", StatusPurpose: "revocation", StatusListIndex: "94567", StatusListCredential: listID,
	}
	w.publishKey(keyID, w.signer.Public())
	w.putJSON(issuerID, map[string]any{"id": issuerID, "type": "Profile", "name": "Example Makers", "assertionMethod": []string{keyID}})
	w.publishList("revocation")
	return w
}

func (w *world) put(address, contentType, body string) {
	w.network[address] = egress.Resource{Headers: map[string]string{"Content-Type": contentType}, Body: body}
}

func (w *world) putJSON(address string, v any) { w.put(address, "application/json", toJSON(w.t, v)) }

func (w *world) publishKey(address string, key crypto.PublicKey) {
	jwk, err := openbadge.PublicJWK(key, address)
	w.must(err)
	w.put(address, "application/jwk+json", string(jwk))
}

// publishList signs the status list as it is now.
func (w *world) publishList(purpose string) {
	w.put(listID, "application/vc+jwt", w.signList(purpose, issuerID, w.list.Encode(), time.Time{}))
}

func (w *world) signList(purpose, issuer, encoded string, until time.Time) string {
	profile := openbadge.Profile{ID: issuer, Type: []string{"Profile"}, Name: "Example Makers"}
	payload, err := openbadge.NewStatusListCredential(listID, profile, purpose, encoded, today.AddDate(-1, 0, 0), until).Payload()
	w.must(err)
	return w.sign(payload)
}

func (w *world) sign(payload []byte) string {
	token, err := openbadge.Sign(w.header, payload, w.signer)
	w.must(err)
	return token
}

// token signs the badge as it is now.
func (w *world) token() string { return w.sign(w.payload()) }

func (w *world) payload() []byte {
	payload, err := openbadge.Payload(w.badge)
	w.must(err)
	return payload
}

// edited signs the payload after a change that the types of openbadge would not make.
func (w *world) edited(change func(m map[string]any)) string {
	return w.sign(edit(w.t, w.payload(), change))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// verify judges data in this world.
func (w *world) verify(data string) *Report {
	w.in.Data = []byte(data)
	o := w.options
	if o.Fetch == nil {
		o.Fetch = w.network
	}
	o.Now = func() time.Time { return today }
	return New(o).Verify(context.Background(), w.in)
}

func edit(t testing.TB, data []byte, change func(m map[string]any)) []byte {
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	change(m)
	return []byte(toJSON(t, m))
}

func toJSON(t testing.TB, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// handmade puts a token together without any of our checks.
func handmade(header string, payload, signature []byte) string {
	return b64([]byte(header)) + "." + b64(payload) + "." + b64(signature)
}

func picture(t testing.TB, chunks ...openbadge.Chunk) string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	baked, err := openbadge.Bake(b.Bytes(), chunks...)
	if err != nil {
		t.Fatal(err)
	}
	return string(baked)
}

// codes are those of the checks with an outcome, in order.
func (r *Report) codes(o Outcome) string {
	var all []string
	for _, c := range r.Checks {
		if c.Outcome == o {
			all = append(all, c.Code)
		}
	}
	return strings.Join(all, " ")
}

// want compares verdict and codes of failed and unknown checks.
func want(t *testing.T, r *Report, v Verdict, codes string) {
	t.Helper()
	got := strings.TrimSpace(r.codes(Fail) + " " + r.codes(Unknown))
	if r.Verdict != v || got != codes {
		t.Errorf("got %s %q, want %s %q\n%s", r.Verdict, got, v, codes, toJSON(t, r.Checks))
	}
	if r.Valid != (v == Valid) {
		t.Errorf("valid is %v with verdict %s", r.Valid, r.Verdict)
	}
	for _, c := range r.Checks {
		if c.Message == "" || c.Name == "" {
			t.Errorf("check without words: %+v", c)
		}
	}
}

// recording notes what was asked for, with the media types wanted.
type recording struct {
	next egress.Fetcher
	seen map[string]bool
}

func (r recording) Fetch(ctx context.Context, q egress.Request) (*egress.Response, error) {
	r.seen[q.URL+" "+q.Accept] = true
	return r.next.Fetch(ctx, q)
}
