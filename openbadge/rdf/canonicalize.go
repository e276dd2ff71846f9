package rdf

import (
	"crypto"
	_ "crypto/sha256" // links the default hash
	_ "crypto/sha512" // links SHA-384
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// DefaultWork is the limit of work where Options give none. It is some hundred times what the
// credentials of the official test material need, and ends in ErrWork after less than 50 ms.
const DefaultWork = 100_000

// MaxQuads is how many statements Canonicalize takes.
const MaxQuads = 50_000

// ErrTooLarge is wrapped when a dataset has more than MaxQuads statements.
var ErrTooLarge = fmt.Errorf("more than %d statements", MaxQuads)

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
		if err := s.labelAlike(byHash[h]); err != nil {
			return err
		}
	}
	return nil
}

// labelAlike is step 5 for the nodes that share one first degree hash.
func (s *state) labelAlike(nodes []int32) error {
	type result struct {
		hash   string
		issued *issuer
	}
	var results []result
	for _, n := range nodes {
		if s.canonical.has(n) {
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
	if len(quads) > MaxQuads {
		return ErrTooLarge
	}
	for _, q := range quads {
		if err := q.check(); err != nil {
			return err
		}
	}
	return nil
}
