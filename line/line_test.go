package line_test

import (
	"strings"
	"testing"

	"github.com/open-insignia/insignia/line"
)

func TestProblem(t *testing.T) {
	for text, want := range map[string]string{
		"Ana Ruiz":                  "",
		"نسرین\u200cسادات":          "", // Persian needs the joiner
		" ":                         "is empty",
		"\xff":                      "is not valid UTF-8",
		strings.Repeat("é", 21):     "is longer than 20 characters",
		"a\x00b":                    "has control characters",
		"a\u2028b":                  "has a line break",
		"a\u202eb":                  "has characters that turn the direction of the text",
		"\u2800\u3164":              "has nothing that can be seen",
		"a ":                        "begins or ends with a blank",
		"a\u00adb":                  "has characters that cannot be seen",
		line.Tidy(" a\u0301\u2800"): "",
	} {
		if got := line.Problem(text, 20); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestStorable(t *testing.T) {
	for text, want := range map[string]bool{"": true, "é": true, "a\x00": false, "\xff": false} {
		if line.Storable(text) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
}
