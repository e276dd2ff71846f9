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
func (x *examination) proven(ctx context.Context, s *sealed) (signer, bool) {
	who, remarks, f := x.signerOf(ctx, s)
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
func (x *examination) signerOf(ctx context.Context, s *sealed) (signer, []*fault, *fault) {
	if s.token != nil {
		key, f := x.tokenSigner(ctx, s.token, s.Issuer.ID)
		return signer{id: s.Issuer.ID, key: key}, nil, f
	}
	return x.proofSigner(ctx, s, func(openbadge.Proof) string { return s.Issuer.ID })
}

// signedBySomebody is for a credential that is no badge, whose rules about issuer and key are not known
// here: whoever signed it is the key in a did:key or did:jwk, and that is all that is found out. The report
// then names the signer and not whom the document calls its issuer.
func (x *examination) signedBySomebody(ctx context.Context, s *sealed, not *fault) (signer, bool) {
	who, remarks, f := x.proofSigner(ctx, s, func(p openbadge.Proof) string { return controllerOf(p.VerificationMethod) })
	if f != nil || !strings.HasPrefix(who.id, "did:key:") && !strings.HasPrefix(who.id, "did:jwk:") {
		x.refuse(proofCheck(not), not)
		return signer{}, false
	}
	x.report.Badge.Issuer = Issuer{ID: who.id}
	x.add(Check{Name: CheckKey, Outcome: Warning, Code: not.code, Property: not.property, Message: "Nothing shows that the issuer named in the document made it; shown is who signed it."})
	x.pass(CheckProof, "The signature is good: nothing was changed since it was made.")
	x.remark(remarks)
	who.other = true
	return who, true
}

func (x *examination) remark(remarks []*fault) {
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
func (x *examination) tokenSigner(ctx context.Context, token *openbadge.JWS, issuer string) (crypto.PublicKey, *fault) {
	if f := algorithmFault(token); f != nil {
		return nil, f
	}
	if typ := mediaType(token.Header.Typ); typ != "" && typ != "jwt" && !slices.Contains(joseTypes, typ) {
		return nil, &fault{code: BadValue, property: "typ", message: "The token says that it is for something else than a credential."}
	}
	key, f := x.tokenKey(ctx, token.Header, issuer)
	if f != nil {
		return nil, f
	}
	switch err := token.Verify(key); {
	case err == nil:
		return key, nil
	case errors.Is(err, openbadge.ErrAlgorithm):
		return nil, algorithmOfOtherKey()
	}
	return nil, &fault{code: BadSignature, message: "The signature does not fit: the document was changed, or signed with another key."}
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
	return &fault{verdict: Invalid, code: BadSignature, property: "alg", message: "The token is signed with an algorithm that proves nothing."}
}

func algorithmOfOtherKey() *fault {
	return &fault{verdict: Invalid, code: BadSignature, property: "alg", message: "The algorithm does not belong to the issuer's key."}
}

// Types of VC-JOSE-COSE and its drafts; OB 3.0 itself has none or JWT (spec 3.0 section 6).
var joseTypes = []string{"vc+jwt", "vc+ld+jwt", "vc+ld+json+jwt"}

func mediaType(typ string) string { return strings.TrimPrefix(strings.ToLower(typ), "application/") }
