package earner

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

// Ways changes the ways into an account, for each account one after another: here its addresses, and what was changed of
// all of them. Identities and Passkeys change the others.
type Ways struct{ accounts *Accounts }

// Change is something that was done to the ways into an account, and who should hear of it.
type Change struct {
	Account string    // its id
	To      []Mailbox // all its addresses, before and after
	Kind    string
	What    string // an address, or the name of what else was changed
	Removal string // of AddressRemoved: what a link in the letter undoes
	Lang    string // of the account
}

// The kinds of changes.
const (
	AddressAdded   = "address_added"
	AddressRemoved = "address_removed"
	AddressBack    = "address_back"
	AddressPrimary = "address_primary"
)

// change does something to the ways into an account, one after another. What it refuses leaves everything as it was.
func (ws *Ways) change(ctx context.Context, accountID string, do func(t *database.Tx, acc Account) error) error {
	return ws.accounts.db.InTx(ctx, func(t *database.Tx) error {
		if err := lockAccount(ctx, t, accountID); err != nil {
			return err
		}
		acc, found, err := selectAccount(ctx, t, accountID)
		if err != nil {
			return fmt.Errorf("read account: %w", err)
		}
		if !found {
			return refusal.New(SignedOut, "This account is there no longer.")
		}
		return do(t, acc)
	})
}

// lockAccount has whatever else changes the ways into an account wait until this transaction ends.
func lockAccount(ctx context.Context, t *database.Tx, id string) error {
	_, err := t.Exec(ctx, `
		UPDATE account
		SET name = name
		WHERE id = ?`, id)
	return err
}

// tell writes a change of a locked account down and mails it.
func (ws *Ways) tell(ctx context.Context, t *database.Tx, acc Account, c Change, to []Mailbox) error {
	if err := ws.writeDown(ctx, t, acc.ID, c.Kind, c.What); err != nil {
		return err
	}
	c.Account, c.To, c.Lang = acc.ID, to, acc.Language
	return ws.accounts.letters.Changed(ctx, t, c)
}

// tellAll is tell to all addresses that an account has now.
func (ws *Ways) tellAll(ctx context.Context, t *database.Tx, acc Account, c Change) error {
	all, err := selectAddresses(ctx, t, acc.ID)
	if err != nil {
		return fmt.Errorf("read addresses: %w", err)
	}
	return ws.tell(ctx, t, acc, c, mailboxes(all))
}

// Lock has whatever else changes an account wait until the transaction ends.
func (ws *Ways) Lock(ctx context.Context, t *database.Tx, accountID string) error {
	return lockAccount(ctx, t, accountID)
}

// Note writes down something else that was done about an account, which nobody is told of here.
func (ws *Ways) Note(ctx context.Context, t *database.Tx, accountID, kind string) error {
	if err := lockAccount(ctx, t, accountID); err != nil {
		return err
	}
	return ws.writeDown(ctx, t, accountID, kind, "")
}

// Tell writes a change of an account down that another room has made, and mails it to all its addresses. An account that
// is there no longer is told nothing.
func (ws *Ways) Tell(ctx context.Context, t *database.Tx, accountID, kind, what string) error {
	if err := lockAccount(ctx, t, accountID); err != nil {
		return fmt.Errorf("lock account: %w", err)
	}
	acc, found, err := selectAccount(ctx, t, accountID)
	if err != nil || !found {
		return err
	}
	return ws.tellAll(ctx, t, acc, Change{Kind: kind, What: what})
}

// writeDown keeps a change of a locked account.
func (ws *Ways) writeDown(ctx context.Context, t *database.Tx, account, kind, what string) error {
	_, err := t.Exec(ctx, `
		INSERT INTO account_change (account_id, number, change, what, created_at)
		SELECT ?, COALESCE(MAX(number), 0) + 1, ?, ?, ?
		FROM account_change
		WHERE account_id = ?`, account, kind, what, ws.accounts.now(), account)
	if err != nil {
		return fmt.Errorf("write down a change of an account: %w", err)
	}
	return nil
}

// Changed is a change as it was written down.
type Changed struct {
	Kind string    `db:"change"`
	What string    `db:"what"`
	At   time.Time `db:"created_at"`
}

// Changes lists what was last changed of the ways into an account, the newest first.
func (ws *Ways) Changes(ctx context.Context, accountID string) ([]Changed, error) {
	return selectChanges(ctx, ws.accounts.db.Reader(), accountID, 20)
}

// AllChanges lists what was ever changed, the newest first.
func (ws *Ways) AllChanges(ctx context.Context, accountID string) ([]Changed, error) {
	return selectChanges(ctx, ws.accounts.db.Reader(), accountID, 10_000)
}

func selectChanges(ctx context.Context, t *database.Tx, account string, most int) (list []Changed, err error) {
	err = t.Select(ctx, &list, `
		SELECT change, what, created_at
		FROM account_change
		WHERE account_id = ?
		ORDER BY number DESC
		LIMIT ?`, account, most)
	return list, err
}

func mailboxes(list []Address) []Mailbox {
	to := make([]Mailbox, len(list))
	for k, d := range list {
		to[k] = Mailbox{d.Address, d.Sandbox}
	}
	return to
}

// hasWayIn refuses as LastWay where nothing is left by which an account, which is locked, can be entered.
func (ws *Ways) hasWayIn(ctx context.Context, t *database.Tx, account string) error {
	var left int
	_, err := t.Get(ctx, &left, `
		SELECT (SELECT COUNT(*) FROM address WHERE account_id = ?)
			+ (SELECT COUNT(*) FROM identity WHERE account_id = ?)
			+ (SELECT COUNT(*) FROM passkey WHERE account_id = ?)`, account, account, account)
	if err != nil {
		return fmt.Errorf("count the ways in: %w", err)
	}
	if left == 0 {
		return refusal.New(LastWay, "This is the only way into the account.")
	}
	return nil
}
