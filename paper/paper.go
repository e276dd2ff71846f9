// Package paper makes PDFs: tagged, with their fonts, for every script that there is a font for (PDF/UA-1, ISO 14289-1).
// The same text gives the same bytes on every machine with the same fonts. Its words come from templates. It keeps no
// state but fonts, and prints nothing that no font can write: such a text is refused, never shown with boxes in it.
package paper

import (
	"slices"
	"strings"
)

// Size is a size of sheets.
type Size string

// The sizes of sheets.
const (
	A4     Size = "a4"
	Letter Size = "letter"
)

// points are the width and height of a sheet in points of 1/72 inch.
func (s Size) points() (width, height float64) {
	if s == Letter {
		return 612, 792
	}
	return 595.28, 841.89
}

// NoFontError is a text that no font can write.
type NoFontError struct {
	Characters []rune   // in order of appearance, each once
	Scripts    []string // theirs, as ISO 15924 codes; without those of signs that many scripts share
}

// Error names the characters.
func (e *NoFontError) Error() string {
	return "no font can write " + strings.Join(e.Names(), " ")
}

// Names are the characters for reading.
func (e *NoFontError) Names() (list []string) {
	for _, r := range e.Characters {
		list = append(list, string(r))
	}
	return list
}

func (e *NoFontError) add(r rune, script string) {
	if slices.Contains(e.Characters, r) {
		return
	}
	e.Characters = append(e.Characters, r)
	if script != "" && !slices.Contains(e.Scripts, script) {
		e.Scripts = append(e.Scripts, script)
	}
}
