package earner

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
)

// A session ends 30 days after the code was typed, or 7 days after its last visit. Badges are looked
// at rarely and mostly on people's own devices, and whoever asks for a new session needs the mailbox.
const (
	sessionLife = 30 * 24 * time.Hour
	sessionIdle = 7 * 24 * time.Hour
	seenEvery   = 5 * time.Minute // how exactly visits are written down
)

// Session is a signed-in browser. Expires is the end if there is no further visit.
type Session struct {
	ID      string // by which its owner can end it; no secret
	Account Account
	Means   string // how it began: code, passkey, or the name of a provider
	Way     string // by what: the id of an address, an identity or a passkey; empty: not known
	Device  string // the browser, as it called itself then; empty: not known
	Created time.Time
	Seen    time.Time // last visit, to 5 minutes
	Expires time.Time
}

// ByCode is the Means of a session that began with a code from a letter.
const ByCode = "code"

func newSession(account Account, created, seen time.Time) Session {
	expires := seen.Add(sessionIdle)
	if end := created.Add(sessionLife); end.Before(expires) {
		expires = end
	}
	return Session{Account: account, Created: created, Seen: seen, Expires: expires}
}

// Session finds the session of a cookie's token with one indexed read. Once in 5 minutes it also
// writes down the visit.
func (a *Accounts) Session(ctx context.Context, token string) (Session, bool, error) {
	if token == "" {
		return Session{}, false, nil
	}
	now, d := a.now(), digest(token)
	s, found, err := selectSession(ctx, a.db.Reader(), d, now)
	if err != nil {
		return Session{}, false, fmt.Errorf("read session: %w", err)
	}
	if !found || now.Before(s.Seen.Add(seenEvery)) {
		return s, found, nil
	}
	visited := newSession(s.Account, s.Created, now)
	s.Seen, s.Expires = visited.Seen, visited.Expires
	err = a.db.InTx(ctx, func(t *database.Tx) error {
		return touchSession(ctx, t, d, s, now.Add(-seenEvery))
	})
	if err != nil {
		return Session{}, false, fmt.Errorf("write down a visit: %w", err)
	}
	return s, true, nil
}

// touchSession moves the end of a session unless another request just did.
func touchSession(ctx context.Context, t *database.Tx, digest string, s Session, seenBefore time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE session
		SET seen_at = ?, expires_at = ?
		WHERE digest = ? AND seen_at <= ?`, s.Seen, s.Expires, digest, seenBefore)
	return err
}

// SignOut ends the session of a token, in every process at once. An unknown token is fine.
func (a *Accounts) SignOut(ctx context.Context, token string) error {
	return a.db.InTx(ctx, func(t *database.Tx) error {
		return deleteSession(ctx, t, digest(token))
	})
}

func deleteSession(ctx context.Context, t *database.Tx, digest string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM session
		WHERE digest = ?`, digest)
	return err
}

// Sessions lists the sessions of an account, the one that was visited last first.
func (a *Accounts) Sessions(ctx context.Context, accountID string) (list []Session, err error) {
	var rows []sessionRow
	err = a.db.Reader().Select(ctx, &rows, `
		SELECT `+sessionColumns+`
		FROM session s
		JOIN account a ON a.id = s.account_id
		WHERE s.account_id = ? AND s.expires_at > ?
		ORDER BY s.seen_at DESC, s.digest
		LIMIT 100`, accountID, a.now())
	for _, r := range rows {
		list = append(list, r.session())
	}
	return list, err
}

// EndSession ends a session of an account by its id, in every process at once. One that has ended is fine.
func (a *Accounts) EndSession(ctx context.Context, accountID, id string) error {
	return a.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			DELETE FROM session
			WHERE account_id = ? AND substr(digest, 1, 32) = ?`, accountID, id)
		return err
	})
}

// EndOtherSessions ends all sessions of an account but the one with that id.
func (a *Accounts) EndOtherSessions(ctx context.Context, accountID, id string) error {
	return a.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			DELETE FROM session
			WHERE account_id = ? AND substr(digest, 1, 32) <> ?`, accountID, id)
		return err
	})
}

// SignOutEverywhere ends all sessions of an account, forgets the browsers that have proved its addresses, and returns
// how many sessions there were.
func (a *Accounts) SignOutEverywhere(ctx context.Context, accountID string) (n int64, err error) {
	err = a.db.InTx(ctx, func(t *database.Tx) error {
		if err := deleteDevicesOf(ctx, t, accountID); err != nil {
			return err
		}
		n, err = deleteSessionsOf(ctx, t, accountID)
		return err
	})
	return n, err
}

// deleteDevicesOf forgets the browsers of all addresses of an account.
func deleteDevicesOf(ctx context.Context, t *database.Tx, account string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM device
		WHERE address IN (SELECT address FROM address WHERE account_id = ?)`, account)
	return err
}

func deleteSessionsOf(ctx context.Context, t *database.Tx, account string) (int64, error) {
	return t.Exec(ctx, `
		DELETE FROM session
		WHERE account_id = ?`, account)
}

// startSession signs somebody in who has shown who they are.
func (a *Accounts) startSession(ctx context.Context, t *database.Tx, acc Account, means, way string, w Answer) (Outcome, error) {
	now := a.now()
	s := newSession(acc, now, now)
	s.Means, s.Way, s.Device = means, way, cleanText(w.Device, maxDevice)
	token := rand.Text() + rand.Text()
	if err := insertSession(ctx, t, digest(token), acc.ID, s); err != nil {
		return Outcome{}, fmt.Errorf("store session: %w", err)
	}
	return Outcome{Account: acc, Token: token, Expires: now.Add(sessionLife)}, nil
}

// endSessionsBy ends the sessions of an account that began by a way in, save one.
func endSessionsBy(ctx context.Context, t *database.Tx, account, way, but string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM session
		WHERE account_id = ? AND way = ? AND substr(digest, 1, 32) <> ?`, account, way, but)
	return err
}
