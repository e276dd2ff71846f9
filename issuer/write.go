package issuer

import (
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
// together by flush, so that many results cost few statements.
type write struct {
	i       *Issuer
	t       *database.Tx
	now     time.Time
	history programme.History
	places  []statusIndex // not used yet

	results     []Recorded
	made        []*Award
	changed     []*Award
	credentials []credential
	ended       []*Award // whose status bits are to be set
	events      []event
	claims      []claimRow
	letters     []jobs.Task
	candidates  []candidate // with new facts
}

func (i *Issuer) newWrite(t *database.Tx, h programme.History, places []statusIndex) *write {
	return &write{i: i, t: t, now: i.now(), history: h, places: places}
}

// errMorePlaces asks for the transaction to be run again with more places in status lists.
var errMorePlaces = errors.New("more places in status lists are needed")

func (w *write) place() (statusIndex, error) {
	if len(w.places) == 0 {
		return statusIndex{}, errMorePlaces
	}
	p := w.places[0]
	w.places = w.places[1:]
	return p, nil
}

// inWrite runs fn in a transaction whose changes are stored at its end. n is how many places in
// status lists fn will probably need.
func (i *Issuer) inWrite(ctx context.Context, n int, fn func(w *write) error) error {
	for {
		places, err := i.indexes.take(ctx, i, n)
		if err != nil {
			return err
		}
		var w *write
		err = i.db.InTx(ctx, func(t *database.Tx) error {
			h, err := i.history(ctx, t)
			if err != nil {
				return err
			}
			w = i.newWrite(t, h, places)
			if err := fn(w); err != nil {
				return err
			}
			return w.flush(ctx)
		})
		switch {
		case errors.Is(err, errOvertaken):
			i.indexes.giveBack(places)
			continue
		case errors.Is(err, errMorePlaces):
			i.indexes.giveBack(places)
			n = 2*n + 8
			continue
		case err != nil:
			i.indexes.giveBack(places)
			return err
		}
		i.indexes.giveBack(w.places)
		if len(w.credentials) > 0 {
			i.wakeSigner()
		}
		return nil
	}
}

// change notes that an award's row is to be stored again.
func (w *write) change(a *Award) {
	if !slices.Contains(w.made, a) && !slices.Contains(w.changed, a) {
		w.changed = append(w.changed, a)
	}
}

// edition adds a version of the credential that says what the award says now.
func (w *write) edition(l *ledger, a *Award) error {
	place, err := w.place()
	if err != nil {
		return err
	}
	a.Version++
	a.IssuedAt = w.now
	w.credentials = append(w.credentials, newCredential(l.candidate, a, place, w.now))
	return nil
}

// flush stores everything; the order follows the foreign keys.
func (w *write) flush(ctx context.Context) error {
	for _, step := range []struct {
		what string
		do   func(context.Context, *write) error
	}{
		{"candidates", updateCandidates},
		{"results", insertResults},
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
