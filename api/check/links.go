package check

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/open-insignia/insignia/api/web"
)

// handedIn is a list of badges as somebody sent it: a line for each address, and the lines that had none.
type handedIn struct {
	lines   []listed
	heads   []string // of the other columns, in order; none where the list is no table or has no line of heads
	skipped []string
}

// listed is a line with an address.
type listed struct {
	link   string
	person string   // whom the badge should be of, where a column says names
	cells  []string // of the other columns
}

// links reads the badges' addresses out of what people paste or upload: one a line, or a table with commas,
// semicolons or tabs, whose column of addresses is found by its head or by what stands in it. No line gives more
// than one address.
func links(data []byte) (h handedIn) {
	text := plainText(data)
	words := linesOf(text)
	rows := table(text)
	k := linkColumn(rows)
	if k < 0 || !slices.ContainsFunc(words, func(row []string) bool { return len(row) > 1 || !isLink(row[0]) }) {
		return firstLinks(words)
	}
	names := -1
	if !slices.ContainsFunc(rows[0], isLink) {
		h.heads = without(rows[0], k)
		names = nameColumn(rows[0], k)
		rows = rows[1:]
	}
	for _, row := range rows {
		if k >= len(row) || !isLink(row[k]) {
			h.skipped = append(h.skipped, strings.Join(row, " "))
			continue
		}
		line := listed{link: row[k], cells: without(row, k)}
		if names >= 0 && names < len(row) && web.Readable(row[names], nameMost) {
			line.person = row[names]
		}
		h.lines = append(h.lines, line)
	}
	return h
}

// firstLinks are the first address of each line, among other words.
func firstLinks(rows [][]string) (h handedIn) {
	for _, row := range rows {
		if k := slices.IndexFunc(row, isLink); k >= 0 {
			h.lines = append(h.lines, listed{link: row[k]})
			continue
		}
		h.skipped = append(h.skipped, strings.Join(row, " "))
	}
	return h
}

// without are the cells of a row but for one, few enough to show.
func without(row []string, k int) []string {
	row = row[:min(len(row), ownColumnsMost+1)]
	if k >= len(row) {
		return slices.Clone(row[:min(len(row), ownColumnsMost)])
	}
	return slices.Delete(slices.Clone(row), k, k+1)
}

// ownColumnsMost is how many columns of somebody's table are shown beside the answers.
const ownColumnsMost = 10

// names are what people call the column with the names of people, in the languages of the product.
var names = []string{
	"name", "full name", "candidate", "holder", "person", "nombre", "nombre y apellidos", "candidato",
	"titular", "persona", "nom", "nom complet", "candidat", "titulaire", "personne",
}

// nameColumn is the column of people's names, -1 where none says so by its whole head.
func nameColumn(heads []string, k int) int {
	for i, head := range heads[:min(len(heads), columnsMost)] {
		if i != k && slices.Contains(names, strings.ToLower(head)) {
			return i
		}
	}
	return -1
}

// severalLinks reports whether a text is nothing but two links or more, one a line.
func severalLinks(data []byte) bool {
	if len(data) > linksMost*retryMost || !isLink(string(data[:min(len(data), 8)])+"x.") {
		return false
	}
	text := plainText(data)
	if tooManyCells(text) {
		return false
	}
	rows := linesOf(text)
	return len(rows) > 1 && !slices.ContainsFunc(rows, func(row []string) bool { return len(row) > 1 || !isLink(row[0]) })
}

// cellsMost is how many words or cells a list may have; each is kept while it is read.
const cellsMost = linksMost * columnsMost

// tooManyCells reports whether a text has more words or cells than a list of badges.
func tooManyCells(text string) bool {
	cells := 0
	for i := range len(text) {
		switch text[i] {
		case ' ', '\t', '\n', '\v', '\f', ',', ';':
			if cells++; cells > cellsMost {
				return true
			}
		}
	}
	return false
}

// isLink reports whether a cell is an address that can be asked.
func isLink(cell string) bool {
	scheme, rest, found := strings.Cut(cell, "://")
	return found && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")) && rest != "" && !strings.ContainsAny(cell, " \t\"<>") && len(cell) <= retryMost
}

// linesOf are the words of each line that has any, without what people put behind an address.
func linesOf(text string) (rows [][]string) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		for i, w := range words {
			words[i] = strings.TrimRight(w, ",;")
		}
		if len(words) > 0 {
			rows = append(rows, words)
		}
	}
	return rows
}

// plainText is UTF-8 without its mark; Excel's "Unicode text" is UTF-16 with one.
func plainText(data []byte) string {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	default:
		text := strings.ToValidUTF8(string(bytes.TrimPrefix(data, []byte("\ufeff"))), "�")
		return strings.ReplaceAll(text, "\r", "\n") // CRLF leaves empty lines, which count for nothing
	}
	units := make([]uint16, 0, len(data)/2)
	for k := 2; k+1 < len(data); k += 2 {
		units = append(units, order.Uint16(data[k:]))
	}
	return strings.ReplaceAll(string(utf16.Decode(units)), "\r", "\n")
}

// table reads lines of cells. The separator is the one of the first line that is no part of an address.
func table(text string) (rows [][]string) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.TrimLeadingSpace = separator(text), true, -1, true
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			continue // one broken line takes nothing from the others
		}
		for i, cell := range row {
			row[i] = strings.TrimSpace(cell)
		}
		if strings.Join(row, "") != "" {
			rows = append(rows, row)
		}
	}
}

// separator is the one that stands most often in the first line with any.
func separator(text string) (best rune) {
	for line := range strings.Lines(text) {
		most := 0
		for _, candidate := range "\t;," {
			if n := strings.Count(line, string(candidate)); n > most {
				best, most = candidate, n
			}
		}
		if most > 0 {
			return best
		}
	}
	return ','
}

// heads are what people call the column of addresses, in the languages of the product.
var heads = []string{
	"badge", "insignia", "credential", "link", "enlace", "lien", "url", "address", "dirección", "adresse",
}

const columnsMost = 200 // are looked at

// linkColumn is the column whose head promises addresses and which has some, else the first that has any.
func linkColumn(rows [][]string) int {
	if len(rows) == 0 {
		return -1
	}
	holds := make([]bool, columnsMost)
	for _, row := range rows {
		for k, cell := range row[:min(len(row), columnsMost)] {
			holds[k] = holds[k] || isLink(cell)
		}
	}
	for _, word := range heads {
		for k, head := range rows[0][:min(len(rows[0]), columnsMost)] {
			if holds[k] && strings.Contains(strings.ReplaceAll(strings.ToLower(head), "linkedin", ""), word) && !isLink(head) {
				return k
			}
		}
	}
	return slices.Index(holds, true)
}

// around is what people put around an address and behind it.
const (
	around = "<>\"'«»“”„‘’`()[]"
	behind = ".,;:!"
)

// schemeless is an address as people type it: a host with a dot and a path.
var schemeless = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\.[A-Za-z]{2,}(?::[0-9]{1,5})?/[^\s<>"]*$`)

// typed is the address that somebody means by a word or line, and the text itself where that is none:
// brackets, quotes and a sentence's end are left out, a missing scheme is added, and the slash
// behind the address of a badge of ours goes.
func (d *Door) typed(text string) string {
	if len(text) > retryMost {
		return text
	}
	bare := strings.TrimSpace(text)
	for before := ""; before != bare; {
		before = bare
		bare = strings.TrimSpace(strings.TrimRight(strings.TrimLeft(bare, around), around+behind))
	}
	if open := strings.Count(bare, "(") - strings.Count(bare, ")"); open == 1 && strings.Contains(text, bare+")") {
		bare += ")" // of the address itself
	}
	if !isLink(bare) {
		if bare = d.withScheme(bare); bare == "" {
			return text
		}
	}
	if path, ours := d.own(bare); ours && path.RawQuery == "" && strings.HasPrefix(path.Path, "/badges/") {
		bare = strings.TrimRight(bare, "/"+behind)
	}
	return bare
}

// withScheme adds the scheme to an address without, the one of ours where it is ours; empty: it is none.
func (d *Door) withScheme(text string) string {
	if ours := d.site.Base.Scheme + "://" + text; strings.Contains(text, "/") && isLink(ours) {
		if _, is := d.own(ours); is {
			return ours
		}
	}
	if schemeless.MatchString(text) {
		return "https://" + text
	}
	return ""
}

// typedLines is typed for each word of a list, which may be a table with commas, semicolons or tabs.
func (d *Door) typedLines(text string) string {
	return cell.ReplaceAllStringFunc(text, func(word string) string {
		if isLink(strings.TrimSpace(word)) && !strings.ContainsAny(word, around) && !strings.ContainsAny(word[len(word)-1:], behind+"/") {
			return word
		}
		quote := ""
		if strings.HasPrefix(word, `"`) && strings.HasSuffix(word, `"`) && len(word) > 1 {
			quote = `"` // of the table
		}
		if address := d.typed(word); address != word {
			return quote + address + quote
		}
		return word
	})
}

// cell is a word between the separators of a table.
var cell = regexp.MustCompile(`[^\s,;]+`)
