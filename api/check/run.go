package check

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/verifier"
)

const (
	linksMost  = 500
	runsKept   = 60               // lists in memory; finished ones make room for others
	runsOfOne  = 5                // unfinished lists of one network
	runLife    = 30 * time.Minute // from the moment it was sent
	runsAtOnce = 2
	runWorkers = 6  // badges of a list that are judged at once
	runBatch   = 24 // after so many their documents are forgotten
)

// runs are lists of badges that are judged for somebody. They live in memory only and for a while only.
type runs struct {
	now   func() time.Time
	judge *verifier.Verifier
	queue chan *run

	mu   sync.Mutex
	each map[string]*run
}

// run is one list. What changes is guarded by runs.mu.
type run struct {
	id      string
	network string // whose it is; empty: this machine's, which has no share
	made    time.Time
	list    handedIn

	begun   bool
	stopped bool
	done    int
	reports []*verifier.Report // as far as they are there, else nil
}

// start takes a list into the queue. It is refused when too many are unfinished, of all or of the network.
func (l *runs) start(network string, list handedIn) (*run, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
	mine := 0
	for _, r := range l.each {
		if r.network == network && !r.finished() {
			mine++
		}
	}
	if network != "" && mine >= runsOfOne {
		return nil, web.Later(web.CodeTooMany, "Your network has enough lists under way.", time.Minute)
	}
	if len(l.each) >= runsKept && !l.makeRoom() {
		return nil, web.Later(web.CodeUnavailable, "Many lists are being checked right now.", runLife/10)
	}
	r := &run{
		network: network, id: strings.ToLower(rand.Text()), made: l.now(), list: list,
		reports: make([]*verifier.Report, len(list.lines)),
	}
	select {
	case l.queue <- r:
	default: // lists whose time was over are still in the queue
		return nil, web.Later(web.CodeUnavailable, "Many lists are being checked right now.", time.Minute)
	}
	l.each[r.id] = r
	return r, nil
}

func (r *run) finished() bool { return r.stopped || r.done == len(r.reports) }

// makeRoom forgets a finished list, the oldest of the network that has most of them; false: none is finished.
func (l *runs) makeRoom() bool {
	count := map[string]int{}
	var oldest *run
	for _, r := range l.each {
		if r.finished() {
			count[r.network]++
		}
	}
	for _, r := range l.each {
		if !r.finished() {
			continue
		}
		if oldest == nil || count[r.network] > count[oldest.network] || count[r.network] == count[oldest.network] && r.made.Before(oldest.made) {
			oldest = r
		}
	}
	if oldest == nil {
		return false
	}
	oldest.stopped = true
	delete(l.each, oldest.id)
	return true
}

// forget drops the lists whose time is over.
func (l *runs) forget() {
	for id, r := range l.each {
		if !l.now().Before(r.made.Add(runLife)) {
			r.stopped = true
			delete(l.each, id)
		}
	}
}

// find is a list as it stands now; its reports are not changed any more.
func (l *runs) find(id string) (r run, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
	kept, found := l.each[id]
	if !found {
		return r, false
	}
	r = *kept
	r.reports = slices.Clone(kept.reports)
	return r, true
}

// JudgeLoop judges the lists of badges that people send, a few at a time, until the context ends.
func (d *Door) JudgeLoop(ctx context.Context) error {
	var wait sync.WaitGroup
	for range runsAtOnce {
		wait.Go(func() { d.runs.work(ctx) })
	}
	tidy := time.NewTicker(time.Minute)
	defer tidy.Stop()
	for {
		select {
		case <-ctx.Done():
			wait.Wait()
			return nil
		case <-tidy.C:
			d.runs.mu.Lock()
			d.runs.forget()
			d.runs.mu.Unlock()
		}
	}
}

func (l *runs) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-l.queue:
			l.run(ctx, r)
		}
	}
}

// run judges a list batch by batch, so that what large pictures hold is not kept until the end.
func (l *runs) run(ctx context.Context, r *run) {
	for batch := range slices.Chunk(l.places(r), runBatch) {
		inputs := make([]verifier.Input, len(batch))
		for i, place := range batch {
			line := r.list.lines[place[0]]
			inputs[i].Data, inputs[i].Person = []byte(line.link), line.person
		}
		if !l.begin(r) {
			return // nobody can see it any more
		}
		l.judge.VerifyAll(ctx, inputs, runWorkers, func(i int, report *verifier.Report) {
			if ctx.Err() == nil {
				l.keep(r, batch[i], report)
			}
		})
		if ctx.Err() != nil {
			l.stop(r)
			return
		}
	}
}

// places are where each different address, asked about one person, stands in the list.
func (*runs) places(r *run) (list [][]int) {
	type question struct{ link, person string }
	at := map[question]int{}
	for i, line := range r.list.lines {
		q := question{line.link, line.person}
		k, known := at[q]
		if !known {
			k = len(list)
			at[q], list = k, append(list, nil)
		}
		list[k] = append(list[k], i)
	}
	return list
}

// begin notes that a list is under way; false: it was forgotten.
func (l *runs) begin(r *run) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.begun = true
	return !r.stopped
}

func (l *runs) stop(r *run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.stopped = true
}

// keep keeps what the table shows of a report: what is done is there to be seen.
func (l *runs) keep(r *run, place []int, report *verifier.Report) {
	slim := bounded(report)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range place {
		r.reports[k] = slim
	}
	r.done += len(place)
}

func newRuns(now func() time.Time, judge *verifier.Verifier) *runs {
	return &runs{now: now, judge: judge, queue: make(chan *run, runsKept), each: map[string]*run{}}
}
