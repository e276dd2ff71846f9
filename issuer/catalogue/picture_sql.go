package catalogue

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

func insertPicture(ctx context.Context, t *database.Tx, digest, svg string, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO picture (digest, svg, created_at)
		VALUES (?, ?, ?)
		ON CONFLICT (digest) DO NOTHING`, digest, svg, now)
	return err
}

func selectPicture(ctx context.Context, t *database.Tx, digest string) (svg string, found bool, err error) {
	found, err = t.Get(ctx, &svg, `
		SELECT svg
		FROM picture
		WHERE digest = ?`, digest)
	return svg, found, err
}
