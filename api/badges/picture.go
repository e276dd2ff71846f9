package badges

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/templates/art"
)

func (ds *documents) pictureRoutes() []web.Route {
	return web.Table(
		web.Open("/badges/:id/image.png", ds.badge("/image.png", ds.badgePicture)),
		web.Open("/badges/:id/card.png", ds.badge("/card.png", ds.card)),
		web.Open("/badges/:id/qr.png", ds.badge("/qr.png", ds.qrPNG)),
		web.Open("/badges/:id/qr.svg", ds.badge("/qr.svg", ds.qrSVG)),
		web.Open("/achievements/:id/image.png", ds.getAchievementPNG),
		web.Open("/achievements/:id/image.svg", ds.getAchievementSVG),
	)
}

// Edges of pictures in pixels (?size=).
const (
	pictureLeast = 32
	pictureMost  = 1200
)

// badgePicture is the picture of a badge with nothing inside.
func (ds *documents) badgePicture(c echo.Context, b *credential.Badge) (web.Document, error) {
	return ds.picture(c, b.Achievement.ID)
}

// getAchievementPNG answers GET /achievements/:id/image.png.
func (ds *documents) getAchievementPNG(c echo.Context) error {
	id := c.Param("id")
	if !web.PlausibleID(id) {
		return web.NotShown()
	}
	d, err := ds.picture(c, id)
	if err != nil {
		return err
	}
	return web.Serve(c, d, web.CacheDay)
}

// getAchievementSVG answers GET /achievements/:id/image.svg.
func (ds *documents) getAchievementSVG(c echo.Context) error {
	id := c.Param("id")
	if !web.PlausibleID(id) {
		return web.NotShown()
	}
	d, found, err := ds.issuer.SVGIn(c.Request().Context(), id, c.QueryParam("lang"))
	if err != nil {
		return err
	}
	if !found {
		return web.NotShown()
	}
	return web.Serve(c, web.Document(d), web.CacheDay)
}

// picture is an achievement's PNG in the size and language that are asked for (?size=, ?lang=), or the one that is
// stored.
func (ds *documents) picture(c echo.Context, achievement string) (web.Document, error) {
	ctx := context.WithoutCancel(c.Request().Context()) // others may wait for it
	size, err := pictureSize(c)
	if err != nil {
		return web.Document{}, err
	}
	a, found, err := ds.issuer.Achievement(ctx, achievement)
	if err == nil && !found {
		err = web.NotShown()
	}
	if err != nil {
		return web.Document{}, err
	}
	lang, white := pictureLang(a, c.QueryParam("lang")), c.QueryParam("ground") == "white"
	if (lang != "" || white) && size == 0 {
		size = catalogue.PictureSize
	}
	if size != 0 {
		if err := ds.sizes.Allow(c, web.Network(c)); err != nil {
			return web.Document{}, err
		}
	}
	return ds.made.Get(pictureKey(achievement, lang, size, white), func() (web.Document, error) {
		if size == 0 {
			png, found, err := ds.issuer.PNG(ctx, achievement)
			if err == nil && !found {
				err = web.NotShown()
			}
			return web.NewDocument("image/png", png), err
		}
		d, err := ds.drawn(ctx, achievement, lang, size)
		if err == nil && white {
			d, err = onWhite(d)
		}
		return d, err
	})
}

func pictureKey(achievement, lang string, size int, white bool) string {
	return "picture " + achievement + " " + lang + " " + strconv.Itoa(size) + " " + strconv.FormatBool(white)
}

// onWhite is a picture that nothing shines through: mail programs draw a dark ground behind those that have none.
func onWhite(d web.Document) (web.Document, error) {
	picture, err := png.Decode(bytes.NewReader(d.Body))
	if err != nil {
		return d, fmt.Errorf("read drawn picture: %w", err)
	}
	opaque := image.NewRGBA(picture.Bounds())
	draw.Draw(opaque, opaque.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(opaque, opaque.Rect, picture, picture.Bounds().Min, draw.Over)
	var b bytes.Buffer
	err = png.Encode(&b, opaque)
	return web.NewDocument("image/png", b.Bytes()), err
}

// pictureLang is a language in which the achievement has a picture of its own, or none.
func pictureLang(a *catalogue.Achievement, lang string) string {
	if a.PicturedIn(lang) {
		return lang
	}
	return ""
}

// drawn renders a picture in a size or language of its own. One is rendered at a time: it takes a core for a while.
func (ds *documents) drawn(ctx context.Context, achievement, lang string, size int) (web.Document, error) {
	svg, found, err := ds.issuer.SVGIn(ctx, achievement, lang)
	if err == nil && !found {
		err = web.NotShown()
	}
	if err != nil {
		return web.Document{}, err
	}
	leave, err := ds.site.Drawing.Enter(ctx)
	if err != nil {
		return web.Document{}, err
	}
	defer leave()
	png, err := ds.issuer.Raster(svg.Body, size)
	return web.NewDocument("image/png", png), err
}

// pictureSize is the size in the query; 0: none.
func pictureSize(c echo.Context) (int, error) {
	text := c.QueryParam("size")
	if text == "" {
		return 0, nil
	}
	size, err := strconv.Atoi(text)
	if err != nil || size < pictureLeast || size > pictureMost {
		p := web.NewProblem(web.CodeInvalid, "The size is not one of ours.")
		p.Fields = []refusal.Field{{Pointer: web.InQuery + "size", Code: "bad_value",
			Detail: "must be a number of pixels from " + strconv.Itoa(pictureLeast) + " to " + strconv.Itoa(pictureMost)}}
		return 0, p
	}
	return size, nil
}

// card is the preview that social sites show of a badge's page, in the language of the page.
func (ds *documents) card(c echo.Context, b *credential.Badge) (web.Document, error) {
	lang := templates.Match(c.QueryParam("lang"), "", "")
	ctx := context.WithoutCancel(c.Request().Context()) // others may wait for it
	key := keyOf(b, "card "+lang+" "+string(b.Validity))
	return ds.made.Get(key, func() (web.Document, error) {
		png, err := ds.cardPicture(ctx, b.Achievement, lang)
		if err != nil {
			return web.Document{}, err
		}
		leave, err := ds.site.Drawing.Enter(ctx)
		if err != nil {
			return web.Document{}, err
		}
		defer leave()
		card, err := art.Card(art.CardData{
			Badge: png, Holder: b.ShownName(), Title: b.Achievement.In(b.Achievement.Name, lang),
			Issuer: wording.IssuerName(b.Achievement, lang).Value, Code: b.Achievement.Code,
			Domain: ds.site.Base.Host, Page: "/badges/" + b.Award.ID, Line: ds.cardLine(lang, b),
			Fonts: ds.fonts,
		})
		if err != nil {
			return web.Document{}, fmt.Errorf("draw card of badge %s: %w", b.Award.ID, err)
		}
		return web.NewDocument("image/png", card), nil
	})
}

// cardPicture is the badge on a card or a certificate in a language.
func (ds *documents) cardPicture(ctx context.Context, a *catalogue.Achievement, lang string) ([]byte, error) {
	if a.PicturedIn(lang) {
		d, err := ds.made.Get(pictureKey(a.ID, lang, catalogue.PictureSize, false), func() (web.Document, error) {
			return ds.drawn(ctx, a.ID, lang, catalogue.PictureSize)
		})
		return d.Body, err
	}
	png, _, err := ds.issuer.PNG(ctx, a.ID)
	return png, err
}

// cardLine is when the badge was earned and how it stands, unless it stands well.
func (ds *documents) cardLine(lang string, b *credential.Badge) string {
	line, f := templates.Date(lang, b.Award.EarnedOn.Time()), ds.issuer.Facts(b)
	if b.Validity == ledger.Valid {
		return line
	}
	return line + " · " + templates.Standing(lang, string(b.Validity), f.Since, f.ExpiresOn.Time())
}
