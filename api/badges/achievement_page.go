package badges

import (
	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

// getAchievement is the page of an exam or certification, independent of any holder.
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
	by, _, err := wording.Organisation(c.Request().Context(), ps.issuer, ps.site.Name, ps.site.Base.Host, lang)
	if err != nil {
		return err
	}
	path := "/achievements/" + a.ID
	page.Canonical = ps.site.BaseURL + path
	p := templates.AchievementPage{
		Page: page, Title: wording.InLanguage(a, a.Name, lang), Kind: string(a.Kind), Code: a.Code, Level: a.Level, Issuer: by, ImageURL: wording.PictureURL(a, lang),
		Description: wording.InLanguage(a, a.Description, lang), Criteria: wording.InLanguage(a, a.Criteria, lang), Names: namesIn(h, a, lang), Skills: skills(a, lang),
		RetiredOn: wording.Retired(h, a.Subject(), ps.issuer.Today()), JSON3URL: path + "/achievement.json", JSON2URL: path + "/badgeclass.json",
	}
	if p.Criteria == p.Description {
		p.Criteria.Value = ""
	}
	describeSubject(&p, h, a)
	return ps.site.ShowFrame(c, p)
}

// namesIn are what the criteria of an achievement name, on a page in a language.
func namesIn(h programme.History, a *issuer.Achievement, lang string) []templates.Text {
	names := []templates.Text{wording.InLanguage(a, a.Name, lang), wording.SubjectName(h, a.Subject(), lang)}
	if k, found := h.Certification(a.Code); found && a.Kind == programme.KindCertification {
		for _, s := range k.Requires.Named() {
			names = append(names, wording.SubjectName(h, s, lang))
		}
	}
	return names
}

// describeSubject adds what the programme says today.
func describeSubject(p *templates.AchievementPage, h programme.History, a *issuer.Achievement) {
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
