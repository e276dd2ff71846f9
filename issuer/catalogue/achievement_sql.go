package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/line"
)

// insertAchievement stores an achievement unless there is one: its wording stays for ever. One that a program of before
// has stored is told whether it is a test.
func insertAchievement(ctx context.Context, t *database.Tx, a *Achievement, content, svg string, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO achievement (id, kind, code, test, content, svg, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET test = excluded.test WHERE achievement.test <> excluded.test`,
		a.ID, string(a.Kind), a.Code, database.Flag(a.Test), content, svg, now)
	return err
}

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
		a.Skills[n] = a.Skills[n].From(a.Language)
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

// updatePNG keeps the first rendering for ever.
func updatePNG(ctx context.Context, t *database.Tx, id string, png []byte) error {
	_, err := t.Exec(ctx, `
		UPDATE achievement
		SET png = ?
		WHERE id = ? AND png IS NULL`, png, id)
	return err
}

// selectNewestAchievements are the ids of the last wording of each exam and certification, without those of
// tests.
func selectNewestAchievements(ctx context.Context, t *database.Tx) (ids []string, err error) {
	err = t.Select(ctx, &ids, `
		SELECT a.id
		FROM achievement a
		WHERE a.test = 0 AND NOT EXISTS (
			SELECT 1
			FROM achievement n
			WHERE n.test = 0 AND n.kind = a.kind AND n.code = a.code
				AND (n.created_at > a.created_at OR (n.created_at = a.created_at AND n.id > a.id)))
		ORDER BY a.kind DESC, a.code
		LIMIT 1000`)
	return ids, err
}
