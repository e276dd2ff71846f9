package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// exhibit is something that people hand in at /verify, and what the page makes of it.
type exhibit struct {
	name string
	tone string // of the strip
	text string // pasted
	file string // chosen
	asks string // typed as the candidate's address
}

// TestVerdictsInBrowser looks at the page of every verdict, at the form for many and at records, in
// every language.
func TestVerdictsInBrowser(t *testing.T) {
	b := newChromium(t)
	s := startServer(t, func(c *config) { c.insecureFetch = true })
	badge := s.award(t, passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3))
	list := exhibits(t, s, badge)
	for _, lang := range []string{"en", "es", "fr"} {
		t.Run(lang, func(t *testing.T) {
			w := b.tab(t, s.base).open("/verify?lang=" + lang)
			w.look("60-verify", lang)
			for _, e := range list {
				w.handIn(e)
				w.look("61-"+e.name, lang)
				if w.text(".strip."+e.tone) == "" {
					t.Errorf("%s shows %q", e.name, w.text("main"))
				}
			}
			lookAtRecords(w, lang, badge)
			lookAtMany(w, lang, list, badge)
		})
	}
}

// handIn fills in the form and sends it.
func (w *tab) handIn(e exhibit) {
	w.t.Helper()
	w.open("/verify")
	if e.file != "" {
		w.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{e.file}))
	} else {
		w.do("paste", chromedp.SetValue(chromedp.CSS("#input"), e.text))
	}
	if e.asks != "" {
		w.fill("#recipient", e.asks)
	}
	w.click("button.primary")
}

func lookAtRecords(w *tab, lang, badge string) {
	w.handIn(exhibit{text: badge + "/credential.jwt"})
	w.click("button[value=page]").look("62-record", lang)
	signed := w.text("pre.letter-text")
	w.handIn(exhibit{text: signed})
	w.look("63-record-known", lang)
	w.handIn(exhibit{text: signed[:len(signed)-6] + "AAAAAA"})
	w.look("64-record-altered", lang)
}

func lookAtMany(w *tab, lang string, list []exhibit, badge string) {
	w.open("/verify/many").look("65-many", lang)
	var links []string
	for _, e := range list {
		if strings.HasPrefix(e.text, "http") {
			links = append(links, e.text)
		}
	}
	w.do("paste", chromedp.SetValue(chromedp.CSS("#input"), strings.Join(append(links, badge, badge+"/assertion.json"), "\n")))
	w.click("button.primary")
	for deadline := time.Now().Add(patience); w.text("a[href$='results.csv']") == ""; w.click("a.primary") {
		if time.Now().After(deadline) {
			w.t.Fatalf("not finished: %s", w.text("main"))
		}
	}
	w.look("66-run", lang)
	w.open("/verify/many/gone").look("67-run-gone", lang)
}

// exhibits has one for each verdict.
func exhibits(t *testing.T, s *stage, badge string) []exhibit {
	folder := t.TempDir()
	strangers := newStrangers(t)
	jwt := string(get200(t, badge+"/credential.jwt"))
	dot := strings.LastIndexByte(jwt, '.') + 10
	altered := jwt[:dot] + map[bool]string{true: "B", false: "A"}[jwt[dot] == 'A'] + jwt[dot+1:]
	file := func(name string, data []byte) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	list := []exhibit{
		{name: "valid", tone: "ok", text: badge},
		{name: "valid-file", tone: "ok", file: file("badge.png", get200(t, badge+"/badge.png"))},
		{name: "wrong-recipient", tone: "bad", text: badge + "/credential.jwt", asks: "ben@work.test"},
		{name: "altered", tone: "bad", text: altered},
		{name: "not-a-badge", tone: "neutral", file: file("screenshot.png", get200(t, badge+"/image.png"))},
		{name: "not-a-badge-pdf", tone: "neutral", file: file("certificate.pdf", []byte("%PDF-1.7\n"))},
		{name: "not-shared", tone: "neutral", text: s.base + "/badges/AAAAAAAAAAAAAAAAAAAAAAAA"},
		{name: "unknown-issuer", tone: "neutral", text: strangers.URL + "/assertion.json"},
		{name: "invalid", tone: "bad", text: strangers.URL + "/broken.json"},
		{name: "undetermined", tone: "neutral", text: strangers.URL + "/busy.json"},
		{name: "expired", tone: "warn", text: strangers.URL + "/expired.json"},
	}
	return append(list,
		exhibit{name: "suspended", tone: "warn", text: s.changed(t, "eva@home.test", "suspend")},
		exhibit{name: "revoked", tone: "bad", text: s.changed(t, "hal@home.test", "revoke")},
		exhibit{name: "superseded", tone: "info", text: s.renewed(t)})
}

// changed is a badge that its issuer suspended or revoked.
func (s *stage) changed(t *testing.T, email, verb string) (badge string) {
	t.Helper()
	badge = s.award(t, passed("R-"+verb, "NL-100", email, "Eva Lind", 5))
	s.call(t, http.StatusOK, "/awards/"+badge[strings.LastIndexByte(badge, '/')+1:]+"/"+verb, map[string]string{"reason": "under review"}, nil)
	return badge
}

// renewed is the credential of a badge that was renewed after it was downloaded.
func (s *stage) renewed(t *testing.T) (jwt string) {
	t.Helper()
	s.call(t, http.StatusCreated, "/results", passed("R-210", "NL-210", "ben@work.test", "Ben Okafor", 300), nil)
	var r receipt
	s.call(t, http.StatusCreated, "/results", passed("R-220", "NL-220", "ben@work.test", "Ben Okafor", 299), &r)
	for _, d := range r.Decisions {
		if d.Reason != "certification_earned" {
			continue
		}
		if err := s.acceptAs(t.Context(), "ben@work.test", "Ben Okafor", d.Award); err != nil {
			t.Fatal(err)
		}
		jwt = string(get200(t, s.base+"/badges/"+d.Award+"/credential.jwt"))
	}
	signed := time.Now()
	eventually(t, "a later second", func() bool { return time.Since(signed) > time.Second })
	s.call(t, http.StatusCreated, "/results", passed("R-211", "NL-210", "ben@work.test", "Ben Okafor", 1), &r)
	return jwt
}

// get200 is what an address answers.
func get200(t *testing.T, address string) []byte {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, answer.Status, err)
	}
	return body
}

func serveJSON(mux *http.ServeMux, path, body string) {
	mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/ld+json")
		_, _ = io.WriteString(w, body)
	})
}

// newStrangers is a server of another issuer.
func newStrangers(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	const context = `"@context":"https://w3id.org/openbadges/v2"`
	assertion := func(name, more string) {
		serveJSON(mux, "/"+name+".json", fmt.Sprintf(`{%s,"type":"Assertion","id":"%s/%s.json","recipient":{"type":"email","hashed":false,"identity":"ana@home.test"},
			"badge":"%[2]s/class.json","verification":{"type":"HostedBadge"},"issuedOn":"2026-03-04T10:00:00Z"%[4]s}`, context, server.URL, name, more))
	}
	assertion("assertion", "")
	assertion("expired", `,"expires":"2026-04-04T10:00:00Z"`)
	assertion("broken", `,"expires":"next year"`)
	serveJSON(mux, "/class.json", fmt.Sprintf(`{%s,"type":"BadgeClass","id":"%[2]s/class.json","name":"Cloud Hero","description":"Knows clouds from above.","image":"%[2]s/image.svg","criteria":{"narrative":"Pass."},"issuer":"%[2]s/issuer.json"}`, context, server.URL))
	serveJSON(mux, "/issuer.json", fmt.Sprintf(`{%s,"type":"Issuer","id":"%[2]s/issuer.json","name":"Certs and Sons","url":"%[2]s","email":"certs@home.test"}`, context, server.URL))
	mux.HandleFunc("/image.svg", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>`)
	})
	mux.HandleFunc("/busy.json", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	return server
}
