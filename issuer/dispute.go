package issuer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// DisputeReasons are all of them.
var DisputeReasons = []string{ledger.UnknownPerson, ledger.NeverTook, ledger.WrongName}

// Dispute holds what a claim link offers: nobody can accept it, and no letter about it goes out, until the
// partner answers (answer) or the owner of the address recognises it. Partner and issuer hear of it. Whoever
// does not know the person is no address for anything of theirs, so that all offers are held then, and those
// that follow.
//
// A link takes it once, and so do those that were there at the time: else whoever kept an old letter could hold
// a badge for ever. One that went to an address which was corrected since holds nothing.
func (i *Issuer) Dispute(ctx context.Context, token, reason string) (held bool, err error) {
	if !slices.Contains(DisputeReasons, reason) {
		return false, refusal.New("validation_failed", "reason must be unknown_person, never_took or wrong_name")
	}
	err = i.inWrite(ctx, func(w *write) error {
		held = false
		claim, found, err := selectClaim(ctx, w.t, digest(token))
		if err != nil || !found {
			return err
		}
		l, _, err := w.lockLedger(ctx, claim.CandidateID)
		if err != nil {
			return err
		}
		w.Actor = ledger.Actor{Kind: ledger.ByPerson}                        // whose name it is they do not say
		if claim, _, err = selectClaim(ctx, w.t, claim.Digest); err != nil { // as it is under the lock
			return err
		}
		if claim.DisownedAt != nil || !slices.ContainsFunc(l.Awards, func(a *ledger.Award) bool { return a.CandidateID == claim.CandidateID && l.Address(a) == claim.Email }) {
			return nil
		}
		if err := disownClaims(ctx, w.t, claim.CandidateID, claim.Email, reason, w.Now); err != nil {
			return err
		}
		held = w.disputeAll(l, claim, reason)
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("dispute offer: %w", err)
	}
	return held, nil
}

// disownClaims notes on all links of a candidate that went to an address that somebody used one to say that it is not theirs.
func disownClaims(ctx context.Context, t *database.Tx, candidate, email, reason string, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE claim
		SET disowned_at = ?, disowned_reason = ?
		WHERE candidate_id = ? AND email = ? AND disowned_at IS NULL`, now, reason, candidate, email)
	return err
}

// disputeAll holds what waits at the address of a claim, of the named awards or of all, and tells the issuer in one letter.
func (w *write) disputeAll(l *ledger.Ledger, claim claimRow, reason string) (held bool) {
	p, ids := disputedPayload{Candidate: claim.CandidateID, Reason: reason, At: w.Now}, l.Heirs(claim.Awards)
	for _, a := range l.Awards {
		if !a.Waits() || l.Address(a) != claim.Email || reason != ledger.UnknownPerson && !slices.Contains(ids, a.ID) {
			continue
		}
		w.Dispute(l, a, reason)
		p.Awards = append(p.Awards, a.ID)
		for _, k := range a.Supports {
			r := l.Result(k)
			if r != nil && !slices.Contains(p.Exams, r.Exam) {
				p.Exams = append(p.Exams, r.Exam)
			}
		}
	}
	if len(p.Awards) == 0 {
		return false
	}
	w.letter(Letter{Kind: LetterDisputed, Partner: l.Candidate(p.Candidate).PartnerID, Candidate: p.Candidate, Awards: p.Awards}, p)
	return true
}

// answer ends the disputes of those of the awards that are disputed: their partner has answered. What then waits
// is offered anew.
func (w *write) answer(l *ledger.Ledger, awards []*ledger.Award) {
	var waits []*ledger.Award // one of each owner
	for _, a := range awards {
		if a.DisputedAt == nil {
			continue
		}
		a.DisputedAt, a.Dispute = nil, ""
		w.Change(a)
		w.AwardEvent("badge.undisputed", l, a, w.Reason.Text)
		known := func(o *ledger.Award) bool { return o.CandidateID == a.CandidateID && o.OwnerEmail == a.OwnerEmail }
		if a.Waits() && !slices.ContainsFunc(waits, known) {
			waits = append(waits, a)
		}
	}
	for _, a := range waits {
		w.offerAgain(a)
	}
}

// offerAgain queues a letter, with a new link, about everything of a candidate that waits for the owner of an award.
func (w *write) offerAgain(a *ledger.Award) {
	w.again = append(w.again, offeredAgain{a.PartnerID, againPayload{Candidate: a.CandidateID, Owner: a.OwnerEmail}})
}

// Recognise ends a dispute: the owner of the address, who is signed in, says that the badge is theirs after all.
// The partner hears of it.
func (i *Issuer) Recognise(ctx context.Context, h Holder, award string) error {
	return i.decide(ctx, h, award, "badge.undisputed", func(t *database.Tx, a *ledger.Award) (bool, error) {
		return recogniseAward(ctx, t, a.ID)
	})
}

// recogniseAward ends a dispute.
func recogniseAward(ctx context.Context, t *database.Tx, id string) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE award
		SET disputed_at = NULL, dispute = '', revision = revision + 1
		WHERE id = ? AND disputed_at IS NOT NULL`, id)
	return n == 1, err
}

// disputedPayload is the letter to the issuer on its way.
type disputedPayload struct {
	Candidate string    `json:"candidate"`
	Awards    []string  `json:"awards"`
	Exams     []string  `json:"exams"` // codes, of the results that they rest on
	Reason    string    `json:"reason"`
	At        time.Time `json:"at"`
}

// DisputedLetter tells the issuer's staff that somebody disputes offers. It has no link that could claim them.
type DisputedLetter struct {
	Recipient
	Badges    []OfferedBadge
	Candidate string   // the partner's own id
	Exams     []string // codes
	Reason    string
	On        time.Time
}

// DisputedLetter writes to the issuer about those offers that are still held.
func (of *Offers) DisputedLetter(ctx context.Context, l Letter) (d DisputedLetter, unsent Unsent, err error) {
	var p disputedPayload
	if err := l.about(&p); err != nil {
		return d, "", err
	}
	t := of.db.Reader()
	c, found, err := selectCandidate(ctx, t, p.Candidate)
	if err != nil || !found {
		return d, Overtaken, err
	}
	from, _, err := partner.Find(ctx, t, c.PartnerID)
	if err != nil {
		return d, "", err
	}
	org, err := of.catalogue.Organisation(ctx)
	if err != nil || org.Email == "" {
		return d, Overtaken, err
	}
	badges, err := of.offered(ctx, t, p.Awards)
	if err != nil {
		return d, "", err
	}
	badges = slices.DeleteFunc(badges, func(b OfferedBadge) bool { return !b.Award.Disputed() })
	if len(badges) == 0 {
		return d, Overtaken, nil
	}
	lang := org.Languages[0]
	return DisputedLetter{
		Recipient: Recipient{Email: org.Email, Name: org.Name.In(lang), Locale: lang, Sandbox: from.Sandbox, Partner: from.Name, Organisation: org},
		Badges:    badges, Candidate: c.Number, Exams: p.Exams, Reason: p.Reason, On: p.At,
	}, "", nil
}
