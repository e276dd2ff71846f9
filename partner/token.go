package partner

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/refusal"
)

// TokenLife is how long an access token is good for.
const TokenLife = time.Hour

// tokenBegin begins every access token; keys begin otherwise.
const tokenBegin = "insignia_token_"

// The errors of Token, under the names of RFC 6749 §5.2.
const (
	InvalidClient = "invalid_client"
	InvalidScope  = "invalid_scope"
)

// Token gives an access token for a key by its id and secret: OAuth 2.0 client credentials (RFC 6749 §4.4). Without scopes
// it may what the key may. It ends after TokenLife, or with its key.
func (p *Partners) Token(ctx context.Context, keyID, key string, scopes ...string) (token string, may []string, err error) {
	row, found, err := selectCaller(ctx, p.db.Reader(), digest(key))
	if err != nil {
		return "", nil, err
	}
	c := row.caller()
	if !found || c.KeyID != keyID {
		return "", nil, refusal.New(InvalidClient, "There is no such API key, or it was revoked. client_id is the id of the key, client_secret the key.")
	}
	if len(scopes) == 0 {
		scopes = c.Scopes
	}
	for _, s := range scopes {
		if !c.May(s) {
			return "", nil, refusal.New(InvalidScope, "This key has the scopes "+strings.Join(c.Scopes, " ")+".")
		}
	}
	scopes = slices.Compact(slices.Sorted(slices.Values(scopes)))
	token = tokenBegin + rand.Text()
	err = p.db.InTx(ctx, func(t *database.Tx) error {
		return insertToken(ctx, t, digest(token), c.KeyID, strings.Join(scopes, " "), p.second().Add(TokenLife))
	})
	return token, scopes, err
}

func insertToken(ctx context.Context, t *database.Tx, digest, key, scopes string, until time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO partner_token (digest, key_id, scopes, expires_at)
		VALUES (?, ?, ?, ?)`, digest, key, scopes, until)
	return err
}

// selectBearer finds who holds a token that has not ended.
func selectBearer(ctx context.Context, t *database.Tx, digest string, now time.Time) (row callerRow, found bool, err error) {
	found, err = t.Get(ctx, &row, `
		SELECT p.id, p.name, p.sandbox, k.id AS key_id, a.scopes, k.last_used_at
		FROM partner_token a
		JOIN partner_key k ON k.id = a.key_id
		JOIN partner p ON p.id = k.partner_id
		WHERE a.digest = ? AND a.expires_at > ? AND k.revoked_at IS NULL`, digest, now)
	return row, found, err
}

func deleteOldTokens(ctx context.Context, t *database.Tx, now time.Time) error {
	_, err := t.Exec(ctx, `
		DELETE FROM partner_token
		WHERE expires_at <= ?`, now)
	return err
}

// ReadScopes are the scopes in a parameter (RFC 6749 §3.3).
func ReadScopes(text string) ([]string, error) {
	scopes := strings.Fields(text)
	for _, s := range scopes {
		if !slices.Contains(Scopes, s) || !line.Storable(s) {
			return nil, refusal.New(InvalidScope, "There are the scopes "+strings.Join(Scopes, " ")+".")
		}
	}
	return scopes, nil
}
