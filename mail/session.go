package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// session is one connection to the relay, after EHLO, STARTTLS and AUTH.
type session struct {
	*smtp.Client
	conn   net.Conn
	broken bool // its state is unknown; it must be closed
}

// open connects. Whatever fails here concerns the relay or our settings, never a letter.
func (s *SMTP) open(ctx context.Context) (*session, error) {
	address := net.JoinHostPort(s.host, s.port)
	config := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.loopback}
	dialer := net.Dialer{Timeout: connectTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	stop := limit(ctx, conn, greetingTimeout)
	defer stop()
	if s.tls {
		conn = tls.Client(conn, config)
	}
	client, err := smtp.NewClient(conn, s.host)
	if err == nil {
		err = s.greet(client, config)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &session{Client: client, conn: conn}, nil
}

func (s *SMTP) greet(c *smtp.Client, config *tls.Config) error {
	if err := c.Hello(helloName()); err != nil {
		return err
	}
	if offered, _ := c.Extension("STARTTLS"); offered && !s.tls {
		if err := c.StartTLS(config); err != nil {
			return fmt.Errorf("STARTTLS: %w", err)
		}
	}
	if s.user == "" {
		return nil
	}
	auth, err := s.auth(c)
	if err != nil {
		return err
	}
	if err := c.Auth(auth); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

// auth chooses how to sign in; in clear only with methods that do not show the password.
func (s *SMTP) auth(c *smtp.Client) (smtp.Auth, error) {
	_, offered := c.Extension("AUTH")
	methods := strings.Fields(strings.ToUpper(offered))
	_, encrypted := c.TLSConnectionState()
	private := encrypted || s.loopback
	switch {
	case slices.Contains(methods, "SCRAM-SHA-256"):
		return smtp.ScramSHA256Auth(s.user, s.password), nil
	case private && slices.Contains(methods, "PLAIN"):
		return smtp.PlainAuth("", s.user, s.password, s.host, true), nil
	case private && slices.Contains(methods, "LOGIN"):
		return smtp.LoginAuth(s.user, s.password, s.host, true), nil
	case slices.Contains(methods, "CRAM-MD5"):
		return smtp.CRAMMD5Auth(s.user, s.password), nil
	case private:
		return nil, fmt.Errorf("relay offers no way to sign in that we know, but %q", offered)
	}
	return nil, errors.New("relay offers no encryption; the password is not sent in clear")
}

func helloName() string {
	if name, err := os.Hostname(); err == nil && aListID.MatchString(name) {
		return name
	}
	return "localhost"
}

// limit bounds what is done with a connection, by time and by the context, until stop is called.
func limit(ctx context.Context, conn net.Conn, most time.Duration) (stop func() bool) {
	_ = conn.SetDeadline(time.Now().Add(most))
	return context.AfterFunc(ctx, func() { _ = conn.SetDeadline(longAgo) })
}

// extend gives the next step its time, within limit. The context may end at any moment: whichever of the
// two comes last, the deadline is then past.
func extend(ctx context.Context, conn net.Conn, most time.Duration) {
	_ = conn.SetDeadline(time.Now().Add(most))
	if ctx.Err() != nil {
		_ = conn.SetDeadline(longAgo)
	}
}

var longAgo = time.Unix(1, 0)

// deliver sends one message. Replies to MAIL and RCPT leave the connection usable.
func (c *session) deliver(ctx context.Context, from *mail.Address, m *message) error {
	stop := limit(ctx, c.conn, mailTimeout)
	defer func() {
		if !stop() { // the context ended meanwhile and spoiled the deadline
			c.broken = true
		}
	}()
	if err := c.envelope(ctx, from, m.to); err != nil {
		return err
	}
	extend(ctx, c.conn, dataTimeout)
	w, err := c.Data()
	if err != nil {
		return c.failed(stageData, err)
	}
	for block := range slices.Chunk(m.data, 64<<10) {
		extend(ctx, c.conn, blockTimeout)
		if _, err := w.Write(block); err != nil {
			return c.failed(stageText, err)
		}
	}
	if err := c.Text.W.Flush(); err != nil { // so that from here on only the dot is left to send
		return c.failed(stageText, err)
	}
	extend(ctx, c.conn, endTimeout)
	if err := w.Close(); err != nil {
		return c.failed(stageEnd, err)
	}
	return nil
}

func (c *session) envelope(ctx context.Context, from, to *mail.Address) error {
	utf8 := !isASCII(to.Address)
	if offered, _ := c.Extension("SMTPUTF8"); utf8 && !offered { // another relay may
		return temporary(string(stageRcpt), errors.New("the relay does not take addresses beyond ASCII"))
	}
	c.SkipSMTPUTF8(!utf8) // asked for without need, later relays may refuse the letter
	if err := c.Mail((&mail.Address{Address: from.Address}).String()); err != nil {
		return c.failed(stageMail, err)
	}
	extend(ctx, c.conn, rcptTimeout)
	if err := c.Rcpt((&mail.Address{Address: to.Address}).String()); err != nil {
		return c.failed(stageRcpt, err)
	}
	return nil
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e })
}

// reset checks that the connection lives and forgets what was begun on it.
func (c *session) reset(ctx context.Context) error {
	stop := limit(ctx, c.conn, resetTimeout)
	err := c.Reset()
	if !stop() {
		return ctx.Err()
	}
	return err
}

func (c *session) quit() {
	_ = c.conn.SetDeadline(time.Now().Add(time.Second))
	_ = c.Quit()
	c.close()
}

func (c *session) close() { _ = c.conn.Close() }
