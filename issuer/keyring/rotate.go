package keyring

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/database"
)

// Ensure makes the keys that are missing, and a new JWT key where the algorithm of the setting is
// another now. Of several processes that start at once, one makes each key. An active key that does not
// open is an error: whoever knows why revokes it.
func (k *Keyring) Ensure(ctx context.Context) error {
	s, err := k.reread(ctx)
	if err != nil {
		return err
	}
	for _, purpose := range purposes {
		e, found := s.active[purpose]
		switch {
		case found && e.broken != nil:
			return fmt.Errorf("active %s key: %w", purpose, e.broken)
		case !found:
			err = k.add(ctx, purpose)
		case e.Algorithm != k.algorithmOf(purpose):
			err = k.replace(ctx, e.Key)
		}
		if err != nil {
			return err
		}
	}
	_, err = k.reread(ctx)
	return err
}

// add makes the first key of a purpose, unless another process did.
func (k *Keyring) add(ctx context.Context, purpose Purpose) error {
	row, err := k.generate(purpose)
	if err != nil {
		return err
	}
	err = k.db.InTx(ctx, func(t *database.Tx) error {
		_, err := insertKey(ctx, t, row)
		return err
	})
	if err != nil {
		return fmt.Errorf("store %s key: %w", purpose, err)
	}
	return nil
}

// Rotate retires the active key of a purpose and returns its successor. Of several rotations at once
// one happens, and all return its key. Retired keys stay published.
func (k *Keyring) Rotate(ctx context.Context, purpose Purpose) (Key, error) {
	if err := known(purpose); err != nil {
		return Key{}, err
	}
	s, err := k.reread(ctx)
	if err != nil {
		return Key{}, err
	}
	e, found := s.active[purpose]
	switch {
	case !found:
		err = k.add(ctx, purpose)
	case e.broken != nil:
		err = fmt.Errorf("active %s key: %w", purpose, e.broken)
	default:
		err = k.replace(ctx, e.Key)
	}
	if err != nil {
		return Key{}, err
	}
	if _, err := k.reread(ctx); err != nil {
		return Key{}, err
	}
	return k.Active(ctx, purpose)
}

// replace puts a new key in the place of an active one, unless that is no longer active.
func (k *Keyring) replace(ctx context.Context, old Key) error {
	row, err := k.generate(old.Purpose)
	if err != nil {
		return err
	}
	err = k.db.InTx(ctx, func(t *database.Tx) error {
		retired, err := retireKey(ctx, t, old.ID, k.now())
		if err != nil || !retired {
			return err
		}
		return mustInsert(ctx, t, row)
	})
	if err != nil {
		return fmt.Errorf("replace %s key: %w", old.Purpose, err)
	}
	return nil
}

// Revoke ends all trust in a key and destroys its private part; an active one gets a successor in the
// same step. found is false for an unknown or already revoked key.
func (k *Keyring) Revoke(ctx context.Context, kid, reason string) (found bool, err error) {
	s, err := k.reread(ctx)
	if err != nil {
		return false, err
	}
	e := s.byID[kid]
	if e == nil || e.Revoked != nil {
		return false, nil
	}
	var next keyRow
	if e.active() { // a key that is not will never be again
		if next, err = k.generate(e.Purpose); err != nil {
			return false, err
		}
	}
	err = k.db.InTx(ctx, func(t *database.Tx) error {
		if found, err = revokeActiveKey(ctx, t, kid, reason, k.now()); err != nil {
			return err
		}
		if found {
			return mustInsert(ctx, t, next)
		}
		found, err = revokeKey(ctx, t, kid, reason, k.now())
		return err
	})
	if err != nil {
		return false, fmt.Errorf("revoke key %s: %w", kid, err)
	}
	_, err = k.reread(ctx)
	return found, err
}

// mustInsert stores the successor of a key that this transaction has ended.
func mustInsert(ctx context.Context, t *database.Tx, row keyRow) error {
	stored, err := insertKey(ctx, t, row)
	if err == nil && !stored {
		err = fmt.Errorf("another %s key is active", row.Purpose)
	}
	return err
}

// reseal seals with the new secret what opens with the old one only. What opens with neither is left:
// Ensure or the first signature will say so.
func (k *Keyring) reseal(ctx context.Context) error {
	rows, err := selectKeys(ctx, k.db.Reader())
	if err != nil {
		return err
	}
	fresh := map[string][]byte{}
	for _, row := range rows {
		if len(row.Sealed) == 0 {
			continue
		}
		if _, err := k.seal.open(row); err == nil {
			continue
		}
		private, err := k.old.open(row)
		if err != nil {
			continue
		}
		if fresh[row.ID], err = k.seal.close(row, private); err != nil {
			return err
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return k.db.InTx(ctx, func(t *database.Tx) error {
		for _, row := range rows {
			if fresh[row.ID] == nil {
				continue
			}
			if err := updateSealed(ctx, t, row, fresh[row.ID]); err != nil {
				return err
			}
		}
		return nil
	})
}
