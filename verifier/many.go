package verifier

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/open-insignia/insignia/egress"
)

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
		Checks: []Check{{Name: CheckExtract, Outcome: Unknown, Message: "The run was stopped before this one was judged."}},
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
