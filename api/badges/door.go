// Package badges is what strangers and their programs read: badges, achievements, issuers and status lists, as
// documents and as pages. It shows nothing that the issuer does not call shown.
package badges

import (
	"cmp"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner/sharecode"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/paper"
	"github.com/open-insignia/insignia/templates/art"
	"github.com/open-insignia/insignia/verifier"
)

// Options are the parts that the door is made of.
type Options struct {
	Issuer   *issuer.Issuer
	Verifier *verifier.Verifier
	Fonts    *art.Fonts       // of preview cards; nil: those that the program carries
	Paper    *paper.Fonts     // of certificates; nil: the same
	Codes    *sharecode.Codes // of people who show a record
	Sizes    *web.Throttle    // of pictures in a size of its own, of a network; nil: the usual
}

// Door is what strangers and their programs read (contract 4).
type Door struct {
	site      *web.Site
	documents *documents
	pages     *pages
	embeds    *embeds
	people    *people
	shared    *shared
}

// documents are badges, achievements and issuers as files.
type documents struct {
	site   *web.Site
	issuer *issuer.Issuer
	fonts  *art.Fonts
	paper  *paper.Fonts
	made   *web.Cache // what was rendered
	sizes  *web.Throttle
}

// pages are badges, achievements and issuers for people.
type pages struct {
	site      *web.Site
	issuer    *issuer.Issuer
	verifier  *verifier.Verifier
	documents *documents
}

// New makes the door.
func New(site *web.Site, o Options) *Door {
	d := &documents{
		site: site, issuer: o.Issuer, fonts: o.Fonts, paper: o.Paper, made: web.NewCache(),
		sizes: cmp.Or(o.Sizes, web.NewThrottle(sizesPerSecond, sizesBurst, site.Now)),
	}
	if d.paper == nil {
		d.paper = paper.NewFonts("")
	}
	ps := &pages{site, o.Issuer, o.Verifier, d}
	return &Door{site, d, ps, &embeds{site, d}, &people{site, d}, &shared{site, o.Codes, ps}}
}

// Routes are all addresses of the door.
func (d *Door) Routes() []web.Route {
	return web.Table(
		d.pages.badgeRoutes(), d.documents.badgeRoutes(), d.documents.pictureRoutes(), d.documents.holderRoutes(),
		d.pages.routes(), d.documents.issuerRoutes(), d.embeds.routes(), d.people.routes(), d.shared.routes(),
	)
}

const (
	sizesPerSecond = 5 // pictures in a size of its own, which are drawn for it, of one network
	sizesBurst     = 40
)
