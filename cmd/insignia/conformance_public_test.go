//go:build conformance

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// publicJob is one document for 1EdTech's public validator.
type publicJob struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // 2.0, 3.0 or list, see PublicValidator.java
	URL  string `json:"url"`  // may name a file

	wrong string // what it must find fault with
}

type publicReport struct {
	Name, Outcome string
	Messages      []string
}

// TestConformancePublicValidator has 1EdTech's public validator (Java) judge what we issue. It is no
// package that could be installed: INSIGNIA_PUBLIC_VALIDATOR is the class path of a build of its module
// inspector-vc with everything that this needs.
func TestConformancePublicValidator(t *testing.T) {
	classPath := os.Getenv("INSIGNIA_PUBLIC_VALIDATOR")
	if classPath == "" {
		t.Skip("INSIGNIA_PUBLIC_VALIDATOR is not set: the class path of a build of 1EdTech's public validator, module inspector-vc")
	}
	for _, alg := range []string{"ES256", "RS256"} {
		t.Run(alg, func(t *testing.T) {
			w := newWorld(t)
			// Its clients know no proxy, so every name leads here, and the server's has a port.
			b := newSiteIn(t, w, "https://"+conformanceHost+":"+w.port(), func(c *config) { c.JWTAlg = alg })
			java := w.java(t, classPath)
			badges := b.issued(t)
			var jobs []publicJob
			for kind, badge := range badges {
				jobs = append(jobs, b.publicJobs(t, kind, badge)...)
			}
			b.judgePublic(t, java, jobs)
			t.Run("revoked", func(t *testing.T) {
				ended := b.publicJobs(t, "revoked", badges["exam"])
				b.act(t, badges["exam"], "revoke")
				b.judgePublic(t, java, endedJobs(ended))
			})
		})
	}
}

// java is a Java program's command line in this world.
func (w *world) java(t *testing.T, classPath string) []string {
	t.Helper()
	folder := t.TempDir()
	trust, hosts := filepath.Join(folder, "trust.p12"), filepath.Join(folder, "hosts")
	out, err := exec.CommandContext(t.Context(), "keytool", "-importcert", "-noprompt", "-alias", "conformance", "-file", w.caFile,
		"-keystore", trust, "-storetype", "PKCS12", "-storepass", "conformance").CombinedOutput()
	if err != nil {
		t.Fatalf("keytool: %v\n%s", err, out)
	}
	home := strings.TrimPrefix(issuerHomePage, "https://")
	if err := os.WriteFile(hosts, []byte("127.0.0.1 "+conformanceHost+"\n127.0.0.1 "+home+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"java", "-Djdk.net.hosts.file=" + hosts, "-Djavax.net.ssl.trustStore=" + trust, "-Djavax.net.ssl.trustStorePassword=conformance",
		"-cp", classPath, "PublicValidator.java"}
}

// publicJobs are all forms of a badge, and what an attacker would make of them.
func (b *site) publicJobs(t *testing.T, kind, badge string) []publicJob {
	t.Helper()
	file := func(name string, data []byte) string {
		if path := b.save(t, kind+name, data); path != "" {
			return "file://" + path
		}
		return ""
	}
	credential, token := b.get(t, badge+"/credential.json", "application/vc"), string(b.get(t, badge+"/credential.jwt", "text/plain"))
	jws := string(b.get(t, badge+"/assertion.jws", "*/*"))
	altered := change(t, string(credential), `"achievementType":"`, `"fieldOfStudy":"Medicine","achievementType":"`)
	jobs := []publicJob{
		{Name: "credential.json", Kind: "3.0", URL: file("credential.json", credential)},
		{Name: "credential.json by address", Kind: "3.0", URL: badge + "/credential.json"},
		{Name: "credential.jwt", Kind: "3.0", URL: file("credential.jwt", []byte(token))},
		{Name: "3.0 in the PNG", Kind: "3.0", URL: file("badge.png", b.get(t, badge+"/badge.png", "image/png"))},
		{Name: "3.0 in the SVG", Kind: "3.0", URL: file("badge.svg", b.get(t, badge+"/badge.svg", "image/svg+xml"))},
		{Name: "assertion.json", Kind: "2.0", URL: badge + "/assertion.json"},
		{Name: "assertion.jws", Kind: "2.0", URL: file("assertion.jws", []byte(jws))},
		{Name: "2.0 in the PNG", Kind: "2.0", URL: file("badge.png", b.get(t, badge+"/badge.png", "image/png"))},
		{Name: "2.0 in the SVG", Kind: "2.0", URL: file("badge.svg", b.get(t, badge+"/badge.svg", "image/svg+xml"))},
		{Name: "status list", Kind: "list", URL: file("list.json", b.statusList(t, badge, "", "application/vc"))},
		{Name: "status list as a token", Kind: "list", URL: file("list.jwt", b.statusList(t, badge, ".jwt", "application/jwt"))},
		{Name: "credential.json, altered", Kind: "3.0", URL: file("altered.json", []byte(altered)), wrong: "proof verification failed"},
		{Name: "credential.jwt, altered", Kind: "3.0", URL: file("altered.jwt", []byte(alter(token))), wrong: "Invalid signature"},
		{Name: "assertion.jws, altered", Kind: "2.0", URL: file("altered.jws", []byte(alter(jws))), wrong: "ignature"},
	}
	for n := range jobs {
		jobs[n].Name = kind + " " + jobs[n].Name
	}
	return jobs
}

// endedJobs are the untouched forms of a badge that was withdrawn since.
func endedJobs(jobs []publicJob) []publicJob {
	jobs = slices.DeleteFunc(jobs, func(j publicJob) bool { return j.wrong != "" || j.Kind == "list" })
	for n := range jobs {
		jobs[n].wrong = "revoked"
		if strings.HasSuffix(jobs[n].URL, ".json") && jobs[n].Kind == "2.0" {
			jobs[n].wrong = "Error while parsing" // it knows no status 410
		}
	}
	return jobs
}

func (b *site) judgePublic(t *testing.T, java []string, jobs []publicJob) {
	t.Helper()
	jobs = slices.DeleteFunc(jobs, func(j publicJob) bool { return j.URL == "" }) // reported already
	var reports []publicReport
	b.run(t, java, jobs, &reports)
	for n, j := range jobs {
		t.Run(j.Name, func(t *testing.T) { j.check(t, reports[n]) })
	}
	b.noStrays(t)
	t.Logf("the public validator judged %d documents", len(jobs))
}

// ownFaults are what the validator says of every document, right or wrong: it compares a quoted id with
// an unquoted one, and in this test the issuer's home page is not where its address says.
var ownFaults = []string{"declared its id as", `url "` + issuerHomePage + `" in issuer is not accessible`}

func (j publicJob) check(t *testing.T, r publicReport) {
	t.Helper()
	faults := slices.DeleteFunc(r.Messages, func(m string) bool {
		return slices.ContainsFunc(ownFaults, func(own string) bool { return strings.Contains(m, own) })
	})
	switch {
	case r.Outcome == "CRASH" || r.Outcome == "EXCEPTION":
		t.Errorf("got %s: %q", r.Outcome, r.Messages)
	case j.wrong == "" && len(faults) != 0:
		t.Errorf("got %s: %q", r.Outcome, faults)
	case j.wrong != "" && (r.Outcome == "VALID" || r.Outcome == "WARNING" || !strings.Contains(strings.Join(faults, "\n"), j.wrong)):
		t.Errorf("got %s: %q, want %q", r.Outcome, faults, j.wrong)
	}
}
