package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What people must be able to do is numbered, and a test that proves some of it says so above itself:
//
//	// row 85: whoever comes back claims in three activations. rows 108, 110: private is as unknown as any other.
//
// The table of docs/people.md is made of these lines, as the tables of demands are (documents_proofs_test.go).

const peopleFile = "docs/people.md"

var (
	rowMark  = regexp.MustCompile(`\b[Rr]ows? ([0-9]+(?:(?:, | and | to )[0-9]+)*)(?: and flows [0-9.]+)?: `)
	rowRange = regexp.MustCompile(`([0-9]+) to ([0-9]+)`)
	rowOne   = regexp.MustCompile(`[0-9]+`)
)

// rowProof is what a test says of a row.
type rowProof struct {
	row  int
	text string
	test string // package and name
}

// TestDocumentRows writes and compares the table of what people can do.
func TestDocumentRows(t *testing.T) {
	p := readTests(t)
	var list []rowProof
	for _, test := range p.tests {
		if test.decl.Doc == nil {
			continue
		}
		said := rowProofs(test.decl.Doc.Text())
		if why := p.skips(test.folder, test.name(), nil); len(said) > 0 && (why != "" || test.constrained) {
			t.Errorf("%s.%s is said to prove a row and does not run in a plain clone: %s", test.folder, test.name(), cmp.Or(why, "it has a build constraint"))
		}
		for _, s := range said {
			s.test = test.folder + " " + test.name()
			list = append(list, s)
		}
	}
	if len(list) < 30 {
		t.Errorf("got only %d proofs of rows: the comments are not read", len(list))
	}
	generated(t, peopleFile, "rows", rowTable(list))
}

// rowProofs reads what the comment of a test says of rows. What is said of one ends where the next begins.
func rowProofs(comment string) (list []rowProof) {
	comment = strings.Join(strings.Fields(comment), " ")
	marks := rowMark.FindAllStringSubmatchIndex(comment, -1)
	for n, m := range marks {
		end := len(comment)
		if n+1 < len(marks) {
			end = marks[n+1][0]
		}
		text := strings.TrimRight(comment[m[1]:end], " .;,")
		for _, row := range rowNumbers(comment[m[2]:m[3]]) {
			list = append(list, rowProof{row: row, text: text})
		}
	}
	return list
}

func rowNumbers(text string) (rows []int) {
	text = rowRange.ReplaceAllStringFunc(text, func(r string) string {
		m := rowRange.FindStringSubmatch(r)
		from, _ := strconv.Atoi(m[1])
		to, _ := strconv.Atoi(m[2])
		var all []string
		for n := from; n <= to; n++ {
			all = append(all, strconv.Itoa(n))
		}
		return strings.Join(all, ", ")
	})
	for _, number := range rowOne.FindAllString(text, -1) {
		row, _ := strconv.Atoi(number)
		rows = append(rows, row)
	}
	return rows
}

func rowTable(list []rowProof) string {
	slices.SortStableFunc(list, func(a, b rowProof) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.text, b.text), cmp.Compare(a.test, b.test))
	})
	var b strings.Builder
	b.WriteString("| row | what holds | proved by |\n|---|---|---|\n")
	for len(list) > 0 {
		first := list[0]
		var tests []string
		for len(list) > 0 && list[0].row == first.row && list[0].text == first.text {
			tests = append(tests, list[0].test)
			list = list[1:]
		}
		fmt.Fprintf(&b, "| %d | %s | %s |\n", first.row, cell(first.text), testsByPackage(slices.Compact(tests)))
	}
	return b.String()
}

// TestRowProofs reads the ways in which rows are named.
func TestRowProofs(t *testing.T) {
	got := rowProofs("TestX. Row 1: one. rows 2, 4: two;\nrows 98 to 100: many words\nof them. row 89 and flows 2.3: asks once.")
	want := []rowProof{{row: 1, text: "one"}, {row: 2, text: "two"}, {row: 4, text: "two"}, {row: 98, text: "many words of them"},
		{row: 99, text: "many words of them"}, {row: 100, text: "many words of them"}, {row: 89, text: "asks once"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
