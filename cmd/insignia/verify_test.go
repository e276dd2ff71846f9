package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/verifier"
)

// evidence is a folder with the files of one badge and everything that a verifier fetches for it.
type evidence struct {
	folder string
	badge  string // address
}

func (e evidence) file(name string) string { return filepath.Join(e.folder, name) }

// newEvidence makes a badge that expires after a year, through the whole server.
func newEvidence(t *testing.T) evidence {
	t.Helper()
	s := startServer(t, nil)
	var r receipt
	for n, exam := range []string{"NL-210", "NL-220"} {
		s.call(t, http.StatusCreated, "/results", passed("R-"+exam, exam, "ben@work.test", "Ben Okafor", 9-n), &r)
	}
	last := slices.IndexFunc(r.Decisions, func(d struct{ Outcome, Reason, Award string }) bool { return d.Reason == "certification_earned" })
	if last < 0 {
		t.Fatalf("got decisions %+v, want a certification", r.Decisions)
	}
	award := r.Decisions[last].Award
	if err := s.acceptAs(t.Context(), "ben@work.test", "Ben Okafor", award); err != nil {
		t.Fatal(err)
	}
	e := evidence{folder: t.TempDir(), badge: s.base + "/badges/" + award}
	network := &recorder{next: egress.New(egress.Options{Loopback: true}), seen: egress.Memory{}}
	stranger := verifier.New(verifier.Options{Fetch: network, Now: time.Now})
	v := newVisitor(t)
	for _, p := range append(download(t, v, e.badge), proof{e.badge + "/image.png", v.open(e.badge + "/image.png").body}) {
		stranger.Verify(t.Context(), verifier.Input{Data: []byte(p.url)})
		stranger.Verify(t.Context(), verifier.Input{Data: p.data})
		e.write(t, p.url[strings.LastIndexByte(p.url, '/')+1:], p.data)
	}
	network.save(t, e.folder)
	e.spoil(t)
	e.hideKeys(t, network)
	return e
}

func (e evidence) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(e.file(name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// spoil makes altered.jwt, which says something else than what was signed.
func (e evidence) spoil(t *testing.T) {
	t.Helper()
	jwt, err := os.ReadFile(e.file("credential.jwt"))
	if err != nil {
		t.Fatal(err)
	}
	dot := bytes.LastIndexByte(jwt, '.') + 10
	jwt[dot] = map[bool]byte{true: 'B', false: 'A'}[jwt[dot] == 'A']
	e.write(t, "altered.jwt", jwt)
}

// hideKeys makes keyless/resources.json, where the issuer's document with its keys cannot be reached, and
// key.jwk with the one needed.
func (e evidence) hideKeys(t *testing.T, network *recorder) {
	t.Helper()
	for url, answer := range network.seen {
		var issuer struct {
			VerificationMethod []struct {
				PublicKeyJWK json.RawMessage `json:"publicKeyJwk"`
			} `json:"verificationMethod"`
		}
		_ = json.Unmarshal([]byte(answer.Body), &issuer) // most answers are something else
		for _, method := range issuer.VerificationMethod {
			if method.PublicKeyJWK != nil {
				e.write(t, "key.jwk", method.PublicKeyJWK)
				delete(network.seen, url)
			}
		}
	}
	if err := os.Mkdir(e.file("keyless"), 0o700); err != nil {
		t.Fatal(err)
	}
	network.save(t, e.file("keyless"))
	e.write(t, "nothing.json", []byte("{}"))
}

func TestVerifyCommand(t *testing.T) {
	e := newEvidence(t)
	png, jwt, json2, altered, picture := e.file("badge.png"), e.file("credential.jwt"), e.file("assertion.json"), e.file("altered.jwt"), e.file("image.png")
	jwtText, err := os.ReadFile(jwt)
	if err != nil {
		t.Fatal(err)
	}
	later := time.Now().AddDate(2, 0, 0).UTC().Format(time.RFC3339)
	for _, at := range []string{later, "0001-01-01T00:00:00Z"} {
		if code, out, errOut := runCommand(t, "", "verify", jwt, "--at="+at); code != exitUsage || out != "" || !strings.Contains(errOut, "--at must not be later than now") {
			t.Errorf("at %s: got exit code %d, %s%s", at, code, out, errOut)
		}
	}
	for _, c := range []struct {
		name      string
		args      []string
		resources string
		stdin     string
		code      int
		verdicts  []verifier.Verdict
	}{
		{name: "files", args: []string{png, jwt, json2}, verdicts: []verifier.Verdict{verifier.Valid, verifier.Valid, verifier.Valid}},
		{name: "addresses", args: []string{e.badge + "/assertion.json", e.badge + "/badge.png"}, verdicts: []verifier.Verdict{verifier.Valid, verifier.Valid}},
		{name: "standard input", args: []string{"-"}, stdin: string(jwtText), verdicts: []verifier.Verdict{verifier.Valid}},
		{name: "address on standard input", args: []string{"-"}, stdin: e.badge + "/credential.jwt\n", verdicts: []verifier.Verdict{verifier.Valid}},
		{name: "altered", args: []string{altered}, code: exitNotValid, verdicts: []verifier.Verdict{verifier.Altered}},
		{name: "picture without a badge", args: []string{picture}, code: exitNotValid, verdicts: []verifier.Verdict{verifier.NotABadge}},
		{name: "nonsense", args: []string{"-"}, stdin: "nonsense", code: exitNotValid, verdicts: []verifier.Verdict{verifier.NotABadge}},
		{name: "good and bad", args: []string{png, altered}, code: exitNotValid, verdicts: []verifier.Verdict{verifier.Valid, verifier.Altered}},
		{name: "its recipient", args: []string{png, json2, "--recipient=ben@work.test"}, verdicts: []verifier.Verdict{verifier.Valid, verifier.Valid}},
		{name: "another recipient", args: []string{png, json2, "--recipient=ana@home.test"}, code: exitNotValid, verdicts: []verifier.Verdict{verifier.WrongRecipient, verifier.WrongRecipient}},
		{name: "its recipient's name", args: []string{jwt, "--name=ben OKAFOR"}, verdicts: []verifier.Verdict{verifier.Valid}},
		{name: "another name", args: []string{jwt, "--name=Ana Ruiz"}, code: exitNotValid, verdicts: []verifier.Verdict{verifier.WrongRecipient}},
		{name: "no network", args: []string{jwt, json2}, resources: "nothing.json", code: exitNotDecided, verdicts: []verifier.Verdict{verifier.Undetermined, verifier.Undetermined}},
		{name: "no key", args: []string{jwt}, resources: "keyless/resources.json", code: exitNotDecided, verdicts: []verifier.Verdict{verifier.Undetermined}},
		{name: "key handed in", args: []string{jwt, "--jwk=" + e.file("key.jwk")}, resources: "keyless/resources.json", verdicts: []verifier.Verdict{verifier.Valid}},
		{name: "altered, key handed in", args: []string{altered, "--jwk=" + e.file("key.jwk")}, resources: "keyless/resources.json", code: exitNotValid, verdicts: []verifier.Verdict{verifier.Altered}},
		{name: "bad and undecided", args: []string{picture, jwt}, resources: "nothing.json", code: exitNotDecided, verdicts: []verifier.Verdict{verifier.NotABadge, verifier.Undetermined}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"verify", "--resources", e.file(cmp.Or(c.resources, "resources.json"))}, c.args...)
			code, out, errOut := runCommand(t, c.stdin, append(args, "--json")...)
			got := verdictsOf(t, out)
			if code != c.code || !slices.Equal(got, c.verdicts) {
				t.Errorf("got exit code %d and %v, want %d and %v\n%s%s", code, got, c.code, c.verdicts, out, errOut)
			}
			code, out, _ = runCommand(t, c.stdin, args...)
			for _, want := range c.verdicts {
				if !strings.Contains(out, ": "+strings.ToUpper(string(want))) {
					t.Errorf("the text does not say %s:\n%s", want, out)
				}
			}
			if code != c.code {
				t.Errorf("without --json the exit code is %d, want %d", code, c.code)
			}
		})
	}
}

// verdictsOf reads one report, or an array of several.
func verdictsOf(t *testing.T, out string) (list []verifier.Verdict) {
	t.Helper()
	var one verifier.Report
	if err := json.Unmarshal([]byte(out), &one); err == nil {
		return []verifier.Verdict{one.Verdict}
	}
	var several []verifier.Report
	if err := json.Unmarshal([]byte(out), &several); err != nil || len(several) < 2 {
		t.Errorf("%v: neither a report nor an array of several:\n%s", err, out)
	}
	for _, r := range several {
		list = append(list, r.Verdict)
	}
	return list
}

func TestVerifyCommandUsage(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	badge, broken := file("badge.json", "{}"), file("broken.json", `{"https://a.test/": {"file": "absent"}}`)
	for _, args := range [][]string{
		{}, {filepath.Join(folder, "absent.json")}, {folder}, {badge, "--resources", filepath.Join(folder, "absent.json")}, {badge, "--resources", badge + "x"},
		{badge, "--resources", broken}, {badge, "--resources", file("text.json", "no JSON")}, {badge, "--at", "yesterday"}, {badge, "--jwk", filepath.Join(folder, "absent.jwk")}, {badge, "--nonsense"},
		{"-", "-"}, {badge, "--egress-proxy", "socks5://127.0.0.1:1"}, {badge, "--egress-proxy", "nonsense"},
	} {
		code, out, errOut := runCommand(t, "", append([]string{"verify"}, args...)...)
		if code != exitUsage || errOut == "" {
			t.Errorf("verify %v: got exit code %d, %q and %q; want %d and a message", args, code, out, errOut, exitUsage)
		}
	}
}

// An input that cannot be read has a line of its own, a report in its place, and takes nothing from the others: it
// could not be checked (contract 2). Only where nothing can be read is the command itself at fault.
func TestVerifyCommandGoesOn(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	a, b, absent, big := file("a.json", "{}"), file("b.json", `{"a":1}`), filepath.Join(folder, "absent.json"), file("big.json", strings.Repeat(" ", largestInput+1))
	for _, c := range []struct {
		inputs   []string
		stdin    string
		code     int
		verdicts []verifier.Verdict
	}{
		{inputs: []string{a, absent, b}, code: exitNotDecided, verdicts: []verifier.Verdict{verifier.NotABadge, verifier.Undetermined, verifier.NotABadge}},
		{inputs: []string{absent, folder, big, a}, code: exitNotDecided, verdicts: []verifier.Verdict{verifier.Undetermined, verifier.Undetermined, verifier.Undetermined, verifier.NotABadge}},
		{inputs: []string{a, "-", absent}, stdin: "{}", code: exitNotDecided, verdicts: []verifier.Verdict{verifier.NotABadge, verifier.NotABadge, verifier.Undetermined}},
		{inputs: []string{absent, folder}, code: exitUsage},
	} {
		code, out, errOut := runCommand(t, c.stdin, append([]string{"verify", "--json"}, c.inputs...)...)
		if code != c.code || len(c.verdicts) > 0 && !slices.Equal(verdictsOf(t, out), c.verdicts) {
			t.Errorf("%v: got exit code %d, want %d\n%s%s", c.inputs, code, c.code, out, errOut)
		}
		code, out, errOut = runCommand(t, c.stdin, append([]string{"verify"}, c.inputs...)...)
		if code != c.code {
			t.Errorf("%v: got exit code %d without --json, want %d", c.inputs, code, c.code)
		}
		for i, v := range c.verdicts {
			line := c.inputs[i] + ": " + strings.ToUpper(string(v))
			if v == verifier.Undetermined {
				line = c.inputs[i] + ": NOT READ: "
			}
			if strings.Count("\n"+out, "\n"+line) != 1 {
				t.Errorf("%v: not one line begins with %q:\n%s%s", c.inputs, line, out, errOut)
			}
		}
	}
	if _, _, errOut := runCommand(t, "", "verify", absent); errOut != "insignia: "+absent+": no such file or directory\n" {
		t.Errorf("got %q", errOut)
	}
}

// What a stranger's document says does nothing to the terminal.
func TestVerifyCommandTamesText(t *testing.T) {
	badge := `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"urn:x","issuer":"\\u001b[2J","name":"\u001b]0;owned\u0007\u202e"}`
	code, out, _ := runCommand(t, badge, "verify", "-")
	if code != exitNotValid || strings.ContainsAny(out, "\x1b\a\u202e") {
		t.Errorf("got %d, %q", code, out)
	}
	if got := tame("a\x1b[2J\nb" + strings.Repeat("é", 400)); got != "a [2J b"+strings.Repeat("é", 293)+"…" {
		t.Errorf("got %q", got)
	}
}

const casesFolder = "../../../shared/cases"

// TestVerifyCommandAgrees gives some of the shared cases to the command line, which must judge as the
// verifier does (whose own tests hold all of them against their index).
func TestVerifyCommandAgrees(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(casesFolder, "index.json"))
	if err != nil {
		t.Skipf("the folder of shared cases is absent: %v", err)
	}
	var cases []struct {
		ID, Input, Resources, JWK, Expect string
		At                                time.Time
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	agreed, some := 0, 20
	for k := range some {
		c := cases[k*len(cases)/some]
		input, resources := filepath.Join(casesFolder, c.Input), filepath.Join(casesFolder, c.Resources)
		args := []string{"verify", "--json", input, "--resources", resources}
		var in verifier.Input
		if in.Data, err = os.ReadFile(input); err != nil {
			t.Fatal(err)
		}
		if c.JWK != "" {
			args = append(args, "--jwk", filepath.Join(casesFolder, c.JWK))
			if in.JWK, err = os.ReadFile(filepath.Join(casesFolder, c.JWK)); err != nil {
				t.Fatal(err)
			}
		}
		if in.At = c.At; !c.At.IsZero() {
			args = append(args, "--at", c.At.Format(time.RFC3339))
		}
		network, err := egress.Resources(resources)
		if err != nil {
			t.Fatal(err)
		}
		want := verifier.New(verifier.Options{Fetch: network, Now: time.Now}).Verify(context.Background(), in)
		code, out, errOut := runCommand(t, "", args...)
		got := verdictsOf(t, out)
		if len(got) != 1 || got[0] != want.Verdict || code != verifyCode(want) {
			t.Errorf("%s: got %v and exit code %d, want %s: %s", c.ID, got, code, want.Verdict, errOut)
		}
		if word := map[int]string{0: "valid", exitNotValid: "invalid", exitNotDecided: "undetermined"}[code]; word == c.Expect || c.Expect == "either" && code != exitNotDecided {
			agreed++
		}
	}
	t.Logf("%d of %d cases agree with the index", agreed, some)
}

// TestVerifyLoopback reaches a server on this machine when asked to, and never unasked.
func TestVerifyLoopback(t *testing.T) {
	s := startServer(t, nil)
	badge := s.award(t, passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3))
	for want, args := range map[int][]string{0: {"--loopback"}, exitNotDecided: nil} {
		code, out, errOut := runCommand(t, "", append([]string{"verify", badge + "/credential.jwt", "--json"}, args...)...)
		if code != want || strings.Contains(errOut, "--loopback") != (args == nil) {
			t.Errorf("%v: got exit code %d, want %d: %s%s", args, code, want, out, errOut)
		}
	}
	token := string(newVisitor(t).open(badge + "/credential.jwt").body) // a file whose issuer is on this machine
	if _, _, errOut := runCommand(t, token, "verify", "-"); !strings.Contains(errOut, "--loopback") {
		t.Errorf("a file does not name the flag: %s", errOut)
	}
	for _, elsewhere := range []string{"https://10.0.0.1/a", "https://[fe80::1]/a", "ftp://127.0.0.1/a"} { // the flag would not help
		if code, _, errOut := runCommand(t, "", "verify", elsewhere); code == 0 || strings.Contains(errOut, "--loopback") {
			t.Errorf("%s: %d %s", elsewhere, code, errOut)
		}
	}
}

// TestVerifyTellsWhatTheSiteTells gives the page of a current and of an expired badge to the command and to the
// site: both judge the same form of it and tell the same, the holder included, and neither remarks on anything.
func TestVerifyTellsWhatTheSiteTells(t *testing.T) {
	s := startServer(t, nil)
	for verdict, age := range map[verifier.Verdict]int{verifier.Valid: 9, verifier.Expired: 700} {
		email := string(verdict) + "@home.test"
		var r receipt
		for n, exam := range []string{"NL-210", "NL-220"} {
			s.call(t, http.StatusCreated, "/results", passed(string(verdict)+exam, exam, email, "Ana Ruiz", age-n), &r)
		}
		last := slices.IndexFunc(r.Decisions, func(d struct{ Outcome, Reason, Award string }) bool { return d.Reason == "certification_earned" })
		if last < 0 {
			t.Fatalf("got decisions %+v, want a certification", r.Decisions)
		}
		award := r.Decisions[last].Award
		if err := s.acceptAs(t.Context(), email, "Ana Ruiz", award); err != nil {
			t.Fatal(err)
		}
		badge := s.base + "/badges/" + award
		_, out, errOut := runCommand(t, "", "verify", "--loopback", "--json", badge)
		var command, site verifier.Report
		if err := json.Unmarshal([]byte(out), &command); err != nil {
			t.Fatalf("%v: %s%s", err, out, errOut)
		}
		s.call(t, http.StatusOK, "/verify", map[string]string{"input": badge}, &site)
		for who, r := range map[string]*verifier.Report{"command": &command, "site": &site} {
			if r.Verdict != verdict || r.Badge == nil || r.Badge.Recipient != "Ana Ruiz" {
				t.Errorf("%s: got %s %+v, want %s of Ana Ruiz", who, r.Verdict, r.Badge, verdict)
			}
			for _, c := range r.Checks {
				if c.Outcome == verifier.Warning {
					t.Errorf("%s: %+v", who, c)
				}
			}
		}
		if !reflect.DeepEqual(site.Badge, command.Badge) || site.Format != command.Format {
			t.Errorf("%s: the site says %s %+v, the command %s %+v", verdict, site.Format, site.Badge, command.Format, command.Badge)
		}
		if _, text, _ := runCommand(t, "", "verify", "--loopback", badge); !strings.Contains(text, "Holder: Ana Ruiz") {
			t.Errorf("got %s, want the holder in it", text)
		}
	}
}
