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

// The codes of refusals. The api has a page for each.
const (
	Invalid      = "validation_failed" // an address, a browser or a return address is missing or malformed
	WrongCode    = "wrong_code"        // TriesLeft; 0 where they are not counted
	Spent        = "code_spent"        // no try is left: only a new code helps
	TooOld       = "code_expired"      // more than 30 minutes have gone by
	Used         = "code_used"         // this code or link has done its job
	Throttled    = "too_many_requests" // too soon or too often; possible again at When
	AddressTaken = "address_taken"     // the address belongs to another account; whose is never told
	Unknown      = "not_found"         // no such confirmation in this browser, or no such link
	SignedOut    = "signed_out"        // an address was to be added, but that account is signed in here no longer
)

func invalid(field, detail string) *refusal.Error {
	return refusal.New(Invalid, detail, refusal.Field{Pointer: "/" + field, Code: "bad_value", Detail: detail})
}

func throttled(when time.Time) *refusal.Error {
	return &refusal.Error{Code: Throttled, When: when, Detail: "That was too often. Please wait a little."}
}

// repeatWithin is how long a second, equal answer is taken for a double click and gets the first one's
// result.
const repeatWithin = time.Minute

// Answer brings a code back.
type Answer struct {
	Browser      string // value of the set-up cookie: it must be the one that began
	Network      string // see Network
	Confirmation string // its id; "" for the newest of this browser
	Code         string // as typed
	Account      string // id of the account signed in here; AddAddress needs the one that began
	Session      string // id of the session in which it is given, if any
	Name         string // for a new account, or one without a name
	Language     string // for a new account
	Device       string // the browser, for the list of sessions
}

// Added is an address that joined an account, and who should hear of it.
type Added struct {
	Account string    // its id
	To      []Mailbox // where the account got mail before
	Address string
	Lang    string // of the account
}

// Outcome is a confirmed address and the account that has it.
type Outcome struct {
	Account Account
	Address string
	Purpose Purpose
	Return  string
	Token   string    // of the new session, for a cookie; "" after AddAddress, where the session stays as it is
	Expires time.Time // end of the new session however often it is used, and so of its cookie
	Created bool      // the account is new
	Added   bool      // the address is new to an account that was there
}

// Finish confirms an address by the code from its letter, in the browser that asked for it. It signs in
// to the account that has the address and creates one if there is none; for AddAddress the address
// joins the signed-in account instead. Each call with six digits uses one of the 5 tries, if there are any
// for this confirmation. Refusals: WrongCode, Spent, TooOld, Used, Unknown, Throttled, AddressTaken, SignedOut.
// Repeating a successful call within a minute gives the same session again.
func (a *Accounts) Finish(ctx context.Context, w Answer) (Outcome, error) {
	row, found, err := selectConfirmation(ctx, a.db.Reader(), digest(w.Browser), w.Confirmation)
	if err != nil {
		return Outcome{}, fmt.Errorf("read confirmation: %w", err)
	}
	if !found {
		return Outcome{}, refusal.New(Unknown, "This browser has asked for no code.")
	}
	if row.Shared {
		code := typedLongCode(w.Code)
		return a.finishShared(ctx, w, row, func(letter confirmationRow) bool {
			return equal(code, compact(a.secrets.longCode(letter.Nonce)))
		})
	}
	code, ok := typedCode(w.Code)
	if !ok {
		if ended := row.ended(a.now()); ended != nil {
			return Outcome{}, ended
		}
		return Outcome{}, wrongCode(row.Tries)
	}
	// The first try of a code is always looked at: else a stranger in the owner's network could use up the owner's.
	if row.Tries > 0 && row.ended(a.now()) == nil {
		if err := a.countNetwork(ctx, "tried", w.Network, networkTries); err != nil {
			return Outcome{}, err
		}
	}
	return a.finish(ctx, w, row, takeTry, func(row confirmationRow) bool {
		return equal(code, a.secrets.code(row.Nonce))
	})
}

// takeTry uses one try of a confirmation that is still open.
func takeTry(ctx context.Context, t *database.Tx, id string, now time.Time) (taken bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE confirmation
		SET tries = tries + 1
		WHERE id = ? AND tries < ? AND finished_at IS NULL AND expires_at > ?`, id, codeTries, now)
	return n == 1, err
}

// typedLongCode is a long code in any case and grouping, as it stands in the letter.
func typedLongCode(typed string) string {
	return strings.NewReplacer("I", "1", "L", "1", "O", "0").Replace(strings.ToUpper(compact(typed)))
}

// typedCode is a code as people type and paste it, without spaces and hyphens; ok is false if six
// digits do not remain.
func typedCode(typed string) (code string, ok bool) {
	code = compact(typed)
	return code, len(code) == 6 && strings.Trim(code, "0123456789") == ""
}

// FinishByLink is Finish by the letter's link instead of its code, for a POST from the browser that
// asked. From any other browser the link is Unknown; it then stays as good as it was. A link cannot be
// guessed, so it takes no try and is good after all tries as well.
func (a *Accounts) FinishByLink(ctx context.Context, link string, w Answer) (Outcome, error) {
	letter, row, found, err := a.byLink(ctx, link, w.Browser)
	if err != nil {
		return Outcome{}, err
	}
	if !found {
		return Outcome{}, refusal.New(Unknown, "This link is not known in this browser.")
	}
	right := func(letter confirmationRow) bool { return equal(link, a.secrets.link(letter.Nonce)) }
	if letter.isSharedLetter() {
		return a.finishShared(ctx, w, row, right)
	}
	return a.finish(ctx, w, row, holdConfirmation, right)
}

// finish locks the confirmation, by taking a try where the answer could be guessed, and only then looks whether it
// is right.
func (a *Accounts) finish(ctx context.Context, w Answer, row confirmationRow, lock func(context.Context, *database.Tx, string, time.Time) (bool, error), right func(confirmationRow) bool) (Outcome, error) {
	var outcome Outcome
	var refused *refusal.Error // a refusal is committed, with the try that it cost
	err := a.db.InTx(ctx, func(t *database.Tx) error {
		now := a.now()
		outcome, refused = Outcome{}, nil
		open, err := lock(ctx, t, row.ID, now)
		if err != nil {
			return fmt.Errorf("lock a confirmation: %w", err)
		}
		locked, found, err := selectConfirmation(ctx, t, row.Browser, row.ID)
		isRight := right(locked) && !locked.Mute
		switch {
		case err != nil:
			return fmt.Errorf("read confirmation again: %w", err)
		case !found:
			refused = refusal.New(Unknown, "This browser has asked for no code.")
		case !open:
			outcome, refused, err = a.again(ctx, t, w, locked, isRight)
		case !isRight:
			refused = wrongCode(locked.Tries)
		default:
			outcome, refused, err = a.settle(ctx, t, w, locked)
		}
		return err
	})
	if err != nil {
		return Outcome{}, err
	}
	if refused != nil {
		return Outcome{}, refused
	}
	return outcome, nil
}

func wrongCode(tries int64) *refusal.Error {
	if tries >= codeTries {
		return refusal.New(Spent, "That code doesn't match, and there are no tries left.")
	}
	return &refusal.Error{Code: WrongCode, TriesLeft: int(codeTries - tries), Detail: "That code doesn't match."}
}

// again answers for a confirmation that has ended: the outcome once more if this is a repeat of what
// ended it, else the reason.
func (a *Accounts) again(ctx context.Context, t *database.Tx, w Answer, row confirmationRow, right bool) (Outcome, *refusal.Error, error) {
	ended := row.ended(a.now())
	if ended == nil { // a newer code has just replaced the one that had ended
		return Outcome{}, wrongCode(row.Tries), nil
	}
	if !right || row.FinishedAt == nil || a.now().After(row.FinishedAt.Add(repeatWithin)) {
		return Outcome{}, ended, nil
	}
	outcome := Outcome{Address: row.Address, Purpose: row.Purpose, Return: row.ReturnTo}
	if row.AccountID != "" {
		acc, found, err := selectAccountOf(ctx, t, row.mailbox())
		if err != nil || !found || acc.ID != row.AccountID || w.Account != row.AccountID {
			return Outcome{}, ended, err
		}
		outcome.Account = acc
		return outcome, nil, nil
	}
	token := a.secrets.session(row.Nonce, w.Browser)
	s, found, err := selectSession(ctx, t, digest(token), a.now())
	if err != nil || !found { // signed out since
		return Outcome{}, ended, err
	}
	outcome.Account, outcome.Token, outcome.Expires = s.Account, token, s.Created.Add(sessionLife)
	return outcome, nil, nil
}

// Characters kept of the hints for a new account.
const maxName, maxLanguage, maxDevice = 200, 35, 60

// settle ends the confirmation, whose row this transaction has locked.
func (a *Accounts) settle(ctx context.Context, t *database.Tx, w Answer, row confirmationRow) (Outcome, *refusal.Error, error) {
	now := a.now()
	outcome := Outcome{Address: row.Address, Purpose: row.Purpose, Return: row.ReturnTo}
	var refused *refusal.Error
	var err error
	switch {
	case row.Purpose == SeeData:
	case row.AccountID != "":
		refused, err = a.join(ctx, t, w, row, &outcome)
	default:
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

// insertDevice notes that a browser has proved an address. In a sandbox nothing is proved.
func insertDevice(ctx context.Context, t *database.Tx, browser string, m Mailbox, now time.Time) error {
	if m.Sandbox {
		return nil
	}
	_, err := t.Exec(ctx, `
		INSERT INTO device (browser, address, proved_at)
		VALUES (?, ?, ?)
		ON CONFLICT (browser, address) DO UPDATE SET proved_at = excluded.proved_at`, browser, m.Address, now)
	return err
}

// updateProved notes that an address was proved.
func updateProved(ctx context.Context, t *database.Tx, m Mailbox, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE address
		SET proved_at = ?
		WHERE address = ? AND proved_at < ?`, now, spelling(m), now)
	return err
}

// enter signs in to the account of the address, making it if there is none.
func (a *Accounts) enter(ctx context.Context, t *database.Tx, w Answer, row confirmationRow, outcome *Outcome) (err error) {
	now := a.now()
	if outcome.Account, outcome.Created, err = a.findOrCreate(ctx, t, row.mailbox(), w, now); err != nil {
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
	s.Means, s.Way, s.Device = ByCode, Address{Address: row.Address, Sandbox: row.Sandbox}.ID(), cleanText(w.Device, maxDevice)
	outcome.Token, outcome.Expires = a.secrets.session(row.Nonce, w.Browser), now.Add(sessionLife)
	if err := insertSession(ctx, t, digest(outcome.Token), outcome.Account.ID, s); err != nil {
		return fmt.Errorf("store session: %w", err)
	}
	return nil
}

// nameAccount gives a name to an account that has none.
func nameAccount(ctx context.Context, t *database.Tx, id, name string) (named bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE account
		SET name = ?
		WHERE id = ? AND name = ''`, name, id)
	return n == 1, err
}

// insertSession stores a session under its token's digest; one that is there already is an error, since a
// confirmation gives one session.
func insertSession(ctx context.Context, t *database.Tx, digest, account string, s Session) error {
	_, err := t.Exec(ctx, `
		INSERT INTO session (digest, account_id, means, way, device, created_at, seen_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, digest, account, s.Means, s.Way, s.Device, s.Created, s.Seen, s.Expires)
	return err
}

func (a *Accounts) findOrCreate(ctx context.Context, t *database.Tx, m Mailbox, w Answer, now time.Time) (acc Account, created bool, err error) {
	acc, found, err := selectAccountOf(ctx, t, m)
	if err != nil || found {
		return acc, false, err
	}
	if acc, found, err = a.Ways.returning(ctx, t, m); err != nil || found {
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

func insertAccount(ctx context.Context, t *database.Tx, acc Account) error {
	_, err := t.Exec(ctx, `
		INSERT INTO account (`+accountColumns+`)
		VALUES (?, ?, ?, ?)`, acc.ID, acc.Name, acc.Language, acc.Created)
	return err
}

func deleteAccount(ctx context.Context, t *database.Tx, id string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM account
		WHERE id = ?`, id)
	return err
}

// join adds the address to the account for which the code was asked.
func (a *Accounts) join(ctx context.Context, t *database.Tx, w Answer, row confirmationRow, outcome *Outcome) (*refusal.Error, error) {
	if w.Account != row.AccountID {
		return refusal.New(SignedOut, "Please sign in again to the account that this address shall belong to."), nil
	}
	if err := lockAccount(ctx, t, row.AccountID); err != nil {
		return nil, err
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
	if err := a.Ways.writeDown(ctx, t, acc.ID, AddressAdded, row.Address); err != nil {
		return nil, err
	}
	if err := a.letters.Added(ctx, t, Added{Account: acc.ID, To: mailboxes(before), Address: row.Address, Lang: acc.Language}); err != nil {
		return nil, err
	}
	return nil, a.replace(ctx, t, acc, w, row)
}

// replace takes the address out that the one just added takes the place of.
func (a *Accounts) replace(ctx context.Context, t *database.Tx, acc Account, w Answer, row confirmationRow) error {
	all, err := selectAddresses(ctx, t, acc.ID)
	if err != nil {
		return fmt.Errorf("read addresses: %w", err)
	}
	k := slices.IndexFunc(all, func(d Address) bool { return d.Address == row.Replaces && d.Address != row.Address })
	if k < 0 {
		return nil
	}
	if all[k].Primary {
		if _, err := a.Ways.makePrimary(ctx, t, acc.ID, row.Address); err != nil {
			return err
		}
		all[k].Primary = false
	}
	return a.Ways.removeAddress(ctx, t, acc, all, all[k], w.Session)
}

// cleanText is a hint without control characters and without those that turn the direction of what follows, cut to a
// number of characters.
func cleanText(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if runes := []rune(text); len(runes) > most {
		text = strings.TrimSpace(string(runes[:most]))
	}
	return text
}
