package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"sync"
	"time"
)

// How long a relay may take (RFC 5321 §4.5.3.2): one that gives up earlier than the other side mails the same
// letter again and again.
const (
	greetingTimeout = 5 * time.Minute // with EHLO, STARTTLS and sign-in
	mailTimeout     = 5 * time.Minute
	rcptTimeout     = 5 * time.Minute
	dataTimeout     = 2 * time.Minute
	blockTimeout    = 3 * time.Minute
	endTimeout      = 10 * time.Minute

	// Patience is longer than all of them together for a letter of a few blocks.
	Patience = 40 * time.Minute
)

const (
	connectTimeout = 15 * time.Second // for TCP
	resetTimeout   = 15 * time.Second // for an idle connection to show that it lives
	idleTimeout    = 10 * time.Second // for a connection that further letters may use
	idleMost       = 8
	slow           = time.Second // a relay that takes so long to be found missing is left alone a while
	breather       = 5 * time.Second
)

// SMTP sends letters through a relay. It may be used by many goroutines at a time; each has a
// connection of its own while it sends, and a few are kept open for the next letters of a burst.
type SMTP struct {
	host, port     string
	tls, loopback  bool
	user, password string
	from           *mail.Address

	mu        sync.Mutex
	idle      []*session
	sweep     *time.Timer
	down      error
	downUntil time.Time
}

// NewSMTP reads smtp://user:password@host:port, which uses STARTTLS when the relay offers it, or
// smtps://…, which begins with TLS. Ports are 587 (25 without a user) and 465 unless given. The
// certificate is checked except on the loopback interface, and a password is never sent in clear
// except there. from is "Name <address>".
func NewSMTP(relay, from string) (*SMTP, error) {
	u, err := url.Parse(relay)
	if err != nil {
		return nil, errors.New("SMTP address is malformed") // the cause would show the password
	}
	s := &SMTP{host: u.Hostname(), port: u.Port(), tls: u.Scheme == "smtps"}
	if u.Scheme != "smtp" && u.Scheme != "smtps" || s.host == "" || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return nil, errors.New("SMTP address must be smtp://user:password@host:port or smtps://…")
	}
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	if s.port == "" {
		s.port = defaultPort(s.tls, s.user != "")
	}
	ip := net.ParseIP(s.host)
	s.loopback = s.host == "localhost" || ip != nil && ip.IsLoopback()
	if s.from, err = parseFrom(from); err != nil {
		return nil, err
	}
	return s, nil
}

func defaultPort(tls, user bool) string {
	if tls {
		return "465"
	}
	if user {
		return "587"
	}
	return "25"
}

func parseFrom(from string) (*mail.Address, error) {
	a, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("sender %q: want Name <address>", from)
	}
	return parseAddress(Address(*a))
}

// Send hands the letter to the relay and returns when that has taken it over. Errors name no address; Permanent tells
// whether sending the same letter again can help, Doubtful whether it would probably arrive twice.
func (s *SMTP) Send(ctx context.Context, l Letter) error {
	m, err := compose(s.from, l)
	if err != nil {
		return err
	}
	c, err := s.connection(ctx)
	if err != nil {
		return temporary("connect to mail relay", err)
	}
	err = c.deliver(ctx, s.from, m)
	if c.broken {
		c.close()
		return err
	}
	s.keep(c)
	return err
}

// connection is an idle one that still answers, or a new one.
func (s *SMTP) connection(ctx context.Context) (*session, error) {
	for c := s.takeIdle(); c != nil; c = s.takeIdle() {
		if c.reset(ctx) == nil {
			return c, nil
		}
		c.close()
	}
	s.mu.Lock()
	down, until := s.down, s.downUntil
	s.mu.Unlock()
	if time.Now().Before(until) {
		return nil, fmt.Errorf("not tried again yet: %w", down)
	}
	begin := time.Now()
	c, err := s.open(ctx)
	if err != nil && time.Since(begin) > slow && ctx.Err() == nil {
		s.mu.Lock()
		s.down, s.downUntil = err, time.Now().Add(breather)
		s.mu.Unlock()
	}
	return c, err
}

func (s *SMTP) takeIdle() *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.idle)
	if n == 0 {
		return nil
	}
	c := s.idle[n-1]
	s.idle = s.idle[:n-1]
	return c
}

// keep leaves a connection open for a little while.
func (s *SMTP) keep(c *session) {
	s.mu.Lock()
	full := len(s.idle) == idleMost
	if !full {
		s.idle = append(s.idle, c)
		if s.sweep == nil {
			s.sweep = time.AfterFunc(idleTimeout, s.Close)
		}
		s.sweep.Reset(idleTimeout)
	}
	s.mu.Unlock()
	if full {
		c.quit()
	}
}

// Close ends the connections that no letter is using. The sender may still be used afterwards.
func (s *SMTP) Close() {
	for c := s.takeIdle(); c != nil; c = s.takeIdle() {
		c.quit()
	}
}
