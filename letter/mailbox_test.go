package letter

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/jobs"
	post "github.com/open-insignia/insignia/mail"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/templates/art"
)

// box is a mailbox on a database, as a server.
type box struct {
	*Office
	t      *testing.T
	server *httptest.Server
}

func newBox(t *testing.T, db *database.DB) *box {
	t.Helper()
	outbox := NewOutbox(db, jobs.New(db, slog.New(slog.DiscardHandler), time.Now), time.Now)
	svg := func(_ context.Context, achievement, lang string) (catalogue.Document, bool, error) {
		return catalogue.Document{Body: art.Badge(art.Design{Title: "Operador", Kind: "exam", Lang: lang})}, achievement+lang == "ach_1es", nil
	}
	b := &box{t: t, Office: &Office{
		Options: Options{Issuer: &issuer.Issuer{Offers: new(issuer.Offers)}, Outbox: outbox, Now: time.Now}, from: post.Address{Name: "Acmé", Address: "badges@acme.example"}, pictures: &thumbnails{svg: svg},
	}}
	b.server = httptest.NewServer(b.Mailbox(func(*http.Request) templates.Page { return templates.Page{Lang: "fr", Site: "Northwind Credentials"} }))
	t.Cleanup(b.server.Close)
	return b
}

// offer is one to Ana.
func offer(title string) written {
	return written{
		Letter: post.Letter{Lang: "es"}, to: recipient{Address: post.Address{Name: "Ana Ruiz", Address: "ana@home.test"}},
		content: templates.OfferLetter{
			Letter: templates.Letter{Lang: "es", Site: "Insignia", Issuer: templates.Text{Value: "Acmé"}, PrivacyURL: "https://x.test/privacy", StopURL: "https://x.test/stop/1"},
			Name:   "Ana Ruiz", ClaimURL: "https://x.test/claim/a_b", NotMeURL: "https://x.test/claim/a_b/not-me", Partner: "TestCo",
			Badges: []templates.LetterBadge{{Title: templates.Text{Value: title}, Issuer: templates.Text{Value: "Acmé"}, EarnedOn: time.Now(), CID: "p1"}},
		},
		pictures: []picture{{"p1", thumbnail{"ach_1", "es"}}},
	}
}

// keep has a letter come to the mailbox.
func (b *box) keep(kind string, w written) {
	b.t.Helper()
	ctx := b.t.Context()
	r := row{Kind: kind, About: "{}", Sandbox: true}
	err := b.Outbox.db.InTx(ctx, func(t *database.Tx) error {
		r.ID = b.Outbox.queue.NewID("ltr")
		return insertLetters(ctx, t, []row{r}, b.Outbox.time())
	})
	if err != nil {
		b.t.Fatal(err)
	}
	r.State, r.Recipient, r.Language = sent, w.to.Address.Address, w.Lang
	stays, err := b.hand(ctx, r, w)
	if err == nil {
		err = b.Outbox.db.InTx(ctx, func(t *database.Tx) error { return b.delivered(ctx, t, r, 1, stays) })
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) get(path string) (int, http.Header, string) {
	b.t.Helper()
	resp, err := http.Get(b.server.URL + path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

var hrefLetter = regexp.MustCompile(`href="(/mailbox/[^"/]+)"`)

func TestMailboxShowsLettersNewestFirst(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		b := newBox(t, db)
		if _, _, body := b.get("/mailbox"); strings.Contains(body, "<li><p>") {
			t.Error("an empty mailbox lists letters")
		}
		for _, subject := range []string{"first", "second", "third <b>"} {
			b.keep(issuer.LetterOffer, offer(subject))
		}
		status, h, body := b.get("/mailbox/")
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
		if !strings.Contains(body, `lang="fr"`) || !strings.Contains(body, "Northwind Credentials") {
			t.Errorf("the page has not the frame it was given:\n%s", body)
		}
	})
}

func TestMailboxShowsALetter(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		b := newBox(t, db)
		b.keep(issuer.LetterOffer, offer("Operador <b>"))
		_, _, list := b.get("/mailbox")
		address := hrefLetter.FindStringSubmatch(list)[1]
		status, h, page := b.get(address)
		if status != 200 || h.Get("Content-Security-Policy") != pagePolicy {
			t.Errorf("got %d, %v", status, h)
		}
		for _, want := range []string{
			"Operador &lt;b&gt;", "Acmé &lt;badges@acme.example&gt;", "Ana Ruiz &lt;ana@home.test&gt;", `href="https://x.test/claim/a_b"`,
			`<iframe`, `sandbox="allow-popups allow-popups-to-escape-sandbox"`, `src="` + address + `/html"`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
		status, h, html := b.get(address + "/html")
		if csp := h.Get("Content-Security-Policy"); status != 200 || !strings.HasPrefix(csp, "sandbox allow-popups") || strings.Contains(csp, "script") || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("got %d, frame policy %q", status, csp)
		}
		png, err := b.pictures.png(t.Context(), thumbnail{"ach_1", "es"})
		if err != nil || !bytes.HasPrefix(png, []byte("\x89PNG")) {
			t.Fatal(err)
		}
		for _, want := range []string{
			`<base target="_blank">`, ` src="data:image/png;base64,` + base64.StdEncoding.EncodeToString(png) + `"`, "Operador &lt;b&gt;", `href="https://x.test/claim/a_b`,
		} {
			if !strings.Contains(html, want) {
				t.Errorf("the frame lacks %s:\n%s", want, html)
			}
		}
		b.keep(code, written{to: recipient{Address: post.Address{Address: "ben@home.test"}}, content: templates.CodeLetter{Letter: templates.Letter{Lang: "en"}, Code: "471902", LinkURL: "https://x.test/confirm/1"}})
		_, _, list = b.get("/mailbox")
		if _, _, page := b.get(hrefLetter.FindStringSubmatch(list)[1]); !strings.Contains(page, ">471 902<") || !strings.Contains(page, "ben@home.test") {
			t.Errorf("got\n%s\nwant the code", page)
		}
	})
}

// Whatever strange place is asked for, nothing is there.
// TestMailboxHasTheFiles of letters: a letter about a renewal shows its deadline for download, and others have none.
func TestMailboxHasTheFiles(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		b := newBox(t, db)
		renew := templates.RenewalLetter{Letter: templates.Letter{Lang: "fr", StopList: templates.StopRenewals}, Name: "Ana", Title: templates.Text{Value: "Réseaux"}, State: templates.RenewalOpen, Expires: time.Now(), URL: "https://x.test/me/badges/1#renewal"}
		to := recipient{Address: post.Address{Address: "ana@home.test"}}
		b.keep(issuer.LetterRenewal, written{Letter: post.Letter{Lang: "fr"}, to: to, content: renew})
		_, _, list := b.get("/mailbox")
		address := hrefLetter.FindStringSubmatch(list)[1]
		if _, _, page := b.get(address); strings.Contains(page, calendarFile) {
			t.Error("a letter without a file shows one")
		}
		if status, _, _ := b.get(address + "/" + calendarFile); status != 404 {
			t.Errorf("its file answers %d", status)
		}
		deadline := templates.RenewalDeadline("fr", "1", renew.Title, time.Now(), renew.URL, time.Now())
		renew.Calendar = &deadline
		b.keep(issuer.LetterRenewal, written{Letter: post.Letter{Lang: "fr", Files: []post.File{{Name: calendarFile, Type: templates.CalendarType, Data: deadline.ICS()}}}, to: to, content: renew})
		_, _, list = b.get("/mailbox")
		address = hrefLetter.FindStringSubmatch(list)[1]
		if _, _, page := b.get(address); !strings.Contains(page, `href="`+address+"/"+calendarFile+`"`) {
			t.Errorf("no file in\n%s", page)
		}
		status, h, file := b.get(address + "/" + calendarFile)
		if status != 200 || h.Get("Content-Type") != templates.CalendarType || !strings.Contains(file, "SUMMARY;LANGUAGE=fr:Renouveler Réseaux\r\n") {
			t.Errorf("%d %v\n%s", status, h, file)
		}
	})
}

func TestMailboxIsRobustToStrangePlaces(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		b := newBox(t, db)
		b.keep(issuer.LetterOffer, offer("secret"))
		for _, path := range []string{
			"/mailbox/nobody", "/mailbox/nobody/html", "/mailbox/nobody.eml", "/mailbox/.hidden", "/mailbox/..%2f..%2fsecret", "/mailbox/%2e%2e", "/mailbox/a%00b", "/mailbox/%ff",
			"/mailbox/" + strings.Repeat("a", 300), "/mailbox/x/y/z", "/mailbox?before=%00", "/mailbox?before=%ff", "/other",
		} {
			if status, _, body := b.get(path); status != 404 || strings.Contains(body, "secret") {
				t.Errorf("%s: got %d, want 404", path, status)
			}
		}
		if resp, err := http.Post(b.server.URL+"/mailbox/nobody", "", nil); err != nil || resp.StatusCode != 405 {
			t.Errorf("POST: got %v, %v, want 405", resp, err)
		}
	})
}

func TestMailboxPagesThroughMany(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		b := newBox(t, db)
		const letters = 2*perPage + 5
		for n := range letters {
			b.keep(issuer.LetterOffer, offer(fmt.Sprint("letter ", n)))
		}
		seen := map[string]bool{}
		more, pages := regexp.MustCompile(`href="(/mailbox\?before=[^"]+)"`), 0
		for path := "/mailbox"; path != ""; pages++ {
			_, _, body := b.get(path)
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
	})
}

// What a relay would refuse for good the mailbox does not keep either.
func TestMailboxKeepsWhatCouldBeSent(t *testing.T) {
	b := newBox(t, databasetest.New(t))
	for name, change := range map[string]func(w *written){
		"bad address":            func(w *written) { w.to.Address.Address = "nobody" },
		"line break in a header": func(w *written) { w.Lang = "a\r\nBcc: b@c.test" },
		"no stop address":        func(w *written) { w.ListUnsubscribe = "nowhere" },
	} {
		w := offer("x")
		change(&w)
		if stays, err := b.hand(t.Context(), row{}, w); stays != nil || !post.Permanent(err) {
			t.Errorf("%s: got %v, %v, want a permanent error", name, stays, err)
		}
	}
}

func TestLinksAndCodesAreFound(t *testing.T) {
	text := "See https://a.test/x?y=1&z=2. (http://b.test/), https://c.test/w(1) https://a.test/x?y=1&z=2!\r\n  123456 is no code\r\n 471 902\r\nftp://no"
	want := []string{"https://a.test/x?y=1&z=2", "http://b.test/", "https://c.test/w(1)"}
	got := linksIn(text)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i].URL != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	if c := codeIn(text); c != "471 902" {
		t.Errorf("got code %q", c)
	}
	if c := codeIn("call 123 456\n1234567\n12 3456\n"); c != "" {
		t.Errorf("got code %q, want none", c)
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
	sentence := "<p>" + strings.Repeat("Hello <strong>Ana</strong>, ", 20) + "</p>"
	if broad, want := broadHeight(sentence), broadHeight(strings.NewReplacer("<strong>", "", "</strong>", "").Replace(sentence)); broad != want || broad >= height(sentence) {
		t.Errorf("on a large screen: got %d, want %d and less than %d", broad, want, height(sentence))
	}
	if got := broadHeight(strings.Repeat("<p>x</p>", 100000)); got != heightMost {
		t.Errorf("on a large screen: got %d, want %d", got, heightMost)
	}
}
