// Package letter is what is written to people: which letter says what, in which language, by which way it goes, and
// what became of it. It must not decide when anything is written: issuer and earner do, in the transactions that make
// it so.
package letter

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/templates"
)

// The kinds of letters to accounts; those to candidates are the issuer's.
const (
	code    = "code"
	added   = "added"
	changed = "changed"
	webhook = "webhook" // to a partner
)

// kinds are all kinds of letters.
func kinds() []string {
	return append(slices.Clone(issuer.LetterKinds), code, added, changed, leave, webhook)
}

// Outbox has a row for each letter, and a job that sends it. It takes letters in the transactions that make them due;
// issuer and earner are made with it.
type Outbox struct {
	db    *database.DB
	queue *jobs.Queue
	now   func() time.Time
}

// NewOutbox is one on a migrated database.
func NewOutbox(db *database.DB, queue *jobs.Queue, now func() time.Time) *Outbox {
	return &Outbox{db, queue, now}
}

// row is a letter that is due, or was.
type row struct {
	ID        string `db:"id"`
	Kind      string `db:"kind"`
	Sandbox   bool   `db:"sandbox"` // it must never leave this machine
	Partner   string `db:"partner_id"`
	Candidate string `db:"candidate_id"`
	Account   string `db:"account_id"`
	Claim     string `db:"claim_id"`
	Awards    string `db:"awards"`    // a JSON array, or empty
	About     string `db:"about"`     // JSON; no secret
	Recipient string `db:"recipient"` // empty until it is written
	Language  string `db:"language"`
	State     state  `db:"state"`
}

// state is what became of a letter. Beside these there are the reasons of the issuer's for which it is not sent.
type state string

const (
	waiting state = "waiting" // also one that was given up and may be tried again
	sent    state = "sent"    // the relay or the mailbox took it
	bounced state = "bounced" // the address was refused for good
)

// Add takes letters to candidates.
func (o *Outbox) Add(ctx context.Context, t *database.Tx, letters ...issuer.Letter) error {
	rows := make([]row, len(letters))
	for n, l := range letters {
		awards := ""
		if len(l.Awards) > 0 {
			text, err := json.Marshal(l.Awards)
			if err != nil {
				return fmt.Errorf("add letter: %w", err)
			}
			awards = string(text)
		}
		rows[n] = row{
			Kind: l.Kind, Sandbox: l.Sandbox, Partner: l.Partner,
			Candidate: l.Candidate, Claim: l.Claim, Awards: awards, About: l.About,
		}
	}
	return o.add(ctx, t, rows)
}

// due is the letter as the issuer knows it.
func (r row) due() issuer.Letter {
	return issuer.Letter{
		Kind: r.Kind, Partner: r.Partner, Sandbox: r.Sandbox, Candidate: r.Candidate, Claim: r.Claim, About: r.About,
	}
}

// codeAbout is a letter with a code. It holds no secret.
type codeAbout struct {
	Ref  string `json:"ref"`
	Lang string `json:"lang"`
}

// Code takes the letter with a code.
func (o *Outbox) Code(ctx context.Context, t *database.Tx, l earner.CodeLetter) error {
	return o.addTo(ctx, t, l.To, row{Kind: code, Language: cmp.Or(l.Lang, "en")}, codeAbout{l.Ref, cmp.Or(l.Lang, "en")})
}

// addedAbout is a notice of an address that joined an account.
type addedAbout struct {
	To      string `json:"to"`
	Sandbox bool   `json:"sandbox,omitempty"` // of To
	Address string `json:"address"`
	Lang    string `json:"lang"`
}

// Added takes a notice to each address that the account had before.
func (o *Outbox) Added(ctx context.Context, t *database.Tx, a earner.Added) error {
	lang := templates.Match("", "", a.Lang)
	for _, to := range a.To {
		about := addedAbout{to.Address, to.Sandbox, a.Address, lang}
		err := o.addTo(ctx, t, to, row{Kind: added, Account: a.Account, Language: lang}, about)
		if err != nil {
			return err
		}
	}
	return nil
}

// changedAbout is a notice of a change of the ways into an account.
type changedAbout struct {
	To      string `json:"to"`
	Sandbox bool   `json:"sandbox,omitempty"` // of To
	Kind    string `json:"kind"`
	What    string `json:"what"`
	Removal string `json:"removal,omitempty"`
	Lang    string `json:"lang"`
}

// Changed takes a notice to each address that the account has, or had.
func (o *Outbox) Changed(ctx context.Context, t *database.Tx, c earner.Change) error {
	lang := templates.Match("", "", c.Lang)
	for _, to := range c.To {
		about := changedAbout{to.Address, to.Sandbox, c.Kind, c.What, c.Removal, lang}
		if err := o.addTo(ctx, t, to, row{Kind: changed, Account: c.Account, Language: lang}, about); err != nil {
			return err
		}
	}
	return nil
}

// webhookAbout is that a partner's webhook was disabled.
type webhookAbout struct {
	To      string    `json:"to"`
	Sandbox bool      `json:"sandbox,omitempty"`
	Partner string    `json:"partner"` // its name
	URL     string    `json:"url"`
	Since   time.Time `json:"since"`
}

// WebhookDisabled takes a letter to the contact of a partner whose webhook has failed for days. There is none where the
// contact is no address.
func (o *Outbox) WebhookDisabled(ctx context.Context, t *database.Tx, owner, url string, since time.Time) error {
	p, found, err := partner.Find(ctx, t, owner)
	if err != nil || !found {
		return err
	}
	if to, is := email.Canonical(p.Contact); is {
		about := webhookAbout{to, p.Sandbox, p.Name, url, since}
		return o.addTo(ctx, t, earner.Mailbox{Address: to, Sandbox: p.Sandbox}, row{Kind: webhook, Partner: p.ID}, about)
	}
	return nil
}

// addTo takes a letter to an address.
func (o *Outbox) addTo(ctx context.Context, t *database.Tx, to earner.Mailbox, r row, about any) error {
	text, err := json.Marshal(about)
	if err != nil {
		return fmt.Errorf("add letter: %w", err)
	}
	r.Recipient, r.Sandbox, r.About = to.Address, to.Sandbox, string(text)
	return o.add(ctx, t, []row{r})
}

// add stores letters with the jobs that send them, which have their ids. Live partners take turns.
func (o *Outbox) add(ctx context.Context, t *database.Tx, rows []row) error {
	tasks := make([]jobs.Task, len(rows))
	for n := range rows {
		r := &rows[n]
		r.ID = o.queue.NewID("ltr")
		tasks[n] = jobs.Task{ID: r.ID, Kind: jobKind(r.Kind, r.Sandbox), Lane: r.Partner, Payload: struct{}{}}
	}
	if err := insertLetters(ctx, t, rows, o.time()); err != nil {
		return fmt.Errorf("add letters: %w", err)
	}
	return o.queue.Add(ctx, t, tasks...)
}

func insertLetters(ctx context.Context, t *database.Tx, rows []row, now time.Time) error {
	values := make([][]any, 0, len(rows))
	for _, r := range rows {
		values = append(values, []any{
			r.ID, r.Kind, database.Flag(r.Sandbox), r.Partner, r.Candidate, r.Account, r.Claim, r.Awards, r.About,
			r.Recipient, r.Language, waiting, 0, now,
		})
	}
	_, err := t.InsertRows(ctx, `
		INSERT INTO letter (`+letterColumns+`, tries, created_at)`, values, ``)
	return err
}

func (o *Outbox) time() time.Time { return o.now().UTC().Truncate(time.Second) }

// The kinds of jobs that send letters begin with this. Those of sandboxes are apart: they wait for each other only.
const (
	jobPrefix     = "outbox."
	sandboxPrefix = "sandbox."
)

func jobKind(kind string, sandbox bool) string {
	if sandbox {
		return sandboxPrefix + jobPrefix + kind
	}
	return jobPrefix + kind
}

func jobKinds() (list []string) {
	for _, kind := range kinds() {
		list = append(list, jobKind(kind, false), jobKind(kind, true))
	}
	return list
}

// beforeRows began the kinds of jobs that were letters before letters had rows.
const beforeRows = "letter."

// adopt gives a row to a letter that has none, since it was running in a program of before, or was added by one, while
// migration 0022 did so with the others.
func (o *Outbox) adopt(kind string, sandbox bool) func(context.Context, jobs.Job) error {
	return func(_ context.Context, j jobs.Job) error {
		about := struct{ Candidate, Claim, To, Lang string }{}
		if err := j.Decode(&about); err != nil {
			return err
		}
		r := row{
			Kind: kind, Sandbox: sandbox, Partner: j.Lane, Candidate: about.Candidate, Claim: about.Claim,
			About: string(j.Payload), Recipient: about.To, Language: about.Lang,
		}
		j.Then(func(ctx context.Context, t *database.Tx) error { return o.add(ctx, t, []row{r}) })
		return nil
	}
}

// Pending is a letter that waits to be sent, is being sent or was given up.
type Pending struct {
	ID, Kind string
	Sandbox  bool
	State    string // one of those of jobs
	Tries    int
	Next     time.Time // try
	Why      string    // the last try failed
	Doubtful bool      // it has probably arrived all the same
}

// Pending is a page of letters in some states of their jobs, after that of an id; empty: from the beginning. An empty
// page is the end.
func (o *Outbox) Pending(ctx context.Context, states []string, after string) ([]Pending, error) {
	entries, err := o.queue.List(ctx, jobKinds(), states, after)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	ids := make([]string, len(entries))
	for n, e := range entries {
		ids[n] = e.ID
	}
	rows, err := selectLetters(ctx, o.db.Reader(), ids)
	if err != nil {
		return nil, fmt.Errorf("read letters: %w", err)
	}
	list := make([]Pending, len(entries))
	for n, e := range entries {
		r := rows[e.ID]
		list[n] = Pending{
			ID: e.ID, Kind: r.Kind, Sandbox: r.Sandbox, State: e.State,
			Tries: e.Attempts, Next: e.RunAt, Why: e.LastError, Doubtful: e.Doubts > 0,
		}
	}
	return list, nil
}

func selectLetters(ctx context.Context, t *database.Tx, ids []string) (map[string]row, error) {
	var list []row
	err := t.Select(ctx, &list, `
		SELECT `+letterColumns+`
		FROM letter
		WHERE id IN (?)`, ids)
	rows := make(map[string]row, len(list))
	for _, r := range list {
		rows[r.ID] = r
	}
	return rows, err
}

// Retry has a letter sent now that waits for another try or was given up. It is false for any other.
func (o *Outbox) Retry(ctx context.Context, id string) (bool, error) {
	return o.queue.Retry(ctx, jobKinds(), id)
}

// RetryAll does that with all of them but those that have probably arrived.
func (o *Outbox) RetryAll(ctx context.Context) (int64, error) {
	return o.queue.RetryAll(ctx, jobKinds())
}
