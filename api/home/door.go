// Package home is the earner's home: claiming, signing in, their badges and results, and the pages for everybody.
// Who somebody is says earner, and what is theirs the issuer.
package home

import (
	"cmp"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/identity"
	"github.com/open-insignia/insignia/earner/leaving"
	"github.com/open-insignia/insignia/earner/sharecode"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/issuer/merging"
	"github.com/open-insignia/insignia/issuer/training"
	"github.com/open-insignia/insignia/issuer/wallet"
	"github.com/open-insignia/insignia/paper"
	"github.com/open-insignia/insignia/templates"
)

// Options are the parts that the door is made of.
type Options struct {
	Issuer    *issuer.Issuer
	Trainings *training.Trainings
	Accounts  *earner.Accounts
	Leaving   *leaving.Requests
	Exports   *leaving.Exports
	Letters   SentLetters
	Wallets   *wallet.Wallets
	Providers *identity.Providers // nil: nobody signs in elsewhere
	Passkeys  *identity.Passkeys  // nil: nobody has any
	Profiles  *connection.Connections
	Merging   *merging.Merging
	Mailbox   bool             // the built-in mailbox has a page
	Sender    string           // of all mail, "Name <address>"
	Paper     *paper.Fonts     // of transcripts; nil: those that the program carries
	Codes     *sharecode.Codes // that somebody made to show a record
}

// Door is the earner's home and the pages for everybody (contract 6).
type Door struct {
	site        *web.Site
	issuer      *issuer.Issuer
	claims      *claims
	sessions    *sessions
	backpack    *backpack
	settings    *settings
	ways        *accountSettings
	elsewhere   *elsewhere
	passkeys    *passkeys
	sharing     *sharing
	held        *heldData
	mailbox     bool
	sender      string
	icon        templates.Asset
	transcripts *transcripts
	codes       *shareCodes
	connecting  *connecting
}

// sessions are how somebody signs in: by a code that is mailed to them.
type sessions struct {
	site      *web.Site
	issuer    *issuer.Issuer
	accounts  *earner.Accounts
	providers *identity.Providers
	keys      *identity.Passkeys
}

// claims are the pages below a claim link.
type claims struct {
	site     *web.Site
	issuer   *issuer.Issuer
	accounts *earner.Accounts
	sessions *sessions
	backpack *backpack
	profiles *connection.Connections
}

// backpack is the badges and results of whoever is signed in.
type backpack struct {
	site      *web.Site
	issuer    *issuer.Issuer
	trainings *training.Trainings
	profiles  *connecting
	drawn     *web.Cache
}

// New makes the door.
func New(site *web.Site, o Options) *Door {
	ss := &sessions{site, o.Issuer, o.Accounts, o.Providers, o.Passkeys}
	es := &elsewhere{site, o.Issuer, o.Accounts, o.Providers, o.Profiles, ss}
	cn := &connecting{site, o.Issuer, o.Accounts, o.Providers, ss, o.Profiles, o.Merging, o.Trainings}
	bp := &backpack{site, o.Issuer, o.Trainings, cn, web.NewCache()}
	cs := &claims{site, o.Issuer, o.Accounts, ss, bp, o.Profiles}
	ways := &accountSettings{site, o.Accounts, o.Profiles, ss, es}
	st := &settings{site, []settingsSection{&acceptingSettings{site, o.Issuer, o.Accounts}, &profileSettings{site, o.Issuer, o.Accounts}, ways, &dataSettings{site, o.Issuer, o.Accounts, ss, o.Leaving, o.Exports}}}
	sc := &shareCodes{site, o.Issuer, o.Codes}
	ts := &transcripts{site, o.Issuer, cmp.Or(o.Paper, paper.NewFonts("")), sc}
	return &Door{site, o.Issuer, cs, ss, bp, st, ways, es, &passkeys{site, o.Accounts, o.Passkeys, ss}, &sharing{site, o.Issuer, o.Wallets, bp.drawn, sc}, &heldData{site, o.Issuer, o.Accounts, ss, o.Leaving, o.Letters}, o.Mailbox, o.Sender, favicon(), ts, sc, cn}
}

// Routes are all addresses of the door. GET changes nothing anywhere.
func (d *Door) Routes() []web.Route {
	return web.Table(
		d.routes(), d.stopRoutes(), d.held.routes(), d.claims.routes(), d.claims.codeRoutes(), d.claims.lostRoutes(), d.sessions.routes(), d.backpack.routes(),
		d.settings.routes(), d.ways.addressRoutes(), d.elsewhere.routes(), d.elsewhere.settingsRoutes(), d.passkeys.routes(), d.sharing.routes(), d.transcripts.routes(), d.codes.routes(), d.connecting.routes(), assets(),
	)
}
