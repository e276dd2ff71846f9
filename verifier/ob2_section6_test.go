package verifier

import (
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// scope gives the profile a verification policy.
func policy(members map[string]any) func(w *world) { return to(profileID, "verification", members) }

// elsewhere publishes the assertion under another address as well, id included.
func elsewhere(address string) func(w *world) {
	return func(w *world) {
		w.put(address, "application/ld+json", w.network[assertionID].Body)
		w.change(address, set("id", address))
	}
}

// TestMust6Hosted: the steps of hosted verification (spec 2.0 section 6). Step 1 is TestHostedSubmitted.
//
// proves: 2.0 §4 judged: pictures are there, PNG or SVG by sender and bytes
// proves: 2.0 §6 judged: 410 revoked, other 4xx not there, 5xx and unreachable undetermined, no JSON
// proves: 2.0 §6 judged: the hosted document instead of an embedded copy; an embedded one needs an id; dates; revoked: true
func TestMust6Hosted(t *testing.T) {
	judged(t, []must{
		{"step 2: 410 is revoked", serve(assertionID, 410, ""), Revoked, "REVOKED"},
		{"step 2: 410 with the whole badge is revoked", func(w *world) { serve(assertionID, 410, w.network[assertionID].Body)(w) }, Revoked, "REVOKED"},
		{"step 2: 404 with the whole badge is none", func(w *world) { serve(assertionID, 404, w.network[assertionID].Body)(w) }, Invalid, "FETCH_FAILED"},
		{"step 2: 500 tells nothing", func(w *world) { serve(assertionID, 500, w.network[assertionID].Body)(w) }, Undetermined, "FETCH_FAILED"},
		{"step 2: 429 tells nothing", serve(assertionID, 429, ""), Undetermined, "FETCH_FAILED"},
		{"step 2: not JSON", serve(assertionID, 200, "hello"), NotABadge, "NOT_JSON"},
		{"step 4: revoked, whatever the status", to(assertionID, "revoked", true), Revoked, "REVOKED"},
		{"step 4: a short revoked body is complete", serve(assertionID, 200, `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"`+assertionID+`","revoked":true}`), Revoked, "REVOKED"},
		{"step 5: the class counts as hosted", to(assertionID, "badge", map[string]any{"id": classID, "type": "BadgeClass"}), Valid, ""},
		{"step 5: the issuer counts as hosted", to(classID, "issuer", map[string]any{"id": profileID, "type": "Issuer", "name": "Forged"}), Valid, ""},
		{"step 5: an embedded issuer needs an id", to(classID, "issuer", map[string]any{"type": "Issuer", "name": "N", "url": "https://issuer.test", "email": "a@b.test"}), Invalid, "MISSING_PROPERTY"},
		{"step 8: issued later", to(assertionID, "issuedOn", "2026-04-01T00:00:00Z"), Invalid, "NOT_YET_ISSUED"},
		{"step 8: expired this second", to(assertionID, "expires", "2026-03-04T10:00:00Z"), Expired, "EXPIRED"},
		{"step 8: expires in a second", to(assertionID, "expires", "2026-03-04T10:00:01Z"), Valid, ""},
		{"step 8: ends before it begins", to(assertionID, "expires", "2025-01-01T00:00:00Z"), Invalid, "EXPIRES_BEFORE_ISSUED EXPIRED"},
		{"pictures: missing", serve(pngID, 404, ""), Invalid, "IMAGE_FETCH"},
		{"pictures: out of reach", serve(pngID, 503, ""), Undetermined, "IMAGE_FETCH"},
		{"pictures: neither PNG nor SVG", func(w *world) { w.put(pngID, "image/gif", "GIF89a") }, Invalid, "IMAGE_TYPE"},
		{"pictures: SVG", func(w *world) { w.put(pngID, "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"/>`) }, Valid, ""},
	})
}

// TestMust6Scope: who may host what (spec 2.0 section 6, step 7).
//
// proves: 2.0 §6 judged: startsWith, allowedOrigins, default host, class on the issuer's origin, hosts parsed and not compared as text
func TestMust6Scope(t *testing.T) {
	evil := evilHost + "/a.json"
	userinfo := "https://issuer.test@evil.test/a.json"
	for _, c := range []struct {
		name, input string
		change      func(w *world)
		verdict     Verdict
		codes       string
	}{
		{"a: startsWith", assertionID, policy(map[string]any{"startsWith": "https://issuer.test/badges/"}), Valid, ""},
		{"a: startsWith of another", assertionID, policy(map[string]any{"startsWith": "https://issuer.test/other/"}), Invalid, "STARTS_WITH"},
		{"a: one of several", assertionID, policy(map[string]any{"startsWith": []string{"https://x.test/", "https://issuer.test/b"}}), Valid, ""},
		{"a: none of several", assertionID, policy(map[string]any{"startsWith": []string{"https://x.test/", "https://y.test/"}}), Invalid, "STARTS_WITH"},
		{"b: the default host also with startsWith", evil, all(elsewhere(evil), policy(map[string]any{"startsWith": evilHost})), Invalid, "ORIGIN_SCOPE"},
		{"b: an explicit list replaces the default", evil, all(elsewhere(evil), policy(map[string]any{"allowedOrigins": []string{"evil.test"}})), Valid, ""},
		{"b: and the default is gone", assertionID, policy(map[string]any{"allowedOrigins": []string{"evil.test"}}), Invalid, "ORIGIN_SCOPE"},
		{"b: no policy, another host", evil, elsewhere(evil), Invalid, "ORIGIN_SCOPE"},
		{"b: part of a host is no host", "https://issuer.test.evil.test/a", elsewhere("https://issuer.test.evil.test/a"), Invalid, "ORIGIN_SCOPE"},
		{"b: a host below is another", "https://sub.issuer.test/a", elsewhere("https://sub.issuer.test/a"), Invalid, "ORIGIN_SCOPE"},
		{"b: letter case of hosts", "https://ISSUER.test/badges/b1/assertion.json", elsewhere("https://ISSUER.test/badges/b1/assertion.json"), Valid, ""},
		{"b: another port with an explicit host", "https://issuer.test:8443/a", all(elsewhere("https://issuer.test:8443/a"), policy(map[string]any{"allowedOrigins": "issuer.test"})), Valid, ""},
		{"c: no policy, class elsewhere", assertionID, func(w *world) {
			w.put(evilHost+"/class", "application/json", w.network[classID].Body)
			w.change(evilHost+"/class", set("id", evilHost+"/class"))
			w.change(assertionID, set("badge", evilHost+"/class"))
		}, Invalid, "ORIGIN_SCOPE"},
		{"the userinfo trick in an id", assertionID, to(assertionID, "id", userinfo), Invalid, "ORIGIN_SCOPE"},
		{"the userinfo trick in startsWith", evil, all(elsewhere(evil), policy(map[string]any{"startsWith": "https://issuer.test"})), Invalid, "STARTS_WITH ORIGIN_SCOPE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			publishHosted(w)
			c.change(w)
			r := w.verify(c.input)
			if c.input == assertionID && strings.HasPrefix(c.name, "the userinfo") {
				if r.Valid || r.Verdict == Undetermined {
					t.Errorf("got %s", r.Verdict)
				}
				return
			}
			want(t, r, c.verdict, c.codes)
		})
	}
	w := newWorld(t)
	publishHosted(w)
	if r := w.verify(userinfo); r.Valid {
		t.Error("an address with a user name is valid")
	}
}

// TestMust8Revocation: what is published of revoked things (spec 2.0 section 8).
//
// proves: 2.0 §8 judged: 410 body with reason; endorsement revoked
func TestMust8Revocation(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	body := toJSON(t, ob2.NewRevoked(assertionID, "exam result corrected"))
	serve(assertionID, 410, body)(w)
	for _, input := range []string{assertionID, toJSON(t, map[string]any{"@context": ob2.Context, "type": "Assertion", "id": assertionID})} {
		r := w.verify(input)
		want(t, r, Revoked, "REVOKED")
		if !strings.Contains(toJSON(t, r.Checks), "exam result corrected") || r.Badge.ID != assertionID {
			t.Errorf("the reason is not told: %s", toJSON(t, r))
		}
	}
	serve(assertionID, 410, body+strings.Repeat(" ", 100)+"[")(w)
	want(t, w.verify(assertionID), Revoked, "REVOKED")
	serve(assertionID, 410, "["+strings.Repeat("[],", maxParts)+"1]")(w)
	want(t, w.verify(assertionID), Revoked, "REVOKED")
}

// TestMust9Baking: what a picture carries (spec 2.0 section 9).
//
// proves: 2.0 §9 judged: PNG, SVG and their older forms
func TestMust9Baking(t *testing.T) {
	chunk := func(text string) openbadge.Chunk { return openbadge.Chunk{Keyword: openbadge.KeywordOB2, Text: text} }
	for name, c := range map[string]struct {
		input   func(w *world) string
		verdict Verdict
		codes   string
	}{
		"JSON":           {func(w *world) string { return picture(w.t, chunk(w.network[assertionID].Body)) }, Valid, ""},
		"address":        {func(w *world) string { return picture(w.t, chunk(assertionID)) }, Valid, ""},
		"token":          {func(w *world) string { return picture(w.t, chunk(w.sign(signedBadge(w)))) }, Valid, ""},
		"nothing":        {func(w *world) string { return picture(w.t) }, NotABadge, "NO_BADGE_IN_IMAGE"},
		"nonsense":       {func(w *world) string { return picture(w.t, chunk("nonsense")) }, NotABadge, "BAD_INPUT"},
		"part of badges": {func(w *world) string { return picture(w.t, chunk(profileID)) }, Invalid, "BAD_VALUE MISSING_PROPERTY MISSING_PROPERTY MISSING_PROPERTY MISSING_PROPERTY"},
		"an endorsement for an award": {func(w *world) string {
			w.publish2(endorsementID, endorsementOf(classID))
			return picture(w.t, chunk(endorsementID))
		}, Invalid, "BAD_VALUE MISSING_PROPERTY MISSING_PROPERTY"},
		"SVG, body before attribute": {func(w *world) string {
			return svgHead + `<o:assertion verify="https://other.test/">` + "<![CDATA[" + w.network[assertionID].Body + "]]></o:assertion></svg>"
		}, Valid, ""},
		"SVG, address in the attribute": {func(*world) string { return svgHead + `<o:assertion verify="` + assertionID + `"/></svg>` }, Valid, ""},
		"SVG, token in the attribute":   {func(w *world) string { return svgHead + `<o:assertion verify="` + w.sign(signedBadge(w)) + `"/></svg>` }, Valid, ""},
		"SVG, two elements, first counts": {func(*world) string {
			return svgHead + `<o:assertion verify="` + assertionID + `"/><o:assertion verify="x"/></svg>`
		}, Valid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			publishHosted(w)
			want(t, w.verify(c.input(w)), c.verdict, c.codes)
		})
	}
}
