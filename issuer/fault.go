package issuer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/refusal"
)

// faults collects what is wrong with a request, each with its pointer.
type faults []refusal.Field

func (f *faults) add(pointer, code, detail string) {
	*f = append(*f, refusal.Field{Pointer: pointer, Code: code, Detail: detail})
}

func (f *faults) text(pointer, s string, most int) {
	if s == "" {
		f.add(pointer, "required", "is required")
		return
	}
	if problem := line.Problem(s, most); problem != "" {
		f.add(pointer, "bad_text", problem)
	}
}

// prose is text that people write, as it is once it is tidy.
func (f *faults) prose(pointer, s string, most int) {
	if tidied := line.Tidy(s); tidied != "" {
		s = tidied
	}
	f.text(pointer, s, most)
}

// name refuses addresses: names go into letters, which carry our signature.
func (f *faults) name(pointer, s string) {
	f.prose(pointer, s, maxName)
	if strings.Contains(s, "://") {
		f.add(pointer, "bad_value", "is not a name")
	}
}

func (f *faults) email(pointer, s string) {
	f.prose(pointer, s, maxEmail)
	tidied := line.Tidy(s)
	if s == "" || line.Problem(tidied, maxEmail) != "" {
		return
	}
	if _, ok := email.Canonical(tidied); !ok {
		f.add(pointer, "bad_email", fmt.Sprintf("%q is not an e-mail address", s))
	}
}

func (f *faults) outcome(o programme.Mark) {
	switch o {
	case programme.Pass, programme.Fail, programme.NoShow:
	case "":
		f.add("/outcome", "required", "is required")
	default:
		f.add("/outcome", "bad_value", "must be pass, fail or no_show")
	}
}

const maxScoreDigits = 20

func (f *faults) score(score, most *json.Number) {
	s, known := f.number("/score", score)
	m, bounded := f.number("/max_score", most)
	if known && bounded && s > m {
		f.add("/score", "bad_value", "is more than max_score")
	}
}

func (f *faults) number(pointer string, n *json.Number) (value float64, ok bool) {
	if n == nil {
		return 0, false
	}
	value, err := strconv.ParseFloat(n.String(), 64)
	if err != nil || value < 0 || len(*n) > maxScoreDigits || !json.Valid([]byte(*n)) {
		f.add(pointer, "bad_value", "must be a number of 0 or more")
		return 0, false
	}
	return value, true
}

func (f *faults) takenAt(at, now time.Time) {
	switch {
	case at.IsZero():
		f.add("/taken_at", "required", "is required")
	case at.After(now.Add(ahead)):
		f.add("/taken_at", "in_future", "lies in the future")
	case at.Year() < 1900:
		f.add("/taken_at", "bad_value", "lies before the year 1900")
	}
}

// reason finds what is wrong with a reason, and tidies it: the first part is always needed.
func (f *faults) reason(r *ledger.Reason) {
	f.prose("/reason", r.Text, maxReason)
	if r.Public != "" {
		f.prose("/public_reason", r.Public, maxReason)
	}
	r.Text, r.Public = line.Tidy(r.Text), line.Tidy(r.Public)
}
