package mail

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var sender = &mail.Address{Name: "Acmé Certification", Address: "badges@acme.example"}

// node is a MIME part as it was written.
type node struct {
	Type     string
	Encoding string
	ID       string
	Text     string
	Parts    []node
}

func parse(t *testing.T, data []byte) (mail.Header, node) {
	t.Helper()
	for i, line := range strings.SplitAfter(string(data), "\r\n") {
		if len(line) > 1000 || strings.ContainsAny(strings.TrimSuffix(line, "\r\n"), "\r\n") {
			t.Errorf("line %d is too long or ends badly: %q", i, line)
		}
	}
	msg, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return msg.Header, parseNode(t, header(msg.Header), msg.Body)
}

// header is what net/mail's and mime/multipart's headers have in common.
type header map[string][]string

func (h header) get(key string) string { return mail.Header(h).Get(key) }

// subjectOf is a header value in UTF-8.
func subjectOf(t *testing.T, s string) string {
	t.Helper()
	decoded, err := new(mime.WordDecoder).DecodeHeader(s)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(decoded), " ")
}

// decodeBody undoes the transfer encoding.
func decodeBody(encoding string, body io.Reader) []byte {
	switch encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, _ := io.ReadAll(body)
	return b
}

func parseNode(t *testing.T, h header, body io.Reader) node {
	t.Helper()
	kind, params, err := mime.ParseMediaType(h.get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	n := node{Type: kind, Encoding: h.get("Content-Transfer-Encoding"), ID: h.get("Content-ID")}
	if !strings.HasPrefix(kind, "multipart/") {
		n.Text = string(decodeBody(n.Encoding, body))
		if strings.HasPrefix(kind, "text/") && params["charset"] != "UTF-8" {
			t.Errorf("%s has charset %q", kind, params["charset"])
		}
		return n
	}
	for parts := multipart.NewReader(body, params["boundary"]); ; {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		n.Parts = append(n.Parts, parseNode(t, header(p.Header), p))
	}
}

func TestLetterIsWrittenAsAgreed(t *testing.T) {
	l := Letter{
		To: Address{"Ana Ruiz Peña", "ana@home.test"}, ReplyTo: Address{"", "support@acme.example"},
		Subject: "Ana, has conseguido " + strings.Repeat("«Acme Cloud» ", 12), Text: "¡Hola!\n\nhttps://x.test/claim/" + strings.Repeat("9", 80) + "\n", HTML: "<p>¡Hola! <img src=\"cid:badge.png\"></p>",
		Inline: []Inline{{"badge.png", "image/png", []byte("\x89PNG…")}},
		Lang:   "es", Date: time.Date(2026, 3, 4, 11, 0, 0, 0, time.FixedZone("", 3600)),
		MessageID: "offer-a1.2", References: []string{"offer-a1.0", "offer-a1.1@old.example"},
		ListID: "badges", ListUnsubscribe: "https://badges.acme.example/stop/x7?lang=es",
		UnsubscribeMail: "help+badges@acme.example", UnsubscribeSubject: "stop x7",
	}
	m, err := compose(sender, l)
	if err != nil {
		t.Fatal(err)
	}
	h, got := parse(t, m.data)
	want := node{Type: "multipart/related", Parts: []node{
		{Type: "multipart/alternative", Parts: []node{
			{Type: "text/plain", Encoding: "quoted-printable", Text: strings.ReplaceAll(l.Text, "\n", "\r\n")},
			{Type: "text/html", Encoding: "quoted-printable", Text: l.HTML},
		}},
		{Type: "image/png", Encoding: "base64", ID: "<badge.png>", Text: "\x89PNG…"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parts: want -, got +\n%s", diff)
	}
	headers := map[string]string{}
	for name := range h {
		if name != "Content-Type" {
			headers[name] = subjectOf(t, h.Get(name))
		}
	}
	wantHeaders := map[string]string{
		"From": `"Acmé Certification" <badges@acme.example>`, "To": "Ana Ruiz Peña <ana@home.test>", "Reply-To": "<support@acme.example>",
		"Subject": strings.TrimSpace(l.Subject), "Date": "Wed, 04 Mar 2026 10:00:00 +0000", "Mime-Version": "1.0",
		"Message-Id": "<offer-a1.2@acme.example>", "References": "<offer-a1.0@acme.example> <offer-a1.1@old.example>", "In-Reply-To": "<offer-a1.1@old.example>",
		"List-Id": "<badges.acme.example>", "List-Unsubscribe": "<https://badges.acme.example/stop/x7?lang=es>, <mailto:help+badges@acme.example?subject=stop%20x7>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Auto-Submitted": "auto-generated", "Content-Language": "es",
	}
	wantHeaders["From"] = "Acmé Certification <badges@acme.example>"
	if diff := cmp.Diff(wantHeaders, headers); diff != "" {
		t.Errorf("headers: want -, got +\n%s", diff)
	}
}

func TestCodeLetterHasNoListHeadersAndIsOnePart(t *testing.T) {
	m, err := compose(sender, letter())
	if err != nil {
		t.Fatal(err)
	}
	h, got := parse(t, m.data)
	if got.Type != "text/plain" || h.Get("List-Unsubscribe")+h.Get("List-Id")+h.Get("List-Unsubscribe-Post")+h.Get("References") != "" {
		t.Errorf("got %+v with %v", got, h)
	}
	if again, _ := compose(sender, letter()); again.id == m.id {
		t.Error("two letters without a message id share one")
	}
}

// Nothing that comes from outside may begin a header, a recipient or a part of its own.
func TestInjectionIsRefused(t *testing.T) {
	const evil = "x\r\nBcc: victim@home.test"
	for name, change := range map[string]func(*Letter){
		"address":         func(l *Letter) { l.To.Address = "ana@home.test\r\nBcc: b@c.test" },
		"second address":  func(l *Letter) { l.To.Address = "ana@home.test>, <b@c.test" },
		"address list":    func(l *Letter) { l.To.Address = "ana@home.test, b@c.test" },
		"no address":      func(l *Letter) { l.To.Address = "" },
		"bad domain":      func(l *Letter) { l.To.Address = "ana@ho me.test" },
		"domain":          func(l *Letter) { l.To.Address = "ana@-bad-.test" },
		"long address":    func(l *Letter) { l.To.Address = strings.Repeat("a", 250) + "@home.test" },
		"name":            func(l *Letter) { l.To.Name = evil },
		"nul":             func(l *Letter) { l.To.Name = "a\x00" },
		"reply address":   func(l *Letter) { l.ReplyTo.Address = "a@b.test\nBcc: b@c.test" },
		"no reply":        func(l *Letter) { l.ReplyTo.Address = "nobody" },
		"subject":         func(l *Letter) { l.Subject = evil },
		"bare lf":         func(l *Letter) { l.Subject = "x\nBcc: b@c.test" },
		"next line":       func(l *Letter) { l.Subject = "x\u0085Bcc: b@c.test" },
		"long subject":    func(l *Letter) { l.Subject = strings.Repeat("x", 1000) },
		"language":        func(l *Letter) { l.Lang = evil },
		"message id":      func(l *Letter) { l.MessageID = evil },
		"message id ends": func(l *Letter) { l.MessageID = "a> <b" },
		"references":      func(l *Letter) { l.References = []string{"a b"} },
		"list id":         func(l *Letter) { l.ListID = "a>b" },
		"unsubscribe":     func(l *Letter) { l.ListUnsubscribe = "https://x.test/\r\nBcc: b@c.test" },
		"unsubscribe mail": func(l *Letter) {
			l.ListUnsubscribe, l.UnsubscribeMail = "https://x.test/", "a@b.test>,<http://evil.test"
		},
		"unsubscribe subject": func(l *Letter) { l.ListUnsubscribe, l.UnsubscribeSubject = "https://x.test/", "stop\r\nBcc: b@c.test" },
		"unsubscribe end":     func(l *Letter) { l.ListUnsubscribe = "https://x.test/>,<mailto:b@c.test" },
		"script":              func(l *Letter) { l.ListUnsubscribe = "javascript:alert(1)" },
		"content id":          func(l *Letter) { l.HTML, l.Inline = "x", []Inline{{"a\r\nX: y", "image/png", nil}} },
		"media type":          func(l *Letter) { l.HTML, l.Inline = "x", []Inline{{"a", "image/png\r\nX: y", nil}} },
		"not a picture":       func(l *Letter) { l.HTML, l.Inline = "x", []Inline{{"a", "text/html", nil}} },
		"lost picture":        func(l *Letter) { l.Inline = []Inline{{"a", "image/png", nil}} },
		"file name":           func(l *Letter) { l.Files = []File{{"../a.ics", "text/calendar", nil}} },
		"file type":           func(l *Letter) { l.Files = []File{{"a.ics", "text/calendar\r\nX: y", nil}} },
		"no file type":        func(l *Letter) { l.Files = []File{{"a.ics", "", nil}} },
		"no text":             func(l *Letter) { l.Text, l.HTML = "", "x" },
	} {
		l := letter()
		change(&l)
		m, err := compose(sender, l)
		if err == nil {
			t.Errorf("%s: got\n%s", name, m.data)
			continue
		}
		if !Permanent(err) || strings.Contains(err.Error(), "@home") {
			t.Errorf("%s: got %v, want a permanent error without addresses", name, err)
		}
	}
}

func TestWhatIsOnlyStrangeArrives(t *testing.T) {
	l := letter()
	l.To = Address{`=?utf-8?q?Evil?= "quoted", \ <x@y.test>`, "Abc..def.@ｄｏｃｏｍｏ.test"} // quoted where it is sent to
	l.Subject = "broken \xff bytes =?utf-8?q?=0D=0ABcc:_x?= 🎓 \u2028end"
	l.Text = "\rBcc: x\r--boundary\r\n.\r\n\x00" + strings.Repeat("long ", 1000)
	m, err := compose(sender, l)
	if err != nil {
		t.Fatal(err)
	}
	h, _ := parse(t, m.data)
	to, err := mail.ParseAddressList(h.Get("To"))
	if err != nil || len(to) != 1 || to[0].Address != "abc..def.@docomo.test" || !strings.Contains(to[0].Name, `= ?utf-8?q?Evil?= "quoted"`) {
		t.Errorf("got recipients %+v, %v", to, err)
	}
	if got := subjectOf(t, h.Get("Subject")); got != "broken ? bytes = ?utf-8?q?=0D=0ABcc:_x?= 🎓 end" || h.Get("Bcc") != "" {
		t.Errorf("got subject %q", got)
	}
	r := newRelay(t, nil)
	if err := newSender(t, "smtp://"+r.address).Send(context.Background(), l); err != nil {
		t.Error(err)
	}
	if got := r.letters; len(got) != 1 || got[0].To != "abc..def.@docomo.test" { // the relay took the quotes off
		t.Errorf("the relay got %+v", got)
	}
}
