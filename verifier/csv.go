package verifier

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Row is one line of a table of reports: what was handed in, in the words of who handed it in, and the
// answer.
type Row struct {
	Input  string
	Own    []string // cells of the table that was handed in
	Report *Report
}

// csvColumns is the first line of the table. New columns go to the end.
var csvColumns = []string{"input", "verdict", "valid", "issuer_known", "format", "badge_id", "badge_name", "issuer_id", "issuer_name",
	"recipient", "issued_on", "expires_on", "checked_at", "codes", "reason", "test"}

// maxCell is the longest text of a cell in characters; spreadsheets hold 32,767.
const maxCell = 2000

// WriteCSV writes a table (RFC 4180, UTF-8, CRLF) of reports, one line each under a line of names. Much
// of it is text of strangers, and spreadsheets run what looks like a formula: such a cell gets an
// apostrophe before it. Line ends and control characters become spaces. own are the heads of the rows' own cells,
// which stand at the end of each line.
func WriteCSV(w io.Writer, own []string, rows []Row) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	wide := len(own)
	for _, row := range rows {
		wide = max(wide, len(row.Own))
	}
	heads := append(slices.Clone(csvColumns), padded(own, wide)...)
	for i := range heads {
		heads[i] = harmless(heads[i])
	}
	if err := c.Write(heads); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	for _, row := range rows {
		cells := append(row.cells(), padded(row.Own, wide)...)
		for i := range cells {
			cells[i] = harmless(cells[i])
		}
		if err := c.Write(cells); err != nil {
			return fmt.Errorf("write table: %w", err)
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// padded are cells with empty ones behind them.
func padded(cells []string, wide int) []string {
	return append(slices.Clone(cells), make([]string, wide-len(cells))...)
}

func (row Row) cells() []string {
	r := row.Report
	if r == nil {
		r = &Report{}
	}
	b := r.Badge
	if b == nil {
		b = &Badge{}
	}
	codes, reason := r.reasons()
	return []string{
		row.Input, string(r.Verdict), strconv.FormatBool(r.Valid), strconv.FormatBool(r.IssuerKnown), r.Format, b.ID, b.Name, b.Issuer.ID, b.Issuer.Name,
		b.Recipient, day(b.IssuedOn), day(b.ExpiresOn), day(&r.CheckedAt), codes, reason, strconv.FormatBool(r.Test),
	}
}

// reasons gives the codes of everything that failed or stayed open, which is also whether a badge is withdrawn
// that its issuer cannot withdraw, and the first sentence of what failed or stayed open.
func (r *Report) reasons() (codes, reason string) {
	var all []string
	for _, c := range r.Checks {
		if c.Code == NoStatus {
			all = append(all, c.Code)
		}
		if c.Outcome != Fail && c.Outcome != Unknown {
			continue
		}
		if c.Code != "" {
			all = append(all, c.Code)
		}
		if reason == "" {
			reason = c.Message
		}
	}
	return strings.Join(all, " "), reason
}

func day(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// harmless is text that no spreadsheet takes for a formula, also not after leaving out white space and
// marks that nobody sees.
func harmless(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > maxCell {
		text = string(runes[:maxCell-1]) + "…"
	}
	start := strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	if first, _ := utf8.DecodeRuneInString(start); start != "" && strings.ContainsRune("=+-@|%＝＋－＠", first) {
		return "'" + text
	}
	return text
}
