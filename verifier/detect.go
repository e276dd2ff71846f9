package verifier

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// kind is what bytes look like.
type kind string

const (
	isURL     kind = "an address"
	isJSON    kind = "JSON"
	isToken   kind = "a token"
	isPNG     kind = "a PNG picture"
	isSVG     kind = "an SVG picture"
	isPicture kind = "a picture that cannot carry a badge"
	isOther   kind = "something else"
)

// detect says what data looks like, from its first bytes and without reading it whole. A byte order
// mark and surrounding white space do not count.
func detect(data []byte) kind {
	if openbadge.IsPNG(data) {
		return isPNG
	}
	for _, magic := range []string{"\xff\xd8\xff", "GIF8", "RIFF", "%PDF-", "BM", "II*\x00", "MM\x00*"} {
		if bytes.HasPrefix(data, []byte(magic)) && !tokenLike(data) {
			return isPicture
		}
	}
	text := trim(data)
	switch {
	case len(text) == 0:
		return isOther
	case text[0] == '{' || text[0] == '[':
		return isJSON
	case text[0] == '<':
		if openbadge.IsSVG(text) {
			return isSVG
		}
		return isOther
	case bytes.Contains(text[:min(len(text), 16)], []byte("://")):
		if _, isWeb := egress.WebURL(string(text[:min(len(text), 5000)])); isWeb {
			return isURL
		}
		return isOther
	case tokenLike(text):
		return isToken
	}
	return isOther
}

func trim(data []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
}

// tokenLike: three parts of the base64url alphabet.
func tokenLike(text []byte) bool {
	dots := 0
	for _, c := range text {
		switch {
		case c == '.':
			dots++
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '=':
		default:
			return false
		}
	}
	return dots == 2 && len(text) > 4
}

// looksLikeCredential tells 3.0 from 2.0 by type and context.
func looksLikeCredential(m map[string]any) bool {
	for _, t := range textsOf(m["type"]) {
		if t == "VerifiableCredential" || t == "OpenBadgeCredential" || t == "AchievementCredential" || t == enveloped {
			return true
		}
	}
	for _, c := range textsOf(m["@context"]) {
		if strings.HasPrefix(c, "https://www.w3.org/ns/credentials/") || strings.HasPrefix(c, "https://www.w3.org/2018/credentials/") {
			return true
		}
	}
	return m["credentialSubject"] != nil && !slices.ContainsFunc(textsOf(m["@context"]), ob2.IsStandard)
}

const enveloped = "EnvelopedVerifiableCredential"

// isPresentation reports whether a document is what a wallet wraps credentials in (VC Data Model 2.0
// sections 4.13 and 4.13.2, 1.1 sections 4.10 and 6.3.1), as JSON or as what a token signs.
func isPresentation(m map[string]any) bool {
	if _, isToken := m["vp"]; isToken {
		return true
	}
	types := textsOf(m["type"])
	if slices.Contains(types, "VerifiableCredential") {
		return false
	}
	return slices.Contains(types, "VerifiablePresentation") || slices.Contains(types, "EnvelopedVerifiablePresentation") ||
		m[wrappedCredential] != nil && m["credentialSubject"] == nil
}

const wrappedCredential = "verifiableCredential" // the member of a presentation that holds what it shows

// Presentation reports whether what was handed in is no badge but a presentation.
func (r *Report) Presentation() bool {
	return slices.ContainsFunc(r.Checks, func(k Check) bool {
		return k.Outcome == Fail && k.Code == UnsupportedType && k.Property == wrappedCredential
	})
}

// aPresentation says what it is and what to hand over instead.
func aPresentation() *fault {
	return &fault{verdict: NotABadge, code: UnsupportedType, property: wrappedCredential,
		message: "This is a presentation, the envelope in which a wallet shows badges: hand over the badge inside it, as its own JSON, token, picture or address."}
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

// textsOf gives the strings of a one-or-many member.
func textsOf(v any) []string {
	values, isList := v.([]any)
	if !isList {
		values = []any{v}
	}
	var all []string
	for _, one := range values {
		if s, isText := one.(string); isText {
			all = append(all, s)
		}
	}
	return all
}

// objectsOf gives the objects of a one-or-many member.
func objectsOf(v any) []map[string]any {
	values, isList := v.([]any)
	if !isList {
		values = []any{v}
	}
	var all []map[string]any
	for _, one := range values {
		if m, isObject := one.(map[string]any); isObject {
			all = append(all, m)
		}
	}
	return all
}

// What a document may be made of. A few megabytes of the smallest parts would take hundreds to hold; a
// revocation list of 2 MiB has less than 50,000 values, a picture a few dozen chunks or elements.
const (
	maxParts    = 100_000
	maxAllParts = 200_000 // of all documents of a 2.x badge
	maxElements = 100_000 // with their attributes
	maxChunks   = 10_000
)

// countParts counts the values of a JSON text without decoding it, up to one more than are read.
func countParts(data []byte) int {
	values := 0
	for i := 0; i < len(data) && values <= maxParts; i++ {
		switch data[i] {
		case '{', '[', ',':
			values++
		case '"':
			i += stringLength(data[i+1:])
		}
	}
	return values
}

func tooComplex(data []byte) bool { return countParts(data) > maxParts }

// stringLength is how far the quote is that ends a string.
func stringLength(data []byte) int {
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// tokenTooComplex looks at what a token signs.
func tokenTooComplex(token []byte) bool {
	_, rest, _ := strings.Cut(string(token), ".")
	payload, _, _ := strings.Cut(rest, ".")
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(payload, "="))
	return err == nil && tooComplex(data)
}

// svgTooComplex counts what looks like elements and attributes.
func svgTooComplex(data []byte) bool {
	return bytes.Count(data, []byte("<"))+bytes.Count(data, []byte("=")) > maxElements
}

// pngTooComplex counts chunks by their lengths.
func pngTooComplex(data []byte) bool {
	chunks := 0
	for at := 8; at+12 <= len(data); chunks++ {
		at += 12 + int(binary.BigEndian.Uint32(data[at:]))
	}
	return chunks > maxChunks
}
