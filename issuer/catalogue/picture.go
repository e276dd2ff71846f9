package catalogue

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/programme"
)

// PictureSize is the edge of the stored picture in pixels.
const PictureSize = 600

// SVG is the achievement's picture as it was drawn.
func (c *Catalogue) SVG(ctx context.Context, achievementID string) (Document, bool, error) {
	svg, _, found, err := selectPictures(ctx, c.db.Reader(), achievementID)
	if err != nil || !found {
		return Document{}, false, err
	}
	return NewDocument(TypeSVG, []byte(svg)), true, nil
}

// SVGIn is the achievement's picture for readers of a language: where PicturedIn the one that was brought for them
// or is drawn anew, else the one that is signed.
func (c *Catalogue) SVGIn(ctx context.Context, achievementID, lang string) (Document, bool, error) {
	a, found, err := c.Achievement(ctx, achievementID)
	if err != nil || !found {
		return Document{}, false, err
	}
	if !a.PicturedIn(lang) {
		return c.SVG(ctx, achievementID)
	}
	if a.Image != "" {
		svg, found, err := selectPicture(ctx, c.db.Reader(), programme.PictureDigest(a.Images[lang]))
		return NewDocument(TypeSVG, []byte(svg)), found, err
	}
	return NewDocument(TypeSVG, c.artist.Draw(a.picture(lang))), true, nil
}

// PNG is the achievement's picture of PictureSize pixels. It is rendered once, when it is first
// wanted, and stored.
func (c *Catalogue) PNG(ctx context.Context, achievementID string) ([]byte, bool, error) {
	svg, png, found, err := selectPictures(ctx, c.db.Reader(), achievementID)
	if err != nil || !found || png != nil {
		return png, found, err
	}
	if png, err = c.artist.Raster([]byte(svg), PictureSize); err != nil {
		return nil, false, fmt.Errorf("render picture of achievement %s: %w", achievementID, err)
	}
	err = c.db.InTx(ctx, func(t *database.Tx) error { return updatePNG(ctx, t, achievementID, png) })
	if err != nil {
		return nil, false, err
	}
	if _, png, _, err = selectPictures(ctx, c.db.Reader(), achievementID); err != nil {
		return nil, false, err // another process may have been first: its bytes are the ones that stay
	}
	return png, true, nil
}

// updatePNG keeps the first rendering for ever.
func updatePNG(ctx context.Context, t *database.Tx, id string, png []byte) error {
	_, err := t.Exec(ctx, `
		UPDATE achievement
		SET png = ?
		WHERE id = ? AND png IS NULL`, png, id)
	return err
}

// Raster turns a picture into a square PNG of that many pixels.
func (c *Catalogue) Raster(svg []byte, size int) ([]byte, error) { return c.artist.Raster(svg, size) }

func selectPicture(ctx context.Context, t *database.Tx, digest string) (svg string, found bool, err error) {
	found, err = t.Get(ctx, &svg, `
		SELECT svg
		FROM picture
		WHERE digest = ?`, digest)
	return svg, found, err
}
