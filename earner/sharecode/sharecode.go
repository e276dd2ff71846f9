// Package sharecode knows the codes by which a holder shows a record to one reader: whose they are, what they open,
// until when, and how often they were opened. It bounds guessing: of PINs exactly, also over several processes.
//
// It must not know what a transcript or a badge is, who a reader is, or any page. That a code works says nothing about
// what it opens: whoever shows that looks at it anew on each request.
package sharecode

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/refusal"
)

// Codes keeps share codes. It is safe for concurrent use, also by several processes on one database.
type Codes struct {
	db    *database.DB
	clock func() time.Time
}

// New is the codes of a migrated database.
func New(db *database.DB, now func() time.Time) *Codes { return &Codes{db, now} }

func (cs *Codes) now() time.Time { return cs.clock().UTC().Truncate(time.Second) }

// Scope is what a code opens.
type Scope struct {
	Award  string `db:"award_id"` // a badge; empty: the transcript, of which
	Past   bool   `db:"past"`     // certifications that are over,
	Exams  bool   `db:"exams"`    // passed exams
	Scores bool   `db:"scores"`   // and their scores are shown
}

// Code is a share code as its owner sees it.
type Code struct {
	Scope
	ID      string     `db:"id"` // by which its owner speaks of it; opens nothing
	Bare    string     `db:"code"`
	Account string     `db:"account_id"`
	Label   string     `db:"label"` // for whom it is, for the owner alone; may be empty
	PIN     string     `db:"pin"`   // hash; empty: it asks for none
	Wrong   int        `db:"wrong"`
	Rests   *time.Time `db:"rests_until"` // until when it answers nobody but its owner
	Created time.Time  `db:"created_at"`
	Ends    time.Time  `db:"ends_at"`
	Ended   *time.Time `db:"ended_at"` // when its owner ended it
}

const codeColumns = `id, code, account_id, award_id, label, past, exams, scores, pin, wrong, rests_until, created_at, ends_at, ended_at`

// Letters are those that a code is made of: none is easily taken for another. Twelve of them are 60 bits.
const (
	letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	length  = 12
)

// Text is the code as people write it, XXXX-XXXX-XXXX.
func (c Code) Text() string { return c.Bare[:4] + "-" + c.Bare[4:8] + "-" + c.Bare[8:] }

// Works reports whether the code opens something at a moment.
func (c Code) Works(at time.Time) bool { return c.Ended == nil && at.Before(c.Ends) }

// LastDay is the day on which it ends, at midnight.
func (c Code) LastDay() time.Time {
	return c.Ends.UTC().Add(-time.Second).Truncate(24 * time.Hour)
}

// Bare is a code as it was typed, without dashes and blanks and in capitals; false: it is none.
func Bare(typed string) (bare string, ok bool) {
	if len(typed) > 60 {
		return "", false
	}
	bare = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Pd, unicode.White_Space) {
			return -1
		}
		return unicode.ToUpper(r)
	}, typed)
	return bare, len(bare) == length && strings.Trim(bare, letters) == ""
}

// Looks reports whether somebody means a code by a text, as XXXX-XXXX-XXXX: with its dashes, so that no other word
// of twelve letters is taken for one.
func Looks(text string) bool {
	text = strings.TrimSpace(text)
	_, ok := Bare(text)
	return ok && len(text) == length+2 && text[4] == '-' && text[9] == '-'
}

// Codes of refusals.
const (
	BadLabel  = "share_label"
	BadEnd    = "share_end"
	BadPIN    = "share_pin"
	TooMany   = "share_too_many"
	WrongPIN  = "share_wrong_pin"
	Throttled = "too_many_requests"
)

const (
	labelMost   = 200
	codesMost   = 200 // of an account that are listed: those that work, and those that ended lately
	keepEnded   = 90 * 24 * time.Hour
	lifeMost    = 3 * 366 * 24 * time.Hour
	keepGuesses = 24 * time.Hour
)

// Wanted is a code to be made.
type Wanted struct {
	Scope
	Label string
	Ends  time.Time
	PIN   string // 6 to 12 digits; empty: none
}

// Make makes a code of an account.
func (cs *Codes) Make(ctx context.Context, account string, w Wanted) (Code, error) {
	now := cs.now()
	c := Code{Scope: w.Scope, ID: "shc_" + strings.ToLower(rand.Text()[:20]), Bare: newCode(), Account: account,
		Label: line.Tidy(w.Label), Created: now, Ends: w.Ends.UTC().Truncate(time.Second)}
	switch {
	case c.Label != "" && line.Problem(c.Label, labelMost) != "":
		return c, refusal.New(BadLabel, "The label "+line.Problem(c.Label, labelMost)+".")
	case !c.Ends.After(now) || c.Ends.Sub(now) > lifeMost:
		return c, refusal.New(BadEnd, "The code must end later than now, and within three years.")
	}
	if pin := digits(w.PIN); w.PIN != "" {
		if len(pin) < 6 || len(pin) > 12 || strings.Trim(pin, "0123456789") != "" {
			return c, refusal.New(BadPIN, "A PIN has 6 to 12 digits.")
		}
		c.PIN = hashPIN(pin, rand.Text())
	}
	err := cs.db.InTx(ctx, func(t *database.Tx) error {
		stored, err := insertCode(ctx, t, c)
		if err == nil && !stored {
			err = refusal.New(TooMany, "There are too many codes: those that ended are forgotten after some time.")
		}
		return err
	})
	return c, err
}

// newCode is a random code: five bits of a byte for each letter.
func newCode() string {
	random := make([]byte, length)
	_, _ = rand.Read(random) // never fails
	for k, b := range random {
		random[k] = letters[b&31]
	}
	return string(random)
}

// insertCode stores a code unless its account has as many as it may.
func insertCode(ctx context.Context, t *database.Tx, c Code) (bool, error) {
	n, err := t.Exec(ctx, `
		INSERT INTO share_code (`+codeColumns+`, wrong_today)
		SELECT ?, ?, id, ?, ?, ?, ?, ?, ?, 0, NULL, ?, ?, NULL, 0
		FROM account
		WHERE id = ? AND (SELECT COUNT(*) FROM share_code WHERE account_id = ?) < ?`,
		c.ID, c.Bare, c.Award, c.Label, database.Flag(c.Past), database.Flag(c.Exams), database.Flag(c.Scores), c.PIN, c.Created, c.Ends,
		c.Account, c.Account, codesMost)
	if err != nil {
		return false, fmt.Errorf("store share code: %w", err)
	}
	return n == 1, nil
}

// Listed is a code with the days on which it was opened.
type Listed struct {
	Code
	Days []Day // in order
}

// Day is how often a code was opened on a day.
type Day struct {
	On     time.Time `db:"day"`
	Opened int       `db:"opened"`
}

// Opened is how often the code was opened in all.
func (l Listed) Opened() (n int) {
	for _, d := range l.Days {
		n += d.Opened
	}
	return n
}

// Of are the codes of an account, the newest first: those that work, and those that ended lately.
func (cs *Codes) Of(ctx context.Context, account string) (list []Listed, err error) {
	t := cs.db.Reader()
	var codes []Code
	if err := t.Select(ctx, &codes, `
		SELECT `+codeColumns+`
		FROM share_code
		WHERE account_id = ?
		ORDER BY created_at DESC, id
		LIMIT 1000`, account); err != nil {
		return nil, fmt.Errorf("read share codes: %w", err)
	}
	var days []struct {
		Code string `db:"code_id"`
		Day
	}
	if err := t.Select(ctx, &days, `
		SELECT d.code_id, d.day, d.opened
		FROM share_code_day d
		JOIN share_code c ON c.id = d.code_id
		WHERE c.account_id = ?
		ORDER BY d.day`, account); err != nil {
		return nil, fmt.Errorf("read when share codes were opened: %w", err)
	}
	byID := map[string][]Day{}
	for _, d := range days {
		byID[d.Code] = append(byID[d.Code], Day{d.On.UTC(), d.Opened})
	}
	for _, c := range codes {
		list = append(list, Listed{c, byID[c.ID]})
	}
	return list, nil
}

// End ends a code of an account now. Once more is harmless.
func (cs *Codes) End(ctx context.Context, account, id string) error {
	return cs.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			UPDATE share_code
			SET ended_at = ?
			WHERE id = ? AND account_id = ? AND ended_at IS NULL`, cs.now(), id, account)
		if err != nil {
			return fmt.Errorf("end share code: %w", err)
		}
		return nil
	})
}

// Erase deletes the codes of an account with all that is known of them, in the transaction that ends the account.
func (*Codes) Erase(ctx context.Context, t *database.Tx, account string) error {
	if _, err := t.Exec(ctx, `
		DELETE FROM share_code
		WHERE account_id = ?`, account); err != nil {
		return fmt.Errorf("erase share codes: %w", err)
	}
	return nil
}

// Forget deletes codes that ended long ago, and guesses that count no more.
func (cs *Codes) Forget(ctx context.Context) error {
	return cs.db.InTx(ctx, func(t *database.Tx) error {
		if _, err := t.Exec(ctx, `
			DELETE FROM share_code
			WHERE ends_at < ? OR ended_at < ?`, cs.now().Add(-keepEnded), cs.now().Add(-keepEnded)); err != nil {
			return fmt.Errorf("forget share codes: %w", err)
		}
		if _, err := t.Exec(ctx, `
			DELETE FROM share_code_guess
			WHERE guessed_at < ?`, cs.now().Add(-keepGuesses)); err != nil {
			return fmt.Errorf("forget guesses: %w", err)
		}
		return nil
	})
}
