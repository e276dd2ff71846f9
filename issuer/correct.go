package issuer

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/openbadge"
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
		changed, err = w.rename(ctx, l, l.Candidate(candidateID(caller.ID, candidate)), name, reason.Text)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("correct name: %w", err)
	}
	return changed, nil
}

// rename has those awards reissued that are signed for another name, or would be. A result that came
// later may have brought the name already, which changes no badge that was signed before.
func (w *write) rename(ctx context.Context, l *ledger.Ledger, of *ledger.Candidate, name, reason string) (changed []*ledger.Award, err error) {
	signed, err := credential.EditionsOf(ctx, w.t, of.ID)
	if err != nil {
		return nil, err
	}
	known := of.Name
	wrong := map[string]bool{known: true}
	own := ownAwards(l, of)
	for _, a := range own {
		if says := signed[a.ID].Name; says != "" && a.Stands() {
			wrong[says] = true
		}
	}
	w.Correct(l, of, ledger.MemberName, name, wrong)
	own = ownAwards(l, of)
	for _, a := range own {
		says := known // once it is signed
		if a.Signed == a.Version {
			says = signed[a.ID].Name
		}
		if a.Stands() && says != name {
			w.Reissue(a)
			w.TellAward("badge.updated", l, a, reason)
			w.Note(ledger.ChangeRenamed, a, reason)
			changed = append(changed, a)
		}
	}
	if known != name || len(changed) > 0 {
		w.answer(l, own)
	}
	if len(changed) > 0 {
		w.notice(of.PartnerID, of.ID, noticePayload{Kind: NoticeRenamed, Awards: ledger.AwardIDs(changed)})
	}
	return changed, nil
}

// ownAwards are those of a candidate that belong to the person of its facts.
func ownAwards(l *ledger.Ledger, of *ledger.Candidate) []*ledger.Award {
	return slices.DeleteFunc(slices.Clone(l.Awards), func(a *ledger.Award) bool { return a.CandidateID != of.ID || a.OwnerEmail != "" })
}

var errNoCandidate = refusal.New("not_found", "There is no such candidate.")

// Accounts knows the accounts of people, to whom badges belong once they accepted them.
type Accounts interface {
	// Confirmed are the addresses that an account has confirmed, the one first that letters about it go to.
	Confirmed(ctx context.Context, t *database.Tx, account string) ([]string, error)

	// Accepting are accounts that may want badges to be accepted for them, by those of the addresses that they have
	// confirmed: live ones, or in a sandbox. Accepts says whether one does, and who is to see the badges.
	Accepting(ctx context.Context, t *database.Tx, addresses []string, sandbox bool) (map[string]string, error)
	Accepts(ctx context.Context, t *database.Tx, account, issuer string) (visibility string, automatic bool, err error)
}

// CorrectEmail corrects the address of a candidate of the caller's. What waits is offered there from now on, with a
// new link, and the links of before end. A badge that was accepted from an account that has only the wrong address
// was never its owner's: it waits again, and the account is told. The same address again changes nothing. It returns
// the badges that were changed.
func (i *Issuer) CorrectEmail(ctx context.Context, caller partner.Caller, candidate, typed string, reason ledger.Reason) (changed []*ledger.Award, err error) {
	var f faults
	f.email("/email", typed)
	f.reason(&reason)
	if len(f) > 0 {
		return nil, refusal.New("validation_failed", "The address cannot be corrected so.", f...)
	}
	if !line.Storable(candidate) {
		return nil, errNoCandidate
	}
	address, _ := email.Canonical(line.Tidy(typed))
	err = i.inWrite(ctx, func(w *write) error {
		l, found, err := w.lockLedger(ctx, candidateID(caller.ID, candidate))
		if err != nil {
			return err
		}
		if !found {
			return errNoCandidate
		}
		w.Reason, w.Actor = reason, partnerActor(caller.Partner)
		changed, err = w.readdress(ctx, l, l.Candidate(candidateID(caller.ID, candidate)), address)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("correct address: %w", err)
	}
	return changed, nil
}

// readdress has those awards of the candidate reissued that name another address, or would.
func (w *write) readdress(ctx context.Context, l *ledger.Ledger, of *ledger.Candidate, address string) (changed []*ledger.Award, err error) {
	w.Correct(l, of, ledger.MemberEmail, address, map[string]bool{of.Email: true})
	ended, err := w.disconnect(ctx, l, of)
	if err != nil {
		return nil, err
	}
	editions, err := credential.EditionsOf(ctx, w.t, of.ID)
	if err != nil {
		return nil, err
	}
	lost := map[string]ledger.IDList{} // by the address of the account that loses them
	for _, a := range ownAwards(l, of) {
		if !a.Stands() {
			continue
		}
		from, returned, err := w.takeBack(ctx, l, of, a, ended)
		if err != nil {
			return nil, err
		}
		told := slices.Contains(w.Due, a) // by move
		if signed := editions[a.ID]; !returned && !told && (a.Signed != a.Version || signed.Recipient == openbadge.HashIdentity(address, a.Salt)) {
			continue
		}
		w.Reissue(a)
		switch {
		case returned:
			lost[from] = append(lost[from], a.ID)
			w.TellAward("badge.offered", l, a, w.Reason.Text)
			w.Note(ledger.ChangeReturned, a, w.Reason.Text)
		case !told:
			w.TellAward("badge.updated", l, a, w.Reason.Text)
			w.Note(ledger.ChangeReaddressed, a, w.Reason.Text)
		}
		changed = append(changed, a)
	}
	for _, from := range slices.Sorted(maps.Keys(lost)) {
		w.notice(of.PartnerID, of.ID, noticePayload{Kind: NoticeReturned, To: from, Awards: lost[from]})
	}
	return changed, nil
}

// takeBack has an award wait again that the account which decided about it got by a wrong address alone; ended are
// those that were connected so. from is where that account is told.
func (w *write) takeBack(ctx context.Context, l *ledger.Ledger, of *ledger.Candidate, a *ledger.Award, ended map[string]string) (from string, returned bool, err error) {
	if a.Holder == "" {
		return "", false, nil
	}
	if from = ended[a.Holder]; from == "" {
		right, wrong := l.Addresses(of)
		from, err = w.mistaken(ctx, a.Holder, right, wrong)
	}
	if err != nil || from == "" {
		return "", false, err
	}
	if err := returnAward(ctx, w.t, a.ID); err != nil {
		return "", false, fmt.Errorf("take award %s back: %w", a.ID, err)
	}
	a.State, a.Holder, a.Visibility, a.DecidedAt, a.Scores = ledger.Offered, "", ledger.ByLink, nil, false
	return from, true, nil
}

// mistaken is where an account is told that has only addresses which were never those of the person; empty where it has
// another one.
func (w *write) mistaken(ctx context.Context, account string, right, wrong []string) (told string, err error) {
	confirmed, err := w.i.Accounts.Confirmed(ctx, w.t, account)
	if err != nil {
		return "", fmt.Errorf("read account: %w", err)
	}
	has := func(list []string) bool {
		return slices.ContainsFunc(confirmed, func(address string) bool { return slices.Contains(list, address) })
	}
	if !has(wrong) || has(right) {
		return "", nil
	}
	return confirmed[0], nil
}

// disconnect takes the profile from an account that got it by a wrong address of a candidate alone, and returns where
// that is told.
func (w *write) disconnect(ctx context.Context, l *ledger.Ledger, of *ledger.Candidate) (ended map[string]string, err error) {
	list, err := connection.OfLedger(ctx, w.t, l.Root().ID)
	if err != nil {
		return nil, fmt.Errorf("read connections: %w", err)
	}
	_, wrong := l.Addresses(of)
	var right []string
	for _, c := range l.Candidates {
		theirs, _ := l.Addresses(c)
		right = append(right, theirs...)
	}
	ended = map[string]string{}
	for _, n := range list {
		if n.Owner != "" {
			continue
		}
		told, err := w.mistaken(ctx, n.Account, right, wrong)
		if err != nil {
			return nil, err
		}
		if told == "" {
			continue
		}
		if err := connection.End(ctx, w.t, n, connection.ByCorrection, w.Actor, w.Now); err != nil {
			return nil, fmt.Errorf("end a connection: %w", err)
		}
		ended[n.Account] = told
	}
	return ended, nil
}

// returnAward undoes what an account chose.
func returnAward(ctx context.Context, t *database.Tx, id string) error {
	_, err := t.Exec(ctx, `
		UPDATE award
		SET state = 'offered', holder = '', visibility = 'link', decided_at = NULL
		WHERE id = ?`, id)
	return err
}
