// Package leaving is how people take their data along and have it erased (flows 2.14): requests with a time to change
// one's mind, and exports. It knows accounts and their tables; what becomes of badges, of the register of exams and of
// letters it asks other rooms for, and it writes no words.
package leaving

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/jobs"
)

// Wait is how long somebody can change their mind. Until then everything stays as it was.
const Wait = 14 * 24 * time.Hour

// What becomes of somebody who leaves.
const (
	Leave = "leave" // their certifications stay valid, for whoever has a file; nobody else sees them
	Erase = "erase" // badges are withdrawn, and all that can be is erased
)

// Person is whose data it is: an account, or without one an address.
type Person struct {
	Account   string   // empty: has none
	Addresses []string // in their one spelling
	Sandbox   bool     // they were confirmed in a sandbox, so nothing live is theirs
}

// Register is the record of exams and badges, which outlives whoever leaves.
type Register interface {
	// Withdraw ends all badges of somebody, as they wish. Again it ends what is left.
	Withdraw(ctx context.Context, p Person) error
	// Erase takes out how to reach somebody, and has nobody see their badges. After Withdraw it also erases what
	// was signed; left is how many badges came meanwhile and have to be withdrawn first.
	Erase(ctx context.Context, t *database.Tx, p Person, withdrawn bool) (left int, err error)
}

// Letters writes to those who leave, in the transaction that makes it due, and forgets what was written to them.
type Letters interface {
	Leaving(ctx context.Context, t *database.Tx, l Letter) error
	Erase(ctx context.Context, t *database.Tx, p Person) error
}

// Letter is a letter that is due. It goes to each address of the person.
type Letter struct {
	Kind   string
	Person Person
	Choice string    // of LetterAsked and LetterDone
	On     time.Time // of LetterAsked: when it is done; of LetterExport: until when the file is kept
	Lang   string
}

// The kinds of letters.
const (
	LetterAsked  = "asked"  // it will be done
	LetterKept   = "kept"   // it was taken back
	LetterDone   = "done"   // it was done
	LetterExport = "export" // the file is ready
)

// Options are the parts that requests are made of.
type Options struct {
	Accounts *earner.Accounts
	Register Register
	Letters  Letters
	Now      func() time.Time
}

// Requests are those of people who want to be forgotten. It is safe for concurrent use, also by several processes on
// one database.
type Requests struct {
	Options
	db    *database.DB
	queue *jobs.Queue
}

// NewRequests registers its job with the queue.
func NewRequests(db *database.DB, queue *jobs.Queue, o Options) *Requests {
	rs := &Requests{o, db, queue}
	queue.Handle(jobErase, rs.erase, jobs.AtMost(1), jobs.Timeout(10*time.Minute))
	return rs
}

func (rs *Requests) now() time.Time { return rs.Now().UTC().Truncate(time.Second) }

// Request is that somebody wants to be forgotten.
type Request struct {
	ID       string    `db:"id"`
	Account  string    `db:"account_id"`
	Address  string    `db:"address"`
	Sandbox  bool      `db:"sandbox"`
	Choice   string    `db:"choice"`
	Language string    `db:"language"`
	State    string    `db:"state"`
	Asked    time.Time `db:"asked_at"`
	Due      time.Time `db:"due_at"`
}

// Begun reports that it is being done, so that it cannot be taken back any more.
func (r Request) Begun() bool { return r.State == begun }

// The states of a request. One that was done or taken back is gone.
const (
	asked = "asked"
	begun = "begun"
)

const requestColumns = `id, account_id, address, sandbox, choice, language, state, asked_at, due_at`

// subject is by what a request is found: the account, or the address of somebody who has none.
func (p Person) subject() (account, address string) {
	if p.Account != "" || len(p.Addresses) == 0 {
		return p.Account, ""
	}
	return "", p.Addresses[0]
}

// Find finds the request of somebody.
func (rs *Requests) Find(ctx context.Context, p Person) (r Request, found bool, err error) {
	account, address := p.subject()
	found, err = rs.db.Reader().Get(ctx, &r, `
		SELECT `+requestColumns+`
		FROM leaving_request
		WHERE account_id = ? AND address = ?`, account, address)
	if err != nil {
		return r, false, fmt.Errorf("read request to be forgotten: %w", err)
	}
	return r, found, nil
}

// Ask takes the wish to be forgotten: in fourteen days, unless it is taken back. All addresses are written to. Asked again
// meanwhile, and by whichever window, the first one stands, also for what was chosen.
func (rs *Requests) Ask(ctx context.Context, p Person, choice, language string) (r Request, err error) {
	account, address := p.subject()
	if account == "" && address == "" || choice != Leave && choice != Erase {
		return r, fmt.Errorf("ask to be forgotten: choice %q of account %q at %d addresses", choice, account, len(p.Addresses))
	}
	now := rs.now()
	err = rs.db.InTx(ctx, func(t *database.Tx) error {
		r = Request{
			ID: "lvg_" + strings.ToLower(rand.Text()[:20]), Account: account, Address: address, Sandbox: p.Sandbox, Choice: choice,
			Language: language, State: asked, Asked: now, Due: now.Add(Wait),
		}
		n, err := t.Exec(ctx, `
			INSERT INTO leaving_request (`+requestColumns+`)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`,
			r.ID, r.Account, r.Address, database.Flag(r.Sandbox), r.Choice, r.Language, r.State, r.Asked, r.Due)
		if err != nil || n == 0 {
			return err
		}
		if err := putOnAgenda(ctx, t, r); err != nil {
			return err
		}
		if err := rs.note(ctx, t, account, DeletionAsked); err != nil {
			return err
		}
		return rs.Letters.Leaving(ctx, t, Letter{Kind: LetterAsked, Person: p, Choice: choice, On: r.Due, Lang: language})
	})
	if err != nil {
		return r, fmt.Errorf("ask to be forgotten: %w", err)
	}
	r, _, err = rs.Find(ctx, p)
	return r, err
}

// Kinds of changes that are written down about an account.
const (
	DeletionAsked = "deletion_asked"
	DeletionKept  = "deletion_kept"
	ExportAsked   = "export_asked"
)

// note writes down what was done about an account, if it is one.
func (rs *Requests) note(ctx context.Context, t *database.Tx, account, change string) error {
	if account == "" {
		return nil
	}
	return rs.Accounts.Ways.Note(ctx, t, account, change)
}

// Keep takes the wish back; all addresses are written to. It is false where there is none, or where it is too late.
func (rs *Requests) Keep(ctx context.Context, p Person) (kept bool, err error) {
	account, address := p.subject()
	err = rs.db.InTx(ctx, func(t *database.Tx) error {
		var r Request
		var err error
		kept, err = t.Get(ctx, &r, `
			DELETE FROM leaving_request
			WHERE account_id = ? AND address = ? AND state = ?
			RETURNING `+requestColumns, account, address, asked)
		if err != nil || !kept {
			return err
		}
		if _, err := t.Exec(ctx, `
			DELETE FROM agenda
			WHERE kind = ? AND subject = ?`, dueDeletion, r.ID); err != nil {
			return err
		}
		if err := rs.note(ctx, t, account, DeletionKept); err != nil {
			return err
		}
		return rs.Letters.Leaving(ctx, t, Letter{Kind: LetterKept, Person: p, Lang: r.Language})
	})
	if err != nil {
		return false, fmt.Errorf("take back the wish to be forgotten: %w", err)
	}
	return kept, nil
}

// What is due stands in the agenda, beside what falls due of awards. This room puts there and takes away one kind, which
// goes by the clock of life.
const (
	dueDeletion = "account.deletion"
	agendaPoll  = 5 * time.Second
	agendaPage  = 50
)

func putOnAgenda(ctx context.Context, t *database.Tx, r Request) error {
	_, err := t.Exec(ctx, `
		INSERT INTO agenda (kind, subject, clock, due_at)
		VALUES (?, ?, '', ?)`, dueDeletion, r.ID, r.Due)
	return err
}

// Loop begins what falls due until the context ends, and deletes exports that have served their time.
func (rs *Requests) Loop(ctx context.Context, failed func(error)) error {
	tick := time.NewTicker(agendaPoll)
	defer tick.Stop()
	for {
		if _, err := rs.DoDue(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// DoDue begins all that is due by now, and returns how much that was.
func (rs *Requests) DoDue(ctx context.Context) (total int, err error) {
	for {
		n, err := rs.beginSome(ctx)
		total += n
		if err != nil || n < agendaPage {
			return total, err
		}
	}
}

// beginSome takes a page off the agenda. Nobody signs in any more by the sessions that there are, and nothing is taken
// back; the rest is a job, which survives whatever happens.
func (rs *Requests) beginSome(ctx context.Context) (n int, err error) {
	now := rs.now()
	var due []string
	if err := rs.db.Reader().Select(ctx, &due, `
		SELECT subject
		FROM agenda
		WHERE kind = ? AND clock = '' AND due_at <= ?
		ORDER BY due_at, subject
		LIMIT ?`, dueDeletion, now, agendaPage); err != nil || len(due) == 0 {
		return 0, err
	}
	for _, id := range due {
		err := rs.db.InTx(ctx, func(t *database.Tx) error {
			var r Request
			taken, err := t.Get(ctx, &r, `
				UPDATE leaving_request
				SET state = ?
				WHERE id = ? AND state = ?
				RETURNING `+requestColumns, begun, id, asked)
			if err != nil {
				return err
			}
			if _, err := t.Exec(ctx, `
				DELETE FROM agenda
				WHERE kind = ? AND subject = ?`, dueDeletion, id); err != nil || !taken {
				return err
			}
			if _, err := t.Exec(ctx, `
				DELETE FROM session
				WHERE account_id = ?`, r.Account); err != nil {
				return err
			}
			return rs.queue.Add(ctx, t, jobs.Task{Kind: jobErase, Key: id, Payload: erasePayload{id}})
		})
		if err != nil {
			return n, fmt.Errorf("begin to forget somebody: %w", err)
		}
		n++
	}
	return n, nil
}
