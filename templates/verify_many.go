package templates

import (
	"io"
	"time"
)

// VerifyMany is the form for many badges at once. It posts input and file as multipart/form-data.
type VerifyMany struct {
	Page
	Action  string
	Input   string // what was pasted
	Problem string // ProblemMissing, ProblemNoLinks, ProblemTooLong, ProblemTooBig, ProblemTooMany or ProblemBusy
}

// Problems of the form for many badges alone.
const (
	ProblemNoLinks = "no_links"
	ProblemTooLong = "too_long"
	ProblemBusy    = "busy"
)

// Render writes the page.
func (p VerifyMany) Render(w io.Writer) error { return render(w, "verify_many", p) }

// VerifyRun shows how far many checks are, and their answers in a table.
type VerifyRun struct {
	Page
	Total   int
	Done    int
	Waiting bool      // nothing of it has begun
	Stopped bool      // it will not be finished
	Skipped int       // lines without a link
	Left    []string  // the first of these
	Until   time.Time // when the answers are forgotten
	Follows bool      // the browser was asked to come again by itself

	URL     string // of this page
	CSVURL  string // empty while it is not finished
	ManyURL string // the form
	Sort    string // column that the rows are sorted by, a Columns name; "-" before it: the other way round
	Rows    []RunRow
	Sum     []RunCount
}

// RunRow is one badge of many. Look is empty while it is not checked.
type RunRow struct {
	Number int
	Link   string // as it was handed in
	URL    string // where to check it alone
	Look   string
	Title  string
	Issuer string
	Holder string
	Issued Day
	Until  Day
	Own    []OwnCell // of the table that was handed in
}

// OwnCell is a cell of somebody's table.
type OwnCell struct {
	Head string // of its column; empty: it has none
	Text string
}

// RunCount is how many badges got the same answer.
type RunCount struct {
	Look string
	N    int
}

// Columns are the columns of the table, by which it can be sorted.
var Columns = []string{"order", "answer", "badge", "issuer", "holder", "issued", "expires"}

// Render writes the page.
func (p VerifyRun) Render(w io.Writer) error { return render(w, "verify_run", p) }

// StylePath is the address of the page's own stylesheet.
func (VerifyRun) StylePath() string { return wideStylesheet.Path }

// Finished tells that nothing more will come.
func (p VerifyRun) Finished() bool { return p.Done == p.Total || p.Stopped }

// Heads are the heads of the columns.
func (p VerifyRun) Heads() (list []RunHead) {
	for _, name := range Columns {
		h := RunHead{Name: name, Sort: name, Direction: "none"}
		switch p.Sort {
		case name:
			h.Sort, h.Direction = "-"+name, "ascending"
		case "-" + name:
			h.Direction = "descending"
		}
		list = append(list, h)
	}
	return list
}

// RunHead is the head of a column: by what it sorts next, and how it is sorted now (aria-sort).
type RunHead struct {
	Name      string
	Sort      string
	Direction string
}

// VerifyRunGone answers for a list whose time is over.
type VerifyRunGone struct {
	Page
	ManyURL string
}

// Render writes the page.
func (p VerifyRunGone) Render(w io.Writer) error { return render(w, "verify_run_gone", p) }
