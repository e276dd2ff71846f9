package keyring

import (
	"context"
	"fmt"
	"time"
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
	s := &state{revision: revision, read: now, byID: map[string]*entry{}, active: map[Purpose]*entry{}}
	for _, row := range rows {
		e := k.open(row, last.byID[row.ID])
		s.keys = append(s.keys, e)
		s.byID[e.ID] = e
		if e.active() {
			s.active[e.Purpose] = e
		}
	}
	k.current.Store(s)
	return s, nil
}

// open turns a row into an entry. A private key that was opened before stays in memory.
func (k *Keyring) open(row keyRow, before *entry) *entry {
	e := &entry{Key: row.key()}
	switch {
	case e.Revoked != nil:
	case before != nil && before.private != nil:
		e.private = before.private
	default:
		e.private, e.broken = k.unseal(row)
	}
	if before != nil && before.Public != nil {
		e.Public = before.Public
		return e
	}
	var err error
	if e.Public, err = row.public(); err != nil && e.broken == nil {
		e.broken = err
	}
	return e
}
