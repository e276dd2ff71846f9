package badges

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
)

func (ds *documents) badgeRoutes() []web.Route {
	return web.Table(
		web.Open("/badges/:id/assertion.json", ds.badge("/assertion.json", ds.assertion)),
		web.Open("/badges/:id/credential.jwt", ds.badge("/credential.jwt", ds.credentialJWT)),
		web.Open("/badges/:id/credential.json", ds.badge("/credential.json", ds.credentialJSON)),
		web.Open("/badges/:id/assertion.jws", ds.badge("/assertion.jws", ds.signedAssertion)),
		web.Open("/badges/:id/badge.png", ds.badge("/badge.png", ds.bakedPNG)),
		web.Open("/badges/:id/badge.svg", ds.badge("/badge.svg", ds.bakedSVG)),
		web.Open("/badges/:id/certificate.pdf", ds.badge("/certificate.pdf", ds.certificate)),
	)
}

// holderRoutes are files of a badge for its holder, who may be the only one that sees it.
func (ds *documents) holderRoutes() []web.Route {
	mine := func(document badgeFile) echo.HandlerFunc {
		return ds.site.Personal(ds.site.SignedIn(ds.myFile(document)))
	}
	return web.Table(
		web.Get("/me/badges/:id/badge.png", mine(ds.bakedPNG)),
		web.Get("/me/badges/:id/badge.svg", mine(ds.bakedSVG)),
		web.Get("/me/badges/:id/credential.json", mine(ds.credentialJSON)),
		web.Get("/me/badges/:id/credential.jwt", mine(ds.credentialJWT)),
		web.Get("/me/badges/:id/assertion.jws", mine(ds.signedAssertion)),
		web.Get("/me/badges/:id/certificate.pdf", mine(ds.certificate)),
	)
}

// published is a badge that strangers may see, looked up anew for each request. Everything else – unknown,
// waiting, declined, private – is the same NotShown.
func (ds *documents) published(c echo.Context) (*credential.Badge, error) {
	return ds.seen(c, "")
}

// seen is the badge of the address as somebody sees it who is signed in; "" is a stranger.
func (ds *documents) seen(c echo.Context, by string) (*credential.Badge, error) {
	id := c.Param("id")
	if !web.PlausibleID(id) {
		return nil, web.NotShown()
	}
	b, found, err := ds.issuer.Seen(c.Request().Context(), id, by)
	if err == nil && !found {
		err = web.NotShown()
	}
	return b, err
}

// badgeFile makes one form of a badge.
type badgeFile func(c echo.Context, b *credential.Badge) (web.Document, error)

// badge serves a form of a badge. A superseded one leads to the same form of the one that stayed.
func (ds *documents) badge(form string, document badgeFile) echo.HandlerFunc {
	return func(c echo.Context) error {
		b, err := ds.published(c)
		if err != nil {
			return err
		}
		if moved, err := ds.moved(c, b, form); moved || err != nil {
			return err
		}
		return ds.serveBadge(c, b, document)
	}
}

func (ds *documents) serveBadge(c echo.Context, b *credential.Badge, document badgeFile) error {
	d, err := document(c, b)
	if err != nil {
		return err
	}
	if !b.Listed() {
		c.Response().Header().Set("X-Robots-Tag", "noindex")
	}
	if name := saveAs(b, c.Path()); name != "" {
		c.Response().Header().Set(echo.HeaderContentDisposition, name)
	}
	return web.Serve(c, d, web.CacheMinute)
}

// moved answers for a superseded badge whose successor can be seen.
func (ds *documents) moved(c echo.Context, b *credential.Badge, form string) (bool, error) {
	next, err := ds.issuer.Successor(c.Request().Context(), b)
	if err != nil || next == nil {
		return false, err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, web.CacheMinute)
	h.Set("Access-Control-Allow-Origin", "*")
	target := ds.issuer.BadgeURL(next.Award.ID) + form
	if q := c.Request().URL.RawQuery; q != "" {
		target += "?" + q
	}
	return true, c.Redirect(http.StatusPermanentRedirect, target)
}

// assertion is the Open Badges 2.0 hosted assertion, also for those who ask for plain JSON.
func (ds *documents) assertion(c echo.Context, b *credential.Badge) (web.Document, error) {
	return ds.signed(c, b, "assertion", ds.issuer.Assertion)
}

// credentialJWT is the VC-JWT, as text unless a type of its own is asked for.
func (ds *documents) credentialJWT(c echo.Context, b *credential.Badge) (web.Document, error) {
	web.Vary(c.Response().Header(), "Accept")
	d, err := ds.made.Get(keyOf(b, "jwt"), func() (web.Document, error) { return web.Document(b.CredentialJWT()), nil })
	d.Type = web.TypeText
	if wanted := web.Preferred(web.Accepted(c.Request().Header.Get(echo.HeaderAccept)), web.TokenTypes...); wanted != "" {
		d.Type = wanted
	}
	return d, err
}

// credentialJSON is the credential with a Data Integrity proof, as the type that is asked for.
func (ds *documents) credentialJSON(c echo.Context, b *credential.Badge) (web.Document, error) {
	web.Vary(c.Response().Header(), "Accept")
	d, err := ds.signed(c, b, "json", ds.issuer.CredentialJSON)
	if wanted := web.Preferred(web.Accepted(c.Request().Header.Get(echo.HeaderAccept)), web.DataTypes...); wanted != "" {
		d.Type = wanted
	}
	return d, err
}

// signedAssertion is the signed Open Badges 2.0 assertion.
func (ds *documents) signedAssertion(c echo.Context, b *credential.Badge) (web.Document, error) {
	return ds.signed(c, b, "jws", ds.issuer.SignedAssertion)
}

// bakedPNG and bakedSVG are the picture with both standards inside.
func (ds *documents) bakedPNG(c echo.Context, b *credential.Badge) (web.Document, error) {
	return ds.signed(c, b, "baked png", ds.issuer.BakedPNG)
}

func (ds *documents) bakedSVG(c echo.Context, b *credential.Badge) (web.Document, error) {
	return ds.signed(c, b, "baked svg", ds.issuer.BakedSVG)
}

// signed is a document that takes reading or signing first.
func (ds *documents) signed(
	c echo.Context, b *credential.Badge, form string,
	sign func(context.Context, *credential.Badge) (catalogue.Document, error),
) (web.Document, error) {
	ctx := context.WithoutCancel(c.Request().Context()) // others may wait for it
	return ds.made.Get(keyOf(b, form), func() (web.Document, error) {
		d, err := sign(ctx, b)
		return web.Document(d), err
	})
}

// keyOf names what a rendering of a badge depends on: its edition, and every change of its state.
func keyOf(b *credential.Badge, form string) string {
	return form + " " + b.Award.ID + " " + strconv.FormatInt(b.Award.Revision, 36) + " " + strconv.FormatInt(b.Award.Version, 36)
}

// saveAs is the Content-Disposition of a badge's file: {title}-{holder}.{ext} in ASCII, and as the names are
// written where that says more (contract 6.1; RFC 6266, appendix D). It is shown where a browser can show it.
func saveAs(b *credential.Badge, address string) string {
	ext := path.Ext(address)
	if ext == "" {
		return ""
	}
	title := b.Achievement.In(b.Achievement.Name, b.Achievement.Language)
	plain, written := wording.FileName(title, b.ShownName()+apart[strings.TrimSuffix(path.Base(address), ext)])
	value := `inline; filename="` + plain + ext + `"`
	if written != plain {
		value += "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(written+ext), "+", "%20")
	}
	return value
}

// apart keeps files of one kind apart in somebody's folder, above all the pictures that prove nothing.
var apart = map[string]string{"assertion": " 2.0", "card": " card", "image": " picture", "qr": " qr"}

// myFile serves a file of the person's own badge, also of one that nobody else sees: what the holder hands
// out proves itself (flows 2.5).
func (ds *documents) myFile(document badgeFile) func(c echo.Context, who *web.Person) error {
	return func(c echo.Context, who *web.Person) error {
		b, err := ds.seen(c, who.ID)
		if err != nil {
			return err
		}
		if b.Award.Holder != who.ID {
			return web.NotShown()
		}
		d, err := document(c, b)
		if err != nil {
			return err
		}
		c.Response().Header().Set(echo.HeaderContentDisposition, saveAs(b, c.Path()))
		return c.Blob(http.StatusOK, d.Type, d.Body)
	}
}
