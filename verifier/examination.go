package verifier

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

// examination is the work on one document, of whatever edition: what was found and fetched so far.
type examination struct {
	*notes
	*documents
	ob2Memory *memory
	known     func(issuerID string) bool
	panicked  func(problem any, stack []byte)
	in        Input
	now, at   time.Time
	awarded   bool       // what was handed in is, or stands for, an award
	own       *ownRecord // what Options.Own answered about the badge; nil: not asked
}

func (v *Verifier) newExamination(in Input) *examination {
	n, now := newNotes(), v.options.Now().UTC().Truncate(time.Second)
	x := &examination{
		notes: n, documents: newDocuments(v.options, in, n), ob2Memory: v.memory, known: v.options.Known, panicked: v.options.Panicked,
		in: in, now: now, at: now,
	}
	if !in.At.IsZero() {
		x.at = in.At.UTC()
	}
	return x
}

// beside is an examination of something that the badge names: it shares what was fetched and notes for itself.
func (x *examination) beside(in Input) *examination {
	return &examination{
		notes: newNotes(), documents: x.documents, ob2Memory: x.ob2Memory, known: x.known, panicked: x.panicked,
		in: in, now: x.now, at: x.at,
	}
}

// place says where the bytes that open looks at came from. A picture is opened once, and an address is
// followed once from outside and once from inside a picture, so chains of them end.
type place struct {
	address string // where it was fetched from; "" when it was handed in or sat in a picture
	picture bool   // a picture was opened on the way here
}

// open finds the badge document in data and has it judged.
func (x *examination) open(ctx context.Context, data []byte, from place) {
	switch k := detect(data); {
	case k == isURL && from.address == "":
		x.follow(ctx, string(trim(data)), from)
	case k == isPNG && !from.picture:
		x.openPNG(ctx, data)
	case k == isSVG && !from.picture:
		x.openSVG(ctx, data)
	case (k == isJSON || k == isToken) && len(data) > openbadge.MaxToken:
		x.refuse(CheckExtract, &fault{verdict: Invalid, code: BadInput,
			message: "The document is larger than 4 MiB."})
	case k == isJSON && tooComplex(data), k == isToken && tokenTooComplex(data):
		x.refuse(CheckExtract, &fault{verdict: Invalid, code: BadInput,
			message: "The document has more parts than are read."})
	case k == isJSON:
		x.judgeJSON(ctx, trim(data), from.address)
	case k == isToken:
		x.judgeToken(ctx, string(trim(data)))
	case k == isPicture:
		x.fail(CheckExtract, NoBadgeInImage, "This is a picture or document of a kind that carries no badge.")
	case from.address != "":
		x.refuse(CheckExtract, &fault{verdict: NotABadge, code: NotJSON,
			message: "The address leads to no badge document."})
	default:
		x.fail(CheckExtract, BadInput, "This is no address, badge document, token or picture.")
	}
}

// follow fetches the address of a badge and opens what is there.
func (x *examination) follow(ctx context.Context, address string, from place) {
	response, f := x.get(ctx, address, acceptBadge)
	switch {
	case f != nil && f.status == http.StatusGone:
		x.ob2().gone(ctx, response, address)
	case f != nil:
		x.refuse(CheckFetch, f)
	default:
		x.pass(CheckFetch, "The address answered.")
		x.sender(response, address)
		x.open(ctx, response.Body, place{address: address, picture: from.picture})
	}
}

// judgeJSON sends a JSON document to the judge of its edition. address is where it was fetched from.
func (x *examination) judgeJSON(ctx context.Context, data []byte, address string) {
	var m map[string]any
	if err := openbadge.UnmarshalStrict(data, &m); err != nil {
		x.fail(CheckParse, NotJSON, "The document is no JSON object, or one that readers could understand differently.")
		return
	}
	if isPresentation(m) {
		x.refuse(CheckParse, aPresentation())
		return
	}
	if !looksLikeCredential(m) {
		x.ob2().judgeHosted(ctx, data, address, 0)
		return
	}
	if token, found := envelopedToken(m); found {
		x.judgeToken(ctx, token)
		return
	}
	x.report.Format = FormatOB3Proof
	s, f := unsealed(data, openbadge.ReadCredential)
	if f != nil {
		x.refuse(CheckParse, f)
		return
	}
	x.ob3(newStatusLists()).judgeCredential(ctx, s)
}

// judgeToken is for a compact JWS: a 3.0 credential or a signed badge of 2.0.
func (x *examination) judgeToken(ctx context.Context, text string) {
	token, err := openbadge.ParseJWS(text)
	if err != nil {
		x.fail(CheckParse, BadValue, "The token is malformed, or its header has members that are not safe to ignore.")
		return
	}
	var m map[string]any
	if err := openbadge.UnmarshalStrict(token.Payload, &m); err != nil {
		x.fail(CheckParse, NotJSON, "What the token signs is no JSON object.")
		return
	}
	if isPresentation(m) {
		x.refuse(CheckParse, aPresentation())
		return
	}
	if _, wrapped := m["vc"]; !wrapped && !looksLikeCredential(m) {
		x.ob2().judgeSigned(ctx, token)
		return
	}
	x.report.Format = FormatOB3JWT
	s, f := unsealed(token.Payload, openbadge.ReadClaims)
	if f != nil {
		x.refuse(CheckParse, f)
		return
	}
	s.token = token
	if len(s.Claims.Missing) > 0 && !s.jose() {
		x.warn(CheckParse, MissingProperty, "The token lacks claims that the standard asks for: "+strings.Join(s.Claims.Missing, ", ")+".")
	}
	x.ob3(newStatusLists()).judgeCredential(ctx, s)
}

func (x *examination) openPNG(ctx context.Context, data []byte) {
	if pngTooComplex(data) {
		x.fail(CheckExtract, BadImage, "The picture has more parts than are read.")
		return
	}
	chunks, err := openbadge.Extract(data)
	if err != nil {
		x.pictureFault(err)
		return
	}
	var badges []carried
	for _, c := range chunks {
		badges = append(badges, carried{c.Keyword, c.Text})
	}
	x.openCarried(ctx, badges)
}

func (x *examination) openSVG(ctx context.Context, data []byte) {
	if svgTooComplex(data) {
		x.fail(CheckExtract, BadImage, "The picture has more parts than are read.")
		return
	}
	elements, err := openbadge.ExtractSVG(data)
	if err != nil {
		x.pictureFault(err)
		return
	}
	var badges []carried
	for _, e := range elements {
		// A body counts before the attribute: spec 2.0 section 9.
		text := e.Body
		if text == "" {
			text = e.Verify
		}
		badges = append(badges, carried{e.Keyword, text})
	}
	x.openCarried(ctx, badges)
}

func (x *examination) pictureFault(err error) {
	if errors.Is(err, openbadge.ErrBake) {
		x.fail(CheckExtract, BadBake, "The badge sits in the picture in a form that the standard forbids.")
		return
	}
	x.fail(CheckExtract, BadImage, "The picture is damaged.")
}

// carried is one badge in a picture.
type carried struct{ keyword, text string }

// openCarried judges one of the badges in a picture: the 3.0 credential, since it stands for itself,
// else the 2.0 badge, which comes first only where nothing vouches for the other. The first of a keyword
// counts.
func (x *examination) openCarried(ctx context.Context, badges []carried) {
	first := map[string]string{}
	for _, b := range badges {
		if _, repeated := first[b.keyword]; repeated {
			x.warn(CheckExtract, BadBake, "The picture carries more than one badge of the same kind; the first counts.")
			continue
		}
		first[b.keyword] = b.text
	}
	x.report.Extracted = first
	ob2, has2 := first[openbadge.KeywordOB2]
	ob3, has3 := first[openbadge.KeywordOB3]
	if has3 && !isCredentialText(ob3) {
		has3 = false // the keyword of 3.0 may only carry a 3.0 credential (spec 3.0 section 11)
	}
	next := place{picture: true}
	switch {
	case has3 && (!has2 || isVouchedFor(ob3)):
		x.pass(CheckExtract, "The picture carries an Open Badges 3.0 credential.")
		x.awarded = true
		x.open(ctx, []byte(ob3), next)
	case has2:
		x.pass(CheckExtract, "The picture carries an Open Badges 2.0 badge.")
		x.awarded = true
		x.open(ctx, []byte(ob2), next)
	default:
		x.fail(CheckExtract, NoBadgeInImage, "There is no badge inside this picture.")
	}
}

func (x *examination) conclude(ctx context.Context) *Report {
	x.markTest(ctx)
	x.applyRecord(ctx)
	r := x.report
	r.Verdict = decide(x.findings)
	r.Valid = r.Verdict == Valid
	r.CheckedAt, r.ours = x.now, x.isOurs()
	r.refused, r.here = x.refused, x.here
	if !r.Test && r.Badge != nil && r.Badge.Issuer.ID != "" && x.sound() {
		r.IssuerKnown = x.known(r.Badge.Issuer.ID)
	}
	return r
}

// broken is the report where this program failed: no document may end the process, and none may pass
// because a check of it was not finished.
func (x *examination) broken(p *egress.Panic) *Report {
	x.panicked(p.Value, p.Stack)
	r := x.report
	r.Valid, r.Verdict, r.IssuerKnown, r.CheckedAt = false, Undetermined, false, x.now
	r.refused, r.here = x.refused, x.here
	x.add(Check{Name: CheckExtract, Outcome: Unknown, Code: Internal,
		Message: "The check failed for a reason of this verifier's own, which says nothing about the badge."})
	return r
}
