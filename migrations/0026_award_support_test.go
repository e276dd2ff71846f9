package migrations_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/migrations"
)

// TestAwardSupport: each id of a list becomes a row in its place, and each achievement of tests is marked (0025).
func TestAwardSupport(t *testing.T) {
	statements := []string{
		`INSERT INTO partner (id, name, sandbox, created_at) VALUES ('p', 'P', 0, '2026-01-01 00:00:00'), ('q', 'Q', 1, '2026-01-01 00:00:00')`,
		`INSERT INTO candidate (id, partner_id, number, email, name, locale, revision, created_at) VALUES ('c', 'p', '1', 'ana@home.test', 'Ana', '', 1, '2026-01-01 00:00:00')`,
		`INSERT INTO achievement (id, kind, code, content, svg, created_at) VALUES
			('x', 'exam', 'E', '{"name":{"en":"\",\"test\":true"},"issuer":{"en":"I"}}', '', '2026-01-01 00:00:00'),
			('y', 'exam', 'E', '{"name":{"en":"E"},"issuer":{"en":"I"},"test":true}', '', '2026-01-01 00:00:00')`,
	}
	for _, a := range [][3]string{{"a1", "p", `["R-1"]`}, {"a2", "p", `["R \"1\" ñ","R-0","\u2028[]"]`}, {"a3", "q", `["R-1","R-2"]`}, {"a4", "p", ``}} {
		statements = append(statements, `INSERT INTO award (id, candidate_id, partner_id, kind, code, achievement_id, programme_version, result_id, supports, earned_on, expires_on,
			renewed, identity_checked, salt, state, visibility, holder, version, signed, revision, kept, revocation, reason, superseded_by, created_at, issued_at)
			VALUES ('`+a[0]+`', 'c', '`+a[1]+`', 'exam', 'E', 'x', 1, 'R-1', '`+a[2]+`', '2026-01-01', '', '', '', 's', 'offered', 'link', '', 1, 1, 1, 0, '', '', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')`)
	}
	test := func(t *testing.T, url string) {
		db := open(t, url)
		if err := migrations.ApplyTo(t.Context(), db.SQL(), db.Postgres(), 24); err != nil {
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
			`SELECT award_id || ' ' || position || ' ' || partner_id || ' ' || result_id FROM award_support ORDER BY award_id, position`: {
				"a1 0 p R-1", `a2 0 p R "1" ñ`, "a2 1 p R-0", "a2 2 p \u2028[]", "a3 0 q R-1", "a3 1 q R-2",
			},
			`SELECT id FROM achievement WHERE test = 1`: {"y"},
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
