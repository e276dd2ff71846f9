// Package check is verifying one badge and many, by page and by program, and the records of a check. What is
// genuine says verifier; this package bounds how much is asked of it and shows the answer.
package check

import (
	"cmp"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner/sharecode"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/paper"
	"github.com/open-insignia/insignia/verifier"
)

// Options are the parts that the door is made of.
type Options struct {
	Issuer   *issuer.Issuer
	Verifier *verifier.Verifier
	Records  RecordSigner     // signs records of checks; nil: none are offered
	Version  string           // of the program, as records name it
	Paper    *paper.Fonts     // of records; nil: those that the program carries
	Codes    *sharecode.Codes // of people who show a record
	Checks   *web.Throttle    // of verifications of a network; nil: as documented
	Lists    *web.Throttle    // of lists of a network; nil: the usual
}

// Door is verifying one badge or many, by page and by program, and the records of it (contract 5).
type Door struct {
	site     *web.Site
	issuer   *issuer.Issuer
	verifier *verifier.Verifier
	ours     credential.Site // what strangers find at our addresses
	records  RecordSigner
	version  string
	paper    *paper.Fonts
	codes    shareCodes

	checks      *web.Throttle
	lists       *web.Throttle
	checking    web.Gate // verifications under way
	checkingOwn web.Gate // those of addresses of ours
	reading     web.Gate // lists that are being read
	shares      *shares  // of a network in what is under way
	waits       *waits   // checks that wait for other servers
	runs        *runs    // lists of many badges
	verdicts    *verdicts
}

// New makes the door.
func New(site *web.Site, o Options) *Door {
	return &Door{
		site: site, issuer: o.Issuer, verifier: o.Verifier, ours: credential.NewSite(o.Issuer.Publisher, site.Base),
		records: o.Records, version: o.Version, paper: cmp.Or(o.Paper, paper.NewFonts("")), codes: shareCodes{site, o.Issuer, credential.NewSite(o.Issuer.Publisher, site.Base), o.Codes},
		checks:   cmp.Or(o.Checks, web.NewThrottle(verifyPerSecond, verifyBurst, site.Now)),
		lists:    cmp.Or(o.Lists, web.NewThrottle(listsPerHour/3600.0, listsBurst, site.Now)),
		checking: make(web.Gate, checksAtOnce), checkingOwn: make(web.Gate, ownChecksAtOnce),
		reading: make(web.Gate, 1), shares: newShares(networkAtOnce),
		waits: newWaits(waitsAtOnce, networkWaits), runs: newRuns(site.Now, o.Verifier),
		verdicts: newVerdicts(),
	}
}

// Routes are all addresses of the door.
func (d *Door) Routes() []web.Route {
	return web.Table(d.apiRoutes(), d.pageRoutes(), d.recordRoutes(), d.manyRoutes())
}

const (
	verifyPerSecond = 5 // verifications of one network
	verifyBurst     = 20
	listsPerHour    = 30 // lists of many badges of one network
	listsBurst      = 5
)
