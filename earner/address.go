package earner

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

// Address is a confirmed address in canonical spelling. Mail about the account goes to the primary
// one, of which there is exactly one.
type Address struct {
	Address   string    `db:"address"`
	AccountID string    `db:"account_id"`
	Primary   bool      `db:"is_primary"`
	Confirmed time.Time `db:"confirmed_at"`
	Sandbox   bool      `db:"sandbox"` // confirmed in a sandbox only: nothing may be mailed there
}

// ID names an address where it is not to be read, as in the address of a page.
func (d Address) ID() string { return digest(d.stored())[:16] }

// MakePrimary has mail about an account go to another of its addresses, and tells all of them. An address that the
// account does not have changes nothing.
func (ws *Ways) MakePrimary(ctx context.Context, accountID, address string) error {
	return ws.change(ctx, accountID, func(t *database.Tx, acc Account) error {
		all, err := selectAddresses(ctx, t, acc.ID)
		if err != nil {
			return fmt.Errorf("read addresses: %w", err)
		}
		if len(all) == 0 || all[0].Address == address {
			return nil
		}
		made, err := ws.makePrimary(ctx, t, accountID, address)
		if err != nil || !made {
			return err
		}
		return ws.tell(ctx, t, acc, Change{Kind: AddressPrimary, What: address}, mailboxes(all))
	})
}

// makePrimary is MakePrimary of an account that is locked.
func (ws *Ways) makePrimary(ctx context.Context, t *database.Tx, account, address string) (bool, error) {
	list, err := selectAddresses(ctx, t, account)
	if err != nil {
		return false, fmt.Errorf("read addresses: %w", err)
	}
	k := slices.IndexFunc(list, func(d Address) bool { return d.Address == address })
	if k < 0 {
		return false, nil
	}
	// One after the other: the index on primary addresses looks at each row as it changes.
	if _, err = t.Exec(ctx, `
		UPDATE address
		SET is_primary = 0
		WHERE account_id = ? AND is_primary = 1 AND address <> ?`, account, list[k].stored()); err != nil {
		return false, fmt.Errorf("take the primary address back: %w", err)
	}
	if _, err = t.Exec(ctx, `
		UPDATE address
		SET is_primary = 1
		WHERE account_id = ? AND address = ?`, account, list[k].stored()); err != nil {
		return false, fmt.Errorf("make an address the primary one: %w", err)
	}
	return true, nil
}

// stored is the spelling of an address in its row.
func (d Address) stored() string { return spelling(Mailbox{d.Address, d.Sandbox}) }

// LastWay refuses to take away the only address of an account: mail about it has to go somewhere, and the person has to
// get in.
const LastWay = "last_way_in"

// putBackWithin is how long an address that was removed may come back.
const putBackWithin = 7 * 24 * time.Hour

// RemoveAddress takes an address out of an account. It signs in no longer and gets no mail; badges that were accepted
// stay. Sessions that began by it end, but for the one with the id here. All addresses of the account, and this one, hear of it, and for seven days a link in that letter, or the
// account, can put it back. An address that the account does not have is none to remove. It refuses as LastWay.
func (ws *Ways) RemoveAddress(ctx context.Context, accountID, address, here string) error {
	return ws.change(ctx, accountID, func(t *database.Tx, acc Account) error {
		list, err := selectAddresses(ctx, t, accountID)
		if err != nil {
			return fmt.Errorf("read addresses: %w", err)
		}
		k := slices.IndexFunc(list, func(d Address) bool { return d.Address == address })
		switch {
		case k < 0:
			return nil
		case len(list) == 1:
			return refusal.New(LastWay, "This is the only address of the account.")
		}
		return ws.removeAddress(ctx, t, acc, list, list[k], here)
	})
}

// removeAddress takes one address of several out of an account that is locked. here is the session that does so, which
// goes on.
func (ws *Ways) removeAddress(ctx context.Context, t *database.Tx, acc Account, all []Address, d Address, here string) error {
	if d.Primary {
		next := slices.IndexFunc(all, func(other Address) bool { return other.Address != d.Address })
		if _, err := ws.makePrimary(ctx, t, acc.ID, all[next].Address); err != nil {
			return err
		}
	}
	if _, err := t.Exec(ctx, `
		DELETE FROM address
		WHERE address = ? AND account_id = ?`, d.stored(), acc.ID); err != nil {
		return fmt.Errorf("remove address: %w", err)
	}
	if _, err := t.Exec(ctx, `
		DELETE FROM device
		WHERE address = ?`, d.Address); err != nil {
		return fmt.Errorf("forget the browsers of an address: %w", err)
	}
	if err := endSessionsBy(ctx, t, acc.ID, d.ID(), here); err != nil {
		return fmt.Errorf("end the sessions of an address: %w", err)
	}
	now := ws.accounts.now()
	r := Removal{ID: newID("rem"), Address: d.Address, AccountID: acc.ID, Sandbox: d.Sandbox, Until: now.Add(putBackWithin), Nonce: rand.Text()}
	if _, err := t.Exec(ctx, `
		INSERT INTO address_removal (id, address, account_id, nonce, link, sandbox, removed_at, until)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, r.ID, d.stored(), acc.ID, r.Nonce, digest(ws.accounts.secrets.undo(r.Nonce)), database.Flag(d.Sandbox), now, r.Until); err != nil {
		return fmt.Errorf("write down what was removed: %w", err)
	}
	return ws.tell(ctx, t, acc, Change{Kind: AddressRemoved, What: d.Address, Removal: r.ID}, mailboxes(all))
}

// Removal is an address that was removed and may come back until a time.
type Removal struct {
	ID        string     `db:"id"`
	Address   string     `db:"address"`
	AccountID string     `db:"account_id"`
	Nonce     string     `db:"nonce"`
	Sandbox   bool       `db:"sandbox"`
	Until     time.Time  `db:"until"`
	Back      *time.Time `db:"back_at"`
}

const removalColumns = `id, address, account_id, nonce, sandbox, until, back_at`

// Removals lists the addresses that an account can still put back.
func (ws *Ways) Removals(ctx context.Context, accountID string) (list []Removal, err error) {
	err = ws.accounts.db.Reader().Select(ctx, &list, `
		SELECT `+removalColumns+`
		FROM address_removal r
		WHERE account_id = ? AND back_at IS NULL AND until > ?
			AND NOT EXISTS (SELECT 1 FROM address d WHERE d.address = r.address)
		ORDER BY removed_at DESC, id
		LIMIT 20`, accountID, ws.accounts.now())
	for k := range list {
		list[k].Address = unmarked(list[k].Address)
	}
	return list, err
}

// UndoLink is the token of the link that undoes a removal, for the letter about it; empty when it is too late.
func (ws *Ways) UndoLink(ctx context.Context, removal string) (link string, until time.Time, err error) {
	r, found, err := ws.selectRemoval(ctx, ws.accounts.db.Reader(), "id", removal)
	if err != nil || !found || r.Back != nil {
		return "", time.Time{}, err
	}
	return ws.accounts.secrets.undo(r.Nonce), r.Until, nil
}

// PeekRemoval reads the removal that a link in a letter undoes, and changes nothing.
func (ws *Ways) PeekRemoval(ctx context.Context, link string) (Removal, bool, error) {
	return ws.selectRemoval(ctx, ws.accounts.db.Reader(), "link", digest(link))
}

// selectRemoval finds one that is not too old by one of its two keys.
func (ws *Ways) selectRemoval(ctx context.Context, t *database.Tx, key, value string) (r Removal, found bool, err error) {
	found, err = t.Get(ctx, &r, `
		SELECT `+removalColumns+`
		FROM address_removal
		WHERE `+key+` = ? AND until > ?`, value, ws.accounts.now())
	r.Address = unmarked(r.Address)
	return r, found, err
}

// PutBackByLink undoes a removal by the link of its letter. Whoever reads the letter may not be who removed the
// address, so everybody is signed out of the account. Done already, it is done. It refuses as Unknown and AddressTaken.
func (ws *Ways) PutBackByLink(ctx context.Context, link string) error {
	r, found, err := ws.PeekRemoval(ctx, link)
	if err != nil {
		return err
	}
	if !found {
		return refusal.New(Unknown, "This link is not known, or too old.")
	}
	return ws.putBack(ctx, r, func(t *database.Tx) error {
		_, err := deleteSessionsOf(ctx, t, r.AccountID)
		return err
	})
}

// PutBack undoes a removal for the account that it was made in. It refuses as Unknown and AddressTaken.
func (ws *Ways) PutBack(ctx context.Context, accountID, removal string) error {
	r, found, err := ws.selectRemoval(ctx, ws.accounts.db.Reader(), "id", removal)
	if err != nil {
		return err
	}
	if !found || r.AccountID != accountID {
		return refusal.New(Unknown, "There is nothing to put back.")
	}
	return ws.putBack(ctx, r, func(*database.Tx) error { return nil })
}

func (ws *Ways) putBack(ctx context.Context, r Removal, also func(t *database.Tx) error) error {
	return ws.change(ctx, r.AccountID, func(t *database.Tx, acc Account) error {
		box := Mailbox{r.Address, r.Sandbox}
		if owner, found, err := selectAccountOf(ctx, t, box); err != nil || found {
			if err == nil && owner.ID != acc.ID {
				err = refusal.New(AddressTaken, "That address belongs to another account by now.")
			}
			return err
		}
		back, err := ws.comeBack(ctx, t, acc, r)
		if err != nil || back {
			return errors.Join(err, also(t))
		}
		return refusal.New(Unknown, "This link was used.") // it came back once, and was removed again since
	})
}

// comeBack puts an address back into its account, which is locked.
func (ws *Ways) comeBack(ctx context.Context, t *database.Tx, acc Account, r Removal) (bool, error) {
	n, err := t.Exec(ctx, `
		UPDATE address_removal
		SET back_at = ?
		WHERE id = ? AND back_at IS NULL`, ws.accounts.now(), r.ID)
	if err != nil || n == 0 {
		return false, err
	}
	stored, err := insertAddress(ctx, t, Mailbox{r.Address, r.Sandbox}, acc.ID, false, ws.accounts.now())
	if err != nil {
		return false, fmt.Errorf("put an address back: %w", err)
	}
	if !stored {
		return false, refusal.New(AddressTaken, "That address has just been confirmed for another account.")
	}
	all, err := selectAddresses(ctx, t, acc.ID)
	if err != nil {
		return false, fmt.Errorf("read addresses: %w", err)
	}
	return true, ws.tell(ctx, t, acc, Change{Kind: AddressBack, What: r.Address}, mailboxes(all))
}

// returning puts an address back that somebody has just proved, instead of making a new account for it: the letter
// about its removal, which they read too, would do the same.
func (ws *Ways) returning(ctx context.Context, t *database.Tx, m Mailbox) (acc Account, found bool, err error) {
	var r Removal
	found, err = t.Get(ctx, &r, `
		SELECT `+removalColumns+`
		FROM address_removal
		WHERE address = ? AND back_at IS NULL AND until > ?
		ORDER BY removed_at DESC, id
		LIMIT 1`, spelling(m), ws.accounts.now())
	if err != nil || !found {
		return acc, false, err
	}
	r.Address = unmarked(r.Address)
	if err := lockAccount(ctx, t, r.AccountID); err != nil {
		return acc, false, err
	}
	if acc, found, err = selectAccount(ctx, t, r.AccountID); err != nil || !found {
		return acc, false, err
	}
	found, err = ws.comeBack(ctx, t, acc, r)
	return acc, found, err
}
