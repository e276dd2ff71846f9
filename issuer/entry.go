package issuer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
)

func partnerActor(p partner.Partner) Actor { return Actor{ByPartner, p.Name, p.ID} }

// AwardHistory is what happened to an award of the caller's, the oldest first.
func (i *Issuer) AwardHistory(ctx context.Context, caller partner.Caller, id string) ([]Entry, error) {
	t := i.db.Reader()
	a, err := ownAward(ctx, t, caller, id)
	if err != nil {
		return nil, err
	}
	list, err := selectAwardEntries(ctx, t, id)
	if err != nil {
		return nil, fmt.Errorf("read history of award %s: %w", id, err)
	}
	c, _, err := selectCandidate(ctx, t, a.CandidateID)
	if err != nil {
		return nil, fmt.Errorf("read candidate of award %s: %w", id, err)
	}
	list = append(ownEntries(a, list, caller.Partner, c.Name, i.Today()), list...)
	slices.SortStableFunc(list, func(a, b Entry) int { return a.At.Compare(b.At) })
	return readBy(caller, list), nil
}

// ownEntries are those that follow from the award: what is never stored, and of what happened before entries
// were, as much as is known. Only partners could end awards then.
func ownEntries(a *Award, stored []Entry, from partner.Partner, holder string, today programme.Date) (list []Entry) {
	count := func(changes ...string) (n int) {
		for _, e := range stored {
			if slices.Contains(changes, e.Change) {
				n++
			}
		}
		return n
	}
	add := func(at time.Time, actor Actor, change, reason string) {
		list = append(list, Entry{At: at.UTC(), Actor: actor, Change: change, Reason: reason})
	}
	system, by := Actor{Kind: BySystem}, partnerActor(from)
	add(a.CreatedAt, system, Offered, "")
	for _, day := range a.Renewed[:max(0, len(a.Renewed)-count("renewed"))] {
		add(day.Time(), system, "renewed", "")
	}
	if a.DecidedAt != nil && a.State != Offered && count(Accepted, Declined) == 0 {
		add(*a.DecidedAt, Actor{Kind: ByPerson, Name: holder}, a.State, "")
	}
	if a.SuspendedAt != nil && count("suspended") == 0 {
		reason := a.Reason
		if a.RevokedAt != nil {
			reason = "" // the reason of the revocation took its place
		}
		add(*a.SuspendedAt, by, "suspended", reason)
	}
	if a.RevokedAt != nil && count("revoked") == 0 {
		add(*a.RevokedAt, by, "revoked", a.Reason)
	}
	if !a.ExpiresOn.IsZero() && !today.Before(a.ExpiresOn.Date) {
		add(later(a.ExpiresOn.Time(), a.CreatedAt), system, changeExpired, "")
	}
	return list
}

// ResultHistory is what happened to a result of the caller's, the oldest first.
func (i *Issuer) ResultHistory(ctx context.Context, caller partner.Caller, id string) ([]Entry, error) {
	t := i.db.Reader()
	r, err := ownResult(ctx, t, caller, id)
	if err != nil {
		return nil, err
	}
	changes, err := selectResultChanges(ctx, t, caller.ID, id)
	if err != nil {
		return nil, fmt.Errorf("read history of result: %w", err)
	}
	state := r.State // as it was recorded
	if len(changes) > 0 {
		state, _, _ = strings.Cut(changes[0].Before, " ")
	}
	list := []Entry{{At: r.RecordedAt.UTC(), Actor: partnerActor(caller.Partner), Change: state}}
	for _, c := range changes {
		actor := Actor{c.Kind, c.Name, c.ActorID}
		if actor.Kind == "" { // from before it was kept, when only its partner could change a result
			actor = partnerActor(caller.Partner)
		}
		list = append(list, Entry{At: c.At.UTC(), Actor: actor, Change: cmp.Or(resultChanges[c.Action], c.Action), Reason: c.Reason})
	}
	return readBy(caller, list), nil
}

var resultChanges = map[string]string{"void": StateVoided, "release": "released", "correct": "corrected"}

// readBy leaves out the reasons that another partner or staff gave for themselves. Why a person disputes an offer
// is what the partner is to answer.
func readBy(caller partner.Caller, list []Entry) []Entry {
	for n := range list {
		if by := list[n].Actor; by.Kind == ByPartner && by.id != caller.ID || by.Kind == ByTeam {
			list[n].Reason = ""
		}
	}
	return list
}
