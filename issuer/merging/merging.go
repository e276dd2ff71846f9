// Package merging joins certification profiles of one person, so that they share one ledger and one set of awards, and
// takes them apart again (contract 3.3). It knows no page, and decides nothing about what is earned: the ledger does,
// joint or apart. Whatever merges in force connect is one ledger, in whichever order they were made and undone.
package merging

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// undoFor is how long a merge can be undone.
const undoFor = 30 * 24 * time.Hour

// Merging merges profiles and undoes it. It is safe for concurrent use, also by several processes on one database.
type Merging struct {
	db     *database.DB
	issuer *issuer.Issuer
}

// New is the merging of an issuer's profiles.
func New(db *database.DB, i *issuer.Issuer) *Merging { return &Merging{db, i} }

// Merge is that two candidates share a ledger, by themselves or with others.
type Merge struct {
	ID        string        `db:"id"`
	Into      string        `db:"into_candidate"` // ids of candidates
	From      string        `db:"from_candidate"`
	Partner   string        `db:"partner_id"` // who merged its own; empty: somebody else did
	Reason    string        `db:"reason"`     // for the record
	Awards    ledger.IDList `db:"awards"`     // that it made or changed, and then its undoing
	CreatedAt time.Time     `db:"created_at"`
	UndoUntil time.Time     `db:"undo_until"`
	UndoneAt  *time.Time    `db:"undone_at"`

	IntoNumber string `db:"into_number"` // their partners' own ids
	FromNumber string `db:"from_number"`
}

// Preview is what a merge would do.
type Preview struct {
	Before, After int                 // awards that stand
	Made          []programme.Subject // that are earned together only
	Collapsed     []string            // ids of awards that lead to an earlier one of the same then
}

// Own merges two candidates of the caller's, named by the partner's own ids.
func (m *Merging) Own(ctx context.Context, caller partner.Caller, into, from string, reason ledger.Reason) (Merge, error) {
	if err := check(into, from, &reason); err != nil {
		return Merge{}, err
	}
	by := ledger.Actor{Kind: ledger.ByPartner, Name: caller.Name, PartnerID: caller.ID}
	return m.Merge(ctx, by, own(caller, into), own(caller, from), reason)
}

// PreviewOwn is what Own would do. It changes nothing.
func (m *Merging) PreviewOwn(ctx context.Context, caller partner.Caller, into, from string, reason ledger.Reason) (Preview, error) {
	if err := check(into, from, &reason); err != nil {
		return Preview{}, err
	}
	return m.Preview(ctx, own(caller, into), own(caller, from))
}

func own(caller partner.Caller, number string) string {
	return ledger.CandidateKey{Partner: caller.ID, Number: number}.ID()
}

// check finds everything that is wrong with a merge that somebody asks for, and tidies the reason.
func check(into, from string, reason *ledger.Reason) error {
	f := slices.Concat(fault("/into", into, idMost), fault("/from", from, idMost), tidy(reason))
	if len(f) == 0 && into == from {
		f = append(f, refusal.Field{Pointer: "/from", Code: "bad_value", Detail: "is the same candidate"})
	}
	return refused(f)
}

const (
	idMost     = 200 // characters
	reasonMost = 1000
)

// tidy finds what is wrong with a reason, and tidies it.
func tidy(reason *ledger.Reason) []refusal.Field {
	said := reason.Text
	if reason.Text = line.Tidy(said); reason.Text == "" {
		return fault("/reason", said, reasonMost)
	}
	return fault("/reason", reason.Text, reasonMost)
}

func fault(pointer, value string, most int) []refusal.Field {
	if value == "" {
		return []refusal.Field{{Pointer: pointer, Code: "required", Detail: "is required"}}
	}
	if problem := line.Problem(value, most); problem != "" {
		return []refusal.Field{{Pointer: pointer, Code: "bad_text", Detail: problem}}
	}
	return nil
}

func refused(f []refusal.Field) error {
	if len(f) == 0 {
		return nil
	}
	return refusal.New("validation_failed", "The request is not as it should be.", f...)
}

// Merge joins the ledger of one candidate with that of another, in one transaction. Whoever calls it has seen to it that
// the actor may.
func (m *Merging) Merge(ctx context.Context, by ledger.Actor, into, from string, reason ledger.Reason) (done Merge, err error) {
	err = issuer.Change(ctx, m.issuer, func(tx issuer.Transaction) error {
		list, err := tx.Lock(ctx, into, from)
		if err != nil {
			return err
		}
		a, b := list[0], list[1]
		if err := m.allowed(ctx, tx.Tx(), a, b); err != nil {
			return err
		}
		tx.Actor, tx.Reason = by, reason
		done = Merge{
			ID: newID(), Into: into, From: from, Partner: by.PartnerID, Reason: reason.Text, CreatedAt: tx.Now, UndoUntil: tx.Now.Add(undoFor),
			IntoNumber: a.Candidate(into).Number, FromNumber: b.Candidate(from).Number,
		}
		l := ledger.Join(a, b)
		if err := setRoot(ctx, tx.Tx(), l); err != nil {
			return fmt.Errorf("join ledgers: %w", err)
		}
		tell(tx, "profile.merged", done, l)
		_, changed := tx.Settle(l, ledger.ByLedger)
		done.Awards = ledger.AwardIDs(changed)
		tx.Notify(l, issuer.NoticeMerged, done.ID)
		return insertMerge(ctx, tx.Tx(), done, by)
	})
	if err != nil {
		return Merge{}, fmt.Errorf("merge profiles: %w", err)
	}
	return done, nil
}

// Preview is what Merge would do. It changes nothing.
func (m *Merging) Preview(ctx context.Context, into, from string) (p Preview, err error) {
	c, list, err := issuer.Preview(ctx, m.issuer, into, from)
	if err != nil {
		return p, fmt.Errorf("preview a merge: %w", err)
	}
	a, b := list[0], list[1]
	if err := m.allowed(ctx, m.db.Reader(), a, b); err != nil {
		return p, err
	}
	l := ledger.Join(a, b)
	p.Before = standing(l)
	led := map[string]bool{}
	for _, award := range l.Awards {
		led[award.ID] = award.Successor != ""
	}
	c.Settle(l, ledger.ByLedger)
	p.After = standing(l)
	for _, award := range c.Made {
		p.Made = append(p.Made, award.Subject())
	}
	for _, award := range l.Awards {
		if award.Successor != "" && !led[award.ID] {
			p.Collapsed = append(p.Collapsed, award.ID)
		}
	}
	return p, nil
}

// standing counts the awards that are neither revoked nor superseded.
func standing(l *ledger.Ledger) (n int) {
	for _, a := range l.Awards {
		n += database.Flag(a.Stands())
	}
	return n
}

// allowed refuses what must not be one ledger: a merge goes into the connected profile, and never joins those of two
// accounts.
func (m *Merging) allowed(ctx context.Context, t *database.Tx, into, from *ledger.Ledger) error {
	if into == from {
		return refusal.New("already_merged", "The two profiles are one already.")
	}
	var test, connected [2]bool
	var accounts [2]string
	for n, l := range []*ledger.Ledger{into, from} {
		root, err := l.Root(), error(nil)
		if test[n], err = m.issuer.Partners.Sandbox(ctx, t, root.PartnerID); err != nil {
			return err
		}
		if accounts[n], err = connection.Connected(ctx, t, root.PartnerID, root.ID); err != nil {
			return fmt.Errorf("read whose a profile is: %w", err)
		}
		connected[n] = accounts[n] != ""
	}
	switch {
	case test[0] != test[1]:
		return refusal.New("validation_failed", "A test profile and a real one cannot be merged.", refusal.Field{Pointer: "/from", Code: "bad_value", Detail: "is of another kind"})
	case connected[0] && connected[1] && accounts[0] != accounts[1]:
		return refusal.New("already_connected", "The two profiles belong to different accounts.")
	case connected[1] && !connected[0]:
		return refusal.New("wrong_direction", "Merge into the other profile: it is the one that an account is connected to.", refusal.Field{Pointer: "/into", Code: "wrong_direction", Detail: "is not the connected profile"})
	}
	return nil
}

// tell tells a partner whose candidates both are. Nobody hears of another partner's.
func tell(tx issuer.Transaction, kind string, m Merge, l *ledger.Ledger) {
	into, from := l.Candidate(m.Into), l.Candidate(m.From)
	if into == nil || from == nil || into.PartnerID != from.PartnerID {
		return
	}
	tx.Events = append(tx.Events, ledger.Event{
		Partner: into.PartnerID, Kind: kind, Candidate: into.Number, Reason: tx.Reason.Text,
		Merge: &ledger.MergeFact{ID: m.ID, Into: into.Number, From: from.Number, UndoUntil: m.UndoUntil},
	})
}

func newID() string { return "mrg_" + strings.ToLower(rand.Text()[:16]) }

// Find is a merge of the caller's.
func (m *Merging) Find(ctx context.Context, caller partner.Caller, id string) (Merge, error) {
	found, err := find(ctx, m.db.Reader(), id)
	if err == nil && found.Partner != caller.ID {
		err = noSuchMerge()
	}
	if err != nil {
		return Merge{}, err
	}
	return found, nil
}

func find(ctx context.Context, t *database.Tx, id string) (Merge, error) {
	if !line.Storable(id) {
		return Merge{}, noSuchMerge()
	}
	merge, found, err := selectMerge(ctx, t, id)
	if err != nil {
		return Merge{}, fmt.Errorf("read merge: %w", err)
	}
	if !found {
		return Merge{}, noSuchMerge()
	}
	return merge, nil
}

func noSuchMerge() error { return refusal.New("not_found", "There is no such merge.") }

// UndoOwn undoes a merge of the caller's. It needs no reason.
func (m *Merging) UndoOwn(ctx context.Context, caller partner.Caller, id string, reason ledger.Reason) (Merge, error) {
	if reason.Text != "" {
		if err := refused(tidy(&reason)); err != nil {
			return Merge{}, err
		}
	}
	if _, err := m.Find(ctx, caller, id); err != nil {
		return Merge{}, err
	}
	by := ledger.Actor{Kind: ledger.ByPartner, Name: caller.Name, PartnerID: caller.ID}
	return m.Undo(ctx, by, id, reason)
}

// Undo separates what a merge joined: awards that only the joint ledger earned end, and those that led to others stand by
// themselves again. What other merges join stays together. Undoing again changes nothing. Whoever calls it has seen to
// it that the actor may.
func (m *Merging) Undo(ctx context.Context, by ledger.Actor, id string, reason ledger.Reason) (undone Merge, err error) {
	err = issuer.Change(ctx, m.issuer, func(tx issuer.Transaction) error {
		if undone, err = find(ctx, tx.Tx(), id); err != nil {
			return err
		}
		list, err := tx.Lock(ctx, undone.Into)
		if err != nil {
			return err
		}
		if undone, err = find(ctx, tx.Tx(), id); err != nil || undone.UndoneAt != nil { // as it is under the lock
			return err
		}
		if tx.Now.After(undone.UndoUntil) {
			return refusal.New("too_late", "A merge can be undone for 30 days.")
		}
		tx.Actor, tx.Reason = by, reason
		return m.separate(ctx, tx, &undone, list[0])
	})
	if err != nil {
		return Merge{}, fmt.Errorf("undo a merge of profiles: %w", err)
	}
	return undone, nil
}

// separate takes a joint ledger apart where a merge joined it.
func (m *Merging) separate(ctx context.Context, tx issuer.Transaction, undone *Merge, l *ledger.Ledger) error {
	now := tx.Now
	undone.UndoneAt = &now
	tell(tx, "profile.unmerged", *undone, l)
	tx.Notify(l, issuer.NoticeSeparated, undone.ID)
	inForce, err := selectInForce(ctx, tx.Tx(), l)
	if err != nil {
		return fmt.Errorf("read merges: %w", err)
	}
	var changed []*ledger.Award
	parts := make([]*ledger.Ledger, 2)
	parts[0], parts[1] = tx.Separate(l, apart(l, *undone, inForce))
	for _, part := range parts {
		if err := setRoot(ctx, tx.Tx(), part); err != nil {
			return fmt.Errorf("separate ledgers: %w", err)
		}
		_, more := tx.Settle(part, ledger.ByLedger)
		changed = append(changed, more...)
	}
	for _, a := range changed {
		if !slices.Contains(undone.Awards, a.ID) {
			undone.Awards = append(undone.Awards, a.ID)
		}
	}
	return markUndone(ctx, tx.Tx(), *undone, tx.Actor, tx.Reason)
}

// apart are the candidates that leave the root of a ledger when a merge is undone, the one that it joined first.
func apart(l *ledger.Ledger, undone Merge, inForce []Merge) (leaving []string) {
	stays := map[string]bool{l.Root().ID: true}
	for more := true; more; {
		more = false
		for _, e := range inForce {
			if e.ID != undone.ID && stays[e.Into] != stays[e.From] {
				stays[e.Into], stays[e.From], more = true, true, true
			}
		}
	}
	first := undone.From
	if stays[first] {
		first = undone.Into
	}
	leaving = []string{first}
	for _, c := range l.Candidates {
		if !stays[c.ID] && c.ID != first {
			leaving = append(leaving, c.ID)
		}
	}
	return leaving
}
