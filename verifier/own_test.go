package verifier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// ownSite is the server whose documents are those of the issuer of tests.
type ownSite struct {
	documents egress.Memory
	record    Record
	sandbox   bool
	asked     []string // badge and issuer
}

func (o *ownSite) Document(_ context.Context, address string) (OwnDocument, bool) {
	if !strings.HasPrefix(address, "https://issuer.test/") {
		return OwnDocument{}, false
	}
	r, found := o.documents[address]
	state := map[int]OwnState{0: Shown, 200: Shown, 410: Withdrawn, 500: Unreadable}[r.Status]
	if !found || r.Status == 404 {
		state = NotShown
	}
	return OwnDocument{State: state, Type: r.Headers["Content-Type"], Body: []byte(r.Body)}, true
}

func (o *ownSite) RecordOf(_ context.Context, badge, issuer string) (Record, bool) {
	o.asked = append(o.asked, badge+" "+issuer)
	return o.record, o.record.State != ""
}

func (o *ownSite) OfSandbox(context.Context, string, string) bool { return o.sandbox }

// TestTestBadges: a badge of our sandboxes says so and never has a known issuer, in whatever form and state it
// comes; nobody else's can be one.
func TestTestBadges(t *testing.T) {
	for name, c := range map[string]struct {
		input func(w *world) string
		want  Verdict
	}{
		"token":     {func(w *world) string { return w.token() }, Valid},
		"withdrawn": {func(w *world) string { w.list.SetBit(index, true); w.publishList("revocation"); return w.token() }, Revoked},
		"hosted":    {func(w *world) string { publishHosted(w); return assertionID }, Valid},
		"gone": {func(w *world) string {
			w.network[assertionID] = egress.Resource{Status: 410, Headers: map[string]string{"Content-Type": "application/json"}, Body: toJSON(w.t, ob2.NewRevoked(assertionID, ""))}
			return assertionID
		}, Revoked},
	} {
		for _, sandbox := range []bool{true, false} {
			w := newWorld(t)
			input := c.input(w)
			w.options.Own = &ownSite{documents: w.network, sandbox: sandbox}
			w.options.Known = func(string) bool { return true }
			r := w.verify(input)
			says := slices.ContainsFunc(r.Checks, func(k Check) bool { return k.Name == CheckTest && k.Code == CodeTest })
			if r.Verdict != c.want || r.Test != sandbox || says != sandbox || sandbox && r.IssuerKnown {
				t.Errorf("%s, sandbox %v: got %s, test %v, issuer known %v, %s", name, sandbox, r.Verdict, r.Test, r.IssuerKnown, toJSON(t, r.Checks))
			}
			if !strings.Contains(toJSON(t, r), fmt.Sprintf(`"test":%v`, sandbox)) || !strings.Contains(toJSON(t, NewReceipt(r, w.in, "", "")), fmt.Sprintf(`"test":%v`, sandbox)) {
				t.Errorf("%s: the report or its record does not say whether it is a test", name)
			}
		}
		w := newWorld(t)
		input := c.input(w)
		if r := w.verify(input); r.Test {
			t.Errorf("%s of others is a test", name)
		}
	}
	w := newWorld(t)
	w.options.Own = &ownSite{documents: w.network, sandbox: true}
	if r := w.verify(w.token()[:20] + "x" + w.token()[21:]); r.Test {
		t.Error("what is not genuine is a test of ours")
	}
}

// TestOwn: addresses of our own are answered without the network, and a hidden badge is no secret told.
func TestOwn(t *testing.T) {
	w := newWorld(t)
	own := w.network
	w.network = egress.Memory{}
	w.options.Own = &ownSite{documents: own}
	w.options.Known = func(id string) bool { return id == issuerID }
	token := w.token()
	r := w.verify(token)
	want(t, r, Valid, "")
	if !r.IssuerKnown {
		t.Error("our own issuer is not known")
	}

	hidden := w.verify("https://issuer.test/badges/hidden")
	want(t, hidden, NotShared, "FETCH_FAILED")
	if hidden.Badge != nil || hidden.IssuerKnown {
		t.Errorf("hidden badge tells %+v", hidden)
	}
	want(t, w.verify(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://issuer.test/badges/hidden/assertion.json"}`), NotShared, "FETCH_FAILED")
	want(t, w.verify("https://elsewhere.test/x"), Undetermined, "FETCH_FAILED")

	delete(own, listID)
	want(t, w.verify(token), Invalid, "STATUS")
	own[listID] = egress.Resource{Status: 500}
	want(t, w.verify(token), Undetermined, "STATUS")

	altered := token[:len(token)-6] + "AAAAAA"
	if r := w.verify(altered); r.Verdict != Altered || r.IssuerKnown {
		t.Errorf("altered: %s, issuer known %v", r.Verdict, r.IssuerKnown)
	}
}

// TestRecord: of a badge of ours that a status list calls withdrawn, the record says what it is.
func TestRecord(t *testing.T) {
	for _, c := range []struct {
		record Record
		want   Verdict
		codes  string
	}{
		{Record{}, Revoked, "REVOKED"},
		{Record{State: Revoked}, Revoked, "REVOKED"},
		{Record{State: Superseded}, Revoked, "REVOKED"},
		{Record{State: Suspended, Reason: "under review"}, Suspended, "SUSPENDED"},
		{Record{State: Valid}, Superseded, ""},
		{Record{State: Expired}, Superseded, ""},
	} {
		w := newWorld(t)
		w.list.SetBit(index, true)
		w.publishList("revocation")
		site := &ownSite{documents: w.network, record: c.record}
		w.options.Own = site
		r := w.verify(w.token())
		want(t, r, c.want, c.codes)
		if len(site.asked) != 1 || site.asked[0] != w.badge.ID+" "+issuerID {
			t.Errorf("asked for %q", site.asked)
		}
		if c.record.Reason != "" && !strings.Contains(toJSON(t, r.Checks), c.record.Reason) {
			t.Errorf("no reason in %+v", r.Checks)
		}
		w.in.At = today
		if r := w.verify(w.token()); r.Verdict != Revoked {
			t.Errorf("at a moment: got %s, want what the documents say", r.Verdict)
		}
	}
}

// TestRecordHasTheLastWord: what the record says of a badge of ours holds, whatever its documents say, and it is
// told as the record tells it. As of another moment only the documents count.
func TestRecordHasTheLastWord(t *testing.T) {
	since, earned, end := today.AddDate(0, 0, -1), today.AddDate(-2, 0, 0), today.AddDate(1, 0, 0)
	for _, c := range []struct {
		record Record
		want   Verdict
		codes  string
		older  bool
	}{
		{Record{State: Valid}, Valid, "", false},
		{Record{State: Valid, Older: true}, Superseded, "", true},
		{Record{State: Superseded}, Superseded, "", false},
		{Record{State: Suspended, Reason: "under review", Since: &since}, Suspended, "SUSPENDED", false},
		{Record{State: Revoked, Reason: "an error", Since: &since}, Revoked, "REVOKED", false},
	} {
		w := newWorld(t)
		c.record.Holder, c.record.IssuedOn, c.record.ExpiresOn = "Ana Ruiz", &earned, &end
		w.options.Own = &ownSite{documents: w.network, record: c.record}
		r := w.verify(w.token())
		want(t, r, c.want, c.codes)
		if r.Reason != c.record.Reason || r.Since != c.record.Since {
			t.Errorf("%s: got reason %q since %v", c.want, r.Reason, r.Since)
		}
		if told := r.Badge.Recipient == "Ana Ruiz" && r.Badge.IssuedOn.Equal(earned) && r.Badge.ExpiresOn != nil && r.Badge.ExpiresOn.Equal(end); told == c.older {
			t.Errorf("%s, older %v: got %+v", c.want, c.older, r.Badge)
		}
		w.in.At = today
		if r := w.verify(w.token()); r.Verdict != Valid || r.Reason != "" || r.Badge.Recipient == "Ana Ruiz" {
			t.Errorf("at a moment: got %s %q %+v", r.Verdict, r.Reason, r.Badge)
		}
	}
}

// TestRecordName: a badge of ours that names nobody was issued to whom the record names, and nothing is
// asked about a badge that is not good in itself.
func TestRecordName(t *testing.T) {
	for name, verdict := range map[string]Verdict{"ana ruiz": Valid, "Ben Okafor": WrongRecipient, "": Valid} {
		w := newWorld(t)
		site := &ownSite{documents: w.network, record: Record{State: Valid, Holder: "Ana Ruiz"}}
		w.options.Own, w.in.Person = site, name
		token := w.token()
		if r := w.verify(token); r.Verdict != verdict {
			t.Errorf("%q: got %s %+v, want %s", name, r.Verdict, r.Checks, verdict)
		}
		site.asked = nil
		if r := w.verify(w.edited(func(m map[string]any) { delete(m, "validFrom") })); r.Verdict != Invalid || len(site.asked) > 0 {
			t.Errorf("malformed: got %s, asked for %q", r.Verdict, site.asked)
		}
		if r := w.verify(token[:len(token)-6] + "AAAAAA"); r.Verdict != Altered || len(site.asked) > 0 {
			t.Errorf("altered: got %s, asked for %q", r.Verdict, site.asked)
		}
	}
}

// TestAddressIsWhatWasAsked: what a document calls itself makes it no badge of ours, whatever way it comes.
func TestAddressIsWhatWasAsked(t *testing.T) {
	const stranger = "https://elsewhere.test/x"
	gone := func(body string) func(w *world) string {
		return func(w *world) string {
			w.network = egress.Memory{stranger: {Status: 410, Headers: map[string]string{"Content-Type": "application/json"}, Body: body}}
			return stranger
		}
	}
	for name, c := range map[string]struct {
		input func(w *world) string
		want  Verdict
	}{
		"410 with our id":           {gone(toJSON(t, ob2.NewRevoked(assertionID, ""))), Revoked},
		"410 with our 3.0 id":       {gone(toJSON(t, ob2.NewRevoked(badgeID, ""))), Revoked},
		"410 with the id of a list": {gone(`{"id":["` + assertionID + `"],"revoked":true}`), Revoked},
		"410 by way of a document": {func(w *world) string {
			gone(toJSON(t, ob2.NewRevoked(assertionID, "")))(w)
			return `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"` + stranger + `"}`
		}, Revoked},
		"urn of ours at another's address": {func(w *world) string {
			a := ob2.NewAssertion("urn:uuid:1d2f1ab8-3e2f-4f1f-9d4f-000000000001", classID, ob2.HashedEmail(openbadge.HashIdentity(ana, "salt"), "salt"), today.AddDate(0, -1, 0), time.Time{})
			m := toJSON(t, a)
			w.network = egress.Memory{}
			w.put(stranger, "application/json", strings.Replace(m, `"type":"HostedBadge"`, `"type":"HostedBadge","url":"`+stranger+`"`, 1))
			return stranger
		}, Invalid},
	} {
		w := newWorld(t)
		publishHosted(w)
		own := &ownSite{documents: w.network, record: Record{State: Valid, Holder: "Ana Ruiz"}}
		input := c.input(w)
		w.options.Own = own
		r := w.verify(input)
		if r.Verdict != c.want || r.Ours() || len(own.asked) > 0 {
			t.Errorf("%s: got %s, ours %v, record of %q\n%s", name, r.Verdict, r.Ours(), own.asked, toJSON(t, r.Checks))
		}
		if r.Badge != nil && strings.HasPrefix(r.Badge.ID, "https://issuer.test/") {
			t.Errorf("%s: the report calls it %s", name, r.Badge.ID)
		}
	}
}
