package migrations

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"

	"github.com/open-insignia/insignia/email"
)

// oneSpelling brings all stored addresses into their one spelling, which SQL cannot tell. Rows that turn out to be
// about one mailbox become one.
var oneSpelling = goose.NewGoMigration(16, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
	for _, t := range []struct {
		table, key, address string
		store               func(context.Context, *sql.Tx, respelled) error
	}{
		{"candidate", "id", "email", execute(`UPDATE candidate SET email = $1 WHERE id = $2`)},
		{"claim", "digest", "email", execute(`UPDATE claim SET email = $1 WHERE digest = $2`)},
		{"mail_stop", "email", "email", execute(
			`INSERT INTO mail_stop (email, created_at) SELECT CAST($1 AS TEXT), created_at FROM mail_stop WHERE email = $2 ON CONFLICT DO NOTHING`,
			`DELETE FROM mail_stop WHERE email <> $1 AND email = $2`)},
		{"address", "address", "address", respellConfirmed},
		// A code is good for half an hour; whoever waits for one asks again.
		{"confirmation", "id", "address", execute(`DELETE FROM confirmation WHERE address <> $1 AND id = $2`)},
	} {
		if err := respell(ctx, tx, t.table, t.key, t.address, t.store); err != nil {
			return fmt.Errorf("respell addresses of %s: %w", t.table, err)
		}
	}
	// 0015 has just copied what results said of their candidates.
	return run(ctx, tx, []string{`
		UPDATE result
		SET candidate_email = (SELECT c.email FROM candidate c WHERE c.id = result.candidate_id)
		WHERE octet_length(candidate_email) <> length(candidate_email)`})
}}, nil)

// respelled is a row whose address has another canonical spelling. Parameters of statements are numbered in the
// order in which they occur first, which both databases take.
type respelled struct{ canonical, key string }

// pageRows is how many rows are held at a time.
const pageRows = 1000

// respell hands each such row of a table to store. Addresses in ASCII are in their one spelling already.
func respell(ctx context.Context, tx *sql.Tx, table, key, address string, store func(context.Context, *sql.Tx, respelled) error) error {
	query := fmt.Sprintf(`
		SELECT %[2]s, %[3]s
		FROM %[1]s
		WHERE %[2]s > $1 AND octet_length(%[3]s) <> length(%[3]s)
		ORDER BY %[2]s
		LIMIT %[4]d`, table, key, address, pageRows)
	for after := ""; ; {
		page, err := readPairs(ctx, tx, query, after)
		if err != nil {
			return err
		}
		for _, row := range page {
			after = row[0]
			canonical, ok := email.Canonical(row[1])
			if !ok || canonical == row[1] {
				continue
			}
			if err := store(ctx, tx, respelled{canonical, row[0]}); err != nil {
				return err
			}
		}
		if len(page) < pageRows {
			return nil
		}
	}
}

func readPairs(ctx context.Context, tx *sql.Tx, query string, args ...any) (list [][2]string, err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var pair [2]string
		if err := rows.Scan(&pair[0], &pair[1]); err != nil {
			return nil, err
		}
		list = append(list, pair)
	}
	return list, rows.Err()
}

// execute runs statements with the canonical spelling and the key.
func execute(statements ...string) func(context.Context, *sql.Tx, respelled) error {
	return func(ctx context.Context, tx *sql.Tx, r respelled) error {
		return run(ctx, tx, statements, r.canonical, r.key)
	}
}

func run(ctx context.Context, tx *sql.Tx, statements []string, args ...any) error {
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return err
		}
	}
	return nil
}

// respellConfirmed respells a confirmed address. Where the mailbox was confirmed under its canonical spelling
// too, it belongs to one account from then on: to one that proved it by real mail before one of a sandbox, then to
// the older one.
func respellConfirmed(ctx context.Context, tx *sql.Tx, r respelled) error {
	owners, err := readPairs(ctx, tx, `
		SELECT d.account_id, d.address
		FROM address d
		JOIN account a ON a.id = d.account_id
		WHERE d.address IN ($1, $2)
		ORDER BY d.sandbox, a.created_at, a.id, d.is_primary DESC`, r.canonical, r.key)
	if err != nil {
		return err
	}
	if len(owners) == 2 {
		keep, drop := owners[0], owners[1]
		err := run(ctx, tx, []string{
			`UPDATE address
			SET confirmed_at = (SELECT MIN(confirmed_at) FROM address WHERE address IN ($1, $2)),
				proved_at = (SELECT MAX(proved_at) FROM address WHERE address IN ($1, $2))
			WHERE address = $1`,
			`DELETE FROM address WHERE address <> $1 AND address = $2`,
		}, keep[1], drop[1])
		if err != nil {
			return err
		}
		if err := leave(ctx, tx, drop[0], keep[0]); err != nil {
			return err
		}
	}
	return execute(`UPDATE address SET address = $1 WHERE address = $2`)(ctx, tx, respelled{r.canonical, owners[0][1]})
}

// leave puts an account in order that has lost an address to another one, which may be itself. One that has no other
// could not be entered any more: its badges go to the other one, since whoever reads that mailbox could have signed in
// to either. Nobody stays signed in to it.
func leave(ctx context.Context, tx *sql.Tx, account, heir string) error {
	left, err := readPairs(ctx, tx, `
		SELECT account_id, address
		FROM address
		WHERE account_id = $1
		ORDER BY is_primary DESC, confirmed_at, address
		LIMIT 1`, account)
	if err != nil {
		return err
	}
	if len(left) == 1 {
		return run(ctx, tx, []string{`UPDATE address SET is_primary = 1 WHERE account_id = $1 AND address = $2`}, account, left[0][1])
	}
	if err := run(ctx, tx, []string{`UPDATE award SET holder = $1, revision = revision + 1 WHERE holder = $2`}, heir, account); err != nil {
		return err
	}
	return run(ctx, tx, []string{
		`DELETE FROM session WHERE account_id = $1`, `DELETE FROM confirmation WHERE account_id = $1`, `DELETE FROM account WHERE id = $1`,
	}, account)
}
