package migrations

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"
)

// lettersDue gives a row to each letter that waits or was given up, which were jobs and nothing else. The job keeps its
// id, its tries and when it is due, and gets another kind, so that a program of before leaves it alone. What runs
// meanwhile in a program of before is taken over by whoever finds it later.
var lettersDue = goose.NewGoMigration(22, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
	for after := ""; ; {
		page, err := readJobs(ctx, tx, after)
		if err != nil {
			return fmt.Errorf("read letters that wait: %w", err)
		}
		for _, j := range page {
			after = j.id
			if err := j.giveRow(ctx, tx); err != nil {
				return fmt.Errorf("give letter %s a row: %w", j.id, err)
			}
		}
		if len(page) < pageRows {
			return nil
		}
	}
}}, nil)

// oldLetter is the job of a letter, and what its payload says that is a column now.
type oldLetter struct {
	id, kind, payload, partner string
	attempts                   int64
	about                      struct {
		Candidate, Claim, To, Lang string
		Awards                     []string
	}
}

func readJobs(ctx context.Context, tx *sql.Tx, after string) (list []oldLetter, err error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT id, kind, payload, lane, attempts
		FROM job
		WHERE id > $1 AND state IN ('ready', 'dead') AND kind IN (
			'letter.offer', 'letter.withdrawn', 'letter.notice', 'letter.disputed', 'letter.code', 'letter.added',
			'sandbox.letter.offer', 'sandbox.letter.withdrawn', 'sandbox.letter.notice', 'sandbox.letter.disputed', 'sandbox.letter.code', 'sandbox.letter.added')
		ORDER BY id
		LIMIT `+fmt.Sprint(pageRows), after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var j oldLetter
		if err := rows.Scan(&j.id, &j.kind, &j.payload, &j.partner, &j.attempts); err != nil {
			return nil, err
		}
		list = append(list, j)
	}
	return list, rows.Err()
}

func (j *oldLetter) giveRow(ctx context.Context, tx *sql.Tx) error {
	if err := json.Unmarshal([]byte(j.payload), &j.about); err != nil {
		return nil // no program could send it
	}
	name, sandbox := strings.CutPrefix(j.kind, "sandbox.")
	name = strings.TrimPrefix(name, "letter.")
	kind := "outbox." + name
	if sandbox {
		kind = "sandbox." + kind
	}
	changed, err := tx.ExecContext(ctx, `UPDATE job SET kind = $1, payload = '{}' WHERE id = $2 AND state IN ('ready', 'dead')`, kind, j.id)
	if err != nil {
		return err
	}
	if n, err := changed.RowsAffected(); n == 0 || err != nil { // begun this very moment
		return err
	}
	if j.partner == "" && j.about.Candidate != "" { // jobs had no lanes yet
		err := tx.QueryRowContext(ctx, `SELECT partner_id FROM candidate WHERE id = $1`, j.about.Candidate).Scan(&j.partner)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	awards := ""
	if len(j.about.Awards) > 0 {
		text, err := json.Marshal(j.about.Awards)
		if err != nil {
			return err
		}
		awards = string(text)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO letter (id, kind, sandbox, partner_id, candidate_id, account_id, claim_id, awards, about, recipient, language, state, tries, created_at)
		VALUES ($1, $2, $3, $4, $5, '', $6, COALESCE(NULLIF($7, ''), (SELECT awards FROM claim WHERE candidate_id = $5 AND id = $6), ''), $8, $9, $10,
			CASE WHEN EXISTS (SELECT 1 FROM claim WHERE candidate_id = $5 AND id = $6 AND bounced_at IS NOT NULL) THEN 'bounced' ELSE 'waiting' END,
			$11, (SELECT created_at FROM job WHERE id = $1))`,
		j.id, name, bit(sandbox), j.partner, j.about.Candidate, j.about.Claim, awards, j.payload, j.about.To, j.about.Lang, j.attempts)
	return err
}

func bit(is bool) int64 {
	if is {
		return 1
	}
	return 0
}
