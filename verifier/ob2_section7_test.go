package verifier

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

const oldKey = "https://issuer.test/public.pem"

// oldBadge is a signed badge of 1.0 as JSON, its issuer published in the form of 1.0.
func oldBadge(w *world) []byte {
	w.signer, w.header = keys().rsa, openbadge.Header{Alg: openbadge.RS256}
	w.put(pngID, "image/png", picture(w.t))
	w.publish2(classID, map[string]any{"name": "N", "description": "D", "image": pngID, "criteria": "https://issuer.test/c", "issuer": profileID})
	w.publish2(profileID, map[string]any{"name": "Example Makers", "url": "https://issuer.test", "email": "a@issuer.test", "revocationList": revokedID})
	w.publish2(revokedID, map[string]any{"u-1": "because"})
	text, err := openbadge.PublicKeyPEM(keys().rsa.Public())
	w.must(err)
	w.put(oldKey, "application/x-pem-file", text)
	return []byte(toJSON(w.t, map[string]any{
		"uid": "u-2", "recipient": map[string]any{"type": "email", "hashed": false, "identity": ana}, "badge": classID, "issuedOn": "2015-04-30",
		"verify": map[string]any{"type": "signed", "url": oldKey},
	}))
}

// TestMust7Old: signed badges of 1.x (spec 2.0 section 7, last paragraph).
//
// proves: 2.0 §7 judged: 1.x signed: PEM at verify.url on the issuer's host, id is uid, plain list
func TestMust7Old(t *testing.T) {
	verify := func(key string) func(m map[string]any) {
		return set("verify", map[string]any{"type": "signed", "url": key})
	}
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&keys().rsa.PublicKey)}))
	for _, c := range []struct {
		name    string
		token   func(w *world, badge []byte) string
		verdict Verdict
		codes   string
	}{
		{"1.0", func(w *world, badge []byte) string { return w.sign(badge) }, Valid, ""},
		{"1.1", func(w *world, badge []byte) string {
			for _, address := range []string{classID, profileID} {
				w.change(address, func(m map[string]any) {
					m["@context"], m["id"] = "https://w3id.org/openbadges/v1", address
					m["type"] = map[string]string{classID: "BadgeClass", profileID: "Issuer"}[address]
				})
			}
			return w.sign(edit(w.t, badge, func(m map[string]any) {
				m["@context"], m["type"] = "https://w3id.org/openbadges/v1", "Assertion"
			}))
		}, Valid, ""},
		{"PKCS #1", func(w *world, badge []byte) string { w.put(oldKey, "text/plain", pkcs1); return w.sign(badge) }, Valid, ""},
		{"CR LF", func(w *world, badge []byte) string {
			w.put(oldKey, "text/plain", strings.ReplaceAll(w.network[oldKey].Body, "\n", "\r\n"))
			return w.sign(badge)
		}, Valid, ""},
		{"key document instead of PEM", func(w *world, badge []byte) string {
			text := w.network[oldKey].Body
			w.publish2(oldKey, ob2.NewCryptographicKey(oldKey, profileID, text))
			return w.sign(badge)
		}, Valid, ""},
		{"revoked by uid", func(w *world, badge []byte) string { return w.sign(edit(w.t, badge, set("uid", "u-1"))) }, Revoked, "REVOKED"},
		{"changed", func(w *world, badge []byte) string { return handmade(`{"alg":"RS256"}`, badge, []byte("x")) }, Altered, "BAD_SIGNATURE"},
		{"alg none", func(w *world, badge []byte) string { return handmade(`{"alg":"none"}`, badge, nil) }, Invalid, "BAD_SIGNATURE"},
		{"forged: the signer's own key", func(w *world, badge []byte) string {
			w.put(evilHost+"/key", "text/plain", w.network[oldKey].Body)
			return w.sign(edit(w.t, badge, verify(evilHost+"/key")))
		}, Invalid, "KEY_NOT_OWNED"},
		{"forged: a redirect away from the issuer", func(w *world, badge []byte) string {
			w.put(evilHost+"/key", "text/plain", w.network[oldKey].Body)
			w.network["https://issuer.test/go"] = egress.Resource{Status: 302, Headers: map[string]string{"Location": evilHost + "/key"}}
			return w.sign(edit(w.t, badge, verify("https://issuer.test/go")))
		}, Invalid, "KEY_NOT_OWNED"},
		{"key missing", func(w *world, badge []byte) string {
			w.network[oldKey] = egress.Resource{Status: 404}
			return w.sign(badge)
		}, Invalid, "KEY_FETCH"},
		{"key out of reach", func(w *world, badge []byte) string { delete(w.network, oldKey); return w.sign(badge) }, Undetermined, "KEY_FETCH"},
		{"no key", func(w *world, badge []byte) string { w.put(oldKey, "text/plain", "hello"); return w.sign(badge) }, Invalid, "KEY_FETCH"},
		{"key document malformed", func(w *world, badge []byte) string {
			w.put(oldKey, "application/json", `{"a":1,"a":2}`)
			return w.sign(badge)
		}, Invalid, "KEY_FETCH"},
		{"without any key", func(w *world, badge []byte) string {
			return w.sign(edit(w.t, badge, set("verify", map[string]any{"type": "signed"})))
		}, Invalid, "KEY_NOT_OWNED"},
		{"hosted badge in a token", func(w *world, badge []byte) string {
			return w.sign(edit(w.t, badge, set("verify", map[string]any{"type": "hosted", "url": oldKey})))
		}, Invalid, "VERIFICATION_TYPE"},
		{"0.5 was never signed", func(w *world, badge []byte) string {
			return w.sign([]byte(`{"recipient":"a@b.test","badge":{"name":"n"}}`))
		}, NotABadge, "UNSUPPORTED_TYPE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			r := w.verify(c.token(w, oldBadge(w)))
			want(t, r, c.verdict, c.codes)
			if r.Format != FormatOB1Signed && c.verdict != NotABadge {
				t.Errorf("format %s", r.Format)
			}
		})
	}
}

// TestMust7Keys: kinds of keys, and several of them (spec 2.0 sections 2 and 7).
//
// proves: 2.0 §2 judged: CryptographicKey: type, owner, SPKI and PKCS #1 PEM, no private key, 2048 bits at least
// proves: 2.0 §7 judged: keys of the hosted profile only: creator is one of them, without creator each is tried
func TestMust7Keys(t *testing.T) {
	small, _ := rsa.GenerateKey(rand.Reader, 1024)
	der, _ := x509.MarshalPKIXPublicKey(&small.PublicKey)
	private, _ := x509.MarshalPKCS8PrivateKey(keys().rsa)
	block := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	for name, c := range map[string]struct {
		pem     string
		verdict Verdict
		codes   string
	}{
		"PKCS #1":               {block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&keys().rsa.PublicKey)), Valid, ""},
		"too small":             {block("PUBLIC KEY", der), Invalid, "KEY_FETCH"},
		"a private key":         {block("PRIVATE KEY", private), Invalid, "KEY_FETCH"},
		"a key of another kind": {mustPEM(t, keys().ec.Public()), Invalid, "BAD_SIGNATURE"},
		"nothing":               {"", Invalid, "KEY_FETCH"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			badge := signedBadge(w)
			w.change(pemID, set("publicKeyPem", c.pem))
			want(t, w.verify(w.sign(badge)), c.verdict, c.codes)
		})
	}
	w := newWorld(t)
	badge := signedBadge(w)
	other := pemID + "0"
	w.publish2(other, ob2.NewCryptographicKey(other, profileID, mustPEM(t, keys().ec.Public())))
	w.change(profileID, set("publicKey", []string{other, pemID}))
	want(t, w.verify(w.sign(badge)), Valid, "")
	// The creator is one of the issuer's keys, but not the one that signed.
	named := edit(t, badge, set("verification", map[string]any{"type": "SignedBadge", "creator": other}))
	want(t, w.verify(w.sign(named)), Invalid, "BAD_SIGNATURE")
}

func mustPEM(t *testing.T, key any) string {
	text, err := openbadge.PublicKeyPEM(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestMust7List: the revocation list (spec 2.0 section 7, step 7).
//
// proves: 2.0 §2 judged: RevocationList entries: string, object, uid, revoked: false, malformed
// proves: 2.0 §7 judged: revocation list by id and uid, and its failure
func TestMust7List(t *testing.T) {
	for name, c := range map[string]struct {
		entries any
		verdict Verdict
		codes   string
	}{
		"one id":                   {uuidID, Revoked, "REVOKED"},
		"one id in a list":         {[]any{uuidID}, Revoked, "REVOKED"},
		"one object":               {map[string]any{"id": uuidID}, Revoked, "REVOKED"},
		"an object among others":   {[]any{"urn:uuid:1", map[string]any{"id": uuidID, "revocationReason": "why"}}, Revoked, "REVOKED"},
		"by uid":                   {[]any{map[string]any{"uid": "u7"}}, Revoked, "REVOKED"},
		"another uid":              {[]any{map[string]any{"uid": "u8"}}, Valid, ""},
		"an entry that is lifted":  {[]any{map[string]any{"id": uuidID, "revoked": false}}, Valid, ""},
		"empty":                    {[]any{}, Valid, ""},
		"an entry that is no id":   {[]any{"nonsense"}, Invalid, "REVOCATION_LIST"},
		"an entry without an id":   {[]any{map[string]any{"revocationReason": "x"}}, Invalid, "REVOCATION_LIST"},
		"revokedAssertions absent": {nil, Invalid, "REVOCATION_LIST"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			badge := edit(t, signedBadge(w), set("uid", "u7"))
			w.change(revokedID, set("revokedAssertions", c.entries))
			if c.entries == nil {
				without(revokedID, "revokedAssertions")(w)
			}
			want(t, w.verify(w.sign(badge)), c.verdict, c.codes)
		})
	}
	w := newWorld(t)
	badge := signedBadge(w)
	w.change(revokedID, set("type", "Assertion"))
	want(t, w.verify(w.sign(badge)), Invalid, "REVOCATION_LIST")
}
