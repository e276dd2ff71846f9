package issuer

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// againPayload says whose offers are sent again: everybody's at an address, or a candidate's, of those its own or
// those of another owner.
type againPayload struct {
	Email     string `json:"email,omitempty"`
	Candidate string `json:"candidate,omitempty"`
	Owner     string `json:"owner,omitempty"` // address, see owner.go
}

// offeredAgain is what waits for a partner's candidate and is to be offered anew.
type offeredAgain struct {
	partner string
	whose   againPayload
}

// SendAgain has a letter sent with everything that waits at an address, which replaces the links
// sent before. It does the same work for every address, so that its time tells nothing; nothing is
// sent where nothing waits.
func (of *Offers) SendAgain(ctx context.Context, typed string) error {
	address, ok := email.Canonical(typed)
	if !ok {
		return refusal.New("validation_failed", "This is no e-mail address.")
	}
	return of.db.InTx(ctx, func(t *database.Tx) error {
		return of.queue.Add(ctx, t, jobs.Task{Kind: jobAgain, Key: address, Payload: againPayload{Email: address}})
	})
}

// Resend has the letter for an award that was offered sent again, with a new link, and with whatever else of
// the caller's waits for the same candidate. It answers a dispute of the award, and of what was disputed with
// it.
func (i *Issuer) Resend(ctx context.Context, caller partner.Caller, id string) (*ledger.Award, error) {
	var sent *ledger.Award
	err := i.inWrite(ctx, func(w *write) error {
		a, err := ownAward(ctx, w.t, caller, id)
		if err != nil {
			return err
		}
		l, _, err := w.lockLedger(ctx, a.CandidateID)
		if err != nil {
			return err
		}
		w.Actor = partnerActor(caller.Partner)
		if sent = l.Award(id); !sent.Offered() {
			return refusal.New("not_waiting", "The award is not waiting to be accepted.")
		}
		w.answer(l, l.ReportedWith(sent))
		w.offerAgain(sent)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("resend letter: %w", err)
	}
	return sent, nil
}

// offerAgain queues one letter with everything that waits for a candidate or at an address, whoever reported it and
// under however many candidates (flows S13). Those of sandboxes have one of their own.
func (of *Offers) offerAgain(ctx context.Context, j jobs.Job) error {
	var p againPayload
	if err := j.Decode(&p); err != nil {
		return err
	}
	return of.db.InTx(ctx, func(t *database.Tx) error {
		if p.Email == "" {
			return of.replaceClaims(ctx, t, p.Candidate, p, nil)
		}
		for _, sandbox := range []bool{false, true} {
			offers, err := selectOffersAt(ctx, t, p.Email, sandbox)
			if err != nil {
				return fmt.Errorf("read offers: %w", err)
			}
			if len(offers) == 0 {
				continue
			}
			newest := offers[len(offers)-1].CandidateID
			if err := of.replaceClaims(ctx, t, newest, p, offers); err != nil {
				return err
			}
		}
		return nil
	})
}

// selectOffersAt are the offers at an address, of live partners or of sandboxes: those of its candidates, and those
// that are its owner's though the candidate is somebody else now.
func selectOffersAt(ctx context.Context, t *database.Tx, email string, sandbox bool) (list []*ledger.Award, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+ledger.QualifiedAwardColumns+`
		FROM award a
		JOIN partner p ON p.id = a.partner_id
		WHERE p.sandbox = ? AND a.signed > 0 AND a.state = 'offered' AND a.revoked_at IS NULL AND a.superseded_by = '' AND a.disputed_at IS NULL
			AND a.id IN (
				SELECT id FROM award WHERE owner_email = ? AND owner_email <> ''
				UNION ALL
				SELECT o.id FROM candidate c JOIN award o ON o.candidate_id = c.id WHERE c.email = ? AND o.owner_email = '')
		ORDER BY a.created_at, a.id
		LIMIT 500`, database.Flag(sandbox), email, email)
	return list, err
}

// replaceClaims ends the earlier links of a candidate and queues a letter with a new one, which also leads to what
// others are offered at the same address; their links stay good. Where no
// letter would go out, the links that there are stay good. What waits is read again when the links are
// ended: an award may have been issued meanwhile, and with it a link that was ended as well. The letter says
// whether the person asked for it.
func (of *Offers) replaceClaims(ctx context.Context, t *database.Tx, candidate string, p againPayload, others []*ledger.Award) error {
	c, found, err := lockCandidate(ctx, t, candidate)
	if err != nil || !found {
		return err
	}
	address := cmp.Or(p.Email, p.Owner, c.Email)
	stopped, err := selectMailStop(ctx, t, address)
	if err != nil || stopped {
		return err
	}
	offers, err := offersAt(ctx, t, c, address)
	if err != nil || len(offers) == 0 {
		return err
	}
	reminded, err := replaceClaims(ctx, t, candidate, address, of.now())
	if err != nil {
		return err
	}
	if offers, err = offersAt(ctx, t, c, address); err != nil {
		return err
	}
	claim := of.newClaim(c.ID, address)
	claim.Reminded = reminded
	others = slices.DeleteFunc(others, func(a *ledger.Award) bool { return a.CandidateID == c.ID })
	claim.Awards = ledger.AwardIDs(append(offers, others...))
	if err := insertClaims(ctx, t, []claimRow{claim}, of.now()); err != nil {
		return err
	}
	l, err := of.offer(ctx, t, c.PartnerID, claim, p.Email != "")
	if err != nil {
		return err
	}
	return of.letters.Add(ctx, t, l)
}

// offersAt are the awards of a candidate that wait at an address.
func offersAt(ctx context.Context, t *database.Tx, c ledger.Candidate, address string) ([]*ledger.Award, error) {
	offers, err := selectOffers(ctx, t, c.ID)
	return slices.DeleteFunc(offers, func(a *ledger.Award) bool { return a.Address(&c) != address }), err
}

// selectOffers are the awards of a candidate that were offered and wait to be accepted. The letter for
// one that is not signed yet is still to come.
func selectOffers(ctx context.Context, t *database.Tx, candidate string) (list []*ledger.Award, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+ledger.AwardColumns+`
		FROM award
		WHERE candidate_id = ? AND signed > 0 AND state = 'offered' AND revoked_at IS NULL AND superseded_by = '' AND disputed_at IS NULL
		ORDER BY created_at, id
		LIMIT 500`, candidate)
	return list, err
}
