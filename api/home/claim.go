package home

import (
	"maps"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

func (cs *claims) routes() []web.Route {
	return web.Table(
		cs.site.Form("/claim/:token", cs.claim(cs.getClaim), cs.claim(cs.postClaim)),
		web.Get("/claim/:token/done", cs.site.Personal(cs.claim(cs.getDone))),
	)
}

const claimPrefix = "/claim/"

// claim is a claim link that somebody opened, and who they are. The link shows the badge and proves
// nothing: only a session whose confirmed addresses include the claim's goes on (flows 2.1.1).
type claim struct {
	*issuer.Claim
	path string // of the claim; it contains the token
	who  *web.Person
	owns map[string]bool // awards of the claim that the person may decide about
}

// screen is what a claim link leads to (flows 2.1.3).
type screen int

const (
	landing   screen = iota + 1 // S1
	accepting                   // S5
	wrong                       // S6
	yours                       // S7
	used                        // S8
	declined                    // S9
	replaced                    // S10
	withdrawn                   // S11
	disputed                    // S14
)

// decide finds the screen, and the badges of the claim that it is about.
func (k *claim) decide() (screen, []issuer.OfferedBadge) {
	is := func(state string, mine bool) []issuer.OfferedBadge { return k.badges(state, mine) }
	switch open := is(ledger.Offered, false); {
	case len(is(ledger.Offered, true)) > 0:
		return accepting, is(ledger.Offered, true)
	case len(open) > 0 && k.ReplacedAt != nil:
		return replaced, open
	case len(open) > 0 && k.who != nil:
		return wrong, open
	case len(open) > 0:
		return landing, open
	case len(k.disputed()) > 0:
		return disputed, k.disputed()
	case len(is(ledger.Accepted, true)) > 0:
		return yours, is(ledger.Accepted, true)
	case len(is(ledger.Declined, true)) > 0:
		return declined, is(ledger.Declined, true)
	case len(is(ledger.Accepted, false)) > 0 || len(is(ledger.Declined, false)) > 0:
		return used, nil
	}
	for _, b := range k.Badges {
		if b.Award.RevokedAt != nil {
			return withdrawn, []issuer.OfferedBadge{b}
		}
	}
	return used, nil // another award took the place of all
}

// badges are those in a state, of all or of the person only. What was withdrawn before it was accepted, or is
// held because somebody says that it is not theirs, is left out, and so is what another award took the place of.
func (k *claim) badges(state string, mine bool) (list []issuer.OfferedBadge) {
	for _, b := range k.Badges {
		ended := (b.Award.RevokedAt != nil || b.Award.DisputedAt != nil) && state != ledger.Accepted || b.Award.Successor != ""
		if b.Award.State == state && !ended && (!mine || k.owns[b.Award.ID]) {
			list = append(list, b)
		}
	}
	return list
}

// disputed are the badges that are held because somebody says that they are not theirs, those of the person first.
func (k *claim) disputed() (list []issuer.OfferedBadge) {
	for _, mine := range []bool{true, false} {
		for _, b := range k.Badges {
			if b.Award.DisputedAt != nil && k.owns[b.Award.ID] == mine {
				list = append(list, b)
			}
		}
	}
	return list
}

// claim is around everything below a claim link: it finds what the link stands for. Looking changes nothing.
func (cs *claims) claim(next func(c echo.Context, k *claim) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, token := c.Request().Context(), c.Param("token")
		found, known, err := cs.findClaim(c, token)
		if err != nil {
			return err
		}
		if !known {
			return noSuchLink(templates.ClaimUnknown{Page: cs.site.Page(c)})
		}
		c.Set(web.KeyLetter, cs.letterLanguage(c, found.Locale))
		k := &claim{Claim: found, path: claimPrefix + token, owns: map[string]bool{}}
		if k.who, err = cs.site.Person(c); err != nil {
			return err
		}
		if k.who != nil {
			for _, b := range k.Badges {
				if k.owns[b.Award.ID], err = cs.issuer.Owns(ctx, holderOf(k.who), b.Award); err != nil {
					return err
				}
			}
			// What was confirmed in a sandbox is nobody outside of it, and joins no live account nor the other way round.
			if k.who.Sandbox != k.Sandbox && !slices.Contains(slices.Collect(maps.Values(k.owns)), true) {
				k.who = nil
			}
		}
		return next(c, k)
	}
}

func (cs *claims) findClaim(c echo.Context, token string) (*issuer.Claim, bool, error) {
	if !web.PlausibleID(token) {
		return nil, false, nil
	}
	return cs.issuer.Claim(c.Request().Context(), token)
}

// letterLanguage is the language that the letter to a candidate was written in.
func (cs *claims) letterLanguage(c echo.Context, locale string) string {
	if locale == "" {
		if org, err := cs.issuer.Organisation(c.Request().Context()); err == nil {
			locale = org.Languages[0]
		}
	}
	return templates.Match("", "", locale)
}

// frame is the page of a claim.
func (cs *claims) frame(c echo.Context, k *claim) templates.Page {
	p := cs.site.FormPage(c)
	p.NoIndex, p.Sandbox = true, k.Sandbox
	return p
}

// getClaim, GET /claim/:token, opens a claim link.
func (cs *claims) getClaim(c echo.Context, k *claim) error {
	switch which, badges := k.decide(); which {
	case landing:
		return cs.showLanding(c, k, badges)
	case accepting:
		return cs.showAccept(c, k, badges)
	case wrong:
		return cs.showWrongAccount(c, k)
	case yours:
		return web.SeeOther(c, "/badges/"+badges[0].Award.ID+"?claimed=1")
	case declined:
		if c.QueryParam("decide") != "" {
			return cs.showAccept(c, k, badges)
		}
		return cs.showDeclined(c, k, badges)
	case replaced:
		return web.Show(c, templates.ClaimReplaced{
			Page: cs.frame(c, k), Masked: templates.Masked(k.Email), SentOn: *k.ReplacedAt,
			Sent: sentAgain(c), Action: k.path + "?do=again", SignInURL: web.SignInPath,
		})
	case withdrawn:
		return cs.showWithdrawn(c, k, badges[0].Award)
	case disputed:
		return cs.showDisputed(c, k, badges[0].Award)
	}
	return web.Show(c, templates.ClaimUsed{Page: cs.frame(c, k), SignInURL: web.SignInPath, SignOutAction: "/sign-out?next=" + k.path})
}

// decidePath asks who can see badges that were declined.
func (k *claim) decidePath() string { return k.path + "?decide=1" }

func (cs *claims) showLanding(c echo.Context, k *claim, badges []issuer.OfferedBadge) error {
	page := cs.frame(c, k)
	all, err := cs.backpack.badgeCards(c, badges, page.Lang)
	if err != nil {
		return err
	}
	known := cs.site.LastWay(c) != ""
	var ways templates.Ways
	if known {
		if ways, err = cs.ways(c, k); err != nil {
			return err
		}
	}
	return web.Show(c, templates.ClaimLanding{
		Known: known, Action: k.path + "/continue", Ways: ways,
		Page: page, Badges: all, Masked: templates.Masked(k.Email), ContinueURL: k.path + "/continue",
		NotMeURL: k.path + "/not-me", Issuer: wording.IssuerName(badges[0].Achievement, page.Lang),
		Partner: k.Partner, PrivacyURL: "/privacy",
	})
}

func (cs *claims) showDeclined(c echo.Context, k *claim, badges []issuer.OfferedBadge) error {
	page := cs.frame(c, k)
	all, err := cs.backpack.badgeCards(c, badges, page.Lang)
	if err != nil {
		return err
	}
	removed, err := cs.issuer.OnceAccepted(c.Request().Context(), badges[0].Award.ID)
	if err != nil {
		return err
	}
	return web.Show(c, templates.ClaimDeclined{
		Page: page, Badges: all, DeclinedOn: wording.DecidedOn(badges[0].Award), Removed: len(removed) > 0,
		DecideURL: k.decidePath(),
	})
}

func (cs *claims) showWithdrawn(c echo.Context, k *claim, a *ledger.Award) error {
	page := cs.frame(c, k)
	by, org, err := wording.Organisation(c.Request().Context(), cs.issuer, cs.site, page.Lang)
	if err != nil {
		return err
	}
	w := templates.ClaimWithdrawn{
		Page: page, Issuer: by.Name, On: a.RevokedAt.UTC(), Reason: a.Told(), Reference: a.ID,
	}
	if org.Email != "" {
		w.SupportURL = "mailto:" + org.Email
	}
	return web.Show(c, w)
}

func (cs *claims) showDisputed(c echo.Context, k *claim, a *ledger.Award) error {
	page := cs.frame(c, k)
	by, org, err := wording.Organisation(c.Request().Context(), cs.issuer, cs.site, page.Lang)
	if err != nil {
		return err
	}
	d := templates.ClaimDisputed{
		Page: page, On: a.DisputedAt.UTC(), Partner: k.Partner, Issuer: by.Name, SignInURL: "/sign-in",
		Reference: a.ID,
	}
	if org.Email != "" {
		d.SupportURL = "mailto:" + org.Email
	}
	if k.owns[a.ID] {
		d.Action = k.path
	}
	return web.Show(c, d)
}

// showWrongAccount meets somebody who is signed in with another address. A code for the claim's address
// that they have asked for already is asked for next.
func (cs *claims) showWrongAccount(c echo.Context, k *claim) error {
	last, found, err := cs.sessions.pending(c)
	if err != nil {
		return err
	}
	taken := c.QueryParam("taken") != ""
	if found && !taken && !last.Finished && last.Purpose == earner.AddAddress && k.isFor(last) && cs.site.Now().Before(last.Expires) {
		return web.SeeOther(c, codePath(k.path+"/code", last))
	}
	w := templates.ClaimWrongAccount{
		Page: cs.frame(c, k), Masked: templates.Masked(k.Email), Email: k.who.Addresses[0],
		AddAction: k.path + "?do=add", SignOutAction: "/sign-out?next=" + k.path,
		NotMineURL: k.path + "/not-me", Taken: taken, ConnectURL: connectPath,
	}
	if id := c.QueryParam("taken"); plausibleID(id) {
		w.ConnectURL += "/" + id
	}
	if taken {
		w.AddAction = ""
	}
	return web.Show(c, w)
}

// isFor reports whether a confirmation is about the claim's address.
func (k *claim) isFor(last earner.Confirmation) bool {
	address, ok := email.Canonical(k.Email)
	return ok && address == last.Address
}

// postClaim, POST /claim/:token, is every button of the pages above. What another window has changed meanwhile is
// shown.
func (cs *claims) postClaim(c echo.Context, k *claim) error {
	do := c.Request().PostForm.Get("do")
	if do == "" {
		do = c.QueryParam("do")
	}
	which, badges := k.decide()
	switch {
	case do == "accept" && which == declined && c.Request().PostForm.Get("visibility") == "":
		return web.SeeOther(c, k.decidePath()) // nothing is shown to anybody before they have said to whom
	case do == "accept" && (which == accepting || which == declined):
		return cs.acceptClaim(c, k, badges)
	case do == "accept" && which == yours:
		return web.SeeOther(c, k.path+"/done")
	case do == "decline" && which == accepting:
		for _, b := range badges {
			if err := cs.issuer.Decline(c.Request().Context(), holderOf(k.who), b.Award.ID); err != nil {
				return err
			}
		}
	case do == "again" && which == replaced:
		sent, err := cs.sendAgain(c, k.Email, strings.TrimPrefix(k.path, claimPrefix))
		if err != nil {
			return err
		}
		if !sent {
			return web.SeeOther(c, k.path+"?sent=earlier")
		}
		return web.SeeOther(c, k.path+"?sent=1")
	case do == "add" && which == wrong:
		r := k.request()
		r.Purpose, r.Account = earner.AddAddress, k.who.ID
		return cs.beginClaim(c, k, r)
	case do == "mine" && which == disputed:
		for _, b := range badges {
			if !k.owns[b.Award.ID] {
				continue
			}
			if err := cs.issuer.Recognise(c.Request().Context(), holderOf(k.who), b.Award.ID); err != nil {
				return err
			}
		}
	case !slices.Contains([]string{"accept", "decline", "again", "add", "mine"}, do):
		return web.NewProblem(web.CodeUnreadable, "The form does not say what to do.")
	}
	return web.SeeOther(c, k.path)
}

// acceptClaim accepts all badges of the claim with one visibility.
func (cs *claims) acceptClaim(c echo.Context, k *claim, badges []issuer.OfferedBadge) error {
	visibility := c.Request().PostForm.Get("visibility")
	if visibility == "" {
		var err error
		if visibility, err = cs.backpack.usual(c, k.who); err != nil {
			return err
		}
	}
	for _, b := range badges {
		err := cs.issuer.Accept(c.Request().Context(), holderOf(k.who), b.Award.ID, visibility)
		if refusal.Is(err, "withdrawn", "disputed") {
			return web.SeeOther(c, k.path) // meanwhile
		}
		if err != nil {
			return err
		}
	}
	if c.Request().PostForm.Get("auto") == "on" {
		choice := earner.Choice{Issuer: cs.issuer.OrganisationID(), Automatic: true, Visibility: visibility}
		if err := cs.accounts.Choose(c.Request().Context(), k.who.ID, choice); err != nil {
			return err
		}
	}
	return web.SeeOther(c, k.path+"/done")
}

// accepts reports whether new badges are accepted for somebody.
func (cs *claims) accepts(c echo.Context, who *web.Person) (bool, error) {
	choices, err := cs.accounts.ChoicesOf(c.Request().Context(), who.ID)
	choice, chosen := choices[cs.issuer.OrganisationID()]
	if !chosen {
		choice = choices[earner.AllIssuers]
	}
	return choice.Automatic, err
}

func (cs *claims) showAccept(c echo.Context, k *claim, badges []issuer.OfferedBadge) error {
	visibility, err := cs.backpack.usual(c, k.who)
	if err != nil {
		return err
	}
	page := cs.frame(c, k)
	all, err := cs.backpack.badgeCards(c, badges, page.Lang)
	if err != nil {
		return err
	}
	automatic, err := cs.accepts(c, k.who)
	if err != nil {
		return err
	}
	return web.Show(c, templates.ClaimAccept{
		OfferAuto: !automatic,
		Page:      page, Badges: all, Name: k.Name, Action: k.path, Visibility: visibility,
		Issuer: wording.IssuerName(badges[0].Achievement, page.Lang), LaterURL: web.MyBadgesPath,
		CorrectURL: "/help/name",
	})
}

// getDone, GET /claim/:token/done, says well done.
func (cs *claims) getDone(c echo.Context, k *claim) error {
	which, badges := k.decide()
	if which != yours {
		return web.SeeOther(c, k.path)
	}
	all, err := cs.issuer.Backpack(c.Request().Context(), holderOf(k.who))
	if err != nil {
		return err
	}
	h, err := cs.issuer.History(c.Request().Context())
	if err != nil {
		return err
	}
	page := cs.frame(c, k)
	_, org, err := wording.Organisation(c.Request().Context(), cs.issuer, cs.site, page.Lang)
	if err != nil {
		return err
	}
	done := templates.ClaimDone{
		Page: page, Name: k.Name, Visibility: badges[0].Award.Visibility,
		Issuer: wording.IssuerName(badges[0].Achievement, page.Lang), ChangeURL: web.MyBadgesPath,
	}
	if len(badges) == 1 {
		done.ChangeURL = managePath(badges[0].Award.ID)
	}
	if done.Auto, err = cs.accepts(c, k.who); err != nil {
		return err
	}
	for _, b := range badges {
		d := templates.DoneBadge{
			BadgeCard: cs.backpack.badgeCard(h, b, page.Lang), URL: "/badges/" + b.Award.ID, ShareURL: sharePath(b.Award.ID),
			DownloadURL: web.MyBadgesPath + "/" + b.Award.ID + "/badge.png",
		}
		if b.Award.Shown() {
			d.LinkedInURL = newShared(b.Award, d.BadgeCard, org, page.Lang, cs.issuer.BadgeURL(b.Award.ID)).linkedInProfile()
		}
		done.Badges = append(done.Badges, d)
	}
	for _, b := range all {
		if b.Award.State == ledger.Offered && b.Award.DisputedAt == nil {
			done.Waiting++
		}
	}
	return web.Show(c, done)
}
