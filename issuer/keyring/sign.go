package keyring

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/openbadge"
)

// SignJWT signs a payload with the active JWT key. The header has the algorithm, the key's address and
// typ JWT (spec 3.0 section 6). The token has been verified before it is returned.
func (k *Keyring) SignJWT(ctx context.Context, payload []byte) (string, error) {
	e, err := k.activeEntry(ctx, JWT)
	if err != nil {
		return "", err
	}
	return e.sign(ctx, openbadge.Header{KID: k.keyURL(e.ID), Typ: "JWT"}, payload)
}

// Sign signs a payload with the key of that id, which a payload that names its key needs. The caller
// gives the header's KID and Typ; the algorithm is the key's. A retired key signs, so that what was
// composed before a rotation can be finished; a revoked one gives ErrRevoked, an unknown one ErrNoKey.
func (k *Keyring) Sign(ctx context.Context, kid string, header openbadge.Header, payload []byte) (string, error) {
	e, err := k.find(ctx, kid)
	if err != nil {
		return "", err
	}
	return e.sign(ctx, header, payload)
}

func (e *entry) sign(ctx context.Context, header openbadge.Header, payload []byte) (string, error) {
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case e.Revoked != nil:
		return "", fmt.Errorf("sign with key %s: %w", e.ID, ErrRevoked)
	case e.broken != nil:
		return "", e.broken
	}
	header.Alg = e.Algorithm
	token, err := openbadge.Sign(header, payload, e.private)
	if err != nil {
		return "", fmt.Errorf("sign with key %s: %w", e.ID, err)
	}
	return token, nil
}
