package earner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

// Passkey is a key on a device of somebody's by which they sign in without a name.
type Passkey struct {
	ID        string    `db:"id"` // that the device gave it
	AccountID string    `db:"account_id"`
	Record    string    `db:"record"` // by which it is checked; nothing here reads it
	Name      string    `db:"name"`
	Created   time.Time `db:"created_at"`
	Used      time.Time `db:"used_at"`
}

// Passkeys keeps the keys by which people sign in.
type Passkeys struct{ accounts *Accounts }

// ByPasskey is the Means of a session that began with a passkey.
const ByPasskey = "passkey"

// Kinds of changes about passkeys.
const (
	PasskeyAdded   = "passkey_added"
	PasskeyRemoved = "passkey_removed"
	PasskeyCloned  = "passkey_cloned" // it was refused, since there may be two of it
)

const passkeyColumns = `id, account_id, record, name, created_at, used_at`

// List are those of an account, the oldest first.
func (ps *Passkeys) List(ctx context.Context, accountID string) (list []Passkey, err error) {
	err = ps.accounts.db.Reader().Select(ctx, &list, `
		SELECT `+passkeyColumns+`
		FROM passkey
		WHERE account_id = ?
		ORDER BY created_at, id
		LIMIT 100`, accountID)
	return list, err
}

// Find finds one by the id that its device gave it.
func (ps *Passkeys) Find(ctx context.Context, id string) (Passkey, bool, error) {
	return selectPasskey(ctx, ps.accounts.db.Reader(), id)
}

func selectPasskey(ctx context.Context, t *database.Tx, id string) (p Passkey, found bool, err error) {
	found, err = t.Get(ctx, &p, `
		SELECT `+passkeyColumns+`
		FROM passkey
		WHERE id = ?`, id)
	return p, found, err
}

// Add gives an account a passkey and tells all its addresses. One that is there already stays as it is.
func (ps *Passkeys) Add(ctx context.Context, p Passkey) error {
	return ps.accounts.Ways.change(ctx, p.AccountID, func(t *database.Tx, acc Account) error {
		now := ps.accounts.now()
		p.Name = cleanText(p.Name, maxDevice)
		n, err := t.Exec(ctx, `
			INSERT INTO passkey (`+passkeyColumns+`)
			VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO NOTHING`, p.ID, acc.ID, p.Record, p.Name, now, now)
		if err != nil {
			return fmt.Errorf("store passkey: %w", err)
		}
		if n == 0 {
			return nil
		}
		return ps.accounts.Ways.tellAll(ctx, t, acc, Change{Kind: PasskeyAdded, What: p.Name})
	})
}

// SignIn signs in by a passkey that was checked by the record before, and keeps the new one. It refuses as
// Unknown where it was used elsewhere or removed meanwhile.
func (ps *Passkeys) SignIn(ctx context.Context, id, before, record string, w Answer) (out Outcome, err error) {
	err = ps.accounts.db.InTx(ctx, func(t *database.Tx) error {
		var p Passkey
		found, err := t.Get(ctx, &p, `
			UPDATE passkey
			SET record = ?, used_at = ?
			WHERE id = ? AND record = ?
			RETURNING `+passkeyColumns, record, ps.accounts.now(), id, before)
		if err != nil {
			return fmt.Errorf("write down that a passkey was used: %w", err)
		}
		if !found {
			return refusal.New(Unknown, "This passkey was used at the same moment, or is there no longer.")
		}
		acc, _, err := selectAccount(ctx, t, p.AccountID)
		if err != nil {
			return fmt.Errorf("read the account of a passkey: %w", err)
		}
		out, err = ps.accounts.startSession(ctx, t, acc, ByPasskey, p.ID, w)
		return err
	})
	return out, err
}

// Refused tells the owner of a passkey that it was refused since there may be two of it.
func (ps *Passkeys) Refused(ctx context.Context, id string) error {
	p, found, err := ps.Find(ctx, id)
	if err != nil || !found {
		return err
	}
	return ps.accounts.Ways.change(ctx, p.AccountID, func(t *database.Tx, acc Account) error {
		return ps.accounts.Ways.tellAll(ctx, t, acc, Change{Kind: PasskeyCloned, What: p.Name})
	})
}

// Remove takes a passkey away; nobody signs in by it from then on, sessions that began by it end but for the one
// with the id here, and all addresses hear of it. One that the account does not have is none to remove. It refuses as
// LastWay.
func (ps *Passkeys) Remove(ctx context.Context, accountID, id, here string) error {
	return ps.accounts.Ways.change(ctx, accountID, func(t *database.Tx, acc Account) error {
		p, found, err := selectPasskey(ctx, t, id)
		if err != nil || !found || p.AccountID != acc.ID {
			return err
		}
		_, err = t.Exec(ctx, `
			DELETE FROM passkey
			WHERE id = ?`, id)
		if err := errors.Join(err, endSessionsBy(ctx, t, acc.ID, id, here), ps.accounts.Ways.hasWayIn(ctx, t, acc.ID)); err != nil {
			return err
		}
		return ps.accounts.Ways.tellAll(ctx, t, acc, Change{Kind: PasskeyRemoved, What: p.Name})
	})
}
