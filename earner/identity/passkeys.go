package identity

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"golang.org/x/net/idna"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

// The codes of refusals about passkeys, beside those above.
const (
	Stranger = "passkey_unknown" // no account here has it
	Cloned   = "passkey_cloned"  // its counter went back: there may be two of it
)

// Passkeys registers and checks passkeys (WebAuthn). It is safe for concurrent use, also by several processes on one
// database.
type Passkeys struct {
	web   *webauthn.WebAuthn
	db    *database.DB
	seal  seal
	clock func() time.Time
}

// NewPasskeys is nil, and no passkeys, for a base address that browsers make none for: one with a number in the place
// of a name.
func NewPasskeys(db *database.DB, secret []byte, baseURL, site string, now func() time.Time) *Passkeys {
	name, origin := relyingParty(baseURL)
	if name == "" {
		return nil
	}
	web, err := webauthn.New(&webauthn.Config{
		RPID: name, RPDisplayName: site, RPOrigins: []string{origin},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil { // a name that is none
		return nil
	}
	return &Passkeys{web: web, db: db, seal: newSeal(secret), clock: now}
}

// relyingParty is the name that passkeys of a site belong to, and the origin of its pages, as browsers write them
// (RFC 6454 §6.2); empty for a number.
func relyingParty(baseURL string) (name, origin string) {
	base, err := url.Parse(baseURL)
	if err != nil || net.ParseIP(base.Hostname()) != nil {
		return "", ""
	}
	name, err = idna.New(idna.MapForLookup(), idna.Transitional(false)).ToASCII(strings.TrimSuffix(base.Hostname(), "."))
	if err != nil {
		return "", ""
	}
	origin = base.Scheme + "://" + name
	if port := base.Port(); port != "" && port != map[string]string{"http": "80", "https": "443"}[base.Scheme] {
		origin += ":" + port
	}
	return name, origin
}

// Owner is an account as browsers and devices know it: by an id that tells nothing. Records are those of its passkeys.
type Owner struct {
	ID      string
	Name    string // that devices show
	Records []string
}

// Ceremony is what a page hands to the browser, and gets back with its answer.
type Ceremony struct {
	Options string // JSON, for navigator.credentials
	Sealed  string
}

// ceremonyLife is how long somebody may take.
const ceremonyLife = 10 * time.Minute

// sealedCeremony is what Sealed holds.
type sealedCeremony struct {
	ID      string               `json:"i"`
	Account string               `json:"a"` // empty: to sign in
	Expires int64                `json:"e"`
	Session webauthn.SessionData `json:"s"`
}

func (p *Passkeys) ceremony(account, browser string, options any, session *webauthn.SessionData) (Ceremony, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, fmt.Errorf("write what a passkey is asked: %w", err)
	}
	sealed, err := p.seal.close(sealedCeremony{rand.Text(), account, p.clock().Add(ceremonyLife).Unix(), *session}, browser)
	if err != nil {
		return Ceremony{}, fmt.Errorf("seal what a passkey is asked: %w", err)
	}
	return Ceremony{Options: string(text), Sealed: sealed}, nil
}

// open takes a ceremony back, in the browser that began it and for that account; once.
func (p *Passkeys) open(ctx context.Context, sealed, account, browser string) (webauthn.SessionData, error) {
	var s sealedCeremony
	if err := p.seal.open(sealed, browser, &s); err != nil || s.Account != account {
		return s.Session, refusal.New(Foreign, "This did not begin in this browser.")
	}
	if p.clock().Unix() >= s.Expires {
		return s.Session, refusal.New(TooOld, "This took too long.")
	}
	return s.Session, use(ctx, p.db, s.ID, s.Expires)
}

// BeginRegistration asks a device for a new passkey of an account; a device that has one of it already says so.
func (p *Passkeys) BeginRegistration(browser string, o Owner) (Ceremony, error) {
	u, err := o.user()
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := p.web.BeginRegistration(u, webauthn.WithExclusions(webauthn.Credentials(u.credentials).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask for a new passkey: %w", err)
	}
	return p.ceremony(o.ID, browser, options.Response, session)
}

// FinishRegistration takes the answer. It gives the passkey's id and the record by which it is checked later.
func (p *Passkeys) FinishRegistration(ctx context.Context, browser string, o Owner, sealed, answer string) (id, record string, err error) {
	session, err := p.open(ctx, sealed, o.ID, browser)
	if err != nil {
		return "", "", err
	}
	u, err := o.user()
	if err != nil {
		return "", "", err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return "", "", untrue(err)
	}
	c, err := p.web.CreateCredential(u, session, parsed)
	if err != nil {
		return "", "", untrue(err)
	}
	return written(c)
}

// BeginLogin asks whoever is there for a passkey, without a name.
func (p *Passkeys) BeginLogin(browser string) (Ceremony, error) {
	options, session, err := p.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return p.ceremony("", browser, options.Response, session)
}

// UsedPasskey is a passkey that has just proved itself.
type UsedPasskey struct {
	ID     string
	Before string // the record that it was checked by
	Record string // to be kept from now on
}

// FinishLogin takes the answer. find gives the account and the record of a passkey, or none. One whose counter went back
// is refused as Cloned, and told all the same.
func (p *Passkeys) FinishLogin(ctx context.Context, browser, sealed, answer string, find func(id string) (account, record string, err error)) (used UsedPasskey, err error) {
	session, err := p.open(ctx, sealed, "", browser)
	if err != nil {
		return used, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return used, untrue(err)
	}
	var failed error
	_, c, err := p.web.ValidatePasskeyLogin(func(rawID, _ []byte) (webauthn.User, error) {
		used.ID = base64.RawURLEncoding.EncodeToString(rawID)
		account, record, err := find(used.ID)
		if failed = err; err == nil && account == "" {
			failed = refusal.New(Stranger, "No account here has this passkey.")
		}
		if failed != nil {
			return nil, failed
		}
		used.Before = record
		return Owner{ID: account, Records: []string{record}}.user()
	}, session, parsed)
	switch {
	case failed != nil:
		return used, failed
	case err != nil:
		return used, untrue(err)
	case c.Authenticator.CloneWarning: // the library leaves it to us
		return used, refusal.New(Cloned, "There may be two of this passkey.")
	}
	_, used.Record, err = written(c)
	return used, err
}

func untrue(err error) error {
	var said *protocol.Error
	if errors.As(err, &said) {
		err = fmt.Errorf("%w (%s)", err, said.DevInfo)
	}
	return errors.Join(refusal.New(Untrue, "The answer of the passkey does not fit."), err)
}

// written is a passkey as it is kept: whole, since its flags must never change.
func written(c *webauthn.Credential) (id, record string, err error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", "", fmt.Errorf("write a passkey: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(c.ID), string(text), nil
}

// user is an Owner as the library asks for it.
type user struct {
	Owner
	credentials []webauthn.Credential
}

func (o Owner) user() (user, error) {
	u := user{Owner: o}
	for _, record := range o.Records {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(record), &c); err != nil {
			return u, fmt.Errorf("read a passkey of %s: %w", o.ID, err)
		}
		u.credentials = append(u.credentials, c)
	}
	return u, nil
}

// WebAuthnID is the user handle.
func (u user) WebAuthnID() []byte { return []byte(u.ID) }

// WebAuthnName is what devices show.
func (u user) WebAuthnName() string { return u.Name }

// WebAuthnDisplayName is the same.
func (u user) WebAuthnDisplayName() string { return u.Name }

// WebAuthnCredentials are the passkeys.
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }
