package home

import (
	"context"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// accountSettings are how somebody signs in: their addresses, and the browsers in which they are signed in.
type accountSettings struct {
	site      *web.Site
	accounts  *earner.Accounts
	profiles  *connection.Connections
	sessions  *sessions
	elsewhere *elsewhere
}

func (*accountSettings) name() string { return "accounts" }

func (as *accountSettings) fill(c echo.Context, who *web.Person, page *templates.Settings) error {
	ctx := c.Request().Context()
	section := &templates.AccountSettings{Action: settingsAction(as.name())}
	addresses, err := as.accounts.Addresses(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, d := range addresses {
		section.Addresses = append(section.Addresses, templates.AccountAddress{
			Address: d.Address, Primary: d.Primary, ConfirmedOn: d.Confirmed.UTC(),
			RemoveURL: addressAction("remove", d), ReplaceURL: addressAction("replace", d),
		})
	}
	if section.Leaving, err = as.mayLeave(ctx, who); err != nil {
		return err
	}
	identities, err := as.accounts.Identities.List(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, i := range identities {
		section.Identities = append(section.Identities, templates.AccountIdentity{
			Kind: i.Kind, Provider: as.elsewhere.label(i.Provider), Shown: i.Shown, Since: i.Created.UTC(), Used: i.Used.UTC(),
			RemoveURL: identityAction("remove", i.ID), ReplaceURL: identityAction("replace", i.ID),
		})
	}
	if !who.Sandbox {
		for _, p := range as.sessions.providers.List() {
			section.Providers = append(section.Providers, templates.Provider{Kind: p.Kind, Name: p.Label, URL: startURL(p.Name, "", "")})
		}
	}
	keys, err := as.accounts.Passkeys.List(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, p := range keys {
		section.Passkeys = append(section.Passkeys, templates.AccountPasskey{
			Name: p.Name, Since: p.Created.UTC(), Used: p.Used.UTC(), RemoveURL: removePasskeyURL(p.ID),
		})
	}
	if as.sessions.keys != nil && !who.Sandbox {
		section.AddPasskeyURL = passkeyPath + "/add"
	}
	removals, err := as.accounts.Ways.Removals(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, r := range removals {
		section.Removed = append(section.Removed, templates.RemovedAddress{ID: r.ID, Address: r.Address, Until: r.Until.UTC()})
	}
	changes, err := as.accounts.Ways.Changes(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, change := range changes {
		section.Changes = append(section.Changes, templates.AccountChange{Kind: change.Kind, What: change.What, At: change.At.UTC()})
	}
	if typed := c.Request().PostForm.Get("email"); c.Request().PostForm.Get("do") == "add" {
		section.Email = typed
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

// mayLeave reports whether to ask for a personal address: the only one looks like that of a job or a school, which
// people leave, and they have not said that they know.
func (as *accountSettings) mayLeave(ctx context.Context, who *web.Person) (bool, error) {
	if len(who.Addresses) != 1 || who.Sandbox || personalMail(who.Addresses[0]) {
		return false, nil
	}
	dismissed, err := as.accounts.Ways.Dismissed(ctx, who.ID, earner.LeavingHint)
	return !dismissed, err
}

// personalMail reports whether an address is at a house that gives mail to everybody. The others are asked about, which
// may be wrong: it is a question.
func personalMail(address string) bool {
	domain := address[strings.LastIndexByte(address, '@')+1:]
	first, _, _ := strings.Cut(domain, ".")
	return slices.Contains(mailHouses, domain) || slices.Contains(mailHousesAnywhere, first)
}

var (
	mailHouses = []string{
		"gmail.com", "googlemail.com", "icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "pm.me", "tutanota.com", "tuta.io",
		"fastmail.com", "hey.com", "zoho.com", "mail.com", "mail.ru", "yandex.ru", "web.de", "t-online.de", "freenet.de", "posteo.de", "mailbox.org",
		"orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "bbox.fr", "neuf.fr", "terra.es", "telefonica.net", "movistar.es", "ono.com",
		"libero.it", "virgilio.it", "uol.com.br", "bol.com.br", "qq.com", "163.com", "126.com", "naver.com", "comcast.net", "verizon.net", "att.net",
	}
	mailHousesAnywhere = []string{"outlook", "hotmail", "live", "msn", "yahoo", "ymail", "gmx"} // under any ending
)

func (as *accountSettings) post(c echo.Context, who *web.Person) (string, error) {
	ctx, form := c.Request().Context(), c.Request().PostForm
	switch form.Get("do") {
	case "primary":
		return settingsDone(as.name(), "primary"), as.accounts.Ways.MakePrimary(ctx, who.ID, form.Get("address"))
	case "add":
		return as.addAddress(c, who, form.Get("email"), "")
	case "not_leaving":
		return settingsPath + "#" + as.name(), as.accounts.Ways.Dismiss(ctx, who.ID, earner.LeavingHint)
	case "put_back":
		err := as.accounts.Ways.PutBack(ctx, who.ID, form.Get("removal"))
		if refusal.Is(err, earner.AddressTaken) {
			return takenPath, nil
		}
		if refusal.Is(err, earner.Unknown) { // done in another window, or too late
			return settingsPath + "#" + as.name(), nil
		}
		return settingsDone(as.name(), "back"), err
	case "end":
		return settingsDone(as.name(), "session"), as.accounts.EndSession(ctx, who.ID, form.Get("session"))
	case "end_others":
		return settingsDone(as.name(), "sessions"), as.accounts.EndOtherSessions(ctx, who.ID, who.Session.ID)
	}
	return "", settingsUnclear()
}
