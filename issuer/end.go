package issuer

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// RevokeAward ends an award by hand, for ever: the same results do not earn it again. Revoking it
// twice changes nothing.
func (i *Issuer) RevokeAward(ctx context.Context, caller partner.Caller, id string, reason ledger.Reason) (*ledger.Award, error) {
	return i.alterAward(ctx, caller, id, reason, func(w *write, l *ledger.Ledger, a *ledger.Award) error {
		if a.RevokedAt == nil {
			w.Revoke(l, a, ledger.ByStaff)
		}
		return nil
	})
}

// SuspendAward puts an award on hold: signed copies show it through the status list.
func (i *Issuer) SuspendAward(ctx context.Context, caller partner.Caller, id string, reason ledger.Reason) (*ledger.Award, error) {
	return i.alterAward(ctx, caller, id, reason, func(w *write, l *ledger.Ledger, a *ledger.Award) error {
		if a.RevokedAt != nil {
			return refusal.New("award_revoked", "The award was revoked and cannot be suspended.")
		}
		if a.SuspendedAt == nil {
			now := w.Now
			a.SuspendedAt, a.Reason, a.PublicReason = &now, reason.Text, reason.Public
			w.Change(a)
			w.Ended = append(w.Ended, a)
			w.AwardEvent("badge.suspended", l, a, reason.Text)
			w.awardNotice(NoticeSuspended, a)
		}
		return nil
	})
}

// ReinstateAward ends a suspension with a new edition, which has a place of its own in a status list:
// a bit that was set stays set.
func (i *Issuer) ReinstateAward(ctx context.Context, caller partner.Caller, id string, reason ledger.Reason) (*ledger.Award, error) {
	return i.alterAward(ctx, caller, id, reason, func(w *write, l *ledger.Ledger, a *ledger.Award) error {
		if a.RevokedAt != nil {
			return refusal.New("award_revoked", "The award was revoked, which is final.")
		}
		if a.SuspendedAt == nil {
			return nil
		}
		a.SuspendedAt, a.Reason, a.PublicReason = nil, "", ""
		w.Reissue(a)
		w.AwardEvent("badge.reinstated", l, a, reason.Text)
		w.awardNotice(NoticeReinstated, a)
		return nil
	})
}

// alterAward changes one award of the caller's under the lock of its ledger, and lets everything
// else in the ledger follow. What took the place of a superseded award is another one.
func (i *Issuer) alterAward(ctx context.Context, caller partner.Caller, id string, reason ledger.Reason, alter func(*write, *ledger.Ledger, *ledger.Award) error) (*ledger.Award, error) {
	var f faults
	if f.reason(&reason); len(f) > 0 {
		return nil, refusal.New("validation_failed", "A reason is needed.", f...)
	}
	var altered *ledger.Award
	err := i.inWrite(ctx, func(w *write) error {
		w.Reason = reason
		a, err := ownAward(ctx, w.t, caller, id)
		if err != nil {
			return err
		}
		l, _, err := w.lockLedger(ctx, a.CandidateID)
		if err != nil {
			return err
		}
		w.Actor = partnerActor(caller.Partner) // what followed from the programme before is nobody's
		altered = l.Award(id)
		if altered.Successor != "" {
			return refusal.New("withdrawn", "The award was superseded by "+altered.Successor+", which can be changed instead.")
		}
		if err := alter(w, l, altered); err != nil {
			return err
		}
		w.Settle(l, ledger.ByLedger)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("change award %s: %w", id, err)
	}
	return altered, nil
}
