package programme

import (
	"time"
)

// Result is one line of a ledger: how somebody did in an exam. A correction replaces the result it corrects.
type Result struct {
	Partner string
	ID      string // the partner's own
	Exam    string // code or alias
	Outcome Mark
	Held    bool // the identity check did not match and nobody released it yet
	Voided  bool
	TakenAt time.Time
}

// Mark is how an exam went.
type Mark string

// The marks, as partners post them.
const (
	Pass   Mark = "pass"
	Fail   Mark = "fail"
	NoShow Mark = "no_show"
)

// ResultKey identifies a result: partners number their results themselves.
type ResultKey struct {
	Partner string `json:"partner"`
	ID      string `json:"id"`
}

// Key identifies the result.
func (r Result) Key() ResultKey { return ResultKey{r.Partner, r.ID} }

// live reports whether the result is a pass that may count (contract 1, step 6).
func (r Result) live() bool { return r.Outcome == Pass && !r.Held && !r.Voided }

func compareBools(a, b bool) int {
	if a == b {
		return 0
	}
	if b {
		return -1
	}
	return 1
}

// Outcome is what a ledger adds up to.
type Outcome struct {
	// Earnings in the order in which they were completed; those completed by the same pass in the order of its decisions.
	Earnings []Earning
	// Decisions on each result: its exam first, then the certifications that name the exam in programme order, then the
	// certifications that followed from these by the same pass, in programme order.
	Decisions map[ResultKey][]Decision
}

// Earning is an exam or a certification that was earned once. A certification earned anew after it had expired is a second
// earning; a renewal is none. Awards are paired with the earnings that have a Badge.
type Earning struct {
	Subject  Subject
	EarnedOn Date        // day of the completing pass
	Expires  Date        // first day on which it does not hold any more, renewals included; zero: never
	By       ResultKey   // the completing pass
	Supports []ResultKey // all passes that this rests on, those behind the certifications it needs included and what renewed it since, oldest first
	Renewed  []Date      // days of the renewing passes
	Badge    bool        // false: it counts, and there is no badge for it (badge: never, or the exam implies a certification)
	Version  int         // number of the version that judged the completing pass
	Kept     bool        // there only because a Standing said so
	Revoked  time.Time   // when staff ended it, from a Standing; zero: they did not
}

// held reports whether the earning holds on a day; staff having ended it is told as of the pass being judged.
func (e *Earning) held(day Date) bool {
	return e.Revoked.IsZero() && (e.Expires.IsZero() || day.Before(e.Expires))
}

// Decision says what one result did for one subject, and why.
type Decision struct {
	Subject       Subject         `json:"subject"`
	Outcome       DecisionOutcome `json:"outcome"`
	Reason        Reason          `json:"reason"`
	Certification string          `json:"certification,omitempty"` // for ImpliedByCertification: the one that has the badge
	Missing       *Requirement    `json:"missing,omitempty"`       // for RequirementMissing: what else it takes
	Closed        bool            `json:"closed,omitempty"`        // for RequirementMissing: part of it is retired, so that no way is left
	// Date is the day that the reason is about: of earning (awarded, already earned), of the renewing pass, of retirement, or the
	// first day in the programme; zero where there is none.
	Date      Date `json:"date,omitzero"`
	Expires   Date `json:"expires,omitzero"`    // of a certification that is held after this result
	RenewFrom Date `json:"renew_from,omitzero"` // for AlreadyEarned: first day on which a pass would renew it
	Version   int  `json:"version,omitempty"`   // number of the version that judged the result; zero where none was needed
}

// DecisionOutcome is one word for what happened.
type DecisionOutcome string

// The outcomes of decisions (contract 3). Revoked is never decided here, because the fold knows no awards: package issuer says it of
// the awards that it revokes.
const (
	Awarded DecisionOutcome = "awarded"
	Renewed DecisionOutcome = "renewed"
	Skipped DecisionOutcome = "skipped" // the pass counts, and there is no new badge
	NotYet  DecisionOutcome = "not_yet"
	None    DecisionOutcome = "none" // the result contributes nothing
	Held    DecisionOutcome = "held"
	Revoked DecisionOutcome = "revoked"
)

// Reason is the code of the rule that decided.
type Reason string

// The reasons of decisions (contract 1 and 3). CertificationRetired says of a certification what ExamRetired says of an exam.
const (
	ExamPassed             Reason = "exam_passed"
	CertificationEarned    Reason = "certification_earned"
	CertificationRenewed   Reason = "certification_renewed"
	AlreadyEarned          Reason = "already_earned"
	ImpliedByCertification Reason = "implied_by_certification"
	BadgeNever             Reason = "badge_never"
	RequirementMissing     Reason = "requirement_missing"
	ExamRetired            Reason = "exam_retired"
	CertificationRetired   Reason = "certification_retired"
	NotInBadgeProgramme    Reason = "not_in_badge_programme"
	NotPassed              Reason = "not_passed"
	IdentityMismatch       Reason = "identity_mismatch"
	ResultVoided           Reason = "result_voided"
)

// Standing tells the fold of a recorded award that ledger and programme alone do not explain. One that is neither kept nor revoked
// changes nothing, so that all recorded awards may be given.
type Standing struct {
	Subject  Subject
	EarnedOn Date        // as recorded, like all that follows
	Expires  Date        // zero: never
	By       ResultKey   // its completing pass
	Supports []ResultKey // what it rests on
	Version  int         // number of the version that it was earned under
	Kept     bool        // only a change of the programme took the earning away: it stays and counts as held
	Revoked  time.Time   // when staff revoked it by hand; zero: they did not
}
