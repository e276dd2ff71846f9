package check

import (
	"regexp"
	"strings"
)

// around is what people put around an address and behind it.
const (
	around = "<>\"'«»“”„‘’`()[]"
	behind = ".,;:!"
)

// schemeless is an address as people type it: a host with a dot and a path.
var schemeless = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\.[A-Za-z]{2,}(?::[0-9]{1,5})?/[^\s<>"]*$`)

// typed is the address that somebody means by a word or line, and the text itself where that is none:
// brackets, quotes and a sentence's end are left out, a missing scheme is added, and the slash
// behind the address of a badge of ours goes.
func (d *Door) typed(text string) string {
	if len(text) > retryMost {
		return text
	}
	bare := strings.TrimSpace(text)
	for before := ""; before != bare; {
		before = bare
		bare = strings.TrimSpace(strings.TrimRight(strings.TrimLeft(bare, around), around+behind))
	}
	if open := strings.Count(bare, "(") - strings.Count(bare, ")"); open == 1 && strings.Contains(text, bare+")") {
		bare += ")" // of the address itself
	}
	if !isLink(bare) {
		if bare = d.withScheme(bare); bare == "" {
			return text
		}
	}
	if path, ours := d.own(bare); ours && path.RawQuery == "" && strings.HasPrefix(path.Path, "/badges/") {
		bare = strings.TrimRight(bare, "/"+behind)
	}
	return bare
}

// withScheme adds the scheme to an address without, the one of ours where it is ours; empty: it is none.
func (d *Door) withScheme(text string) string {
	if ours := d.site.Base.Scheme + "://" + text; strings.Contains(text, "/") && isLink(ours) {
		if _, is := d.own(ours); is {
			return ours
		}
	}
	if schemeless.MatchString(text) {
		return "https://" + text
	}
	return ""
}

// typedLines is typed for each word of a list, which may be a table with commas, semicolons or tabs.
func (d *Door) typedLines(text string) string {
	return cell.ReplaceAllStringFunc(text, func(word string) string {
		if isLink(strings.TrimSpace(word)) && !strings.ContainsAny(word, around) && !strings.ContainsAny(word[len(word)-1:], behind+"/") {
			return word
		}
		quote := ""
		if strings.HasPrefix(word, `"`) && strings.HasSuffix(word, `"`) && len(word) > 1 {
			quote = `"` // of the table
		}
		if address := d.typed(word); address != word {
			return quote + address + quote
		}
		return word
	})
}

// cell is a word between the separators of a table.
var cell = regexp.MustCompile(`[^\s,;]+`)
