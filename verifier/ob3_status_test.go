package verifier

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

const index = 94567 // of the world's badge

// encodeList writes bits as encodedList, however few there are.
func encodeList(bits []byte) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(bits)
	_ = z.Close()
	return "u" + b64(b.Bytes())
}

// proves: 3.0 §8 judged: the list's type, subject type, purpose, `u` prefix, length, unpacking, ttl
// proves: 3.0 §8 judged: the list's own proof, issuer (the badge's, a trusted one, or the badge's own key) and dates
// proves: 3.0 §8 judged: list unreachable: undetermined; missing: invalid
func TestStatus(t *testing.T) {
	encoded := encodeList
	signed := func(purpose, issuer, list string) func(w *world) {
		return func(w *world) { w.put(listID, "application/vc+jwt", w.signList(purpose, issuer, list, time.Time{})) }
	}
	answer := func(status int) func(w *world) {
		return func(w *world) { w.network[listID] = egress.Resource{Status: status} }
	}
	cases := []struct {
		name    string
		change  func(w *world)
		verdict Verdict
		codes   string
	}{
		{"revoked", func(w *world) { w.list.SetBit(index, true); w.publishList("revocation") }, Revoked, "REVOKED"},
		{"neighbours revoked", func(w *world) {
			w.list.SetBit(index-1, true)
			w.list.SetBit(index+1, true)
			w.publishList("revocation")
		}, Valid, ""},
		{"suspended", func(w *world) {
			w.badge.Status.StatusPurpose = "suspension"
			w.list.SetBit(index, true)
			w.publishList("suspension")
		}, Suspended, "SUSPENDED"},
		{"not suspended", func(w *world) { w.badge.Status.StatusPurpose = "suspension"; w.publishList("suspension") }, Valid, ""},
		{"revoked and expired", func(w *world) {
			w.badge.ValidUntil = today
			w.list.SetBit(index, true)
			w.publishList("revocation")
		}, Revoked, "EXPIRED REVOKED"},
		{"no status", func(w *world) { w.badge.Status = nil }, Valid, ""},
		{"purpose that does not matter", func(w *world) { w.badge.Status.StatusPurpose = "message" }, Valid, ""},
		{"list in an envelope", func(w *world) {
			w.putJSON(listID, map[string]any{"@context": openbadge.ContextVC2, "type": enveloped, "id": "data:application/vc+jwt," + w.network[listID].Body})
		}, Valid, ""},

		{"index out of range", func(w *world) { w.badge.Status.StatusListIndex = "131072" }, Invalid, "STATUS"},
		{"index no number", func(w *world) { w.badge.Status.StatusListIndex = "-1" }, Invalid, "STATUS"},
		{"list too short", signed("revocation", issuerID, encoded(make([]byte, olderStatusList/8-1))), Invalid, "STATUS"},
		{"list a bomb", signed("revocation", issuerID, encoded(make([]byte, maxList+1))), Invalid, "STATUS"},
		{"list no gzip", signed("revocation", issuerID, "uAAAA"), Invalid, "STATUS"},
		{"list for another purpose", signed("suspension", issuerID, openbadge.NewStatusList(0).Encode()), Invalid, "STATUS"},
		{"list by another issuer", func(w *world) {
			w.putJSON("https://issuer.test/issuers/2", controllerDocument(w, "https://issuer.test/issuers/2", nil))
			signed("revocation", "https://issuer.test/issuers/2", openbadge.NewStatusList(0).Encode())(w)
		}, Invalid, "STATUS"},
		{"list signed by another key", func(w *world) {
			w.signer = keys().other
			w.publishList("revocation")
			w.signer = keys().ec
		}, Invalid, "STATUS"},
		{"list unsigned", func(w *world) {
			payload, err := openbadge.NewStatusListCredential(listID, w.badge.Issuer, "revocation", w.list.Encode(), today, time.Time{}).Payload()
			w.must(err)
			w.put(listID, "application/json", string(payload))
		}, Invalid, "STATUS"},
		{"list with a malformed proof", func(w *world) {
			payload, err := openbadge.NewStatusListCredential(listID, w.badge.Issuer, "revocation", w.list.Encode(), today, time.Time{}).Payload()
			w.must(err)
			w.put(listID, "application/json", string(edit(w.t, payload, func(m map[string]any) { m["proof"] = map[string]any{"type": "DataIntegrityProof"} })))
		}, Invalid, "STATUS"},
		{"list is a badge", func(w *world) { w.put(listID, "text/plain", w.token()) }, Invalid, "STATUS"},
		{"list is JSON of something else", func(w *world) { w.put(listID, "application/json", `{"a":1}`) }, Invalid, "STATUS"},
		{"list is a page", func(w *world) { w.put(listID, "text/html", "<html></html>") }, Invalid, "STATUS"},
		{"list is a token of something else", func(w *world) { w.put(listID, "text/plain", w.sign([]byte("[]"))) }, Invalid, "STATUS"},
		{"list ended", func(w *world) {
			w.put(listID, "application/vc+jwt", w.signList("revocation", issuerID, w.list.Encode(), today.Add(-time.Hour)))
		}, Undetermined, "STATUS"},
		{"list missing", answer(404), Invalid, "STATUS"},
		{"list gone", answer(410), Invalid, "STATUS"},
		{"list server fails", answer(500), Undetermined, "STATUS"},
		{"list unreachable", func(w *world) { delete(w.network, listID) }, Undetermined, "STATUS"},
		{"list unreachable and expired", func(w *world) { w.badge.ValidUntil = today; delete(w.network, listID) }, Expired, "EXPIRED STATUS"},
		{"list at no address", func(w *world) { w.badge.Status.StatusListCredential = "urn:list" }, Invalid, "STATUS"},
		{"list's key unreachable", func(w *world) {
			w.header.KID = "https://issuer.test/issuers/1/keys/k2.jwk"
			w.publishList("revocation")
			w.header.KID = keyID
		}, Undetermined, "STATUS"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.change(w)
			want(t, w.verify(w.token()), c.verdict, c.codes)
		})
	}
}

// TestStatusSize reads entries of two bits.
//
// proves: 3.0 §8 judged: bit order, index as text and number, statusSize above 1, range
func TestStatusSize(t *testing.T) {
	for _, c := range []struct {
		bit     int
		entries int
		verdict Verdict
	}{{10, 2 * openbadge.MinStatusList, Revoked}, {12, 2 * openbadge.MinStatusList, Valid}, {12, openbadge.MinStatusList, Invalid}} {
		w := newWorld(t)
		w.list = openbadge.NewStatusList(c.entries)
		w.list.SetBit(c.bit, true)
		w.publishList("revocation")
		r := w.verify(w.edited(func(m map[string]any) {
			entry := m["credentialStatus"].(map[string]any)
			entry["statusSize"], entry["statusListIndex"] = 2, 5
		}))
		if r.Verdict != c.verdict {
			t.Errorf("bit %d of %d: got %s, want %s", c.bit, c.entries, r.Verdict, c.verdict)
		}
	}
}

// TestStatusEntries: several entries are all asked, but not without end.
//
// proves: 3.0 §8 judged: the entry's id is not the list's address; statusMessage complete; several entries all asked
func TestStatusEntries(t *testing.T) {
	w := newWorld(t)
	w.list.SetBit(3, true)
	w.publishList("revocation")
	entries := func(n int, last string) string {
		return w.edited(func(m map[string]any) {
			var all []any
			for range n - 1 {
				all = append(all, m["credentialStatus"])
			}
			all = append(all, map[string]any{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": last, "statusListCredential": listID})
			m["credentialStatus"] = all
		})
	}
	if r := w.verify(entries(2, "3")); !strings.Contains(r.codes(Fail), CodeRevoked) {
		t.Errorf("second entry not asked: %s", toJSON(t, r.Checks))
	}
	if r := w.verify(entries(5, "3")); !strings.Contains(r.codes(Fail), BadStatus) || strings.Contains(r.codes(Fail), CodeRevoked) {
		t.Errorf("five entries asked: %s", toJSON(t, r.Checks))
	}
}

// TestStatusListAlone: a status list is a genuine credential, and no badge.
func TestStatusListAlone(t *testing.T) {
	w := newWorld(t)
	r := w.verify(w.network[listID].Body)
	want(t, r, Valid, "")
	if r.codes(Warning) != UnsupportedType {
		t.Errorf("warnings %q", r.codes(Warning))
	}
}

// TestAt judges as of another moment.
//
// proves: 3.0 §10 judged: validFrom (300 s), validUntil sharp, instants and not strings; as of a moment of the past
func TestAt(t *testing.T) {
	w := newWorld(t)
	w.badge.ValidUntil = today.AddDate(0, 0, -1)
	token := w.token()
	want(t, w.verify(token), Expired, "EXPIRED")
	w.in.At = today.AddDate(0, 0, -2)
	want(t, w.verify(token), Valid, "")
	w.in.At = today.AddDate(-1, 0, 0)
	want(t, w.verify(token), Invalid, "NOT_YET_ISSUED")
	w.in.At = today.AddDate(1, 0, 0)
	r := w.verify(token)
	want(t, r, Expired, "EXPIRED")
	if !r.CheckedAt.Equal(today) {
		t.Errorf("checked at %s", r.CheckedAt)
	}
}

// TestRefresh: a newer edition of the same badge by the same issuer, and everything that is none.
//
// proves: 3.0 §9 judged: after the proof, same format or not; any failure of the newer edition keeps the original
func TestRefresh(t *testing.T) {
	newer := func(w *world) { w.badge.ValidFrom = today.AddDate(0, 0, -1) }
	cases := []struct {
		name    string
		edition func(w *world) string
		verdict Verdict
		remarks int
	}{
		{"newer", func(w *world) string { newer(w); return w.token() }, Superseded, 1},
		{"same", (*world).token, Valid, 0},
		{"older", func(w *world) string { w.badge.ValidFrom = today.AddDate(-1, 0, 0); return w.token() }, Valid, 0},
		{"of the future", func(w *world) string { w.badge.ValidFrom = today.AddDate(0, 1, 0); return w.token() }, Valid, 0},
		{"another badge", func(w *world) string { newer(w); w.badge.ID += "x"; return w.token() }, Valid, 1},
		{"another issuer", func(w *world) string { newer(w); w.badge.Issuer.ID += "x"; return w.token() }, Valid, 1},
		{"another key", func(w *world) string { newer(w); w.signer = keys().other; return w.token() }, Valid, 1},
		{"no token", func(*world) string { return "{}" }, Valid, 1},
		{"token of something else", func(w *world) string { return w.sign([]byte("{}")) }, Valid, 1},
		{"unreachable", func(*world) string { return "" }, Valid, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.badge.Context = append(w.badge.Context, openbadge.ContextExtensions)
			w.badge.RefreshService = &openbadge.Service{ID: refreshID, Type: "1EdTechCredentialRefresh"}
			token := w.token()
			if edition := c.edition(w); edition != "" {
				w.put(refreshID, "text/plain", edition)
			}
			r := w.verify(token)
			want(t, r, c.verdict, "")
			remarks := 0
			for _, k := range r.Checks {
				if k.Name == CheckRefresh && k.Outcome == Warning {
					remarks++
				}
			}
			if remarks != c.remarks {
				t.Errorf("got %d remarks, want %d: %s", remarks, c.remarks, toJSON(t, r.Checks))
			}
		})
	}
	t.Run("expired and renewed", func(t *testing.T) {
		w := newWorld(t)
		w.badge.Context = append(w.badge.Context, openbadge.ContextExtensions)
		w.badge.RefreshService = &openbadge.Service{ID: refreshID, Type: "1EdTechCredentialRefresh"}
		w.badge.ValidUntil = today.Add(-time.Hour)
		token := w.token()
		newer(w)
		w.badge.ValidUntil = today.AddDate(1, 0, 0)
		w.put(refreshID, "text/plain", w.token())
		want(t, w.verify(token), Superseded, "EXPIRED")
	})
	t.Run("another kind of service", func(t *testing.T) {
		w := newWorld(t)
		service := map[string]any{"id": refreshID, "type": "https://issuer.test/services#Other"}
		want(t, w.verify(w.edited(func(m map[string]any) { m["refreshService"] = service })), Valid, "")
	})
}

// TestRecipient asks whose badge it is.
//
// proves: 3.0 §10 judged: recipient by id, hashed and plain identifiers in the spellings that issuers use, and by name
func TestRecipient(t *testing.T) {
	cases := []struct {
		asked   string
		subject func(s *openbadge.Subject)
		verdict Verdict
	}{
		{ana, nil, Valid},
		{" Ana@Home.Test ", nil, Valid},
		{"bob@home.test", nil, WrongRecipient},
		{"", nil, Valid},
		{ana, func(s *openbadge.Subject) { s.Identifier = nil; s.ID = "mailto:Ana@home.test" }, Valid},
		{ana, func(s *openbadge.Subject) { s.Identifier = nil; s.ID = "did:example:ana" }, WrongRecipient},
		{"did:example:ana", func(s *openbadge.Subject) { s.ID = "did:example:ana" }, Valid},
		{"ANA@home.test", func(s *openbadge.Subject) {
			s.Identifier[0] = openbadge.IdentityObject{Type: "IdentityObject", IdentityHash: ana, IdentityType: "emailAddress"}
		}, Valid},
		{ana, func(s *openbadge.Subject) { s.Identifier[0].Salt = "other" }, WrongRecipient},
	}
	for _, c := range cases {
		w := newWorld(t)
		if c.subject != nil {
			c.subject(&w.badge.Subject)
		}
		w.in.Recipient = c.asked
		codes := map[Verdict]string{WrongRecipient: RecipientMismatch}[c.verdict]
		want(t, w.verify(w.token()), c.verdict, codes)
	}
	t.Run("of another and revoked", func(t *testing.T) {
		w := newWorld(t)
		w.list.SetBit(index, true)
		w.publishList("revocation")
		w.in.Recipient = "bob@home.test"
		want(t, w.verify(w.token()), WrongRecipient, "REVOKED RECIPIENT_MISMATCH")
	})
	t.Run("a plain address that is called a hash", func(t *testing.T) {
		w := newWorld(t)
		w.badge.Subject.Identifier[0] = openbadge.HashedEmail(ana, "salt")
		w.in.Recipient = ana
		want(t, w.verify(w.token()), Invalid, "IDENTITY_FORMAT RECIPIENT_MISMATCH")
	})
}

// TestRecipientShown: the best name that the document gives.
func TestRecipientShown(t *testing.T) {
	name := openbadge.IdentityObject{IdentityType: "name", IdentityHash: "Ana Ruiz"}
	plain := openbadge.IdentityObject{IdentityType: "emailAddress", IdentityHash: ana}
	hash := openbadge.HashedEmail(openbadge.HashIdentity(ana, ""), "")
	for _, c := range []struct {
		subject openbadge.ReceivedSubject
		want    string
	}{
		{openbadge.ReceivedSubject{ID: "did:x:1", Identifiers: []openbadge.IdentityObject{hash, plain, name}}, "Ana Ruiz"},
		{openbadge.ReceivedSubject{ID: "mailto:" + ana, Identifiers: []openbadge.IdentityObject{hash}}, ana},
		{openbadge.ReceivedSubject{Identifiers: []openbadge.IdentityObject{hash, plain}}, ana},
		{openbadge.ReceivedSubject{Identifiers: []openbadge.IdentityObject{hash}}, hash.IdentityHash},
		{openbadge.ReceivedSubject{}, ""},
	} {
		if got := recipientOf(c.subject); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestResultsShown: a report tells scores, and no more than can be read.
func TestResultsShown(t *testing.T) {
	w := newWorld(t)
	d, result := openbadge.NewScore("https://issuer.test/achievements/1#score", "Score", "812", "1000")
	w.badge.Subject.Achievement.ResultDescription = []openbadge.ResultDescription{d}
	w.badge.Subject.Result = slices.Repeat([]openbadge.Result{result}, maxResults+1)
	r := w.verify(w.token())
	want(t, r, Valid, "")
	if len(r.Badge.Results) != maxResults || r.Badge.Results[0] != (Result{"Score", "812", "1000"}) {
		t.Errorf("got %d, the first %+v", len(r.Badge.Results), r.Badge.Results)
	}
}

// TestUnprovenIsNotExpired: what an unproven document says of itself is no verdict.
func TestUnprovenIsNotExpired(t *testing.T) {
	w := newWorld(t)
	w.badge.ValidUntil = today.Add(-time.Hour)
	w.in.Recipient = "bob@home.test"
	delete(w.network, keyID)
	r := w.verify(w.token())
	want(t, r, Undetermined, "EXPIRED KEY_FETCH")
	if strings.Contains(toJSON(t, r.Checks), CheckRecipient) {
		t.Error("an unproven document was compared with a person")
	}
}

// TestCannotBeWithdrawn: where the issuer publishes no way to withdraw a badge, nothing says that it was not
// withdrawn, in whatever form the badge comes.
func TestCannotBeWithdrawn(t *testing.T) {
	for name, c := range map[string]struct {
		input func(w *world) string
		can   bool
	}{
		"3.0 with a list": {func(w *world) string { return w.token() }, true},
		"3.0 without":     {func(w *world) string { w.badge.Status = nil; return w.token() }, false},
		"3.0 with newer editions only": {func(w *world) string {
			w.badge.Status.StatusPurpose = "refresh"
			w.publishList("refresh")
			return w.token()
		}, false},
		"2.0 hosted": {func(w *world) string { publishHosted(w); return assertionID }, true},
		"2.0 signed": {func(w *world) string { return w.sign(signedBadge(w)) }, true},
		"2.0 signed without a list": {func(w *world) string {
			badge := signedBadge(w)
			w.change(profileID, func(m map[string]any) { delete(m, "revocationList") })
			return w.sign(badge)
		}, false},
	} {
		w := newWorld(t)
		r := w.verify(c.input(w))
		var passed, told bool
		for _, k := range r.Checks {
			passed = passed || k.Name == CheckStatus && k.Outcome == Pass
			told = told || k.Name == CheckStatus && k.Code == NoStatus && k.Outcome == Skipped
		}
		codes, _ := r.reasons()
		if !r.Valid || passed != c.can || told == c.can || strings.Contains(codes, NoStatus) == c.can {
			t.Errorf("%s: got %s, codes %q, %s", name, r.Verdict, codes, toJSON(t, r.Checks))
		}
	}
}
