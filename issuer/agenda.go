package issuer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// What falls due by itself stands in the agenda, one row for each subject and kind: it is put there by whatever
// makes it due, in the same transaction, and is done when its time has come by the clock that it goes by. Whoever
// takes a row away does what it says in the same transaction, so that it is done once, whichever process does it and
// whenever one is killed.

// agenda is what an issuer has to do by itself.
type agenda struct{ *Issuer }

// due is a row of the agenda.
type due struct {
	Kind    string    `db:"kind"`
	Subject string    `db:"subject"` // what it happens to; of which noun, the kind says
	Clock   string    `db:"clock"`   // whose it goes by: lifeClock, or the id of the sandbox partner
	At      time.Time `db:"due_at"`
}

// dueExpiry is the end of the days of an award, by its id.
const dueExpiry = "award.expiry"

// dueKinds are the kinds that this program can do. Others are those of a newer one and are left to it.
var dueKinds = []string{dueExpiry, dueReminder, dueRenewal}

const dueColumns = `kind, subject, clock, due_at`

const lifeClock = "" // of all that is no test

const (
	agendaPoll = 5 * time.Second
	agendaPage = 100 // rows a transaction
)

// AgendaLoop does what falls due until the context ends.
func (i *Issuer) AgendaLoop(ctx context.Context) error {
	tick := time.NewTicker(agendaPoll)
	defer tick.Stop()
	for {
		if _, err := (agenda{i}).doDue(ctx); err != nil && ctx.Err() == nil {
			i.Log.Error("do what is due", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// doDue does all that is due by now, in order for each clock, and returns how much that was. What fails is passed
// over and tried again when it is called again; the error is about the first of that.
func (ag agenda) doDue(ctx context.Context) (total int, err error) {
	now := ag.now() // sandboxes go by it as well until they have clocks of their own
	clocks, err := selectClocks(ctx, ag.db.Reader(), now)
	if err != nil {
		return 0, fmt.Errorf("read whose agenda has something due: %w", err)
	}
	for _, clock := range clocks {
		n, failed := ag.doDueBy(ctx, clock, now)
		total, err = total+n, cmp.Or(err, failed)
	}
	return total, err
}

// selectClocks are the clocks by which something is due.
func selectClocks(ctx context.Context, t *database.Tx, now time.Time) (list []string, err error) {
	err = t.Select(ctx, &list, `
		SELECT '' AS clock
		WHERE EXISTS (SELECT 1 FROM agenda a WHERE a.clock = '' AND a.due_at <= ? AND a.kind IN (?))
		UNION ALL
		SELECT p.id
		FROM partner p
		WHERE p.sandbox = 1 AND EXISTS (SELECT 1 FROM agenda a WHERE a.clock = p.id AND a.due_at <= ? AND a.kind IN (?))
		ORDER BY clock`, now, dueKinds, now, dueKinds)
	return list, err
}

// doDueBy does what is due by one clock, which shows now. Who reads a page has all before it committed, so that
// processes that share the work keep the order.
func (ag agenda) doDueBy(ctx context.Context, clock string, now time.Time) (total int, err error) {
	for after := (due{}); ; {
		page, failed := selectDueRows(ctx, ag.db.Reader(), clock, now, after, agendaPage)
		if failed != nil || len(page) == 0 {
			return total, cmp.Or(err, failed)
		}
		n, failed := ag.doPage(ctx, page, now)
		total, err, after = total+n, cmp.Or(err, failed), page[len(page)-1]
	}
}

// selectDueRows is a page of what is due by a clock, in order.
func selectDueRows(ctx context.Context, t *database.Tx, clock string, now time.Time, after due, limit int) (list []due, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+dueColumns+`
		FROM agenda
		WHERE clock = ? AND due_at <= ? AND (due_at, kind, subject) > (?, ?, ?) AND kind IN (?)
		ORDER BY due_at, kind, subject
		LIMIT ?`, clock, now, after.At, after.Kind, after.Subject, dueKinds, limit)
	return list, err
}

// doPage does a page in one transaction, or else each row by itself, so that one that cannot be done does not
// hinder the others.
func (ag agenda) doPage(ctx context.Context, page []due, now time.Time) (done int, err error) {
	err = ag.inWrite(ctx, func(w *write) error {
		w.Now = now
		taken, err := takeDue(ctx, w.t, page, now)
		if err != nil {
			return err
		}
		done = len(taken)
		return w.doTaken(ctx, taken)
	})
	switch {
	case err == nil:
		return done, nil
	case len(page) == 1 || ctx.Err() != nil:
		return 0, fmt.Errorf("do %s of %s, due at %s: %w", page[0].Kind, page[0].Subject, page[0].At.UTC().Format(time.RFC3339), err)
	}
	done, err = 0, nil
	for n := range page {
		one, failed := ag.doPage(ctx, page[n:n+1], now)
		done, err = done+one, cmp.Or(err, failed)
	}
	return done, err
}

// takeDue takes rows off the agenda that are still there and due, and returns them in their order. The others were
// done by another process, or have moved on.
func takeDue(ctx context.Context, t *database.Tx, page []due, now time.Time) (taken []due, err error) {
	byKind := map[string][]string{}
	for _, d := range page {
		byKind[d.Kind] = append(byKind[d.Kind], d.Subject)
	}
	for _, kind := range dueKinds {
		if len(byKind[kind]) == 0 {
			continue
		}
		slices.Sort(byKind[kind])
		rows, err := deleteDue(ctx, t, kind, byKind[kind], now)
		if err != nil {
			return nil, err
		}
		taken = append(taken, rows...)
	}
	slices.SortFunc(taken, func(a, b due) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Subject, b.Subject))
	})
	return taken, nil
}

// deleteDue returns the rows that were there and due. Their locks keep off whoever would move them.
func deleteDue(ctx context.Context, t *database.Tx, kind string, subjects []string, now time.Time) (list []due, err error) {
	err = t.Select(ctx, &list, `
		DELETE FROM agenda
		WHERE kind = ? AND subject IN (?) AND due_at <= ?
		RETURNING `+dueColumns, kind, subjects, now)
	return list, err
}

// doTaken does what rows say that this transaction has taken off the agenda.
func (w *write) doTaken(ctx context.Context, taken []due) error {
	awards, candidates, err := subjectsOf(ctx, w.t, taken)
	if err != nil {
		return err
	}
	for _, d := range taken {
		switch a := awards[d.Subject]; {
		case d.Kind == dueExpiry && a != nil: // otherwise it was deleted
			w.Expire(ledger.Of(candidates[a.CandidateID]), a)
		}
	}
	if err := w.renew(ctx, taken); err != nil {
		return err
	}
	return w.remind(ctx, taken)
}

// subjectsOf reads the awards that rows are about, by their ids, and the candidates of those.
func subjectsOf(ctx context.Context, t *database.Tx, rows []due) (awards map[string]*ledger.Award, candidates map[string]ledger.Candidate, err error) {
	awards, candidates = map[string]*ledger.Award{}, map[string]ledger.Candidate{}
	var ids, owners []string
	for _, d := range rows {
		if d.Kind == dueExpiry {
			ids = append(ids, d.Subject)
		}
	}
	if len(ids) == 0 {
		return awards, candidates, nil
	}
	list, err := selectAwards(ctx, t, ids)
	if err != nil || len(list) == 0 {
		return awards, candidates, err
	}
	for _, a := range list {
		awards[a.ID] = a
		owners = append(owners, a.CandidateID)
	}
	found, err := selectCandidates(ctx, t, owners)
	for _, c := range found {
		candidates[c.ID] = c
	}
	return awards, candidates, err
}

// updateAgenda has the agenda follow the ends of awards. One that was over when it was made is told of as such and
// does not fall due.
func updateAgenda(ctx context.Context, w *write) error {
	if len(w.Ending) == 0 {
		return nil
	}
	var rows []due
	var gone []string
	for _, a := range w.Ending {
		switch {
		case a.OverAt(w.Now) && slices.Contains(w.Made, a):
		case a.Stands() && !a.ExpiresOn.IsZero():
			clock, err := w.clockOf(ctx, a.PartnerID)
			if err != nil {
				return err
			}
			rows = append(rows, due{dueExpiry, a.ID, clock, a.ExpiresOn.Time()})
			if at, found := w.nextRenewal(a, w.Now); found {
				rows = append(rows, due{dueRenewal, a.ID, clock, at})
			}
		default:
			gone = append(gone, a.ID)
		}
	}
	if len(gone) > 0 {
		for _, kind := range []string{dueExpiry, dueRenewal} {
			if err := dropDue(ctx, w.t, kind, gone); err != nil {
				return err
			}
		}
	}
	return upsertDue(ctx, w.t, rows)
}

// upsertDue puts rows on the agenda, or moves them, in one order, so that two transactions never wait for each other.
func upsertDue(ctx context.Context, t *database.Tx, list []due) error {
	slices.SortFunc(list, func(a, b due) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject)) })
	rows := make([][]any, 0, len(list))
	for _, d := range list {
		rows = append(rows, []any{d.Kind, d.Subject, d.Clock, d.At})
	}
	_, err := t.InsertRows(ctx, `INSERT INTO agenda (`+dueColumns+`)`, rows, `
		ON CONFLICT (kind, subject) DO UPDATE SET clock = excluded.clock, due_at = excluded.due_at`)
	return err
}

// dropDue takes rows off the agenda that are not to happen any more.
func dropDue(ctx context.Context, t *database.Tx, kind string, subjects []string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM agenda
		WHERE kind = ? AND subject IN (?)`, kind, subjects)
	return err
}

// clockOf is whose clock all that concerns a partner's candidates goes by.
func (w *write) clockOf(ctx context.Context, partner string) (string, error) {
	sandbox, err := w.i.Partners.Sandbox(ctx, w.t, partner)
	if err != nil || !sandbox {
		return lifeClock, err
	}
	return partner, nil
}
