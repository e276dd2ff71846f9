package openbadge

import (
	"slices"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// merge brings the open lines and the closed ones together; a line that is in both is written once.
func (t *Template) merge(f *filling) []byte {
	out, closed := slices.Grow(f.out[:0], t.size+len(f.text)), t.closed
	for i := range f.lines {
		line := f.line(i)
		for len(closed) > 0 && closed[0] <= string(line) {
			if closed[0] != string(line) {
				out = append(out, closed[0]...)
			}
			closed = closed[1:]
		}
		out = append(out, line...)
	}
	for _, line := range closed {
		out = append(out, line...)
	}
	f.out = out
	return out
}

// alike canonicalises the open statements by the book: for documents in which two blank nodes look
// alike, or that say something twice.
func (t *Template) alike(doc []byte, f *filling) ([]byte, bool) {
	values := make([]string, len(t.slots))
	t.read(doc, func(i int, value []byte) bool {
		values[i] = string(value)
		return true
	})
	quads := make([]rdf.Quad, len(t.quads))
	for i, q := range t.quads {
		quads[i] = q.Quad
		if q.subject >= 0 {
			quads[i].Subject.Value = values[q.subject]
		}
		if q.object >= 0 {
			quads[i].Object.Value = values[q.object]
		}
	}
	c, err := rdf.Canonicalize(quads, rdf.Options{})
	if err != nil {
		return nil, false
	}
	f.text, f.lines = f.text[:0], f.lines[:0]
	for _, line := range c.Lines {
		f.text = append(f.text, line...)
		f.lines = append(f.lines, span{len(f.text) - len(line), len(f.text)})
	}
	return t.merge(f), true
}
