package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/open-insignia/insignia/database"
)

type backupCommand struct {
	databaseConfig
	File string `arg:"" help:"Where to write the copy; must not exist."`
}

// Run copies the database as it is at one moment, while others go on writing.
func (b *backupCommand) Run(ctx context.Context, t *terminal) error {
	if _, err := os.Stat(b.File); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists already", b.File)
	}
	if b.postgres() {
		if err := tool(ctx, t, "pg_dump", "--format=custom", "--file="+b.File, b.Database); err != nil {
			return err
		}
	} else if err := b.copySQLite(ctx); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "Saved to %s. Keep INSIGNIA_SECRET (or the file insignia.secret) with it, but not in the same place: without it the private keys stay sealed.\n", b.File)
	return nil
}

func (b *backupCommand) copySQLite(ctx context.Context) error {
	if _, err := os.Stat(b.Database); err != nil {
		return fmt.Errorf("no database to save: %w", err)
	}
	db, err := database.Open(ctx, b.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	part := b.File + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := db.SQL().ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	return errors.Join(os.Chmod(part, 0o600), os.Rename(part, b.File))
}

type restoreCommand struct {
	databaseConfig
	File string `arg:"" type:"existingfile" help:"A backup."`
}

// Run puts a copy of a backup in the place of the database. What was there before is kept beside it;
// the backup itself is only read.
func (r *restoreCommand) Run(ctx context.Context, t *terminal) error {
	if r.postgres() {
		return tool(ctx, t, "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", "--dbname="+r.Database, r.File)
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

// intact refuses what is no whole SQLite database of ours.
func intact(ctx context.Context, file string) error {
	db, err := database.Open(ctx, file)
	if err != nil {
		return fmt.Errorf("no backup: %w", err)
	}
	defer db.Close()
	var verdict string
	if _, err := db.Reader().Get(ctx, &verdict, `SELECT integrity_check FROM pragma_integrity_check LIMIT 1`); err != nil || verdict != "ok" {
		return fmt.Errorf("no whole database: %s %w", verdict, err)
	}
	var versions int
	if _, err := db.Reader().Get(ctx, &versions, `SELECT COUNT(*) FROM programme_version`); err != nil {
		return fmt.Errorf("no backup of Insignia: %w", err)
	}
	return nil
}

// setAside moves the present database away. Leaving write-ahead mode fails while any other process
// has it open, and merges what is not merged yet.
func (r *restoreCommand) setAside(ctx context.Context, t *terminal) error {
	if _, err := os.Stat(r.Database); errors.Is(err, fs.ErrNotExist) {
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
	old := r.Database + ".before-restore"
	fmt.Fprintln(t.out, "The database that was there is now", old)
	return os.Rename(r.Database, old)
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
