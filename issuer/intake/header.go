package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// columns are what the header of a CSV may name, each with its member of a result.
var columns = []struct{ name, pointer string }{
	{"id", "/id"},
	{"candidate_id", "/candidate/id"},
	{"candidate_email", "/candidate/email"},
	{"candidate_name", "/candidate/name"},
	{"candidate_locale", "/candidate/locale"},
	{"exam", "/exam"},
	{"outcome", "/outcome"},
	{"score", "/score"},
	{"max_score", "/max_score"},
	{"taken_at", "/taken_at"},
	{"identity_check_method", "/identity_check/method"},
	{"identity_check_matched", "/identity_check/matched"},
}

var neededColumns = []string{"id", "candidate_id", "candidate_email", "candidate_name", "exam", "outcome", "taken_at"}

func isColumn(name string) bool { return pointerOf(name) != "" }

func pointerOf(column string) string {
	for _, c := range columns {
		if c.name == column {
			return c.pointer
		}
	}
	return ""
}

// Fault is why a file, or a row of one, cannot be taken.
type Fault struct {
	Line       int64  `json:"line,omitempty"`
	Code       string `json:"code"`
	Column     string `json:"column,omitempty"` // as the file names it
	Detail     string `json:"detail"`
	Suggestion string `json:"suggestion,omitempty"`
}

// header is the first row of a CSV.
type header struct {
	names    []string       // as the file has them
	ours     []string       // what each means; empty: it is left out
	place    map[string]int // of our names
	pointers map[string]int // of members of a result
}

// readHeader finds out what the columns mean. All that is wrong is one fault, at the first column that has one.
func readHeader(at int64, names []string, m Mapping) (header, *Fault) {
	h := header{names: make([]string, len(names)), ours: make([]string, len(names)), place: map[string]int{}, pointers: map[string]int{}}
	var unknown []string
	for n, name := range names {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		h.names[n] = name
		ours, found := m.column(name)
		if !found {
			unknown = append(unknown, name)
			continue
		}
		if h.ours[n] = ours; ours == "" {
			continue
		}
		if before, twice := h.place[ours]; twice {
			return h, &Fault{Line: at, Code: "header_duplicate", Column: name,
				Detail:     fmt.Sprintf("Two columns are %s: %q, the %s, and %q, the %s.", ours, h.names[before], ordinal(before+1), name, ordinal(n+1)),
				Suggestion: "Name one of them otherwise, or map one to nothing with PUT /imports/mapping."}
		}
		h.place[ours], h.pointers[pointerOf(ours)] = n, n
	}
	if len(unknown) > 0 {
		return h, unknownColumns(at, unknown, len(names))
	}
	var missing []string
	for _, name := range neededColumns {
		if _, found := h.place[name]; !found {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return h, &Fault{Line: at, Code: "header_incomplete", Detail: "The header has no " + strings.Join(missing, ", ") + ".",
			Suggestion: "Add what is missing, or say with PUT /imports/mapping which of your columns it is."}
	}
	return h, nil
}

func unknownColumns(at int64, unknown []string, of int) *Fault {
	f := &Fault{Line: at, Code: "header_unmapped", Column: shortened(unknown[0])}
	if len(unknown) == of {
		f.Detail = "None of the names in the first line is known. Is it a header?"
		f.Suggestion = "Begin with a line of names: " + allColumns() + "."
		if slices.ContainsFunc(unknown, func(name string) bool { return nearest(name) != "" }) {
			f.Suggestion = suggestions(unknown)
		}
		return f
	}
	f.Detail = "It is not known what these columns mean: " + shortened(strings.Join(unknown, ", ")) + "."
	f.Suggestion = suggestions(unknown)
	return f
}

// suggestions say what unknown columns may have meant.
func suggestions(unknown []string) string {
	var list []string
	for _, name := range unknown {
		if guess := nearest(name); guess != "" {
			list = append(list, fmt.Sprintf("Is %q %s?", shortened(name), guess))
		}
	}
	return strings.Join(append(list, "Say what they mean with PUT /imports/mapping; what is mapped to nothing is left out."), " ")
}

func allColumns() string {
	names := make([]string, len(columns))
	for n, c := range columns {
		names[n] = c.name
	}
	return strings.Join(names, ", ")
}

// nearest is the name of ours that a name of somebody's may mean; empty where none is near.
func nearest(name string) string {
	p := plain(name)
	if p == "" {
		return ""
	}
	best, most := "", 0
	for _, c := range columns {
		known := plain(c.name)
		switch {
		case known == p:
			return c.name
		case len(p) > 3 && (strings.HasSuffix(known, p) || strings.HasSuffix(p, known) && len(known) > 3) && len(known) > most:
			best, most = c.name, len(known)
		}
	}
	if best == "" {
		best = commonNames[p]
	}
	return best
}

// commonNames are what exports of others call our columns.
var commonNames = map[string]string{
	"resultid": "id", "result": "outcome", "status": "outcome", "passfail": "outcome", "grade": "outcome",
	"email": "candidate_email", "mail": "candidate_email", "emailaddress": "candidate_email", "name": "candidate_name", "fullname": "candidate_name",
	"language": "candidate_locale", "lang": "candidate_locale", "examcode": "exam", "testcode": "exam", "date": "taken_at", "takenon": "taken_at",
	"examdate": "taken_at", "points": "score", "maximum": "max_score", "registrationid": "candidate_id", "candidate": "candidate_id",
}

// plain makes spellings alike that differ in case and what stands between words.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// findDelimiter is the one by which most columns of a header are known; where none is, by which there are most.
func findDelimiter(line string, m Mapping) rune {
	best, most := ',', -1
	for _, d := range delimiters {
		fields, err := split(strings.TrimPrefix(line, "\ufeff"), d)
		if err != nil {
			continue
		}
		score := len(fields)
		for _, name := range fields {
			if _, known := m.column(strings.TrimSpace(name)); known {
				score += 1000
			}
		}
		if score > most {
			best, most = d, score
		}
	}
	return best
}

func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		suffix = []string{"th", "st", "nd", "rd", "th", "th", "th", "th", "th", "th"}[n%10]
	}
	return strconv.Itoa(n) + suffix
}

// shortened is a text of the file as far as it is told again.
func shortened(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	if runes := []rune(text); len(runes) > 100 {
		return string(runes[:100]) + "…"
	}
	return text
}
