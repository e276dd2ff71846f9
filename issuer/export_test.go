package issuer

import (
	"context"

	"github.com/open-insignia/insignia/database"
)

// Busy is how many batches of results are being recorded.
func (i *Issuer) Busy() int { return len(i.posts.lanes) }

// RecordAnd records a result and does something else in the same transaction.
func (i *Issuer) RecordAnd(ctx context.Context, caller Caller, r Result, more func(*database.Tx) error) error {
	r, exam, err := i.admit(ctx, r)
	if err != nil {
		return err
	}
	p, err := newPosting(caller, r, exam)
	if err != nil {
		return err
	}
	return i.inWrite(ctx, func(w *write) error {
		if err := w.recordAll(ctx, []*posting{p}, nil); err != nil {
			return err
		}
		return more(w.t)
	})
}
