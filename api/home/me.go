package home

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

// What the home shows of a list that has a page of its own.
const (
	newestBadges   = 4
	newestActivity = 10
)

// getMe, GET /me, is the home: what somebody has, what they can do next and what happened (rows 31 to 38).
func (bp *backpack) getMe(c echo.Context, who *web.Person) error {
	ctx := c.Request().Context()
	badges, err := bp.issuer.Backpack(ctx, holderOf(who))
	if err != nil {
		return err
	}
	results, err := bp.issuer.Transcript(ctx, holderOf(who))
	if err != nil {
		return err
	}
	h, err := bp.issuer.History(ctx)
	if err != nil {
		return err
	}
	page := bp.site.FormPage(c)
	page.NoIndex = true
	m := templates.Me{Page: page, Name: who.Name, Certifications: bp.held(badges, page.Lang), TranscriptURL: transcriptPath}
	if m.Record, err = bp.profiles.offers(c, who); err != nil {
		return err
	}
	badges = slices.DeleteFunc(badges, func(b issuer.OfferedBadge) bool { return b.Award.Successor != "" })
	for _, b := range badges {
		switch {
		case b.Award.Waits():
			m.Waiting++
		case b.Award.State == ledger.Accepted:
			if m.BadgesInAll++; m.BadgesInAll <= newestBadges {
				m.Badges = append(m.Badges, bp.myBadge(h, b, page.Lang, ""))
			}
		}
	}
	m.Next = nextSteps(h, badges, results, bp.issuer.Today(), page.Lang)
	m.Renewals = bp.renewals(h, badges, page.Lang)
	m.Exams = wording.PassedExams(h, results, page.Lang)
	recent, err := bp.activity(ctx, holderOf(who), happened{h, badges, results}, newestActivity+1, page.Lang)
	if err != nil {
		return err
	}
	m.Activity = recent[:min(newestActivity, len(recent))]
	if len(recent) > newestActivity {
		m.ActivityURL = activityPath
	}
	m.Figures, err = bp.figures(ctx, m, badges)
	if err != nil {
		return err
	}
	return web.Show(c, m)
}

// nextSteps are the certifications that were begun, by the newest result that says what is missing, unless they are
// held by now.
func nextSteps(h programme.History, badges []issuer.OfferedBadge, results []issuer.LedgerEntry, today programme.Date, lang string) (list []templates.Decision) {
	seen := map[programme.Subject]bool{}
	for _, b := range badges {
		if v := b.Award.Validity(today); v == ledger.Valid || v == ledger.Suspended {
			seen[b.Award.Subject()] = true
		}
	}
	for _, e := range results {
		for _, d := range e.Decisions {
			if d.Subject.Kind != programme.KindCertification || seen[d.Subject] {
				continue
			}
			seen[d.Subject] = true
			if k, found := h.Certification(d.Subject.Code); d.Outcome == programme.NotYet && found && (k.Retired.IsZero() || !today.After(k.Retired)) {
				list = append(list, wording.Decision(h, d.Decision, lang))
			}
		}
	}
	return list
}

// renewals are the certifications that end, of each the newest award, the ones that end first on top.
func (bp *backpack) renewals(h programme.History, badges []issuer.OfferedBadge, lang string) (list []templates.RenewalCard) {
	newest := map[programme.Subject]issuer.OfferedBadge{}
	for _, b := range badges {
		a := b.Award
		if a.Kind != programme.KindCertification || a.ExpiresOn.IsZero() || !a.Stands() {
			continue
		}
		if other, found := newest[a.Subject()]; !found || other.Award.ExpiresOn.Before(a.ExpiresOn.Date) {
			newest[a.Subject()] = b
		}
	}
	for _, b := range newest {
		if card, found := renewalCard(h, b, bp.issuer.Today(), lang); found {
			list = append(list, card)
		}
	}
	slices.SortFunc(list, func(a, b templates.RenewalCard) int { return a.Expires.Compare(b.Expires) })
	return list
}

// renewalCard is how a certification is renewed, on a day.
func renewalCard(h programme.History, b issuer.OfferedBadge, today programme.Date, lang string) (card templates.RenewalCard, found bool) {
	a := b.Award
	if a.Kind != programme.KindCertification || a.ExpiresOn.IsZero() || !a.Stands() {
		return card, false
	}
	r, found := h.Renewal(a.Code, a.ExpiresOn.Date, today)
	if !found {
		return card, false
	}
	card = templates.RenewalCard{
		Name: wording.InLanguage(b.Achievement, b.Achievement.Name, lang), State: templates.RenewalEarly,
		Opens: r.Opens.Time(), Expires: a.ExpiresOn.Time(), RetiredOn: r.Retired.Time(),
		Exams: wording.Exams(h, r.Exams, lang), ManageURL: managePath(a.ID),
	}
	for _, code := range r.Holds {
		card.Holds = append(card.Holds, wording.SubjectName(h, programme.Subject{Kind: programme.KindCertification, Code: code}, lang))
	}
	if r.Over(today) {
		card.Exams = nil
	}
	switch {
	case !today.Before(a.ExpiresOn.Date):
		card.State = templates.RenewalOver
	case r.Over(today) || !r.Retired.IsZero() && r.Retired.Before(r.Opens):
		card.State = templates.RenewalRetired
	case r.Open(today, a.ExpiresOn.Date):
		card.State = templates.RenewalOpen
	}
	return card, true
}

// figures are a person's own numbers.
func (bp *backpack) figures(ctx context.Context, m templates.Me, badges []issuer.OfferedBadge) (f templates.Figures, err error) {
	f.Exams = len(m.Exams)
	for _, k := range m.Certifications {
		switch k.Verdict {
		case string(ledger.Valid):
			f.Active++
		case string(ledger.Expired):
			f.Expired++
		}
	}
	views, err := bp.issuer.Views.Total(ctx, idsOf(badges, ledger.Accepted))
	f.Views = int(views)
	return f, err
}
