package api

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/templates/art"
)

// card is the preview that social sites show of a badge's page, in the language of the page.
func (s *Server) card(c echo.Context, b *issuer.Badge) (issuer.Document, error) {
	lang := templates.Match(c.QueryParam("lang"), "", "")
	ctx := context.WithoutCancel(c.Request().Context()) // others may wait for it
	key := keyOf(b, "card "+lang+" "+string(b.Validity))
	return s.made.get(key, func() (issuer.Document, error) {
		png, err := s.cardPicture(ctx, b.Achievement, lang)
		if err != nil {
			return issuer.Document{}, err
		}
		leave, err := s.drawing.enter(ctx)
		if err != nil {
			return issuer.Document{}, err
		}
		defer leave()
		card, err := art.Card(art.CardData{
			Badge: png, Holder: b.HolderName, Title: b.Achievement.In(b.Achievement.Name, lang), Issuer: issuerName(b.Achievement, lang).Value,
			Code: b.Achievement.Code, Domain: s.base.Host, Page: "/badges/" + b.Award.ID, Line: cardLine(lang, b), Fonts: s.o.Fonts,
		})
		if err != nil {
			return issuer.Document{}, fmt.Errorf("draw card of badge %s: %w", b.Award.ID, err)
		}
		return document("image/png", card), nil
	})
}

// cardPicture is the badge on a card in a language.
func (s *Server) cardPicture(ctx context.Context, a *issuer.Achievement, lang string) ([]byte, error) {
	if a.PicturedIn(lang) {
		d, err := s.drawn(ctx, a.ID, lang, issuer.PictureSize)
		return d.Body, err
	}
	png, _, err := s.o.Issuer.PNG(ctx, a.ID)
	return png, err
}

// cardLine is when the badge was earned and how it stands, unless it stands well.
func cardLine(lang string, b *issuer.Badge) string {
	line := templates.Date(lang, b.Award.EarnedOn.Time())
	if b.Validity == issuer.Valid {
		return line
	}
	return line + " · " + templates.Verdict(lang, templates.VerdictFacts{Verdict: string(b.Validity)}).Headline
}
