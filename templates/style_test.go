package templates_test

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/templates"
)

func TestStylesheetIsSmall(t *testing.T) {
	if got := len(templates.Stylesheet.Body); got >= 12<<10 {
		t.Errorf("got %d bytes, want under 12 KB", got)
	} else {
		t.Logf("%d bytes left", 12<<10-got)
	}
	for _, a := range templates.Assets {
		if css := string(a.Body); strings.HasSuffix(a.Path, ".css") && (strings.Contains(css, "url(") || strings.Contains(css, "@import")) {
			t.Errorf("%s loads something", a.Path)
		}
	}
}

// TestOwnStylesheets: what only some pages need, only they load.
func TestOwnStylesheets(t *testing.T) {
	own := map[string]string{
		"api_docs": "docs", "mailbox_letter": "wide",
		"share": "share", "share_too_long": "share", "share_expired": "share", "share_private": "share", "share_revoked": "share",
		"share_code": "share", "share_code_rests": "share", "share_code_over": "share", "share_code_badge": "share",
		"share_wallet_open": "share", "share_wallet_redeemed": "share", "share_wallet_taken": "share", "share_wallet_guessed": "share",
		"verify_run": "wide", "verify_run_waiting": "wide", "verify_run_follows": "wide", "verify_run_stopped": "wide", "verify_run_finished": "wide",
	}
	for _, e := range examples("en") {
		if strings.HasPrefix(e.name, "embed") || e.name == "export" {
			continue // it stands alone
		}
		if strings.HasPrefix(e.name, "badge_page") || strings.HasPrefix(e.name, "achievement") || strings.HasPrefix(e.name, "profile") {
			own[e.name] = "badge"
		}
		var got string
		for _, m := range regexp.MustCompile(`<link rel="stylesheet" href="/assets/([a-z]+)-`).FindAllStringSubmatch(render(t, e), -1) {
			got += " " + m[1]
		}
		if want := strings.TrimRight(" insignia "+own[e.name], " "); got != want {
			t.Errorf("%s loads%s, want%s", e.name, got, want)
		}
	}
}

// sheets are the stylesheets as they are written.
func sheets(t *testing.T) (all string) {
	t.Helper()
	files, err := filepath.Glob("style/*.css")
	if err != nil || len(files) < 3 {
		t.Fatalf("got %v, %v", files, err)
	}
	for _, f := range files {
		css, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all += string(css)
	}
	return all
}

// TestStylesheetIsDirectionless keeps the way open to a language that is written from right to left.
func TestStylesheetIsDirectionless(t *testing.T) {
	physical := regexp.MustCompile(`(?:margin|padding|border)-(?:left|right|top|bottom)|text-align: ?(?:left|right)|float:|[;{ ](?:left|right|top|bottom|width|height): `)
	if got := physical.FindString(sheets(t)); got != "" {
		t.Errorf("%q is not a logical property", got)
	}
}

func TestStylesheetSqueezed(t *testing.T) {
	css := string(templates.Stylesheet.Body)
	for _, want := range []string{"clamp(1.75rem,1.4rem + 1.6vw,2.25rem)", ".grand :is(h1,.lead,.act)", "@media (min-width:40rem)", "rgb(0 0 0 / .06)", ".strip p:not(.word){"} {
		if !strings.Contains(css, want) {
			t.Errorf("got no %s", want)
		}
	}
	source, err := os.ReadFile("style/insignia.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range regexp.MustCompile(`"[^"\n]*"`).FindAllString(string(source), -1) {
		if !strings.Contains(css, text) {
			t.Errorf("%s is shown to people and lost its spaces", text)
		}
	}
	if strings.Count(css, "{") != strings.Count(css, "}") {
		t.Error("braces do not match")
	}
}

// TestClassesExist finds classes that pages use and the stylesheet does not know, and the other way round.
func TestClassesExist(t *testing.T) {
	css := sheets(t)
	var source strings.Builder
	for _, pattern := range []string{"pages/*.html", "icons/*.svg", "page.go"} {
		files, _ := filepath.Glob(pattern)
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(text)
		}
	}
	for _, m := range regexp.MustCompile(`\.([a-z][a-z_-]*)`).FindAllStringSubmatch(css, -1) {
		class := strings.TrimPrefix(strings.TrimPrefix(m[1], "page-"), "check-")
		if !strings.Contains(source.String(), class) {
			t.Errorf(".%s is styled and not used", m[1])
		}
	}
}

var colour = regexp.MustCompile(`(--[a-z0-9-]+): #([0-9A-Fa-f]{3,6});`)

// tokens are the colour tokens of a block of the stylesheet.
func tokens(css string) map[string]string {
	all := map[string]string{}
	for _, m := range colour.FindAllStringSubmatch(css, -1) {
		hex := m[2]
		if len(hex) == 3 {
			hex = hex[:1] + hex[:1] + hex[1:2] + hex[1:2] + hex[2:] + hex[2:]
		}
		all[m[1]] = hex
	}
	return all
}

// luminance is that of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(shift uint) float64 {
		v := float64(n>>shift&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	css, err := os.ReadFile("style/insignia.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, found := strings.Cut(string(css), "prefers-color-scheme: dark")
	if !found {
		t.Fatal("no dark mode")
	}
	dark, _, _ := strings.Cut(rest, "*, ::before")
	for mode, palette := range map[string]map[string]string{"light": tokens(light), "dark": tokens(dark)} {
		for _, pair := range []struct {
			text, ground string
			least        float64
		}{
			{"--ink", "--paper", 4.5}, {"--ink", "--wash", 4.5}, {"--ink-2", "--paper", 4.5}, {"--ink-2", "--wash", 4.5},
			{"--link", "--paper", 4.5}, {"--link", "--wash", 4.5}, {"--link", "--neutral-bg", 4.5}, {"--on-link", "--link", 4.5},
			{"--ok", "--ok-bg", 4.5}, {"--warn", "--warn-bg", 4.5}, {"--bad", "--bad-bg", 4.5}, {"--neutral", "--neutral-bg", 4.5},
			{"--bad", "--paper", 4.5}, {"--ink", "--ok-bg", 4.5}, {"--ink", "--warn-bg", 4.5}, {"--ink", "--bad-bg", 4.5}, {"--ink", "--neutral-bg", 4.5},
			{"--ink-2", "--neutral-bg", 4.5}, {"--link", "--ok-bg", 4.5}, {"--link", "--warn-bg", 4.5}, {"--link", "--bad-bg", 4.5},
			{"--line", "--paper", 3}, {"--line", "--wash", 3}, {"--ok", "--paper", 3}, {"--warn", "--paper", 3}, {"--neutral", "--paper", 3}, {"--accent", "--paper", 3},
		} {
			if palette[pair.text] == "" || palette[pair.ground] == "" {
				t.Fatalf("%s: no %s or %s", mode, pair.text, pair.ground)
			}
			if got := contrast(t, palette[pair.text], palette[pair.ground]); got < pair.least {
				t.Errorf("%s: %s on %s is %.2f, want %.1f", mode, pair.text, pair.ground, got, pair.least)
			}
		}
	}
}

func TestAssets(t *testing.T) {
	for _, a := range templates.Assets {
		if !regexp.MustCompile(`^/assets/[a-z]+-[0-9a-f]{8}\.(css|js|svg)$`).MatchString(a.Path) || len(a.Body) == 0 || a.Type == "" {
			t.Errorf("%s, %s, %d bytes", a.Path, a.Type, len(a.Body))
		}
	}
}

// TestMotionIsAskedFor: nothing moves for people who asked for less motion.
func TestMotionIsAskedFor(t *testing.T) {
	css := string(templates.Stylesheet.Body)
	const asked = "@media (prefers-reduced-motion:no-preference){"
	before, rest, found := strings.Cut(css, asked)
	inside, after, _ := strings.Cut(rest, "}}")
	if !found || !strings.Contains(inside, "animation:") {
		t.Error("nothing celebrates a badge that was accepted")
	}
	if moves := regexp.MustCompile(`animation|transition|scroll-behavior`).FindString(before + after); moves != "" {
		t.Errorf("%s is there for everybody", moves)
	}
}
