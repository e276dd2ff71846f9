package issuer

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// TestListsReadWhatTheyShow finds that no list of a partner's reads rows that it leaves out or sorts what an
// index has in order already, whatever it is filtered by.
func TestListsReadWhatTheyShow(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	at := place{time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC), "x"}
	for name, p := range map[string]Page{
		"all": {}, "of a candidate": {Candidate: "C-1"}, "in a state": {State: ledger.Offered}, "of a candidate in a state": {Candidate: "C-1", State: ledger.Offered},
	} {
		for list, page := range map[string]func(string, Page, place, int) (string, []any){"results": resultPage, "awards": awardPage} {
			query, args := page("ptn_1", p, at, 51)
			plan := strings.Join(planOf(t, db, query, args), "; ")
			if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, "_at,id)>(?,?)") {
				t.Errorf("%s %s: %s", list, name, plan)
			}
		}
	}
}

func planOf(t *testing.T, db *database.DB, query string, args []any) (steps []string) {
	t.Helper()
	rows, err := db.SQL().QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}

// BenchmarkLists prints how much longer a page takes in a ledger of 200,000 results than in one of 10,000.
func BenchmarkLists(b *testing.B) {
	short, long := ledgerOf(b, 10_000), ledgerOf(b, 200_000)
	for name, p := range map[string]Page{"all": {}, "candidate": {Candidate: "C-77"}, "state": {State: ledger.Accepted}, "since": {Since: time.Unix(9_000, 0)}} {
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			var ofLong, ofShort time.Duration = time.Hour, time.Hour
			for range 10 { // in turn, and the quickest, since others use the machine too
				ofLong, ofShort = min(ofLong, timeOfLists(b, long, p)), min(ofShort, timeOfLists(b, short, p))
			}
			b.ReportMetric(float64(ofLong)/float64(ofShort), "x-at-200k")
		})
	}
}

// timeOfLists is the time of some pages of each list.
func timeOfLists(b *testing.B, db *database.DB, p Page) time.Duration {
	const times = 20
	from, limit, err := p.start()
	if err != nil {
		b.Fatal(err)
	}
	begin := time.Now()
	for range times {
		if _, err := selectResultPage(b.Context(), db.Reader(), "ptn_1", p, from, limit+1); err != nil {
			b.Fatal(err)
		}
		if _, err := selectAwardPage(b.Context(), db.Reader(), "ptn_1", p, from, limit+1); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begin)
}

// ledgerOf fills a database with n results and awards of n candidates, a second apart; the accepted are few and
// at the end.
func ledgerOf(b *testing.B, n int) *database.DB {
	b.Helper()
	db := databasetest.New(b)
	statements := []string{`
		WITH RECURSIVE k (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n + 1 < ` + fmt.Sprint(n) + `)
		INSERT INTO result (partner_id, id, candidate_id, exam, outcome, score, max_score, identity_method, identity_matched, state, digest, decisions, awards, taken_at, recorded_at)
		SELECT 'ptn_1', 'R-' || n, 'cnd_' || n, 'E1', 'pass', '', '', '', '', 'recorded', '', '[]', '[]', datetime(n, 'unixepoch') || '+00:00', datetime(n, 'unixepoch') || '+00:00' FROM k`, `
		INSERT INTO award (id, candidate_id, partner_id, kind, code, achievement_id, programme_version, result_id, supports, earned_on, expires_on, renewed, identity_checked,
			salt, state, visibility, holder, version, signed, revision, kept, revocation, reason, superseded_by, created_at, issued_at)
		SELECT 'a' || id, candidate_id, partner_id, 'exam', 'E1', 'x', 1, id, '[]', '2026-03-04', '', '', '', '', CASE WHEN rowid > ` + fmt.Sprint(n-60) + ` THEN 'accepted' ELSE 'offered' END,
			'link', '', 1, 1, 1, 0, '', '', '', recorded_at, recorded_at FROM result`, `
		UPDATE result SET candidate_id = '` + candidateID("ptn_1", "C-77") + `' WHERE rowid > ` + fmt.Sprint(n-20), `
		UPDATE award SET candidate_id = '` + candidateID("ptn_1", "C-77") + `' WHERE rowid > ` + fmt.Sprint(n-20)}
	db.SQL().SetMaxOpenConns(1) // the setting is one of the connection
	if _, err := db.SQL().Exec(`PRAGMA foreign_keys = OFF`); err != nil {
		b.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.SQL().Exec(s); err != nil {
			b.Fatal(err)
		}
	}
	return db
}

// TestLettersOfAPageAreFound: the letters of the awards of a page are looked up by an index.
func TestLettersOfAPageAreFound(t *testing.T) {
	t.Parallel()
	plan := strings.Join(planOf(t, databasetest.New(t), strings.Replace(lettersQuery, "(?)", "(?, ?)", 1), []any{"cnd_1", "cnd_2"}), "; ")
	if strings.Contains(plan, "SCAN") || !strings.Contains(plan, "claim_candidate") {
		t.Error(plan)
	}
}
