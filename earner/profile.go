package earner

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/refusal"
)

// Profile is the page of a person, /people/{handle}. It is off until somebody turns it on.
type Profile struct {
	Account string `db:"account_id"`
	Handle  string `db:"handle"`
	Shown   bool   `db:"shown"`
}

// Codes of refusals about profiles.
const (
	HandleInvalid = "handle_invalid"
	HandleTaken   = "handle_taken"
)

// Profiles are the pages of people.
type Profiles struct {
	db    *database.DB
	clock func() time.Time
}

// Profile is that of an account; one that was never set up is off and has no handle.
func (ps *Profiles) Profile(ctx context.Context, account string) (Profile, error) {
	p := Profile{Account: account}
	_, err := ps.db.Reader().Get(ctx, &p, `
		SELECT account_id, handle, shown
		FROM profile
		WHERE account_id = ?`, account)
	if err != nil {
		return p, fmt.Errorf("read profile: %w", err)
	}
	return p, nil
}

// ShownProfile finds the profile of a handle, if it is on. Unknown and off are the same.
func (ps *Profiles) ShownProfile(ctx context.Context, name string) (p Profile, found bool, err error) {
	if !handle.MatchString(name) {
		return p, false, nil
	}
	found, err = ps.db.Reader().Get(ctx, &p, `
		SELECT account_id, handle, shown
		FROM profile
		WHERE handle = ? AND shown = 1`, name)
	if err != nil {
		return p, false, fmt.Errorf("find profile: %w", err)
	}
	return p, found, nil
}

// ShownProfiles are those of accounts that are on. Those of sandboxes are nobody for the world to find, and left out.
func (ps *Profiles) ShownProfiles(ctx context.Context, accounts []string) (list []Profile, err error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	err = ps.db.Reader().Select(ctx, &list, `
		SELECT account_id, handle, shown
		FROM profile
		WHERE account_id IN (?) AND shown = 1
			AND NOT EXISTS (SELECT 1 FROM address d WHERE d.account_id = profile.account_id AND d.sandbox = 1)
		ORDER BY handle`, accounts)
	return list, err
}

// handle is what addresses take without an escape and people can say.
var handle = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{1,28}[a-z0-9])$`)

// SetProfile keeps handle and switch of an account. A handle belongs to the first account that took it, for ever. One
// that is off may have none.
func (ps *Profiles) SetProfile(ctx context.Context, p Profile) error {
	if !handle.MatchString(p.Handle) && (p.Handle != "" || p.Shown) {
		return refusal.New(HandleInvalid, "A handle has 3 to 30 small letters, digits and hyphens between them.")
	}
	now := ps.clock().UTC().Truncate(time.Second)
	return ps.db.InTx(ctx, func(t *database.Tx) error {
		if err := takeHandle(ctx, t, p, now); err != nil {
			return err
		}
		_, err := t.Exec(ctx, `
			INSERT INTO profile (account_id, handle, shown, changed_at)
			VALUES (?, ?, ?, ?)
			ON CONFLICT (account_id) DO UPDATE
			SET handle = excluded.handle, shown = excluded.shown, changed_at = excluded.changed_at`,
			p.Account, p.Handle, database.Flag(p.Shown), now)
		if err != nil {
			return fmt.Errorf("keep profile: %w", err)
		}
		return nil
	})
}

func takeHandle(ctx context.Context, t *database.Tx, p Profile, now time.Time) error {
	if p.Handle == "" {
		return nil
	}
	_, err := t.Exec(ctx, `
		INSERT INTO handle (handle, account_id, created_at)
		VALUES (?, ?, ?)
		ON CONFLICT DO NOTHING`, p.Handle, p.Account, now)
	if err != nil {
		return fmt.Errorf("take handle: %w", err)
	}
	var owner string
	if _, err := t.Get(ctx, &owner, `
		SELECT account_id
		FROM handle
		WHERE handle = ?`, p.Handle); err != nil {
		return fmt.Errorf("read whose a handle is: %w", err)
	}
	var gone int
	left, err := t.Get(ctx, &gone, `SELECT 1 FROM handle_gone WHERE digest = ?`, digest(p.Handle))
	if err != nil {
		return fmt.Errorf("read whether somebody who left had a handle: %w", err)
	}
	if owner != p.Account || left {
		return refusal.New(HandleTaken, "Somebody else has this handle.")
	}
	return nil
}
