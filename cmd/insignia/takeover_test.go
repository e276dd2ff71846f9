package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/migrations"
)

// TestTakeover has the program of before fill a database, takes it over with this one, which is killed twice at it, and
// finds that nothing is lost and that every signed byte is the same at the same address. make takeover runs it.
func TestTakeover(t *testing.T) {
	if os.Getenv("INSIGNIA_TAKEOVER") == "" {
		t.Skip("INSIGNIA_TAKEOVER is not set: make takeover sets it")
	}
	t.Run("sqlite", func(t *testing.T) { takeover(t, "") })
	t.Run("postgres", func(t *testing.T) { takeover(t, databasetest.PostgresURL(t)) })
}

func takeover(t *testing.T, url string) {
	n := newInstallation(t, url)
	before := n.fillWithProgramOfBefore(t)
	db := n.open(t)
	rows, due := rowsOf(t, db), texts(t, db, `SELECT id FROM job WHERE kind LIKE 'letter.%' OR kind LIKE 'sandbox.letter.%' ORDER BY id`)
	t.Logf("%d results, %d awards, %d letters due", count(t, db, "result"), count(t, db, "award"), len(due))

	begin := time.Now()
	n.killAt(t, db, 21, 200*time.Millisecond) // while letters become rows
	n.killAt(t, db, 25, 30*time.Millisecond)  // while what supports awards does
	if version := schemaVersion(t, db); version != 25 {
		t.Errorf("killed when the schema was at %d, want 25: kill earlier", version)
	}
	must(t, n.env, "migrate")
	t.Logf("taken over in %v, with two kills", time.Since(begin).Round(time.Millisecond))

	if version := schemaVersion(t, db); version != migrations.Newest() {
		t.Errorf("got a schema of version %d, want %d", version, migrations.Newest())
	}
	if diff := cmp.Diff(rows, rowsOf(t, db)); diff != "" {
		t.Errorf("rows (-before +after):\n%s", diff)
	}
	left := texts(t, db, `SELECT l.id FROM letter l JOIN job j ON j.id = l.id WHERE l.state = 'waiting' AND j.state = 'ready' ORDER BY l.id`)
	if diff := cmp.Diff(due, left); diff != "" {
		t.Errorf("letters due (-before +after):\n%.2000s", diff)
	}
	checkSupports(t, db)
	if _, err := serve(t, n.env, n.addr); err != nil {
		t.Fatal(err)
	}
	for path, was := range before {
		if diff := cmp.Diff(was, n.answer(t, path)); diff != "" {
			t.Errorf("%s (-before +after):\n%.2000s", path, diff)
		}
	}
	t.Logf("%d answers compared", len(before))
}

// fillWithProgramOfBefore is what the program of before answered to a sample of requests at last.
func (n *installation) fillWithProgramOfBefore(t *testing.T) (answers map[string]any) {
	t.Helper()
	var notes struct {
		Key     string
		Answers map[string][]byte
	}
	file := filepath.Join(n.folder, "notes.json")
	load := exec.Command(os.Getenv("INSIGNIA_TAKEOVER"), "-test.run", "TestLoad", "-test.timeout", "1h")
	load.Env = append(append(os.Environ(), n.env...), "INSIGNIA_TAKEOVER_NOTES="+file)
	begin := time.Now()
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("filled in %v", time.Since(begin).Round(time.Second))
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &notes)
	}
	if err != nil {
		t.Fatal(err)
	}
	n.key, answers = notes.Key, map[string]any{}
	for path, answer := range notes.Answers {
		answers[path] = compared(path, string(answer))
	}
	return answers
}

// answer is what the running server says now.
func (n *installation) answer(t *testing.T, path string) any {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://"+n.addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+n.key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return compared(path, fmt.Sprintf("%d %s", answer.StatusCode, body))
}

// compared is an answer of which the bytes count, or for JSON of our own the facts.
func compared(path, answer string) any {
	if !strings.HasPrefix(path, "/api/") {
		return fmt.Sprintf("%.3s, SHA-256 %x", answer, sha256.Sum256([]byte(answer)))
	}
	var facts map[string]any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(answer, "200 ")), &facts); err != nil {
		return answer
	}
	return facts
}

// killAt begins to migrate, and kills the program some time after the schema has reached a version.
func (n *installation) killAt(t *testing.T, db *sql.DB, version int64, after time.Duration) {
	t.Helper()
	c := program(n.env, "migrate")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for schemaVersion(t, db) < version {
		select {
		case err := <-ended:
			t.Fatalf("ended at version %d: %v", schemaVersion(t, db), err)
		case <-time.After(time.Millisecond): // another process works
		}
	}
	<-time.After(after)
	_ = c.Process.Kill()
	if err := <-ended; err == nil {
		t.Errorf("it was done before it could be killed: kill earlier")
	}
}

func schemaVersion(t *testing.T, db *sql.DB) (version int64) {
	t.Helper()
	if err := db.QueryRow(`SELECT MAX(version_id) FROM goose_db_version`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

// rowsOf is how many rows there are of each thing that must stay as it is, and their digest.
func rowsOf(t *testing.T, db *sql.DB) map[string]string {
	t.Helper()
	found := map[string]string{}
	for what, query := range map[string]string{
		"results":      `SELECT partner_id, id, candidate_id, exam, outcome, state, digest, decisions, awards FROM result ORDER BY partner_id, id`,
		"awards":       `SELECT id, candidate_id, partner_id, kind, code, achievement_id, result_id, supports, earned_on, expires_on, state, visibility, holder, version, signed, revocation FROM award ORDER BY id`,
		"editions":     `SELECT award_id, version, status_list, status_index, signed_by, jwt FROM credential ORDER BY award_id, version`,
		"forms":        `SELECT award_id, version, form, signed_id, signed_by, body FROM credential_form ORDER BY award_id, version, form`,
		"achievements": `SELECT id, content, svg FROM achievement ORDER BY id`,
		"revoked":      `SELECT list, position FROM status_bit ORDER BY list, position`,
		"status lists": `SELECT number, seed, size, taken FROM status_list ORDER BY number`,
	} {
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		values, into, n, digest := make([]sql.RawBytes, len(columns)), make([]any, len(columns)), 0, sha256.New()
		for k := range values {
			into[k] = &values[k]
		}
		for ; rows.Next(); n++ {
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				fmt.Fprintf(digest, "%d:%s", len(v), v)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		found[what] = fmt.Sprintf("%d %x", n, digest.Sum(nil))
	}
	return found
}

// checkSupports finds that the rows of what an award rests on say what its column says.
func checkSupports(t *testing.T, db *sql.DB) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), `
		SELECT a.id, a.partner_id, a.supports, s.partner_id, s.result_id
		FROM award a
		LEFT JOIN award_support s ON s.award_id = a.id
		ORDER BY a.id, s.position`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	want, got := map[string]ledger.IDList{}, map[string]ledger.IDList{}
	n := 0
	for ; rows.Next(); n++ {
		var award, partner, ofPartner, result string
		var column ledger.IDList
		if err := rows.Scan(&award, &partner, &column, &ofPartner, &result); err != nil || partner != ofPartner {
			t.Fatalf("award %s of %s rests on %q of %q: %v", award, partner, result, ofPartner, err)
		}
		want[award], got[award] = column, append(got[award], result)
	}
	if diff := cmp.Diff(want, got); rows.Err() != nil || diff != "" {
		t.Errorf("%v, supports (-column +rows):\n%.2000s", rows.Err(), diff)
	}
	t.Logf("%d awards rest on %d results", len(got), n)
}

func texts(t *testing.T, db *sql.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func count(t *testing.T, db *sql.DB, table string) (n int) {
	t.Helper()
	if err := db.QueryRow(`SELECT COUNT(*) FROM ` + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
