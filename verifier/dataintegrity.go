package verifier

import (
	"context"
	"errors"
	"slices"

	"github.com/open-insignia/insignia/openbadge"
)

// proofSigner looks for one embedded proof that is good, and by a key of owner (spec 3.0 section 5: one
// is enough). Of several bad ones the fault that says most is given; beside a good one they are
// remarks.
func (x *examination) proofSigner(ctx context.Context, s *sealed, owner func(openbadge.Proof) string) (signer, []*fault, *fault) {
	if len(s.Proof) == 0 {
		return signer{}, nil, &fault{code: NotSigned, property: "proof", message: "The credential carries no proof."}
	}
	p, f := x.readProofs(s, owner)
	if f != nil {
		return signer{}, nil, f
	}
	var faults []*fault
	for i := range p.secured.Proofs {
		who, f := p.check(ctx, i)
		if f == nil {
			return who, append(faults, p.remarks(i)...), nil
		}
		faults = append(faults, f)
		if f.code == BadInput {
			break // it would only take as long again
		}
	}
	return signer{}, nil, telling(faults)
}

// telling picks the fault that the answer rests on: an open one, since that proof may be good; then a
// signature that does not fit; then a proof that is not supported, which no fault of another one makes bad.
func telling(faults []*fault) *fault {
	rank := func(f *fault) int {
		switch {
		case f.code == BadSignature:
			return 1
		case f.code == Unsupported:
			return 2
		case f.unknown():
			return 0
		}
		return 3
	}
	return slices.MinFunc(faults, func(a, b *fault) int { return rank(a) - rank(b) })
}

// proofs are the embedded proofs of one document while they are checked.
type proofs struct {
	x       *examination
	s       *sealed
	secured *openbadge.Secured
	owner   func(openbadge.Proof) string
	chained map[int]*fault // what came of the proofs that others were made on top of
}

func (x *examination) readProofs(s *sealed, owner func(openbadge.Proof) string) (*proofs, *fault) {
	secured, err := openbadge.ReadSecured(s.Raw, contextsFor(s.class()))
	if err != nil {
		return nil, &fault{code: BadValue, property: "proof", message: "The credential's proofs are malformed, or there are too many of them."}
	}
	return &proofs{x, s, secured, owner, map[int]*fault{}}, nil
}

// check is about one proof and, in a chain, all those that it was made on top of.
func (p *proofs) check(ctx context.Context, i int) (signer, *fault) {
	who, f := p.alone(ctx, i, p.owner)
	if f == nil {
		f = p.chain(ctx, i)
	}
	if f == nil {
		f = p.wholly(i)
	}
	return who, f
}

// alone checks one proof by itself.
func (p *proofs) alone(ctx context.Context, i int, owner func(openbadge.Proof) string) (signer, *fault) {
	one := p.secured.Proofs[i]
	if f := p.x.proofForm(one); f != nil {
		return signer{}, f
	}
	who := signer{id: owner(one)}
	var f *fault
	if who.key, f = p.x.namedKey(ctx, keyName{id: one.VerificationMethod, property: "proof.verificationMethod"}, who.id); f != nil {
		return signer{}, f
	}
	if err := p.secured.Verify(one, who.key); err != nil {
		return signer{}, proofFault(err)
	}
	if expires := one.Expires; !expires.IsZero() && !expires.Time.After(p.x.at) {
		return signer{}, &fault{code: CodeExpired, property: "proof.expires", message: "The proof has expired."}
	}
	return who, nil
}

// proofForm judges what can be seen without a key.
func (x *examination) proofForm(p openbadge.Proof) *fault {
	switch {
	case p.Suite() != "" && !p.Supported():
		return unsupportedSuite()
	case p.Purpose != openbadge.AssertionMethod:
		return &fault{code: BadValue, property: "proof.proofPurpose", message: "The proof was made for another purpose than to assert something."}
	case p.VerificationMethod == "":
		return &fault{code: KeyFetch, property: "proof.verificationMethod", message: "The proof does not say which key it was made with."}
	case p.Created.Time.After(x.at.Add(skew)):
		return &fault{code: NotYetIssued, property: "proof.created", message: "The proof says that it was made later than the moment of the check."}
	}
	return nil
}

func unsupportedSuite() *fault {
	return unsupported("proof.cryptosuite", "The proof is of a kind that cannot be checked here.")
}

// remarks are about a proof that is good, but not as it should be.
func (p *proofs) remarks(i int) []*fault {
	if p.secured.Proofs[i].Cryptosuite == "eddsa-2022" {
		return []*fault{{code: UnsupportedType, property: "proof.cryptosuite", message: "The proof bears the old name of its kind, eddsa-2022."}}
	}
	return nil
}

// proofFault says what an error of openbadge means. Whatever is wrong with the linked data is wrong
// before any signature counts.
func proofFault(err error) *fault {
	if f := linkedFault(err); f != nil {
		return f
	}
	switch {
	case errors.Is(err, openbadge.ErrUnsupported):
		return unsupportedSuite()
	case errors.Is(err, openbadge.ErrSignature):
		return &fault{code: BadSignature, property: "proof.proofValue", message: "The signature does not fit: the document was changed, or signed with another key."}
	case errors.Is(err, openbadge.ErrAlgorithm):
		return &fault{verdict: Invalid, code: BadSignature, property: "proof.cryptosuite", message: "The kind of proof does not belong to the issuer's key."}
	}
	return &fault{code: BadValue, property: "proof", message: "The proof is malformed."}
}
