package ledger

import (
	"net/url"
	"time"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Result is a result in the ledger. Exam is the code that an alias meant; Score and MaxScore are
// the numbers as posted, empty where none was.
type Result struct {
	PartnerID       string         `db:"partner_id"`
	ID              string         `db:"id"`
	CandidateID     string         `db:"candidate_id"`
	Exam            string         `db:"exam"`
	Outcome         programme.Mark `db:"outcome"`
	Score           string         `db:"score"`
	MaxScore        string         `db:"max_score"`
	IdentityMethod  string         `db:"identity_method"`
	IdentityMatched string         `db:"identity_matched"` // yes, no or empty
	State           string         `db:"state"`
	Digest          string         `db:"digest"`
	Decisions       DecisionList   `db:"decisions"` // as they were when it was recorded or last changed
	Awards          IDList         `db:"awards"`    // made or changed then
	TakenAt         time.Time      `db:"taken_at"`
	RecordedAt      time.Time      `db:"recorded_at"`
	CandidateEmail  string         `db:"candidate_email"` // what it said of the candidate; empty: that is not known
	CandidateName   string         `db:"candidate_name"`
	CandidateLocale string         `db:"candidate_locale"`
}

// Key identifies the result for the rules.
func (r *Result) Key() programme.ResultKey {
	return programme.ResultKey{Partner: r.PartnerID, ID: r.ID}
}

// line is the result as the rules read it.
func (r *Result) line() programme.Result {
	return programme.Result{
		Partner: r.PartnerID, ID: r.ID, Exam: r.Exam, Outcome: r.Outcome,
		Held: r.State == StateHeld, Voided: r.State == StateVoided, TakenAt: r.TakenAt,
	}
}

// Live reports whether the result may support an award.
func (r *Result) Live() bool {
	return r.Outcome == programme.Pass && r.State == StateRecorded
}

// Summary is what a change may alter, on one line for the history.
func (r *Result) Summary() string {
	return r.State + " " + string(r.Outcome) + " " + r.Score + "/" + r.MaxScore
}

// The states of a recorded result.
const (
	StateRecorded = "recorded"
	StateHeld     = "held" // the identity check did not match; released or voided by the partner
	StateVoided   = "voided"
)

// present reports whether a result counts as the person having been there, so that what it says of them is
// believed. A pass whose identity check failed counts once it was released.
func (r *Result) present() bool {
	if r.State != StateRecorded || r.CandidateEmail == "" { // nothing is known of what it said
		return false
	}
	return r.Outcome == programme.Pass || r.Outcome == programme.Fail && r.IdentityMatched != "no"
}

// Person is what the result says of its candidate.
func (r *Result) Person() Person {
	return Person{r.CandidateEmail, r.CandidateName, r.CandidateLocale}
}

// Score is that of a pass. Value and Max are numbers as they were posted, empty for none.
type Score struct {
	Exam  string
	Value string
	Max   string
}

// Anchor is what names the scores of this exam out of this maximum within an achievement.
func (s Score) Anchor() string {
	anchor := "#score-" + url.PathEscape(s.Exam)
	if s.Max != "" {
		anchor += "-of-" + url.PathEscape(s.Max)
	}
	return anchor
}

// Scored is the score that it has, if any.
func (r *Result) Scored() Score { return Score{r.Exam, r.Score, r.MaxScore} }
