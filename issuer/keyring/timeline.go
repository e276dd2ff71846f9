package keyring

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Event is one thing that happened to a key, or is planned.
type Event struct {
	At   time.Time
	What string // one of the constants below
	Key  Key
}

// What happens to a key, in this order.
const (
	EventCreated   = "created"
	EventBegan     = "began" // signs from then on
	EventFirstUsed = "first_used"
	EventRetired   = "retired"
	EventRevoked   = "revoked"
)

// Timeline tells the life of all keys, the oldest event first. Those after now are planned.
func (k *Keyring) Timeline(ctx context.Context) ([]Event, error) {
	keys, err := k.Keys(ctx)
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, key := range keys {
		events = append(events, key.events()...)
	}
	slices.SortStableFunc(events, func(a, b Event) int {
		if d := a.At.Compare(b.At); d != 0 {
			return d
		}
		return strings.Compare(string(a.Key.Purpose), string(b.Key.Purpose))
	})
	return events, nil
}

// events are a key's own, in their order. What was planned for after its revocation never happened.
func (k Key) events() (events []Event) {
	add := func(what string, at *time.Time) {
		if at != nil && (what == EventRevoked || k.Revoked == nil || !at.After(*k.Revoked)) {
			events = append(events, Event{At: *at, What: what, Key: k})
		}
	}
	add(EventCreated, &k.Created)
	add(EventBegan, &k.Begins)
	add(EventFirstUsed, k.FirstUsed)
	add(EventRetired, k.Retired)
	add(EventRevoked, k.Revoked)
	return events
}
