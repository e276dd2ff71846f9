package verifier

import (
	"fmt"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

const uuidID = "urn:uuid:5ab0a5a0-7d2c-4f0c-9d3c-3f1f0a0b0c0d"

// signedBadge is a valid signed 2.0 badge as JSON, its issuer published.
func signedBadge(w *world) []byte {
	publishHosted(w)
	class := ob2.NewBadgeClass(classID, "Line Robots", "Built a robot that follows a line.", pngID, profileID, ob2.Criteria{Narrative: "Build one."})
	a := ob2.NewSignedAssertion(uuidID, class, pemID, ob2.HashedEmail(openbadge.HashIdentity(ana, "salt"), "salt"), today.AddDate(0, -1, 0), time.Time{})
	w.signer, w.header = keys().rsa, openbadge.Header{Alg: openbadge.RS256}
	return []byte(toJSON(w.t, a))
}

// proves: 2.0 §2 judged: CryptographicKey: type, owner, SPKI and PKCS #1 PEM, no private key, 2048 bits at least
// proves: 2.0 §7 judged: RS256 only; none, HS* and ES* refused; the signature is over the original bytes
// proves: 2.0 §7 judged: JSON object as payload, SignedBadge; an embedded class stands, the profile is hosted
// proves: 2.0 §7 judged: keys of the hosted profile only: creator is one of them, without creator each is tried
// proves: 2.0 §7 judged: revocation list by id and uid, and its failure
func TestSigned(t *testing.T) {
	cases := []struct {
		name    string
		token   func(w *world, badge []byte) string
		verdict Verdict
		codes   string
	}{
		{"valid", func(w *world, badge []byte) string { return w.sign(badge) }, Valid, ""},
		{"linked class", func(w *world, badge []byte) string { return w.sign(edit(w.t, badge, set("badge", classID))) }, Valid, ""},
		{"without creator", func(w *world, badge []byte) string {
			return w.sign(edit(w.t, badge, set("verification", map[string]any{"type": "SignedBadge"})))
		}, Valid, ""},
		{"without creator, several keys", func(w *world, badge []byte) string {
			other, _ := openbadge.PublicKeyPEM(keys().ec.Public())
			w.publish2(pemID+"0", ob2.NewCryptographicKey(pemID+"0", profileID, other))
			w.change(profileID, set("publicKey", []string{"https://issuer.test/down", pemID + "0", pemID}))
			return w.sign(edit(w.t, badge, set("verification", map[string]any{"type": "SignedBadge"})))
		}, Valid, ""},
		{"key embedded in the hosted profile", func(w *world, badge []byte) string {
			pem, _ := openbadge.PublicKeyPEM(keys().rsa.Public())
			w.change(profileID, set("publicKey", map[string]any{"type": "CryptographicKey", "owner": profileID, "publicKeyPem": pem, "id": "_:k"}))
			return w.sign(edit(w.t, badge, set("verification", map[string]any{"type": "SignedBadge", "creator": "_:k"})))
		}, Valid, ""},
		{"ES256 is not for 2.0", func(w *world, badge []byte) string {
			w.signer, w.header.Alg = keys().ec, openbadge.ES256
			return w.sign(badge)
		}, Invalid, "BAD_SIGNATURE"},
		{"alg none", func(w *world, badge []byte) string { return handmade(`{"alg":"none"}`, badge, nil) }, Invalid, "BAD_SIGNATURE"},
		{"changed", func(w *world, badge []byte) string {
			return handmade(`{"alg":"RS256"}`, badge, []byte("no signature of anybody's"))
		}, Altered, "BAD_SIGNATURE"},
		{"creator not the issuer's", func(w *world, badge []byte) string {
			return w.sign(edit(w.t, badge, set("verification", map[string]any{"type": "SignedBadge", "creator": evilHost + "/k"})))
		}, Invalid, "KEY_NOT_OWNED"},
		{"issuer without keys", func(w *world, badge []byte) string {
			w.change(profileID, func(m map[string]any) { delete(m, "publicKey") })
			return w.sign(badge)
		}, Invalid, "KEY_NOT_OWNED"},
		{"embedded issuer with the attacker's key", func(w *world, badge []byte) string {
			return w.sign(edit(w.t, badge, func(m map[string]any) {
				m["badge"].(map[string]any)["issuer"] = map[string]any{"id": profileID, "type": "Issuer", "name": "x", "url": "https://issuer.test", "email": "a@b.c", "publicKey": evilHost + "/k"}
				m["verification"] = map[string]any{"type": "SignedBadge", "creator": evilHost + "/k"}
			}))
		}, Invalid, "KEY_NOT_OWNED"},
		{"key of another owner", func(w *world, badge []byte) string {
			w.change(pemID, set("owner", "https://issuer.test/issuers/2"))
			return w.sign(badge)
		}, Invalid, "KEY_OWNER"},
		{"key of another owner, as an object", func(w *world, badge []byte) string {
			w.change(pemID, set("owner", map[string]any{"id": "https://issuer.test/issuers/2"}))
			return w.sign(badge)
		}, Invalid, "KEY_OWNER"},
		{"key of two owners", func(w *world, badge []byte) string {
			w.change(pemID, set("owner", []any{profileID, "https://issuer.test/issuers/2"}))
			return w.sign(badge)
		}, Invalid, "KEY_OWNER"},
		{"key of no owner's", func(w *world, badge []byte) string {
			w.change(pemID, set("owner", 7))
			return w.sign(badge)
		}, Invalid, "KEY_OWNER"},
		{"owner as an object", func(w *world, badge []byte) string {
			w.change(pemID, set("owner", map[string]any{"id": profileID}))
			return w.sign(badge)
		}, Valid, ""},
		{"key with a number for an id", func(w *world, badge []byte) string {
			w.change(pemID, set("id", 5))
			return w.sign(badge)
		}, Invalid, "BAD_VALUE"},
		{"key unreadable", func(w *world, badge []byte) string {
			w.change(pemID, set("publicKeyPem", "secret"))
			return w.sign(badge)
		}, Invalid, "KEY_FETCH"},
		{"key missing", func(w *world, badge []byte) string {
			w.network[pemID] = egress.Resource{Status: 404}
			return w.sign(badge)
		}, Invalid, "KEY_FETCH"},
		{"key unreachable", func(w *world, badge []byte) string { delete(w.network, pemID); return w.sign(badge) }, Undetermined, "KEY_FETCH"},
		{"key without address", func(w *world, badge []byte) string {
			w.change(profileID, set("publicKey", "_:k"))
			return w.sign(edit(w.t, badge, set("verification", map[string]any{"type": "SignedBadge"})))
		}, Invalid, "KEY_FETCH"},
		{"hosted badge in a token", func(w *world, badge []byte) string {
			return w.sign(edit(w.t, badge, set("verification", map[string]any{"type": "HostedBadge"})))
		}, Invalid, "VERIFICATION_TYPE"},
		{"class in a token", func(w *world, badge []byte) string { return w.sign([]byte(w.network[classID].Body)) }, Invalid,
			"VERIFICATION_TYPE BAD_VALUE MISSING_PROPERTY MISSING_PROPERTY MISSING_PROPERTY MISSING_PROPERTY"},
		{"1.1 in a token", func(w *world, badge []byte) string {
			return w.sign(edit(w.t, badge, set("@context", "https://w3id.org/openbadges/v1")))
		}, Valid, ""},
		{"issuer embedded, at no address", func(w *world, badge []byte) string {
			pem, _ := openbadge.PublicKeyPEM(keys().rsa.Public())
			return w.sign(edit(w.t, badge, func(m map[string]any) {
				m["badge"].(map[string]any)["issuer"] = map[string]any{"id": "urn:uuid:p1", "type": "Issuer", "name": "x", "url": "https://issuer.test", "email": "a@b.c",
					"publicKey": map[string]any{"id": pemID, "type": "CryptographicKey", "publicKeyPem": pem}}
			}))
		}, Invalid, "KEY_NOT_OWNED"},
		{"says that it is revoked", func(w *world, badge []byte) string {
			return w.sign(edit(w.t, badge, set("revoked", true)))
		}, Revoked, "REVOKED"},
		{"expired", func(w *world, badge []byte) string {
			return w.sign(edit(w.t, badge, set("expires", "2026-03-01T00:00:00Z")))
		}, Expired, "EXPIRED"},
		{"revoked", func(w *world, badge []byte) string {
			w.publish2(revokedID, ob2.NewRevocationList(revokedID, profileID, ob2.Revocation{ID: uuidID, Reason: "result corrected"}))
			return w.sign(badge)
		}, Revoked, "REVOKED"},
		{"revoked by a list that is an object with an id", func(w *world, badge []byte) string {
			w.change(profileID, set("revocationList", map[string]any{"id": revokedID}))
			w.publish2(revokedID, ob2.NewRevocationList(revokedID, profileID, ob2.Revocation{ID: uuidID}))
			return w.sign(badge)
		}, Revoked, "REVOKED"},
		{"list of one", func(w *world, badge []byte) string {
			w.change(revokedID, set("revokedAssertions", uuidID))
			return w.sign(badge)
		}, Revoked, "REVOKED"},
		{"others revoked", func(w *world, badge []byte) string {
			w.publish2(revokedID, ob2.NewRevocationList(revokedID, profileID, ob2.Revocation{ID: "urn:uuid:1"}))
			return w.sign(badge)
		}, Valid, ""},
		{"no list", func(w *world, badge []byte) string {
			w.change(profileID, func(m map[string]any) { delete(m, "revocationList") })
			return w.sign(badge)
		}, Valid, ""},
		{"list malformed", func(w *world, badge []byte) string {
			w.change(revokedID, set("revokedAssertions", []any{1, "urn:uuid:1"}))
			return w.sign(badge)
		}, Invalid, "REVOCATION_LIST"},
		{"list missing", func(w *world, badge []byte) string {
			w.network[revokedID] = egress.Resource{Status: 404}
			return w.sign(badge)
		}, Invalid, "REVOCATION_LIST"},
		{"list unreachable", func(w *world, badge []byte) string { delete(w.network, revokedID); return w.sign(badge) }, Undetermined, "REVOCATION_LIST"},
		{"profile unreachable", func(w *world, badge []byte) string { delete(w.network, profileID); return w.sign(badge) }, Undetermined, "FETCH_FAILED"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			r := w.verify(c.token(w, signedBadge(w)))
			want(t, r, c.verdict, c.codes)
			if r.Format != FormatOB2Signed && r.Format != FormatOB1Signed {
				t.Errorf("format %s", r.Format)
			}
		})
	}
}

func TestSignedRecipient(t *testing.T) {
	w := newWorld(t)
	token := w.sign(signedBadge(w))
	w.in.Recipient = "bob@home.test"
	want(t, w.verify(token), WrongRecipient, "RECIPIENT_MISMATCH")
}

// TestBudget: a badge that wants more documents than its budget is not judged, and not fetched on.
//
// proves: limits judged: 5 redirects, 5 s and 2 MiB a document (also packed or announced), 15 s and 40 documents a badge
func TestBudget(t *testing.T) {
	w := newWorld(t)
	badge := signedBadge(w)
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf("https://issuer.test/k/%d", i))
	}
	w.change(profileID, set("publicKey", many))
	counter := &counting{next: w.network}
	w.options.Fetch = counter
	want(t, w.verify(w.sign(edit(t, badge, set("verification", map[string]any{"type": "SignedBadge"})))), Undetermined, "KEY_FETCH")
	if counter.n != maxFetches {
		t.Errorf("%d fetches", counter.n)
	}
}
