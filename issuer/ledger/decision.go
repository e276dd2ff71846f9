package ledger

import (
	"database/sql/driver"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Decision is what a result did for one subject, with the award that is concerned, if any.
type Decision struct {
	programme.Decision
	Award string `json:"award,omitempty"`
}

// Decisions joins what was decided about a result with the awards that it is about.
func (l *Ledger) Decisions(o programme.Outcome, r *Result) []Decision {
	decided := o.Decisions[r.Key()]
	joined := make([]Decision, len(decided))
	for k, d := range decided {
		joined[k].Decision = d
		switch d.Outcome {
		case programme.Awarded, programme.Renewed:
			joined[k].Award = l.awardOf(d.Subject, r)
		case programme.Skipped:
			s := d.Subject
			if d.Certification != "" {
				s = programme.Subject{Kind: programme.KindCertification, Code: d.Certification}
			}
			joined[k].Award = l.awardOf(s, r)
		}
	}
	return joined
}

// Revocations tell of the awards that a change took back.
func Revocations(changed []*Award) (list []Decision) {
	for _, a := range changed {
		if a.Revocation == ByVoid {
			list = append(list, Decision{Award: a.ID, Decision: programme.Decision{
				Subject: a.Subject(), Outcome: programme.Revoked, Reason: programme.ResultVoided, Date: programme.DateOf(*a.RevokedAt),
			}})
		}
	}
	return list
}

// DecisionList is a list of decisions as a column.
type DecisionList []Decision

// Value writes the list as a JSON array.
func (l DecisionList) Value() (driver.Value, error) { return listText([]Decision(l)) }

// Scan reads what Value wrote.
func (l *DecisionList) Scan(src any) error { return scanList(src, (*[]Decision)(l)) }
