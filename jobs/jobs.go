// Package jobs is a durable queue of work that must survive a crash: a task is written in the
// transaction that makes it necessary, and is done at least once after that has committed. It must
// not know any kind of job; what a kind means is its handler's business. Handlers must therefore be
// idempotent.
package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/open-insignia/insignia/database"
)

// Task is work to be done later.
type Task struct {
	Kind string
	// Key, if not empty, makes the task unique among its kind until it is finished or dead: asking
	// again meanwhile adds no second job. One that waits then runs at the earlier of the two times;
	// one that runs is run once more, at the new task's RunAt, after it has succeeded. Either way a
	// run begins after the asking transaction has committed. The payload stays the first one's.
	// After the job is finished or dead the key is free.
	Key     string
	Payload any       // goes to the handler as JSON
	RunAt   time.Time // not before; zero: at once
	// ID, if not empty, is the job's, made by NewID.
	ID string
	// Lane, if not empty, is whose task it is: of those that are due the lanes of a kind take turns, so that
	// nobody's many tasks delay somebody else's few. Within a lane the order of adding holds.
	Lane string
}

// Job is one attempt at a task.
type Job struct {
	ID      string
	Kind    string
	Key     string
	Lane    string
	Payload json.RawMessage
	Attempt int // 1 the first time

	doubts int // earlier attempts of which nobody knows whether they did it
	then   *[]func(ctx context.Context, t *database.Tx) error
}

// Then has something stored in the transaction that ends the job, if this attempt succeeds: many jobs share
// one. It may be run again with that transaction, and must not fail but for the database.
func (j Job) Then(store func(ctx context.Context, t *database.Tx) error) {
	*j.then = append(*j.then, store)
}

// Decode reads the payload into dest. A payload that does not fit is a permanent failure.
func (j Job) Decode(dest any) error {
	if err := json.Unmarshal(j.Payload, dest); err != nil {
		return Permanent(fmt.Errorf("read payload of %s job: %w", j.Kind, err))
	}
	return nil
}

// Queue adds tasks and works them off. Several queues, in one process or many, may share a database.
type Queue struct {
	db      *database.DB
	log     *slog.Logger
	now     func() time.Time
	leases  func(context.Context, *database.Tx) (time.Time, error) // the clock of leases, the database's
	name    string                                                 // holder of the leases
	handled map[string]kind
	kinds   []string // sorted
	turns   sync.Map // kind -> the lane that had the last turn
	wake    chan struct{}
	count   atomic.Uint32
	working atomic.Bool
}

type kind struct {
	work    func(context.Context, Job) error
	timeout time.Duration
	atMost  int
}

// Option changes how the jobs of a kind are run.
type Option func(*kind)

// Timeout is how long one attempt may take before its context ends; without it, or with zero, one minute.
func Timeout(d time.Duration) Option { return func(k *kind) { k.timeout = cmp.Or(d, k.timeout) } }

// AtMost bounds how many jobs of the kind a queue runs at the same time, so that a slow kind leaves
// workers to the others.
func AtMost(n int) Option { return func(k *kind) { k.atMost = n } }

// New is a queue without handlers. now is the clock for everything it stores but leases: those are by the
// database's, since processes whose clocks differ must agree on who holds a job.
func New(db *database.DB, log *slog.Logger, now func() time.Time) *Queue {
	return &Queue{
		db: db, log: log, now: now, leases: databaseClock, name: strings.ToLower(rand.Text()[:12]),
		handled: map[string]kind{}, wake: make(chan struct{}, 1),
	}
}

func databaseClock(ctx context.Context, t *database.Tx) (time.Time, error) {
	now, err := t.Now(ctx)
	return now.Truncate(time.Second), err
}

// Handle says who does the jobs of a kind; call it before Run. An attempt that returns an error is
// repeated for about three days, after 2 s at first and every hour at last, then the job is dead. A
// queue leaves the jobs of kinds that it has no handler for to other processes.
func (q *Queue) Handle(name string, work func(context.Context, Job) error, options ...Option) {
	if _, twice := q.handled[name]; twice || name == "" {
		panic(fmt.Sprintf("jobs: kind %q handled twice or empty", name))
	}
	k := kind{work: work, timeout: time.Minute}
	for _, o := range options {
		o(&k)
	}
	q.handled[name] = k
	q.kinds = append(q.kinds, name)
	slices.Sort(q.kinds)
}

// Add writes tasks in the caller's transaction: they exist exactly if it commits, and this queue
// looks for them right then. Tasks of one kind that are due are begun in the order of adding.
func (q *Queue) Add(ctx context.Context, t *database.Tx, tasks ...Task) error {
	now := q.time()
	rows := make([]row, 0, len(tasks))
	for _, task := range tasks {
		r, err := q.row(task, now)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	if err := insertJobs(ctx, t, distinct(rows), now); err != nil {
		return fmt.Errorf("add jobs: %w", err)
	}
	t.OnCommit(q.wakeAll)
	return nil
}

// insertJobs adds rows. The conflict clause is what Task.Key promises; on PostgreSQL it also locks
// the row that was there, so that nobody begins it before the asking transaction has ended.
func insertJobs(ctx context.Context, t *database.Tx, rows []row, now time.Time) error {
	values := make([][]any, 0, len(rows))
	for _, r := range rows {
		values = append(values, []any{r.ID, r.Kind, r.Key, r.Payload, "ready", r.RunAt, 0, "", "", now, r.Lane})
	}
	_, err := t.InsertRows(ctx, `
		INSERT INTO job (id, kind, unique_key, payload, state, run_at, attempts, leased_by, last_error, created_at, lane)`, values, `
		ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL AND state <> 'dead' DO UPDATE SET
			run_at = CASE WHEN job.state = 'ready' THEN excluded.run_at ELSE job.run_at END,
			again_at = CASE WHEN job.state = 'running' THEN excluded.run_at ELSE job.again_at END
		WHERE (job.state = 'ready' AND excluded.run_at < job.run_at)
		   OR (job.state = 'running' AND (job.again_at IS NULL OR excluded.run_at < job.again_at))`)
	return err
}

// wakeAll has the workers look for jobs soon.
func (q *Queue) wakeAll() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// time is the clock in UTC whole seconds.
func (q *Queue) time() time.Time { return q.now().UTC().Truncate(time.Second) }

func (q *Queue) row(t Task, now time.Time) (row, error) {
	if t.Kind == "" {
		return row{}, errors.New("add job: no kind")
	}
	payload, err := json.Marshal(t.Payload)
	if err != nil {
		return row{}, fmt.Errorf("add %s job: %w", t.Kind, err)
	}
	r := row{ID: cmp.Or(t.ID, q.newID("job", now)), Kind: t.Kind, Payload: string(payload), RunAt: now, Lane: t.Lane}
	if t.Key != "" {
		r.Key = &t.Key
	}
	if t.RunAt.After(now) {
		r.RunAt = t.RunAt.UTC().Add(time.Second - 1).Truncate(time.Second) // never early
	}
	return r, nil
}

// NewID is for a task whose job is somebody's noun as well. It sorts by time and, within one queue, by the order of
// asking.
func (q *Queue) NewID(noun string) string { return q.newID(noun, q.time()) }

func (q *Queue) newID(noun string, now time.Time) string {
	return fmt.Sprintf("%s_%010x%08x%s", noun, now.Unix(), q.count.Add(1), q.name[:8])
}

// distinct leaves one row for each key, with the earliest time: a statement may meet a row only once.
func distinct(rows []row) []row {
	first := map[[2]string]int{}
	kept := rows[:0]
	for _, r := range rows {
		if r.Key != nil {
			key := [2]string{r.Kind, *r.Key}
			if i, seen := first[key]; seen {
				if r.RunAt.Before(kept[i].RunAt) {
					kept[i].RunAt = r.RunAt
				}
				continue
			}
			first[key] = len(kept)
		}
		kept = append(kept, r)
	}
	return kept
}
