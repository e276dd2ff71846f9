package issuer

import (
	"fmt"
	"slices"
	"strings"
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

// retellScores has those awards reissued that stand and tell the score of a result that was corrected, and
// returns those that nothing else had reissued.
func (c *changes) retellScores(l *ledger, r *Recorded, before Recorded, reason string) (retold []*Award) {
	if r.score() == before.score() {
		return nil
	}
	for _, a := range l.awards {
		if a.Scores && a.stands() && slices.Contains(a.Supports, r.ID) && !slices.Contains(c.due, a) {
			c.reissue(a)
			c.awardEvent("badge.updated", l, a, reason)
			retold = append(retold, a)
		}
	}
	return retold
}

// event is something that a partner may want to hear of, as it was when it happened.
type event struct {
	partner   string
	kind      string
	candidate string // the partner's own id
	reason    string // that somebody gave
	result    *Recorded
	award     *Award // a copy
	stored    *Award // the award itself, which knows its wording and edition when it is stored
}

// resultEvent tells of a result. What follows from it is told after it.
func (c *changes) resultEvent(kind string, l *ledger, r Recorded) {
	c.events = append(c.events, event{partner: r.PartnerID, kind: kind, candidate: l.candidate.Number, reason: c.reason.Text, result: &r})
}

// awardEvent tells of an award, with the reason that somebody gave, if any, and keeps it in the award's history.
func (c *changes) awardEvent(kind string, l *ledger, a *Award, reason string) {
	c.note(strings.TrimPrefix(kind, "badge."), a, reason)
	c.tellAward(kind, l, a, reason)
}

func (c *changes) tellAward(kind string, l *ledger, a *Award, reason string) {
	was := *a
	c.events = append(c.events, event{partner: a.PartnerID, kind: kind, candidate: l.candidate.Number, reason: reason, award: &was, stored: a})
}

// Entry is one thing that happened to a result or an award, as its partner reads it (contract 3). What the
// holder did with visibility is none.
type Entry struct {
	At     time.Time
	Actor  Actor
	Change string
	Reason string // for the record; what a partner gave is told to that one only
}

// Actor is who did something.
type Actor struct {
	Kind ActorKind
	Name string
	id   string // of a partner
}

// ActorKind is what kind of actor somebody is.
type ActorKind string

// The kinds of actors. What follows from the rules by itself is the system's.
const (
	ByPartner ActorKind = "partner"
	ByPerson  ActorKind = "person"
	ByTeam    ActorKind = "staff"
	BySystem  ActorKind = "system"
)

// The changes of awards that are not kinds of events.
const (
	changeRenamed     = "renamed"     // a new edition with another name
	changeReaddressed = "readdressed" // a new edition for another address
	changeReturned    = "returned"    // offered again: it was never whose account had it
	changeExpired     = "expired"
)

// awardEntry is an entry of an award's history, to be stored.
type awardEntry struct {
	award string
	Entry
}

// Reason is why somebody changed a result or an award. It has two audiences (contract 3), and the same rule
// holds wherever one is given.
type Reason struct {
	Text   string // for the record, for the partner and for staff; never shown to anybody else
	Public string // what holder and world may read, on pages, in letters and in what is signed; empty: a neutral sentence
}
