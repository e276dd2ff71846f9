package verifier

import (
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge"
)

// endorsementOf is an endorsement of the world's badge, by its own issuer.
func (w *world) endorsementOf(change func(doc object)) object {
	doc := object{
		"@context": []any{openbadge.ContextVC2, openbadge.ContextOB3}, "id": "urn:uuid:0c6f1f0a-61f8-4d9a-8f51-91b1a2f0a001",
		"type": []any{"VerifiableCredential", "EndorsementCredential"}, "name": "Endorsement", "validFrom": "2026-02-04T10:00:00Z",
		"issuer":            object{"id": issuerID, "type": []any{"Profile"}, "name": "Example Makers"},
		"credentialSubject": object{"id": badgeID, "type": []any{"EndorsementSubject"}, "endorsementComment": "Solid."},
	}
	if change != nil {
		change(doc)
	}
	return doc
}

// endorse makes an endorsement as a token.
func (w *world) endorse(change func(doc object)) string {
	doc := w.endorsementOf(change)
	doc["iss"], doc["jti"], doc["nbf"] = issuerID, doc["id"], 1770199200
	doc["sub"] = doc["credentialSubject"].(object)["id"]
	return w.sign(asRaw(doc))
}

// embed makes an endorsement with a proof.
func (w *world) embed(change func(doc object)) object {
	doc := w.endorsementOf(change)
	doc["proof"] = []any{w.prove(doc, options(), keys().ed)}
	return doc
}

// TestSection10Endorsements: an endorsement is judged by itself and takes nothing from the badge (spec
// 3.0 section 10, step 6).
//
// proves: 3.0 §10 judged: endorsements, embedded and JWT: own context, proof, dates, status; they never decide
func TestSection10Endorsements(t *testing.T) {
	cases := []struct {
		name    string
		put     func(w *world, doc object)
		passed  int
		remarks string
	}{
		{"embedded", func(w *world, doc object) { doc["endorsement"] = []any{w.embed(nil)} }, 1, ""},
		{"embedded without a list", func(w *world, doc object) { doc["endorsement"] = w.embed(nil) }, 1, ""},
		{"token", func(w *world, doc object) { doc["endorsementJwt"] = []any{w.endorse(nil)} }, 1, ""},
		{"several, wherever they stand", func(w *world, doc object) {
			achievement := doc["credentialSubject"].(object)["achievement"].(object)
			achievement["endorsement"] = []any{w.embed(func(d object) { d["credentialSubject"].(object)["id"] = achievement["id"] })}
			doc["issuer"].(object)["endorsementJwt"] = []any{w.endorse(func(d object) { d["credentialSubject"].(object)["id"] = issuerID })}
			doc["endorsement"] = []any{w.embed(nil), w.embed(nil)}
		}, 4, ""},
		{"altered", func(w *world, doc object) {
			e := w.embed(nil)
			e["name"] = "Forged praise"
			doc["endorsement"] = []any{e, w.embed(nil)}
		}, 1, "BAD_SIGNATURE"},
		{"token altered", func(w *world, doc object) {
			parts := strings.Split(w.endorse(nil), ".")
			doc["endorsementJwt"] = []any{parts[0] + "." + b64(asRaw(w.endorsementOf(nil))) + "." + parts[2]}
		}, 0, "BAD_SIGNATURE"},
		{"expired", func(w *world, doc object) {
			doc["endorsement"] = []any{w.embed(func(d object) { d["validUntil"] = "2026-02-05T10:00:00Z" })}
		}, 0, "EXPIRED"},
		{"not valid yet", func(w *world, doc object) {
			doc["endorsement"] = []any{w.embed(func(d object) { d["validFrom"] = "2027-02-05T10:00:00Z" })}
		}, 0, "NOT_YET_ISSUED"},
		{"revoked", func(w *world, doc object) {
			w.list.SetBit(7, true)
			w.publishList("revocation")
			doc["endorsement"] = []any{w.embed(func(d object) {
				d["credentialStatus"] = object{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "7", "statusListCredential": listID}
			})}
		}, 0, "REVOKED"},
		{"about something else", func(w *world, doc object) {
			doc["endorsement"] = []any{w.embed(func(d object) { d["credentialSubject"].(object)["id"] = "https://issuer.test/other" })}
		}, 0, "BAD_VALUE"},
		{"without proof", func(w *world, doc object) { doc["endorsement"] = []any{w.endorsementOf(nil)} }, 0, "NOT_SIGNED"},
		{"no endorsement", func(w *world, doc object) {
			doc["endorsement"] = []any{w.embed(func(d object) { d["type"] = []any{"VerifiableCredential"} })}
		}, 0, "BAD_VALUE"},
		{"malformed", func(w *world, doc object) {
			doc["endorsement"] = []any{w.embed(func(d object) { delete(d, "name") })}
		}, 0, "MISSING_PROPERTY"},
		{"no credential", func(w *world, doc object) {
			doc["endorsementJwt"] = []any{handmade(`{"alg":"ES256"}`, []byte(`{}`), []byte("x"))}
		}, 0, "UNSUPPORTED_TYPE"},
		{"key that cannot be reached", func(w *world, doc object) {
			doc["endorsement"] = []any{w.embed(func(d object) { d["issuer"] = "did:web:elsewhere.test" })}
			proofOf(doc["endorsement"].([]any)[0].(object))["verificationMethod"] = "did:web:elsewhere.test#key-1"
		}, 0, "KEY_FETCH"},
		{"too many", func(w *world, doc object) {
			one, all := w.endorse(nil), []any{}
			for range maxEndorsements + 1 {
				all = append(all, one)
			}
			doc["endorsementJwt"] = all
		}, maxEndorsements, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			r := w.verify(w.seal(func(doc, _ object) { c.put(w, doc) }))
			want(t, r, Valid, "")
			passed, remarks := 0, []string{}
			for _, k := range r.Checks {
				switch {
				case k.Name != CheckEndorse:
				case k.Outcome == Pass:
					passed++
				case k.Outcome == Warning:
					remarks = append(remarks, k.Code)
				}
				if k.Name == CheckEndorse && k.Outcome != Skipped && k.Property == "" {
					t.Error("check does not say which endorsement")
				}
			}
			if passed != c.passed || strings.Join(remarks, " ") != c.remarks {
				t.Errorf("passed %d, remarks %q\n%s", passed, remarks, toJSON(t, r.Checks))
			}
		})
	}
}

// TestSection10Endorsement judges an endorsement that was handed in itself.
//
// proves: 3.0 §10 judged: endorsements, embedded and JWT: own context, proof, dates, status; they never decide
func TestSection10Endorsement(t *testing.T) {
	w := newSealedWorld(t)
	want(t, w.verify(toJSON(t, w.embed(nil))), Valid, "")
	want(t, w.verify(w.endorse(nil)), Valid, "")
	forged := w.embed(nil)
	forged["credentialSubject"].(object)["endorsementComment"] = "The best."
	want(t, w.verify(toJSON(t, forged)), Altered, "BAD_SIGNATURE")
}

// TestSection11NoBadge: only a badge may be baked into a picture (spec 3.0 section 11).
//
// proves: 3.0 §11 judged: only a badge may be baked
func TestSection11NoBadge(t *testing.T) {
	w := newSealedWorld(t)
	baked := func(text string) string {
		return picture(t, openbadge.Chunk{Keyword: openbadge.KeywordOB3, Text: text})
	}
	want(t, w.verify(baked(w.seal(nil))), Valid, "")
	want(t, w.verify(baked(toJSON(t, w.embed(nil)))), Invalid, "BAD_BAKE")
	want(t, w.verify(baked(w.network[listID].Body)), Invalid, "BAD_BAKE")
}

// TestSection10Person compares the name that was asked about (spec 3.0 section 10, step 5).
//
// proves: 3.0 §10 judged: recipient by id, hashed and plain identifiers in the spellings that issuers use, and by name
func TestSection10Person(t *testing.T) {
	name := func(hashed bool, value, salt string) func(subject object) {
		return func(subject object) {
			i := object{"type": "IdentityObject", "hashed": hashed, "identityHash": value, "identityType": "name"}
			if salt != "" {
				i["salt"] = salt
			}
			subject["identifier"] = append(subject["identifier"].([]any), i)
		}
	}
	plain := func(subject object) { subject["name"] = "Ana  Ruiz" }
	for _, c := range []struct {
		asked   string
		subject func(subject object)
		verdict Verdict
		said    Outcome
	}{
		{"Ana Ruiz", name(false, "Ana Ruiz", ""), Valid, Pass},
		{" ana   ruiz ", name(false, "Ana Ruiz", ""), Valid, Pass},
		{"Ana Ruiz", name(true, openbadge.HashIdentity("Ana Ruiz", "s"), "s"), Valid, Pass},
		{"Ana Ruiz", name(true, openbadge.HashIdentity("ana ruiz", "s"), "s"), Valid, Pass},
		{"Ana Ruiz", name(true, openbadge.HashIdentity("Ana Ruiz", "s"), "t"), WrongRecipient, Fail},
		{"Bob", name(false, "Ana Ruiz", ""), WrongRecipient, Fail},
		{"Jos\u00e9", name(false, "JOSE\u0301", ""), Valid, Pass},
		{"Ana Ruiz", plain, Valid, Pass},
		{"Bob", plain, WrongRecipient, Fail},
		{"Bob", func(object) {}, Valid, Warning},
		{" ", plain, Valid, ""},
	} {
		w := newSealedWorld(t)
		w.in.Person = c.asked
		r := w.verify(w.seal(func(doc, _ object) { c.subject(doc["credentialSubject"].(object)) }))
		codes := map[Verdict]string{WrongRecipient: RecipientMismatch}[c.verdict]
		want(t, r, c.verdict, codes)
		var said Outcome
		for _, k := range r.Checks {
			if k.Name == CheckRecipient {
				said = k.Outcome
			}
		}
		if said != c.said {
			t.Errorf("%q: said %q, want %q", c.asked, said, c.said)
		}
	}
	t.Run("address in the claim of a token", func(t *testing.T) {
		w := newWorld(t)
		w.in.Recipient = "Bob@home.test"
		token := w.edited(func(m map[string]any) { m["sub"] = "mailto:bob@home.test" })
		want(t, w.verify(token), Valid, "")
	})
}

// TestSection10Conformance: what the text of the standard asks for beyond its schema (step 1), and what
// is only remarked upon.
//
// proves: 3.0 §10 judged: class rules and text rules: subject id or identifier, identity hash, criteria, results
func TestSection10Conformance(t *testing.T) {
	description := func(kind string) object {
		return object{"id": "urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c", "type": []any{"ResultDescription"}, "name": "Grade", "resultType": kind}
	}
	result := func(more object) object {
		r := object{"type": []any{"Result"}, "resultDescription": "urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c"}
		for name, v := range more {
			r[name] = v
		}
		return r
	}
	achievement := func(doc object) object { return doc["credentialSubject"].(object)["achievement"].(object) }
	cases := []struct {
		name    string
		change  func(doc object)
		verdict Verdict
		codes   string
		remarks string
	}{
		{"neither id nor identifier", func(doc object) { delete(doc["credentialSubject"].(object), "identifier") }, Invalid, "MISSING_PROPERTY", ""},
		{"named by name alone", func(doc object) {
			delete(doc["credentialSubject"].(object), "identifier")
			doc["credentialSubject"].(object)["name"] = "Ana Ruiz"
		}, Valid, "", "MISSING_PROPERTY"},
		{"named by nothing", func(doc object) {
			delete(doc["credentialSubject"].(object), "identifier")
			doc["credentialSubject"].(object)["name"] = " "
		}, Invalid, "MISSING_PROPERTY", ""},
		{"hashed and plain contradict", func(doc object) {
			doc["credentialSubject"].(object)["identifier"].([]any)[0].(object)["identityHash"] = ana
		}, Invalid, "IDENTITY_FORMAT", ""},
		{"criteria without page and text", func(doc object) { achievement(doc)["criteria"] = object{} }, Invalid, "MISSING_PROPERTY", ""},
		{"type of no badge", func(doc object) { doc["type"] = []any{"VerifiableCredential"} }, Invalid, "BAD_VALUE", ""},
		{"picture as an address", func(doc object) { achievement(doc)["image"] = "https://issuer.test/i.png" }, Invalid, "BAD_VALUE", ""},
		{"two subjects", func(doc object) { doc["credentialSubject"] = []any{doc["credentialSubject"], doc["credentialSubject"]} }, Invalid, "BAD_VALUE", ""},
		{"issuer as an address", func(doc object) { doc["issuer"] = issuerID }, Valid, "", ""},
		{"issuer inside a list", func(doc object) { doc["issuer"] = []any{doc["issuer"]} }, Valid, "", ""},
		{"one identifier without a list", func(doc object) {
			doc["credentialSubject"].(object)["identifier"] = doc["credentialSubject"].(object)["identifier"].([]any)[0]
		}, Valid, "", ""},
		{"result described elsewhere", func(doc object) { doc["credentialSubject"].(object)["result"] = []any{result(nil)} }, Invalid, "BAD_VALUE", ""},
		{"result well described", func(doc object) {
			achievement(doc)["resultDescription"] = []any{description("RawScore")}
			doc["credentialSubject"].(object)["result"] = []any{result(object{"value": "12"})}
		}, Valid, "", ""},
		{"status of a result missing", func(doc object) {
			achievement(doc)["resultDescription"] = []any{description("Status")}
			doc["credentialSubject"].(object)["result"] = []any{result(nil)}
		}, Invalid, "MISSING_PROPERTY", ""},
		{"required value not allowed", func(doc object) {
			d := description("LetterGrade")
			d["allowedValue"], d["requiredValue"] = []any{"B", "A"}, "C"
			achievement(doc)["resultDescription"] = []any{d}
		}, Valid, "", "BAD_VALUE"},
		{"levels that are none", func(doc object) {
			d := description("RubricCriterionLevel")
			d["rubricCriterionLevel"] = []any{object{"id": "urn:l:1", "type": []any{"RubricCriterionLevel"}, "name": "One"}}
			d["requiredLevel"] = "urn:l:2"
			achievement(doc)["resultDescription"] = []any{d}
			doc["credentialSubject"].(object)["result"] = []any{result(object{"achievedLevel": "urn:l:3"})}
		}, Valid, "", "BAD_VALUE BAD_VALUE"},
		{"levels that are there", func(doc object) {
			d := description("RubricCriterionLevel")
			d["rubricCriterionLevel"] = []any{object{"id": "urn:l:1", "type": []any{"RubricCriterionLevel"}, "name": "One"}}
			d["requiredLevel"] = "urn:l:1"
			achievement(doc)["resultDescription"] = []any{d}
			doc["credentialSubject"].(object)["result"] = []any{result(object{"achievedLevel": "urn:l:1"})}
		}, Valid, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			r := w.verify(w.seal(func(doc, _ object) { c.change(doc) }))
			want(t, r, c.verdict, c.codes)
			if r.codes(Warning) != c.remarks {
				t.Errorf("remarks %q, want %q", r.codes(Warning), c.remarks)
			}
		})
	}
}
