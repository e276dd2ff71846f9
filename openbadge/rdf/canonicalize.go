package rdf

import (
	"cmp"
	"crypto"
	_ "crypto/sha256" // links the default hash
	_ "crypto/sha512" // links SHA-384
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// defaultWork is the limit of work where Options give none. It is some hundred times what the
// credentials of the official test material need, and ends in ErrWork after less than 50 ms.
const defaultWork = 100_000

// maxQuads is how many statements Canonicalize takes.
const maxQuads = 50_000

// ErrTooLarge is wrapped when a dataset has more than MaxQuads statements.
var ErrTooLarge = fmt.Errorf("more than %d statements", maxQuads)

// ErrWork is wrapped when telling the blank nodes apart takes more work than allowed. Such graphs are
// made on purpose: whoever meets one should refuse the document, not raise the limit.
var ErrWork = errors.New("canonicalization takes too much work")

// ErrHash is wrapped when Options ask for a hash that RDFC-1.0 does not have.
var ErrHash = errors.New("hash is neither SHA-256 nor SHA-384")

// Options of Canonicalize; the zero value is RDFC-1.0 with SHA-256 and DefaultWork.
type Options struct {
	Hash crypto.Hash // crypto.SHA256 or crypto.SHA384
	Work int         // steps of the Hash N-Degree Quads algorithm: each hash, each node on a path
}

// Canonical is the canonical form of a dataset.
type Canonical struct {
	Lines  []string          // sorted, without repetition, each with its line end
	Labels map[string]string // label of a blank node in the input -> its canonical label, both without "_:"
}

// Text is the canonical N-Quads document, the bytes that are hashed for a signature.
func (c *Canonical) Text() []byte {
	size := 0
	for _, line := range c.Lines {
		size += len(line)
	}
	text := make([]byte, 0, size)
	for _, line := range c.Lines {
		text = append(text, line...)
	}
	return text
}

// Canonicalize runs RDFC-1.0 (section 4.4.3) on a dataset given in any order, repetitions allowed.
// Errors wrap ErrTerm, ErrTooLarge, ErrHash or ErrWork.
func Canonicalize(quads []Quad, o Options) (*Canonical, error) {
	s, err := newState(quads, o)
	if err != nil {
		return nil, err
	}
	if err := s.label(); err != nil {
		return nil, err
	}
	labels := make(map[string]string, len(s.nodes))
	for i, n := range s.nodes {
		labels[n.label] = "c14n" + strconv.Itoa(s.canonical.id(int32(i)))
	}
	return &Canonical{Lines: sorted(quads, labels), Labels: labels}, nil
}

// Sorted writes the canonical lines of a dataset, sorted by code point and without repetition, with
// each label of a blank node replaced by its entry in labels, where it has one. Selective disclosure
// needs this with labels of its own (Data Integrity ECDSA Cryptosuites §3.4). Errors wrap ErrTerm or
// are ErrTooLarge.
func Sorted(quads []Quad, labels map[string]string) ([]string, error) {
	if err := check(quads); err != nil {
		return nil, err
	}
	for _, label := range labels {
		if !validLabel(label) {
			return nil, fmt.Errorf("%w: label %.60q", ErrTerm, label)
		}
	}
	return sorted(quads, labels), nil
}

func sorted(quads []Quad, labels map[string]string) []string {
	lines := make([]string, 0, len(quads))
	var b []byte
	for _, q := range quads {
		for _, t := range [...]*Term{&q.Subject, &q.Object, &q.Graph} {
			if t.Kind != Blank {
				continue
			}
			if label, found := labels[t.Value]; found {
				t.Value = label
			}
		}
		b = appendQuad(b[:0], q)
		lines = append(lines, string(b))
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// label gives every blank node its canonical number: first those that differ by the quads around
// them (steps 3 and 4), then those that only a walk through the graph tells apart (step 5).
func (s *state) label() error {
	byHash := map[string][]int32{}
	for i := range s.nodes {
		h := s.firstDegree(int32(i))
		byHash[h] = append(byHash[h], int32(i))
	}
	hashes := sortedKeys(byHash)
	for _, h := range hashes {
		if nodes := byHash[h]; len(nodes) == 1 {
			s.canonical.issue(nodes[0])
		}
	}
	for _, h := range hashes {
		if len(byHash[h]) == 1 {
			continue
		}
		if err := s.labelSharedHash(byHash[h]); err != nil {
			return err
		}
	}
	return nil
}

// labelSharedHash is step 5 for the nodes that share one first degree hash.
func (s *state) labelSharedHash(nodes []int32) error {
	type result struct {
		hash   string
		issued *issuer
	}
	var results []result
	for _, n := range nodes {
		if s.canonical.hasIssued(n) {
			continue
		}
		temporary := &issuer{}
		temporary.issue(n)
		hash, issued, err := s.nDegree(n, temporary)
		if err != nil {
			return err
		}
		results = append(results, result{hash, issued})
	}
	slices.SortStableFunc(results, func(a, b result) int { return compare(a.hash, b.hash) })
	for _, r := range results {
		for _, n := range r.issued.order {
			s.canonical.issue(n)
		}
	}
	return nil
}

// check refuses what has no canonical form.
func check(quads []Quad) error {
	if len(quads) > maxQuads {
		return ErrTooLarge
	}
	for _, q := range quads {
		if err := q.check(); err != nil {
			return err
		}
	}
	return nil
}

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
		o.Work = defaultWork
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
