package issuer

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/database"
)

// pictureSize is the edge of the stored picture in pixels.
const pictureSize = 600

// SVG is the achievement's picture as it was drawn.
func (i *Issuer) SVG(ctx context.Context, achievementID string) (Document, bool, error) {
	svg, _, found, err := selectPictures(ctx, i.db.Reader(), achievementID)
	if err != nil || !found {
		return Document{}, false, err
	}
	return newDocument(typeSVG, []byte(svg)), true, nil
}

// PNG is the achievement's picture of pictureSize pixels. It is rendered once, when it is first
// wanted, and stored.
func (i *Issuer) PNG(ctx context.Context, achievementID string) ([]byte, bool, error) {
	svg, png, found, err := selectPictures(ctx, i.db.Reader(), achievementID)
	if err != nil || !found || png != nil {
		return png, found, err
	}
	if png, err = i.Artist.Raster([]byte(svg), pictureSize); err != nil {
		return nil, false, fmt.Errorf("render picture of achievement %s: %w", achievementID, err)
	}
	err = i.db.InTx(ctx, func(t *database.Tx) error { return updatePNG(ctx, t, achievementID, png) })
	if err != nil {
		return nil, false, err
	}
	if _, png, _, err = selectPictures(ctx, i.db.Reader(), achievementID); err != nil {
		return nil, false, err // another process may have been first: its bytes are the ones that stay
	}
	return png, true, nil
}
