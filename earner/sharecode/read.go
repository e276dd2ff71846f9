package sharecode

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

// What guessing depends on. A code has 60 bits, which nobody guesses; the rest of a network is against those who try,
// and needs no wider networks. A PIN of six digits gets five tries in each rest and fifty a day: a chance of 1 in
// 20,000 a day for whoever has the code.
const (
	guessesMost = 5 // codes that do not work, of a network
	triesMost   = 5 // wrong PINs of a code
	rest        = 10 * time.Minute
	triesDaily  = 50
)

// Reader is who opens a code.
type Reader struct {
	Account string // who is signed in; empty: nobody
	Network string // counts guesses; this machine is one too
}

// Find is the code that somebody typed, if it works. Unknown, ended and erased ones are the same, and count as guesses
// of the network. It refuses as Throttled: after many of them the network, after many wrong PINs the code; never its
// owner.
func (cs *Codes) Find(ctx context.Context, typed string, r Reader) (c Code, found bool, err error) {
	now := cs.now()
	bare, ok := Bare(typed)
	if ok {
		c, found, err = selectCode(ctx, cs.db.Reader(), bare)
		if err != nil {
			return c, false, err
		}
	}
	found = found && c.Works(now)
	if found && c.Account == r.Account {
		return c, true, nil
	}
	if err := cs.guess(ctx, r.Network, bare, !found, now); err != nil || !found {
		return Code{}, false, err
	}
	if c.Rests != nil && now.Before(*c.Rests) {
		return Code{}, false, throttled(*c.Rests)
	}
	return c, true, nil
}

func selectCode(ctx context.Context, t *database.Tx, bare string) (c Code, found bool, err error) {
	found, err = t.Get(ctx, &c, `
		SELECT `+codeColumns+`
		FROM share_code
		WHERE code = ?`, bare)
	if err != nil {
		return c, false, fmt.Errorf("find share code: %w", err)
	}
	return c, found, nil
}

// guess refuses a network that has guessed too much, and counts one more guess where it was one. The same code again is
// no other guess. With the last one that is allowed all of them are from now, so that the rest is as long as it should be.
func (cs *Codes) guess(ctx context.Context, network, bare string, wrong bool, now time.Time) error {
	sum := sha256.Sum256([]byte(bare))
	digest := hex.EncodeToString(sum[:])
	since := now.Add(-rest)
	guesses, oldest, err := selectGuesses(ctx, cs.db.Reader(), network, since)
	if err != nil {
		return err
	}
	if guesses >= guessesMost {
		return throttled(oldest.Add(rest))
	}
	if !wrong {
		return nil
	}
	return cs.db.InTx(ctx, func(t *database.Tx) error {
		if _, err := t.Exec(ctx, `
			INSERT INTO share_code_guess (network, digest, guessed_at)
			VALUES (?, ?, ?)
			ON CONFLICT (network, digest) DO UPDATE SET guessed_at = excluded.guessed_at`, network, digest, now); err != nil {
			return fmt.Errorf("count a guess: %w", err)
		}
		guesses, _, err := selectGuesses(ctx, t, network, since)
		if err != nil || guesses < guessesMost {
			return err
		}
		if _, err = t.Exec(ctx, `
			UPDATE share_code_guess
			SET guessed_at = ?
			WHERE network = ? AND guessed_at > ?`, now, network, since); err != nil {
			return fmt.Errorf("have a network rest: %w", err)
		}
		return nil
	})
}

func selectGuesses(ctx context.Context, t *database.Tx, network string, since time.Time) (n int, oldest time.Time, err error) {
	var at []time.Time
	if err = t.Select(ctx, &at, `
		SELECT guessed_at
		FROM share_code_guess
		WHERE network = ? AND guessed_at > ?
		ORDER BY guessed_at
		LIMIT 100`, network, since); err != nil {
		return 0, oldest, fmt.Errorf("read guesses: %w", err)
	}
	if len(at) > 0 {
		oldest = at[0].UTC()
	}
	return len(at), oldest, nil
}

// TryPIN takes a PIN that was typed for a code. A wrong one is refused as WrongPIN with the tries that are left, the next
// after the last of them as Throttled. A try is taken before anything is compared, so that many at once are no more.
func (cs *Codes) TryPIN(ctx context.Context, c Code, typed string) error {
	if c.PIN == "" {
		return nil
	}
	left, err := cs.takeTry(ctx, c.ID)
	if err != nil {
		return err
	}
	_, salt, _ := strings.Cut(c.PIN, " ")
	if pin := digits(typed); len(pin) <= 100 && subtle.ConstantTimeCompare([]byte(hashPIN(pin, salt)), []byte(c.PIN)) == 1 {
		return cs.forgiveTries(ctx, c.ID)
	}
	return &refusal.Error{Code: WrongPIN, Detail: "That PIN doesn't match.", TriesLeft: left}
}

// takeTry counts a try, which is wrong unless it is forgiven, and says how many are left. With the last one the code
// begins to rest, for the rest of the day where there were too many on it. While it rests nothing is counted.
func (cs *Codes) takeTry(ctx context.Context, id string) (left int, err error) {
	now := cs.now()
	today := now.Truncate(24 * time.Hour)
	err = cs.db.InTx(ctx, func(t *database.Tx) error {
		var c struct {
			Wrong int        `db:"wrong"`
			Rests *time.Time `db:"rests_until"`
			Day   *time.Time `db:"wrong_day"`
			Daily int        `db:"wrong_today"`
		}
		found, err := t.Get(ctx, &c, `
			UPDATE share_code
			SET wrong = wrong + 1
			WHERE id = ?
			RETURNING wrong, rests_until, wrong_day, wrong_today`, id)
		switch {
		case err != nil:
			return fmt.Errorf("take a try of a PIN: %w", err)
		case !found:
			return throttled(now.Add(rest)) // it was erased this very moment
		case c.Rests != nil && now.Before(*c.Rests):
			return throttled(*c.Rests) // nothing of this is kept
		case c.Rests != nil:
			c.Wrong, c.Rests = 1, nil
		}
		if c.Daily++; c.Day == nil || !c.Day.Equal(today) {
			c.Daily = 1
		}
		left = triesMost - c.Wrong
		if until := now.Add(rest); left <= 0 {
			if c.Daily >= triesDaily {
				until = today.Add(24 * time.Hour)
			}
			left, c.Rests = 0, &until
		}
		if _, err = t.Exec(ctx, `
			UPDATE share_code
			SET wrong = ?, rests_until = ?, wrong_day = ?, wrong_today = ?
			WHERE id = ?`, c.Wrong, c.Rests, today, c.Daily, id); err != nil {
			return fmt.Errorf("count a try of a PIN: %w", err)
		}
		return nil
	})
	return left, err
}

// forgiveTries takes back what was counted before the right PIN came, save that of the day.
func (cs *Codes) forgiveTries(ctx context.Context, id string) error {
	return cs.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			UPDATE share_code
			SET wrong = 0, rests_until = NULL, wrong_today = wrong_today - 1
			WHERE id = ?`, id)
		if err != nil {
			return fmt.Errorf("forgive wrong PINs: %w", err)
		}
		return nil
	})
}

// Opened counts that somebody opened a code today. Nothing says who.
func (cs *Codes) Opened(ctx context.Context, c Code) error {
	return cs.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			INSERT INTO share_code_day (code_id, day, opened)
			SELECT id, ?, 1
			FROM share_code
			WHERE id = ?
			ON CONFLICT (code_id, day) DO UPDATE SET opened = share_code_day.opened + 1`, cs.now().Truncate(24*time.Hour), c.ID)
		if err != nil {
			return fmt.Errorf("count that a code was opened: %w", err)
		}
		return nil
	})
}

const pinRounds = 100_000

// hashPIN is a PIN as it is stored: slow to guess, with its salt.
func hashPIN(pin, salt string) string {
	key, err := pbkdf2.Key(sha256.New, pin, []byte(salt), pinRounds, sha256.Size)
	if err != nil {
		panic(err) // only for a length that SHA-256 cannot give
	}
	return hex.EncodeToString(key) + " " + salt
}

// digits leaves out blanks and dashes.
func digits(typed string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Pd, unicode.White_Space) {
			return -1
		}
		return r
	}, typed)
}

func throttled(until time.Time) error {
	return &refusal.Error{Code: Throttled, When: until.UTC(), Detail: "That was too often. Please wait a little."}
}
