// Package letter is what is written to people: which letter says what, in which language, by which way it goes, and
// what became of it. It must not decide when anything is written: issuer and earner do, in the transactions that make
// it so.
package letter

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/templates"
)

// The kinds of letters to accounts; those to candidates are the issuer's.
const (
	code  = "code"
	added = "added"
)

// Jobs send letters. Those of sandboxes are apart: they wait for each other only.
const (
	jobPrefix = "letter."

	// SandboxJobs begins the kinds of jobs of sandboxes, which are the live ones' after it.
	SandboxJobs = "sandbox."
)

// kinds are all kinds of letters.
func kinds() []string { return append(slices.Clone(issuer.LetterKinds), code, added) }

// Kinds are the kinds of jobs that are letters.
func Kinds() (list []string) {
	for _, kind := range kinds() {
		list = append(list, jobKind(kind, false), jobKind(kind, true))
	}
	return list
}

func jobKind(kind string, sandbox bool) string {
	if sandbox {
		return SandboxJobs + jobPrefix + kind
	}
	return jobPrefix + kind
}

// Outbox takes the letters that are due, in the transactions that make them so. It is what issuer and earner were
// made with.
type Outbox struct{ queue *jobs.Queue }

// NewOutbox has letters sent by jobs of a queue.
func NewOutbox(queue *jobs.Queue) *Outbox { return &Outbox{queue} }

// Add takes letters to candidates; live partners take turns.
func (o *Outbox) Add(ctx context.Context, t *database.Tx, letters ...issuer.Letter) error {
	tasks := make([]jobs.Task, len(letters))
	for n, l := range letters {
		tasks[n] = jobs.Task{Kind: jobKind(l.Kind, l.Sandbox), Payload: json.RawMessage(l.About), Lane: l.Partner}
	}
	return o.queue.Add(ctx, t, tasks...)
}

// codeAbout is a letter with a code. It holds no secret.
type codeAbout struct {
	Ref  string `json:"ref"`
	Lang string `json:"lang"`
}

// Code takes the letter with a code.
func (o *Outbox) Code(ctx context.Context, t *database.Tx, l earner.CodeLetter) error {
	return o.queue.Add(ctx, t, jobs.Task{Kind: jobKind(code, l.To.Sandbox), Payload: codeAbout{Ref: l.Ref, Lang: cmp.Or(l.Lang, "en")}})
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
	var tasks []jobs.Task
	for _, to := range a.To {
		tasks = append(tasks, jobs.Task{Kind: jobKind(added, to.Sandbox), Payload: addedAbout{To: to.Address, Sandbox: to.Sandbox, Address: a.Address, Lang: templates.Match("", "", a.Lang)}})
	}
	return o.queue.Add(ctx, t, tasks...)
}
