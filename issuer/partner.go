package issuer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/refusal"
)

// Scopes of API keys.
const (
	ScopeResults   = "results"         // post, correct and read results and awards
	ScopeProgramme = "programme:write" // change the programme
)

// Partner is a testing partner. A sandbox partner has results and badges of its own that are marked
// as tests and mailed to nobody.
type Partner struct {
	ID      string `db:"id"`
	Name    string `db:"name"`
	Sandbox bool   `db:"sandbox"`
}

// PartnerKey is an API key without its secret.
type PartnerKey struct {
	ID        string     `db:"id"`
	PartnerID string     `db:"partner_id"`
	Name      string     `db:"name"`
	Sandbox   bool       `db:"sandbox"`
	Scopes    string     `db:"scopes"`
	CreatedAt time.Time  `db:"created_at"`
	RevokedAt *time.Time `db:"revoked_at"`
}

// Caller is a partner who showed a valid key, and what the key allows.
type Caller struct {
	Partner
	KeyID  string
	Scopes []string
}

// May reports whether the caller's key has the scope.
func (c Caller) May(scope string) bool { return slices.Contains(c.Scopes, scope) }

// AddPartner makes a key for the partner of that name, and the partner when it is new. The key is
// returned once and kept as a digest only.
func (i *Issuer) AddPartner(ctx context.Context, name string, sandbox bool, scopes ...string) (Partner, string, error) {
	name = strings.TrimSpace(name)
	if problem := line.Problem(name, 200); problem != "" {
		return Partner{}, "", refusal.New("validation_failed", "the partner's name "+problem)
	}
	key := "insignia_live_"
	if sandbox {
		key = "insignia_test_"
	}
	key += rand.Text()
	if len(scopes) == 0 {
		scopes = []string{ScopeResults}
	}
	p := Partner{ID: newID("ptn"), Name: name, Sandbox: sandbox}
	err := i.db.InTx(ctx, func(t *database.Tx) error {
		if err := insertPartner(ctx, t, &p, i.now()); err != nil {
			return err
		}
		return insertPartnerKey(ctx, t, newID("key"), p.ID, digest(key), strings.Join(scopes, " "), i.now())
	})
	return p, key, err
}

// PartnerKeys lists all keys, the oldest first.
func (i *Issuer) PartnerKeys(ctx context.Context) ([]PartnerKey, error) {
	return selectPartnerKeys(ctx, i.db.Reader())
}

// RevokePartnerKey ends a key at once in this process and within seconds in the others.
// found is false for an unknown or already revoked one.
func (i *Issuer) RevokePartnerKey(ctx context.Context, keyID string) (found bool, err error) {
	err = i.db.InTx(ctx, func(t *database.Tx) error {
		found, err = revokePartnerKey(ctx, t, keyID, i.now())
		return err
	})
	i.callers.forget()
	return found, err
}

// Authenticate finds whose key this is. Keys are looked up by digest, so that time tells nothing.
func (i *Issuer) Authenticate(ctx context.Context, key string) (Caller, error) {
	d := digest(key)
	if known, ok := i.callers.load(d); ok && i.Now().Before(known.until) {
		return known.Caller, nil
	}
	c, found, err := selectCaller(ctx, i.db.Reader(), d)
	if err != nil {
		return Caller{}, err
	}
	if !found {
		return Caller{}, refusal.New("unauthorized", "This API key is not known, or it was revoked.")
	}
	i.callers.keep(d, cachedCaller{c, i.Now().Add(callerLife)})
	return c, nil
}

// tests reports whether a partner is a sandbox partner, which it is for ever or never.
func (i *Issuer) tests(ctx context.Context, t *database.Tx, partner string) (bool, error) {
	if sandbox, known := i.sandboxes.load(partner); known {
		return sandbox, nil
	}
	p, found, err := selectPartner(ctx, t, partner)
	if err != nil {
		return false, fmt.Errorf("read partner %s: %w", partner, err)
	}
	if !found {
		return false, fmt.Errorf("no partner %s", partner)
	}
	i.sandboxes.keep(partner, p.Sandbox)
	return p.Sandbox, nil
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// cachedCaller is remembered for a few seconds, which bounds how long a key that another process revoked
// goes on working.
type cachedCaller struct {
	Caller
	until time.Time
}

const callerLife = 3 * time.Second
