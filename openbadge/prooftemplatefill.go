package openbadge

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"slices"
	"sync"
)

// Canonical gives the canonical N-Quads of a document, the same as expanding and canonicalising it
// whole; found is false when the document is not of the template's form and has to go that way.
func (t *Template) Canonical(doc []byte) (nquads []byte, found bool) {
	f := fillings.Get().(*filling)
	defer fillings.Put(f)
	text, found := t.canonical(doc, f)
	return bytes.Clone(text), found
}

// hash is the SHA-256 of the canonical form; a nil template fits nothing.
func (t *Template) hash(doc []byte) (sum []byte, found bool) {
	if t == nil {
		return nil, false
	}
	f := fillings.Get().(*filling)
	defer fillings.Put(f)
	text, found := t.canonical(doc, f)
	return digest(crypto.SHA256, text), found
}

// canonical writes into the memory of f.
func (t *Template) canonical(doc []byte, f *filling) (nquads []byte, found bool) {
	if !t.match(doc, f) {
		return nil, false
	}
	if !t.label(f) {
		return t.alike(doc, f)
	}
	f.write(t, nil)
	for i := 1; i < len(f.lines); i++ {
		if bytes.Equal(f.line(i), f.line(i-1)) { // a repeated statement, which the hashes must not count twice
			return t.alike(doc, f)
		}
	}
	return t.merge(f), true
}

// filling is the memory that one use of a template needs. There are no pointers in its lists, which
// the garbage collector would have to follow.
type filling struct {
	slots  []byte // the texts of the slots as N-Quads write them, one after the other
	at     []span // where each is
	hashes [][sha256.Size]byte
	order  []int
	labels []int // of the blank nodes: a canonical number, or one of the two below
	text   []byte
	lines  []span
	out    []byte
}

type span struct{ from, to int }

// The labels that Hash First Degree Quads gives.
const (
	labelThis  = -1 // "a"
	labelOther = -2 // "z"
)

var fillings = sync.Pool{New: func() any { return new(filling) }}

func (f *filling) slot(i int) []byte { return f.slots[f.at[i].from:f.at[i].to] }
func (f *filling) line(i int) []byte { return f.text[f.lines[i].from:f.lines[i].to] }

// write fills the lines of the given numbers, or all, and sorts them.
func (f *filling) write(t *Template, numbers []int) {
	f.text, f.lines = f.text[:0], f.lines[:0]
	if numbers == nil {
		for i := range t.lines {
			f.add(t, &t.lines[i])
		}
	}
	for _, i := range numbers {
		f.add(t, &t.lines[i])
	}
	slices.SortFunc(f.lines, func(a, b span) int { return bytes.Compare(f.text[a.from:a.to], f.text[b.from:b.to]) })
}

func (f *filling) add(t *Template, l *openLine) {
	text := f.text
	for i, h := range l.holes {
		text = append(text, l.texts[i]...)
		if h.isNode {
			text = append(text, t.name(f.labels[h.number])...)
		} else {
			text = append(text, f.slot(h.number)...)
		}
	}
	text = append(text, l.texts[len(l.holes)]...)
	f.lines = append(f.lines, span{len(f.text), len(text)})
	f.text = text
}

func (t *Template) name(label int) string {
	switch label {
	case labelThis:
		return "a"
	case labelOther:
		return "z"
	}
	return t.names[label]
}

// firstDegree is Hash First Degree Quads (RDFC-1.0 section 4.6).
func (t *Template) firstDegree(n int, f *filling) (hash [sha256.Size]byte) {
	f.labels = f.labels[:0]
	for range t.nodes {
		f.labels = append(f.labels, labelOther)
	}
	f.labels[n] = labelThis
	f.write(t, t.nodes[n].lines)
	h := sha256.New()
	for i := range f.lines {
		h.Write(f.line(i))
	}
	h.Sum(hash[:0])
	return hash
}

// label names the blank nodes in the order of their hashes (RDFC-1.0 section 4.4.3, step 4). It gives
// up on nodes that share a hash, which need more than that.
func (t *Template) label(f *filling) (distinct bool) {
	f.order, f.hashes = f.order[:0], f.hashes[:0]
	for n := range t.nodes {
		hash := t.nodes[n].hash
		if !t.nodes[n].known {
			hash = t.firstDegree(n, f)
		}
		f.order, f.hashes = append(f.order, n), append(f.hashes, hash)
	}
	slices.SortFunc(f.order, func(a, b int) int { return bytes.Compare(f.hashes[a][:], f.hashes[b][:]) })
	f.labels = slices.Grow(f.labels[:0], len(f.order))[:len(f.order)]
	for i, n := range f.order {
		if i > 0 && f.hashes[n] == f.hashes[f.order[i-1]] {
			return false
		}
		f.labels[n] = i
	}
	return true
}
