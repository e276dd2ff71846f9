package credential

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/catalogue"
)

// form is how a signed edition is served: the end of its address below /badges/{id}.
type form string

const (
	formJWT  form = "/credential.jwt"  // Open Badges 3.0, VC-JWT; signed when the award is made
	formJSON form = "/credential.json" // Open Badges 3.0 with a Data Integrity proof
	formJWS  form = "/assertion.jws"   // Open Badges 2.0, signed
)

// CredentialJSON is the badge's current edition with an eddsa-rdfc-2022 proof (contract 4). It is signed
// when somebody first asks, and stored for ever.
func (p *Publisher) CredentialJSON(ctx context.Context, b *Badge) (catalogue.Document, error) {
	body, err := p.signedOnce(ctx, b, formJSON, p.proveCredential)
	return catalogue.NewDocument(catalogue.TypeVC, body), err
}

// SignedAssertion is the badge as signed Open Badges 2.0 assertion (spec 2.0 §7). It is signed when
// somebody first asks, and stored for ever.
func (p *Publisher) SignedAssertion(ctx context.Context, b *Badge) (catalogue.Document, error) {
	body, err := p.signedOnce(ctx, b, formJWS, p.signAssertion)
	return catalogue.NewDocument(catalogue.TypeText, body), err
}

// signedOnce is a stored form of the badge's edition, which sign makes if there is none. Should two
// processes sign at once, the one that is stored first stays.
func (p *Publisher) signedOnce(ctx context.Context, b *Badge, f form, sign func(context.Context, *Badge) (signedForm, error)) ([]byte, error) {
	c := &b.credential
	body, found, err := selectForm(ctx, p.db.Reader(), c.AwardID, c.Version, f)
	if err != nil || found {
		return body, err
	}
	made, err := sign(ctx, b)
	if err != nil {
		return nil, fmt.Errorf("sign %s of award %s: %w", f, c.AwardID, err)
	}
	err = p.db.InTx(ctx, func(t *database.Tx) error {
		if err := insertForm(ctx, t, c.AwardID, c.Version, f, made, p.now()); err != nil {
			return err
		}
		body, _, err = selectForm(ctx, t, c.AwardID, c.Version, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store %s of award %s: %w", f, c.AwardID, err)
	}
	return body, nil
}

// signedForm is what was signed, with which key, and the id that a revocation list knows it by, if any.
type signedForm struct {
	id   string
	key  string
	body Packed
}
