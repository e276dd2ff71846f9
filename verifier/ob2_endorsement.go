package verifier

import (
	"context"
	"fmt"
	"net/http"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// judgeEndorsements judges what others say about the parts of a 2.0 badge, since its issuer links to it (spec
// 2.0 section 6, steps 5 and 10). An endorsement that its author has taken back, or that speaks about
// something else, only says nothing; one that is against the standard makes the badge so.
func (x *ob2Examination) judgeEndorsements(ctx context.Context, parts ...*ob2.Object) {
	seen := 0
	for _, part := range parts {
		if part == nil {
			continue
		}
		for _, link := range part.Endorsements() {
			if seen++; seen <= maxEndorsements {
				x.judgeLinkedEndorsement(ctx, part, link)
			}
		}
	}
	if more := seen - maxEndorsements; more > 0 {
		x.refuse(CheckEndorse, &fault{verdict: unsure,
			message: fmt.Sprintf("%d more endorsements than can be checked.", more)})
	}
}

// judgeLinkedEndorsement judges one endorsement of part.
func (x *ob2Examination) judgeLinkedEndorsement(ctx context.Context, part *ob2.Object, link ob2.Link) {
	o, hosted := x.endorsementAt(ctx, link)
	if o == nil {
		return
	}
	if revoked, _ := o.Revoked(); revoked {
		x.warn(CheckEndorse, CodeRevoked, "An endorsement was taken back by whoever gave it.")
		return
	}
	problems := o.Problems()
	for _, p := range problems[:min(len(problems), maxProblems)] {
		f := problemFault(p)
		f.property = "endorsement." + f.property
		x.refuse(CheckEndorse, f)
	}
	about, _ := o.Claim()
	switch {
	case len(problems) > 0:
	case !hosted:
		x.warn(CheckEndorse, NotSigned, "An endorsement is neither hosted nor signed, so nothing shows who gave it.")
	case about != part.ID:
		x.warn(CheckEndorse, BadValue, "An endorsement is about something else than what links to it.")
	default:
		x.endorser(ctx, o)
	}
}

// endorsementAt gives the endorsement behind a link, and whether it is the hosted one; nil, after
// saying why, when there is none.
func (x *ob2Examination) endorsementAt(ctx context.Context, link ob2.Link) (o *ob2.Object, hosted bool) {
	if _, isWeb := egress.WebURL(link.ID); !isWeb && link.Embedded != nil {
		return link.Embedded, false
	}
	if link.ID == "" {
		return nil, false // which Problems says
	}
	o, f := x.load(ctx, link.ID, ob2.KindEndorsement)
	switch {
	case f != nil && f.status == http.StatusGone:
		x.warn(CheckEndorse, CodeRevoked, "An endorsement was taken back by whoever gave it.")
	case f != nil:
		x.refuse(CheckEndorse, f.aboutState())
	default:
		return o, true
	}
	return nil, false
}

// endorser judges who gave a hosted endorsement, and whether it lies where they keep theirs.
func (x *ob2Examination) endorser(ctx context.Context, o *ob2.Object) {
	if o.VerificationType() != "HostedBadge" {
		x.refuse(CheckEndorse, &fault{code: VerificationType, property: "endorsement.verification.type",
			message: "An endorsement says that it is signed, and this copy is not."})
		return
	}
	profile, f := x.endorserOf(ctx, o)
	if f != nil {
		x.refuse(CheckEndorse, f.aboutState())
		return
	}
	problems := append(profile.Problems(), ob2.Scope(o, nil, profile)...)
	for _, p := range problems[:min(len(problems), maxProblems)] {
		f := problemFault(p)
		f.property = "endorsement.issuer." + f.property
		x.refuse(CheckEndorse, f)
	}
	if o.IssuedOn().Time.After(x.at.Add(skew)) {
		x.warn(CheckEndorse, NotYetIssued, "An endorsement is not given yet.")
		return
	}
	if len(problems) == 0 {
		x.pass(CheckEndorse, "An endorsement of the badge is genuine.")
	}
}

func (x *ob2Examination) endorserOf(ctx context.Context, o *ob2.Object) (*ob2.Object, *fault) {
	link := o.Issuer()
	if _, isWeb := egress.WebURL(link.ID); !isWeb && link.Embedded != nil {
		return link.Embedded, nil
	}
	return x.load(ctx, link.ID, ob2.KindEndorser)
}

// judgeEndorsement is for an endorsement that was handed in by itself: it is judged like a badge, and
// the report says that it is none.
func (x *ob2Examination) judgeEndorsement(ctx context.Context, o *ob2.Object) {
	x.report.Badge = endorsementShown(o, nil)
	if revoked, reason := o.Revoked(); revoked {
		x.fail(CheckStatus, CodeRevoked, withReason("The endorsement was taken back.", reason))
		return
	}
	if o.VerificationType() == "SignedBadge" {
		x.refuse(CheckProof, &fault{code: VerificationType, property: "verification.type",
			message: "The endorsement says that it is signed, and this copy is not."})
	}
	profile := x.issuerOf(ctx, o)
	x.report.Badge = endorsementShown(o, profile)
	x.noteNoAward(o, profile)
	x.scope(o, nil, profile)
	x.assertionDates(o)
	if x.sound() {
		x.extensions(ctx, false, o, profile)
	}
}

func endorsementShown(o, profile *ob2.Object) *Badge {
	b := &Badge{}
	if profile != nil {
		b = ob2Badge(nil, nil, profile)
	}
	about, comment := o.Claim()
	b.ID, b.Name, b.Description, b.Image, b.Recipient = o.ID, "", comment, "", about
	b.IssuedOn = moment(o.IssuedOn().Time)
	return b
}

// signedEndorsement is for an endorsement inside a token (spec 2.0 section 7).
func (x *ob2Examination) signedEndorsement(ctx context.Context, token *openbadge.JWS, o *ob2.Object) {
	profile := x.issuerOf(ctx, o)
	x.report.Badge = endorsementShown(o, profile)
	x.noteNoAward(o, profile)
	if profile != nil {
		ob2Signature{x, token, o, profile}.check(ctx)
	}
	x.assertionDates(o)
	if x.sound() {
		x.revocationList(ctx, o, profile)
		x.extensions(ctx, true, o)
	}
}
