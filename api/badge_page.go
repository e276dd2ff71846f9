package api

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

// badgePage shows a badge (flows 2.6). Strangers get a page that is rendered once a minute; only a browser
// with a session costs a look at who is signed in.
func (s *Server) badgePage(c echo.Context, b *issuer.Badge) error {
	who, err := s.person(c)
	if err != nil {
		return err
	}
	if b.Award.Visibility != issuer.Public {
		c.Response().Header().Set("X-Robots-Tag", "noindex")
	}
	if who != nil {
		return s.showBadgeTo(c, b, who)
	}
	page := s.bare(c)
	now := s.o.Now().UTC().Truncate(time.Minute)
	ctx := context.WithoutCancel(c.Request().Context()) // others may wait for it
	public, err := s.o.Issuer.PublicExams(ctx, b)
	if err != nil {
		return err
	}
	key := keyOf(b, "page "+page.Lang+" "+string(b.Validity)+" "+strconv.FormatInt(now.Unix(), 36)+" "+public.Key())
	d, err := s.made.get(key, func() (issuer.Document, error) {
		p, err := s.fillBadge(ctx, b, public, page, now)
		if err != nil {
			return issuer.Document{}, err
		}
		body, err := draw(p)
		return document(typeHTML, body), err
	})
	if err != nil {
		return err
	}
	return s.serve(c, d, "no-cache")
}

// showBadgeTo is the page for somebody who is signed in: the holder sees how it stands, and may change it.
func (s *Server) showBadgeTo(c echo.Context, b *issuer.Badge, who *person) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "private, no-store")
	public, err := s.o.Issuer.PublicExams(c.Request().Context(), b)
	if err != nil {
		return err
	}
	p, err := s.fillBadge(c.Request().Context(), b, public, s.page(c), s.o.Now().UTC())
	if err != nil {
		return err
	}
	if b.Award.Holder == who.ID {
		p.Owner, p.Visibility, p.ManageURL = true, b.Award.Visibility, myBadgesPath
		soon := s.o.Issuer.Today().AddDays(soonDays)
		p.ExpiresSoon = b.Validity == issuer.Valid && !b.Award.ExpiresOn.IsZero() && !soon.Before(b.Award.ExpiresOn.Date)
		if !b.Award.Shown() {
			p.Downloads = downloads(b, myBadgesPath+"/"+b.Award.ID)
		}
		if c.QueryParam("claimed") != "" {
			p.AcceptedOn = decidedOn(b.Award)
		}
	}
	return s.show(c, p)
}

const soonDays = 60

// fillBadge is the page as everybody sees it. It links to those of the holder's other badges that are public.
func (s *Server) fillBadge(ctx context.Context, b *issuer.Badge, public issuer.PublicExams, page templates.Page, now time.Time) (templates.BadgePage, error) {
	a, f, lang := b.Award, s.o.Issuer.Facts(b), page.Lang
	by, org, err := organisation(ctx, s.o.Issuer, s.o.Site, s.base.Host, lang)
	if err != nil {
		return templates.BadgePage{}, err
	}
	h, err := s.o.Issuer.History(ctx)
	if err != nil {
		return templates.BadgePage{}, err
	}
	events, err := s.badgeHistory(ctx, b)
	if err != nil {
		return templates.BadgePage{}, err
	}
	address := s.o.Issuer.BadgeURL(a.ID)
	page.Canonical, page.Sandbox, page.NoIndex = address, b.Sandbox, a.Visibility != issuer.Public
	p := templates.BadgePage{
		Page: page, ID: a.ID, Verdict: string(f.Status), CheckedAt: now, Since: f.Since, Reason: f.Reason,
		Holder: b.HolderName, Title: inLanguage(b.Achievement, b.Achievement.Name, lang), Kind: string(a.Kind), Code: a.Code, Level: b.Achievement.Level,
		Issuer: by, ImageURL: pictureURL(b.Achievement, lang), EarnedOn: f.EarnedOn.Time(), IssuedAt: b.IssuedAt.UTC(), Expires: f.ExpiresOn.Time(),
		Description: inLanguage(b.Achievement, b.Achievement.Description, lang), Criteria: inLanguage(b.Achievement, b.Achievement.Criteria, lang),
		Names: namesIn(h, b.Achievement, lang), Skills: skills(b.Achievement, lang), History: events, RetiredOn: retired(h, a.Subject(), s.o.Issuer.Today()), AboutURL: "/achievements/" + b.Achievement.ID,
	}
	if p.Criteria == p.Description {
		p.Criteria.Value = "" // the programme brought no description of its own
	}
	if a.Kind == programme.KindCertification && b.Validity != issuer.Revoked { // a withdrawn one may rest on what was taken back
		if p.MadeOf, err = s.madeOf(ctx, h, b, public, lang); err != nil {
			return p, err
		}
	}
	if a.Scores && b.Validity != issuer.Revoked {
		scores, err := s.o.Issuer.Scores(ctx, a)
		if err != nil {
			return p, err
		}
		p.Scores = scoresOf(h, scores[a.ID], lang)
	}
	p.Checks = s.badgeChecks(ctx, b, org.ID)
	if a.Shown() {
		p.VerifyURL, p.CardURL, p.QRURL = verifyURL(address), address+"/card.png?lang="+lang, "/badges/"+a.ID+"/qr.svg"
		p.Downloads = downloads(b, "/badges/"+a.ID)
	}
	if len(p.Downloads) > 0 {
		p.Downloads = append(p.Downloads, templates.Download{Kind: "json2", URL: "/badges/" + a.ID + "/assertion.json"})
		p.CredentialURL = address + "/assertion.json"
	}
	return p, nil
}

// madeOf are the exams that a certification rests on.
func (s *Server) madeOf(ctx context.Context, h programme.History, b *issuer.Badge, public issuer.PublicExams, lang string) (list []templates.Part, err error) {
	parts, err := s.o.Issuer.Parts(ctx, b, public)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		p := templates.Part{Code: part.Exam, Title: nameOf(h, programme.Subject{Kind: programme.KindExam, Code: part.Exam}, lang), On: part.On.Time()}
		if part.Award != "" {
			p.URL = "/badges/" + part.Award
		}
		list = append(list, p)
	}
	return list, nil
}

// downloads are the files that prove the badge, while it proves anything.
func downloads(b *issuer.Badge, path string) []templates.Download {
	if b.Validity != issuer.Valid && b.Validity != issuer.Expired {
		return nil
	}
	return []templates.Download{
		{Kind: "png", URL: path + "/badge.png"}, {Kind: "svg", URL: path + "/badge.svg"},
		{Kind: "json3", URL: path + "/credential.json"}, {Kind: "jwt", URL: path + "/credential.jwt"},
		{Kind: "jws", URL: path + "/assertion.jws"},
	}
}

func skills(a *issuer.Achievement, lang string) (list []templates.Skill) {
	for _, skill := range a.Skills {
		list = append(list, templates.Skill{Name: templates.Spoken(lang)(skill.Spoken(lang))})
	}
	return list
}

// badgeHistory tells what happened to the badge, the oldest first.
func (s *Server) badgeHistory(ctx context.Context, b *issuer.Badge) ([]templates.Event, error) {
	editions, err := s.o.Issuer.Versions(ctx, b)
	if err != nil {
		return nil, err
	}
	f := s.o.Issuer.Facts(b)
	events := []templates.Event{{Kind: "issued", On: f.EarnedOn.Time()}}
	for k, e := range editions {
		if k == 0 {
			continue
		}
		switch before := editions[k-1]; {
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
