package issuer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/refusal"
)

// Result is what a partner posts: how one candidate did in one exam.
type Result struct {
	ID        string         `json:"id"` // the partner's own, the natural key
	Candidate Candidate      `json:"candidate"`
	Exam      string         `json:"exam"` // code or alias
	Outcome   programme.Mark `json:"outcome"`
	Score     *json.Number   `json:"score,omitempty"`
	MaxScore  *json.Number   `json:"max_score,omitempty"`
	TakenAt   time.Time      `json:"taken_at"`
	Identity  *IdentityCheck `json:"identity_check,omitempty"`
}

// Candidate is a certification profile of a partner, as the partner names it.
type Candidate struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Name   string `json:"name"`
	Locale string `json:"locale,omitempty"` // chooses the language of mails and nothing else
}

// Check finds everything that is wrong with a candidate as the member candidate of a request.
func (c Candidate) Check() []refusal.Field {
	var f faults
	f.text("/candidate/id", c.ID, maxID)
	f.name("/candidate/name", c.Name)
	f.email("/candidate/email", c.Email)
	if c.Locale != "" {
		f.text("/candidate/locale", c.Locale, maxLocale)
	}
	return f
}

// Canonical is the candidate with name and address in their one spelling.
func (c Candidate) Canonical() Candidate {
	c.Name = line.Tidy(c.Name)
	c.Email, _ = email.Canonical(line.Tidy(c.Email))
	return c
}

// IdentityCheck is how the person was checked at the exam desk.
type IdentityCheck struct {
	Method  string `json:"method"`
	Matched bool   `json:"matched"`
}

const (
	maxID     = 200
	maxName   = 200
	maxEmail  = 254
	maxLocale = 35 // RFC 5646 §4.4.1
	maxReason = 1000
	maxMethod = 200
	ahead     = 5 * time.Minute // how far in the future taken_at may lie (contract 1, step 6)
)

// canonical is the result as it is kept: names and addresses in their one spelling, times in UTC and
// microseconds. Ids and numbers are as the partner wrote them.
func (r Result) canonical() Result {
	r.Candidate = r.Candidate.Canonical()
	r.TakenAt = r.TakenAt.UTC().Truncate(time.Microsecond)
	return r
}

// digest tells a repeat of a canonical result from other content under the same id. Numbers count by their value.
func (r Result) digest() (string, error) {
	r.Score, r.MaxScore = byValue(r.Score), byValue(r.MaxScore)
	data, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("digest result: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16]), nil
}

// held reports whether the result waits because the person at the desk was not the candidate.
func (r Result) held() bool {
	return r.Outcome == programme.Pass && r.Identity != nil && !r.Identity.Matched
}

// check finds everything that is wrong with a result by itself.
func (r Result) check(now time.Time) []refusal.Field {
	var f faults
	f.text("/id", r.ID, maxID)
	f = append(f, r.Candidate.Check()...)
	f.text("/exam", r.Exam, maxID)
	f.outcome(r.Outcome)
	f.score(r.Score, r.MaxScore)
	if r.Identity != nil && r.Identity.Method != "" {
		f.text("/identity_check/method", r.Identity.Method, maxMethod)
	}
	f.takenAt(r.TakenAt, now)
	return f
}

// Check finds everything that is wrong with a result, and does nothing else.
func (i *Issuer) Check(ctx context.Context, r Result) error {
	_, _, err := i.admit(ctx, r)
	return err
}

// admit checks a result and finds the exam that it means. The error lists everything at once.
func (i *Issuer) admit(ctx context.Context, r Result) (canonical Result, exam string, err error) {
	f := faults(r.check(i.now()))
	h, err := i.History(ctx)
	if err != nil {
		return r, "", err
	}
	e, found := h.Exam(r.Exam)
	if !found { // a version may have been applied this very second
		if h, err = i.HistoryIn(ctx, i.db.Reader()); err != nil {
			return r, "", err
		}
		e, found = h.Exam(r.Exam)
	}
	if len(h) == 0 {
		return r, "", catalogue.NoProgramme()
	}
	if !found && r.Exam != "" && line.Problem(r.Exam, maxID) == "" {
		f.add("/exam", "unknown_exam", unknownExam(r.Exam, h.Suggest(r.Exam)))
	}
	if len(f) == 0 {
		return r.canonical(), e.Code, nil
	}
	code := "validation_failed"
	if len(f) == 1 && f[0].Code == "unknown_exam" {
		code = "unknown_exam"
	}
	return r, "", refusal.New(code, "The result cannot be recorded as it is.", f...)
}

func unknownExam(code string, suggestions []string) string {
	text := fmt.Sprintf("%q is no exam of this programme.", code)
	if len(suggestions) > 0 {
		text += " Did you mean " + strings.Join(suggestions, " or ") + "?"
	}
	return text
}

// byValue is a JSON number in the one spelling of its value: 812, 812.0 and 8.12e2 are one number, and so are 0
// and -0 (contract 3). Nothing is rounded. Numbers of a usual size come out as most programs write them.
func byValue(n *json.Number) *json.Number {
	if n == nil {
		return nil
	}
	text, negative := strings.CutPrefix(n.String(), "-")
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	point, _ := strconv.Atoi(exponent) // few digits: maxScoreDigits
	point -= len(fraction)
	if short := strings.TrimRight(digits, "0"); len(short) < len(digits) {
		point += len(digits) - len(short)
		digits = short
	}
	value := json.Number(spell(digits, point))
	if negative && digits != "" {
		value = "-" + value
	}
	return &value
}

// spell writes digits times ten to the power of point.
func spell(digits string, point int) string {
	switch before := len(digits) + point; {
	case digits == "":
		return "0"
	case point > maxScoreDigits || point < -maxScoreDigits:
		return digits + "e" + strconv.Itoa(point)
	case point >= 0:
		return digits + strings.Repeat("0", point)
	case before > 0:
		return digits[:before] + "." + digits[before:]
	default:
		return "0." + strings.Repeat("0", -before) + digits
	}
}
