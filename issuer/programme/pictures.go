package programme

import (
	"fmt"
	"strings"
)

// digestPrefix begins the name of a picture that was brought.
const digestPrefix = "sha256:"

// Pictured is what a picture stands for, in the programme's first language.
type Pictured struct {
	Subject
	Title, Level, Issuer, Language string
}

// Bring has the picture of every exam and certification of a parsed file read. The name in the file is replaced
// by what read answers, the digest of the picture's bytes, so that another picture is another version. The
// error is *Problems: one for each picture that cannot be had, with what read said about it.
func (p *Programme) Bring(read func(name string, of Pictured) (digest string, err error)) error {
	var wrong []Problem
	bring := func(at string, image *string, s Subject, title Text, level string) {
		if *image == "" {
			return
		}
		refuse := func(format string, args ...any) {
			wrong = append(wrong, p.src.newProblem(at+"/image", "name a PNG or SVG file beside the programme file, or leave image out and one is drawn", format, args...))
		}
		if strings.Contains(*image, ":") || strings.HasPrefix(*image, "//") {
			refuse("the image %q is not beside the programme file", *image)
			return
		}
		digest, err := read(*image, Pictured{s, title.String(), level, p.Issuer.Name.String(), p.Issuer.Languages[0]})
		if err != nil {
			refuse("the image %q %s", *image, err)
			return
		}
		*image = digestPrefix + digest
	}
	for i := range p.Exams {
		bring(fmt.Sprintf("/exams/%d", i), &p.Exams[i].Image, Subject{KindExam, p.Exams[i].Code}, p.Exams[i].Name, "")
	}
	for i := range p.Certifications {
		bring(fmt.Sprintf("/certifications/%d", i), &p.Certifications[i].Image, Subject{KindCertification, p.Certifications[i].Code}, p.Certifications[i].Name, p.Certifications[i].Level)
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
