package issuer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/partner"
)

// Letters sends what the issuer has to say to people. A letter for a sandbox partner's candidate
// must never leave this machine.
type Letters interface {
	// Offer tells somebody of badges that wait, with the link to claim them.
	Offer(ctx context.Context, l OfferLetter) error
	// Withdrawn tells somebody that a badge was revoked, and why.
	Withdrawn(ctx context.Context, l WithdrawnLetter) error
	// Notice tells somebody what else was done to a badge of theirs, or to a result.
	Notice(ctx context.Context, l NoticeLetter) error
	// Disputed tells the issuer that somebody says of an offer that it is not theirs.
	Disputed(ctx context.Context, l DisputedLetter) error
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

// ErrNoSuchAddress is what Letters answer, wrapped, when the address was refused for good.
var ErrNoSuchAddress = errors.New("nobody gets mail at this address")

// The kinds of jobs.
const (
	jobOffer     = "letter.offer"
	jobAgain     = "letter.again"
	jobWithdrawn = "letter.withdrawn"
	jobReconcile = "reconcile"
	jobReissue   = "reissue"

	// SandboxJob begins the kinds of jobs of sandboxes, which are the live ones' after it: they wait for each
	// other only.
	SandboxJob = "sandbox."
)

// letterKinds are the kinds that have a twin for sandboxes.
var letterKinds = []string{jobOffer, jobAgain, jobWithdrawn, jobNotice, jobDisputed}

// LetterKinds are the kinds of jobs that are letters. Each has a twin for sandboxes.
func LetterKinds() []string { return slices.Clone(letterKinds) }

// letterTask is a task about a partner's candidate; live partners take turns.
func (i *Issuer) letterTask(ctx context.Context, t *database.Tx, partner, kind, key string, payload any) (jobs.Task, error) {
	sandbox, err := i.Partners.Sandbox(ctx, t, partner)
	if sandbox {
		kind = SandboxJob + kind
	}
	return jobs.Task{Kind: kind, Key: key, Payload: payload, Lane: partner}, err
}

// letterPayload is what a letter is about. The claim of an offer says whom it goes to and which
// badges it offers; the token follows from its id.
type letterPayload struct {
	Candidate string   `json:"candidate"`
	Claim     string   `json:"claim,omitempty"`
	Awards    []string `json:"awards,omitempty"`
	Again     bool     `json:"again,omitempty"`
}

// How many letters are on their way at a time: each waits for the relay, which may take minutes, and leaves
// workers to the other kinds. Those of sandboxes never do.
const (
	offersAtOnce  = 8
	noticesAtOnce = 4
	sandboxAtOnce = 1
)

func (i *Issuer) handleJobs() {
	work := map[string]func(context.Context, jobs.Job) error{jobOffer: i.sendOffer, jobAgain: i.sendAgain, jobWithdrawn: i.sendWithdrawn, jobNotice: i.sendNotice, jobDisputed: i.sendDisputed}
	atMost := map[string]int{jobOffer: offersAtOnce, jobAgain: noticesAtOnce, jobWithdrawn: noticesAtOnce, jobNotice: noticesAtOnce, jobDisputed: noticesAtOnce}
	for _, kind := range letterKinds {
		i.queue.Handle(kind, work[kind], jobs.AtMost(atMost[kind]), jobs.Timeout(i.LetterPatience))
		i.queue.Handle(SandboxJob+kind, work[kind], jobs.AtMost(sandboxAtOnce))
	}
	i.queue.Handle(jobReconcile, i.reconcileJob, jobs.Timeout(10*time.Minute))
	i.queue.Handle(jobReissue, i.reissueJob, jobs.Timeout(10*time.Minute))
}

// withdrawnLetter tells of a badge that was revoked.
func (w *write) withdrawnLetter(a *Award) {
	w.letters = append(w.letters, letter{partner: a.PartnerID, kind: jobWithdrawn, about: letterPayload{Candidate: a.CandidateID, Awards: []string{a.ID}}})
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
	if err != nil || !found || claim.ReplacedAt != nil {
		return err
	}
	to, badges, err := i.offeredBy(ctx, claim)
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
	err = i.Letters.Offer(ctx, OfferLetter{
		Recipient: to, Key: claim.ID, Badges: badges, ClaimURL: i.BaseURL + "/claim/" + i.claimToken(claim.ID), Again: p.Again,
	})
	if errors.Is(err, ErrNoSuchAddress) {
		err = errors.Join(err, i.db.InTx(ctx, func(t *database.Tx) error { return markBounced(ctx, t, claim.ID, i.now()) }))
	}
	j.Then(func(ctx context.Context, t *database.Tx) error { return markSent(ctx, t, claim.ID, i.now()) })
	return err
}

// offeredBy reads whom the letter of a claim goes to, and what it offers there.
func (i *Issuer) offeredBy(ctx context.Context, claim claimRow) (to Recipient, badges []OfferedBadge, err error) {
	t := i.db.Reader()
	all, err := selectAwards(ctx, t, claim.Awards)
	if err != nil {
		return to, nil, err
	}
	own := slices.DeleteFunc(slices.Clone(all), func(a *Award) bool { return a.CandidateID != claim.CandidateID })
	if to, badges, err = i.addressee(ctx, claim.CandidateID, awardIDs(own)); err != nil || len(own) == len(all) || to.Email == "" {
		return to, badges, err
	}
	claim.Awards = slices.DeleteFunc(awardIDs(all), func(id string) bool {
		return slices.ContainsFunc(own, func(a *Award) bool { return a.ID == id })
	})
	others, err := i.claimed(ctx, t, claim, to.Email)
	return to, append(badges, others...), err
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

// addressee reads whom a letter goes to and what it is about, certifications first: the candidate, or the owner of
// the badges where that is somebody else. There are no badges for somebody who wants no more mail.
func (i *Issuer) addressee(ctx context.Context, candidate string, awards []string) (to Recipient, badges []OfferedBadge, err error) {
	t := i.db.Reader()
	c, found, err := selectCandidate(ctx, t, candidate)
	if err != nil || !found {
		return to, nil, err
	}
	if badges, err = i.offered(ctx, t, awards); err != nil {
		return to, nil, err
	}
	if len(badges) > 0 {
		if a := badges[0].Award; a.OwnerEmail != "" {
			c.Email, c.Name = a.OwnerEmail, a.OwnerName
		}
		owner := badges[0].Award.OwnerEmail
		badges = slices.DeleteFunc(badges, func(b OfferedBadge) bool { return b.Award.OwnerEmail != owner })
	}
	stopped, err := selectMailStop(ctx, t, c.Email)
	if err != nil || stopped {
		return to, nil, err
	}
	to, err = i.recipient(ctx, t, c)
	return to, badges, err
}

func (i *Issuer) recipient(ctx context.Context, t *database.Tx, c candidate) (Recipient, error) {
	p, _, err := partner.Find(ctx, t, c.PartnerID)
	if err != nil {
		return Recipient{}, err
	}
	org, err := i.Organisation(ctx)
	if err != nil {
		return Recipient{}, err
	}
	return Recipient{Email: c.Email, Name: c.Name, Locale: c.Locale, Sandbox: p.Sandbox, Partner: p.Name,
		Organisation: org, StopURL: i.BaseURL + "/stop/" + i.stopToken(c)}, nil
}
