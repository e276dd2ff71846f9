package openbadge

import (
	"errors"
	"strconv"
)

// Document writes any of this package's types, and of package ob2's, as JSON: one line, members in the
// order of the type, nothing escaped that JSON does not ask for, control characters but for tab, LF
// and CR left out of all texts. The same value gives the same bytes.
func Document(v any) ([]byte, error) {
	data, err := marshal(v)
	return withoutControls(data), err
}

// write is Document for what is signed, where nothing may be null or empty (spec 3.0 section 2).
func write(v any) ([]byte, error) {
	data, err := Document(v)
	if err != nil {
		return nil, err
	}
	if !full(data) {
		return nil, errors.New("a member is null or empty")
	}
	return data, nil
}

// withoutControls takes control characters out of the texts of JSON that marshal wrote, where they
// stand as escapes or, above 7E, as themselves. Canonicalisers disagree about them (section 18, trap 4).
func withoutControls(data []byte) []byte {
	var kept []byte // nil as long as there is nothing to take out
	from := 0
	for i := 0; i < len(data); {
		n, control := character(data[i:])
		if control {
			kept = append(kept, data[from:i]...)
			from = i + n
		}
		i += n
	}
	if from == 0 {
		return data
	}
	return append(kept, data[from:]...)
}

// character is the length of the first character of valid JSON, or of its escape, and whether it is a
// control character that is not to be written.
func character(s []byte) (n int, control bool) {
	switch {
	case s[0] == 0x7f:
		return 1, true
	case s[0] == 0xc2 && len(s) > 1 && s[1] < 0xa0: // U+0080 to U+009F
		return 2, true
	case s[0] != '\\' || len(s) < 2:
		return 1, false
	case s[1] != 'u' || len(s) < 6:
		return 2, s[1] == 'b' || s[1] == 'f'
	}
	r, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	return 6, err == nil && (r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0)
}

// full reports whether valid JSON without white space has neither null nor empty arrays, objects and
// texts.
func full(data []byte) bool {
	inText := false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			if !inText && data[i+1] == '"' {
				return false
			}
			inText = !inText
		case inText:
		case c == 'n', c == '[' && data[i+1] == ']', c == '{' && data[i+1] == '}':
			return false
		}
	}
	return true
}
