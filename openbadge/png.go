package openbadge

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"unicode/utf8"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// IsPNG reports whether data begins like a PNG.
func IsPNG(data []byte) bool { return bytes.HasPrefix(data, []byte(pngSignature)) }

// pngPart is one chunk: its type, its data, and all its bytes with length and checksum.
type pngPart struct {
	kind  string
	data  []byte
	whole []byte
}

// pngParts cuts a PNG into its chunks, IHDR to IEND, and checks every length and checksum.
func pngParts(png []byte) ([]pngPart, error) {
	if len(png) > MaxImage || !bytes.HasPrefix(png, []byte(pngSignature)) {
		return nil, fmt.Errorf("%w: no PNG, or larger than %d bytes", ErrImage, MaxImage)
	}
	var parts []pngPart
	for rest := png[len(pngSignature):]; ; {
		p, after, err := nextPart(rest)
		if err != nil {
			return nil, err
		}
		if len(parts) == 0 && p.kind != "IHDR" {
			return nil, fmt.Errorf("%w: PNG does not begin with IHDR", ErrImage)
		}
		parts = append(parts, p)
		if p.kind == "IEND" {
			return parts, nil
		}
		rest = after
	}
}

func nextPart(rest []byte) (p pngPart, after []byte, err error) {
	if len(rest) < 12 {
		return p, nil, fmt.Errorf("%w: PNG is cut off", ErrImage)
	}
	size := uint64(binary.BigEndian.Uint32(rest))
	if size > uint64(len(rest)-12) {
		return p, nil, fmt.Errorf("%w: PNG is cut off", ErrImage)
	}
	end := int(size) + 8
	if crc32.ChecksumIEEE(rest[4:end]) != binary.BigEndian.Uint32(rest[end:]) {
		return p, nil, fmt.Errorf("%w: checksum of a PNG chunk", ErrImage)
	}
	return pngPart{kind: string(rest[4:8]), data: rest[8:end], whole: rest[:end+4]}, rest[end+4:], nil
}

// keyword is that of a text chunk, "" for every other chunk.
func (p pngPart) keyword() string {
	if p.kind != "iTXt" && p.kind != "tEXt" && p.kind != "zTXt" {
		return ""
	}
	keyword, _, ended := bytes.Cut(p.data, []byte{0})
	if !ended {
		return ""
	}
	return string(keyword)
}

// text is that of an iTXt chunk: after the keyword come compression flag and method, then language
// tag and translated keyword, each ended by a zero byte.
func (p pngPart) text(keyword string) (string, error) {
	rest := p.data[len(keyword)+1:]
	if len(rest) < 2 || rest[0] != 0 {
		return "", fmt.Errorf("%w: chunk is compressed or unfinished", ErrBake)
	}
	_, rest, tagEnded := bytes.Cut(rest[2:], []byte{0})
	_, rest, nameEnded := bytes.Cut(rest, []byte{0})
	if !tagEnded || !nameEnded || !utf8.Valid(rest) {
		return "", fmt.Errorf("%w: chunk is unfinished or no UTF-8", ErrBake)
	}
	return string(rest), nil
}

func latin1(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		b.WriteRune(rune(c))
	}
	return b.String()
}
