package openbadge

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"unicode/utf8"
)

// Keywords of the chunks that a baked PNG carries (spec 2.0 section 9, spec 3.0 section 11).
const (
	KeywordOB2 = "openbadges"
	KeywordOB3 = "openbadgecredential"
)

// maxImage is the largest picture in bytes that Bake and Extract look at.
const maxImage = 16 << 20

// What an error about a picture means.
var (
	ErrImage = errors.New("broken image")      // BAD_IMAGE: no PNG or SVG, truncated, wrong checksum
	ErrBake  = errors.New("badly baked badge") // BAD_BAKE: a chunk or element of ours, in a form that the standard forbids
)

// Chunk is one text chunk of a PNG. Legacy is set for a tEXt chunk (pre-1.0 badges), whose text was
// Latin-1 and is given as UTF-8.
type Chunk struct {
	Keyword string
	Text    string
	Legacy  bool
}

// Bake puts each chunk into the PNG as one uncompressed iTXt chunk with empty language tag, right
// after IHDR and in the given order, and removes every older text chunk (iTXt, tEXt, zTXt) of the
// same keywords. All other bytes stay as they are, what follows IEND is dropped. Legacy is ignored.
func Bake(png []byte, chunks ...Chunk) ([]byte, error) {
	parts, err := pngParts(png)
	if err != nil {
		return nil, err
	}
	var fresh []byte
	replaced := map[string]bool{}
	for _, c := range chunks {
		badKeyword := c.Keyword == "" || len(c.Keyword) > 79 || strings.Contains(c.Keyword, "\x00")
		badText := !utf8.ValidString(c.Text) || strings.Contains(c.Text, "\x00")
		if badKeyword || badText || replaced[c.Keyword] {
			return nil, fmt.Errorf("%w: keyword %.20q", ErrBake, c.Keyword)
		}
		replaced[c.Keyword] = true
		fresh = appendChunk(fresh, "iTXt", c.Keyword+"\x00\x00\x00\x00\x00"+c.Text)
	}
	out := make([]byte, 0, len(png)+len(fresh))
	out = append(out, pngSignature...)
	for i, p := range parts {
		if !replaced[p.keyword()] {
			out = append(out, p.whole...)
		}
		if i == 0 {
			out = append(out, fresh...)
		}
	}
	return out, nil
}

func appendChunk(to []byte, kind, data string) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(data)))
	from := len(to)
	to = append(append(to, kind...), data...)
	return binary.BigEndian.AppendUint32(to, crc32.ChecksumIEEE(to[from:]))
}

// Extract gives the badge chunks of a PNG: for each of the two keywords the iTXt chunks in order of
// appearance, then the tEXt ones, so that the first of a keyword is the one that counts. No badge
// gives an empty list. Language tag and translated keyword are skipped; keywords are compared
// exactly; bytes after IEND are not looked at. Errors wrap ErrImage (no PNG, truncated, wrong CRC) or
// ErrBake (a chunk of ours that is compressed, unfinished or no UTF-8).
func Extract(png []byte) ([]Chunk, error) {
	parts, err := pngParts(png)
	if err != nil {
		return nil, err
	}
	var chunks, legacy []Chunk
	for _, p := range parts {
		keyword := p.keyword()
		if keyword != KeywordOB2 && keyword != KeywordOB3 {
			continue
		}
		switch p.kind {
		case "iTXt":
			text, err := p.text(keyword)
			if err != nil {
				return nil, err
			}
			chunks = append(chunks, Chunk{Keyword: keyword, Text: text})
		case "tEXt":
			legacy = append(legacy, Chunk{Keyword: keyword, Text: latin1(p.data[len(keyword)+1:]), Legacy: true})
		}
	}
	return append(chunks, legacy...), nil
}

func latin1(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		b.WriteRune(rune(c))
	}
	return b.String()
}

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
	if len(png) > maxImage || !bytes.HasPrefix(png, []byte(pngSignature)) {
		return nil, fmt.Errorf("%w: no PNG, or larger than %d bytes", ErrImage, maxImage)
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
