package badges

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

func (ps *pages) badgeRoutes() []web.Route {
	return web.Table(web.Open("/badges/:id", ps.getBadge), web.Open("/badges/:id/", getBadgeSlash), web.Post("/badges/:id/name", ps.postName))
}

// getBadge, GET /badges/:id, is the page of a badge, or for programs that ask for data one of its documents (contract
// 4).
func (ps *pages) getBadge(c echo.Context) error {
	web.Vary(c.Response().Header(), "Accept")
	list := web.Accepted(c.Request().Header.Get(echo.HeaderAccept))
	if web.NamesPage(list) || !web.NamesData(list) {
		return ps.getBadgePage(c)
	}
	b, err := ps.documents.published(c)
	if err != nil {
		return err
	}
	if moved, err := ps.documents.moved(c, b, ""); moved || err != nil {
		return err
	}
	switch wanted := web.Preferred(list, append(web.TokenTypes, web.DataTypes...)...); wanted {
	case web.TypeVC, web.TypeVCOld:
		return ps.documents.serveBadge(c, b, ps.documents.credentialJSON)
	case web.TypeVCJWT, web.TypeJWT:
		return ps.documents.serveBadge(c, b, ps.documents.credentialJWT)
	case "":
		return ps.otherForms(c, list)
	default:
		return ps.documents.serveBadge(c, b, ps.documents.assertion)
	}
}

// getBadgeSlash, GET /badges/:id/, leads people who typed a slash at the end to the badge. Whether there is one is
// not its business.
func getBadgeSlash(c echo.Context) error {
	id := c.Param("id")
	if !web.PlausibleID(id) {
		return web.NotShown()
	}
	return c.Redirect(http.StatusPermanentRedirect, "/badges/"+id)
}

// otherForms answers a program that named none of the types that there are.
func (ps *pages) otherForms(c echo.Context, list []web.MediaRange) error {
	if web.Preferred(list, "*/*") != "" {
		return ps.getBadgePage(c)
	}
	return web.NewProblem("not_acceptable", "The badge comes as text/html, "+strings.Join(web.DataTypes, ", ")+", "+
		strings.Join(web.TokenTypes, " or ")+".")
}

// getBadgePage shows the page to everybody who may see the badge, which includes its holder, who may ask for what others
// see (flows 2.5).
func (ps *pages) getBadgePage(c echo.Context) error {
	who, err := ps.site.Person(c)
	if err != nil {
		return err
	}
	by := ""
	if who != nil && !asOthers(c) {
		by = who.ID
	}
	b, err := ps.documents.seen(c, by)
	if err != nil {
		return err
	}
	if moved, err := ps.documents.moved(c, b, ""); moved || err != nil {
		return err
	}
	if err := ps.badgePage(c, b); err != nil {
		return err
	}
	return ps.countView(c, b)
}

// asOthers reports whether the page is asked for as it is to somebody who is not signed in.
func asOthers(c echo.Context) bool { return c.QueryParam("as") == "others" }

// countView counts that somebody else than its holder opened the page of a badge. Nothing is kept of who it was.
func (ps *pages) countView(c echo.Context, b *credential.Badge) error {
	who, err := ps.site.Person(c)
	if err == nil && c.Request().Method == http.MethodGet && (who == nil || who.ID != b.Award.Holder) {
		ps.issuer.Views.Count(b.Award.ID)
	}
	return err
}

// badgePage shows a badge (flows 2.6). Strangers get a page that is rendered once a minute; only a browser
// with a session costs a look at who is signed in.
func (ps *pages) badgePage(c echo.Context, b *credential.Badge) error {
	who, err := ps.site.Person(c)
	if err != nil {
		return err
	}
	if !b.Listed() {
		c.Response().Header().Set("X-Robots-Tag", "noindex")
	}
	if who != nil && !asOthers(c) {
		return ps.showBadgeTo(c, b, who)
	}
	page := ps.site.BarePage(c)
	now := ps.site.Now().UTC().Truncate(time.Minute)
	ctx := context.WithoutCancel(c.Request().Context()) // others may wait for it
	public, err := ps.issuer.PublicExams(ctx, b)
	if err != nil {
		return err
	}
	key := keyOf(b, "page "+page.Lang+" "+string(b.Validity)+" "+strconv.FormatInt(now.Unix(), 36)+" "+public.Key())
	d, err := ps.documents.made.Get(key, func() (web.Document, error) {
		p, err := ps.fillBadge(ctx, b, public, page, now)
		if err != nil {
			return web.Document{}, err
		}
		body, err := web.Draw(p)
		return web.NewDocument(web.TypeHTML, body), err
	})
	if err != nil {
		return err
	}
	return web.Serve(c, d, "no-cache")
}

// showBadgeTo is the page for somebody who is signed in: the holder sees how it stands, and may change it.
func (ps *pages) showBadgeTo(c echo.Context, b *credential.Badge, who *web.Person) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "private, no-store")
	public, err := ps.issuer.PublicExams(c.Request().Context(), b)
	if err != nil {
		return err
	}
	p, err := ps.fillBadge(c.Request().Context(), b, public, ps.site.Page(c), ps.site.Now().UTC())
	if err != nil {
		return err
	}
	if b.Award.Holder == who.ID {
		p.Owner, p.Visibility, p.ManageURL = true, b.Award.Visibility, web.MyBadgesPath+"/"+b.Award.ID
		p.OthersURL = "/badges/" + b.Award.ID + "?as=others"
		if b.Award.Stands() { // otherwise there is nothing to share
			p.ShareURL = "/badges/" + b.Award.ID + "/share"
		}
		soon := ps.issuer.Today().AddDays(soonDays)
		p.ExpiresSoon = b.Validity == ledger.Valid && !b.Award.ExpiresOn.IsZero() && !soon.Before(b.Award.ExpiresOn.Date)
		if !b.Award.Shown() {
			p.Downloads = wording.Downloads(b.Validity, web.MyBadgesPath+"/"+b.Award.ID, p.Lang)
		}
		if c.QueryParam("claimed") != "" {
			p.AcceptedOn = wording.DecidedOn(b.Award)
		}
	}
	return web.Show(c, p)
}

const (
	soonDays      = 60
	largerPicture = 800 // pixels
)

// fillBadge is the page as everybody sees it. It links to those of the holder's other badges that are public.
func (ps *pages) fillBadge(
	ctx context.Context, b *credential.Badge, public credential.PublicExams, page templates.Page, now time.Time,
) (templates.BadgePage, error) {
	a, f, lang := b.Award, ps.issuer.Facts(b), page.Lang
	by, org, err := wording.Organisation(ctx, ps.issuer, ps.site, lang)
	if err != nil {
		return templates.BadgePage{}, err
	}
	h, err := ps.issuer.History(ctx)
	if err != nil {
		return templates.BadgePage{}, err
	}
	events, err := ps.badgeHistory(ctx, b)
	if err != nil {
		return templates.BadgePage{}, err
	}
	address := ps.issuer.BadgeURL(a.ID)
	page.Canonical, page.Sandbox, page.NoIndex = address, b.Sandbox, !b.Listed()
	page.From = ps.site.PublicName(by.Name.Value)
	p := templates.BadgePage{
		Page: page, ID: a.ID, Verdict: string(f.Status), CheckedAt: now, Since: f.Since, Reason: f.Reason,
		Holder: b.ShownName(), Title: wording.InLanguage(b.Achievement, b.Achievement.Name, lang),
		Kind: string(a.Kind), Code: a.Code, Level: b.Achievement.Level, Issuer: by,
		ImageURL: wording.PictureURL(b.Achievement, lang), EarnedOn: f.EarnedOn.Time(),
		IssuedAt: b.IssuedAt.UTC(), Expires: f.ExpiresOn.Time(),
		Description: wording.InLanguage(b.Achievement, b.Achievement.Description, lang),
		Criteria:    wording.InLanguage(b.Achievement, b.Achievement.Criteria, lang),
		Names:       namesIn(h, b.Achievement, lang), Skills: skills(b.Achievement, lang), History: events,
		RetiredOn: wording.Retired(h, a.Subject(), ps.issuer.Today()),
		AboutURL:  "/achievements/" + b.Achievement.ID, Identity: a.Identity, Contact: org.Email,
	}
	if k, found := h.Certification(a.Code); found && a.Kind == programme.KindCertification {
		p.ValidMonths = int(k.ValidFor)
	}
	if p.Related, err = ps.related(ctx, h, a.Subject(), lang); err != nil {
		return p, err
	}
	if p.Criteria == p.Description {
		p.Criteria.Value = "" // the programme brought no description of its own
	}
	if a.Kind == programme.KindCertification && b.Validity != ledger.Revoked { // a withdrawn one may rest on what was taken back
		if p.MadeOf, err = ps.madeOf(ctx, h, b, public, lang); err != nil {
			return p, err
		}
	}
	if a.Scores && b.Validity != ledger.Revoked {
		scores, err := ps.issuer.Scores(ctx, a)
		if err != nil {
			return p, err
		}
		p.Scores = wording.Scores(h, scores[a.ID], lang)
	}
	p.Checks = ps.badgeChecks(ctx, b, org.ID)
	if a.Shown() {
		p.VerifyURL, p.CardURL, p.QRURL = web.VerifyURL(address), wording.CardURL(address, lang, a, b.Validity), "/badges/"+a.ID+"/qr.svg"
		p.LargerURL = "/badges/" + a.ID + "/image.png?size=" + strconv.Itoa(largerPicture)
		if b.Achievement.PicturedIn(lang) {
			p.LargerURL += "&lang=" + lang
		}
		p.NameAction, p.OEmbedURL = namePath(a.ID)+"?lang="+lang, oEmbedURL(ps.site.BaseURL, address)
		p.Downloads = wording.Downloads(b.Validity, "/badges/"+a.ID, lang)
	}
	if len(p.Downloads) > 0 {
		p.Downloads = append(p.Downloads, templates.Download{
			Kind: "json2", URL: "/badges/" + a.ID + "/assertion.json",
		})
		p.CredentialURL = address + "/credential.json"
	}
	return p, nil
}

// madeOf are the exams that a certification rests on.
func (ps *pages) madeOf(
	ctx context.Context, h programme.History, b *credential.Badge, public credential.PublicExams, lang string,
) (list []templates.Part, err error) {
	parts, err := ps.issuer.Parts(ctx, b, public)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		p := templates.Part{
			Code:  part.Exam,
			Title: wording.SubjectName(h, programme.Subject{Kind: programme.KindExam, Code: part.Exam}, lang),
			On:    part.On.Time(),
		}
		if part.Award != "" {
			p.URL = "/badges/" + part.Award
		}
		list = append(list, p)
	}
	return list, nil
}

// related are the exams and certifications that have to do with a subject, of those that somebody was awarded: each has
// a page.
func (ps *pages) related(ctx context.Context, h programme.History, of programme.Subject, lang string) (list []templates.Related, err error) {
	all, err := ps.issuer.Achievements(ctx)
	if err != nil {
		return nil, err
	}
	var needed []programme.Subject
	if k, found := h.Certification(of.Code); found && of.Kind == programme.KindCertification {
		needed = k.Requires.Named()
	}
	for _, a := range all {
		r := templates.Related{Title: wording.InLanguage(a, a.Name, lang), Kind: string(a.Kind), URL: "/achievements/" + a.ID}
		if k, found := h.Certification(a.Code); found && a.Kind == programme.KindCertification && slices.Contains(k.Requires.Named(), of) {
			r.Relation = "towards"
		} else if slices.Contains(needed, a.Subject()) {
			r.Relation = "needs"
		}
		if r.Relation != "" {
			list = append(list, r)
		}
	}
	return list, nil
}

func skills(a *catalogue.Achievement, lang string) (list []templates.Skill) {
	for _, skill := range a.Skills {
		list = append(list, templates.Skill{Name: templates.Spoken(lang)(skill.Spoken(lang)), URL: web.WebAddress(skill.URI)})
	}
	return list
}

// badgeHistory tells what happened to the badge, the oldest first.
func (ps *pages) badgeHistory(ctx context.Context, b *credential.Badge) ([]templates.Event, error) {
	editions, err := ps.issuer.Versions(ctx, b)
	if err != nil {
		return nil, err
	}
	f := ps.issuer.Facts(b)
	events := []templates.Event{{Kind: "issued", On: f.EarnedOn.Time()}}
	for k, e := range editions {
		if k == 0 {
			continue
		}
		switch before := editions[k-1]; {
		case e.NameShown != before.NameShown: // the holder's choice, and no news of the badge
		case e.HolderName != before.HolderName:
			events = append(events, templates.Event{Kind: "name", On: e.IssuedAt.UTC()})
		case e.EarnedOn != before.EarnedOn:
			events = append(events, templates.Event{Kind: "dates", On: e.IssuedAt.UTC()})
		case e.ExpiresOn == before.ExpiresOn:
			events = append(events, templates.Event{Kind: "updated", On: e.IssuedAt.UTC()})
		}
	}
	for _, day := range b.Renewals {
		events = append(events, templates.Event{Kind: "renewed", On: day.Time()})
	}
	if !f.Since.IsZero() {
		events = append(events, templates.Event{Kind: string(f.Status), On: f.Since})
	}
	slices.SortStableFunc(events, func(a, b templates.Event) int { return civil(a.On).Compare(civil(b.On)) })
	return events, nil
}

// civil is a day without its time.
func civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// badgeChecks is "How this was checked": signature and key are verified as a stranger would, from the
// signed credential; status and dates are those of the record, which is newer than any list.
func (ps *pages) badgeChecks(ctx context.Context, b *credential.Badge, org string) []templates.Check {
	f := ps.issuer.Facts(b)
	report := ps.verifier.Verify(ctx, verifier.Input{Data: b.CredentialJWT().Body})
	var checks []templates.Check
	for _, name := range []string{verifier.CheckProof, verifier.CheckKey} {
		for _, k := range report.Checks {
			if k.Name == name {
				checks = append(checks, templates.Check{
					Name: k.Name, Outcome: string(k.Outcome), Code: k.Code, Detail: k.Message,
					Format: report.Format,
				})
			}
		}
	}
	return append(checks,
		templates.Check{
			Name: "issuer", Outcome: "pass",
			Detail: "Issuer: " + ps.site.BaseURL + "/issuers/" + org + "/issuer.json",
		},
		statusCheck(f), datesCheck(b, f))
}

func statusCheck(f ledger.Facts) templates.Check {
	k := templates.Check{
		Name: verifier.CheckStatus, Outcome: "pass", Detail: "The issuer's record was read for this page.",
	}
	switch f.Status {
	case ledger.Revoked:
		k.Outcome, k.Code, k.Detail = "fail", verifier.CodeRevoked, "Revoked at "+moment(&f.Since)+"."
	case ledger.Suspended:
		k.Outcome, k.Code, k.Detail = "fail", verifier.CodeSuspended, "Suspended at "+moment(&f.Since)+"."
	}
	return k
}

func datesCheck(b *credential.Badge, f ledger.Facts) templates.Check {
	detail := []string{"Earned on " + f.EarnedOn.String(), "signed at " + moment(&b.IssuedAt)}
	if f.ExpiresOn.IsZero() {
		detail = append(detail, "does not expire.")
	} else {
		detail = append(detail, "valid until "+f.ExpiresOn.String()+".")
	}
	k := templates.Check{Name: verifier.CheckDates, Outcome: "pass", Detail: strings.Join(detail, ", ")}
	if f.Status == ledger.Expired {
		k.Outcome, k.Code = "fail", verifier.CodeExpired
	}
	return k
}

// moment writes an instant for technical details.
func moment(t *time.Time) string { return t.UTC().Format(time.RFC3339) }
