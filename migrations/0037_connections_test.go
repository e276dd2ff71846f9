package migrations_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/migrations"
)

// row 43: who had accepted badges before has connected the profile of the first one, unless somebody else was earlier;
// what is a test connects no live account.
func TestConnectionsOfBefore(t *testing.T) {
	statements := []string{
		`INSERT INTO partner (id, name, sandbox, created_at) VALUES ('p', 'P', 0, '2026-01-01 00:00:00'), ('q', 'Q', 1, '2026-01-01 00:00:00')`,
		`INSERT INTO candidate (id, partner_id, number, email, name, locale, revision, created_at) VALUES
			('c1', 'p', '1', 'ana@home.test', 'Ana', '', 1, '2026-01-01 00:00:00'), ('c2', 'p', '2', 'ben@home.test', 'Ben', '', 1, '2026-01-01 00:00:00'),
			('c3', 'q', '3', 'ana@home.test', 'Ana', '', 1, '2026-01-01 00:00:00')`,
		`INSERT INTO account (id, name, language, created_at) VALUES ('ana', '', '', '2026-01-01 00:00:00'), ('ben', '', '', '2026-01-01 00:00:00'), ('eve', '', '', '2026-01-01 00:00:00')`,
		`INSERT INTO address (address, account_id, is_primary, confirmed_at, proved_at) VALUES
			('ana@home.test', 'ana', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'), ('ben@home.test', 'ben', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
			('eve@home.test', 'eve', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')`,
		`INSERT INTO achievement (id, kind, code, content, svg, created_at) VALUES ('x', 'exam', 'E', '{}', '', '2026-01-01 00:00:00')`,
	}
	for _, a := range [][6]string{
		{"a1", "c3", "q", "ana", "accepted", "2026-01-01"}, {"a2", "c1", "p", "ana", "accepted", "2026-01-03"}, {"a3", "c2", "p", "ana", "accepted", "2026-01-02"},
		{"a4", "c2", "p", "ben", "accepted", "2026-01-04"}, {"a5", "c1", "p", "eve", "declined", "2026-01-01"},
	} {
		statements = append(statements, `INSERT INTO award (id, candidate_id, partner_id, kind, code, achievement_id, programme_version, result_id, supports, earned_on, expires_on,
			renewed, identity_checked, salt, state, visibility, holder, version, signed, revision, kept, revocation, reason, superseded_by, created_at, issued_at, decided_at)
			VALUES ('`+a[0]+`', '`+a[1]+`', '`+a[2]+`', 'exam', 'E', 'x', 1, 'R-1', '', '2026-01-01', '', '', '', 's', '`+a[4]+`', 'link', '`+a[3]+`', 1, 1, 1, 0, '', '', '',
			'2026-01-01 00:00:00', '2026-01-01 00:00:00', '`+a[5]+` 00:00:00')`)
	}
	test := func(t *testing.T, url string) {
		db := open(t, url)
		if err := migrations.ApplyTo(t.Context(), db.SQL(), db.Postgres(), 34); err != nil {
			t.Fatal(err)
		}
		for _, s := range statements {
			if _, err := db.SQL().ExecContext(t.Context(), s); err != nil {
				t.Fatal(err, s)
			}
		}
		if _, err := migrations.Apply(t.Context(), db.SQL(), db.Postgres()); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string][]string{
			`SELECT account_id || ' ' || candidate_id || ' ' || email FROM connection ORDER BY account_id`: {"ana c2 ben@home.test"},
			`SELECT account_id || ' ' || change || ' ' || how || ' ' || actor_kind FROM connection_entry`:  {"ana connected taken_over system"},
		} {
			var got []string
			if err := db.Reader().Select(t.Context(), &got, query); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
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
