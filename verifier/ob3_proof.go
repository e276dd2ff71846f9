package verifier

import (
	"context"
	"crypto"
	"errors"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// signer is who a proof is by: a controller and its key. other is set when nothing shows that it is the
// issuer.
type signer struct {
	id    string
	key   crypto.PublicKey
	other bool
}

// proven reports who made the credential, when a key of its issuer did (spec 3.0 section 10, step 2).
func (x *ob3Examination) proven(ctx context.Context, s *sealed) (signer, bool) {
	who, remarks, f := x.keys.signerOf(ctx, s)
	if f != nil && s.token == nil && s.class() == aCredential && (f.code == KeyNotOwned || f.code == KeyOwner) {
		return x.signedBySomebody(ctx, s, f)
	}
	if f != nil {
		x.refuse(proofCheck(f), f)
		return signer{}, false
	}
	x.pass(CheckKey, "The key belongs to the issuer.")
	x.pass(CheckProof, "The signature is good: nothing was changed since it was made.")
	x.remark(remarks)
	return who, true
}

// signerOf finds out who made a credential; a fault when that is not its issuer. Remarks are about what
// does not change the answer.
func (k *ob3Keys) signerOf(ctx context.Context, s *sealed) (signer, []*fault, *fault) {
	if s.token != nil {
		key, f := k.tokenSigner(ctx, s.token, s.Issuer.ID)
		return signer{id: s.Issuer.ID, key: key}, nil, f
	}
	return k.proofSigner(ctx, s, func(openbadge.Proof) string { return s.Issuer.ID })
}

// signedBySomebody is for a credential that is no badge, whose rules about issuer and key are not known
// here: whoever signed it is the key in a did:key or did:jwk, and that is all that is found out. The report
// then names the signer and not whom the document calls its issuer.
func (x *ob3Examination) signedBySomebody(ctx context.Context, s *sealed, not *fault) (signer, bool) {
	who, remarks, f := x.keys.proofSigner(ctx, s, func(p openbadge.Proof) string { return controllerOf(p.VerificationMethod) })
	if f != nil || !strings.HasPrefix(who.id, "did:key:") && !strings.HasPrefix(who.id, "did:jwk:") {
		x.refuse(proofCheck(not), not)
		return signer{}, false
	}
	x.report.Badge.Issuer = Issuer{ID: who.id}
	x.add(Check{Name: CheckKey, Outcome: Warning, Code: not.code, Property: not.property,
		Message: "Nothing shows that the issuer named in the document made it; shown is who signed it."})
	x.pass(CheckProof, "The signature is good: nothing was changed since it was made.")
	x.remark(remarks)
	who.other = true
	return who, true
}

func (x *ob3Examination) remark(remarks []*fault) {
	for _, f := range remarks {
		x.add(Check{Name: CheckProof, Outcome: Warning, Code: f.code, Property: f.property, Message: f.message})
	}
}

// proofCheck is the question that a fault of a proof answers.
func proofCheck(f *fault) string {
	if f.check != "" {
		return f.check
	}
	switch f.code {
	case KeyFetch, KeyNotOwned, KeyOwner:
		return CheckKey
	case BadContext, BadInput:
		return CheckParse
	case Unsupported:
		switch f.property {
		case "@context":
			return CheckParse
		case "alg", "proof.cryptosuite":
			return CheckProof
		}
		return CheckKey
	}
	return CheckProof
}

// tokenSigner gives the key of the issuer that signed the token, else the reason why none did.
func (k *ob3Keys) tokenSigner(ctx context.Context, token *openbadge.JWS, issuer string) (crypto.PublicKey, *fault) {
	if f := algorithmFault(token); f != nil {
		return nil, f
	}
	if typ := mediaType(token.Header.Typ); typ != "" && typ != "jwt" && !slices.Contains(joseTypes, typ) {
		return nil, &fault{code: BadValue, property: "typ",
			message: "The token says that it is for something else than a credential."}
	}
	key, f := k.tokenKey(ctx, token.Header, issuer)
	if f != nil {
		return nil, f
	}
	switch err := token.Verify(key); {
	case err == nil:
		return key, nil
	case errors.Is(err, openbadge.ErrAlgorithm):
		return nil, algorithmOfOtherKey()
	}
	return nil, &fault{code: BadSignature,
		message: "The signature does not fit: the document was changed, or signed with another key."}
}

// algorithmFault tells why no key at all could show that a token is genuine.
func algorithmFault(token *openbadge.JWS) *fault {
	switch err := openbadge.CheckAlgorithm(token.Header.Alg); {
	case err == nil:
		return nil
	case errors.Is(err, openbadge.ErrUnsupported):
		return unsupported("alg", "The token is signed with an algorithm that is not known here.")
	}
	// Not "altered": nobody can tell what was signed, if anything was.
	return &fault{verdict: Invalid, code: BadSignature, property: "alg",
		message: "The token is signed with an algorithm that proves nothing."}
}

func algorithmOfOtherKey() *fault {
	return &fault{verdict: Invalid, code: BadSignature, property: "alg",
		message: "The algorithm does not belong to the issuer's key."}
}

// Types of VC-JOSE-COSE and its drafts; OB 3.0 itself has none or JWT (spec 3.0 section 6).
var joseTypes = []string{"vc+jwt", "vc+ld+jwt", "vc+ld+json+jwt"}

func mediaType(typ string) string { return strings.TrimPrefix(strings.ToLower(typ), "application/") }

// proofSigner looks for one embedded proof that is good, and by a key of owner (spec 3.0 section 5: one
// is enough). Of several bad ones the fault that says most is given; beside a good one they are
// remarks.
func (k *ob3Keys) proofSigner(ctx context.Context, s *sealed, owner func(openbadge.Proof) string) (signer, []*fault, *fault) {
	if len(s.Proof) == 0 {
		return signer{}, nil, &fault{code: NotSigned, property: "proof", message: "The credential carries no proof."}
	}
	p, f := k.readProofs(s, owner)
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
	return signer{}, nil, decidingFault(faults)
}

// decidingFault picks the fault that the answer rests on: an open one, since that proof may be good; then a
// signature that does not fit; then a proof that is not supported, which no fault of another one makes bad.
func decidingFault(faults []*fault) *fault {
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
	keys    *ob3Keys
	s       *sealed
	secured *openbadge.Secured
	owner   func(openbadge.Proof) string
	chained map[int]*fault // what came of the proofs that others were made on top of
}

func (k *ob3Keys) readProofs(s *sealed, owner func(openbadge.Proof) string) (*proofs, *fault) {
	secured, err := openbadge.ReadSecured(s.Raw, contextsFor(s.class()))
	if err != nil {
		return nil, &fault{code: BadValue, property: "proof",
			message: "The credential's proofs are malformed, or there are too many of them."}
	}
	return &proofs{k, s, secured, owner, map[int]*fault{}}, nil
}

// check is about one proof and, in a chain, all those that it was made on top of.
func (p *proofs) check(ctx context.Context, i int) (signer, *fault) {
	who, f := p.checkOne(ctx, i, p.owner)
	if f == nil {
		f = p.checkChain(ctx, i)
	}
	if f == nil {
		f = p.checkLinkedData(i)
	}
	return who, f
}

// checkOne checks one proof by itself.
func (p *proofs) checkOne(ctx context.Context, i int, owner func(openbadge.Proof) string) (signer, *fault) {
	one := p.secured.Proofs[i]
	if f := p.keys.proofForm(one); f != nil {
		return signer{}, f
	}
	who := signer{id: owner(one)}
	var f *fault
	if who.key, f = p.keys.namedKey(ctx, keyName{id: one.VerificationMethod, property: "proof.verificationMethod"}, who.id); f != nil {
		return signer{}, f
	}
	if err := p.secured.Verify(one, who.key); err != nil {
		return signer{}, proofFault(err)
	}
	if expires := one.Expires; !expires.IsZero() && !expires.Time.After(p.keys.at) {
		return signer{}, &fault{code: CodeExpired, property: "proof.expires", message: "The proof has expired."}
	}
	return who, nil
}

// proofForm judges what can be seen without a key.
func (k *ob3Keys) proofForm(p openbadge.Proof) *fault {
	switch {
	case p.Suite() != "" && !p.Supported():
		return unsupportedSuite()
	case p.Purpose != openbadge.AssertionMethod:
		return &fault{code: BadValue, property: "proof.proofPurpose",
			message: "The proof was made for another purpose than to assert something."}
	case p.VerificationMethod == "":
		return &fault{code: KeyFetch, property: "proof.verificationMethod",
			message: "The proof does not say which key it was made with."}
	case p.Created.Time.After(k.at.Add(skew)):
		return &fault{code: NotYetIssued, property: "proof.created",
			message: "The proof says that it was made later than the moment of the check."}
	}
	return nil
}

func unsupportedSuite() *fault {
	return unsupported("proof.cryptosuite", "The proof is of a kind that cannot be checked here.")
}

// remarks are about a proof that is good, but not as it should be.
func (p *proofs) remarks(i int) []*fault {
	if p.secured.Proofs[i].Cryptosuite == "eddsa-2022" {
		return []*fault{{code: UnsupportedType, property: "proof.cryptosuite",
			message: "The proof bears the old name of its kind, eddsa-2022."}}
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
		return &fault{code: BadSignature, property: "proof.proofValue",
			message: "The signature does not fit: the document was changed, or signed with another key."}
	case errors.Is(err, openbadge.ErrAlgorithm):
		return &fault{verdict: Invalid, code: BadSignature, property: "proof.cryptosuite",
			message: "The kind of proof does not belong to the issuer's key."}
	}
	return &fault{code: BadValue, property: "proof", message: "The proof is malformed."}
}

// checkChain makes sure that the proofs which this one was made on top of are good themselves, each by its
// own controller (Data Integrity 1.0, proof chains).
func (p *proofs) checkChain(ctx context.Context, i int) *fault {
	for _, id := range p.secured.Proofs[i].Previous {
		j := slices.IndexFunc(p.secured.Proofs, func(o openbadge.Proof) bool { return o.ID == id })
		if j < 0 {
			return &fault{code: BadValue, property: "proof.previousProof",
				message: "The proof builds on another one that is not there."}
		}
		if f := p.checkEarlier(ctx, j); f != nil {
			return f
		}
	}
	return nil
}

// checkEarlier checks a proof that others were made on top of, once.
func (p *proofs) checkEarlier(ctx context.Context, j int) *fault {
	if f, known := p.chained[j]; known {
		return f
	}
	p.chained[j] = &fault{code: BadValue, property: "proof.previousProof",
		message: "The proofs build on one another in a circle."}
	_, f := p.checkOne(ctx, j, func(o openbadge.Proof) string { return controllerOf(o.VerificationMethod) })
	if f == nil {
		f = p.checkChain(ctx, j)
	}
	p.chained[j] = f
	return f
}

// checkLinkedData makes sure of what a proof over the text of the JSON does not see.
func (p *proofs) checkLinkedData(i int) *fault {
	if !strings.Contains(p.secured.Proofs[i].Suite(), "-jcs-") {
		return nil
	}
	return p.s.checkLinkedData()
}
