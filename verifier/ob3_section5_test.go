package verifier

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
	"github.com/mr-tron/base58"

	"github.com/open-insignia/insignia/openbadge"
)

// TestSection5 holds embedded proofs to the rules of spec 3.0 section 5, each case to one.
//
// proves: 3.0 §5 judged: eddsa-rdfc-2022, ecdsa-rdfc-2019 (P-256, P-384), eddsa-jcs-2022, Ed25519Signature2020, eddsa-2022
// proves: 3.0 §5 judged: document, options or key changed: altered
// proves: 3.0 §5 judged: proofPurpose assertionMethod; method under assertionMethod of the controller document
// proves: 3.0 §5 judged: `expires` not passed; `created` readable and not later than the check (300 s)
// proves: 3.0 §5 judged: unknown suite: the others are tried; one good proof is enough; none is refused
func TestSection5(t *testing.T) {
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	by := func(key crypto.Signer, suite string) func(w *world) string {
		return func(w *world) string {
			w.putJSON(issuerID, w.controller(issuerID, key.Public(), nil))
			with := options()
			with["cryptosuite"] = suite
			return w.sealWith(w.document(), with, key)
		}
	}
	cases := []struct {
		name    string
		badge   func(w *world) string
		verdict Verdict
		codes   string
	}{
		{"eddsa-rdfc-2022", func(w *world) string { return w.seal(nil) }, Valid, ""},
		{"ecdsa-rdfc-2019 P-256", by(keys().ec, "ecdsa-rdfc-2019"), Valid, ""},
		{"ecdsa-rdfc-2019 P-384", by(p384, "ecdsa-rdfc-2019"), Valid, ""},
		{"eddsa-2022, its old name", func(w *world) string {
			return w.seal(func(_, o object) { o["cryptosuite"] = "eddsa-2022" })
		}, Valid, ""},
		{"Ed25519Signature2020", func(w *world) string {
			return w.seal(func(doc, o object) {
				doc["@context"] = append(doc["@context"].([]any), "https://w3id.org/security/suites/ed25519-2020/v1")
				o["type"] = "Ed25519Signature2020"
				delete(o, "cryptosuite")
			})
		}, Valid, ""},
		{"one proof without a list", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) { m["proof"] = proofOf(m) })
		}, Valid, ""},

		{"no proof", func(w *world) string { return toJSON(t, w.document()) }, Invalid, "NOT_SIGNED"},
		{"empty list of proofs", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) { m["proof"] = []any{} })
		}, Invalid, "NOT_SIGNED"},
		{"member changed", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) { m["name"] = "Master of Robots" })
		}, Altered, "BAD_SIGNATURE"},
		{"member added that a context knows", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) { m["description"] = "more" })
		}, Altered, "BAD_SIGNATURE"},
		{"option changed", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) { proofOf(m)["created"] = "2026-02-04T10:00:01Z" })
		}, Altered, "BAD_SIGNATURE"},
		{"signed by another key", func(w *world) string {
			w.putJSON(issuerID, w.controller(issuerID, keys().ec.Public(), nil))
			with := options()
			with["cryptosuite"] = "ecdsa-rdfc-2019"
			return w.sealWith(w.document(), with, keys().other)
		}, Altered, "BAD_SIGNATURE"},
		{"suite of another kind of key", func(w *world) string {
			w.putJSON(issuerID, w.controller(issuerID, keys().ec.Public(), nil))
			return w.seal(nil)
		}, Invalid, "BAD_SIGNATURE"},
		{"proofValue cut", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) { proofOf(m)["proofValue"] = proofOf(m)["proofValue"].(string)[:60] })
		}, Invalid, "BAD_VALUE"},
		{"proofValue in another base", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) { proofOf(m)["proofValue"] = "u" + proofOf(m)["proofValue"].(string)[1:] })
		}, Invalid, "BAD_VALUE"},
		{"proof no object", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) { m["proof"] = []any{"z"} })
		}, Invalid, "BAD_VALUE"},

		{"proofPurpose of another kind", func(w *world) string {
			return w.seal(func(_, o object) { o["proofPurpose"] = "authentication" })
		}, Invalid, "BAD_VALUE"},
		{"proofPurpose missing", func(w *world) string {
			return w.seal(func(_, o object) { delete(o, "proofPurpose") })
		}, Invalid, "BAD_VALUE"},
		{"expires over", func(w *world) string {
			return w.seal(func(_, o object) { o["expires"] = "2026-03-04T10:00:00Z" })
		}, Expired, "EXPIRED"},
		{"expires ahead", func(w *world) string {
			return w.seal(func(_, o object) { o["expires"] = "2026-03-04T10:00:01Z" })
		}, Valid, ""},
		{"expires over and altered", func(w *world) string {
			return w.altered(w.seal(func(_, o object) { o["expires"] = "2026-03-04T10:00:00Z" }), func(m object) { m["name"] = "x" })
		}, Altered, "BAD_SIGNATURE"},
		{"created in a moment", func(w *world) string {
			return w.seal(func(_, o object) { o["created"] = "2026-03-04T10:05:00Z" })
		}, Valid, ""},
		{"created in the future", func(w *world) string {
			return w.seal(func(_, o object) { o["created"] = "2026-03-04T10:05:01Z" })
		}, Invalid, "NOT_YET_ISSUED"},
		{"created no time", func(w *world) string {
			return w.seal(func(_, o object) { o["created"] = "yesterday" })
		}, Invalid, "BAD_VALUE"},
		{"created absent", func(w *world) string { return w.seal(func(_, o object) { delete(o, "created") }) }, Valid, ""},

		{"suite unknown", func(w *world) string {
			return w.seal(func(_, o object) { o["cryptosuite"] = "future-2040" })
		}, Undetermined, "UNSUPPORTED"},
		{"suite misspelt as in the specification", func(w *world) string {
			return w.seal(func(_, o object) { o["cryptosuite"] = "eddsa-rdf-2022" })
		}, Undetermined, "UNSUPPORTED"},
		{"one good proof is enough, unknown first", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) {
				other := options()
				other["cryptosuite"], other["proofValue"] = "future-2040", "z1"
				m["proof"] = []any{other, proofOf(m)}
			})
		}, Valid, ""},
		{"one good proof is enough, bad first", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) {
				other := options()
				other["proofValue"] = "z" + strings.Repeat("2", 87)
				m["proof"] = []any{other, proofOf(m)}
			})
		}, Valid, ""},
		{"bad proof beside one whose key cannot be reached", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) {
				other := options()
				other["verificationMethod"], other["proofValue"] = "https://issuer.test/elsewhere#key-1", "z1"
				m["name"], m["proof"] = "changed", []any{proofOf(m), other}
			})
		}, Undetermined, "KEY_FETCH"},
		{"bad proof beside one of an unknown kind", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) {
				other := options()
				other["cryptosuite"], other["proofValue"] = "future-2040", "z1"
				m["name"], m["proof"] = "changed", []any{other, proofOf(m)}
			})
		}, Altered, "BAD_SIGNATURE"},
		{"a good proof after many bad ones", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) {
				bad := options()
				bad["proofValue"] = "z1"
				var all []any
				for range openbadge.MaxProofs - 1 {
					all = append(all, bad)
				}
				m["proof"] = append(all, proofOf(m))
			})
		}, Valid, ""},
		{"proof of no kind", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) { delete(proofOf(m), "type") })
		}, Invalid, "BAD_VALUE"},
		{"proof of no suite", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) { delete(proofOf(m), "cryptosuite") })
		}, Invalid, "BAD_VALUE"},
		{"more proofs than are read", func(w *world) string {
			return w.altered(w.seal(nil), func(m object) {
				var all []any
				for range openbadge.MaxProofs + 1 {
					all = append(all, proofOf(m))
				}
				m["proof"] = all
			})
		}, Invalid, "BAD_VALUE"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			r := w.verify(c.badge(w))
			want(t, r, c.verdict, c.codes)
			if r.Format != FormatOB3Proof {
				t.Errorf("format %q", r.Format)
			}
		})
	}
}

// TestSection5Chain is about proofs that are made on top of others.
//
// proves: 3.0 §5 judged: chain: every previous proof holds, is there, and they form no circle
func TestSection5Chain(t *testing.T) {
	chain := func(w *world, change func(all []any)) string {
		doc := w.document()
		first, second := options(), options()
		first["id"] = "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"
		made := w.prove(doc, first, keys().ed)
		doc["proof"] = []any{made}
		second["previousProof"] = first["id"]
		top := w.prove(doc, second, keys().ed)
		all := []any{top, made}
		doc["proof"] = all
		if change != nil {
			change(all)
		}
		return toJSON(w.t, doc)
	}
	spoil := func(p any) { p.(object)["proofValue"] = "z" + strings.Repeat("3", 87) }
	for _, c := range []struct {
		name    string
		change  func(all []any)
		verdict Verdict
		codes   string
	}{
		{"good", nil, Valid, ""},
		{"good at the bottom alone", func(all []any) { spoil(all[0]) }, Valid, ""},
		{"bad at the bottom", func(all []any) { spoil(all[1]) }, Altered, "BAD_SIGNATURE"},
		{"bottom missing", func(all []any) { all[1] = all[0] }, Invalid, "BAD_VALUE"},
		{"circle", func(all []any) {
			all[0].(object)["id"] = "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4545"
			all[1].(object)["previousProof"] = "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4545"
		}, Altered, "BAD_SIGNATURE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			want(t, w.verify(chain(w, c.change)), c.verdict, c.codes)
		})
	}
	// A circle of good signatures cannot be made; the guard is tried by itself.
	p := &proofs{chained: map[int]*fault{0: {code: BadValue}}, secured: &openbadge.Secured{Proofs: []openbadge.Proof{{ID: "a", Previous: []string{"a"}}}}}
	if f := p.checkChain(context.Background(), 0); f == nil {
		t.Error("a proof that builds on itself holds")
	}
	p = &proofs{secured: &openbadge.Secured{Proofs: []openbadge.Proof{{ID: "a", Previous: []string{"b"}}}}}
	if f := p.checkChain(context.Background(), 0); f == nil || f.code != BadValue {
		t.Error("a proof that builds on nothing holds")
	}
}

// TestSection3 refuses whatever a signature does not cover or a context could change.
//
// proves: 3.0 §3 judged: credentials context first, Open Badges context second; none missing
// proves: 3.0 §3 judged: contexts only from the embedded list; unknown and inline ones refused, further in too
// proves: 3.0 §3 judged: undefined members and types and relative ids refused in every proof, before a signature counts
// proves: 3.0 §3 judged: 1EdTech types need extensions.json
func TestSection3(t *testing.T) {
	const ed25519Context = "https://w3id.org/security/suites/ed25519-2020/v1"
	contexts := func(all ...any) func(doc object) { return func(doc object) { doc["@context"] = all } }
	cases := []struct {
		name   string
		change func(doc object)
		codes  string
	}{
		{"undefined member", func(doc object) { doc["rank"] = "gold" }, "CONTEXT"},
		{"undefined member of the achievement", func(doc object) {
			doc["credentialSubject"].(object)["achievement"].(object)["rank"] = "gold"
		}, "CONTEXT"},
		{"undefined type", func(doc object) { doc["type"] = append(doc["type"].([]any), "GoldCredential") }, "CONTEXT"},
		{"relative id", func(doc object) {
			doc["evidence"] = []any{object{"id": "evidence/1", "type": []any{"Evidence"}}}
		}, "BAD_VALUE CONTEXT"},
		{"unknown context", func(doc object) { doc["@context"] = append(doc["@context"].([]any), "https://evil.test/context.json") }, "UNSUPPORTED"},
		{"inline context", func(doc object) {
			doc["@context"] = append(doc["@context"].([]any), object{"motto": "https://schema.org/name"})
		}, "CONTEXT CONTEXT"},
		{"inline context further in", func(doc object) {
			doc["credentialSubject"].(object)["@context"] = object{"motto": "https://schema.org/name"}
		}, "CONTEXT"},
		{"context of the W3C's examples", func(doc object) {
			doc["@context"] = append(doc["@context"].([]any), "https://www.w3.org/ns/credentials/examples/v2")
		}, "UNSUPPORTED"},
		{"credentials context missing", contexts(openbadge.ContextOB3), "CONTEXT"},
		{"contexts in the wrong order", contexts(openbadge.ContextOB3, openbadge.ContextVC2), "CONTEXT"},
		{"another between the two", contexts(openbadge.ContextVC2, ed25519Context, openbadge.ContextOB3), "CONTEXT"},
		{"no context", func(doc object) { delete(doc, "@context") }, "CONTEXT"},
		{"1EdTech type without its context", func(doc object) {
			doc["refreshService"] = object{"id": "https://issuer.test/r", "type": "1EdTechCredentialRefresh"}
		}, "CONTEXT"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			r := w.verify(w.altered(w.seal(nil), c.change))
			if c.codes == Unsupported {
				want(t, r, Undetermined, Unsupported)
				return
			}
			if r.Verdict != Invalid && r.Verdict != Altered || !strings.Contains(r.codes(Fail), "CONTEXT") {
				t.Errorf("got %s %q\n%s", r.Verdict, r.codes(Fail), toJSON(t, r.Checks))
			}
			if r.Verdict == Altered && len(strings.Fields(c.codes)) == 1 {
				t.Errorf("the signature counted before the context: %s", toJSON(t, r.Checks))
			}
		})
	}
}

// TestSection5JSON: a proof over the text of the JSON needs linked data that is safe as much as one over
// RDF does.
//
// proves: 3.0 §3 judged: undefined members and types and relative ids refused in every proof, before a signature counts
// proves: 3.0 §5 judged: eddsa-rdfc-2022, ecdsa-rdfc-2019 (P-256, P-384), eddsa-jcs-2022, Ed25519Signature2020, eddsa-2022
func TestSection5JSON(t *testing.T) {
	seal := func(w *world, change func(doc object)) string {
		doc, with := w.document(), options()
		with["cryptosuite"], with["@context"] = "eddsa-jcs-2022", doc["@context"]
		if change != nil {
			change(doc)
			with["@context"] = doc["@context"]
		}
		hash := func(m object) []byte {
			text, err := jcs.Transform(asRaw(m))
			w.must(err)
			sum := sha256.Sum256(text)
			return sum[:]
		}
		signature := ed25519.Sign(keys().ed, append(hash(with), hash(doc)...))
		with["proofValue"] = "z" + base58.Encode(signature)
		doc["proof"] = with
		return toJSON(t, doc)
	}
	for _, c := range []struct {
		name    string
		change  func(doc object)
		after   func(m object)
		verdict Verdict
		codes   string
	}{
		{"good", nil, nil, Valid, ""},
		{"word that no context knows", func(doc object) { doc["rank"] = "gold" }, nil, Invalid, "CONTEXT"},
		{"type that no context knows", func(doc object) { doc["type"] = append(doc["type"].([]any), "Gold") }, nil, Invalid, "CONTEXT"},
		{"context that is not known", func(doc object) { doc["@context"] = append(doc["@context"].([]any), "https://evil.test/c") }, nil, Undetermined, "UNSUPPORTED"},
		{"number that is written as it is", func(doc object) {
			doc["credentialSubject"].(object)["achievement"].(object)["creditsAvailable"] = json.Number("5e-7")
		}, nil, Valid, ""},
		{"altered", nil, func(m object) { m["name"] = "x" }, Altered, "BAD_SIGNATURE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			data := seal(w, c.change)
			if c.after != nil {
				data = w.altered(data, c.after)
			}
			want(t, w.verify(data), c.verdict, c.codes)
		})
	}
}
