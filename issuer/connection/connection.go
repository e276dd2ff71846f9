// Package connection knows which certification profile is whose: an account has one at most, and a profile one account.
// A profile is the candidate to whom a ledger belongs, and the person of its facts; accounts are text here. It decides
// nothing about results and badges, knows no page and no mail, and partners never learn of it.
package connection

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// Connection is the certification profile of an account.
type Connection struct {
	Account   string    `db:"account_id"`
	Candidate string    `db:"candidate_id"` // to whom the ledger belongs
	Owner     string    `db:"owner_email"`  // as in awards: which of the candidate's people; empty: the one of its facts
	Email     string    `db:"email"`        // of that person when they were connected
	Since     time.Time `db:"connected_at"`
}

const columns = `account_id, candidate_id, owner_email, email, connected_at`

// Change is something that happened to a connection.
type Change struct {
	Account   string       `db:"account_id"`
	Candidate string       `db:"candidate_id"`
	Kind      string       `db:"change"`
	How       string       `db:"how"`
	Actor     ledger.Actor `db:"-"`
	At        time.Time    `db:"created_at"`
}

// What happens to connections.
const (
	Made  = "connected"
	Moved = "moved" // to the account, from another one
	Given = "given" // to another account
	Ended = "ended"
)

// How it comes about.
const (
	ByAccepting  = "accepted"   // a badge of the profile was accepted
	ByAddress    = "address"    // the account has confirmed the address of the profile
	ByCode       = "code"       // a code was read at that address
	BySigningIn  = "signed_in"  // somebody signed in to the account that has that address
	ByCorrection = "correction" // the address was never the person's
)

// Root is the candidate whose row is the lock of a candidate's ledger. Every connection is kept by it, so that merged
// candidates share one.
func Root(ctx context.Context, t *database.Tx, candidate string) (root string, err error) {
	found, err := t.Get(ctx, &root, `
		SELECT COALESCE(ledger, id)
		FROM candidate
		WHERE id = ?`, candidate)
	if err != nil {
		return "", fmt.Errorf("read to whom a ledger belongs: %w", err)
	}
	if !found {
		return candidate, nil
	}
	return root, nil
}

// Connected is the account that a candidate is connected to, named by its id or by the partner's own; empty: none.
func Connected(ctx context.Context, t *database.Tx, partner, candidate string) (account string, err error) {
	var id string
	found, err := t.Get(ctx, &id, `
		SELECT id
		FROM candidate
		WHERE partner_id = ? AND (id = ? OR number = ?)`, partner, candidate, candidate)
	if err != nil || !found {
		return "", err
	}
	if id, err = Root(ctx, t, id); err != nil {
		return "", err
	}
	_, err = t.Get(ctx, &account, `
		SELECT account_id
		FROM connection
		WHERE candidate_id = ? AND owner_email = ''`, id)
	return account, err
}

// Accepted connects the profile of an award to the account that has just accepted it, if both are free. Who has another
// profile keeps that one.
func Accepted(ctx context.Context, t *database.Tx, account string, a *ledger.Award, c ledger.Candidate, now time.Time) error {
	if a.OwnerEmail != "" && c.Root() != c.ID {
		return nil // somebody of whom nothing else is known in the joint ledger
	}
	_, err := insert(ctx, t, Connection{account, c.Root(), a.OwnerEmail, a.Address(&c), now}, Change{How: ByAccepting, Actor: person(c.Name)})
	return err
}

func person(name string) ledger.Actor { return ledger.Actor{Kind: ledger.ByPerson, Name: name} }

// insert stores a connection unless the account or the profile has one.
func insert(ctx context.Context, t *database.Tx, n Connection, why Change) (stored bool, err error) {
	rows, err := t.Exec(ctx, `
		INSERT INTO connection (`+columns+`)
		VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, n.Account, n.Candidate, n.Owner, n.Email, n.Since)
	if err != nil {
		return false, fmt.Errorf("store connection: %w", err)
	}
	if rows == 0 {
		return false, nil
	}
	why.Account, why.Candidate, why.Kind, why.At = n.Account, n.Candidate, Made, n.Since
	return true, note(ctx, t, why)
}

// note writes down what happened. The row of the connection, which was written before, keeps others from doing so at the
// same moment.
func note(ctx context.Context, t *database.Tx, c Change) error {
	_, err := t.Exec(ctx, `
		INSERT INTO connection_entry (account_id, number, candidate_id, change, how, actor_kind, actor_name, created_at)
		SELECT ?, COALESCE(MAX(number), 0) + 1, ?, ?, ?, ?, ?, ?
		FROM connection_entry
		WHERE account_id = ?`, c.Account, c.Candidate, c.Kind, c.How, string(c.Actor.Kind), c.Actor.Name, c.At, c.Account)
	if err != nil {
		return fmt.Errorf("write down what happened to a connection: %w", err)
	}
	return nil
}

// OfLedger are the connections of a ledger: one for each of the root's people at most.
func OfLedger(ctx context.Context, t *database.Tx, root string) (list []Connection, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+columns+`
		FROM connection
		WHERE candidate_id = ?
		ORDER BY owner_email`, root)
	return list, err
}

// Follow has the connections of a ledger whose facts have changed stay with their people: a partner may use an id again
// for somebody else, whom the account of the first must not meet.
func Follow(ctx context.Context, t *database.Tx, l *ledger.Ledger) error {
	list, err := OfLedger(ctx, t, l.Root().ID)
	if err != nil {
		return fmt.Errorf("read connections: %w", err)
	}
	for _, n := range list {
		owner := l.OwnerAt(l.Root(), n.Email)
		if owner == n.Owner {
			continue
		}
		_, err := t.Exec(ctx, `
			UPDATE connection
			SET owner_email = ?
			WHERE account_id = ?
				AND NOT EXISTS (SELECT 1 FROM connection o WHERE o.candidate_id = ? AND o.owner_email = ?)`, owner, n.Account, n.Candidate, owner)
		if err != nil {
			return fmt.Errorf("have a connection follow its person: %w", err)
		}
	}
	return nil
}

// End takes a profile from an account, which may connect another one then. One that is not connected to it is left.
func End(ctx context.Context, t *database.Tx, n Connection, how string, by ledger.Actor, now time.Time) error {
	rows, err := t.Exec(ctx, `
		DELETE FROM connection
		WHERE account_id = ? AND candidate_id = ?`, n.Account, n.Candidate)
	if err != nil || rows == 0 {
		return err
	}
	return note(ctx, t, Change{Account: n.Account, Candidate: n.Candidate, Kind: Ended, How: how, Actor: by, At: now})
}
