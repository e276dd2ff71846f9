package issuer

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
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
	Again    bool // asked for by somebody who lost the first letter
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
)

type letterPayload struct {
	Candidate string   `json:"candidate"`
	Awards    []string `json:"awards"`
	Again     bool     `json:"again,omitempty"`
}

// lettersAtOnce keeps a burst of letters from slowing the answers to people and partners.
const lettersAtOnce = 4

func (i *Issuer) handleJobs() {
	i.queue.Handle(jobOffer, i.sendOffer, jobs.AtMost(lettersAtOnce))
	i.queue.Handle(jobAgain, i.sendAgain)
	i.queue.Handle(jobWithdrawn, i.sendWithdrawn, jobs.AtMost(lettersAtOnce))
	i.queue.Handle(jobReconcile, i.reconcileJob, jobs.Timeout(10*time.Minute))
}

// offerLetter queues one letter for all that this transaction offers a candidate.
func (w *write) offerLetter(l *ledger) {
	if len(l.offers) == 0 {
		return
	}
	p := letterPayload{Candidate: l.candidate.ID}
	for _, a := range l.offers {
		p.Awards = append(p.Awards, a.ID)
	}
	w.letters = append(w.letters, jobs.Task{Kind: jobOffer, Payload: p})
	l.offers = nil
}

func (w *write) withdrawnLetter(a *Award) {
	if a.State == Declined {
		return
	}
	w.letters = append(w.letters, jobs.Task{Kind: jobWithdrawn, Payload: letterPayload{Candidate: a.CandidateID, Awards: []string{a.ID}}})
}

// sendOffer makes the claim link and sends the letter. The link follows from the job, so that a
// second attempt sends the same one.
func (i *Issuer) sendOffer(ctx context.Context, j jobs.Job) error {
	var p letterPayload
	if err := j.Decode(&p); err != nil {
		return err
	}
	to, badges, err := i.addressee(ctx, p)
	if err != nil || len(badges) == 0 {
		return err
	}
	open := badges[:0:0]
	for _, b := range badges {
		if b.Award.State == Offered && b.Award.RevokedAt == nil && b.Award.Successor == "" {
			open = append(open, b)
		}
	}
	if len(open) == 0 {
		return nil
	}
	token := i.derive("claim", j.ID)
	err = i.db.InTx(ctx, func(t *database.Tx) error {
		return insertClaim(ctx, t, newClaim(j.ID, token, p.Candidate, to.Email, open), i.now())
	})
	if err != nil {
		return fmt.Errorf("store claim: %w", err)
	}
	return i.Letters.Offer(ctx, OfferLetter{Recipient: to, Key: j.ID, Badges: open, ClaimURL: i.BaseURL + "/claim/" + token, Again: p.Again})
}

func (i *Issuer) sendWithdrawn(ctx context.Context, j jobs.Job) error {
	var p letterPayload
	if err := j.Decode(&p); err != nil {
		return err
	}
	to, badges, err := i.addressee(ctx, p)
	if err != nil || len(badges) == 0 {
		return err
	}
	return i.Letters.Withdrawn(ctx, WithdrawnLetter{Recipient: to, Key: j.ID, Badge: badges[0]})
}

// addressee reads whom a letter goes to and what it is about. There are no badges for somebody who
// wants no more mail.
func (i *Issuer) addressee(ctx context.Context, p letterPayload) (to Recipient, badges []OfferedBadge, err error) {
	t := i.db.Reader()
	c, found, err := selectCandidate(ctx, t, p.Candidate)
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
	for _, id := range p.Awards {
		a, found, err := selectAward(ctx, t, id)
		if err != nil || !found {
			return to, nil, fmt.Errorf("award %s of a letter (found: %v): %w", id, found, err)
		}
		achievement, _, err := i.Achievement(ctx, a.AchievementID)
		if err != nil {
			return to, nil, err
		}
		badges = append(badges, OfferedBadge{a, achievement})
	}
	return to, badges, nil
}

// derive makes a secret of 130 bits that nobody can guess and that need not be stored.
func (i *Issuer) derive(purpose, about string) string {
	mac := hmac.New(sha256.New, i.Secret)
	mac.Write([]byte("insignia " + purpose + "\x00" + about))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)))[:26]
}

// stopToken names the candidate and proves that we wrote it.
func (i *Issuer) stopToken(c candidate) string {
	return strings.TrimPrefix(c.ID, "cnd_") + i.derive("stop", c.ID)
}

// candidateOfStop finds whom a stop token was made for.
func (i *Issuer) candidateOfStop(ctx context.Context, token string) (c candidate, found bool, err error) {
	if len(token) <= 26 {
		return c, false, nil
	}
	id := "cnd_" + token[:len(token)-26]
	if !hmac.Equal([]byte(token[len(token)-26:]), []byte(i.derive("stop", id))) {
		return c, false, nil
	}
	return selectCandidate(ctx, i.db.Reader(), id)
}

// StopAddress is the address that a stop link ends mail to; it changes nothing.
func (i *Issuer) StopAddress(ctx context.Context, token string) (email string, found bool, err error) {
	c, found, err := i.candidateOfStop(ctx, token)
	return c.Email, found, err
}

// StopMail ends all mail about badges to the address of a stop link; codes still come.
func (i *Issuer) StopMail(ctx context.Context, token string) (found bool, err error) {
	c, found, err := i.candidateOfStop(ctx, token)
	if err != nil || !found {
		return found, err
	}
	return true, i.db.InTx(ctx, func(t *database.Tx) error { return insertMailStop(ctx, t, c.Email, i.now()) })
}
