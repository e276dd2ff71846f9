package credential

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/openbadge"
)

func (p *Publisher) proveCredential(ctx context.Context, b *Badge) (signedForm, error) {
	org, err := p.catalogue.Organisation(ctx)
	if err != nil {
		return signedForm{}, err
	}
	grounds, err := p.grounds(ctx, b.Award)
	if err != nil {
		return signedForm{}, err
	}
	oc := p.compose(b.credential, b.Achievement, org, grounds[0], formJSON)
	doc, err := oc.JSON()
	if err != nil {
		return signedForm{}, err
	}
	signed, err := p.signer.AddProof(ctx, doc, p.now())
	if err != nil {
		return signedForm{}, err
	}
	proofs, err := openbadge.ReadProofs(signed)
	if err != nil {
		return signedForm{}, fmt.Errorf("read the proof that was just made: %w", err)
	}
	if len(proofs) != 1 {
		return signedForm{}, fmt.Errorf("the document that was just signed has %d proofs", len(proofs))
	}
	return signedForm{key: keyID(proofs[0].VerificationMethod), body: signed}, nil
}
