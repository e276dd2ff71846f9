package api

import "bytes"

// loneSurrogate finds a \uD800 to \uDFFF escape without its other half, which encoding/json would
// silently replace. The body is valid JSON.
func loneSurrogate(body []byte) bool {
	for rest := body; ; {
		k := bytes.IndexByte(rest, '\\')
		if k < 0 {
			return false
		}
		rest = rest[k:]
		if len(rest) < 6 || rest[1] != 'u' {
			rest = rest[min(2, len(rest)):]
			continue
		}
		switch half(rest) {
		case highHalf:
			if len(rest) < 12 || half(rest[6:]) != lowHalf {
				return true
			}
			rest = rest[12:]
		case lowHalf:
			return true
		default:
			rest = rest[6:]
		}
	}
}

type surrogate int

const (
	highHalf surrogate = iota + 1
	lowHalf
)

// half says which half of a pair an escape is; 0: none.
func half(escape []byte) surrogate {
	if escape[0] != '\\' || escape[1] != 'u' || escape[2]|0x20 != 'd' {
		return 0
	}
	switch escape[3] | 0x20 {
	case '8', '9', 'a', 'b':
		return highHalf
	case 'c', 'd', 'e', 'f':
		return lowHalf
	}
	return 0
}
