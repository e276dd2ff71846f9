// Package keyring keeps the issuer's private keys: it makes them, seals them, signs with them and hands
// out their public halves. No private key leaves it, neither by a method nor in a log, and none is
// stored but sealed under the server's secret. It does not know what it signs.
package keyring

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/openbadge"
)

// What an error about keys means.
var (
	ErrSecret  = errors.New("the private keys in this database are sealed with another secret (INSIGNIA_SECRET, or INSIGNIA_SECRET_OLD while changing it)")
	ErrSealed  = errors.New("private key does not open: its row was changed, or it is sealed with another secret")
	ErrNoKey   = errors.New("no such key")
	ErrRevoked = errors.New("key is revoked")
)

// Purpose is what a key signs. Each has one active key at a time.
type Purpose string

// The purposes.
const (
	JWT Purpose = "jwt" // credentials and status lists as VC-JWT
	OB2 Purpose = "ob2" // Open Badges 2.0 signed assertions, always RS256 (spec 2.0 section 3)
)

var purposes = []Purpose{JWT, OB2}

// Options are the facts a Keyring is made of.
type Options struct {
	Secret    []byte                  // keys are sealed under it
	OldSecret []byte                  // the one before it while it changes, else empty
	Algorithm string                  // of new JWT keys: openbadge.ES256, the default, or openbadge.RS256
	KeyURL    func(kid string) string // where SignJWT says that the key is found; nil: the kid alone
	Now       func() time.Time        // nil: time.Now
}

// Key is what outsiders may know of a key. A retired key signs nothing new, but what it signed stays
// good; what a revoked one signed is no longer to be trusted.
type Key struct {
	ID        string // 16 characters of a-z and 2-7, from the RFC 7638 thumbprint
	Purpose   Purpose
	Algorithm string // JWA name
	Public    crypto.PublicKey
	Created   time.Time
	Retired   *time.Time
	Revoked   *time.Time
	Reason    string // of revocation
}

// Published reports whether the public key is still to be served. One whose row was tampered with has
// none (Public is nil).
func (k Key) Published() bool { return k.Revoked == nil && k.Public != nil }

func (k Key) active() bool { return k.Retired == nil && k.Revoked == nil }

// Keyring signs. It is safe for concurrent use, also by several processes on one database: a process
// notices within a second what another did to the keys.
type Keyring struct {
	db        *database.DB
	seal, old *sealer // old may be nil
	algorithm string
	keyURL    func(string) string
	clock     func() time.Time

	mu      sync.Mutex // held while the keys are read again
	current atomic.Pointer[state]
}

// state is the keys as they were read; it never changes.
type state struct {
	revision int64
	read     time.Time // by the process's own clock, see fresh
	keys     []*entry  // oldest first
	byID     map[string]*entry
	active   map[Purpose]*entry
}

// entry is a key with its private part. The latter is nil if it was destroyed or, then with the reason
// in broken, does not open.
type entry struct {
	Key
	private crypto.Signer
	broken  error
}

// Open reads the keys, opens them and seals those anew that open with the old secret only. It makes
// none: see Ensure. ErrSecret means that there are keys and none of them opens.
func Open(ctx context.Context, db *database.DB, o Options) (*Keyring, error) {
	k := &Keyring{db: db, algorithm: o.Algorithm, keyURL: o.KeyURL, clock: o.Now}
	if k.clock == nil {
		k.clock = time.Now
	}
	if k.keyURL == nil {
		k.keyURL = func(kid string) string { return kid }
	}
	if k.algorithm == "" {
		k.algorithm = openbadge.ES256
	}
	if k.algorithm != openbadge.ES256 && k.algorithm != openbadge.RS256 {
		return nil, fmt.Errorf("open keyring: signing with %.20q is not supported, want %s or %s", k.algorithm, openbadge.ES256, openbadge.RS256)
	}
	var err error
	if k.seal, err = newSealer(o.Secret); err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	if len(o.OldSecret) > 0 {
		if k.old, err = newSealer(o.OldSecret); err != nil {
			return nil, fmt.Errorf("open keyring: %w", err)
		}
		if err := k.reseal(ctx); err != nil {
			return nil, fmt.Errorf("seal keys with the new secret: %w", err)
		}
	}
	s, err := k.reread(ctx)
	if err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	if err := s.secretFits(); err != nil {
		return nil, err
	}
	return k, nil
}

// secretFits is ErrSecret if none of the private keys there are could be opened.
func (s *state) secretFits() error {
	broken := 0
	for _, e := range s.keys {
		if e.private != nil {
			return nil
		}
		if e.broken != nil {
			broken++
		}
	}
	if broken > 0 {
		return ErrSecret
	}
	return nil
}

func (k *Keyring) now() time.Time { return k.clock().UTC().Truncate(time.Second) }

// Keys lists all keys, the oldest first.
func (k *Keyring) Keys(ctx context.Context) ([]Key, error) {
	s, err := k.fresh(ctx)
	if err != nil {
		return nil, err
	}
	keys := make([]Key, len(s.keys))
	for i, e := range s.keys {
		keys[i] = e.Key
	}
	return keys, nil
}

// Key finds a key by its id. One that is not known here is looked for in the database, since another
// process may sign with it already.
func (k *Keyring) Key(ctx context.Context, kid string) (Key, bool, error) {
	e, err := k.find(ctx, kid)
	if errors.Is(err, ErrNoKey) {
		return Key{}, false, nil
	}
	if err != nil {
		return Key{}, false, err
	}
	return e.Key, true, nil
}

func (k *Keyring) find(ctx context.Context, kid string) (*entry, error) {
	s, err := k.fresh(ctx)
	if err != nil {
		return nil, err
	}
	if e, found := s.byID[kid]; found {
		return e, nil
	}
	if s, err = k.reread(ctx); err != nil {
		return nil, err
	}
	if e, found := s.byID[kid]; found {
		return e, nil
	}
	return nil, fmt.Errorf("%w: %.20q", ErrNoKey, kid)
}

// Active is the key that signs for a purpose; ErrNoKey before the first Ensure.
func (k *Keyring) Active(ctx context.Context, purpose Purpose) (Key, error) {
	e, err := k.activeEntry(ctx, purpose)
	if err != nil {
		return Key{}, err
	}
	return e.Key, nil
}

func (k *Keyring) activeEntry(ctx context.Context, purpose Purpose) (*entry, error) {
	s, err := k.fresh(ctx)
	if err != nil {
		return nil, err
	}
	if e, found := s.active[purpose]; found {
		return e, nil
	}
	return nil, fmt.Errorf("%w: none is active for %.20q", ErrNoKey, purpose)
}

func known(purpose Purpose) error {
	if !slices.Contains(purposes, purpose) {
		return fmt.Errorf("%w: purpose %.20q", ErrNoKey, purpose)
	}
	return nil
}
