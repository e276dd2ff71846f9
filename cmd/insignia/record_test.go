package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/verifier"
)

// A record names where its key is, and whoever fetches that can check it; so can /verify.
func TestRecordCanBeCheckedLater(t *testing.T) {
	s := startServer(t, nil)
	badge := s.award(t, passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3))
	var report struct{ Verdict, Record string }
	s.call(t, http.StatusOK, "/verify", map[string]any{"input": badge, "record": true}, &report)
	kid, err := verifier.ReceiptKID(report.Record)
	if err != nil || !strings.HasPrefix(kid, s.base+"/issuers/") || !strings.HasSuffix(kid, ".jwk") {
		t.Fatal(kid, err)
	}
	key, _, err := openbadge.ParseJWK(get200(t, kid))
	if err != nil {
		t.Fatal(err)
	}
	r, err := verifier.ReadReceipt(report.Record, key)
	if err != nil || string(r.Verdict) != report.Verdict || !r.Is([]byte(badge)) || !strings.HasPrefix(r.Program, "Insignia ") {
		t.Errorf("%+v, %v", r, err)
	}
	// It is a record and never a badge, though the same key signs those.
	s.call(t, http.StatusOK, "/verify", map[string]any{"input": report.Record}, &report)
	if report.Verdict == "valid" {
		t.Error("a record passes for a badge")
	}
}

// A list that is sent is judged by the running server.
func TestListIsJudged(t *testing.T) {
	s := startServer(t, nil)
	badge := s.award(t, passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3))
	v := newVisitor(t)
	page := v.open(s.base+"/verify/many").press("Check these badges", "input", badge+"\n"+s.base+"/badges/none").at.String()
	eventually(t, "two badges checked", func() bool { return strings.Contains(textOf(v.open(page).page), "2 badges checked") })
	v.reads(http.StatusOK, "2 badges checked").says("Valid: 1", "Not shared: 1", "Ana Ruiz")
}
