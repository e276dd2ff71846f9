package home

import (
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

// mostBadges are shown here; the list of all has pages.
const mostBadges = 12

// getMyCredentials, GET /me/credentials, lists certifications, results with the reasons why (rows 98 to 101), and badges.
func (bp *backpack) getMyCredentials(c echo.Context, who *web.Person) error {
	ctx := c.Request().Context()
	entries, err := bp.issuer.Transcript(ctx, holderOf(who))
	if err != nil {
		return err
	}
	badges, err := bp.issuer.Backpack(ctx, holderOf(who))
	if err != nil {
		return err
	}
	h, err := bp.issuer.History(ctx)
	if err != nil {
		return err
	}
	page := bp.site.FormPage(c)
	page.NoIndex = true
	m := templates.MyCredentials{Page: page, Name: who.Name, Certifications: bp.held(badges, page.Lang)}
	if m.Connected, _, err = bp.profiles.profiles.Since(ctx, who.ID); err != nil {
		return err
	}
	for _, b := range badges {
		if b.Award.State == ledger.Accepted && b.Award.Successor == "" && len(m.Badges) < mostBadges {
			m.Badges = append(m.Badges, bp.myBadge(h, b, page.Lang, ""))
		}
	}
	for _, e := range entries {
		m.Results = append(m.Results, resultRow(h, e, page.Lang))
	}
	return web.Show(c, m)
}

// held are the certifications among the badges, the newest first.
func (bp *backpack) held(badges []issuer.OfferedBadge, lang string) (list []templates.Held) {
	for _, b := range badges {
		f := b.Award.Facts(bp.issuer.Today())
		if b.Award.Kind != programme.KindCertification || f.Status == ledger.Superseded {
			continue
		}
		h := templates.Held{
			Name: wording.InLanguage(b.Achievement, b.Achievement.Name, lang), Code: b.Award.Code,
			EarnedOn: f.EarnedOn.Time(), Expires: f.ExpiresOn.Time(), Verdict: string(f.Status),
		}
		if b.Award.State == ledger.Accepted {
			h.URL = "/badges/" + b.Award.ID
		}
		list = append(list, h)
	}
	slices.SortStableFunc(list, func(a, b templates.Held) int { return b.EarnedOn.Compare(a.EarnedOn) })
	return list
}

func resultRow(h programme.History, e issuer.LedgerEntry, lang string) templates.ResultRow {
	r := templates.ResultRow{
		Exam:    e.Result.Exam,
		Name:    wording.SubjectName(h, programme.Subject{Kind: programme.KindExam, Code: e.Result.Exam}, lang),
		TakenAt: e.Result.TakenAt.UTC(), Outcome: string(e.Result.Outcome), State: e.Result.State,
		Partner: e.Partner, Score: wording.ScoreText(e.Result.Score, e.Result.MaxScore),
	}
	for _, d := range e.Decisions {
		r.Decisions = append(r.Decisions, wording.Decision(h, d.Decision, lang))
	}
	return r
}
