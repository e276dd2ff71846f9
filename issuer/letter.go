package issuer

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
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
	Claim     string   // of an offer or a reminder
	Awards    []string // that it is about
	About     string   // JSON that this package reads
}

// The kinds of letters.
const (
	LetterOffer     = "offer"
	LetterReminder  = "reminder"
	LetterAccepted  = "accepted"
	LetterWithdrawn = "withdrawn"
	LetterNotice    = "notice"
	LetterDisputed  = "disputed"
	LetterRenewal   = "renewal"
)

// LetterKinds are all of them.
var LetterKinds = []string{LetterOffer, LetterReminder, LetterAccepted, LetterWithdrawn, LetterNotice, LetterDisputed, LetterRenewal}

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

// OfferLetter offers badges, the certifications first, or reminds of them. Key is the same each time the same letter
// is sent again.
type OfferLetter struct {
	Recipient
	Key      string
	First    string // of a reminder: key of the letter that offered
	Badges   []OfferedBadge
	ClaimURL string
	Again    bool // the person asked for what waits for them
	Reminder int  // which one it is; 0: it offers
	Last     bool // there are no more reminders
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
	acceptAtOnce  = 2
	sandboxAtOnce = 1
)

func (i *Issuer) handleJobs() {
	i.queue.Handle(jobAgain, i.offerAgain, jobs.AtMost(againAtOnce))
	i.queue.Handle(sandboxJob+jobAgain, i.offerAgain, jobs.AtMost(sandboxAtOnce))
	i.queue.Handle(jobAccept, automatic{i}.accept, jobs.AtMost(acceptAtOnce))
	i.queue.Handle(sandboxJob+jobAccept, automatic{i}.accept, jobs.AtMost(sandboxAtOnce))
	i.queue.Handle(jobReconcile, i.reconcileJob, jobs.Timeout(10*time.Minute))
	i.queue.Handle(credential.JobNames, names{i}.job, jobs.Timeout(10*time.Minute))
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
	Reminder  int      `json:"reminder,omitempty"` // which one
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
	o = OfferLetter{
		Recipient: to, Key: claim.ID, Badges: badges, Again: p.Again, Reminder: p.Reminder, Last: p.Reminder == len(reminderAfter),
		ClaimURL: of.baseURL + "/claim/" + of.claimToken(claim.ID),
	}
	if p.Reminder > 0 {
		o.First, o.Key = claim.ID, fmt.Sprintf("%s-%d", claim.ID, p.Reminder)
	}
	return o, "", nil
}

func readdressClaim(ctx context.Context, t *database.Tx, digest, email string) error {
	_, err := t.Exec(ctx, `
		UPDATE claim
		SET email = ?
		WHERE digest = ?`, email, digest)
	return err
}

// Delivered notes in the transaction that the mail took a letter over.
func (of *Offers) Delivered(ctx context.Context, t *database.Tx, l Letter) error {
	if l.Kind != LetterOffer || l.Claim == "" {
		return nil
	}
	reminded, found, err := markSent(ctx, t, digest(of.claimToken(l.Claim)), of.now())
	if err != nil || !found {
		return err
	}
	return of.remindLater(ctx, t, l, reminded)
}

// markSent notes that the mail took over the letter of a claim, and returns how often that was reminded of.
func markSent(ctx context.Context, t *database.Tx, digest string, now time.Time) (reminded int, found bool, err error) {
	found, err = t.Get(ctx, &reminded, `
		UPDATE claim
		SET sent_at = ?, bounced_at = NULL
		WHERE digest = ?
		RETURNING reminded`, now, digest)
	return reminded, found, err
}

// Bounced notes in the transaction that the address of a letter was refused for good, and tells the partner, which
// comes last in it.
func (i *Issuer) Bounced(ctx context.Context, t *database.Tx, l Letter) error {
	if l.Kind == LetterAccepted {
		return bouncedAccepted(ctx, i, t, l)
	}
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
	return tellBounced(ctx, i, t, c, claim.Awards)
}

// bouncedAccepted is that of a letter about badges that were accepted as their holder chose.
func bouncedAccepted(ctx context.Context, i *Issuer, t *database.Tx, l Letter) error {
	var p letterPayload
	if err := l.about(&p); err != nil {
		return err
	}
	c, found, err := lockCandidate(ctx, t, p.Candidate)
	if err != nil || !found {
		return err
	}
	return tellBounced(ctx, i, t, c, p.Awards)
}

// tellBounced tells the partner of a candidate whose awards somebody could not be written about.
func tellBounced(ctx context.Context, i *Issuer, t *database.Tx, c ledger.Candidate, ids []string) error {
	awards, err := selectAwards(ctx, t, ids)
	if err != nil {
		return err
	}
	w := newWrite(i, t, ledger.Changes{Now: i.now()})
	for _, a := range awards {
		if a.CandidateID == c.ID {
			w.TellAward("mail.bounced", ledger.Of(c), a, "")
		}
	}
	return appendEvents(ctx, w)
}

// markBounced notes that the address of a claim's letter was refused for good, once.
func markBounced(ctx context.Context, t *database.Tx, digest string, now time.Time) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE claim
		SET bounced_at = ?
		WHERE digest = ? AND bounced_at IS NULL`, now, digest)
	return n == 1, err
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

// What holders are told of by a letter beside offers and withdrawals.
const (
	NoticeSuspended  = "suspended"  // a badge was put on hold
	NoticeReinstated = "reinstated" // it stands again
	NoticeRenamed    = "renamed"    // the name on badges was corrected
	NoticeReleased   = "released"   // a result that was held counts
	NoticeCorrected  = "corrected"  // a result says something else
	NoticeVoided     = "voided"     // a result was taken back
	NoticeReturned   = "returned"   // a badge was never the account's that had accepted it
	NoticeMerged     = "merged"     // profiles were merged
	NoticeSeparated  = "separated"  // that was undone
)

// NoticeLetter tells somebody what was done to a badge, or to a result.
type NoticeLetter struct {
	Recipient
	Kind      string
	Badges    []OfferedBadge // empty where it is about a result, or profiles
	Exam      programme.Subject
	Programme programme.History // names the exam
	Outcome   programme.Mark    // of the result, as it counts now
	On        time.Time
	Reason    string // as everybody may read it; empty: none was given
	Reference string // what to name when asking
}

// noticePayload is a notice on its way.
type noticePayload struct {
	Candidate string         `json:"candidate"`
	To        string         `json:"to,omitempty"` // address of an account; empty: the candidate's
	Kind      string         `json:"kind"`
	Awards    []string       `json:"awards,omitempty"`
	Result    string         `json:"result,omitempty"`
	Exam      string         `json:"exam,omitempty"`
	Outcome   programme.Mark `json:"outcome,omitempty"`
	Reference string         `json:"reference,omitempty"`
	Public    string         `json:"public_reason,omitempty"`
	At        time.Time      `json:"at"`
}

func (w *write) notice(partner, candidate string, p noticePayload) {
	p.Candidate, p.Public, p.At = candidate, w.Reason.Public, w.Now
	w.letter(Letter{Kind: LetterNotice, Partner: partner, Candidate: candidate, Awards: p.Awards}, p)
}

// awardNotice tells of one badge, unless it was declined or never offered.
func (w *write) awardNotice(kind string, a *ledger.Award) {
	if a.State == ledger.Declined || a.Signed == 0 {
		return
	}
	w.notice(a.PartnerID, a.CandidateID, noticePayload{Kind: kind, Awards: []string{a.ID}})
}

// resultNotice tells of a changed result, unless a letter about a badge says more: an offer or a withdrawal.
func (w *write) resultNotice(action string, r ledger.Result) {
	kind := map[string]string{"void": NoticeVoided, "release": NoticeReleased, "correct": NoticeCorrected}[action]
	if kind == "" || len(w.letters)+len(w.again)+len(w.Withdrawn) > 0 || len(w.Made) > 0 || r.State == ledger.StateHeld {
		return
	}
	w.notice(r.PartnerID, r.CandidateID, noticePayload{Kind: kind, Result: r.ID, Exam: r.Exam, Outcome: r.Outcome})
}

// NoticeLetter is a notice, unless what it says of a badge is not so any more.
func (of *Offers) NoticeLetter(ctx context.Context, l Letter) (n NoticeLetter, unsent Unsent, err error) {
	var p noticePayload
	if err := l.about(&p); err != nil {
		return n, "", err
	}
	to, badges, unsent, err := of.noticed(ctx, p)
	if err != nil || unsent != "" {
		return n, unsent, err
	}
	h, err := of.catalogue.History(ctx)
	if err != nil {
		return n, "", err
	}
	n = NoticeLetter{
		Programme: h,
		Recipient: to, Kind: p.Kind, Exam: programme.Subject{Kind: programme.KindExam, Code: p.Exam}, Outcome: p.Outcome,
		On: p.At, Reason: p.Public, Reference: cmp.Or(p.Reference, p.Result),
	}
	for _, b := range badges {
		if p.stillTrue(b.Award) {
			n.Badges = append(n.Badges, b)
		}
	}
	if len(p.Awards) > 0 {
		if len(n.Badges) == 0 {
			return n, Overtaken, nil
		}
		n.Reference = n.Badges[0].Award.ID
	}
	return n, "", nil
}

// noticed is whom a notice goes to and what it is about. An account is told whatever the candidate wants no more
// mail of, and without the candidate's name.
func (of *Offers) noticed(ctx context.Context, p noticePayload) (to Recipient, badges []OfferedBadge, unsent Unsent, err error) {
	if p.To == "" {
		return of.addressee(ctx, p.Candidate, p.Awards)
	}
	t := of.db.Reader()
	c, found, err := selectCandidate(ctx, t, p.Candidate)
	if err != nil || !found {
		return to, nil, Overtaken, err
	}
	c.Email, c.Name = p.To, ""
	if to, err = of.recipient(ctx, t, c); err != nil {
		return to, nil, "", err
	}
	badges, err = of.offered(ctx, t, p.Awards)
	return to, badges, "", err
}

// stillTrue reports whether the badge is what the notice says of it, and nobody disputes that it is theirs.
func (p noticePayload) stillTrue(a *ledger.Award) bool {
	return p.Kind == NoticeReturned || a.Stands() && a.DisputedAt == nil && (a.SuspendedAt != nil) == (p.Kind == NoticeSuspended)
}
