package verifier

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

const (
	classID   = "https://issuer.test/achievements/1/badgeclass.json"
	profileID = "https://issuer.test/issuers/1/profile.json"
	pngID     = "https://issuer.test/achievements/1/image.png"
	pemID     = "https://issuer.test/issuers/1/keys/r1.json"
	revokedID = "https://issuer.test/issuers/1/revocations.json"
)

// publishHosted puts a valid hosted 2.0 badge for Ana on the network, with everything it points to.
func publishHosted(w *world) ob2.Assertion {
	assertion := ob2.NewAssertion(assertionID, classID, ob2.HashedEmail(openbadge.HashIdentity(ana, "salt"), "salt"), today.AddDate(0, -1, 0), time.Time{})
	w.publish2(assertionID, assertion)
	class := ob2.NewBadgeClass(classID, "Line Robots", "Built a robot that follows a line.", pngID, profileID, ob2.Criteria{Narrative: "Build one."})
	w.publish2(classID, class)
	profile := ob2.NewProfile(profileID, "Example Makers", "https://issuer.test", "badges@issuer.test")
	profile.PublicKey, profile.RevocationList = pemID, revokedID
	w.publish2(profileID, profile)
	pem, err := openbadge.PublicKeyPEM(keys().rsa.Public())
	w.must(err)
	w.publish2(pemID, ob2.NewCryptographicKey(pemID, profileID, pem))
	w.publish2(revokedID, ob2.NewRevocationList(revokedID, profileID))
	w.put(pngID, "image/png", picture(w.t))
	return assertion
}

func (w *world) publish2(address string, v any) {
	w.put(address, "application/ld+json", toJSON(w.t, v))
}

// change edits a published document.
func (w *world) change(address string, change func(m map[string]any)) {
	w.put(address, "application/ld+json", string(edit(w.t, []byte(w.network[address].Body), change)))
}

func set(name string, value any) func(m map[string]any) {
	return func(m map[string]any) { m[name] = value }
}

// proves: 2.0 §4 judged: pictures are there, PNG or SVG by sender and bytes
// proves: 2.0 §6 judged: the hosted document instead of an embedded copy; an embedded one needs an id; dates; revoked: true
func TestHosted(t *testing.T) {
	change := func(address, name string, value any) func(w *world) {
		return func(w *world) { w.change(address, set(name, value)) }
	}
	answer := func(address string, status int) func(w *world) {
		return func(w *world) { w.network[address] = egress.Resource{Status: status} }
	}
	cases := []struct {
		name    string
		change  func(w *world)
		verdict Verdict
		codes   string
	}{
		{"valid", func(*world) {}, Valid, ""},
		{"expired", change(assertionID, "expires", "2026-03-01T00:00:00Z"), Expired, "EXPIRED"},
		{"issued in the future", change(assertionID, "issuedOn", "2026-04-01T00:00:00Z"), Invalid, "NOT_YET_ISSUED"},
		{"issued in a moment", change(assertionID, "issuedOn", "2026-03-04T10:04:00Z"), Valid, ""},
		{"expires before issued", change(assertionID, "expires", "2025-03-01T00:00:00Z"), Invalid, "EXPIRES_BEFORE_ISSUED EXPIRED"},
		{"revoked in the document", change(assertionID, "revoked", true), Revoked, "REVOKED"},
		{"gone", answer(assertionID, 410), Revoked, "REVOKED"},
		{"gone with a body", func(w *world) {
			w.network[assertionID] = egress.Resource{Status: 410, Body: toJSON(w.t, ob2.NewRevoked(assertionID, "exam result corrected"))}
		}, Revoked, "REVOKED"},
		{"missing", answer(assertionID, 404), Invalid, "FETCH_FAILED"},
		{"forbidden", answer(assertionID, 403), Invalid, "FETCH_FAILED"},
		{"server fails", answer(assertionID, 502), Undetermined, "FETCH_FAILED"},
		{"unreachable", func(w *world) { delete(w.network, assertionID) }, Undetermined, "FETCH_FAILED"},
		{"says that it is signed", change(assertionID, "verification", map[string]any{"type": "SignedBadge"}), Invalid, "VERIFICATION_TYPE"},
		{"hash without the flag", change(assertionID, "recipient", map[string]any{"type": "email", "hashed": false, "identity": openbadge.HashIdentity(ana, "")}), Invalid, "IDENTITY_FORMAT"},
		{"no context", func(w *world) { w.change(assertionID, set("@context", "https://example.test/v2")) }, Invalid, "CONTEXT"},
		{"unknown class", change(assertionID, "type", "Certificate"), Invalid, "BAD_VALUE"},
		{"endorsement where an award was", change(assertionID, "type", "Endorsement"), Invalid, "BAD_VALUE"},
		{"not served as JSON", func(w *world) { w.put(assertionID, "text/html", w.network[assertionID].Body) }, Valid, ""},

		{"class missing", answer(classID, 404), Invalid, "FETCH_FAILED"},
		{"class gone", answer(classID, 410), Invalid, "FETCH_FAILED"},
		{"class unreachable", answer(classID, 500), Undetermined, "FETCH_FAILED"},
		{"class a picture", func(w *world) { w.put(classID, "image/png", picture(w.t)) }, Invalid, "NOT_JSON"},
		{"class without name", change(classID, "name", ""), Invalid, "BAD_VALUE"},
		{"class with two ids", func(w *world) {
			w.put("https://issuer.test/c2.json", "application/json", w.network[classID].Body)
			w.change("https://issuer.test/c2.json", set("id", "https://issuer.test/c3.json"))
			w.put("https://issuer.test/c3.json", "application/json", w.network["https://issuer.test/c2.json"].Body)
			w.change(assertionID, set("badge", "https://issuer.test/c2.json"))
		}, Valid, ""},
		{"class ids without end", func(w *world) {
			w.change(classID, set("id", "https://issuer.test/c2.json"))
			w.put("https://issuer.test/c2.json", "application/json", w.network[classID].Body)
			w.change("https://issuer.test/c2.json", set("id", "https://issuer.test/c3.json"))
		}, Invalid, "BAD_VALUE"},
		{"class embedded, hosted copy counts", func(w *world) {
			w.change(assertionID, set("badge", map[string]any{"id": classID, "type": "BadgeClass", "name": "Forged"}))
		}, Valid, ""},
		{"class embedded without id", func(w *world) {
			w.change(assertionID, set("badge", map[string]any{"type": "BadgeClass", "name": "Forged", "issuer": map[string]any{"name": "Harvard"}}))
		}, Invalid, "MISSING_PROPERTY"},
		{"class with an id that is no address", change(classID, "id", "urn:uuid:c1"), Invalid, "BAD_VALUE"},
		{"class at no address", change(assertionID, "badge", "urn:uuid:c1"), Invalid, "FETCH_FAILED"},
		{"class embedded, at no address", func(w *world) {
			class := edit(w.t, []byte(w.network[classID].Body), set("id", "urn:uuid:c1"))
			w.change(assertionID, set("badge", json.RawMessage(class)))
		}, Invalid, "ORIGIN_SCOPE"},
		{"class hollow", func(w *world) {
			w.publish2(classID, map[string]any{"@context": ob2.Context, "type": "BadgeClass", "id": classID, "revoked": true})
		}, Invalid, "BAD_VALUE"},
		{"class without issuer", func(w *world) { w.change(classID, func(m map[string]any) { delete(m, "issuer") }) }, Invalid, "MISSING_PROPERTY"},
		{"issuer embedded, at no address", func(w *world) {
			profile := edit(w.t, []byte(w.network[profileID].Body), set("id", "urn:uuid:p1"))
			w.change(classID, set("issuer", json.RawMessage(profile)))
		}, Invalid, "ORIGIN_SCOPE ORIGIN_SCOPE"},

		{"profile missing", answer(profileID, 404), Invalid, "FETCH_FAILED"},
		{"profile unreachable", func(w *world) { delete(w.network, profileID) }, Undetermined, "FETCH_FAILED"},
		{"profile of another host", func(w *world) {
			w.put("https://victim.test/p", "application/json", w.network[profileID].Body)
			w.change("https://victim.test/p", set("id", "https://victim.test/p"))
			w.change(classID, set("issuer", "https://victim.test/p"))
		}, Invalid, "ORIGIN_SCOPE ORIGIN_SCOPE"},
		{"startsWith", change(profileID, "verification", map[string]any{"startsWith": "https://issuer.test/other/"}), Invalid, "STARTS_WITH"},
		{"allowedOrigins", change(profileID, "verification", map[string]any{"allowedOrigins": "other.test"}), Invalid, "ORIGIN_SCOPE"},

		{"picture missing", answer(pngID, 404), Invalid, "IMAGE_FETCH"},
		{"picture unreachable", func(w *world) { delete(w.network, pngID) }, Undetermined, "IMAGE_FETCH"},
		{"picture a JPEG", func(w *world) { w.put(pngID, "image/jpeg", picture(w.t)) }, Invalid, "IMAGE_TYPE"},
		{"picture a page", func(w *world) { w.put(pngID, "image/png", "<html></html>") }, Invalid, "IMAGE_TYPE"},
		{"picture as data", change(classID, "image", "data:image/png;base64,AAAA"), Valid, ""},
		{"own picture missing", change(assertionID, "image", "https://issuer.test/none.png"), Undetermined, "IMAGE_FETCH"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			submitted := toJSON(t, publishHosted(w))
			c.change(w)
			want(t, w.verify(submitted), c.verdict, c.codes)
			if c.name == "endorsement where an award was" {
				c.codes = "MISSING_PROPERTY MISSING_PROPERTY"
			}
			want(t, w.verify(assertionID), c.verdict, c.codes)
		})
	}
}

// TestHostedSubmitted: of a document that was handed in only the address counts.
//
// proves: 2.0 §6 judged: of submitted JSON only the address counts
func TestHostedSubmitted(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	forged := `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"` + assertionID + `","recipient":{"type":"email","hashed":false,"identity":"bob@home.test"}}`
	w.in.Recipient = ana
	want(t, w.verify(forged), Valid, "")
	w.in.Recipient = "bob@home.test"
	want(t, w.verify(forged), WrongRecipient, "RECIPIENT_MISMATCH")
	w.in.Recipient = "ANA@home.test"
	w.change(assertionID, set("recipient", map[string]any{"type": "email", "hashed": false, "identity": ana}))
	want(t, w.verify(forged), Valid, "")

	want(t, w.verify(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"urn:uuid:5ab0a5a0-7d2c-4f0c-9d3c-3f1f0a0b0c0d"}`),
		Invalid, "MISSING_PROPERTY MISSING_PROPERTY MISSING_PROPERTY MISSING_PROPERTY")
	signed := edit(t, []byte(w.network[assertionID].Body), func(m map[string]any) {
		m["id"], m["verification"] = "urn:uuid:5ab0a5a0-7d2c-4f0c-9d3c-3f1f0a0b0c0d", map[string]any{"type": "SignedBadge"}
	})
	want(t, w.verify(string(signed)), Invalid, "NOT_SIGNED")
	w.put("https://issuer.test/page", "text/html", "<html></html>")
	want(t, w.verify(`{"type":"Assertion","id":"https://issuer.test/page"}`), Invalid, "NOT_JSON")
}

// TestHostedIDs follows declared ids, and not for ever.
//
// proves: 2.0 §4 judged: Accept header of every request; redirects; id equals address, else fetched again with a warning
// proves: 2.0 §6 judged: another declared id is fetched, with a warning, and not for ever
func TestHostedIDs(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	w.put("https://issuer.test/old", "application/json", w.network[assertionID].Body)
	r := w.verify("https://issuer.test/old")
	want(t, r, Valid, "")
	if r.codes(Warning) != BadValue || r.Badge.ID != assertionID {
		t.Errorf("warnings %q, id %s", r.codes(Warning), r.Badge.ID)
	}
	for i := range 4 {
		at := fmt.Sprintf("https://issuer.test/chain/%d", i)
		w.put(at, "application/json", w.network[assertionID].Body)
		w.change(at, set("id", fmt.Sprintf("https://issuer.test/chain/%d", i+1)))
	}
	want(t, w.verify("https://issuer.test/chain/0"), Invalid, "BAD_VALUE")

	w.network["https://issuer.test/moved"] = egress.Resource{Status: 301, Headers: map[string]string{"Location": "https://elsewhere.test/a"}}
	w.put("https://elsewhere.test/a", "application/json", w.network[assertionID].Body)
	w.change("https://elsewhere.test/a", set("id", "https://issuer.test/moved"))
	r = w.verify("https://issuer.test/moved")
	want(t, r, Valid, "")
	told := toJSON(t, r.Checks)
	if !strings.Contains(told, "answered by another host") || !strings.Contains(told, "leads on to another one") || strings.Contains(told, "own server serves") {
		t.Errorf("the report does not say that another host answered: %s", told)
	}
	if told := toJSON(t, w.verify(assertionID).Checks); !strings.Contains(told, "own server serves") || strings.Contains(told, "leads on") {
		t.Errorf("of a badge that its issuer serves the report says %s", told)
	}
}

// TestParts: documents that badges are made of may be judged alone.
func TestParts(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	for _, address := range []string{classID, profileID, pemID} {
		r := w.verify(address)
		want(t, r, Valid, "")
		if r.codes(Warning) != UnsupportedType || r.Format != FormatOB2Hosted {
			t.Errorf("%s: warnings %q, format %s", address, r.codes(Warning), r.Format)
		}
	}
	if b := w.verify(classID).Badge; b.Name != "Line Robots" || b.Issuer.Name != "Example Makers" {
		t.Errorf("class shows %+v", b)
	}
	// Nothing of this may stand where an award was promised.
	want(t, w.verify(picture(t, openbadge.Chunk{Keyword: openbadge.KeywordOB2, Text: pemID})), Invalid,
		"BAD_VALUE MISSING_PROPERTY MISSING_PROPERTY MISSING_PROPERTY MISSING_PROPERTY")
	w.put("https://issuer.test/other", "application/json", w.network[pemID].Body)
	want(t, w.verify(`{"type":"Assertion","id":"https://issuer.test/other"}`), Invalid,
		"BAD_VALUE MISSING_PROPERTY MISSING_PROPERTY MISSING_PROPERTY MISSING_PROPERTY")
	w.in.Recipient = ana
	want(t, w.verify(classID), WrongRecipient, "RECIPIENT_MISMATCH")
	w.in.Recipient = ""
	w.network[profileID] = egress.Resource{Status: 404}
	want(t, w.verify(classID), Invalid, "FETCH_FAILED")
}

// TestOldEditions: 1.0 and 1.1 are judged by the rules of 2.0 after the upgrade.
//
// proves: 2.0 §11 judged: 0.5, 1.0 and 1.1 upgraded
func TestOldEditions(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	for _, address := range []string{assertionID, classID, profileID} {
		w.change(address, set("@context", "https://w3id.org/openbadges/v1"))
	}
	w.change(assertionID, set("issuedOn", 1767225600))
	r := w.verify(assertionID)
	want(t, r, Valid, "")
	if r.Format != FormatOB1Hosted || r.Badge.IssuedOn.Format(time.RFC3339) != "2026-01-01T00:00:00Z" {
		t.Errorf("format %s, badge %+v", r.Format, r.Badge)
	}
	w.put("https://issuer.test/05", "application/json", `{"recipient":"ana@home.test","issued_on":"2026-01-01","badge":{"version":"0.5","name":"n","description":"d",
		"image":"`+pngID+`","criteria":"https://issuer.test/c","issuer":{"origin":"https://issuer.test","name":"Makers","contact":"a@issuer.test"}}}`)
	r = w.verify("https://issuer.test/05")
	want(t, r, Valid, "")
	if r.Badge.Name != "n" || r.Badge.Issuer.Name != "Makers" {
		t.Errorf("shown %+v", r.Badge)
	}
}
