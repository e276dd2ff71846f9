package verifier

import (
	"context"
	"slices"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// judgeSigned is for a signed badge of 2.0 (spec 2.0 section 7).
func (x *examination) judgeSigned(ctx context.Context, token *openbadge.JWS) {
	o, err := ob2.Read(token.Payload, "", "")
	if err != nil || o.Version == "1.0" && o.Kind == "" {
		x.refuse(CheckParse, &fault{verdict: NotABadge, code: UnsupportedType, message: "What the token signs is no badge."})
		return
	}
	o.Kind = ob2.KindAssertion // nothing else may be signed, so Problems refuses other types
	x.report.Format = FormatOB2Signed
	x.report.Badge = badgeOf2(o, nil, nil)
	if o.Version != "2.0" {
		x.report.Format = FormatOB1Signed
		x.refuse(CheckProof, &fault{verdict: unproven, code: UnsupportedType, message: "Signed badges of the 1.x editions cannot be checked yet."})
		return
	}
	if o.VerificationType() != "SignedBadge" {
		x.refuse(CheckProof, &fault{code: VerificationType, property: "verification.type", message: "The token is signed, but the badge in it does not say so."})
	}
	if revoked, _ := o.Revoked(); revoked {
		x.fail(CheckStatus, CodeRevoked, withReason("The issuer has withdrawn the badge.", o))
	}
	class := x.signedClass(ctx, o)
	var profile *ob2.Object
	if class != nil {
		profile = x.issuerOf(ctx, class)
	}
	x.report.Badge = badgeOf2(o, class, profile)
	x.wellFormed(o, class, profile)
	if profile != nil {
		x.signedProof(ctx, token, o, profile)
	}
	x.assertionDates(o)
	if !x.complete(class, profile) {
		return
	}
	x.revocationList(ctx, o, profile)
	x.picture(ctx, o)
	x.picture(ctx, class)
	x.assertionRecipient(o)
	x.endorsements(len(o.Endorsements()) + len(class.Endorsements()) + len(profile.Endorsements()))
}

// signedClass: an embedded badge class is part of what was signed, so it counts as it stands.
func (x *examination) signedClass(ctx context.Context, o *ob2.Object) *ob2.Object {
	if class := o.Badge().Embedded; class != nil {
		return class
	}
	return x.classOf(ctx, o)
}

// signedProof tries the keys of the hosted profile; those of an embedded copy would be the signer's
// own word. With a creator only that one is tried.
func (x *examination) signedProof(ctx context.Context, token *openbadge.JWS, o, profile *ob2.Object) {
	if token.Header.Alg != openbadge.RS256 {
		x.refuse(CheckProof, &fault{verdict: Invalid, code: BadSignature, property: "alg", message: "The token is signed with an algorithm that proves nothing, or one that is not allowed."})
		return
	}
	if _, hosted := webURL(profile.ID); !hosted {
		x.refuse(CheckKey, notOwned("The issuer's profile is not hosted, so nobody vouches for its key."))
		return
	}
	keys := profile.PublicKeys()
	if creator := o.Creator(); creator != "" {
		keys = slices.DeleteFunc(keys, func(l ob2.Link) bool { return l.ID != creator })
	}
	worst := notOwned("The issuer's profile does not list the key that the badge was signed with.")
	worst.property = "verification.creator"
	for _, link := range keys[:min(len(keys), maxFetches)] {
		f := x.signedBy(ctx, token, link, profile.ID)
		if f == nil {
			x.pass(CheckKey, "The key belongs to the issuer.")
			x.pass(CheckProof, "The signature is good: nothing was changed since it was made.")
			return
		}
		if !worst.unknown() {
			worst = f
		}
	}
	name := CheckKey
	if worst.code == BadSignature {
		name = CheckProof
	}
	x.refuse(name, worst)
}

// signedBy is nil when the key behind link belongs to owner and made the signature.
func (x *examination) signedBy(ctx context.Context, token *openbadge.JWS, link ob2.Link, owner string) *fault {
	document := link.Embedded
	if _, isWeb := webURL(link.ID); isWeb {
		var f *fault
		if document, f = x.load(ctx, link.ID, ob2.KindKey); f != nil {
			return f.as(KeyFetch)
		}
	}
	if document == nil {
		return &fault{code: KeyFetch, property: "publicKey", message: "The issuer's key has no address."}
	}
	if by := document.Text("owner"); by != "" && by != owner {
		return &fault{code: KeyOwner, property: "owner", message: "The key says that it belongs to somebody else."}
	}
	key, err := openbadge.ParsePublicKeyPEM(document.Text("publicKeyPem"))
	if err != nil {
		return &fault{code: KeyFetch, property: "publicKeyPem", message: "The issuer's key cannot be read."}
	}
	if token.Verify(key, openbadge.RS256) != nil {
		return &fault{code: BadSignature, message: "The signature does not fit: the badge was changed, or signed with another key."}
	}
	return nil
}

// revocationList asks the issuer's list (spec 2.0 section 7, step 7).
func (x *examination) revocationList(ctx context.Context, o, profile *ob2.Object) {
	address := profile.Text("revocationList")
	if address == "" {
		x.pass(CheckStatus, "The issuer publishes no list of withdrawn badges.")
		return
	}
	list, f := x.load(ctx, address, ob2.KindRevocationList)
	if f != nil {
		x.refuse(CheckStatus, f.as(RevocationList).later())
		return
	}
	if problems := list.Problems(); len(problems) > 0 {
		x.refuse(CheckStatus, &fault{code: RevocationList, property: problems[0].Property, message: "The issuer's list of withdrawn badges is malformed."})
		return
	}
	if revoked, reason := list.Listed(o.ID, o.Text("uid")); revoked {
		message := "The issuer has withdrawn the badge."
		if reason != "" {
			message += " Reason: " + reason
		}
		x.fail(CheckStatus, CodeRevoked, message)
		return
	}
	x.pass(CheckStatus, "The badge is not among those that the issuer has withdrawn.")
}
