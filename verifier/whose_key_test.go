package verifier

import (
	"crypto"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// upload is a place on the issuer's host where others may lay things down.
const upload = "https://issuer.test/uploads/mallory/essay.txt"

// forgery is a key of somebody else's at upload, in one of the forms in which keys are published.
type forgery struct {
	name string
	kid  string
	lay  func(w *world, kind string, key crypto.PublicKey)
}

var forgeries = []forgery{
	{"bare JWK", upload, func(w *world, kind string, key crypto.PublicKey) {
		w.put(upload, kind, toJSON(w.t, jwkWith(w, key, "kid", upload)))
	}},
	{"JWK that names the issuer", upload, func(w *world, kind string, key crypto.PublicKey) {
		w.put(upload, kind, toJSON(w.t, jwkWith(w, key, "iss", issuerID)))
	}},
	{"JWK Set", upload, func(w *world, kind string, key crypto.PublicKey) {
		w.put(upload, kind, toJSON(w.t, jwkSet(w, "k", key)))
	}},
	{"JWK Set by fragment", upload + "#k", func(w *world, kind string, key crypto.PublicKey) {
		w.put(upload, kind, toJSON(w.t, jwkSet(w, "k", key)))
	}},
	{"controller document", upload + "#k", func(w *world, kind string, key crypto.PublicKey) {
		w.put(upload, kind, toJSON(w.t, w.controller(issuerID, key, func(m, method object) {
			method["id"], m["assertionMethod"] = upload+"#k", []any{upload + "#k"}
		})))
	}},
	{"verification method", upload, func(w *world, kind string, key crypto.PublicKey) {
		multikey, _ := openbadge.Multikey(key)
		w.put(upload, kind, toJSON(w.t, object{"id": upload, "type": "Multikey", "controller": issuerID, "publicKeyMultibase": multikey}))
	}},
	{"verification method with a JWK", upload, func(w *world, kind string, key crypto.PublicKey) {
		w.put(upload, kind, toJSON(w.t, object{"id": upload, "type": "JsonWebKey", "controller": issuerID, "publicKeyJwk": jwkWith(w, key, "kid", "k")}))
	}},
	{"key of 2.0", upload, func(w *world, kind string, key crypto.PublicKey) {
		pem, _ := openbadge.PublicKeyPEM(key)
		w.put(upload, kind, toJSON(w.t, ob2.NewCryptographicKey(upload, issuerID, pem)))
	}},
}

// statements are the issuer's own document in each of the forms in which it can name keys, one value or a
// list of one. The key that one of them refers to is published.
func statements(w *world) map[string]any {
	multikey, _ := openbadge.Multikey(keys().ec.Public())
	pem, _ := openbadge.PublicKeyPEM(keys().ec.Public())
	method := object{"id": issuerID + "#k", "type": "Multikey", "controller": issuerID, "publicKeyMultibase": multikey}
	key := object{"id": issuerID + "#k", "type": "CryptographicKey", "owner": issuerID, "publicKeyPem": pem}
	w.putJSON(issuerID+"/key", ob2.NewCryptographicKey(issuerID+"/key", issuerID, pem))
	return map[string]any{
		"method, by reference":         object{"id": issuerID, "verificationMethod": []any{method}, "assertionMethod": []any{issuerID + "#k"}},
		"method, no lists":             object{"id": issuerID, "verificationMethod": method, "assertionMethod": issuerID + "#k"},
		"method embedded":              object{"id": issuerID, "assertionMethod": []any{method}},
		"method embedded, no list":     object{"id": issuerID, "assertionMethod": method},
		"method by a reference object": object{"id": issuerID, "verificationMethod": method, "assertionMethod": object{"id": issuerID + "#k"}},
		"2.0 key":                      object{"@context": ob2.Context, "type": "Issuer", "id": issuerID, "publicKey": key},
		"2.0 keys":                     object{"@context": ob2.Context, "type": "Issuer", "id": issuerID, "publicKey": []any{key}},
		"2.0 key by reference":         object{"@context": ob2.Context, "type": "Issuer", "id": issuerID, "publicKey": issuerID + "/key"},
		"no key any more":              object{"id": issuerID, "assertionMethod": []any{}},
		"authentication only":          object{"id": issuerID, "authentication": []any{method}},
		"a name with a prefix":         object{"id": issuerID, "sec:assertionMethod": []any{issuerID + "#k"}},
		"JWK":                          jwkWith(w, keys().ec.Public(), "kid", "k"),
		"JWK Set":                      jwkSet(w, "k", keys().ec.Public()),
		"JWK Set with an id":           object{"id": issuerID, "type": "Profile", "keys": jwkSet(w, "k", keys().ec.Public())["keys"]},
		"jwks":                         object{"id": issuerID, "jwks": jwkSet(w, "k", keys().ec.Public())},
		"jwks_uri":                     object{"id": issuerID, "jwks_uri": issuerID + "/jwks.json"},
		"a key in Base58":              object{"id": issuerID, "type": "Ed25519VerificationKey2018", "publicKeyBase58": "x"},
		"a document that is the key":   object{"id": issuerID, "type": "Multikey", "controller": issuerID, "publicKeyMultibase": multikey},
		"in a graph":                   object{"@graph": []any{object{"id": issuerID, "assertionMethod": []any{issuerID + "#k"}}}},
		"in what wraps it":             object{"didDocument": object{"id": issuerID, "assertionMethod": []any{issuerID + "#k"}}},
	}
}

// TestOnlyTheOwnerSaysWhoseKeyItIs: no document but the owner's decides, whatever its form and however
// it is served (contract section 5).
func TestOnlyTheOwnerSaysWhoseKeyItIs(t *testing.T) {
	for said, document := range statements(newWorld(t)) {
		for _, forged := range forgeries {
			for _, kind := range []string{"application/jwk+json", "application/json", "application/ld+json", "text/plain", "text/html", "application/octet-stream"} {
				t.Run(said+"/"+forged.name+"/"+kind, func(t *testing.T) {
					w := newWorld(t)
					statements(w)
					w.putJSON(issuerID, document)
					forged.lay(w, kind, keys().other.Public())
					w.badge.Status, w.header.KID, w.signer = nil, forged.kid, keys().other
					if r := w.verify(w.token()); r.Verdict != Invalid || !strings.HasPrefix(r.codes(Fail), "KEY_") {
						t.Errorf("token: %s %s", r.Verdict, r.codes(Fail))
					}
				})
			}
		}
	}
}

// A proof is held to the same, and asks for a method that the owner's document lists also where that
// names no key.
func TestOnlyTheOwnerSaysWhoseProofItIs(t *testing.T) {
	documents := statements(newWorld(t))
	documents["no word of keys"] = object{"id": issuerID, "type": "Profile"}
	for said, document := range documents {
		for _, forged := range forgeries {
			t.Run(said+"/"+forged.name, func(t *testing.T) {
				w := newWorld(t)
				statements(w)
				w.putJSON(issuerID, document)
				forged.lay(w, "application/json", keys().other.Public())
				w.badge.Status = nil
				with := options()
				with["verificationMethod"], with["cryptosuite"] = forged.kid, "ecdsa-rdfc-2019"
				if r := w.verify(w.sealWith(w.document(), with, keys().other)); r.Verdict != Invalid || !strings.HasPrefix(r.codes(Fail), "KEY_") {
					t.Errorf("proof: %s %s", r.Verdict, r.codes(Fail))
				}
			})
		}
	}
}

// The owner's own key is found in every form, by its id or because it is the same key.
func TestTheOwnersKeyInEveryForm(t *testing.T) {
	for said, document := range statements(newWorld(t)) {
		switch said {
		case "no key any more", "authentication only", "a name with a prefix", "jwks_uri", "a key in Base58", "a document that is the key", "in a graph", "in what wraps it":
			continue
		}
		for _, kid := range []string{issuerID + "#k", keyID} {
			if said == "2.0 key by reference" && kid != keyID {
				kid = issuerID + "/key"
			}
			t.Run(said+"/"+kid, func(t *testing.T) {
				w := newWorld(t)
				statements(w)
				w.putJSON(issuerID, document)
				w.badge.Status, w.header.KID = nil, kid
				want(t, w.verify(w.token()), Valid, "")
				w.signer = keys().other
				want(t, w.verify(w.token()), Altered, "BAD_SIGNATURE")
			})
		}
	}
}

// TestKeysTakenBack: what the owner revoked or let expire counts in no form, in a list or alone, with a
// fragment or an address of its own.
func TestKeysTakenBack(t *testing.T) {
	multikey, _ := openbadge.Multikey(keys().ec.Public())
	const own = "https://issuer.test/keys/ec"
	for _, id := range []string{issuerID + "#k", own} {
		method := func(name, date string) object {
			m := object{"id": id, "type": "Multikey", "controller": issuerID, "publicKeyMultibase": multikey}
			if name != "" {
				m[name] = date
			}
			return m
		}
		lists := map[string]func(m object) object{
			"in a list": func(m object) object {
				return object{"id": issuerID, "verificationMethod": []any{m}, "assertionMethod": []any{id}}
			},
			"alone":    func(m object) object { return object{"id": issuerID, "verificationMethod": m, "assertionMethod": id} },
			"embedded": func(m object) object { return object{"id": issuerID, "assertionMethod": m} },
			"beside": func(m object) object {
				return object{"id": issuerID, "verificationMethod": []any{m}, "assertionMethod": []any{object{"id": id, "type": "Multikey", "controller": issuerID, "publicKeyMultibase": multikey}}}
			},
			"under publicKey": func(m object) object {
				return object{"id": issuerID, "publicKey": m, "assertionMethod": []any{id}}
			},
		}
		for form, list := range lists {
			for _, c := range []struct {
				name, date string
				verdict    Verdict
			}{
				{"", "", Valid}, {"revoked", "2026-02-10T00:00:00Z", Invalid}, {"expires", "2026-02-10T00:00:00Z", Invalid},
				{"revoked", "2027-02-10T00:00:00Z", Valid}, {"expires", "2027-02-10T00:00:00Z", Valid}, {"revoked", "last year", Invalid},
			} {
				t.Run(id+"/"+form+"/"+c.name+c.date, func(t *testing.T) {
					w := newWorld(t)
					w.putJSON(own, method("", "")) // says nothing of its end
					w.putJSON(issuerID, list(method(c.name, c.date)))
					w.badge.Status, w.header.KID = nil, id
					if r := w.verify(w.token()); r.Verdict != c.verdict {
						t.Errorf("token: got %s, want %s", r.Verdict, c.verdict)
					}
					with := options()
					with["verificationMethod"], with["cryptosuite"] = id, "ecdsa-rdfc-2019"
					if r := w.verify(w.sealWith(w.document(), with, keys().ec)); r.Verdict != c.verdict {
						t.Errorf("proof: got %s, want %s", r.Verdict, c.verdict)
					}
				})
			}
		}
	}
	t.Run("revoked under another name", func(t *testing.T) {
		w := newWorld(t)
		w.putJSON(issuerID, object{"id": issuerID, "assertionMethod": []any{keyID}, "verificationMethod": object{
			"id": issuerID + "#old", "type": "Multikey", "controller": issuerID, "publicKeyMultibase": multikey, "revoked": "2026-02-10T00:00:00Z"}})
		w.badge.Status = nil
		want(t, w.verify(w.token()), Invalid, "KEY_NOT_OWNED")
	})
	t.Run("2.0", func(t *testing.T) {
		for _, at := range []string{pemID, profileID} {
			w := newWorld(t)
			badge := signedBadge(w)
			want(t, w.verify(w.sign(badge)), Valid, "")
			if at == pemID {
				w.change(pemID, set("revoked", "2026-02-10T00:00:00Z"))
			} else {
				w.change(profileID, set("verificationMethod", object{"id": pemID, "type": "Multikey", "revoked": "2026-02-10T00:00:00Z"}))
			}
			want(t, w.verify(w.sign(badge)), Invalid, "KEY_NOT_OWNED")
		}
	})
}

// TestOwnersWithoutKeys: an owner whose document names no key, is no JSON or does not exist falls back
// to keys on its origin that are served as keys, with a warning; one out of reach leaves it open.
func TestOwnersWithoutKeys(t *testing.T) {
	owners := map[string]func(w *world){
		"names none": func(w *world) { w.putJSON(issuerID, object{"id": issuerID, "type": "Profile", "assertionMethod": nil}) },
		"is a page":  func(w *world) { w.put(issuerID, "text/html", "<html>") },
		"not found":  func(w *world) { w.network[issuerID] = egress.Resource{Status: 404} },
		"gone":       func(w *world) { w.network[issuerID] = egress.Resource{Status: 410} },
	}
	for owner, change := range owners {
		for _, forged := range forgeries[:4] {
			for kind, verdict := range map[string]Verdict{
				"application/jwk+json": Valid, "application/jwk-set+json": Valid, "application/json; charset=utf-8": Valid,
				"text/plain": Invalid, "text/html": Invalid, "application/octet-stream": Invalid, "application/ld+json": Invalid, "": Invalid,
			} {
				t.Run(owner+"/"+forged.name+"/"+kind, func(t *testing.T) {
					w := newWorld(t)
					change(w)
					forged.lay(w, kind, keys().ec.Public())
					w.badge.Status, w.header.KID = nil, forged.kid
					r := w.verify(w.token())
					if r.Verdict != verdict {
						t.Fatalf("got %s %s, want %s", r.Verdict, r.codes(Fail), verdict)
					}
					if verdict == Valid && !strings.Contains(r.codes(Warning), KeyNotOwned) {
						t.Errorf("no warning: %s", toJSON(t, r.Checks))
					}
				})
			}
		}
	}
	for name, change := range map[string]func(w *world){
		"out of reach": func(w *world) { delete(w.network, issuerID) },
		"fails":        func(w *world) { w.network[issuerID] = egress.Resource{Status: 503} },
		"busy":         func(w *world) { w.network[issuerID] = egress.Resource{Status: 429} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			change(w)
			w.badge.Status = nil
			want(t, w.verify(w.token()), Undetermined, "KEY_FETCH")
		})
	}
	t.Run("JSON that can be read in two ways", func(t *testing.T) {
		w := newWorld(t)
		w.put(issuerID, "application/json", `{"id":"`+issuerID+`","assertionMethod":[],"assertionMethod":null}`)
		w.badge.Status = nil
		want(t, w.verify(w.token()), Invalid, "KEY_FETCH")
	})
}

// TestDowngrade: a badge that calls itself one of 1.x gets no easier rules for an issuer of 2.0, and a
// key in 1.x is the file and nothing else.
func TestDowngrade(t *testing.T) {
	pem := func(w *world) string {
		text, err := openbadge.PublicKeyPEM(keys().rsa.Public())
		w.must(err)
		return text
	}
	const post = "https://issuer.test/forum/post/77"
	old := func(w *world) string {
		return w.sign(edit(w.t, oldBadge(w), set("verify", object{"type": "signed", "url": post})))
	}
	for _, c := range []struct {
		name, kind string
		body       func(pem string) string
		verdict    Verdict
		codes      string
	}{
		{"the file", "application/x-pem-file", func(pem string) string { return pem }, Valid, ""},
		{"as text", "text/plain", func(pem string) string { return "\n" + pem + "\n\n" }, Valid, ""},
		{"in a page", "text/html", func(pem string) string { return "<pre>" + pem + "</pre>" }, Invalid, "KEY_NOT_OWNED"},
		{"served as a page", "text/html; charset=utf-8", func(pem string) string { return pem }, Invalid, "KEY_NOT_OWNED"},
		{"in a text", "text/plain", func(pem string) string { return "Look:\n" + pem }, Invalid, "KEY_FETCH"},
		{"before a text", "text/plain", func(pem string) string { return pem + "Well?" }, Invalid, "KEY_FETCH"},
		{"two keys", "text/plain", func(pem string) string { return pem + pem }, Invalid, "KEY_FETCH"},
		{"a document of another's", "application/json", func(pem string) string {
			return toJSON(t, ob2.NewCryptographicKey(post, "https://issuer.test/issuers/2", pem))
		}, Invalid, "KEY_OWNER"},
		{"a document served as text", "text/plain", func(pem string) string {
			return toJSON(t, ob2.NewCryptographicKey(post, profileID, pem))
		}, Invalid, "KEY_NOT_OWNED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			token := old(w)
			w.put(post, c.kind, c.body(pem(w)))
			r := w.verify(token)
			want(t, r, c.verdict, c.codes)
			if c.verdict == Valid && !strings.Contains(r.codes(Warning), KeyNotOwned) {
				t.Errorf("no warning: %s", toJSON(t, r.Checks))
			}
		})
	}
	for name, change := range map[string]func(w *world){
		"issuer of 2.0 with another key": func(w *world) {
			publishHosted(w)
			other, _ := openbadge.PublicKeyPEM(keys().ec.Public())
			w.publish2(pemID, ob2.NewCryptographicKey(pemID, profileID, other))
		},
		"issuer of 2.0 without keys": func(w *world) {
			publishHosted(w)
			w.change(profileID, func(m map[string]any) { delete(m, "publicKey") })
		},
		"issuer of 1.x that lists a key":     func(w *world) { w.change(profileID, set("publicKey", "https://issuer.test/k")) },
		"issuer of 1.x that lists a method":  func(w *world) { w.change(profileID, set("assertionMethod", []any{"https://issuer.test/k"})) },
		"issuer of 1.x that lists none left": func(w *world) { w.change(profileID, set("publicKey", []any{})) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			token := old(w)
			w.put(post, "application/x-pem-file", pem(w))
			w.put("https://issuer.test/k", "text/plain", "no key")
			change(w)
			if r := w.verify(token); r.Verdict != Invalid || !strings.Contains(r.codes(Fail), "KEY_") {
				t.Errorf("got %s %s", r.Verdict, toJSON(t, r.Checks))
			}
		})
	}
}
