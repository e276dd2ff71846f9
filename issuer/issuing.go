package issuer

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/openbadge"
)

// due is an award whose credential is to say something else than the newest stored one, with what
// the credential says of the person.
type due struct {
	ledger.Award
	Email string `db:"email"`
	Name  string `db:"name"`

	redated bool // IssuedAt is not what is stored
}

// redate dates a first edition anew that a clock which was wrong has dated ahead: its holder would have a badge
// that is not valid yet. What follows an edition that was published stays later than that (OB 3.0 §2.6).
func (a *due) redate(now time.Time) {
	if a.Signed == 0 && a.IssuedAt.After(now.Add(datedAhead)) {
		a.IssuedAt, a.redated = now, true
	}
}

// issuing are awards that are signed together and stored in one transaction.
type issuing struct {
	i           *Issuer
	now         time.Time
	awards      []due
	credentials []credential // of the awards
	unsigned    error        // why the first of those that could not be signed was not
	stored      []credential // by the transaction, if it was committed
}

// signAll signs awards on all cores. The error is about all of them.
func (i *Issuer) signAll(ctx context.Context, list []due) (batch issuing, err error) {
	org, err := i.Organisation(ctx)
	if err != nil {
		return batch, err
	}
	awards := make([]*ledger.Award, len(list))
	for n := range list {
		list[n].redate(i.now())
		awards[n] = &list[n].Award
	}
	grounds, err := i.grounds(ctx, awards...)
	if err != nil {
		return batch, err
	}
	places, err := i.indexes.take(ctx, i, len(list))
	if err != nil {
		return batch, err
	}
	signed, errs := make([]credential, len(list)), make([]error, len(list))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n := range list {
		group.Go(func() error {
			signed[n] = newCredential(&list[n], places[n])
			errs[n] = i.sign(ctx, &signed[n], org, grounds[n])
			return nil
		})
	}
	_ = group.Wait() // the errors are in errs
	batch = issuing{i: i, now: i.now(), unsigned: cmp.Or(errs...)}
	for n := range list {
		if errs[n] != nil {
			i.indexes.giveBack(places[n : n+1])
			continue
		}
		batch.awards, batch.credentials = append(batch.awards, list[n]), append(batch.credentials, signed[n])
	}
	return batch, nil
}

func newCredential(a *due, place statusIndex) credential {
	return credential{
		AwardID: a.ID, Version: a.Version, HolderName: a.Name, Recipient: openbadge.HashIdentity(a.Email, a.Salt),
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
	if err := b.i.setStatus(ctx, t, ended); err != nil {
		return fmt.Errorf("set status: %w", err)
	}
	if err := b.i.offerLetters(ctx, t, awards, b.now); err != nil {
		return err
	}
	b.stored = credentials
	return nil
}

// unchanged locks the awards and leaves out those that are not as they were when they were signed, which
// are looked at again.
func (b *issuing) unchanged(ctx context.Context, t *database.Tx) (awards []due, credentials []credential, err error) {
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
		t.OnCommit(func() { b.i.backlog.add(changed) })
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

// offerLetters queues one letter for all that is offered to somebody and has no link yet, since it is offered for the
// first time or at another address, and makes the claim that its link leads to.
func (i *Issuer) offerLetters(ctx context.Context, t *database.Tx, awards []due, now time.Time) error {
	type person struct{ candidate, email string }
	offers := map[person][]*due{}
	var order []person
	linked, err := alreadyLinked(ctx, t, awards)
	if err != nil {
		return fmt.Errorf("read links: %w", err)
	}
	for n := range awards {
		a := &awards[n]
		if !a.Waits() || linked[a.ID] {
			continue
		}
		p := person{a.CandidateID, a.Email}
		if offers[p] == nil {
			order = append(order, p)
		}
		offers[p] = append(offers[p], a)
	}
	var claims []claimRow
	var letters []Letter
	for _, p := range order {
		list := offers[p]
		row := i.newClaim(p.candidate, p.email)
		for _, a := range list {
			row.Awards = append(row.Awards, a.ID)
		}
		claims = append(claims, row)
		l, err := i.offer(ctx, t, list[0].PartnerID, row, false)
		if err != nil {
			return err
		}
		letters = append(letters, l)
	}
	if err := insertClaims(ctx, t, claims, now); err != nil {
		return fmt.Errorf("store claims: %w", err)
	}
	return i.Letters.Add(ctx, t, letters...)
}

// offer is the letter of a claim.
func (i *Issuer) offer(ctx context.Context, t *database.Tx, partner string, c claimRow, again bool) (Letter, error) {
	return i.letter(ctx, t, Letter{Kind: LetterOffer, Partner: partner, Candidate: c.CandidateID, Claim: c.ID, Awards: c.Awards},
		letterPayload{Candidate: c.CandidateID, Claim: c.ID, Again: again})
}

// alreadyLinked are those of the awards that wait and have a link. New ones have none, and are not looked for.
func alreadyLinked(ctx context.Context, t *database.Tx, awards []due) (map[string]bool, error) {
	var candidates []string
	for n := range awards {
		if a := &awards[n]; a.Signed > 0 && a.Waits() && !slices.Contains(candidates, a.CandidateID) {
			candidates = append(candidates, a.CandidateID)
		}
	}
	if len(candidates) == 0 {
		return nil, nil
	}
	return selectLinked(ctx, t, candidates)
}
