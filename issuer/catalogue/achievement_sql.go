package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/line"
)

func selectAchievement(ctx context.Context, t *database.Tx, id string) (*Achievement, bool, error) {
	var row struct {
		Content   string    `db:"content"`
		CreatedAt time.Time `db:"created_at"`
	}
	if !line.Storable(id) {
		return nil, false, nil
	}
	found, err := t.Get(ctx, &row, `
		SELECT content, created_at
		FROM achievement
		WHERE id = ?`, id)
	if err != nil || !found {
		return nil, false, err
	}
	a := &Achievement{ID: id, CreatedAt: row.CreatedAt}
	if err := json.Unmarshal([]byte(row.Content), a); err != nil {
		return nil, false, fmt.Errorf("read achievement %s: %w", id, err)
	}
	for n := range a.Skills {
		a.Skills[n].Text = a.Skills[n].From(a.Language)
	}
	return a, true, nil
}

func selectPictures(ctx context.Context, t *database.Tx, id string) (svg string, png []byte, found bool, err error) {
	var row struct {
		SVG string `db:"svg"`
		PNG []byte `db:"png"`
	}
	if !line.Storable(id) {
		return "", nil, false, nil
	}
	found, err = t.Get(ctx, &row, `
		SELECT svg, png
		FROM achievement
		WHERE id = ?`, id)
	return row.SVG, row.PNG, found, err
}
