package issuer

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/credential"
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

// Departures are of holders who have their data erased (flows 2.14). The register of exams stays: who passed what and
// when, without a way to reach them.
type Departures struct{ i *Issuer }

// HolderRequest is the code of the reason of a withdrawal that a holder asked for.
const HolderRequest = "holder_request"

// Withdraw ends all badges of a holder for ever, as they wish, each in a transaction of its own. Done again it ends
// those that are left.
func (d Departures) Withdraw(ctx context.Context, h Holder) error {
	for range withdrawalsMost {
		list, err := selectBackpack(ctx, d.i.db.Reader(), h)
		if err != nil {
			return fmt.Errorf("read backpack: %w", err)
		}
		list = slices.DeleteFunc(list, func(a *ledger.Award) bool { return !a.Stands() })
		if len(list) == 0 {
			return nil
		}
		slices.SortStableFunc(list, func(a, b *ledger.Award) int { return cmp.Compare(a.Kind, b.Kind) }) // certifications first
		for _, a := range list {
			if err := d.withdraw(ctx, h, a); err != nil {
				return fmt.Errorf("withdraw award %s: %w", a.ID, err)
			}
		}
	}
	return errTooOften
}

// withdrawalsMost bounds how often more badges may come meanwhile, or more of them be there than one look shows.
const withdrawalsMost = 20

func (d Departures) withdraw(ctx context.Context, h Holder, award *ledger.Award) error {
	return d.i.inWrite(ctx, func(w *write) error {
		l, found, err := w.lockLedger(ctx, award.CandidateID)
		if err != nil || !found {
			return err
		}
		a := l.Award(award.ID)
		if a == nil || !a.Stands() || !h.has(l, a) {
			return nil
		}
		w.Reason = ledger.Reason{Text: "holder request", Public: HolderRequest}
		w.Actor = ledger.Actor{Kind: ledger.ByPerson, Name: cmp.Or(a.OwnerName, l.Candidate(a.CandidateID).Name)}
		w.Revoke(l, a, ledger.ByStaff) // by hand: the same results do not earn it again
		w.Settle(l, ledger.ByLedger)
		return nil
	})
}

// Erase takes the addresses of a holder out of the register, in the caller's transaction, and has nobody see their
// badges; those that they accepted belong to no account any more. In the place of an address stands one that nobody has,
// to which no mail goes. withdrawn says that all badges were withdrawn: then what was signed and hosted goes as well, and
// left is how many came meanwhile, with which nothing is erased yet.
func (d Departures) Erase(ctx context.Context, t *database.Tx, h Holder, withdrawn bool) (left int, err error) {
	candidates, err := selectCandidatesOf(ctx, t, h)
	if err != nil {
		return 0, fmt.Errorf("read candidates: %w", err)
	}
	var ledgers []*ledger.Ledger
	locked := map[string]bool{}     // by their roots
	for _, id := range candidates { // in order, so that two transactions seldom wait for each other
		c, found, err := lockCandidate(ctx, t, id)
		if err == nil && found {
			c, err = rootOf(ctx, t, c)
		}
		if err != nil {
			return 0, fmt.Errorf("lock ledger: %w", err)
		}
		if found && !locked[c.ID] {
			locked[c.ID] = true
			ledgers = append(ledgers, ledger.Of(c))
		}
	}
	if err := readLedgers(ctx, t, ledgers); err != nil {
		return 0, fmt.Errorf("read ledgers: %w", err)
	}
	if withdrawn {
		var awards []string
		for _, l := range ledgers {
			for _, a := range l.Awards {
				if !h.has(l, a) {
					continue
				}
				if awards = append(awards, a.ID); a.Stands() {
					left++
				}
			}
		}
		if left > 0 {
			return left, nil
		}
		if err := credential.Forget(ctx, t, awards); err != nil {
			return 0, fmt.Errorf("forget what was signed: %w", err)
		}
	}
	for _, l := range ledgers {
		if err := d.eraseAddresses(ctx, t, h, l); err != nil {
			return 0, fmt.Errorf("erase addresses of candidate %s: %w", l.Root().ID, err)
		}
	}
	return 0, eraseHolder(ctx, t, h)
}

// has reports whether an award of a ledger is the holder's: accepted by them, or for nobody else and at their address or
// that of the same person.
func (h Holder) has(l *ledger.Ledger, a *ledger.Award) bool {
	if a.Holder != "" || slices.Contains(h.Addresses, l.Address(a)) {
		return a.Holder == h.ID || a.Holder == ""
	}
	return h.ID != "" && slices.ContainsFunc(l.Awards, func(b *ledger.Award) bool { return b.Holder == h.ID && b.OwnerEmail == a.OwnerEmail })
}

// selectCandidatesOf are those that a holder is or was, in order: at their addresses, and of what they have accepted.
// Addresses of before are not indexed; this is asked once in the life of a holder.
func selectCandidatesOf(ctx context.Context, t *database.Tx, h Holder) (list []string, err error) {
	addresses := h.Addresses
	if len(addresses) == 0 {
		addresses = []string{" "} // that of nobody
	}
	err = t.Select(ctx, &list, `
		SELECT c.id
		FROM candidate c
		JOIN partner p ON p.id = c.partner_id
		WHERE p.sandbox >= ? AND c.id IN (
			SELECT id FROM candidate WHERE email IN (?)
			UNION SELECT candidate_id FROM award WHERE owner_email IN (?) AND owner_email <> ''
			UNION SELECT candidate_id FROM claim WHERE email IN (?)
			UNION SELECT candidate_id FROM result WHERE candidate_email IN (?)
			UNION SELECT candidate_id FROM training WHERE email IN (?))
		UNION
		SELECT candidate_id
		FROM award
		WHERE holder = ? AND holder <> ''
		ORDER BY 1`, database.Flag(h.Sandbox), addresses, addresses, addresses, addresses, addresses, h.ID)
	return list, err
}

// eraseAddresses puts one that nobody has in the place of the holder's addresses wherever candidates of a ledger have
// them: also of those that results and corrections give the same person.
func (d Departures) eraseAddresses(ctx context.Context, t *database.Tx, h Holder, l *ledger.Ledger) error {
	contact := slices.Clone(h.Addresses)
	for _, c := range l.Candidates {
		accepted := slices.ContainsFunc(l.Awards, func(a *ledger.Award) bool {
			return h.ID != "" && a.Holder == h.ID && a.CandidateID == c.ID && a.OwnerEmail == ""
		})
		if accepted || slices.Contains(h.Addresses, c.Email) {
			right, wrong := l.Addresses(c)
			contact = append(append(contact, right...), wrong...)
		}
	}
	for _, a := range l.Awards {
		if h.ID != "" && a.Holder == h.ID && a.OwnerEmail != "" {
			contact = append(contact, a.OwnerEmail)
		}
	}
	if len(contact) == 0 {
		return nil
	}
	nobody, now, ids := strings.ToLower(rand.Text()[:16])+"@"+erasedHost, d.i.now(), idsOf(l)
	for _, statement := range []string{
		`UPDATE candidate SET email = ? WHERE id IN (?) AND email IN (?)`,
		`UPDATE result SET candidate_email = ? WHERE candidate_id IN (?) AND candidate_email IN (?)`,
		`UPDATE candidate_correction SET was = ? WHERE candidate_id IN (?) AND was IN (?) AND member = 'email'`,
		`UPDATE candidate_correction SET value = ? WHERE candidate_id IN (?) AND value IN (?) AND member = 'email'`,
		`UPDATE training SET email = ? WHERE candidate_id IN (?) AND email IN (?)`,
		`UPDATE award SET owner_email = ?, revision = revision + 1 WHERE candidate_id IN (?) AND owner_email IN (?)`,
	} {
		if _, err := t.Exec(ctx, statement, nobody, ids, contact); err != nil {
			return err
		}
	}
	if _, err := t.Exec(ctx, `
		UPDATE claim
		SET email = ?, replaced_at = COALESCE(replaced_at, ?)
		WHERE candidate_id IN (?) AND email IN (?)`, nobody, now, ids, contact); err != nil {
		return err
	}
	if err := insertMailStop(ctx, t, nobody, now); err != nil {
		return err
	}
	return insertRenewalStop(ctx, t, nobody, now)
}

// erasedHost is the host of addresses that nobody has (RFC 2606 §2).
const erasedHost = "erased.invalid"

// eraseHolder has nobody see what an account has accepted, and forgets how it wanted to be shown and mailed.
func eraseHolder(ctx context.Context, t *database.Tx, h Holder) error {
	if h.ID != "" {
		if _, err := t.Exec(ctx, `
			UPDATE award
			SET visibility = 'private', holder = '', revision = revision + 1
			WHERE holder = ?`, h.ID); err != nil {
			return fmt.Errorf("make badges private: %w", err)
		}
		if _, err := t.Exec(ctx, `
			DELETE FROM holder_choice
			WHERE holder = ?`, h.ID); err != nil {
			return fmt.Errorf("forget how a holder is shown: %w", err)
		}
	}
	if len(h.Addresses) > 0 { // of candidates who have no result yet
		if _, err := t.Exec(ctx, `
			UPDATE training
			SET email = ?
			WHERE email IN (?) AND partner_id IN (SELECT id FROM partner WHERE sandbox >= ?)`,
			strings.ToLower(rand.Text()[:16])+"@"+erasedHost, h.Addresses, database.Flag(h.Sandbox)); err != nil {
			return fmt.Errorf("erase addresses of trainings: %w", err)
		}
	}
	for _, address := range h.Addresses {
		if err := deleteMailStop(ctx, t, address); err != nil {
			return err
		}
		if err := deleteRenewalStop(ctx, t, address); err != nil {
			return err
		}
	}
	return nil
}
