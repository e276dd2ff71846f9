package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/programme"
)

func countVersions(ctx context.Context, t *database.Tx) (n int, err error) {
	_, err = t.Get(ctx, &n, `SELECT COUNT(*) FROM programme_version`)
	return n, err
}

func selectVersions(ctx context.Context, t *database.Tx) (programme.History, error) {
	var rows []struct {
		Number    int    `db:"number"`
		Effective string `db:"effective"` // empty for the first
		Programme string `db:"programme"`
	}
	err := t.Select(ctx, &rows, `
		SELECT number, effective, programme
		FROM programme_version
		ORDER BY number`)
	if err != nil {
		return nil, err
	}
	var h programme.History
	for _, r := range rows {
		p := new(programme.Programme)
		if err := json.Unmarshal([]byte(r.Programme), p); err != nil {
			return nil, fmt.Errorf("version %d: %w", r.Number, err)
		}
		v := programme.Version{Number: r.Number, Programme: p}
		if r.Effective != "" {
			if v.Effective, err = programme.ParseDate(r.Effective); err != nil {
				return nil, fmt.Errorf("version %d: %w", r.Number, err)
			}
		}
		h = append(h, v)
	}
	return h, nil
}

// insertVersion stores a version unless another process stored one of that number.
func insertVersion(ctx context.Context, t *database.Tx, v programme.Version, now time.Time) (stored bool, err error) {
	data, err := json.Marshal(v.Programme)
	if err != nil {
		return false, err
	}
	n, err := t.Exec(ctx, `
		INSERT INTO programme_version (number, effective, programme, applied_at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, v.Number, v.Effective.String(), string(data), now)
	return n == 1, err
}
