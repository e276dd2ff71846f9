package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/migrations"
)

type backupCommand struct {
	databaseConfig
	File string `arg:"" help:"Where to write the copy; must not exist."`
}

// Run copies the database as it is at one moment, while others go on writing. The copy appears whole or
// not at all, and only its owner may read it: it holds people's names and addresses.
func (b *backupCommand) Run(ctx context.Context, t *terminal) error {
	if _, err := os.Stat(b.File); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists already", b.File)
	}
	if b.absent() {
		return fmt.Errorf("no database to save: there is no %s", b.Database)
	}
	part := b.File + ".part"
	if err := makePrivate(part); err != nil {
		return err
	}
	defer os.Remove(part) // unless it has its name
	if err := b.copyTo(ctx, t, part); err != nil {
		return err
	}
	if err := os.Rename(part, b.File); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "Saved to %s. Keep INSIGNIA_SECRET (or the file insignia.secret) with it, but not in the same place: without it the private keys stay sealed.\n", b.File)
	return nil
}

// makePrivate makes an empty file that only its owner may read, in the place of what a backup that was
// cut off left there.
func makePrivate(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// copyTo fills an empty file.
func (b *backupCommand) copyTo(ctx context.Context, t *terminal, file string) error {
	if b.postgres() {
		return tool(ctx, t, "pg_dump", "--format=custom", "--file="+file, b.Database)
	}
	db, err := database.Open(ctx, b.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.SQL().ExecContext(ctx, "VACUUM INTO ?", file); err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	return nil
}

type restoreCommand struct {
	databaseConfig
	File string `arg:"" type:"existingfile" help:"A backup."`
}

// Run puts a copy of a backup in the place of the database. What was there before is kept beside it;
// the backup itself is only read.
func (r *restoreCommand) Run(ctx context.Context, t *terminal) error {
	if r.postgres() {
		return r.restorePostgres(ctx, t)
	}
	part, err := copyBeside(r.File, r.Database)
	if err != nil {
		return err
	}
	defer func() {
		for _, leftover := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(part + leftover)
		}
	}()
	if err := intact(ctx, part); err != nil {
		return fmt.Errorf("%s is %w", r.File, err)
	}
	if err := r.setAside(ctx, t); err != nil {
		return err
	}
	if err := os.Rename(part, r.Database); err != nil {
		return err
	}
	fmt.Fprintln(t.out, "Restored to", r.Database)
	return nil
}

// intact refuses what is no whole SQLite database of ours, or of a later program.
func intact(ctx context.Context, file string) error {
	db, err := database.Open(ctx, file)
	if err != nil {
		return fmt.Errorf("no backup: %w", err)
	}
	defer db.Close()
	var verdict string
	if _, err := db.Reader().Get(ctx, &verdict, `SELECT integrity_check FROM pragma_integrity_check LIMIT 1`); err != nil {
		return fmt.Errorf("no whole database: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("no whole database: %s", verdict)
	}
	version, err := migrations.Version(ctx, db.SQL(), false)
	if err != nil {
		return fmt.Errorf("no backup of Insignia: %w", err)
	}
	return ours(version)
}

// ours refuses a backup by the version of its schema.
func ours(version int64) error {
	switch newest := migrations.Newest(); {
	case version == 0:
		return errors.New("no backup of Insignia")
	case version > newest:
		return fmt.Errorf("a backup of a newer program: its schema has version %d, this program knows up to %d", version, newest)
	}
	return nil
}

// setAside moves the present database away, under a name that it keeps for good. Leaving write-ahead mode
// fails while any other process has it open, and merges what is not merged yet.
func (r *restoreCommand) setAside(ctx context.Context, t *terminal) error {
	if r.absent() {
		return nil
	}
	db, err := database.Open(ctx, r.Database)
	if err != nil {
		return err
	}
	_, err = db.SQL().ExecContext(ctx, "PRAGMA busy_timeout = 200; PRAGMA journal_mode = DELETE")
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("stop the server first: %w", err)
	}
	old, err := unused(r.Database + ".before-restore-" + time.Now().UTC().Format("20060102T150405"))
	if err != nil {
		return err
	}
	if err := os.Rename(r.Database, old); err != nil {
		return err
	}
	fmt.Fprintln(t.out, "The database that was there is now", old)
	return nil
}

// unused is a name that no file has, the wished one if possible.
func unused(wished string) (string, error) {
	for name, n := wished, 2; ; n++ {
		_, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
		name = fmt.Sprintf("%s-%d", wished, n)
	}
}

// restorePostgres looks first whose backup it is; pg_restore refuses one that is damaged, and changes
// nothing then.
func (r *restoreCommand) restorePostgres(ctx context.Context, t *terminal) error {
	var rows bytes.Buffer
	quiet := &terminal{out: &rows, err: t.err}
	if err := tool(ctx, quiet, "pg_restore", "--data-only", "--table=goose_db_version", "--file=-", r.File); err != nil {
		return fmt.Errorf("%s is no backup: %w", r.File, err)
	}
	if err := ours(dumpedVersion(rows.String())); err != nil {
		return fmt.Errorf("%s is %w", r.File, err)
	}
	return tool(ctx, t, "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", "--dbname="+r.Database, r.File)
}

// dumpedVersion is the newest version in the text of the table of migrations, whose rows are id, version
// and more, between tabs.
func dumpedVersion(text string) (newest int64) {
	for line := range strings.Lines(text) {
		if columns := strings.Split(line, "\t"); len(columns) > 2 {
			version, _ := strconv.ParseInt(columns[1], 10, 64)
			newest = max(newest, version)
		}
	}
	return newest
}

// copyBeside copies a file into the folder of another, under a name of its own.
func copyBeside(from, beside string) (name string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(beside), ".restore-*")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return "", errors.Join(err, os.Remove(out.Name()))
	}
	return out.Name(), nil
}

// tool runs one of PostgreSQL's own programs.
func tool(ctx context.Context, t *terminal, name string, args ...string) error {
	if _, err := exec.LookPath(name); err != nil {
		return fmt.Errorf("%s is needed for PostgreSQL and is not installed", name)
	}
	c := exec.CommandContext(ctx, name, args...)
	c.Stdout, c.Stderr = t.out, t.err
	return c.Run()
}
