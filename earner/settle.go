package earner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

// Characters kept of the hints for a new account.
const maxName, maxLanguage = 200, 35

// settle ends the confirmation, whose row this transaction has locked.
func (a *Accounts) settle(ctx context.Context, t *database.Tx, w Answer, row confirmationRow) (Outcome, *refusal.Error, error) {
	now := a.now()
	outcome := Outcome{Address: row.Address, Purpose: row.Purpose, Return: row.ReturnTo}
	var refused *refusal.Error
	var err error
	if row.AccountID != "" {
		refused, err = a.join(ctx, t, w, row, &outcome)
	} else {
		err = a.enter(ctx, t, w, row, &outcome)
	}
	if err != nil || refused != nil {
		return Outcome{}, refused, err
	}
	if err := updateProved(ctx, t, row.mailbox(), now); err != nil {
		return Outcome{}, nil, fmt.Errorf("write down that an address was proved: %w", err)
	}
	if err := insertDevice(ctx, t, row.Browser, row.mailbox(), now); err != nil {
		return Outcome{}, nil, fmt.Errorf("remember the browser that proved an address: %w", err)
	}
	finished, err := finishConfirmation(ctx, t, row.ID, row.Nonce, now)
	if err == nil && !finished {
		err = fmt.Errorf("confirmation %s changed under its lock", row.ID)
	}
	return outcome, nil, err
}

// enter signs in to the account of the address, making it if there is none.
func (a *Accounts) enter(ctx context.Context, t *database.Tx, w Answer, row confirmationRow, outcome *Outcome) (err error) {
	now := a.now()
	if outcome.Account, outcome.Created, err = findOrCreate(ctx, t, row.mailbox(), w, now); err != nil {
		return err
	}
	if name := cleanText(w.Name, maxName); name != "" && outcome.Account.Name == "" {
		named, err := nameAccount(ctx, t, outcome.Account.ID, name)
		if err != nil {
			return fmt.Errorf("name account: %w", err)
		}
		if named {
			outcome.Account.Name = name
		}
	}
	s := newSession(outcome.Account, now, now)
	outcome.Token, outcome.Expires = a.secrets.session(row.Nonce, w.Browser), now.Add(sessionLife)
	if err := insertSession(ctx, t, digest(outcome.Token), outcome.Account.ID, s); err != nil {
		return fmt.Errorf("store session: %w", err)
	}
	return nil
}

func findOrCreate(ctx context.Context, t *database.Tx, m Mailbox, w Answer, now time.Time) (acc Account, created bool, err error) {
	acc, found, err := selectAccountOf(ctx, t, m)
	if err != nil || found {
		return acc, false, err
	}
	acc = Account{ID: newID("ern"), Name: cleanText(w.Name, maxName), Language: cleanText(w.Language, maxLanguage), Created: now}
	if err := insertAccount(ctx, t, acc); err != nil {
		return acc, false, fmt.Errorf("store account: %w", err)
	}
	stored, err := insertAddress(ctx, t, m, acc.ID, true, now)
	if err != nil || stored {
		return acc, stored, err
	}
	// The address was confirmed in another browser at the same moment: that account is theirs.
	if err := deleteAccount(ctx, t, acc.ID); err != nil {
		return acc, false, fmt.Errorf("delete account: %w", err)
	}
	acc, found, err = selectAccountOf(ctx, t, m)
	if err == nil && !found {
		err = errors.New("the account of an address vanished")
	}
	return acc, false, err
}

// join adds the address to the account for which the code was asked.
func (a *Accounts) join(ctx context.Context, t *database.Tx, w Answer, row confirmationRow, outcome *Outcome) (*refusal.Error, error) {
	if w.Account != row.AccountID {
		return refusal.New(SignedOut, "Please sign in again to the account that this address shall belong to."), nil
	}
	acc, found, err := selectAccount(ctx, t, row.AccountID)
	if err != nil || !found {
		return refusal.New(SignedOut, "This account is there no longer."), err
	}
	before, err := selectAddresses(ctx, t, acc.ID)
	if err != nil {
		return nil, fmt.Errorf("read addresses: %w", err)
	}
	if slices.ContainsFunc(before, func(b Address) bool { return b.Sandbox != row.Sandbox }) {
		return refusal.New(AddressTaken, "What is confirmed in a sandbox joins no live account, nor the other way round."), nil
	}
	outcome.Account = acc
	if outcome.Added, err = insertAddress(ctx, t, row.mailbox(), acc.ID, len(before) == 0, a.now()); err != nil {
		return nil, fmt.Errorf("store address: %w", err)
	}
	if !outcome.Added {
		owner, _, err := selectAccountOf(ctx, t, row.mailbox())
		if err == nil && owner.ID != acc.ID {
			return refusal.New(AddressTaken, "That address belongs to another account."), nil
		}
		return nil, err
	}
	to := make([]Mailbox, len(before))
	for i, b := range before {
		to[i] = Mailbox{b.Address, b.Sandbox}
	}
	return nil, a.letters.Added(ctx, t, Added{To: to, Address: row.Address, Lang: acc.Language})
}

// cleanText is a hint without control characters, cut to a number of characters.
func cleanText(text string, most int) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if runes := []rune(text); len(runes) > most {
		text = strings.TrimSpace(string(runes[:most]))
	}
	return text
}
