package credential

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/openbadge"
)

// Due is an award whose credential is to say something else than the newest stored one, with what
// the credential says of the person.
type Due struct {
	ledger.Award
	Email string `db:"email"`
	Name  string `db:"name"`
	Shown string `db:"name_shown"` // how the name is shown, as the holder chose

	redated bool // IssuedAt is not what is stored
}

// redate dates a first edition anew that a clock which was wrong has dated ahead: its holder would have a badge
// that is not valid yet. What follows an edition that was published stays later than that (OB 3.0 §2.6).
func (a *Due) redate(now time.Time) {
	if a.Signed == 0 && a.IssuedAt.After(now.Add(datedAhead)) {
		a.IssuedAt, a.redated = now, true
	}
}

// issuing are awards that are signed together and stored in one transaction.
type issuing struct {
	p           *Publisher
	now         time.Time
	awards      []Due
	credentials []credential // of the awards
	unsigned    error        // why the first of those that could not be signed was not
	stored      []credential // by the transaction, if it was committed
}

// signAll signs awards on all cores. The error is about all of them.
func (p *Publisher) signAll(ctx context.Context, list []Due) (batch issuing, err error) {
	org, err := p.catalogue.Organisation(ctx)
	if err != nil {
		return batch, err
	}
	awards := make([]*ledger.Award, len(list))
	for n := range list {
		list[n].redate(p.now())
		awards[n] = &list[n].Award
	}
	grounds, err := p.grounds(ctx, awards...)
	if err != nil {
		return batch, err
	}
	places, err := p.StatusLists.pool.take(ctx, p.StatusLists, len(list))
	if err != nil {
		return batch, err
	}
	signed, errs := make([]credential, len(list)), make([]error, len(list))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n := range list {
		group.Go(func() error {
			signed[n] = newCredential(&list[n], places[n])
			errs[n] = p.sign(ctx, &signed[n], org, grounds[n])
			return nil
		})
	}
	_ = group.Wait() // the errors are in errs
	batch = issuing{p: p, now: p.now(), unsigned: cmp.Or(errs...)}
	for n := range list {
		if errs[n] != nil {
			p.StatusLists.pool.giveBack(places[n : n+1])
			continue
		}
		batch.awards, batch.credentials = append(batch.awards, list[n]), append(batch.credentials, signed[n])
	}
	return batch, nil
}

func newCredential(a *Due, place statusIndex) credential {
	return credential{
		AwardID: a.ID, Version: a.Version, HolderName: a.Name, NameShown: a.Shown, Recipient: openbadge.HashIdentity(a.Email, a.Salt),
		AchievementID: a.AchievementID, EarnedOn: a.EarnedOn, ExpiresOn: a.ExpiresOn, Scores: a.Scores,
		StatusList: place.list, StatusIndex: place.position, IssuedAt: a.IssuedAt, ValidFrom: a.ValidFrom, Salt: a.Salt,
	}
}

func (b *issuing) store(ctx context.Context, t *database.Tx) error {
	b.stored = nil
	awards, credentials, err := b.unchanged(ctx, t)
	if err != nil || len(awards) == 0 {
		return err
	}
	if err := markSigned(ctx, t, awards); err != nil {
		return fmt.Errorf("mark awards as signed: %w", err)
	}
	if err := storeRedated(ctx, t, awards); err != nil {
		return fmt.Errorf("date awards anew: %w", err)
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
	if err := b.p.set(ctx, t, ended); err != nil {
		return fmt.Errorf("set status: %w", err)
	}
	if err := b.p.offers.Offer(ctx, t, awards, b.now); err != nil {
		return err
	}
	b.stored = credentials
	return nil
}

// unchanged locks the awards and leaves out those that are not as they were when they were signed, which
// are looked at again.
func (b *issuing) unchanged(ctx context.Context, t *database.Tx) (awards []Due, credentials []credential, err error) {
	ids := make([]string, 0, len(b.awards))
	for _, a := range b.awards {
		ids = append(ids, a.ID)
	}
	revisions, err := lockRevisions(ctx, t, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("lock awards: %w", err)
	}
	var changed []string
	for n, a := range b.awards {
		if revisions[a.ID] == a.Revision {
			awards, credentials = append(awards, a), append(credentials, b.credentials[n])
		} else {
			changed = append(changed, a.ID)
		}
	}
	if len(changed) > 0 {
		t.OnCommit(func() { b.p.backlog.add(changed) })
	}
	return awards, credentials, nil
}

// unused are the places of what was signed and certainly not stored.
func (b *issuing) unused() (places []statusIndex) {
	used := make(map[statusIndex]bool, len(b.stored))
	for _, c := range b.stored {
		used[c.place()] = true
	}
	for _, c := range b.credentials {
		if !used[c.place()] {
			places = append(places, c.place())
		}
	}
	return places
}
