package keyring

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// AddProof signs a document with the active key for proofs (eddsa-rdfc-2022) and returns it with its
// proof, which names the key by Options.ProofKeyURL. created is the proof's. The proof has been verified
// before it is returned. Errors of openbadge.AddProof pass.
func (k *Keyring) AddProof(ctx context.Context, document []byte, created time.Time) ([]byte, error) {
	e, err := k.activeEntry(ctx, Proof)
	if err != nil {
		return nil, err
	}
	private, err := k.use(ctx, e)
	if err != nil {
		return nil, err
	}
	o := openbadge.ProofOptions{VerificationMethod: k.proofKeyURL(e.ID), Created: created}
	signed, err := openbadge.AddProof(document, o, private)
	if err != nil {
		return nil, fmt.Errorf("prove with key %s: %w", e.ID, err)
	}
	return signed, nil
}
