// Package identity is how somebody signs in with what others keep for them: at a provider of OpenID Connect, and with
// a passkey. It speaks the protocols and says who somebody is there; whose account that is here says earner. It stores
// that a sign-in was used and the challenges of passkeys, and no secret in clear.
package identity

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/refusal"
)

// The codes of refusals.
const (
	Unknown     = "not_found"            // no such provider
	Foreign     = "sign_in_foreign"      // it did not begin in this browser
	TooOld      = "sign_in_expired"      // it took longer than half an hour
	Used        = "sign_in_used"         // the answer of a provider came a second time
	Denied      = "sign_in_denied"       // the person, or the provider, said no
	Untrue      = "sign_in_untrue"       // what came back does not fit what was asked
	Unavailable = "provider_unavailable" // it cannot be reached, or answers nonsense
)

// The kinds of providers.
const (
	Personal = "personal"
	Work     = "work"
)

// Provider is a provider of OpenID Connect, as the configuration names it.
type Provider struct {
	Name         string // in addresses
	Label        string // for people
	Kind         string // Personal or Work
	Issuer       string
	ClientID     string
	ClientSecret string
	Domains      []string // of addresses that it is believed about; "*": all
}

// Options are the parts and facts that Providers are made of.
type Options struct {
	DB        *database.DB
	Secret    []byte // seals what goes to a provider and comes back
	Providers []Provider
	BaseURL   string            // no slash at its end
	Transport http.RoundTripper // the guarded way out
	Now       func() time.Time  // nil: time.Now
}

// Providers signs people in at providers. It is safe for concurrent use, also by several processes on one database.
type Providers struct {
	db      *database.DB
	seal    seal
	baseURL string
	clock   func() time.Time
	list    []*client
}

// NewProviders asks no provider anything: one that is down harms nobody but those who sign in there.
func NewProviders(o Options) *Providers {
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Providers{db: o.DB, seal: newSeal(o.Secret), baseURL: o.BaseURL, clock: o.Now}
	for _, provider := range o.Providers {
		p.list = append(p.list, &client{
			Provider: provider, http: &http.Client{Transport: o.Transport, Timeout: patience}, now: o.Now,
			redirect: o.BaseURL + "/sign-in/" + provider.Name + "/callback",
		})
	}
	return p
}

// patience is how long a provider has for one answer.
const patience = 8 * time.Second

// List are all providers, in the order of the configuration. No Providers have none.
func (p *Providers) List() (list []Provider) {
	if p == nil {
		return nil
	}
	for _, c := range p.list {
		list = append(list, c.Provider)
	}
	return list
}

// Provider finds one by its name.
func (p *Providers) Provider(name string) (Provider, bool) {
	c, err := p.client(name)
	if err != nil {
		return Provider{}, false
	}
	return c.Provider, true
}

func (p *Providers) client(name string) (*client, error) {
	if p == nil {
		return nil, refusal.New(Unknown, "There is no such provider.")
	}
	k := slices.IndexFunc(p.list, func(c *client) bool { return c.Name == name })
	if k < 0 {
		return nil, refusal.New(Unknown, "There is no such provider.")
	}
	return p.list[k], nil
}

// Attempt is a sign-in at a provider. It goes there and comes back sealed, as the state.
type Attempt struct {
	Provider string `json:"p"`
	Account  string `json:"a,omitempty"` // that the identity is to be connected to; empty: to sign in
	Replaces string `json:"r,omitempty"` // the identity whose place it takes
	Return   string `json:"t,omitempty"` // path to go on to
	Choose   bool   `json:"c,omitempty"` // asks the provider to let the person choose an account
	Lang     string `json:"l,omitempty"`

	ID      string `json:"i"` // nonce and verifier follow from it
	Expires int64  `json:"e"`
}

// attemptLife is how long somebody may take at the provider.
const attemptLife = 30 * time.Minute

// Begin is the address at the provider at which an attempt goes on. It changes nothing here: the answer counts in this
// browser only, and once.
func (p *Providers) Begin(ctx context.Context, browser string, a Attempt) (string, error) {
	c, err := p.client(a.Provider)
	if err != nil {
		return "", err
	}
	known, err := c.discover(ctx)
	if err != nil {
		return "", err
	}
	a.ID, a.Expires = rand.Text(), p.clock().Add(attemptLife).Unix()
	state, err := p.seal.close(a, browser)
	if err != nil {
		return "", fmt.Errorf("seal a sign-in: %w", err)
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(p.seal.derive("nonce", a.ID)), oauth2.S256ChallengeOption(p.seal.derive("verifier", a.ID))}
	if a.Choose {
		options = append(options, oauth2.SetAuthURLParam("prompt", "select_account"))
	}
	if a.Lang != "" {
		options = append(options, oauth2.SetAuthURLParam("ui_locales", a.Lang))
	}
	return c.config(known).AuthCodeURL(state, options...), nil
}

// Person is who somebody is at a provider. Provider and Subject name them; the rest is what it says of them.
type Person struct {
	Provider
	Subject  string
	Address  string // in its one spelling, as told; empty: none
	Believed bool   // that Address is theirs: verified there, in a domain that the provider is believed about
	FullName string
}

// Finish takes the answer of a provider, which came in this browser. The attempt is told with every refusal but Unknown and Foreign,
// so that the person can go on where they were.
func (p *Providers) Finish(ctx context.Context, name, browser string, answer url.Values) (Attempt, Person, error) {
	c, err := p.client(name)
	if err != nil {
		return Attempt{}, Person{}, err
	}
	var a Attempt
	if err := p.seal.open(answer.Get("state"), browser, &a); err != nil || a.Provider != name {
		return Attempt{}, Person{}, refusal.New(Foreign, "This sign-in did not begin in this browser.")
	}
	if p.clock().Unix() >= a.Expires {
		return a, Person{}, refusal.New(TooOld, "This sign-in took too long.")
	}
	if err := use(ctx, p.db, a.ID, a.Expires); err != nil {
		return a, Person{}, err
	}
	known, err := c.discover(ctx)
	if err != nil {
		return a, Person{}, err
	}
	// RFC 9207: the answer of one provider is not taken for that of another.
	if iss := answer.Get("iss"); iss != c.Issuer && (iss != "" || known.namesItself) {
		return a, Person{}, refusal.New(Untrue, "The answer names another provider.")
	}
	if answer.Get("error") != "" {
		return a, Person{}, refusal.New(Denied, "The provider says no: "+shorten(answer.Get("error"))+".")
	}
	person, err := c.exchange(ctx, known, answer.Get("code"), p.seal.derive("verifier", a.ID), p.seal.derive("nonce", a.ID))
	return a, person, err
}

// use notes that what was sealed under an id came back; once.
func use(ctx context.Context, db *database.DB, id string, expires int64) error {
	var fresh int64
	err := db.InTx(ctx, func(t *database.Tx) (err error) {
		fresh, err = t.Exec(ctx, `
			INSERT INTO identity_used (attempt, expires_at)
			VALUES (?, ?)
			ON CONFLICT (attempt) DO NOTHING`, digest(id), time.Unix(expires, 0).UTC())
		return err
	})
	if err != nil {
		return fmt.Errorf("note that a sign-in was used: %w", err)
	}
	if fresh == 0 {
		return refusal.New(Used, "This sign-in was used.")
	}
	return nil
}

// Forget deletes what nobody can use any more. Nothing depends on it but the size of the database.
func (p *Providers) Forget(ctx context.Context) error {
	return p.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			DELETE FROM identity_used
			WHERE expires_at <= ?`, p.clock().UTC().Truncate(time.Second))
		return err
	})
}

// EndSession is the address at the provider at which somebody signs out there too; empty where it has none.
func (p *Providers) EndSession(ctx context.Context, name string) string {
	c, err := p.client(name)
	if err != nil {
		return ""
	}
	known, err := c.discover(ctx)
	if err != nil || known.endSession == "" {
		return ""
	}
	u, err := url.Parse(known.endSession)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	q := u.Query()
	q.Set("client_id", c.ClientID)
	q.Set("post_logout_redirect_uri", p.baseURL+"/")
	u.RawQuery = q.Encode()
	return u.String()
}

// shorten keeps what a stranger wrote to a word.
func shorten(text string) string {
	text = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r == '_' {
			return r
		}
		return -1
	}, text)
	return text[:min(len(text), 40)]
}

// believes reports whether the provider's word about an address counts.
func (p Provider) believes(address string) bool {
	domain := address[strings.LastIndexByte(address, '@')+1:]
	return slices.ContainsFunc(p.Domains, func(d string) bool { return d == "*" || strings.EqualFold(d, domain) })
}

// claims are what the provider says of a person. Some write a truth as text.
type claims struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"`
	Name     string `json:"name"`
	Username string `json:"preferred_username"`
}

func (c claims) verified() bool { return c.Verified == true || c.Verified == "true" }

// person is who the claims are about.
func (p Provider) person(subject string, c claims) Person {
	who := Person{Provider: p, Subject: subject, FullName: c.Name}
	if address, ok := email.Canonical(c.Email); ok {
		who.Address = address
		who.Believed = c.verified() && p.believes(address)
	}
	return who
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// derive is a secret of an attempt that is stored nowhere.
func (s seal) derive(what, id string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(what + "\x00" + id))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// unavailable is the refusal for a provider that cannot be used now. Why is for the log.
func unavailable(err error) error {
	return errors.Join(refusal.New(Unavailable, "The provider cannot be reached, or does not answer as it should."), err)
}
