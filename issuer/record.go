package issuer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Receipt is the answer to a recorded result.
type Receipt struct {
	Result    Recorded
	Decisions []Decision
	Awards    []*Award // that this result made or changed
	Replayed  bool     // the same result was recorded before; nothing was changed
}

// Decision is what a result did for one subject, with the award that is concerned, if any.
type Decision struct {
	programme.Decision
	Award string `json:"award,omitempty"`
}

// Record stores a result, decides what it earns and makes the awards, in one durable transaction
// that it may share with other results. When it returns without an error nothing of it can be
// lost: credentials are signed and letters sent by what was stored. A repeat of the same result
// changes nothing and is answered with what was decided the first time.
func (i *Issuer) Record(ctx context.Context, caller Caller, r Result) (Receipt, error) {
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

// RecordAll records many results in one transaction; the receipts and errors are in their order.
// A refused result does not hinder the others.
func (i *Issuer) RecordAll(ctx context.Context, caller Caller, results []Result) ([]Receipt, []error) {
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
	if len(batch) > 0 {
		i.recordBatch(ctx, batch)
	}
	for n, p := range batch {
		receipts[places[n]], errs[places[n]] = p.receipt, p.err
	}
	return receipts, errs
}

func newPosting(caller Caller, r Result, exam string) (*posting, error) {
	d, err := r.digest()
	return &posting{caller: caller, result: r, exam: exam, digest: d, done: make(chan struct{})}, err
}

// recordBatch records the postings together. Should that fail, each is tried alone, so that one
// that the database does not take cannot hold up the rest.
func (i *Issuer) recordBatch(ctx context.Context, batch []*posting) {
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

// errOvertaken says that another process recorded one of the results between our look and our write.
var errOvertaken = errors.New("another process recorded the result meanwhile")

func (i *Issuer) recordTogether(ctx context.Context, batch []*posting) error {
	expect := 2 * len(batch) // a pass mostly gives an exam or a certification, seldom both
	err := i.inWrite(ctx, expect, func(w *write) error { return w.recordAll(ctx, batch) })
	if err != nil {
		return fmt.Errorf("record results: %w", err)
	}
	return nil
}

// recordAll runs the postings through one transaction: repeats are answered, the candidates locked in
// a fixed order, and each new result is folded into its ledger in the order of arrival.
func (w *write) recordAll(ctx context.Context, batch []*posting) error {
	fresh, err := w.answerRepeats(ctx, batch)
	if err != nil || len(fresh) == 0 {
		return err
	}
	ledgers, err := w.lockLedgers(ctx, fresh)
	if err != nil {
		return err
	}
	seen := map[programme.ResultKey]*posting{}
	for _, p := range fresh {
		key := programme.ResultKey{Partner: p.caller.ID, ID: p.result.ID}
		if first, repeated := seen[key]; repeated { // twice in one batch
			p.repeat(first.digest, first.receipt)
			continue
		}
		seen[key] = p
		if err := w.record(ctx, ledgers[candidateKey{p.caller.ID, p.result.Candidate.ID}], p); err != nil {
			return err
		}
	}
	for _, k := range sortedKeys(ledgers) {
		l := ledgers[k]
		if l.candidate.stale {
			w.candidates = append(w.candidates, l.candidate)
		}
		w.offerLetter(l)
	}
	return nil
}

// repeat answers a posting whose id is taken: with the first answer, or with a conflict.
func (p *posting) repeat(digest string, first Receipt) {
	if digest != p.digest {
		p.receipt, p.err = Receipt{}, refuse(Conflict, "result_conflict",
			"A result with this id was recorded with other content. To change it, post a correction.")
		return
	}
	p.receipt, p.err = first, nil
	p.receipt.Replayed = true
}

// record adds one new result to a ledger, decides and reconciles.
func (w *write) record(ctx context.Context, l *ledger, p *posting) error {
	r := p.recorded(l.candidate.ID, w.now)
	l.meet(p.result.Candidate)
	l.results = append(l.results, r)
	outcome, changed, err := w.settle(ctx, l)
	if err != nil {
		return err
	}
	kept := &l.results[len(l.results)-1]
	kept.Decisions = decisions(outcome.Decisions[r.key()], l)
	for _, a := range changed {
		kept.Awards = append(kept.Awards, a.ID)
	}
	w.results = append(w.results, *kept)
	w.resultEvent(eventFor(r.State), *kept)
	p.receipt, p.err = Receipt{Result: *kept, Decisions: kept.Decisions, Awards: changed}, nil
	return nil
}

// recorded is the posting as a line of the ledger.
func (p *posting) recorded(candidate string, now time.Time) Recorded {
	r := Recorded{
		PartnerID: p.caller.ID, ID: p.result.ID, CandidateID: candidate, Exam: p.exam, Outcome: p.result.Outcome,
		Score: numberText(p.result.Score), MaxScore: numberText(p.result.MaxScore),
		State: StateRecorded, Digest: p.digest, TakenAt: p.result.TakenAt, RecordedAt: now,
	}
	if c := p.result.Identity; c != nil {
		r.IdentityMethod, r.IdentityMatched = c.Method, yes(c.Matched)
	}
	if p.result.held() {
		r.State = StateHeld
	}
	return r
}

// fold asks the rules what the ledger adds up to.
func (w *write) fold(l *ledger) programme.Outcome {
	results := make([]programme.Result, len(l.results))
	for k := range l.results {
		results[k] = l.results[k].line()
	}
	standing := make([]programme.Standing, 0, len(l.awards))
	for _, a := range l.awards {
		if a.Kept || a.Revocation == ByStaff {
			standing = append(standing, a.standing())
		}
	}
	return programme.Earned(w.history, results, standing)
}

// decisions joins what was decided with the awards that it is about.
func decisions(decided []programme.Decision, l *ledger) []Decision {
	joined := make([]Decision, len(decided))
	for k, d := range decided {
		joined[k].Decision = d
		switch d.Outcome {
		case programme.Awarded, programme.Renewed:
			joined[k].Award = l.awardOf(d.Subject)
		case programme.Skipped:
			s := d.Subject
			if d.Certification != "" {
				s = programme.Subject{Kind: programme.KindCertification, Code: d.Certification}
			}
			joined[k].Award = l.awardOf(s)
		}
	}
	return joined
}

// ledger is all that is known of one candidate, in the transaction that holds its lock.
type ledger struct {
	candidate candidate
	caller    Caller
	results   []Recorded
	awards    []*Award
	offers    []*Award // made in this transaction
}

// awardOf is the newest award of a subject that stands.
func (l *ledger) awardOf(s programme.Subject) string {
	var newest *Award
	for _, a := range l.awards {
		if a.Subject() == s && a.rests() && a.RevokedAt == nil && (newest == nil || !a.EarnedOn.Before(newest.EarnedOn.Date)) {
			newest = a
		}
	}
	if newest == nil {
		return ""
	}
	return newest.ID
}

// meet takes over what the partner now says of the candidate.
func (l *ledger) meet(c Candidate) {
	facts := candidate{
		ID: l.candidate.ID, PartnerID: l.candidate.PartnerID, Number: c.ID, Revision: l.candidate.Revision,
		Email: c.Email, Name: c.Name, Locale: cmp.Or(c.Locale, l.candidate.Locale),
	}
	facts.stale = l.candidate.stale || facts.Email != l.candidate.Email || facts.Name != l.candidate.Name || facts.Locale != l.candidate.Locale
	l.candidate = facts
}

// inOrder sorts candidates as every transaction locks them, so that two never wait for each other.
func inOrder(a, b candidateKey) int {
	return cmp.Or(cmp.Compare(a.partner, b.partner), cmp.Compare(a.number, b.number))
}

type candidateKey struct{ partner, number string }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func sortedKeys[V any](m map[candidateKey]V) []candidateKey {
	list := make([]candidateKey, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	slices.SortFunc(list, inOrder)
	return list
}
