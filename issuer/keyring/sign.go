package keyring

import (
	"context"
	"crypto"
	"fmt"

	"github.com/open-insignia/insignia/openbadge"
)

// SignJWT signs a payload with the active JWT key. The header has the algorithm, the key's address and
// typ JWT (spec 3.0 section 6). The token has been verified before it is returned. Like every method
// that signs it may write to the database: not to be called within a transaction.
func (k *Keyring) SignJWT(ctx context.Context, payload []byte) (string, error) {
	e, err := k.activeEntry(ctx, JWT)
	if err != nil {
		return "", err
	}
	return k.signJWS(ctx, e, openbadge.Header{KID: k.keyURL(e.ID), Typ: "JWT"}, payload)
}

// Sign signs a payload with the key of that id, which a payload that names its key needs. The caller
// gives the header's KID and Typ; the algorithm is the key's. A retired key signs, so that what was
// composed before a rotation can be finished; a revoked one gives ErrRevoked, an unknown one, or one
// that signs no tokens, ErrNoKey.
func (k *Keyring) Sign(ctx context.Context, kid string, header openbadge.Header, payload []byte) (string, error) {
	e, err := k.find(ctx, kid)
	if err != nil {
		return "", err
	}
	if e.Purpose == Proof {
		return "", fmt.Errorf("%w: %s signs no tokens", ErrNoKey, kid)
	}
	return k.signJWS(ctx, e, header, payload)
}

// SignOB2 signs an Open Badges 2.0 assertion with the key that it names as its creator. The header has the
// algorithm only (spec 2.0 section 7). ErrNoKey for a key of another purpose; otherwise as Sign.
func (k *Keyring) SignOB2(ctx context.Context, kid string, payload []byte) (string, error) {
	e, err := k.find(ctx, kid)
	if err != nil {
		return "", err
	}
	if e.Purpose != OB2 {
		return "", fmt.Errorf("%w: %s signs no Open Badges 2.0", ErrNoKey, kid)
	}
	return k.signJWS(ctx, e, openbadge.Header{}, payload)
}

// signJWS relies on openbadge.Sign to verify what it returns.
func (k *Keyring) signJWS(ctx context.Context, e *entry, header openbadge.Header, payload []byte) (string, error) {
	private, err := k.use(ctx, e)
	if err != nil {
		return "", err
	}
	header.Alg = e.Algorithm
	token, err := openbadge.Sign(header, payload, private)
	if err != nil {
		return "", fmt.Errorf("sign with key %s: %w", e.ID, err)
	}
	return token, nil
}

// use is the private key of an entry for one signature. The first use is noted.
func (k *Keyring) use(ctx context.Context, e *entry) (private crypto.Signer, err error) {
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case e.Revoked != nil:
		return nil, fmt.Errorf("sign with key %s: %w", e.ID, ErrRevoked)
	case e.broken != nil:
		return nil, e.broken
	}
	if private = e.private; private == nil {
		if private, err = k.devices.open(ctx, e.Key); err != nil {
			return nil, err
		}
	}
	return private, k.noteUse(ctx, e)
}
