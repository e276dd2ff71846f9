package mail

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestLetterIsReadAsItWasWritten(t *testing.T) {
	l := letter()
	l.HTML, l.Inline = "<p>¡Hola! – ñ</p>", []Inline{{"p1", "image/png", []byte{0, 1, 2, 255}}}
	m, err := compose(sender, l)
	if err != nil {
		t.Fatal(err)
	}
	want := &received{
		From: "Acmé Certification <badges@acme.example>", To: `Ana Ruiz <ana@home.test>`, Subject: l.Subject, Lang: "en",
		Text: strings.ReplaceAll(l.Text, "\n", "\r\n"), HTML: l.HTML, Inline: l.Inline,
	}
	got := readLetter(bytes.NewReader(m.data))
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(received{}), cmpopts.IgnoreFields(received{}, "At")); diff != "" || got.At.IsZero() {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func TestReadingIsBounded(t *testing.T) {
	var deep, wide strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		fmt.Fprintf(&wide, "--w\r\nContent-Type: image/png\r\nContent-ID: <%d>\r\n\r\nx\r\n", i)
	}
	deep.WriteString("Content-Type: text/plain\r\n\r\ndeep")
	if l := readLetter(strings.NewReader(deep.String())); l.Text != "" || l.parts > mostDepth+2 {
		t.Errorf("deep: got %d parts and %q", l.parts, l.Text)
	}
	if l := readLetter(strings.NewReader("Content-Type: multipart/mixed; boundary=w\r\n\r\n" + wide.String())); len(l.Inline) != mostParts-1 {
		t.Errorf("wide: got %d pictures, want %d", len(l.Inline), mostParts-1)
	}
	endless := strings.NewReader("Subject: x\r\n\r\n" + strings.Repeat("x", mostLetter+100))
	if l := readLetter(endless); len(l.Text) >= mostLetter {
		t.Errorf("endless: got %d bytes", len(l.Text))
	}
}

// FuzzReadLetter reads what may lie in the mailbox's folder and makes everything the pages show.
func FuzzReadLetter(f *testing.F) {
	for _, l := range []Letter{letter(), {To: Address{"ñ", "a@b.test"}, Text: "x", HTML: "<head><img src=cid:p>", Inline: []Inline{{"p", "image/png", []byte("x")}}}} {
		m, err := compose(sender, l)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(m.data)
	}
	f.Add([]byte("Subject: =?iso-8859-1?b?/w==?=\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n\r\n123 456\r\n--x\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html; charset=latin1\r\n\r\n=FF=\r\n--x--"))
	f.Add([]byte("\r\n\r\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		l := readLetter(bytes.NewReader(data))
		for _, s := range []string{l.From, l.To, l.Subject, l.Lang, l.Text, l.HTML, code(l.Text)} {
			if !utf8.ValidString(s) {
				t.Errorf("got %q, which is not UTF-8", s)
			}
		}
		for _, s := range []string{l.From, l.To, l.Subject, l.Lang} {
			if strings.ContainsAny(s, "\r\n") {
				t.Errorf("got header %q on several lines", s)
			}
		}
		for _, link := range links(l.Text) {
			if !strings.HasPrefix(link.URL, "http") || strings.ContainsAny(link.URL, " \"<>\n") {
				t.Errorf("got link %q", link.URL)
			}
		}
		_ = frame(l)
		_ = readTop(bytes.NewReader(data))
	})
}
