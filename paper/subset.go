package paper

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf16"

	"github.com/go-text/typesetting/font"
)

// subset is the part of a font that a document uses. A glyph that stands for different texts is in it several times,
// so that each can be read back as what it was.
type subset struct {
	*typeface
	number int // in the document
	glyphs []drawn
	ids    map[drawn]uint16
	widths []float64 // in thousandths
}

type drawn struct {
	id   font.GID
	text string
}

func newSubset(t *typeface, number int) *subset {
	s := &subset{typeface: t, number: number, ids: map[drawn]uint16{}}
	s.take(drawn{})
	return s
}

// take is the number of a glyph in the subset.
func (s *subset) take(g drawn) uint16 {
	id, known := s.ids[g]
	if !known {
		id = uint16(len(s.glyphs))
		s.ids[g] = id
		s.glyphs = append(s.glyphs, g)
		advance, _ := s.advance(uint16(g.id))
		s.widths = append(s.widths, math.Round(float64(advance)*100000/s.metrics.upem)/100)
	}
	return id
}

// advance is the width of a glyph with the bearing on its left, in units of the font.
func (t *typeface) advance(id uint16) (advance, bearing uint16) {
	hmtx, full := t.tables["hmtx"], int(binary.BigEndian.Uint16(t.tables["hhea"][34:]))
	word := func(at int) uint16 {
		if at < 0 || at+2 > len(hmtx) {
			return 0
		}
		return binary.BigEndian.Uint16(hmtx[at:])
	}
	if int(id) < full {
		return word(4 * int(id)), word(4*int(id) + 2)
	}
	return word(4 * (full - 1)), word(4*full + 2*(int(id)-full))
}

// toUnicode says which text each glyph stands for.
func (s *subset) toUnicode() []byte {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	const most = 100 // in one section
	for from := 1; from < len(s.glyphs); from += most {
		end := min(from+most, len(s.glyphs))
		fmt.Fprintf(&b, "%d beginbfchar\n", end-from)
		for k := from; k < end; k++ {
			fmt.Fprintf(&b, "<%04X> <", k)
			for _, unit := range utf16.Encode([]rune(s.glyphs[k].text)) {
				fmt.Fprintf(&b, "%04X", unit)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}

// outline is what the font draws for a glyph; nil for a space.
func (t *typeface) outline(id uint16) []byte {
	loca, glyf := t.tables["loca"], t.tables["glyf"]
	var from, end int
	if at := 2 * int(id); binary.BigEndian.Uint16(t.tables["head"][50:]) == 0 {
		if at+4 > len(loca) {
			return nil
		}
		from, end = 2*int(binary.BigEndian.Uint16(loca[at:])), 2*int(binary.BigEndian.Uint16(loca[at+2:]))
	} else {
		if at *= 2; at+8 > len(loca) {
			return nil
		}
		from, end = int(binary.BigEndian.Uint32(loca[at:])), int(binary.BigEndian.Uint32(loca[at+4:]))
	}
	if from >= end || end > len(glyf) || end-from < 10 {
		return nil
	}
	return glyf[from:end]
}

// Flags of the parts of a composed glyph (OpenType, glyf).
const (
	partWords = 0x0001
	partScale = 0x0008
	partMore  = 0x0020
	partXY    = 0x0040
	part2x2   = 0x0080
)

// composed is an outline whose parts are renumbered; others stay as they are.
func (s *subset) composed(outline []byte, number func(uint16) uint16) []byte {
	if len(outline) == 0 || int16(binary.BigEndian.Uint16(outline)) >= 0 {
		return outline
	}
	outline = append([]byte(nil), outline...)
	for at := 10; at+4 <= len(outline); {
		flags := binary.BigEndian.Uint16(outline[at:])
		binary.BigEndian.PutUint16(outline[at+2:], number(binary.BigEndian.Uint16(outline[at+2:])))
		at += 6
		if flags&partWords != 0 {
			at += 2
		}
		switch {
		case flags&partScale != 0:
			at += 2
		case flags&partXY != 0:
			at += 4
		case flags&part2x2 != 0:
			at += 8
		}
		if flags&partMore == 0 {
			break
		}
	}
	return outline
}

// file is the subset as a TrueType font, glyphs in the order of their use and after them the parts of composed ones.
func (s *subset) file() []byte {
	ids := make([]uint16, 0, 2*len(s.glyphs))
	for _, g := range s.glyphs {
		ids = append(ids, uint16(g.id))
	}
	parts := map[uint16]uint16{}
	part := func(id uint16) uint16 {
		n, known := parts[id]
		if !known {
			n = uint16(len(ids))
			parts[id] = n
			ids = append(ids, id)
		}
		return n
	}
	var glyf, loca, hmtx []byte
	for k := 0; k < len(ids); k++ { // ids grows
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, s.composed(s.outline(ids[k]), part)...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		advance, bearing := s.advance(ids[k])
		hmtx = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(hmtx, advance), bearing)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head, hhea, maxp := clone(s.tables["head"]), clone(s.tables["hhea"]), clone(s.tables["maxp"])
	binary.BigEndian.PutUint32(head[8:], 0)  // the sum of the whole file
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(ids)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(ids)))
	tables := []table{
		{"cvt ", s.tables["cvt "]}, {"fpgm", s.tables["fpgm"]}, {"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx},
		{"loca", loca}, {"maxp", maxp}, {"prep", s.tables["prep"]},
	}
	return sfnt(tables)
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }

type table struct {
	tag  string
	data []byte
}

// sfnt puts tables, which are in the order of their tags, into a file. Those that are empty are left out.
func sfnt(all []table) []byte {
	var tables []table
	for _, t := range all {
		if len(t.data) > 0 {
			tables = append(tables, t)
		}
	}
	n, power := len(tables), 0
	for 2<<power <= n {
		power++
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, 16 << power, power, 16*n - 16<<power} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	place := 12 + 16*n
	var body []byte
	head := 0
	for _, t := range tables {
		if t.tag == "head" {
			head = place + len(body)
		}
		out = append(out, t.tag...)
		for _, v := range []uint32{sumOf(t.data), uint32(place + len(body)), uint32(len(t.data))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		body = append(body, t.data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-sumOf(out))
	return out
}

func sumOf(data []byte) (sum uint32) {
	for len(data) >= 4 {
		sum += binary.BigEndian.Uint32(data)
		data = data[4:]
	}
	var rest [4]byte
	copy(rest[:], data)
	return sum + binary.BigEndian.Uint32(rest[:])
}
