package openbadge

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// openLine is a canonical line with holes: texts[0], hole 0, texts[1] and so on.
type openLine struct {
	texts []string
	holes []hole
}

// hole takes the text of a slot, or the label of a blank node.
type hole struct {
	number int
	isNode bool
}

// openNode is a blank node: the lines that mention it, and the hash of those when no slot is in them.
type openNode struct {
	lines []int
	hash  [sha256.Size]byte
	known bool
}

// open writes the quads as lines and finds what can be said of the blank nodes in advance. The lines
// stand in the order that they have in the first document, so that there is little left to sort.
func (t *Template) open(doc []byte) {
	t.number()
	f := new(filling)
	if !t.match(doc, f) || !t.label(f) {
		return
	}
	texts := map[templateQuad]string{}
	for i := range t.lines {
		f.text = f.text[:0]
		f.add(t, &t.lines[i])
		texts[t.quads[i]] = string(f.text)
	}
	slices.SortFunc(t.quads, func(a, b templateQuad) int { return strings.Compare(texts[a], texts[b]) })
	t.number()
}

// number writes the lines and numbers the blank nodes.
func (t *Template) number() {
	t.nodes, t.names, t.lines = nil, nil, nil
	numbers := map[string]int{}
	for i, q := range t.quads {
		for _, term := range []*rdf.Term{&q.Subject, &q.Object, &q.Graph} {
			if term.Kind != rdf.Blank {
				continue
			}
			n, found := numbers[term.Value]
			if !found {
				n = len(t.nodes)
				numbers[term.Value] = n
				t.nodes, t.names = append(t.nodes, openNode{}), append(t.names, "c14n"+strconv.Itoa(n))
			}
			term.Value = nodeMark(n)
			if at := &t.nodes[n].lines; !slices.Contains(*at, i) {
				*at = append(*at, i)
			}
		}
		t.lines = append(t.lines, openText(q.String()))
	}
	for n := range t.nodes {
		if !slices.ContainsFunc(t.nodes[n].lines, func(i int) bool { return t.lines[i].hasSlot() }) {
			t.nodes[n].hash, t.nodes[n].known = t.firstDegree(n, new(filling)), true
		}
	}
}

// openText cuts a line at the marks. A mark is "https://slot.invalid/s1/" or "slot.invalid/n1/".
func openText(line string) openLine {
	var l openLine
	for {
		before, rest, found := strings.Cut(line, slotHost)
		if !found {
			l.texts = append(l.texts, line)
			return l
		}
		digits, after, _ := strings.Cut(rest[1:], "/")
		n, _ := strconv.Atoi(digits) // as slotMark and nodeMark wrote it
		l.holes = append(l.holes, hole{n, rest[0] == 'n'})
		l.texts = append(l.texts, strings.TrimSuffix(before, "https://"))
		line = after
	}
}

func (l *openLine) hasSlot() bool {
	return slices.ContainsFunc(l.holes, func(h hole) bool { return !h.isNode })
}
