package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/verifier"
)

// TestKeyCommands changes keys beside a running server: after a rotation old and new credentials
// verify, and what a revoked key signed does not.
func TestKeyCommands(t *testing.T) {
	s := startServer(t, nil)
	s.settings(t)
	v := newVisitor(t)
	jwt := func(badge string) proof {
		return proof{badge + "/credential.jwt", v.open(badge + "/credential.jwt").body}
	}
	signer := func(p proof) string {
		token, err := openbadge.ParseJWS(string(p.data))
		if err != nil {
			t.Fatal(err)
		}
		_, kid, _ := strings.Cut(token.Header.KID, "/keys/")
		return strings.TrimSuffix(kid, ".jwk")
	}
	first := jwt(s.award(t, passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3)))
	old := signer(first)
	if list := command(t, 0, old, "key", "list"); strings.Count(list, "\n") != 4 || !regexp.MustCompile(old+` +jwt +ES256 +\S+ +- +-\n`).MatchString(list) {
		t.Errorf("got the keys\n%s\nwant one for each purpose, %s among them", list, old)
	}
	command(t, 0, "signs jwt from now on", "key", "rotate", "--at-once")
	var second proof
	n := 0
	eventually(t, "the server signs with the new key", func() bool {
		n++
		second = jwt(s.award(t, passed(fmt.Sprintf("R-2-%d", n), "NL-100", fmt.Sprintf("ben%d@home.test", n), "Ben Okafor", 3)))
		return signer(second) != old
	})
	s.verify(t, []proof{first}, verifier.Valid)
	s.verify(t, []proof{second}, verifier.Valid)
	command(t, exitUsage, "", "key", "revoke", old)
	command(t, exitFailure, "no key nonsense", "key", "revoke", "nonsense", "--reason", "lost")
	command(t, 0, "Revoked.", "key", "revoke", old, "--reason", "The disk was stolen.")
	command(t, 0, "signs anew: 0", "key", "revoke", old, "--reason", "again")
	if list := command(t, 0, "", "key", "list"); !regexp.MustCompile(old + ` +jwt +ES256 +\S+ +\S+ +\d`).MatchString(list) {
		t.Errorf("the list does not show that %s is revoked:\n%s", old, list)
	}
	eventually(t, "what the revoked key signed is not valid", func() bool {
		var r verifier.Report
		s.call(t, http.StatusOK, "/verify", map[string]any{"input": string(first.data)}, &r)
		return !r.Valid
	})
	s.verify(t, []proof{second}, verifier.Valid)
	command(t, 0, "signs ob2 from now on", "key", "rotate", "ob2") // nothing was signed with the one before
	command(t, 0, "signs jwt from 20", "key", "rotate")
	command(t, exitUsage, "", "key", "rotate", "nonsense")
}

// TestRevokeIsFinished revokes a key as a command does that is killed half-way, and then again: the badge
// that it signed is signed anew.
func TestRevokeIsFinished(t *testing.T) {
	s := startServer(t, nil)
	s.settings(t)
	badge := s.award(t, passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3))
	read := func() string { return string(newVisitor(t).open(badge + "/credential.jwt").body) }
	before := read()
	key, err := s.keys.Active(t.Context(), keyring.JWT)
	if err != nil {
		t.Fatal(err)
	}
	if revoked, err := s.keys.Revoke(t.Context(), key.ID, "The disk was stolen."); !revoked || err != nil {
		t.Fatalf("got %v, %v, want the key revoked", revoked, err)
	}
	command(t, 0, "signs anew: 1", "key", "revoke", key.ID, "--reason", "again")
	eventually(t, "the badge is signed anew", func() bool { return read() != before })
	if keys, err := s.keys.Keys(t.Context()); err != nil || len(keys) != 4 || !slices.ContainsFunc(keys, func(k keyring.Key) bool { return k.Reason == "The disk was stolen." }) {
		t.Errorf("got %+v, %v, want four keys, one with its first reason", keys, err)
	}
}

// TestPartnerCommands makes and ends keys beside a running server.
func TestPartnerCommands(t *testing.T) {
	s := startServer(t, nil)
	s.settings(t)
	key := func(prefix string, args ...string) string {
		t.Helper()
		lines := strings.Fields(command(t, 0, "shown only now", append([]string{"partner", "add"}, args...)...))
		last := lines[len(lines)-1]
		if !strings.HasPrefix(last, prefix) {
			t.Errorf("partner add %v: got key %q, want %s…", args, last, prefix)
		}
		return last
	}
	live, test, programme := key("insignia_live_", "Prometra"), key("insignia_test_", "Prometra", "--sandbox"), key("insignia_live_", "Prometra", "--programme")
	if live == programme || live == test {
		t.Error("two keys are the same")
	}
	list := command(t, 0, "Prometra", "partner", "list")
	var ids []string
	for _, row := range regexp.MustCompile(`(?m)^(\S+) +Prometra +(live|sandbox) `).FindAllStringSubmatch(list, -1) {
		ids = append(ids, row[1])
	}
	if len(ids) != 3 || strings.Contains(list, live) || strings.Contains(list, test) || strings.Count(list, " sandbox ") != 1 || strings.Count(list, "programme:write") != 1 {
		t.Fatalf("got the list\n%s\nwant three keys of Prometra without their secrets", list)
	}
	works := func(key string) bool {
		return getJSON(t, s.config.Addr, key, "/api/v1/results", new(any)) == http.StatusOK
	}
	if !works(live) || !works(test) || !works(programme) {
		t.Error("a new key does not work at once")
	}
	for _, id := range ids {
		command(t, 0, "Revoked.", "partner", "revoke", id)
	}
	eventually(t, "the server refuses revoked keys", func() bool { return !works(live) && !works(test) && !works(programme) })
	if !works(s.key) {
		t.Error("another partner's key was revoked as well")
	}
	command(t, exitFailure, "no key "+ids[0], "partner", "revoke", ids[0])
	command(t, exitFailure, "no key nonsense", "partner", "revoke", "nonsense")
	command(t, exitFailure, "", "partner", "add", " ")
}

const smallProgramme = `
issuer: {id: northlight-institute, name: Northlight Institute, url: "https://northlight.example", email: badges@northlight.example}
exams:
  - {code: A-1, name: First steps}
  - {code: A-2, name: Second steps}
certifications:
  - {code: walker, name: Walker, requires: {all: [{exam: A-1}, {exam: A-2}]}}
`

// programmeFile writes a programme, the small one changed.
func programmeFile(t *testing.T, changes ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "programme.yaml")
	if err := os.WriteFile(file, []byte(strings.NewReplacer(changes...).Replace(smallProgramme)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestProgrammeApply(t *testing.T) {
	t.Setenv("INSIGNIA_DATABASE", filepath.Join(t.TempDir(), "insignia.db"))
	apply := func(in string, code int, want []string, args ...string) {
		t.Helper()
		got, out, errOut := runCommand(t, in, append([]string{"programme", "apply"}, args...)...)
		missing := slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(out+errOut, w) })
		if got != code || missing {
			t.Errorf("programme apply %v: got exit code %d and\n%s%s\nwant %d and %q", args, got, out, errOut, code, want)
		}
	}
	small := programmeFile(t)
	plan := []string{"Added  exam A-1", "Added  exam A-2", "Added  certification walker"}
	apply("", 0, plan, small, "--dry-run")
	apply("no\n", exitFailure, append(plan, "Apply this?", "Nothing was applied."), small)
	apply("", exitFailure, append(plan, "Nothing was applied."), small)
	apply("yes\n", 0, append(plan, "Applied."), small)
	if out := command(t, 0, "", "programme", "apply", small); !strings.Contains(out, "Nothing to change") || strings.Contains(out, "Effective from") {
		t.Errorf("got %q, want that there is nothing to change, and so no day from which it holds", out)
	}

	changed := programmeFile(t, "{code: A-1, name: First steps}", "{code: A-1, name: The first steps}", "- {code: A-2, name: Second steps}", "- {code: A-2, name: Second steps, retired: 2030-01-01}\n  - {code: A-3, name: Third steps}")
	plan = []string{"Changed  exam A-1: name", "exam A-2", "Added  exam A-3", "Effective from 20"}
	before := time.Now()
	out := command(t, 0, "", "programme", "apply", changed, "--dry-run")
	if !strings.Contains(out, "Effective from "+before.UTC().Format(time.DateOnly)) && !strings.Contains(out, "Effective from "+time.Now().UTC().Format(time.DateOnly)) {
		t.Errorf("got the plan\n%s\nwant it effective from today", out)
	}
	apply("", 0, plan, changed, "--dry-run")
	apply("", 0, append(plan, "Applied."), changed, "--yes")
	apply("", 0, []string{"Missing from the file and kept  exam A-3"}, small, "--dry-run")
	apply("", 0, []string{"Effective from 2040-05-06", "Applied."}, programmeFile(t, "First steps", "Steps of a later day"), "--yes", "--effective", "2040-05-06")
	apply("", exitFailure, []string{"--effective"}, small, "--effective", "tomorrow")
}

// TestAbsentFile: a file that is not there is told as plainly wherever it is named, without the calls of the system.
func TestAbsentFile(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent")
	for _, args := range [][]string{
		{"programme", "apply", absent}, {"restore", absent}, {"verify", absent}, {"verify", "--jwk", absent, "x"}, {"verify", "--resources", absent, "x"},
	} {
		code, _, errOut := runCommand(t, "", args...)
		if want := "insignia: " + absent + ": no such file or directory\n"; code == 0 || errOut != want {
			t.Errorf("%v: got exit code %d and %q, want %q", args, code, errOut, want)
		}
	}
}

// TestProgrammeApplyGains shows before applying who would newly earn what, and awards that to people
// whose results were there before.
func TestProgrammeApplyGains(t *testing.T) {
	s := startServer(t, nil)
	s.settings(t)
	s.call(t, http.StatusCreated, "/results", passed("R-1", "NL-210", "ana@home.test", "Ana Ruiz", 10), nil)
	file := filepath.Join(t.TempDir(), "programme.yaml")
	text := string(mustRead(t, "sample/programme.yaml")) + "  - {code: service-runner, name: Service Runner, requires: {exam: NL-210}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	since := time.Now().UTC().AddDate(0, 0, -30).Format(time.DateOnly)
	if out := command(t, 0, "Added  certification service-runner", "programme", "apply", file, "--dry-run"); strings.Contains(out, "Newly earned") {
		t.Errorf("a version that holds from today gives for old results:\n%s", out)
	}
	out := command(t, 0, "Newly earned: 1 x certification service-runner", "programme", "apply", file, "--effective", since, "--yes")
	if !strings.Contains(out, "Letters that would go out: 1") || !strings.Contains(out, "Applied.") {
		t.Errorf("got\n%s\nwant one letter announced", out)
	}
	eventually(t, "the certification is awarded", func() bool {
		var page struct {
			Items []struct{ Achievement struct{ Code string } }
		}
		getJSON(t, s.config.Addr, s.key, "/api/v1/awards", &page)
		return len(page.Items) == 2
	})
}

func TestProgrammeApplyListsAllProblems(t *testing.T) {
	t.Setenv("INSIGNIA_DATABASE", filepath.Join(t.TempDir(), "insignia.db"))
	bad := programmeFile(t, "{exam: A-2}", "{exam: A-22}", "name: First steps", "name: First steps, colour: blue", "code: A-2,", "code: A-1,")
	code, out, errOut := runCommand(t, "yes\n", "programme", "apply", bad, "--yes")
	for _, want := range []string{bad + ":4", "colour", bad + ":5", "A-1", bad + ":7", "A-22", "did you mean"} {
		if !strings.Contains(errOut, want) {
			t.Errorf("no word about %q in\n%s", want, errOut)
		}
	}
	if code != exitFailure || strings.Contains(out, "Applied") {
		t.Errorf("got exit code %d and %q, want %d and nothing applied", code, out, exitFailure)
	}
	command(t, 0, "Added  exam A-1", "programme", "apply", programmeFile(t), "--dry-run")
}

// TestDemo tries what the demo prints.
func TestDemo(t *testing.T) {
	begin := time.Now()
	s, badge := startDemo(t)
	t.Logf("ready after %v", time.Since(begin))
	for _, address := range []string{s.base + "/mailbox", badge, s.base + "/verify", s.base + "/api/v1/docs"} {
		if v := newVisitor(t).open(address); v.status != http.StatusOK {
			t.Errorf("%s answers %d", address, v.status)
		}
	}
	newVisitor(t).open(badge).reads(http.StatusOK, "Ana Ruiz")
	// Letters and pages are from whom people know: the issuer of the sample programme.
	if !strings.Contains(string(mustRead(t, "sample/programme.yaml")), "en: "+demoSite+"\n") {
		t.Errorf("the sample programme has issuer called %q", demoSite)
	}
	newVisitor(t).open(s.base + "/mailbox").says(demoSite)
	result := passed("R-2001", "NL-220", "chloe@ecole.test", "Chloé Martin", 0)
	result["candidate"].(map[string]any)["id"] = "C-79"
	var r receipt
	s.call(t, http.StatusCreated, "/results", result, &r)
	if len(r.Awards) != 2 {
		t.Errorf("got awards %+v, want the exam and the certification that it completes", r.Awards)
	}
}
