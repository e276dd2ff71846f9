package check

import (
	"context"
	"crypto"
	"iter"
	"net/url"

	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// What tests outside of the package look at.
const AgainMost = againMost
const ChecksAtOnce = checksAtOnce
const InsideMost = insideMost
const One = one
const RunLife = runLife
const RunsKept = runsKept
const ShownMost = shownMost
const VerifyBurst = verifyBurst
const VerifyPerSecond = verifyPerSecond

type RecordFile = recordFile

var ChecksOf = checksOf
var Domain = domain
var Links = links
var Personal = personal
var Rank = rank
var ReadMoment = readMoment
var RunRow = runRow

// JudgeNext judges the list that waits longest, as JudgeLoop does.
func (d *Door) JudgeNext(ctx context.Context) { d.runs.run(ctx, <-d.runs.queue) }

// StartList takes a list of one link of nobody in particular.
func (d *Door) StartList(link string) error {
	_, err := d.runs.start("", handedIn{lines: []listed{{link: link}}})
	return err
}

// Take begins the list that waits longest, and gives what notes a report of its next address: how many lines it was
// about.
func (d *Door) Take(report *verifier.Report) iter.Seq[int] {
	r := <-d.runs.queue
	return func(yield func(int) bool) {
		for _, place := range d.runs.places(r) {
			d.runs.begin(r)
			d.runs.keep(r, place, report)
			if !yield(len(place)) {
				return
			}
		}
	}
}

// FillPlaces takes all places for judging, FreePlace gives one back.
func (d *Door) FillPlaces() {
	for range checksAtOnce {
		d.checking <- struct{}{}
	}
}

func (d *Door) FreePlace() { <-d.checking }

func (d *Door) Judge(ctx context.Context, network string, in verifier.Input) (*verifier.Report, error) {
	return d.verify(ctx, network, in)
}

func (d *Door) Typed(text string) string { return d.typed(text) }
func (d *Door) TypedLinks(text string) []string {
	return links([]byte(d.typedLines(text))).addresses()
}

func (d *Door) ResultPage(r *verifier.Report, in verifier.Input) templates.VerifyResult {
	return d.result(r, in, templates.Page{})
}

func (d *Door) Ours(address string) (*url.URL, bool) { return d.own(address) }

func (d *Door) ShownPicture(address string) string { return d.shownPicture(address) }

func (d *Door) PublishedKey(ctx context.Context, address string) (crypto.PublicKey, bool, error) {
	return d.publishedKey(ctx, address)
}
