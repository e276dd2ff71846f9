package main

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
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
		p, err := programme.Parse(strings.NewReader("issuer: {id: a, name: A, languages: [en, es]}\nexams:\n  - code: A-1\n    name: Exam\n    image: "+image+"\n"), file)
		if err != nil {
			t.Fatal(err)
		}
		pictures, err := bringPictures(p, file, nil)
		return pictures, p, err
	}
	for _, name := range []string{
		"nosuch.png", "cut.png", "small.png", "long.png", "text.png", "art.svg", "link.png", "../other.png", outside, ".",
		"https://example.org/a.png", "//example.org/a.png", "data:image/png;base64,AAAA", "sha256:" + strings.Repeat("0", 64),
	} {
		for _, written := range []string{strconv.Quote(name), "{en: good.png, es: " + strconv.Quote(name) + "}"} {
			if _, _, err := bring(written); err == nil || !strings.Contains(err.Error(), file+":5: the image") || !strings.Contains(err.Error(), "; name a PNG or SVG file beside") {
				t.Errorf("%s: got %v, want a refusal with line 5 and a suggestion", written, err)
			}
		}
	}
	for _, name := range []string{"good.png", "baked.png"} {
		pictures, p, err := bring(name)
		if err != nil {
			t.Fatal(err)
		}
		svg := pictures[programme.PictureDigest(p.Exams[0].Image.In("en"))]
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

// TestVectorPictures: an SVG beside the programme file is written anew and shown by pages and SVG addresses, under a policy that lets
// nothing run; pixels are those of the PNG of the same name, or of the picture that the server draws.
func TestVectorPictures(t *testing.T) {
	const vector = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" onload="alert(1)"><circle cx="5" cy="5" r="5" fill="#0000ff"/></svg>`
	red := pngOf(t, 200, 200, color.RGBA{200, 0, 0, 255})
	folder := t.TempDir()
	for name, data := range map[string][]byte{
		"alone.svg": []byte(vector), "pair.svg": []byte("\ufeff\n" + vector), "pair.png": red, "odd.svg": []byte(vector), "odd.png": []byte("no picture"), "named.png": []byte(vector),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := startServer(t, nil)
	text, err := sample.ReadFile("sample/programme.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "programme.yaml")
	bring := func(name string) (*programme.Programme, map[string]string, error) {
		p, err := programme.Parse(strings.NewReader(strings.Replace(string(text), "- code: NL-210\n", "- code: NL-210\n    image: "+name+"\n", 1)), file)
		if err != nil {
			t.Fatal(err)
		}
		pictures, err := bringPictures(p, file, nil)
		return p, pictures, err
	}
	if _, _, err := bring("odd.svg"); err == nil || !strings.Contains(err.Error(), `comes with "odd.png", which is no PNG`) {
		t.Errorf("a broken PNG beside: %v", err)
	}
	if _, _, err := bring("named.png"); err != nil { // what it is counts, not what it is called: it stands beside itself
		t.Logf("an SVG that is called a PNG: %v", err)
	} else {
		t.Error("an SVG whose pixels would be itself is taken")
	}
	v := newVisitor(t)
	for n, c := range []struct {
		image string
		red   bool
	}{{"alone.svg", false}, {"pair.svg", true}} {
		p, pictures, err := bring(c.image)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := s.issuer.PlanProgramme(t.Context(), p, programme.Date{}, nil)
		if err != nil || plan.Empty() {
			t.Fatalf("%s: no new version: %v", c.image, err)
		}
		plan.Pictures = pictures
		if err := s.issuer.ApplyProgramme(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
		who := "v" + string(rune('0'+n))
		badge := s.award(t, passed("R-"+who, "NL-210", who+"@home.test", "Ana Ruiz", 0))
		page := string(v.open(badge).body)
		at := regexp.MustCompile(`/achievements/[a-z0-9]+/image\.svg`).FindString(page)
		if at == "" {
			t.Fatalf("%s: the page does not show it:\n%s", c.image, page)
		}
		for _, address := range []string{s.base + at, badge + "/badge.svg"} {
			answer, err := http.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			policy := answer.Header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "sandbox") || !bytes.Contains(body, []byte(`fill="#0000ff"`)) || bytes.Contains(body, []byte("onload")) {
				t.Errorf("%s: policy %q, %.300s", address, policy, body)
			}
		}
		for _, address := range []string{badge + "/image.png", badge + "/image.png?size=64", badge + "/badge.png", badge + "/card.png"} {
			picture, err := png.Decode(bytes.NewReader(v.open(address).body))
			if err != nil {
				t.Fatalf("%s: %v", address, err)
			}
			if strings.HasSuffix(address, "card.png") {
				continue // drawn by itself
			}
			middle := picture.Bounds().Dx() / 2
			r, g, b, _ := picture.At(middle, middle/8*7).RGBA()
			if isRed := r>>8 > 190 && g>>8 < 20 && b>>8 < 20; isRed != c.red {
				t.Errorf("%s with %s: red is %v", address, c.image, isRed)
			}
		}
	}
}
