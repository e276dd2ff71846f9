package rdf

import (
	"cmp"
	"crypto"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"
)

// state is the canonicalization state of RDFC-1.0 §4.2. Blank nodes are numbers: the index in nodes.
type state struct {
	nodes     []node
	quads     []indexed
	hash      hash.Hash
	work      int
	canonical issuer
	buffer    []byte
}

// node is a blank node: its label in the input, the quads that mention it, its first degree hash.
type node struct {
	label string
	quads []int32
	first string
}

// indexed is a quad with the numbers of its blank nodes, -1 where there is none.
type indexed struct {
	*Quad
	at [3]int32 // subject, object, graph
}

// positions are the letters that Hash Related Blank Node uses, in the order of indexed.at.
const positions = "sog"

func newState(quads []Quad, o Options) (*state, error) {
	if o.Hash == 0 {
		o.Hash = crypto.SHA256
	}
	if o.Hash != crypto.SHA256 && o.Hash != crypto.SHA384 {
		return nil, ErrHash
	}
	if o.Work == 0 {
		o.Work = DefaultWork
	}
	if err := check(quads); err != nil {
		return nil, err
	}
	s := &state{hash: o.Hash.New(), work: o.Work}
	s.index(quads)
	return s, nil
}

// index numbers the blank nodes and drops repeated quads that mention one: a dataset is a set, and a
// repetition would change the hashes.
func (s *state) index(quads []Quad) {
	numbers := map[string]int32{}
	terms := map[Term]int32{}
	seen := map[[4]int32]bool{}
	for i := range quads {
		q := &quads[i]
		if q.Subject.Kind != Blank && q.Object.Kind != Blank && q.Graph.Kind != Blank {
			continue
		}
		key := [4]int32{}
		for j, t := range [...]Term{q.Subject, q.Predicate, q.Object, q.Graph} {
			key[j] = number(terms, t.plain())
		}
		if seen[key] {
			continue
		}
		seen[key] = true
		s.add(q, numbers)
	}
}

// number gives equal keys equal numbers, from 0 on.
func number[K comparable](numbers map[K]int32, key K) int32 {
	n, known := numbers[key]
	if !known {
		n = int32(len(numbers))
		numbers[key] = n
	}
	return n
}

// plain leaves out the datatypes that N-Quads do not write.
func (t Term) plain() Term {
	if t.Datatype == XSDString || t.Language != "" {
		t.Datatype = ""
	}
	return t
}

func (s *state) add(q *Quad, numbers map[string]int32) {
	x := indexed{Quad: q, at: [3]int32{-1, -1, -1}}
	for i, t := range [...]*Term{&q.Subject, &q.Object, &q.Graph} {
		if t.Kind != Blank {
			continue
		}
		n := number(numbers, t.Value)
		if int(n) == len(s.nodes) {
			s.nodes = append(s.nodes, node{label: t.Value})
		}
		x.at[i] = n
		if of := s.nodes[n].quads; len(of) == 0 || of[len(of)-1] != int32(len(s.quads)) {
			s.nodes[n].quads = append(of, int32(len(s.quads)))
		}
	}
	s.quads = append(s.quads, x)
}

// firstDegree is Hash First Degree Quads, §4.6.
func (s *state) firstDegree(n int32) string {
	lines := make([]string, 0, len(s.nodes[n].quads))
	for _, i := range s.nodes[n].quads {
		at, q := s.quads[i].at, *s.quads[i].Quad
		for j, t := range [...]*Term{&q.Subject, &q.Object, &q.Graph} {
			if t.Kind == Blank && at[j] == n {
				t.Value = "a"
			} else if t.Kind == Blank {
				t.Value = "z"
			}
		}
		s.buffer = appendQuad(s.buffer[:0], q)
		lines = append(lines, string(s.buffer))
	}
	slices.Sort(lines)
	s.nodes[n].first = s.sum(lines...)
	return s.nodes[n].first
}

// sum is the hash of the texts one after the other, in lower case hexadecimal.
func (s *state) sum(texts ...string) string {
	s.hash.Reset()
	for _, t := range texts {
		s.buffer = append(s.buffer[:0], t...)
		s.hash.Write(s.buffer)
	}
	s.buffer = s.hash.Sum(s.buffer[:0])
	return hex.EncodeToString(s.buffer)
}

func compare(a, b string) int { return strings.Compare(a, b) }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
