package verifier

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func table(t *testing.T, rows ...Row) [][]string {
	var b bytes.Buffer
	if err := WriteCSV(&b, nil, rows); err != nil {
		t.Fatal(err)
	}
	if strings.Count(b.String(), "\r\n") != len(rows)+1 || strings.Count(b.String(), "\n") != len(rows)+1 {
		t.Errorf("line ends: %q", b.String())
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(lines) != len(rows)+1 {
		t.Fatalf("got %v, %v", lines, err)
	}
	return lines[1:]
}

func TestWriteCSV(t *testing.T) {
	w := newWorld(t)
	publishHosted(w)
	w.change(assertionID, set("expires", "2026-03-01T00:00:00Z"))
	report := w.verify(assertionID)
	lines := table(t, Row{Input: assertionID, Report: report}, Row{Input: "nothing"}, Row{Input: "no, \"badge\"", Report: w.verify("no badge")})
	want := [][]string{
		{assertionID, "expired", "false", "false", "ob2-hosted", assertionID, "Line Robots", profileID, "Example Makers",
			report.Badge.Recipient, "2026-02-04T10:00:00Z", "2026-03-01T00:00:00Z", "2026-03-04T10:00:00Z", "EXPIRED", "expires: expired.", "false"},
		{"nothing", "", "false", "false", "", "", "", "", "", "", "", "", "", "", "", "false"},
		{"no, \"badge\"", "not_a_badge", "false", "false", "", "", "", "", "", "", "", "", "2026-03-04T10:00:00Z", "BAD_INPUT", "This is no address, badge document, token or picture.", "false"},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if err := WriteCSV(failing{}, nil, []Row{{}}); err == nil {
		t.Error("a table that cannot be written is written")
	}
	if err := WriteCSV(failing{}, nil, slices.Repeat([]Row{{Input: strings.Repeat("x", 2000)}}, 10)); err == nil {
		t.Error("a long table that cannot be written is written")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestCSVFormulas: no text of a stranger is run by a spreadsheet, or changes the table's form.
func TestCSVFormulas(t *testing.T) {
	for _, text := range []string{
		"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "\u00a0=1", "\u200b=1", "\ufeff=1", "＝1", "＋1", "－1", "＠1", "|cmd", "%0A=1", "=cmd|'/c calc'!A1", "\x00=1", "\u202e=1",
	} {
		day := time.Now()
		r := &Report{Format: text, Verdict: Verdict(text), Badge: &Badge{ID: text, Name: text, Recipient: text, Issuer: Issuer{ID: text, Name: text}, IssuedOn: &day},
			Checks: []Check{{Outcome: Fail, Code: text, Message: text}}}
		for _, cell := range table(t, Row{Input: text, Own: []string{text}, Report: r})[0] {
			start := strings.TrimLeft(cell, " \u00a0\u200b\ufeff\u202e")
			if start != "" && strings.ContainsRune("=+-@|%＝＋－＠\t\r\n\x00", []rune(start)[0]) {
				t.Errorf("%q became %q", text, cell)
			}
		}
	}
	for text, want := range map[string]string{
		"Ana Ruiz": "Ana Ruiz", "a=b": "a=b", "": "", " ": " ", "two\nlines": "two lines", "n\u0303": "n\u0303", "می\u200cخواهم": "می\u200cخواهم", "\xff": "\uFFFD",
	} {
		if got := harmless(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if long := harmless(strings.Repeat("ñ", 3*maxCell)); utf8.RuneCountInString(long) != maxCell || !strings.HasSuffix(long, "…") {
		t.Errorf("%d characters", utf8.RuneCountInString(long))
	}
}
