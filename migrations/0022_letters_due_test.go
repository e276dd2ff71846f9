package migrations_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/migrations"
)

// lettersBefore is a database as it was when letters were jobs and nothing else: of each kind one that waits, and what
// else there may be.
var lettersBefore = []string{
	`INSERT INTO partner (id, name, sandbox, created_at) VALUES ('p', 'P', 0, '2026-01-01 00:00:00'), ('t', 'T', 1, '2026-01-01 00:00:00')`,
	`INSERT INTO candidate (id, partner_id, number, email, name, locale, revision, created_at) VALUES
		('c1', 'p', '1', 'ana@home.test', 'Ana', '', 1, '2026-01-01 00:00:00'), ('c2', 't', '1', 'tess@home.test', 'Tess', '', 1, '2026-01-01 00:00:00')`,
	`INSERT INTO claim (digest, id, candidate_id, email, awards, created_at, disowned_reason, bounced_at) VALUES
		('d1', 'k1', 'c1', 'ana@home.test', '["a1","a2"]', '2026-01-01 00:00:00', '', NULL), ('d2', 'k2', 'c1', 'ana@home.test', '["a3"]', '2026-01-01 00:00:00', '', '2026-01-02 00:00:00')`,
	oldJob("job_01", "letter.offer", `{"candidate":"c1","claim":"k1"}`, "ready", "p", 0),
	oldJob("job_02", "letter.offer", `{"candidate":"c1","claim":"k2","again":true}`, "dead", "p", 3),
	oldJob("job_03", "letter.withdrawn", `{"candidate":"c1","awards":["a1"]}`, "ready", "", 1), // of before lanes
	oldJob("job_04", "sandbox.letter.notice", `{"candidate":"c2","to":"other@home.test","kind":"returned","awards":["a4"],"at":"2026-01-01T00:00:00Z"}`, "ready", "t", 0),
	oldJob("job_05", "letter.disputed", `{"candidate":"c1","awards":["a1"],"exams":["E"],"reason":"unknown","at":"2026-01-01T00:00:00Z"}`, "ready", "p", 0),
	oldJob("job_06", "letter.code", `{"ref":"cnf_1.NONCE","lang":"es"}`, "ready", "", 0),
	oldJob("job_07", "sandbox.letter.added", `{"to":"tess@home.test","sandbox":true,"address":"new@home.test","lang":"fr"}`, "ready", "", 0),
	oldJob("job_08", "letter.offer", `{"candidate":"c1","claim":"k1"}`, "running", "p", 1), // in a program of before
	oldJob("job_09", "letter.again", `{"email":"ana@home.test"}`, "ready", "", 0),          // no letter yet
	oldJob("job_10", "letter.notice", `no JSON`, "dead", "p", 1),
	oldJob("job_11", "reconcile", `{}`, "ready", "", 0),
}

func oldJob(id, kind, payload, state, lane string, attempts int) string {
	holder, until := "''", "NULL"
	if state == "running" {
		holder, until = "'gone'", "'2026-01-01 00:00:10'"
	}
	return fmt.Sprintf(`INSERT INTO job (id, kind, payload, state, run_at, attempts, leased_by, leased_until, last_error, created_at, lane)
		VALUES ('%s', '%s', '%s', '%s', '2026-01-02 00:00:00', %d, %s, %s, 'why', '2026-01-01 00:00:00', '%s')`, id, kind, payload, state, attempts, holder, until, lane)
}

// lettersAfter is what becomes of it.
var lettersAfter = map[string][]string{
	`SELECT id || ' ' || kind || ' ' || state || ' ' || attempts || ' ' || lane || ' ' || last_error || ' ' || CAST(run_at AS TEXT) FROM job ORDER BY id`: {
		"job_01 outbox.offer ready 0 p why 2026-01-02 00:00:00", "job_02 outbox.offer dead 3 p why 2026-01-02 00:00:00", "job_03 outbox.withdrawn ready 1  why 2026-01-02 00:00:00",
		"job_04 sandbox.outbox.notice ready 0 t why 2026-01-02 00:00:00", "job_05 outbox.disputed ready 0 p why 2026-01-02 00:00:00",
		"job_06 outbox.code ready 0  why 2026-01-02 00:00:00", "job_07 sandbox.outbox.added ready 0  why 2026-01-02 00:00:00",
		"job_08 letter.offer running 1 p why 2026-01-02 00:00:00", "job_09 letter.again ready 0  why 2026-01-02 00:00:00",
		"job_10 letter.notice dead 1 p why 2026-01-02 00:00:00", "job_11 reconcile ready 0  why 2026-01-02 00:00:00",
	},
	`SELECT id || ' ' || kind || ' ' || sandbox || ' ' || partner_id || ' ' || candidate_id || ' ' || claim_id || ' ' || awards || ' ' || state || ' ' || tries FROM letter ORDER BY id`: {
		`job_01 offer 0 p c1 k1 ["a1","a2"] waiting 0`, `job_02 offer 0 p c1 k2 ["a3"] bounced 3`, `job_03 withdrawn 0 p c1  ["a1"] waiting 1`,
		`job_04 notice 1 t c2  ["a4"] waiting 0`, `job_05 disputed 0 p c1  ["a1"] waiting 0`, `job_06 code 0     waiting 0`, `job_07 added 1     waiting 0`,
	},
	`SELECT id || ' ' || recipient || ' ' || language || ' ' || CAST(created_at AS TEXT) || ' ' || about FROM letter WHERE recipient <> '' OR language <> '' ORDER BY id`: {
		`job_04 other@home.test  2026-01-01 00:00:00 {"candidate":"c2","to":"other@home.test","kind":"returned","awards":["a4"],"at":"2026-01-01T00:00:00Z"}`,
		`job_06  es 2026-01-01 00:00:00 {"ref":"cnf_1.NONCE","lang":"es"}`,
		`job_07 tess@home.test fr 2026-01-01 00:00:00 {"to":"tess@home.test","sandbox":true,"address":"new@home.test","lang":"fr"}`,
	},
}

// TestLettersDue: letters that wait have rows afterwards and are as due as they were, whoever of two processes does it,
// and a queue takes them up.
func TestLettersDue(t *testing.T) {
	for name, where := range map[string]func() string{
		"sqlite":   func() string { return filepath.Join(t.TempDir(), "insignia.db") },
		"postgres": func() string { return databasetest.PostgresURL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" && os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
				t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
			}
			url := where()
			db, other := open(t, url), open(t, url)
			if err := migrations.ApplyTo(t.Context(), db.SQL(), db.Postgres(), 20); err != nil {
				t.Fatal(err)
			}
			for _, statement := range lettersBefore {
				if _, err := db.SQL().ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err, statement)
				}
			}
			var both sync.WaitGroup
			for _, process := range []*sql.DB{db.SQL(), other.SQL()} {
				both.Go(func() {
					if _, err := migrations.Apply(t.Context(), process, db.Postgres()); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			for query, want := range lettersAfter {
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
			var taken []string
			queue := jobs.New(db, slog.New(slog.DiscardHandler), time.Now)
			for _, kind := range []string{"outbox.offer", "letter.offer"} {
				queue.Handle(kind, func(_ context.Context, j jobs.Job) error {
					taken = append(taken, j.Kind+" "+j.ID+" "+j.Lane)
					return nil
				})
			}
			if _, err := queue.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			slices.Sort(taken)
			if diff := cmp.Diff([]string{"letter.offer job_08 p", "outbox.offer job_01 p"}, taken); diff != "" {
				t.Error(diff)
			}
		})
	}
}
