package check

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

const one, two = "https://certs.example/1", "https://certs.example/2,x;y"

// excel is text as Excel saves "Unicode text".
func excel(text string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(text)) {
		_ = binary.Write(&b, binary.LittleEndian, unit)
	}
	return b.String()
}

func TestLinks(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
		skipped    int
	}{
		{"one a line", one + "\n" + two + "\n", []string{one, two}, 0},
		{"CRLF, blank lines, spaces", "\r\n  " + one + " \r\n\r\n" + two, []string{one, two}, 0},
		{"commas behind", one + ",\n" + one + ";", []string{one, one}, 0},
		{"mark", "\ufeff" + one, []string{one}, 0},
		{"capitals", "HTTPS://certs.example/1", []string{"HTTPS://certs.example/1"}, 0},
		{"head", "name,badge url\nAna," + one + "\n", []string{one}, 0},
		{"semicolons", "\ufeffNombre;Insignia\r\nAna;" + one + "\r\nBen;\r\n", []string{one}, 1},
		{"quoted", "name,link\n\"Ruiz, Ana\",\"" + two + "\"\n", []string{two}, 0},
		{"head before first", "site,badge\nhttps://employer.example," + one + "\n", []string{one}, 0},
		{"LinkedIn is no link", "linkedin,lien\nhttps://linkedin.example/in/ana," + one, []string{one}, 0},
		{"no head", "Ana\thttps://certs.example/1\nBen\t-\n", []string{one}, 1},
		{"first column that has any", "Ana," + one + ",https://other.example/", []string{one}, 0},
		{"broken quotes", "a,b\n\"Ana \"x\"," + one + "\nBen," + one, []string{one, one}, 0},
		{"Excel", excel("Name\tBadge\r\nÁna\t" + one + "\r\n"), []string{one}, 0},
		{"words around", "Ana Ruiz " + one + "\nnothing here", []string{one}, 1},
		{"nothing", "", nil, 0},
		{"no link", "Ana;Ben\nEva", nil, 2},
		{"other schemes", "ftp://certs.example/1\njavascript://x\nhttps://", nil, 3},
		{"not UTF-8", "\xff\xfa," + one, []string{one}, 0},
	} {
		h := links([]byte(c.text))
		if diff := cmp.Diff(c.want, h.addresses()); diff != "" || len(h.skipped) != c.skipped {
			t.Errorf("%s: %q left out, want %d; %s", c.name, h.skipped, c.skipped, diff)
		}
	}
}

func (h handedIn) addresses() (list []string) {
	for _, line := range h.lines {
		list = append(list, line.link)
	}
	return list
}

// What somebody's table says beside the address stays, and a column of names is one to compare.
func TestLinksKeepColumns(t *testing.T) {
	for _, c := range []struct {
		text    string
		heads   []string
		cells   []string
		person  string
		skipped []string
	}{
		{"name;badge;team\nAna Ruiz;" + one + ";Red\nBen;none;Blue\n", []string{"name", "team"}, []string{"Ana Ruiz", "Red"}, "Ana Ruiz", []string{"Ben none Blue"}},
		{"Badge,Nombre\n" + one + ",Ana Ruiz\n", []string{"Nombre"}, []string{"Ana Ruiz"}, "Ana Ruiz", nil},
		{"link,candidat,nom\n" + one + ",\"Ruiz, Ana\",x\n", []string{"candidat", "nom"}, []string{"Ruiz, Ana", "x"}, "Ruiz, Ana", nil},
		{"badge name,link\nCloud Hero," + one + "\n", []string{"badge name"}, []string{"Cloud Hero"}, "", nil},
		{"Ana\t" + one + "\n", nil, []string{"Ana"}, "", nil},
		{one + "\n", nil, nil, "", nil},
		{"name,link\n" + strings.Repeat("x", nameMost+1) + "," + one + "\n", []string{"name"}, []string{strings.Repeat("x", nameMost+1)}, "", nil},
	} {
		h := links([]byte(c.text))
		want := handedIn{[]listed{{one, c.person, c.cells}}, c.heads, c.skipped}
		if diff := cmp.Diff(want, h, cmp.AllowUnexported(handedIn{}, listed{})); diff != "" {
			t.Errorf("%.60s: %s", c.text, diff)
		}
	}
}

func TestSeveralLinks(t *testing.T) {
	for text, want := range map[string]bool{one + "\n" + two: true, one: false, "": false, "a\nb": false, one + "\nx": false, "{\n}": false} {
		if got := severalLinks([]byte(text)); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func FuzzLinks(f *testing.F) {
	for _, text := range []string{one, "a;b\n\"x;" + one, excel("a\t" + one), "\xfe\xff\x00", "\"\n\"\r,"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, link := range links(data).addresses() {
			if !isLink(link) {
				t.Errorf("%q is no link", link)
			}
		}
		_ = severalLinks(data)
	})
}

// A list of the most cells that fit is looked through in one go: column by column it would take for ever.
func TestLinkColumnOfManyCells(t *testing.T) {
	text := strings.Repeat("link,", 400_000) + "\nx,https://a.test/1\n" + strings.Repeat("y\n", 400_000)
	if h := links([]byte(text)); len(h.lines) != 1 || h.lines[0].link != "https://a.test/1" {
		t.Errorf("got %d links", len(h.lines))
	}
}
