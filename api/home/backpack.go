package home

import (
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

func (bp *backpack) routes() []web.Route {
	site := bp.site
	return web.Table(
		web.Get("/me", site.Personal(getMe)),
		site.Form("/me/badges", site.SignedIn(bp.getMyBadges), site.SignedIn(bp.postMyBadge)),
		web.Get("/me/credentials", site.Personal(site.SignedIn(bp.getMyCredentials))),
	)
}

// notes are what the list of badges may report about the change before.
var notes = []string{
	templates.NoteAccepted, templates.NoteDeclined, templates.NoteUndone, templates.NoteRemoved,
	templates.NoteVisibility, templates.NoteScores, templates.NoteNoScores,
}

// getMyBadges, GET /me/badges, lists what waits, what was accepted and what was declined.
func (bp *backpack) getMyBadges(c echo.Context, who *web.Person) error {
	list, err := bp.issuer.Backpack(c.Request().Context(), holderOf(who))
	if err != nil {
		return err
	}
	h, err := bp.issuer.History(c.Request().Context())
	if err != nil {
		return err
	}
	page := bp.site.FormPage(c)
	page.NoIndex = true
	m := templates.MyBadges{Page: page, Name: who.Name}
	if note := c.QueryParam("note"); slices.Contains(notes, note) {
		m.Note = note
	}
	scores, err := bp.issuer.Scores(c.Request().Context(), awardsOf(list)...)
	if err != nil {
		return err
	}
	usual := usualOf(list)
	removed, err := bp.issuer.OnceAccepted(c.Request().Context(), idsOf(list, ledger.Declined)...)
	if err != nil {
		return err
	}
	for _, b := range list {
		row := bp.myBadge(h, b, page.Lang, usual)
		row.Scores = wording.Scores(h, scores[b.Award.ID], page.Lang)
		switch {
		case b.Award.Successor != "":
		case b.Award.State == ledger.Offered:
			m.Offered = append(m.Offered, row)
		case b.Award.State == ledger.Accepted:
			m.Accepted = append(m.Accepted, row)
		case b.Award.RevokedAt == nil:
			if row.Removed = removed[b.Award.ID]; row.Removed {
				row.Visibility = b.Award.Visibility // as it was before
			}
			m.Declined = append(m.Declined, row)
		}
	}
	return web.Show(c, m)
}

// idsOf are the awards in a state.
func idsOf(list []issuer.OfferedBadge, state string) (ids []string) {
	for _, b := range list {
		if b.Award.State == state {
			ids = append(ids, b.Award.ID)
		}
	}
	return ids
}

func awardsOf(list []issuer.OfferedBadge) (awards []*ledger.Award) {
	for _, b := range list {
		awards = append(awards, b.Award)
	}
	return awards
}

func (bp *backpack) myBadge(h programme.History, b issuer.OfferedBadge, lang, usual string) templates.MyBadge {
	a := b.Award
	row := templates.MyBadge{
		BadgeCard: bp.badgeCard(h, b, lang), ID: a.ID, Action: web.MyBadgesPath + "?badge=" + a.ID,
		Visibility: usual, Verdict: string(a.Validity(bp.issuer.Today())), Telling: a.Scores,
	}
	if a.DisputedAt != nil {
		row.DisputedOn = a.DisputedAt.UTC()
	}
	switch a.State {
	case ledger.Accepted:
		row.URL, row.Visibility = "/badges/"+a.ID, a.Visibility
	case ledger.Declined:
		row.DeclinedOn = wording.DecidedOn(a)
	}
	return row
}

// postMyBadge, POST /me/badges, does what a button of the list says to one badge.
func (bp *backpack) postMyBadge(c echo.Context, who *web.Person) error {
	form, ctx, holder := c.Request().PostForm, c.Request().Context(), holderOf(who)
	id, visibility := c.QueryParam("badge"), form.Get("visibility")
	var err error
	var note string
	switch form.Get("do") {
	case "accept":
		note = templates.NoteAccepted
		if visibility == "" {
			if visibility, err = bp.usual(c, who); err != nil {
				return err
			}
		}
		err = bp.issuer.Accept(ctx, holder, id, visibility)
	case "decline":
		note, err = templates.NoteDeclined, bp.issuer.Decline(ctx, holder, id)
	case "visibility":
		note, err = templates.NoteVisibility, bp.issuer.Show(ctx, holder, id, visibility)
	case "share_scores":
		note, err = templates.NoteScores, bp.issuer.ShareScores(ctx, holder, id, true)
	case "hide_scores":
		note, err = templates.NoteNoScores, bp.issuer.ShareScores(ctx, holder, id, false)
	case "remove":
		note, err = templates.NoteRemoved, bp.issuer.Decline(ctx, holder, id)
	case "mine":
		note, err = templates.NoteUndone, bp.issuer.Recognise(ctx, holder, id)
	default:
		return web.NewProblem(web.CodeUnreadable, "The form does not say what to do.")
	}
	if refusal.Is(err, "disputed") { // meanwhile, as the list then says
		return web.SeeOther(c, web.MyBadgesPath)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, web.MyBadgesPath+"?note="+url.QueryEscape(note))
}

// badgeCard is a badge as lists show it.
func (bp *backpack) badgeCard(h programme.History, b issuer.OfferedBadge, lang string) templates.BadgeCard {
	f := b.Award.Facts(bp.issuer.Today())
	return templates.BadgeCard{
		Title: wording.InLanguage(b.Achievement, b.Achievement.Name, lang), Kind: string(b.Achievement.Kind),
		Level: b.Achievement.Level, Issuer: wording.IssuerName(b.Achievement, lang),
		ImageURL: wording.PictureURL(b.Achievement, lang), EarnedOn: f.EarnedOn.Time(),
		Expires: f.ExpiresOn.Time(), RetiredOn: wording.Retired(h, b.Award.Subject(), bp.issuer.Today()),
	}
}

func (bp *backpack) badgeCards(c echo.Context, list []issuer.OfferedBadge, lang string) (all []templates.BadgeCard, err error) {
	h, err := bp.issuer.History(c.Request().Context())
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		all = append(all, bp.badgeCard(h, b, lang))
	}
	return all, nil
}

// usual is the visibility that the person chose last; by link the first time (GDPR art. 25(2)).
func (bp *backpack) usual(c echo.Context, who *web.Person) (string, error) {
	list, err := bp.issuer.Backpack(c.Request().Context(), holderOf(who))
	if err != nil {
		return "", err
	}
	return usualOf(list), nil
}

func usualOf(list []issuer.OfferedBadge) string {
	visibility, last := ledger.ByLink, time.Time{}
	for _, b := range list {
		if a := b.Award; a.State == ledger.Accepted && a.DecidedAt != nil && a.DecidedAt.After(last) {
			visibility, last = a.Visibility, *a.DecidedAt
		}
	}
	return visibility
}

// holderOf is a person as the issuer knows them.
func holderOf(p *web.Person) issuer.Holder {
	return issuer.Holder{ID: p.ID, Addresses: p.Addresses, Sandbox: p.Sandbox}
}

// getMe answers GET /me.
// getMe, GET /me, leads to the badges.
func getMe(c echo.Context) error { return web.SeeOther(c, web.MyBadgesPath) }

// getMyCredentials, GET /me/credentials, lists certifications and results with the reasons why (rows 98 to 101).
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
