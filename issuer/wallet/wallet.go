// Package wallet hands accepted badges over to wallets, as OpenID for Verifiable Credential Issuance 1.0 has it: offers
// with a pre-authorised code and a PIN, tokens, nonces, and credentials that are bound to a wallet's key. What such a
// credential says and how it is signed knows credential; who may offer a badge, the door that asks.
//
// It must not know HTTP, accounts or pages.
package wallet

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
)

// Options are what Wallets are made of.
type Options struct {
	Credentials *credential.Publisher
	Secret      []byte                   // codes and PINs are derived from it
	PINHint     func(lang string) string // tells the user of a wallet where the PIN stands
	Now         func() time.Time
}

// Wallets offers badges to wallets and issues them there. It is safe for concurrent use, also by several processes on
// one database.
type Wallets struct {
	db      *database.DB
	badges  *credential.Publisher
	copies  credential.Copies
	secrets secrets
	pinHint func(lang string) string
	clock   func() time.Time
}

// New is for the badges of a publisher.
func New(db *database.DB, o Options) *Wallets {
	return &Wallets{
		db: db, badges: o.Credentials, copies: credential.NewCopies(o.Credentials), secrets: newSecrets(o.Secret), pinHint: o.PINHint, clock: o.Now,
	}
}

// now is the one clock of this package: UTC, whole seconds.
func (w *Wallets) now() time.Time { return w.clock().UTC().Truncate(time.Second) }

// Codes of refusals, as the specifications name them (RFC 6749 §5.2, RFC 6750 §3.1, OpenID4VCI 1.0 §8.3.1).
const (
	InvalidRequest       = "invalid_request"
	InvalidGrant         = "invalid_grant"
	UnsupportedGrant     = "unsupported_grant_type"
	InvalidToken         = "invalid_token"
	InvalidCredential    = "invalid_credential_request"
	UnknownConfiguration = "unknown_credential_configuration"
	UnknownIdentifier    = "unknown_credential_identifier"
	InvalidProof         = "invalid_proof"
	InvalidNonce         = "invalid_nonce"
	Denied               = "credential_request_denied"
)

// Issuer is the identifier of the issuer of credentials.
func (w *Wallets) Issuer() string { return w.badges.BaseURL }

// Facts are what the metadata of the issuer tell beside its addresses: who it is, and the algorithm of its tokens.
func (w *Wallets) Facts(ctx context.Context) (org programme.Issuer, algorithm string, err error) {
	return w.copies.Issuer(ctx)
}

// Transferable reports whether a badge can be put into a wallet by its holder: private ones too, as files can be had of
// them, but none that would be handed out without standing.
func Transferable(b *credential.Badge) bool {
	return b.Award.State == ledger.Accepted && b.Award.Stands() && b.Award.SuspendedAt == nil
}
