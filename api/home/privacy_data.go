package home

import (
	"time"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/leaving"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// heldData are the pages on which somebody who has no account sees and deletes what is held on them (flows 2.14): whoever
// types the code that is mailed to an address.
type heldData struct {
	site     *web.Site
	issuer   *issuer.Issuer
	accounts *earner.Accounts
	sessions *sessions
	requests *leaving.Requests
	letters  SentLetters
}

const (
	dataPath     = "/privacy/data"
	dataCodePath = dataPath + "/code"
	heldPath     = dataPath + "/held"

	heldShown = 30 * time.Minute // after the code was typed
)

func (hd *heldData) routes() []web.Route {
	return web.Table(
		hd.site.Form(dataPath, hd.getAsk, hd.postAsk),
		hd.site.Form(dataCodePath, hd.getCode, hd.postCode),
		hd.site.Form(heldPath, hd.getHeld, hd.postHeld),
	)
}

func (hd *heldData) form(c echo.Context) templates.AskHeldData {
	return templates.AskHeldData{Page: hd.site.FormPage(c), Action: dataPath, AccountURL: settingsPath}
}

// getAsk answers GET /privacy/data.
func (hd *heldData) getAsk(c echo.Context) error { return web.Show(c, hd.form(c)) }

// postAsk, POST /privacy/data, mails a code, unless nothing is held on the address. The answer is the same.
func (hd *heldData) postAsk(c echo.Context) error {
	form := hd.form(c)
	form.Email = c.Request().PostForm.Get("email")
	address, problem := typedAddress(form.Email)
	if form.Problem = problem; problem != "" {
		return web.RefusedField(form)
	}
	r, err := hd.request(c, address)
	if err != nil {
		return err
	}
	sent, err := hd.sessions.beginOnce(c, r)
	if err != nil {
		form.Problem = templates.ProblemTooMany
		return hd.sessions.tooOften(c, err, form)
	}
	return web.SeeOther(c, codePath(dataCodePath, sent))
}

func (hd *heldData) request(c echo.Context, address string) (earner.Request, error) {
	r, err := hd.sessions.signInRequest(c, address, heldPath)
	r.Purpose = earner.SeeData
	return r, err
}

// code is the step that asks for the code; false where there is nothing to ask.
func (hd *heldData) code(c echo.Context) (t codeStep, open bool, err error) {
	last, found, err := hd.sessions.pending(c)
	if err != nil || !found || last.Finished || last.Purpose != earner.SeeData {
		return t, false, err
	}
	t = codeStep{k: last, path: dataCodePath}
	at := codePath(t.path, last)
	t.page = templates.ClaimCode{
		Page: hd.site.FormPage(c), SignIn: true, Email: last.Address, Long: longSent(last), Action: at, AgainAction: at + "&again=1",
	}
	t.r, err = hd.request(c, last.Address)
	return t, true, err
}

// getCode answers GET /privacy/data/code.
func (hd *heldData) getCode(c echo.Context) error {
	t, open, err := hd.code(c)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, heldPath)
	}
	t.page.SentAgain = c.QueryParam("sent") != ""
	return web.Show(c, t.page)
}

// postCode answers POST /privacy/data/code.
func (hd *heldData) postCode(c echo.Context) error {
	t, open, err := hd.code(c)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, heldPath)
	}
	done := func() error { return web.SeeOther(c, codePath(heldPath, t.k)) }
	return hd.sessions.postCode(c, t, done, func(*refusal.Error) error { return web.SeeOther(c, heldPath) })
}

// proved is the address of which this browser has typed the code a short while ago; false if it has not.
func (hd *heldData) proved(c echo.Context) (leaving.Person, bool, error) {
	last, found, err := hd.sessions.pending(c)
	if err != nil || !found || last.Purpose != earner.SeeData || !last.Finished || hd.site.Now().After(last.Done.Add(heldShown)) {
		return leaving.Person{}, false, err
	}
	r, err := hd.sessions.signInRequest(c, last.Address, "")
	return leaving.Person{Addresses: []string{last.Address}, Sandbox: r.Sandbox}, true, err
}

// getHeld, GET /privacy/data/held, tells what is held on an address.
func (hd *heldData) getHeld(c echo.Context) error {
	p, proved, err := hd.proved(c)
	if err != nil {
		return err
	}
	if !proved {
		return web.SeeOther(c, dataPath)
	}
	page, err := hd.held(c, p)
	if err != nil {
		return err
	}
	return web.Show(c, page)
}

func (hd *heldData) held(c echo.Context, p leaving.Person) (x templates.HeldData, err error) {
	ctx := c.Request().Context()
	x = templates.HeldData{
		Page: hd.site.FormPage(c), Address: p.Addresses[0], On: hd.site.Now().UTC().Add(leaving.Wait), Action: c.Request().URL.RequestURI(),
		AccountURL: settingsPath,
	}
	x.NoIndex = true
	by, org, err := wording.Organisation(ctx, hd.issuer, hd.site, x.Lang)
	if err != nil {
		return x, err
	}
	x.Issuer, x.Kept, x.Contact = by.Name, templates.RegisterKept(org.ResultsKept), org.Email
	live, sandbox, err := hd.accounts.Known(ctx, x.Address)
	if err != nil {
		return x, err
	}
	x.Account = live && !p.Sandbox || sandbox && p.Sandbox
	h, err := hd.issuer.History(ctx)
	if err != nil {
		return x, err
	}
	results, err := hd.issuer.Transcript(ctx, issuer.Holder{Addresses: p.Addresses, Sandbox: p.Sandbox})
	if err != nil {
		return x, err
	}
	for _, r := range results {
		exam := programme.Subject{Kind: programme.KindExam, Code: r.Result.Exam}
		x.Exams = append(x.Exams, templates.HeldExam{
			Name: wording.SubjectName(h, exam, x.Lang), On: r.Result.TakenAt.UTC(), Partner: r.Partner, Called: r.Result.CandidateName,
		})
	}
	badges, err := hd.issuer.Waiting(ctx, x.Address)
	if err != nil {
		return x, err
	}
	for _, b := range badges {
		x.Badges = append(x.Badges, badgeCard(h, b, x.Lang, hd.issuer.Today()))
	}
	letters, err := hd.letters.Sent(ctx, p)
	for _, l := range letters {
		x.Letters = append(x.Letters, templates.ExportLetter{Kind: l.Kind, At: l.At, To: l.To})
	}
	if err != nil {
		return x, err
	}
	r, found, err := hd.requests.Find(ctx, p)
	if found {
		x.Leaving = &templates.Leaving{Choice: r.Choice, On: r.Due.UTC(), Begun: r.Begun()}
	}
	return x, err
}

// postHeld, POST /privacy/data/held, has what is held deleted in fourteen days, or takes that back. Whoever has an account
// decides there.
func (hd *heldData) postHeld(c echo.Context) error {
	p, proved, err := hd.proved(c)
	if err != nil {
		return err
	}
	if !proved {
		return web.SeeOther(c, dataPath)
	}
	page, err := hd.held(c, p)
	if err != nil {
		return err
	}
	switch do := c.Request().PostForm.Get("do"); {
	case do == "keep":
		_, err = hd.requests.Keep(c.Request().Context(), p)
	case do == "delete" && !page.Account && !page.Nothing():
		_, err = hd.requests.Ask(c.Request().Context(), p, leaving.Erase, page.Lang)
	case do != "delete":
		return settingsUnclear()
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, page.Action)
}
