package verifier

import (
	"context"
	"slices"

	"github.com/open-insignia/insignia/openbadge"
)

// chain makes sure that the proofs which this one was made on top of are good themselves, each by its
// own controller (Data Integrity 1.0, proof chains).
func (p *proofs) chain(ctx context.Context, i int) *fault {
	for _, id := range p.secured.Proofs[i].Previous {
		j := slices.IndexFunc(p.secured.Proofs, func(o openbadge.Proof) bool { return o.ID == id })
		if j < 0 {
			return &fault{code: BadValue, property: "proof.previousProof", message: "The proof builds on another one that is not there."}
		}
		if f := p.earlier(ctx, j); f != nil {
			return f
		}
	}
	return nil
}

// earlier checks a proof that others were made on top of, once.
func (p *proofs) earlier(ctx context.Context, j int) *fault {
	if f, known := p.chained[j]; known {
		return f
	}
	p.chained[j] = &fault{code: BadValue, property: "proof.previousProof", message: "The proofs build on one another in a circle."}
	_, f := p.alone(ctx, j, func(o openbadge.Proof) string { return controllerOf(o.VerificationMethod) })
	if f == nil {
		f = p.chain(ctx, j)
	}
	p.chained[j] = f
	return f
}
