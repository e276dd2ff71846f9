package programme

import (
	"cmp"
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

// compareResults is the order of the fold: by instant, then partner, then result id.
func compareResults(a, b Result) int {
	if c := a.TakenAt.Compare(b.TakenAt); c != 0 {
		return c
	}
	if c := cmp.Or(cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.ID, b.ID)); c != 0 {
		return c
	}
	// The same result again. Should its content differ, which should never be, the order is total all the same.
	return cmp.Or(cmp.Compare(a.Exam, b.Exam), cmp.Compare(a.Outcome, b.Outcome), compareBools(a.Held, b.Held), compareBools(a.Voided, b.Voided))
}

func compareBools(a, b bool) int {
	if a == b {
		return 0
	}
	if b {
		return -1
	}
	return 1
}
