package keyring

import (
	"context"
	"crypto"
	"fmt"
	"sync"

	"github.com/open-insignia/insignia/openbadge"
)

// Device keeps private keys outside of the database and of this process: a PKCS #11 token, a cloud KMS.
// It is not asked to destroy any: what it keeps, its owner deletes.
type Device interface {
	// Make makes a key pair for an algorithm (openbadge.ES256, RS256 or EdDSA) and returns the name, at
	// most a few hundred bytes, under which Open finds it ever after. The keys of a start or rotation
	// that another process was faster with stay unused.
	Make(ctx context.Context, purpose Purpose, algorithm string) (name string, err error)
	// Open returns a key's signer, which is kept and used from several goroutines at once. It signs as
	// crypto.Signer says: ECDSA in ASN.1, RSA in PKCS #1 v1.5, Ed25519 over the message itself.
	Open(ctx context.Context, name string) (crypto.Signer, error)
}

// devices opens keys in devices, each once.
type devices struct {
	of     map[Purpose]Device
	mu     sync.Mutex
	signer map[string]crypto.Signer // by key id
}

// make makes a key and returns its name and signer.
func (d *devices) make(ctx context.Context, purpose Purpose, algorithm string) (name string, signer crypto.Signer, err error) {
	if name, err = d.of[purpose].Make(ctx, purpose, algorithm); err != nil {
		return "", nil, err
	}
	if name == "" {
		return "", nil, fmt.Errorf("%w: it made a key without a name", ErrDevice)
	}
	if signer, err = d.of[purpose].Open(ctx, name); err != nil {
		return "", nil, err
	}
	if made := openbadge.KeyAlgorithm(signer.Public()); made != algorithm {
		return "", nil, fmt.Errorf("%w: asked for a key for %s, it made one for %q", ErrDevice, algorithm, made)
	}
	return name, signer, nil
}

// open is the signer of a key that a device keeps. A device that does not answer is asked again at the
// next signature.
func (d *devices) open(ctx context.Context, key Key) (crypto.Signer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, found := d.signer[key.ID]; found {
		return s, nil
	}
	device := d.of[key.Purpose]
	if device == nil {
		return nil, fmt.Errorf("open key %s: %w: none is set for %s", key.ID, ErrDevice, key.Purpose)
	}
	signer, err := device.Open(ctx, key.Device)
	if err != nil {
		return nil, fmt.Errorf("open key %s: %w: %w", key.ID, ErrDevice, err)
	}
	if id, err := keyID(signer.Public()); err != nil || id != key.ID {
		return nil, fmt.Errorf("open key %s: %w: it has another key of that name", key.ID, ErrDevice)
	}
	if d.signer == nil {
		d.signer = map[string]crypto.Signer{}
	}
	d.signer[key.ID] = signer
	return signer, nil
}
