package verifier

import (
	"testing"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

// TestMust17 closes what the official validators leave open, and takes what they refuse (spec 2.0
// section 17), sentence by sentence.
//
// proves: 2.0 §2 judged: CryptographicKey: type, owner, SPKI and PKCS #1 PEM, no private key, 2048 bits at least
// proves: 2.0 §7 judged: JSON object as payload, SignedBadge; an embedded class stands, the profile is hosted
// proves: 2.0 §17 judged: what the official validators miss, refuse or crash on
func TestMust17(t *testing.T) {
	hosted := func(change func(w *world)) func(w *world) string {
		return func(w *world) string { change(w); return assertionID }
	}
	signed := func(change func(w *world), edits ...func(m map[string]any)) func(w *world) string {
		return func(w *world) string {
			badge := signedBadgeAs(w)
			change(w)
			for _, e := range edits {
				badge = edit(w.t, badge, e)
			}
			return w.sign(badge)
		}
	}
	noCreator := set("verification", map[string]any{"type": "SignedBadge"})
	noKeys := without(profileID, "publicKey")
	for _, c := range []struct {
		name    string
		input   func(w *world) string
		verdict Verdict
		codes   string
	}{
		{"forged: no key anywhere", signed(noKeys, noCreator), Invalid, "KEY_NOT_OWNED"},
		{"forged: junk signature and no key", func(w *world) string {
			badge := edit(w.t, signedBadgeAs(w), noCreator)
			noKeys(w)
			return handmade(`{"alg":"RS256"}`, badge, []byte("junk"))
		}, Invalid, "KEY_NOT_OWNED"},
		{"forged: 1.1 and no key", signed(noKeys, noCreator, set("@context", "https://w3id.org/openbadges/v1")), Invalid, "KEY_NOT_OWNED"},
		{"plain JSON that says SignedBadge", hosted(to(assertionID, "verification", map[string]any{"type": "SignedBadge"})), Invalid, "VERIFICATION_TYPE"},
		{"the class is a picture", hosted(func(w *world) { w.put(classID, "image/png", picture(w.t)) }), Invalid, "NOT_JSON"},
		{"the issuer is a picture", hosted(func(w *world) { w.put(profileID, "image/png", picture(w.t)) }), Invalid, "NOT_JSON"},
		{"embedded issuer without id", hosted(to(classID, "issuer", map[string]any{"type": "Issuer", "name": "N", "url": "https://issuer.test", "email": "a@b.test"})), Invalid, "MISSING_PROPERTY"},

		{"410 with the whole body", hosted(func(w *world) { serve(assertionID, 410, w.network[assertionID].Body)(w) }), Revoked, "REVOKED"},
		{"404 with the whole body", hosted(func(w *world) { serve(assertionID, 404, w.network[assertionID].Body)(w) }), Invalid, "FETCH_FAILED"},
		{"revoked with the whole body", hosted(to(assertionID, "revoked", true)), Revoked, "REVOKED"},
		{"a list of one", signed(to(revokedID, "revokedAssertions", []string{uuidID})), Revoked, "REVOKED"},
		{"a list of one object", signed(to(revokedID, "revokedAssertions", []any{map[string]any{"id": uuidID}})), Revoked, "REVOKED"},
		{"uid entries", signed(to(revokedID, "revokedAssertions", []any{map[string]any{"uid": "u1"}, map[string]any{"uid": "u2"}}), set("uid", "u2")), Revoked, "REVOKED"},

		{"type of the class", hosted(to(classID, "type", "Assertion")), Invalid, "BAD_VALUE"},
		{"type of the issuer", hosted(to(profileID, "type", "BadgeClass")), Invalid, "BAD_VALUE"},
		{"type of the key", signed(to(pemID, "type", "Profile")), Invalid, "KEY_FETCH"},
		{"e-mail of the issuer", hosted(to(profileID, "email", "x")), Invalid, "BAD_VALUE"},
		{"verification.type", hosted(to(assertionID, "verification", map[string]any{"type": "Trust"})), Invalid, "VERIFICATION_TYPE"},
		{"verificationProperty", hosted(policy(map[string]any{"verificationProperty": "url"})), Invalid, "BAD_VALUE"},
		{"type of a narrative", hosted(to(assertionID, "narrative", []any{1})), Invalid, "BAD_VALUE"},
		{"verification of an endorsement", hosted(all(endorse, without(endorsementID, "verification"))), Invalid, "MISSING_PROPERTY"},
		{"type of the revocation list", signed(to(revokedID, "type", "Profile")), Invalid, "REVOCATION_LIST"},
		{"format of a fetched picture", hosted(func(w *world) { w.put(pngID, "image/png", "GIF89a") }), Invalid, "IMAGE_TYPE"},
		{"origin of the class", hosted(func(w *world) {
			w.put(evilHost+"/c", "application/json", w.network[classID].Body)
			w.change(evilHost+"/c", set("id", evilHost+"/c"))
			w.change(assertionID, set("badge", evilHost+"/c"))
		}), Invalid, "ORIGIN_SCOPE"},

		{"type lists on the root", hosted(to(assertionID, "type", []string{"Assertion", "https://x.test/T"})), Valid, ""},
		{"several keys", signed(to(profileID, "publicKey", []string{pemID, pemID + "x"})), Valid, ""},
		{"several startsWith", hosted(policy(map[string]any{"startsWith": []string{"https://issuer.test/", "https://x.test/"}})), Valid, ""},
		{"missing creator", signed(nothing, noCreator), Valid, ""},
		{"urn:uuid of version 7", signed(nothing, set("id", "urn:uuid:019084d5-7d2c-7f0c-9d3c-3f1f0a0b0c0d")), Valid, ""},
		{"another prefix in an SVG", func(*world) string {
			return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:b="http://openbadges.org"><b:assertion verify="` + assertionID + `"/></svg>`
		}, Valid, ""},
		{"an extension without schema", hosted(to(assertionID, "extensions:x", map[string]any{"type": []string{"Extension", "extensions:X"}})), Valid, ""},

		{"an SVG without the element", func(*world) string { return `<svg xmlns="http://www.w3.org/2000/svg"/>` }, NotABadge, "NO_BADGE_IN_IMAGE"},
		{"malformed XML", func(*world) string { return `<svg xmlns="http://www.w3.org/2000/svg"><a></svg>` }, Invalid, "BAD_IMAGE"},
		{"a broken chunk", func(w *world) string {
			return picture(w.t, openbadge.Chunk{Keyword: openbadge.KeywordOB2, Text: assertionID})[:60]
		}, Invalid, "BAD_IMAGE"},
		{"an id mismatch among endorsements", hosted(func(w *world) {
			endorse(w)
			w.put("https://endorser.test/old", "application/json", w.network[endorsementID].Body)
			w.change(classID, set("endorsement", []string{"https://endorser.test/old", endorsementID}))
		}), Valid, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			publishHosted(w)
			want(t, w.verify(c.input(w)), c.verdict, c.codes)
		})
	}
}

// TestMust11Upgrade: older editions are brought up to 2.0 and judged by its rules (spec 2.0 section 11).
//
// proves: 2.0 §11 judged: 0.5, 1.0 and 1.1 upgraded
func TestMust11Upgrade(t *testing.T) {
	old := func(w *world) {
		for _, address := range []string{assertionID, classID, profileID} {
			w.change(address, set("@context", "https://w3id.org/openbadges/v1"))
		}
	}
	bare := func(w *world) {
		for _, address := range []string{assertionID, classID, profileID} {
			w.change(address, func(m map[string]any) {
				delete(m, "@context")
				delete(m, "type")
				delete(m, "id")
			})
		}
		w.change(assertionID, func(m map[string]any) {
			delete(m, "verification")
			m["verify"], m["uid"] = map[string]any{"type": "hosted", "url": assertionID}, "u1"
		})
	}
	judged(t, []must{
		{"1.1", old, Valid, ""},
		{"1.1 Unix time", all(old, to(assertionID, "issuedOn", 1435708800)), Valid, ""},
		{"1.1 Unix time as text", all(old, to(assertionID, "issuedOn", "1435708800")), Valid, ""},
		{"1.1 date", all(old, to(assertionID, "issuedOn", "2015-07-01")), Valid, ""},
		{"1.1 without zone", all(old, to(assertionID, "issuedOn", "2015-07-01T10:00:00")), Valid, ""},
		{"1.1 no date at all", all(old, to(assertionID, "issuedOn", "yesterday")), Invalid, "BAD_VALUE"},
		{"1.1 alignment", all(old, to(classID, "alignment", []any{map[string]any{"name": "n", "url": "https://x.test/", "description": "d"}})), Valid, ""},
		{"1.1 expired", all(old, to(assertionID, "issuedOn", "2015-07-01"), to(assertionID, "expires", "2015-07-02")), Expired, "EXPIRED"},
		{"1.1 e-mail stays as it is", all(old, to(profileID, "email", "nobody")), Invalid, "BAD_VALUE"},
		{"1.0", bare, Valid, ""},
		{"1.0 without name", all(bare, without(classID, "name")), Invalid, "MISSING_PROPERTY"},
		{"1.1 and 2.0 mixed", to(assertionID, "@context", "https://w3id.org/openbadges/v1"), Valid, ""},
	})
	w := newWorld(t)
	publishHosted(w)
	bare(w)
	want(t, w.verify(w.network[assertionID].Body), Valid, "")
	w.put("https://issuer.test/05", "application/json", toJSON(t, map[string]any{
		"recipient": openbadge.HashIdentity(ana, "s"), "salt": "s", "issued_on": "2012-01-01",
		"badge": map[string]any{"version": "0.5.0", "name": "N", "description": "D", "image": pngID, "criteria": "https://issuer.test/c",
			"issuer": map[string]any{"origin": "https://issuer.test", "name": "Makers", "org": "Dept", "contact": "a@issuer.test"}},
	}))
	w.in.Recipient = ana
	r := w.verify("https://issuer.test/05")
	want(t, r, Valid, "")
	if r.Badge.Issuer.Name != "Makers: Dept" || r.Format != FormatOB1Hosted {
		t.Errorf("got %s", toJSON(t, r.Badge))
	}
	// 0.5 has no id of its own: what was handed in leads nowhere.
	want(t, w.verify(w.network["https://issuer.test/05"].Body), Invalid, "NOT_SIGNED")
}

// TestMust4Publishing: how documents are served (spec 2.0 section 4).
//
// proves: 2.0 §4 judged: Accept header of every request; redirects; id equals address, else fetched again with a warning
// proves: 2.0 §6 judged: another declared id is fetched, with a warning, and not for ever
func TestMust4Publishing(t *testing.T) {
	judged(t, []must{
		{"redirect", func(w *world) {
			w.network["https://issuer.test/new"] = w.network[classID]
			w.network[classID] = egress.Resource{Status: 302, Headers: map[string]string{"Location": "/new"}}
		}, Valid, ""},
		{"redirects without end", func(w *world) {
			w.network[classID] = egress.Resource{Status: 302, Headers: map[string]string{"Location": classID}}
		}, Undetermined, "FETCH_FAILED"},
		{"a page instead", func(w *world) { w.put(classID, "text/html", "<html></html>") }, Invalid, "NOT_JSON"},
		{"JSON with repeated names", func(w *world) { w.put(profileID, "application/json", `{"id":"a","id":"b"}`) }, Invalid, "NOT_JSON"},
		{"an id with a slash more", func(w *world) {
			w.put(classID+"/", "application/ld+json", w.network[classID].Body)
			w.change(classID+"/", set("id", classID+"/"))
			w.change(classID, set("id", classID+"/"))
		}, Valid, ""},
		{"an id that leads to another", func(w *world) {
			w.put("https://issuer.test/c2", "application/ld+json", w.network[classID].Body)
			w.change(classID, set("id", "https://issuer.test/c2"))
		}, Invalid, "BAD_VALUE"},
	})
	w := newWorld(t)
	publishHosted(w)
	seen := map[string]bool{}
	w.options.Fetch = recording{w.network, seen}
	want(t, w.verify(assertionID), Valid, "")
	if !seen[classID+" "+acceptPart] || !seen[pngID+" "+acceptPart] {
		t.Errorf("asked for %v", seen)
	}
}
