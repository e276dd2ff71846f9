package verifier

import (
	"fmt"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

const (
	endorsementID = "https://endorser.test/e1"
	endorserID    = "https://endorser.test/profile"
)

func endorsementOf(about string) map[string]any {
	return map[string]any{
		"@context": ob2.Context, "type": "Endorsement", "id": endorsementID, "issuer": endorserID, "issuedOn": "2026-02-01T00:00:00Z",
		"claim": map[string]any{"id": about, "endorsementComment": "Well made."}, "verification": map[string]any{"type": "HostedBadge"},
	}
}

// endorse has the class endorsed by somebody who has no more than the standard asks of an endorser.
func endorse(w *world) {
	w.publish2(endorsementID, endorsementOf(classID))
	w.publish2(endorserID, map[string]any{"@context": ob2.Context, "type": "Profile", "id": endorserID})
	w.change(classID, set("endorsement", endorsementID))
}

// TestMust2Endorsement: endorsements of the parts of a badge (spec 2.0 section 2, and 6 steps 5 and 10).
//
// proves: 2.0 §2 judged: Endorsement: members, claim, revoked form; as input too, hosted and signed
// proves: 2.0 §8 judged: 410 body with reason; endorsement revoked
func TestMust2Endorsement(t *testing.T) {
	and := func(change func(w *world)) func(w *world) { return all(endorse, change) }
	judged(t, []must{
		{"of the class", endorse, Valid, ""},
		{"of the assertion", and(all(to(assertionID, "endorsement", []string{endorsementID}), to(endorsementID, "claim", map[string]any{"id": assertionID}), without(classID, "endorsement"))), Valid, ""},
		{"of the issuer", and(all(to(profileID, "endorsement", endorsementID), to(endorsementID, "claim", map[string]any{"id": profileID}), without(classID, "endorsement"))), Valid, ""},
		{"without id", and(without(endorsementID, "id")), Invalid, "MISSING_PROPERTY"},
		{"without type", and(without(endorsementID, "type")), Invalid, "MISSING_PROPERTY"},
		{"without claim", and(without(endorsementID, "claim")), Invalid, "MISSING_PROPERTY"},
		{"without issuer", and(without(endorsementID, "issuer")), Invalid, "MISSING_PROPERTY"},
		{"without issuedOn", and(without(endorsementID, "issuedOn")), Invalid, "MISSING_PROPERTY"},
		{"without verification", and(without(endorsementID, "verification")), Invalid, "MISSING_PROPERTY"},
		{"claim without id", and(to(endorsementID, "claim", map[string]any{"endorsementComment": "x"})), Invalid, "MISSING_PROPERTY"},
		{"of another class", and(to(endorsementID, "type", "BadgeClass")), Invalid, "BAD_VALUE"},
		{"about something else", and(to(endorsementID, "claim", map[string]any{"id": "https://x.test/"})), Valid, ""},
		{"taken back", and(to(endorsementID, "revoked", true)), Valid, ""},
		{"taken back, short", and(serve(endorsementID, 200, `{"@context":"https://w3id.org/openbadges/v2","type":"Endorsement","id":"`+endorsementID+`","issuer":"`+endorserID+`","revoked":true}`)), Valid, ""},
		{"gone", and(serve(endorsementID, 410, "")), Valid, ""},
		{"missing", and(serve(endorsementID, 404, "")), Invalid, "FETCH_FAILED"},
		{"out of reach", and(serve(endorsementID, 502, "")), Undetermined, "FETCH_FAILED"},
		{"not JSON", and(serve(endorsementID, 200, "<html>")), Invalid, "NOT_JSON"},
		{"says that it is signed", and(to(endorsementID, "verification", map[string]any{"type": "SignedBadge"})), Invalid, "VERIFICATION_TYPE"},
		{"forged for somebody", and(func(w *world) {
			w.put("https://victim.test/profile", "application/json", `{"@context":"https://w3id.org/openbadges/v2","type":"Profile","id":"https://victim.test/profile"}`)
			w.change(endorsementID, set("issuer", "https://victim.test/profile"))
		}), Invalid, "ORIGIN_SCOPE"},
		{"allowed by the endorser", and(func(w *world) {
			w.publish2("https://e.test/profile", map[string]any{"@context": ob2.Context, "type": "Profile", "id": "https://e.test/profile", "verification": map[string]any{"allowedOrigins": "endorser.test"}})
			w.change(endorsementID, set("issuer", "https://e.test/profile"))
		}), Valid, ""},
		{"endorser missing", and(serve(endorserID, 404, "")), Invalid, "FETCH_FAILED"},
		{"endorser out of reach", and(serve(endorserID, 500, "")), Undetermined, "FETCH_FAILED"},
		{"endorser of another class", and(to(endorserID, "type", "BadgeClass")), Invalid, "BAD_VALUE"},
		{"endorser embedded at no address", and(to(endorsementID, "issuer", map[string]any{"id": "urn:uuid:1", "type": "Profile"})), Invalid, "ORIGIN_SCOPE"},
		{"given tomorrow", and(to(endorsementID, "issuedOn", "2026-03-05T10:00:00Z")), Valid, ""},
		{"embedded with an address: the hosted one counts", and(to(classID, "endorsement", map[string]any{"id": endorsementID, "type": "Endorsement"})), Valid, ""},
		{"embedded without an address", and(to(classID, "endorsement", endorsementWith("id", "_:e"))), Valid, ""},
		{"embedded without an address, malformed", and(to(classID, "endorsement", endorsementWith("claim", nil))), Invalid, "BAD_VALUE MISSING_PROPERTY"},
		{"no address at all", and(to(classID, "endorsement", "urn:uuid:1")), Invalid, "FETCH_FAILED"},
		{"another id than its address, in a list", and(func(w *world) {
			w.put("https://endorser.test/old", "application/json", w.network[endorsementID].Body)
			w.change(classID, set("endorsement", []string{"https://endorser.test/old", endorsementID}))
		}), Valid, ""},
		{"more than are judged", and(func(w *world) {
			var many []string
			for range maxEndorsements + 1 {
				many = append(many, endorsementID)
			}
			w.change(classID, set("endorsement", many))
		}), Undetermined, ""},
	})
}

// endorsementWith is one of the class, as an object, without an id of the web.
func endorsementWith(name string, value any) map[string]any {
	m := endorsementOf(classID)
	delete(m, "@context")
	m["id"] = "_:e"
	if m[name] = value; value == nil {
		m[name] = 7
		delete(m, "issuedOn")
	}
	return m
}

// TestEndorsedReport: the report says what was found of each.
//
// proves: 2.0 §2 judged: Endorsement: members, claim, revoked form; as input too, hosted and signed
func TestEndorsedReport(t *testing.T) {
	for change, outcome := range map[string]Outcome{"good": Pass, "gone": Warning, "foreign": Warning, "unsigned": Warning} {
		w := newWorld(t)
		publishHosted(w)
		endorse(w)
		switch change {
		case "gone":
			w.network[endorsementID] = egress.Resource{Status: 410}
		case "foreign":
			w.change(endorsementID, set("claim", map[string]any{"id": profileID}))
		case "unsigned":
			w.change(classID, set("endorsement", endorsementWith("id", "_:e")))
		}
		r := w.verify(assertionID)
		want(t, r, Valid, "")
		if last := r.Checks[len(r.Checks)-1]; last.Name != CheckEndorse || last.Outcome != outcome {
			t.Errorf("%s: got %+v", change, last)
		}
	}
}

// TestEndorsementAlone: an endorsement may be handed in by itself.
//
// proves: 2.0 §2 judged: Endorsement: members, claim, revoked form; as input too, hosted and signed
func TestEndorsementAlone(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	endorse(w)
	for _, input := range []string{endorsementID, w.network[endorsementID].Body} {
		r := w.verify(input)
		want(t, r, Valid, "")
		if r.Badge.Issuer.ID != endorserID || r.Badge.Description != "Well made." || r.Badge.Recipient != classID || !strings.Contains(r.codes(Warning), UnsupportedType) {
			t.Errorf("shown %s", toJSON(t, r))
		}
	}
	w.in.Recipient = ana
	want(t, w.verify(endorsementID), WrongRecipient, "RECIPIENT_MISMATCH")
	w.in.Recipient = ""
	for _, c := range []must{
		{"revoked", to(endorsementID, "revoked", true), Revoked, "REVOKED"},
		{"gone", serve(endorsementID, 410, ""), Revoked, "REVOKED"},
		{"signed", to(endorsementID, "verification", map[string]any{"type": "SignedBadge"}), Invalid, "VERIFICATION_TYPE"},
		{"forged", to(endorsementID, "issuer", profileID), Invalid, "ORIGIN_SCOPE"},
		{"later", to(endorsementID, "issuedOn", "2027-01-01T00:00:00Z"), Invalid, "NOT_YET_ISSUED"},
		{"endorser out of reach", serve(endorserID, 500, ""), Undetermined, "FETCH_FAILED"},
		{"malformed", without(endorsementID, "claim"), Invalid, "MISSING_PROPERTY"},
	} {
		w := newWorld(t)
		publishHosted(w)
		endorse(w)
		c.change(w)
		want(t, w.verify(endorsementID), c.verdict, c.codes)
	}
}

// TestEndorsementSigned: an endorsement inside a token, with a key of the hosted endorser.
//
// proves: 2.0 §2 judged: Endorsement: members, claim, revoked form; as input too, hosted and signed
func TestEndorsementSigned(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	endorse(w)
	w.signer, w.header = keys().rsa, openbadge.Header{Alg: openbadge.RS256}
	w.change(endorserID, set("publicKey", "https://endorser.test/key"))
	pem, _ := openbadge.PublicKeyPEM(keys().rsa.Public())
	w.publish2("https://endorser.test/key", ob2.NewCryptographicKey("https://endorser.test/key", endorserID, pem))
	payload := edit(t, []byte(w.network[endorsementID].Body), func(m map[string]any) {
		m["id"], m["verification"] = uuidID, map[string]any{"type": "SignedBadge", "creator": "https://endorser.test/key"}
	})
	token := w.sign(payload)
	r := w.verify(token)
	want(t, r, Valid, "")
	if r.Format != FormatOB2Signed || r.Badge.Issuer.ID != endorserID {
		t.Errorf("got %s", toJSON(t, r))
	}
	w.change(endorserID, set("revocationList", "https://endorser.test/list"))
	w.publish2("https://endorser.test/list", ob2.NewRevocationList("https://endorser.test/list", endorserID, ob2.Revocation{ID: uuidID}))
	want(t, w.verify(token), Revoked, "REVOKED")
	w.change(endorserID, set("revocationList", "https://endorser.test/none"))
	want(t, w.verify(token), Undetermined, "REVOCATION_LIST")
	w.change(endorserID, set("publicKey", "https://endorser.test/other"))
	want(t, w.verify(token), Invalid, "KEY_NOT_OWNED")
	w.network[endorserID] = egress.Resource{Status: 404}
	want(t, w.verify(token), Invalid, "FETCH_FAILED")
	// Inside a picture a badge is promised, and an endorsement is none.
	want(t, w.verify(picture(t, openbadge.Chunk{Keyword: openbadge.KeywordOB2, Text: token})), Invalid,
		"BAD_VALUE MISSING_PROPERTY MISSING_PROPERTY")
}

// TestEndorsedBudget: a hundred links to the same endorsement read it once.
func TestEndorsedBudget(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	endorse(w)
	counter := &counting{next: w.network}
	w.options.Fetch = counter
	var many []string
	for range maxEndorsements {
		many = append(many, endorsementID)
	}
	w.change(classID, set("endorsement", many))
	want(t, w.verify(assertionID), Valid, "")
	if counter.n != 6 {
		t.Errorf("%d fetches", counter.n)
	}
	for i := range many {
		many[i] = fmt.Sprintf("%s/%d", endorsementID, i)
	}
	w.change(classID, set("endorsement", many))
	want(t, w.verify(assertionID), Undetermined, strings.TrimSpace(strings.Repeat("FETCH_FAILED ", maxEndorsements)))
}
