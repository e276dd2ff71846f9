package intake

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

const quotedMost = 20 // physical lines that a quoted field may go over

// delimiters that CSV is known by.
var delimiters = []rune{',', ';', '\t', '|'}

// Causes why a line is no row.
var (
	errUnclosed = errors.New("a quote is not closed")
	errQuote    = errors.New("text follows a closing quote")
)

// split splits a record into its fields. A field is quoted when it begins with a quote.
func split(text string, delimiter rune) (fields []string, err error) {
	for {
		if !strings.HasPrefix(text, `"`) {
			field, rest, more := strings.Cut(text, string(delimiter))
			fields = append(fields, field)
			if !more {
				return fields, nil
			}
			text = rest
			continue
		}
		field, rest, closed := unquote(text[1:])
		if !closed {
			return fields, errUnclosed
		}
		fields = append(fields, field)
		if rest == "" {
			return fields, nil
		}
		after, isNext := strings.CutPrefix(rest, string(delimiter))
		if !isNext {
			return fields, errQuote
		}
		text = after
	}
}

// unquote reads a quoted field, whose opening quote is behind it, to its closing quote. Two quotes are one.
func unquote(text string) (field, rest string, closed bool) {
	n := strings.IndexByte(text, '"')
	if n >= 0 && !strings.HasPrefix(text[n+1:], `"`) {
		return text[:n], text[n+1:], true
	}
	var b strings.Builder
	for n >= 0 {
		b.WriteString(text[:n])
		if !strings.HasPrefix(text[n+1:], `"`) {
			return b.String(), text[n+1:], true
		}
		b.WriteByte('"')
		text = text[n+2:]
		n = strings.IndexByte(text, '"')
	}
	return "", "", false
}

// record is a row of CSV.
type record struct {
	at, end place // end: where the next one begins
	fields  []string
	problem string // what is wrong with it as a row of CSV; empty: nothing
}

// records reads CSV. A row that cannot be read is told as such and does not hinder those behind it.
type records struct {
	lines     *lines
	delimiter rune
	width     int // of the header; 0: any
}

// next is the next row; io.EOF after the last. Rows without anything in them are passed over.
func (r *records) next() (record, error) {
	for {
		first, err := r.lines.next()
		if err != nil {
			return record{}, err
		}
		if blank(first.text, r.delimiter) && !first.broken {
			continue
		}
		return r.read(first)
	}
}

func blank(text string, delimiter rune) bool {
	return strings.TrimLeft(text, " \t\"\ufeff"+string(delimiter)) == ""
}

func (r *records) read(first physical) (record, error) {
	one := record{at: first.at, end: first.end}
	if first.long || first.broken {
		one.problem = lineProblem(first)
		return one, nil
	}
	var err error
	if one.fields, err = split(first.text, r.delimiter); errors.Is(err, errUnclosed) {
		return r.goOn(first)
	}
	one.problem = r.problemOf(one.fields, err)
	return one, nil
}

func lineProblem(p physical) string {
	if p.long {
		return "The line is longer than a row may be."
	}
	return "The line has bytes that are no characters of the file's encoding."
}

// goOn reads a record whose quoted field goes over the end of its line. It is one only if it becomes a whole row soon:
// otherwise the quote was never closed, the line is a row that fails, and reading goes on at the next line.
func (r *records) goOn(first physical) (record, error) {
	text, taken := first.text, []physical(nil)
	for range quotedMost {
		p, err := r.lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return record{}, err
		}
		taken = append(taken, p)
		if p.long || p.broken {
			break
		}
		text += "\n" + p.text
		fields, err := split(text, r.delimiter)
		if errors.Is(err, errUnclosed) && len(text) < lineMost {
			continue
		}
		if err == nil && len(fields) == r.width {
			return record{at: first.at, end: p.end, fields: fields}, nil
		}
		break
	}
	r.lines.giveBack(taken...)
	return record{at: first.at, end: first.end, problem: r.problemOf(nil, errUnclosed)}, nil
}

func (r *records) problemOf(fields []string, err error) string {
	switch {
	case errors.Is(err, errUnclosed):
		return "A quote is opened in this line and not closed. Reading went on at the next line."
	case errors.Is(err, errQuote):
		return "Text follows a closing quote. A quote within a quoted field is written twice."
	case r.width > 0 && len(fields) != r.width:
		return "The row has " + count(len(fields), "field") + " where the header has " + count(r.width, "name") + "."
	}
	return ""
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
