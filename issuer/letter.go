package issuer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/jobs"
)

// Letters sends what the issuer has to say to people. A letter for a sandbox partner's candidate
// must never leave this machine.
type Letters interface {
	// Offer tells somebody of badges that wait, with the link to claim them.
	Offer(ctx context.Context, l OfferLetter) error
	// Withdrawn tells somebody that a badge was revoked, and why.
	Withdrawn(ctx context.Context, l WithdrawnLetter) error
}

// Recipient is to whom a letter goes and what every letter about badges says.
type Recipient struct {
	Email, Name, Locale string
	Sandbox             bool
	Partner             string // who reported the result
	Organisation        programme.Issuer
	StopURL             string // ends all mail about badges to this address
}

// OfferLetter offers badges, the certifications first. Key is the same each time the same letter is
// sent again.
type OfferLetter struct {
	Recipient
	Key      string
	Badges   []OfferedBadge
	ClaimURL string
	Again    bool // the person asked for what waits for them
}

// OfferedBadge is a badge in a letter.
type OfferedBadge struct {
	Award       *Award
	Achievement *Achievement
}

// WithdrawnLetter is about one badge.
type WithdrawnLetter struct {
	Recipient
	Key   string
	Badge OfferedBadge
}

// The kinds of jobs.
const (
	jobOffer     = "letter.offer"
	jobAgain     = "letter.again"
	jobWithdrawn = "letter.withdrawn"
	jobReconcile = "reconcile"
	jobReissue   = "reissue"
)

// letterPayload is what a letter is about. The claim of an offer says whom it goes to and which
// badges it offers; the token follows from its id.
type letterPayload struct {
	Candidate string   `json:"candidate"`
	Claim     string   `json:"claim,omitempty"`
	Awards    []string `json:"awards,omitempty"`
	Again     bool     `json:"again,omitempty"`
}

// lettersAtOnce keeps a burst of letters from slowing the answers to people and partners.
const lettersAtOnce = 4

func (i *Issuer) handleJobs() {
	i.queue.Handle(jobOffer, i.sendOffer, jobs.AtMost(lettersAtOnce))
	i.queue.Handle(jobAgain, i.sendAgain)
	i.queue.Handle(jobWithdrawn, i.sendWithdrawn, jobs.AtMost(lettersAtOnce))
	i.queue.Handle(jobReconcile, i.reconcileJob, jobs.Timeout(10*time.Minute))
	i.queue.Handle(jobReissue, i.reissueJob, jobs.Timeout(10*time.Minute))
}

// withdrawnLetter tells of a badge that was revoked, unless it was declined or never offered.
func (w *write) withdrawnLetter(a *Award) {
	if a.State == Declined || a.Signed == 0 {
		return
	}
	w.letters = append(w.letters, jobs.Task{Kind: jobWithdrawn, Payload: letterPayload{Candidate: a.CandidateID, Awards: []string{a.ID}}})
}

// sendOffer sends the letter of a claim that was not replaced meanwhile, about the badges of it that
// still wait. A second attempt sends the same letter. If the partner corrected the address before the
// letter went out, the claim goes with it.
func (i *Issuer) sendOffer(ctx context.Context, j jobs.Job) error {
	var p letterPayload
	if err := j.Decode(&p); err != nil {
		return err
	}
	claim, found, err := selectClaim(ctx, i.db.Reader(), digest(i.claimToken(p.Claim)))
	if err != nil || !found || claim.ReplacedAt != nil || claim.DisownedAt != nil {
		return err
	}
	to, badges, err := i.addressee(ctx, p.Candidate, claim.Awards)
	if err != nil {
		return err
	}
	badges = slices.DeleteFunc(badges, func(b OfferedBadge) bool { return !b.Award.waits() })
	if len(badges) == 0 {
		return nil
	}
	if to.Email != claim.Email {
		err := i.db.InTx(ctx, func(t *database.Tx) error { return readdressClaim(ctx, t, claim.ID, to.Email) })
		if err != nil {
			return fmt.Errorf("readdress claim: %w", err)
		}
	}
	return i.Letters.Offer(ctx, OfferLetter{
		Recipient: to, Key: claim.ID, Badges: badges, ClaimURL: i.BaseURL + "/claim/" + i.claimToken(claim.ID), Again: p.Again,
	})
}

func (i *Issuer) sendWithdrawn(ctx context.Context, j jobs.Job) error {
	var p letterPayload
	if err := j.Decode(&p); err != nil {
		return err
	}
	to, badges, err := i.addressee(ctx, p.Candidate, p.Awards)
	if err != nil || len(badges) == 0 {
		return err
	}
	return i.Letters.Withdrawn(ctx, WithdrawnLetter{Recipient: to, Key: j.ID, Badge: badges[0]})
}

// addressee reads whom a letter goes to and what it is about, certifications first. There are no
// badges for somebody who wants no more mail.
func (i *Issuer) addressee(ctx context.Context, candidate string, awards []string) (to Recipient, badges []OfferedBadge, err error) {
	t := i.db.Reader()
	c, found, err := selectCandidate(ctx, t, candidate)
	if err != nil || !found {
		return to, nil, err
	}
	stopped, err := selectMailStop(ctx, t, c.Email)
	if err != nil || stopped {
		return to, nil, err
	}
	partner, _, err := selectPartner(ctx, t, c.PartnerID)
	if err != nil {
		return to, nil, err
	}
	org, err := i.Organisation(ctx)
	if err != nil {
		return to, nil, err
	}
	to = Recipient{Email: c.Email, Name: c.Name, Locale: c.Locale, Sandbox: partner.Sandbox, Partner: partner.Name,
		Organisation: org, StopURL: i.BaseURL + "/stop/" + i.stopToken(c)}
	badges, err = i.offered(ctx, t, awards)
	return to, badges, err
}
