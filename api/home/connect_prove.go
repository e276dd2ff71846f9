package home

import (
	"cmp"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// proving is an attempt at a certification profile, and who is signed in: whoever began it, or the account that has the
// address of the profile.
type proving struct {
	connection.Attempt
	who   *web.Person
	known connection.Who // with the address of the attempt, once it was shown to be theirs
	path  string
}

// mine reports whether who is signed in has begun it.
func (p *proving) mine() bool { return p.Account == p.who.ID }

// shown reports whether the address is known to be that of who is signed in.
func (p *proving) shown() bool { return slices.Contains(p.known.Addresses, p.Email) }

// attempt is around the pages of an attempt. It is that of the account that began, and in the same browser that of the one
// that has the address; for others things begin anew.
func (cn *connecting) attempt(next func(c echo.Context, p *proving) error) echo.HandlerFunc {
	return cn.site.SignedIn(func(c echo.Context, who *web.Person) error {
		if !plausibleID(c.Param("attempt")) {
			return web.SeeOther(c, connectPath)
		}
		a, found, err := cn.profiles.Attempt(c.Request().Context(), c.Param("attempt"))
		if err != nil {
			return err
		}
		p := &proving{Attempt: a, who: who, path: connectPath + "/" + a.ID}
		if p.known, err = cn.somebody(c, who); err != nil {
			return err
		}
		if p.mine() && a.Proved != nil && !p.shown() {
			p.known.Addresses = append(p.known.Addresses, a.Email)
		}
		if !found || !p.mine() && !(p.shown() && a.In(cn.site.KnownBrowser(c))) {
			return web.SeeOther(c, connectPath)
		}
		return next(c, p)
	})
}

// getAttempt, GET /me/connect/:attempt, is the step that is next for a profile at an address.
func (cn *connecting) getAttempt(c echo.Context, p *proving) error {
	ctx := c.Request().Context()
	mine, connected, err := cn.profiles.Of(ctx, p.who.ID)
	if err != nil {
		return err
	}
	if c.QueryParam("given") != "" && !p.mine() {
		return cn.showGiven(c, p)
	}
	if connected && !p.mine() && mine.Email != p.Email {
		return web.SeeOther(c, connectPath)
	}
	switch {
	case connected && p.mine() && !p.shown():
		return web.Show(c, templates.ProveProfile{Page: cn.page(c), Masked: templates.Masked(p.Email), Action: p.path, BackURL: connectPath})
	case !p.shown():
		return cn.showMismatch(c, p)
	}
	found, err := cn.profiles.At(ctx, []string{p.Email}, p.who.Sandbox)
	if err != nil {
		return err
	}
	if connected && p.mine() {
		return cn.another(c, p, mine, found)
	}
	if len(found) == 0 {
		page, err := cn.find(c, p.who, "", "")
		if err != nil {
			return err
		}
		page.Nothing = p.Email
		return web.Show(c, page)
	}
	to := ""
	if !p.mine() {
		if to, err = cn.calledFrom(c, p.Account); err != nil {
			return err
		}
	}
	if found[0].Account == "" && len(found) > 1 && !slices.ContainsFunc(found, func(f connection.Profile) bool { return f.Candidate == c.QueryParam("profile") }) {
		return cn.showFound(c, p.who, found, p.path)
	}
	k := max(0, slices.IndexFunc(found, func(f connection.Profile) bool { return f.Candidate == c.QueryParam("profile") }))
	page := templates.PreviewProfile{Page: cn.page(c), Profile: profileCard(found[k]), Me: p.who.Called(), To: to, Action: p.path}
	if from := found[k].Account; from != "" && from != p.who.ID {
		if page.From, err = cn.calledFrom(c, from); err != nil {
			return err
		}
	}
	return web.Show(c, page)
}

// another goes on with another profile of somebody who has one, at an address that they have shown to be theirs.
func (cn *connecting) another(c echo.Context, p *proving, mine connection.Profile, found []connection.Profile) error {
	k := slices.IndexFunc(found, func(f connection.Profile) bool { return f.Candidate != mine.Candidate })
	switch {
	case k < 0:
		return web.SeeOther(c, connectPath)
	case joinable(mine, found[k]):
		return cn.showMerge(c, mine, found[k], p.path)
	}
	page := templates.ConnectedAlready{Page: cn.page(c), Profile: profileCard(found[k]), BackURL: connectPath}
	return cn.site.AsPage(c, web.NewProblem(connection.AlreadyConnected, "Another account has that certification profile."), page)
}

// calledFrom is an account as another one may read of it: masked.
func (cn *connecting) calledFrom(c echo.Context, account string) (string, error) {
	list, err := cn.accounts.Addresses(c.Request().Context(), account)
	if err != nil || len(list) == 0 {
		return "•••", err
	}
	return templates.Masked(list[0].Address), nil
}

// showGiven says that the profile went to the account that had begun.
func (cn *connecting) showGiven(c echo.Context, p *proving) error {
	to, err := cn.calledFrom(c, p.Account)
	if err != nil {
		return err
	}
	return web.Show(c, templates.ConnectedProfile{Page: cn.page(c), Given: to, BackURL: "/sign-out?next=" + connectPath})
}

// showMismatch says which account is needed, and what can be done about it (rows 1 and 48).
func (cn *connecting) showMismatch(c echo.Context, p *proving) error {
	page, err := cn.mismatch(c, p.who, p.path)
	if err != nil {
		return err
	}
	page.Needed = templates.UsedAccount{Kind: "address", Shown: templates.Masked(p.Email)}
	page.OtherURL, page.ChangeURL = "/sign-out?next="+p.path, p.path+"/change"
	return web.Show(c, page)
}

// showHeld is the same for a profile at somebody's own address that another account has connected.
func (cn *connecting) showHeld(c echo.Context, who *web.Person, f connection.Profile, path string) error {
	page, err := cn.mismatch(c, who, path)
	if err != nil {
		return err
	}
	if page.Needed, err = cn.used(c, f.Account, ""); err != nil {
		return err
	}
	if page.Needed.Shown, err = cn.calledFrom(c, f.Account); err != nil {
		return err
	}
	page.Profile, page.OtherURL = f.Candidate, "/sign-out?next="+connectPath
	return web.Show(c, page)
}

// mismatch is what the page says of the account in use.
func (cn *connecting) mismatch(c echo.Context, who *web.Person, path string) (page templates.Mismatch, err error) {
	ctx := c.Request().Context()
	page = templates.Mismatch{Page: cn.page(c), Action: path}
	if page.InUse, err = cn.used(c, who.ID, who.Session.Way); err != nil {
		return page, err
	}
	if page.Providers, err = cn.personalProviders(c, who, path); err != nil {
		return page, err
	}
	badges, err := cn.issuer.Backpack(ctx, holderOf(who))
	if err != nil {
		return page, err
	}
	identities, err := cn.accounts.Identities.List(ctx, who.ID)
	if err != nil {
		return page, err
	}
	courses, err := cn.trainings.Of(ctx, holderOf(who))
	if err != nil {
		return page, err
	}
	profile, err := cn.accounts.Profiles.Profile(ctx, who.ID)
	page.Stays = templates.Staying{
		Badges: len(idsOf(badges, ledger.Accepted)), Addresses: len(who.Addresses), Accounts: len(identities), Courses: len(courses), Page: profile.Shown,
	}
	return page, err
}

// used is an account by the way in that a session began with, or else its personal account elsewhere, or its first
// address.
func (cn *connecting) used(c echo.Context, account, way string) (u templates.UsedAccount, err error) {
	ctx := c.Request().Context()
	list, err := cn.accounts.Identities.List(ctx, account)
	if err != nil {
		return u, err
	}
	k := slices.IndexFunc(list, func(i earner.Identity) bool { return i.ID == way })
	if k < 0 && way == "" {
		k = slices.IndexFunc(list, func(i earner.Identity) bool { return i.Kind == earner.PersonalKind })
	}
	if k >= 0 {
		name := list[k].Provider
		if p, found := cn.providers.Provider(name); found {
			name = p.Label
		}
		return templates.UsedAccount{Kind: list[k].Kind, Name: name, Shown: list[k].Shown}, nil
	}
	addresses, err := cn.accounts.Addresses(ctx, account)
	for n, d := range addresses {
		if n == 0 || d.ID() == way {
			u = templates.UsedAccount{Kind: "address", Shown: d.Address}
		}
	}
	return u, err
}

// postAttempt answers POST /me/connect/:attempt.
func (cn *connecting) postAttempt(c echo.Context, p *proving) error {
	switch do := c.Request().PostForm.Get("do"); {
	case do == "code" && p.mine() && !p.shown():
		return cn.mailCode(c, p, p.Email, "", p.path)
	case do == "give" && !p.mine():
		return cn.give(c, p)
	case do == "ask" && p.mine() && !p.shown():
		return cn.askUnshown(c, p)
	case !p.shown():
		return web.SeeOther(c, p.path)
	}
	if c.Request().PostForm.Get("do") == "merge" && p.mine() {
		return cn.merge(c, p.known)
	}
	how := connection.ByAddress
	if p.mine() && p.Proved != nil {
		how = connection.ByCode
	}
	if !p.mine() {
		return cn.startAnew(c, p)
	}
	return cn.connect(c, p.who, p.known, how, true)
}

// askUnshown notes that somebody wants a profile at an address where they cannot read mail, whether there is one or not.
func (cn *connecting) askUnshown(c echo.Context, p *proving) error {
	found, err := cn.profiles.At(c.Request().Context(), []string{p.Email}, p.who.Sandbox)
	if err != nil {
		return err
	}
	r := connection.Request{Kind: connection.Profiles, Account: p.who.ID, Other: "none", How: connection.Unshown}
	if len(found) > 0 {
		r.Other = found[0].Candidate
	}
	return cn.ask(c, r)
}

// startAnew connects the profile to the account that was signed in to for it, and not to the one that had begun. That
// both are one person's is noted, so that they can be brought together (row 14).
func (cn *connecting) startAnew(c echo.Context, p *proving) error {
	_, err := cn.profiles.Ask(c.Request().Context(), connection.Request{
		Kind: connection.Accounts, Account: p.Account, Other: p.who.ID, How: connection.BySigningIn,
	})
	if err != nil {
		return err
	}
	return cn.connect(c, p.who, p.known, connection.BySigningIn, true)
}

// give moves the profile to the account that had begun, as whoever has its address wants.
func (cn *connecting) give(c echo.Context, p *proving) error {
	id := c.Request().PostForm.Get("profile")
	if !plausibleID(id) {
		return web.SeeOther(c, p.path)
	}
	to := connection.Who{Account: p.Account, Name: p.known.Name, Addresses: []string{p.Email}, Sandbox: p.known.Sandbox}
	_, err := cn.profiles.Move(c.Request().Context(), to, id, connection.BySigningIn)
	switch {
	case refusal.Is(err, connection.AlreadyConnected):
		return cn.showAlready(c, p.known, id, err)
	case refusal.Is(err, connection.Unknown):
		return web.SeeOther(c, p.path)
	case err != nil:
		return err
	}
	return web.SeeOther(c, p.path+"?given=1")
}

// mailCode mails a code to an address that is to join the account, in the place of another one if that is named, and
// asks for it. After it things go on at back.
func (cn *connecting) mailCode(c echo.Context, p *proving, address, replaces, back string) error {
	sent, err := cn.sessions.beginOnce(c, cn.codeRequest(p, address, replaces, back))
	if refusal.Is(err, earner.Throttled) {
		page, failed := cn.find(c, p.who, address, templates.ProblemTooMany)
		if failed != nil {
			return failed
		}
		return cn.site.AsPage(c, err, page)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, codePath(p.path+"/code", sent))
}

func (cn *connecting) codeRequest(p *proving, address, replaces, back string) earner.Request {
	return earner.Request{
		Address: address, Purpose: earner.AddAddress, Account: p.who.ID, Replaces: replaces, Sandbox: p.who.Sandbox, Return: back,
	}
}

// codeAsked is the step that asks for the code; false where there is nothing to ask.
func (cn *connecting) codeAsked(c echo.Context, p *proving) (t codeStep, open bool, err error) {
	last, found, err := cn.sessions.pending(c)
	if err != nil || !found || last.Finished || last.Purpose != earner.AddAddress {
		return t, false, err
	}
	t = codeStep{k: last, path: p.path + "/code", r: cn.codeRequest(p, last.Address, last.Replaces, last.Return)}
	at := codePath(t.path, last)
	t.page = templates.ClaimCode{
		Page: cn.page(c), Email: last.Address, Long: longSent(last), Action: at, AgainAction: at + "&again=1",
	}
	return t, true, nil
}

// getAttemptCode answers GET /me/connect/:attempt/code.
func (cn *connecting) getAttemptCode(c echo.Context, p *proving) error {
	t, open, err := cn.codeAsked(c, p)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, p.path)
	}
	t.page.SentAgain = c.QueryParam("sent") != ""
	return web.Show(c, t.page)
}

// postAttemptCode, POST /me/connect/:attempt/code, takes the code. Where the address belongs to another account it stays
// there, and the code has shown all the same that whoever typed it reads mail there.
func (cn *connecting) postAttemptCode(c echo.Context, p *proving) error {
	t, open, err := cn.codeAsked(c, p)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, p.path)
	}
	done := func() error { return web.SeeOther(c, cmp.Or(t.k.Return, p.path)) }
	return cn.sessions.postCode(c, t, done, func(refused *refusal.Error) error {
		if refused.Code == earner.AddressTaken && t.k.Address == p.Email && p.mine() {
			if err := cn.profiles.Prove(c.Request().Context(), p.Attempt); err != nil {
				return err
			}
		}
		return web.SeeOther(c, p.path)
	})
}

// The steps by which the account of a profile is changed (row 23).
const (
	stepAdd     = "add"
	stepReplace = "replace"
	stepConnect = "connect"
)

// change is the page of the step that is next.
func (cn *connecting) change(c echo.Context, p *proving) (page templates.ChangeAccount, replaces string, err error) {
	ctx := c.Request().Context()
	page = templates.ChangeAccount{
		Page: cn.page(c), Steps: []string{stepReplace, stepConnect}, Step: stepReplace,
		Needed: templates.UsedAccount{Kind: "address", Shown: templates.Masked(p.Email)}, Action: p.path + "/change", BackURL: p.path,
	}
	if page.InUse, err = cn.used(c, p.who.ID, ""); err != nil {
		return page, "", err
	}
	list, err := cn.accounts.Identities.List(ctx, p.who.ID)
	if err != nil {
		return page, "", err
	}
	keys, err := cn.accounts.Passkeys.List(ctx, p.who.ID)
	if err != nil {
		return page, "", err
	}
	k := slices.IndexFunc(list, func(i earner.Identity) bool { return i.Kind == earner.PersonalKind })
	if k < 0 {
		return page, p.who.Addresses[0], nil // an address takes its place
	}
	others := slices.DeleteFunc(slices.Clone(p.who.Addresses), func(address string) bool { return address == list[k].Shown || address == list[k].Address })
	if len(others)+len(list)-1+len(keys) == 0 {
		page.Steps, page.Step = []string{stepAdd, stepReplace, stepConnect}, stepAdd
		page.Providers = cn.startAt(earner.WorkKind, "", p.path+"/change")
		return page, "", nil
	}
	page.Providers = cn.startAt(earner.PersonalKind, list[k].ID, p.path)
	return page, list[k].Shown, nil
}

// getChange answers GET /me/connect/:attempt/change.
func (cn *connecting) getChange(c echo.Context, p *proving) error {
	if p.shown() || !p.mine() {
		return web.SeeOther(c, p.path)
	}
	page, _, err := cn.change(c, p)
	if err != nil {
		return err
	}
	return web.Show(c, page)
}

// postChange answers POST /me/connect/:attempt/change.
func (cn *connecting) postChange(c echo.Context, p *proving) error {
	if p.shown() || !p.mine() {
		return web.SeeOther(c, p.path)
	}
	page, replaces, err := cn.change(c, p)
	if err != nil {
		return err
	}
	if page.Step == stepReplace {
		return cn.mailCode(c, p, p.Email, replaces, p.path)
	}
	page.Email = c.Request().PostForm.Get("email")
	address, problem := typedAddress(page.Email)
	if page.Problem = problem; problem != "" {
		return web.RefusedField(page)
	}
	return cn.mailCode(c, p, address, "", p.path+"/change")
}
