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
	body, key, err := p.prove(ctx, oc)
	return signedForm{key: key, body: body}, err
}

// prove is a credential with a proof, and the id of the key that made it.
func (p *Publisher) prove(ctx context.Context, oc *openbadge.Credential) (body []byte, key string, err error) {
	doc, err := oc.JSON()
	if err != nil {
		return nil, "", err
	}
	body, err = p.signer.AddProof(ctx, doc, p.now())
	if err != nil {
		return nil, "", err
	}
	proofs, err := openbadge.ReadProofs(body)
	if err != nil {
		return nil, "", fmt.Errorf("read the proof that was just made: %w", err)
	}
	if len(proofs) != 1 {
		return nil, "", fmt.Errorf("the document that was just signed has %d proofs", len(proofs))
	}
	return body, keyID(proofs[0].VerificationMethod), nil
}
