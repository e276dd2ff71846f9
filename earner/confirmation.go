package earner

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/refusal"
)

const (
	keepConfirmation = 24 * time.Hour // after its end, so that an old link says "too old" for a day
	maxBrowser       = 200            // bytes; ours have 26
	maxReturn        = 500
)

// Purpose is why an address is confirmed, for the words of letter and page. Only AddAddress changes
// what finishing does.
type Purpose string

// The purposes.
const (
	SignIn     Purpose = "sign-in"
	Claim      Purpose = "claim"
	AddAddress Purpose = "add-address"
	SeeData    Purpose = "see-data" // finishing makes no account and no session: whoever finished it has proved the address
)

// Request asks for a code.
type Request struct {
	Address  string
	Browser  string // value of the set-up cookie
	Network  string // see Network
	Purpose  Purpose
	Account  string // of AddAddress: the signed-in account that the address is to join
	Replaces string // of AddAddress: the address of the account whose place it takes; "" for none
	Return   string // path on this site to go on to, or ""
	Lang     string // in which the letter is to be written; handed on as it is
	Sandbox  bool   // the address is known from a sandbox only: the letter stays on this machine

	// ClaimLink is the token of a claim link to the address that they have in hand. Their letters are counted apart
	// from those that strangers ask for.
	ClaimLink string

	Mute bool // mail nothing and let no code match; the answer is the same. For addresses that nobody knows
}

// Confirmation is an address on its way to being confirmed, as pages show it.
type Confirmation struct {
	ID        string
	Address   string // canonical
	Purpose   Purpose
	Replaces  string // see Request
	Return    string
	Sent      time.Time
	Again     time.Time // when a new code may be asked for
	Expires   time.Time
	TriesLeft int
	Finished  bool
	Done      time.Time // when it was finished; zero: it is not
	Shared    bool      // the code is that of the shared letter, mailed at Sent, and costs no tries
}

// Mailbox is where a letter goes, and whether that is known from a sandbox only: such a letter must never leave
// this machine.
type Mailbox struct {
	Address string
	Sandbox bool
}

// CodeLetter is what a letter with a code needs to carry. Code and Link are secrets: the letter is the
// only place for them. What waits to be sent is stored as Ref, which Letter takes.
type CodeLetter struct {
	Ref     string
	To      Mailbox
	Code    string // six digits, or the long code of a shared letter
	Link    string // token of the confirmation link
	Purpose Purpose
	Lang    string // of the Request
	Joins   string // primary address of the account that the address is to be added to; "" for none
}

// Letter is the letter of a reference, without Lang, as long as its code is good for anything: not when it
// was used or has expired, nor when a newer letter has replaced it.
func (a *Accounts) Letter(ctx context.Context, ref string) (CodeLetter, bool, error) {
	id, nonce, _ := strings.Cut(ref, refMark)
	row, found, err := selectConfirmationByID(ctx, a.db.Reader(), id)
	if err != nil {
		return CodeLetter{}, false, fmt.Errorf("read confirmation of a letter: %w", err)
	}
	if !found || row.Nonce != nonce || row.ended(a.now()) != nil {
		return CodeLetter{}, false, nil
	}
	l := a.letter(row)
	if row.AccountID != "" {
		addresses, err := selectAddresses(ctx, a.db.Reader(), row.AccountID)
		if err != nil {
			return CodeLetter{}, false, fmt.Errorf("read the account that an address shall join: %w", err)
		}
		if len(addresses) > 0 {
			l.Joins = addresses[0].Address
		}
	}
	return l, true, nil
}

// refMark parts the two halves of a reference: the confirmation's id and the letter's nonce, from which
// nothing follows without the server's secret.
const refMark = "."

// Begin makes a code for an address and has its letter queued in the same transaction. A new code
// replaces the one before it for the same browser and address; the confirmation's id stays. Within 30 s
// of the last one it is refused as Throttled. Beyond what throttle.go allows the confirmation is Shared:
// the code of the address's shared letter confirms it, which is mailed again if the last one is not recent.
// Nothing about accounts changes, and nothing tells whether the address is known.
func (a *Accounts) Begin(ctx context.Context, r Request) (Confirmation, error) {
	row, err := a.newConfirmation(r)
	if err != nil {
		return Confirmation{}, err
	}
	last, found, err := selectConfirmationOf(ctx, a.db.Reader(), row.Browser, row.Address)
	if err != nil {
		return Confirmation{}, fmt.Errorf("read confirmation: %w", err)
	}
	again, ahead := last.SentAt.Add(sendAgainAfter), row.SentAt.Add(clocksDiffer)
	if found && row.SentAt.Before(again) && !last.SentAt.After(ahead) {
		return Confirmation{}, throttled(again) // asking too soon is not counted
	}
	six, err := a.sixDigits(ctx, r, row)
	if err != nil {
		return Confirmation{}, err
	}
	row.Shared = !six
	var refused *refusal.Error
	letter := row
	err = a.db.InTx(ctx, func(t *database.Tx) error {
		refused = nil
		stored, err := upsertConfirmation(ctx, t, &row, digest(a.secrets.link(row.Nonce)), row.SentAt.Add(-sendAgainAfter), ahead)
		if err != nil {
			return fmt.Errorf("store confirmation: %w", err)
		}
		if !stored {
			refused = throttled(row.SentAt.Add(sendAgainAfter))
			return nil
		}
		letter = row
		mailed := true
		if row.Shared {
			if letter, mailed, err = a.share(ctx, t, row); err != nil {
				return fmt.Errorf("store shared letter: %w", err)
			}
		}
		if row.Mute || !mailed {
			return nil
		}
		l := a.letter(letter)
		l.Lang = r.Lang
		return a.letters.Code(ctx, t, l)
	})
	if err != nil {
		return Confirmation{}, err
	}
	if refused != nil {
		return Confirmation{}, refused
	}
	c := row.confirmation()
	c.Sent = letter.SentAt
	return c, nil
}

// upsertConfirmation stores the row, or puts it in the place of the browser's last one for the address
// if that was sent no later than lastBefore, or after ahead by a clock that was wrong; row.ID is then the id of that one.
func upsertConfirmation(ctx context.Context, t *database.Tx, row *confirmationRow, link string, lastBefore, ahead time.Time) (stored bool, err error) {
	return t.Get(ctx, &row.ID, `
		INSERT INTO confirmation (browser, address, id, turn, nonce, link, purpose, return_to, account_id, replaces, mute, sandbox, shared, tries, sent_at, expires_at)
		VALUES (?, ?, ?, (SELECT COALESCE(MAX(turn), 0) + 1 FROM confirmation WHERE browser = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
		ON CONFLICT (browser, address) DO UPDATE SET
			turn = excluded.turn, nonce = excluded.nonce, link = excluded.link, purpose = excluded.purpose, return_to = excluded.return_to,
			account_id = excluded.account_id, replaces = excluded.replaces, mute = excluded.mute, sandbox = excluded.sandbox, shared = excluded.shared, tries = 0, sent_at = excluded.sent_at,
			expires_at = excluded.expires_at, finished_at = NULL
		WHERE confirmation.sent_at <= ? OR confirmation.sent_at > ?
		RETURNING id`,
		row.Browser, row.Address, row.ID, row.Browser, row.Nonce, link, row.Purpose, row.ReturnTo, row.AccountID, row.Replaces, database.Flag(row.Mute), database.Flag(row.Sandbox), database.Flag(row.Shared), row.SentAt, row.ExpiresAt, lastBefore, ahead)
}

func (a *Accounts) letter(row confirmationRow) CodeLetter {
	return CodeLetter{Ref: row.ID + refMark + row.Nonce, To: row.mailbox(), Code: a.codeOf(row), Link: a.secrets.link(row.Nonce), Purpose: row.Purpose}
}

// codeOf is the code in the letter of a confirmation.
func (a *Accounts) codeOf(row confirmationRow) string {
	if row.isSharedLetter() {
		return a.secrets.longCode(row.Nonce)
	}
	return a.secrets.code(row.Nonce)
}

func (a *Accounts) newConfirmation(r Request) (confirmationRow, error) {
	address, ok := email.Canonical(r.Address)
	switch {
	case !ok:
		return confirmationRow{}, invalid("address", "This is no e-mail address.")
	case r.Browser == "" || len(r.Browser) > maxBrowser:
		return confirmationRow{}, invalid("browser", "This browser sent no set-up cookie. Please allow cookies.")
	case !localPath(r.Return):
		return confirmationRow{}, invalid("return", "The page to return to is not one of ours.")
	case (r.Purpose == AddAddress) != (r.Account != ""):
		return confirmationRow{}, fmt.Errorf("begin %s confirmation: account %q does not go with it", r.Purpose, r.Account)
	}
	now := a.now()
	return confirmationRow{ID: newID("cnf"), Browser: digest(r.Browser), Address: address, Nonce: rand.Text(), Purpose: r.Purpose, ReturnTo: r.Return,
		AccountID: r.Account, Replaces: r.Replaces, Mute: r.Mute, Sandbox: r.Sandbox, SentAt: now, ExpiresAt: now.Add(codeLife)}, nil
}

// localPath keeps a return path from leading to another site.
func localPath(path string) bool {
	if path == "" {
		return true
	}
	return len(path) <= maxReturn && path[0] == '/' && !strings.HasPrefix(path, "//") && !strings.Contains(path, `\`) && !strings.ContainsFunc(path, unicode.IsControl)
}

// Pending finds the confirmation with that id, or without one the newest, that this browser began. It
// may have ended in any way. Another browser's is not found.
func (a *Accounts) Pending(ctx context.Context, browser, id string) (Confirmation, bool, error) {
	row, found, err := selectConfirmation(ctx, a.db.Reader(), digest(browser), id)
	if err != nil || !found {
		return Confirmation{}, false, err
	}
	c := row.confirmation()
	if row.Shared {
		letter, _, err := selectConfirmationOf(ctx, a.db.Reader(), sharedBrowser(row.Sandbox), row.Address)
		if err != nil {
			return Confirmation{}, false, fmt.Errorf("read shared letter: %w", err)
		}
		c.Sent = letter.SentAt
	}
	return c, true, nil
}

func (r confirmationRow) confirmation() Confirmation {
	c := Confirmation{ID: r.ID, Address: r.Address, Purpose: r.Purpose, Replaces: r.Replaces, Return: r.ReturnTo, Sent: r.SentAt, Again: r.SentAt.Add(sendAgainAfter),
		Expires: r.ExpiresAt, TriesLeft: int(codeTries - r.Tries), Finished: r.FinishedAt != nil, Shared: r.Shared}
	if r.FinishedAt != nil {
		c.Done = r.FinishedAt.UTC()
	}
	return c
}

// Peeked is what the confirmation link shows. In the browser that asked, the address, to be confirmed
// by a button; in any other, which may be a mail scanner, the code to type in the first one.
type Peeked struct {
	SameBrowser bool
	Purpose     Purpose
	Address     string // same browser only
	Code        string // elsewhere only
}

// Peek reads a confirmation link and changes nothing. It refuses as Unknown, Used, TooOld or Spent; a
// link that was replaced by a newer one is Unknown.
func (a *Accounts) Peek(ctx context.Context, link, browser string) (Peeked, error) {
	letter, row, found, err := a.byLink(ctx, link, browser)
	if err != nil {
		return Peeked{}, err
	}
	if letter.ID == "" {
		return Peeked{}, refusal.New(Unknown, "This link is not known, or a newer one has replaced it.")
	}
	if ended := letter.over(a.now()); ended != nil {
		return Peeked{}, ended
	}
	if found && row.over(a.now()) == nil {
		return Peeked{SameBrowser: true, Purpose: row.Purpose, Address: row.Address}, nil
	}
	if spent := letter.ended(a.now()); spent != nil {
		return Peeked{}, spent // the code would be of no use
	}
	return Peeked{Purpose: letter.Purpose, Code: a.codeOf(letter)}, nil
}

// byLink finds the letter of a link, and the confirmation that it finishes in this browser: the letter's own, or of
// the shared letter that of the same address. No letter is one without an id.
func (a *Accounts) byLink(ctx context.Context, link, browser string) (letter, row confirmationRow, found bool, err error) {
	letter, found, err = selectConfirmationByLink(ctx, a.db.Reader(), digest(link))
	if err != nil {
		return letter, row, false, fmt.Errorf("read confirmation by link: %w", err)
	}
	if !found || !letter.isSharedLetter() {
		return letter, letter, found && equal(letter.Browser, digest(browser)), nil
	}
	row, found, err = selectConfirmationOf(ctx, a.db.Reader(), digest(browser), letter.Address)
	if err != nil {
		return letter, row, false, fmt.Errorf("read confirmation of a shared letter: %w", err)
	}
	return letter, row, found && row.Sandbox == letter.Sandbox, nil
}

func selectConfirmationByLink(ctx context.Context, t *database.Tx, link string) (row confirmationRow, found bool, err error) {
	found, err = t.Get(ctx, &row, `
		SELECT `+confirmationColumns+`
		FROM confirmation
		WHERE link = ?`, link)
	return row, found, err
}

func (r confirmationRow) mailbox() Mailbox { return Mailbox{r.Address, r.Sandbox} }

// ended is why the code of a confirmation can no longer finish it, nil while it can.
func (r confirmationRow) ended(now time.Time) *refusal.Error {
	over := r.over(now)
	if over == nil && r.Tries >= codeTries {
		return refusal.New(Spent, "That code was tried too often.")
	}
	return over
}

// over is ended for what nobody can guess, such as a link, to which it does not matter how often the code was tried.
func (r confirmationRow) over(now time.Time) *refusal.Error {
	switch {
	case r.FinishedAt != nil:
		return refusal.New(Used, "This code has been used already.")
	case !now.Before(r.ExpiresAt):
		return refusal.New(TooOld, "That code is more than 30 minutes old.")
	}
	return nil
}
