//go:build conformance

package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/issuer/keyring"
)

// ob3Job is one document for the JavaScript reference stack.
type ob3Job struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // credential, token, controller or document, see judge.mjs
	Text string `json:"text"`

	wrong   string // what it must find fault with
	revoked bool
}

type ob3Report struct {
	Name     string
	Verified bool
	Faults   []string
	Revoked  *bool
	Facts    map[string]string
}

// TestConformanceOpenBadges3 has the JavaScript reference stack judge what we issue as Open Badges 3.0.
func TestConformanceOpenBadges3(t *testing.T) {
	for _, alg := range []string{"ES256", "RS256"} {
		t.Run(alg, func(t *testing.T) {
			b := newSite(t, func(c *config) { c.JWTAlg = alg })
			conformOB3(t, b, alg)
		})
	}
}

func conformOB3(t *testing.T, b *site, alg string) {
	badges := b.issued(t)
	var jobs []ob3Job
	for _, kind := range slices.Sorted(maps.Keys(badges)) {
		jobs = append(jobs, b.ob3Jobs(t, kind, badges[kind])...)
	}
	for _, r := range b.judgeOB3(t, append(jobs, b.ob3Documents(t, badges["exam"])...)) {
		if r.Facts["alg"] != "" && r.Facts["alg"] != alg {
			t.Errorf("%s: got algorithm %s, want %s", r.Name, r.Facts["alg"], alg)
		}
	}
	t.Run("pictures", func(t *testing.T) { b.readPictures(t, badges) })
	t.Run("after a key rotation", func(t *testing.T) {
		old := b.ob3Jobs(t, "before", badges["exam"])
		b.rotate(t, b.signingPurposes(t)...)
		young := b.award(t, passed("R-9", "NL-320", "dario@casa.test", "Darío Vega", 5))
		keys := map[string]string{}
		for _, r := range b.judgeOB3(t, slices.Concat(old, b.ob3Jobs(t, "after", young), b.ob3Documents(t, young))) {
			keys[r.Name] = r.Facts["key"]
		}
		for _, form := range []string{"credential.json", "credential.jwt"} {
			if before, after := keys["before "+form], keys["after "+form]; before == after || before == "" {
				t.Errorf("%s was signed with %q before and %q after", form, before, after)
			}
		}
	})
	t.Run("suspended", func(t *testing.T) {
		old, other := b.ob3Jobs(t, "held", badges["exam"])[:2], b.ob3Jobs(t, "other", badges["certification"])
		b.act(t, badges["exam"], "suspend")
		b.judgeOB3(t, append(ended(old), other...))
		b.act(t, badges["exam"], "reinstate") // which makes a new edition
		b.judgeOB3(t, append(ended(old), b.ob3Jobs(t, "back", badges["exam"])...))
	})
	t.Run("revoked", func(t *testing.T) {
		old, other := b.ob3Jobs(t, "gone", badges["exam"])[:2], b.ob3Jobs(t, "other", badges["certification"])
		b.act(t, badges["exam"], "revoke")
		b.judgeOB3(t, append(ended(old), other...))
	})
}

// ended are jobs whose status must say that the badge does not hold.
func ended(jobs []ob3Job) []ob3Job {
	jobs = slices.Clone(jobs)
	for n := range jobs {
		jobs[n].revoked = true
	}
	return jobs
}

// signingPurposes are all that there are but the one of Open Badges 2.0.
func (b *site) signingPurposes(t *testing.T) (purposes []keyring.Purpose) {
	t.Helper()
	keys, err := b.keys.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if k.Purpose != keyring.OB2 && !slices.Contains(purposes, k.Purpose) {
			purposes = append(purposes, k.Purpose)
		}
	}
	return purposes
}

// ob3Jobs are a badge in both forms, and what an attacker would make of them.
func (b *site) ob3Jobs(t *testing.T, kind, badge string) []ob3Job {
	t.Helper()
	credential := string(b.get(t, badge+"/credential.json", "application/vc"))
	token := string(b.get(t, badge+"/credential.jwt", "text/plain"))
	jobs := []ob3Job{
		{Name: "credential.json", Kind: "credential", Text: credential},
		{Name: "credential.jwt", Kind: "token", Text: token},
		{Name: "credential.json, other name", Kind: "credential", Text: change(t, credential, `"achievementType":"`, `"fieldOfStudy":"Medicine","achievementType":"`), wrong: "ignature"},
		{Name: "credential.json, undefined member", Kind: "credential", Text: change(t, credential, `"achievementType":"`, `"rank":"gold","achievementType":"`), wrong: "Safe mode"},
		{Name: "credential.json, other status", Kind: "credential", Text: change(t, credential, `"statusListIndex":"`, `"statusListIndex":"1`), wrong: "ignature"},
		{Name: "credential.jwt, altered", Kind: "token", Text: alter(token), wrong: "signature verification failed"},
	}
	for n := range jobs {
		jobs[n].Name = kind + " " + jobs[n].Name
	}
	return jobs
}

// change replaces a text that must be there.
func change(t *testing.T, text, old, young string) string {
	t.Helper()
	if text == "" {
		return ""
	}
	if !strings.Contains(text, old) {
		t.Fatalf("no %s in %s", old, text)
	}
	return strings.Replace(text, old, young, 1)
}

// ob3Documents are the other documents of an issuer.
func (b *site) ob3Documents(t *testing.T, badge string) []ob3Job {
	t.Helper()
	c := b.names(t, badge)
	issuer := strings.TrimSuffix(c.Issuer.ID, "issuer.json")
	return []ob3Job{
		{Name: "issuer.json", Kind: "controller", Text: string(b.get(t, c.Issuer.ID, "application/ld+json"))},
		{Name: "did.json", Kind: "controller", Text: string(b.get(t, issuer+"did.json", "application/did+json, application/json"))},
		{Name: "achievement.json", Kind: "document", Text: string(b.get(t, c.CredentialSubject.Achievement.ID, "application/ld+json"))},
		{Name: "status list", Kind: "credential", Text: string(b.statusList(t, badge, "", "application/vc"))},
		{Name: "status list as a token", Kind: "token", Text: string(b.statusList(t, badge, ".jwt", "application/jwt"))},
		{Name: "status list, asked by a browser's fetch", Kind: "credential", Text: string(b.statusList(t, badge, "", "*/*"))},
	}
}

// judgeOB3 checks that the stack finds what it must, and nothing else. Credentials are judged by DCC
// verifier-core as well, which has another loader.
func (b *site) judgeOB3(t *testing.T, jobs []ob3Job) []ob3Report {
	t.Helper()
	badges := slices.DeleteFunc(slices.Clone(jobs), func(j ob3Job) bool { return j.Kind != "credential" || strings.Contains(j.Name, "status list") })
	b.judgeWith(t, "dcc.mjs", badges)
	return b.judgeWith(t, "judge.mjs", jobs)
}

func (b *site) judgeWith(t *testing.T, script string, jobs []ob3Job) []ob3Report {
	t.Helper()
	jobs = slices.DeleteFunc(jobs, func(j ob3Job) bool { return j.Text == "" }) // reported already
	var reports []ob3Report
	b.script(t, script, jobs, &reports)
	if len(reports) != len(jobs) {
		t.Fatalf("got %d reports, want %d", len(reports), len(jobs))
	}
	for n, j := range jobs {
		t.Run(script+" "+j.Name, func(t *testing.T) { j.check(t, reports[n]) })
	}
	b.noStrays(t)
	t.Logf("%s judged %d documents", script, len(jobs))
	return reports
}

func (j ob3Job) check(t *testing.T, r ob3Report) {
	t.Helper()
	if j.wrong != "" {
		if r.Verified || !strings.Contains(strings.Join(r.Faults, " "), j.wrong) {
			t.Errorf("got verified %v, faults %q; want a fault about %q", r.Verified, r.Faults, j.wrong)
		}
		return
	}
	if !r.Verified {
		t.Fatalf("%q\nin %.1000s", r.Faults, j.Text)
	}
	if revoked := r.Revoked != nil && *r.Revoked; revoked != j.revoked {
		t.Errorf("got revoked %v, want %v", revoked, j.revoked)
	}
}
