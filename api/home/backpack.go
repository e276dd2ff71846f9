package home

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

func (bp *backpack) routes() []web.Route {
	site := bp.site
	return web.Table(
		web.Get("/me", site.Personal(site.SignedIn(bp.getMe))),
		web.Get(activityPath, site.Personal(site.SignedIn(bp.getActivity))),
		site.Form("/me/badges", site.SignedIn(bp.getMyBadges), site.SignedIn(bp.postMyBadges)),
		site.Form("/me/badges/:id", site.SignedIn(bp.getMyBadge), site.SignedIn(bp.postMyBadge)),
		web.Get("/me/badges/:id/renewal.ics", site.Personal(site.SignedIn(bp.getRenewal))),
		web.Get("/me/credentials", site.Personal(site.SignedIn(bp.getMyCredentials))),
	)
}

// getMyBadges, GET /me/badges, lists what waits, what was accepted and what was declined. What is not decided yet can
// be decided here, unless there is much of it. Whose badges they are and how they stand is read on every request; the
// page is drawn anew when that, the day, the programme or the frame is another.
func (bp *backpack) getMyBadges(c echo.Context, who *web.Person) error {
	ctx := c.Request().Context()
	state, err := bp.issuer.BackpackState(ctx, holderOf(who))
	if err != nil {
		return err
	}
	h, err := bp.issuer.History(ctx)
	if err != nil {
		return err
	}
	page, note := bp.site.FormPage(c), noteOf(c)
	page.NoIndex = true
	key := fmt.Sprintf("%s %s %s %d %q %q %q %+v", who.ID, state, bp.issuer.Today(), len(h), who.Name, note, c.QueryParam("page"), page)
	d, err := bp.drawn.Get(key, func() (web.Document, error) {
		m, err := bp.fillMyBadges(c, h, page, who)
		if err != nil {
			return web.Document{}, err
		}
		m.Note = note
		body, err := web.Draw(m)
		return web.Document{Body: body}, err
	})
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, web.TypeHTML, d.Body)
}

// tilesMost are how many badges a page shows. More have further pages, in the same order.
const tilesMost = 200

func (bp *backpack) fillMyBadges(c echo.Context, h programme.History, page templates.Page, who *web.Person) (m templates.MyBadges, err error) {
	ctx := context.WithoutCancel(c.Request().Context()) // others wait for the same page
	all, err := bp.issuer.Backpack(ctx, holderOf(who))
	if err != nil {
		return m, err
	}
	var offered, accepted, declined []issuer.OfferedBadge
	for _, b := range all {
		switch {
		case b.Award.Successor != "":
		case b.Award.State == ledger.Offered:
			offered = append(offered, b)
		case b.Award.State == ledger.Accepted:
			accepted = append(accepted, b)
		case b.Award.RevokedAt == nil:
			declined = append(declined, b)
		}
	}
	list, pager := web.PageOf(c, web.MyBadgesPath, slices.Concat(offered, accepted, declined), tilesMost)
	removed, err := bp.issuer.OnceAccepted(ctx, idsOf(list, ledger.Declined)...)
	if err != nil {
		return m, err
	}
	m = templates.MyBadges{Page: page, Name: who.Name, Pager: pager}
	usual := usualOf(all)
	for _, b := range list {
		row := bp.myBadge(h, b, page.Lang, usual)
		row.Removed = removed[b.Award.ID]
		switch b.Award.State {
		case ledger.Offered:
			m.Offered = append(m.Offered, row)
		case ledger.Accepted:
			m.Accepted = append(m.Accepted, row)
		default:
			m.Declined = append(m.Declined, row)
		}
	}
	return m, nil
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

// postMyBadges, POST /me/badges, does what a button of the list says to one badge.
func (bp *backpack) postMyBadges(c echo.Context, who *web.Person) error {
	note, err := bp.change(c, who, c.QueryParam("badge"))
	if err != nil {
		return err
	}
	return web.SeeOther(c, web.MyBadgesPath+note)
}

func (bp *backpack) myBadge(h programme.History, b issuer.OfferedBadge, lang, usual string) templates.MyBadge {
	a := b.Award
	row := templates.MyBadge{
		BadgeCard: bp.badgeCard(h, b, lang), ID: a.ID, Action: web.MyBadgesPath + "?badge=" + a.ID,
		ManageURL: managePath(a.ID), Visibility: usual, Verdict: string(a.Validity(bp.issuer.Today())),
	}
	if a.DisputedAt != nil {
		row.DisputedOn = a.DisputedAt.UTC()
	}
	switch a.State {
	case ledger.Accepted:
		row.URL, row.Visibility = "/badges/"+a.ID, a.Visibility
		if a.Stands() {
			row.ShareURL = sharePath(a.ID)
		}
	case ledger.Declined:
		row.DeclinedOn = wording.DecidedOn(a)
	}
	return row
}

// badgeCard is a badge as lists show it.
func (bp *backpack) badgeCard(h programme.History, b issuer.OfferedBadge, lang string) templates.BadgeCard {
	return badgeCard(h, b, lang, bp.issuer.Today())
}

func badgeCard(h programme.History, b issuer.OfferedBadge, lang string, today programme.Date) templates.BadgeCard {
	f := b.Award.Facts(today)
	return templates.BadgeCard{
		Title: wording.InLanguage(b.Achievement, b.Achievement.Name, lang), Kind: string(b.Achievement.Kind),
		Level: b.Achievement.Level, Issuer: wording.IssuerName(b.Achievement, lang),
		ImageURL: wording.PictureURL(b.Achievement, lang), EarnedOn: f.EarnedOn.Time(),
		Expires: f.ExpiresOn.Time(), RetiredOn: wording.Retired(h, b.Award.Subject(), today),
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
