package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// agenda is what falls due by itself, one row for each subject and kind. clock is whose time it goes by: empty is
// that of life, otherwise a sandbox's, by the id of its partner. due_at is UTC whole seconds; a row whose time has
// come is deleted by whoever does what it says. Awards that have still to end get theirs. For those that are over it
// is too late to tell their partners, who have long read it in the award: they get the entry in their history that
// was derived so far. An award that was over when it was made says so itself.
var agenda = goose.NewGoMigration(27, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
	for _, statement := range []string{
		`CREATE TABLE agenda (
			kind TEXT NOT NULL,
			subject TEXT NOT NULL,
			clock TEXT NOT NULL,
			due_at TIMESTAMP NOT NULL,
			PRIMARY KEY (kind, subject)
		)`,
		`CREATE INDEX agenda_due ON agenda (clock, due_at, kind, subject)`,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	now := time.Now().UTC()
	for after := ""; ; {
		page, err := readEnds(ctx, tx, after)
		if err != nil {
			return fmt.Errorf("read awards that end: %w", err)
		}
		if err := storeEnds(ctx, tx, page, now); err != nil {
			return fmt.Errorf("store ends of awards: %w", err)
		}
		if len(page) < pageRows {
			return nil
		}
		after = page[len(page)-1].award
	}
}}, nil)

// awardEnd is the end of an award.
type awardEnd struct {
	award, clock string
	at           time.Time
	made         time.Time
	stands       bool
}

func readEnds(ctx context.Context, tx *sql.Tx, after string) (list []awardEnd, err error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT a.id, a.expires_on, a.created_at, CASE WHEN p.sandbox = 1 THEN p.id ELSE '' END,
			CASE WHEN a.revoked_at IS NULL AND a.superseded_by = '' THEN 1 ELSE 0 END
		FROM award a
		JOIN partner p ON p.id = a.partner_id
		WHERE a.id > $1 AND a.expires_on <> ''
		ORDER BY a.id
		LIMIT `+fmt.Sprint(pageRows), after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e awardEnd
		var day string
		if err := rows.Scan(&e.award, &day, &e.made, &e.clock, &e.stands); err != nil {
			return nil, err
		}
		if e.at, err = time.Parse(time.DateOnly, day); err != nil {
			return nil, fmt.Errorf("award %s ends on %q: %w", e.award, day, err)
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

func storeEnds(ctx context.Context, tx *sql.Tx, page []awardEnd, now time.Time) error {
	var ahead, over []any
	for _, e := range page {
		switch {
		case e.at.After(now) && e.stands:
			ahead = append(ahead, e.award, e.clock, e.at)
		case !e.at.After(now) && e.at.After(e.made):
			over = append(over, "ent_expired_"+e.award, e.award, e.at)
		}
	}
	if err := insertTriples(ctx, tx, `INSERT INTO agenda (kind, subject, clock, due_at)`, `'award.expiry', %s, %s, %s`, ahead); err != nil {
		return err
	}
	return insertTriples(ctx, tx, `INSERT INTO award_entry (id, award_id, change, actor_kind, actor_name, actor_id, reason, created_at)`,
		`%s, %s, 'expired', 'system', '', '', '', %s`, over)
}

// insertTriples inserts a row for each three values, few at a time: SQLite looks for the name of each variable among
// those before it.
func insertTriples(ctx context.Context, tx *sql.Tx, insert, row string, values []any) error {
	for part := range slices.Chunk(values, 3*50) {
		var rows []string
		for n := 1; n < len(part); n += 3 {
			rows = append(rows, "("+fmt.Sprintf(row, fmt.Sprint("$", n), fmt.Sprint("$", n+1), fmt.Sprint("$", n+2))+")")
		}
		if _, err := tx.ExecContext(ctx, insert+` VALUES `+strings.Join(rows, ", "), part...); err != nil {
			return err
		}
	}
	return nil
}
