// Package verifier answers one question about a document that a stranger hands in: is this a genuine,
// current badge? It reads Open Badges 2.0 (and the 1.x that upgrades to it) and 3.0, from an address,
// JSON, a token or a picture, fetches what the answer needs, and writes a Report whatever the badge
// is: a bad badge is a report, not an error.
//
// It judges as a stranger. It knows no database, no issuer and no earner; a badge of our own gets no
// favour except that Options.Own gives its documents instead of the network, and tells what no document does
// (own.go). Everything
// outbound goes through an egress.Fetcher, within the budget of one badge (documents.go). What could not be reached is
// never shown as false and never as true. It writes no log and keeps nothing of what it was handed; of what it
// fetched it keeps the meaning of small documents that many badges share (ob2_documents.go).
package verifier

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/open-insignia/insignia/egress"
)

// Options are what a Verifier needs from outside.
type Options struct {
	// Fetch gets foreign documents; an egress.Client, or an egress.Memory.
	Fetch egress.Fetcher
	// Own is this server, if there is one.
	Own Site
	// Known says whether an issuer id is our own or one that the operator trusts. Nil: none is.
	Known func(issuerID string) bool
	// Now is the clock. Nil: the system's.
	Now func() time.Time
	// Panicked is told of a panic below Verify, and where it came from. Nil: nobody is.
	Panicked func(problem any, stack []byte)
}

// Verifier judges documents. Besides its Options it holds only what it has read of small documents, for
// speed. It is safe for concurrent use.
type Verifier struct {
	options Options
	memory  *memory
}

// New makes a Verifier; Options.Fetch may be nil when nothing is to be fetched at all.
func New(o Options) *Verifier {
	if o.Fetch == nil {
		o.Fetch = egress.Memory{}
	}
	if o.Known == nil {
		o.Known = func(string) bool { return false }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Panicked == nil {
		o.Panicked = func(any, []byte) {}
	}
	return &Verifier{options: o, memory: newMemory()}
}

// Input is what somebody hands in.
type Input struct {
	Data      []byte    // an address, JSON, a compact JWS, PNG or SVG
	Name      string    // file name, only to be repeated in the report
	Recipient string    // e-mail address (or URL, telephone number) of whom the badge should have been issued to; "" asks nothing
	At        time.Time // judge as of then; zero: now
	JWK       []byte    // public key for a token whose header names none that can be fetched, or that its owner lists

	// Waiting, if not nil, is called with everything that waits for the network, and calls it with a
	// context that may end earlier; so the caller knows when nothing is computed. Its error means that
	// nothing can be fetched any more.
	Waiting func(ctx context.Context, fetch func(context.Context)) error

	// Recipients are further addresses of the same person: the badge must have been issued to one of
	// them or to Recipient.
	Recipients []string

	// Person is the name of whom the badge should have been issued to; "" asks nothing. It is compared
	// where the badge says a name, and a badge that says none is not refused.
	Person string
}

// people gives every address that was asked about, without white space around.
func (in Input) people() []string {
	var all []string
	for _, address := range append([]string{in.Recipient}, in.Recipients...) {
		if address = strings.TrimSpace(address); address != "" {
			all = append(all, address)
		}
	}
	return all
}

// Verify judges one document within 15 seconds and 40 fetches. It never fails: whatever is wrong is
// in the report, and so is a panic, which is our own fault and leaves the badge undetermined. The report
// belongs to the caller.
func (v *Verifier) Verify(ctx context.Context, in Input) (report *Report) {
	ctx, cancel := context.WithTimeout(ctx, badgeTime)
	defer cancel()
	x := v.newExamination(in)
	ctx = x.budget.In(ctx)
	defer func() {
		if p := egress.Recovered(recover()); p != nil {
			report = x.broken(p)
		}
	}()
	x.open(ctx, in.Data, place{})
	return x.conclude(ctx)
}

// maxWorkers bounds how many badges of one run are judged at once.
const maxWorkers = 64

// VerifyAll judges many documents, at most workers at once, with one memory for the documents that
// they share. It returns one report for each input, in order; the same input twice is judged once.
// judged, if not nil, is given each report with its place as soon as it is there, one call at a time. When ctx ends, what
// is not judged by then is Undetermined.
func (v *Verifier) VerifyAll(ctx context.Context, inputs []Input, workers int, judged func(place int, r *Report)) []*Report {
	r := run{v: v.remembering(), inputs: inputs, reports: make([]*Report, len(inputs)), judged: judged}
	groups := r.group()
	work := make(chan []int)
	var wait sync.WaitGroup
	for range min(max(workers, 1), maxWorkers, max(len(groups), 1)) {
		wait.Go(func() {
			for group := range work {
				r.judge(ctx, group)
			}
		})
	}
	for _, group := range groups {
		work <- group
	}
	close(work)
	wait.Wait()
	return r.reports
}

// remembering is the same verifier with a memory of its own for the documents it fetches.
func (v *Verifier) remembering() *Verifier {
	o := v.options
	o.Fetch = egress.NewRunCache(o.Fetch, o.Now)
	return &Verifier{options: o, memory: v.memory}
}

// run is one call of VerifyAll.
type run struct {
	v       *Verifier
	inputs  []Input
	reports []*Report
	judged  func(place int, r *Report)
	mu      sync.Mutex
}

// group puts the indexes of equal inputs together, in order of their first.
func (r *run) group() [][]int {
	var groups [][]int
	place := map[[sha256.Size]byte]int{}
	for i, in := range r.inputs {
		key := in.key()
		at, known := place[key]
		if !known {
			at = len(groups)
			place[key] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], i)
	}
	return groups
}

// key is equal for inputs that must be judged alike; names of files make no difference.
func (in Input) key() (key [sha256.Size]byte) {
	h := sha256.New()
	part := func(data []byte) {
		_ = binary.Write(h, binary.BigEndian, uint64(len(data)))
		_, _ = h.Write(data)
	}
	part(in.Data)
	part(in.JWK)
	part([]byte(in.Person))
	part([]byte(in.At.UTC().Format(time.RFC3339Nano)))
	for _, person := range in.people() {
		part([]byte(person))
	}
	h.Sum(key[:0])
	return key
}

// judge judges the first of a group and gives the others copies.
func (r *run) judge(ctx context.Context, group []int) {
	report := stopped(r.v.options.Now())
	if ctx.Err() == nil {
		report = r.v.Verify(ctx, r.inputs[group[0]])
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for n, i := range group {
		r.reports[i] = report
		if n > 0 {
			r.reports[i] = report.copy()
		}
		if r.judged != nil {
			r.judged(i, r.reports[i])
		}
	}
}

func stopped(now time.Time) *Report {
	return &Report{
		Verdict: Undetermined, CheckedAt: now.UTC().Truncate(time.Second),
		Checks: []Check{{Name: CheckExtract, Outcome: Unknown,
			Message: "The run was stopped before this one was judged."}},
	}
}

// copy is a report that can be changed without changing r.
func (r *Report) copy() *Report {
	n := *r
	n.Checks = slices.Clone(r.Checks)
	if r.Badge != nil {
		badge := *r.Badge
		n.Badge = &badge
	}
	return &n
}
