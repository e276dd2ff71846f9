//go:build conformance

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/issuer/keyring"
)

// ob2Job is one badge for 1EdTech's validator of Open Badges 2.0.
type ob2Job struct {
	Name    string            `json:"name"`
	Input   string            `json:"input,omitempty"`
	File    string            `json:"file,omitempty"`
	Profile map[string]string `json:"profile,omitempty"`

	fails string   // the only task that must fail, or to warn
	says  string   // what it must say
	warns bool     // is valid all the same
	ended bool     // must be shown as revoked, whatever else the validator misses in what is left
	nodes []string // types of the documents that it must have read, besides Assertion, BadgeClass and Issuer
}

type ob2Report struct {
	Graph  []map[string]any
	Report struct {
		Valid             bool
		OpenBadgesVersion string
		RecipientProfile  map[string]string
		Messages          []struct{ Name, Result, MessageLevel string }
	}
}

type ob2Answer struct {
	Versions map[string]string
	Reports  map[string]ob2Report
}

// TestConformanceOpenBadges2 has 1EdTech's validator judge what we issue as Open Badges 2.0.
func TestConformanceOpenBadges2(t *testing.T) {
	b := newSite(t, nil)
	badges := b.issued(t)
	var jobs []ob2Job
	for kind, badge := range badges {
		jobs = append(jobs, b.ob2Jobs(t, kind, badge)...)
	}
	b.judgeOB2(t, jobs)

	t.Run("after a key rotation", func(t *testing.T) {
		old := string(b.get(t, badges["exam"]+"/assertion.jws", "*/*"))
		b.rotate(t, keyring.OB2)
		young := b.award(t, passed("R-9", "NL-320", "dario@casa.test", "Darío Vega", 5))
		fresh := string(b.get(t, young+"/assertion.jws", "*/*"))
		signed := []string{"CryptographicKey", "RevocationList"}
		b.judgeOB2(t, []ob2Job{
			{Name: "signed before", Input: old, nodes: signed},
			{Name: "hosted before", Input: badges["exam"] + "/assertion.json"},
			{Name: "signed after", Input: fresh, nodes: signed},
		})
		var before, after struct{ Verification struct{ Creator string } }
		decode(t, payloadOf(t, old), &before)
		decode(t, payloadOf(t, fresh), &after)
		if before == after {
			t.Errorf("both were signed with the key %s", before.Verification.Creator)
		}
	})
	t.Run("revoked", func(t *testing.T) {
		jws := string(b.get(t, badges["exam"]+"/assertion.jws", "*/*"))
		other := string(b.get(t, badges["expiring"]+"/assertion.jws", "*/*"))
		png := b.save(t, "revoked.png", b.get(t, badges["exam"]+"/badge.png", "image/png"))
		b.act(t, badges["exam"], "revoke")
		b.judgeOB2(t, []ob2Job{
			{Name: "signed", Input: jws, fails: "VERIFY_SIGNED_ASSERTION_NOT_REVOKED", says: "has been revoked in RevocationList"},
			{Name: "signed, of somebody else", Input: other, nodes: []string{"CryptographicKey", "RevocationList"}},
			{Name: "hosted", Input: badges["exam"] + "/assertion.json", ended: true},
			{Name: "baked", File: png, ended: true},
		})
	})
}

// TestConformanceOpenBadges2Plain is the same over plain HTTP at an address with a port, as a first
// installation has it.
func TestConformanceOpenBadges2Plain(t *testing.T) {
	s := startServer(t, nil)
	badge := s.award(t, passed("R-1", "NL-100", "conformance@imsglobal.org", "Zoë O'Neill", 9))
	b := &site{s, newWorld(t), s.base, t.TempDir()}
	b.judgeOB2(t, b.ob2Jobs(t, "certification", badge))
}

// ob2Jobs are all the ways in which the validator can meet a badge.
func (b *site) ob2Jobs(t *testing.T, kind, badge string) []ob2Job {
	t.Helper()
	email := map[string]string{"certification": "conformance@imsglobal.org", "exam": "chloé@ecole.test", "expiring": "ben@work.test"}[kind]
	owner, stranger := map[string]string{"email": email}, map[string]string{"email": "eve@home.test"}
	hosted, jws := badge+"/assertion.json", string(b.get(t, badge+"/assertion.jws", "*/*"))
	png := b.save(t, kind+".png", b.get(t, badge+"/badge.png", "image/png"))
	svg := b.save(t, kind+".svg", b.get(t, badge+"/badge.svg", "image/svg+xml"))
	signed := []string{"CryptographicKey", "RevocationList"}
	jobs := []ob2Job{
		{Name: "hosted, by address", Input: hosted, Profile: owner},
		{Name: "hosted, as JSON", Input: string(b.get(t, hosted, "application/ld+json"))},
		{Name: "signed", Input: jws, Profile: owner, nodes: signed},
		{Name: "baked PNG, as a file", File: png, Profile: owner},
		{Name: "baked PNG, by address", Input: badge + "/badge.png"},
		{Name: "baked SVG, as a file", File: svg, Profile: owner, nodes: signed},
		{Name: "baked SVG, by address", Input: badge + "/badge.svg", nodes: signed},
		{Name: "by the address of its page", Input: badge, warns: true, fails: "REPORT_MESSAGE", says: "declared its id as " + hosted},
		{Name: "hosted, of somebody else", Input: hosted, Profile: stranger, fails: "VERIFY_RECIPIENT_IDENTIFIER", says: "did not match"},
		{Name: "signed, of somebody else", Input: jws, Profile: stranger, fails: "VERIFY_RECIPIENT_IDENTIFIER", says: "did not match"},
		{Name: "signed, altered", Input: alter(jws), fails: "VERIFY_JWS", says: "Signature verification failed"},
	}
	for n := range jobs {
		jobs[n].Name = kind + " " + jobs[n].Name
	}
	return jobs
}

// alter changes one letter of the signature of a token.
func alter(token string) string {
	at := strings.LastIndexByte(token, '.') + 20
	if at >= len(token) || at < 20 {
		return ""
	}
	letter := "A"
	if token[at] == 'A' {
		letter = "B"
	}
	return token[:at] + letter + token[at+1:]
}

// judgeOB2 checks that the validator finds in each badge what it must, and nothing else.
func (b *site) judgeOB2(t *testing.T, jobs []ob2Job) {
	t.Helper()
	jobs = slices.DeleteFunc(jobs, func(j ob2Job) bool { return j.Input == "" && j.File == "" }) // reported already
	var answer ob2Answer
	b.script(t, "openbadges2.py", jobs, &answer)
	for _, j := range jobs {
		t.Run(j.Name, func(t *testing.T) { j.check(t, answer.Reports[j.Name]) })
	}
	b.noStrays(t)
	t.Logf("openbadges %s on Python %s judged %d badges", answer.Versions["openbadges"], answer.Versions["python"], len(jobs))
}

func (j ob2Job) check(t *testing.T, r ob2Report) {
	t.Helper()
	if j.ended {
		if r.Report.Valid || !slices.ContainsFunc(r.Graph, func(n map[string]any) bool { return n["type"] == "Assertion" && n["revoked"] == true }) {
			t.Errorf("got valid %v, graph %v; want an assertion that is revoked", r.Report.Valid, r.Graph)
		}
		return
	}
	valid := j.fails == "" || j.warns
	if r.Report.Valid != valid || r.Report.OpenBadgesVersion != "2.0" {
		t.Errorf("got valid %v, version %s", r.Report.Valid, r.Report.OpenBadgesVersion)
	}
	found := false
	for _, m := range r.Report.Messages {
		if j.fails == "" || m.Name != j.fails {
			t.Errorf("%s %s: %s", m.MessageLevel, m.Name, m.Result)
		}
		found = found || m.Name == j.fails && strings.Contains(m.Result, j.says)
	}
	if j.fails != "" && !found {
		t.Errorf("got messages %+v, want %s: %s", r.Report.Messages, j.fails, j.says)
	}
	if !valid {
		return
	}
	if j.Profile != nil && r.Report.RecipientProfile["email"] != j.Profile["email"] {
		t.Errorf("got recipient %v, want %v", r.Report.RecipientProfile, j.Profile)
	}
	for _, want := range append([]string{"Assertion", "BadgeClass", "Issuer"}, j.nodes...) {
		if !slices.ContainsFunc(r.Graph, func(n map[string]any) bool { return n["type"] == want }) {
			t.Errorf("the validator did not read any %s", want)
		}
	}
}
