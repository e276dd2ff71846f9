package verifier

import (
	"context"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// judgeSigned is for a signed badge of 2.0 or older (spec 2.0 section 7), or a signed endorsement.
func (x *examination) judgeSigned(ctx context.Context, token *openbadge.JWS) {
	o, f := x.read(ctx, token.Payload, "", "")
	if f != nil {
		x.refuse(CheckParse, f)
		return
	}
	if o.Version == "1.0" && o.Kind == "" || o.Version == "0.5" {
		x.refuse(CheckParse, &fault{verdict: NotABadge, code: UnsupportedType, message: "What the token signs is no badge."})
		return
	}
	x.report.Format = signedFormat(o)
	endorsement := o.Kind == ob2.KindEndorsement && !x.awarded
	if !endorsement {
		o.Kind = ob2.KindAssertion // nothing else may be signed, so Problems refuses other types
	}
	x.report.Badge = badgeOf2(o, nil, nil)
	if o.VerificationType() != "SignedBadge" {
		x.refuse(CheckProof, &fault{code: VerificationType, property: "verification.type", message: "The token is signed, but the badge in it does not say so."})
	}
	if revoked, reason := o.Revoked(); revoked {
		x.revoked("The issuer has withdrawn the badge.", reason)
	}
	if endorsement {
		x.signedEndorsement(ctx, token, o)
		return
	}
	x.signedAssertion(ctx, token, o)
}

func signedFormat(o *ob2.Object) string {
	if o.Version == "2.0" {
		return FormatOB2Signed
	}
	return FormatOB1Signed
}

func (x *examination) signedAssertion(ctx context.Context, token *openbadge.JWS, o *ob2.Object) {
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
	x.assertionRecipient(ctx, o)
	x.endorsed(ctx, o, class, profile)
	x.extensions(ctx, true, o)
	x.extensions(ctx, false, class, profile)
}

// signedClass: an embedded badge class is part of what was signed, so it counts as it stands.
func (x *examination) signedClass(ctx context.Context, o *ob2.Object) *ob2.Object {
	if class := o.Badge().Embedded; class != nil {
		return class
	}
	return x.classOf(ctx, o)
}

// revocationList asks the issuer's list (spec 2.0 section 7, step 7).
func (x *examination) revocationList(ctx context.Context, o, profile *ob2.Object) {
	address := profile.RevocationList().ID
	if address == "" {
		x.noStatus()
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
		x.takenBack(ctx, "The issuer has withdrawn the badge.", reason)
		return
	}
	x.pass(CheckStatus, "The badge is not among those that the issuer has withdrawn.")
}
