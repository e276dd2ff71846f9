package email_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/email/emailtest"
)

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"ana@home.test":           "ana@home.test",
		" Ana.Ruiz+x@HOME.Test\t": "ana.ruiz+x@home.test",
		"josé@correo.españa":      "josé@correo.xn--espaa-rta",
		"o'hara@home.test":        "o'hara@home.test",
		"a@localhost":             "a@localhost",
		"":                        "",
		"ana":                     "",
		"@home.test":              "",
		"ana@":                    "",
		"ana@home..test":          "",
		"ana@home.test.":          "",
		"ana@-home.test":          "",
		"ana@[192.0.2.7]":         "",
		"ana@-ho.test":            "",
		"ana@ho-.test":            "",
		"ana@ho!me.test":          "",
		"ana@ho me.test":          "",
		"ana@xn--a.test":          "",
		"ana@⒈test":               "",
		"ana@a℀b.test":            "",
		".ana@home.test":          "",
		"ana＜@home.test":          "",
		"ana@" + strings.Repeat("a", 64) + ".test": "",
		"a@b@home.test":                              "",
		"ana ruiz@home.test":                         "",
		"ana@home.test\nBcc: x@y.test":               "",
		"<ana@home.test>":                            "",
		"ana@home.test,ben@work.test":                "",
		"ana@home.test\u202e":                        "",
		"ana\x00@home.test":                          "",
		"ana\xff@home.test":                          "",
		strings.Repeat("a", 65) + "@home.test":       "",
		"ana@" + strings.Repeat("a.", 130) + "test":  "",
		"ana@" + strings.Repeat("a", 1000) + ".test": "",
	} {
		got, ok := email.Canonical(in)
		if ok != (want != "") || ok && got != want {
			t.Errorf("Canonical(%q): got %q, %v, want %q", in, got, ok, want)
		}
	}
}

// TestSpellingsOfOneMailbox: whoever stores one spelling and is asked for another has the same text, and finds what
// others hashed of any of them.
func TestSpellingsOfOneMailbox(t *testing.T) {
	seen := map[string]string{}
	for _, m := range emailtest.Mailboxes {
		for _, spelling := range append(m.Spellings, m.Canonical) {
			if got, ok := email.Canonical(spelling); !ok || got != m.Canonical {
				t.Errorf("Canonical(%q): got %q, %v, want %q", spelling, got, ok, m.Canonical)
			}
			tried := email.Spellings(spelling)
			for _, hashed := range []string{m.Canonical, strings.TrimSpace(spelling), strings.ToLower(strings.TrimSpace(spelling))} {
				if c, _ := email.Canonical(hashed); c == m.Canonical && !slices.Contains(tried, hashed) {
					t.Errorf("Spellings(%q) has no %q: %q", spelling, hashed, tried)
				}
			}
			if len(tried) > 30 {
				t.Errorf("%d spellings of %q", len(tried), spelling)
			}
		}
		if len(m.Spellings) < 6 || seen[m.Canonical] != "" {
			t.Errorf("%s is told twice or in few spellings", m.Canonical)
		}
		seen[m.Canonical] = m.Canonical
	}
	for _, typed := range []string{"ana@münchen.test", "ana@xn--mnchen-3ya.test", "Ana@MÜNCHEN.test"} {
		tried := email.Spellings(typed)
		for _, hashed := range []string{"ana@münchen.test", "ana@mu\u0308nchen.test", "ana@xn--mnchen-3ya.test"} {
			if !slices.Contains(tried, hashed) {
				t.Errorf("Spellings(%q) has no %q: %q", typed, hashed, tried)
			}
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{"Ana@Home.test", "a@b", "@", "İ@x.test", "K@x.test", "a@\u3002", "a\u00a0@b.test", "a@xn--mnchen-3ya.test", "ＳΣ@ς.test", "ǆ@ǅ.test", "\u037ea@b.test", "ẞ@ß.test"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, ok := email.Canonical(in)
		if !ok {
			return
		}
		if at := strings.IndexByte(got, '@'); strings.ContainsFunc(got[at:], func(r rune) bool { return r >= utf8.RuneSelf }) || !norm.NFC.IsNormalString(got) {
			t.Errorf("got %q, which is not canonical", got)
		}
		for _, s := range email.Spellings(in) {
			if c, ok := email.Canonical(s); !ok || c != got {
				t.Errorf("%q is tried as %q, which is %q", in, s, c)
			}
		}
		if again, ok := email.Canonical(got); !ok || again != got {
			t.Errorf("got %q, %v for its own result %q", again, ok, got)
		}
		if len(got) > 254 || !utf8.ValidString(got) || strings.ContainsAny(got, " \r\n\x00<>,") || strings.Count(got, "@") != 1 {
			t.Errorf("got %q, which is no address", got)
		}
	})
}
