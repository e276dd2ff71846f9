package mail

import (
	"encoding/base64"
	"regexp"
	"strings"

	"github.com/open-insignia/insignia/templates"
)

const (
	mostShown = 8 << 20 // bytes of pictures put into one page
	mostLinks = 100
)

var (
	aLink    = regexp.MustCompile(`https?://[^\s<>"]+`)
	aCode    = regexp.MustCompile(`(?m)^[ \t]*([0-9]{3})[  ]?([0-9]{3})[ \t]*\r?$`)
	aRef     = regexp.MustCompile(`(?i)cid:[^"'\s<>)]+`)
	aHead    = regexp.MustCompile(`(?i)<head(\s[^>]*)?>`)
	aTag     = regexp.MustCompile(`(?is)<style.*?</style>|<head.*?</head>|<!--.*?-->|<[^>]*>`)
	aPicture = regexp.MustCompile(`^image/(png|jpeg|gif|webp)$`)
)

// links are the addresses in a text, each once, in order.
func links(text string) (found []templates.MailLink) {
	seen := map[string]bool{}
	for _, url := range aLink.FindAllString(text, -1) {
		url = strings.TrimRight(url, ".,;:!?'*_")
		if strings.HasSuffix(url, ")") && !strings.Contains(url, "(") {
			url = strings.TrimSuffix(url, ")")
		}
		if !seen[url] && len(found) < mostLinks {
			seen[url] = true
			found = append(found, templates.MailLink{URL: url})
		}
	}
	return found
}

// code is the six digits that stand alone on a line, or "".
func code(text string) string {
	if m := aCode.FindStringSubmatch(text); m != nil {
		return m[1] + " " + m[2]
	}
	return ""
}

// frame is the HTML part with its pictures inside it, since a document without an origin cannot
// load them, and with links that open outside the frame.
func frame(l *received) string {
	pictures := map[string]Inline{}
	for _, p := range l.Inline {
		pictures[p.CID] = p
	}
	room := mostShown
	show := func(ref string) string {
		p, found := pictures[ref[len("cid:"):]]
		if room -= len(p.Data); !found || room < 0 || !aPicture.MatchString(p.Type) {
			return ref
		}
		return "data:" + p.Type + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
	}
	var head string
	body := l.HTML
	if at := aHead.FindStringIndex(body); at != nil {
		head, body = body[:at[1]], body[at[1]:]
	}
	return head + `<base target="_blank">` + aRef.ReplaceAllStringFunc(body, show)
}

// How much room a letter takes on a small screen, in pixels. A frame without scripts cannot ask what is inside it, and
// one that is too short hides what stands at the end.
const (
	screenLetters = 34 // a line
	lineHeight    = 24
	blockHeight   = 10 // between blocks
	imageHeight   = 180
	marginHeight  = 140
	heightMost    = 30000
)

// height is about how tall an HTML part is there, rather more than less.
func height(html string) int {
	h := marginHeight + imageHeight*strings.Count(html, "<img")
	for line := range strings.Lines(aTag.ReplaceAllString(html, "\n")) {
		if n := len([]rune(strings.TrimSpace(line))); n > 0 {
			h += blockHeight + lineHeight*((n+screenLetters-1)/screenLetters)
		}
	}
	return min(h, heightMost)
}
