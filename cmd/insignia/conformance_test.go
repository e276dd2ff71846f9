//go:build conformance

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/issuer/keyring"
)

// The conformance tests have the official validators judge what we issue, and judge what the reference
// stack issues. `make conformance` installs the validators and runs them.

const (
	conformanceFolder = "../../.ci/conformance"
	conformanceHost   = "badges.insignia.example"
	issuerHomePage    = "https://northlight.example" // of the sample programme's issuer
)

// script runs one of the scripts with JSON in and out. Where its language is not installed, the test
// is skipped; make conformance says why.
func (w *world) script(t *testing.T, name string, in, out any) {
	t.Helper()
	folder, err := filepath.Abs(conformanceFolder)
	if err != nil {
		t.Fatal(err)
	}
	installed, run := "javascript.ok", []string{"node", name}
	if strings.HasSuffix(name, ".py") {
		installed, run = "openbadges.ok", []string{filepath.Join(folder, "venv/bin/python"), name}
	}
	if _, err := os.Stat(filepath.Join(folder, installed)); err != nil {
		t.Skipf("%s cannot run here: .ci/conformance/install left its validator out and says why", name)
	}
	w.run(t, run, in, out)
}

// run runs a program with JSON in and out.
func (w *world) run(t *testing.T, command []string, in, out any) {
	t.Helper()
	c := exec.CommandContext(t.Context(), command[0], command[1:]...)
	c.Dir, c.Env = conformanceFolder, w.env()
	input, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var output, complaints bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(input), &output, &complaints
	if err := c.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, complaints.String())
	}
	if err := json.Unmarshal(output.Bytes(), out); err != nil {
		t.Fatalf("%v printed %q: %v\n%s", command, output.String(), err, complaints.String())
	}
}

// site is a server with a public name of its own in a world of its own.
type site struct {
	*stage
	*world
	name   string // https://host
	folder string
}

// newSite starts one; its name and documents are those of a server behind a proxy that ends TLS.
func newSite(t *testing.T, change func(*config)) *site {
	t.Helper()
	return newSiteIn(t, newWorld(t), "https://"+conformanceHost, change)
}

func newSiteIn(t *testing.T, w *world, name string, change func(*config)) *site {
	t.Helper()
	s := startServer(t, func(c *config) {
		c.BaseURL = name
		if change != nil {
			change(c)
		}
	})
	w.serve(s.config.Addr)
	s.base = "http://" + s.config.Addr // where partners post in this test
	return &site{s, w, name, t.TempDir()}
}

// get reads a public address, which must be there; without it there is nothing to judge, and the test
// goes on with what there is.
func (b *site) get(t *testing.T, address, accept string) []byte {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, strings.Replace(address, b.name, b.base, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%s answers %s %.100s, %v; want 200", address, answer.Status, body, err)
		return nil
	}
	return body
}

// save writes a document that was got to a file, for validators that want one.
func (b *site) save(t *testing.T, name string, data []byte) (path string) {
	t.Helper()
	if len(data) == 0 {
		return ""
	}
	path = filepath.Join(b.folder, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// issued are badges of every kind that the sample programme has: certifications for ever and for a
// time, an exam's, and one whose names are not in ASCII.
func (b *site) issued(t *testing.T) map[string]string {
	t.Helper()
	lasting := b.award(t, passed("R-1", "NL-100", "conformance@imsglobal.org", "Zoë “Ж” O'Neill-🛰", 9))
	b.call(t, http.StatusCreated, "/results", passed("R-2", "NL-220", "ben@work.test", "Ben Okafor", 8), nil)
	return map[string]string{
		"certification": lasting,
		"exam":          b.award(t, passed("R-3", "NL-310", "chloé@ecole.test", "Chloé Martin", 7)),
		"expiring":      b.awardLast(t, passed("R-4", "NL-210", "ben@work.test", "Ben Okafor", 6)),
	}
}

// awardLast is award for the last badge that a result earned.
func (b *site) awardLast(t *testing.T, result map[string]any) string {
	t.Helper()
	var r receipt
	b.call(t, http.StatusCreated, "/results", result, &r)
	if len(r.Awards) == 0 {
		t.Fatalf("got no award, decisions %+v", r.Decisions)
	}
	last, who := r.Awards[len(r.Awards)-1], result["candidate"].(map[string]any)
	if err := b.acceptAs(t.Context(), who["email"].(string), who["name"].(string), last.ID); err != nil {
		t.Fatal(err)
	}
	return last.URL
}

// rotate gives each purpose a new key that signs at once, and waits until the server knows.
func (b *site) rotate(t *testing.T, purposes ...keyring.Purpose) {
	t.Helper()
	ring, err := keyring.Open(t.Context(), b.db, keyring.Options{Secret: b.secret, Algorithm: b.config.JWTAlg})
	if err != nil {
		t.Fatal(err)
	}
	for _, purpose := range purposes {
		key, err := ring.Rotate(t.Context(), purpose)
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "the new "+string(purpose)+" key signs", func() bool {
			active, err := b.keys.Active(t.Context(), purpose)
			return err == nil && active.ID == key.ID
		})
	}
}

// act revokes, suspends or reinstates a badge and waits until its status list says so.
func (b *site) act(t *testing.T, badge, verb string) {
	t.Helper()
	b.call(t, http.StatusOK, "/awards/"+badge[strings.LastIndexByte(badge, '/')+1:]+"/"+verb, map[string]any{"reason": "A mistake."}, nil)
	time.Sleep(3 * time.Second) // longer than a changed bit may take to be seen
}
