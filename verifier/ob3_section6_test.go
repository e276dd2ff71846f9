package verifier

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// TestSection6 holds tokens to the rules of spec 3.0 section 6 that TestToken and TestKeys do not have.
//
// proves: 3.0 §3 judged: contexts only from the embedded list; unknown and inline ones refused, further in too
// proves: 3.0 §3 judged: undefined members and types and relative ids refused in every proof, before a signature counts
// proves: 3.0 §6 judged: no crit, b64, jku, x5u, x5c; no repeated member; typ none, JWT or VC-JOSE-COSE's
// proves: 3.0 §6 judged: kid leads to a JWK of the issuer's origin or DID; a jwk in the header proves nothing about who
// proves: 3.0 §6 judged: iss, jti, sub, nbf, exp equal the credential's members
// proves: 3.0 §6 judged: the vc claim only for VC Data Model 1.1, and always there
// proves: 3.0 §6 judged: VC-JOSE-COSE: claims optional, nbf and exp are the signature's
func TestSection6(t *testing.T) {
	jose := func(change func(m object)) func(w *world) string {
		return func(w *world) string {
			w.header.Typ = "vc+jwt"
			return w.edited(change)
		}
	}
	nothing := func(object) {}
	cases := []struct {
		name    string
		token   func(w *world) string
		verdict Verdict
		codes   string
	}{
		{"claim nbf of another time", func(w *world) string { return w.edited(func(m object) { m["nbf"] = 1770199201 }) }, Invalid, "BAD_VALUE"},
		{"claim nbf in milliseconds", func(w *world) string { return w.edited(func(m object) { m["nbf"] = 1770199200000 }) }, Invalid, "BAD_VALUE"},
		{"claim nbf as text", func(w *world) string { return w.edited(func(m object) { m["nbf"] = "1770199200" }) }, Invalid, "BAD_VALUE"},
		{"claim sub of another", func(w *world) string {
			return w.edited(func(m object) { m["sub"], m["credentialSubject"].(object)["id"] = "did:x:1", "did:x:2" })
		}, Invalid, "BAD_VALUE"},
		{"VC-JOSE-COSE, exp later than validUntil", jose(func(m object) {
			m["validUntil"], m["exp"] = today.Add(-time.Hour).Format(time.RFC3339), today.Add(time.Hour).Unix()
		}), Expired, "EXPIRED"},
		{"claim exp as it should be", func(w *world) string { w.badge.ValidUntil = today.AddDate(1, 0, 0); return w.token() }, Valid, ""},
		{"claim exp of another time", func(w *world) string {
			w.badge.ValidUntil = today.AddDate(1, 0, 0)
			return w.edited(func(m object) { m["exp"] = today.AddDate(2, 0, 0).Unix() })
		}, Invalid, "BAD_VALUE"},
		{"1.1 credential beside vc", func(w *world) string {
			return w.sign([]byte(strings.NewReplacer(`"vc":{`, "", "}}}}}", "}}}}").Replace(oldModel)))
		}, Invalid, "BAD_VALUE"},

		{"VC-JOSE-COSE", jose(nothing), Valid, ""},
		{"VC-JOSE-COSE without claims", jose(func(m object) { delete(m, "iss"); delete(m, "jti"); delete(m, "nbf") }), Valid, ""},
		{"VC-JOSE-COSE, exp of the signature", jose(func(m object) { m["exp"] = today.Unix() + 1 }), Valid, ""},
		{"VC-JOSE-COSE, exp over", jose(func(m object) { m["exp"] = today.Unix() }), Expired, "EXPIRED"},
		{"VC-JOSE-COSE, nbf ahead", jose(func(m object) { m["nbf"] = today.Add(time.Hour).Unix() }), Invalid, "NOT_YET_ISSUED"},
		{"VC-JOSE-COSE, nbf within the clocks' difference", jose(func(m object) { m["nbf"] = today.Add(5 * time.Minute).Unix() }), Valid, ""},
		{"VC-JOSE-COSE, iss of another", jose(func(m object) { m["iss"] = "https://evil.test" }), Invalid, "BAD_VALUE"},
		{"VC-JOSE-COSE, exp no number", jose(func(m object) { m["exp"] = "soon" }), Invalid, "BAD_VALUE"},

		{"word that no context knows", func(w *world) string { return w.edited(func(m object) { m["rank"] = "gold" }) }, Invalid, "CONTEXT"},
		{"context that is not known", func(w *world) string {
			return w.edited(func(m object) { m["@context"] = append(m["@context"].([]any), "https://evil.test/c") })
		}, Undetermined, "UNSUPPORTED"},
		{"x5c", func(w *world) string {
			return handmade(`{"alg":"ES256","kid":"`+keyID+`","x5c":["AA"]}`, w.payload(), nil)
		}, Invalid, "BAD_VALUE"},
		{"b64", func(w *world) string {
			return handmade(`{"alg":"ES256","kid":"`+keyID+`","b64":false}`, w.payload(), nil)
		}, Invalid, "BAD_VALUE"},
		{"private key in the header", func(w *world) string {
			return handmade(`{"alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}}`, w.payload(), nil)
		}, Invalid, "KEY_NOT_OWNED"},
		{"private key in the header beside a kid", func(w *world) string {
			return handmade(`{"alg":"ES256","kid":"`+keyID+`","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}}`, w.payload(), nil)
		}, Invalid, "KEY_NOT_OWNED"},
		{"empty typ", func(w *world) string {
			return handmade(`{"alg":"ES256","kid":"`+keyID+`","typ":""}`, w.payload(), nil)
		}, Invalid, "BAD_VALUE"},
		{"key for another algorithm", func(w *world) string {
			w.signer, w.header.Alg = keys().rsa, openbadge.RS256
			jwk, _ := openbadge.PublicJWK(keys().rsa.Public(), keyID)
			w.put(keyID, "application/jwk+json", strings.Replace(string(jwk), `"RS256"`, `"PS256"`, 1))
			w.signer = keys().ec
			w.header.Alg = openbadge.ES256
			w.publishList("revocation")
			w.signer, w.header.Alg = keys().rsa, openbadge.RS256
			return w.token()
		}, Invalid, "BAD_SIGNATURE"},
		{"uploaded document that says it is the issuer's", func(w *world) string {
			const upload = "https://issuer.test/uploads/1.json"
			w.putJSON(upload, w.controller(issuerID, keys().ec.Public(), func(m, method object) {
				method["id"], m["assertionMethod"] = upload+"#k", []any{upload + "#k"}
			}))
			w.putJSON(issuerID, w.controller(issuerID, keys().ed.Public(), nil))
			w.header.KID = upload + "#k"
			return w.token()
		}, Invalid, "KEY_NOT_OWNED"},
		{"kid at an address that serves one method", func(w *world) string {
			multikey, _ := openbadge.Multikey(keys().ec.Public())
			w.header.KID = "https://issuer.test/keys/ec"
			w.putJSON(w.header.KID, object{"id": w.header.KID, "type": "Multikey", "controller": issuerID, "publicKeyMultibase": multikey})
			w.putJSON(issuerID, object{"id": issuerID, "assertionMethod": []any{w.header.KID}})
			w.publishList("revocation")
			return w.token()
		}, Valid, ""},
		{"a proof inside that does not hold counts for nothing", func(w *world) string {
			return w.edited(func(m object) {
				p := options()
				p["proofValue"] = "z" + strings.Repeat("2", 87)
				m["proof"] = []any{p}
			})
		}, Valid, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			want(t, w.verify(c.token(w)), c.verdict, c.codes)
		})
	}
}

// TestSection9 looks for newer editions with embedded proofs (spec 3.0 section 9).
//
// proves: 3.0 §9 judged: after the proof, same format or not; any failure of the newer edition keeps the original
func TestSection9(t *testing.T) {
	newer := func(doc object) { doc["validFrom"] = "2026-03-01T10:00:00Z" }
	cases := []struct {
		name    string
		edition func(w *world) string
		verdict Verdict
		remarks int
	}{
		{"newer", func(w *world) string { return w.seal(func(doc, _ object) { newer(doc) }) }, Superseded, 1},
		{"newer, as a token", func(w *world) string { return w.edited(func(m object) { newer(m); delete(m, "nbf") }) }, Superseded, 1},
		{"newer, in an envelope", func(w *world) string {
			return toJSON(t, object{"@context": openbadge.ContextVC2, "type": enveloped, "id": "data:application/vc+jwt," + w.edited(func(m object) { newer(m); delete(m, "nbf") })})
		}, Superseded, 1},
		{"same", func(w *world) string { return w.seal(nil) }, Valid, 0},
		{"newer and altered", func(w *world) string {
			return w.altered(w.seal(func(doc, _ object) { newer(doc) }), func(m object) { m["name"] = "x" })
		}, Valid, 1},
		{"newer and malformed", func(w *world) string {
			return w.seal(func(doc, _ object) { newer(doc); delete(doc["credentialSubject"].(object), "achievement") })
		}, Valid, 1},
		{"newer and no badge", func(w *world) string {
			return w.seal(func(doc, _ object) {
				newer(doc)
				doc["type"], doc["credentialSubject"] = []any{"VerifiableCredential"}, object{"id": "did:example:ana"}
				doc["@context"] = []any{openbadge.ContextVC2}
				doc["issuer"] = issuerID
			})
		}, Valid, 1},
		{"another badge", func(w *world) string { return w.seal(func(doc, _ object) { newer(doc); doc["id"] = "urn:other" }) }, Valid, 1},
		{"no credential", func(*world) string { return `{"a":1}` }, Valid, 1},
		{"missing", func(*world) string { return "" }, Valid, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			data := w.seal(func(doc, _ object) { w.refreshable(doc) })
			if edition := c.edition(w); edition != "" {
				w.put(refreshID, "application/json", edition)
			}
			r := w.verify(data)
			want(t, r, c.verdict, "")
			remarks := 0
			for _, k := range r.Checks {
				if k.Name == CheckRefresh && k.Outcome == Warning {
					remarks++
				}
			}
			if remarks != c.remarks {
				t.Errorf("%d remarks: %s", remarks, toJSON(t, r.Checks))
			}
		})
	}
}
