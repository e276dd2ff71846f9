// Package earner knows people: their accounts, the addresses that they have confirmed, the codes by
// which they confirm them, and their sessions. It owns no award and decides nothing about badges: the
// issuer's offers are found by the addresses given here. It sends no mail but hands the facts of a
// letter to Letters inside the transaction, and it knows no HTTP, no cookie and no page. Codes,
// link tokens and session tokens are never stored in clear and never logged.
package earner

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/email"
)

// Options are the parts and facts that Accounts is made of.
type Options struct {
	Secret  []byte // codes, link tokens and session tokens are derived from it; a new one ends the codes under way, no session
	Letters Letters
	Now     func() time.Time // nil: time.Now
}

// Letters takes letters in the transaction that makes them due; they go out after it. As all that is done in a
// transaction, this may be done again.
type Letters interface {
	// Code takes the letter with a code. What is kept of it is its Ref, since a letter that waits is stored.
	Code(ctx context.Context, t *database.Tx, l CodeLetter) error
	// Added takes the notices that an address has joined an account.
	Added(ctx context.Context, t *database.Tx, a Added) error
	// Changed takes the notices of any other change of the ways into an account.
	Changed(ctx context.Context, t *database.Tx, c Change) error
}

// Accounts keeps people. It is safe for concurrent use, also by several processes on one database.
type Accounts struct {
	*Choices
	*Profiles
	db      *database.DB
	secrets secrets
	letters Letters
	clock   func() time.Time

	Ways       *Ways       // addresses, and what was changed of all ways in
	Identities *Identities // accounts elsewhere
	Passkeys   *Passkeys
}

// New returns the accounts of a migrated database. It panics without a secret, which would make every
// code predictable.
func New(db *database.DB, o Options) *Accounts {
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &Accounts{Choices: &Choices{db, o.Now}, Profiles: &Profiles{db, o.Now}, db: db, secrets: newSecrets(o.Secret), letters: o.Letters, clock: o.Now}
	a.Ways, a.Identities, a.Passkeys = &Ways{a}, &Identities{a}, &Passkeys{a}
	return a
}

func (a *Accounts) now() time.Time { return a.clock().UTC().Truncate(time.Second) }

// Account is a person who has confirmed an address. Name and Language are what pages show and use,
// either may be empty; the name on a credential is not theirs to set and lives with the issuer.
type Account struct {
	ID       string    `db:"id"`
	Name     string    `db:"name"`
	Language string    `db:"language"`
	Created  time.Time `db:"created_at"`
}

// Account finds an account by its id.
func (a *Accounts) Account(ctx context.Context, id string) (Account, bool, error) {
	return selectAccount(ctx, a.db.Reader(), id)
}

// AccountOf finds the account that has confirmed the address, in any spelling, by a letter that left this machine.
func (a *Accounts) AccountOf(ctx context.Context, address string) (Account, bool, error) {
	return a.accountOf(ctx, address, false)
}

func (a *Accounts) accountOf(ctx context.Context, address string, sandbox bool) (Account, bool, error) {
	canonical, ok := email.Canonical(address)
	if !ok {
		return Account{}, false, nil
	}
	return selectAccountOf(ctx, a.db.Reader(), Mailbox{canonical, sandbox})
}

// Known reports whether some account has confirmed the address, live or in a sandbox. What a page says must not depend
// on it.
func (a *Accounts) Known(ctx context.Context, address string) (live, sandbox bool, err error) {
	if _, live, err = a.accountOf(ctx, address, false); err == nil {
		_, sandbox, err = a.accountOf(ctx, address, true)
	}
	return live, sandbox, err
}

// Addresses lists the confirmed addresses of an account, the primary one first.
func (a *Accounts) Addresses(ctx context.Context, accountID string) ([]Address, error) {
	return selectAddresses(ctx, a.db.Reader(), accountID)
}

// Confirmed are the addresses of an account as a transaction sees them, the primary one first.
func (a *Accounts) Confirmed(ctx context.Context, t *database.Tx, accountID string) (list []string, err error) {
	addresses, err := selectAddresses(ctx, t, accountID)
	for _, address := range addresses {
		list = append(list, address.Address)
	}
	return list, err
}

// Forget deletes confirmations, sessions and removals that have ended, and browsers that were not seen for long. Nothing depends on it but
// the size of the database.
func (a *Accounts) Forget(ctx context.Context) error {
	return a.db.InTx(ctx, func(t *database.Tx) error {
		if err := deleteConfirmations(ctx, t, a.now().Add(-keepConfirmation)); err != nil {
			return err
		}
		if err := deleteDevices(ctx, t, a.now().Add(-deviceLife)); err != nil {
			return err
		}
		if err := errors.Join(deleteRemovals(ctx, t, a.now()), deleteWaiting(ctx, t, a.now())); err != nil {
			return err
		}
		return deleteSessionsEnded(ctx, t, a.now())
	})
}

func deleteDevices(ctx context.Context, t *database.Tx, before time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM device
		WHERE proved_at < ?`, before)
	return err
}

func deleteRemovals(ctx context.Context, t *database.Tx, now time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM address_removal
		WHERE until <= ?`, now)
	return err
}

func deleteWaiting(ctx context.Context, t *database.Tx, now time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM identity_waiting
		WHERE expires_at <= ?`, now)
	return err
}

func deleteConfirmations(ctx context.Context, t *database.Tx, before time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM confirmation
		WHERE expires_at < ?`, before)
	return err
}

func deleteSessionsEnded(ctx context.Context, t *database.Tx, now time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM session
		WHERE expires_at <= ?`, now)
	return err
}

func newID(noun string) string { return noun + "_" + strings.ToLower(rand.Text()[:20]) }
