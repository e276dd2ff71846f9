package credential

import (
	"context"
	"crypto"
	"fmt"
	"time"
)

// Purpose is what a key signs. Keys are kept apart by it.
type Purpose string

// The purposes.
const (
	ForJWT   Purpose = "jwt"   // VC-JWT
	ForProof Purpose = "proof" // Data Integrity proofs
	ForOB2   Purpose = "ob2"   // signed Open Badges 2.0
)

// PublicKey is a key of the issuer's that others check signatures with.
type PublicKey struct {
	ID        string
	Purpose   Purpose
	Algorithm string // JWA name
	Public    crypto.PublicKey
	Created   time.Time
	Begins    time.Time // it signs from then on
	FirstUsed *time.Time
	Retired   *time.Time // signs no more, what it signed holds
	Revoked   *time.Time // what it signed is not to be trusted
	Reason    string     // of revocation
}

// signs reports whether new signatures are made with the key at a moment.
func (k PublicKey) signs(at time.Time) bool {
	return !k.Begins.After(at) && (k.Retired == nil || k.Retired.After(at)) && k.Revoked == nil
}

// signing names the keys that sign now.
func (l *StatusLists) signing(ctx context.Context) (ids string, err error) {
	keys, err := l.keys.Keys(ctx)
	if err != nil {
		return "", fmt.Errorf("read keys: %w", err)
	}
	for _, k := range keys {
		if k.signs(l.now()) {
			ids += k.ID + " "
		}
	}
	return ids, nil
}
