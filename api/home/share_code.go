package home

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/earner/sharecode"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// shareCodes are the codes by which somebody shows their record to one reader each (flows 2.8).
type shareCodes struct {
	site   *web.Site
	issuer *issuer.Issuer
	codes  *sharecode.Codes
}

func (sc *shareCodes) routes() []web.Route {
	return sc.site.Form("/me/codes/:id", sc.site.SignedIn(sc.getShareCode), sc.site.SignedIn(sc.postShareCode))
}

// shareCodePath is the page of a code for its owner.
func shareCodePath(id string) string { return "/me/codes/" + id }

// section is the part of a page of somebody that makes codes: of the transcript, or of a badge.
func (sc *shareCodes) section(c echo.Context, who *web.Person, award string, page templates.Page, form templates.ShareCodeForm) (s templates.ShareCodes, err error) {
	list, err := sc.codes.Of(c.Request().Context(), who.ID)
	if err != nil {
		return s, err
	}
	s = templates.ShareCodes{Action: transcriptPath, FormToken: page.FormToken, Choices: award == "", Form: form}
	if award != "" {
		s.Action = sharePath(award)
	}
	for _, l := range list {
		if l.Award == award {
			s.List = append(s.List, sc.listed(l))
		}
	}
	return s, nil
}

func (sc *shareCodes) listed(l sharecode.Listed) templates.ShareCode {
	now := sc.site.Now()
	row := templates.ShareCode{
		Code: l.Text(), URL: shareCodePath(l.ID), Label: l.Label, Ends: l.LastDay(), Opened: l.Opened(), PIN: l.PIN != "",
		Rests: l.Rests != nil && now.Before(*l.Rests),
	}
	switch {
	case l.Ended != nil:
		row.Ended = l.Ended.UTC()
	case !l.Works(now):
		row.Ended = row.Ends
	}
	return row
}

// post makes the code that a form asks for and leads to it. Where the form is not filled in as it should be, again is
// the page that shows it once more.
func (sc *shareCodes) post(c echo.Context, who *web.Person, award string, again func(templates.ShareCodeForm) (web.Drawable, error)) error {
	sent := c.Request().PostForm
	form := templates.ShareCodeForm{
		Label: sent.Get("label"), Life: sent.Get("life"), Date: sent.Get("date"),
		With: templates.TranscriptChoice{Past: sent.Get("past") != "", Exams: sent.Get("exams") != "", Scores: sent.Get("scores") != ""},
	}
	made, err := sc.codes.Make(c.Request().Context(), who.ID, sharecode.Wanted{
		Scope: sharecode.Scope{Award: award, Past: form.With.Past, Exams: form.With.Exams, Scores: form.With.Exams && form.With.Scores},
		Label: form.Label, Ends: sc.ends(form), PIN: strings.TrimSpace(sent.Get("pin")),
	})
	if no := problemOfCode(err); no != "" {
		form.Problem = no
		page, err := again(form)
		if err != nil {
			return err
		}
		return web.RefusedField(page)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, shareCodePath(made.ID)+"?made=1")
}

// ends is when a code is to end: that many days from now, or when a day is over (UTC). Zero: the form does not say.
func (sc *shareCodes) ends(form templates.ShareCodeForm) time.Time {
	if day, err := time.Parse(time.DateOnly, form.Date); form.Life == templates.ByDate && err == nil {
		return day.AddDate(0, 0, 1)
	}
	if days, err := strconv.Atoi(form.Life); err == nil && slices.Contains(templates.Lives, form.Life) {
		return sc.site.Now().AddDate(0, 0, days)
	}
	return time.Time{}
}

func problemOfCode(err error) string {
	for code, problem := range map[string]string{
		sharecode.BadLabel: templates.ShareBadLabel, sharecode.BadEnd: templates.ShareBadEnd,
		sharecode.BadPIN: templates.ShareBadPIN, sharecode.TooMany: templates.ShareTooMany,
	} {
		if refusal.Is(err, code) {
			return problem
		}
	}
	return ""
}

// getShareCode, GET /me/codes/:id, is a code for its owner: to hand over, with the days on which it was opened.
func (sc *shareCodes) getShareCode(c echo.Context, who *web.Person) error {
	ctx := c.Request().Context()
	list, err := sc.codes.Of(ctx, who.ID)
	if err != nil {
		return err
	}
	k := slices.IndexFunc(list, func(l sharecode.Listed) bool { return l.ID == c.Param("id") })
	if k < 0 {
		return web.NewProblem(web.CodeNotFound, "No such code.")
	}
	page, l := sc.site.FormPage(c), list[k]
	page.NoIndex, page.Sandbox = true, who.Sandbox
	by, _, err := wording.Organisation(ctx, sc.issuer, sc.site, page.Lang)
	if err != nil {
		return err
	}
	p := templates.ShareCodePage{
		Page: page, ShareCode: sc.listed(l), Made: c.QueryParam("made") != "", Issuer: by.Name.Value,
		With: templates.TranscriptChoice{Past: l.Past, Exams: l.Exams, Scores: l.Scores},
		Link: sc.site.BaseURL + web.SharedPath + l.Text(), CheckURL: sc.site.BaseURL + web.VerifyPath, QRURL: web.SharedPath + l.Text() + "/qr.svg",
		Action: shareCodePath(l.ID), BackURL: transcriptPath,
	}
	for _, d := range l.Days {
		p.Days = append(p.Days, templates.OpenedDay{On: d.On, Opened: d.Opened})
	}
	if l.Award != "" {
		p.BackURL = sharePath(l.Award)
		p.Title.Value = l.Award // where the badge is not theirs any more
		if b, found, err := sc.issuer.Published(ctx, l.Award); err != nil {
			return err
		} else if found {
			p.Title = wording.InLanguage(b.Achievement, b.Achievement.Name, page.Lang)
		}
	}
	web.AllowScript(c)
	return web.Show(c, p.WithMail())
}

// postShareCode, POST /me/codes/:id, ends a code.
func (sc *shareCodes) postShareCode(c echo.Context, who *web.Person) error {
	if c.Request().PostForm.Get("do") != "end" {
		return web.NewProblem(web.CodeUnreadable, "The form does not say what to do.")
	}
	if err := sc.codes.End(c.Request().Context(), who.ID, c.Param("id")); err != nil {
		return err
	}
	return web.SeeOther(c, shareCodePath(c.Param("id")))
}
