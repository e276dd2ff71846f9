package home

import (
	"cmp"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// acceptingSettings are which badges are accepted without asking, and who is then to see them (flows 2.3), and whether
// mail about badges is written (2.2).
type acceptingSettings struct {
	site     *web.Site
	issuer   *issuer.Issuer
	accounts *earner.Accounts
}

// acceptingSection is where its link leads.
const acceptingSection = "accepting"

func (*acceptingSettings) name() string { return acceptingSection }

func (as *acceptingSettings) fill(c echo.Context, who *web.Person, page *templates.Settings) error {
	ctx := c.Request().Context()
	by, org, err := wording.Organisation(ctx, as.issuer, as.site, page.Lang)
	if err != nil {
		return err
	}
	choices, err := as.accounts.ChoicesOf(ctx, who.ID)
	if err != nil {
		return err
	}
	all := choices[earner.AllIssuers]
	own, chosen := choices[org.ID]
	if !chosen {
		own = earner.Choice{Automatic: all.Automatic, Visibility: all.Visibility}
	}
	section := &templates.AcceptingSettings{Action: settingsAction(as.name()), Issuer: by.Name}
	section.Rows = []templates.AcceptingRow{
		{ID: "all", Automatic: all.Automatic, Visibility: cmp.Or(all.Visibility, ledger.ByLink)},
		{ID: "issuer", Issuer: by.Name, Automatic: own.Automatic, Visibility: cmp.Or(own.Visibility, ledger.ByLink), Follows: !chosen},
	}
	if c.QueryParam("waiting") != "" && own.Automatic {
		waiting, err := as.waiting(c, who)
		if err != nil {
			return err
		}
		section.Waiting = len(waiting)
	}
	if !who.Sandbox { // whose mail stays here
		for _, address := range who.Addresses {
			badges, renewals, err := as.issuer.Renewals.MailsTo(ctx, address)
			if err != nil {
				return err
			}
			section.Mail = append(section.Mail, templates.AddressMail{Address: address, Stopped: !badges, RenewalsStopped: !renewals})
		}
	}
	page.Accepting = section
	return nil
}

// waiting are the badges that somebody could accept now.
func (as *acceptingSettings) waiting(c echo.Context, who *web.Person) (ids []string, err error) {
	list, err := as.issuer.Backpack(c.Request().Context(), holderOf(who))
	for _, b := range list {
		if b.Award.Waits() {
			ids = append(ids, b.Award.ID)
		}
	}
	return ids, err
}

// post keeps a choice, and asks once about what waits already, or accepts that.
func (as *acceptingSettings) post(c echo.Context, who *web.Person) (string, error) {
	ctx, form := c.Request().Context(), c.Request().PostForm
	switch form.Get("do") {
	case "choose":
		choice := earner.Choice{Automatic: form.Get("automatic") == "on", Visibility: form.Get("visibility")}
		if !slices.Contains(visibilities, choice.Visibility) {
			return "", settingsUnclear()
		}
		if form.Get("for") == "issuer" {
			choice.Issuer = as.issuer.OrganisationID()
		}
		if err := as.accounts.Choose(ctx, who.ID, choice); err != nil {
			return "", err
		}
		if !choice.Automatic {
			return settingsDone(as.name(), "accepting_off"), nil
		}
		waiting, err := as.waiting(c, who)
		if len(waiting) > 0 {
			return settingsPath + "?note=accepting_on&waiting=1#" + as.name(), err
		}
		return settingsDone(as.name(), "accepting_on"), err
	case "accept_waiting":
		return settingsDone(as.name(), "accepting_waiting"), as.acceptWaiting(c, who)
	case "mail_off":
		return settingsDone(as.name(), "mail_off"), as.issuer.StopMailTo(ctx, holderOf(who), form.Get("address"), true)
	case "mail_on":
		return settingsDone(as.name(), "mail_on"), as.issuer.StopMailTo(ctx, holderOf(who), form.Get("address"), false)
	case "renewals_off":
		return settingsDone(as.name(), "renewals_off"), as.issuer.Renewals.StopTo(ctx, holderOf(who), form.Get("address"), true)
	case "renewals_on":
		return settingsDone(as.name(), "renewals_on"), as.issuer.Renewals.StopTo(ctx, holderOf(who), form.Get("address"), false)
	}
	return "", settingsUnclear()
}

var visibilities = []string{ledger.Private, ledger.ByLink, ledger.Public}

// acceptWaiting accepts what waits, for those to see who are to see new badges.
func (as *acceptingSettings) acceptWaiting(c echo.Context, who *web.Person) error {
	ctx := c.Request().Context()
	choices, err := as.accounts.ChoicesOf(ctx, who.ID)
	if err != nil {
		return err
	}
	choice, chosen := choices[as.issuer.OrganisationID()]
	if !chosen {
		choice = choices[earner.AllIssuers]
	}
	if !choice.Automatic {
		return nil // another window has turned it off
	}
	waiting, err := as.waiting(c, who)
	if err != nil {
		return err
	}
	for _, id := range waiting {
		err := as.issuer.Accept(ctx, holderOf(who), id, choice.Visibility)
		if err != nil && !refusal.Is(err, "withdrawn", "disputed") { // meanwhile
			return err
		}
	}
	return nil
}
