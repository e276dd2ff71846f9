package issuer

import (
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/issuer/programme"
)

// changes are what is to become of ledgers: gathered in memory, and stored together by whoever holds their locks.
// Those that nobody stores tell what would happen.
type changes struct {
	history programme.History
	now     time.Time
	ids     ids
	reason  Reason // of the change that this is about; empty where nobody gave one
	actor   Actor  // whose change it is; zero: the system's

	results     []Recorded // that are new
	corrections []correction
	made        []*Award
	changed     []*Award
	due         []*Award // to be signed
	ended       []*Award // whose status bits are to be set
	withdrawn   []*Award // whose holders are told that they are revoked
	events      []event
	entries     []awardEntry
	restated    []*ledger // whose candidates have new facts
	moved       []*ledger // of which something is offered at another address
}

// ids makes the public id of a new award and the salt of its recipient's hash.
type ids func() (award, salt string)

// previewIDs tell apart awards that would be made.
func previewIDs() ids {
	n := 0
	return func() (award, salt string) {
		n++
		return fmt.Sprintf("preview-%d", n), ""
	}
}

// change notes that an award's row is to be stored again.
func (c *changes) change(a *Award) {
	if !slices.Contains(c.made, a) && !slices.Contains(c.changed, a) {
		c.changed = append(c.changed, a)
	}
}

// reissue has a new version of the credential signed, one however often it is asked for.
func (c *changes) reissue(a *Award) {
	c.change(a)
	if !slices.Contains(c.due, a) {
		c.due = append(c.due, a)
	}
}

// edition begins the next edition of an award. An earlier one that began too late to be replaced by it is
// taken back.
func (c *changes) edition(a *Award) {
	before := time.Time{}
	if a.Version > 0 {
		before = a.validFrom()
	}
	a.Version++
	a.IssuedAt = later(c.now, a.IssuedAt.Add(time.Second))
	if a.ValidFrom = nil; a.overAt(a.IssuedAt) {
		from := a.lateStart(before)
		a.ValidFrom = &from
	}
	if !before.IsZero() && !a.validFrom().After(before) && !slices.Contains(c.ended, a) {
		c.ended = append(c.ended, a)
	}
}

// note keeps what happens to an award, and who does it. That it was made is told by the award itself.
func (c *changes) note(change string, a *Award, reason string) {
	if change == "offered" {
		return
	}
	actor := c.actor
	if actor.Kind == "" {
		actor.Kind = BySystem
	}
	c.entries = append(c.entries, awardEntry{a.ID, Entry{At: c.now, Actor: actor, Change: change, Reason: reason}})
}
