package mail

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/templates"
)

func newMailbox(t *testing.T) (*Mailbox, string, *httptest.Server) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "mail", "box")
	b, err := NewMailbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b)
	t.Cleanup(func() {
		server.Close()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b, dir, server
}

func send(t *testing.T, b *Mailbox, l Letter) {
	t.Helper()
	if err := b.Send(context.Background(), l); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, server *httptest.Server, path string) (int, http.Header, string) {
	t.Helper()
	resp, err := http.Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

var hrefLetter = regexp.MustCompile(`href="(/mailbox/[^"/]+)"`)

func TestMailboxShowsLettersNewestFirst(t *testing.T) {
	b, _, server := newMailbox(t)
	if _, _, body := get(t, server, "/mailbox"); strings.Contains(body, "<li><p>") {
		t.Error("an empty mailbox lists letters")
	}
	for _, subject := range []string{"first", "second", "third <b>"} {
		l := letter()
		l.Subject = subject
		send(t, b, l)
	}
	status, h, body := get(t, server, "/mailbox/")
	first, second, third := strings.Index(body, "first"), strings.Index(body, "second"), strings.Index(body, "third &lt;b&gt;")
	if status != 200 || third < 0 || third > second || second > first {
		t.Errorf("got %d, positions %d %d %d", status, third, second, first)
	}
	if h.Get("Content-Security-Policy") != pagePolicy || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("got headers %v", h)
	}
	if !strings.Contains(body, "ana@home.test") {
		t.Error("the list does not show the recipient")
	}
}

func TestMailboxShowsALetter(t *testing.T) {
	b, dir, server := newMailbox(t)
	picture := []byte("\x89PNG pretended")
	l := letter()
	l.Subject, l.Lang = "Tu código <471 902>", "es"
	l.Text = "Escribe allí este código:\n\n  471 902\n\n(https://x.test/claim/a_b). https://x.test/claim/a_b https://x.test/<b>\n"
	l.HTML = `<!doctype html><html><head lang="es"><title>x</title></head><body><img src="cid:p1"><img src="cid:p1x"><a href="https://x.test/claim/a_b">¡Hola!</a><script>alert(1)</script></body></html>`
	l.Inline = []Inline{{"p1", "image/png", picture}, {"p1x", "image/svg+xml", []byte("<svg/>")}}
	if err := b.SetFrom("Acmé <badges@acme.example>"); err != nil {
		t.Fatal(err)
	}
	send(t, b, l)
	_, _, list := get(t, server, "/mailbox")
	address := hrefLetter.FindStringSubmatch(list)[1]
	status, h, page := get(t, server, address)
	if status != 200 || h.Get("Content-Security-Policy") != pagePolicy {
		t.Errorf("got %d, %v", status, h)
	}
	for _, want := range []string{
		"Tu código &lt;471 902&gt;", "Acmé &lt;badges@acme.example&gt;", "Ana Ruiz &lt;ana@home.test&gt;", ">471 902<", `href="https://x.test/claim/a_b"`,
		`<iframe`, `sandbox="allow-popups allow-popups-to-escape-sandbox"`, `src="` + address + `/html"`, `href="` + address + `.eml"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	_, h, html := get(t, server, address+"/html")
	if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox allow-popups") || strings.Contains(csp, "script") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("got frame policy %q", csp)
	}
	for _, want := range []string{
		`<head lang="es"><base target="_blank">`, `<img src="data:image/png;base64,` + base64.StdEncoding.EncodeToString(picture) + `">`, `<img src="cid:p1x">`, "¡Hola!",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the frame lacks %s:\n%s", want, html)
		}
	}
	_, h, raw := get(t, server, address+".eml")
	stored, err := os.ReadFile(filepath.Join(dir, filepath.Base(address)+".eml"))
	if err != nil || raw != string(stored) || h.Get("Content-Type") != "message/rfc822" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("got %v, %v for the file", h, err)
	}
}

func TestMailboxKeepsLettersForItself(t *testing.T) {
	b, dir, _ := newMailbox(t)
	send(t, b, letter())
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("got %v, %v, want one file", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	if info, err = os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got folder mode %v, %v, want 0700", info.Mode(), err)
	}
	again, err := NewMailbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if names, err := again.names(); err != nil || len(names) != 1 {
		t.Errorf("after a restart: got %v, %v", names, err)
	}
}

func TestMailboxIsRobustToStrangeFiles(t *testing.T) {
	b, dir, server := newMailbox(t)
	send(t, b, letter())
	outside := filepath.Join(t.TempDir(), "secret.eml")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(outside, "Subject: secret\r\n\r\nsecret")
	write(filepath.Join(dir, "empty.eml"), "")
	write(filepath.Join(dir, "noise.eml"), "\x00\xff\xfe no letter <script>alert(1)</script>")
	write(filepath.Join(dir, "latin.eml"), "Subject: =?iso-8859-1?q?Caf=E9?=\r\nDate: never\r\nContent-Type: text/plain; charset=ISO-8859-1\r\n\r\nCaf\xe9")
	write(filepath.Join(dir, "broken.eml"), "Subject: broken\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+!!\r\n--x\r\nContent-Type: \"\r\n\r\ntext")
	write(filepath.Join(dir, "notes.txt"), "Subject: not listed")
	write(filepath.Join(dir, ".hidden.eml"), "Subject: not listed")
	write(filepath.Join(dir, `"quote.eml`), "Subject: not listed")
	for link, target := range map[string]string{"link.eml": outside, "inside.eml": "empty.eml", "dangling.eml": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.eml"), 0o700); err != nil {
		t.Fatal(err)
	}
	status, _, body := get(t, server, "/mailbox")
	if n := len(hrefLetter.FindAllString(body, -1)); status != 200 || n != 5 || strings.Contains(body, "not listed") || strings.Contains(body, "secret") || !strings.Contains(body, "Café") {
		t.Errorf("got %d with %d letters\n%s", status, n, body)
	}
	for path, want := range map[string]string{
		"/mailbox/empty": "empty.eml", "/mailbox/noise": "&lt;script&gt;", "/mailbox/latin": "Café", "/mailbox/broken": "broken/html", "/mailbox/broken/html": "<b>", "/mailbox/noise/html": "<base",
	} {
		if status, _, body := get(t, server, path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: got %d without %q\n%s", path, status, want, body)
		}
	}
	for _, path := range []string{
		"/mailbox/link", "/mailbox/link.eml", "/mailbox/inside", "/mailbox/dangling", "/mailbox/folder", "/mailbox/folder.eml", "/mailbox/folder/html", "/mailbox/notes.txt", "/mailbox/.hidden.eml", "/mailbox/nobody",
		"/mailbox/..%2f..%2fsecret", "/mailbox/..%2f..%2fsecret.eml", "/mailbox/%2e%2e", "/mailbox/a%00b", "/mailbox/" + strings.Repeat("a", 300), "/mailbox/x/y/z", "/other",
	} {
		if status, _, body := get(t, server, path); status != 404 || strings.Contains(body, "secret") {
			t.Errorf("%s: got %d, want 404", path, status)
		}
	}
	if resp, err := http.Post(server.URL+"/mailbox/empty", "", nil); err != nil || resp.StatusCode != 405 {
		t.Errorf("POST: got %v, %v, want 405", resp, err)
	}
}

func TestMailboxPagesThroughMany(t *testing.T) {
	_, dir, server := newMailbox(t)
	const letters = 2*perPage + 5
	for range letters {
		if err := os.WriteFile(filepath.Join(dir, newName()), []byte("Subject: x\r\n\r\nx"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	more, pages := regexp.MustCompile(`href="(/mailbox\?before=[^"]+)"`), 0
	for path := "/mailbox"; path != ""; pages++ {
		_, _, body := get(t, server, path)
		for _, m := range hrefLetter.FindAllStringSubmatch(body, -1) {
			seen[m[1]] = true
		}
		path = ""
		if m := more.FindStringSubmatch(body); m != nil {
			path = m[1]
		}
	}
	if len(seen) != letters || pages != 3 {
		t.Errorf("got %d letters on %d pages, want %d on 3", len(seen), pages, letters)
	}
}

func TestMailboxTakesManyLettersAtATime(t *testing.T) {
	b, _, server := newMailbox(t)
	var senders sync.WaitGroup
	for range 30 {
		senders.Go(func() {
			if err := b.Send(context.Background(), letter()); err != nil {
				t.Error(err)
			}
			if resp, err := http.Get(server.URL + "/mailbox"); err != nil || resp.StatusCode != 200 {
				t.Errorf("list: %v", err)
			}
		})
	}
	senders.Wait()
	if names, err := b.names(); err != nil || len(names) != 30 {
		t.Errorf("got %d letters, %v, want 30", len(names), err)
	}
}

func TestMailboxThatCannotWriteSaysSo(t *testing.T) {
	b, dir, server := newMailbox(t)
	l := letter()
	l.To.Address = "nobody"
	if err := b.Send(context.Background(), l); !Permanent(err) {
		t.Errorf("bad address: got %v, want a permanent error", err)
	}
	if err := b.store("taken.eml", nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.eml"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := b.store("folder.eml", nil); err == nil {
		t.Error("got no error for a name that is taken by a folder")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("an unfinished file was left: %v", entries)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := b.Send(context.Background(), letter()); err == nil || Permanent(err) {
		t.Errorf("folder removed: got %v, want a temporary error", err)
	}
	if status, _, _ := get(t, server, "/mailbox/x"); status != 404 {
		t.Errorf("folder removed: got %d, want 404", status)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewMailbox(dir); err == nil {
		t.Error("got no error for a file in the folder's place")
	}
	if err := b.SetFrom("nobody"); err == nil {
		t.Error("got no error for a bad sender")
	}
}

func TestMailboxUsesTheFrameItIsGiven(t *testing.T) {
	b, _, server := newMailbox(t)
	b.Page = func(*http.Request) templates.Page { return templates.Page{Lang: "fr", Site: "Northwind Credentials"} }
	if _, _, body := get(t, server, "/mailbox"); !strings.Contains(body, `lang="fr"`) || !strings.Contains(body, "Northwind Credentials") {
		t.Errorf("got\n%s", body)
	}
}

func TestLinksAndCodesAreFound(t *testing.T) {
	text := "See https://a.test/x?y=1&z=2. (http://b.test/), https://c.test/w(1) https://a.test/x?y=1&z=2!\r\n  123456 is no code\r\n 471 902\r\nftp://no"
	want := []string{"https://a.test/x?y=1&z=2", "http://b.test/", "https://c.test/w(1)"}
	got := links(text)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i].URL != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	if c := code(text); c != "471 902" {
		t.Errorf("got code %q", c)
	}
	if c := code("call 123 456\n1234567\n12 3456\n"); c != "" {
		t.Errorf("got code %q, want none", c)
	}
}

func TestMailboxFrameIsBounded(t *testing.T) {
	l := &received{HTML: strings.Repeat(`<img src="cid:p">`, 1000), Inline: []Inline{{"p", "image/png", make([]byte, 1<<20)}}}
	begin := time.Now()
	if n := len(frame(l)); n > 2*mostShown {
		t.Errorf("got %d bytes after %v, want few", n, time.Since(begin))
	}
}

// A frame is about as tall as its letter: more words and pictures make it taller, what is not shown does not, and nothing
// makes it endless.
func TestFrameHeight(t *testing.T) {
	short := height("<p>Hello</p>")
	for name, html := range map[string]string{
		"more lines":    "<p>Hello</p><p>Ana</p>",
		"a longer line": "<p>" + strings.Repeat("Hello ", 20) + "</p>",
		"a picture":     `<p>Hello</p><img src="cid:a">`,
	} {
		if got := height(html); got <= short {
			t.Errorf("%s: got %d, want more than %d", name, got, short)
		}
	}
	if got := height("<head><title>" + strings.Repeat("x", 1000) + "</title></head><style>" + strings.Repeat("x", 1000) + "</style><!-- x -->\n\n<p>Hello</p>"); got != short {
		t.Errorf("what is not shown: got %d, want %d", got, short)
	}
	if got := height(strings.Repeat("<p>x</p>", 100000)); got != heightMost {
		t.Errorf("got %d, want %d", got, heightMost)
	}
}
