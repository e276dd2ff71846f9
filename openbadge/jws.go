package openbadge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge/strictjson"
)

// Limits of a token in bytes. The text carries a whole badge, often with its picture as data URI.
const (
	MaxToken  = 4 << 20
	maxHeader = 16 << 10
)

// JWS is a compact JWS that was read but not yet verified. Payload is decoded, Token is the text as
// it came (without surrounding white space).
type JWS struct {
	Header    Header
	Payload   []byte
	Signature []byte
	Token     string
}

// Members that bring a key or a rule of reading from somewhere else. RFC 7515 lets a reader ignore
// most of them; we refuse them, since the next reader may not ignore them.
var refusedHeaders = []string{"crit", "b64", "jku", "x5u", "x5c", "x5t", "x5t#S256", "zip", "enc", "epk"}

// ParseJWS splits a compact JWS and reads its header strictly (spec 3.0 section 6): three base64url
// parts without padding, a header without repeated members, alg a string, and none of crit, b64, jku,
// x5u, x5c, x5t and their kin. alg "none" and unknown algorithms parse, and then never verify. Errors
// wrap ErrMalformed.
func ParseJWS(token string) (*JWS, error) {
	token = strings.TrimSpace(token)
	if len(token) > MaxToken {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, MaxToken)
	}
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 || len(parts[0]) > maxHeader {
		return nil, fmt.Errorf("%w: not three parts of reasonable length", ErrMalformed)
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = decodePart(part); err != nil {
			return nil, fmt.Errorf("%w: part %d is not base64url", ErrMalformed, i+1)
		}
	}
	header, err := readHeader(raw[0])
	if err != nil {
		return nil, err
	}
	return &JWS{Header: header, Payload: raw[1], Signature: raw[2], Token: token}, nil
}

// decodePart refuses line ends, which encoding/base64 skips.
func decodePart(part string) ([]byte, error) {
	if strings.IndexByte(part, '\r') >= 0 || strings.IndexByte(part, '\n') >= 0 {
		return nil, ErrMalformed
	}
	return b64.DecodeString(part)
}

func readHeader(raw []byte) (h Header, err error) {
	if err := checkStrict(raw); err != nil {
		return h, fmt.Errorf("%w: header: %w", ErrMalformed, err)
	}
	members, _ := strictjson.Split(raw)
	for _, m := range members {
		switch m.Name {
		case "alg":
			h.Alg, err = headerText(m)
		case "kid":
			h.KID, err = headerText(m)
		case "typ":
			h.Typ, err = headerText(m)
		case "jwk":
			h.JWK = m.Value
		default:
			if slices.Contains(refusedHeaders, m.Name) {
				err = fmt.Errorf("%w: header names %s", ErrMalformed, m.Name)
			}
		}
		if err != nil {
			return Header{}, err
		}
	}
	if h.Alg == "" {
		return Header{}, fmt.Errorf("%w: header names no algorithm", ErrMalformed)
	}
	return h, nil
}

func headerText(m strictjson.Member) (string, error) {
	if m.Value[0] != '"' {
		return "", fmt.Errorf("%w: header member %s is no string", ErrMalformed, m.Name)
	}
	if len(m.Value) == len(`""`) {
		return "", fmt.Errorf("%w: header member %s is empty", ErrMalformed, m.Name)
	}
	return strictjson.Text(m.Value), nil
}
