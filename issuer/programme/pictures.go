package programme

import (
	"cmp"
	"fmt"
	"strings"
)

// digestPrefix begins the name of a picture that was brought.
const digestPrefix = "sha256:"

// Pictured is what a picture stands for, in the language of its readers.
type Pictured struct {
	Subject
	Title, Level, Issuer, Language string
}

// ReadPictures has the pictures of every exam and certification of a parsed file read. Each name in the file is replaced
// by what read answers, the digest of the picture's bytes, so that another picture is another version. The
// error is *Problems: one for each picture that cannot be had, with what read said about it.
func (p *Programme) ReadPictures(read func(name string, of Pictured) (digest string, err error)) error {
	var wrong []Problem
	bring := func(at string, image *Text, s Subject, title Text, level string) {
		brought := map[string]string{} // by language, as the file writes it: parsed texts are shared
		for lang, name := range image.words {
			at := at + "/image"
			if lang != "" {
				at += "/" + escape(lang)
			}
			refuse := func(format string, args ...any) {
				wrong = append(wrong, p.src.newProblem(at, "name a PNG or SVG file beside the programme file, or leave image out and one is drawn", format, args...))
			}
			if strings.Contains(name, ":") || strings.HasPrefix(name, "//") {
				refuse("the image %q is not beside the programme file", name)
				continue
			}
			reader := cmp.Or(lang, p.Issuer.Languages[0])
			digest, err := read(name, Pictured{s, title.In(reader), level, p.Issuer.Name.In(reader), reader})
			if err != nil {
				refuse("the image %q %s", name, err)
				continue
			}
			brought[lang] = digestPrefix + digest
		}
		if !image.IsZero() {
			image.words = brought
		}
	}
	for i := range p.Exams {
		e := &p.Exams[i]
		bring(fmt.Sprintf("/exams/%d", i), &e.Image, Subject{KindExam, e.Code}, e.Name, "")
	}
	for i := range p.Certifications {
		c := &p.Certifications[i]
		bring(fmt.Sprintf("/certifications/%d", i), &c.Image, Subject{KindCertification, c.Code}, c.Name, c.Level)
	}
	if len(wrong) > 0 {
		sortByLine(wrong)
		return &Problems{wrong}
	}
	return nil
}

// vectorSuffix ends the digest of an SVG.
const vectorSuffix = ".svg"

// VectorDigest marks a digest as that of an SVG.
func VectorDigest(digest string) string { return digest + vectorSuffix }

// IsVector reports whether the image of an exam or a certification is an SVG that was brought.
func IsVector(image string) bool { return strings.HasSuffix(PictureDigest(image), vectorSuffix) }

// PictureDigest is the digest in the image of an exam or a certification, empty where none was brought.
func PictureDigest(image string) string {
	digest, brought := strings.CutPrefix(image, digestPrefix)
	if !brought {
		return ""
	}
	return digest
}
