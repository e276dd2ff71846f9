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

// TestRenewals: certifications that are waited for are looked at by the program once more, by the same clock, and
// nothing else is.
func TestRenewals(t *testing.T) {
	test := func(t *testing.T, url string) {
		db := open(t, url)
		if err := migrations.ApplyTo(t.Context(), db.SQL(), db.Postgres(), 33); err != nil {
			t.Fatal(err)
		}
		do := func(statement string) {
			t.Helper()
			if _, err := db.SQL().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err, statement)
			}
		}
		do(`INSERT INTO partner (id, name, sandbox, created_at) VALUES ('p', 'P', 0, '2020-01-01 00:00:00'), ('t', 'T', 1, '2020-01-01 00:00:00')`)
		do(`INSERT INTO candidate (id, partner_id, number, email, name, locale, revision, created_at) VALUES
			('p', 'p', '1', 'ana@home.test', 'Ana', '', 1, '2020-01-01 00:00:00'), ('t', 't', '1', 'tess@home.test', 'Tess', '', 1, '2020-01-01 00:00:00')`)
		do(`INSERT INTO achievement (id, kind, code, content, svg, created_at) VALUES ('ach', 'exam', 'E', '{}', '', '2020-01-01 00:00:00')`)
		for _, a := range []struct{ id, partner, kind, clock string }{
			{"live", "p", "certification", ""}, {"test", "t", "certification", "t"}, {"exam", "p", "exam", ""}, {"endless", "p", "certification", "none"},
		} {
			do(fmt.Sprintf(`INSERT INTO award (id, candidate_id, partner_id, kind, code, achievement_id, programme_version, result_id, supports, earned_on, expires_on, renewed,
				identity_checked, salt, state, visibility, holder, version, signed, revision, kept, revocation, reason, superseded_by, created_at, issued_at)
				VALUES ('%s', '%s', '%s', '%s', 'E', 'ach', 1, 'R', '[]', '2019-01-01', '2031-01-01', '', '', '', 'offered', 'link', '', 1, 1, 1, 0, '', '', '',
				'2020-01-01 09:00:00', '2020-01-01 09:00:00')`, a.id, a.partner, a.partner, a.kind))
			if a.clock != "none" {
				do(fmt.Sprintf(`INSERT INTO agenda (kind, subject, clock, due_at) VALUES ('award.expiry', '%s', '%s', '2031-01-01 00:00:00')`, a.id, a.clock))
			}
		}
		do(`INSERT INTO mail_stop (email, created_at) VALUES ('tess@home.test', '2025-01-01 00:00:00')`)
		before := time.Now().UTC().Truncate(time.Second)
		if _, err := migrations.Apply(t.Context(), db.SQL(), db.Postgres()); err != nil {
			t.Fatal(err)
		}
		var rows []struct {
			Subject, Clock string
			At             time.Time `db:"due_at"`
		}
		if err := db.Reader().Select(t.Context(), &rows, `SELECT subject, clock, due_at FROM agenda WHERE kind = 'award.renewal' ORDER BY subject`); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.Subject+" "+r.Clock)
			if at := r.At.UTC(); at.Before(before) || at.After(time.Now()) {
				t.Errorf("%s is due at %s", r.Subject, at)
			}
		}
		if diff := cmp.Diff([]string{"live ", "test t"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		var stops []string
		if err := db.Reader().Select(t.Context(), &stops, `SELECT email FROM renewal_stop`); err != nil || len(stops) != 1 || stops[0] != "tess@home.test" {
			t.Errorf("letters about renewals are stopped for %v, %v", stops, err)
		}
		var due int
		if _, err := db.Reader().Get(t.Context(), &due, `SELECT COUNT(*) FROM agenda WHERE due_at <= ?`, time.Now().UTC()); err != nil || due != 2 {
			t.Errorf("%d due, %v, want 2", due, err)
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
