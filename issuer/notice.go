package issuer

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
)

// What holders are told of by a letter beside offers and withdrawals.
const (
	NoticeSuspended  = "suspended"  // a badge was put on hold
	NoticeReinstated = "reinstated" // it stands again
	NoticeRenamed    = "renamed"    // the name on badges was corrected
	NoticeReleased   = "released"   // a result that was held counts
	NoticeCorrected  = "corrected"  // a result says something else
	NoticeVoided     = "voided"     // a result was taken back
	NoticeReturned   = "returned"   // a badge was never the account's that had accepted it
)

// NoticeLetter tells somebody what was done to a badge, or to a result.
type NoticeLetter struct {
	Recipient
	Kind      string
	Badges    []OfferedBadge // empty where it is about a result
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
		On: p.At, Reason: p.Public, Reference: p.Result,
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
