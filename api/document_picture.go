package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/refusal"
)

// Edges of pictures in pixels (?size=).
const (
	pictureLeast = 32
	pictureMost  = 1200
)

// badgePicture is the picture of a badge with nothing inside.
func (s *Server) badgePicture(c echo.Context, b *issuer.Badge) (issuer.Document, error) {
	return s.picture(c, b.Achievement.ID)
}

func (s *Server) getAchievementPNG(c echo.Context) error {
	id := c.Param("id")
	if !plausibleID(id) {
		return notShown()
	}
	d, err := s.picture(c, id)
	if err != nil {
		return err
	}
	return s.serve(c, d, cacheDay)
}

func (s *Server) getAchievementSVG(c echo.Context) error {
	id := c.Param("id")
	if !plausibleID(id) {
		return notShown()
	}
	d, found, err := s.o.Issuer.SVGIn(c.Request().Context(), id, c.QueryParam("lang"))
	if err != nil {
		return err
	}
	if !found {
		return notShown()
	}
	return s.serve(c, d, cacheDay)
}

// picture is an achievement's PNG in the size and language that are asked for (?size=, ?lang=), or the one that is
// stored.
func (s *Server) picture(c echo.Context, achievement string) (issuer.Document, error) {
	ctx := context.WithoutCancel(c.Request().Context()) // others may wait for it
	size, err := pictureSize(c)
	if err != nil {
		return issuer.Document{}, err
	}
	a, found, err := s.o.Issuer.Achievement(ctx, achievement)
	if err == nil && !found {
		err = notShown()
	}
	if err != nil {
		return issuer.Document{}, err
	}
	lang := pictureLang(a, c.QueryParam("lang"))
	if lang != "" && size == 0 {
		size = issuer.PictureSize
	}
	if size != 0 {
		if err := s.sizes.allow(c, network(c)); err != nil {
			return issuer.Document{}, err
		}
	}
	return s.made.get("picture "+achievement+" "+lang+" "+strconv.Itoa(size), func() (issuer.Document, error) {
		if size == 0 {
			png, found, err := s.o.Issuer.PNG(ctx, achievement)
			if err == nil && !found {
				err = notShown()
			}
			return document("image/png", png), err
		}
		return s.drawn(ctx, achievement, lang, size)
	})
}

// pictureLang is a language in which the achievement has a picture of its own, or none.
func pictureLang(a *issuer.Achievement, lang string) string {
	if a.PicturedIn(lang) {
		return lang
	}
	return ""
}

// drawn renders a picture in a size or language of its own. One is rendered at a time: it takes a core for a while.
func (s *Server) drawn(ctx context.Context, achievement, lang string, size int) (issuer.Document, error) {
	svg, found, err := s.o.Issuer.SVGIn(ctx, achievement, lang)
	if err == nil && !found {
		err = notShown()
	}
	if err != nil {
		return issuer.Document{}, err
	}
	leave, err := s.drawing.enter(ctx)
	if err != nil {
		return issuer.Document{}, err
	}
	defer leave()
	png, err := s.o.Issuer.Artist.Raster(svg.Body, size)
	return document("image/png", png), err
}

// pictureSize is the size in the query; 0: none.
func pictureSize(c echo.Context) (int, error) {
	text := c.QueryParam("size")
	if text == "" {
		return 0, nil
	}
	size, err := strconv.Atoi(text)
	if err != nil || size < pictureLeast || size > pictureMost {
		p := trouble(codeInvalid, "The size is not one of ours.")
		p.fields = []refusal.Field{{Pointer: inQuery + "size", Code: "bad_value",
			Detail: "must be a number of pixels from " + strconv.Itoa(pictureLeast) + " to " + strconv.Itoa(pictureMost)}}
		return 0, p
	}
	return size, nil
}

// document makes bytes of our own a document with an ETag.
func document(mediaType string, body []byte) issuer.Document {
	sum := sha256.Sum256(body)
	return issuer.Document{Body: body, Type: mediaType, ETag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
}
