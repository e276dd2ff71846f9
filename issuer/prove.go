package issuer

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

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
	_, key, _ := strings.Cut(proofs[0].VerificationMethod, "#")
	return signedForm{key: key, body: signed}, nil
}

// templateCache keeps the templates by which proofs of like credentials are made quickly.
type templateCache struct {
	mu      sync.Mutex
	byShape map[string]*openbadge.Template
}

const templatesCached = 1000

// prove adds a proof to a document of a shape. The issuer's own words are part of every document, so that
// another version of the programme begins new templates.
func (i *Issuer) prove(ctx context.Context, shape string, doc []byte) ([]byte, error) {
	h, err := i.History(ctx)
	if err != nil {
		return nil, err
	}
	return i.Signer.AddProof(ctx, doc, i.now(), i.templates.of(strconv.Itoa(len(h))+" "+shape, doc))
}

// of is the template of a shape, made from the first document that has it; nil where there is none, and
// the proof is made the whole way.
func (c *templateCache) of(shape string, doc []byte) *openbadge.Template {
	c.mu.Lock()
	t := c.byShape[shape]
	c.mu.Unlock()
	if t != nil {
		return t
	}
	t, err := openbadge.NewTemplate(doc)
	if err != nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byShape == nil || len(c.byShape) >= templatesCached {
		c.byShape = map[string]*openbadge.Template{}
	}
	c.byShape[shape] = t
	return t
}
