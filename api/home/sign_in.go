package home

import (
	"cmp"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

func (ss *sessions) routes() []web.Route {
	return web.Table(
		ss.site.Form("/sign-in", ss.getSignIn, ss.postSignIn),
		ss.site.Form("/sign-in/code", ss.getSignInCode, ss.postSignInCode),
		web.Post("/sign-out", ss.site.Personal(ss.site.Posted(ss.postSignOut))),
	)
}

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

func (ss *sessions) signInForm(c echo.Context) (templates.SignIn, error) {
	action, next := web.SignInPath, nextPath(c, "/me", "/badges", elsewherePath)
	if next != "" {
		action += "?next=" + url.QueryEscape(next)
	}
	ways, err := ss.ways(c, next)
	return templates.SignIn{Page: ss.site.FormPage(c), Action: action, Ways: ways}, err
}

// recently is around a page that asks whoever signed in a while ago to do so once more, and then leads back to it, or to
// another page.
func (ss *sessions) recently(back string, next func(c echo.Context, who *web.Person) error) func(c echo.Context, who *web.Person) error {
	return func(c echo.Context, who *web.Person) error {
		if ss.site.Now().Sub(who.Session.Created) > recentSignIn {
			return web.SeeOther(c, web.SignInPath+"?again=1&next="+url.QueryEscape(cmp.Or(back, c.Request().URL.RequestURI())))
		}
		return next(c, who)
	}
}

// recentSignIn is how long nobody is asked again.
const recentSignIn = 10 * time.Minute

// getSignIn answers GET /sign-in.
func (ss *sessions) getSignIn(c echo.Context) error {
	who, err := ss.site.Person(c)
	if err != nil {
		return err
	}
	form, err := ss.signInForm(c)
	if err != nil {
		return err
	}
	switch form.Again = c.QueryParam("again") != ""; {
	case who == nil:
		form.Again = false
	case !form.Again:
		return web.SeeOther(c, web.MePath)
	case len(who.Addresses) > 0:
		form.Email = who.Addresses[0]
	}
	return web.Show(c, form)
}

// postSignIn, POST /sign-in, mails a code, unless nobody knows the address. The answer is the same.
func (ss *sessions) postSignIn(c echo.Context) error {
	form, err := ss.signInForm(c)
	if err != nil {
		return err
	}
	form.Email = c.Request().PostForm.Get("email")
	address, problem := typedAddress(form.Email)
	if form.Problem = problem; problem != "" {
		return web.RefusedField(form)
	}
	r, err := ss.signInRequest(c, address, nextPath(c, "/me", "/badges", elsewherePath))
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
	return earner.Request{
		Address: address, Purpose: earner.SignIn, Return: next, Sandbox: sandbox && !live,
		Mute: !live && !sandbox,
	}, err
}

func (ss *sessions) signInCode(c echo.Context) (t codeStep, open bool, err error) {
	last, found, err := ss.pending(c)
	if err != nil || !found || last.Finished || last.Purpose == earner.AddAddress || last.Purpose == earner.SeeData {
		return t, false, err
	}
	t = codeStep{k: last, path: web.SignInPath + "/code"}
	at := codePath(t.path, last)
	t.page = templates.ClaimCode{
		Page: ss.site.FormPage(c), SignIn: true, Email: last.Address, Long: longSent(last), Action: at,
		AgainAction: at + "&again=1", LostURL: "/help/where-is-my-badge",
	}
	t.r, err = ss.signInRequest(c, last.Address, last.Return)
	return t, true, err
}

// getSignInCode answers GET /sign-in/code.
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

// postSignInCode answers POST /sign-in/code.
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
		return web.SeeOther(c, web.MePath)
	}
	return ss.postCode(c, t, done, func(*refusal.Error) error { return web.SeeOther(c, web.SignInPath) })
}

// postSignOut, POST /sign-out, ends the session in every process at once.
func (ss *sessions) postSignOut(c echo.Context) error {
	k, means := ss.site.Cookies, ""
	if who, err := ss.site.Person(c); err == nil && who != nil {
		means = who.Session.Means
	}
	if token := web.Cookie(c, k.Session); token != "" {
		if err := ss.accounts.SignOut(c.Request().Context(), token); err != nil {
			return err
		}
		k.Clear(c, k.Session)
	}
	if next := nextPath(c, "/claim", connectPath); next != "" {
		return web.SeeOther(c, next)
	}
	if _, elsewhere := ss.providers.Provider(means); elsewhere {
		return web.SeeOther(c, "/signed-out?provider="+url.QueryEscape(means))
	}
	return web.SeeOther(c, "/")
}

// The ways to sign in, as browsers remember the last one. That by a provider has its name after it.
const (
	byCode     = "code"
	byPasskey  = "passkey"
	byProvider = "provider."
)

// signIn starts the session that a confirmed address brought, or another way in, which the browser remembers. Somebody
// else's in this browser ends.
func (ss *sessions) signIn(c echo.Context, out earner.Outcome, way string) error {
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
	k.Set(c, k.Way, way, web.WayLife)
	return nil
}

// begin mails a code for the address to whoever reads it there.
func (ss *sessions) begin(c echo.Context, r earner.Request) (earner.Confirmation, error) {
	r.Browser, r.Network, r.Lang = ss.site.Browser(c), web.Network(c), ss.site.Language(c)
	return ss.accounts.Begin(c.Request().Context(), r)
}

// beginOnce is begin, but asked for twice in a row it mails one code, and goes on with that.
func (ss *sessions) beginOnce(c echo.Context, r earner.Request) (earner.Confirmation, error) {
	sent, err := ss.begin(c, r)
	var refused *refusal.Error
	if !errors.As(err, &refused) || refused.Code != earner.Throttled {
		return sent, err
	}
	last, found, failed := ss.pending(c)
	if failed != nil {
		return sent, failed
	}
	if address, _ := email.Canonical(r.Address); found && last.Address == address && !last.Finished {
		return last, nil
	}
	return sent, err
}

// pending is the confirmation that the query names, if this browser began it.
func (ss *sessions) pending(c echo.Context) (earner.Confirmation, bool, error) {
	browser := ss.site.KnownBrowser(c)
	if browser == "" {
		return earner.Confirmation{}, false, nil
	}
	return ss.accounts.Pending(c.Request().Context(), browser, c.QueryParam("confirmation"))
}

// codePath is the page for the code of a confirmation.
func codePath(page string, k earner.Confirmation) string {
	return page + "?confirmation=" + url.QueryEscape(k.ID)
}

// finish confirms an address by the code that was typed. name is for an account that is made now.
func (ss *sessions) finish(c echo.Context, k earner.Confirmation, name string) (earner.Outcome, error) {
	a, err := ss.answer(c, name)
	if err != nil {
		return earner.Outcome{}, err
	}
	a.Confirmation, a.Code = k.ID, c.Request().PostForm.Get("code")
	out, err := ss.accounts.Finish(c.Request().Context(), a)
	if err != nil {
		return out, err
	}
	return out, ss.signIn(c, out, byCode)
}

func (ss *sessions) answer(c echo.Context, name string) (earner.Answer, error) {
	who, err := ss.site.Person(c)
	a := earner.Answer{
		Browser: ss.site.KnownBrowser(c), Network: web.Network(c), Name: name, Language: ss.site.Language(c),
		Device: deviceName(c.Request().UserAgent()),
	}
	if who != nil {
		a.Account, a.Session = who.ID, who.Session.ID
	}
	return a, err
}

// deviceName says in which browser somebody is, for a list that they read: Firefox, Windows. The order matters, since
// browsers call themselves by the names of others too.
func deviceName(userAgent string) string {
	var parts []string
	for _, names := range [][][2]string{
		{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}},
		{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"}, {"Mac OS X", "Mac"}, {"Linux", "Linux"}},
	} {
		for _, name := range names {
			if strings.Contains(userAgent, name[0]) {
				parts = append(parts, name[1])
				break
			}
		}
	}
	return strings.Join(parts, ", ")
}

// longSent is when the letter went out whose long code is asked for; zero where it is six digits.
func longSent(k earner.Confirmation) time.Time {
	if !k.Shared {
		return time.Time{}
	}
	return k.Sent.UTC()
}

// codeStep is one post of a page that asks for a code.
type codeStep struct {
	k    earner.Confirmation
	r    earner.Request // what asks for another code
	name string
	page templates.ClaimCode
	path string // of the page
}

// postCode takes the code, or mails a new one. done goes on after the code was right; a refusal that the
// page has no words for goes to other.
func (ss *sessions) postCode(c echo.Context, t codeStep, done func() error, other func(*refusal.Error) error) error {
	if c.QueryParam("again") != "" {
		k, err := ss.begin(c, t.r)
		if err != nil {
			return ss.notAgain(c, t, err, other)
		}
		return web.SeeOther(c, codePath(t.path, k)+"&sent=1")
	}
	if strings.TrimSpace(c.Request().PostForm.Get("code")) == "" {
		t.page.Problem = templates.ProblemMissing
		if t.k.Shared {
			t.page.Problem = templates.ProblemMissingLong
		}
		return web.RefusedField(t.page)
	}
	if _, err := ss.finish(c, t.k, t.name); err != nil {
		return ss.codeProblem(c, t, err, other)
	}
	return done()
}

// notAgain says when a new code can be asked for. Nothing is wrong with the one that they have.
func (ss *sessions) notAgain(c echo.Context, t codeStep, err error, other func(*refusal.Error) error) error {
	var refused *refusal.Error
	if !errors.As(err, &refused) || refused.Code != earner.Throttled || !ss.site.Now().Before(t.k.Again) {
		return ss.codeProblem(c, t, err, other)
	}
	t.page.AgainIn = int(refused.When.Sub(ss.site.Now()).Round(time.Second) / time.Second)
	return ss.site.AsPage(c, err, t.page)
}

// codeProblem shows the page again with what is wrong. A code that is too old is replaced at once.
func (ss *sessions) codeProblem(c echo.Context, t codeStep, err error, other func(*refusal.Error) error) error {
	var refused *refusal.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code {
	case earner.WrongCode:
		t.page.Problem, t.page.TriesLeft = templates.ProblemWrong, refused.TriesLeft
		if t.k.Shared {
			t.page.Problem = templates.ProblemWrongLong
		}
	case earner.TooOld:
		k, failed := ss.begin(c, t.r)
		switch {
		case failed != nil:
			t.page.Problem = templates.ProblemTooMany
			err = failed
		case k.Shared:
			return web.SeeOther(c, codePath(t.path, k))
		default:
			t.page.Problem = templates.ProblemExpired
		}
	case earner.Spent, earner.Throttled:
		t.page.Problem = templates.ProblemTooMany
	default:
		return other(refused)
	}
	return ss.site.AsPage(c, err, t.page)
}
