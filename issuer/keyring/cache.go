package keyring

import (
	"context"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
)

// lookEvery is how long a process may sign without having looked for changes by others.
const lookEvery = time.Second

// fresh is the keys, at most a second old. Its age is measured by the process's own clock: the one that
// tests and the demo hold still would never let it end.
func (k *Keyring) fresh(ctx context.Context) (*state, error) {
	if s := k.current.Load(); time.Since(s.read) < lookEvery {
		return s, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.current.Load()
	if time.Since(s.read) < lookEvery { // somebody else looked meanwhile
		return s, nil
	}
	return k.look(ctx)
}

// reread is the keys as they are now.
func (k *Keyring) reread(ctx context.Context) (*state, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.look(ctx)
}

// look reads the revision, and the keys if it is another one. k.mu is held.
func (k *Keyring) look(ctx context.Context) (*state, error) {
	last := k.current.Load()
	if last == nil {
		last = &state{revision: -1}
	}
	now := time.Now()
	revision, err := selectRevision(ctx, k.db.Reader())
	if err != nil {
		return nil, fmt.Errorf("read revision of keys: %w", err)
	}
	if revision == last.revision {
		s := *last
		s.read = now
		k.current.Store(&s)
		return &s, nil
	}
	rows, err := selectKeys(ctx, k.db.Reader())
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	// The rows may be newer than the revision; then they are read once more at the next look.
	s := &state{revision: revision, read: now, byID: map[string]*entry{}}
	for _, row := range rows {
		e := k.open(row, last.byID[row.ID])
		s.keys = append(s.keys, e)
		s.byID[e.ID] = e
	}
	k.current.Store(s)
	return s, nil
}

// open turns a row into an entry. A private key that was opened before stays in memory. The public key
// of a row that does not open, unless the key is revoked, is not believed: whoever can write rows could
// have put his own there.
func (k *Keyring) open(row keyRow, before *entry) *entry {
	e := &entry{Key: row.key()}
	switch {
	case e.Revoked != nil:
	case before != nil && before.broken == nil && before.Revoked == nil:
		e.private, e.Device = before.private, before.Device
	default:
		var c content
		c, e.broken = k.unseal(row)
		e.private, e.Device = c.private, c.device
	}
	if e.broken != nil {
		return e
	}
	if before != nil && before.Public != nil {
		e.Public = before.Public
		return e
	}
	e.Public, e.broken = row.public()
	return e
}

// noteUse remembers when a key was first used.
func (k *Keyring) noteUse(ctx context.Context, e *entry) error {
	if e.FirstUsed != nil || e.used.Load() {
		return nil
	}
	err := k.db.InTx(ctx, func(t *database.Tx) error { return updateFirstUsed(ctx, t, e.ID, k.now()) })
	if err != nil {
		return fmt.Errorf("note first use of key %s: %w", e.ID, err)
	}
	e.used.Store(true)
	return nil
}
