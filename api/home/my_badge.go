package home

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// managePath is where the holder of a badge decides about it.
func managePath(award string) string { return web.MyBadgesPath + "/" + award }

// getMyBadge, GET /me/badges/:id, is all that its holder can do with a badge.
func (bp *backpack) getMyBadge(c echo.Context, who *web.Person) error {
	ctx := c.Request().Context()
	list, err := bp.issuer.Backpack(ctx, holderOf(who))
	if err != nil {
		return err
	}
	k := slices.IndexFunc(list, func(b issuer.OfferedBadge) bool { return b.Award.ID == c.Param("id") })
	if k < 0 {
		return web.NewProblem("not_found", "No such badge.")
	}
	if next := list[k].Award.Successor; next != "" {
		return web.SeeOther(c, managePath(next))
	}
	h, err := bp.issuer.History(ctx)
	if err != nil {
		return err
	}
	page := bp.site.FormPage(c)
	page.NoIndex = true
	m := templates.ManageBadge{Page: page, Note: noteOf(c), MyBadge: bp.myBadge(h, list[k], page.Lang, usualOf(list))}
	m.Action = m.ManageURL
	bp.fillRenewal(h, &m, list[k])
	if err := bp.fillManaged(ctx, h, &m, list[k].Award); err != nil {
		return err
	}
	return web.Show(c, m)
}

// fillManaged adds what the list of badges does not say of each.
func (bp *backpack) fillManaged(ctx context.Context, h programme.History, m *templates.ManageBadge, a *ledger.Award) error {
	entries, err := bp.issuer.HolderHistory(ctx, a)
	if err != nil {
		return err
	}
	m.History = ownEvents(a, entries)
	switch a.State {
	case ledger.Declined:
		removed, err := bp.issuer.OnceAccepted(ctx, a.ID)
		if m.Removed = removed[a.ID]; m.Removed {
			m.Visibility = a.Visibility // as it was before
		}
		return err
	case ledger.Accepted:
		scores, err := bp.issuer.Scores(ctx, a)
		if err != nil {
			return err
		}
		m.Scores, m.Telling = wording.Scores(h, scores[a.ID], m.Lang), a.Scores
		m.Files = files(a, m.Verdict, m.Lang)
	}
	return nil
}

// fillRenewal adds how a certification that ends is renewed, and its days in order.
func (bp *backpack) fillRenewal(h programme.History, m *templates.ManageBadge, b issuer.OfferedBadge) {
	today := bp.issuer.Today()
	card, found := renewalCard(h, b, today, m.Lang)
	if !found {
		return
	}
	m.Renewal = card
	m.Timeline = []templates.Event{{Kind: "earned", On: b.Award.EarnedOn.Time()}}
	for _, day := range b.Award.Renewed {
		m.Timeline = append(m.Timeline, templates.Event{Kind: "renewed", On: day.Time()})
	}
	if card.State != templates.RenewalRetired {
		m.Timeline = append(m.Timeline, templates.Event{Kind: "opens", On: card.Opens})
	}
	m.Timeline = append(m.Timeline, templates.Event{Kind: "ends", On: card.Expires}, templates.Event{Kind: "today", On: today.Time()})
	slices.SortStableFunc(m.Timeline, func(a, b templates.Event) int { return a.On.Compare(b.On) })
	if card.State == templates.RenewalOpen || card.State == templates.RenewalEarly {
		m.Calendar = m.ManageURL + "/renewal.ics"
	}
}

// getRenewal, GET /me/badges/:id/renewal.ics, is the last day on which a certification can be renewed, for calendars.
func (bp *backpack) getRenewal(c echo.Context, who *web.Person) error {
	ctx := c.Request().Context()
	b, err := bp.own(ctx, who, c.Param("id"))
	if err != nil {
		return err
	}
	h, err := bp.issuer.History(ctx)
	if err != nil {
		return err
	}
	a := b.Award
	r, found := h.Renewal(a.Code, a.ExpiresOn.Date, bp.issuer.Today())
	last := r.LastDay(a.ExpiresOn.Date)
	if !found || a.Kind != programme.KindCertification || a.ExpiresOn.IsZero() || !a.Stands() || last.Before(bp.issuer.Today()) {
		return web.NewProblem("not_found", "There is no such deadline.")
	}
	lang := bp.site.Language(c)
	d := templates.RenewalDeadline(lang, a.ID, wording.InLanguage(b.Achievement, b.Achievement.Name, lang), last.Time(),
		bp.site.BaseURL+managePath(a.ID)+"#renewal", bp.site.Now())
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="renewal.ics"`)
	return c.Blob(http.StatusOK, templates.CalendarType, d.ICS())
}

// own is a badge of whoever is signed in.
func (bp *backpack) own(ctx context.Context, who *web.Person, id string) (b issuer.OfferedBadge, err error) {
	list, err := bp.issuer.Backpack(ctx, holderOf(who))
	if err != nil {
		return b, err
	}
	k := slices.IndexFunc(list, func(b issuer.OfferedBadge) bool { return b.Award.ID == id })
	if k < 0 {
		return b, web.NewProblem("not_found", "No such badge.")
	}
	return list[k], nil
}

// files are those of the badge that prove themselves, while it proves anything, and its certificate.
func files(a *ledger.Award, verdict, lang string) []templates.Download {
	if a.Signed == 0 {
		return nil
	}
	return wording.Downloads(ledger.Validity(verdict), managePath(a.ID), lang)
}

// ownEvents is the history of a badge as its holder reads it: what they did themselves as well. It begins on the day
// on which it was earned.
func ownEvents(a *ledger.Award, entries []ledger.Entry) []templates.Event {
	events := []templates.Event{{Kind: "earned", On: a.EarnedOn.Time()}}
	for _, e := range entries {
		if kind := eventOf[e.Change]; kind != "" {
			events = append(events, templates.Event{Kind: kind, On: e.At})
		}
	}
	return events
}

// eventOf are the changes that a holder is told of, as the words of a history call them.
var eventOf = map[string]string{
	ledger.Offered: "offered", ledger.Accepted: "accepted", ledger.Declined: "declined", "renewed": "renewed",
	"suspended": "suspended", "reinstated": "reinstated", "revoked": "revoked", "disputed": "disputed",
	"undisputed": "undisputed", ledger.ChangeExpired: "expired", ledger.ChangeRenamed: "name",
}

// postMyBadge, POST /me/badges/:id, does what a button of the page says.
func (bp *backpack) postMyBadge(c echo.Context, who *web.Person) error {
	note, err := bp.change(c, who, c.Param("id"))
	if err != nil {
		return err
	}
	return web.SeeOther(c, managePath(url.PathEscape(c.Param("id")))+note)
}

// change does what a form says to one badge, and returns the query by which the next page tells of it.
func (bp *backpack) change(c echo.Context, who *web.Person, id string) (query string, err error) {
	form, ctx, holder := c.Request().PostForm, c.Request().Context(), holderOf(who)
	visibility := form.Get("visibility")
	var note string
	switch form.Get("do") {
	case "accept":
		note = templates.NoteAccepted
		if visibility == "" {
			if visibility, err = bp.usual(c, who); err != nil {
				return "", err
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
		return "", web.NewProblem(web.CodeUnreadable, "The form does not say what to do.")
	}
	if refusal.Is(err, "disputed") { // meanwhile, as the page then says
		return "", nil
	}
	return "?note=" + url.QueryEscape(note), err
}

// notes are what a page may report about the change before.
var notes = []string{
	templates.NoteAccepted, templates.NoteDeclined, templates.NoteUndone, templates.NoteRemoved,
	templates.NoteVisibility, templates.NoteScores, templates.NoteNoScores,
}

func noteOf(c echo.Context) string {
	if note := c.QueryParam("note"); slices.Contains(notes, note) {
		return note
	}
	return ""
}
