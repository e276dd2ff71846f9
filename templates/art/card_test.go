package art

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// cards are sample cards over sample badges.
func cards(t testing.TB) []CardData {
	t.Helper()
	all, err := drawnCards()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(all)
}

var drawnCards = sync.OnceValues(func() (out []CardData, err error) {
	holders := []string{"Ana Ruiz", "María de los Ángeles Fernández-Villaverde y Gutiérrez", "山田太郎", "Chloé Nuño", "Łukasz Żółć"}
	for i, holder := range holders {
		d := samples[[]int{2, 5, 9, 0, 4}[i]]
		badge, err := PNG(Badge(d), 400)
		if err != nil {
			return nil, err
		}
		out = append(out, CardData{
			Badge: badge, Holder: holder, Title: d.Title, Issuer: d.Issuer,
			Domain: "badges.acme.example", Line: "Issued 4 March 2026. Valid until 4 March 2027.",
		})
	}
	return out, nil
})

func TestCard(t *testing.T) {
	long := strings.Repeat("Wide Words WWW ", 20)
	all := cards(t)
	badge := all[0].Badge
	if *sheetDir == "" {
		all = all[1:3] // the long one and the one in another script
	}
	all = append(all,
		CardData{Badge: badge},
		CardData{Badge: badge, Holder: long, Title: long, Issuer: long, Domain: long, Line: long},
		CardData{Badge: noise(t, 400, 200), Holder: "H", Title: "T"},
		CardData{Badge: noise(t, 200, 400), Domain: "d.example"},
	)
	for i, d := range all {
		data, err := Card(d)
		if err != nil {
			t.Fatal(err)
		}
		keep(t, "card"+strconv.Itoa(i)+".png", data)
		if len(data) > 300_000 {
			t.Errorf("card %d: %d bytes, want at most 300000", i, len(data))
		}
		checkFrame(t, i, decode(t, data))
	}
}

// checkFrame: outside the central 80 % there is nothing but ground and frame,
// and inside there is something.
func checkFrame(t *testing.T, n int, picture image.Image) {
	t.Helper()
	if got := picture.Bounds(); got != image.Rect(0, 0, cardWidth, cardHeight) {
		t.Fatalf("card %d: bounds %v", n, got)
	}
	safe := image.Rect(cardWidth/10, cardHeight/10, cardWidth*9/10, cardHeight*9/10)
	p := picture.(*image.Paletted)
	var subject [256]bool
	for i, c := range p.Palette {
		subject[i] = color.GrayModel.Convert(c).(color.Gray).Y < 0xD0
	}
	dark := 0
	for at, i := range p.Pix {
		if !subject[i] {
			continue
		}
		dark++
		if where := image.Pt(at%cardWidth, at/cardWidth); !where.In(safe) {
			t.Fatalf("card %d: subject at %v, outside the central 80 %%", n, where)
		}
	}
	if dark < 5000 {
		t.Errorf("card %d: only %d dark pixels", n, dark)
	}
}

func TestCardShowsEveryLine(t *testing.T) {
	full := cards(t)[0]
	want, err := Card(full)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(d *CardData){
		"":       func(*CardData) {},
		"holder": func(d *CardData) { d.Holder = "" },
		"title":  func(d *CardData) { d.Title = "" },
		"issuer": func(d *CardData) { d.Issuer = "" },
		"domain": func(d *CardData) { d.Domain = "" },
		"line":   func(d *CardData) { d.Line = "" },
	} {
		d := full
		change(&d)
		got, err := Card(d)
		if err != nil || bytes.Equal(got, want) != (name == "") {
			t.Errorf("card without %q: looks the same is %v (%v)", name, bytes.Equal(got, want), err)
		}
	}
}

func TestCardRefuses(t *testing.T) {
	good := cards(t)[0].Badge
	tests := map[string][]byte{
		"nothing":   nil,
		"no png":    []byte("GIF89a"),
		"truncated": good[:len(good)/2],
		"too wide":  noise(t, maxSize+1, 1),
		"too high":  noise(t, 1, maxSize+1),
	}
	for name, badge := range tests {
		if _, err := Card(CardData{Badge: badge, Title: "T"}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// noise is the picture that compresses worst.
func noise(t testing.TB, width, height int) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range picture.Pix {
		picture.Pix[i] = uint8(random.UintN(256))
		if i%4 == 3 {
			picture.Pix[i] = 255
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
