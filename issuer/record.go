package issuer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
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
	r, changed := w.Changes.Record(l, p.recorded(w.Now))
	p.receipt, p.err = Receipt{Result: r, Decisions: r.Decisions, Awards: ownOf(changed, r.PartnerID), Deliveries: w.deliveries}, nil
}

// posting is one result on its way into the ledger. The batch that takes it fills receipt and err
// before it closes done.
type posting struct {
	caller  partner.Caller
	result  Result
	exam    string // what result.Exam means
	digest  string
	receipt Receipt
	err     error
	done    chan struct{}
}

// errNotRecorded is the answer of a posting until it has another one.
var errNotRecorded = errors.New("the result was not recorded")

func newPosting(caller partner.Caller, r Result, exam string) (*posting, error) {
	d, err := r.digest()
	return &posting{caller: caller, result: r, exam: exam, digest: d, err: errNotRecorded, done: make(chan struct{})}, err
}

func (p *posting) key() programme.ResultKey {
	return programme.ResultKey{Partner: p.caller.ID, ID: p.result.ID}
}

func (p *posting) candidate() ledger.CandidateKey {
	return ledger.CandidateKey{Partner: p.caller.ID, Number: p.result.Candidate.ID}
}

// recorded is the posting as a line of the ledger.
func (p *posting) recorded(now time.Time) ledger.Result {
	r := ledger.Result{
		PartnerID: p.caller.ID, ID: p.result.ID, CandidateID: candidateID(p.caller.ID, p.result.Candidate.ID), Exam: p.exam, Outcome: p.result.Outcome,
		Score: numberText(p.result.Score), MaxScore: numberText(p.result.MaxScore),
		State: ledger.StateRecorded, Digest: p.digest, TakenAt: p.result.TakenAt, RecordedAt: now,
		CandidateEmail: p.result.Candidate.Email, CandidateName: p.result.Candidate.Name, CandidateLocale: p.result.Candidate.Locale,
	}
	if c := p.result.Identity; c != nil {
		r.IdentityMethod, r.IdentityMatched = c.Method, yes(c.Matched)
	}
	if p.result.held() {
		r.State = ledger.StateHeld
	}
	return r
}

// repeat answers a posting whose id is taken: with the first answer, or with a conflict.
func (p *posting) repeat(digest string, first Receipt) {
	if digest != p.digest {
		p.receipt, p.err = Receipt{}, refusal.New("result_conflict",
			"A result with this id was recorded with other content. To change it, post a correction.")
		return
	}
	p.receipt, p.err = first, nil
	p.receipt.Replayed = true
}

// answerRepeats answers the postings whose results are in the ledger already and returns the rest, and
// apart from them those that come twice in the batch, each with the first of its kind.
func answerRepeats(ctx context.Context, t *database.Tx, batch []*posting) (fresh []*posting, again map[*posting]*posting, err error) {
	ids := map[string][]string{}
	for _, p := range batch {
		ids[p.caller.ID] = append(ids[p.caller.ID], p.result.ID)
	}
	found, err := selectResults(ctx, t, ids)
	if err != nil {
		return nil, nil, err
	}
	receipts, err := receipts(ctx, t, found)
	if err != nil {
		return nil, nil, err
	}
	known := make(map[programme.ResultKey]Receipt, len(found))
	for _, r := range receipts {
		known[r.Result.Key()] = r
	}
	first := make(map[programme.ResultKey]*posting, len(batch))
	again = map[*posting]*posting{}
	for _, p := range batch {
		switch r, repeated := known[p.key()]; {
		case repeated:
			p.repeat(r.Result.Digest, r)
		case first[p.key()] != nil:
			again[p] = first[p.key()]
		default:
			first[p.key()] = p
			fresh = append(fresh, p)
		}
	}
	return fresh, again, nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func numberText(n *json.Number) string {
	if n == nil {
		return ""
	}
	return n.String()
}

// recorder lets posts that wait for the database share one transaction, and so one durable commit:
// whoever gets a lane records all that wait by then, the others find their answer ready. It has no
// goroutine of its own.
type recorder struct {
	lanes   chan struct{} // one batch in each lane at a time
	mu      sync.Mutex
	waiting []*posting
}

const (
	batchMost    = 256              // postings a transaction
	batchTimeout = 30 * time.Second // a batch is nobody's request, so it has a limit of its own
)

func newRecorder(lanes int) recorder { return recorder{lanes: make(chan struct{}, lanes)} }

// do has the posting recorded by run, alone or with others.
func (r *recorder) do(ctx context.Context, p *posting, run func(context.Context, []*posting)) (Receipt, error) {
	r.mu.Lock()
	r.waiting = append(r.waiting, p)
	r.mu.Unlock()
	for {
		select {
		case <-p.done:
			return p.receipt, p.err
		case <-ctx.Done(): // a batch that has it already may record it all the same; a repeat will tell
			r.withdraw(p)
			return Receipt{}, ctx.Err()
		case r.lanes <- struct{}{}:
			r.lead(ctx, run)
		}
	}
}

// withdraw takes back a posting that still waits: nobody is to find it recorded by somebody else's
// post much later.
func (r *recorder) withdraw(p *posting) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = slices.DeleteFunc(slices.Clone(r.waiting), func(q *posting) bool { return q == p })
}

// lead records what waits now. It is not ended by the leader's own request going away.
func (r *recorder) lead(ctx context.Context, run func(context.Context, []*posting)) {
	defer func() { <-r.lanes }()
	r.mu.Lock()
	n := min(len(r.waiting), batchMost)
	batch := r.waiting[:n:n]
	r.waiting = r.waiting[n:]
	r.mu.Unlock()
	if n == 0 {
		return
	}
	defer func() {
		for _, p := range batch {
			close(p.done)
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), batchTimeout)
	defer cancel()
	run(ctx, batch)
}
