package wallet

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/database"
)

type offerRow struct {
	Award      string     `db:"award_id"`
	Holder     string     `db:"holder"`
	Lang       string     `db:"lang"`
	Nonce      string     `db:"nonce"`
	Reference  string     `db:"reference"` // digest, as the next two
	Code       string     `db:"code"`
	Token      string     `db:"token"`
	Tries      int64      `db:"tries"`
	CreatedAt  time.Time  `db:"created_at"`
	ExpiresAt  time.Time  `db:"expires_at"`
	RedeemedAt *time.Time `db:"redeemed_at"`
	JWTAt      *time.Time `db:"jwt_at"`
	LDPAt      *time.Time `db:"ldp_at"`
}

const offerColumns = `award_id, holder, lang, nonce, reference, code, token, tries, created_at, expires_at, redeemed_at, jwt_at, ldp_at`

// putOffer stores an offer in the place of any other of its award.
func putOffer(ctx context.Context, t *database.Tx, o offerRow) error {
	_, err := t.Exec(ctx, `
		INSERT INTO wallet_offer (award_id, holder, lang, nonce, reference, code, token, tries, created_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, '', 0, ?, ?)
		ON CONFLICT (award_id) DO UPDATE
		SET holder = excluded.holder, lang = excluded.lang, nonce = excluded.nonce, reference = excluded.reference, code = excluded.code,
			token = '', tries = 0, created_at = excluded.created_at, expires_at = excluded.expires_at,
			redeemed_at = NULL, jwt_at = NULL, ldp_at = NULL`,
		o.Award, o.Holder, o.Lang, o.Nonce, o.Reference, o.Code, o.CreatedAt, o.ExpiresAt)
	return err
}

// deleteEnded deletes offers that ended before a time, and used nonces that ended before another.
func deleteEnded(ctx context.Context, t *database.Tx, offers, nonces time.Time) error {
	if _, err := t.Exec(ctx, `DELETE FROM wallet_offer WHERE expires_at < ?`, offers); err != nil {
		return err
	}
	_, err := t.Exec(ctx, `DELETE FROM wallet_nonce WHERE expires_at < ?`, nonces)
	return err
}

func selectOfferOf(ctx context.Context, t *database.Tx, award, holder string, now time.Time) (o offerRow, found bool, err error) {
	found, err = t.Get(ctx, &o, `
		SELECT `+offerColumns+`
		FROM wallet_offer
		WHERE award_id = ? AND holder = ? AND expires_at > ?`, award, holder, now)
	return o, found, err
}

func selectOfferAt(ctx context.Context, t *database.Tx, reference string, now time.Time) (o offerRow, found bool, err error) {
	found, err = t.Get(ctx, &o, `
		SELECT `+offerColumns+`
		FROM wallet_offer
		WHERE reference = ? AND expires_at > ?`, reference, now)
	return o, found, err
}

func selectCode(ctx context.Context, t *database.Tx, code string) (known bool, err error) {
	var n int64
	return t.Get(ctx, &n, `SELECT 1 FROM wallet_offer WHERE code = ?`, code)
}

// countTry counts a PIN that is handed in, and locks the offer; false where there is none that can be redeemed.
func countTry(ctx context.Context, t *database.Tx, code string, now time.Time) (o offerRow, found bool, err error) {
	found, err = t.Get(ctx, &o, `
		UPDATE wallet_offer
		SET tries = tries + 1
		WHERE code = ? AND redeemed_at IS NULL AND tries < ? AND expires_at > ?
		RETURNING `+offerColumns, code, pinTries, now)
	return o, found, err
}

// redeem notes the token of an offer whose try was counted in this transaction.
func redeem(ctx context.Context, t *database.Tx, code, token string, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE wallet_offer
		SET token = ?, redeemed_at = ?, tries = tries - 1
		WHERE code = ?`, token, now, code)
	return err
}

// selectRedeemed finds the offer that a token was given for, if that was not before a time.
func selectRedeemed(ctx context.Context, t *database.Tx, token string, since time.Time) (o offerRow, found bool, err error) {
	found, err = t.Get(ctx, &o, `
		SELECT `+offerColumns+`
		FROM wallet_offer
		WHERE token = ? AND token <> '' AND redeemed_at > ?`, token, since)
	return o, found, err
}

// takeJWT and takeLDP note that a token has served a format; false if it had, or is no more.
func takeJWT(ctx context.Context, t *database.Tx, token string, now time.Time) (taken bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE wallet_offer
		SET jwt_at = ?
		WHERE token = ? AND token <> '' AND jwt_at IS NULL`, now, token)
	return n == 1, err
}

func takeLDP(ctx context.Context, t *database.Tx, token string, now time.Time) (taken bool, err error) {
	n, err := t.Exec(ctx, `
		UPDATE wallet_offer
		SET ldp_at = ?
		WHERE token = ? AND token <> '' AND ldp_at IS NULL`, now, token)
	return n == 1, err
}

func selectNonceUsed(ctx context.Context, t *database.Tx, nonce string) (used bool, err error) {
	var n int64
	return t.Get(ctx, &n, `SELECT 1 FROM wallet_nonce WHERE nonce = ?`, nonce)
}

// useNonce notes that a nonce was used; false if it was before.
func useNonce(ctx context.Context, t *database.Tx, nonce string, end time.Time) (first bool, err error) {
	n, err := t.Exec(ctx, `
		INSERT INTO wallet_nonce (nonce, expires_at)
		VALUES (?, ?)
		ON CONFLICT DO NOTHING`, nonce, end)
	return n == 1, err
}
