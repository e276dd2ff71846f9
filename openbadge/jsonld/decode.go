package jsonld

import (
	"encoding/json"
	"unicode/utf8"
)

// The limits of a document. The largest credential of the official test material has 17 kB, a depth
// below 20 and some 700 values; a status list is one long string.
const (
	MaxBytes  = 4 << 20
	MaxDepth  = 100
	MaxValues = 30_000 // objects, arrays and scalars
)

// Decode reads one JSON value strictly: no member twice in an object, valid UTF-8 and no half
// surrogate pairs, nothing after the value, within MaxBytes, MaxDepth and MaxValues. Numbers are
// json.Number with their text as it was. Errors are *Error of kind Malformed or TooLarge.
func Decode(doc []byte) (any, error) {
	if len(doc) > MaxBytes {
		return nil, failure(TooLarge, nil, "more than %d bytes", MaxBytes)
	}
	if !utf8.Valid(doc) {
		return nil, failure(Malformed, nil, "invalid UTF-8")
	}
	d := decoder{text: string(doc)}
	v, err := d.value(0)
	if err != nil {
		return nil, err
	}
	if d.space(); d.at < len(d.text) {
		return nil, d.malformed("text after the value")
	}
	return v, nil
}

type decoder struct {
	text   string
	at     int
	values int
}

func (d *decoder) malformed(what string) *Error {
	return failure(Malformed, nil, "JSON: %s at byte %d", what, d.at)
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
	if d.values++; d.values > MaxValues {
		return nil, failure(TooLarge, nil, "more than %d values", MaxValues)
	}
	if depth > MaxDepth {
		return nil, failure(TooLarge, nil, "nested deeper than %d", MaxDepth)
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
		list = append(list, v)
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
			return nil, failure(Malformed, nil, "JSON: member %.100q twice in one object", name)
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
