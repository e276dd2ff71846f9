package home

import (
	"errors"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// getConfirm opens the link in a letter with a code. In the browser that asked it has a button; in any
// other, which may be a mail scanner, it shows the code to type where things began.
func (cs *claims) getConfirm(c echo.Context) error {
	peeked, err := cs.accounts.Peek(c.Request().Context(), c.Param("link"), cs.site.KnownBrowser(c))
	if err != nil {
		return cs.confirmProblem(c, err)
	}
	return web.Show(c, templates.CodeElsewhere{
		Page: cs.confirmFrame(c), SameBrowser: peeked.SameBrowser, Email: peeked.Address, Action: "/confirm/" + c.Param("link"), Code: peeked.Code,
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
	return cs.site.AsPage(c, err, templates.CodeElsewhere{Page: cs.confirmFrame(c), Used: refused.Code == earner.Used})
}

// postConfirm confirms the address, in the browser that asked only.
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
	if err := cs.sessions.signIn(c, out); err != nil {
		return err
	}
	if out.Purpose == earner.SignIn {
		return web.SeeOther(c, cs.onward(c, out.Return))
	}
	return web.SeeOther(c, cs.onward(c, ""))
}

func (cs *claims) confirmRefused(c echo.Context, err error) error {
	var refused *refusal.Error
	path := web.Cookie(c, cs.site.Cookies.Claim)
	if errors.As(err, &refused) && refused.Code == earner.AddressTaken && strings.HasPrefix(path, claimPrefix) {
		return web.SeeOther(c, path+"?taken=1")
	}
	return cs.confirmProblem(c, err)
}

// onward is where a confirmed address leads: to where the person wanted, or to the claim that was under
// way in this browser, or to their badges.
func (cs *claims) onward(c echo.Context, wanted string) string {
	if wanted != "" {
		return wanted
	}
	if path := web.Cookie(c, cs.site.Cookies.Claim); web.PlausibleID(strings.TrimPrefix(path, claimPrefix)) && strings.HasPrefix(path, claimPrefix) {
		cs.site.Cookies.Clear(c, cs.site.Cookies.Claim)
		return path
	}
	return web.MyBadgesPath
}
