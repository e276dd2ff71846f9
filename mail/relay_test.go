package mail

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// relay is a real SMTP server in this process that takes every letter unless told otherwise.
type relay struct {
	address string
	server  *smtp.Server

	mu          sync.Mutex
	mail, rcpt  error // what it answers to these commands
	data        error
	letters     []delivered
	connections int
}

type delivered struct {
	From, To string
	Data     string
	TLS      bool
	User     string
	UTF8     bool
}

type relaySession struct {
	r *relay
	c *smtp.Conn
	d delivered
}

func (s *relaySession) Reset()        { s.d = delivered{User: s.d.User} }
func (s *relaySession) Logout() error { return nil }

func (s *relaySession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *relaySession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "ana" || password != "pass@word" {
			return errors.New("wrong password")
		}
		s.d.User = user
		return nil
	}), nil
}

func (s *relaySession) Mail(from string, o *smtp.MailOptions) error {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.d.From, s.d.UTF8 = from, o.UTF8
	return s.r.mail
}

func (s *relaySession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.d.To = to
	return s.r.rcpt
}

func (s *relaySession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	if s.r.data != nil {
		return s.r.data
	}
	s.d.Data = string(b)
	_, s.d.TLS = s.c.TLSConnectionState()
	s.r.letters = append(s.r.letters, s.d)
	return nil
}

// newRelay starts a relay; change prepares its server.
func newRelay(t *testing.T, change func(*smtp.Server)) *relay {
	t.Helper()
	r := &relay{}
	r.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.connections++
		return &relaySession{r: r, c: c}, nil
	}))
	r.server.Domain = "relay.test"
	if change != nil {
		change(r.server)
	}
	r.listen(t, "127.0.0.1:0")
	t.Cleanup(func() { _ = r.server.Close() })
	return r
}

func (r *relay) listen(t *testing.T, address string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	r.address = l.Addr().String()
	go func() { _ = r.server.Serve(l) }()
}

// say sets the answers.
func (r *relay) say(mail, rcpt, data error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mail, r.rcpt, r.data = mail, rcpt, data
}

func (r *relay) got() []delivered {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]delivered(nil), r.letters...)
}

func (r *relay) connected() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.connections
}

func withTLS(t *testing.T) func(*smtp.Server) {
	config := &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}}
	return func(s *smtp.Server) { s.TLSConfig = config }
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"relay.test"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func newSender(t *testing.T, url string) *SMTP {
	t.Helper()
	s, err := NewSMTP(url, "Acmé Certification <badges@acme.example>")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func letter() Letter {
	return Letter{To: Address{"Ana Ruiz", "ana@home.test"}, Subject: "Ana, you earned AZ-800", Text: "Claim it.\n.\nEnd\n", Lang: "en"}
}
