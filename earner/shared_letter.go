package earner

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

// The shared letter of an address confirms it in every browser that asked while strangers had used up the letters with
// six digits. It is a confirmation row with no browser; its code is long, and stays the same while it is mailed again.

// sharedBrowser stands where other confirmations have the digest of a browser. What is mailed in a sandbox is
// readable there, so it must confirm nothing else.
func sharedBrowser(sandbox bool) string {
	if sandbox {
		return "shared sandbox"
	}
	return "shared"
}

func (r confirmationRow) isSharedLetter() bool { return r.Browser == sharedBrowser(r.Sandbox) }

// share finds the shared letter that confirms the row, and reports whether it is to be mailed now.
func (a *Accounts) share(ctx context.Context, t *database.Tx, row confirmationRow) (letter confirmationRow, mail bool, err error) {
	letter = row
	letter.ID, letter.Nonce, letter.Browser, letter.Shared = newID("cnf"), rand.Text(), sharedBrowser(row.Sandbox), false
	letter.ReturnTo, letter.AccountID = "", ""
	letter.ExpiresAt = row.SentAt.Add(sharedLife)
	mail, err = upsertSharedLetter(ctx, t, &letter, digest(a.secrets.link(letter.Nonce)))
	if err != nil || mail {
		return letter, mail, err
	}
	letter, _, err = selectConfirmationOf(ctx, t, letter.Browser, letter.Address)
	return letter, false, err
}

// upsertSharedLetter stores the shared letter of an address, or has the one that is there mailed again with the same
// code, if it was last mailed some time ago, has ended, or was not mailed since nobody knew the address.
func upsertSharedLetter(ctx context.Context, t *database.Tx, row *confirmationRow, link string) (mail bool, err error) {
	return t.Get(ctx, row, `
		INSERT INTO confirmation (browser, address, id, turn, nonce, link, purpose, return_to, account_id, mute, sandbox, tries, sent_at, expires_at)
		VALUES (?, ?, ?, 0, ?, ?, ?, '', '', ?, ?, 0, ?, ?)
		ON CONFLICT (browser, address) DO UPDATE SET
			nonce = CASE WHEN confirmation.finished_at IS NULL AND confirmation.expires_at > excluded.sent_at THEN confirmation.nonce ELSE excluded.nonce END,
			link = CASE WHEN confirmation.finished_at IS NULL AND confirmation.expires_at > excluded.sent_at THEN confirmation.link ELSE excluded.link END,
			purpose = excluded.purpose, mute = excluded.mute, sent_at = excluded.sent_at, expires_at = excluded.expires_at, finished_at = NULL
		WHERE confirmation.sent_at <= ? OR confirmation.finished_at IS NOT NULL OR confirmation.mute > excluded.mute
		RETURNING `+confirmationColumns,
		row.Browser, row.Address, row.ID, row.Nonce, link, row.Purpose, database.Flag(row.Mute), database.Flag(row.Sandbox), row.SentAt, row.ExpiresAt,
		row.SentAt.Add(-sharedEvery))
}

// finishShared is finish by the shared letter, of which right reports whether it was handed in. It takes no try.
func (a *Accounts) finishShared(ctx context.Context, w Answer, row confirmationRow, right func(letter confirmationRow) bool) (Outcome, error) {
	letter, _, err := selectConfirmationOf(ctx, a.db.Reader(), sharedBrowser(row.Sandbox), row.Address)
	switch over := row.over(a.now()); {
	case err != nil:
		return Outcome{}, fmt.Errorf("read shared letter: %w", err)
	case !right(letter) && over != nil:
		return Outcome{}, over
	case !right(letter): // nothing is written down, however often somebody tries
		return Outcome{}, refusal.New(WrongCode, "That code doesn't match.")
	}
	var outcome Outcome
	var refused *refusal.Error
	err = a.db.InTx(ctx, func(t *database.Tx) error {
		var err error
		outcome, refused, err = a.settleShared(ctx, t, w, row, right)
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

func (a *Accounts) settleShared(ctx context.Context, t *database.Tx, w Answer, row confirmationRow, right func(confirmationRow) bool) (Outcome, *refusal.Error, error) {
	now := a.now()
	letter, found, err := selectConfirmationOf(ctx, t, sharedBrowser(row.Sandbox), row.Address)
	if err != nil || !found {
		return Outcome{}, refusal.New(TooOld, "That code is too old."), err
	}
	// The letter comes before the confirmation in all that settle, so that no two wait for each other.
	letterHeld, err := holdConfirmation(ctx, t, letter.ID, now)
	if err != nil {
		return Outcome{}, nil, err
	}
	held, err := holdConfirmation(ctx, t, row.ID, now)
	if err != nil {
		return Outcome{}, nil, err
	}
	if letter, _, err = selectConfirmationByID(ctx, t, letter.ID); err != nil {
		return Outcome{}, nil, err
	}
	if row, found, err = selectConfirmationByID(ctx, t, row.ID); err != nil || !found {
		return Outcome{}, refusal.New(Unknown, "This browser has asked for no code."), err
	}
	isRight := right(letter) && !letter.Mute
	switch {
	case !held:
		return a.again(ctx, t, w, row, isRight)
	case !isRight:
		return Outcome{}, refusal.New(WrongCode, "That code doesn't match."), nil
	case !letterHeld:
		return Outcome{}, letter.over(now), nil
	}
	outcome, refused, err := a.settle(ctx, t, w, row)
	if err != nil || refused != nil {
		return outcome, refused, err
	}
	_, err = finishConfirmation(ctx, t, letter.ID, letter.Nonce, now)
	return outcome, nil, err
}
