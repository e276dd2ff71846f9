package check

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// Most characters of what a document says of itself that a page shows.
const (
	titleMost       = 300
	descriptionMost = 2000
	issuerIDMost    = 500
	insideMost      = 512 << 10 // bytes of a picture inside a document
)

// result is a report as a page. What a document says of itself is shown only where its proof holds.
func (d *Door) result(r *verifier.Report, in verifier.Input, page templates.Page) templates.VerifyResult {
	v := templates.VerifyResult{
		Page: page, Verdict: string(r.Verdict), IssuerKnown: r.IssuerKnown, Test: r.Test,
		CheckedAt: r.CheckedAt, At: in.At, Format: r.Format, Given: given(in),
		FileName: short(in.Name, titleMost), AskedName: in.Person, AskedEmail: in.Recipient,
		Checks: checksOf(r),
	}
	if v.Given == templates.GivenLink {
		v.Address = short(strings.TrimSpace(string(in.Data)), issuerIDMost)
	}
	if r.Presentation() {
		v.Given = templates.GivenPresentation
	}
	if kind := d.ownPage(string(in.Data)); kind != "" && r.Verdict == verifier.NotShared {
		v.Given = kind
	}
	v.Damaged, v.Refused = damaged(r, in), r.Refused()
	if r.Badge == nil || !proven(r.Checks) {
		return v
	}
	b := r.Badge
	v.Title.Value, v.Description.Value = short(b.Name, titleMost), short(b.Description, descriptionMost)
	v.Issuer.Value, v.IssuerID, v.Domain = short(b.Issuer.Name, titleMost), short(b.Issuer.ID, issuerIDMost), short(domain(b.Issuer.ID), titleMost)
	if personal(b.Recipient) {
		v.Recipient = short(b.Recipient, titleMost)
	}
	for _, r := range b.Results {
		v.Results = append(v.Results, templates.Result{
			Name: short(r.Name, titleMost), Text: short(wording.ScoreText(r.Value, r.Max), titleMost),
		})
	}
	for _, c := range r.Contains {
		v.Contains = append(v.Contains, templates.Contained{Name: cmp.Or(c.Name, c.ID), Verdict: string(c.Verdict)})
	}
	v.ImageURL = d.shownPicture(b.Image)
	v.IssuedOn, v.Expires, v.Since, v.Reason = day(b.IssuedOn), day(b.ExpiresOn), day(r.Since), short(r.Reason, messageKept)
	return v
}

// checksOf are a report's checks, and whether the issuer is known where the proof says who that is.
func checksOf(r *verifier.Report) (list []templates.Check) {
	for _, k := range r.Checks {
		list = append(list, templates.Check{
			Name: k.Name, Outcome: string(k.Outcome), Code: k.Code, Property: short(k.Property, messageKept),
			Detail: short(k.Message, messageKept),
		})
	}
	if r.Badge != nil && proven(r.Checks) && !r.Test {
		list = append(list, issuerCheck(r.IssuerKnown, r.Badge.Issuer.ID))
	}
	return list
}

func issuerCheck(known bool, id string) templates.Check {
	k := templates.Check{Name: "issuer", Outcome: "warning", Detail: "Issuer: " + short(id, issuerIDMost)}
	if known {
		k.Outcome = "pass"
	}
	return k
}

// proven reports whether signature, or hosting, and key were checked and hold.
func proven(checks []verifier.Check) bool {
	held := false
	for _, k := range checks {
		if k.Name != verifier.CheckProof && k.Name != verifier.CheckKey {
			continue
		}
		if k.Outcome == verifier.Fail || k.Outcome == verifier.Unknown {
			return false
		}
		held = held || k.Name == verifier.CheckProof && k.Outcome == verifier.Pass
	}
	return held
}

// given is what was handed in, for the words about what was not found in it.
func given(in verifier.Input) string {
	text := strings.TrimSpace(string(in.Data[:min(len(in.Data), 8)]))
	switch {
	case bytes.HasPrefix(in.Data, []byte("%PDF-")):
		return templates.GivenPDF
	case in.Name != "" && !written(in.Data):
		return templates.GivenFile
	case strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://"):
		return templates.GivenLink
	case in.Name != "":
		return templates.GivenRead
	}
	return templates.GivenText
}

// ownPage tells what an address of ours is that is no badge's and no document's: by its path alone, so that nothing
// is told of what is there. Empty: it is none of these.
func (d *Door) ownPage(address string) string {
	path, ours := d.own(strings.TrimSpace(address))
	switch {
	case !ours || publicPath(path.Path):
		return ""
	case strings.HasPrefix(path.Path, "/claim/"):
		return templates.GivenOwn
	}
	return templates.GivenPage
}

// written reports whether a file is text that people write, and no picture.
func written(data []byte) bool {
	return len(data) > 0 && utf8.Valid(data) && !bytes.ContainsRune(data, 0) && !bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff"))), []byte("<"))
}

// damaged reports whether nothing of what was handed in could be read, as after a file was cut off or a
// text was not copied whole: it breaks no rule that its issuer could have kept.
func damaged(r *verifier.Report, in verifier.Input) bool {
	if r.Verdict != verifier.Invalid || r.Badge != nil || given(in) == templates.GivenLink {
		return false
	}
	return slices.ContainsFunc(r.Checks, func(k verifier.Check) bool {
		if k.Outcome != verifier.Fail || k.Property != "" {
			return false
		}
		return k.Code == verifier.BadImage || k.Name == verifier.CheckParse && (k.Code == verifier.NotJSON || k.Code == verifier.BadValue)
	})
}

// shownPicture is a picture that a page may show: one of ours, or one that is part of what was proven.
// Nothing is ever loaded from others, and the picture around a baked badge is covered by no signature.
func (d *Door) shownPicture(address string) string {
	for _, media := range []string{"png", "svg+xml", "jpeg"} {
		if strings.HasPrefix(address, "data:image/"+media+";base64,") && len(address) <= insideMost {
			return address
		}
	}
	if path, ours := d.own(address); ours && publicPath(path.Path) {
		return path.String()
	}
	return ""
}

// personal reports whether a recipient is a name that people read, and no id, address or hash.
func personal(recipient string) bool {
	return recipient != "" && !strings.ContainsAny(recipient, "@$:")
}

func short(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

func day(t *time.Time) templates.Day {
	if t == nil {
		return templates.Day{}
	}
	return t.UTC()
}

// domain is the host that stands behind an issuer's id; empty where there is none to look up.
func domain(id string) string {
	if rest, found := strings.CutPrefix(id, "did:web:"); found {
		host, _, _ := strings.Cut(rest, ":")
		host, _ = url.PathUnescape(host)
		return host
	}
	u, err := url.Parse(id)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.Host
}

// addOwn adds what we know of a badge of our own that is shown, in the words of the page's language.
func (d *Door) addOwn(c echo.Context, v *templates.VerifyResult, r *verifier.Report) error {
	if r.Badge == nil || !r.Ours() || r.Verdict == verifier.NotShared || r.Verdict == verifier.Altered || r.Verdict == verifier.Invalid {
		return nil
	}
	b, err := d.ownBadge(c.Request().Context(), r.Badge.ID, r.Badge.Issuer.ID)
	if err != nil || b == nil {
		return err
	}
	v.Sandbox = b.Sandbox
	v.BadgeURL, v.Recipient = "/badges/"+b.Award.ID, cmp.Or(v.Recipient, b.ShownName())
	v.Title, v.Issuer = wording.InLanguage(b.Achievement, b.Achievement.Name, v.Lang), wording.IssuerName(b.Achievement, v.Lang)
	v.Description = wording.InLanguage(b.Achievement, b.Achievement.Description, v.Lang)
	v.ImageURL = wording.PictureURL(b.Achievement, v.Lang)
	next, err := d.issuer.Successor(c.Request().Context(), b)
	if err == nil && next != nil {
		v.NewerURL = "/badges/" + next.Award.ID
	}
	if v.NewerURL == "" && r.Verdict == verifier.Superseded {
		v.NewerURL = v.BadgeURL // an older edition: the badge's page shows the one that counts
	}
	return err
}
