package connection

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

// Attempt is somebody on their way to a profile at an address that their account has not confirmed. Its id leads back to
// the step where it was left, also after signing in to another account, but only in the browser that began: else somebody
// could send a link and have others give their profile away.
type Attempt struct {
	ID      string     `db:"id"`
	Account string     `db:"account_id"` // that began, and to which the profile is to go
	Email   string     `db:"email"`      // in its one spelling
	Proved  *time.Time `db:"proved_at"`  // when they showed that the address is theirs
	Expires time.Time  `db:"expires_at"`
}

const (
	attemptColumns = `id, account_id, email, proved_at, expires_at`
	attemptLife    = 24 * time.Hour
	attemptsOpen   = 20 // of an account at a time
)

// In reports whether the attempt began in a browser, by the value of its set-up cookie.
func (a Attempt) In(browser string) bool {
	_, random, _ := strings.Cut(a.ID, "_")
	return browser != "" && len(random) > attemptRandom && a.ID == attemptID(random[:attemptRandom], browser)
}

// attemptID names the browser in a way from which it does not follow.
func attemptID(random, browser string) string {
	sum := sha256.Sum256([]byte(random + browser))
	return "cna_" + random + hex.EncodeToString(sum[:10])
}

const attemptRandom = 20 // characters

// Begin is an attempt of an account in a browser at an address in its one spelling: the one that is open, or a new one.
// Whether anything is at the address does not matter.
func (cs *Connections) Begin(ctx context.Context, account, browser, email string) (a Attempt, err error) {
	now := cs.now()
	err = cs.db.InTx(ctx, func(t *database.Tx) error {
		found, err := t.Get(ctx, &a, `
			SELECT `+attemptColumns+`
			FROM connection_attempt
			WHERE account_id = ? AND email = ? AND expires_at > ?
			ORDER BY created_at DESC, id
			LIMIT 1`, account, email, now)
		if err != nil || found && a.In(browser) {
			return err
		}
		var open int
		if _, err := t.Get(ctx, &open, `
			SELECT COUNT(*)
			FROM connection_attempt
			WHERE account_id = ? AND expires_at > ?`, account, now); err != nil {
			return err
		}
		if open >= attemptsOpen {
			return &refusal.Error{Code: "too_many_requests", When: now.Add(attemptLife), Detail: "That was too often. Please wait a little."}
		}
		if _, err := t.Exec(ctx, `
			DELETE FROM connection_attempt
			WHERE expires_at <= ?`, now); err != nil {
			return err
		}
		a = Attempt{ID: attemptID(strings.ToLower(rand.Text()[:attemptRandom]), browser), Account: account, Email: email, Expires: now.Add(attemptLife)}
		_, err = t.Exec(ctx, `
			INSERT INTO connection_attempt (id, account_id, email, created_at, expires_at)
			VALUES (?, ?, ?, ?, ?)`, a.ID, a.Account, a.Email, now, a.Expires)
		return err
	})
	if err != nil {
		return a, fmt.Errorf("begin to connect: %w", err)
	}
	return a, nil
}

// Attempt is the one with that id, as long as it is open.
func (cs *Connections) Attempt(ctx context.Context, id string) (a Attempt, found bool, err error) {
	found, err = cs.db.Reader().Get(ctx, &a, `
		SELECT `+attemptColumns+`
		FROM connection_attempt
		WHERE id = ? AND expires_at > ?`, id, cs.now())
	return a, found, err
}

// Prove writes down that whoever makes an attempt has shown that the address is theirs.
func (cs *Connections) Prove(ctx context.Context, a Attempt) error {
	return cs.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			UPDATE connection_attempt
			SET proved_at = ?
			WHERE id = ? AND proved_at IS NULL`, cs.now(), a.ID)
		return err
	})
}

// Request is somebody who wants two accounts, or two certification profiles, brought together.
type Request struct {
	ID      string    `db:"id"`
	Kind    string    `db:"kind"`
	Account string    `db:"account_id"` // who asks
	Other   string    `db:"other"`      // an account, or a candidate
	How     string    `db:"how"`        // it is known that both are theirs
	At      time.Time `db:"created_at"`
}

// What is to be brought together.
const (
	Accounts = "account"
	Profiles = "profile"
)

// Unshown is how nothing is known: somebody could not show that the other is theirs.
const Unshown = "unshown"

// Ask keeps a request; the same again is the one that is open.
func (cs *Connections) Ask(ctx context.Context, r Request) (kept Request, err error) {
	r.ID, r.At = "mrq_"+strings.ToLower(rand.Text()[:16]), cs.now()
	err = cs.db.InTx(ctx, func(t *database.Tx) error {
		n, err := t.Exec(ctx, `
			INSERT INTO merge_request (id, kind, account_id, other, how, created_at)
			VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, r.ID, r.Kind, r.Account, r.Other, r.How, r.At)
		if kept = r; err != nil || n == 1 {
			return err
		}
		found, err := t.Get(ctx, &kept, `
			SELECT id, kind, account_id, other, how, created_at
			FROM merge_request
			WHERE kind = ? AND account_id = ? AND other = ? AND answered_at IS NULL`, r.Kind, r.Account, r.Other)
		if err == nil && !found {
			err = cmp.Or(err, fmt.Errorf("the request of %s was answered meanwhile", r.Account))
		}
		return err
	})
	if err != nil {
		return kept, fmt.Errorf("keep a request: %w", err)
	}
	return kept, nil
}

// Requests are those that nobody has answered, the oldest first, after one of them.
func (cs *Connections) Requests(ctx context.Context, after Request) (list []Request, err error) {
	err = cs.db.Reader().Select(ctx, &list, `
		SELECT id, kind, account_id, other, how, created_at
		FROM merge_request
		WHERE answered_at IS NULL AND (created_at, id) > (?, ?)
		ORDER BY created_at, id
		LIMIT 100`, after.At, after.ID)
	return list, err
}
