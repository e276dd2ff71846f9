package badges

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/paper"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// certificate is the badge on a sheet of paper (?paper=, ?lang=), while it proves anything. A name that no font here can
// write is refused: the page of the badge can be printed instead.
func (ds *documents) certificate(c echo.Context, b *credential.Badge) (web.Document, error) {
	size := paper.Size(cmp.Or(c.QueryParam("paper"), string(paper.A4)))
	if size != paper.A4 && size != paper.Letter {
		p := web.NewProblem(web.CodeInvalid, "The paper is not one of ours.")
		p.Fields = []refusal.Field{{Pointer: web.InQuery + "paper", Code: "bad_value", Detail: "must be a4 or letter"}}
		return web.Document{}, p
	}
	if b.Validity != ledger.Valid && b.Validity != ledger.Expired {
		why := web.NewProblem("no_certificate", "The badge was withdrawn, replaced or put on hold. Its page tells how it stands.")
		return web.Document{}, ds.noCertificate(c, b, why, &paper.NoFontError{})
	}
	if c.QueryParam("lang") == "" {
		web.Vary(c.Response().Header(), "Accept-Language")
	}
	lang := templates.Match(c.QueryParam("lang"), "", c.Request().Header.Get("Accept-Language"))
	ctx := context.WithoutCancel(c.Request().Context()) // others may wait for it
	holder := cmp.Or(b.ShownName(), templates.HiddenName(lang))
	if strings.HasPrefix(c.Path(), web.MyBadgesPath) || strings.HasPrefix(c.Path(), web.SharedPath) {
		holder = b.HolderName // what holders hand out themselves is in their name
	}
	d, err := ds.made.Get(keyOf(b, "certificate "+lang+" "+string(size)+" "+holder), func() (web.Document, error) {
		return ds.drawCertificate(ctx, b, lang, size, holder)
	})
	if no := (*paper.NoFontError)(nil); errors.As(err, &no) {
		return d, ds.noCertificate(c, b, web.NewProblem("no_font", "No font here can write "+strings.Join(no.Names(), " ")+"."), no)
	}
	return d, err
}

// noCertificate is why there is none, with the way to the page of the badge.
func (ds *documents) noCertificate(c echo.Context, b *credential.Badge, p *web.Problem, no *paper.NoFontError) error {
	page := templates.NoCertificate{Page: ds.site.Page(c), Characters: no.Names(), Scripts: no.Scripts, BadgeURL: "/badges/" + b.Award.ID}
	if !b.Award.Shown() {
		page.BadgeURL = web.MyBadgesPath + "/" + b.Award.ID
	}
	if strings.HasPrefix(c.Path(), web.SharedPath) {
		page.BadgeURL = web.SharedPath + c.Param("code")
	}
	return ds.site.AsPage(c, p, page)
}

// drawCertificate draws one at a time, as pictures are.
func (ds *documents) drawCertificate(ctx context.Context, b *credential.Badge, lang string, size paper.Size, holder string) (web.Document, error) {
	picture, err := ds.cardPicture(ctx, b.Achievement, lang)
	if err != nil {
		return web.Document{}, err
	}
	code, err := ds.qr(b)
	if err != nil {
		return web.Document{}, err
	}
	leave, err := ds.site.Drawing.Enter(ctx)
	if err != nil {
		return web.Document{}, err
	}
	defer leave()
	f, by := ds.issuer.Facts(b), wording.IssuerName(b.Achievement, lang)
	pdf, err := ds.paper.Certificate(paper.Certificate{
		Certificate: templates.Certificate{
			Lang: lang, Holder: holder, Title: wording.InLanguage(b.Achievement, b.Achievement.Name, lang),
			Issuer: by, Kind: string(b.Award.Kind),
			EarnedOn: f.EarnedOn.Time(), Expires: f.ExpiresOn.Time(), Number: b.Award.ID, URL: ds.issuer.BadgeURL(b.Award.ID),
			Private: !b.Award.Shown(), Sandbox: b.Sandbox,
		},
		Size: size, Program: ds.site.PublicName(by.Value), Made: b.IssuedAt, Picture: picture, QR: code,
	})
	if err != nil {
		return web.Document{}, fmt.Errorf("draw certificate of badge %s: %w", b.Award.ID, err)
	}
	return web.NewDocument("application/pdf", pdf), nil
}
