// Package art draws the program's own pictures: the badge of an exam or a
// certification that brings no picture of its own, and the preview card that
// social sites show. Everything is made from a few curves and the letters of
// Fonts, so equal input gives equal bytes on every run with the same fonts.
//
// It must not read other files or the network, choose words (every word in a
// picture is handed in), or turn anybody else's SVG into pixels.
package art

import (
	"strings"

	"golang.org/x/text/language"
)

// Kind says what a badge stands for; it decides the outline of the picture.
const (
	KindExam          = "exam"          // drawn as a perforated stamp
	KindCertification = "certification" // drawn as a round seal
)

// Design is what a badge picture is made from. Text that the fonts cannot draw
// (a script without a font, symbols) is left out of the drawing and kept in <title> and
// <desc>; nothing in a Design can make Badge fail.
type Design struct {
	Title  string // full name; up to four lines, shrunk and at last cut to fit
	Kind   string // KindExam or KindCertification; anything else is drawn as an exam
	Level  string // "fundamentals", "associate", "expert" and their like give 1 to 3 marks; any other word gives none
	Issuer string // set in capitals round the edge
	Code   string // chooses the colours; short ones are shown on exams
	Lang   string // BCP 47 language of the text; left out when malformed
	Fonts  *Fonts
}

// Badge draws d as a square SVG of 600 user units. The outline is opaque inside
// and transparent outside, so it stands on light and dark ground. Text is drawn
// as outlines; the words are in <title> and <desc> for those who do not see it.
func Badge(d Design) []byte {
	d = d.cleaned()
	c := &canvas{}
	if d.Kind == KindCertification {
		drawSeal(c, d)
	} else {
		drawStamp(c, d)
	}
	return c.document(2*centre, 2*centre, d.Lang, d.name(), d.description())
}

func (d Design) cleaned() Design {
	return Design{
		Title:  clean(d.Title, maxTitle),
		Kind:   d.Kind,
		Level:  clean(d.Level, maxWord),
		Issuer: clean(d.Issuer, maxIssuer),
		Code:   clean(d.Code, maxWord),
		Lang:   languageTag(d.Lang),
		Fonts:  d.Fonts.orBuiltIn(),
	}
}

// languageTag is the canonical form of a BCP 47 tag, empty when malformed.
func languageTag(s string) string {
	tag, err := language.Parse(s)
	if err != nil || s == "" {
		return ""
	}
	return tag.String()
}

// name is what the picture shows; a picture without any name is still called something.
func (d Design) name() string {
	for _, s := range []string{d.Title, d.Code} {
		if s != "" {
			return s
		}
	}
	return d.Issuer
}

// description is language-neutral: the facts of the design, in order.
func (d Design) description() string {
	var facts []string
	for _, s := range []string{d.Code, d.Level, d.Issuer} {
		if s != "" {
			facts = append(facts, s)
		}
	}
	return strings.Join(facts, " · ")
}

// marks is the number of level marks, 0 when the level is absent or unknown.
func (d Design) marks() int {
	switch strings.ToLower(d.Level) {
	case "fundamentals", "fundamental", "foundation", "foundations", "beginner", "basic", "entry":
		return 1
	case "associate", "intermediate", "practitioner", "specialist":
		return 2
	case "expert", "advanced", "professional", "master":
		return 3
	}
	return 0
}
