package migrations_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/migrations"
)

// TestAgenda: awards that have still to end are on the agenda of their clock afterwards, those that are over have the
// entry in their history that was derived before, and nobody is told of them.
func TestAgenda(t *testing.T) {
	day := func(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }
	awards := []struct{ id, partner, end, made, revoked, successor string }{
		{"ahead", "p", day(30), "2020-01-01 09:00:00", "NULL", ""},
		{"ahead-test", "t", day(20), "2020-01-01 09:00:00", "NULL", ""},
		{"ahead-revoked", "p", day(30), "2020-01-01 09:00:00", "'2020-02-01 09:00:00'", ""},
		{"ahead-replaced", "p", day(30), "2020-01-01 09:00:00", "NULL", "ahead"},
		{"endless", "p", "", "2020-01-01 09:00:00", "NULL", ""},
		{"over", "p", "2021-05-04", "2020-01-01 09:00:00", "NULL", ""},
		{"over-revoked", "p", "2021-05-05", "2020-01-01 09:00:00", "'2020-02-01 09:00:00'", ""},
		{"over-today", "t", day(0), "2020-01-01 09:00:00", "NULL", ""},
		{"over-when-made", "p", "2019-12-31", "2020-01-01 09:00:00", "NULL", ""},
	}
	const many = 2500 // more than a page
	statements := []string{
		`INSERT INTO partner (id, name, sandbox, created_at) VALUES ('p', 'P', 0, '2020-01-01 00:00:00'), ('t', 'T', 1, '2020-01-01 00:00:00')`,
		`INSERT INTO candidate (id, partner_id, number, email, name, locale, revision, created_at) VALUES
			('p', 'p', '1', 'ana@home.test', 'Ana', '', 1, '2020-01-01 00:00:00'), ('t', 't', '1', 'tess@home.test', 'Tess', '', 1, '2020-01-01 00:00:00')`,
		`INSERT INTO achievement (id, kind, code, content, svg, created_at) VALUES ('ach', 'exam', 'E', '{}', '', '2020-01-01 00:00:00')`,
	}
	test := func(t *testing.T, url string) {
		db := open(t, url)
		if err := migrations.ApplyTo(t.Context(), db.SQL(), db.Postgres(), 26); err != nil {
			t.Fatal(err)
		}
		tx, err := db.SQL().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		do := func(statement string, args ...any) {
			t.Helper()
			if _, err := tx.ExecContext(t.Context(), statement, args...); err != nil {
				t.Fatal(err, statement)
			}
		}
		for _, s := range statements {
			do(s)
		}
		insert := func(id, partner, end, made, revoked, successor string) {
			t.Helper()
			do(`INSERT INTO award (id, candidate_id, partner_id, kind, code, achievement_id, programme_version, result_id, supports, earned_on, expires_on, renewed,
				identity_checked, salt, state, visibility, holder, version, signed, revision, kept, revocation, reason, superseded_by, created_at, issued_at, revoked_at)
				VALUES ($1, $2, $2, 'exam', 'E', 'ach', 1, 'R', '[]', '2019-01-01', $3, '', '', '', 'offered', 'link', '', 1, 1, 1, 0, '', '', $4,
				'`+made+`', '`+made+`', `+revoked+`)`, id, partner, end, successor)
		}
		for _, a := range awards {
			insert(a.id, a.partner, a.end, a.made, a.revoked, a.successor)
		}
		for n := range many {
			insert(fmt.Sprintf("many-%04d", n), "p", day(100), "2020-01-01 09:00:00", "NULL", "")
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if _, err := migrations.Apply(t.Context(), db.SQL(), db.Postgres()); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string][]string{
			`SELECT kind || ' ' || subject || ' ' || clock || ' ' || SUBSTR(CAST(due_at AS TEXT), 1, 19) FROM agenda WHERE subject NOT LIKE 'many%' ORDER BY subject`: {
				"award.expiry ahead  " + day(30) + " 00:00:00", "award.expiry ahead-test t " + day(20) + " 00:00:00",
			},
			`SELECT CAST(COUNT(*) AS TEXT) FROM agenda`: {fmt.Sprint(many + 2)},
			`SELECT award_id || ' ' || change || ' ' || actor_kind || ' ' || SUBSTR(CAST(created_at AS TEXT), 1, 19) FROM award_entry ORDER BY award_id`: {
				"over expired system 2021-05-04 00:00:00", "over-revoked expired system 2021-05-05 00:00:00", "over-today expired system " + day(0) + " 00:00:00",
			},
			`SELECT id FROM partner_event`: nil,
		} {
			var got []string
			rows, err := db.SQL().QueryContext(t.Context(), query)
			if err != nil {
				t.Fatal(err)
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
	}
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "insignia.db")) })
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
			t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
		}
		test(t, databasetest.PostgresURL(t))
	})
}
