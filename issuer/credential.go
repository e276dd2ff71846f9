package issuer

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
)

// credential is a signed edition of an award: what was said, and when. The row is written with the
// award; the signature follows at once, outside the transaction, and is stored once.
type credential struct {
	AwardID       string    `db:"award_id"`
	Version       int64     `db:"version"`
	HolderName    string    `db:"holder_name"`
	Recipient     string    `db:"recipient"` // hash of the address, as both standards write it
	AchievementID string    `db:"achievement_id"`
	EarnedOn      day       `db:"earned_on"`
	ExpiresOn     day       `db:"expires_on"`
	StatusList    int64     `db:"status_list"`
	StatusIndex   int64     `db:"status_index"`
	IssuedAt      time.Time `db:"issued_at"`
	JWT           *token    `db:"jwt"` // nil until signed

	Salt string `db:"salt"` // the award's
}

func newCredential(c candidate, a *Award, place statusIndex, now time.Time) credential {
	return credential{
		AwardID: a.ID, Version: a.Version, HolderName: c.Name, Recipient: openbadge.HashIdentity(c.Email, a.Salt),
		AchievementID: a.AchievementID, EarnedOn: a.EarnedOn, ExpiresOn: a.ExpiresOn,
		StatusList: place.list, StatusIndex: place.position, IssuedAt: now, Salt: a.Salt,
	}
}

// compose writes the Open Badges 3.0 credential of an edition (OB 3.0 §2, VC Data Model 2.0). It is
// pure: the same edition gives the same bytes.
func (i *Issuer) compose(c credential, a *Achievement, org programme.Issuer) ([]byte, error) {
	oc := openbadge.NewCredential(i.badgeURL(c.AwardID, "/credential.json"))
	oc.Context = append(oc.Context, openbadge.ContextExtensions)
	oc.Name = a.In(a.Name, a.Language)
	oc.Issuer = i.profile(org)
	oc.ValidFrom = c.IssuedAt
	oc.AwardedDate = c.EarnedOn.Time()
	if !c.ExpiresOn.IsZero() {
		// A late result can make an award that had run out before this edition was made.
		oc.ValidUntil = later(c.ExpiresOn.Time(), c.IssuedAt)
	}
	oc.Subject = openbadge.NewSubject(i.achievementOf(a),
		openbadge.IdentityObject{Type: "IdentityObject", Hashed: true, IdentityHash: c.Recipient, IdentityType: "emailAddress", Salt: c.Salt},
		openbadge.IdentityObject{Type: "IdentityObject", IdentityHash: c.HolderName, IdentityType: "name"})
	index := strconv.FormatInt(c.StatusIndex, 10)
	oc.Status = &openbadge.StatusEntry{
		ID: i.statusURL(c.StatusList) + "#" + index, Type: "BitstringStatusListEntry", StatusPurpose: "revocation",
		StatusListIndex: index, StatusListCredential: i.statusURL(c.StatusList),
	}
	oc.RefreshService = &openbadge.Service{ID: i.badgeURL(c.AwardID, "/credential.jwt"), Type: "1EdTechCredentialRefresh"}
	return openbadge.Payload(oc)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (i *Issuer) wakeSigner() {
	select {
	case i.unsigned <- struct{}{}:
	default:
	}
}

const (
	signBatch  = 500                   // credentials a transaction
	signLinger = 50 * time.Millisecond // lets small commits be signed together
	signPoll   = 5 * time.Second       // looks for what a stopped process left behind
	leftBehind = 3 * signPoll          // age from which another process's work is taken over
)

// SignLoop signs what was issued until the context ends.
func (i *Issuer) SignLoop(ctx context.Context) error {
	tick := time.NewTicker(signPoll)
	defer tick.Stop()
	for {
		own := false
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-i.unsigned:
			own = true
			time.Sleep(signLinger)
		}
		before := i.now().Add(time.Second)
		if !own {
			before = i.now().Add(-leftBehind)
		}
		if _, err := i.signBefore(ctx, before); err != nil && ctx.Err() == nil {
			i.Log.Error("sign credentials", "error", err)
		}
	}
}

// SignPending signs everything that waits and returns how many credentials that were.
func (i *Issuer) SignPending(ctx context.Context) (int, error) {
	return i.signBefore(ctx, i.now().Add(time.Hour))
}

func (i *Issuer) signBefore(ctx context.Context, before time.Time) (total int, err error) {
	i.signing.Lock()
	defer i.signing.Unlock()
	for {
		batch, err := selectUnsigned(ctx, i.db.Reader(), before, signBatch)
		if err != nil || len(batch) == 0 {
			return total, err
		}
		if err := i.signBatch(ctx, batch); err != nil {
			return total, err
		}
		total += len(batch)
	}
}

// signBatch signs on all cores and stores the signatures in one transaction. Should two processes
// sign the same edition, the one that is stored first stays. One that cannot be signed does not
// hinder the others; the error is about the first of those.
func (i *Issuer) signBatch(ctx context.Context, batch []credential) error {
	org, err := i.Organisation(ctx)
	if err != nil {
		return err
	}
	packed, errs := make([]driver.Value, len(batch)), make([]error, len(batch))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n, c := range batch {
		group.Go(func() error {
			var signed string
			if signed, errs[n] = i.sign(ctx, c, org); errs[n] == nil {
				packed[n], errs[n] = token(signed).Value()
			}
			return nil
		})
	}
	_ = group.Wait() // the errors are in errs
	err = i.db.InTx(ctx, func(t *database.Tx) error {
		for n, c := range batch {
			if errs[n] != nil {
				continue
			}
			if err := updateJWT(ctx, t, c, packed[n]); err != nil {
				return fmt.Errorf("store credential of award %s: %w", c.AwardID, err)
			}
		}
		return nil
	})
	return cmp.Or(err, cmp.Or(errs...))
}

func (i *Issuer) sign(ctx context.Context, c credential, org programme.Issuer) (string, error) {
	a, err := i.achievementOfAward(ctx, c.AwardID, c.AchievementID)
	if err != nil {
		return "", err
	}
	payload, err := i.compose(c, a, org)
	if err != nil {
		return "", fmt.Errorf("compose credential of award %s: %w", c.AwardID, err)
	}
	token, err := i.Signer.SignJWT(ctx, payload)
	if err != nil {
		return "", fmt.Errorf("sign credential of award %s: %w", c.AwardID, err)
	}
	return token, nil
}
