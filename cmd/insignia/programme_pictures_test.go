package main

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates/art"
)

func pngOf(t *testing.T, width, height int, c color.Color) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestBringPictures: what image: names is taken when it is a PNG beside the file, and every other thing that it
// may name is refused with its line.
func TestBringPictures(t *testing.T) {
	folder := t.TempDir()
	good := pngOf(t, 200, 100, color.RGBA{200, 0, 0, 255})
	files := map[string][]byte{
		"good.png": good, "cut.png": good[:len(good)/2], "small.png": pngOf(t, 20, 20, color.White), "long.png": pngOf(t, 5000, 90, color.White),
		"text.png": []byte("no picture"), "art.svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "baked.png": append(bytes.Clone(good), "tail"...),
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "other.png")
	if err := os.WriteFile(outside, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(folder, "link.png")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "programme.yaml")
	bring := func(image string) (map[string]string, *programme.Programme, error) {
		p, err := programme.Parse(strings.NewReader("issuer: {id: a, name: A}\nexams:\n  - code: A-1\n    name: Exam\n    image: "+image+"\n"), file)
		if err != nil {
			t.Fatal(err)
		}
		pictures, err := bringPictures(p, file)
		return pictures, p, err
	}
	for _, name := range []string{
		"nosuch.png", "cut.png", "small.png", "long.png", "text.png", "art.svg", "link.png", "../other.png", outside, ".",
		"https://example.org/a.png", "//example.org/a.png", "data:image/png;base64,AAAA", "sha256:" + strings.Repeat("0", 64),
	} {
		if _, _, err := bring(name); err == nil || !strings.Contains(err.Error(), file+":5: the image") || !strings.Contains(err.Error(), "; name a PNG file beside") {
			t.Errorf("%s: got %v, want a refusal with line 5 and a suggestion", name, err)
		}
	}
	for _, name := range []string{"good.png", "baked.png"} {
		pictures, p, err := bring(name)
		if err != nil {
			t.Fatal(err)
		}
		svg := pictures[programme.PictureDigest(p.Exams[0].Image)]
		if svg == "" || strings.Contains(svg, base64.StdEncoding.EncodeToString(files[name])[:80]) {
			t.Fatalf("%s: picture is missing or the file as it came", name)
		}
		data, err := art.PNG([]byte(svg), 60)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil || picture.Bounds() != image.Rect(0, 0, 60, 60) {
			t.Fatalf("%s: %v %v", name, picture.Bounds(), err)
		}
		if r, _, _, a := picture.At(30, 30).RGBA(); r>>8 < 190 || a>>8 != 255 {
			t.Errorf("%s: the middle is not red", name)
		}
		if _, _, _, a := picture.At(30, 5).RGBA(); a != 0 {
			t.Errorf("%s: it was stretched", name)
		}
	}
}
