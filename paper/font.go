package paper

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/dejavu/dejavusansbold"
	"github.com/go-fonts/liberation/liberationmonoregular"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/shaping"
)

// family is a kind of type. What its own font lacks comes from those that all share.
type family int

// The kinds of type: for names and titles, for text, for what is stressed in it, for codes.
const (
	serif family = iota
	sans
	bold
	mono
	families
)

// Fonts are what is printed with: fonts that the program carries (Latin, Greek, Cyrillic; Arabic, Hebrew and more),
// and for other scripts those in a folder of the machine, each read when a text first needs it and then kept. A script
// without a font stays so until the next start. Safe for concurrent use.
type Fonts struct {
	folder string
	tools  sync.Pool // of *setter: shapers remember what they learned of a font

	mu      sync.Mutex
	files   map[string]string    // path by name, of the folder
	scripts map[string]*typeface // by script, from the folder; nil: none
}

// typeface is a font with what a part of it is made from.
type typeface struct {
	name    string
	font    *font.Font
	tables  map[string][]byte
	metrics metrics
}

// metrics are in thousandths of the size.
type metrics struct {
	upem                       float64
	box                        [4]float64
	ascent, descent, capHeight float64
}

// NewFonts are the fonts of the program and of a folder, which is searched with the folders in it when it is first
// needed. The folder may be missing.
func NewFonts(folder string) *Fonts {
	return &Fonts{folder: folder, tools: sync.Pool{New: func() any { return newSetter() }}, scripts: map[string]*typeface{}}
}

// embedded are Liberation, by family, and DejaVu, which all families share, from modules that carry them under the SIL
// Open Font License 1.1 and the Bitstream Vera licence.
var embedded = sync.OnceValue(func() (list struct {
	own    [families]*typeface
	shared *typeface
}) {
	list.own = [families]*typeface{
		serif: carried("LiberationSerif-Bold", liberationserifbold.TTF), sans: carried("LiberationSans", liberationsansregular.TTF),
		bold: carried("LiberationSans-Bold", liberationsansbold.TTF), mono: carried("LiberationMono", liberationmonoregular.TTF),
	}
	list.shared = carried("DejaVuSans-Bold", dejavusansbold.TTF)
	return list
})

func carried(name string, file []byte) *typeface {
	t, err := readTypeface(name, file)
	if err != nil {
		panic("paper: embedded font: " + err.Error()) // a broken build
	}
	return t
}

// readTypeface reads a font with TrueType outlines; others cannot be cut to the glyphs that are used.
func readTypeface(name string, file []byte) (*typeface, error) {
	loader, err := opentype.NewLoader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", name, err)
	}
	t := &typeface{name: name, tables: map[string][]byte{}}
	if t.font, err = font.NewFont(loader); err != nil {
		return nil, fmt.Errorf("read font %s: %w", name, err)
	}
	for _, tag := range []string{"head", "hhea", "hmtx", "maxp", "loca", "glyf", "cvt ", "fpgm", "prep", "OS/2", "post"} {
		if table, err := loader.RawTable(opentype.MustNewTag(tag)); err == nil {
			t.tables[tag] = table
		}
	}
	for tag, least := range map[string]int{"head": 54, "hhea": 36, "hmtx": 4, "maxp": 6, "loca": 2, "glyf": 1} {
		if len(t.tables[tag]) < least {
			return nil, errors.New("font " + name + " has no TrueType outlines")
		}
	}
	if binary.BigEndian.Uint16(t.tables["head"][18:]) == 0 {
		return nil, errors.New("font " + name + " has no size")
	}
	t.measure()
	return t, nil
}

func (t *typeface) measure() {
	head, hhea := t.tables["head"], t.tables["hhea"]
	m := metrics{upem: float64(binary.BigEndian.Uint16(head[18:]))}
	thousandths := func(table []byte, at int) float64 {
		return float64(int16(binary.BigEndian.Uint16(table[at:]))) * 1000 / m.upem
	}
	for k := range m.box {
		m.box[k] = thousandths(head, 36+2*k)
	}
	m.ascent, m.descent = thousandths(hhea, 4), thousandths(hhea, 6)
	m.capHeight = m.ascent
	if os2 := t.tables["OS/2"]; len(os2) >= 90 && binary.BigEndian.Uint16(os2) >= 2 {
		m.capHeight = thousandths(os2, 88)
	}
	t.metrics = m
}

// faceOf is the font that a family writes a character with; nil if none has it.
func (f *Fonts) faceOf(kind family, r rune) *typeface {
	for _, t := range []*typeface{embedded().own[kind], embedded().shared} {
		if t.has(r) {
			return t
		}
	}
	if t := f.inFolder(scriptOf(r)); t != nil && t.has(r) {
		return t
	}
	return nil
}

func (t *typeface) has(r rune) bool {
	id, has := t.font.NominalGlyph(r)
	return has && id != 0
}

// scriptOf is the name that Unicode, and with it the Noto fonts, have for the character's script.
func scriptOf(r rune) string {
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return strings.ReplaceAll(name, "_", "")
		}
	}
	return ""
}

// east are the fonts of Chinese, Japanese and Korean that can be cut to what is used.
var east = []string{"NanumMyeongjoBold.ttf", "NanumGothicBold.ttf", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf"}

// candidates are the files that may have the characters of a script, the best first.
func candidates(script string) (names []string) {
	switch script {
	case "Han", "Hiragana", "Katakana", "Bopomofo":
		return east[2:] // the Korean fonts have some of the characters only: names would be mixed of two
	case "Hangul":
		return east
	case "Common", "Inherited": // signs that several scripts share
		return append(east[2:len(east):len(east)], candidates("Devanagari")...)
	}
	for _, weight := range []string{"-Bold.ttf", "-Regular.ttf"} {
		names = append(names, "NotoSerif"+script+weight, "NotoSans"+script+weight)
	}
	return names
}

// inFolder is the font of a script; one that cannot be read is passed over like one that is not there.
func (f *Fonts) inFolder(script string) *typeface {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, known := f.scripts[script]
	if known || f.folder == "" {
		return t
	}
	if f.files == nil {
		f.files = map[string]string{}
		_ = filepath.WalkDir(f.folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				f.files[d.Name()] = path
			}
			return nil // what cannot be listed is passed over
		})
	}
	for _, name := range candidates(script) {
		path, found := f.files[name]
		if !found {
			continue
		}
		if t = f.loaded(name); t != nil {
			break
		}
		if file, err := os.ReadFile(path); err == nil {
			if t, err = readTypeface(strings.TrimSuffix(name, ".ttf"), file); err == nil {
				break
			}
		}
	}
	f.scripts[script] = t
	return t
}

// loaded is a file that another script needed before: Han and kana are of one font.
func (f *Fonts) loaded(name string) *typeface {
	for _, t := range f.scripts {
		if t != nil && t.name+".ttf" == name {
			return t
		}
	}
	return nil
}

// setter is what sets and presses text, for one document at a time.
type setter struct {
	zip       *zlib.Writer
	shaper    shaping.HarfbuzzShaper
	segmenter shaping.Segmenter
	wrapper   shaping.LineWrapper
	faces     map[*typeface]*font.Face
	of        map[*font.Face]*typeface
}

func newSetter() *setter {
	s := &setter{zip: zlib.NewWriter(nil), faces: map[*typeface]*font.Face{}, of: map[*font.Face]*typeface{}}
	s.shaper.SetFontCacheSize(16)
	return s
}

func (s *setter) face(t *typeface) *font.Face {
	face := s.faces[t]
	if face == nil {
		face = font.NewFace(t.font)
		s.faces[t], s.of[face] = face, t
	}
	return face
}
