package earner

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

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
	Name         string // for a new account, or one without a name
	Language     string // for a new account
}

// Added is an address that joined an account, and who should hear of it.
type Added struct {
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
