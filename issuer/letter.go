package issuer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/partner"
)

// Letters takes letters in the transaction that makes them due. They go out after it, and what they say is read
// then: OfferLetter and the others below tell.
type Letters interface {
	Add(ctx context.Context, t *database.Tx, letters ...Letter) error
}

// Letter is a letter that is due.
type Letter struct {
	Kind      string
	Partner   string // whose candidate it is about; live partners take turns
	Sandbox   bool   // it must never leave this machine
	Candidate string
	Claim     string   // of an offer
	Awards    []string // that it is about
	About     string   // JSON that this package reads
}

// The kinds of letters.
const (
	LetterOffer     = "offer"
	LetterWithdrawn = "withdrawn"
	LetterNotice    = "notice"
	LetterDisputed  = "disputed"
)

// LetterKinds are all of them.
var LetterKinds = []string{LetterOffer, LetterWithdrawn, LetterNotice, LetterDisputed}

// Unsent is why a letter that was due does not go out.
type Unsent string

// The reasons. A letter to which none applies is written.
const (
	Overtaken Unsent = "overtaken" // there is nothing left to say
	Stopped   Unsent = "stopped"   // the address wants no letters about badges
)

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
	Award       *ledger.Award
	Achievement *catalogue.Achievement
}

// WithdrawnLetter is about one badge.
type WithdrawnLetter struct {
	Recipient
	Badge OfferedBadge
}

// The kinds of jobs.
const (
	jobAgain     = "letter.again"
	jobReconcile = "reconcile"
	jobReissue   = "reissue"

	// sandboxJob begins the kinds of jobs of sandboxes, which are the live ones' after it: they wait for each
	// other only.
	sandboxJob = "sandbox."
)

// How many letters are prepared at a time.
const (
	againAtOnce   = 4
	sandboxAtOnce = 1
)

func (i *Issuer) handleJobs() {
	i.queue.Handle(jobAgain, i.offerAgain, jobs.AtMost(againAtOnce))
	i.queue.Handle(sandboxJob+jobAgain, i.offerAgain, jobs.AtMost(sandboxAtOnce))
	i.queue.Handle(jobReconcile, i.reconcileJob, jobs.Timeout(10*time.Minute))
	i.queue.Handle(jobReissue, i.reissueJob, jobs.Timeout(10*time.Minute))
}

// letter is a letter about a partner's candidate, with what else is to be known of it.
func (of *Offers) letter(ctx context.Context, t *database.Tx, l Letter, about any) (Letter, error) {
	text, err := json.Marshal(about)
	if err != nil {
		return l, fmt.Errorf("keep what a letter is about: %w", err)
	}
	l.About = string(text)
	l.Sandbox, err = of.partners.Sandbox(ctx, t, l.Partner)
	return l, err
}

// about reads what letter kept.
func (l Letter) about(dest any) error {
	if err := json.Unmarshal([]byte(l.About), dest); err != nil {
		return fmt.Errorf("read what a letter is about: %w", err)
	}
	return nil
}

// letterPayload is what a letter is about. The claim of an offer says whom it goes to and which
// badges it offers; the token follows from its id.
type letterPayload struct {
	Candidate string   `json:"candidate"`
	Claim     string   `json:"claim,omitempty"`
	Awards    []string `json:"awards,omitempty"`
	Again     bool     `json:"again,omitempty"`
}

// withdrawnLetter tells of a badge that was revoked.
func (w *write) withdrawnLetter(a *ledger.Award) {
	w.letter(Letter{Kind: LetterWithdrawn, Partner: a.PartnerID, Candidate: a.CandidateID, Awards: []string{a.ID}},
		letterPayload{Candidate: a.CandidateID, Awards: []string{a.ID}})
}

// OfferLetter is the letter of a claim that was not replaced meanwhile, about the badges of it that still wait. Asked
// again it is the same letter. If the partner corrected the address before the letter went out, the claim goes with it.
func (of *Offers) OfferLetter(ctx context.Context, l Letter) (o OfferLetter, unsent Unsent, err error) {
	var p letterPayload
	if err := l.about(&p); err != nil {
		return o, "", err
	}
	claim, found, err := selectClaim(ctx, of.db.Reader(), digest(of.claimToken(p.Claim)))
	if err != nil || !found || claim.ReplacedAt != nil {
		return o, Overtaken, err
	}
	to, badges, unsent, err := of.offeredBy(ctx, claim)
	if err != nil || unsent != "" {
		return o, unsent, err
	}
	badges = slices.DeleteFunc(badges, func(b OfferedBadge) bool { return !b.Award.Waits() })
	if len(badges) == 0 {
		return o, Overtaken, nil
	}
	if to.Email != claim.Email {
		err := of.db.InTx(ctx, func(t *database.Tx) error { return readdressClaim(ctx, t, claim.Digest, to.Email) })
		if err != nil {
			return o, "", fmt.Errorf("readdress claim: %w", err)
		}
	}
	return OfferLetter{
		Recipient: to, Key: claim.ID, Badges: badges, Again: p.Again,
		ClaimURL: of.baseURL + "/claim/" + of.claimToken(claim.ID),
	}, "", nil
}

// Delivered notes in the transaction that the mail took a letter over.
func (of *Offers) Delivered(ctx context.Context, t *database.Tx, l Letter) error {
	if l.Claim == "" {
		return nil
	}
	return markSent(ctx, t, digest(of.claimToken(l.Claim)), of.now())
}

// Bounced notes in the transaction that the address of a letter was refused for good, and tells the partner, which
// comes last in it.
func (i *Issuer) Bounced(ctx context.Context, t *database.Tx, l Letter) error {
	if l.Claim == "" {
		return nil
	}
	claim, found, err := selectClaim(ctx, t, digest(i.claimToken(l.Claim)))
	if err != nil || !found {
		return err
	}
	c, _, err := lockCandidate(ctx, t, claim.CandidateID)
	if err != nil {
		return err
	}
	if bounced, err := markBounced(ctx, t, claim.Digest, i.now()); err != nil || !bounced {
		return err
	}
	awards, err := selectAwards(ctx, t, claim.Awards)
	if err != nil {
		return err
	}
	w := &write{i: i, t: t, deliveries: map[string]Delivery{}, Changes: ledger.Changes{Now: i.now()}}
	for _, a := range awards {
		if a.CandidateID == c.ID {
			w.TellAward("mail.bounced", &ledger.Ledger{Candidate: c}, a, "")
		}
	}
	return appendEvents(ctx, w)
}

// offeredBy reads whom the letter of a claim goes to, and what it offers there.
func (of *Offers) offeredBy(ctx context.Context, claim claimRow) (to Recipient, badges []OfferedBadge, unsent Unsent, err error) {
	t := of.db.Reader()
	all, err := selectAwards(ctx, t, claim.Awards)
	if err != nil {
		return to, nil, "", err
	}
	own := slices.DeleteFunc(slices.Clone(all), func(a *ledger.Award) bool { return a.CandidateID != claim.CandidateID })
	to, badges, unsent, err = of.addressee(ctx, claim.CandidateID, ledger.AwardIDs(own))
	if err != nil || len(own) == len(all) || unsent != "" {
		return to, badges, unsent, err
	}
	claim.Awards = slices.DeleteFunc(ledger.AwardIDs(all), func(id string) bool {
		return slices.ContainsFunc(own, func(a *ledger.Award) bool { return a.ID == id })
	})
	others, err := of.claimed(ctx, t, claim, to.Email)
	return to, append(badges, others...), "", err
}

// WithdrawnLetter is the notice that a badge was revoked.
func (of *Offers) WithdrawnLetter(ctx context.Context, l Letter) (w WithdrawnLetter, unsent Unsent, err error) {
	var p letterPayload
	if err := l.about(&p); err != nil {
		return w, "", err
	}
	to, badges, unsent, err := of.addressee(ctx, p.Candidate, p.Awards)
	if err != nil || unsent != "" {
		return w, unsent, err
	}
	if len(badges) == 0 {
		return w, Overtaken, nil
	}
	return WithdrawnLetter{Recipient: to, Badge: badges[0]}, "", nil
}

// addressee reads whom a letter goes to and what it is about, certifications first: the candidate, or the owner of
// the badges where that is somebody else. Somebody may want no more mail.
func (of *Offers) addressee(ctx context.Context, candidate string, awards []string) (to Recipient, badges []OfferedBadge, unsent Unsent, err error) {
	t := of.db.Reader()
	c, found, err := selectCandidate(ctx, t, candidate)
	if err != nil || !found {
		return to, nil, Overtaken, err
	}
	if badges, err = of.offered(ctx, t, awards); err != nil {
		return to, nil, "", err
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
		return to, nil, Stopped, err
	}
	to, err = of.recipient(ctx, t, c)
	return to, badges, "", err
}

func (of *Offers) recipient(ctx context.Context, t *database.Tx, c ledger.Candidate) (Recipient, error) {
	p, _, err := partner.Find(ctx, t, c.PartnerID)
	if err != nil {
		return Recipient{}, err
	}
	org, err := of.catalogue.Organisation(ctx)
	if err != nil {
		return Recipient{}, err
	}
	return Recipient{Email: c.Email, Name: c.Name, Locale: c.Locale, Sandbox: p.Sandbox, Partner: p.Name,
		Organisation: org, StopURL: of.baseURL + "/stop/" + of.stopToken(c)}, nil
}
