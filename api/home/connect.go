package home

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/identity"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/merging"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/issuer/training"
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
	merging   *merging.Merging
	trainings *training.Trainings
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
	_, connected, err := cn.profiles.Since(c.Request().Context(), who.ID)
	if err != nil || connected {
		return false, err
	}
	w, err := cn.somebody(c, who)
	if err != nil {
		return false, err
	}
	return cn.profiles.Free(c.Request().Context(), w.Addresses, w.Sandbox)
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
	switch k := slices.IndexFunc(found, func(p connection.Profile) bool { return p.Candidate == c.QueryParam("merge") }); {
	case connected && k >= 0 && joinable(mine, found[k]):
		return cn.showMerge(c, mine, found[k], connectPath)
	case connected:
		page, err := cn.connected(c, mine, found)
		if err != nil {
			return err
		}
		return web.Show(c, page)
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

// connected is the page of the profile that is connected, and what happened.
func (cn *connecting) connected(c echo.Context, mine connection.Profile, found []connection.Profile) (page templates.ConnectedProfile, err error) {
	query := c.QueryParams()
	page = templates.ConnectedProfile{
		Page: cn.page(c), Profile: profileCard(mine), Since: mine.Since.UTC(), Action: connectPath,
		New: query.Has("done"), Asked: asked(c), Unshown: query.Has("unshown"), Merged: query.Has("merged"), Undone: query.Has("undone"),
	}
	for _, p := range found {
		if p.Candidate != mine.Candidate && joinable(mine, p) {
			card := profileCard(p)
			card.URL = connectPath + "?merge=" + url.QueryEscape(p.Candidate)
			page.Others = append(page.Others, card)
		}
	}
	merges, err := cn.undoable(c, mine)
	if err != nil {
		return page, err
	}
	for _, m := range merges {
		page.Merges = append(page.Merges, templates.Undoable{
			ID: m.ID, Numbers: []string{maskedNumber(m.IntoNumber), maskedNumber(m.FromNumber)}, On: m.CreatedAt.UTC(), Until: m.UndoUntil.UTC(),
		})
	}
	page.History, err = cn.history(c, mine)
	return page, err
}

// undoable are the merges of a profile that its person may undo: those that no partner made.
func (cn *connecting) undoable(c echo.Context, mine connection.Profile) ([]merging.Merge, error) {
	list, err := cn.merging.InForce(c.Request().Context(), mine.Candidate)
	return slices.DeleteFunc(list, func(m merging.Merge) bool { return m.Partner != "" || cn.site.Now().After(m.UndoUntil) }), err
}

// joinable reports whether another profile can be brought into one: not into one that a partner has used again for
// somebody else, since that person's record would come along.
func joinable(mine, other connection.Profile) bool { return mine.Owner == "" && other.Account == "" }

// showMerge shows what comes of bringing another profile, which is known to be theirs, into the connected one (row 46).
func (cn *connecting) showMerge(c echo.Context, mine, other connection.Profile, path string) error {
	ctx := c.Request().Context()
	preview, err := cn.merging.Preview(ctx, mine.Candidate, other.Candidate)
	if refusal.Is(err, "already_merged", connection.AlreadyConnected) { // meanwhile
		return web.SeeOther(c, connectPath)
	}
	if err != nil {
		return err
	}
	h, err := cn.issuer.History(ctx)
	if err != nil {
		return err
	}
	page := templates.MergeProfiles{
		Page: cn.page(c), Mine: profileCard(mine), Other: profileCard(other), Before: preview.Before, After: preview.After,
		Collapsed: len(preview.Collapsed), Action: path, BackURL: connectPath,
	}
	for _, s := range preview.Made {
		page.Made = append(page.Made, wording.SubjectName(h, programme.Subject{Kind: s.Kind, Code: s.Code}, page.Lang))
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
		return cn.merge(c, w)
	case "undo":
		return cn.undo(c, w)
	}
	return cn.connect(c, who, w, connection.ByAddress, false)
}

// beginAt goes on with the profile at an address that was typed, whether there is any or not.
func (cn *connecting) beginAt(c echo.Context, who *web.Person, w connection.Who, typed string) error {
	address, problem := typedAddress(typed)
	if problem != "" {
		page, err := cn.asking(c, who, w, typed, problem)
		if err != nil {
			return err
		}
		return web.RefusedField(page)
	}
	a, err := cn.profiles.Begin(c.Request().Context(), w.Account, cn.site.Browser(c), address)
	if refusal.Is(err, earner.Throttled) {
		page, failed := cn.asking(c, who, w, typed, templates.ProblemTooMany)
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

// asking is the page from which an address was typed, with what is wrong with it.
func (cn *connecting) asking(c echo.Context, who *web.Person, w connection.Who, typed, problem string) (web.Drawable, error) {
	mine, connected, err := cn.profiles.Of(c.Request().Context(), who.ID)
	if err != nil {
		return nil, err
	}
	if !connected {
		return cn.find(c, who, typed, problem)
	}
	found, err := cn.profiles.At(c.Request().Context(), w.Addresses, w.Sandbox)
	if err != nil {
		return nil, err
	}
	page, err := cn.connected(c, mine, found)
	page.Email, page.Problem = typed, problem
	return page, err
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
	page := templates.ConnectedAlready{Page: cn.page(c), Profile: profileCard(p), BackURL: connectPath}
	mine, connected, err := cn.profiles.Of(c.Request().Context(), w.Account)
	if err != nil {
		return err
	}
	if connected && joinable(mine, p) {
		page.MergeURL = connectPath + "?merge=" + url.QueryEscape(p.Candidate)
	}
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

// merge brings another profile, which is known to be theirs, into the connected one, without an agent (row 45).
func (cn *connecting) merge(c echo.Context, w connection.Who) error {
	ctx := c.Request().Context()
	p, found, err := cn.profileAt(c, w, c.Request().PostForm.Get("profile"))
	if err != nil {
		return err
	}
	mine, connected, err := cn.profiles.Of(ctx, w.Account)
	if err != nil {
		return err
	}
	if !found || !connected || mine.Candidate == p.Candidate || mine.Owner != "" {
		return web.SeeOther(c, connectPath)
	}
	by := ledger.Actor{Kind: ledger.ByPerson, Name: w.Name}
	_, err = cn.merging.Merge(ctx, by, mine.Candidate, p.Candidate, ledger.Reason{Text: "the person has shown that both are theirs"})
	switch {
	case refusal.Is(err, "already_merged"):
		return web.SeeOther(c, connectPath)
	case refusal.Is(err, connection.AlreadyConnected, "wrong_direction"): // by another account, meanwhile
		return cn.showAlready(c, w, p.Candidate, err)
	case err != nil:
		return err
	}
	return web.SeeOther(c, connectPath+"?merged=1")
}

// undo separates two profiles again that their person has brought together.
func (cn *connecting) undo(c echo.Context, w connection.Who) error {
	ctx, id := c.Request().Context(), c.Request().PostForm.Get("merge")
	mine, _, err := cn.profiles.Of(ctx, w.Account)
	if err != nil {
		return err
	}
	list, err := cn.undoable(c, mine)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(m merging.Merge) bool { return m.ID == id }) {
		return web.SeeOther(c, connectPath)
	}
	by := ledger.Actor{Kind: ledger.ByPerson, Name: w.Name}
	if _, err := cn.merging.Undo(ctx, by, id, ledger.Reason{Text: "the person has undone it"}); err != nil {
		return err
	}
	return web.SeeOther(c, connectPath+"?undone=1")
}

// ask keeps the request to bring another profile together with the connected one, for somebody who decides.
func (cn *connecting) ask(c echo.Context, r connection.Request) error {
	kept, err := cn.profiles.Ask(c.Request().Context(), r)
	if err != nil {
		return err
	}
	next := connectPath + "?asked=" + url.QueryEscape(kept.ID)
	if r.How == connection.Unshown {
		next += "&unshown=1"
	}
	return web.SeeOther(c, next)
}
