package openbadge

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// fixedMembers are compared byte by byte, whatever is inside: they say how the rest is to be read, or
// belong to the achievement. So is all that a keyword of JSON-LD names.
var fixedMembers = map[string]bool{"type": true, "issuer": true, "achievement": true, "credentialSchema": true, "endorsement": true, "endorsementJwt": true}

func (t *Template) findSlots(s *scanner, open bool) {
	s.space()
	switch s.data[s.pos] {
	case '{':
		for s.next('}') {
			name := s.name()
			s.space()
			s.pos++ // the colon
			t.findSlots(s, open && !fixedMembers[name] && !strings.HasPrefix(name, "@"))
		}
	case '[':
		for s.next(']') {
			t.findSlots(s, open)
		}
	case '"':
		from := s.pos + 1
		s.text()
		if open {
			t.slots = append(t.slots, slot{from: from, to: s.pos - 1})
		}
	default:
		s.scalar()
	}
}

func slotMark(i int) string { return fmt.Sprintf("https://%ss%d/", slotHost, i) }
func nodeMark(i int) string { return fmt.Sprintf("%sn%d/", slotHost, i) }

// probe is doc with a text of its own in each slot.
func (t *Template) probe(doc []byte) []byte {
	var out []byte
	at := 0
	for i, s := range t.slots {
		out = append(append(out, doc[at:s.from]...), slotMark(i)...)
		at = s.to
	}
	return append(out, doc[at:]...)
}

// learn finds the slots in the RDF of the probe. A slot that is not found exactly as one kind of term,
// or that is an IRI but holds a name from the context, is given up; then learn must be asked again.
func (t *Template) learn(doc []byte, quads []rdf.Quad) (done bool) {
	number := make(map[string]int, len(t.slots))
	for i := range t.slots {
		number[slotMark(i)] = i
	}
	kinds := make([][2]bool, len(t.slots)) // seen as literal, as IRI
	find := func(term rdf.Term) int {
		i, found := number[term.Value]
		if !found {
			return -1
		}
		kinds[i][0], kinds[i][1] = kinds[i][0] || term.Kind == rdf.Literal, kinds[i][1] || term.Kind == rdf.IRI
		return i
	}
	t.closed, t.quads, t.about = nil, nil, nil
	for i, q := range quads {
		open := templateQuad{q, find(q.Subject), find(q.Object)}
		if i == 0 || q.Predicate.Value != rdfType {
			t.addSubject(open)
		}
		if open.subject < 0 && open.object < 0 && q.Subject.Kind != rdf.Blank && q.Object.Kind != rdf.Blank && q.Graph.Kind != rdf.Blank {
			t.closed = append(t.closed, q.String())
			continue
		}
		t.quads = append(t.quads, open)
	}
	kept := make([]slot, 0, len(t.slots))
	for i, s := range t.slots {
		s.isIRI = kinds[i][1]
		s.prefix = string(iriPrefix([]byte(unquote(doc[s.from:s.to]))))
		if kinds[i][0] != kinds[i][1] && (!s.isIRI || s.prefix != "") {
			kept = append(kept, s)
		}
	}
	done = len(kept) == len(t.slots)
	t.slots = kept
	return done
}

func (t *Template) addSubject(q templateQuad) {
	s := subject{q.subject, []byte(q.Subject.Value)}
	if !slices.ContainsFunc(t.about, func(known subject) bool { return bytes.Equal(known.iri, s.iri) }) {
		t.about = append(t.about, s)
	}
}

func (t *Template) cut(doc []byte) {
	at := 0
	for _, s := range t.slots {
		t.fixed = append(t.fixed, slices.Clone(doc[at:s.from]))
		at = s.to
	}
	t.fixed = append(t.fixed, slices.Clone(doc[at:]))
	slices.Sort(t.closed)
	t.closed = slices.Compact(t.closed)
	for _, line := range t.closed {
		t.size += len(line)
	}
	t.open(doc)
}
