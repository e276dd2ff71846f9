package openbadge

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func plainPNG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 3))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// insert puts a chunk right after IHDR, in any form, as strangers do.
func insert(to []byte, kind, data string) []byte {
	const afterIHDR = 8 + 12 + 13
	out := append([]byte{}, to[:afterIHDR]...)
	return append(appendChunk(out, kind, data), to[afterIHDR:]...)
}

func TestBakeBytes(t *testing.T) {
	plain := plainPNG(t)
	baked, err := Bake(plain, Chunk{Keyword: KeywordOB2, Text: `{"x":1}`})
	if err != nil {
		t.Fatal(err)
	}
	// The bytes as spec 2.0 section 9 spells them.
	chunk := "\x00\x00\x00\x16iTXtopenbadges\x00\x00\x00\x00\x00{\"x\":1}"
	if string(baked[33:33+len(chunk)]) != chunk || binary.BigEndian.Uint32(baked[33:]) != uint32(15+len(`{"x":1}`)) {
		t.Errorf("got %q", baked[33:33+len(chunk)])
	}
	if !bytes.Equal(baked[:33], plain[:33]) || !bytes.Equal(baked[33+len(chunk)+4:], plain[33:]) {
		t.Error("other bytes were changed")
	}
	if _, err := png.Decode(bytes.NewReader(baked)); err != nil {
		t.Errorf("a decoder refuses the result: %v", err)
	}
}

func TestBakeRoundTrip(t *testing.T) {
	plain := plainPNG(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 }))
		first := []Chunk{{Keyword: KeywordOB2, Text: text.Draw(t, "2.0")}, {Keyword: KeywordOB3, Text: text.Draw(t, "3.0")}}
		second := []Chunk{{Keyword: KeywordOB3, Text: text.Draw(t, "again")}}
		once, err := Bake(plain, first...)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Extract(once); err != nil || !cmp.Equal(got, first) {
			t.Fatalf("got %v, %v; want %v", got, err, first)
		}
		twice, err := Bake(once, second...)
		if err != nil {
			t.Fatal(err)
		}
		want := []Chunk{second[0], first[0]}
		if got, err := Extract(twice); err != nil || !cmp.Equal(got, want) {
			t.Fatalf("got %v, %v; want %v", got, err, want)
		}
		if again, _ := Bake(twice, second...); !bytes.Equal(again, twice) {
			t.Fatal("baking the same again changed the file")
		}
	})
}

func TestBakeRemovesOlderForms(t *testing.T) {
	dirty := plainPNG(t)
	for _, kind := range []string{"tEXt", "zTXt", "iTXt"} {
		dirty = insert(dirty, kind, "openbadges\x00junk")
	}
	dirty = insert(dirty, "tEXt", "Author\x00somebody")
	dirty = append(dirty, "after the end"...)
	baked, err := Bake(dirty, Chunk{Keyword: KeywordOB2, Text: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(baked, []byte("openbadges")) != 1 || bytes.Contains(baked, []byte("junk")) || !bytes.Contains(baked, []byte("Author\x00somebody")) || !bytes.HasSuffix(baked, []byte("IEND\xaeB`\x82")) {
		t.Errorf("got %q", baked)
	}
}

func TestBakeRefuses(t *testing.T) {
	plain := plainPNG(t)
	for name, chunks := range map[string][]Chunk{
		"no keyword": {{Text: "x"}}, "long keyword": {{Keyword: strings.Repeat("x", 80), Text: "x"}}, "zero in keyword": {{Keyword: "a\x00b"}},
		"zero in text": {{Keyword: "a", Text: "x\x00"}}, "no UTF-8": {{Keyword: "a", Text: "\xff"}}, "twice": {{Keyword: "a"}, {Keyword: "a"}},
	} {
		if _, err := Bake(plain, chunks...); !errors.Is(err, ErrBake) {
			t.Errorf("%s: got %v, want ErrBake", name, err)
		}
	}
	if _, err := Bake([]byte("GIF89a")); !errors.Is(err, ErrImage) {
		t.Errorf("GIF: got %v, want ErrImage", err)
	}
}

func TestExtract(t *testing.T) {
	plain := plainPNG(t)
	good := insert(plain, "iTXt", "openbadges\x00\x00\x00\x00\x00x")
	changed := bytes.Replace(good, []byte("\x00\x00x"), []byte("\x00\x00y"), 1)
	for name, c := range map[string]struct {
		png  []byte
		want []Chunk
		err  error
	}{
		"plain":              {plain, nil, nil},
		"badge":              {good, []Chunk{{Keyword: KeywordOB2, Text: "x"}}, nil},
		"language":           {insert(plain, "iTXt", "openbadges\x00\x00\x00en-GB\x00Abzeichen\x00x"), []Chunk{{Keyword: KeywordOB2, Text: "x"}}, nil},
		"legacy after iTXt":  {insert(good, "tEXt", "openbadges\x00\xe9"), []Chunk{{Keyword: KeywordOB2, Text: "x"}, {Keyword: KeywordOB2, Text: "é", Legacy: true}}, nil},
		"first counts":       {insert(good, "iTXt", "openbadges\x00\x00\x00\x00\x00first"), []Chunk{{Keyword: KeywordOB2, Text: "first"}, {Keyword: KeywordOB2, Text: "x"}}, nil},
		"odd method":         {insert(plain, "iTXt", "openbadges\x00\x00\x07\x00\x00x"), []Chunk{{Keyword: KeywordOB2, Text: "x"}}, nil},
		"zTXt":               {insert(plain, "zTXt", "openbadges\x00\x00x"), nil, nil},
		"other case":         {insert(plain, "iTXt", "OpenBadges\x00\x00\x00\x00\x00x"), nil, nil},
		"longer keyword":     {insert(plain, "iTXt", "openbadgesX\x00\x00\x00\x00\x00x"), nil, nil},
		"keyword alone":      {insert(plain, "iTXt", "openbadges"), nil, nil},
		"after IEND":         {append(append([]byte{}, plain...), good[33:33+12+16]...), nil, nil},
		"compressed":         {insert(plain, "iTXt", "openbadges\x00\x01\x00\x00\x00x"), nil, ErrBake},
		"ends after keyword": {insert(plain, "iTXt", "openbadges\x00"), nil, ErrBake},
		"ends in language":   {insert(plain, "iTXt", "openbadges\x00\x00\x00en"), nil, ErrBake},
		"ends in name":       {insert(plain, "iTXt", "openbadges\x00\x00\x00en\x00x"), nil, ErrBake},
		"no UTF-8":           {insert(plain, "iTXt", "openbadges\x00\x00\x00\x00\x00\xff"), nil, ErrBake},
		"wrong checksum":     {changed, nil, ErrImage},
		"cut":                {good[:40], nil, ErrImage},
		"cut before IEND":    {good[:len(good)-12], nil, ErrImage},
		"absurd length":      {append([]byte(pngSignature), "\xff\xff\xff\xffIHDR0123"...), nil, ErrImage},
		"no IHDR":            {appendChunk([]byte(pngSignature), "IEND", ""), nil, ErrImage},
		"signature only":     {[]byte(pngSignature), nil, ErrImage},
		"nothing":            {nil, nil, ErrImage},
		"too large":          {append([]byte(pngSignature), make([]byte, maxImage)...), nil, ErrImage},
	} {
		got, err := Extract(c.png)
		if !errors.Is(err, c.err) || !cmp.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v; want %v, %v", name, got, err, c.want, c.err)
		}
	}
	if !IsPNG(plain) || IsPNG([]byte("<svg/>")) {
		t.Error("IsPNG is wrong")
	}
}

// The pictures of the shared cases, and what a reader must say of them.
func TestSharedPictures(t *testing.T) {
	for path, c := range map[string]struct {
		keywords string
		err      error
	}{
		"ob2/bake-png-json": {"openbadges", nil}, "ob2/bake-png-json-end": {"openbadges", nil}, "ob2/bake-png-url": {"openbadges", nil},
		"ob2/bake-png-jws": {"openbadges", nil}, "ob2/bake-png-text-url": {"openbadges legacy", nil}, "ob2/bake-png-lang": {"openbadges", nil},
		"ob2/bake-png-compressed": {"", ErrBake}, "ob2/bake-png-ztxt": {"", nil}, "ob2/bake-png-two": {"openbadges openbadges", nil},
		"ob2/bake-png-text-then-itxt": {"openbadges openbadges legacy", nil}, "ob2/bake-png-none": {"", nil}, "ob2/bake-png-keyword-case": {"", nil},
		"ob2/bake-png-keyword-prefix": {"", nil}, "ob2/bake-png-ob3-keyword": {"openbadgecredential", nil}, "ob2/bake-png-after-iend": {"", nil},
		"ob2/bake-png-bad-crc": {"", ErrImage}, "ob2/bake-png-truncated": {"", ErrImage}, "ob2/bake-png-utf8": {"openbadges", nil},
		"ob2/unbake-badgr": {"openbadges", nil}, "ob2/unbake-backpack": {"openbadges legacy", nil}, "ob2/unbake-bakery-heart": {"openbadges", nil},
		"ob2/unbake-salava-none": {"", nil}, "ob3/generated--png-both-keywords": {"openbadgecredential openbadges", nil},
	} {
		chunks, err := Extract(readCase(t, path+"/input.png"))
		var got []string
		for _, c := range chunks {
			got = append(got, c.Keyword)
			if c.Legacy {
				got = append(got, "legacy")
			}
		}
		if !errors.Is(err, c.err) || strings.Join(got, " ") != c.keywords {
			t.Errorf("%s: got %v, %v; want %q, %v", path, got, err, c.keywords, c.err)
		}
	}
}

// Unbaking the official file and baking it again must give the same bytes.
func TestBakeVector(t *testing.T) {
	want := readCase(t, "ob3/generated--png-json/input.png")
	chunks, err := Extract(want)
	if err != nil || len(chunks) != 1 {
		t.Fatalf("got %v, %v", chunks, err)
	}
	if head := "iTXtopenbadgecredential\x00\x00\x00\x00\x00{"; !bytes.Contains(want, []byte(head)) {
		t.Fatal("the vector has another form than its description")
	}
	got, err := Bake(want, chunks...)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("baked again: %d bytes, %v; want %d", len(got), err, len(want))
	}
}
