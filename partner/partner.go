// Package partner is who posts: testing partners with their keys and scopes, the answers that their repeated requests
// get, and the feed of what happened to their results and awards. It must not know what a result or an award is.
package partner

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/refusal"
)

// Scopes of API keys.
const (
	ScopeResults   = "results"         // post, correct and read results and awards
	ScopeWebhooks  = "webhooks"        // hear of what happened
	ScopeProfiles  = "profiles:write"  // merge candidates, and undo it
	ScopeProgramme = "programme:write" // change the programme
)

// Scopes are all of them.
var Scopes = []string{ScopeResults, ScopeWebhooks, ScopeProfiles, ScopeProgramme}

// Partner is a testing partner. A sandbox partner has results and badges of its own that are marked
// as tests and mailed to nobody.
type Partner struct {
	ID      string `db:"id"`
	Name    string `db:"name"`
	Sandbox bool   `db:"sandbox"`
	Contact string `db:"contact"` // an address or a URL of somebody to ask, or empty
}

// Key is an API key without its secret.
type Key struct {
	ID         string     `db:"id"`
	PartnerID  string     `db:"partner_id"`
	Name       string     `db:"name"`
	Sandbox    bool       `db:"sandbox"`
	Scopes     string     `db:"scopes"`
	CreatedAt  time.Time  `db:"created_at"`
	LastUsedAt *time.Time `db:"last_used_at"` // within a minute
	RevokedAt  *time.Time `db:"revoked_at"`
}

// Caller is a partner who showed a valid key, and what the key allows.
type Caller struct {
	Partner
	KeyID  string
	Scopes []string
}

// May reports whether the caller's key has the scope.
func (c Caller) May(scope string) bool { return slices.Contains(c.Scopes, scope) }

// Partners are all testing partners. It is safe for concurrent use, also by several processes on one database.
type Partners struct {
	db  *database.DB
	now func() time.Time

	callers   callers
	sandboxes sync.Map // whether a partner is one, by id; never stale
}

// New returns the partners on a migrated database.
func New(db *database.DB, now func() time.Time) *Partners { return &Partners{db: db, now: now} }

// second is the clock of what is stored: UTC, whole seconds.
func (p *Partners) second() time.Time { return p.now().UTC().Truncate(time.Second) }

// Add makes a key for the partner of that name, and the partner when it is new. The key is returned once and kept
// as a digest only.
func (p *Partners) Add(ctx context.Context, name string, sandbox bool, scopes ...string) (Partner, string, error) {
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
		scopes = []string{ScopeResults, ScopeWebhooks}
	}
	for _, s := range scopes {
		if !slices.Contains(Scopes, s) {
			return Partner{}, "", refusal.New("validation_failed", fmt.Sprintf("%q is no scope; there are %s", s, strings.Join(Scopes, ", ")))
		}
	}
	who := Partner{ID: newID("ptn"), Name: name, Sandbox: sandbox}
	err := p.db.InTx(ctx, func(t *database.Tx) error {
		if err := insertPartner(ctx, t, &who, p.second()); err != nil {
			return err
		}
		return insertKey(ctx, t, newID("key"), who.ID, digest(key), strings.Join(scopes, " "), p.second())
	})
	return who, key, err
}

// insertPartner stores a new partner, or reads the id of the one that has the name.
func insertPartner(ctx context.Context, t *database.Tx, p *Partner, now time.Time) error {
	sandbox := 0
	if p.Sandbox {
		sandbox = 1
	}
	_, err := t.Get(ctx, &p.ID, `
		INSERT INTO partner (id, name, sandbox, created_at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (name, sandbox) DO UPDATE SET name = excluded.name
		RETURNING id`, p.ID, p.Name, sandbox, now)
	return err
}

func insertKey(ctx context.Context, t *database.Tx, id, owner, digest, scopes string, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO partner_key (id, partner_id, digest, scopes, created_at)
		VALUES (?, ?, ?, ?, ?)`, id, owner, digest, scopes, now)
	return err
}

// SetContact says whom to ask at a partner: an e-mail address or the https address of a page.
func (p *Partners) SetContact(ctx context.Context, id, contact string) error {
	contact = line.Tidy(contact)
	address, is := email.Canonical(contact)
	if is {
		contact = address
	} else if u, err := url.Parse(contact); err != nil || u.Scheme != "https" || u.Host == "" || line.Problem(contact, 500) != "" {
		return refusal.New("validation_failed", "The contact is an e-mail address or the https address of a page.")
	}
	return p.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `UPDATE partner SET contact = ? WHERE id = ?`, contact, id)
		return err
	})
}

// newID is an internal id: its noun and 80 random bits.
func newID(noun string) string { return noun + "_" + strings.ToLower(rand.Text()[:16]) }

// Partner is the partner of an id.
func (p *Partners) Partner(ctx context.Context, id string) (who Partner, err error) {
	found, err := p.db.Reader().Get(ctx, &who, `SELECT `+partnerColumns+` FROM partner WHERE id = ?`, id)
	if err == nil && !found {
		err = fmt.Errorf("there is no partner %s", id)
	}
	return who, err
}

// Named is the partner of a name, the one that is a sandbox or the other.
func (p *Partners) Named(ctx context.Context, name string, sandbox bool) (who Partner, found bool, err error) {
	flag := 0
	if sandbox {
		flag = 1
	}
	found, err = p.db.Reader().Get(ctx, &who, `SELECT `+partnerColumns+` FROM partner WHERE name = ? AND sandbox = ?`, strings.TrimSpace(name), flag)
	return who, found, err
}

const partnerColumns = `id, name, sandbox, contact`

// Keys lists all keys, the oldest first.
func (p *Partners) Keys(ctx context.Context) ([]Key, error) { return selectKeys(ctx, p.db.Reader()) }

// RevokeKey ends a key at once in this process and within seconds in the others. found is false for an unknown or
// already revoked one.
func (p *Partners) RevokeKey(ctx context.Context, id string) (found bool, err error) {
	err = p.db.InTx(ctx, func(t *database.Tx) error {
		found, err = revokeKey(ctx, t, id, p.second())
		return err
	})
	p.callers.forget()
	return found, err
}

func selectKeys(ctx context.Context, t *database.Tx) (keys []Key, err error) {
	err = t.Select(ctx, &keys, `
		SELECT k.id, k.partner_id, p.name, p.sandbox, k.scopes, k.created_at, k.last_used_at, k.revoked_at
		FROM partner_key k
		JOIN partner p ON p.id = k.partner_id
		ORDER BY k.created_at, k.id`)
	return keys, err
}

func revokeKey(ctx context.Context, t *database.Tx, id string, now time.Time) (bool, error) {
	if !line.Storable(id) {
		return false, nil
	}
	n, err := t.Exec(ctx, `
		UPDATE partner_key
		SET revoked_at = ?
		WHERE id = ? AND revoked_at IS NULL`, now, id)
	return n == 1, err
}

// Authenticate finds whose key, or whose access token, this is. Both are looked up by digest, so that time tells nothing.
func (p *Partners) Authenticate(ctx context.Context, secret string) (Caller, error) {
	d := digest(secret)
	if known, ok := p.callers.load(d, p.now()); ok {
		return known, nil
	}
	row, found, err := p.selectHolder(ctx, secret, d)
	if err != nil {
		return Caller{}, err
	}
	if !found {
		return Caller{}, refusal.New("unauthorized", "This API key or access token is not known, or it has ended.")
	}
	c := row.caller()
	p.callers.keep(d, c, p.now())
	return c, p.noteUse(ctx, row)
}

func (p *Partners) selectHolder(ctx context.Context, secret, digest string) (callerRow, bool, error) {
	if strings.HasPrefix(secret, tokenBegin) {
		return selectBearer(ctx, p.db.Reader(), digest, p.second())
	}
	return selectCaller(ctx, p.db.Reader(), digest)
}

// callerRow is who holds a key or a token.
type callerRow struct {
	Partner
	KeyID      string     `db:"key_id"`
	Scopes     string     `db:"scopes"`
	LastUsedAt *time.Time `db:"last_used_at"` // of the key
}

func (r callerRow) caller() Caller {
	return Caller{Partner: r.Partner, KeyID: r.KeyID, Scopes: strings.Fields(r.Scopes)}
}

func selectCaller(ctx context.Context, t *database.Tx, digest string) (row callerRow, found bool, err error) {
	found, err = t.Get(ctx, &row, `
		SELECT p.id, p.name, p.sandbox, k.id AS key_id, k.scopes, k.last_used_at
		FROM partner_key k
		JOIN partner p ON p.id = k.partner_id
		WHERE k.digest = ? AND k.revoked_at IS NULL`, digest)
	return row, found, err
}

// useNoted is how exactly the last use of a key is kept.
const useNoted = time.Minute

func (p *Partners) noteUse(ctx context.Context, row callerRow) error {
	now := p.second()
	if last := row.LastUsedAt; last != nil && now.Sub(*last) < useNoted {
		return nil
	}
	return p.db.InTx(ctx, func(t *database.Tx) error {
		_, err := t.Exec(ctx, `
			UPDATE partner_key
			SET last_used_at = ?
			WHERE id = ?`, now, row.KeyID)
		return err
	})
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// callers remembers for a few seconds whose key it was that has this digest. That bounds how long a key that another
// process revoked goes on working.
type callers struct {
	mu    sync.Mutex
	known map[string]cachedCaller
}

type cachedCaller struct {
	Caller
	until time.Time
}

const (
	callerLife  = 3 * time.Second
	callersMost = 1000 // then it begins anew
)

func (c *callers) load(digest string, now time.Time) (Caller, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, found := c.known[digest]
	return known.Caller, found && now.Before(known.until)
}

func (c *callers) keep(digest string, caller Caller, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= callersMost {
		c.known = map[string]cachedCaller{}
	}
	c.known[digest] = cachedCaller{caller, now.Add(callerLife)}
}

func (c *callers) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = nil
}

// Find reads a partner in the caller's transaction.
func Find(ctx context.Context, t *database.Tx, id string) (p Partner, found bool, err error) {
	return selectPartner(ctx, t, id)
}

// Sandbox reports whether a partner is a sandbox partner, which it is for ever or never.
func (p *Partners) Sandbox(ctx context.Context, t *database.Tx, id string) (bool, error) {
	if sandbox, known := p.sandboxes.Load(id); known {
		return sandbox.(bool), nil
	}
	who, found, err := selectPartner(ctx, t, id)
	if err != nil {
		return false, fmt.Errorf("read partner %s: %w", id, err)
	}
	if !found {
		return false, fmt.Errorf("no partner %s", id)
	}
	p.sandboxes.Store(id, who.Sandbox)
	return who.Sandbox, nil
}

func selectPartner(ctx context.Context, t *database.Tx, id string) (p Partner, found bool, err error) {
	found, err = t.Get(ctx, &p, `SELECT id, name, sandbox, contact FROM partner WHERE id = ?`, id)
	return p, found, err
}
