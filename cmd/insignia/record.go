package main

import (
	"context"

	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/verifier"
)

// recordSigner signs records of checks with the key that signs credentials: it is published, so that a
// later reader finds it at its kid, and the typ keeps the one from standing in for the other.
type recordSigner struct {
	keys   *keyring.Keyring
	keyURL func(kid string) string
}

// SignReceipt signs a record.
func (s recordSigner) SignReceipt(ctx context.Context, payload []byte) (string, error) {
	key, err := s.keys.Active(ctx, keyring.JWT)
	if err != nil {
		return "", err
	}
	return s.keys.Sign(ctx, key.ID, openbadge.Header{KID: s.keyURL(key.ID), Typ: verifier.ReceiptTyp}, payload)
}
