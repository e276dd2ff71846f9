package keyring

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
)

// Ensure makes the keys that are missing, and rotates those that are of another algorithm, or kept in
// another place, than the settings say now. Of several processes that start at once, one makes each
// key. A key that is needed and does not open is an error: whoever knows why revokes it.
func (k *Keyring) Ensure(ctx context.Context) error {
	s, err := k.reread(ctx)
	if err != nil {
		return err
	}
	for _, purpose := range purposes {
		last := s.last(purpose)
		switch {
		case last == nil:
			err = k.add(ctx, purpose)
		case last.broken != nil:
			err = fmt.Errorf("active %s key: %w", purpose, last.broken)
		case last.Algorithm != k.algorithmOf(purpose) || (last.Device != "") != (k.devices.of[purpose] != nil):
			err = k.replace(ctx, last.Key)
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
	row, err := k.generate(ctx, purpose, k.now())
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

// Rotate gives the newest key of a purpose a successor and returns that. It is published at once and
// signs when Options.Overlap is over, so that whoever keeps a copy of the issuer's keys has it by then;
// at once where the other never signed. Asked again meanwhile, or by several at once, it returns the
// same key, which begins now if this keyring has no Overlap. Retired keys stay published.
func (k *Keyring) Rotate(ctx context.Context, purpose Purpose) (Key, error) {
	if err := known(purpose); err != nil {
		return Key{}, err
	}
	s, err := k.reread(ctx)
	if err != nil {
		return Key{}, err
	}
	switch last := s.last(purpose); {
	case last == nil:
		err = k.add(ctx, purpose)
	case last.broken != nil:
		err = fmt.Errorf("active %s key: %w", purpose, last.broken)
	case !last.Begins.After(k.now()):
		err = k.replace(ctx, last.Key)
	case k.overlap == 0:
		err = k.hurry(ctx, last.Key)
	}
	if err != nil {
		return Key{}, err
	}
	if s, err = k.reread(ctx); err != nil {
		return Key{}, err
	}
	if last := s.last(purpose); last != nil {
		return last.Key, nil
	}
	return Key{}, fmt.Errorf("%w: none is left for %s", ErrNoKey, purpose)
}

// replace puts a new key behind one that has no successor, unless it has one by now.
func (k *Keyring) replace(ctx context.Context, old Key) error {
	begins := k.now()
	if old.FirstUsed != nil {
		begins = begins.Add(k.overlap)
	}
	begins = later(begins, old.Begins)
	row, err := k.generate(ctx, old.Purpose, begins)
	if err != nil {
		return err
	}
	err = k.db.InTx(ctx, func(t *database.Tx) error {
		retired, err := retireKey(ctx, t, old.ID, begins)
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

// hurry lets the waiting key sign now and retires the one before it now.
func (k *Keyring) hurry(ctx context.Context, waiting Key) error {
	now := k.now()
	err := k.db.InTx(ctx, func(t *database.Tx) error {
		if err := moveRetirement(ctx, t, waiting.Purpose, waiting.Begins, now); err != nil {
			return err
		}
		return beginEarly(ctx, t, waiting.Purpose, now)
	})
	if err != nil {
		return fmt.Errorf("let %s key %s begin: %w", waiting.Purpose, waiting.ID, err)
	}
	return nil
}

// Revoke ends all trust in a key and destroys its private part, unless a device keeps that. The newest
// of a purpose gets a successor in the same step, which signs at once if the key did. found is false for
// an unknown or already revoked key.
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
	if e.last() { // a key that is not will never be again
		begins := k.now()
		if e.Begins.After(begins) { // another one signs still
			begins = later(begins.Add(k.overlap), e.Begins)
		}
		if next, err = k.generate(ctx, e.Purpose, begins); err != nil {
			return false, err
		}
	}
	err = k.db.InTx(ctx, func(t *database.Tx) error {
		found, err = k.revoke(ctx, t, e.Key, reason, next)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("revoke key %s: %w", kid, err)
	}
	_, err = k.reread(ctx)
	return found, err
}

// revoke ends a key and lets those around it follow: next comes after the newest, the waiting one begins
// at once where the signing one ends, and the signing one stays where the waiting one ends.
func (k *Keyring) revoke(ctx context.Context, t *database.Tx, key Key, reason string, next keyRow) (found bool, err error) {
	if found, err = revokeLastKey(ctx, t, key.ID, reason, k.now()); err != nil {
		return false, err
	}
	switch {
	case found && key.Begins.After(k.now()):
		err = moveRetirement(ctx, t, key.Purpose, key.Begins, *next.BeginsAt)
	case !found && key.signsAt(k.now()):
		err = beginEarly(ctx, t, key.Purpose, k.now())
	}
	if err != nil {
		return false, err
	}
	if found {
		return true, mustInsert(ctx, t, next)
	}
	return revokeKey(ctx, t, key.ID, reason, k.now())
}

// mustInsert stores the successor of a key that this transaction has ended.
func mustInsert(ctx context.Context, t *database.Tx, row keyRow) error {
	stored, err := insertKey(ctx, t, row)
	if err == nil && !stored {
		err = fmt.Errorf("another %s key is active", row.Purpose)
	}
	return err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
