// Package webhook tells partners of their events at addresses of their own, signed as Standard Webhooks has it: who is
// to hear of what, and what became of each try (contract 3.2). It does not know what an event means.
package webhook

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/cache"
	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/seal"
)

// States of a webhook.
const (
	Active   = "active"
	Disabled = "disabled" // nothing is sent, and no event is kept for it
)

// Types are all kinds of events.
var Types = []string{
	"result.recorded", "result.held", "result.voided", "result.corrected", "result.released",
	"badge.offered", "badge.accepted", "badge.declined", "badge.revoked", "badge.suspended", "badge.reinstated", "badge.expired",
	"badge.renewed", "badge.updated", "badge.superseded", "badge.disputed", "badge.undisputed",
	"mail.bounced", "candidate.updated", "profile.merged", "profile.unmerged", "import.finished", TypeTest,
}

// TypeTest is the event that a partner asks for to see whether a webhook works.
const TypeTest = "webhook.test"

const (
	mostWebhooks = 100 // of a partner
	mostEvents   = 50
	bodiesKept   = 2000
	oldSecret    = 24 * time.Hour // that the secret before the newest signs too
)

// Webhook is a receiver.
type Webhook struct {
	ID           string     `db:"id"`
	Partner      string     `db:"partner_id"`
	URL          string     `db:"url"`
	Events       TypeList   `db:"events"`
	Description  string     `db:"description"`
	State        string     `db:"state"`
	FailingSince *time.Time `db:"failing_since"` // nothing has succeeded since
	CreatedAt    time.Time  `db:"created_at"`

	Secret    string     `db:"secret"` // sealed
	OldSecret string     `db:"old_secret"`
	OldUntil  *time.Time `db:"old_until"`
	After     int64      `db:"after"`
}

const webhookColumns = `id, partner_id, url, events, description, state, failing_since, created_at, secret, old_secret, old_until, after`

// TypeList is a list of kinds of events, stored as JSON. One that ends in .* means all that begin so; * means all.
type TypeList []string

// Scan reads the column.
func (l *TypeList) Scan(src any) error { return json.Unmarshal([]byte(fmt.Sprintf("%s", src)), l) }

// wants reports whether a receiver asked for this kind.
func (l TypeList) wants(kind string) bool {
	return slices.ContainsFunc(l, func(want string) bool {
		begin, all := strings.CutSuffix(want, "*")
		return want == kind || all && strings.HasPrefix(kind, begin)
	})
}

// Change is what of a webhook is to be another; nil leaves it.
type Change struct {
	URL         *string
	Events      []string
	Description *string
	State       *string
}

// Options are the parts of Webhooks.
type Options struct {
	DB        *database.DB
	Secret    []byte // of the server: the webhooks' own are sealed under it
	OldSecret []byte // the one before it while it changes, else empty
	Out       *egress.Client
	Now       func() time.Time
	Disabled  func(ctx context.Context, t *database.Tx, w Webhook) error // tells the partner; nil: nobody is told
	Failed    func(error)                                                // hears of faults of ours; nil: nobody
}

// Webhooks are all receivers. It is safe for concurrent use, also by several processes on one database.
type Webhooks struct {
	Options
	box, oldBox cipher.AEAD
	client      *http.Client
	bodies      *cache.Cache[place, string] // events that were read for one receiver and are for others too
	name        string                      // holder of leases
	sending     sending
}

// New makes them; Run sends.
func New(o Options) (*Webhooks, error) {
	w := &Webhooks{Options: o, bodies: cache.New[place, string](bodiesKept), name: rand.Text()[:12]}
	w.sending.busy = map[string]struct{}{}
	if w.Failed == nil {
		w.Failed = func(error) {}
	}
	var err error
	if w.box, err = seal.New(o.Secret, purpose); err != nil {
		return nil, fmt.Errorf("seal secrets of webhooks: %w", err)
	}
	if len(o.OldSecret) > 0 {
		if w.oldBox, err = seal.New(o.OldSecret, purpose); err != nil {
			return nil, fmt.Errorf("seal secrets of webhooks: %w", err)
		}
	}
	w.client = newClient(o.Out)
	return w, nil
}

const purpose = "insignia webhooks 1"

func (w *Webhooks) second() time.Time { return w.Now().UTC().Truncate(time.Second) }

func newID(noun string) string { return noun + "_" + strings.ToLower(rand.Text()[:16]) }

// Add makes a receiver of what happens from now on, an active one. secret is told this once.
func (w *Webhooks) Add(ctx context.Context, caller partner.Caller, c Change) (made Webhook, secret string, err error) {
	if c.URL == nil {
		c.URL = new(string)
	}
	if c.Events == nil {
		c.Events = []string{}
	}
	if err := w.check(ctx, c); err != nil {
		return Webhook{}, "", err
	}
	made = changed(Webhook{ID: newID("whk"), Partner: caller.ID, State: Active, CreatedAt: w.second()}, c)
	if made.Secret, secret, err = w.newSecret(made.ID); err != nil {
		return Webhook{}, "", err
	}
	err = w.DB.InTx(ctx, func(t *database.Tx) error {
		n, err := countWebhooks(ctx, t, caller.ID)
		if err == nil && n >= mostWebhooks {
			err = refusal.New("too_many_webhooks", fmt.Sprintf("A partner has %d webhooks at most.", mostWebhooks))
		}
		if err != nil {
			return err
		}
		if made.After, err = partner.FeedEnd(ctx, t, caller.ID); err != nil {
			return err
		}
		return insertWebhook(ctx, t, made)
	})
	return made, secret, err
}

func countWebhooks(ctx context.Context, t *database.Tx, owner string) (n int, err error) {
	_, err = t.Get(ctx, &n, `
		SELECT COUNT(*)
		FROM webhook
		WHERE partner_id = ?`, owner)
	return n, err
}

func insertWebhook(ctx context.Context, t *database.Tx, m Webhook) error {
	events, err := json.Marshal(m.Events)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, `
		INSERT INTO webhook (id, partner_id, url, events, description, state, secret, old_secret, after, created_at, leased_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?, '')`, m.ID, m.Partner, m.URL, string(events), m.Description, m.State, m.Secret, m.After, m.CreatedAt)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, `
		INSERT INTO webhook_feed (partner_id, position)
		VALUES (?, ?)
		ON CONFLICT DO NOTHING`, m.Partner, m.After)
	return err
}

// check refuses what a webhook cannot have, all faults at once.
func (w *Webhooks) check(ctx context.Context, c Change) error {
	var faults []refusal.Field
	fault := func(pointer, detail string) {
		faults = append(faults, refusal.Field{Pointer: pointer, Code: "bad_value", Detail: detail})
	}
	if c.URL != nil {
		if problem := w.checkAddress(ctx, *c.URL); problem != "" {
			fault("/url", problem)
		}
	}
	if c.Events != nil && len(c.Events) == 0 || len(c.Events) > mostEvents {
		fault("/events", fmt.Sprintf("has 1 to %d types of events, such as badge.offered, or badge.* for all that begin so", mostEvents))
	}
	for n, e := range c.Events[:min(len(c.Events), mostEvents)] {
		if !known(e) {
			fault(fmt.Sprintf("/events/%d", n), "is no type of events; there are "+strings.Join(Types, ", ")+", and badge.* for all that begin so")
		}
	}
	if c.Description != nil && *c.Description != "" {
		if problem := line.Problem(line.Tidy(*c.Description), 200); problem != "" {
			fault("/description", problem)
		}
	}
	if c.State != nil && *c.State != Active && *c.State != Disabled {
		fault("/state", "is active or disabled")
	}
	if len(faults) > 0 {
		return refusal.New("validation_failed", "The webhook is not as it should be.", faults...)
	}
	return nil
}

func (w *Webhooks) checkAddress(ctx context.Context, address string) (problem string) {
	if len(address) > 2000 {
		return "has more than 2,000 characters"
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Fragment != "" || !line.Storable(address) {
		return "is no address such as https://partner.example/insignia"
	}
	if u.User != nil {
		return "must not hold a name or a password: requests are signed instead"
	}
	switch err := w.Out.Permits(ctx, u); {
	case errors.Is(err, egress.ErrLoopback):
		return "is on this machine, which is not reached from here"
	case err != nil:
		return "must be a public https address: private networks are not reached, and plain http is not used"
	}
	return ""
}

// known reports whether a type, or the beginning of one with a star, is one that there is.
func known(kind string) bool {
	begin, all := strings.CutSuffix(kind, "*")
	return kind == "*" || slices.ContainsFunc(Types, func(t string) bool {
		return t == kind || all && strings.HasSuffix(begin, ".") && strings.HasPrefix(t, begin)
	})
}

// List is a page of a partner's webhooks in the order of their ids, behind the one of that id.
func (w *Webhooks) List(ctx context.Context, caller partner.Caller, after string, limit int) (list []Webhook, err error) {
	err = w.DB.Reader().Select(ctx, &list, `
		SELECT `+webhookColumns+`
		FROM webhook
		WHERE partner_id = ? AND id > ?
		ORDER BY id
		LIMIT ?`, caller.ID, after, limit)
	return list, err
}

// Get is one webhook of the caller.
func (w *Webhooks) Get(ctx context.Context, caller partner.Caller, id string) (Webhook, error) {
	return get(ctx, w.DB.Reader(), caller, id)
}

func get(ctx context.Context, t *database.Tx, caller partner.Caller, id string) (m Webhook, err error) {
	found := false
	if line.Storable(id) {
		found, err = t.Get(ctx, &m, `
			SELECT `+webhookColumns+`
			FROM webhook
			WHERE id = ? AND partner_id = ?`, id, caller.ID)
	}
	if err == nil && !found {
		err = refusal.New("not_found", "There is no such webhook.")
	}
	return m, err
}

// Change changes a webhook. One that is made active again hears of what happens from then on, and what waited goes out.
func (w *Webhooks) Change(ctx context.Context, caller partner.Caller, id string, c Change) (m Webhook, err error) {
	if err := w.check(ctx, c); err != nil {
		return m, err
	}
	err = w.DB.InTx(ctx, func(t *database.Tx) error {
		before, err := get(ctx, t, caller, id)
		if err != nil {
			return err
		}
		m = changed(before, c)
		if before.State == Disabled && m.State == Active {
			m.FailingSince = nil
			if m.After, err = partner.FeedEnd(ctx, t, caller.ID); err != nil {
				return err
			}
		}
		return updateWebhook(ctx, t, m)
	})
	return m, err
}

// changed is a webhook with a change that was checked.
func changed(m Webhook, c Change) Webhook {
	if c.URL != nil {
		m.URL = *c.URL
	}
	if c.Events != nil {
		m.Events = c.Events
	}
	if c.Description != nil {
		m.Description = line.Tidy(*c.Description)
	}
	if c.State != nil {
		m.State = *c.State
	}
	return m
}

func updateWebhook(ctx context.Context, t *database.Tx, m Webhook) error {
	events, err := json.Marshal(m.Events)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, `
		UPDATE webhook
		SET url = ?, events = ?, description = ?, state = ?, failing_since = ?, after = ?
		WHERE id = ?`, m.URL, string(events), m.Description, m.State, m.FailingSince, m.After, m.ID)
	return err
}

// Remove ends a webhook and forgets its deliveries.
func (w *Webhooks) Remove(ctx context.Context, caller partner.Caller, id string) error {
	return w.DB.InTx(ctx, func(t *database.Tx) error {
		if _, err := get(ctx, t, caller, id); err != nil {
			return err
		}
		for _, statement := range []string{
			`DELETE FROM webhook_attempt WHERE delivery_id IN (SELECT id FROM webhook_delivery WHERE webhook_id = ?)`,
			`DELETE FROM webhook_delivery WHERE webhook_id = ?`,
			`DELETE FROM webhook WHERE id = ?`,
		} {
			if _, err := t.Exec(ctx, statement, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// NewSecret gives a webhook another secret, which is told this once. The one before it signs too for a day.
func (w *Webhooks) NewSecret(ctx context.Context, caller partner.Caller, id string) (secret string, oldUntil time.Time, err error) {
	sealed, secret, err := w.newSecret(id)
	if err != nil {
		return "", time.Time{}, err
	}
	oldUntil = w.second().Add(oldSecret)
	err = w.DB.InTx(ctx, func(t *database.Tx) error {
		if _, err := get(ctx, t, caller, id); err != nil {
			return err
		}
		_, err := t.Exec(ctx, `
			UPDATE webhook
			SET old_secret = secret, secret = ?, old_until = ?
			WHERE id = ?`, sealed, oldUntil, id)
		return err
	})
	return secret, oldUntil, err
}

// newSecret makes a secret as Standard Webhooks writes it, 32 random bytes, and seals it for the webhook.
func (w *Webhooks) newSecret(webhook string) (sealed, secret string, err error) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	secret = "whsec_" + base64.StdEncoding.EncodeToString(random)
	return base64.StdEncoding.EncodeToString(w.box.Seal(nil, nil, random, []byte(webhook))), secret, nil
}

// open reads a sealed secret.
func (w *Webhooks) open(webhook, sealed string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, fmt.Errorf("secret of webhook %s: %w", webhook, err)
	}
	secret, err := w.box.Open(nil, nil, raw, []byte(webhook))
	if err != nil && w.oldBox != nil {
		secret, err = w.oldBox.Open(nil, nil, raw, []byte(webhook))
	}
	if err != nil {
		return nil, fmt.Errorf("secret of webhook %s is sealed with another secret of the server: %w", webhook, err)
	}
	return secret, nil
}

// Reseal seals under the server's secret what opens with the one before it.
func (w *Webhooks) Reseal(ctx context.Context) error {
	if w.oldBox == nil {
		return nil
	}
	return w.DB.InTx(ctx, func(t *database.Tx) error {
		var all []Webhook
		if err := t.Select(ctx, &all, `SELECT `+webhookColumns+` FROM webhook ORDER BY id`); err != nil {
			return err
		}
		for _, m := range all {
			again := [2]string{}
			for n, sealed := range []string{m.Secret, m.OldSecret} {
				if sealed == "" {
					continue
				}
				secret, err := w.open(m.ID, sealed)
				if err != nil {
					return err
				}
				again[n] = base64.StdEncoding.EncodeToString(w.box.Seal(nil, nil, secret, []byte(m.ID)))
			}
			if _, err := t.Exec(ctx, `UPDATE webhook SET secret = ?, old_secret = ? WHERE id = ?`, again[0], again[1], m.ID); err != nil {
				return err
			}
		}
		return nil
	})
}
