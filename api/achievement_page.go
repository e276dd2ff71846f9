package api

import (
	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

// getAchievement is the page of an exam or certification, independent of any holder.
func (s *Server) getAchievement(c echo.Context) error {
	a, err := s.anyAchievement(c)
	if err != nil {
		return err
	}
	h, err := s.o.Issuer.History(c.Request().Context())
	if err != nil {
		return err
	}
	page := s.page(c)
	lang := page.Lang
	by, _, err := organisation(c.Request().Context(), s.o.Issuer, s.o.Site, s.base.Host, lang)
	if err != nil {
		return err
	}
	path := "/achievements/" + a.ID
	page.Canonical = s.o.BaseURL + path
	p := templates.AchievementPage{
		Page: page, Title: inLanguage(a, a.Name, lang), Kind: string(a.Kind), Code: a.Code, Level: a.Level, Issuer: by, ImageURL: pictureURL(a, lang),
		Description: inLanguage(a, a.Description, lang), Criteria: inLanguage(a, a.Criteria, lang), Names: namesIn(h, a, lang), Skills: skills(a, lang),
		RetiredOn: retired(h, a.Subject(), s.o.Issuer.Today()), JSON3URL: path + "/achievement.json", JSON2URL: path + "/badgeclass.json",
	}
	if p.Criteria == p.Description {
		p.Criteria.Value = ""
	}
	describeSubject(&p, h, a)
	return s.showFrame(c, p)
}

// namesIn are what the criteria of an achievement name, on a page in a language.
func namesIn(h programme.History, a *issuer.Achievement, lang string) []templates.Text {
	names := []templates.Text{inLanguage(a, a.Name, lang), nameOf(h, a.Subject(), lang)}
	if k, found := h.Certification(a.Code); found && a.Kind == programme.KindCertification {
		for _, s := range k.Requires.Named() {
			names = append(names, nameOf(h, s, lang))
		}
	}
	return names
}

// describeSubject adds what the programme says today.
func describeSubject(p *templates.AchievementPage, h programme.History, a *issuer.Achievement) {
	if e, found := h.Exam(a.Code); found && a.Kind == programme.KindExam {
		p.ScheduleURL = webAddress(e.ScheduleURL)
	}
	if k, found := h.Certification(a.Code); found && a.Kind == programme.KindCertification {
		p.ValidMonths, p.ScheduleURL = int(k.ValidFor), webAddress(k.ScheduleURL)
	}
	if !p.RetiredOn.IsZero() {
		p.ScheduleURL = ""
	}
}

// showFrame answers with a page that strangers may keep, unless it names who is signed in.
func (s *Server) showFrame(c echo.Context, p drawable) error {
	if who, _ := s.person(c); who != nil {
		c.Response().Header().Set(echo.HeaderCacheControl, "private, no-store")
		return s.show(c, p)
	}
	return s.showOpen(c, p)
}
