package verifier

import (
	"context"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// judgeAssertion takes a hosted assertion through the steps of spec 2.0 section 6 from the fourth on.
func (x *examination) judgeAssertion(ctx context.Context, o *ob2.Object) {
	x.report.Badge = badgeOf2(o, nil, nil)
	if revoked, reason := o.Revoked(); revoked {
		x.takenBack(ctx, "The issuer has withdrawn the badge.", reason)
		return
	}
	if o.VerificationType() == "SignedBadge" {
		x.refuse(CheckProof, &fault{code: VerificationType, property: "verification.type", message: "The badge says that it is signed, and this copy is not."})
	}
	class := x.classOf(ctx, o)
	var profile *ob2.Object
	if class != nil {
		profile = x.issuerOf(ctx, class)
	}
	x.report.Badge = badgeOf2(o, class, profile)
	x.wellFormed(o, class, profile)
	x.scope(o, class, profile)
	x.assertionDates(o)
	if !x.complete(class, profile) {
		return
	}
	x.pass(CheckStatus, "The badge is still at its address, so it is not withdrawn.")
	x.picture(ctx, o)
	x.picture(ctx, class)
	x.assertionRecipient(ctx, o)
	x.endorsed(ctx, o, class, profile)
	x.extensions(ctx, false, o, class, profile)
}

// complete makes sure that a badge without its class or issuer is never taken for one, whatever the
// documents say about themselves.
func (x *examination) complete(class, profile *ob2.Object) bool {
	if x.sound() && (class == nil || profile == nil) {
		x.refuse(CheckParse, &fault{code: MissingProperty, property: "issuer", message: "The badge has no class, or nobody has issued it."})
	}
	return x.sound()
}

// wellFormed writes down the problems of each document that there is.
func (x *examination) wellFormed(objects ...*ob2.Object) {
	faulty := false
	for _, o := range objects {
		if o == nil {
			faulty = true
			continue
		}
		for _, path := range o.Nulls[:min(len(o.Nulls), maxProblems)] {
			x.add(Check{Name: CheckParse, Outcome: Warning, Code: BadValue, Property: path, Message: path + ": " + isNull + "."})
		}
		problems := o.Problems()
		if revoked, _ := o.Revoked(); revoked && o.Kind != ob2.KindAssertion {
			// Only an award can be revoked; Problems asks less of what is.
			problems = append(problems, openbadge.Problem{Code: BadValue, Property: "revoked", Message: "a part of the badge says that it is revoked"})
		}
		faulty = faulty || len(problems) > 0
		x.problems(problems)
	}
	if !faulty {
		x.pass(CheckParse, "The documents are well-formed.")
	}
}

// scope is the hosted badge's proof: the issuer lets this address speak for it.
func (x *examination) scope(o, class, profile *ob2.Object) {
	if profile == nil {
		x.skip(CheckScope, "Without the issuer's profile its hosting policy is not known.")
		return
	}
	problems := ob2.Scope(o, class, profile)
	for _, p := range problems {
		x.refuse(CheckScope, problemFault(p))
	}
	if len(problems) == 0 {
		x.pass(CheckScope, "The badge is hosted where its issuer keeps its badges.")
		x.pass(CheckProof, "The issuer's own server serves the badge.")
	}
}

func (x *examination) assertionDates(o *ob2.Object) {
	problems := o.Dates(x.at)
	for _, p := range problems {
		if p.Code == openbadge.NotYetIssued && !o.IssuedOn().Time.After(x.at.Add(skew)) {
			continue
		}
		x.refuse(CheckDates, problemFault(p))
	}
	if len(problems) == 0 && !o.IssuedOn().IsZero() {
		x.pass(CheckDates, "The badge is within its dates.")
	}
}
