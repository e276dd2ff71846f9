package leaving

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/jobs"
)

// jobErase does what a request says.
const jobErase = "leaving.erase"

type erasePayload struct {
	Request string `json:"request"`
}

// erase withdraws badges where that was chosen, one after another, and then erases everything in one transaction, with
// the request. Killed in between it is done again from where it stood.
func (rs *Requests) erase(ctx context.Context, j jobs.Job) error {
	var payload erasePayload
	if err := j.Decode(&payload); err != nil {
		return err
	}
	for range withdrawals {
		var r Request
		found, err := rs.db.Reader().Get(ctx, &r, `
			SELECT `+requestColumns+`
			FROM leaving_request
			WHERE id = ?`, payload.Request)
		if err != nil || !found { // it was done
			return err
		}
		if r.Choice == Erase {
			p, err := rs.person(ctx, rs.db.Reader(), r)
			if err != nil {
				return err
			}
			if err := rs.Register.Withdraw(ctx, p); err != nil {
				return fmt.Errorf("withdraw the badges of somebody who leaves: %w", err)
			}
		}
		err = rs.db.InTx(ctx, func(t *database.Tx) error { return rs.eraseAll(ctx, t, r) })
		if !errors.Is(err, errMoreBadges) {
			return err
		}
	}
	return errMoreBadges
}

// withdrawals bounds how often new badges may come while others are withdrawn.
const withdrawals = 5

var errMoreBadges = errors.New("new badges came while those of somebody who leaves were withdrawn")

// person is whom a request is about, with all addresses that they have by now.
func (rs *Requests) person(ctx context.Context, t *database.Tx, r Request) (Person, error) {
	p := Person{Account: r.Account, Sandbox: r.Sandbox}
	if r.Account == "" {
		p.Addresses = []string{r.Address}
		return p, nil
	}
	var err error
	p.Addresses, err = rs.Accounts.Confirmed(ctx, t, r.Account)
	return p, err
}

// eraseAll is the one transaction. Whoever has made an account for the address of a request without one wants it: then
// nothing is erased.
func (rs *Requests) eraseAll(ctx context.Context, t *database.Tx, r Request) error {
	n, err := t.Exec(ctx, `
		DELETE FROM leaving_request
		WHERE id = ?`, r.ID)
	if err != nil || n == 0 { // by another process
		return err
	}
	if r.Account != "" {
		if _, err := t.Exec(ctx, `
			UPDATE account
			SET name = name
			WHERE id = ?`, r.Account); err != nil {
			return fmt.Errorf("lock account: %w", err)
		}
	} else if taken, err := accountAt(ctx, t, r); err != nil || taken {
		return err
	}
	p, err := rs.person(ctx, t, r)
	if err != nil {
		return err
	}
	if err := rs.Letters.Erase(ctx, t, p); err != nil {
		return fmt.Errorf("erase letters: %w", err)
	}
	left, err := rs.Register.Erase(ctx, t, p, r.Choice == Erase)
	switch {
	case err != nil:
		return fmt.Errorf("erase contact data: %w", err)
	case left > 0:
		return errMoreBadges
	}
	if err := rs.closeHandles(ctx, t, r.Account); err != nil {
		return fmt.Errorf("close handles: %w", err)
	}
	if err := eraseTables(ctx, t, p); err != nil {
		return err
	}
	return rs.Letters.Leaving(ctx, t, Letter{Kind: LetterDone, Person: p, Choice: r.Choice, Lang: r.Language})
}

// accountAt reports whether somebody has an account for the address of a request.
func accountAt(ctx context.Context, t *database.Tx, r Request) (bool, error) {
	var one int
	return t.Get(ctx, &one, `
		SELECT 1
		FROM address
		WHERE address = ?`, stored(r.Address, r.Sandbox))
}

// stored is how an address is spelt in its row, where one that was confirmed in a sandbox is another one.
func stored(address string, sandbox bool) string {
	if sandbox {
		return "sandbox " + address
	}
	return address
}

// closeHandles keeps the handles of an account from everybody, and what they were from us.
func (rs *Requests) closeHandles(ctx context.Context, t *database.Tx, account string) error {
	var handles []string
	if err := t.Select(ctx, &handles, `
		SELECT handle
		FROM handle
		WHERE account_id = ?`, account); err != nil {
		return err
	}
	for _, handle := range handles {
		sum := sha256.Sum256([]byte(handle))
		if _, err := t.Exec(ctx, `
			INSERT INTO handle_gone (digest, gone_at)
			VALUES (?, ?)
			ON CONFLICT DO NOTHING`, hex.EncodeToString(sum[:]), rs.now()); err != nil {
			return err
		}
	}
	return nil
}

// By what rows of a table are a person's.
type by int

const (
	byAccount   by = iota // its id
	byAddress             // as people write it
	byStored              // as it is spelt in the table address
	byExport              // the id of an export of the account
	byCode                // the id of a share code of the account
	notOurs               // another room erases it, as Held says
	staysBehind           // it tells nothing of anybody, as Held says
)

// Trace is a column that leads to a person, and what becomes of its rows when the person leaves.
type Trace struct {
	Table, Column string
	by            by
	Held          string // who erases it, or why it stays
}

// Traces is every column that has an account, an address, a handle or a holder in it, in the order in which rows are
// deleted. A test reads the schema and fails when a column of that kind is not named here.
var Traces = []Trace{
	{"session", "account_id", byAccount, ""},
	{"confirmation", "account_id", byAccount, ""},
	{"confirmation", "address", byAddress, ""},
	{"device", "address", byAddress, ""},
	{"identity_waiting", "account_id", byAccount, ""},
	{"identity_waiting", "address", byAddress, ""},
	{"identity", "account_id", byAccount, ""},
	{"passkey", "account_id", byAccount, ""},
	{"address_removal", "account_id", byAccount, ""},
	{"address_removal", "address", byStored, ""},
	{"account_change", "account_id", byAccount, ""},
	{"account_hint", "account_id", byAccount, ""},
	{"auto_accept", "account_id", byAccount, ""},
	{"profile", "account_id", byAccount, ""},
	{"handle", "account_id", byAccount, ""},
	{"connection", "account_id", byAccount, ""},
	{"connection_entry", "account_id", byAccount, ""},
	{"connection_attempt", "account_id", byAccount, ""},
	{"connection_attempt", "email", byAddress, ""},
	{"merge_request", "account_id", byAccount, ""},
	{"merge_request", "other", byAccount, ""},
	{"share_code_day", "code_id", byCode, ""},
	{"share_code", "account_id", byAccount, ""},
	{"wallet_offer", "holder", byAccount, ""},
	{"leaving_export_part", "export_id", byExport, ""},
	{"leaving_export", "account_id", byAccount, ""},
	{"leaving_request", "account_id", byAccount, ""},
	{"leaving_request", "address", byAddress, ""},
	{"address", "account_id", byAccount, ""},
	{"address", "address", byStored, ""},

	{"profile", "handle", staysBehind, "the row goes with its account"},
	{"connection", "email", staysBehind, "the row goes with its account"},
	{"connection", "owner_email", staysBehind, "the row goes with its account"},
	{"identity", "address", staysBehind, "the row goes with its account"},
	{"handle", "handle", staysBehind, "the row goes with its account; handle_gone keeps its digest, so that an old link leads to nobody"},
	{"letter", "account_id", notOurs, "letter"},
	{"letter", "recipient", notOurs, "letter; the final notice is forgotten a week later"},
	{"candidate", "email", notOurs, "issuer"},
	{"result", "candidate_email", notOurs, "issuer"},
	{"claim", "email", notOurs, "issuer"},
	{"training", "email", notOurs, "issuer"},
	{"award", "holder", notOurs, "issuer"},
	{"award", "owner_email", notOurs, "issuer"},
	{"mail_stop", "email", notOurs, "issuer"},
	{"renewal_stop", "email", notOurs, "issuer"},
	{"holder_choice", "holder", notOurs, "issuer"},
	{"credential", "recipient", staysBehind, "a salted hash, in files that were handed out as well"},
	{"credential", "holder_name", notOurs, "issuer, where badges were withdrawn; else the register has the name as well"},
}

// eraseTables deletes the rows of a person in the tables of this room and its parent, and then the account.
func eraseTables(ctx context.Context, t *database.Tx, p Person) error {
	spelt := make([]string, len(p.Addresses))
	for n, address := range p.Addresses {
		spelt[n] = stored(address, p.Sandbox)
	}
	for _, trace := range Traces {
		var where string
		var whose any
		switch trace.by {
		case byAccount:
			where, whose = ` = ?`, p.Account
		case byExport:
			where, whose = ` IN (SELECT id FROM leaving_export WHERE account_id = ?)`, p.Account
		case byCode:
			where, whose = ` IN (SELECT id FROM share_code WHERE account_id = ?)`, p.Account
		case byAddress:
			where, whose = ` IN (?)`, p.Addresses
		case byStored:
			where, whose = ` IN (?)`, spelt
		}
		if where == "" || whose == "" || len(spelt) == 0 && (trace.by == byAddress || trace.by == byStored) {
			continue
		}
		if _, err := t.Exec(ctx, `DELETE FROM `+trace.Table+` WHERE `+trace.Column+where, whose); err != nil {
			return fmt.Errorf("erase %s: %w", trace.Table, err)
		}
	}
	_, err := t.Exec(ctx, `
		DELETE FROM account
		WHERE id = ?`, p.Account)
	return err
}
