package templates_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/open-insignia/insignia/templates"
)

// TestDeadline: a calendar file has lines of at most 75 octets that end in CRLF and are cut between characters, and
// reads back as what was put in, hostile titles too (RFC 5545).
func TestDeadline(t *testing.T) {
	now := time.Date(2026, 9, 5, 8, 30, 0, 0, time.FixedZone("", 7200))
	for _, title := range []string{
		"Cloud Operator", "Fundamentos, datos; y «nube» \\ todo", strings.Repeat("資格試験", 40), strings.Repeat("é", 200),
		"One\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nTwo\x00\x1b",
	} {
		for _, l := range templates.Languages {
			d := templates.RenewalDeadline(l.Code, "7kq3", templates.Text{Value: title}, day(2027, 3, 3), "https://badges.acme.example/me/badges/7kq3#renewal", now)
			file := string(d.ICS())
			if !strings.HasSuffix(file, "END:VCALENDAR\r\n") || strings.Count(file, "\n") != strings.Count(file, "\r\n") {
				t.Errorf("%q: line ends", title)
			}
			for line := range strings.SplitSeq(strings.TrimSuffix(file, "\r\n"), "\r\n") {
				if len(line) > 75 || !utf8.ValidString(line) {
					t.Errorf("%q: line of %d octets %q", title, len(line), line)
				}
			}
			unfolded := strings.ReplaceAll(file, "\r\n ", "")
			for _, want := range []string{
				"DTSTART;VALUE=DATE:20270303\r\n", "DTEND;VALUE=DATE:20270304\r\n", "UID:renewal-7kq3@badges.acme.example\r\n",
				"DTSTAMP:20260905T063000Z\r\n", "URL:https://badges.acme.example/me/badges/7kq3#renewal\r\n", "TRIGGER:-P7D\r\n",
			} {
				if strings.Count(unfolded, want) != 1 {
					t.Errorf("%q: no single %q in\n%s", title, want, unfolded)
				}
			}
			for _, once := range []string{"\r\nBEGIN:VEVENT\r\n", "\r\nEND:VEVENT\r\n", "\r\nSUMMARY;"} {
				if n := strings.Count(unfolded, once); n != 1 {
					t.Errorf("%q: %d times %q", title, n, once)
				}
			}
			plain := strings.NewReplacer(`\n`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(unfolded)
			if shown := strings.NewReplacer("\r\n", "\n", "\x00", "", "\x1b", "").Replace(title); !strings.Contains(strings.ReplaceAll(plain, "\r\n", "\x01"), shown) {
				t.Errorf("%q does not read back:\n%s", title, plain)
			}
		}
	}
}
