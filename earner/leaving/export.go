package leaving

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/jobs"
)

// Archive writes what somebody takes along.
type Archive interface {
	// Write writes a ZIP file with everything of an account, in a language, one thing after another. It tells how
	// many badges are in it of how many, and ends when that fails.
	Write(ctx context.Context, w io.Writer, p Person, language string, progress func(done, total int) error) error
}

// Sent is a letter to somebody, as it is known: not what it says.
type Sent struct {
	Kind     string    `json:"kind" db:"kind"`
	To       string    `json:"to" db:"recipient"`
	Language string    `json:"language" db:"language"`
	State    string    `json:"state" db:"state"`
	At       time.Time `json:"at" db:"created_at"`
}

// ExportOptions are the parts that exports are made of.
type ExportOptions struct {
	Accounts *earner.Accounts
	Archive  Archive
	Letters  Letters
	Now      func() time.Time
}

// Exports are files that people take along: made by a job, kept in the database in parts, so that neither making nor
// reading one takes memory, whichever process does it.
type Exports struct {
	ExportOptions
	db    *database.DB
	queue *jobs.Queue
}

const (
	jobExport   = "leaving.export"
	exportKept  = 7 * 24 * time.Hour
	exportStuck = 24 * time.Hour // one that is being made for longer was given up
	exportTries = 5
	partSize    = 256 << 10
)

// NewExports registers its job with the queue.
func NewExports(db *database.DB, queue *jobs.Queue, o ExportOptions) *Exports {
	es := &Exports{o, db, queue}
	queue.Handle(jobExport, es.make, jobs.AtMost(1), jobs.Timeout(30*time.Minute))
	return es
}

func (es *Exports) now() time.Time { return es.Now().UTC().Truncate(time.Second) }

// Export is a file that somebody takes along, or that is being made.
type Export struct {
	ID       string     `db:"id"`
	Account  string     `db:"account_id"`
	Language string     `db:"language"`
	State    string     `db:"state"` // Making, Ready or Failed
	Done     int        `db:"done"`  // badges, of Total
	Total    int        `db:"total"`
	Size     int64      `db:"size"`
	Asked    time.Time  `db:"asked_at"`
	Ended    *time.Time `db:"ended_at"`
}

// The states of an export.
const (
	Making = "making"
	Ready  = "ready"
	Failed = "failed"
)

// Until is until when the file is kept; zero where there is none.
func (e Export) Until() time.Time {
	if e.Ended == nil {
		return time.Time{}
	}
	return e.Ended.Add(exportKept).UTC()
}

const exportColumns = `id, account_id, language, state, done, total, size, asked_at, ended_at`

// Find finds the export of an account. One that has served its time is none.
func (es *Exports) Find(ctx context.Context, account string) (e Export, found bool, err error) {
	found, err = es.db.Reader().Get(ctx, &e, `
		SELECT `+exportColumns+`
		FROM leaving_export
		WHERE account_id = ? AND (ended_at IS NULL OR ended_at > ?)`, account, es.now().Add(-exportKept))
	if err != nil {
		return e, false, fmt.Errorf("read export: %w", err)
	}
	return e, found, nil
}

// Ask has an export made, unless one is being made. The one before goes.
func (es *Exports) Ask(ctx context.Context, account, language string) error {
	now := es.now()
	e := Export{ID: "exp_" + strings.ToLower(rand.Text()[:20]), Account: account, Language: language, State: Making, Asked: now}
	err := es.db.InTx(ctx, func(t *database.Tx) error {
		if err := es.Accounts.Ways.Lock(ctx, t, account); err != nil {
			return err
		}
		if err := deleteExports(ctx, t, `account_id = ? AND (state <> 'making' OR asked_at <= ?)`, account, now.Add(-exportStuck)); err != nil {
			return err
		}
		n, err := t.Exec(ctx, `
			INSERT INTO leaving_export (`+exportColumns+`)
			VALUES (?, ?, ?, ?, 0, 0, 0, ?, NULL)
			ON CONFLICT DO NOTHING`, e.ID, e.Account, e.Language, e.State, e.Asked)
		if err != nil || n == 0 {
			return err
		}
		if err := es.Accounts.Ways.Note(ctx, t, account, ExportAsked); err != nil {
			return err
		}
		return es.queue.Add(ctx, t, jobs.Task{Kind: jobExport, Key: e.ID, Payload: exportPayload{account, e.ID}})
	})
	if err != nil {
		return fmt.Errorf("ask for an export: %w", err)
	}
	return nil
}

type exportPayload struct {
	Account string `json:"account"`
	Export  string `json:"export"`
}

// deleteExports deletes exports with their parts.
func deleteExports(ctx context.Context, t *database.Tx, where string, args ...any) error {
	if _, err := t.Exec(ctx, `
		DELETE FROM leaving_export_part
		WHERE export_id IN (SELECT id FROM leaving_export WHERE `+where+`)`, args...); err != nil {
		return err
	}
	_, err := t.Exec(ctx, `
		DELETE FROM leaving_export
		WHERE `+where, args...)
	return err
}

// make makes the file of a job, from its beginning. One that nobody wants any more, since its account is gone or another
// one was asked for, is not finished. What fails again and again is said to have failed.
func (es *Exports) make(ctx context.Context, j jobs.Job) error {
	var p exportPayload
	if err := j.Decode(&p); err != nil {
		return err
	}
	e, found, err := es.Find(ctx, p.Account)
	if err != nil || !found || e.ID != p.Export || e.State != Making {
		return err
	}
	who, err := es.person(ctx, e.Account)
	if err != nil {
		return err
	}
	err = es.write(ctx, e, who)
	switch {
	case errors.Is(err, errUnwanted):
		return nil
	case err != nil && j.Attempt >= exportTries:
		failed := es.db.InTx(ctx, func(t *database.Tx) error {
			_, err := t.Exec(ctx, `
				UPDATE leaving_export
				SET state = 'failed', ended_at = ?
				WHERE id = ? AND state = 'making'`, es.now(), e.ID)
			return err
		})
		return jobs.Permanent(errors.Join(err, failed))
	}
	return err
}

var errUnwanted = errors.New("nobody wants the export any more")

// person is whose the export is.
func (es *Exports) person(ctx context.Context, account string) (p Person, err error) {
	list, err := es.Accounts.Addresses(ctx, account)
	p.Account = account
	for _, d := range list {
		p.Addresses, p.Sandbox = append(p.Addresses, d.Address), p.Sandbox || d.Sandbox
	}
	return p, err
}

func (es *Exports) write(ctx context.Context, e Export, who Person) error {
	err := es.db.InTx(ctx, func(t *database.Tx) error { // of an attempt before
		_, err := t.Exec(ctx, `
			DELETE FROM leaving_export_part
			WHERE export_id = ?`, e.ID)
		return err
	})
	if err != nil {
		return err
	}
	parts := &partWriter{ctx: ctx, es: es, id: e.ID, part: make([]byte, 0, partSize)}
	if err := es.Archive.Write(ctx, parts, who, e.Language, parts.progress); err != nil {
		return err
	}
	if err := parts.flush(); err != nil {
		return err
	}
	return es.db.InTx(ctx, func(t *database.Tx) error {
		now := es.now()
		n, err := t.Exec(ctx, `
			UPDATE leaving_export
			SET state = 'ready', size = ?, ended_at = ?
			WHERE id = ? AND state = 'making'`, parts.size, now, e.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return errUnwanted
		}
		e.Ended = &now
		return es.Letters.Leaving(ctx, t, Letter{Kind: LetterExport, Person: who, On: e.Until(), Lang: e.Language})
	})
}

// partWriter stores what is written to it in parts.
type partWriter struct {
	ctx         context.Context // of the one call that writes
	es          *Exports
	id          string
	part        []byte
	number      int
	size        int64
	done, total int
}

func (w *partWriter) Write(data []byte) (n int, err error) {
	for len(data) > 0 {
		room := min(partSize-len(w.part), len(data))
		w.part = append(w.part, data[:room]...)
		data, n = data[room:], n+room
		if len(w.part) == partSize {
			if err := w.flush(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// progress is shown with the next part, or at once where a badge is the first one.
func (w *partWriter) progress(done, total int) error {
	w.done, w.total = done, total
	if done > 0 {
		return nil
	}
	return w.flush()
}

func (w *partWriter) flush() error {
	return w.es.db.InTx(w.ctx, func(t *database.Tx) error {
		n, err := t.Exec(w.ctx, `
			UPDATE leaving_export
			SET done = ?, total = ?
			WHERE id = ? AND state = 'making'`, w.done, w.total, w.id)
		switch {
		case err != nil:
			return err
		case n == 0:
			return errUnwanted
		case len(w.part) == 0:
			return nil
		}
		_, err = t.Exec(w.ctx, `
			INSERT INTO leaving_export_part (export_id, number, body)
			VALUES (?, ?, ?)`, w.id, w.number, w.part)
		if err != nil {
			return fmt.Errorf("store part %d of an export: %w", w.number, err)
		}
		t.OnCommit(func() {
			w.number, w.size, w.part = w.number+1, w.size+int64(len(w.part)), w.part[:0]
		})
		return nil
	})
}

// Open reads a file that is ready, at any place and in any order.
func (es *Exports) Open(ctx context.Context, e Export) io.ReadSeeker {
	return &partReader{ctx: ctx, t: es.db.Reader(), id: e.ID, size: e.Size, number: -1}
}

// partReader keeps the part that was read last.
type partReader struct {
	ctx      context.Context // of the one request that reads
	t        *database.Tx
	id       string
	size, at int64
	number   int64
	part     []byte
}

func (r *partReader) Seek(offset int64, whence int) (int64, error) {
	at := offset
	switch whence {
	case io.SeekCurrent:
		at += r.at
	case io.SeekEnd:
		at += r.size
	}
	if at < 0 {
		return r.at, errors.New("seek before the beginning")
	}
	r.at = at
	return at, nil
}

func (r *partReader) Read(data []byte) (int, error) {
	if r.at >= r.size {
		return 0, io.EOF
	}
	if number := r.at / partSize; number != r.number {
		found, err := r.t.Get(r.ctx, &r.part, `
			SELECT body
			FROM leaving_export_part
			WHERE export_id = ? AND number = ?`, r.id, number)
		if err == nil && !found { // it was deleted meanwhile
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, fmt.Errorf("read part %d of an export: %w", number, err)
		}
		r.number = number
	}
	n := copy(data, r.part[min(r.at%partSize, int64(len(r.part))):])
	r.at += int64(n)
	if n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return n, nil
}

// Forget deletes exports that have served their time.
func (es *Exports) Forget(ctx context.Context) error {
	return es.db.InTx(ctx, func(t *database.Tx) error {
		return deleteExports(ctx, t, `ended_at IS NOT NULL AND ended_at <= ?`, es.now().Add(-exportKept))
	})
}
