package main

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// relay is a real SMTP server; what it takes over can be read.
type relay struct {
	address string
	letters chan received
	refusal atomic.Pointer[smtp.SMTPError] // what it answers to every recipient; nil: it takes them
	stalled atomic.Bool                    // it takes no letter over, but says nothing for long
}

// received is a letter as it arrived.
type received struct {
	to, subject string
	header      mail.Header
	text        string
	raw         []byte
}

func newRelay(t *testing.T) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{address: l.Addr().String(), letters: make(chan received, 100)}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &relaySession{r: r}, nil }))
	server.Domain = "relay.test"
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return r
}

// relaySession is one connection.
type relaySession struct {
	r  *relay
	to string
}

func (*relaySession) Reset()                               {}
func (*relaySession) Logout() error                        { return nil }
func (*relaySession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *relaySession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if refusal := s.r.refusal.Load(); refusal != nil {
		return refusal
	}
	return nil
}

func (s *relaySession) Data(r io.Reader) error {
	l, err := readLetter(r)
	l.to = s.to
	if err == nil {
		s.r.letters <- l
	}
	for ; s.r.stalled.Load(); time.Sleep(10 * time.Millisecond) { // another process waits for it
	}
	return err
}

// readLetter reads the header and the plain text of a letter.
func readLetter(r io.Reader) (l received, err error) {
	if l.raw, err = io.ReadAll(r); err != nil {
		return l, err
	}
	m, err := mail.ReadMessage(bytes.NewReader(l.raw))
	if err != nil {
		return l, err
	}
	l.header = m.Header
	if l.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return l, err
	}
	l.text, err = plainText(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return l, err
}

// plainText is the first text/plain part, however deep.
func plainText(contentType, encoding string, body io.Reader) (string, error) {
	media, parameters, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return "", err
	case media == "text/plain":
		if strings.EqualFold(encoding, "quoted-printable") {
			body = quotedprintable.NewReader(body)
		}
		text, err := io.ReadAll(body)
		return string(text), err
	case !strings.HasPrefix(media, "multipart/"):
		return "", nil
	}
	for parts := multipart.NewReader(body, parameters["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err != nil {
			return "", err
		}
		text, err := plainText(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
		if err != nil || text != "" {
			return text, err
		}
	}
}

// next waits for the next letter, which must be for that address.
func (r *relay) next(t *testing.T, to string) received {
	t.Helper()
	select {
	case l := <-r.letters:
		if l.to != to {
			t.Fatalf("a letter %q came for %s, want one for %s", l.subject, l.to, to)
		}
		return l
	case <-time.After(20 * time.Second):
		t.Fatalf("no letter came for %s", to)
		return received{}
	}
}

// find is the only group of a pattern in the text of the letter.
func (l received) find(t *testing.T, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(l.text)
	if len(found) != 2 {
		t.Fatalf("the letter %q has no %s:\n%s", l.subject, pattern, l.text)
	}
	return found[1]
}

// claimLink is the link of an offer.
func (l received) claimLink(t *testing.T) string {
	return l.find(t, `(?m)^(http\S+/claim/[^/\s]+)\r?$`)
}

// code is the six digits of a letter with a code.
func (l received) code(t *testing.T) string {
	t.Helper()
	return strings.ReplaceAll(l.find(t, `(?m)^\s*(\d{3} ?\d{3})\r?$`), " ", "")
}
