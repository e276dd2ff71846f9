package verifier

import (
	"cmp"
	"context"
	"slices"
	"strings"
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
	x := &examination{
		options: v.options,
		memory:  v.memory,
		in:      in,
		now:     v.options.Now().UTC().Truncate(time.Second),
		report:  &Report{Checks: []Check{}},
		fetched: map[egress.Request]fetched{},
		ours:    map[string]bool{},
		strayed: map[string]bool{},
		budget:  egress.NewBudget(maxFetches, maxBytes),
		lists:   map[string]knownList{},

		schemaRoom: maxSchemaAll,
		listRoom:   maxLists,
	}
	x.at = x.now
	if !in.At.IsZero() {
		x.at = in.At.UTC()
	}
	ctx = x.budget.In(ctx)
	defer func() {
		if p := egress.Recovered(recover()); p != nil {
			report = x.broken(p)
		}
	}()
	x.open(ctx, in.Data, place{})
	return x.conclude(ctx)
}

// examination is the work on one document: what was found so far.
type examination struct {
	options     Options
	memory      *memory
	in          Input
	now, at     time.Time
	report      *Report
	findings    []Verdict
	fetched     map[egress.Request]fetched
	ours        map[string]bool // addresses that Options.Own answered
	strayed     map[string]bool // addresses of 2.x documents that another host answered
	loaded      map[loading]loaded
	known       map[string]knownContext
	budget      *egress.Budget // of the network
	parts       int            // values of the 2.x documents that were read
	linkedWork  int            // of JSON-LD
	keyGiven    bool           // Input.JWK was used
	placeWarned bool           // that only its address speaks for a key has been said
	awarded     bool           // what was handed in is, or stands for, an award
	lists       map[string]knownList
	own         *ownRecord // what Options.Own answered about the badge; nil: not asked

	schemaRoom int // bytes of schemas that may still be read
	listRoom   int // bytes of status lists that may still be unpacked
}

// fault is why a step cannot go on; see leadsTo for its verdict.
type fault struct {
	verdict  Verdict
	code     string
	property string
	message  string
	check    string // the question that it answers; empty: see proofCheck
	status   int    // of the answer that was the reason, if one was
	unlisted bool   // a key that its owner's document does not know
}

// leadsTo is the verdict of a fault by itself: its own, else that of its code. One of unproven or unsure
// means that something could not be checked.
func (f *fault) leadsTo() Verdict { return cmp.Or(f.verdict, verdicts[f.code], Invalid) }

func (f *fault) unknown() bool { return f.leadsTo() == unproven || f.leadsTo() == unsure }

func (x *examination) pass(name, message string) {
	x.add(Check{Name: name, Outcome: Pass, Message: message})
}

func (x *examination) skip(name, message string) {
	x.add(Check{Name: name, Outcome: Skipped, Message: message})
}

func (x *examination) warn(name, code, message string) {
	x.add(Check{Name: name, Outcome: Warning, Code: code, Message: message})
}

func (x *examination) fail(name, code, message string) {
	x.refuse(name, &fault{code: code, message: message})
}

// refuse writes a fault down as the outcome of a check.
func (x *examination) refuse(name string, f *fault) {
	outcome := Fail
	if f.unknown() {
		outcome = Unknown
	}
	x.findings = append(x.findings, f.leadsTo())
	x.add(Check{Name: name, Outcome: outcome, Code: f.code, Property: f.property, Message: f.message})
}

// add writes a check down, and what was said already only of endorsements, which count: that both pictures of a
// badge are there is one thing to know.
func (x *examination) add(c Check) {
	if c.Name == CheckEndorse || !slices.Contains(x.report.Checks, c) {
		x.report.Checks = append(x.report.Checks, c)
	}
}

// sound reports whether nothing so far speaks against the badge being genuine.
func (x *examination) sound() bool { return genuine(x.findings) }

func (x *examination) conclude(ctx context.Context) *Report {
	x.trial(ctx)
	x.settle(ctx)
	r := x.report
	r.Verdict = decide(x.findings)
	r.Valid = r.Verdict == Valid
	r.CheckedAt, r.ours = x.now, x.isOurs()
	if !r.Test && r.Badge != nil && r.Badge.Issuer.ID != "" && x.sound() {
		r.IssuerKnown = x.options.Known(r.Badge.Issuer.ID)
	}
	return r
}

// broken is the report where this program failed: no document may end the process, and none may pass
// because a check of it was not finished.
func (x *examination) broken(p *egress.Panic) *Report {
	x.options.Panicked(p.Value, p.Stack)
	r := x.report
	r.Valid, r.Verdict, r.IssuerKnown, r.CheckedAt = false, Undetermined, false, x.now
	x.add(Check{Name: CheckExtract, Outcome: Unknown, Code: Internal, Message: "The check failed for a reason of this verifier's own, which says nothing about the badge."})
	return r
}
