package wallet

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

// Redeem gives a wallet the access token for a code and its PIN, once (OpenID4VCI 1.0 §6). Each PIN counts before it is
// looked at, so that no crowd gets more tries than there are.
func (w *Wallets) Redeem(ctx context.Context, code, pin string) (token string, life time.Duration, err error) {
	switch {
	case code == "":
		return "", 0, refusal.New(InvalidRequest, "The pre-authorized_code is missing.")
	case pin == "":
		return "", 0, refusal.New(InvalidRequest, "The tx_code is missing: it is the PIN that stands beside the offer.")
	}
	// Whoever guesses codes shall not keep the one writer busy.
	if known, err := selectCode(ctx, w.db.Reader(), digest(code)); err != nil {
		return "", 0, fmt.Errorf("look for an offer: %w", err)
	} else if !known {
		return "", 0, noOffer()
	}
	right, left := false, 0
	token = rand.Text()
	err = w.db.InTx(ctx, func(t *database.Tx) error {
		right, left = false, 0
		now := w.now()
		o, found, err := countTry(ctx, t, digest(code), now)
		if err != nil || !found {
			return err
		}
		if right = equal(pin, w.secrets.pin(o.Nonce)); right {
			return redeem(ctx, t, o.Code, digest(token), now)
		}
		left = pinTries - int(o.Tries)
		return nil
	})
	switch {
	case err != nil:
		return "", 0, fmt.Errorf("redeem an offer: %w", err)
	case right:
		return token, tokenLife, nil
	case left > 0:
		return "", 0, refusal.New(InvalidGrant, "The PIN is wrong.")
	}
	return "", 0, noOffer()
}

func noOffer() error {
	return refusal.New(InvalidGrant, "The offer is not known, was taken, or has ended.")
}

// Nonce is a new one for a proof (OpenID4VCI 1.0 §7).
func (w *Wallets) Nonce() string { return w.secrets.nonce(w.now().Add(nonceLife)) }
