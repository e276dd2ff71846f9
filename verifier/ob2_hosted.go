package verifier

import (
	"context"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// ob2Examination is the work on a badge of 2.0 or older.
type ob2Examination struct {
	*examination
	*ob2Documents
}

func (x *examination) ob2() *ob2Examination {
	return &ob2Examination{x, newOB2Documents(x.documents, x.ob2Memory)}
}

// judgeHosted is for a 2.0 or 1.x document as JSON (spec 2.0 section 6). address is where it was
// fetched from. Of a document that was handed in only its address counts, and so does a declared id
// that differs from the address: what is there is judged.
func (x *ob2Examination) judgeHosted(ctx context.Context, data []byte, address string, hops int) {
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
		x.compareWithHosted(ctx, data, home)
	case o.Version == "1.0" && o.Kind == "":
		x.refuse(CheckParse, &fault{verdict: NotABadge, code: BadInput, message: "This JSON is no badge."})
	case address == "":
		x.unhosted(o)
	case home != "" && o.ID != address && o.ID == home && hops < maxHops:
		x.warn(CheckFetch, BadValue, "The document at the badge's address gives another id, which was followed.")
		x.visit(ctx, home, hops)
	case home != "" && o.ID != address && o.ID == home:
		x.refuse(CheckFetch, &fault{code: BadValue, property: "id",
			message: "The badge's ids lead from one document to the next."})
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
func (x *ob2Examination) visit(ctx context.Context, address string, hops int) {
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
func (x *ob2Examination) unhosted(o *ob2.Object) {
	problems := o.Problems()
	x.problems(problems)
	if len(problems) == 0 {
		x.fail(CheckProof, NotSigned, "The document is neither hosted nor signed, so nothing shows who made it.")
	}
}

// gone is for a hosted assertion that answers 410 (spec 2.0 section 6, step 2). What is gone is the address
// that was asked, whatever id the answer gives.
func (x *ob2Examination) gone(ctx context.Context, response *egress.Response, address string) {
	x.report.Format = FormatOB2Hosted
	reason := ""
	if o := withdrawn(response, "", ob2.KindAssertion); o != nil {
		x.report.Badge = &Badge{ID: address}
		_, reason = o.Revoked()
	}
	x.noteWithdrawn(ctx, "The issuer has withdrawn the badge.", reason)
}

// judgeObject judges a hosted document of any class that can stand alone. Where an award was handed in,
// nothing else may stand in its place.
func (x *ob2Examination) judgeObject(ctx context.Context, o *ob2.Object) {
	x.report.Format = hostedFormat(o)
	if x.awarded {
		o.Kind = ob2.KindAssertion
	}
	switch o.Kind {
	case ob2.KindAssertion:
		x.judgeAssertion(ctx, o)
	case ob2.KindBadgeClass:
		profile := x.issuerOf(ctx, o)
		x.report.Badge = ob2Badge(nil, o, profile)
		x.noteNoAward(o, profile)
		x.picture(ctx, o)
		x.judgeAdditions(ctx, o, profile)
	case ob2.KindProfile:
		x.report.Badge = ob2Badge(nil, nil, o)
		x.noteNoAward(o)
		x.judgeAdditions(ctx, o)
	case ob2.KindEndorsement:
		x.judgeEndorsement(ctx, o)
	default:
		x.noteNoAward(o)
	}
}

// judgeAdditions judges what issuers and others have added to hosted documents.
func (x *ob2Examination) judgeAdditions(ctx context.Context, objects ...*ob2.Object) {
	if x.sound() {
		x.judgeEndorsements(ctx, objects...)
		x.extensions(ctx, false, objects...)
	}
}

// noteNoAward is for well-formed documents that are part of a badge but no badge that somebody earned.
func (x *ob2Examination) noteNoAward(objects ...*ob2.Object) {
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

// compareWithHosted remarks when a hosted document that was handed in says something else than its issuer serves.
// Only what is served counts (spec 2.0 section 6), but who looks at the file has to know.
func (x *ob2Examination) compareWithHosted(ctx context.Context, data []byte, home string) {
	response, f := x.get(ctx, home, acceptPart) // remembered from the visit
	if f != nil || detect(response.Body) != isJSON {
		return
	}
	var file, served map[string]any
	if openbadge.UnmarshalStrict(data, &file) != nil || openbadge.UnmarshalStrict(trim(response.Body), &served) != nil {
		return
	}
	if !sameDocument(file, served) {
		x.warn(CheckExtract, BadValue, "What was handed in differs from the issuer's copy; what counts is the issuer's.")
	}
}

// sameDocument compares but for what two spellings of the same document may differ in: the context, one
// value or a list of one, and a part that is embedded or named by its address.
func sameDocument(a, b map[string]any) bool {
	for _, pair := range [][2]map[string]any{{a, b}, {b, a}} {
		for name := range pair[0] {
			if name != "@context" && !sameValue(pair[0][name], pair[1][name]) {
				return false
			}
		}
	}
	return true
}

func sameValue(a, b any) bool {
	a, b = onlyOne(a), onlyOne(b)
	switch v := a.(type) {
	case map[string]any:
		switch w := b.(type) {
		case map[string]any:
			return sameDocument(v, w)
		case string:
			return textOf(v["id"]) == w
		}
		return false
	case string:
		if w, isObject := b.(map[string]any); isObject {
			return textOf(w["id"]) == v
		}
	case []any:
		w, isList := b.([]any)
		if !isList || len(v) != len(w) {
			return false
		}
		for i := range v {
			if !sameValue(v[i], w[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

func onlyOne(v any) any {
	if list, isList := v.([]any); isList && len(list) == 1 {
		return list[0]
	}
	return v
}

// judgeAssertion takes a hosted assertion through the steps of spec 2.0 section 6 from the fourth on.
func (x *ob2Examination) judgeAssertion(ctx context.Context, o *ob2.Object) {
	x.report.Badge = ob2Badge(o, nil, nil)
	if revoked, reason := o.Revoked(); revoked {
		x.noteWithdrawn(ctx, "The issuer has withdrawn the badge.", reason)
		return
	}
	if o.VerificationType() == "SignedBadge" {
		x.refuse(CheckProof, &fault{code: VerificationType, property: "verification.type",
			message: "The badge says that it is signed, and this copy is not."})
	}
	class := x.classOf(ctx, o)
	var profile *ob2.Object
	if class != nil {
		profile = x.issuerOf(ctx, class)
	}
	x.report.Badge = ob2Badge(o, class, profile)
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
	x.judgeEndorsements(ctx, o, class, profile)
	x.extensions(ctx, false, o, class, profile)
}

// complete makes sure that a badge without its class or issuer is never taken for one, whatever the
// documents say about themselves.
func (x *ob2Examination) complete(class, profile *ob2.Object) bool {
	if x.sound() && (class == nil || profile == nil) {
		x.refuse(CheckParse, &fault{code: MissingProperty, property: "issuer",
			message: "The badge has no class, or nobody has issued it."})
	}
	return x.sound()
}

// wellFormed writes down the problems of each document that there is.
func (x *ob2Examination) wellFormed(objects ...*ob2.Object) {
	faulty := false
	for _, o := range objects {
		if o == nil {
			faulty = true
			continue
		}
		for _, path := range o.Nulls[:min(len(o.Nulls), maxProblems)] {
			x.add(Check{Name: CheckParse, Outcome: Warning, Code: BadValue, Property: path,
				Message: path + ": " + isNull + "."})
		}
		problems := o.Problems()
		if revoked, _ := o.Revoked(); revoked && o.Kind != ob2.KindAssertion {
			// Only an award can be revoked; Problems asks less of what is.
			problems = append(problems, openbadge.Problem{Code: BadValue, Property: "revoked",
				Message: "a part of the badge says that it is revoked"})
		}
		faulty = faulty || len(problems) > 0
		x.problems(problems)
	}
	if !faulty {
		x.pass(CheckParse, "The documents are well-formed.")
	}
}

// scope is the hosted badge's proof: the issuer lets this address speak for it.
func (x *ob2Examination) scope(o, class, profile *ob2.Object) {
	if profile == nil {
		x.skip(CheckScope, "Without the issuer's profile its hosting policy is not known.")
		return
	}
	problems := ob2.Scope(o, class, profile)
	for _, p := range problems {
		x.refuse(CheckScope, problemFault(p))
	}
	if len(problems) > 0 {
		return
	}
	x.pass(CheckScope, "The badge is hosted where its issuer keeps its badges.")
	if x.answeredElsewhere[o.ID] {
		x.add(Check{Name: CheckProof, Outcome: Pass, Property: "id",
			Message: "The issuer's own server leads on to another one, which serves the badge."})
		return
	}
	x.pass(CheckProof, "The issuer's own server serves the badge.")
}

func (x *ob2Examination) assertionDates(o *ob2.Object) {
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

// picture fetches an image that the standard wants to be there (spec 2.0 sections 4 and 14). A data
// URI has been judged with its document. A server that cannot be reached shows nothing, here as for
// every document: contract section 5 knows no picture that is missing for being out of reach.
func (x *ob2Examination) picture(ctx context.Context, o *ob2.Object) {
	if o == nil {
		return
	}
	image := o.Image()
	if _, isWeb := egress.WebURL(image.URL); !isWeb || image.IsData() {
		return
	}
	response, f := x.get(ctx, image.URL, acceptPart)
	switch {
	case f != nil:
		x.refuse(CheckImage, f.as(ImageFetch).aboutState())
	case !isBadgePicture(response):
		x.fail(CheckImage, ImageType, "A picture of the badge is neither PNG nor SVG.")
	default:
		x.pass(CheckImage, "The picture is there.")
	}
}

// isBadgePicture asks the sender and the bytes.
func isBadgePicture(r *egress.Response) bool {
	t, _, _ := mime.ParseMediaType(r.ContentType)
	if strings.HasPrefix(t, "image/") && t != "image/png" && t != "image/svg+xml" {
		return false
	}
	return openbadge.IsPNG(r.Body) || openbadge.IsSVG(r.Body)
}

// ob2Badge is what the documents of a 2.0 badge say; each may be nil.
func ob2Badge(assertion, class, profile *ob2.Object) *Badge {
	b := &Badge{}
	if profile != nil {
		b.ID, b.Name, b.Description, b.Image = profile.ID, profile.Text("name"), profile.Text("description"), profile.Image().URL
		b.Issuer = Issuer{ID: profile.ID, Name: profile.Text("name"), URL: profile.Text("url")}
	}
	if class != nil {
		b.ID, b.Name, b.Description, b.Image = class.ID, class.Text("name"), class.Text("description"), class.Image().URL
	}
	if assertion != nil {
		b.ID, b.Recipient = assertion.ID, assertion.Recipient().Identity
		b.IssuedOn, b.ExpiresOn = moment(assertion.IssuedOn().Time), moment(assertion.Expires().Time)
		if image := assertion.Image().URL; image != "" && b.Image == "" {
			b.Image = image
		}
	}
	return b
}
