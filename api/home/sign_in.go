package home

import (
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// nextPath is the page of ours that the query wants to go on to; empty for any other.
func nextPath(c echo.Context, prefixes ...string) string {
	next := c.QueryParam("next")
	if strings.ContainsAny(next, "\\\r\n") || strings.Contains(next, "//") || len(next) > web.CookieMost {
		return ""
	}
	for _, prefix := range prefixes {
		if next == prefix || strings.HasPrefix(next, prefix+"/") {
			return next
		}
	}
	return ""
}

func (ss *sessions) signInForm(c echo.Context) templates.SignIn {
	action := web.SignInPath
	if next := nextPath(c, "/me", "/badges"); next != "" {
		action += "?next=" + url.QueryEscape(next)
	}
	return templates.SignIn{Page: ss.site.FormPage(c), Action: action}
}

func (ss *sessions) getSignIn(c echo.Context) error {
	who, err := ss.site.Person(c)
	if err != nil {
		return err
	}
	if who != nil {
		return web.SeeOther(c, web.MyBadgesPath)
	}
	return web.Show(c, ss.signInForm(c))
}

// postSignIn mails a code, unless nobody knows the address. The answer is the same.
func (ss *sessions) postSignIn(c echo.Context) error {
	form := ss.signInForm(c)
	form.Email = c.Request().PostForm.Get("email")
	address, problem := typedAddress(form.Email)
	if form.Problem = problem; problem != "" {
		return web.RefusedField(form)
	}
	r, err := ss.signInRequest(c, address, nextPath(c, "/me", "/badges"))
	if err != nil {
		return err
	}
	sent, err := ss.beginOnce(c, r)
	if err != nil {
		form.Problem = templates.ProblemTooMany
		return ss.tooOften(c, err, form)
	}
	return web.SeeOther(c, codePath(web.SignInPath+"/code", sent))
}

// tooOften shows the form again where somebody has to wait.
func (ss *sessions) tooOften(c echo.Context, err error, form web.Drawable) error {
	if refusal.Is(err, earner.Throttled) {
		return ss.site.AsPage(c, err, form)
	}
	return err
}

// signInRequest asks for a code. It is mailed to addresses of accounts, and of candidates that have none
// yet: a badge waits in the account that the code makes. Where it is known from a sandbox only, the code stays there.
func (ss *sessions) signInRequest(c echo.Context, address, next string) (earner.Request, error) {
	ctx := c.Request().Context()
	live, sandbox, err := ss.accounts.Known(ctx, address)
	if err != nil {
		return earner.Request{}, err
	}
	liveToo, sandboxToo, err := ss.issuer.KnownAddress(ctx, address)
	live, sandbox = live || liveToo, sandbox || sandboxToo
	return earner.Request{Address: address, Purpose: earner.SignIn, Return: next, Sandbox: sandbox && !live, Mute: !live && !sandbox}, err
}

func (ss *sessions) signInCode(c echo.Context) (t codeStep, open bool, err error) {
	last, found, err := ss.pending(c)
	if err != nil || !found || last.Finished || last.Purpose == earner.AddAddress {
		return t, false, err
	}
	t = codeStep{k: last, path: web.SignInPath + "/code"}
	at := codePath(t.path, last)
	t.page = templates.ClaimCode{Page: ss.site.FormPage(c), SignIn: true, Email: last.Address, Long: longSent(last), Action: at, AgainAction: at + "&again=1", LostURL: "/help"}
	t.r, err = ss.signInRequest(c, last.Address, last.Return)
	return t, true, err
}

func (ss *sessions) getSignInCode(c echo.Context) error {
	t, open, err := ss.signInCode(c)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, web.SignInPath)
	}
	t.page.SentAgain = c.QueryParam("sent") != ""
	return web.Show(c, t.page)
}

func (ss *sessions) postSignInCode(c echo.Context) error {
	t, open, err := ss.signInCode(c)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, web.SignInPath)
	}
	done := func() error {
		if t.k.Return != "" {
			return web.SeeOther(c, t.k.Return)
		}
		return web.SeeOther(c, web.MyBadgesPath)
	}
	return ss.postCode(c, t, done, func(*refusal.Error) error { return web.SeeOther(c, web.SignInPath) })
}

// postSignOut ends the session in every process at once.
func (ss *sessions) postSignOut(c echo.Context) error {
	k := ss.site.Cookies
	if token := web.Cookie(c, k.Session); token != "" {
		if err := ss.accounts.SignOut(c.Request().Context(), token); err != nil {
			return err
		}
		k.Clear(c, k.Session)
	}
	if next := nextPath(c, "/claim"); next != "" {
		return web.SeeOther(c, next)
	}
	return web.SeeOther(c, "/")
}

// signIn starts the session that a confirmed address brought. Somebody else's in this browser ends.
func (ss *sessions) signIn(c echo.Context, out earner.Outcome) error {
	if out.Token == "" {
		return nil
	}
	k := ss.site.Cookies
	if old := web.Cookie(c, k.Session); old != "" && old != out.Token {
		if err := ss.accounts.SignOut(c.Request().Context(), old); err != nil {
			return err
		}
	}
	k.Set(c, k.Session, out.Token, out.Expires.Sub(ss.site.Now()).Round(time.Second))
	return nil
}
