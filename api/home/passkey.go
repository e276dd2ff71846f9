package home

import (
	"cmp"
	"errors"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/identity"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// passkeys are signing in with a passkey, and adding and removing one. They need a script; everything else does not.
type passkeys struct {
	site     *web.Site
	accounts *earner.Accounts
	keys     *identity.Passkeys // nil: none at this address
	sessions *sessions
}

func (ps *passkeys) routes() []web.Route {
	site := ps.site
	recently := func(next func(c echo.Context, who *web.Person) error) echo.HandlerFunc {
		return site.SignedIn(ps.sessions.recently("", next))
	}
	return web.Table(
		web.Post(passkeySignIn, site.Personal(site.Posted(ps.postSignIn))),
		site.Form(passkeyPath+"/add", recently(ps.getAdd), recently(ps.postAdd)),
		site.Form(passkeyPath+"/remove", recently(ps.getRemove), recently(ps.postRemove)),
	)
}

const (
	passkeySignIn = web.SignInPath + "/passkey"
	passkeyPath   = settingsPath + "/passkey"
)

// passkey asks for one on a page that signs in and then goes on to next; nil where there are none.
func (ss *sessions) passkey(c echo.Context, next string) (*templates.PasskeyForm, error) {
	if ss.keys == nil {
		return nil, nil
	}
	asked, err := ss.keys.BeginLogin(ss.site.Browser(c))
	if err != nil {
		return nil, err
	}
	web.AllowScript(c)
	f := &templates.PasskeyForm{Action: passkeySignIn, Options: asked.Options, Sealed: asked.Sealed}
	if next != "" {
		f.Action += "?next=" + url.QueryEscape(next)
	}
	return f, nil
}

// postSignIn, POST /sign-in/passkey, signs in whoever has the passkey.
func (ps *passkeys) postSignIn(c echo.Context) error {
	if ps.keys == nil {
		return web.NewProblem(web.CodeNotFound, "There are no passkeys here.")
	}
	ctx, form := c.Request().Context(), c.Request().PostForm
	used, err := ps.keys.FinishLogin(ctx, ps.site.KnownBrowser(c), form.Get("ceremony"), form.Get("answer"), func(id string) (string, string, error) {
		p, _, err := ps.accounts.Passkeys.Find(ctx, id)
		return p.AccountID, p.Record, err
	})
	if refusal.Is(err, identity.Cloned) {
		if failed := ps.accounts.Passkeys.Refused(ctx, used.ID); failed != nil {
			return failed
		}
	}
	if err != nil {
		return ps.problem(c, err, web.SignInPath)
	}
	answer, err := ps.sessions.answer(c, "")
	if err != nil {
		return err
	}
	out, err := ps.accounts.Passkeys.SignIn(ctx, used.ID, used.Before, used.Record, answer)
	if err != nil {
		return ps.problem(c, err, web.SignInPath)
	}
	if err := ps.sessions.signIn(c, out, byPasskey); err != nil {
		return err
	}
	return web.SeeOther(c, cmp.Or(nextPath(c, "/me", "/badges", "/claim", elsewherePath), web.MePath))
}

// problem says why a passkey was refused. Sent twice by somebody who is in, nothing is wrong.
func (ps *passkeys) problem(c echo.Context, err error, retry string) error {
	var refused *refusal.Error
	if !errors.As(err, &refused) {
		return err
	}
	who, failed := ps.site.Person(c)
	if failed != nil {
		return failed
	}
	if refused.Code == identity.Used && who != nil {
		return web.SeeOther(c, cmp.Or(nextPath(c, "/me", "/badges", "/claim", elsewherePath), web.MePath))
	}
	page := templates.PasskeyProblem{Page: ps.site.Page(c), Kind: refused.Code, RetryURL: retry}
	page.NoIndex = true
	return errors.Join(ps.site.AsPage(c, err, page), err)
}

// owner is who is signed in, as devices know them.
func (ps *passkeys) owner(c echo.Context, who *web.Person) (identity.Owner, error) {
	list, err := ps.accounts.Passkeys.List(c.Request().Context(), who.ID)
	o := identity.Owner{ID: who.ID, Name: who.Called()}
	for _, p := range list {
		o.Records = append(o.Records, p.Record)
	}
	return o, err
}

// getAdd answers GET /me/settings/passkey/add.
func (ps *passkeys) getAdd(c echo.Context, who *web.Person) error {
	if ps.keys == nil || who.Sandbox {
		return web.SeeOther(c, settingsPath+"#accounts")
	}
	o, err := ps.owner(c, who)
	if err != nil {
		return err
	}
	asked, err := ps.keys.BeginRegistration(ps.site.Browser(c), o)
	if err != nil {
		return err
	}
	web.AllowScript(c)
	page := templates.AddPasskey{
		Page: ps.site.FormPage(c), Name: deviceName(c.Request().UserAgent()), BackURL: settingsPath + "#accounts",
		Passkey: templates.PasskeyForm{Action: passkeyPath + "/add", Options: asked.Options, Sealed: asked.Sealed},
	}
	page.NoIndex = true
	return web.Show(c, page)
}

// postAdd answers POST /me/settings/passkey/add.
func (ps *passkeys) postAdd(c echo.Context, who *web.Person) error {
	if ps.keys == nil || who.Sandbox {
		return web.SeeOther(c, settingsPath+"#accounts")
	}
	ctx, form := c.Request().Context(), c.Request().PostForm
	o, err := ps.owner(c, who)
	if err != nil {
		return err
	}
	id, record, err := ps.keys.FinishRegistration(ctx, ps.site.KnownBrowser(c), o, form.Get("ceremony"), form.Get("answer"))
	if refusal.Is(err, identity.Used) { // sent twice
		return web.SeeOther(c, settingsDone("accounts", "passkey_added"))
	}
	if err != nil {
		return ps.problem(c, err, passkeyPath+"/add")
	}
	name := cmp.Or(form.Get("name"), deviceName(c.Request().UserAgent()), "Passkey")
	if err := ps.accounts.Passkeys.Add(ctx, earner.Passkey{ID: id, AccountID: who.ID, Record: record, Name: name}); err != nil {
		return err
	}
	return web.SeeOther(c, settingsDone("accounts", "passkey_added"))
}

// thePasskey is the passkey of the account that the query names; nil where it has none such.
func (ps *passkeys) thePasskey(c echo.Context, who *web.Person) (*earner.Passkey, error) {
	list, err := ps.accounts.Passkeys.List(c.Request().Context(), who.ID)
	k := slices.IndexFunc(list, func(p earner.Passkey) bool { return p.ID == c.QueryParam("passkey") })
	if err != nil || k < 0 {
		return nil, err
	}
	return &list[k], nil
}

func removePasskeyURL(id string) string {
	return passkeyPath + "/remove?passkey=" + url.QueryEscape(id)
}

// getRemove answers GET /me/settings/passkey/remove.
func (ps *passkeys) getRemove(c echo.Context, who *web.Person) error {
	p, err := ps.thePasskey(c, who)
	if err != nil {
		return err
	}
	if p == nil {
		return web.SeeOther(c, settingsPath+"#accounts")
	}
	return web.Show(c, ps.removal(c, p, false))
}

func (ps *passkeys) removal(c echo.Context, p *earner.Passkey, only bool) templates.RemovePasskey {
	page := templates.RemovePasskey{
		Page: ps.site.FormPage(c), Name: p.Name, Only: only, Action: removePasskeyURL(p.ID), BackURL: settingsPath + "#accounts",
	}
	page.NoIndex = true
	return page
}

// postRemove answers POST /me/settings/passkey/remove.
func (ps *passkeys) postRemove(c echo.Context, who *web.Person) error {
	p, err := ps.thePasskey(c, who)
	if err != nil {
		return err
	}
	if p != nil {
		err = ps.accounts.Passkeys.Remove(c.Request().Context(), who.ID, p.ID, who.Session.ID)
	}
	if refusal.Is(err, earner.LastWay) {
		return ps.site.AsPage(c, err, ps.removal(c, p, true))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, settingsDone("accounts", "passkey_removed"))
}
