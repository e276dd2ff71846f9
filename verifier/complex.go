package verifier

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

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
