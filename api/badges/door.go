// Package badges is what strangers and their programs read: badges, achievements, issuers and status lists, as
// documents and as pages. It shows nothing that the issuer does not call shown.
package badges

import (
	"cmp"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/templates/art"
	"github.com/open-insignia/insignia/verifier"
)

// Options are the parts that the door is made of.
type Options struct {
	Issuer   *issuer.Issuer
	Verifier *verifier.Verifier
	Fonts    *art.Fonts    // of preview cards; nil: those that the program carries
	Sizes    *web.Throttle // of pictures in a size of its own, of a network; nil: the usual
}

// Door is what strangers and their programs read (contract 4).
type Door struct {
	site      *web.Site
	documents *documents
	pages     *pages
}

// documents are badges, achievements and issuers as files.
type documents struct {
	site   *web.Site
	issuer *issuer.Issuer
	fonts  *art.Fonts
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
		site: site, issuer: o.Issuer, fonts: o.Fonts, made: web.NewCache(),
		sizes: cmp.Or(o.Sizes, web.NewThrottle(sizesPerSecond, sizesBurst, site.Now)),
	}
	return &Door{site, d, &pages{site, o.Issuer, o.Verifier, d}}
}

// Routes are all addresses of the door.
func (d *Door) Routes() []web.Route {
	site, ds, ps := d.site, d.documents, d.pages
	mine := func(document func(c echo.Context, b *issuer.Badge) (issuer.Document, error)) echo.HandlerFunc {
		return site.Personal(site.SignedIn(ds.myFile(document)))
	}
	return web.Table(
		web.Open("/badges/:id", ps.getBadge),
		web.Open("/badges/:id/", getBadgeSlash),
		web.Open("/badges/:id/assertion.json", ds.badge("/assertion.json", ds.assertion)),
		web.Open("/badges/:id/credential.jwt", ds.badge("/credential.jwt", ds.credentialJWT)),
		web.Open("/badges/:id/credential.json", ds.badge("/credential.json", ds.credentialJSON)),
		web.Open("/badges/:id/assertion.jws", ds.badge("/assertion.jws", ds.signedAssertion)),
		web.Open("/badges/:id/badge.png", ds.badge("/badge.png", ds.bakedPNG)),
		web.Open("/badges/:id/badge.svg", ds.badge("/badge.svg", ds.bakedSVG)),
		web.Open("/badges/:id/image.png", ds.badge("/image.png", ds.badgePicture)),
		web.Open("/badges/:id/card.png", ds.badge("/card.png", ds.card)),
		web.Open("/badges/:id/qr.png", ds.badge("/qr.png", ds.qrPNG)),
		web.Open("/badges/:id/qr.svg", ds.badge("/qr.svg", ds.qrSVG)),

		web.Get("/achievements/:id", ps.getAchievement),
		web.Open("/achievements/:id/badgeclass.json", ds.achievement(ds.badgeClass)),
		web.Open("/achievements/:id/achievement.json", ds.achievement(ds.achievementDocument)),
		web.Open("/achievements/:id/image.png", ds.getAchievementPNG),
		web.Open("/achievements/:id/image.svg", ds.getAchievementSVG),

		web.Get("/issuers/:id", ps.getIssuer),
		web.Open("/issuers/:id/profile.json", ds.issuerDocument(issuer.IssuerDocuments.Profile)),
		web.Open("/issuers/:id/issuer.json", ds.issuerDocument(issuer.IssuerDocuments.Issuer)),
		web.Open("/issuers/:id/did.json", ds.issuerDocument(issuer.IssuerDocuments.DID)),
		web.Open("/issuers/:id/revocations.json", ds.getRevocations),
		web.Open("/issuers/:id/keys/:file", ds.getKey),
		web.Open("/issuers/:id/keys/:file/profile.json", ds.getKeyProfile),
		web.Open("/.well-known/jwks.json", ds.getKeySet),
		web.Open("/status/:list", ds.getStatus),

		// Files of a badge that only its holder sees.
		web.Get("/me/badges/:id/badge.png", mine(ds.bakedPNG)),
		web.Get("/me/badges/:id/badge.svg", mine(ds.bakedSVG)),
		web.Get("/me/badges/:id/credential.json", mine(ds.credentialJSON)),
		web.Get("/me/badges/:id/credential.jwt", mine(ds.credentialJWT)),
		web.Get("/me/badges/:id/assertion.jws", mine(ds.signedAssertion)),
	)
}

const (
	sizesPerSecond = 5 // pictures in a size of its own, which are drawn for it, of one network
	sizesBurst     = 40
)
