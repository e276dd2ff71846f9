package verifier

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

// wantVerdict compares only the verdict: which of several faults is told first is another test's matter.
func wantVerdict(t *testing.T, r *Report, v Verdict) {
	t.Helper()
	if r.Verdict != v {
		t.Errorf("got %s, want %s\n%s", r.Verdict, v, toJSON(t, r.Checks))
	}
}

// TestKeysTakenBackWhereverThatStands: an owner who says that a key is lost is believed in whatever form and
// under whatever member that stands, while the key lies at its address and is listed as if nothing were.
func TestKeysTakenBackWhereverThatStands(t *testing.T) {
	const at = "https://issuer.test/keys/ec"
	multikey, _ := openbadge.Multikey(keys().ec.Public())
	method := func(change func(m object)) object {
		m := object{"id": at, "type": "Multikey", "controller": issuerID, "publicKeyMultibase": multikey, "revoked": "2026-02-10T00:00:00Z"}
		if change != nil {
			change(m)
		}
		return m
	}
	methods := func(all ...any) object { return object{"verificationMethod": all} }
	for name, c := range map[string]struct {
		said    object
		verdict Verdict
	}{
		"nothing":         {object{}, Valid},
		"no date":         {methods(method(set("revoked", nil))), Valid},
		"no date, a list": {methods(method(set("revoked", []any{}))), Valid},
		"no word but yes": {methods(method(set("revoked", true))), Invalid},
		"date in a list":  {methods(method(set("revoked", []any{"2026-02-10T00:00:00Z"}))), Invalid},
		"two dates":       {methods(method(set("revoked", []any{"2036-02-10T00:00:00Z", "2026-02-10T00:00:00Z"}))), Invalid},
		"id in a list":    {methods(method(set("id", []any{at}))), Invalid},
		"id by its alias": {methods(method(func(m object) { m["@id"] = at; delete(m, "id") })), Invalid},
		"without an id":   {methods(method(func(m object) { delete(m, "id") })), Invalid},
		"only an id":      {methods(object{"id": []any{at}, "revoked": "2026-02-10T00:00:00Z"}), Invalid},
		"key in a list":   {methods(method(func(m object) { m["id"], m["publicKeyMultibase"] = at+"0", []any{multikey} })), Invalid},
		"JWK in a list": {methods(method(func(m object) {
			m["id"], m["publicKeyJwk"] = at+"0", []any{jwkWith(newWorld(t), keys().ec.Public(), "kid", "k")}
			delete(m, "publicKeyMultibase")
		})), Invalid},
		"in a nested list":            {methods([]any{object{"id": "urn:x:1"}, method(nil)}), Invalid},
		"deeper":                      {methods([]any{[]any{[]any{method(nil)}}}), Invalid},
		"after null":                  {methods(nil, method(nil)), Invalid},
		"under authentication":        {object{"authentication": []any{method(nil)}}, Invalid},
		"under keyAgreement":          {object{"keyAgreement": method(nil)}, Invalid},
		"under capabilityInvocation":  {object{"capabilityInvocation": method(nil)}, Invalid},
		"under publicKey":             {object{"publicKey": method(nil)}, Invalid},
		"under a name with a prefix":  {object{"sec:verificationMethod": method(nil)}, Invalid},
		"the owner is another":        {methods(method(func(m object) { m["controller"] = issuerID + "0"; delete(m, "revoked") })), Invalid},
		"the owner is one of several": {methods(method(func(m object) { m["controller"] = []any{issuerID, issuerID + "0"}; delete(m, "revoked") })), Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.putJSON(at, object{"id": at, "type": "Multikey", "controller": issuerID, "publicKeyMultibase": multikey})
			document := object{"id": issuerID, "assertionMethod": []any{at}}
			maps.Copy(document, c.said)
			w.putJSON(issuerID, document)
			w.badge.Status, w.header.KID = nil, at
			wantVerdict(t, w.verify(w.token()), c.verdict)
		})
	}
}

// TestKeysOf2TakenBack: the same of a signed badge of 2.0, whose profile and key may be written in full names.
func TestKeysOf2TakenBack(t *testing.T) {
	const date = "2026-02-10T00:00:00Z"
	for name, change := range map[string]func(w *world){
		"in a profile with @id": func(w *world) {
			w.change(profileID, func(m map[string]any) {
				m["@id"], m["verificationMethod"] = m["id"], []any{[]any{object{"id": "urn:x:1"}, object{"@id": pemID, "revoked": date}}}
				delete(m, "id")
			})
		},
		"without a key's id": func(w *world) {
			pem, _ := openbadge.PublicKeyPEM(keys().rsa.Public())
			w.change(profileID, set("authentication", object{"publicKeyPem": []any{pem}, "revoked": []any{date}}))
		},
		"in a key of full names": func(w *world) {
			w.change(pemID, func(m map[string]any) {
				m["https://w3id.org/security#publicKeyPem"], m["revoked"] = m["publicKeyPem"], date
				delete(m, "publicKeyPem")
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			badge := signedBadge(w)
			change(w)
			wantVerdict(t, w.verify(w.sign(badge)), Invalid)
		})
	}
}

// TestKeysInOneForm: one value and a list of one are the same in a key as well, null is absent, and of
// several values none is the one.
func TestKeysInOneForm(t *testing.T) {
	t.Run("JWK", func(t *testing.T) {
		for name, c := range map[string]struct {
			value   any
			verdict Verdict
		}{
			"use": {nil, Valid}, "key_ops": {nil, Valid}, "alg": {nil, Valid}, "kid": {nil, Valid}, "iss": {nil, Valid}, "d": {nil, Valid}, "k": {nil, Valid},
			"use ": {[]any{"sig"}, Valid}, "use  ": {"enc", Invalid}, "key_ops ": {"sign", Invalid}, "key_ops  ": {[]any{"sign"}, Invalid}, "key_ops   ": {[]any{}, Invalid},
			"key_ops    ": {[]any{"verify"}, Valid}, "d ": {"AAAA", Invalid}, "x": {[]any{"AAAA", "BBBB"}, Invalid}, "iss ": {[]any{issuerID}, Valid}, "iss  ": {[]any{issuerID, issuerID + "0"}, Invalid},
		} {
			w := newWorld(t)
			jwk := jwkWith(w, keys().ec.Public(), "kid", keyID)
			jwk[strings.TrimSpace(name)] = c.value
			w.putJSON(keyID, jwk)
			w.badge.Status = nil
			t.Run(name, func(t *testing.T) { wantVerdict(t, w.verify(w.token()), c.verdict) })
		}
	})
	t.Run("method", func(t *testing.T) {
		mine, _ := openbadge.Multikey(keys().ec.Public())
		another, _ := openbadge.Multikey(keys().other.Public())
		for name, c := range map[string]struct {
			key     any
			verdict Verdict
		}{"a list": {[]any{mine}, Valid}, "two keys": {[]any{mine, another}, Invalid}} {
			w := newWorld(t)
			w.putJSON(keyID, object{"id": keyID, "type": []any{"Multikey"}, "controller": []any{issuerID}, "publicKeyMultibase": c.key, "expires": nil})
			w.badge.Status = nil
			t.Run(name, func(t *testing.T) { wantVerdict(t, w.verify(w.token()), c.verdict) })
		}
	})
	t.Run("two methods in a proof", func(t *testing.T) {
		w := newSealedWorld(t)
		w.badge.Status = nil
		sealed := w.seal(func(_, proof object) { proof["verificationMethod"] = []any{methodID, "https://evil.test/k"} })
		wantVerdict(t, w.verify(sealed), Invalid)
	})
}

// TestOwnersKeySetElsewhere: an owner's document that leads to a JWK Set speaks for what lies there, and for
// nothing else.
func TestOwnersKeySetElsewhere(t *testing.T) {
	const set = "https://issuer.test/.well-known/jwks.json"
	for kid, verdict := range map[string]Verdict{set + "#k": Valid, set + "#other": Invalid, keyID: Invalid, issuerID + "#k": Invalid} {
		w := newWorld(t)
		w.putJSON(issuerID, object{"id": issuerID, "jwks_uri": set})
		w.put(set, "text/plain", toJSON(t, jwkSet(w, "k", keys().ec.Public())))
		w.badge.Status, w.header.KID = nil, kid
		t.Run(kid, func(t *testing.T) { wantVerdict(t, w.verify(w.token()), verdict) })
	}
}

// TestKeyBehindRedirection: what another host answers in the place of an issuer of 2.0, or of its key, is not
// the issuer's word, as in 3.0; a badge class behind a redirection is remarked upon.
func TestKeyBehindRedirection(t *testing.T) {
	for address, verdict := range map[string]Verdict{profileID: Invalid, pemID: Invalid, classID: Valid} {
		for to, same := range map[string]bool{"https://evil.test/x": false, "https://issuer.test/x": true} {
			t.Run(address+" to "+to, func(t *testing.T) {
				w := newWorld(t)
				badge := edit(t, signedBadge(w), set("badge", classID))
				w.network[to] = w.network[address]
				w.network[address] = egress.Resource{Status: 302, Headers: map[string]string{"Location": to}}
				expected := verdict
				if same {
					expected = Valid
				}
				r := w.verify(w.sign(badge))
				wantVerdict(t, r, expected)
				if expected == Invalid && r.codes(Fail) != KeyNotOwned {
					t.Errorf("got %s", r.codes(Fail))
				}
			})
		}
	}
}

// TestOtherSpellingsOfTheIssuer: an address that only looks like the issuer's, or leads to the same host,
// gives nobody's key the issuer's name.
func TestOtherSpellingsOfTheIssuer(t *testing.T) {
	lay := func(w *world, addresses ...string) {
		for _, a := range addresses {
			w.put(controllerOf(a), "application/jwk+json", toJSON(w.t, jwkWith(w, keys().other.Public(), "kid", "x")))
		}
	}
	for _, kid := range []string{
		"https://ISSUER.test/uploads/m.json", "https://issuer.test:443/uploads/m.json", "https://issuer.test./uploads/m.json", "https://issuer.test/%75ploads/m.json",
		"https://issuer.test:8443/k", "http://issuer.test/uploads/m.json", "https://issuer.test/issuers/1/../../uploads/m.json", "https://issuer.test@evil.test/k",
		"https://evil.test#" + issuerID, "https://issuer.test/issuers/1?x#k", "//evil.test/k", "data:application/json,{}", "did:web:issuer.test:uploads#k", "did:web:evil.test#k",
	} {
		t.Run("kid "+kid, func(t *testing.T) {
			w := newWorld(t)
			lay(w, kid, "https://issuer.test/uploads/m.json", "https://evil.test/k", "https://evil.test/")
			w.badge.Status, w.header.KID, w.signer = nil, kid, keys().other
			wantVerdict(t, w.verify(w.token()), Invalid)
		})
	}
	for _, id := range []string{
		"https://ISSUER.test/issuers/1", "https://issuer.test:443/issuers/1", "https://issuer.test./issuers/1", "https://issuer.test/issuer%73/1", issuerID + "#me", issuerID + "?",
		"http://issuer.test/issuers/1", "https://evil.test/../issuers/1", `https://evil.test\@issuer.test/issuers/1`, "https://issuer.test:@evil.test/",
	} {
		t.Run("issuer "+id, func(t *testing.T) {
			w := newWorld(t)
			w.put(controllerOf(id), "application/json", w.network[issuerID].Body)
			lay(w, upload)
			w.badge.Status, w.badge.Issuer.ID, w.header.KID, w.signer = nil, id, upload, keys().other
			wantVerdict(t, w.verify(w.token()), Invalid)
		})
	}
}

// rewrite is what a holder without any key can do to a signed document: write the same statements otherwise.
type rewrite struct {
	name   string
	change func(m object)
}

// TestRewrittenDocuments: no other spelling of what was signed hides that a badge is revoked or over.
func TestRewrittenDocuments(t *testing.T) {
	status := func(change func(m, entry object)) func(m object) {
		return func(m object) { change(m, m["credentialStatus"].(object)) }
	}
	moved := func(from, to string, as func(v any) any) func(m object) {
		return func(m object) { m[to] = as(m[from]); delete(m, from) }
	}
	plain := func(v any) any { return v }
	in := func(v any) any { return object{"credentialStatus": v} }
	date := func(v any) any { return object{"@value": v, "@type": "http://www.w3.org/2001/XMLSchema#dateTime"} }
	for _, c := range []rewrite{
		{"status by its IRI", moved("credentialStatus", "https://www.w3.org/2018/credentials#credentialStatus", plain)},
		{"status with a prefix", moved("credentialStatus", "cred:credentialStatus", plain)},
		{"status in @nest", moved("credentialStatus", "@nest", in)}, {"status in @included", moved("credentialStatus", "@included", in)},
		{"status in @graph", moved("credentialStatus", "@graph", in)}, {"status in @reverse", moved("credentialStatus", "@reverse", in)},
		{"status null", set("credentialStatus", nil)}, {"status empty", set("credentialStatus", []any{})},
		{"status twice", status(func(m, e object) { m["credentialStatus"] = []any{e, e} })},
		{"status nested", status(func(m, e object) { m["credentialStatus"] = []any{[]any{e}} })},
		{"purpose by its IRI", status(func(_, e object) {
			e["https://www.w3.org/ns/credentials/status#statusPurpose"], e["statusPurpose"] = "revocation", []any{}
		})},
		{"purpose as @value", status(func(_, e object) { e["statusPurpose"] = object{"@value": "revocation"} })},
		{"type by its IRI", status(func(_, e object) { e["type"] = "https://www.w3.org/ns/credentials/status#BitstringStatusListEntry" })},
		{"end by its IRI", moved("validUntil", "https://www.w3.org/2018/credentials#validUntil", date)},
		{"end twice", func(m object) { m["validUntil"] = []any{"2036-02-20T00:00:00Z", m["validUntil"]} }},
		{"end as @value", func(m object) { m["validUntil"] = object{"@value": m["validUntil"]} }},
		{"end of the proof by its IRI", func(m object) { moved("expires", "https://w3id.org/security#expiration", date)(proofOf(m)) }},
		{"proof without its end", func(m object) { delete(proofOf(m), "expires") }},
		{"own words inside", func(m object) {
			m["credentialSubject"].(object)["achievement"].(object)["@context"] = object{"name": "https://schema.org/description"}
		}},
		{"older words inside", func(m object) {
			m["credentialSubject"].(object)["@context"] = "https://purl.imsglobal.org/spec/ob/v3p0/context.json"
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			w.list.SetBit(94567, true)
			w.publishList("revocation")
			sealed := w.seal(func(doc, proof object) {
				doc["validUntil"], proof["expires"] = "2026-02-20T00:00:00Z", "2026-02-20T00:00:00Z"
			})
			if strings.HasPrefix(c.name, "status") || strings.HasPrefix(c.name, "purpose") || strings.HasPrefix(c.name, "type") {
				sealed = w.seal(nil)
			}
			r := w.verify(w.altered(sealed, c.change))
			if r.Verdict == Valid || r.Verdict == Undetermined {
				t.Errorf("got %s %s", r.Verdict, toJSON(t, r.Checks))
			}
		})
	}
}

// What is read as a number is one, however large.
func TestHugeNumbers(t *testing.T) {
	w := newWorld(t)
	w.badge.Status = nil
	for name, change := range map[string]func(m object){
		"exp":     set("exp", json.Number("1e400")),
		"nbf":     set("nbf", json.Number("-1e400")),
		"credits": func(m object) { m["credentialSubject"].(map[string]any)["creditsEarned"] = json.Number("1e999999999") },
	} {
		t.Run(name, func(t *testing.T) { wantVerdict(t, w.verify(w.edited(change)), Invalid) })
	}
}
