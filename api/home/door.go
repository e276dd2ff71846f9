// Package home is the earner's home: claiming, signing in, their badges and results, and the pages for everybody.
// Who somebody is says earner, and what is theirs the issuer.
package home

import (
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/templates"
)

// Options are the parts that the door is made of.
type Options struct {
	Issuer   *issuer.Issuer
	Accounts *earner.Accounts
	Mailbox  bool // the built-in mailbox has a page
}

// Door is the earner's home and the pages for everybody (contract 6).
type Door struct {
	site     *web.Site
	issuer   *issuer.Issuer
	claims   *claims
	sessions *sessions
	backpack *backpack
	mailbox  bool
	icon     templates.Asset
}

// sessions are how somebody signs in: by a code that is mailed to them.
type sessions struct {
	site     *web.Site
	issuer   *issuer.Issuer
	accounts *earner.Accounts
}

// claims are the pages below a claim link.
type claims struct {
	site     *web.Site
	issuer   *issuer.Issuer
	accounts *earner.Accounts
	sessions *sessions
	backpack *backpack
}

// backpack is the badges and results of whoever is signed in.
type backpack struct {
	site   *web.Site
	issuer *issuer.Issuer
}

// New makes the door.
func New(site *web.Site, o Options) *Door {
	ss := &sessions{site, o.Issuer, o.Accounts}
	bp := &backpack{site, o.Issuer}
	cs := &claims{site, o.Issuer, o.Accounts, ss, bp}
	return &Door{site, o.Issuer, cs, ss, bp, o.Mailbox, favicon()}
}

// Routes are all addresses of the door. GET changes nothing anywhere.
func (d *Door) Routes() []web.Route {
	site, cs, ss, bp := d.site, d.claims, d.sessions, d.backpack
	table := web.Table(
		web.Get("/", site.General(d.getHome)),
		web.Get("/help", site.General(d.getHelp)),
		web.Get("/privacy", site.General(d.getPrivacy)),
		web.Get("/favicon.ico", d.getFavicon),
		web.Get("/robots.txt", getRobots),

		site.Form("/claim/lost", cs.getLost, cs.postLost),
		site.Form("/claim/:token", cs.claim(cs.getClaim), cs.claim(cs.postClaim)),
		site.Form("/claim/:token/continue", cs.claim(cs.getContinue), cs.claim(cs.postContinue)),
		site.Form("/claim/:token/code", cs.claim(cs.getClaimCode), cs.claim(cs.postClaimCode)),
		site.Form("/claim/:token/not-me", cs.claim(cs.getNotMe), cs.claim(cs.postNotMe)),
		web.Get("/claim/:token/done", site.Personal(cs.claim(cs.getDone))),
		site.Form("/confirm/:link", cs.getConfirm, cs.postConfirm),

		site.Form("/sign-in", ss.getSignIn, ss.postSignIn),
		site.Form("/sign-in/code", ss.getSignInCode, ss.postSignInCode),
		web.Post("/sign-out", site.Personal(site.Posted(ss.postSignOut))),
		web.Get("/me", site.Personal(getMe)),
		site.Form("/me/badges", site.SignedIn(bp.getMyBadges), site.SignedIn(bp.postMyBadge)),
		web.Get("/me/credentials", site.Personal(site.SignedIn(bp.getMyCredentials))),

		// Whoever has a stop link may use it, mail programs included (RFC 8058): no check of where it comes from.
		web.Get("/stop/:token", site.Personal(d.getStop)),
		web.Post("/stop/:token", site.Personal(d.postStop)),
	)
	for _, a := range templates.Assets {
		table = append(table, web.Get(a.Path, asset(a))...)
	}
	return table
}
