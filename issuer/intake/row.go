package intake

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"
)

// Format is what a body was found to be.
type Format struct {
	Encoding  string `db:"encoding"`
	Mark      int    `db:"mark"`      // bytes of its byte order mark
	Delimiter string `db:"delimiter"` // empty: NDJSON
}

// row is one row of a file as the body of POST /results, or why it is none.
type row struct {
	at, end place
	id      string // the partner's, as far as it can be told
	body    []byte // nil where there is a fault
	fault   *Fault
}

// rows reads the rows of a body, one after another; io.EOF after the last.
type rows interface {
	next() (row, error)
	// columnOf is the column of a member of a result as the file names it; empty where it has none.
	columnOf(pointer string) string
}

// openRows begins to read at the beginning of a row. A CSV needs its header for it.
func openRows(in io.Reader, f Format, h header, m Mapping, at place) rows {
	l := newLines(in, f.Encoding, at)
	if f.Delimiter == "" {
		return &jsonRows{l}
	}
	return &tableRows{records{l, []rune(f.Delimiter)[0], len(h.names)}, h, m, m.timer()}
}

// jsonRows are bodies of POST /results, one a line.
type jsonRows struct{ lines *lines }

func (*jsonRows) columnOf(string) string { return "" }

func (r *jsonRows) next() (row, error) {
	for {
		p, err := r.lines.next()
		if err != nil {
			return row{}, err
		}
		one := row{at: p.at, end: p.end}
		if p.long || p.broken {
			one.fault = &Fault{Code: "unreadable", Detail: lineProblem(p)}
			return one, nil
		}
		text := strings.TrimPrefix(p.text, "\ufeff")
		if strings.TrimSpace(text) == "" {
			continue
		}
		one.body = []byte(text)
		var id struct {
			ID string `json:"id"`
		}
		if strings.Contains(text, `"id"`) {
			_ = json.Unmarshal(one.body, &id) // what is wrong with it is said by whoever reads it in earnest
		}
		one.id = shortened(id.ID)
		return one, nil
	}
}

// tableRows are the rows of a CSV behind its header.
type tableRows struct {
	records records
	header  header
	mapping Mapping
	timer   timer
}

func (r *tableRows) columnOf(pointer string) string {
	for p := pointer; p != ""; p = p[:strings.LastIndexByte(p, '/')] {
		if n, found := r.header.pointers[p]; found {
			return r.header.names[n]
		}
	}
	return ""
}

func (r *tableRows) next() (row, error) {
	one, err := r.records.next()
	if err != nil {
		return row{}, err
	}
	made := row{at: one.at, end: one.end}
	if n, found := r.header.place["id"]; found && n < len(one.fields) {
		made.id = shortened(strings.TrimSpace(one.fields[n]))
	}
	if one.problem != "" {
		made.fault = &Fault{Code: "unreadable", Detail: one.problem}
		return made, nil
	}
	made.body, made.fault = r.body(one.fields)
	return made, nil
}

// postedRow is a row as the body of POST /results; what a cell leaves empty is left out.
type postedRow struct {
	ID        string          `json:"id,omitempty"`
	Candidate postedCandidate `json:"candidate"`
	Exam      string          `json:"exam,omitempty"`
	Outcome   string          `json:"outcome,omitempty"`
	Score     json.Number     `json:"score,omitempty"`
	MaxScore  json.Number     `json:"max_score,omitempty"`
	TakenAt   string          `json:"taken_at,omitempty"`
	Identity  *postedIdentity `json:"identity_check,omitempty"`
}

type postedCandidate struct {
	ID     string `json:"id,omitempty"`
	Email  string `json:"email,omitempty"`
	Name   string `json:"name,omitempty"`
	Locale string `json:"locale,omitempty"`
}

type postedIdentity struct {
	Method  string `json:"method,omitempty"`
	Matched *bool  `json:"matched,omitempty"`
}

// body writes the row as a request. Cells that no request could have are the fault.
func (r *tableRows) body(fields []string) ([]byte, *Fault) {
	cell := func(name string) string {
		if n, found := r.header.place[name]; found {
			return strings.Trim(fields[n], " \t\u00a0")
		}
		return ""
	}
	p := postedRow{
		ID: cell("id"), Exam: cell("exam"), Outcome: cell("outcome"),
		Candidate: postedCandidate{cell("candidate_id"), cell("candidate_email"), cell("candidate_name"), cell("candidate_locale")},
	}
	if ours, mapped := r.mapping.Outcomes[p.Outcome]; mapped {
		p.Outcome = ours
	}
	var fault *Fault
	refuse := func(column, detail, suggestion string) {
		if fault == nil {
			fault = &Fault{Code: "validation_failed", Column: r.header.names[r.header.place[column]], Detail: detail, Suggestion: suggestion}
		}
	}
	number := func(name string) json.Number {
		text := cell(name)
		if text != "" && !isNumber(text) {
			refuse(name, "must be a number of 0 or more, not "+quoted(text), decimal(text))
		}
		return json.Number(text)
	}
	p.Score, p.MaxScore = number("score"), number("max_score")
	if at := cell("taken_at"); at != "" {
		var ok bool
		if p.TakenAt, ok = r.timer.read(at); !ok {
			refuse("taken_at", "must be a time as "+r.mapping.TimeFormat+" has it, not "+quoted(at), "")
		}
	}
	if method, matched := cell("identity_check_method"), strings.ToLower(cell("identity_check_matched")); method != "" || matched != "" {
		p.Identity = &postedIdentity{Method: method}
		switch yes := matched == "true"; matched {
		case "true", "false":
			p.Identity.Matched = &yes
		case "":
			refuse("identity_check_method", "says that the identity was checked, and identity_check_matched is empty", "Write true or false, or leave both empty.")
		default:
			refuse("identity_check_matched", "must be true or false, not "+quoted(matched), "")
		}
	}
	if fault != nil {
		return nil, fault
	}
	data, err := json.Marshal(p)
	if err != nil { // cannot be: the numbers are some
		return nil, &Fault{Code: "unreadable", Detail: "The row cannot be read."}
	}
	return data, nil
}

// isNumber reports a number as JSON writes it.
func isNumber(text string) bool {
	return strings.IndexByte("-0123456789", text[0]) >= 0 && json.Valid([]byte(text))
}

// decimal suggests how a number with a decimal comma is written.
func decimal(text string) string {
	if dotted := strings.Replace(text, ",", ".", 1); dotted != text && isNumber(dotted) {
		return "Write " + dotted + "."
	}
	return ""
}

func quoted(text string) string { return "“" + shortened(text) + "”" }

// begun is a body whose format and header are known; its rows begin at at.
type begun struct {
	Format
	header header
	at     place
}

// begin finds out what a body of a known encoding is. The fault is why it cannot be read at all.
func begin(in io.Reader, f Format, isJSON bool, m Mapping) (b begun, fault *Fault, err error) {
	b.Format = f
	buffered := bufio.NewReader(in)
	if head, _ := buffered.Peek(8); looksBinary(head) {
		return b, &Fault{Line: 1, Code: "unreadable", Detail: "This is no text but a file of another program.", Suggestion: "In a program for tables, save it as CSV."}, nil
	}
	if _, err := buffered.Discard(b.Mark); err != nil {
		return b, nil, err
	}
	b.at = place{int64(b.Mark), 1}
	if isJSON {
		return b, nil, nil
	}
	l := newLines(buffered, b.Encoding, b.at)
	first, err := l.next()
	for err == nil && !first.broken && strings.TrimSpace(first.text) == "" {
		first, err = l.next()
	}
	b.Delimiter = ","
	switch {
	case err == io.EOF:
		return b, &Fault{Line: 1, Code: "header_incomplete", Detail: "The file is empty.", Suggestion: "Begin with a line of names: " + allColumns() + "."}, nil
	case err != nil:
		return b, nil, err
	case first.broken || first.long:
		return b, &Fault{Line: first.at.Line, Code: "unreadable", Detail: lineProblem(first)}, nil
	}
	delimiter := findDelimiter(first.text, m)
	b.Delimiter, b.at = string(delimiter), first.end
	names, err := split(first.text, delimiter)
	if err != nil {
		return b, &Fault{Line: first.at.Line, Code: "unreadable", Detail: "The header cannot be read: " + err.Error() + "."}, nil
	}
	b.header, fault = readHeader(first.at.Line, names, m)
	return b, fault, nil
}
