package verifier

import (
	"context"
	"net/http"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// judgeHosted is for a 2.0 or 1.x document as JSON (spec 2.0 section 6). address is where it was
// fetched from. Of a document that was handed in only its address counts, and so does a declared id
// that differs from the address: what is there is judged.
func (x *examination) judgeHosted(ctx context.Context, data []byte, address string, hops int) {
	o, f := x.read(ctx, data, address, "")
	if f != nil && address == "" {
		o, f = submitted(data, f)
	}
	if f != nil {
		x.refuse(CheckParse, f)
		return
	}
	home := o.Home()
	if o.Kind == ob2.KindAssertion {
		x.awarded = true
	}
	switch {
	case home != "" && address == "":
		x.visit(ctx, home, hops)
		x.compared(ctx, data, home)
	case o.Version == "1.0" && o.Kind == "":
		x.refuse(CheckParse, &fault{verdict: NotABadge, code: BadInput, message: "This JSON is no badge."})
	case address == "":
		x.unhosted(o)
	case home != "" && o.ID != address && o.ID == home && hops < maxHops:
		x.warn(CheckFetch, BadValue, "The document at the badge's address gives another id, which was followed.")
		x.visit(ctx, home, hops)
	case home != "" && o.ID != address && o.ID == home:
		x.refuse(CheckFetch, &fault{code: BadValue, property: "id", message: "The badge's ids lead from one document to the next."})
	default:
		x.judgeObject(ctx, o)
	}
}

// submitted reads what was handed in without the contexts that could not be had: only its address is
// wanted.
func submitted(data []byte, f *fault) (*ob2.Object, *fault) {
	if f.code != BadContext {
		return nil, f
	}
	o, err := ob2.Read(data, "", "")
	if err != nil || o.Home() == "" {
		return nil, f
	}
	return o, nil
}

// maxHops is how many ids of a document are followed.
const maxHops = 2

// visit fetches a hosted document from its own address and judges it.
func (x *examination) visit(ctx context.Context, address string, hops int) {
	response, f := x.get(ctx, address, acceptPart)
	switch {
	case f != nil && f.status == http.StatusGone:
		x.gone(ctx, response, address)
	case f != nil:
		x.refuse(CheckFetch, f)
	default:
		x.pass(CheckFetch, "The badge was fetched from its own address; only what is there counts.")
		x.sender(response, address)
		if detect(response.Body) != isJSON {
			x.fail(CheckParse, NotJSON, "There is no badge document at the badge's address.")
			return
		}
		x.judgeHosted(ctx, trim(response.Body), address, hops+1)
	}
}

// unhosted is for a document that names no address and is not signed either.
func (x *examination) unhosted(o *ob2.Object) {
	problems := o.Problems()
	x.problems(problems)
	if len(problems) == 0 {
		x.fail(CheckProof, NotSigned, "The document is neither hosted nor signed, so nothing shows who made it.")
	}
}

// gone is for a hosted assertion that answers 410 (spec 2.0 section 6, step 2). What is gone is the address
// that was asked, whatever id the answer gives.
func (x *examination) gone(ctx context.Context, response *egress.Response, address string) {
	x.report.Format = FormatOB2Hosted
	reason := ""
	if o := withdrawn(response, "", ob2.KindAssertion); o != nil {
		x.report.Badge = &Badge{ID: address}
		_, reason = o.Revoked()
	}
	x.takenBack(ctx, "The issuer has withdrawn the badge.", reason)
}

func withReason(message, reason string) string {
	if reason = clip(reason); reason == "" {
		return message
	}
	return message + " Reason: " + reason
}

// judgeObject judges a hosted document of any class that can stand alone. Where an award was handed in,
// nothing else may stand in its place.
func (x *examination) judgeObject(ctx context.Context, o *ob2.Object) {
	x.report.Format = hostedFormat(o)
	if x.awarded {
		o.Kind = ob2.KindAssertion
	}
	switch o.Kind {
	case ob2.KindAssertion:
		x.judgeAssertion(ctx, o)
	case ob2.KindBadgeClass:
		profile := x.issuerOf(ctx, o)
		x.report.Badge = badgeOf2(nil, o, profile)
		x.noAward(o, profile)
		x.picture(ctx, o)
		x.added(ctx, o, profile)
	case ob2.KindProfile:
		x.report.Badge = badgeOf2(nil, nil, o)
		x.noAward(o)
		x.added(ctx, o)
	case ob2.KindEndorsement:
		x.judgeEndorsement2(ctx, o)
	default:
		x.noAward(o)
	}
}

// added judges what issuers and others have added to hosted documents.
func (x *examination) added(ctx context.Context, objects ...*ob2.Object) {
	if x.sound() {
		x.endorsed(ctx, objects...)
		x.extensions(ctx, false, objects...)
	}
}

// noAward is for well-formed documents that are part of a badge but no badge that somebody earned.
func (x *examination) noAward(objects ...*ob2.Object) {
	x.wellFormed(objects...)
	x.warn(CheckParse, UnsupportedType, "This is no badge that somebody was awarded, only a document that badges are made of.")
	x.recipient(func(string) bool { return false })
}

func hostedFormat(o *ob2.Object) string {
	if o.Version == "2.0" {
		return FormatOB2Hosted
	}
	return FormatOB1Hosted
}
