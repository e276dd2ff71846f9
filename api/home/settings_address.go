package home

import (
	"errors"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

func (as *accountSettings) addressRoutes() []web.Route {
	site := as.site
	recently := func(next func(c echo.Context, who *web.Person) error) echo.HandlerFunc {
		return site.SignedIn(as.sessions.recently("", next))
	}
	return web.Table(
		site.Form(addressPath, site.SignedIn(as.getAddressCode), site.SignedIn(as.postAddressCode)),
		site.Form(addressPath+"/remove", recently(as.getRemoveAddress), recently(as.postRemoveAddress)),
		site.Form(addressPath+"/replace", recently(as.getReplaceAddress), recently(as.postReplaceAddress)),
		site.Form(takenPath, site.SignedIn(as.getTaken), site.SignedIn(as.postTaken)),
		site.Form("/undo/:link", as.getUndo, as.postUndo),
	)
}

const (
	addressPath = settingsPath + "/address"
	takenPath   = settingsPath + "/taken"
)

// addAddress mails a code to an address that is to join the account, and leads to the page that asks for it.
func (as *accountSettings) addAddress(c echo.Context, who *web.Person, typed, replaces string) (string, error) {
	address, problem := typedAddress(typed)
	if problem != "" {
		return "", &settingsFault{"email", "problem." + problem}
	}
	sent, err := as.sessions.beginOnce(c, as.addRequest(who, address, replaces))
	if refusal.Is(err, earner.Throttled) {
		return "", &settingsFault{"email", "problem." + templates.ProblemTooMany}
	}
	return codePath(addressPath, sent), err
}

func (as *accountSettings) addRequest(who *web.Person, address, replaces string) earner.Request {
	note := "added"
	if replaces != "" {
		note = "replaced"
	}
	return earner.Request{
		Address: address, Purpose: earner.AddAddress, Account: who.ID, Replaces: replaces, Sandbox: who.Sandbox,
		Return: settingsDone(as.name(), note),
	}
}

// addressCode is the step that asks for the code; false where there is nothing to ask.
func (as *accountSettings) addressCode(c echo.Context, who *web.Person) (t codeStep, open bool, err error) {
	last, found, err := as.sessions.pending(c)
	if err != nil || !found || last.Finished || last.Purpose != earner.AddAddress {
		return t, false, err
	}
	t = codeStep{k: last, path: addressPath, r: as.addRequest(who, last.Address, last.Replaces)}
	at := codePath(t.path, last)
	t.page = templates.ClaimCode{
		Page: as.site.FormPage(c), Email: last.Address, Long: longSent(last), Action: at, AgainAction: at + "&again=1",
	}
	t.page.NoIndex = true
	return t, true, nil
}

// getAddressCode answers GET /me/settings/address.
func (as *accountSettings) getAddressCode(c echo.Context, who *web.Person) error {
	t, open, err := as.addressCode(c, who)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, settingsPath+"#"+as.name())
	}
	t.page.SentAgain = c.QueryParam("sent") != ""
	return web.Show(c, t.page)
}

// postAddressCode answers POST /me/settings/address.
func (as *accountSettings) postAddressCode(c echo.Context, who *web.Person) error {
	t, open, err := as.addressCode(c, who)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, settingsPath+"#"+as.name())
	}
	done := func() error { return web.SeeOther(c, t.k.Return) }
	return as.sessions.postCode(c, t, done, func(refused *refusal.Error) error {
		if refused.Code == earner.AddressTaken {
			return as.proved(c, who, t.k.Address)
		}
		return web.SeeOther(c, settingsPath+"#"+as.name()) // it has ended in another window
	})
}

// proved writes down that a code was right for an address of another account, and says so.
func (as *accountSettings) proved(c echo.Context, who *web.Person, address string) error {
	next, err := proved(c, as.site, as.profiles, who, address)
	if err != nil {
		return err
	}
	return web.SeeOther(c, takenPath+"?attempt="+next.ID)
}

// proved keeps that somebody reads mail at an address that belongs to another account.
func proved(c echo.Context, site *web.Site, profiles *connection.Connections, who *web.Person, address string) (connection.Attempt, error) {
	a, err := profiles.Begin(c.Request().Context(), who.ID, site.Browser(c), address)
	if err != nil {
		return a, err
	}
	return a, profiles.Prove(c.Request().Context(), a)
}

// getTaken, GET /me/settings/taken, says that what was to be added is part of another account, and of it nothing else.
func (as *accountSettings) getTaken(c echo.Context, who *web.Person) error {
	page := templates.AccountTaken{Page: as.site.FormPage(c), BackURL: settingsPath + "#" + as.name()}
	page.NoIndex = true
	if page.Asked = asked(c); page.Asked != "" {
		return web.Show(c, page)
	}
	if _, found, err := as.shown(c, who); err != nil {
		return err
	} else if found {
		page.Action = c.Request().URL.RequestURI()
	}
	return as.site.AsPage(c, web.NewProblem(earner.AddressTaken, "That belongs to another account."), page)
}

// shown is what the query names that somebody has shown to be theirs.
func (as *accountSettings) shown(c echo.Context, who *web.Person) (a connection.Attempt, found bool, err error) {
	if !plausibleID(c.QueryParam("attempt")) {
		return a, false, nil
	}
	a, found, err = as.profiles.Attempt(c.Request().Context(), c.QueryParam("attempt"))
	return a, found && a.Account == who.ID && a.Proved != nil, err
}

// postTaken, POST /me/settings/taken, keeps the request to bring the account that has the address together with this one.
func (as *accountSettings) postTaken(c echo.Context, who *web.Person) error {
	ctx := c.Request().Context()
	a, found, err := as.shown(c, who)
	if err != nil {
		return err
	}
	if !found {
		return web.SeeOther(c, settingsPath+"#"+as.name())
	}
	owner, found, err := as.accounts.AccountOf(ctx, a.Email)
	if err != nil {
		return err
	}
	if !found || owner.ID == who.ID {
		return web.SeeOther(c, settingsPath+"#"+as.name())
	}
	kept, err := as.profiles.Ask(ctx, connection.Request{Kind: connection.Accounts, Account: who.ID, Other: owner.ID, How: connection.ByCode})
	if err != nil {
		return err
	}
	return web.SeeOther(c, takenPath+"?asked="+url.QueryEscape(kept.ID))
}

// theAddress is the address of the account that the query names; false where it has none such.
func (as *accountSettings) theAddress(c echo.Context, who *web.Person) (earner.Address, []earner.Address, bool, error) {
	list, err := as.accounts.Addresses(c.Request().Context(), who.ID)
	k := slices.IndexFunc(list, func(d earner.Address) bool { return d.ID() == c.QueryParam("address") })
	if err != nil || k < 0 {
		return earner.Address{}, nil, false, err
	}
	return list[k], list, true, nil
}

// addressAction is the page that does something to an address.
func addressAction(what string, d earner.Address) string {
	return addressPath + "/" + what + "?address=" + url.QueryEscape(d.ID())
}

// getRemoveAddress answers GET /me/settings/address/remove.
func (as *accountSettings) getRemoveAddress(c echo.Context, who *web.Person) error {
	d, all, found, err := as.theAddress(c, who)
	if err != nil {
		return err
	}
	if !found {
		return web.SeeOther(c, settingsPath+"#"+as.name())
	}
	return web.Show(c, as.removal(c, d, len(all) == 1))
}

func (as *accountSettings) removal(c echo.Context, d earner.Address, only bool) templates.RemoveAddress {
	page := templates.RemoveAddress{
		Page: as.site.FormPage(c), Address: d.Address, Only: only, Action: addressAction("remove", d),
		ReplaceURL: addressAction("replace", d), BackURL: settingsPath + "#" + as.name(),
	}
	page.NoIndex = true
	return page
}

// postRemoveAddress answers POST /me/settings/address/remove.
func (as *accountSettings) postRemoveAddress(c echo.Context, who *web.Person) error {
	d, _, found, err := as.theAddress(c, who)
	if err != nil {
		return err
	}
	if found {
		err = as.accounts.Ways.RemoveAddress(c.Request().Context(), who.ID, d.Address, who.Session.ID)
	}
	if refusal.Is(err, earner.LastWay) {
		return as.site.AsPage(c, err, as.removal(c, d, true))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, settingsDone(as.name(), "removed"))
}

// getReplaceAddress answers GET /me/settings/address/replace.
func (as *accountSettings) getReplaceAddress(c echo.Context, who *web.Person) error {
	d, _, found, err := as.theAddress(c, who)
	if err != nil {
		return err
	}
	if !found {
		return web.SeeOther(c, settingsPath+"#"+as.name())
	}
	return web.Show(c, as.replacement(c, d))
}

func (as *accountSettings) replacement(c echo.Context, d earner.Address) templates.ReplaceAddress {
	page := templates.ReplaceAddress{
		Page: as.site.FormPage(c), Address: d.Address, Action: addressAction("replace", d),
		BackURL: settingsPath + "#" + as.name(),
	}
	page.NoIndex = true
	return page
}

// postReplaceAddress, POST /me/settings/address/replace, mails a code to the new address. The old one goes when that is
// typed.
func (as *accountSettings) postReplaceAddress(c echo.Context, who *web.Person) error {
	d, _, found, err := as.theAddress(c, who)
	if err != nil {
		return err
	}
	if !found {
		return web.SeeOther(c, settingsPath+"#"+as.name())
	}
	typed := c.Request().PostForm.Get("email")
	next, err := as.addAddress(c, who, typed, d.Address)
	var fault *settingsFault
	if errors.As(err, &fault) {
		page := as.replacement(c, d)
		page.Email, page.Problem = typed, fault.word
		return web.RefusedField(page)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, next)
}

// getUndo, GET /undo/:link, is the page of the link that puts a removed address back: a button, since programs open
// links too.
func (as *accountSettings) getUndo(c echo.Context) error {
	r, found, err := as.accounts.Ways.PeekRemoval(c.Request().Context(), c.Param("link"))
	if err != nil {
		return err
	}
	if !found {
		return noSuchLink(nil)
	}
	page := templates.UndoRemoval{
		Page: as.site.FormPage(c), Masked: templates.Masked(r.Address), Done: r.Back != nil, Action: "/undo/" + c.Param("link"),
	}
	page.NoIndex = true
	return web.Show(c, page)
}

// postUndo answers POST /undo/:link.
func (as *accountSettings) postUndo(c echo.Context) error {
	err := as.accounts.Ways.PutBackByLink(c.Request().Context(), c.Param("link"))
	switch {
	case refusal.Is(err, earner.Unknown):
		return noSuchLink(nil)
	case refusal.Is(err, earner.AddressTaken):
		page := templates.AccountTaken{Page: as.site.Page(c), BackURL: web.SignInPath}
		page.NoIndex = true
		return as.site.AsPage(c, err, page)
	case err != nil:
		return err
	}
	return web.SeeOther(c, "/undo/"+c.Param("link"))
}
