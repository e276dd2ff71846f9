package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/verifier"
)

// TestBackup saves a database under load and puts it back: everything that was answered before the
// backup began is there, unchanged, what came after it is not, and its keys still sign.
func TestBackup(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { backUp(t, startServer(t, nil)) })
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv("INSIGNIA_TEST_POSTGRES") == "" {
			t.Skip("INSIGNIA_TEST_POSTGRES is not set: make test sets it")
		}
		if _, err := exec.LookPath("pg_dump"); err != nil {
			t.Fatal("backups of PostgreSQL need its client programs:", err)
		}
		backUp(t, startServer(t, func(c *config) { c.Database = databasetest.PostgresURL(t) }))
	})
}

func backUp(t *testing.T, s *stage) {
	s.settings(t)
	badge := s.award(t, passed("R-kept", "NL-100", "ana@home.test", "Ana Ruiz", 3))
	before := download(t, newVisitor(t), badge)
	file := filepath.Join(t.TempDir(), "backup")
	s.whilePosting(t, func() { command(t, 0, "Saved to "+file, "backup", file) })
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v; want a file that only its owner reads", info, err)
	}
	command(t, exitFailure, "exists already", "backup", file)
	late := s.award(t, passed("R-late", "NL-100", "ben@work.test", "Ben Okafor", 3))
	s.stop()
	saved := mustRead(t, file)
	command(t, 0, "", "restore", file)
	if !bytes.Equal(mustRead(t, file), saved) {
		t.Error("restoring changed the backup")
	}
	s = s.again(t)
	newVisitor(t).open(badge).reads(http.StatusOK, "Ana Ruiz")
	newVisitor(t).open(late).reads(http.StatusNotFound, "Nothing to show here")
	for k, after := range download(t, newVisitor(t), badge) {
		for _, p := range before {
			if p.url == after.url && !bytes.Equal(p.data, after.data) {
				t.Errorf("proof %d is another one after restoring", k)
			}
		}
	}
	s.verify(t, before, verifier.Valid)
	s.verify(t, download(t, newVisitor(t), s.award(t, passed("R-new", "NL-100", "chloe@ecole.test", "Chloé Martin", 3))), verifier.Valid)
}

// whilePosting does something while clients post results; those that were answered before it began
// must survive what comes next.
func (s *stage) whilePosting(t *testing.T, do func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	started := make(chan struct{}, 4)
	var clients sync.WaitGroup
	for c := range cap(started) {
		clients.Go(func() {
			for k := 0; ctx.Err() == nil; k++ {
				id := fmt.Sprintf("%d-%d", c, k)
				status, err := postTo(ctx, s.config.Addr, s.key, "R-"+id, "C-"+id)
				if ctx.Err() == nil && (err != nil || status != http.StatusCreated) {
					t.Errorf("post during the backup: %d, %v", status, err)
					return
				}
				if k == 3 {
					started <- struct{}{}
				}
			}
		})
	}
	for range cap(started) {
		<-started
	}
	do()
	stop()
	clients.Wait()
}

// command runs one and checks its exit code and that it prints the words somewhere.
func command(t *testing.T, code int, words string, args ...string) (out string) {
	t.Helper()
	got, out, errOut := runCommand(t, "", args...)
	if got != code || !strings.Contains(out+errOut, words) {
		t.Errorf("insignia %s: got exit code %d and\n%s%s\nwant %d and %q", strings.Join(args, " "), got, out, errOut, code, words)
	}
	return out
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestRestoreRefuses finds that nothing but a whole backup gets into the place of a database, and
// only when no server uses that.
func TestRestoreRefuses(t *testing.T) {
	s := startServer(t, nil)
	s.settings(t)
	s.award(t, passed("R-1", "NL-100", "ana@home.test", "Ana Ruiz", 3))
	folder := t.TempDir()
	good := filepath.Join(folder, "good")
	command(t, 0, "", "backup", good)
	write := func(name string, data []byte) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	data := mustRead(t, good)
	damaged := bytes.Clone(data)
	copy(damaged[len(damaged)/2:], bytes.Repeat([]byte{0xA5}, 8192))
	command(t, exitFailure, "stop the server first", "restore", good)
	command(t, exitFailure, "", "backup", filepath.Join(folder, "absent", "backup"))
	s.call(t, http.StatusCreated, "/results", passed("R-2", "NL-100", "ben@work.test", "Ben Okafor", 3), nil)
	s.stop()
	present := mustRead(t, s.config.Database)
	command(t, exitUsage, "", "restore", filepath.Join(folder, "absent"))
	for _, bad := range []string{write("text", []byte("no database")), write("empty", nil), write("half", data[:len(data)/2]), write("damaged", damaged), foreign(t, folder)} {
		if _, _, text := runCommand(t, "", "restore", bad); strings.Contains(text, "%!") || !strings.Contains(text, "backup") && !strings.Contains(text, "whole") {
			t.Errorf("restore %s: got %q, want a refusal that says why", bad, text)
		}
	}
	if !bytes.Equal(mustRead(t, s.config.Database), present) {
		t.Error("a refused restore changed the database")
	}
	command(t, 0, s.config.Database+".before-restore", "restore", good)
	s = s.again(t)
	for path, want := range map[string]int{"R-1": http.StatusOK, "R-2": http.StatusNotFound} {
		if status := getJSON(t, s.config.Addr, s.key, "/api/v1/results/"+path, new(any)); status != want {
			t.Errorf("result %s answers %d, want %d", path, status, want)
		}
	}
	s.stop()
	t.Setenv("INSIGNIA_DATABASE", write("text", []byte("no database")))
	command(t, exitFailure, "", "backup", filepath.Join(folder, "nothing"))
	if left, _ := filepath.Glob(filepath.Join(folder, "nothing*")); len(left) > 0 {
		t.Errorf("a backup that failed left %v", left)
	}
	t.Setenv("INSIGNIA_DATABASE", filepath.Join(folder, "elsewhere.db"))
	command(t, exitFailure, "no database to save", "backup", filepath.Join(folder, "nothing"))
	command(t, 0, "Restored to", "restore", good)
}

// TestRestoreKeepsEveryDatabase restores three times: each time the database that was there stays, under a
// name of its own.
func TestRestoreKeepsEveryDatabase(t *testing.T) {
	folder := t.TempDir()
	name, saved := filepath.Join(folder, "insignia.db"), filepath.Join(folder, "saved")
	t.Setenv("INSIGNIA_DATABASE", name)
	command(t, 0, "", "partner", "add", "Of the backup")
	command(t, 0, "", "backup", saved)
	kept := map[string]string{}
	for _, partner := range []string{"First", "Second", "Third"} {
		command(t, 0, "", "partner", "add", partner)
		out := command(t, 0, "Restored to "+name, "restore", saved)
		_, old, _ := strings.Cut(out, "is now ")
		old, _, _ = strings.Cut(old, "\n")
		kept[old] = partner
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the restored database: got %v, %v; want a file that only its owner reads", info, err)
		}
	}
	for old, partner := range kept {
		t.Setenv("INSIGNIA_DATABASE", old)
		command(t, 0, partner, "partner", "list")
	}
	if len(kept) != 3 {
		t.Errorf("got the databases %v, want three", kept)
	}
}

// TestRestoreRefusesNewer finds that a database is not replaced by one that this program does not
// understand.
func TestRestoreRefusesNewer(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		t.Setenv("INSIGNIA_DATABASE", db.Path())
		t.Setenv("INSIGNIA_SECRET", "a secret for these tests")
		if db.Postgres() {
			var name string
			if err := db.SQL().QueryRow(`SELECT current_database()`).Scan(&name); err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(os.Getenv("INSIGNIA_TEST_POSTGRES"))
			if err != nil {
				t.Fatal(err)
			}
			u.Path = "/" + name
			t.Setenv("INSIGNIA_DATABASE", u.String())
		}
		if _, err := db.SQL().Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "newer")
		command(t, 0, "", "partner", "list") // a newer schema is fine for whom it was added to
		command(t, 0, "Saved", "backup", file)
		command(t, exitFailure, "a newer program: its schema has version 9999", "restore", file)
	})
}

// foreign is a whole database of another program.
func foreign(t *testing.T, folder string) string {
	t.Helper()
	file := filepath.Join(folder, "foreign")
	db, err := sql.Open("sqlite3", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE songs (title TEXT)"); err != nil {
		t.Fatal(err)
	}
	return file
}
