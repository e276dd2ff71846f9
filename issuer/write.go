package issuer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/jobs"
)

// write is one transaction's changes of ledgers and awards: they are gathered in memory and stored
// together by flush, so that many results cost few statements. One that is never flushed tells what
// would happen.
type write struct {
	i       *Issuer
	t       *database.Tx
	now     time.Time
	history programme.History
	places  []statusIndex // for the editions

	results    []Recorded
	made       []*Award
	changed    []*Award
	editions   []edition
	ended      []*Award // whose status bits are to be set
	events     []event
	claims     []claimRow
	letters    []jobs.Task
	candidates []candidate // with new facts
}

// edition is a version of a credential to be signed, which says what the award says in the end.
type edition struct {
	ledger *ledger
	award  *Award
}

var (
	// errMorePlaces asks for the transaction to be run again with more places in status lists.
	errMorePlaces = errors.New("more places in status lists are needed")
	errTooOften   = errors.New("other processes were always faster")
)

// writeAttempts bounds how often other processes may be faster.
const writeAttempts = 10

// inWrite runs fn in a transaction whose changes are stored at its end. n is how many places in
// status lists it will probably need.
func (i *Issuer) inWrite(ctx context.Context, n int, fn func(w *write) error) error {
	for range writeAttempts {
		places, err := i.indexes.take(ctx, i, n)
		if err != nil {
			return err
		}
		w, err := i.tryWrite(ctx, places, fn)
		switch {
		case errors.Is(err, errMorePlaces):
			n = max(n, len(w.editions))
		case err == nil || !errors.Is(err, errOvertaken):
			return err
		}
	}
	return errTooOften
}

// tryWrite runs the transaction once and gives places back that nothing took for certain. A commit
// that failed may have happened all the same.
func (i *Issuer) tryWrite(ctx context.Context, places []statusIndex, fn func(w *write) error) (w *write, err error) {
	unused := places
	err = i.db.InTx(ctx, func(t *database.Tx) error {
		unused = places
		h, err := i.history(ctx, t)
		if err != nil {
			return err
		}
		w = &write{i: i, t: t, now: i.now(), history: h, places: places}
		if err := fn(w); err != nil {
			return err
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
		unused = places[len(w.editions):]
		return nil
	})
	i.indexes.giveBack(unused)
	if err == nil && len(w.editions) > 0 {
		i.wakeSigner()
	}
	return w, err
}

// change notes that an award's row is to be stored again.
func (w *write) change(a *Award) {
	if !slices.Contains(w.made, a) && !slices.Contains(w.changed, a) {
		w.changed = append(w.changed, a)
	}
}

// reissue has a new version of the credential signed, one however often it is asked for. That of an
// award on hold is on hold too.
func (w *write) reissue(l *ledger, a *Award) {
	if !slices.ContainsFunc(w.editions, func(e edition) bool { return e.award == a }) {
		w.editions = append(w.editions, edition{l, a})
	}
	if a.SuspendedAt != nil {
		w.ended = append(w.ended, a)
	}
}

// flush stores everything; the order follows the foreign keys.
func (w *write) flush(ctx context.Context) error {
	if len(w.editions) > len(w.places) {
		return errMorePlaces
	}
	for _, e := range w.editions {
		e.award.Version++
		e.award.IssuedAt = w.now
	}
	for _, step := range []struct {
		what string
		do   func(context.Context, *write) error
	}{
		{"candidates", updateCandidates},
		{"results", insertResults},
		{"achievements", describeAwards},
		{"awards", insertAwards},
		{"changed awards", updateAwards},
		{"credentials", insertCredentials},
		{"status bits", endCredentials},
		{"events", insertEvents},
		{"claims", insertClaims},
		{"letters", func(ctx context.Context, w *write) error { return w.i.queue.Add(ctx, w.t, w.letters...) }},
	} {
		if err := step.do(ctx, w); err != nil {
			return fmt.Errorf("store %s: %w", step.what, err)
		}
	}
	return nil
}

// describeAwards gives new awards the achievements of now, in a fixed order, since they may be new
// as well.
func describeAwards(ctx context.Context, w *write) error {
	made := slices.SortedFunc(slices.Values(w.made), func(a, b *Award) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code))
	})
	var last *Achievement
	for _, a := range made {
		if last == nil || last.Subject() != a.Subject() {
			var err error
			if last, err = w.i.achievement(ctx, w.t, w.history, a.Subject()); err != nil {
				return err
			}
		}
		a.AchievementID = last.ID
	}
	return nil
}
