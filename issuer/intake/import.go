package intake

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// Modes of imports.
const (
	ModeRun   = "run"
	ModeCheck = "check" // nothing is recorded; the report says what would be
)

// Kinds of bodies.
const (
	KindCSV    = "csv"
	KindNDJSON = "ndjson"
)

// States of imports.
const (
	Receiving = "receiving"
	Checking  = "checking" // its rows are counted, or all of it where mode is check
	Running   = "running"
	Paused    = "paused"
	Done      = "done"
	Cancelled = "cancelled"
	Failed    = "failed" // the file cannot be read at all
)

const (
	rowsMost     = 1_000_000
	atOnce       = 2         // imports in a process
	bytesMost    = 512 << 20 // of a body, unpacked
	waitingMost  = 20        // imports of a partner that have not ended
	reportsKept  = 90 * 24 * time.Hour
	finishedKind = "import.finished"
)

// Import is a file of results and how far it is.
type Import struct {
	ID      string `db:"id"`
	Partner string `db:"partner_id"`
	Mode    string `db:"mode"`
	Kind    string `db:"kind"`
	State   string `db:"state"`
	Format
	Mapping    jsonOf[Mapping] `db:"mapping"`
	Total      *int64          `db:"total"`
	Done       int64           `db:"done"`
	Recorded   int64           `db:"recorded"`
	Replayed   int64           `db:"replayed"`
	Failed     int64           `db:"failed"`
	Awards     int64           `db:"awards"`
	Fault      jsonOf[*Fault]  `db:"fault"`
	CreatedAt  time.Time       `db:"created_at"`
	FinishedAt *time.Time      `db:"finished_at"`

	Offset int64            `db:"body_offset"`
	Line   int64            `db:"body_line"`
	Begun  int              `db:"begun"`
	Known  jsonOf[[]string] `db:"known"`
	Report int64            `db:"report"`
}

const importColumns = `id, partner_id, mode, kind, state, encoding, mark, delimiter, mapping, total, done, recorded, replayed, failed, awards, fault,
	created_at, finished_at, body_offset, body_line, begun, known, report`

// jsonOf is a column that holds JSON.
type jsonOf[T any] struct{ Value T }

// Scan reads the column.
func (j *jsonOf[T]) Scan(src any) error { return json.Unmarshal(fmt.Appendf(nil, "%s", src), &j.Value) }

func jsonText(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic("intake: encode " + err.Error()) // our own types
	}
	return string(data)
}

// Document is an import as its partner reads it, in answers and in the event at its end (contract 3.1).
type Document struct {
	ID         string     `json:"id"`
	Mode       string     `json:"mode"`
	State      string     `json:"state"`
	Encoding   *string    `json:"encoding"`
	Delimiter  *string    `json:"delimiter"`
	Total      *int64     `json:"total"`
	Done       int64      `json:"done"`
	Recorded   int64      `json:"recorded"`
	Replayed   int64      `json:"replayed"`
	Failed     int64      `json:"failed"`
	Awards     int64      `json:"awards"`
	Error      *Fault     `json:"error"` // why the file cannot be read
	CreatedAt  time.Time  `json:"created_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

// Document is the import as its partner reads it.
func (m Import) Document() Document {
	d := Document{
		ID: m.ID, Mode: m.Mode, State: m.State, Total: m.Total, Done: m.Done, Recorded: m.Recorded, Replayed: m.Replayed, Failed: m.Failed,
		Awards: m.Awards, Error: m.Fault.Value, CreatedAt: m.CreatedAt.UTC(),
	}
	if m.Encoding != "" {
		d.Encoding = &m.Encoding
	}
	if m.Delimiter != "" {
		d.Delimiter = &m.Delimiter
	}
	if m.FinishedAt != nil {
		at := m.FinishedAt.UTC()
		d.FinishedAt = &at
	}
	return d
}

// Ended reports whether nothing will change any more.
func (m Import) Ended() bool { return m.FinishedAt != nil }

// Options are the parts of Imports.
type Options struct {
	DB       *database.DB
	Issuer   *issuer.Issuer
	Partners *partner.Partners
	// Read reads a body of POST /results; its error is the refusal that the request would be answered with.
	Read   func(ctx context.Context, body []byte) (issuer.Result, error)
	Now    func() time.Time
	Failed func(error) // hears of faults of ours; nil: nobody
}

// Imports are all files of results. It is safe for concurrent use, also by several processes on one database.
type Imports struct {
	Options
	name    string // holder of leases
	working working
	crash   func() error // of tests: between recording rows and their report
}

// New makes them; Run works.
func New(o Options) *Imports {
	if o.Failed == nil {
		o.Failed = func(error) {}
	}
	return &Imports{Options: o, name: rand.Text()[:12], working: working{busy: map[string]struct{}{}}}
}

// working is what this process works on.
type working struct {
	mu   sync.Mutex
	busy map[string]struct{}
}

// enter reports whether there is room to work on an import that nobody here works on.
func (w *working) enter(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, busy := w.busy[id]; busy || len(w.busy) >= atOnce {
		return false
	}
	w.busy[id] = struct{}{}
	return true
}

func (w *working) leave(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, id)
}

func (im *Imports) second() time.Time { return im.Now().UTC().Truncate(time.Second) }

// newID sorts by time.
func (im *Imports) newID() string {
	return fmt.Sprintf("imp_%013x%s", im.Now().UnixMicro(), strings.ToLower(rand.Text()[:12]))
}

// List is a page of a partner's imports, the newest first, before the one of that id.
func (im *Imports) List(ctx context.Context, caller partner.Caller, before string, limit int) (list []Import, err error) {
	err = im.DB.Reader().Select(ctx, &list, `
		SELECT `+importColumns+`
		FROM import
		WHERE partner_id = ? AND id < ?
		ORDER BY id DESC
		LIMIT ?`, caller.ID, cmp.Or(before, "imp_~"), limit)
	return list, err
}

// Get is one import of the caller.
func (im *Imports) Get(ctx context.Context, caller partner.Caller, id string) (Import, error) {
	return get(ctx, im.DB.Reader(), caller, id)
}

func get(ctx context.Context, t *database.Tx, caller partner.Caller, id string) (m Import, err error) {
	found := false
	if line.Storable(id) {
		found, err = t.Get(ctx, &m, `
			SELECT `+importColumns+`
			FROM import
			WHERE id = ? AND partner_id = ?`, id, caller.ID)
	}
	if err == nil && !found {
		err = refusal.New("not_found", "There is no such import.")
	}
	return m, err
}

// Pause has an import stop after the rows that are being recorded. One that is paused stays so.
func (im *Imports) Pause(ctx context.Context, caller partner.Caller, id string) (Import, error) {
	return im.move(ctx, caller, id, func(m Import) (string, error) {
		if m.State == Receiving {
			return "", refusal.New("import_state", "The import is still being received. It can be paused once it runs.")
		}
		return Paused, nil
	})
}

// Resume has a paused import go on where it stood.
func (im *Imports) Resume(ctx context.Context, caller partner.Caller, id string) (Import, error) {
	return im.move(ctx, caller, id, func(m Import) (string, error) {
		switch {
		case m.State != Paused:
			return m.State, nil
		case m.Mode == ModeCheck || m.Total == nil:
			return Checking, nil
		}
		return Running, nil
	})
}

// Cancel ends an import. What it has recorded stays.
func (im *Imports) Cancel(ctx context.Context, caller partner.Caller, id string) (Import, error) {
	return im.move(ctx, caller, id, func(Import) (string, error) { return Cancelled, nil })
}

// move changes the state of an import that has not ended.
func (im *Imports) move(ctx context.Context, caller partner.Caller, id string, to func(Import) (string, error)) (m Import, err error) {
	err = im.DB.InTx(ctx, func(t *database.Tx) error {
		if m, err = get(ctx, t, caller, id); err != nil {
			return err
		}
		if m.Ended() || m.State == Cancelled || m.State == Done || m.State == Failed {
			return refusal.New("import_ended", "The import has ended: it is "+m.State+".")
		}
		state, err := to(m)
		if err != nil || state == m.State {
			return err
		}
		n, err := t.Exec(ctx, `UPDATE import SET state = ? WHERE id = ? AND state = ?`, state, id, m.State)
		if err == nil && n == 0 { // it has just changed
			err = refusal.New("import_state", "The import has just changed. Read it again.")
		}
		m.State = state
		return err
	})
	return m, err
}

// SetMapping keeps what the caller's files mean, for imports from now on.
func (im *Imports) SetMapping(ctx context.Context, caller partner.Caller, m Mapping) error {
	if err := m.Check(); err != nil {
		return err
	}
	return im.DB.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			INSERT INTO import_mapping (partner_id, mapping)
			VALUES (?, ?)
			ON CONFLICT (partner_id) DO UPDATE SET mapping = excluded.mapping`, caller.ID, jsonText(m))
		return err
	})
}

// Mapping is what the caller's files mean.
func (im *Imports) Mapping(ctx context.Context, caller partner.Caller) (Mapping, error) {
	return selectMapping(ctx, im.DB.Reader(), caller.ID)
}

func selectMapping(ctx context.Context, t *database.Tx, partner string) (Mapping, error) {
	var m jsonOf[Mapping]
	_, err := t.Get(ctx, &m, `
		SELECT mapping
		FROM import_mapping
		WHERE partner_id = ?`, partner)
	return m.Value, err
}

// Forget deletes imports that ended long ago, with their reports, and bodies that nobody needs any more.
func (im *Imports) Forget(ctx context.Context) error {
	return im.DB.InTx(ctx, func(t *database.Tx) error {
		// Also the bodies of those whose server died when they had just ended.
		if _, err := t.Exec(ctx, `DELETE FROM import_part WHERE import_id IN (SELECT id FROM import WHERE finished_at IS NOT NULL)`); err != nil {
			return err
		}
		old := im.second().Add(-reportsKept)
		if _, err := t.Exec(ctx, `DELETE FROM import_report WHERE import_id IN (SELECT id FROM import WHERE finished_at < ?)`, old); err != nil {
			return err
		}
		_, err := t.Exec(ctx, `DELETE FROM import WHERE finished_at < ?`, old)
		return err
	})
}
