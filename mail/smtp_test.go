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

// TestRepliesAreToldApart is the table of what relays really say: only what condemns the address or the
// letter itself ends it.
func TestRepliesAreToldApart(t *testing.T) {
	const notUTF8 = "Non-ASCII addresses not permitted"
	for _, c := range []struct {
		at    stage
		code  int
		text  string
		want  standing
		about string
	}{
		{stageRcpt, 550, "5.1.1 <ana@home.test>: Recipient address rejected: User unknown in local recipient table", badAddress, "Postfix"},
		{stageRcpt, 550, "5.1.1 The email account that you tried to reach does not exist.", badAddress, "Gmail"},
		{stageRcpt, 550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", badAddress, "Exchange"},
		{stageRcpt, 550, "5.1.2 Host unknown", badAddress, "no such domain"},
		{stageRcpt, 501, "5.1.3 Bad recipient address syntax", badAddress, "no address"},
		{stageRcpt, 551, "5.1.6 The mailbox has moved", badAddress, "moved"},
		{stageRcpt, 550, "5.2.1 The email account that you tried to reach is disabled.", badAddress, "disabled"},
		{stageEnd, 550, "5.1.1 user unknown", badAddress, "a proxy that asks on late"},
		{stageRcpt, 550, "<ana@home.test> is unknown here", badAddress, "no enhanced code"},
		{stageRcpt, 550, "No such user here", badAddress, "no enhanced code"},
		{stageRcpt, 550, "5.0.0 Mailbox not found", badAddress, "an enhanced code that says nothing"},
		{stageMail, 552, "5.3.4 Message size exceeds fixed limit", badLetter, "RFC 1870"},
		{stageMail, 552, "message size exceeds fixed maximum", badLetter, "no enhanced code"},
		{stageEnd, 552, "5.2.3 Message exceeds maximum size", badLetter, "Gmail"},
		{stageEnd, 554, "5.6.0 Message content cannot be converted", badLetter, "content"},

		{stageRcpt, 554, "5.7.1 <ana@home.test>: Relay access denied", later, "not our relay"},
		{stageRcpt, 553, "5.7.1 <badges@acme.example>: Sender address rejected: not owned by user", later, "Postfix says it at RCPT"},
		{stageRcpt, 550, "5.7.1 Client host rejected: cannot find your hostname", later, "reverse DNS"},
		{stageRcpt, 550, "5.7.1 Authentication required", later, "sign-in"},
		{stageRcpt, 530, "5.7.0 Must issue a STARTTLS command first", later, "TLS"},
		{stageRcpt, 550, "5.4.5 Daily user sending limit exceeded", later, "Gmail's quota"},
		{stageEnd, 554, "5.7.0 Too many unsolicited messages; quota exceeded", later, "quota"},
		{stageEnd, 554, "Message rejected: Email address is not verified. The following identities failed the check", later, "the sandbox of SES"},
		{stageEnd, 550, "5.7.60 SMTP; Client does not have permissions to send as this sender", later, "Exchange Online"},
		{stageEnd, 550, "5.7.26 This mail is unauthenticated, DMARC", later, "Gmail"},
		{stageEnd, 554, "spam", later, "a filter, of today"},
		{stageRcpt, 550, "Requested action not taken: mailbox unavailable", later, "RFC 5321: also said for reasons of policy"},
		{stageRcpt, 550, "relaying denied: unknown user or address", later, "both at once"},
		{stageRcpt, 552, "5.2.2 Mailbox full", later, "full"},
		{stageRcpt, 552, "Requested mail action aborted: exceeded storage allocation", later, "full, no enhanced code"},
		{stageEnd, 552, "Quota exceeded for this mailbox", later, "full, said late"},
		{stageRcpt, 553, "5.6.7 " + notUTF8, later, "no SMTPUTF8"},
		{stageRcpt, 550, "5.1.1 <badges@acme.example>: Sender address rejected: User unknown in local recipient table", later, "our sender, at RCPT"},
		{stageRcpt, 550, "5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.", later, "Gmail, too much at once"},
		{stageRcpt, 550, "5.2.1 The user you are trying to contact is receiving mail too quickly", later, "Gmail, too much at once"},
		{stageRcpt, 550, "4.1.1 User unknown, try again later", later, "two codes that contradict each other"},
		{stageRcpt, 550, "5.1.1 <ana@home.test>: Recipient address rejected: User unknown in relay recipient table", badAddress, "Postfix in front of another server"},
		{stageRcpt, 556, "5.1.10 Recipient address has null MX", badAddress, "RFC 7505"},
		{stageMail, 550, "5.1.8 Bad sender's system address", later, "our sender"},
		{stageMail, 550, "5.1.1 unknown", later, "our sender"},
		{stageMail, 550, "User unknown", later, "our sender"},
		{stageData, 530, "sign in first", later, "sign-in"},
		{stageData, 503, "5.5.1 Bad sequence of commands", later, "protocol"},
		{stageRcpt, 554, "5.3.2 System not accepting network messages", later, "the system"},
		{stageRcpt, 450, "4.1.1 User unknown for now", later, "greylisted"},
		{stageRcpt, 451, "4.7.1 Greylisted, try again later", later, "greylisted"},
		{stageEnd, 452, "4.3.1 Insufficient system storage", later, "disk full"},
		{stageRcpt, 421, "4.3.2 shutting down", later, "going down"},
	} {
		t.Run(c.about+" "+c.text, func(t *testing.T) {
			r := newRelay(t, nil)
			s := newSender(t, "smtp://"+r.address)
			reply := map[stage]error{c.at: &smtp.SMTPError{Code: c.code, EnhancedCode: smtp.NoEnhancedCode, Message: c.text}}
			if c.at == stageData { // which the relay of these tests cannot answer on its own
				if got := standingOf(c.at, c.code, c.text); got != c.want {
					t.Errorf("got %v, want %v", got, c.want)
				}
				return
			}
			r.say(reply[stageMail], reply[stageRcpt], reply[stageEnd])
			err := s.Send(context.Background(), letter())
			if err == nil || Permanent(err) != (c.want != later) || NoSuchAddress(err) != (c.want == badAddress) || Doubtful(err) {
				t.Errorf("got %v: permanent %v, no such address %v, want %v", err, Permanent(err), NoSuchAddress(err), c.want)
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

// TestRelayThatFallsSilent knows from when on another attempt would mail the letter twice: once the relay has
// its end.
func TestRelayThatFallsSilent(t *testing.T) {
	for _, c := range []struct {
		after    string // the line after which the relay says no more and hangs up
		doubtful bool
	}{
		{"", false}, {"MAIL", false}, {"RCPT", false}, {"DATA", false}, {".", true},
	} {
		t.Run(c.after, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				if c.after == "" {
					return
				}
				text := textproto.NewConn(conn)
				_ = text.PrintfLine("220 hi")
				inLetter := false
				for {
					line, err := text.ReadLine()
					if err != nil || strings.HasPrefix(line, c.after) && (c.after != "." || line == ".") {
						return
					}
					switch {
					case line == "DATA":
						inLetter = true
						_ = text.PrintfLine("354 go on")
					case !inLetter:
						_ = text.PrintfLine("250 fine")
					}
				}
			}()
			err = newSender(t, "smtp://"+l.Addr().String()).Send(context.Background(), letter())
			if err == nil || Permanent(err) || Doubtful(err) != c.doubtful {
				t.Errorf("got %v, doubtful %v, want %v", err, Doubtful(err), c.doubtful)
			}
		})
	}
}

// TestTimesOfRFC5321 are at least those that §4.5.3.2 asks for.
func TestTimesOfRFC5321(t *testing.T) {
	for name, c := range map[string][2]time.Duration{
		"greeting": {greetingTimeout, 5 * time.Minute}, "MAIL": {mailTimeout, 5 * time.Minute}, "RCPT": {rcptTimeout, 5 * time.Minute},
		"DATA": {dataTimeout, 2 * time.Minute}, "block": {blockTimeout, 3 * time.Minute}, "end": {endTimeout, 10 * time.Minute},
		"all": {Patience, greetingTimeout + mailTimeout + rcptTimeout + dataTimeout + blockTimeout + endTimeout},
	} {
		if c[0] < c[1] {
			t.Errorf("%s: got %v, want %v", name, c[0], c[1])
		}
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
	if err := newSender(t, "smtp://"+old.address).Send(context.Background(), l); err == nil || Permanent(err) {
		t.Errorf("got %v, want an error that another relay may mend", err)
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
