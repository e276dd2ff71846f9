package ledger

import (
	"cmp"
	"slices"
	"time"

	"github.com/open-insignia/insignia/issuer/programme"
)

// The holder's choice.
const (
	Offered  = "offered"
	Accepted = "accepted"
	Declined = "declined"
)

// Who may see an accepted badge.
const (
	Private = "private"
	ByLink  = "link"
	Public  = "public"
)

// Validity is what issuer and time have made of an award.
type Validity string

// The validities.
const (
	Valid      Validity = "valid"
	Expired    Validity = "expired"
	Suspended  Validity = "suspended"
	Revoked    Validity = "revoked"
	Superseded Validity = "superseded"
)

// How an award was revoked.
const (
	ByVoid  = "result_voided"
	ByStaff = "staff"
	ByUndo  = "profiles_separated" // only a ledger that was joint earned it
)

// Award is a badge that somebody has earned. It is derived from the ledger and never made by hand.
// State is the holder's choice; validity is the issuer's and time's.
type Award struct {
	ID            string         `db:"id"`
	CandidateID   string         `db:"candidate_id"`
	PartnerID     string         `db:"partner_id"`
	Kind          programme.Kind `db:"kind"`
	Code          string         `db:"code"`
	AchievementID string         `db:"achievement_id"`

	Programme    int        `db:"programme_version"` // number of the version that it was earned under
	ResultID     string     `db:"result_id"`         // the completing pass; see By
	ResultOf     string     `db:"result_partner"`    // partner whose result that is; empty: the award's
	Supports     Supports   `db:"supports"`          // all passes it rests on
	EarnedOn     Day        `db:"earned_on"`         // day of the completing pass
	ExpiresOn    Day        `db:"expires_on"`        // zero: never
	Renewed      DayList    `db:"renewed"`           // days of the renewing passes
	Identity     string     `db:"identity_checked"`  // how the person was checked at the exam; empty: not known
	Salt         string     `db:"salt"`              // of the recipient's hash
	State        string     `db:"state"`
	Visibility   string     `db:"visibility"`
	Holder       string     `db:"holder"`      // account that accepted it
	OwnerEmail   string     `db:"owner_email"` // of whom it belongs to, and the name; empty: the candidate's
	OwnerName    string     `db:"owner_name"`
	Scores       bool       `db:"scores"`  // the credential tells them, as the holder chose
	Version      int64      `db:"version"` // raised whenever the credential is to say something else
	Signed       int64      `db:"signed"`  // newest version whose credential is stored; 0 before the first
	Revision     int64      `db:"revision"`
	Kept         bool       `db:"kept"` // unsupported only because the programme changed
	Revocation   string     `db:"revocation"`
	Reason       string     `db:"reason"`        // of a revocation or suspension, for the record
	PublicReason string     `db:"public_reason"` // the same for everybody; Told says what they read
	Successor    string     `db:"superseded_by"`
	Inherits     string     `db:"inherits"` // the award for whose acceptance this one, which took its place, was accepted; empty: none
	CreatedAt    time.Time  `db:"created_at"`
	IssuedAt     time.Time  `db:"issued_at"`  // of the current edition
	ValidFrom    *time.Time `db:"valid_from"` // of the current edition; nil: IssuedAt
	DecidedAt    *time.Time `db:"decided_at"`
	RevokedAt    *time.Time `db:"revoked_at"`
	SuspendedAt  *time.Time `db:"suspended_at"`
	DisputedAt   *time.Time `db:"disputed_at"` // somebody who got the letter says that it is not theirs
	Dispute      string     `db:"dispute"`     // why
}

// By is the completing pass.
func (a *Award) By() programme.ResultKey {
	return programme.ResultKey{Partner: cmp.Or(a.ResultOf, a.PartnerID), ID: a.ResultID}
}

// Subject is what the award is for.
func (a *Award) Subject() programme.Subject {
	return programme.Subject{Kind: a.Kind, Code: a.Code}
}

// Validity is the award's on a day.
func (a *Award) Validity(today programme.Date) Validity {
	switch {
	case a.RevokedAt != nil:
		return Revoked
	case a.Successor != "":
		return Superseded
	case a.SuspendedAt != nil:
		return Suspended
	case !a.ExpiresOn.IsZero() && !today.Before(a.ExpiresOn.Date):
		return Expired
	}
	return Valid
}

// AwardIDs are the ids of awards.
func AwardIDs(list []*Award) (ids IDList) {
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return ids
}

// Offered reports whether the award was neither accepted nor declined nor withdrawn.
func (a *Award) Offered() bool { return a.State == Offered && a.Stands() }

// Waits reports whether the award can be accepted.
func (a *Award) Waits() bool { return a.Offered() && a.DisputedAt == nil }

// Disputed reports whether a dispute keeps the award from being accepted.
func (a *Award) Disputed() bool { return a.DisputedAt != nil && a.Stands() }

// Shown reports whether strangers may see the award.
func (a *Award) Shown() bool { return a.State == Accepted && a.Visibility != Private }

// standing tells the rules what is recorded beside ledger and programme.
func (a *Award) standing() programme.Standing {
	s := programme.Standing{
		Subject: a.Subject(), EarnedOn: a.EarnedOn.Date, Expires: a.ExpiresOn.Date, Version: a.Programme, Kept: a.Kept,
		By: a.By(), Supports: a.Supports,
	}
	if a.Revocation == ByStaff {
		s.Revoked = *a.RevokedAt
	}
	return s
}

// rests reports whether the award still stands for what was earned: it is not superseded, and not
// revoked for a result that was taken back. An award that staff revoked keeps its earning, so that
// the same results do not give another one.
func (a *Award) rests() bool {
	return a.Successor == "" && (a.RevokedAt == nil || a.Revocation == ByStaff)
}

// Stands reports whether the award is neither revoked nor superseded.
func (a *Award) Stands() bool { return a.Successor == "" && a.RevokedAt == nil }

// follow takes over the facts of the earning and reports which of them changed.
func (a *Award) follow(e programme.Earning) (dates, renewed, any bool) {
	before := *a
	a.ResultID, a.ResultOf, a.EarnedOn, a.ExpiresOn = e.By.ID, "", Day{e.EarnedOn}, Day{e.Expires}
	if e.By.Partner != a.PartnerID {
		a.ResultOf = e.By.Partner
	}
	a.Programme, a.Supports, a.Renewed, a.Kept = e.Version, e.Supports, DayList(e.Renewed), e.Kept
	dates = a.EarnedOn != before.EarnedOn || a.ExpiresOn != before.ExpiresOn
	renewed = len(a.Renewed) > len(before.Renewed)
	any = dates || a.Programme != before.Programme || a.By() != before.By() || a.Kept != before.Kept ||
		!slices.Equal(a.Supports, before.Supports) || !slices.Equal(a.Renewed, before.Renewed)
	return dates, renewed, any
}

// Address is where the award is offered and where its letters go.
func (a *Award) Address(c *Candidate) string { return cmp.Or(a.OwnerEmail, c.Email) }

// Facts are what is told of an award wherever something is told of it: on pages, in answers, in the documents
// that are signed, and to the verifier (contract 5, one set of facts).
type Facts struct {
	EarnedOn  programme.Date
	ExpiresOn programme.Date // zero: never
	Status    Validity
	Since     time.Time // from when it has been revoked, on hold or expired; zero for any other status
	Reason    string    // of a revocation or a hold, as everybody may read it; may be empty
}

// Facts are the award's on a day.
func (a *Award) Facts(today programme.Date) Facts {
	f := Facts{EarnedOn: a.EarnedOn.Date, ExpiresOn: a.ExpiresOn.Date, Status: a.Validity(today)}
	switch f.Status {
	case Revoked:
		f.Since, f.Reason = a.RevokedAt.UTC(), a.Told()
	case Suspended:
		f.Since, f.Reason = a.SuspendedAt.UTC(), a.Told()
	case Expired:
		f.Since = a.ExpiresOn.Time()
	}
	return f
}

// Told is why the award was revoked or suspended, as everybody may read it: what was said on purpose, or the
// code of a result that was taken back. Empty: nothing but that it happened.
func (a *Award) Told() string {
	switch {
	case a.RevokedAt == nil && a.SuspendedAt == nil:
		return ""
	case a.PublicReason != "":
		return a.PublicReason
	case a.Revocation == ByVoid:
		return ByVoid
	}
	return ""
}

// OverAt reports whether the award's days are over at a moment.
func (a *Award) OverAt(t time.Time) bool {
	return !a.ExpiresOn.IsZero() && !t.Before(a.ExpiresOn.Time())
}

// validFrom is when the current edition begins: when it was signed, but for one that was over by then.
func (a *Award) validFrom() time.Time {
	if a.ValidFrom != nil {
		return a.ValidFrom.UTC()
	}
	return a.IssuedAt
}

// lateStart is the beginning of an edition that is over when it is signed, as after a late result. Its end is
// the true one, and no credential may end before it begins (VC Data Model 2.0 §4.9), so that it cannot begin
// with the signature. validFrom is when a credential begins to hold and need not be when it was made
// (OB 3.0 §2.1: the day of the award itself is awardedDate): it held from the day it was earned. Of two
// editions the one that begins later is the current one (OB 3.0 §2.6), so a further one begins a second after
// the one before, as long as the end allows.
func (a *Award) lateStart(before time.Time) time.Time {
	from := a.EarnedOn.Time()
	if !before.IsZero() {
		from = Later(from, before.Add(time.Second))
	}
	if end := a.ExpiresOn.Time(); from.After(end) {
		return end
	}
	return from
}

// Later is the later of two times.
func Later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
