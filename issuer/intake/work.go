package intake

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

const (
	poll      = 500 * time.Millisecond
	lease     = 20 * time.Second // after which another process goes on with what nobody works on any more
	chunkRows = 320              // recorded together, which single posts wait for
	countRows = 20_000           // counted between two looks at the lease
)

// Run works on imports until the context ends; what was begun is gone on with later, here or elsewhere.
func (im *Imports) Run(ctx context.Context) error {
	var workers errgroup.Group
	defer func() { _ = workers.Wait() }()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		if _, err := im.beginDue(ctx, &workers); err != nil && ctx.Err() == nil {
			im.Options.Failed(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Drain works on what waits now and returns when nothing does.
func (im *Imports) Drain(ctx context.Context) error {
	for {
		var workers errgroup.Group
		n, err := im.beginDue(ctx, &workers)
		if err := errors.Join(err, workers.Wait()); err != nil || n == 0 {
			return err
		}
	}
}

func (im *Imports) beginDue(ctx context.Context, workers *errgroup.Group) (n int, err error) {
	due, err := im.selectDue(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for imports: %w", err)
	}
	for _, id := range due {
		if !im.working.enter(id) {
			continue
		}
		n++
		workers.Go(func() error {
			defer im.working.leave(id)
			if err := im.Work(ctx, id); err != nil && ctx.Err() == nil {
				im.Options.Failed(fmt.Errorf("import %s: %w", id, err))
			}
			return nil
		})
	}
	return n, nil
}

func (im *Imports) selectDue(ctx context.Context) (ids []string, err error) {
	t := im.DB.Reader()
	now, err := t.Now(ctx)
	if err != nil {
		return nil, err
	}
	err = t.Select(ctx, &ids, `
		SELECT id
		FROM import
		WHERE finished_at IS NULL AND state <> ? AND (leased_until IS NULL OR leased_until <= ?)
		ORDER BY created_at, id
		LIMIT 20`, Paused, now)
	return ids, err
}

// Work works on one import until it ends, is paused, or somebody else does.
func (im *Imports) Work(ctx context.Context, id string) error {
	m, found, err := im.take(ctx, id)
	if err != nil || !found {
		return err
	}
	defer im.giveBack(context.WithoutCancel(ctx), id)
	switch {
	case m.State == Receiving:
		return im.finish(ctx, m, Failed, &Fault{Code: "unreadable", Detail: "The file did not arrive whole.", Suggestion: "Send it again."})
	case m.State == Cancelled && m.Begun == 0:
		return im.finish(ctx, m, Cancelled, nil)
	}
	w, fault, err := im.open(ctx, m)
	if err != nil {
		return err
	}
	if fault != nil {
		return im.finish(ctx, m, Failed, fault)
	}
	for more := true; more && err == nil; {
		more, err = w.step(ctx)
	}
	return err
}

// take leases an import, unless somebody else works on it.
func (im *Imports) take(ctx context.Context, id string) (m Import, found bool, err error) {
	err = im.DB.InTx(ctx, func(t *database.Tx) error {
		now, err := t.Now(ctx)
		if err != nil {
			return err
		}
		found, err = t.Get(ctx, &m, `
			UPDATE import
			SET leased_by = ?, leased_until = ?
			WHERE id = ? AND finished_at IS NULL AND state <> ? AND (leased_until IS NULL OR leased_until <= ?)
			RETURNING `+importColumns, im.name, now.Truncate(time.Second).Add(lease), id, Paused, now)
		return err
	})
	return m, found, err
}

// giveBack ends the lease. What fails is made good by its end.
func (im *Imports) giveBack(ctx context.Context, id string) {
	_ = im.DB.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `UPDATE import SET leased_until = NULL WHERE id = ? AND leased_by = ?`, id, im.name)
		return err
	})
}

// finish ends an import that this process has leased, tells its partner, and forgets the body.
func (im *Imports) finish(ctx context.Context, m Import, state string, fault *Fault) error {
	ended := false
	err := im.DB.InTx(ctx, func(t *database.Tx) error {
		now := im.second()
		var err error
		ended, err = t.Get(ctx, &m, `
			UPDATE import
			SET state = ?, finished_at = ?, fault = ?, leased_until = NULL
			WHERE id = ? AND leased_by = ? AND state = ? AND finished_at IS NULL
			RETURNING `+importColumns, state, now, jsonText(fault), m.ID, im.name, m.State)
		if err != nil || !ended {
			return err
		}
		return partner.Append(ctx, t, now, []partner.Event{{Partner: m.Partner, Type: finishedKind, Data: eventData{m.Document()}}})
	})
	if err != nil || !ended {
		return err
	}
	return im.deleteParts(ctx, m.ID)
}

// eventData is what import.finished tells.
type eventData struct {
	Import Document `json:"import"`
}

// worker works through the rows of an import that this process has leased.
type worker struct {
	*Imports
	m      Import
	caller partner.Caller
	in     rows
	again  bool              // the rows at hand may be recorded already, by this import
	seen   map[uint64]uint64 // ids of this file and their content, where mode is check
}

// open makes a worker that stands where the import does. The fault is why the file cannot be read.
func (im *Imports) open(ctx context.Context, m Import) (*worker, *Fault, error) {
	who, err := im.Partners.Partner(ctx, m.Partner)
	if err != nil {
		return nil, nil, err
	}
	w := &worker{Imports: im, m: m, caller: partner.Caller{Partner: who}}
	b, err := im.openBody(ctx, m.ID, 0)
	if err != nil {
		return nil, nil, err
	}
	start, fault, err := begin(b, m.Format, m.Kind == KindNDJSON, m.Mapping.Value)
	if err != nil || fault != nil {
		return nil, fault, err
	}
	if m.Total == nil {
		if fault, err := w.count(ctx, start); err != nil || fault != nil {
			return nil, fault, err
		}
	}
	at := place{w.m.Offset, w.m.Line}
	if m.Mode == ModeCheck {
		w.seen = map[uint64]uint64{}
		at = start.at
	}
	if b, err = im.openBody(ctx, m.ID, at.Offset); err != nil {
		return nil, nil, err
	}
	w.in = openRows(b, start.Format, start.header, m.Mapping.Value, at)
	return w, nil, w.remember(ctx, w.m.Offset)
}

// count counts the rows, and puts the import to their beginning.
func (w *worker) count(ctx context.Context, start begun) (*Fault, error) {
	b, err := w.openBody(ctx, w.m.ID, start.at.Offset)
	if err != nil {
		return nil, err
	}
	in := openRows(b, start.Format, start.header, w.m.Mapping.Value, start.at)
	total := int64(0)
	for {
		one, err := in.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if total++; total > rowsMost {
			return &Fault{Line: one.at.Line, Code: "too_many_rows", Detail: fmt.Sprintf("The file has more than %d rows.", rowsMost), Suggestion: "Split it."}, nil
		}
		if total%countRows == 0 {
			if err := w.hold(ctx); err != nil {
				return nil, err
			}
		}
	}
	state := Running
	if w.m.Mode == ModeCheck {
		state = Checking
	}
	return nil, w.DB.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Get(ctx, &w.m, `
			UPDATE import
			SET total = ?, delimiter = ?, body_offset = ?, body_line = ?, state = CASE WHEN state = ? THEN ? ELSE state END
			WHERE id = ? AND leased_by = ?
			RETURNING `+importColumns, total, start.Delimiter, start.at.Offset, start.at.Line, Checking, state, w.m.ID, w.name)
		return err
	})
}

// errLost says that somebody else works on the import by now.
var errLost = errors.New("the import was taken over")

// hold renews the lease.
func (w *worker) hold(ctx context.Context) error {
	return w.DB.InTx(ctx, func(t *database.Tx) error {
		now, err := t.Now(ctx)
		if err != nil {
			return err
		}
		n, err := t.Exec(ctx, `UPDATE import SET leased_until = ? WHERE id = ? AND leased_by = ?`, now.Truncate(time.Second).Add(lease), w.m.ID, w.name)
		if err == nil && n == 0 {
			err = errLost
		}
		return err
	})
}

// remember reads what a check has judged before again, for the ids that are in it.
func (w *worker) remember(ctx context.Context, until int64) error {
	for done := int64(0); w.seen != nil && done < w.m.Done; done++ {
		one, err := w.in.next()
		if err != nil || one.at.Offset >= until {
			return err
		}
		if r, err := w.read(ctx, one); err == nil {
			w.seenBefore(r)
		}
	}
	return nil
}

// item is a row with the result that it is, or why it is none.
type item struct {
	row
	result issuer.Result
	err    error // a refusal
}

// step records the next rows, or ends the import behind the last one.
func (w *worker) step(ctx context.Context) (more bool, err error) {
	items, err := w.readChunk(ctx)
	if err != nil {
		return false, err
	}
	goOn, err := w.beginChunk(ctx, items)
	if err != nil || !goOn {
		return false, err
	}
	if len(items) == 0 {
		return false, w.finish(ctx, w.m, Done, nil)
	}
	var told []Line
	if w.m.Mode == ModeCheck {
		told, err = w.checkAll(ctx, items)
	} else {
		told, err = w.recordAll(ctx, items)
	}
	if err == nil && w.crash != nil {
		err = w.crash()
	}
	if err != nil {
		return false, err
	}
	return true, w.endChunk(ctx, items[len(items)-1].end, told)
}

func (w *worker) readChunk(ctx context.Context) (items []item, err error) {
	for len(items) < chunkRows {
		one, err := w.in.next()
		if err == io.EOF {
			return items, nil
		}
		if err != nil {
			return nil, err
		}
		it := item{row: one}
		if it.result, it.err = w.read(ctx, one); it.err != nil && !isRefusal(it.err) {
			return nil, it.err
		}
		items = append(items, it)
	}
	return items, nil
}

func (w *worker) read(ctx context.Context, one row) (issuer.Result, error) {
	if one.fault != nil {
		return issuer.Result{}, refusal.New(one.fault.Code, one.fault.Detail)
	}
	return w.Read(ctx, one.body)
}

func isRefusal(err error) bool {
	var no *refusal.Error
	return errors.As(err, &no)
}

// beginChunk notes that rows may be recorded from now on, and which of their ids were before, so that whoever goes on
// after a crash can tell what this import has recorded. goOn is false where the import is not to go on.
func (w *worker) beginChunk(ctx context.Context, items []item) (goOn bool, err error) {
	known := w.m.Known.Value
	if w.again = w.m.Begun == 1; !w.again {
		if known, err = w.knownOf(ctx, items); err != nil {
			return false, err
		}
	}
	cancelled := false
	err = w.DB.InTx(ctx, func(t *database.Tx) error {
		goOn, cancelled = false, false
		now, err := t.Now(ctx)
		if err != nil {
			return err
		}
		var m Import
		found, err := t.Get(ctx, &m, `
			UPDATE import
			SET leased_until = ?
			WHERE id = ? AND leased_by = ? AND finished_at IS NULL
			RETURNING `+importColumns, now.Truncate(time.Second).Add(lease), w.m.ID, w.name)
		if err != nil || !found {
			return err
		}
		cancelled = m.State == Cancelled && m.Begun == 0
		if goOn = m.State == Running || m.State == Checking || m.Begun == 1 && len(items) > 0; !goOn {
			w.m = m
			return nil
		}
		m.Begun, m.Known.Value = 1, known
		w.m = m
		_, err = t.Exec(ctx, `UPDATE import SET begun = 1, known = ? WHERE id = ?`, jsonText(known), m.ID)
		return err
	})
	if err == nil && cancelled {
		err = w.finish(ctx, w.m, Cancelled, nil)
	}
	return goOn, err
}

// knownOf are the ids of rows that are recorded already.
func (w *worker) knownOf(ctx context.Context, items []item) ([]string, error) {
	ids := make([]string, 0, len(items))
	for _, it := range items {
		if it.err == nil {
			ids = append(ids, it.result.ID)
		}
	}
	if len(ids) == 0 {
		return []string{}, nil
	}
	return w.Issuer.Recorded(ctx, w.caller, ids)
}

// recordAll records rows. A row that came again by a crash counts as recorded, since this import did it.
func (w *worker) recordAll(ctx context.Context, items []item) ([]Line, error) {
	var results []issuer.Result
	for _, it := range items {
		if it.err == nil {
			results = append(results, it.result)
		}
	}
	receipts, errs := w.Issuer.RecordAll(ctx, w.caller, results)
	before := map[string]bool{}
	for _, id := range w.m.Known.Value {
		before[id] = true
	}
	told := make([]Line, len(items))
	for n, k := 0, 0; n < len(items); n++ {
		it := items[n]
		if it.err != nil {
			told[n] = w.failed(it, it.err)
			continue
		}
		receipt, err := receipts[k], errs[k]
		k++
		if err != nil {
			if !isRefusal(err) {
				return nil, err
			}
			told[n] = w.failed(it, err)
			continue
		}
		told[n] = newLine(it, outcomeRecorded)
		if before[it.result.ID] || receipt.Replayed && !w.again {
			told[n].Outcome = outcomeReplayed
		}
		before[it.result.ID] = true // a second row of the same is a repeat
		for _, a := range receipt.Awards {
			told[n].Awards = append(told[n].Awards, a.ID)
		}
		for _, d := range receipt.Decisions {
			if d.Outcome == "awarded" && told[n].Outcome == outcomeRecorded {
				told[n].made++
			}
		}
	}
	return told, nil
}

// checkAll says what recording would do.
func (w *worker) checkAll(ctx context.Context, items []item) ([]Line, error) {
	known := map[string]bool{}
	for _, id := range w.m.Known.Value {
		known[id] = true
	}
	told := make([]Line, len(items))
	for n, it := range items {
		outcome, err := outcomeRecorded, it.err
		if err == nil {
			outcome, err = w.judge(ctx, it.result, known[it.result.ID])
		}
		switch {
		case err == nil:
			told[n] = newLine(it, outcome)
		case isRefusal(err):
			told[n] = w.failed(it, err)
		default:
			return nil, err
		}
	}
	return told, nil
}

func (w *worker) judge(ctx context.Context, r issuer.Result, known bool) (outcome string, err error) {
	if err := w.Issuer.Check(ctx, r); err != nil {
		return "", err
	}
	if known {
		_, err := w.Issuer.Explain(ctx, w.caller, r)
		return outcomeReplayed, err
	}
	switch seen, same := w.seenBefore(r); {
	case seen && same:
		return outcomeReplayed, nil
	case seen:
		return "", refusal.New("result_conflict", "A row above has this id with other content.")
	}
	return outcomeRecorded, nil
}

// seenBefore notes a result of a check and tells whether its id came before, with the same content.
func (w *worker) seenBefore(r issuer.Result) (seen, same bool) {
	r.Candidate, r.TakenAt = r.Candidate.Canonical(), r.TakenAt.UTC()
	data, err := json.Marshal(r)
	if err != nil {
		return false, false // it is refused by whoever records it
	}
	id, content := hash([]byte(r.ID)), hash(data)
	before, seen := w.seen[id]
	if !seen {
		w.seen[id] = content
	}
	return seen, before == content
}

func hash(data []byte) uint64 {
	sum := sha256.Sum256(data)
	return binary.BigEndian.Uint64(sum[:])
}

// endChunk stores what became of rows, and that the import stands behind them.
func (w *worker) endChunk(ctx context.Context, end place, told []Line) error {
	n := tally(told)
	m := w.m
	err := w.DB.InTx(ctx, func(t *database.Tx) error {
		found, err := t.Get(ctx, &w.m, `
			UPDATE import
			SET done = done + ?, recorded = recorded + ?, replayed = replayed + ?, failed = failed + ?, awards = awards + ?,
				body_offset = ?, body_line = ?, begun = 0, known = '[]', report = report + 1
			WHERE id = ? AND leased_by = ? AND body_offset = ? AND report = ?
			RETURNING `+importColumns, len(told), n.recorded, n.replayed, n.failed, n.awards, end.Offset, end.Line, m.ID, w.name, m.Offset, m.Report)
		if err == nil && !found {
			err = errLost
		}
		if err != nil {
			return err
		}
		return insertReport(ctx, t, m.ID, m.Report, n.failed, told)
	})
	return err
}
