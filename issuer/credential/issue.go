package credential

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
)

// What an award needs beside its row, credential and letter, is made soon after the commit and not in
// it: signing takes time, and many awards together take few statements. The row itself is the note
// that this is still to be done (signed < version), so that a crash loses none of it, and the
// transaction that stores a credential is the one that queues the letter, so that there is one of each.

const (
	issueTogether = 500                    // awards a transaction
	issueBeside   = 64                     // the same where posts wait for it, since there is one writer
	issueLinger   = 250 * time.Millisecond // lets the awards of small commits be issued together
	issuePoll     = 5 * time.Second        // looks for what a stopped process left behind
	leftBehind    = 3 * issuePoll          // age from which another process's work is taken over
	datedAhead    = time.Minute            // of an award that a clock which was wrong has dated; those of machines differ a little
)

// IssueLoop signs and offers what was awarded until the context ends.
func (p *Publisher) IssueLoop(ctx context.Context) error {
	tick := time.NewTicker(issuePoll)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			_, err = p.IssueLeftBehind(ctx)
		case <-p.backlog.wake:
			select {
			case <-ctx.Done():
				return nil // the rows are the note of what is left
			case <-time.After(issueLinger):
			}
			err = p.issueOwn(ctx)
		}
		if err != nil && ctx.Err() == nil {
			p.log.Error("issue awards", "error", err)
		}
	}
}

// IssuePending signs and offers everything that waits and returns how many awards that were.
func (p *Publisher) IssuePending(ctx context.Context) (int, error) {
	p.backlog.takeAll()
	return p.issueBefore(ctx, p.now().Add(datedAhead))
}

// issueOwn issues what this process has awarded. What fails is left to the poll.
func (p *Publisher) issueOwn(ctx context.Context) (err error) {
	together := issueBeside
	if p.db.Postgres() {
		together = issueTogether
	}
	for ids := range slices.Chunk(p.backlog.takeAll(), together) {
		_, failed := p.issueAwards(ctx, ids)
		err = cmp.Or(err, failed)
	}
	return err
}

// IssueLeftBehind issues what another process seems to have left, and what failed before.
func (p *Publisher) IssueLeftBehind(ctx context.Context) (int, error) {
	return p.issueBefore(ctx, p.now().Add(-leftBehind))
}

// issueBefore issues what has waited since before a time, and what a clock that was set back since has dated
// ahead: it would wait until then. What fails is passed over.
func (p *Publisher) issueBefore(ctx context.Context, before time.Time) (total int, err error) {
	for from := (unsigned{}); ; {
		ids, next, failed := selectUnsigned(ctx, p.db.Reader(), before, p.now().Add(datedAhead), from, issueTogether)
		if failed != nil || len(ids) == 0 {
			return total, cmp.Or(err, failed)
		}
		n, failed := p.issueAwards(ctx, ids)
		total, err, from = total+n, cmp.Or(err, failed), next
	}
}

func (p *Publisher) issueAwards(ctx context.Context, ids []string) (int, error) {
	list, err := selectDue(ctx, p.db.Reader(), ids)
	if err != nil {
		return 0, fmt.Errorf("read awards to be issued: %w", err)
	}
	return p.issue(ctx, list)
}

// issue signs awards, stores credentials and letters in one transaction, and returns how many awards
// that were. One that changed meanwhile, or that somebody else issued, is left as it is. One that cannot
// be issued does not hinder the others; the error is about the first of those.
func (p *Publisher) issue(ctx context.Context, list []Due) (int, error) {
	batch, err := p.signAll(ctx, list)
	if err == nil && len(batch.awards) > 0 {
		err = p.db.InTx(ctx, func(t *database.Tx) error { return batch.store(ctx, t) })
		p.StatusLists.pool.giveBack(batch.unused())
	}
	switch {
	case err == nil:
		return len(batch.stored), batch.unsigned
	case len(list) > 1 && ctx.Err() == nil:
		return p.issueEach(ctx, list)
	}
	return 0, err
}

// issueEach issues each award by itself, for when together they cannot be issued.
func (p *Publisher) issueEach(ctx context.Context, list []Due) (total int, err error) {
	for n := range list {
		stored, failed := p.issue(ctx, list[n:n+1])
		total, err = total+stored, cmp.Or(err, failed)
	}
	return total, err
}
