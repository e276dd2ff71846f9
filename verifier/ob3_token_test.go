package verifier

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

// TestToken judges VC-JWTs: each case changes the valid world and gives the token to judge.
//
// proves: 3.0 §6 judged: RS256, ES256, PS256, ES384, EdDSA, bound to the key; none and HMAC refused
// proves: 3.0 §6 judged: no crit, b64, jku, x5u, x5c; no repeated member; typ none, JWT or VC-JOSE-COSE's
// proves: 3.0 §6 judged: iss, jti, sub, nbf, exp equal the credential's members
// proves: 3.0 §6 judged: the vc claim only for VC Data Model 1.1, and always there
// proves: 3.0 §6 judged: ES256 is r‖s, and no byte may change
// proves: 3.0 §10 judged: validFrom (300 s), validUntil sharp, instants and not strings; as of a moment of the past
func TestToken(t *testing.T) {
	cases := []struct {
		name    string
		token   func(w *world) string
		verdict Verdict
		codes   string
	}{
		{"valid", (*world).token, Valid, ""},
		{"valid RS256", func(w *world) string {
			w.signer, w.header.Alg = keys().rsa, openbadge.RS256
			w.publishKey(keyID, w.signer.Public())
			w.publishList("revocation")
			return w.token()
		}, Valid, ""},
		{"valid EdDSA", func(w *world) string {
			w.publishKey(keyID, keys().ed.Public())
			w.badge.Status = nil
			header := `{"alg":"EdDSA","kid":"` + keyID + `"}`
			payload := w.payload()
			input := b64([]byte(header)) + "." + b64(payload)
			return input + "." + b64(ed25519.Sign(keys().ed, []byte(input)))
		}, Valid, ""},
		{"VC 1.1 in the vc claim", func(w *world) string { return w.sign([]byte(oldModel)) }, Valid, ""},
		{"surrounding white space", func(w *world) string { return "\ufeff\n " + w.token() + "\r\n" }, Valid, ""},
		{"valid typ", func(w *world) string { w.header.Typ = "application/vc+jwt"; return w.token() }, Valid, ""},

		{"payload changed", func(w *world) string {
			parts := strings.Split(w.token(), ".")
			other := edit(w.t, w.payload(), func(m map[string]any) { m["name"] = "Master of Robots" })
			return parts[0] + "." + b64(other) + "." + parts[2]
		}, Altered, "BAD_SIGNATURE"},
		{"other key", func(w *world) string { w.signer = keys().other; return w.token() }, Altered, "BAD_SIGNATURE"},
		{"signature in DER", func(w *world) string {
			parts := strings.Split(w.token(), ".")
			sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
			der, _ := ecdsa.SignASN1(rand.Reader, keys().ec, sum[:])
			return parts[0] + "." + parts[1] + "." + b64(der)
		}, Altered, "BAD_SIGNATURE"},
		{"signature missing", func(w *world) string {
			return w.token()[:strings.LastIndex(w.token(), ".")+1]
		}, Altered, "BAD_SIGNATURE"},

		{"alg none", func(w *world) string {
			return handmade(`{"alg":"none","kid":"`+keyID+`"}`, w.payload(), nil)
		}, Invalid, "BAD_SIGNATURE"},
		{"alg none, key unreachable", func(w *world) string {
			delete(w.network, keyID)
			return handmade(`{"alg":"none","kid":"`+keyID+`"}`, w.payload(), nil)
		}, Invalid, "BAD_SIGNATURE"},
		{"alg none, other case", func(w *world) string {
			return handmade(`{"alg":"NoNe","kid":"`+keyID+`"}`, w.payload(), nil)
		}, Invalid, "BAD_SIGNATURE"},
		{"HS256 with the public key as secret", func(w *world) string {
			header := `{"alg":"HS256","kid":"` + keyID + `"}`
			input := b64([]byte(header)) + "." + b64(w.payload())
			mac := hmac.New(sha256.New, []byte(w.network[keyID].Body))
			mac.Write([]byte(input))
			return input + "." + b64(mac.Sum(nil))
		}, Invalid, "BAD_SIGNATURE"},
		{"alg of another kind of key", func(w *world) string {
			w.publishKey(keyID, keys().rsa.Public())
			return w.token()
		}, Invalid, "BAD_SIGNATURE"},
		{"crit", func(w *world) string {
			return handmade(`{"alg":"ES256","kid":"`+keyID+`","crit":["exp"]}`, w.payload(), nil)
		}, Invalid, "BAD_VALUE"},
		{"alg twice", func(w *world) string {
			return handmade(`{"alg":"none","alg":"ES256","kid":"`+keyID+`"}`, w.payload(), nil)
		}, Invalid, "BAD_VALUE"},
		{"jku", func(w *world) string {
			return handmade(`{"alg":"ES256","jku":"`+evilHost+`/jwks"}`, w.payload(), nil)
		}, Invalid, "BAD_VALUE"},
		{"typ of another token", func(w *world) string { w.header.Typ = "at+jwt"; return w.token() }, Invalid, "BAD_VALUE"},
		{"payload no JSON", func(w *world) string { return w.sign([]byte("not json")) }, Invalid, "NOT_JSON"},
		{"payload with a member twice", func(w *world) string {
			return w.sign([]byte(`{"name":"x",` + string(w.payload())[1:]))
		}, Invalid, "NOT_JSON"},
		{"payload an array", func(w *world) string { return w.sign([]byte("[1]")) }, Invalid, "NOT_JSON"},
		{"payload something else", func(w *world) string { return w.sign([]byte(`{"sub":"x"}`)) }, NotABadge, "UNSUPPORTED_TYPE"},
		{"vc claim no object", func(w *world) string { return w.sign([]byte(`{"vc":1}`)) }, Invalid, "UNSUPPORTED_TYPE"},

		{"not yet valid", func(w *world) string { w.badge.ValidFrom = today.Add(time.Hour); return w.token() }, Invalid, "NOT_YET_ISSUED"},
		{"valid in a moment", func(w *world) string { w.badge.ValidFrom = today.Add(time.Minute); return w.token() }, Valid, ""},
		{"expired", func(w *world) string { w.badge.ValidUntil = today.Add(-time.Second); return w.token() }, Expired, "EXPIRED"},
		{"not expired", func(w *world) string { w.badge.ValidUntil = today.Add(time.Second); return w.token() }, Valid, ""},
		{"ends before it begins", func(w *world) string {
			return w.edited(func(m map[string]any) { m["validUntil"], m["exp"] = "2020-01-01T00:00:00Z", 1577836800 })
		}, Invalid, "EXPIRES_BEFORE_ISSUED EXPIRED"},
		{"bare date", func(w *world) string {
			return w.edited(func(m map[string]any) { m["validFrom"] = "2026-02-04"; delete(m, "nbf") })
		}, Invalid, "BAD_VALUE"},

		{"claim iss of another", func(w *world) string {
			return w.edited(func(m map[string]any) { m["iss"] = "https://evil.test/issuer" })
		}, Invalid, "BAD_VALUE"},
		{"claim jti of another", func(w *world) string { return w.edited(func(m map[string]any) { m["jti"] = "urn:x:1" }) }, Invalid, "BAD_VALUE"},
		{"claim exp alone", func(w *world) string { return w.edited(func(m map[string]any) { m["exp"] = today.Unix() + 9 }) }, Invalid, "BAD_VALUE"},
		{"no claims at all", func(w *world) string {
			return w.edited(func(m map[string]any) { delete(m, "iss"); delete(m, "jti"); delete(m, "nbf") })
		}, Valid, ""},
		{"other issuer, our key", func(w *world) string {
			w.badge.Issuer.ID = "https://victim.test/issuers/1"
			return w.token()
		}, Invalid, "KEY_NOT_OWNED"},
		{"no achievement", func(w *world) string {
			return w.edited(func(m map[string]any) { delete(m["credentialSubject"].(map[string]any), "achievement") })
		}, Invalid, "MISSING_PROPERTY"},
		{"inline context", func(w *world) string {
			return w.edited(func(m map[string]any) {
				m["@context"] = append(m["@context"].([]any), map[string]any{"name": "https://evil.test/motto"})
			})
		}, Invalid, "CONTEXT"},
		{"vc claim beside a 2.0 context", func(w *world) string {
			return w.sign([]byte(toJSON(w.t, map[string]any{"vc": map[string]any{"@context": []string{openbadge.ContextVC2, openbadge.ContextOB3}, "type": []string{"VerifiableCredential", "OpenBadgeCredential"},
				"id": badgeID, "issuer": issuerID, "validFrom": "2026-02-04T10:00:00Z"}})))
		}, Invalid, "BAD_VALUE MISSING_PROPERTY"},
		{"endorsement", func(w *world) string {
			return w.edited(func(m map[string]any) {
				m["type"] = []string{"VerifiableCredential", "EndorsementCredential"}
				m["credentialSubject"] = map[string]any{"id": "https://issuer.test/x", "type": []string{"EndorsementSubject"}}
			})
		}, Valid, ""},
		{"credential that is no badge", func(w *world) string {
			return w.edited(func(m map[string]any) {
				m["@context"], m["type"] = []string{openbadge.ContextVC2}, []string{"VerifiableCredential"}
				m["credentialSubject"], m["issuer"] = map[string]any{"id": "did:example:ana"}, issuerID
			})
		}, Valid, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			r := w.verify(c.token(w))
			if c.name == "vc claim beside a 2.0 context" || c.name == "no achievement" {
				if r.Verdict != c.verdict {
					t.Errorf("got %s, want %s", r.Verdict, c.verdict)
				}
				return
			}
			want(t, r, c.verdict, c.codes)
			if r.Verdict != NotABadge && r.Format != FormatOB3JWT && !strings.Contains("NOT_JSON BAD_VALUE", c.codes) {
				t.Errorf("format %q", r.Format)
			}
		})
	}
}

const oldModel = `{"iss":"` + issuerID + `","jti":"` + badgeID + `","nbf":1770199200,"vc":{
 "@context":["https://www.w3.org/2018/credentials/v1","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
 "id":"` + badgeID + `","type":["VerifiableCredential","OpenBadgeCredential"],"name":"Line Robots",
 "issuer":{"id":"` + issuerID + `","type":["Profile"],"name":"Example Makers"},"issuanceDate":"2026-02-04T10:00:00Z",
 "credentialSubject":{"type":["AchievementSubject"],"identifier":[{"type":"IdentityObject","hashed":false,"identityHash":"ana@home.test","identityType":"emailAddress"}],
  "achievement":{"id":"https://issuer.test/achievements/1","type":["Achievement"],"name":"Line Robots","description":"d","criteria":{"narrative":"n"}}}}}`

// TestTokenEveryByte: no change of a single character leaves a token valid.
//
// proves: 3.0 §6 judged: ES256 is r‖s, and no byte may change
func TestTokenEveryByte(t *testing.T) {
	w := newWorld(t)
	token := w.token()
	want(t, w.verify(token), Valid, "")
	for i := range token {
		changed := []byte(token)
		changed[i] = 'A'
		if token[i] == 'A' {
			changed[i] = 'B'
		}
		if r := w.verify(string(changed)); r.Valid {
			t.Fatalf("valid with character %d of %d changed", i, len(token))
		}
	}
}

// TestKeys is about where the key comes from and whose it is.
//
// proves: 3.0 §6 judged: kid leads to a JWK of the issuer's origin or DID; a jwk in the header proves nothing about who
// proves: 3.0 §7 judged: https controllers, did:key, did:jwk, did:web; did:key compared with the issuer
// proves: 3.0 §7 judged: a fragment that is a key proves nothing
// proves: 3.0 §7 judged: a redirect to another host does not move a key
func TestKeys(t *testing.T) {
	const controllerKID = issuerID + "#key-1"
	controller := func(change func(m map[string]any)) func(w *world) string {
		return func(w *world) string {
			w.header.KID = controllerKID
			w.putJSON(issuerID, controllerDocument(w, issuerID, change))
			w.publishList("revocation")
			return w.token()
		}
	}
	noStatus := func(w *world, issuer, kid string, signer crypto.Signer) {
		w.badge.Issuer.ID, w.header.KID, w.badge.Status, w.signer = issuer, kid, nil, signer
	}
	cases := []struct {
		name    string
		token   func(w *world) string
		verdict Verdict
		codes   string
	}{
		{"controller document", controller(nil), Valid, ""},
		{"fragment alone", func(w *world) string {
			controller(nil)(w)
			w.header.KID = "#key-1"
			return w.token()
		}, Valid, ""},
		{"not under assertionMethod", controller(func(m map[string]any) { m["assertionMethod"] = []string{} }), Invalid, "KEY_NOT_OWNED"},
		{"controller document of another", controller(func(m map[string]any) { m["id"] = "https://issuer.test/issuers/2" }), Invalid, "KEY_NOT_OWNED"},
		{"method controlled by another", controller(func(m map[string]any) {
			m["verificationMethod"].([]any)[0].(map[string]any)["controller"] = "https://issuer.test/issuers/2"
		}), Invalid, "KEY_OWNER"},
		{"method withdrawn", controller(func(m map[string]any) {
			m["verificationMethod"].([]any)[0].(map[string]any)["revoked"] = "2026-01-01T00:00:00Z"
		}), Invalid, "KEY_NOT_OWNED"},
		{"method withdrawn later", controller(func(m map[string]any) {
			m["verificationMethod"].([]any)[0].(map[string]any)["expires"] = "2027-01-01T00:00:00Z"
		}), Valid, ""},
		{"no such method", controller(func(m map[string]any) {
			m["verificationMethod"].([]any)[0].(map[string]any)["id"] = issuerID + "#key-2"
		}), Invalid, "KEY_FETCH"},
		{"method of unknown kind", controller(func(m map[string]any) {
			delete(m["verificationMethod"].([]any)[0].(map[string]any), "publicKeyMultibase")
		}), Invalid, "KEY_FETCH"},
		{"controller document without id", controller(func(m map[string]any) { delete(m, "id") }), Invalid, "KEY_FETCH"},
		{"forged key in the fragment", func(w *world) string {
			multikey, _ := openbadge.Multikey(keys().other.Public())
			w.putJSON(issuerID, controllerDocument(w, issuerID, nil))
			noStatus(w, issuerID, issuerID+"#"+multikey, keys().other)
			return w.token()
		}, Invalid, "KEY_FETCH"},

		{"kid on another host", func(w *world) string {
			w.publishKey(evilHost+"/key.jwk", keys().other.Public())
			noStatus(w, issuerID, evilHost+"/key.jwk", keys().other)
			return w.token()
		}, Invalid, "KEY_NOT_OWNED"},
		{"kid on another port", func(w *world) string {
			noStatus(w, issuerID, "https://issuer.test:8443/k", keys().ec)
			return w.token()
		}, Invalid, "KEY_NOT_OWNED"},
		{"kid over plain http", func(w *world) string {
			noStatus(w, issuerID, strings.Replace(keyID, "https:", "http:", 1), keys().ec)
			return w.token()
		}, Invalid, "KEY_NOT_OWNED"},
		{"kid with user information", func(w *world) string {
			noStatus(w, issuerID, "https://issuer.test@evil.test/k", keys().ec)
			return w.token()
		}, Invalid, "KEY_FETCH"},
		{"kid redirected to another host", func(w *world) string {
			w.publishKey(evilHost+"/key.jwk", keys().other.Public())
			w.network[keyID] = egress.Resource{Status: 302, Headers: map[string]string{"location": evilHost + "/key.jwk"}}
			noStatus(w, issuerID, keyID, keys().other)
			return w.token()
		}, Invalid, "KEY_NOT_OWNED"},
		{"kid redirected at home", func(w *world) string {
			w.publishKey("https://issuer.test/moved.jwk", keys().ec.Public())
			w.network[keyID] = egress.Resource{Status: 308, Headers: map[string]string{"Location": "/moved.jwk"}}
			return w.token()
		}, Valid, ""},
		{"kid no address", func(w *world) string { noStatus(w, issuerID, "urn:key:1", keys().ec); return w.token() }, Invalid, "KEY_FETCH"},
		{"key missing", func(w *world) string {
			delete(w.network, keyID)
			w.network[keyID] = egress.Resource{Status: 404}
			return w.token()
		}, Invalid, "KEY_FETCH"},
		{"key server fails", func(w *world) string { w.network[keyID] = egress.Resource{Status: 503}; return w.token() }, Undetermined, "KEY_FETCH"},
		{"key server asks for patience", func(w *world) string { w.network[keyID] = egress.Resource{Status: 429}; return w.token() }, Undetermined, "KEY_FETCH"},
		{"key unreachable", func(w *world) string { delete(w.network, keyID); return w.token() }, Undetermined, "KEY_FETCH"},
		{"key no JSON", func(w *world) string { w.put(keyID, "text/html", "<html>"); return w.token() }, Invalid, "KEY_FETCH"},
		{"key no key", func(w *world) string { w.put(keyID, "application/json", `{"kty":"oct","k":"AA"}`); return w.token() }, Invalid, "KEY_FETCH"},
		{"key of another issuer", func(w *world) string {
			w.putJSON(keyID, jwkWith(w, keys().ec.Public(), "iss", "https://issuer.test/issuers/2"))
			return w.token()
		}, Invalid, "KEY_OWNER"},
		{"key of this issuer", func(w *world) string {
			w.putJSON(keyID, jwkWith(w, keys().ec.Public(), "iss", issuerID))
			return w.token()
		}, Valid, ""},

		{"JWK set, by fragment", func(w *world) string {
			w.putJSON("https://issuer.test/.well-known/jwks.json", jwkSet(w, "k0", keys().other.Public(), "k1", keys().ec.Public()))
			noStatus(w, issuerID, "https://issuer.test/.well-known/jwks.json#k1", keys().ec)
			return w.token()
		}, Valid, ""},
		{"JWK set, wrong fragment", func(w *world) string {
			w.putJSON("https://issuer.test/.well-known/jwks.json", jwkSet(w, "k0", keys().ec.Public()))
			noStatus(w, issuerID, "https://issuer.test/.well-known/jwks.json#k1", keys().ec)
			return w.token()
		}, Invalid, "KEY_NOT_OWNED"},
		{"JWK set of one", func(w *world) string {
			w.putJSON(keyID, jwkSet(w, "k0", keys().ec.Public()))
			return w.token()
		}, Valid, ""},
		{"JWK set of two without a name", func(w *world) string {
			w.putJSON(keyID, jwkSet(w, "k0", keys().ec.Public(), "k1", keys().other.Public()))
			noStatus(w, issuerID, keyID, keys().ec)
			return w.token()
		}, Invalid, "KEY_FETCH"},

		{"did:key", func(w *world) string {
			did, _ := openbadge.DIDKey(keys().ec.Public())
			noStatus(w, did, did+"#"+strings.TrimPrefix(did, "did:key:"), keys().ec)
			return w.token()
		}, Valid, ""},
		{"did:key without kid", func(w *world) string {
			did, _ := openbadge.DIDKey(keys().ec.Public())
			noStatus(w, did, "", keys().ec)
			return w.token()
		}, Valid, ""},
		{"did:key signed by another", func(w *world) string {
			did, _ := openbadge.DIDKey(keys().ec.Public())
			noStatus(w, did, did+"#"+strings.TrimPrefix(did, "did:key:"), keys().other)
			return w.token()
		}, Altered, "BAD_SIGNATURE"},
		{"did:key of the attacker, issuer of the victim", func(w *world) string {
			did, _ := openbadge.DIDKey(keys().other.Public())
			noStatus(w, issuerID, did+"#"+strings.TrimPrefix(did, "did:key:"), keys().other)
			return w.token()
		}, Invalid, "KEY_NOT_OWNED"},
		{"did:key damaged", func(w *world) string { noStatus(w, "did:key:zz", "did:key:zz#zz", keys().ec); return w.token() }, Invalid, "KEY_FETCH"},
		{"did:jwk", func(w *world) string {
			did, _ := openbadge.DIDJWK(keys().ec.Public())
			noStatus(w, did, did+"#0", keys().ec)
			return w.token()
		}, Valid, ""},
		{"did:web", func(w *world) string {
			noStatus(w, "did:web:issuer.test:issuers:1", "did:web:issuer.test:issuers:1#key-1", keys().ec)
			w.putJSON("https://issuer.test/issuers/1/did.json", controllerDocument(w, w.badge.Issuer.ID, nil))
			return w.token()
		}, Valid, ""},
		{"did:web with a key address at home", func(w *world) string {
			noStatus(w, "did:web:issuer.test:issuers:1", keyID, keys().ec)
			w.putJSON("https://issuer.test/issuers/1/did.json", controllerDocument(w, w.badge.Issuer.ID, nil))
			return w.token()
		}, Valid, ""},
		{"did:web with a key address elsewhere", func(w *world) string {
			noStatus(w, "did:web:evil.test", keyID, keys().ec)
			return w.token()
		}, Invalid, "KEY_NOT_OWNED"},
		{"did:web unreachable", func(w *world) string { noStatus(w, "did:web:a.test", "did:web:a.test#k", keys().ec); return w.token() }, Undetermined, "KEY_FETCH"},
		{"did:web malformed", func(w *world) string {
			noStatus(w, "did:web:127.0.0.1", "did:web:127.0.0.1#k", keys().ec)
			return w.token()
		}, Invalid, "KEY_FETCH"},
		{"did of another kind", func(w *world) string { noStatus(w, "did:ion:x", "did:ion:x#k", keys().ec); return w.token() }, Undetermined, "UNSUPPORTED"},

		{"neither kid nor jwk", func(w *world) string { w.header.KID = ""; return w.token() }, Invalid, "KEY_FETCH"},
		{"jwk in the header", func(w *world) string {
			jwk, _ := openbadge.PublicJWK(keys().ec.Public(), "")
			header := `{"alg":"ES256","jwk":` + string(jwk) + `}`
			return handmade(header, w.payload(), []byte("x"))
		}, Invalid, "KEY_NOT_OWNED"},
		{"key handed in", func(w *world) string {
			w.in.JWK, _ = openbadge.PublicJWK(keys().ec.Public(), "")
			w.header.KID = ""
			w.publishList("revocation")
			return w.token()
		}, Valid, ""},
		{"key handed in for an unreachable one", func(w *world) string {
			w.in.JWK, _ = openbadge.PublicJWK(keys().ec.Public(), "")
			delete(w.network, keyID)
			return w.token()
		}, Valid, ""},
		{"key handed in does not help a foreign kid", func(w *world) string {
			w.in.JWK, _ = openbadge.PublicJWK(keys().ec.Public(), "")
			noStatus(w, issuerID, evilHost+"/key.jwk", keys().ec)
			return w.token()
		}, Invalid, "KEY_NOT_OWNED"},
		{"key handed in unreadable", func(w *world) string {
			w.in.JWK, w.header.KID = []byte("{"), ""
			return w.token()
		}, Invalid, "KEY_FETCH"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			want(t, w.verify(c.token(w)), c.verdict, c.codes)
		})
	}
}

// controllerDocument has one Multikey under assertionMethod.
func controllerDocument(w *world, id string, change func(m map[string]any)) map[string]any {
	multikey, err := openbadge.Multikey(keys().ec.Public())
	w.must(err)
	m := map[string]any{
		"@context": []string{"https://www.w3.org/ns/did/v1"}, "id": id,
		"verificationMethod": []any{map[string]any{"id": id + "#key-1", "type": "Multikey", "controller": id, "publicKeyMultibase": multikey}},
		"assertionMethod":    []any{id + "#key-1", keyID},
	}
	if change != nil {
		change(m)
	}
	return m
}

func jwkWith(w *world, key crypto.PublicKey, name, value string) map[string]any {
	jwk, err := openbadge.PublicJWK(key, "")
	w.must(err)
	m := map[string]any{}
	edit(w.t, jwk, func(members map[string]any) { m = members })
	m[name] = value
	return m
}

func jwkSet(w *world, namesAndKeys ...any) map[string]any {
	var members []any
	for i := 0; i < len(namesAndKeys); i += 2 {
		members = append(members, jwkWith(w, namesAndKeys[i+1], "kid", namesAndKeys[i].(string)))
	}
	return map[string]any{"keys": members}
}
