package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// Outcomes of rows.
const (
	outcomeRecorded = "recorded"
	outcomeReplayed = "replayed"
	outcomeFailed   = "failed"
)

// Line is what became of a row, or would become of it (contract 3.1).
type Line struct {
	Line       int64    `json:"line"` // at which the row begins
	ID         text     `json:"id"`
	Outcome    string   `json:"outcome"`
	Code       text     `json:"code"`
	Column     text     `json:"column"` // as the file names it
	Detail     text     `json:"detail"`
	Suggestion text     `json:"suggestion"`
	Awards     []string `json:"awards"`

	made int // awards that the row made
}

// text is null in JSON when there is none.
type text string

// MarshalJSON writes it.
func (t text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(t))
}

func newLine(it item, outcome string) Line {
	return Line{Line: it.at.Line, ID: text(shortened(it.result.ID)), Outcome: outcome, Awards: []string{}}
}

// failed tells why a row was refused: the first fault by its members, the others in the sentence.
func (w *worker) failed(it item, err error) Line {
	l := newLine(it, outcomeFailed)
	l.ID = text(it.id)
	if it.fault != nil {
		l.Code, l.Column, l.Detail, l.Suggestion = text(it.fault.Code), text(it.fault.Column), text(it.fault.Detail), text(it.fault.Suggestion)
		return l
	}
	var no *refusal.Error
	_ = errors.As(err, &no) // whoever calls has looked
	l.Code, l.Detail = text(no.Code), text(no.Detail)
	if len(no.Fields) == 0 {
		return l
	}
	details := make([]string, len(no.Fields))
	for n, f := range no.Fields {
		column := w.in.columnOf(f.Pointer)
		if n == 0 {
			l.Column = text(column)
		}
		if column == "" {
			column = f.Pointer
		}
		details[n] = column + " " + f.Detail
	}
	all := strings.Join(details, "; ")
	if detail, suggestion, found := strings.Cut(all, " Did you mean "); found && len(details) == 1 {
		all, l.Suggestion = detail, text("Did you mean "+suggestion)
	}
	l.Detail = text(all)
	return l
}

// sums are what a part of a report adds up to.
type sums struct{ recorded, replayed, failed, awards int }

func tally(told []Line) (n sums) {
	for _, l := range told {
		n.awards += l.made
		switch l.Outcome {
		case outcomeRecorded:
			n.recorded++
		case outcomeReplayed:
			n.replayed++
		default:
			n.failed++
		}
	}
	return n
}

func insertReport(ctx context.Context, t *database.Tx, id string, number int64, failed int, told []Line) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, l := range told {
		if err := e.Encode(l); err != nil {
			return err
		}
	}
	_, err := t.Exec(ctx, `
		INSERT INTO import_report (import_id, number, failed, data)
		VALUES (?, ?, ?, ?)`, id, number, failed, packed(b.Bytes()))
	return err
}

// EachLine reads the report as far as there is one, part by part.
func (im *Imports) EachLine(ctx context.Context, caller partner.Caller, id string, onlyFailed bool, each func(Line) error) error {
	m, err := im.Get(ctx, caller, id)
	if err != nil {
		return err
	}
	for number := range m.Report {
		var part struct {
			Failed int    `db:"failed"`
			Data   []byte `db:"data"`
		}
		found, err := im.DB.Reader().Get(ctx, &part, `
			SELECT failed, CASE WHEN failed > 0 OR ? = 0 THEN data END AS data
			FROM import_report
			WHERE import_id = ? AND number = ?`, database.Flag(onlyFailed), m.ID, number)
		if err != nil {
			return fmt.Errorf("read the report of import %s: %w", m.ID, err)
		}
		if !found || part.Data == nil {
			continue
		}
		if err := eachLine(part.Data, onlyFailed, each); err != nil {
			return err
		}
	}
	return nil
}

func eachLine(data []byte, onlyFailed bool, each func(Line) error) error {
	plain, err := unpacked(data)
	if err != nil {
		return err
	}
	for d := json.NewDecoder(bytes.NewReader(plain)); d.More(); {
		var l Line
		if err := d.Decode(&l); err != nil {
			return err
		}
		if onlyFailed && l.Outcome != outcomeFailed {
			continue
		}
		if err := each(l); err != nil {
			return err
		}
	}
	return nil
}
