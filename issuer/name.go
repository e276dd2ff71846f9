package issuer

import (
	"context"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// CorrectName corrects the name of a candidate of the caller's, which is that on an identity document. The
// badges that stand are signed anew under their addresses; older files verify as replaced. The same
// name again changes nothing. It returns the badges that were changed.
func (i *Issuer) CorrectName(ctx context.Context, caller partner.Caller, candidate, name string, reason ledger.Reason) (changed []*ledger.Award, err error) {
	var f faults
	f.name("/name", name)
	f.reason(&reason)
	name = line.Tidy(name)
	if len(f) > 0 {
		return nil, refusal.New("validation_failed", "The name cannot be corrected so.", f...)
	}
	if !line.Storable(candidate) {
		return nil, errNoCandidate
	}
	err = i.inWrite(ctx, func(w *write) error {
		changed = nil
		l, found, err := w.lockLedger(ctx, candidateID(caller.ID, candidate))
		if err != nil {
			return err
		}
		if !found {
			return errNoCandidate
		}
		w.Reason, w.Actor = reason, partnerActor(caller.Partner)
		changed, err = w.rename(ctx, l, name, reason.Text)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("correct name: %w", err)
	}
	return changed, nil
}

// rename has those awards reissued that are signed for another name, or would be. A result that came
// later may have brought the name already, which changes no badge that was signed before.
func (w *write) rename(ctx context.Context, l *ledger.Ledger, name, reason string) (changed []*ledger.Award, err error) {
	signed, err := credential.EditionsOf(ctx, w.t, l.Candidate.ID)
	if err != nil {
		return nil, err
	}
	known := l.Candidate.Name
	wrong := map[string]bool{known: true}
	for _, a := range l.Awards {
		if says := signed[a.ID].Name; says != "" && a.Stands() && a.OwnerEmail == "" {
			wrong[says] = true
		}
	}
	w.Correct(l, ledger.MemberName, name, wrong)
	for _, a := range l.Awards {
		says := known // once it is signed
		if a.Signed == a.Version {
			says = signed[a.ID].Name
		}
		if a.Stands() && says != name && a.OwnerEmail == "" {
			w.Reissue(a)
			w.TellAward("badge.updated", l, a, reason)
			w.Note(ledger.ChangeRenamed, a, reason)
			changed = append(changed, a)
		}
	}
	if known != name || len(changed) > 0 {
		w.answer(l, slices.DeleteFunc(slices.Clone(l.Awards), func(a *ledger.Award) bool { return a.OwnerEmail != "" }))
	}
	if len(changed) > 0 {
		w.notice(l.Candidate.PartnerID, l.Candidate.ID, noticePayload{Kind: NoticeRenamed, Awards: ledger.AwardIDs(changed)})
	}
	return changed, nil
}

var errNoCandidate = refusal.New("not_found", "There is no such candidate.")
