package earner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

// Identity is somebody's account elsewhere by which they sign in here.
type Identity struct {
	ID        string    `db:"id"`
	AccountID string    `db:"account_id"`
	Issuer    string    `db:"issuer"`
	Subject   string    `db:"subject"`
	Provider  string    `db:"provider"` // its name
	Kind      string    `db:"kind"`     // PersonalKind or WorkKind
	Address   string    `db:"address"`  // that the provider vouched for last and is believed about; empty: none
	Shown     string    `db:"shown"`    // how the provider called the person last: for their own eyes, and nothing hangs on it
	Created   time.Time `db:"created_at"`
	Used      time.Time `db:"used_at"`
}

// Identities keeps the accounts elsewhere by which people sign in.
type Identities struct{ accounts *Accounts }

// The kinds of identities. An account has one personal one at most.
const (
	PersonalKind = "personal"
	WorkKind     = "work"
)

// The codes of refusals about identities.
const (
	IdentityTaken = "identity_taken" // it belongs to another account; whose is never told
	OnePersonal   = "one_personal"   // the account has a personal one already
)

// Kinds of changes, beside those of addresses.
const (
	IdentityAdded   = "identity_added"
	IdentityRemoved = "identity_removed"
)

// Elsewhere is who somebody is at a provider, which has just said so.
type Elsewhere struct {
	Issuer   string
	Subject  string
	Provider string
	Kind     string
	Shown    string
	Address  string // that the provider vouches for, if it is believed about it; empty: none
	FullName string
}

const (
	identityColumns = `id, account_id, issuer, subject, provider, kind, shown, address, created_at, used_at`
	maxShown        = 254
)

// List are those of an account, the oldest first.
func (is *Identities) List(ctx context.Context, accountID string) ([]Identity, error) {
	return selectIdentities(ctx, is.accounts.db.Reader(), accountID)
}

func selectIdentities(ctx context.Context, t *database.Tx, account string) (list []Identity, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+identityColumns+`
		FROM identity
		WHERE account_id = ?
		ORDER BY created_at, id
		LIMIT 100`, account)
	return list, err
}

// SignIn signs in to the account that has the identity. It is false where no account has: an address that is
// the same is no reason to let somebody in.
func (is *Identities) SignIn(ctx context.Context, e Elsewhere, w Answer) (out Outcome, found bool, err error) {
	err = is.accounts.db.InTx(ctx, func(t *database.Tx) error {
		var i Identity
		found, err = t.Get(ctx, &i, `
			UPDATE identity
			SET used_at = ?, shown = ?, provider = ?, address = ?
			WHERE issuer = ? AND subject = ?
			RETURNING `+identityColumns, is.accounts.now(), cleanText(e.Shown, maxShown), e.Provider, e.Address, e.Issuer, e.Subject)
		if err != nil || !found {
			return err
		}
		acc, _, err := selectAccount(ctx, t, i.AccountID)
		if err != nil {
			return fmt.Errorf("read the account of an identity: %w", err)
		}
		out, err = is.accounts.startSession(ctx, t, acc, e.Provider, i.ID, w)
		return err
	})
	return out, found, err
}

// Owner is the account that has an identity.
func (is *Identities) Owner(ctx context.Context, e Elsewhere) (accountID string, found bool, err error) {
	found, err = is.accounts.db.Reader().Get(ctx, &accountID, `
		SELECT account_id
		FROM identity
		WHERE issuer = ? AND subject = ?`, e.Issuer, e.Subject)
	return accountID, found, err
}

// Create makes an account for somebody whose address the provider vouches for, and signs them in. It refuses as
// AddressTaken where an account has the address, and as IdentityTaken.
func (is *Identities) Create(ctx context.Context, e Elsewhere, w Answer) (out Outcome, err error) {
	now := is.accounts.now()
	err = is.accounts.db.InTx(ctx, func(t *database.Tx) error {
		acc := Account{ID: newID("ern"), Name: cleanText(e.FullName, maxName), Language: cleanText(w.Language, maxLanguage), Created: now}
		if err := insertAccount(ctx, t, acc); err != nil {
			return fmt.Errorf("store account: %w", err)
		}
		stored, err := insertAddress(ctx, t, Mailbox{Address: e.Address}, acc.ID, true, now)
		if err != nil {
			return fmt.Errorf("store address: %w", err)
		}
		if !stored {
			return refusal.New(AddressTaken, "That address belongs to an account.")
		}
		i, err := is.insertIdentity(ctx, t, acc.ID, e)
		if err != nil {
			return err
		}
		out, err = is.accounts.startSession(ctx, t, acc, e.Provider, i.ID, w)
		out.Created = true
		return err
	})
	return out, err
}

// insertIdentity stores one. It refuses as IdentityTaken and OnePersonal, by the indexes that hold both.
func (is *Identities) insertIdentity(ctx context.Context, t *database.Tx, account string, e Elsewhere) (Identity, error) {
	now := is.accounts.now()
	i := Identity{
		ID: newID("idn"), AccountID: account, Issuer: e.Issuer, Subject: e.Subject, Provider: e.Provider, Kind: e.Kind,
		Shown: cleanText(e.Shown, maxShown), Address: e.Address, Created: now, Used: now,
	}
	n, err := t.Exec(ctx, `
		INSERT INTO identity (`+identityColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, i.ID, i.AccountID, i.Issuer, i.Subject, i.Provider, i.Kind, i.Shown, i.Address, i.Created, i.Used)
	if err != nil {
		return Identity{}, fmt.Errorf("store identity: %w", err)
	}
	if n == 1 {
		return i, nil
	}
	var owner string
	taken, err := t.Get(ctx, &owner, `
		SELECT account_id
		FROM identity
		WHERE issuer = ? AND subject = ?`, e.Issuer, e.Subject)
	if err != nil {
		return Identity{}, fmt.Errorf("read whose an identity is: %w", err)
	}
	if taken {
		return Identity{}, refusal.New(IdentityTaken, "That account belongs to somebody here already.")
	}
	return Identity{}, refusal.New(OnePersonal, "This account has a personal account elsewhere already.")
}

// Waiting is somebody who has come back from a provider to this browser, and is to say what becomes of it.
type Waiting struct {
	Elsewhere
	Account  string // that wanted it; empty: nobody was signed in
	Replaces string // the identity whose place it is to take; empty: none
	Return   string // path on this site to go on to
}

// waitingLife is how long it waits; long enough to sign in by a code meanwhile.
const waitingLife = time.Hour

type waitingRow struct {
	Issuer   string    `db:"issuer"`
	Subject  string    `db:"subject"`
	Provider string    `db:"provider"`
	Kind     string    `db:"kind"`
	Shown    string    `db:"shown"`
	Address  string    `db:"address"`
	Account  string    `db:"account_id"`
	Replaces string    `db:"replaces"`
	Return   string    `db:"return_to"`
	Expires  time.Time `db:"expires_at"`
}

const waitingColumns = `issuer, subject, provider, kind, shown, address, account_id, replaces, return_to, expires_at`

func (r waitingRow) waiting() Waiting {
	return Waiting{
		Elsewhere: Elsewhere{Issuer: r.Issuer, Subject: r.Subject, Provider: r.Provider, Kind: r.Kind, Shown: r.Shown, Address: r.Address},
		Account:   r.Account, Replaces: r.Replaces, Return: r.Return,
	}
}

// Wait keeps an identity for the browser to which somebody came back with it, in the place of one that waits there.
func (is *Identities) Wait(ctx context.Context, browser string, w Waiting) error {
	if browser == "" || !localPath(w.Return) {
		return invalid("return", "The page to return to is not one of ours.")
	}
	return is.accounts.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			INSERT INTO identity_waiting (browser, `+waitingColumns+`)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (browser) DO UPDATE SET
				issuer = excluded.issuer, subject = excluded.subject, provider = excluded.provider, kind = excluded.kind, shown = excluded.shown,
				address = excluded.address, account_id = excluded.account_id, replaces = excluded.replaces, return_to = excluded.return_to,
				expires_at = excluded.expires_at`,
			digest(browser), w.Issuer, w.Subject, w.Provider, w.Kind, cleanText(w.Shown, maxShown), w.Address, w.Account, w.Replaces, w.Return,
			is.accounts.now().Add(waitingLife))
		return err
	})
}

// Waits is the identity that waits in a browser.
func (is *Identities) Waits(ctx context.Context, browser string) (w Waiting, found bool, err error) {
	var row waitingRow
	found, err = is.accounts.db.Reader().Get(ctx, &row, `
		SELECT `+waitingColumns+`
		FROM identity_waiting
		WHERE browser = ? AND expires_at > ?`, digest(browser), is.accounts.now())
	return row.waiting(), found, err
}

// Connect gives the identity that waits in a browser to the account that is signed in there, and tells all its
// addresses. With replaces it takes the place of that identity, by which nobody signs in from then on: its sessions
// end, and one by the new identity begins. It refuses as Unknown, IdentityTaken and OnePersonal, and then it waits on.
func (is *Identities) Connect(ctx context.Context, w Answer, replaces string) (out Outcome, err error) {
	err = is.accounts.Ways.change(ctx, w.Account, func(t *database.Tx, acc Account) error {
		var row waitingRow
		found, err := t.Get(ctx, &row, `
			DELETE FROM identity_waiting
			WHERE browser = ? AND expires_at > ?
			RETURNING `+waitingColumns, digest(w.Browser), is.accounts.now())
		if err != nil {
			return fmt.Errorf("take the identity that waits: %w", err)
		}
		if !found || row.Account != "" && row.Account != acc.ID {
			return refusal.New(Unknown, "Nothing waits to be connected in this browser.")
		}
		all, err := selectAddresses(ctx, t, acc.ID)
		if err != nil {
			return fmt.Errorf("read addresses: %w", err)
		}
		old, removes, err := is.identity(ctx, t, acc.ID, replaces)
		if err != nil {
			return err
		}
		if removes && old.Issuer == row.Issuer && old.Subject == row.Subject {
			return nil // by itself
		}
		if removes {
			if err := is.deleteIdentity(ctx, t, old, ""); err != nil {
				return err
			}
		}
		i, err := is.insertIdentity(ctx, t, acc.ID, row.waiting().Elsewhere)
		if err != nil {
			return err
		}
		err = is.accounts.Ways.tell(ctx, t, acc, Change{Kind: IdentityAdded, What: i.Shown}, mailboxes(all))
		if err != nil || !removes {
			return err
		}
		if err = is.accounts.Ways.tell(ctx, t, acc, Change{Kind: IdentityRemoved, What: old.Shown}, mailboxes(all)); err != nil {
			return err
		}
		out, err = is.accounts.startSession(ctx, t, acc, i.Provider, i.ID, w)
		return err
	})
	return out, err
}

// identity finds one of an account.
func (is *Identities) identity(ctx context.Context, t *database.Tx, account, id string) (i Identity, found bool, err error) {
	found, err = t.Get(ctx, &i, `
		SELECT `+identityColumns+`
		FROM identity
		WHERE id = ? AND account_id = ?`, id, account)
	if err != nil {
		return i, false, fmt.Errorf("read identity: %w", err)
	}
	return i, found, nil
}

// deleteIdentity takes one away with the sessions that began by it, save one.
func (is *Identities) deleteIdentity(ctx context.Context, t *database.Tx, i Identity, here string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM identity
		WHERE id = ?`, i.ID)
	return errors.Join(err, endSessionsBy(ctx, t, i.AccountID, i.ID, here))
}

// Remove takes an identity away; nobody signs in by it from then on, sessions that began by it end but for the
// one with the id here, and all addresses hear of it. One that the account does not have is none to remove. It refuses
// as LastWay.
func (is *Identities) Remove(ctx context.Context, accountID, id, here string) error {
	return is.accounts.Ways.change(ctx, accountID, func(t *database.Tx, acc Account) error {
		i, found, err := is.identity(ctx, t, accountID, id)
		if err != nil || !found {
			return err
		}
		if err := is.deleteIdentity(ctx, t, i, here); err != nil {
			return err
		}
		if err := is.accounts.Ways.hasWayIn(ctx, t, accountID); err != nil {
			return err
		}
		all, err := selectAddresses(ctx, t, accountID)
		if err != nil {
			return fmt.Errorf("read addresses: %w", err)
		}
		return is.accounts.Ways.tell(ctx, t, acc, Change{Kind: IdentityRemoved, What: i.Shown}, mailboxes(all))
	})
}
