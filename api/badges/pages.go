package badges

import (
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

func (ps *pages) routes() []web.Route {
	return web.Table(web.Get("/achievements/:id", ps.getAchievement), web.Get("/issuers/:id", ps.getIssuer))
}

// getAchievement, GET /achievements/:id, is the page of an exam or certification, independent of any holder.
func (ps *pages) getAchievement(c echo.Context) error {
	a, err := ps.documents.anyAchievement(c)
	if err != nil {
		return err
	}
	h, err := ps.issuer.History(c.Request().Context())
	if err != nil {
		return err
	}
	page := ps.site.Page(c)
	lang := page.Lang
	by, _, err := wording.Organisation(c.Request().Context(), ps.issuer, ps.site, lang)
	if err != nil {
		return err
	}
	path := "/achievements/" + a.ID
	page.Canonical = ps.site.BaseURL + path
	p := templates.AchievementPage{
		Page: page, Title: wording.InLanguage(a, a.Name, lang), Kind: string(a.Kind), Code: a.Code,
		Level: a.Level, Issuer: by, ImageURL: wording.PictureURL(a, lang),
		Description: wording.InLanguage(a, a.Description, lang),
		Criteria:    wording.InLanguage(a, a.Criteria, lang), Names: namesIn(h, a, lang),
		Skills: skills(a, lang), RetiredOn: wording.Retired(h, a.Subject(), ps.issuer.Today()),
		JSON3URL: path + "/achievement.json", JSON2URL: path + "/badgeclass.json",
	}
	if p.Criteria == p.Description {
		p.Criteria.Value = ""
	}
	describeSubject(&p, h, a)
	return ps.site.ShowFrame(c, p)
}

// namesIn are what the criteria of an achievement name, on a page in a language.
func namesIn(h programme.History, a *catalogue.Achievement, lang string) []templates.Text {
	names := []templates.Text{wording.InLanguage(a, a.Name, lang), wording.SubjectName(h, a.Subject(), lang)}
	if k, found := h.Certification(a.Code); found && a.Kind == programme.KindCertification {
		for _, s := range k.Requires.Named() {
			names = append(names, wording.SubjectName(h, s, lang))
		}
	}
	return names
}

// describeSubject adds what the programme says today.
func describeSubject(p *templates.AchievementPage, h programme.History, a *catalogue.Achievement) {
	if e, found := h.Exam(a.Code); found && a.Kind == programme.KindExam {
		p.ScheduleURL = web.WebAddress(e.ScheduleURL)
	}
	if k, found := h.Certification(a.Code); found && a.Kind == programme.KindCertification {
		p.ValidMonths, p.ScheduleURL = int(k.ValidFor), web.WebAddress(k.ScheduleURL)
	}
	if !p.RetiredOn.IsZero() {
		p.ScheduleURL = ""
	}
}

// getIssuer, GET /achievements/:id and GET /issuers/:id, says who issues and with which keys.
func (ps *pages) getIssuer(c echo.Context) error {
	documents, found, err := ps.issuer.IssuerDocuments(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !found {
		return web.NotShown()
	}
	page := ps.site.Page(c)
	by, org, err := wording.Organisation(c.Request().Context(), ps.issuer, ps.site, page.Lang)
	if err != nil {
		return err
	}
	path := "/issuers/" + org.ID
	page.Canonical = ps.site.BaseURL + path
	by.PageURL = ""
	p := templates.IssuerPage{
		Page: page, Issuer: by, Email: org.Email,
		Description: templates.Spoken(page.Lang)(org.Description.Spoken(page.Lang)),
		JSON3URL:    path + "/issuer.json", JSON2URL: path + "/profile.json", DIDURL: path + "/did.json",
	}
	for _, k := range documents.Keys() {
		p.Keys = append(p.Keys, signingKey(k, path, ps.site.Now()))
	}
	slices.Reverse(p.Keys)
	all, err := ps.issuer.Achievements(c.Request().Context())
	if err != nil {
		return err
	}
	for _, a := range all {
		p.Achievements = append(p.Achievements, templates.AchievementLink{
			Title: wording.InLanguage(a, a.Name, page.Lang), Kind: string(a.Kind), Code: a.Code,
			URL: "/achievements/" + a.ID, ImageURL: wording.PictureURL(a, page.Lang),
		})
	}
	return ps.site.ShowFrame(c, p)
}

// signingKey is a line of the key timeline at a moment.
func signingKey(k credential.PublicKey, path string, at time.Time) templates.SigningKey {
	key := templates.SigningKey{
		ID: k.ID, Purpose: string(k.Purpose), Algorithm: k.Algorithm, From: k.Begins.UTC(),
		Waiting: k.Begins.After(at), Reason: k.Reason,
	}
	switch k.Purpose {
	case credential.ForOB2:
		key.URL = path + "/keys/" + k.ID + ".json"
	case credential.ForProof:
		key.URL = path + "/keys/" + k.ID
	default:
		key.URL = path + "/keys/" + k.ID + ".jwk"
	}
	switch {
	case k.Revoked != nil:
		key.Revoked, key.Until, key.URL = true, k.Revoked.UTC(), "" // revoked keys are not served by themselves
	case k.Retired != nil && !k.Retired.After(at):
		key.Until = k.Retired.UTC()
	}
	return key
}
