package issuer

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/openbadge"
)

// What an award needs beside its row, credential and letter, is made soon after the commit and not in
// it: signing takes time, and many awards together take few statements. The row itself is the note
// that this is still to be done (signed < version), so that a crash loses none of it, and the
// transaction that stores a credential is the one that queues the letter, so that there is one of each.

const (
	issueTogether = 500                   // awards a transaction
	issueLinger   = 50 * time.Millisecond // lets the awards of small commits be issued together
	issuePoll     = 5 * time.Second       // looks for what a stopped process left behind
	leftBehind    = 3 * issuePoll         // age from which another process's work is taken over
	backlogMost   = 100_000               // awards; more are left to the poll
)

// backlog are the awards that this process has still to issue.
type backlog struct {
	mu   sync.Mutex
	ids  []string
	wake chan struct{}
}

func newBacklog() backlog { return backlog{wake: make(chan struct{}, 1)} }

func (b *backlog) add(ids []string) {
	b.mu.Lock()
	if len(b.ids)+len(ids) <= backlogMost {
		b.ids = append(b.ids, ids...)
	}
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *backlog) takeAll() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids := b.ids
	b.ids = nil
	return ids
}

// due is an award whose credential is to say something else than the newest stored one, with what
// the credential says of the person.
type due struct {
	Award
	Email string `db:"email"`
	Name  string `db:"name"`
}

// IssueLoop signs and offers what was awarded until the context ends.
func (i *Issuer) IssueLoop(ctx context.Context) error {
	tick := time.NewTicker(issuePoll)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			_, err = i.issueBefore(ctx, i.now().Add(-leftBehind))
		case <-i.backlog.wake:
			time.Sleep(issueLinger)
			err = i.issueOwn(ctx)
		}
		if err != nil && ctx.Err() == nil {
			i.Log.Error("issue awards", "error", err)
		}
	}
}

// IssuePending signs and offers everything that waits and returns how many awards that were.
func (i *Issuer) IssuePending(ctx context.Context) (int, error) {
	i.backlog.takeAll()
	return i.issueBefore(ctx, i.now().Add(time.Hour))
}

// issueOwn issues what this process has awarded. What fails is left to the poll.
func (i *Issuer) issueOwn(ctx context.Context) error {
	for ids := range slices.Chunk(i.backlog.takeAll(), issueTogether) {
		list, err := selectDue(ctx, i.db.Reader(), ids)
		if err != nil {
			return fmt.Errorf("read awards to be issued: %w", err)
		}
		if err := i.issue(ctx, list); err != nil {
			return err
		}
	}
	return nil
}

func (i *Issuer) issueBefore(ctx context.Context, before time.Time) (total int, err error) {
	for {
		list, err := selectDueBefore(ctx, i.db.Reader(), before, issueTogether)
		if err != nil || len(list) == 0 {
			return total, err
		}
		if err := i.issue(ctx, list); err != nil {
			return total, err
		}
		total += len(list)
	}
}

// issue signs the awards on all cores and stores credentials and letters in one transaction. An award
// that changed meanwhile, or that somebody else issued, is left as it is. One that cannot be signed
// does not hinder the others; the error is about the first of those.
func (i *Issuer) issue(ctx context.Context, list []due) error {
	org, err := i.Organisation(ctx)
	if err != nil {
		return err
	}
	places, err := i.indexes.take(ctx, i, len(list))
	if err != nil {
		return err
	}
	signed, errs := make([]credential, len(list)), make([]error, len(list))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n := range list {
		group.Go(func() error {
			signed[n] = newCredential(&list[n], places[n])
			signed[n].packed, errs[n] = i.sign(ctx, signed[n], org)
			return nil
		})
	}
	_ = group.Wait() // the errors are in errs
	batch := issuing{i: i, now: i.now()}
	for n := range list {
		if errs[n] == nil {
			batch.awards, batch.credentials = append(batch.awards, list[n]), append(batch.credentials, signed[n])
		}
	}
	if len(batch.awards) > 0 {
		err = i.db.InTx(ctx, func(t *database.Tx) error { return batch.store(ctx, t) })
	}
	return cmp.Or(err, cmp.Or(errs...))
}

// issuing is one transaction's signed awards.
type issuing struct {
	i           *Issuer
	now         time.Time
	awards      []due
	credentials []credential // of the awards
}

func (b *issuing) store(ctx context.Context, t *database.Tx) error {
	awards, credentials, err := b.unchanged(ctx, t)
	if err != nil || len(awards) == 0 {
		return err
	}
	if err := markSigned(ctx, t, awards); err != nil {
		return fmt.Errorf("mark awards as signed: %w", err)
	}
	if err := insertCredentials(ctx, t, credentials); err != nil {
		return fmt.Errorf("store credentials: %w", err)
	}
	var ended []statusIndex // that of an award on hold is on hold too
	for n, a := range awards {
		if a.RevokedAt != nil || a.SuspendedAt != nil {
			ended = append(ended, credentials[n].place())
		}
	}
	if err := setStatus(ctx, t, ended, b.now); err != nil {
		return fmt.Errorf("set status: %w", err)
	}
	return b.i.offerLetters(ctx, t, awards, b.now)
}

// unchanged locks the awards and leaves out those that are not as they were when they were signed.
func (b *issuing) unchanged(ctx context.Context, t *database.Tx) (awards []due, credentials []credential, err error) {
	ids := make([]string, 0, len(b.awards))
	for _, a := range b.awards {
		ids = append(ids, a.ID)
	}
	revisions, err := lockRevisions(ctx, t, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("lock awards: %w", err)
	}
	for n, a := range b.awards {
		if revisions[a.ID] == a.Revision {
			awards, credentials = append(awards, a), append(credentials, b.credentials[n])
		}
	}
	return awards, credentials, nil
}

// offerLetters queues one letter for all that is offered to a candidate for the first time, and makes
// the claim that its link leads to.
func (i *Issuer) offerLetters(ctx context.Context, t *database.Tx, awards []due, now time.Time) error {
	offers := map[string][]*due{}
	var order []string
	for n := range awards {
		a := &awards[n]
		if a.Signed > 0 || !a.waits() {
			continue
		}
		if offers[a.CandidateID] == nil {
			order = append(order, a.CandidateID)
		}
		offers[a.CandidateID] = append(offers[a.CandidateID], a)
	}
	var claims []claimRow
	var letters []jobs.Task
	for _, c := range order {
		list := offers[c]
		row := i.newClaim(c, list[0].Email)
		for _, a := range list {
			row.Awards = append(row.Awards, a.ID)
		}
		claims = append(claims, row)
		letters = append(letters, jobs.Task{Kind: jobOffer, Payload: letterPayload{Candidate: c, Claim: row.ID}})
	}
	if err := insertClaims(ctx, t, claims, now); err != nil {
		return fmt.Errorf("store claims: %w", err)
	}
	return i.queue.Add(ctx, t, letters...)
}

func newCredential(a *due, place statusIndex) credential {
	return credential{
		AwardID: a.ID, Version: a.Version, HolderName: a.Name, Recipient: openbadge.HashIdentity(a.Email, a.Salt),
		AchievementID: a.AchievementID, EarnedOn: a.EarnedOn, ExpiresOn: a.ExpiresOn,
		StatusList: place.list, StatusIndex: place.position, IssuedAt: a.IssuedAt, Salt: a.Salt,
	}
}
