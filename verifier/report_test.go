package verifier

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestPrecedence: each verdict beats all that come after it in the table.
func TestPrecedence(t *testing.T) {
	shown := func(v Verdict) Verdict {
		if v == unproven || v == unsure {
			return Undetermined
		}
		return v
	}
	for i, first := range precedence {
		if got := decide([]Verdict{first}); got != shown(first) {
			t.Errorf("%s alone gives %s", first, got)
		}
		for _, other := range precedence[i:] {
			if got := decide([]Verdict{other, first}); got != shown(first) {
				t.Errorf("%s with %s gives %s", first, other, got)
			}
		}
	}
	if decide(nil) != Valid {
		t.Error("nothing found is not valid")
	}
	for _, v := range []Verdict{WrongRecipient, Revoked, Suspended, Superseded, Expired, unsure} {
		if !genuine([]Verdict{v}) {
			t.Errorf("%s is not genuine", v)
		}
	}
	for _, v := range []Verdict{NotShared, NotABadge, Altered, Invalid, unproven} {
		if genuine([]Verdict{Expired, v}) {
			t.Errorf("%s is genuine", v)
		}
	}
	for code, v := range verdicts {
		if decide([]Verdict{v}) != shown(v) {
			t.Errorf("%s leads to %s, which is not in the table", code, v)
		}
	}
}

// TestReportJSON holds the report to the shape of the contract.
func TestReportJSON(t *testing.T) {
	w := newWorld(t)
	w.options.Known = func(string) bool { return true }
	var m map[string]any
	if err := json.Unmarshal([]byte(toJSON(t, w.verify(picture(t)))), &m); err != nil {
		t.Fatal(err)
	}
	if m["valid"] != false || m["verdict"] != "not_a_badge" || m["badge"] != nil || m["issuer_known"] != false || m["checked_at"] != "2026-03-04T10:00:00Z" {
		t.Errorf("got %v", m)
	}
	r := w.verify(w.token())
	if err := json.Unmarshal([]byte(toJSON(t, r)), &m); err != nil {
		t.Fatal(err)
	}
	badge := m["badge"].(map[string]any)
	if m["valid"] != true || m["verdict"] != "valid" || m["issuer_known"] != true || m["format"] != "ob3-jwt" || badge["expires_on"] != nil ||
		badge["issued_on"] != "2026-02-04T10:00:00Z" || badge["name"] != "Line Robots" || badge["id"] != badgeID || badge["issuer"].(map[string]any)["id"] != issuerID {
		t.Errorf("got %v", m)
	}
	for _, check := range m["checks"].([]any) {
		c := check.(map[string]any)
		if c["name"] == "" || c["outcome"] != "pass" || c["message"] == "" {
			t.Errorf("check %v", c)
		}
	}
}

// TestMoment: RFC 3339 ends with the year 9999, and so does MarshalJSON.
func TestMoment(t *testing.T) {
	w := newWorld(t)
	r := w.verify(w.edited(func(m map[string]any) { m["validUntil"] = "9999-12-31T23:59:59-12:00" }))
	want(t, r, Valid, "")
	if r.Badge.ExpiresOn != nil {
		t.Errorf("expires %s", r.Badge.ExpiresOn)
	}
	_ = toJSON(t, r)
	if moment(time.Time{}) != nil {
		t.Error("zero is a moment")
	}
}

// TestDefaults: without options there is no network and a clock.
func TestDefaults(t *testing.T) {
	r := New(Options{}).Verify(context.Background(), Input{Data: []byte("https://a.test/")})
	if r.Verdict != Undetermined || time.Since(r.CheckedAt) > time.Hour || r.IssuerKnown {
		t.Errorf("got %+v", r)
	}
}

// A good badge passes every check that its edition has, each is told, and so is what the badge says.
func TestChecksOfAGoodBadge(t *testing.T) {
	for format, c := range map[string]struct {
		data   func(w *world) string
		checks string
	}{
		FormatOB3JWT:    {func(w *world) string { return w.token() }, "parse key proof dates status"},
		FormatOB3Proof:  {func(w *world) string { return w.seal(nil) }, "parse key proof dates status"},
		FormatOB2Hosted: {func(w *world) string { return toJSON(w.t, publishHosted(w)) }, "fetch parse scope proof dates status image"},
		FormatOB2Signed: {func(w *world) string { return w.sign(signedBadge(w)) }, "parse key proof status dates image"},
	} {
		w := newSealedWorld(t)
		r := w.verify(c.data(w))
		want(t, r, Valid, "")
		var passed []string
		for _, check := range r.Checks {
			if check.Outcome == Pass && !slices.Contains(passed, check.Name) {
				passed = append(passed, check.Name)
			}
		}
		slices.Sort(passed)
		expected := strings.Fields(c.checks)
		slices.Sort(expected)
		if !slices.Equal(passed, expected) || r.Format != format {
			t.Errorf("%s: format %s passes %v, want %v", format, r.Format, passed, expected)
		}
		if b := r.Badge; b == nil || b.Name == "" || b.Issuer.Name == "" || b.Recipient == "" || b.IssuedOn == nil {
			t.Errorf("%s: the badge is told as %+v", format, b)
		}
	}
}
