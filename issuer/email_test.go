package issuer_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/open-insignia/insignia/issuer"
)

func TestCanonicalEmail(t *testing.T) {
	for in, want := range map[string]string{
		"ana@home.test":                        "ana@home.test",
		" Ana.Ruiz+x@HOME.Test\t":              "ana.ruiz+x@home.test",
		"josé@correo.españa":                   "josé@correo.españa",
		"o'hara@home.test":                     "o'hara@home.test",
		"a@localhost":                          "a@localhost",
		"":                                     "",
		"ana":                                  "",
		"@home.test":                           "",
		"ana@":                                 "",
		"ana@home..test":                       "",
		"ana@home.test.":                       "",
		"ana@-home.test":                       "",
		"ana@[192.0.2.7]":                      "",
		"ana@ho_me.test":                       "",
		"ana..ruiz@home.test":                  "",
		"a@b@home.test":                        "",
		"ana ruiz@home.test":                   "",
		"ana@home.test\nBcc: x@y.test":         "",
		"<ana@home.test>":                      "",
		"ana@home.test,ben@work.test":          "",
		"ana@home.test\u202e":                  "",
		"ana\x00@home.test":                    "",
		"ana\xff@home.test":                    "",
		strings.Repeat("a", 65) + "@home.test": "",
		"ana@" + strings.Repeat("a.", 130) + "test":  "",
		"ana@" + strings.Repeat("a", 1000) + ".test": "",
	} {
		got, ok := issuer.CanonicalEmail(in)
		if ok != (want != "") || ok && got != want {
			t.Errorf("CanonicalEmail(%q): got %q, %v, want %q", in, got, ok, want)
		}
	}
}

func FuzzCanonicalEmail(f *testing.F) {
	for _, seed := range []string{"Ana@Home.test", "a@b", "@", "İ@x.test", "K@x.test", "a@\u3002", "a\u00a0@b.test"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, ok := issuer.CanonicalEmail(in)
		if !ok {
			return
		}
		if again, ok := issuer.CanonicalEmail(got); !ok || again != got {
			t.Errorf("got %q, %v for its own result %q", again, ok, got)
		}
		if len(got) > 254 || !utf8.ValidString(got) || strings.ContainsAny(got, " \r\n\x00<>,") || strings.Count(got, "@") != 1 {
			t.Errorf("got %q, which is no address", got)
		}
	})
}
