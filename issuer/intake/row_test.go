package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/open-insignia/insignia/refusal"
)

const head = "id,candidate_id,candidate_email,candidate_name,exam,outcome,taken_at\n"

// readAll reads a file as an import does, and tells each row in a line.
func readAll(t *testing.T, body []byte, json bool, m Mapping) (Format, []string, *Fault) {
	t.Helper()
	var s sniffer
	for _, part := range [][]byte{body[:len(body)/3], body[len(body)/3:]} {
		_, _ = s.Write(part)
	}
	begun, fault, err := begin(bytes.NewReader(body), s.format(json), json, m)
	if err != nil {
		t.Fatal(err)
	}
	if fault != nil {
		return begun.Format, nil, fault
	}
	var list []string
	in := openRows(iotest.OneByteReader(bytes.NewReader(body[begun.at.Offset:])), begun.Format, begun.header, m, begun.at)
	for {
		one, err := in.next()
		if errors.Is(err, io.EOF) {
			return begun.Format, list, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		told := fmt.Sprintf("%d %s", one.at.Line, one.id)
		if one.fault != nil {
			told += " " + one.fault.Code
		}
		list = append(list, told)
		// Reading can go on at the end of every row.
		rest := openRows(bytes.NewReader(body[one.end.Offset:]), begun.Format, begun.header, m, one.end)
		if next, err := rest.next(); err == nil && next.at.Line < one.end.Line {
			t.Errorf("line %d follows the row that ends at %d", next.at.Line, one.end.Line)
		}
	}
}

func (s *sniffer) format(json bool) (f Format) {
	f.Encoding, f.Mark = s.encoding(json)
	return f
}

func encoded(t *testing.T, e encoding.Encoding, text string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Encodings and delimiters are recognised, with and without marks (contract 3.1).
func TestFormats(t *testing.T) {
	text := head + "R-1,C-1,ana@home.test,Ana Muñoz Œ,E1,pass,2026-03-04T10:00:00Z\r\n\r\nR-2,C-2,ben@home.test,Ben,E1,fail,2026-03-04T10:00:00Z"
	for _, c := range []struct {
		name string
		body []byte
		want Format
	}{
		{"UTF-8", []byte(text), Format{"utf-8", 0, ","}},
		{"UTF-8 with a mark", []byte("\ufeff" + text), Format{"utf-8", 3, ","}},
		{"UTF-16 LE", encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text), Format{"utf-16le", 2, ","}},
		{"UTF-16 BE", encoded(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), text), Format{"utf-16be", 2, ","}},
		{"UTF-16 LE without a mark", encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), text), Format{"utf-16le", 0, ","}},
		{"UTF-16 BE without a mark", encoded(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), text), Format{"utf-16be", 0, ","}},
		{"Windows-1252", encoded(t, charmap.Windows1252, text), Format{"windows-1252", 0, ","}},
		{"semicolons", []byte(strings.ReplaceAll(text, ",", ";")), Format{"utf-8", 0, ";"}},
		{"tabs", []byte(strings.ReplaceAll(text, ",", "\t")), Format{"utf-8", 0, "\t"}},
		{"bars", []byte(strings.ReplaceAll(text, ",", "|")), Format{"utf-8", 0, "|"}},
	} {
		got, list, fault := readAll(t, c.body, false, Mapping{})
		if fault != nil || got != c.want {
			t.Errorf("%s: got %+v %+v, want %+v", c.name, got, fault, c.want)
		}
		if diff := cmp.Diff([]string{"2 R-1", "4 R-2"}, list); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// A character that has the byte of a line end is none, and what is read is what was written.
func TestWideText(t *testing.T) {
	text := head + "R-1,C-1,ana@home.test,\u0a0d\u0d0aਊ 山田,E1,pass,2026-03-04T10:00:00Z\n"
	for _, order := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
		body := encoded(t, unicode.UTF16(order, unicode.UseBOM), text)
		var s sniffer
		_, _ = s.Write(body)
		begun, fault, err := begin(bytes.NewReader(body), s.format(false), false, Mapping{})
		if err != nil || fault != nil {
			t.Fatal(err, fault)
		}
		one, err := openRows(bytes.NewReader(body[begun.at.Offset:]), begun.Format, begun.header, Mapping{}, begun.at).next()
		if err != nil || !strings.Contains(string(one.body), `"name":"`+"\u0a0d\u0d0aਊ 山田"+`"`) {
			t.Errorf("got %s %v %+v", one.body, err, one.fault)
		}
	}
}

// A row that cannot be read fails alone; lines are counted as they stand in the file.
func TestBadRows(t *testing.T) {
	row := func(id, name string) string {
		return id + ",C-1,ana@home.test," + name + ",E1,pass,2026-03-04T10:00:00Z\n"
	}
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"unclosed quote", row("R-1", `"Ana`) + row("R-2", "Ben"), []string{"2  unreadable", "3 R-2"}},
		{"unclosed before quoted ones", row("R-1", `"Ana`) + row("R-2", `"Ben"`) + row("R-3", `"Cy, D"`), []string{"2  unreadable", "3 R-2", "4 R-3"}},
		{"unclosed in the last row", row("R-1", "Ana") + strings.TrimSuffix(row("R-2", `"Ben`), "\n"), []string{"2 R-1", "3  unreadable"}},
		{"two in a row", row("R-1", `"Ana`) + row("R-2", `"Ben`) + row("R-3", "Cy"), []string{"2  unreadable", "3  unreadable", "4 R-3"}},
		{"text behind a quote", row("R-1", `"Ana" Ruiz`) + row("R-2", "Ben"), []string{"2 R-1 unreadable", "3 R-2"}},
		{"quote within", row("R-1", `Ana "A" Ruiz`), []string{"2 R-1"}},
		{"two quotes", row("R-1", `"Ana ""A"" Ruiz"`), []string{"2 R-1"}},
		{"line break in quotes", row("R-1", "\"Ana\nRuiz\"") + row("R-2", "Ben"), []string{"2 R-1", "4 R-2"}},
		{"fields missing", "R-1,C-1\n" + row("R-2", "Ben"), []string{"2 R-1 unreadable", "3 R-2"}},
		{"fields too many", row("R-1,x", "Ana"), []string{"2 R-1 unreadable"}},
		{"nothing in it", ",,,,,,\n\"\",,,,,,\n" + row("R-2", "Ben"), []string{"4 R-2"}},
		{"broken byte, UTF-8 elsewhere", row("R-1", "Mu\xf1oz") + row("R-2", "Muñoz") + row("R-3", "Núñez"), []string{"2  unreadable", "3 R-2", "4 R-3"}},
		{"NUL", row("R-1", "A\x00na") + row("R-2", "Ben"), []string{"2 R-1", "3 R-2"}},
		{"very long", row("R-1", strings.Repeat("x", lineMost)) + row("R-2", "Ben"), []string{"2  unreadable", "3 R-2"}},
		{"no rows", "", nil},
	} {
		_, list, fault := readAll(t, []byte(head+c.body), false, Mapping{})
		if diff := cmp.Diff(c.want, list); diff != "" || fault != nil {
			t.Errorf("%s: %s %+v", c.name, diff, fault)
		}
	}
}

// A header that is not ours is refused with the line, why, and what may be meant.
func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		name, header, code, column, suggestion string
	}{
		{"no header", "R-1,C-1,ana@home.test,Ana,E1,pass,2026-03-04T10:00:00Z", "header_unmapped", "R-1", "Begin with a line of names"},
		{"unknown name", strings.TrimSpace(head) + ",Candidate Locale", "header_unmapped", "Candidate Locale", `Is "Candidate Locale" candidate_locale?`},
		{"other names", "Result ID;E-mail;Exam code", "header_unmapped", "Result ID", `Is "E-mail" candidate_email?`},
		{"two of one name", strings.TrimSpace(head) + ",exam", "header_duplicate", "exam", "Name one of them otherwise"},
		{"one missing", "id,candidate_id,candidate_email,candidate_name,exam,outcome", "header_incomplete", "", "Add what is missing"},
		{"open quote", `"id,candidate_id` + "\n" + head, "unreadable", "", ""},
		{"workbook", "PK\x03\x04\x14\x00\x00\x00", "unreadable", "", "save it as CSV"},
		{"nothing", "\n\n", "header_incomplete", "", "Begin with a line of names"},
	} {
		_, _, fault := readAll(t, []byte(c.header+"\n"), false, Mapping{})
		if fault == nil || fault.Code != c.code || fault.Column != c.column || !strings.Contains(fault.Suggestion, c.suggestion) {
			t.Errorf("%s: got %+v", c.name, fault)
		}
	}
	_, _, fault := readAll(t, []byte("\n\n"+strings.TrimSpace(head)+",exam\n"), false, Mapping{})
	if fault == nil || fault.Line != 3 {
		t.Errorf("got %+v, want it in line 3", fault)
	}
}

// A mapping has files of others read: names, words, times with their zone.
func TestMapping(t *testing.T) {
	m := Mapping{
		Columns:  map[string]string{"Nr": "id", "Reg": "candidate_id", "Mail": "candidate_email", "Nombre": "candidate_name", "Examen": "exam", "Nota": "outcome", "Fecha": "taken_at", "Notas": "", "Puntos": "score"},
		Outcomes: map[string]string{"APTO": "pass"}, TimeFormat: "DD/MM/YYYY HH:mm", TimeZone: "Europe/Madrid",
	}
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	body := "Nr;Reg;Mail;Nombre;Examen;Nota;Fecha;Notas;Puntos\n" +
		"R-1;C-1;ana@home.test;Ana;E1;APTO;04/07/2026 12:00;\"two\nlines\";81\n" +
		"R-2;C-1;ana@home.test;Ana;E1;APTO;29/03/2026 02:30;;81\n" + // clocks skip it
		"R-3;C-1;ana@home.test;Ana;E1;APTO;04/03/2026 12:00;;81,5\n"
	begun, fault, err := begin(strings.NewReader(body), Format{Encoding: utf8Text}, false, m)
	if err != nil || fault != nil {
		t.Fatal(err, fault)
	}
	in := openRows(strings.NewReader(body[begun.at.Offset:]), begun.Format, begun.header, m, begun.at)
	var got []row
	for one, err := in.next(); err == nil; one, err = in.next() {
		got = append(got, one)
	}
	if len(got) != 3 {
		t.Fatalf("got %d rows", len(got))
	}
	if want := `{"id":"R-1","candidate":{"id":"C-1","email":"ana@home.test","name":"Ana"},"exam":"E1","outcome":"pass","score":81,"taken_at":"2026-07-04T10:00:00Z"}`; string(got[0].body) != want {
		t.Errorf("got  %s\nwant %s", got[0].body, want)
	}
	if f := got[1].fault; f == nil || f.Column != "Fecha" || got[1].at.Line != 4 {
		t.Errorf("got %+v", got[1])
	}
	if f := got[2].fault; f == nil || f.Column != "Puntos" || f.Suggestion != "Write 81.5." {
		t.Errorf("got %+v", f)
	}
	bad := Mapping{Columns: map[string]string{"a/b": "name", " ": "id"}, Outcomes: map[string]string{"P": "passed"}, TimeFormat: "YY-MM", TimeZone: "Mars"}
	var refused *refusal.Error
	if err := bad.Check(); !errors.As(err, &refused) || len(refused.Fields) != 5 {
		t.Errorf("got %v", err)
	}
}

func FuzzRows(f *testing.F) {
	f.Add([]byte(head+"R-1,\"C-1\nx\",a@b.test,Ana,E1,pass,2026-03-04T10:00:00Z\n"), false)
	f.Add([]byte("\xff\xfei\x00d\x00\n\x00"), false)
	f.Add([]byte(`{"id":"R-1"}`+"\n"), true)
	f.Fuzz(func(t *testing.T, body []byte, json bool) {
		var s sniffer
		_, _ = s.Write(body)
		begun, fault, err := begin(bytes.NewReader(body), s.format(json), json, Mapping{})
		if err != nil || fault != nil {
			return
		}
		in := openRows(bytes.NewReader(body[begun.at.Offset:]), begun.Format, begun.header, Mapping{}, begun.at)
		last := int64(0)
		for one, err := in.next(); err == nil; one, err = in.next() {
			if one.at.Line <= last || one.end.Offset > int64(len(body)) || (one.body == nil) == (one.fault == nil) {
				t.Fatalf("got %+v behind line %d", one, last)
			}
			last = one.at.Line
		}
	})
}
