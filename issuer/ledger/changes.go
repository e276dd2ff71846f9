package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/issuer/programme"
)

// Changes are what is to become of ledgers: gathered in memory, and stored together by whoever holds their locks.
// Those that nobody stores tell what would happen.
type Changes struct {
	History programme.History
	Now     time.Time
	IDs     IDs
	Reason  Reason // of the change that this is about; empty where nobody gave one
	Actor   Actor  // whose change it is; zero: the system's

	Results     []Result // that are new
	Corrections []Correction
	Made        []*Award
	Changed     []*Award
	Rebased     []*Award // those of Changed that rest on other results than before
	Chosen      []*Award // those of Changed that are accepted, or not any more, by what became of others
	Due         []*Award // to be signed
	Ended       []*Award // whose status bits are to be set
	Withdrawn   []*Award // whose holders are told that they are revoked
	Ending      []*Award // whose day of expiry came, moved, or is not waited for any more
	Events      []Event
	Entries     []AwardEntry
	Restated    []*Candidate // who have new facts
	Refounded   []*Ledger    // whose root is among them
	Moved       []Moved
}

// Moved is a candidate of whom something is offered at another address.
type Moved struct {
	*Candidate
	Of *Ledger
}

// Addresses are those at which anything of the candidate may be offered.
func (m Moved) Addresses() []string {
	list := []string{m.Email}
	for _, a := range m.Of.Awards {
		if a.CandidateID == m.ID {
			list = append(list, a.Address(m.Candidate))
		}
	}
	return list
}

// IDs makes the public id of a new award and the salt of its recipient's hash.
type IDs func() (award, salt string)

// PreviewIDs tell apart awards that would be made.
func PreviewIDs() IDs {
	n := 0
	return func() (award, salt string) {
		n++
		return fmt.Sprintf("preview-%d", n), ""
	}
}

// Change notes that an award's row is to be stored again.
func (c *Changes) Change(a *Award) {
	if !slices.Contains(c.Made, a) && !slices.Contains(c.Changed, a) {
		c.Changed = append(c.Changed, a)
	}
}

// Reissue has a new version of the credential signed, one however often it is asked for.
func (c *Changes) Reissue(a *Award) {
	c.Change(a)
	if !slices.Contains(c.Due, a) {
		c.Due = append(c.Due, a)
	}
}

// Edition begins the next edition of an award. An earlier one that began too late to be replaced by it is
// taken back.
func (c *Changes) Edition(a *Award) {
	before := time.Time{}
	if a.Version > 0 {
		before = a.validFrom()
	}
	a.Version++
	a.IssuedAt = Later(c.Now, a.IssuedAt.Add(time.Second))
	if a.ValidFrom = nil; a.OverAt(a.IssuedAt) {
		from := a.lateStart(before)
		a.ValidFrom = &from
	}
	if !before.IsZero() && !a.validFrom().After(before) && !slices.Contains(c.Ended, a) {
		c.Ended = append(c.Ended, a)
	}
}

// Note keeps what happens to an award, and who does it. That it was made is told by the award itself.
func (c *Changes) Note(change string, a *Award, reason string) {
	if change == "offered" {
		return
	}
	actor := c.Actor
	if actor.Kind == "" {
		actor.Kind = BySystem
	}
	c.Entries = append(c.Entries, AwardEntry{a.ID, Entry{At: c.Now, Actor: actor, Change: change, Reason: reason}})
}

// beginEnd has it noticed when a new award ends, or one that stands again, unless it is over already: then nobody waits for it.
func (c *Changes) beginEnd(a *Award) {
	if !a.ExpiresOn.IsZero() && !a.OverAt(c.Now) && !slices.Contains(c.Ending, a) {
		c.Ending = append(c.Ending, a)
	}
}

// moveEnd is beginEnd for an award that ends on another day than before. One that was over is not over again.
func (c *Changes) moveEnd(a *Award, before Day) {
	wasOver := !before.IsZero() && !c.Now.Before(before.Time())
	if a.ExpiresOn != before && !(wasOver && a.OverAt(c.Now)) && !slices.Contains(c.Ending, a) {
		c.Ending = append(c.Ending, a)
	}
}

// dropEnd is that an award is withdrawn, so that nobody waits for its end any more.
func (c *Changes) dropEnd(a *Award) {
	if !a.ExpiresOn.IsZero() && !slices.Contains(c.Ending, a) {
		c.Ending = append(c.Ending, a)
	}
}

// Expire tells that the days of an award are over, and keeps it in its history with the day on which that was. One
// that is withdrawn has come to an end before; one that ends later goes on the agenda again.
func (c *Changes) Expire(l *Ledger, a *Award) {
	switch {
	case !a.Stands() || a.ExpiresOn.IsZero():
	case !a.OverAt(c.Now):
		c.Ending = append(c.Ending, a)
	default:
		at := Later(a.ExpiresOn.Time(), a.CreatedAt)
		c.Entries = append(c.Entries, AwardEntry{a.ID, Entry{At: at, Actor: Actor{Kind: BySystem}, Change: ChangeExpired}})
		c.TellAward("badge.expired", l, a, "")
	}
}

// RetellScores has those awards reissued that stand and tell the score of a result that was corrected, and
// returns those that nothing else had reissued.
func (c *Changes) RetellScores(l *Ledger, r *Result, before Result, reason string) (retold []*Award) {
	if r.Scored() == before.Scored() {
		return nil
	}
	for _, a := range l.Awards {
		if a.Scores && a.Stands() && slices.Contains(a.Supports, r.Key()) && !slices.Contains(c.Due, a) {
			c.Reissue(a)
			c.AwardEvent("badge.updated", l, a, reason)
			retold = append(retold, a)
		}
	}
	return retold
}

// Event is something that a partner may want to hear of, as it was when it happened (contract 3.2).
type Event struct {
	Partner   string
	Kind      string
	Candidate string // the partner's own id
	Reason    string // that somebody gave
	Result    *Result
	Award     *Award // a copy
	Stored    *Award // the award itself, which knows its wording and edition when it is stored
	Merge     *MergeFact
}

// ResultEvent tells of a result. What follows from it is told after it.
func (c *Changes) ResultEvent(kind string, l *Ledger, r Result) {
	c.Events = append(c.Events, Event{Partner: r.PartnerID, Kind: kind, Candidate: l.Candidate(r.CandidateID).Number, Reason: c.Reason.Text, Result: &r})
}

// AwardEvent tells of an award, with the reason that somebody gave, if any, and keeps it in the award's history.
func (c *Changes) AwardEvent(kind string, l *Ledger, a *Award, reason string) {
	c.Note(strings.TrimPrefix(kind, "badge."), a, reason)
	c.TellAward(kind, l, a, reason)
}

// TellAward tells of an award and leaves its history alone.
func (c *Changes) TellAward(kind string, l *Ledger, a *Award, reason string) {
	was := *a
	c.Events = append(c.Events, Event{Partner: a.PartnerID, Kind: kind, Candidate: l.Candidate(a.CandidateID).Number, Reason: reason, Award: &was, Stored: a})
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
	Kind      ActorKind
	Name      string
	PartnerID string
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
	ChangeRenamed     = "renamed"     // a new edition with another name
	ChangeReaddressed = "readdressed" // a new edition for another address
	ChangeReturned    = "returned"    // offered again: it was never whose account had it
	ChangeExpired     = "expired"
)

// AwardEntry is an entry of an award's history, to be stored.
type AwardEntry struct {
	Award string
	Entry
}

// Reason is why somebody changed a result or an award. It has two audiences (contract 3), and the same rule
// holds wherever one is given.
type Reason struct {
	Text   string // for the record, for the partner and for staff; never shown to anybody else
	Public string // what holder and world may read, on pages, in letters and in what is signed; empty: a neutral sentence
}
