package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

func TestLettersGoOutBySTARTTLSWithPassword(t *testing.T) {
	r := newRelay(t, withTLS(t))
	s := newSender(t, "smtp://ana:pass%40word@"+r.address)
	l := letter()
	l.To.Address = "ana@bücher.example"
	if err := s.Send(context.Background(), l); err != nil {
		t.Fatal(err)
	}
	got := r.got()
	if len(got) != 1 {
		t.Fatalf("got %d letters, want 1", len(got))
	}
	d := got[0]
	if !d.TLS || d.User != "ana" || d.From != "badges@acme.example" || d.To != "ana@xn--bcher-kva.example" || d.UTF8 {
		t.Errorf("got %+v", d)
	}
	if !strings.Contains(d.Data, "Claim it.\r\n.\r\nEnd\r\n") {
		t.Errorf("a line of one dot did not arrive:\n%s", d.Data)
	}
}

func TestLettersGoOutByImplicitTLSAndInClear(t *testing.T) {
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}})
	if err != nil {
		t.Fatal(err)
	}
	r := newRelay(t, func(s *smtp.Server) { s.AllowInsecureAuth = true })
	go func() { _ = r.server.Serve(l) }()
	for _, url := range []string{"smtps://ana:pass%40word@" + l.Addr().String(), "smtp://ana:pass%40word@" + r.address, "smtp://" + r.address + "/"} {
		if err := newSender(t, url).Send(context.Background(), letter()); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	if n := len(r.got()); n != 3 {
		t.Errorf("got %d letters, want 3", n)
	}
}

func TestRepliesAreToldApart(t *testing.T) {
	reply := func(code int, text string) error { return &smtp.SMTPError{Code: code, Message: text} }
	ok, unknown := error(nil), reply(550, "<ana@home.test> is unknown here")
	for name, c := range map[string]struct {
		mail, rcpt, data error
		permanent        bool
	}{
		"unknown recipient":      {ok, unknown, ok, true},
		"greylisted":             {ok, reply(451, "later"), ok, false},
		"content refused":        {ok, ok, reply(554, "spam"), true},
		"content refused now":    {ok, ok, reply(452, "disk full"), false},
		"too large":              {reply(552, "too large"), ok, ok, true},
		"our sender refused":     {reply(550, "not you"), ok, ok, false},
		"wants a sign-in":        {ok, reply(530, "sign in first"), ok, false},
		"relay going down":       {ok, reply(421, "bye"), ok, false},
		"sender refused for now": {reply(451, "later"), ok, ok, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRelay(t, nil)
			s := newSender(t, "smtp://"+r.address)
			r.say(c.mail, c.rcpt, c.data)
			err := s.Send(context.Background(), letter())
			if err == nil || Permanent(err) != c.permanent {
				t.Errorf("got %v, permanent %v, want %v", err, Permanent(err), c.permanent)
			}
			if err != nil && strings.Contains(err.Error(), "home.test") {
				t.Errorf("the error names an address: %v", err)
			}
			r.say(nil, nil, nil)
			if err := s.Send(context.Background(), letter()); err != nil {
				t.Errorf("the next letter: %v", err)
			}
		})
	}
}

func TestSettingsThatAreWrongAreNoFaultOfTheLetter(t *testing.T) {
	r := newRelay(t, withTLS(t))
	plain := newRelay(t, nil) // offers no sign-in without TLS
	for _, url := range []string{"smtp://ana:wrong@" + r.address, "smtp://ana:pass%40word@" + plain.address, "smtps://" + r.address} {
		err := newSender(t, url).Send(context.Background(), letter())
		if err == nil || Permanent(err) {
			t.Errorf("%s: got %v, want a temporary error", url, err)
		}
	}
	if n := len(r.got()); n != 0 {
		t.Errorf("got %d letters, want none", n)
	}
}

// scripted answers like a relay that offers what the lines say, whatever is sent.
func scripted(t *testing.T, hello string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			text := textproto.NewConn(c)
			_ = text.PrintfLine("220 hi")
			for {
				line, err := text.ReadLine()
				if err != nil {
					break
				}
				if strings.HasPrefix(line, "EHLO") {
					_ = text.PrintfLine("%s", hello)
					continue
				}
				if strings.HasPrefix(line, "AUTH PLAIN") || strings.HasPrefix(line, "AUTH LOGIN") {
					t.Errorf("password sent in clear: %q", line)
				}
				_ = text.PrintfLine("535 no")
			}
		}
	}()
	return l.Addr().String()
}

func TestPasswordIsNotSentInClear(t *testing.T) {
	for _, offer := range []string{"250 AUTH PLAIN LOGIN", "250 AUTH CRAM-MD5 PLAIN", "250 AUTH SCRAM-SHA-256 PLAIN", "250 AUTH", "250 relay"} {
		s := newSender(t, "smtp://ana:secret@"+scripted(t, offer))
		s.loopback = false // as if it were elsewhere
		if err := s.Send(context.Background(), letter()); err == nil || Permanent(err) {
			t.Errorf("%s: got %v, want a temporary error", offer, err)
		}
	}
}

func TestCertificateIsCheckedExceptOnLoopback(t *testing.T) {
	r := newRelay(t, withTLS(t))
	s := newSender(t, "smtp://"+r.address)
	s.loopback = false
	if err := s.Send(context.Background(), letter()); err == nil || Permanent(err) {
		t.Errorf("got %v, want a temporary error about the certificate", err)
	}
	if n := len(r.got()); n != 0 {
		t.Errorf("got %d letters, want none", n)
	}
}

func TestBurstsUseFewConnectionsAndSurviveARestart(t *testing.T) {
	r := newRelay(t, nil)
	s := newSender(t, "smtp://"+r.address)
	for range 20 {
		if err := s.Send(context.Background(), letter()); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.connected(); got != 1 {
		t.Errorf("got %d connections for letters one after the other, want 1", got)
	}
	var senders sync.WaitGroup
	for range 12 {
		senders.Go(func() {
			if err := s.Send(context.Background(), letter()); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	if len(r.got()) != 32 || len(s.idle) > idleMost {
		t.Errorf("got %d letters and %d idle connections", len(r.got()), len(s.idle))
	}
	address := r.address
	_ = r.server.Close()
	err := s.Send(context.Background(), letter())
	if err == nil || Permanent(err) {
		t.Errorf("with the relay down: got %v, want a temporary error", err)
	}
	again := &relay{}
	again.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &relaySession{r: again, c: c}, nil
	}))
	again.listen(t, address)
	defer again.server.Close()
	if err := s.Send(context.Background(), letter()); err != nil || len(again.got()) != 1 {
		t.Errorf("after the restart: got %v and %d letters", err, len(again.got()))
	}
}

func TestSilentRelayEndsWithTheContextAndIsLeftAloneAWhile(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := newSender(t, "smtp://"+l.Addr().String())
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := s.Send(ctx, letter()); err == nil || Permanent(err) || time.Since(begin) > 5*time.Second {
		t.Errorf("got %v after %v, want a temporary error at once", err, time.Since(begin))
	}
	s.down, s.downUntil = io.ErrUnexpectedEOF, time.Now().Add(time.Minute)
	if err := s.Send(context.Background(), letter()); !errors.Is(err, io.ErrUnexpectedEOF) || Permanent(err) {
		t.Errorf("got %v, want what was found last time", err)
	}
}

func TestContextEndsALetterOnItsWay(t *testing.T) {
	r := newRelay(t, nil)
	s := newSender(t, "smtp://"+r.address)
	if err := s.Send(context.Background(), letter()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Send(ctx, letter()); err == nil || Permanent(err) {
		t.Errorf("got %v, want a temporary error", err)
	}
	if err := s.Send(context.Background(), letter()); err != nil {
		t.Errorf("the next letter: %v", err)
	}
}

func TestAddressesBeyondASCIINeedARelayThatKnowsThem(t *testing.T) {
	l := letter()
	l.To.Address = "añá@home.test"
	old := newRelay(t, nil)
	if err := newSender(t, "smtp://"+old.address).Send(context.Background(), l); !Permanent(err) {
		t.Errorf("got %v, want a permanent error", err)
	}
	r := newRelay(t, func(s *smtp.Server) { s.EnableSMTPUTF8 = true })
	s := newSender(t, "smtp://"+r.address)
	for _, l := range []Letter{l, letter()} {
		if err := s.Send(context.Background(), l); err != nil {
			t.Fatal(err)
		}
	}
	got := r.got()
	if got[0].To != "añá@home.test" || !got[0].UTF8 || got[1].UTF8 {
		t.Errorf("got %+v", got)
	}
}

func TestSettingsAreRead(t *testing.T) {
	for url, want := range map[string]string{
		"smtp://relay.test": "25", "smtp://u:p@relay.test": "587", "smtps://relay.test": "465", "smtp://relay.test:2525": "2525", "smtp://[::1]": "25",
	} {
		if s, err := NewSMTP(url, "badges@acme.example"); err != nil || s.port != want {
			t.Errorf("%s: got %+v, %v, want port %s", url, s, err, want)
		}
	}
	for _, url := range []string{"", "relay.test:25", "http://relay.test", "smtp://", "smtp://relay.test/inbox", "smtp://relay.test?tls=no", "smtp://u:secret%@x", "smtp://u:secret@rel ay"} {
		if _, err := NewSMTP(url, "badges@acme.example"); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want an error without the password", url, err)
		}
	}
	for _, from := range []string{"", "badges", "a@b.test, c@d.test", "A\r\nBcc: x@y.test <a@b.test>"} {
		if _, err := NewSMTP("smtp://relay.test", from); err == nil {
			t.Errorf("sender %q: got no error", from)
		}
	}
}
