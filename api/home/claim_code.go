package home

import (
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// getContinue asks for a proof that it is them (S2).
func (cs *claims) getContinue(c echo.Context, k *claim) error {
	which, badges := k.decide()
	if which != landing {
		return web.SeeOther(c, k.path)
	}
	page := cs.frame(c, k)
	return web.Show(c, templates.ClaimContinue{
		Page: page, Count: len(badges), Email: k.Email, Action: k.path + "/continue", Issuer: wording.IssuerName(badges[0].Achievement, page.Lang),
		Partner: k.Partner, PrivacyURL: "/privacy", BackURL: k.path,
	})
}

// postContinue mails a code to the address of the claim, whatever the form says.
func (cs *claims) postContinue(c echo.Context, k *claim) error {
	if which, _ := k.decide(); which != landing {
		return web.SeeOther(c, k.path)
	}
	return cs.beginClaim(c, k, k.request())
}

// request asks for a code for the address of the claim, whose link is in hand.
func (k *claim) request() earner.Request {
	return earner.Request{Address: k.Email, Purpose: earner.Claim, Sandbox: k.Sandbox, ClaimLink: strings.TrimPrefix(k.path, claimPrefix)}
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
	t.page = templates.ClaimCode{Page: cs.frame(c, k), Email: last.Address, Long: longSent(last), Action: at, AgainAction: at + "&again=1", Partner: k.Partner, LostURL: "/help"}
	return t, true, nil
}

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
		if refused.Code == earner.AddressTaken {
			return web.SeeOther(c, k.path+"?taken=1")
		}
		return web.SeeOther(c, k.path) // it has ended in another window, and the claim knows where things stand
	})
}
