package issuer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/partner"
)

// Receipt is the answer to a recorded result.
type Receipt struct {
	Result    ledger.Result
	Decisions []ledger.Decision
	Awards    []*ledger.Award // that this result made or changed
	Replayed  bool            // the same result was recorded before; nothing was changed

	Deliveries map[string]Delivery // of its awards, by their ids
}

// Record stores a result, decides what it earns and makes the awards, in one durable transaction
// that it may share with other results. When it returns without an error nothing of it can be
// lost: credentials are signed and letters sent by what was stored. A repeat of the same result
// changes nothing and is answered with what was decided the first time.
func (i *Issuer) Record(ctx context.Context, caller partner.Caller, r Result) (Receipt, error) {
	r, exam, err := i.admit(ctx, r)
	if err != nil {
		return Receipt{}, err
	}
	p, err := newPosting(caller, r, exam)
	if err != nil {
		return Receipt{}, err
	}
	return i.posts.do(ctx, p, i.recordBatch)
}

// RecordAll records many results in as few transactions as is good; the receipts and errors are in
// their order. A refused result does not hinder the others.
func (i *Issuer) RecordAll(ctx context.Context, caller partner.Caller, results []Result) ([]Receipt, []error) {
	receipts, errs := make([]Receipt, len(results)), make([]error, len(results))
	var batch []*posting
	var places []int
	for k, r := range results {
		r, exam, err := i.admit(ctx, r)
		var p *posting
		if err == nil {
			p, err = newPosting(caller, r, exam)
		}
		if errs[k] = err; err == nil {
			batch, places = append(batch, p), append(places, k)
		}
	}
	for part := range slices.Chunk(batch, together) {
		i.recordBatch(ctx, part)
	}
	for n, p := range batch {
		receipts[places[n]], errs[places[n]] = p.receipt, p.err
	}
	return receipts, errs
}

// together is how many results of RecordAll share a transaction at most. It bounds how long others
// wait, and lets their rows go in one statement (database.InsertRows).
const together = 1600

// recordBatch records the postings together and looks once for the letters of all their awards.
func (i *Issuer) recordBatch(ctx context.Context, batch []*posting) {
	i.recordEach(ctx, batch)
	receipts := make([]*Receipt, len(batch))
	for n, p := range batch {
		receipts[n] = &p.receipt
	}
	if err := i.deliver(ctx, receipts...); err != nil {
		for _, p := range batch {
			p.err = cmp.Or(p.err, err) // what is recorded is: a repeat is answered with it
		}
	}
}

// recordEach records the postings together. Should that fail, each is tried alone, so that one
// that the database does not take cannot hold up the rest.
func (i *Issuer) recordEach(ctx context.Context, batch []*posting) {
	err := i.recordTogether(ctx, batch)
	if err == nil {
		return
	}
	if len(batch) == 1 {
		batch[0].err = err
		return
	}
	for _, p := range batch {
		if err := i.recordTogether(ctx, []*posting{p}); err != nil {
			p.err = err
		}
	}
}

// errOvertaken says that one of the results is recorded already: it was not looked for, or another
// process recorded it between our look and our write.
var errOvertaken = errors.New("the result was recorded before")

func (i *Issuer) recordTogether(ctx context.Context, batch []*posting) error {
	// A result that comes alone is mostly new: the insert finds out, and only then is looked for it.
	look := len(batch) > 1
	err := i.inWrite(ctx, func(w *write) error {
		fresh, again := batch, map[*posting]*posting(nil)
		if look {
			var err error
			if fresh, again, err = answerRepeats(ctx, w.t, batch); err != nil {
				return err
			}
		}
		look = true
		return w.recordAll(ctx, fresh, again)
	})
	if err != nil {
		return fmt.Errorf("record results: %w", err)
	}
	return nil
}

// recordAll runs new postings through one transaction: the candidates are locked in a fixed order, and
// each result is folded into its ledger in the order of arrival. again are the postings that come a
// second time in the batch, with the first of their kind.
func (w *write) recordAll(ctx context.Context, fresh []*posting, again map[*posting]*posting) error {
	if len(fresh) == 0 {
		return nil
	}
	ledgers, err := w.lockLedgers(ctx, fresh)
	if err != nil {
		return err
	}
	for _, p := range fresh {
		w.record(ledgers[p.candidate()], p)
	}
	for p, first := range again {
		p.repeat(first.digest, first.receipt)
	}
	return nil
}

// record adds one new result to a ledger, decides and reconciles.
func (w *write) record(l *ledger.Ledger, p *posting) {
	r, changed := w.Changes.Record(l, p.recorded(l.Candidate.ID, w.Now))
	p.receipt, p.err = Receipt{Result: r, Decisions: r.Decisions, Awards: changed, Deliveries: w.deliveries}, nil
}
