package issuer

import (
	"context"
	"fmt"
	"strconv"

	"github.com/open-insignia/insignia/openbadge"
)

func (i *Issuer) proveCredential(ctx context.Context, b *Badge) (signedForm, error) {
	org, err := i.Organisation(ctx)
	if err != nil {
		return signedForm{}, err
	}
	grounds, err := i.grounds(ctx, b.Award)
	if err != nil {
		return signedForm{}, err
	}
	oc := i.compose(b.credential, b.Achievement, org, grounds[0], formJSON)
	doc, err := oc.JSON()
	if err != nil {
		return signedForm{}, err
	}
	// Editions of one shape differ only in texts, so that one template fits all of them.
	shape := b.Achievement.ID + " " + strconv.Itoa(len(oc.Evidence)) + " " + strconv.FormatBool(oc.ValidUntil.IsZero())
	for _, d := range oc.Subject.Achievement.ResultDescription {
		shape += " " + d.ID
	}
	signed, err := i.prove(ctx, shape, doc)
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

// prove adds a proof to a document of a shape. The issuer's own words are part of every document, so that
// another version of the programme begins new templates.
func (i *Issuer) prove(ctx context.Context, shape string, doc []byte) ([]byte, error) {
	h, err := i.History(ctx)
	if err != nil {
		return nil, err
	}
	return i.Signer.AddProof(ctx, doc, i.now(), i.template(strconv.Itoa(len(h))+" "+shape, doc))
}

// template is that of a shape, made from the first document that has it; nil where there is none, and the
// proof is made the whole way.
func (i *Issuer) template(shape string, doc []byte) *openbadge.Template {
	if t, found := i.templates.load(shape); found {
		return t
	}
	t, err := openbadge.NewTemplate(doc)
	if err != nil {
		return nil
	}
	i.templates.keep(shape, t)
	return t
}
