package api

import (
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

const myBadgesPath = "/me/badges"

func getMe(c echo.Context) error { return seeOther(c, myBadgesPath) }

// mine is around the pages of the person who is signed in. Others are asked to sign in first.
func (s *Server) mine(next func(c echo.Context, who *person) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		who, err := s.person(c)
		if err != nil {
			return err
		}
		if who == nil {
			return seeOther(c, signInPath+"?next="+url.QueryEscape(c.Request().URL.Path))
		}
		return next(c, who)
	}
}

// getMyCredentials lists certifications and results with the reasons why (rows 98 to 101).
func (s *Server) getMyCredentials(c echo.Context, who *person) error {
	ctx := c.Request().Context()
	entries, err := s.o.Issuer.Transcript(ctx, holderOf(who))
	if err != nil {
		return err
	}
	badges, err := s.o.Issuer.Backpack(ctx, holderOf(who))
	if err != nil {
		return err
	}
	h, err := s.o.Issuer.History(ctx)
	if err != nil {
		return err
	}
	page := s.formPage(c)
	page.NoIndex = true
	m := templates.MyCredentials{Page: page, Name: who.Name, Certifications: s.held(badges, page.Lang)}
	for _, e := range entries {
		m.Results = append(m.Results, resultRow(h, e, page.Lang))
	}
	return s.show(c, m)
}

// held are the certifications among the badges, the newest first.
func (s *Server) held(badges []issuer.OfferedBadge, lang string) (list []templates.Held) {
	for _, b := range badges {
		f := b.Award.Facts(s.o.Issuer.Today())
		if b.Award.Kind != programme.KindCertification || f.Status == issuer.Superseded {
			continue
		}
		h := templates.Held{
			Name: inLanguage(b.Achievement, b.Achievement.Name, lang), Code: b.Award.Code, EarnedOn: f.EarnedOn.Time(),
			Expires: f.ExpiresOn.Time(), Verdict: string(f.Status),
		}
		if b.Award.State == issuer.Accepted {
			h.URL = "/badges/" + b.Award.ID
		}
		list = append(list, h)
	}
	slices.SortStableFunc(list, func(a, b templates.Held) int { return b.EarnedOn.Compare(a.EarnedOn) })
	return list
}

func resultRow(h programme.History, e issuer.LedgerEntry, lang string) templates.ResultRow {
	r := templates.ResultRow{
		Exam: e.Result.Exam, Name: nameOf(h, programme.Subject{Kind: programme.KindExam, Code: e.Result.Exam}, lang),
		TakenAt: e.Result.TakenAt.UTC(), Outcome: string(e.Result.Outcome), State: e.Result.State, Partner: e.Partner,
		Score: scoreText(e.Result.Score, e.Result.MaxScore),
	}
	for _, d := range e.Decisions {
		r.Decisions = append(r.Decisions, explained(h, d.Decision, lang))
	}
	return r
}

// holderOf is a person as the issuer knows them.
func holderOf(p *person) issuer.Holder {
	return issuer.Holder{ID: p.ID, Addresses: p.addresses, Sandbox: p.sandbox}
}
