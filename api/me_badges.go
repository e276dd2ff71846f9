package api

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// notes are what the list of badges may report about the change before.
var notes = []string{templates.NoteAccepted, templates.NoteDeclined, templates.NoteUndone, templates.NoteRemoved, templates.NoteVisibility,
	templates.NoteScores, templates.NoteNoScores}

// getMyBadges lists what waits, what was accepted and what was declined.
func (s *Server) getMyBadges(c echo.Context, who *person) error {
	list, err := s.o.Issuer.Backpack(c.Request().Context(), holderOf(who))
	if err != nil {
		return err
	}
	h, err := s.o.Issuer.History(c.Request().Context())
	if err != nil {
		return err
	}
	page := s.formPage(c)
	page.NoIndex = true
	m := templates.MyBadges{Page: page, Name: who.Name}
	if note := c.QueryParam("note"); slices.Contains(notes, note) {
		m.Note = note
	}
	scores, err := s.o.Issuer.Scores(c.Request().Context(), awardsOf(list)...)
	if err != nil {
		return err
	}
	usual := usualOf(list)
	removed, err := s.o.Issuer.OnceAccepted(c.Request().Context(), idsOf(list, issuer.Declined)...)
	if err != nil {
		return err
	}
	for _, b := range list {
		row := s.myBadge(h, b, page.Lang, usual)
		row.Scores = scoresOf(h, scores[b.Award.ID], page.Lang)
		switch {
		case b.Award.Successor != "":
		case b.Award.State == issuer.Offered:
			m.Offered = append(m.Offered, row)
		case b.Award.State == issuer.Accepted:
			m.Accepted = append(m.Accepted, row)
		case b.Award.RevokedAt == nil:
			if row.Removed = removed[b.Award.ID]; row.Removed {
				row.Visibility = b.Award.Visibility // as it was before
			}
			m.Declined = append(m.Declined, row)
		}
	}
	return s.show(c, m)
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

func awardsOf(list []issuer.OfferedBadge) (awards []*issuer.Award) {
	for _, b := range list {
		awards = append(awards, b.Award)
	}
	return awards
}

func (s *Server) myBadge(h programme.History, b issuer.OfferedBadge, lang, usual string) templates.MyBadge {
	a := b.Award
	row := templates.MyBadge{
		BadgeCard: s.badgeCard(h, b, lang), ID: a.ID, Action: myBadgesPath + "?badge=" + a.ID, Visibility: usual, Verdict: string(a.Validity(s.o.Issuer.Today())),
		Telling: a.Scores,
	}
	if a.DisputedAt != nil {
		row.DisputedOn = a.DisputedAt.UTC()
	}
	switch a.State {
	case issuer.Accepted:
		row.URL, row.Visibility = "/badges/"+a.ID, a.Visibility
	case issuer.Declined:
		row.DeclinedOn = decidedOn(a)
	}
	return row
}

// postMyBadge does what a button of the list says to one badge.
func (s *Server) postMyBadge(c echo.Context, who *person) error {
	form, ctx, holder := c.Request().PostForm, c.Request().Context(), holderOf(who)
	id, visibility := c.QueryParam("badge"), form.Get("visibility")
	var err error
	var note string
	switch form.Get("do") {
	case "accept":
		note = templates.NoteAccepted
		if visibility == "" {
			if visibility, err = s.usual(c, who); err != nil {
				return err
			}
		}
		err = s.o.Issuer.Accept(ctx, holder, id, visibility)
	case "decline":
		note, err = templates.NoteDeclined, s.o.Issuer.Decline(ctx, holder, id)
	case "visibility":
		note, err = templates.NoteVisibility, s.o.Issuer.Show(ctx, holder, id, visibility)
	case "share_scores":
		note, err = templates.NoteScores, s.o.Issuer.ShareScores(ctx, holder, id, true)
	case "hide_scores":
		note, err = templates.NoteNoScores, s.o.Issuer.ShareScores(ctx, holder, id, false)
	case "remove":
		note, err = templates.NoteRemoved, s.o.Issuer.Decline(ctx, holder, id)
	case "mine":
		note, err = templates.NoteUndone, s.o.Issuer.Recognise(ctx, holder, id)
	default:
		return trouble(codeUnreadable, "The form does not say what to do.")
	}
	if refusal.Is(err, "disputed") { // meanwhile, as the list then says
		return seeOther(c, myBadgesPath)
	}
	if err != nil {
		return err
	}
	return seeOther(c, myBadgesPath+"?note="+url.QueryEscape(note))
}

// myFile serves a file of the person's own badge, also of one that nobody else sees: what the holder hands
// out proves itself (flows 2.5).
func (s *Server) myFile(document func(c echo.Context, b *issuer.Badge) (issuer.Document, error)) func(c echo.Context, who *person) error {
	return func(c echo.Context, who *person) error {
		b, err := s.anyBadge(c, c.Param("id"))
		if err != nil {
			return err
		}
		if b.Award.State != issuer.Accepted || b.Award.Holder != who.ID {
			return notShown()
		}
		d, err := document(c, b)
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, d.Type, d.Body)
	}
}
