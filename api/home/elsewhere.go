package home

import (
	"cmp"
	"errors"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/identity"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// elsewhere is signing in at a provider, and connecting an account there with one here.
type elsewhere struct {
	site      *web.Site
	issuer    *issuer.Issuer
	accounts  *earner.Accounts
	providers *identity.Providers
	profiles  *connection.Connections
	sessions  *sessions
}

func (es *elsewhere) routes() []web.Route {
	site := es.site
	return web.Table(
		site.Form(elsewherePath, es.getElsewhere, es.postElsewhere),
		web.Get("/sign-in/:provider", site.Personal(es.getProvider)),
		// The one GET that changes something: the answer of a provider, as the protocol has it. It counts in the browser
		// that began, and once.
		web.Get("/sign-in/:provider/callback", site.Personal(es.getCallback)),
		web.Get("/signed-out", site.Personal(es.getSignedOut)),
	)
}

const elsewherePath = web.SignInPath + "/elsewhere"

// ways are those by which somebody signs in, beside a code, and goes on to next. The one that was used last in this
// browser comes first; it is remembered there only, so that the page tells nobody whether there is an account.
func (ss *sessions) ways(c echo.Context, next string) (w templates.Ways, err error) {
	last := ss.site.LastWay(c)
	for _, p := range ss.providers.List() {
		offer := templates.Provider{Kind: p.Kind, Name: p.Label, URL: web.SignInPath + "/" + p.Name}
		if next != "" {
			offer.URL += "?next=" + url.QueryEscape(next)
		}
		if last == byProvider+p.Name {
			w.Last = &offer
			continue
		}
		w.Providers = append(w.Providers, offer)
	}
	w.PasskeyLast = last == byPasskey
	w.Passkey, err = ss.passkey(c, next)
	return w, err
}

// getProvider, GET /sign-in/:provider, leads to the provider.
func (es *elsewhere) getProvider(c echo.Context) error {
	return es.leave(c, identity.Attempt{
		Provider: c.Param("provider"), Return: nextPath(c, "/me", "/badges", "/claim"), Choose: c.QueryParam("select") != "",
	})
}

// leave leads to a provider.
func (es *elsewhere) leave(c echo.Context, a identity.Attempt) error {
	a.Lang = es.site.Language(c)
	address, err := es.providers.Begin(c.Request().Context(), es.site.Browser(c), a)
	if err != nil {
		return es.problem(c, a, err)
	}
	return web.SeeOther(c, address)
}

// getCallback, GET /sign-in/:provider/callback, takes the answer of the provider.
func (es *elsewhere) getCallback(c echo.Context) error {
	ctx := c.Request().Context()
	a, person, err := es.providers.Finish(ctx, c.Param("provider"), es.site.KnownBrowser(c), c.QueryParams())
	if err != nil {
		return es.cameBackWrong(c, a, err)
	}
	e := seenElsewhere(person)
	if a.Account != "" {
		return es.toConnect(c, a, e)
	}
	answer, err := es.sessions.answer(c, "")
	if err != nil {
		return err
	}
	out, found, err := es.accounts.Identities.SignIn(ctx, e, answer)
	if err == nil && !found && e.Address != "" {
		out, found, err = es.firstAccount(c, e, answer)
	}
	if err != nil {
		return err
	}
	if !found {
		return es.wait(c, earner.Waiting{Elsewhere: e, Return: a.Return})
	}
	if err := es.sessions.signIn(c, out, byProvider+e.Provider); err != nil {
		return err
	}
	return web.SeeOther(c, cmp.Or(a.Return, web.MePath))
}

// seenElsewhere is who somebody is at a provider, as an account knows them.
func seenElsewhere(p identity.Person) earner.Elsewhere {
	e := earner.Elsewhere{
		Issuer: p.Issuer, Subject: p.Subject, Provider: p.Name, Kind: p.Kind, FullName: p.FullName,
		Shown: cmp.Or(p.Address, p.FullName, p.Label),
	}
	if p.Believed {
		e.Address = p.Address
	}
	return e
}

// firstAccount makes an account for an address that the provider vouches for and something was sent to. Where somebody
// has the address already it does not: they say so by a code first.
func (es *elsewhere) firstAccount(c echo.Context, e earner.Elsewhere, answer earner.Answer) (out earner.Outcome, made bool, err error) {
	live, _, err := es.issuer.KnownAddress(c.Request().Context(), e.Address)
	if err != nil || !live {
		return out, false, err
	}
	out, err = es.accounts.Identities.Create(c.Request().Context(), e, answer)
	if refusal.Is(err, earner.AddressTaken, earner.IdentityTaken) {
		return out, false, nil
	}
	return out, err == nil, err
}

// toConnect asks whether the identity is to be connected that somebody went to fetch while they were signed in.
func (es *elsewhere) toConnect(c echo.Context, a identity.Attempt, e earner.Elsewhere) error {
	who, err := es.site.Person(c)
	if err != nil {
		return err
	}
	if who == nil || who.ID != a.Account {
		return web.SeeOther(c, web.SignInPath+"?next="+url.QueryEscape(settingsPath))
	}
	owner, found, err := es.accounts.Identities.Owner(c.Request().Context(), e)
	switch {
	case err != nil:
		return err
	case found && owner == who.ID:
		return web.SeeOther(c, settingsDone("accounts", "already"))
	}
	w := earner.Waiting{Elsewhere: e, Account: who.ID, Replaces: a.Replaces, Return: a.Return}
	if found {
		if err := es.accounts.Identities.Wait(c.Request().Context(), es.site.KnownBrowser(c), w); err != nil {
			return err
		}
		return es.taken(c, refusal.New(earner.IdentityTaken, "That account belongs to somebody here already."), w)
	}
	return es.wait(c, w)
}

// taken says that the identity which waits belongs to another account. Whoever has just signed in by it can ask to have
// both brought together (row 20).
func (es *elsewhere) taken(c echo.Context, err error, w earner.Waiting) error {
	page := templates.AccountTaken{Page: es.site.FormPage(c), Action: elsewherePath, BackURL: cmp.Or(w.Return, settingsPath+"#accounts")}
	page.NoIndex = true
	return es.site.AsPage(c, err, page)
}

// askToMerge keeps the request to bring the account of the identity that waits together with the one that is signed in.
func (es *elsewhere) askToMerge(c echo.Context, who *web.Person, w earner.Waiting) error {
	owner, found, err := es.accounts.Identities.Owner(c.Request().Context(), w.Elsewhere)
	if err != nil {
		return err
	}
	if !found || owner == who.ID {
		return web.SeeOther(c, settingsPath)
	}
	kept, err := es.profiles.Ask(c.Request().Context(), connection.Request{
		Kind: connection.Accounts, Account: who.ID, Other: owner, How: connection.BySigningIn,
	})
	if err != nil {
		return err
	}
	return web.SeeOther(c, takenPath+"?asked="+url.QueryEscape(kept.ID))
}

func (es *elsewhere) wait(c echo.Context, w earner.Waiting) error {
	if err := es.accounts.Identities.Wait(c.Request().Context(), es.site.KnownBrowser(c), w); err != nil {
		return err
	}
	return web.SeeOther(c, elsewherePath)
}

// getElsewhere, GET /sign-in/elsewhere, asks what becomes of an identity that nobody here has yet: whoever is signed in
// connects it; others show first who they are.
func (es *elsewhere) getElsewhere(c echo.Context) error {
	w, who, open, err := es.waiting(c)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, settingsPath)
	}
	if who == nil {
		return web.Show(c, es.newcomer(c, w))
	}
	return web.Show(c, es.connection(c, w, who))
}

// waiting is the identity that waits in this browser, for whoever is signed in here.
func (es *elsewhere) waiting(c echo.Context) (w earner.Waiting, who *web.Person, open bool, err error) {
	if who, err = es.site.Person(c); err != nil {
		return w, nil, false, err
	}
	w, found, err := es.accounts.Identities.Waits(c.Request().Context(), es.site.KnownBrowser(c))
	if err != nil || !found {
		return w, who, false, err
	}
	_, configured := es.providers.Provider(w.Provider)
	mine := w.Account == "" || who != nil && who.ID == w.Account
	return w, who, configured && mine && (who == nil || !who.Sandbox), nil
}

// newcomer is the page for somebody whom no account here knows by that identity.
func (es *elsewhere) newcomer(c echo.Context, w earner.Waiting) templates.UnknownElsewhere {
	p, _ := es.providers.Provider(w.Provider)
	page := templates.UnknownElsewhere{
		Page: es.site.FormPage(c), Provider: p.Label, Shown: w.Shown, Action: elsewherePath, OtherURL: es.otherURL(w),
	}
	page.NoIndex = true
	if address, ok := email.Canonical(w.Shown); ok {
		page.Email = address
	}
	return page
}

func (es *elsewhere) connection(c echo.Context, w earner.Waiting, who *web.Person) templates.ConnectElsewhere {
	p, _ := es.providers.Provider(w.Provider)
	page := templates.ConnectElsewhere{
		Page: es.site.FormPage(c), Provider: p.Label, Kind: w.Kind, Shown: w.Shown, Me: who.Called(), Replaces: w.Replaces != "",
		Action: elsewherePath, OtherURL: es.otherURL(w), BackURL: cmp.Or(w.Return, settingsPath+"#accounts"),
	}
	page.NoIndex = true
	return page
}

// otherURL asks the provider for another account.
func (es *elsewhere) otherURL(w earner.Waiting) string {
	if w.Account != "" {
		return startURL(w.Provider, w.Replaces, w.Return)
	}
	return web.SignInPath + "/" + w.Provider + "?select=1&next=" + url.QueryEscape(w.Return)
}

// postElsewhere answers POST /sign-in/elsewhere.
func (es *elsewhere) postElsewhere(c echo.Context) error {
	w, who, open, err := es.waiting(c)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, settingsPath)
	}
	if who == nil {
		return es.mailCode(c, w)
	}
	if c.Request().PostForm.Get("do") == "merge" {
		return es.askToMerge(c, who, w)
	}
	replaces := w.Replaces
	if c.Request().PostForm.Get("do") == "replace" {
		replaces = c.Request().PostForm.Get("identity")
	}
	if replaces == "" {
		return es.connect(c, who, w, "")
	}
	return es.sessions.recently(elsewherePath, func(c echo.Context, who *web.Person) error {
		return es.connect(c, who, w, replaces)
	})(c, who)
}

// mailCode has somebody show that an address is theirs, and then asks whether to connect.
func (es *elsewhere) mailCode(c echo.Context, w earner.Waiting) error {
	page := es.newcomer(c, w)
	page.Email = c.Request().PostForm.Get("email")
	address, problem := typedAddress(page.Email)
	if page.Problem = problem; problem != "" {
		return web.RefusedField(page)
	}
	r, err := es.sessions.signInRequest(c, address, elsewherePath)
	if err != nil {
		return err
	}
	sent, err := es.sessions.beginOnce(c, r)
	if err != nil {
		page.Problem = templates.ProblemTooMany
		return es.sessions.tooOften(c, err, page)
	}
	return web.SeeOther(c, codePath(web.SignInPath+"/code", sent))
}

// connect gives the identity that waits to who is signed in.
func (es *elsewhere) connect(c echo.Context, who *web.Person, w earner.Waiting, replaces string) error {
	answer, err := es.sessions.answer(c, "")
	if err != nil {
		return err
	}
	out, err := es.accounts.Identities.Connect(c.Request().Context(), answer, replaces)
	switch {
	case refusal.Is(err, earner.Unknown): // done in another window
		return web.SeeOther(c, settingsPath+"#accounts")
	case refusal.Is(err, earner.IdentityTaken):
		return es.taken(c, err, w)
	case refusal.Is(err, earner.OnePersonal):
		return es.onePersonal(c, err, who, w)
	case err != nil:
		return err
	}
	if err := es.sessions.signIn(c, out, byProvider+w.Provider); err != nil {
		return err
	}
	note := "connected"
	if replaces != "" {
		note = "identity_replaced"
	}
	return web.SeeOther(c, cmp.Or(w.Return, settingsDone("accounts", note)))
}

// onePersonal offers to replace the personal identity that there is.
func (es *elsewhere) onePersonal(c echo.Context, refused error, who *web.Person, w earner.Waiting) error {
	list, err := es.accounts.Identities.List(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	page := templates.OnePersonal{
		Page: es.site.FormPage(c), New: w.Shown, Action: elsewherePath, BackURL: cmp.Or(w.Return, settingsPath+"#accounts"),
	}
	page.NoIndex = true
	for _, i := range list {
		if i.Kind == earner.PersonalKind {
			page.Old, page.Identity = i.Shown, i.ID
		}
	}
	return es.site.AsPage(c, refused, page)
}

// cameBackWrong goes on where somebody was, or says what is wrong.
func (es *elsewhere) cameBackWrong(c echo.Context, a identity.Attempt, err error) error {
	who, failed := es.site.Person(c)
	if failed != nil {
		return failed
	}
	switch {
	case refusal.Is(err, identity.Used) && who != nil: // the page was loaded twice
		return web.SeeOther(c, cmp.Or(a.Return, web.MePath))
	case refusal.Is(err, identity.Denied) && a.Choose && c.QueryParam("error") == "invalid_request":
		a.Choose = false // it does not know how to let people choose
		return es.leave(c, a)
	}
	a.Provider = c.Param("provider")
	return es.problem(c, a, err)
}

// problem says what went wrong at a provider, and how to go on without it.
func (es *elsewhere) problem(c echo.Context, a identity.Attempt, err error) error {
	var refused *refusal.Error
	p, known := es.providers.Provider(a.Provider)
	if !known || !errors.As(err, &refused) {
		return err
	}
	page := templates.ProviderProblem{Page: es.site.Page(c), Provider: p.Label, Kind: refused.Code, RetryURL: web.SignInPath + "/" + p.Name, OtherURL: web.SignInPath}
	page.NoIndex = true
	if a.Return != "" {
		page.RetryURL += "?next=" + url.QueryEscape(a.Return)
		page.OtherURL += "?next=" + url.QueryEscape(a.Return)
	}
	if a.Account != "" {
		page.RetryURL, page.OtherURL = startURL(p.Name, a.Replaces, a.Return), settingsPath+"#accounts"
	}
	return errors.Join(es.site.AsPage(c, err, page), err) // the log says why
}

// getSignedOut, GET /signed-out, offers to sign out at the provider too.
func (es *elsewhere) getSignedOut(c echo.Context) error {
	p, known := es.providers.Provider(c.QueryParam("provider"))
	if !known {
		return web.SeeOther(c, "/")
	}
	page := templates.SignedOut{Page: es.site.Page(c), Provider: p.Label, EndURL: es.providers.EndSession(c.Request().Context(), p.Name)}
	page.NoIndex = true
	return web.Show(c, page)
}
