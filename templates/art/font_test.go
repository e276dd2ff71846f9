package art

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font/gofont/goregular"
)

// TestTrueTypeOutlines: the embedded font has cubic curves; one with quadratic
// curves works as well, should it ever be exchanged.
func TestTrueTypeOutlines(t *testing.T) {
	f := openFace(goregular.TTF)
	p := &path{}
	p.text(f.set("Og\u4e00!", 0), 10, 100, 80)
	data := string(p.data)
	if strings.Count(data, "M") != 6 || !strings.Contains(data, "Q") || strings.Contains(data, "C") {
		t.Errorf("unexpected outline of %q: %.80s…", "Og!", data)
	}
	if !pathData.MatchString(data) {
		t.Error("outline is not in our own language")
	}
}

func TestKerning(t *testing.T) {
	apart := serif.glyph('A').advance + serif.glyph('V').advance
	if got := serif.set("AV", 0).width; got >= apart {
		t.Errorf("AV is %.3f em wide, want less than %.3f", got, apart)
	}
	if got, want := serif.set("AV", 0.1).width, serif.set("AV", 0).width+0.1; got != want {
		t.Errorf("letter-spaced AV is %.3f em wide, want %.3f", got, want)
	}
}

// TestWorstTitle: the search for line breaks is bounded.
func TestWorstTitle(t *testing.T) {
	start := time.Now()
	Badge(Design{Title: strings.Repeat("WW ", 80), Kind: KindCertification, Issuer: strings.Repeat("W ", 80)})
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}
