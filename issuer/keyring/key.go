package keyring

import (
	"crypto"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// Purpose is what a key signs, and nothing else. Each has one active key at a time.
type Purpose string

// The purposes.
const (
	JWT   Purpose = "jwt"   // credentials and status lists as VC-JWT: ES256, or RS256 by setting
	OB2   Purpose = "ob2"   // Open Badges 2.0 signed assertions, always RS256 (spec 2.0 section 7)
	Proof Purpose = "proof" // Data Integrity proofs, always Ed25519 (spec 3.0 section 5)
)

var purposes = []Purpose{JWT, OB2, Proof}

func known(purpose Purpose) error {
	if !slices.Contains(purposes, purpose) {
		return fmt.Errorf("%w: purpose %.20q", ErrNoKey, purpose)
	}
	return nil
}

// Key is what outsiders may know of a key. It signs from Begins until Retired, both of which may lie
// ahead. A retired key signs nothing new, but what it signed stays good; what a revoked one signed is
// no longer to be trusted.
type Key struct {
	ID        string // 16 characters of a-z and 2-7, from the RFC 7638 thumbprint
	Purpose   Purpose
	Algorithm string // JWA name
	Public    crypto.PublicKey
	Device    string // its name in the device that keeps it; empty: sealed in the database, or destroyed
	Created   time.Time
	Begins    time.Time
	FirstUsed *time.Time
	Retired   *time.Time
	Revoked   *time.Time
	Reason    string // of revocation
}

// Published reports whether the public key is still to be served. One whose row was tampered with has
// none (Public is nil).
func (k Key) Published() bool { return k.Revoked == nil && k.Public != nil }

// last reports whether the key has no successor.
func (k Key) last() bool { return k.Retired == nil && k.Revoked == nil }

// signsAt reports whether it is the key's time.
func (k Key) signsAt(now time.Time) bool {
	return k.Revoked == nil && !k.Begins.After(now) && (k.Retired == nil || k.Retired.After(now))
}

// entry is a key with its private part. The latter is nil if a device keeps it, if it was destroyed or,
// then with the reason in broken, if it does not open.
type entry struct {
	Key
	private crypto.Signer
	broken  error
	used    atomic.Bool // since it was read
}

// state is the keys as they were read; it never changes.
type state struct {
	revision int64
	read     time.Time // by the process's own clock, see fresh
	keys     []*entry  // oldest first
	byID     map[string]*entry
}

// last is the newest key of a purpose, which has no successor; nil before there is one.
func (s *state) last(purpose Purpose) *entry {
	for _, e := range slices.Backward(s.keys) {
		if e.Purpose == purpose && e.last() {
			return e
		}
	}
	return nil
}

// signing is the key of a purpose that signs now. Should the clock have gone back to before all of them,
// the newest has to do.
func (s *state) signing(purpose Purpose, now time.Time) *entry {
	for _, e := range slices.Backward(s.keys) {
		if e.Purpose == purpose && e.signsAt(now) {
			return e
		}
	}
	return s.last(purpose)
}

// secretFits is ErrSecret if none of the private keys there are could be opened.
func (s *state) secretFits() error {
	broken := 0
	for _, e := range s.keys {
		switch {
		case e.private != nil || e.Device != "":
			return nil
		case e.broken != nil:
			broken++
		}
	}
	if broken > 0 {
		return ErrSecret
	}
	return nil
}
