// Package keyring keeps the issuer's private keys: it makes them, seals them, signs with them and hands
// out their public halves. No private key leaves it, neither by a method nor in a log, and none is
// stored but sealed under the server's secret or in a device of its own. Nothing is handed out that it
// has not verified. It does not know what it signs.
package keyring

import (
	"context"
	"errors"
	"fmt"
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
	ErrDevice  = errors.New("the device that keeps the key cannot be used")
)

// Options are the facts a Keyring is made of.
type Options struct {
	Secret      []byte                  // keys are sealed under it
	OldSecret   []byte                  // the one before it while it changes, else empty
	Algorithm   string                  // of new JWT keys: openbadge.ES256, the default, or openbadge.RS256
	KeyURL      func(kid string) string // where SignJWT says that the key is found; nil: the kid alone
	ProofKeyURL func(kid string) string // the verificationMethod of what AddProof signs; nil: as KeyURL
	Overlap     time.Duration           // how long a new key is published before it signs; see Rotate
	Devices     map[Purpose]Device      // where new keys of a purpose are kept; none: sealed in the database
	Now         func() time.Time        // nil: time.Now
	ReadOnly    bool                    // Open seals nothing anew
}

// Keyring signs. It is safe for concurrent use, also by several processes on one database: a process
// notices within a second what another did to the keys.
type Keyring struct {
	db          *database.DB
	seal, old   *sealer // old may be nil
	algorithm   string
	keyURL      func(string) string
	proofKeyURL func(kid string) string
	overlap     time.Duration
	clock       func() time.Time
	devices     devices

	mu      sync.Mutex // held while the keys are read again
	current atomic.Pointer[state]
}

// Open reads the keys, opens them and seals those anew that open with the old secret only. It makes
// none: see Ensure. ErrSecret means that there are keys and none of them opens.
func Open(ctx context.Context, db *database.DB, o Options) (*Keyring, error) {
	k, err := newKeyring(db, o)
	if err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	if k.old != nil && !o.ReadOnly {
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

func newKeyring(db *database.DB, o Options) (*Keyring, error) {
	k := &Keyring{
		db: db, algorithm: o.Algorithm, keyURL: o.KeyURL, proofKeyURL: o.ProofKeyURL,
		overlap: max(o.Overlap, 0).Truncate(time.Second), clock: o.Now, devices: devices{of: o.Devices},
	}
	if k.clock == nil {
		k.clock = time.Now
	}
	if k.keyURL == nil {
		k.keyURL = func(kid string) string { return kid }
	}
	if k.proofKeyURL == nil {
		k.proofKeyURL = k.keyURL
	}
	if k.algorithm == "" {
		k.algorithm = openbadge.ES256
	}
	if k.algorithm != openbadge.ES256 && k.algorithm != openbadge.RS256 {
		return nil, fmt.Errorf("signing with %.20q is not supported, want %s or %s", k.algorithm, openbadge.ES256, openbadge.RS256)
	}
	var err error
	if k.seal, err = newSealer(o.Secret); err != nil || len(o.OldSecret) == 0 {
		return k, err
	}
	k.old, err = newSealer(o.OldSecret)
	return k, err
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

// Active is the key that signs for a purpose now; ErrNoKey before the first Ensure.
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
	if e := s.signing(purpose, k.now()); e != nil {
		return e, nil
	}
	return nil, fmt.Errorf("%w: none is active for %.20q", ErrNoKey, purpose)
}
