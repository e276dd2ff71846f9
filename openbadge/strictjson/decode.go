// Package strictjson reads JSON that every reader understands alike: what is signed or judged must not mean
// one thing here and another thing elsewhere. It knows nothing of badges.
package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of one value; zero means none. The outermost value has depth 0; objects, arrays and scalars count
// as values.
type Limits struct {
	Bytes, Depth, Values int
}

// Error is what Decode, Check and Unmarshal return for what is no strict JSON, or over a limit.
type Error struct {
	TooLarge bool
	Detail   string
}

func (e *Error) Error() string { return e.Detail }

// Decode reads one value and refuses what readers disagree about: a member name that occurs twice in an
// object (also when one of them is written with escapes), invalid UTF-8, half of a surrogate pair, anything
// after the value. Numbers are json.Number with their text as it was. Errors are *Error.
func Decode(data []byte, l Limits) (any, error) { return decode(data, l, false) }

// Check refuses what Decode refuses, without making anything of the value.
func Check(data []byte, l Limits) error {
	_, err := decode(data, l, true)
	return err
}

// Unmarshal is Decode into v, as encoding/json fills it; numbers that land in an any are json.Number. Read
// foreign documents into maps: encoding/json ignores the case of names when it fills a struct.
func Unmarshal(data []byte, v any, l Limits) error {
	if whole, isAny := v.(*any); isAny {
		var err error
		*whole, err = Decode(data, l)
		return err
	}
	if err := Check(data, l); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(v)
}

// HalfSurrogate reports whether JSON, which is valid otherwise, escapes half of a surrogate pair: decoders put
// all kinds of things in its place. Check finds it as well; this is for readers who say so in words of their own.
func HalfSurrogate(data []byte) bool {
	for d := (decoder{text: string(data)}); ; {
		next := strings.IndexByte(d.text[d.at:], '\\')
		if next < 0 {
			return false
		}
		d.at += next
		if _, err := d.escape(); err != nil {
			return true
		}
	}
}

func decode(data []byte, l Limits, checkOnly bool) (any, error) {
	if l.Bytes > 0 && len(data) > l.Bytes {
		return nil, tooLarge("more than %d bytes", l.Bytes)
	}
	if !utf8.Valid(data) {
		return nil, &Error{Detail: "invalid UTF-8"}
	}
	d := decoder{text: string(data), limits: l, checkOnly: checkOnly}
	v, err := d.value(0)
	if err != nil {
		return nil, err
	}
	if d.space(); d.at < len(d.text) {
		return nil, d.malformed("text after the value")
	}
	return v, nil
}

func tooLarge(format string, limit int) *Error {
	return &Error{TooLarge: true, Detail: fmt.Sprintf(format, limit)}
}

type decoder struct {
	text      string
	at        int
	values    int
	limits    Limits
	checkOnly bool // lists stay empty, and the values of members are nil
}

func (d *decoder) malformed(what string) *Error {
	return &Error{Detail: fmt.Sprintf("JSON: %s at byte %d", what, d.at)}
}

func (d *decoder) space() {
	for d.at < len(d.text) && (d.text[d.at] == ' ' || d.text[d.at] == '\n' || d.text[d.at] == '\r' || d.text[d.at] == '\t') {
		d.at++
	}
}

// next moves past white space and c, and says whether c was there.
func (d *decoder) next(c byte) bool {
	d.space()
	if d.at < len(d.text) && d.text[d.at] == c {
		d.at++
		return true
	}
	return false
}

func (d *decoder) value(depth int) (any, error) {
	if d.values++; d.limits.Values > 0 && d.values > d.limits.Values {
		return nil, tooLarge("more than %d values", d.limits.Values)
	}
	if d.limits.Depth > 0 && depth > d.limits.Depth {
		return nil, tooLarge("nested deeper than %d", d.limits.Depth)
	}
	if d.space(); d.at == len(d.text) {
		return nil, d.malformed("a value is missing")
	}
	switch d.text[d.at] {
	case '{':
		return d.object(depth)
	case '[':
		return d.array(depth)
	case '"':
		return d.str()
	case 't':
		return true, d.word("true")
	case 'f':
		return false, d.word("false")
	case 'n':
		return nil, d.word("null")
	}
	return d.number()
}

func (d *decoder) word(w string) error {
	if len(d.text)-d.at < len(w) || d.text[d.at:d.at+len(w)] != w {
		return d.malformed("unknown word")
	}
	d.at += len(w)
	return nil
}

func (d *decoder) array(depth int) (any, error) {
	list := []any{}
	d.at++
	if d.next(']') {
		return list, nil
	}
	for {
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if !d.checkOnly {
			list = append(list, v)
		}
		if d.next(']') {
			return list, nil
		}
		if !d.next(',') {
			return nil, d.malformed("neither comma nor ]")
		}
	}
}

func (d *decoder) object(depth int) (any, error) {
	members := map[string]any{}
	d.at++
	if d.next('}') {
		return members, nil
	}
	for {
		if d.space(); d.at == len(d.text) || d.text[d.at] != '"' {
			return nil, d.malformed("no member name")
		}
		name, err := d.str()
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice {
			return nil, &Error{Detail: fmt.Sprintf("JSON: member %.100q twice in one object", name)}
		}
		if !d.next(':') {
			return nil, d.malformed("no colon")
		}
		if members[name], err = d.value(depth + 1); err != nil {
			return nil, err
		}
		if d.next('}') {
			return members, nil
		}
		if !d.next(',') {
			return nil, d.malformed("neither comma nor }")
		}
	}
}

// number checks the grammar of RFC 8259 §6.
func (d *decoder) number() (any, error) {
	from := d.at
	if d.at < len(d.text) && d.text[d.at] == '-' {
		d.at++
	}
	if first := d.at; d.digits() == 0 || d.text[first] == '0' && d.at > first+1 {
		return nil, d.malformed("unexpected character")
	}
	if d.at < len(d.text) && d.text[d.at] == '.' {
		if d.at++; d.digits() == 0 {
			return nil, d.malformed("no digit")
		}
	}
	if d.at < len(d.text) && d.text[d.at]|0x20 == 'e' {
		if d.at++; d.at < len(d.text) && (d.text[d.at] == '+' || d.text[d.at] == '-') {
			d.at++
		}
		if d.digits() == 0 {
			return nil, d.malformed("no digit")
		}
	}
	return json.Number(d.text[from:d.at]), nil
}

func (d *decoder) digits() int {
	from := d.at
	for d.at < len(d.text) && '0' <= d.text[d.at] && d.text[d.at] <= '9' {
		d.at++
	}
	return d.at - from
}

// str reads a string from its opening quotation mark on. Without escapes it is a part of the text.
func (d *decoder) str() (string, error) {
	d.at++
	from := d.at
	for ; d.at < len(d.text); d.at++ {
		switch c := d.text[d.at]; {
		case c == '"':
			d.at++
			return d.text[from : d.at-1], nil
		case c == '\\':
			return d.escapedString(from)
		case c < ' ':
			return "", d.malformed("control character in a string")
		}
	}
	return "", d.malformed("unfinished string")
}

func (d *decoder) escapedString(from int) (string, error) {
	var b strings.Builder
	for d.at < len(d.text) {
		switch c := d.text[d.at]; {
		case c == '"':
			b.WriteString(d.text[from:d.at])
			d.at++
			return b.String(), nil
		case c == '\\':
			b.WriteString(d.text[from:d.at])
			r, err := d.escape()
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
			from = d.at
		case c < ' ':
			return "", d.malformed("control character in a string")
		default:
			d.at++
		}
	}
	return "", d.malformed("unfinished string")
}

// escape reads one escape, both halves of a surrogate pair.
func (d *decoder) escape() (rune, error) {
	if d.at+1 < len(d.text) && d.text[d.at+1] != 'u' {
		if i := strings.IndexByte(`"\/bfnrt`, d.text[d.at+1]); i >= 0 {
			d.at += 2
			return rune("\"\\/\b\f\n\r\t"[i]), nil
		}
		return 0, d.malformed("unknown escape")
	}
	r := d.unit()
	if utf16.IsSurrogate(r) {
		if r = utf16.DecodeRune(r, d.unit()); r == utf8.RuneError {
			r = -1
		}
	}
	if r < 0 {
		return 0, d.malformed("bad \\u escape")
	}
	return r, nil
}

// unit reads one \uXXXX, or gives -1.
func (d *decoder) unit() rune {
	if len(d.text)-d.at < 6 || d.text[d.at] != '\\' || d.text[d.at+1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(d.text[d.at+2:d.at+6], 16, 16)
	if err != nil {
		return -1
	}
	d.at += 6
	return rune(n)
}
