package migrations_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/migrations"
)

// before is a database as it was, with one mailbox in many spellings. Accounts are named by what becomes of them.
var before = []string{
	`INSERT INTO partner (id, name, sandbox, created_at) VALUES ('p', 'P', 0, '2026-01-01 00:00:00')`,
	`INSERT INTO candidate (id, partner_id, number, email, name, locale, revision, created_at) VALUES
		('c1', 'p', '1', 'ana@home.test', 'Ana', '', 1, '2026-01-01 00:00:00'),
		('c2', 'p', '2', 'ana@münchen.test', 'Ana', '', 1, '2026-01-01 00:00:00'),
		('c3', 'p', '3', 'jose` + "\u0301" + `@home.test', 'José', '', 1, '2026-01-01 00:00:00'),
		('c4', 'p', '4', 'josé@home.test', 'José', '', 1, '2026-01-01 00:00:00'),
		('c5', 'p', '5', 'ana@ｈｏｍｅ。test', 'Ana', '', 1, '2026-01-01 00:00:00')`,
	`INSERT INTO result (partner_id, id, candidate_id, exam, outcome, score, max_score, identity_method, identity_matched, state, digest, decisions, awards, taken_at, recorded_at) VALUES
		('p', 'r1', 'c1', 'E', 'pass', '', '', '', '', 'recorded', '', '[]', '[]', '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
		('p', 'r2', 'c2', 'E', 'pass', '', '', '', '', 'recorded', '', '[]', '[]', '2026-01-01 00:00:00', '2026-01-01 00:00:00')`,
	`INSERT INTO claim (digest, id, candidate_id, email, awards, created_at, disowned_reason) VALUES
		('d1', 'k1', 'c2', 'ana@münchen.test', '[]', '2026-01-01 00:00:00', ''), ('d2', 'k2', 'c1', 'ana@home.test', '[]', '2026-01-01 00:00:00', '')`,
	`INSERT INTO mail_stop (email, created_at) VALUES ('ana@münchen.test', '2026-01-02 00:00:00'), ('ana@xn--mnchen-3ya.test', '2026-01-01 00:00:00'), ('ana@mu` + "\u0308" + `nchen.test', '2026-01-03 00:00:00'),
		('ben@bücher.test', '2026-01-01 00:00:00')`,
	`INSERT INTO account (id, name, language, created_at) VALUES
		('alone', '', '', '2026-01-01 00:00:00'), ('elder', '', '', '2026-01-01 00:00:00'), ('gone', '', '', '2026-01-02 00:00:00'), ('loses', '', '', '2026-01-03 00:00:00'),
		('real', '', '', '2026-01-05 00:00:00'), ('tried', '', '', '2026-01-01 00:00:00'), ('twice', '', '', '2026-01-01 00:00:00')`,
	`INSERT INTO address (address, account_id, is_primary, confirmed_at, proved_at, sandbox) VALUES
		('alone@bücher.test', 'alone', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00', 0),
		('ana@xn--mnchen-3ya.test', 'gone', 1, '2026-01-02 00:00:00', '2026-02-02 00:00:00', 0),
		('ana@münchen.test', 'elder', 1, '2026-01-03 00:00:00', '2026-01-03 00:00:00', 0),
		('ana@mu` + "\u0308" + `nchen.test', 'loses', 1, '2026-01-04 00:00:00', '2026-01-04 00:00:00', 0),
		('loses@home.test', 'loses', 0, '2026-01-05 00:00:00', '2026-01-05 00:00:00', 0),
		('eva@xn--mnchen-3ya.test', 'tried', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1),
		('eva@münchen.test', 'real', 1, '2026-01-05 00:00:00', '2026-01-05 00:00:00', 0),
		('twice@münchen.test', 'twice', 1, '2026-01-02 00:00:00', '2026-01-02 00:00:00', 0),
		('twice@xn--mnchen-3ya.test', 'twice', 0, '2026-01-01 00:00:00', '2026-01-03 00:00:00', 0)`,
	`INSERT INTO session (digest, account_id, created_at, seen_at, expires_at) VALUES
		('s1', 'elder', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2027-01-01 00:00:00'), ('s2', 'gone', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2027-01-01 00:00:00'),
		('s3', 'loses', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2027-01-01 00:00:00'), ('s4', 'tried', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2027-01-01 00:00:00')`,
	`INSERT INTO confirmation (browser, address, id, turn, nonce, link, purpose, return_to, account_id, mute, tries, sent_at, expires_at) VALUES
		('b', 'ana@münchen.test', 'f1', 1, 'n', 'l1', '', '', '', 0, 0, '2026-01-01 00:00:00', '2027-01-01 00:00:00'),
		('b', 'new@home.test', 'f2', 1, 'n', 'l2', '', '', 'gone', 0, 0, '2026-01-01 00:00:00', '2027-01-01 00:00:00'),
		('b', 'new2@home.test', 'f3', 1, 'n', 'l3', '', '', 'elder', 0, 0, '2026-01-01 00:00:00', '2027-01-01 00:00:00')`,
	`INSERT INTO achievement (id, kind, code, content, svg, created_at) VALUES ('a', 'exam', 'E', '{}', '', '2026-01-01 00:00:00')`,
}

// after is what each query finds then.
var after = map[string][]string{
	`SELECT id || ' ' || email FROM candidate ORDER BY id`: {
		"c1 ana@home.test", "c2 ana@xn--mnchen-3ya.test", "c3 josé@home.test", "c4 josé@home.test", "c5 ana@home.test",
	},
	`SELECT id || ' ' || candidate_email FROM result ORDER BY id`: {"r1 ana@home.test", "r2 ana@xn--mnchen-3ya.test"},
	`SELECT id || ' ' || email FROM claim ORDER BY id`:            {"k1 ana@xn--mnchen-3ya.test", "k2 ana@home.test"},
	`SELECT email || ' ' || CAST(created_at AS TEXT) FROM mail_stop ORDER BY email`: {
		"ana@xn--mnchen-3ya.test 2026-01-01 00:00:00", "ben@xn--bcher-kva.test 2026-01-01 00:00:00",
	},
	`SELECT address || ' ' || account_id || ' ' || is_primary || ' ' || sandbox || ' ' || CAST(confirmed_at AS TEXT) || ' ' || CAST(proved_at AS TEXT) FROM address ORDER BY address`: {
		"alone@xn--bcher-kva.test alone 1 0 2026-01-01 00:00:00 2026-01-01 00:00:00",
		"ana@xn--mnchen-3ya.test elder 1 0 2026-01-02 00:00:00 2026-02-02 00:00:00",
		"eva@xn--mnchen-3ya.test real 1 0 2026-01-01 00:00:00 2026-01-05 00:00:00",
		"loses@home.test loses 1 0 2026-01-05 00:00:00 2026-01-05 00:00:00",
		"twice@xn--mnchen-3ya.test twice 1 0 2026-01-01 00:00:00 2026-01-03 00:00:00",
	},
	`SELECT id FROM account ORDER BY id`:                                   {"alone", "elder", "loses", "real", "twice"},
	`SELECT digest FROM session ORDER BY digest`:                           {"s1", "s3"},
	`SELECT id FROM confirmation ORDER BY id`:                              {"f3"},
	`SELECT id || ' ' || holder || ' ' || revision FROM award ORDER BY id`: {"of-elder elder 1", "of-gone elder 2", "of-loses loses 1", "of-nobody  1", "of-tried real 2"},
}

// TestOneSpelling: rows of before this version are about the same mailboxes afterwards, and those that were about
// one become one, whoever of two processes does it.
func TestOneSpelling(t *testing.T) {
	for name, where := range map[string]func() string{
		"sqlite":   func() string { return filepath.Join(t.TempDir(), "insignia.db") },
		"postgres": func() string { return databasetest.PostgresURL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" && os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
				t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
			}
			url := where()
			db := open(t, url)
			if err := migrations.ApplyTo(t.Context(), db.SQL(), db.Postgres(), 14); err != nil {
				t.Fatal(err)
			}
			statements := slices.Clone(before)
			for account, award := range map[string]string{"elder": "of-elder", "gone": "of-gone", "loses": "of-loses", "": "of-nobody", "tried": "of-tried"} {
				statements = append(statements, fmt.Sprintf(`INSERT INTO award (id, candidate_id, partner_id, kind, code, achievement_id, programme_version, result_id, supports, earned_on, expires_on,
					renewed, identity_checked, salt, state, visibility, holder, version, signed, revision, kept, revocation, reason, superseded_by, created_at, issued_at)
					VALUES ('%s', 'c1', 'p', 'exam', 'E', 'a', 1, 'r', '[]', '2026-01-01', '', '', '', 's', 'accepted', 'link', '%s', 1, 1, 1, 0, '', '', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')`, award, account))
			}
			for _, statement := range statements {
				if _, err := db.SQL().ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err, statement)
				}
			}
			var both sync.WaitGroup
			for _, process := range []*database.DB{db, open(t, url)} {
				both.Go(func() {
					if _, err := migrations.Apply(t.Context(), process.SQL(), process.Postgres()); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			for query, want := range after {
				var got []string
				rows, err := db.SQL().QueryContext(t.Context(), query)
				if err != nil {
					t.Fatal(err, query)
				}
				for rows.Next() {
					var row string
					if err := rows.Scan(&row); err != nil {
						t.Fatal(err)
					}
					got = append(got, row)
				}
				if diff := cmp.Diff(want, got); rows.Err() != nil || diff != "" {
					t.Errorf("%s: %v\n%s", query, rows.Err(), diff)
				}
			}
		})
	}
}

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
