package api

import (
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// getClaim opens a claim link.
func (s *Server) getClaim(c echo.Context, k *claim) error {
	switch which, badges := k.decide(); which {
	case landing:
		return s.showLanding(c, k, badges)
	case accepting:
		return s.showAccept(c, k, badges)
	case wrong:
		return s.showWrongAccount(c, k)
	case yours:
		return seeOther(c, "/badges/"+badges[0].Award.ID+"?claimed=1")
	case declined:
		if c.QueryParam("decide") != "" {
			return s.showAccept(c, k, badges)
		}
		return s.showDeclined(c, k, badges)
	case replaced:
		return s.show(c, templates.ClaimReplaced{Page: s.frame(c, k), Masked: templates.Masked(k.Email), SentOn: *k.ReplacedAt, Sent: sentAgain(c), Action: k.path + "?do=again", SignInURL: signInPath})
	case withdrawn:
		return s.showWithdrawn(c, k, badges[0].Award)
	case disputed:
		return s.showDisputed(c, k, badges[0].Award)
	}
	return s.show(c, templates.ClaimUsed{Page: s.frame(c, k), SignInURL: "/sign-in"})
}

// decidePath asks who can see badges that were declined.
func (k *claim) decidePath() string { return k.path + "?decide=1" }

func decidedOn(a *issuer.Award) time.Time {
	if a.DecidedAt == nil {
		return time.Time{}
	}
	return a.DecidedAt.UTC()
}

func (s *Server) showLanding(c echo.Context, k *claim, badges []issuer.OfferedBadge) error {
	page := s.frame(c, k)
	all, err := s.badgeCards(c, badges, page.Lang)
	if err != nil {
		return err
	}
	return s.show(c, templates.ClaimLanding{
		Page: page, Badges: all, Masked: templates.Masked(k.Email), ContinueURL: k.path + "/continue", NotMeURL: k.path + "/not-me",
		Issuer: issuerName(badges[0].Achievement, page.Lang), Partner: k.Partner, PrivacyURL: "/privacy",
	})
}

func (s *Server) showDeclined(c echo.Context, k *claim, badges []issuer.OfferedBadge) error {
	page := s.frame(c, k)
	all, err := s.badgeCards(c, badges, page.Lang)
	if err != nil {
		return err
	}
	removed, err := s.o.Issuer.OnceAccepted(c.Request().Context(), badges[0].Award.ID)
	if err != nil {
		return err
	}
	return s.show(c, templates.ClaimDeclined{
		Page: page, Badges: all, DeclinedOn: decidedOn(badges[0].Award), Removed: len(removed) > 0, DecideURL: k.decidePath(),
	})
}

func (s *Server) showWithdrawn(c echo.Context, k *claim, a *issuer.Award) error {
	page := s.frame(c, k)
	by, org, err := organisation(c.Request().Context(), s.o.Issuer, s.o.Site, s.base.Host, page.Lang)
	if err != nil {
		return err
	}
	w := templates.ClaimWithdrawn{Page: page, Issuer: by.Name, On: a.RevokedAt.UTC(), Reason: a.Told(), Reference: a.ID}
	if org.Email != "" {
		w.SupportURL = "mailto:" + org.Email
	}
	return s.show(c, w)
}

func (s *Server) showDisputed(c echo.Context, k *claim, a *issuer.Award) error {
	page := s.frame(c, k)
	by, org, err := organisation(c.Request().Context(), s.o.Issuer, s.o.Site, s.base.Host, page.Lang)
	if err != nil {
		return err
	}
	d := templates.ClaimDisputed{Page: page, On: a.DisputedAt.UTC(), Partner: k.Partner, Issuer: by.Name, SignInURL: "/sign-in", Reference: a.ID}
	if org.Email != "" {
		d.SupportURL = "mailto:" + org.Email
	}
	if k.owns[a.ID] {
		d.Action = k.path
	}
	return s.show(c, d)
}

// showWrongAccount meets somebody who is signed in with another address. A code for the claim's address
// that they have asked for already is asked for next.
func (s *Server) showWrongAccount(c echo.Context, k *claim) error {
	last, found, err := s.pending(c)
	if err != nil {
		return err
	}
	taken := c.QueryParam("taken") != ""
	if found && !taken && !last.Finished && last.Purpose == earner.AddAddress && k.isFor(last) && s.o.Now().Before(last.Expires) {
		return seeOther(c, codePath(k.path+"/code", last))
	}
	w := templates.ClaimWrongAccount{
		Page: s.frame(c, k), Masked: templates.Masked(k.Email), Email: k.who.addresses[0], AddAction: k.path + "?do=add",
		SignOutAction: "/sign-out?next=" + k.path, NotMineURL: k.path + "/not-me", Taken: taken,
	}
	if taken {
		w.AddAction = ""
	}
	return s.show(c, w)
}

// isFor reports whether a confirmation is about the claim's address.
func (k *claim) isFor(last earner.Confirmation) bool {
	address, ok := email.Canonical(k.Email)
	return ok && address == last.Address
}

// postClaim is every button of the pages above. What another window has changed meanwhile is shown.
func (s *Server) postClaim(c echo.Context, k *claim) error {
	do := c.Request().PostForm.Get("do")
	if do == "" {
		do = c.QueryParam("do")
	}
	which, badges := k.decide()
	switch {
	case do == "accept" && which == declined && c.Request().PostForm.Get("visibility") == "":
		return seeOther(c, k.decidePath()) // nothing is shown to anybody before they have said to whom
	case do == "accept" && (which == accepting || which == declined):
		return s.acceptClaim(c, k, badges)
	case do == "accept" && which == yours:
		return seeOther(c, k.path+"/done")
	case do == "decline" && which == accepting:
		for _, b := range badges {
			if err := s.o.Issuer.Decline(c.Request().Context(), holderOf(k.who), b.Award.ID); err != nil {
				return err
			}
		}
	case do == "again" && which == replaced:
		sent, err := s.sendAgain(c, k.Email, strings.TrimPrefix(k.path, claimPrefix))
		if err != nil {
			return err
		}
		if !sent {
			return seeOther(c, k.path+"?sent=earlier")
		}
		return seeOther(c, k.path+"?sent=1")
	case do == "add" && which == wrong:
		r := k.request()
		r.Purpose, r.Account = earner.AddAddress, k.who.ID
		return s.beginClaim(c, k, r)
	case do == "mine" && which == disputed:
		for _, b := range badges {
			if !k.owns[b.Award.ID] {
				continue
			}
			if err := s.o.Issuer.Recognise(c.Request().Context(), holderOf(k.who), b.Award.ID); err != nil {
				return err
			}
		}
	case !slices.Contains([]string{"accept", "decline", "again", "add", "mine"}, do):
		return trouble(codeUnreadable, "The form does not say what to do.")
	}
	return seeOther(c, k.path)
}

// acceptClaim accepts all badges of the claim with one visibility.
func (s *Server) acceptClaim(c echo.Context, k *claim, badges []issuer.OfferedBadge) error {
	visibility := c.Request().PostForm.Get("visibility")
	if visibility == "" {
		var err error
		if visibility, err = s.usual(c, k.who); err != nil {
			return err
		}
	}
	for _, b := range badges {
		err := s.o.Issuer.Accept(c.Request().Context(), holderOf(k.who), b.Award.ID, visibility)
		if refusal.Is(err, "withdrawn", "disputed") {
			return seeOther(c, k.path) // meanwhile
		}
		if err != nil {
			return err
		}
	}
	return seeOther(c, k.path+"/done")
}

func (s *Server) showAccept(c echo.Context, k *claim, badges []issuer.OfferedBadge) error {
	visibility, err := s.usual(c, k.who)
	if err != nil {
		return err
	}
	page := s.frame(c, k)
	all, err := s.badgeCards(c, badges, page.Lang)
	if err != nil {
		return err
	}
	return s.show(c, templates.ClaimAccept{
		Page: page, Badges: all, Name: k.Name, Action: k.path, Visibility: visibility, Issuer: issuerName(badges[0].Achievement, page.Lang),
		LaterURL: myBadgesPath, CorrectURL: "/help",
	})
}

// usual is the visibility that the person chose last; by link the first time (GDPR art. 25(2)).
func (s *Server) usual(c echo.Context, who *person) (string, error) {
	list, err := s.o.Issuer.Backpack(c.Request().Context(), holderOf(who))
	if err != nil {
		return "", err
	}
	return usualOf(list), nil
}

func usualOf(list []issuer.OfferedBadge) string {
	visibility, last := issuer.ByLink, time.Time{}
	for _, b := range list {
		if a := b.Award; a.State == issuer.Accepted && a.DecidedAt != nil && a.DecidedAt.After(last) {
			visibility, last = a.Visibility, *a.DecidedAt
		}
	}
	return visibility
}

// getDone says well done.
func (s *Server) getDone(c echo.Context, k *claim) error {
	which, badges := k.decide()
	if which != yours {
		return seeOther(c, k.path)
	}
	all, err := s.o.Issuer.Backpack(c.Request().Context(), holderOf(k.who))
	if err != nil {
		return err
	}
	h, err := s.o.Issuer.History(c.Request().Context())
	if err != nil {
		return err
	}
	page := s.frame(c, k)
	done := templates.ClaimDone{Page: page, Name: k.Name, Visibility: badges[0].Award.Visibility}
	for _, b := range badges {
		done.Badges = append(done.Badges, templates.DoneBadge{
			BadgeCard: s.badgeCard(h, b, page.Lang), URL: "/badges/" + b.Award.ID, DownloadURL: myBadgesPath + "/" + b.Award.ID + "/badge.png",
		})
	}
	for _, b := range all {
		if b.Award.State == issuer.Offered && b.Award.DisputedAt == nil {
			done.Waiting++
		}
	}
	return s.show(c, done)
}
