// Package credential is what is signed and published of awards: it composes credentials of both standards, has them
// signed, stores editions and forms, keeps the status lists, and reads what stands at the public addresses. It never
// sees a private key, decides nothing about awards, and writes to nobody.
package credential

import (
	"context"
	"log/slog"
	"time"

	"github.com/open-insignia/insignia/cache"
	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/catalogue"
)

// Options are what a Publisher is made of.
type Options struct {
	BaseURL string
	Signer  Signer
	Keys    KeyList
	Words   CredentialWords
	Offers  Offers
	Now     func() time.Time
	Log     *slog.Logger
}

// Offers tells people of awards whose credentials were signed.
type Offers interface {
	// Offer queues the letters, in the transaction that stores the credentials.
	Offer(ctx context.Context, t *database.Tx, awards []Due, now time.Time) error
}

// Publisher composes and signs credentials and serves what was published of awards. It is safe for concurrent use,
// also by several processes on one database.
type Publisher struct {
	Addresses
	*StatusLists
	catalogue *catalogue.Catalogue
	db        *database.DB
	signer    Signer
	keys      KeyList
	words     CredentialWords
	offers    Offers
	clock     func() time.Time
	log       *slog.Logger

	badges  *cache.Cache[string, Badge] // by id, each as of one revision of its award
	backlog backlog
}

// NewPublisher returns the publisher of what is in a catalogue.
func NewPublisher(db *database.DB, c *catalogue.Catalogue, o Options) *Publisher {
	at := Addresses{o.BaseURL}
	lists := &StatusLists{Addresses: at, catalogue: c, db: db, signer: o.Signer, keys: o.Keys, clock: o.Now}
	return &Publisher{
		Addresses: at, StatusLists: lists, catalogue: c, db: db, signer: o.Signer, keys: o.Keys, words: o.Words, offers: o.Offers,
		clock: o.Now, log: o.Log, badges: cache.New[string, Badge](2000), backlog: newBacklog(),
	}
}

// Due notes awards that are to be signed.
func (p *Publisher) Due(awards []string) { p.backlog.add(awards) }

// now is the one clock of this package: UTC, whole seconds.
func (p *Publisher) now() time.Time { return p.clock().UTC().Truncate(time.Second) }

// Signer signs with the issuer's active keys and checks what it signed. Each kind of signature has keys of
// its own.
type Signer interface {
	// SignJWT returns the compact JWS over exactly these payload bytes, whose header names the key.
	SignJWT(ctx context.Context, payload []byte) (string, error)
	// SignOB2 returns the compact RS256 JWS over an Open Badges 2.0 assertion that names the key of that
	// id.
	SignOB2(ctx context.Context, kid string, payload []byte) (string, error)
	// AddProof returns the document with a Data Integrity proof, which names the key.
	AddProof(ctx context.Context, document []byte, created time.Time) ([]byte, error)
}

// KeyList tells of the issuer's keys.
type KeyList interface {
	// Keys are all public keys that ever signed or are to sign soon, the oldest first.
	Keys(ctx context.Context) ([]PublicKey, error)
}
