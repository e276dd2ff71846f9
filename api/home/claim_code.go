package home

import (
	"errors"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

func (cs *claims) codeRoutes() []web.Route {
	return web.Table(
		cs.site.Form("/claim/:token/continue", cs.claim(cs.getContinue), cs.claim(cs.postContinue)),
		cs.site.Form("/claim/:token/code", cs.claim(cs.getClaimCode), cs.claim(cs.postClaimCode)),
		cs.site.Form("/confirm/:link", cs.getConfirm, cs.postConfirm),
	)
}

// getContinue, GET /claim/:token/continue, asks for a proof that it is them (S2).
func (cs *claims) getContinue(c echo.Context, k *claim) error {
	which, badges := k.decide()
	if which != landing {
		return web.SeeOther(c, k.path)
	}
	page := cs.frame(c, k)
	ways, err := cs.ways(c, k)
	if err != nil {
		return err
	}
	return web.Show(c, templates.ClaimContinue{
		Page: page, Count: len(badges), Email: k.Email, Action: k.path + "/continue", Ways: ways,
		Issuer: wording.IssuerName(badges[0].Achievement, page.Lang), Partner: k.Partner,
		PrivacyURL: "/privacy", BackURL: k.path,
	})
}

// ways are those by which somebody shows who they are.
func (cs *claims) ways(c echo.Context, k *claim) (templates.Ways, error) {
	if k.Sandbox { // nobody outside of the sandbox vouches for what happens in it
		return templates.Ways{}, nil
	}
	return cs.sessions.ways(c, k.path)
}

// postContinue, POST /claim/:token/continue, mails a code to the address of the claim, whatever the form says.
func (cs *claims) postContinue(c echo.Context, k *claim) error {
	if which, _ := k.decide(); which != landing {
		return web.SeeOther(c, k.path)
	}
	return cs.beginClaim(c, k, k.request())
}

// request asks for a code for the address of the claim, whose link is in hand.
func (k *claim) request() earner.Request {
	return earner.Request{
		Address: k.Email, Purpose: earner.Claim, Sandbox: k.Sandbox,
		ClaimLink: strings.TrimPrefix(k.path, claimPrefix),
	}
}

// beginClaim mails a code and leads to the page that asks for it. Pressed twice it mails one.
func (cs *claims) beginClaim(c echo.Context, k *claim, r earner.Request) error {
	sent, err := cs.sessions.beginOnce(c, r)
	if err != nil {
		return err
	}
	cs.site.Cookies.Set(c, cs.site.Cookies.Claim, k.path, web.ClaimLife)
	return web.SeeOther(c, codePath(k.path+"/code", sent))
}

// claimCode is the step that asks for the code (S3); false where there is nothing to ask.
func (cs *claims) claimCode(c echo.Context, k *claim) (t codeStep, open bool, err error) {
	which, _ := k.decide()
	if which != landing && which != wrong {
		return t, false, nil
	}
	last, found, err := cs.sessions.pending(c)
	if err != nil || !found || last.Finished || !k.isFor(last) {
		return t, false, err
	}
	t = codeStep{k: last, path: k.path + "/code", name: k.Name, r: k.request()}
	if last.Purpose == earner.AddAddress && k.who != nil {
		t.r.Purpose, t.r.Account = earner.AddAddress, k.who.ID
	}
	at := codePath(t.path, last)
	t.page = templates.ClaimCode{
		Page: cs.frame(c, k), Email: last.Address, Long: longSent(last), Action: at,
		AgainAction: at + "&again=1", Partner: k.Partner, LostURL: "/help/where-is-my-badge",
	}
	return t, true, nil
}

// getClaimCode answers GET /claim/:token/code.
func (cs *claims) getClaimCode(c echo.Context, k *claim) error {
	t, open, err := cs.claimCode(c, k)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, k.path)
	}
	t.page.SentAgain = c.QueryParam("sent") != ""
	return web.Show(c, t.page)
}

// postClaimCode answers POST /claim/:token/code.
func (cs *claims) postClaimCode(c echo.Context, k *claim) error {
	t, open, err := cs.claimCode(c, k)
	if err != nil {
		return err
	}
	if !open {
		return web.SeeOther(c, k.path)
	}
	done := func() error { return web.SeeOther(c, k.path) }
	return cs.sessions.postCode(c, t, done, func(refused *refusal.Error) error {
		if refused.Code == earner.AddressTaken && k.who != nil {
			a, err := proved(c, cs.site, cs.profiles, k.who, t.k.Address)
			if err != nil {
				return err
			}
			return web.SeeOther(c, k.path+"?taken="+a.ID)
		}
		return web.SeeOther(c, k.path) // it has ended in another window, and the claim knows where things stand
	})
}

// getConfirm, GET /confirm/:link, opens the link in a letter with a code. In the browser that asked it has a button;
// in any other, which may be a mail scanner, it shows the code to type where things began.
func (cs *claims) getConfirm(c echo.Context) error {
	peeked, err := cs.accounts.Peek(c.Request().Context(), c.Param("link"), cs.site.KnownBrowser(c))
	if err != nil {
		return cs.confirmProblem(c, err)
	}
	return web.Show(c, templates.CodeElsewhere{
		Page: cs.confirmFrame(c), SameBrowser: peeked.SameBrowser, Email: peeked.Address,
		Action: "/confirm/" + c.Param("link"), Code: peeked.Code,
	})
}

func (cs *claims) confirmFrame(c echo.Context) templates.Page {
	p := cs.site.Page(c)
	p.NoIndex = true
	return p
}

// confirmProblem says that the link is too old or was used. In the browser where it has just been used it leads on.
func (cs *claims) confirmProblem(c echo.Context, err error) error {
	var refused *refusal.Error
	if !errors.As(err, &refused) {
		return err
	}
	who, failed := cs.site.Person(c)
	if failed != nil {
		return failed
	}
	if refused.Code == earner.Used && who != nil {
		return web.SeeOther(c, cs.onward(c, ""))
	}
	return cs.site.AsPage(c, err, templates.CodeElsewhere{
		Page: cs.confirmFrame(c), Used: refused.Code == earner.Used,
	})
}

// postConfirm, POST /confirm/:link, confirms the address, in the browser that asked only.
func (cs *claims) postConfirm(c echo.Context) error {
	path := web.Cookie(c, cs.site.Cookies.Claim)
	name := ""
	if token, found := strings.CutPrefix(path, claimPrefix); found {
		claim, known, err := cs.findClaim(c, token)
		if err != nil {
			return err
		}
		if known {
			name = claim.Name
			c.Set(web.KeyLetter, cs.letterLanguage(c, claim.Locale))
		}
	}
	a, err := cs.sessions.answer(c, name)
	if err != nil {
		return err
	}
	out, err := cs.accounts.FinishByLink(c.Request().Context(), c.Param("link"), a)
	if err != nil {
		return cs.confirmRefused(c, err)
	}
	if err := cs.sessions.signIn(c, out, byCode); err != nil {
		return err
	}
	return web.SeeOther(c, cs.onward(c, out.Return))
}

func (cs *claims) confirmRefused(c echo.Context, err error) error {
	var refused *refusal.Error
	path := web.Cookie(c, cs.site.Cookies.Claim)
	if errors.As(err, &refused) && refused.Code == earner.AddressTaken {
		if strings.HasPrefix(path, claimPrefix) {
			return web.SeeOther(c, path+"?taken=1")
		}
		return web.SeeOther(c, takenPath)
	}
	return cs.confirmProblem(c, err)
}

// onward is where a confirmed address leads: to where the person wanted, or to the claim that was under
// way in this browser, or home.
func (cs *claims) onward(c echo.Context, wanted string) string {
	if wanted != "" {
		return wanted
	}
	if path := web.Cookie(c, cs.site.Cookies.Claim); web.PlausibleID(strings.TrimPrefix(path, claimPrefix)) && strings.HasPrefix(path, claimPrefix) {
		cs.site.Cookies.Clear(c, cs.site.Cookies.Claim)
		return path
	}
	return web.MePath
}
