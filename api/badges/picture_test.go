package badges_test

import (
	"cmp"
	"net/http"
	"path"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
)

// TestPicturesFollowTheReader: the pictures of a translated achievement are drawn with its title in the reader's
// language on every page, under addresses of their own; the picture that is signed stays, and so does that of an
// achievement that was never translated.
func TestPicturesFollowTheReader(t *testing.T) {
	v := apitest.NewVisitors(t, func(o *apitest.Options) { o.Artist = titles{} })
	v.Post(apitest.AnasPass("R-1", "E1"), apitest.AnasPass("R-2", "E4"))
	for award, title := range map[string]map[string]string{
		awardOfCode(v, "C1"): {"en": "Cloud Fundamentals", "es": "Fundamentos de nube", "fr": "Fondamentaux du nuage"},
		awardOfCode(v, "E4"): {"en": "Stand-alone Exam", "es": "Stand-alone Exam", "fr": "Stand-alone Exam"},
	} {
		v.ShowTo(award, ledger.Public)
		b, _, err := v.Published(t.Context(), award)
		if err != nil {
			t.Fatal(err)
		}
		signed := v.Ask("GET", "/achievements/"+b.Achievement.ID+"/image.svg", "")
		files, tags := map[string]bool{}, map[string]bool{}
		for _, lang := range []string{"en", "es", "fr"} {
			for _, path := range []string{"/badges/" + award, "/achievements/" + b.Achievement.ID, "/verify?url=" + v.BadgeURL(award)} {
				p := v.Open().Get(withLang(path, lang)).Want(http.StatusOK, "")
				at := strings.Index(p.Body, `<img class="picture" src="`)
				src, _, _ := strings.Cut(p.Body[at+len(`<img class="picture" src="`):], `"`)
				shown := v.Ask("GET", strings.ReplaceAll(src, "&amp;", "&"), "")
				if shown.Code != http.StatusOK || !strings.Contains(shown.Body.String(), title[lang]) {
					t.Errorf("%s in %s shows %s: %d %s, want %q", path, lang, src, shown.Code, shown.Body, title[lang])
				}
				tags[shown.Header().Get("ETag")] = true
			}
			for _, form := range []string{"/image.png", "/card.png"} {
				png := v.Ask("GET", withLang("/badges/"+award+form, lang), "")
				if png.Code != http.StatusOK || png.Header().Get("Vary") != "" {
					t.Errorf("%s in %s: %d, varies by %q", form, lang, png.Code, png.Header().Get("Vary"))
				}
				if form == "/image.png" {
					files[png.Header().Get("ETag")] = true
				}
			}
		}
		if want := len(set(title)); len(tags) != want || len(files) != want {
			t.Errorf("%s: %d drawings and %d images, want %d", title["en"], len(tags), len(files), want)
		}
		for _, lang := range []string{"en", "xx", "es-MX"} {
			if other := v.Ask("GET", "/achievements/"+b.Achievement.ID+"/image.svg?lang="+lang, ""); other.Body.String() != signed.Body.String() {
				t.Errorf("%s is drawn anew in %s", title["en"], lang)
			}
		}
	}
}

// TestBroughtPicturesFollowTheReader: of pictures that a programme file brings by language each reader is shown their
// own; a language without one is shown that of the programme's first, which is the one that is signed.
func TestBroughtPicturesFollowTheReader(t *testing.T) {
	for _, image := range []map[string]string{{"en": "art.png", "es": "arte.svg"}, {"en": "art.svg", "es": "arte.png"}, {"en": "art.png", "es": "arte.png"}} {
		v := apitest.NewVisitors(t, func(o *apitest.Options) { o.Artist = titles{} })
		applyPictures(t, v, "{en: "+image["en"]+", es: "+image["es"]+"}")
		v.Post(apitest.AnasPass("R-1", "E4"))
		award := awardOfCode(v, "E4")
		v.ShowTo(award, ledger.Public)
		b, _, err := v.Published(t.Context(), award)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, lang := range []string{"en", "es", "fr"} {
			want := cmp.Or(image[lang], image["en"])
			address := "/achievements/" + b.Achievement.ID + "/image" + path.Ext(want)
			if lang == "es" {
				address += "?lang=es"
			}
			for _, page := range []string{"/badges/" + award, "/achievements/" + b.Achievement.ID} {
				if p := v.Open().Get(withLang(page, lang)).Want(http.StatusOK, ""); !strings.Contains(p.Body, `<img class="picture" src="`+address+`"`) {
					t.Errorf("%v: %s in %s does not show %s", image, page, lang, address)
				}
			}
			drawing := v.Ask("GET", withLang("/achievements/"+b.Achievement.ID+"/image.svg", lang), "")
			if got := drawing.Body.String(); got != "<svg>"+want+"</svg>" {
				t.Errorf("%v in %s: got %s, want %s", image, lang, got, want)
			}
			files[lang] = v.Ask("GET", withLang("/badges/"+award+"/image.png", lang), "").Header().Get("ETag")
		}
		if files["en"] == "" || files["en"] != files["fr"] || files["en"] == files["es"] {
			t.Errorf("%v: got the files %v, want one for English and French and another for Spanish", image, files)
		}
		if signed := v.Ask("GET", "/badges/"+award+"/badge.svg?lang=es", ""); !strings.Contains(signed.Body.String(), image["en"]) {
			t.Errorf("%v: the badge that is signed shows %s", image, signed.Body)
		}
	}
}

// applyPictures applies the programme with pictures for an exam.
func applyPictures(t *testing.T, v *apitest.Visitors, image string) {
	t.Helper()
	p, err := programme.Parse(strings.NewReader(strings.Replace(issuertest.Programme, "name: Stand-alone Exam", "name: Stand-alone Exam, image: "+image, 1)), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	pictures := map[string]string{}
	err = p.ReadPictures(func(name string, of programme.Pictured) (string, error) {
		digest := of.Language
		if path.Ext(name) == ".svg" {
			digest = programme.VectorDigest(digest)
		}
		pictures[digest] = "<svg>" + name + "</svg>"
		return digest, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := v.PlanProgramme(t.Context(), p, programme.Date{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	plan.Pictures = pictures
	if err := v.ApplyProgramme(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
}

// titles draws the title, and pixels that tell drawings apart.
type titles struct{ issuertest.Artist }

func (titles) Draw(p catalogue.Picture) []byte {
	return []byte("<svg>" + p.Title + " " + p.Language + "</svg>")
}

func (titles) Raster(svg []byte, size int) ([]byte, error) {
	return apitest.Square{}.Raster(svg, size+len(svg))
}

func withLang(path, lang string) string {
	if strings.Contains(path, "?") {
		return path + "&lang=" + lang
	}
	return path + "?lang=" + lang
}

func set(words map[string]string) map[string]bool {
	all := map[string]bool{}
	for _, word := range words {
		all[word] = true
	}
	return all
}

// awardOfCode is the award for an exam or certification.
func awardOfCode(v *apitest.Visitors, code string) string {
	v.T.Helper()
	all, _, err := v.Awards(v.T.Context(), v.Caller, issuer.Page{})
	if err != nil {
		v.T.Fatal(err)
	}
	for _, a := range all {
		if a.Code == code {
			return a.ID
		}
	}
	v.T.Fatal("no award for", code)
	return ""
}
