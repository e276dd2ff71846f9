package jsonld

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

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
