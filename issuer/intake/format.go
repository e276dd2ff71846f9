// Package intake is results by the file: a body of CSV or NDJSON is kept, read row by row, recorded through the issuer and
// reported row by row, in bounded memory and from where it stood after a crash (contract 3.1). It knows no HTTP, and
// decides nothing about results: a row means what the same request would.
package intake

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Encodings of bodies.
const (
	utf8Text    = "utf-8"
	utf16LE     = "utf-16le"
	utf16BE     = "utf-16be"
	windows1252 = "windows-1252"
)

const headMost = 64 << 10 // bytes that are looked at for zero bytes and delimiters

// sniffer finds out how a body is encoded while it passes. All of it counts: a single broken byte late in a file does not
// make it another encoding, and neither does a beginning that is ASCII.
type sniffer struct {
	head            []byte
	carry           []byte // of a character that was cut by the end of a write
	foreign, broken int    // characters beyond ASCII that are UTF-8, and bytes that are not
}

// Write takes the next part of the body.
func (s *sniffer) Write(p []byte) (int, error) {
	if room := headMost - len(s.head); room > 0 {
		s.head = append(s.head, p[:min(room, len(p))]...)
	}
	rest := p
	if len(s.carry) > 0 {
		rest = append(s.carry, p...)
	}
	s.carry = nil
	for len(rest) > 0 {
		if rest[0] < utf8.RuneSelf {
			rest = rest[1:]
			continue
		}
		if !utf8.FullRune(rest) {
			s.carry = bytes.Clone(rest)
			break
		}
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			s.broken++
		} else {
			s.foreign++
		}
		rest = rest[size:]
	}
	return len(p), nil
}

// encoding is what the body seems to be, and how many bytes its mark has. JSON is never windows-1252.
func (s *sniffer) encoding(json bool) (name string, mark int) {
	switch {
	case bytes.HasPrefix(s.head, []byte("\xef\xbb\xbf")):
		return utf8Text, 3
	case bytes.HasPrefix(s.head, []byte("\xff\xfe")):
		return utf16LE, 2
	case bytes.HasPrefix(s.head, []byte("\xfe\xff")):
		return utf16BE, 2
	}
	if name := zeroPattern(s.head); name != "" {
		return name, 0
	}
	if json || s.broken+len(s.carry) == 0 || s.foreign > s.broken {
		return utf8Text, 0
	}
	return windows1252, 0
}

// zeroPattern knows UTF-16 without a mark by its zero bytes, which western text has in every second place.
func zeroPattern(head []byte) string {
	var zeros [2]int
	for n, b := range head {
		if b == 0 {
			zeros[n%2]++
		}
	}
	pairs := len(head) / 2
	switch {
	case zeros[1] > pairs/3 && zeros[0] <= pairs/20:
		return utf16LE
	case zeros[0] > pairs/3 && zeros[1] <= pairs/20:
		return utf16BE
	}
	return ""
}

// decode is a line as text. whole is false where bytes are no characters of the encoding.
func decode(raw []byte, encoding string) (text string, whole bool) {
	switch encoding {
	case windows1252:
		return fromWindows(raw)
	case utf16LE, utf16BE:
		return fromUTF16(raw, encoding == utf16BE)
	}
	return string(raw), utf8.Valid(raw)
}

func fromWindows(raw []byte) (text string, whole bool) {
	var b strings.Builder
	whole = true
	for _, c := range raw {
		r := charmap.Windows1252.DecodeByte(c)
		whole = whole && r != utf8.RuneError && (c < 0x80 || c > 0x9f || r > 0x9f) // five bytes mean nothing there
		b.WriteRune(r)
	}
	return b.String(), whole
}

func fromUTF16(raw []byte, big bool) (text string, whole bool) {
	units := make([]uint16, len(raw)/2)
	for n := range units {
		low, high := raw[2*n], raw[2*n+1]
		if big {
			low, high = high, low
		}
		units[n] = uint16(low) | uint16(high)<<8
	}
	text = string(utf16.Decode(units))
	return text, len(raw)%2 == 0 && !strings.ContainsRune(text, utf8.RuneError)
}
