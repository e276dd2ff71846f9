package verifier

import (
	"crypto"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

// TestSection7 is about whose key an embedded proof was made with (spec 3.0 sections 5 and 7, holes a to e
// of section 17).
//
// proves: 3.0 §5 judged: proofPurpose assertionMethod; method under assertionMethod of the controller document
// proves: 3.0 §5 judged: the controller's id is the issuer
// proves: 3.0 §7 judged: https controllers, did:key, did:jwk, did:web; did:key compared with the issuer
// proves: 3.0 §7 judged: a fragment that is a key proves nothing
// proves: 3.0 §7 judged: revoked and expired keys, also with an unreadable date
// proves: 3.0 §7 judged: a redirect to another host does not move a key
// proves: 3.0 §7 judged: what is not reached is undetermined, not false
func TestSection7(t *testing.T) {
	// as makes the badge that of an issuer, signed by the method with the suite of the key.
	as := func(w *world, issuer, method string, key crypto.Signer) string {
		w.badge.Issuer.ID, w.badge.Status = issuer, nil
		with := options()
		with["verificationMethod"] = method
		if _, isEd := key.Public().(interface{ Equal(crypto.PublicKey) bool }); isEd && openbadge.KeyAlgorithm(key.Public()) != openbadge.EdDSA {
			with["cryptosuite"] = "ecdsa-rdfc-2019"
		}
		return w.sealWith(w.document(), with, key)
	}
	named := func(method string) func(w *world) string {
		return func(w *world) string { return as(w, issuerID, method, keys().ed) }
	}
	controller := func(change func(m, method object)) func(w *world) string {
		return func(w *world) string {
			w.putJSON(issuerID, w.controller(issuerID, keys().ed.Public(), change))
			return as(w, issuerID, methodID, keys().ed)
		}
	}
	multikey := func(key crypto.Signer) string {
		text, _ := openbadge.Multikey(key.Public())
		return text
	}
	didKey := func(key crypto.Signer) (did, method string) {
		return "did:key:" + multikey(key), "did:key:" + multikey(key) + "#" + multikey(key)
	}
	// alone serves one verification method at an address of its own.
	alone := func(method, document func(m object)) func(w *world) string {
		return func(w *world) string {
			const at = "https://issuer.test/keys/ed"
			m := object{"id": at, "type": "Multikey", "controller": issuerID, "publicKeyMultibase": multikey(keys().ed)}
			d := object{"id": issuerID, "assertionMethod": []any{at}}
			if method != nil {
				method(m)
			}
			if document != nil {
				document(d)
			}
			w.putJSON(at, m)
			w.putJSON(issuerID, d)
			return as(w, issuerID, at, keys().ed)
		}
	}
	cases := []struct {
		name    string
		badge   func(w *world) string
		verdict Verdict
		codes   string
	}{
		{"https controller", named(methodID), Valid, ""},
		{"full ids are not asked of the document", controller(func(m, method object) {
			method["id"], m["assertionMethod"] = "#key-1", []any{"#key-1"}
		}), Valid, ""},
		{"key inside assertionMethod", controller(func(m, method object) {
			delete(m, "verificationMethod")
			m["assertionMethod"] = []any{method}
		}), Valid, ""},
		{"public key as JWK", controller(func(m, method object) {
			jwk, _ := openbadge.PublicJWK(keys().ed.Public(), "")
			delete(method, "publicKeyMultibase")
			method["type"], method["publicKeyJwk"] = "JsonWebKey", asRaw(asRawMessage(jwk))
		}), Valid, ""},
		{"not under assertionMethod", controller(func(m, _ object) { m["assertionMethod"] = []any{} }), Invalid, "KEY_NOT_OWNED"},
		{"under authentication only", controller(func(m, _ object) {
			m["authentication"] = m["assertionMethod"]
			delete(m, "assertionMethod")
		}), Invalid, "KEY_NOT_OWNED"},
		{"controller document of another", controller(func(m, _ object) { m["id"] = "https://issuer.test/issuers/2" }), Invalid, "KEY_NOT_OWNED"},
		{"key of another controller", controller(func(_, method object) { method["controller"] = "https://issuer.test/issuers/2" }), Invalid, "KEY_OWNER"},
		{"key revoked", controller(func(_, method object) { method["revoked"] = "2026-02-10T00:00:00Z" }), Invalid, "KEY_NOT_OWNED"},
		{"key revoked, date unreadable", controller(func(_, method object) { method["revoked"] = "2026-02-10" }), Invalid, "KEY_NOT_OWNED"},
		{"key revoked, seen by a copy", controller(func(m, method object) {
			m["assertionMethod"] = []any{object{"id": methodID, "type": "Multikey", "controller": issuerID, "publicKeyMultibase": method["publicKeyMultibase"], "revoked": "2026-02-10T00:00:00Z"}}
		}), Invalid, "KEY_NOT_OWNED"},
		{"key to be revoked", controller(func(_, method object) { method["revoked"] = "2026-03-10T00:00:00Z" }), Valid, ""},
		{"key expired", controller(func(_, method object) { method["expires"] = "2026-03-04T10:00:00Z" }), Invalid, "KEY_NOT_OWNED"},
		{"key of a kind that is not known", controller(func(_, method object) { method["publicKeyMultibase"] = "z111" }), Undetermined, "UNSUPPORTED"},
		{"no such key", named(issuerID + "#key-2"), Invalid, "KEY_FETCH"},

		{"hole a: forged key in the fragment", func(w *world) string {
			return as(w, issuerID, issuerID+"#"+multikey(keys().ec), keys().ec)
		}, Invalid, "KEY_FETCH"},
		{"hole a: forged key in the fragment, page down", func(w *world) string {
			delete(w.network, issuerID)
			return as(w, issuerID, issuerID+"#"+multikey(keys().ec), keys().ec)
		}, Undetermined, "KEY_FETCH"},
		{"hole a: forged key in the fragment of did:web", func(w *world) string {
			w.putJSON("https://issuer.test/.well-known/did.json", w.controller("did:web:issuer.test", keys().ed.Public(), nil))
			return as(w, "did:web:issuer.test", "did:web:issuer.test#"+multikey(keys().ec), keys().ec)
		}, Invalid, "KEY_FETCH"},
		{"hole b: did:key of somebody else", func(w *world) string {
			_, method := didKey(keys().ed)
			return as(w, issuerID, method, keys().ed)
		}, Invalid, "KEY_NOT_OWNED"},
		{"hole b: did:key of another", func(w *world) string {
			did, _ := didKey(keys().ec)
			_, method := didKey(keys().ed)
			return as(w, did, method, keys().ed)
		}, Invalid, "KEY_NOT_OWNED"},
		{"key of another host", func(w *world) string {
			w.putJSON(evilHost, w.controller(evilHost, keys().ed.Public(), nil))
			return as(w, issuerID, evilHost+"#key-1", keys().ed)
		}, Invalid, "KEY_NOT_OWNED"},
		{"another's document says that its key is the victim's", func(w *world) string {
			const evil = "https://issuer.test/issuers/evil"
			w.putJSON(evil, w.controller(evil, keys().ed.Public(), func(_, method object) { method["controller"] = issuerID }))
			return as(w, issuerID, evil+"#key-1", keys().ed)
		}, Invalid, "KEY_NOT_OWNED"},
		{"uploaded document that says it is the issuer's", func(w *world) string {
			const upload = "https://issuer.test/uploads/1.json"
			w.putJSON(upload, w.controller(issuerID, keys().ec.Public(), func(m, method object) {
				method["id"], m["assertionMethod"] = upload+"#k", []any{upload + "#k"}
			}))
			return as(w, issuerID, upload+"#k", keys().ec)
		}, Invalid, "KEY_NOT_OWNED"},
		{"uploaded document of a did:web", func(w *world) string {
			const did, upload = "did:web:issuer.test", "https://issuer.test/uploads/1.json"
			w.putJSON("https://issuer.test/.well-known/did.json", w.controller(did, keys().ed.Public(), nil))
			w.putJSON(upload, w.controller(did, keys().ec.Public(), func(m, method object) {
				method["id"], m["assertionMethod"] = upload+"#k", []any{upload + "#k"}
			}))
			return as(w, did, upload+"#k", keys().ec)
		}, Invalid, "KEY_NOT_OWNED"},
		{"key that the issuer's own document lists under another address", func(w *world) string {
			const mirror = "https://issuer.test/mirror.json"
			list := func(m, method object) { method["id"], m["assertionMethod"] = mirror+"#k", []any{mirror + "#k"} }
			w.putJSON(mirror, w.controller(issuerID, keys().ed.Public(), list))
			w.putJSON(issuerID, w.controller(issuerID, keys().ed.Public(), list))
			return as(w, issuerID, mirror+"#k", keys().ed)
		}, Valid, ""},
		{"document redirected to another host", func(w *world) string {
			w.putJSON(evilHost, w.controller(issuerID, keys().ed.Public(), nil))
			w.network[issuerID] = egress.Resource{Status: 302, Headers: map[string]string{"Location": evilHost}}
			return as(w, issuerID, methodID, keys().ed)
		}, Invalid, "KEY_NOT_OWNED"},

		{"did:key Ed25519", func(w *world) string {
			did, method := didKey(keys().ed)
			return as(w, did, method, keys().ed)
		}, Valid, ""},
		{"did:key P-256", func(w *world) string {
			did, method := didKey(keys().ec)
			return as(w, did, method, keys().ec)
		}, Valid, ""},
		{"did:key with a fragment of another key", func(w *world) string {
			did, _ := didKey(keys().ed)
			return as(w, did, did+"#"+multikey(keys().ec), keys().ed)
		}, Invalid, "KEY_FETCH"},
		{"did:jwk", func(w *world) string {
			did, _ := openbadge.DIDJWK(keys().ed.Public())
			return as(w, did, did+"#0", keys().ed)
		}, Valid, ""},
		{"did:web", func(w *world) string {
			w.putJSON("https://issuer.test:8443/a/did.json", w.controller("did:web:issuer.test%3A8443:a", keys().ed.Public(), nil))
			return as(w, "did:web:issuer.test%3A8443:a", "did:web:issuer.test%3A8443:a#key-1", keys().ed)
		}, Valid, ""},
		{"did:web gone", func(w *world) string {
			w.network["https://issuer.test/.well-known/did.json"] = egress.Resource{Status: 404}
			return as(w, "did:web:issuer.test", "did:web:issuer.test#key-1", keys().ed)
		}, Invalid, "KEY_FETCH"},
		{"did:web unreachable", func(w *world) string {
			return as(w, "did:web:issuer.test", "did:web:issuer.test#key-1", keys().ed)
		}, Undetermined, "KEY_FETCH"},
		{"DID of a kind that is not known", func(w *world) string { return as(w, "did:example:1", "did:example:1#k", keys().ed) }, Undetermined, "UNSUPPORTED"},
		{"no URI", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) { proofOf(m)["verificationMethod"] = "z6MkrvfzkMnvCroEUP2DVc9SHPE48CRsvHiVSusHioxTYu1x" })
		}, Invalid, "KEY_FETCH"},
		{"scheme that is not known", named("xxx://issuer.test/issuers/1#key-1"), Invalid, "KEY_FETCH"},
		{"a JWK says nothing of its controller", named(keyID), Invalid, "KEY_FETCH"},
		{"document is a page", func(w *world) string {
			w.put(issuerID, "text/html", "<html>")
			return as(w, issuerID, methodID, keys().ed)
		}, Invalid, "KEY_FETCH"},
		{"document without id", controller(func(m, _ object) { delete(m, "id") }), Invalid, "KEY_FETCH"},

		{"method at an address of its own", alone(nil, nil), Valid, ""},
		{"method alone, not listed", alone(nil, func(d object) { d["assertionMethod"] = []any{} }), Invalid, "KEY_NOT_OWNED"},
		{"method alone, of another", alone(func(m object) { m["controller"] = "https://issuer.test/issuers/2" }, nil), Invalid, "KEY_OWNER"},
		{"method alone, revoked", alone(func(m object) { m["revoked"] = "2026-02-10T00:00:00Z" }, nil), Invalid, "KEY_NOT_OWNED"},
		{"method alone, under another name", alone(func(m object) { m["id"] = "https://issuer.test/keys/2" }, nil), Invalid, "KEY_FETCH"},
		{"method alone, controller says otherwise", alone(nil, func(d object) {
			d["verificationMethod"] = []any{object{"id": "https://issuer.test/keys/ed", "type": "Multikey", "controller": issuerID, "publicKeyMultibase": multikey(keys().ec)}}
		}), Invalid, "BAD_SIGNATURE"},
		{"method alone, controller unreachable", func(w *world) string {
			data := alone(nil, nil)(w)
			delete(w.network, issuerID)
			return data
		}, Undetermined, "KEY_FETCH"},
		{"method alone of did:web", func(w *world) string {
			const did, at = "did:web:issuer.test", "https://issuer.test/keys/ed"
			w.putJSON(at, object{"id": at, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey(keys().ed)})
			w.putJSON("https://issuer.test/.well-known/did.json", object{"id": did, "assertionMethod": []any{at}})
			return as(w, did, at, keys().ed)
		}, Valid, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			r := w.verify(c.badge(w))
			want(t, r, c.verdict, c.codes)
			for _, k := range r.Checks {
				if k.Code == KeyFetch && !strings.HasPrefix(k.Property, "proof.") {
					t.Errorf("property %q", k.Property)
				}
			}
		})
	}
}

func asRawMessage(data []byte) (m object) {
	_ = openbadge.UnmarshalStrict(data, &m)
	return m
}

// TestSection7ForeignRecipient: also there the person that was asked about is compared.
//
// proves: 3.0 §7 judged: a credential that is no badge is named by its signer, not by its claimed issuer
func TestSection7ForeignRecipient(t *testing.T) {
	did, _ := openbadge.DIDKey(keys().ed.Public())
	w := newSealedWorld(t)
	o := options()
	o["verificationMethod"] = did + "#" + strings.TrimPrefix(did, "did:key:")
	data := w.sealWith(object{
		"@context": []any{openbadge.ContextVC2}, "type": []any{"VerifiableCredential"}, "issuer": issuerID, "credentialSubject": object{"id": "did:example:ana"},
	}, o, keys().ed)
	w.in.Recipient = "did:example:ana"
	want(t, w.verify(data), Valid, "")
	w.in.Recipient = "did:example:bob"
	want(t, w.verify(data), WrongRecipient, "RECIPIENT_MISMATCH")
}

// TestSection7Foreign: a credential that is no badge is judged by its proof alone, and the report names
// who signed it, never whom the document calls its issuer.
//
// proves: 3.0 §7 judged: a credential that is no badge is named by its signer, not by its claimed issuer
func TestSection7Foreign(t *testing.T) {
	did, _ := openbadge.DIDKey(keys().ed.Public())
	method := did + "#" + strings.TrimPrefix(did, "did:key:")
	foreign := func(change func(doc, o object)) string {
		w := newSealedWorld(t)
		doc := object{
			"@context": []any{openbadge.ContextVC2}, "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33", "type": []any{"VerifiableCredential"},
			"issuer": issuerID, "validFrom": "2026-01-01T00:00:00Z", "credentialSubject": object{"id": "did:example:ana"},
		}
		o := options()
		o["verificationMethod"] = method
		if change != nil {
			change(doc, o)
		}
		return w.sealWith(doc, o, keys().ed)
	}
	for _, c := range []struct {
		name, data, issuer, remarks string
		verdict                     Verdict
	}{
		{"signed by somebody", foreign(nil), did, "UNSUPPORTED_TYPE KEY_NOT_OWNED", Valid},
		{"signed by somebody, dates over", foreign(func(doc, _ object) { doc["validUntil"] = "2026-01-02T00:00:00Z" }), did, "UNSUPPORTED_TYPE KEY_NOT_OWNED EXPIRED", Valid},
		{"signed by somebody, withdrawn", foreign(func(doc, _ object) {
			doc["credentialStatus"] = object{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "1", "statusListCredential": "https://issuer.test/none"}
		}), did, "UNSUPPORTED_TYPE KEY_NOT_OWNED", Undetermined},
		{"signed by a key at an address of somebody's", foreign(func(_, o object) { o["verificationMethod"] = evilHost + "#key-1" }), issuerID, "UNSUPPORTED_TYPE", Invalid},
		{"signed by its issuer", foreign(func(_, o object) { o["verificationMethod"] = methodID }), issuerID, "UNSUPPORTED_TYPE", Valid},
		{"signed by its issuer, dates over", foreign(func(doc, o object) {
			doc["validUntil"], o["verificationMethod"] = "2026-01-02T00:00:00Z", methodID
		}), issuerID, "UNSUPPORTED_TYPE", Expired},
		{"altered", strings.Replace(foreign(nil), "did:example:ana", "did:example:bob", 1), issuerID, "UNSUPPORTED_TYPE", Invalid},
		{"subject of a badge", foreign(func(doc, _ object) {
			doc["@context"] = append(doc["@context"].([]any), "https://www.w3.org/ns/credentials/status/v1", openbadge.ContextOB3)
			doc["credentialSubject"].(object)["type"] = []any{"AchievementSubject"}
		}), issuerID, "", Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			w.options.Known = func(id string) bool { return id == issuerID }
			w.putJSON(evilHost, w.controller(evilHost, keys().ed.Public(), nil))
			r := w.verify(c.data)
			if r.Verdict != c.verdict || r.Badge.Issuer.ID != c.issuer || c.remarks != r.codes(Warning) {
				t.Errorf("got %s by %s, remarks %q\n%s", r.Verdict, r.Badge.Issuer.ID, r.codes(Warning), toJSON(t, r.Checks))
			}
			if r.IssuerKnown != (r.Verdict == Valid && c.issuer == issuerID || r.Verdict == Expired) {
				t.Errorf("issuer known is %v", r.IssuerKnown)
			}
		})
	}
}
