package issuer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/partner"
)

func partnerActor(p partner.Partner) ledger.Actor {
	return ledger.Actor{Kind: ledger.ByPartner, Name: p.Name, PartnerID: p.ID}
}

// actorColumns are who did something, and when.
type actorColumns struct {
	Kind    ledger.ActorKind `db:"actor_kind"`
	Name    string           `db:"actor_name"`
	ActorID string           `db:"actor_id"`
	Reason  string           `db:"reason"`
	At      time.Time        `db:"created_at"`
}

type resultChange struct {
	actorColumns
	Action string `db:"action"`
	Before string `db:"before"`
}

// AwardHistory is what happened to an award of the caller's, the oldest first.
func (rs *Records) AwardHistory(ctx context.Context, caller partner.Caller, id string) ([]ledger.Entry, error) {
	t := rs.db.Reader()
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
	list = append(ownEntries(a, list, caller.Partner, c.Name), list...)
	slices.SortStableFunc(list, func(a, b ledger.Entry) int { return a.At.Compare(b.At) })
	return readBy(caller, list), nil
}

// HolderHistory is what happened to an award of a holder's, the oldest first. What partners and staff wrote for
// themselves is left out.
func (rs *Records) HolderHistory(ctx context.Context, a *ledger.Award) ([]ledger.Entry, error) {
	list, err := selectAwardEntries(ctx, rs.db.Reader(), a.ID)
	if err != nil {
		return nil, fmt.Errorf("read history of award %s: %w", a.ID, err)
	}
	list = append(ownEntries(a, list, partner.Partner{}, ""), list...)
	slices.SortStableFunc(list, func(a, b ledger.Entry) int { return a.At.Compare(b.At) })
	return readBy(partner.Caller{}, list), nil
}

// Latest is what happened to awards last, the newest first. Why is not told.
func (rs *Records) Latest(ctx context.Context, awards []string, limit int) (list []ledger.AwardEntry, err error) {
	if len(awards) == 0 {
		return nil, nil
	}
	var rows []struct {
		Award  string    `db:"award_id"`
		Change string    `db:"change"`
		At     time.Time `db:"created_at"`
	}
	err = rs.db.Reader().Select(ctx, &rows, `
		SELECT award_id, change, created_at
		FROM award_entry
		WHERE award_id IN (?)
		ORDER BY created_at DESC, id DESC
		LIMIT ?`, awards, limit)
	if err != nil {
		return nil, fmt.Errorf("read what happened to awards: %w", err)
	}
	for _, r := range rows {
		list = append(list, ledger.AwardEntry{Award: r.Award, Entry: ledger.Entry{At: r.At.UTC(), Change: r.Change}})
	}
	return list, nil
}

func selectAwardEntries(ctx context.Context, t *database.Tx, award string) (list []ledger.Entry, err error) {
	var rows []struct {
		actorColumns
		Change string `db:"change"`
	}
	err = t.Select(ctx, &rows, `
		SELECT change, actor_kind, actor_name, actor_id, reason, created_at
		FROM award_entry
		WHERE award_id = ?
		ORDER BY created_at, id
		LIMIT 1000`, award)
	for _, r := range rows {
		list = append(list, ledger.Entry{At: r.At.UTC(), Actor: ledger.Actor{Kind: r.Kind, Name: r.Name, PartnerID: r.ActorID}, Change: r.Change, Reason: r.Reason})
	}
	return list, err
}

// ownEntries are those that follow from the award: what is never stored, and of what happened before entries
// were, as much as is known. Only partners could end awards then.
func ownEntries(a *ledger.Award, stored []ledger.Entry, from partner.Partner, holder string) (list []ledger.Entry) {
	count := func(changes ...string) (n int) {
		for _, e := range stored {
			if slices.Contains(changes, e.Change) {
				n++
			}
		}
		return n
	}
	add := func(at time.Time, actor ledger.Actor, change, reason string) {
		list = append(list, ledger.Entry{At: at.UTC(), Actor: actor, Change: change, Reason: reason})
	}
	system, by := ledger.Actor{Kind: ledger.BySystem}, partnerActor(from)
	add(a.CreatedAt, system, ledger.Offered, "")
	for _, day := range a.Renewed[:max(0, len(a.Renewed)-count("renewed"))] {
		add(day.Time(), system, "renewed", "")
	}
	if a.DecidedAt != nil && a.State != ledger.Offered && count(ledger.Accepted, ledger.Declined) == 0 {
		add(*a.DecidedAt, ledger.Actor{Kind: ledger.ByPerson, Name: holder}, a.State, "")
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
	if a.OverAt(a.CreatedAt) && count(ledger.ChangeExpired) == 0 { // before anybody could wait for it
		add(a.CreatedAt, system, ledger.ChangeExpired, "")
	}
	return list
}

// ResultHistory is what happened to a result of the caller's, the oldest first.
func (rs *Records) ResultHistory(ctx context.Context, caller partner.Caller, id string) ([]ledger.Entry, error) {
	t := rs.db.Reader()
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
	list := []ledger.Entry{{At: r.RecordedAt.UTC(), Actor: partnerActor(caller.Partner), Change: state}}
	for _, c := range changes {
		actor := ledger.Actor{Kind: c.Kind, Name: c.Name, PartnerID: c.ActorID}
		if actor.Kind == "" { // from before it was kept, when only its partner could change a result
			actor = partnerActor(caller.Partner)
		}
		list = append(list, ledger.Entry{At: c.At.UTC(), Actor: actor, Change: cmp.Or(resultChanges[c.Action], c.Action), Reason: c.Reason})
	}
	return readBy(caller, list), nil
}

func selectResultChanges(ctx context.Context, t *database.Tx, partner, result string) (list []resultChange, err error) {
	err = t.Select(ctx, &list, `
		SELECT action, before, actor_kind, actor_name, actor_id, reason, created_at
		FROM result_change
		WHERE partner_id = ? AND result_id = ?
		ORDER BY created_at, id
		LIMIT 1000`, partner, result)
	return list, err
}

var resultChanges = map[string]string{"void": ledger.StateVoided, "release": "released", "correct": "corrected"}

// readBy leaves out the reasons that another partner or staff gave for themselves. Why a person disputes an offer
// is what the partner is to answer.
func readBy(caller partner.Caller, list []ledger.Entry) []ledger.Entry {
	for n := range list {
		if by := list[n].Actor; by.Kind == ledger.ByPartner && by.PartnerID != caller.ID || by.Kind == ledger.ByTeam {
			list[n].Reason = ""
		}
	}
	return list
}
