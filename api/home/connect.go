package home

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/identity"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// connecting is how an account comes by its certification profile (flows 2.12): found, looked at, shown to be theirs
// where that is not known, done.
type connecting struct {
	site      *web.Site
	issuer    *issuer.Issuer
	accounts  *earner.Accounts
	providers *identity.Providers
	sessions  *sessions
	profiles  *connection.Connections
}

const connectPath = "/me/connect"

func (cn *connecting) routes() []web.Route {
	site := cn.site
	return web.Table(
		site.Form(connectPath, site.SignedIn(cn.getConnect), site.SignedIn(cn.postConnect)),
		site.Form(connectPath+"/:attempt", cn.attempt(cn.getAttempt), cn.attempt(cn.postAttempt)),
		site.Form(connectPath+"/:attempt/code", cn.attempt(cn.getAttemptCode), cn.attempt(cn.postAttemptCode)),
		site.Form(connectPath+"/:attempt/change", cn.attempt(cn.getChange), cn.attempt(cn.postChange)),
	)
}

// somebody is who is signed in, with the addresses that are known to be theirs.
func (cn *connecting) somebody(c echo.Context, who *web.Person) (w connection.Who, err error) {
	w = connection.Who{Account: who.ID, Name: who.Called(), Addresses: slices.Clone(who.Addresses), Sandbox: who.Sandbox}
	list, err := cn.accounts.Identities.List(c.Request().Context(), who.ID)
	for _, i := range list {
		if i.Address != "" && !slices.Contains(w.Addresses, i.Address) {
			w.Addresses = append(w.Addresses, i.Address)
		}
	}
	return w, err
}

// offers reports whether a certification profile was found that is free, for somebody who has none (row 39).
func (cn *connecting) offers(c echo.Context, who *web.Person) (bool, error) {
	_, connected, err := cn.profiles.Of(c.Request().Context(), who.ID)
	if err != nil || connected {
		return false, err
	}
	w, err := cn.somebody(c, who)
	if err != nil {
		return false, err
	}
	found, err := cn.profiles.At(c.Request().Context(), w.Addresses, w.Sandbox)
	return slices.ContainsFunc(found, func(p connection.Profile) bool { return p.Account == "" }), err
}

// getConnect, GET /me/connect, is the step that is next: what was found, which account is needed, or what is connected.
func (cn *connecting) getConnect(c echo.Context, who *web.Person) error {
	w, err := cn.somebody(c, who)
	if err != nil {
		return err
	}
	mine, connected, err := cn.profiles.Of(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	found, err := cn.profiles.At(c.Request().Context(), w.Addresses, w.Sandbox)
	if err != nil {
		return err
	}
	switch {
	case connected:
		return cn.showConnected(c, mine, found)
	case c.QueryParam("other") != "":
		found = nil
	}
	return cn.showFound(c, who, found, connectPath)
}

// showFound shows the profiles at addresses that are known to be somebody's: the one that there is or was chosen, those
// that there are, or the account that has it.
func (cn *connecting) showFound(c echo.Context, who *web.Person, found []connection.Profile, path string) error {
	free := slices.DeleteFunc(slices.Clone(found), func(p connection.Profile) bool { return p.Account != "" })
	k := slices.IndexFunc(free, func(p connection.Profile) bool { return p.Candidate == c.QueryParam("profile") })
	switch {
	case k >= 0:
		return cn.showPreview(c, who, free[k], path, len(free) > 1)
	case len(free) == 1:
		return cn.showPreview(c, who, free[0], path, false)
	case len(free) > 1:
		page := templates.ChooseProfile{Page: cn.page(c)}
		for _, p := range free {
			card := profileCard(p)
			card.URL = path + "?profile=" + url.QueryEscape(p.Candidate)
			page.Profiles = append(page.Profiles, card)
		}
		return web.Show(c, page)
	case len(found) > 0:
		return cn.showHeld(c, who, found[0], path)
	}
	page, err := cn.find(c, who, "", "")
	if err != nil {
		return err
	}
	return web.Show(c, page)
}

func (cn *connecting) page(c echo.Context) templates.Page {
	page := cn.site.FormPage(c)
	page.NoIndex = true
	return page
}

func (cn *connecting) showPreview(c echo.Context, who *web.Person, p connection.Profile, path string, several bool) error {
	page := templates.PreviewProfile{Page: cn.page(c), Profile: profileCard(p), Me: who.Called(), Action: path, OtherURL: connectPath + "?other=1"}
	if several {
		page.OtherURL = path
	}
	return web.Show(c, page)
}

// profileCard is a certification profile as pages show it.
func profileCard(p connection.Profile) templates.ProfileCard {
	card := templates.ProfileCard{ID: p.Candidate, Name: p.Name, Partner: p.Partner, Exams: p.Exams, Certifications: p.Certifications}
	for _, number := range p.Numbers {
		card.Numbers = append(card.Numbers, maskedNumber(number))
	}
	return card
}

// maskedNumber is a registration as its owner recognises it and nobody else learns it.
func maskedNumber(number string) string {
	runes := []rune(number)
	if len(runes) < 3 {
		return strings.Repeat("•", utf8.RuneCountInString(number))
	}
	return string(runes[:1]) + "•••" + string(runes[len(runes)-1:])
}

// find is the page that asks for another address.
func (cn *connecting) find(c echo.Context, who *web.Person, typed, problem string) (page templates.FindProfile, err error) {
	page = templates.FindProfile{Page: cn.page(c), Addresses: who.Addresses}
	providers, err := cn.personalProviders(c, who, connectPath)
	page.Known = c.QueryParam("other") == ""
	page.Other(typed, problem, connectPath, providers)
	return page, err
}

// personalProviders are those where somebody adds the personal account that they have not added yet (row 50).
func (cn *connecting) personalProviders(c echo.Context, who *web.Person, back string) ([]templates.Provider, error) {
	list, err := cn.accounts.Identities.List(c.Request().Context(), who.ID)
	if err != nil || slices.ContainsFunc(list, func(i earner.Identity) bool { return i.Kind == earner.PersonalKind }) {
		return nil, err
	}
	return cn.startAt(earner.PersonalKind, "", back), nil
}

// startAt are the providers of a kind, each of which leads back to a page.
func (cn *connecting) startAt(kind, replaces, back string) (list []templates.Provider) {
	for _, p := range cn.providers.List() {
		if p.Kind == kind {
			list = append(list, templates.Provider{Kind: p.Kind, Name: p.Label, URL: startURL(p.Name, replaces, back)})
		}
	}
	return list
}

// showConnected is the profile that is connected, and what happened.
func (cn *connecting) showConnected(c echo.Context, mine connection.Profile, found []connection.Profile) error {
	page := templates.ConnectedProfile{
		Page: cn.page(c), Profile: profileCard(mine), Since: mine.Since.UTC(), Action: connectPath,
		New: c.QueryParam("done") != "", Asked: asked(c),
	}
	for _, p := range found {
		if p.Candidate != mine.Candidate && p.Account == "" {
			page.Others = append(page.Others, profileCard(p))
		}
	}
	var err error
	page.History, err = cn.history(c, mine)
	if err != nil {
		return err
	}
	return web.Show(c, page)
}

// plausibleID keeps what cannot be one of our internal ids away from the database.
func plausibleID(id string) bool {
	noun, random, found := strings.Cut(id, "_")
	return found && web.PlausibleID(noun) && web.PlausibleID(random)
}

// asked is the reference of a request that was just kept.
func asked(c echo.Context) string {
	if id := c.QueryParam("asked"); plausibleID(id) {
		return id
	}
	return ""
}

func (cn *connecting) history(c echo.Context, mine connection.Profile) (list []templates.ConnectionEvent, err error) {
	changes, err := cn.profiles.History(c.Request().Context(), mine.Account)
	for _, h := range changes {
		list = append(list, templates.ConnectionEvent{What: h.Kind, How: h.How, Who: h.Actor.Name, At: h.At.UTC()})
	}
	return list, err
}

// postConnect answers POST /me/connect.
func (cn *connecting) postConnect(c echo.Context, who *web.Person) error {
	w, err := cn.somebody(c, who)
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	switch form.Get("do") {
	case "find":
		return cn.beginAt(c, who, w, form.Get("email"))
	case "move":
		return cn.connect(c, who, w, connection.ByAddress, true)
	case "merge":
		return cn.askToMerge(c, w)
	}
	return cn.connect(c, who, w, connection.ByAddress, false)
}

// beginAt goes on with the profile at an address that was typed, whether there is any or not.
func (cn *connecting) beginAt(c echo.Context, who *web.Person, w connection.Who, typed string) error {
	address, problem := typedAddress(typed)
	if problem != "" {
		page, err := cn.find(c, who, typed, problem)
		if err != nil {
			return err
		}
		return web.RefusedField(page)
	}
	a, err := cn.profiles.Begin(c.Request().Context(), w.Account, address)
	if refusal.Is(err, earner.Throttled) {
		page, failed := cn.find(c, who, typed, templates.ProblemTooMany)
		if failed != nil {
			return failed
		}
		return cn.site.AsPage(c, err, page)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, connectPath+"/"+a.ID)
}

// connect connects the profile that a form names, and shows what came of it.
func (cn *connecting) connect(c echo.Context, who *web.Person, w connection.Who, how string, move bool) error {
	ctx, id := c.Request().Context(), c.Request().PostForm.Get("profile")
	if !plausibleID(id) {
		return web.SeeOther(c, connectPath)
	}
	verb := cn.profiles.Connect
	if move {
		verb = cn.profiles.Move
	}
	_, err := verb(ctx, w, id, how)
	switch {
	case refusal.Is(err, connection.AlreadyConnected):
		return cn.showAlready(c, w, id, err)
	case refusal.Is(err, connection.ConnectedElsewhere), refusal.Is(err, connection.Unknown):
		return web.SeeOther(c, c.Request().URL.Path) // which says how things stand now
	case err != nil:
		return err
	}
	return web.SeeOther(c, connectPath+"?done=1")
}

// showAlready refuses a second profile, and offers to bring the two together (row 44).
func (cn *connecting) showAlready(c echo.Context, w connection.Who, id string, refused error) error {
	p, found, err := cn.profileAt(c, w, id)
	if err != nil {
		return err
	}
	if !found {
		return refused
	}
	page := templates.ConnectedAlready{Page: cn.page(c), Profile: profileCard(p), Action: connectPath, BackURL: connectPath}
	return cn.site.AsPage(c, refused, page)
}

// profileAt is a profile at one of somebody's addresses.
func (cn *connecting) profileAt(c echo.Context, w connection.Who, id string) (p connection.Profile, found bool, err error) {
	list, err := cn.profiles.At(c.Request().Context(), w.Addresses, w.Sandbox)
	k := slices.IndexFunc(list, func(p connection.Profile) bool { return p.Candidate == id })
	if err != nil || k < 0 {
		return p, false, err
	}
	return list[k], true, nil
}

// askToMerge keeps the request to bring a second profile, which is known to be theirs, together with the connected one.
func (cn *connecting) askToMerge(c echo.Context, w connection.Who) error {
	p, found, err := cn.profileAt(c, w, c.Request().PostForm.Get("profile"))
	if err != nil {
		return err
	}
	mine, connected, err := cn.profiles.Of(c.Request().Context(), w.Account)
	if err != nil {
		return err
	}
	if !found || !connected || mine.Candidate == p.Candidate {
		return web.SeeOther(c, connectPath)
	}
	kept, err := cn.profiles.Ask(c.Request().Context(), connection.Request{
		Kind: connection.Profiles, Account: w.Account, Other: p.Candidate, How: connection.ByAddress,
	})
	if err != nil {
		return err
	}
	return web.SeeOther(c, connectPath+"?asked="+url.QueryEscape(kept.ID))
}
