package issuer

import (
	"encoding/json"
	"time"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Recorded is a result in the ledger. Exam is the code that an alias meant; Score and MaxScore are
// the numbers as posted, empty where none was.
type Recorded struct {
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
	Decisions       decisionList   `db:"decisions"` // as they were when it was recorded or last changed
	Awards          idList         `db:"awards"`    // made or changed then
	TakenAt         time.Time      `db:"taken_at"`
	RecordedAt      time.Time      `db:"recorded_at"`
	CandidateEmail  string         `db:"candidate_email"` // what it said of the candidate; empty: that is not known
	CandidateName   string         `db:"candidate_name"`
	CandidateLocale string         `db:"candidate_locale"`
}

// key identifies the result for the rules.
func (r *Recorded) key() programme.ResultKey {
	return programme.ResultKey{Partner: r.PartnerID, ID: r.ID}
}

// line is the result as the rules read it.
func (r *Recorded) line() programme.Result {
	return programme.Result{
		Partner: r.PartnerID, ID: r.ID, Exam: r.Exam, Outcome: r.Outcome,
		Held: r.State == StateHeld, Voided: r.State == StateVoided, TakenAt: r.TakenAt,
	}
}

// live reports whether the result may support an award.
func (r *Recorded) live() bool {
	return r.Outcome == programme.Pass && r.State == StateRecorded
}

// decisionList is a list of decisions as a column.
type decisionList []Decision

func numberText(n *json.Number) string {
	if n == nil {
		return ""
	}
	return n.String()
}

// summary is what a change may alter, on one line for the history.
func (r *Recorded) summary() string {
	return r.State + " " + string(r.Outcome) + " " + r.Score + "/" + r.MaxScore
}
