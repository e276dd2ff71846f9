package rdf

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// unescape resolves UCHAR, and ECHAR in literals.
func unescape(s string, literal bool) (string, error) {
	at := strings.IndexByte(s, '\\')
	if at < 0 {
		return s, nil
	}
	var b strings.Builder
	for ; at >= 0; at = strings.IndexByte(s, '\\') {
		b.WriteString(s[:at])
		r, size, err := escaped(s[at+1:], literal)
		if err != nil {
			return "", err
		}
		b.WriteRune(r)
		s = s[at+1+size:]
	}
	b.WriteString(s)
	return b.String(), nil
}

// escaped reads what follows a backslash and says how long it was.
func escaped(s string, literal bool) (rune, int, error) {
	if s == "" {
		return 0, 0, errEscape
	}
	switch s[0] {
	case 'u':
		return codePoint(s, 5)
	case 'U':
		return codePoint(s, 9)
	}
	if i := strings.IndexByte(`tbnrf"'\`, s[0]); literal && i >= 0 {
		return rune("\t\b\n\r\f\"'\\"[i]), 1, nil
	}
	return 0, 0, errEscape
}

func codePoint(s string, size int) (rune, int, error) {
	if len(s) < size || strings.ContainsAny(s[1:size], "+-_") {
		return 0, 0, errEscape
	}
	n, err := strconv.ParseUint(s[1:size], 16, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, 0, errEscape
	}
	return rune(n), size, nil
}
