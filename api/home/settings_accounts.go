package home

import (
	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/templates"
)

// accountSettings are how somebody signs in: their addresses, and the browsers in which they are signed in.
type accountSettings struct {
	site     *web.Site
	accounts *earner.Accounts
	sessions *sessions
}

func (*accountSettings) name() string { return "accounts" }

func (as *accountSettings) fill(c echo.Context, who *web.Person, page *templates.Settings) error {
	ctx := c.Request().Context()
	section := &templates.AccountSettings{Action: settingsAction(as.name())}
	addresses, err := as.accounts.Addresses(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		section.Addresses = append(section.Addresses, templates.AccountAddress{
			Address: a.Address, Primary: a.Primary, ConfirmedOn: a.Confirmed.UTC(),
		})
	}
	sessions, err := as.accounts.Sessions(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		section.Sessions = append(section.Sessions, templates.AccountSession{
			ID: s.ID, Device: s.Device, Since: s.Created.UTC(), Seen: s.Seen.UTC(), Here: s.ID == who.Session.ID,
		})
	}
	page.Accounts = section
	return nil
}

func (as *accountSettings) post(c echo.Context, who *web.Person) (string, error) {
	ctx, form := c.Request().Context(), c.Request().PostForm
	switch form.Get("do") {
	case "primary":
		if _, err := as.accounts.MakePrimary(ctx, who.ID, form.Get("address")); err != nil {
			return "", err
		}
		return settingsDone(as.name(), "primary"), nil
	case "end":
		return settingsDone(as.name(), "session"), as.accounts.EndSession(ctx, who.ID, form.Get("session"))
	case "end_others":
		return settingsDone(as.name(), "sessions"), as.accounts.EndOtherSessions(ctx, who.ID, who.Session.ID)
	}
	return "", settingsUnclear()
}
