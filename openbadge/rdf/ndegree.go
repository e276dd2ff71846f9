package rdf

import (
	"slices"
	"strconv"
	"strings"
)

// nDegree is Hash N-Degree Quads, §4.8: the hash of what lies around node n, and the issuer that has
// named the nodes on the way there.
func (s *state) nDegree(n int32, given *issuer) (string, *issuer, error) {
	related, err := s.related(n, given)
	if err != nil {
		return "", nil, err
	}
	var data strings.Builder
	for _, hash := range sortedKeys(related) {
		best, err := s.shortest(related[hash], given)
		if err != nil {
			return "", nil, err
		}
		data.WriteString(hash)
		data.WriteString(best.path)
		given = best.issued
	}
	if !s.spend(1 + data.Len()/64) {
		return "", nil, ErrWork
	}
	return s.sum(data.String()), given, nil
}

// related is step 3: the neighbours of n by their related hash, a node once for each quad and place.
func (s *state) related(n int32, given *issuer) (map[string][]int32, error) {
	found := map[string][]int32{}
	for _, i := range s.nodes[n].quads {
		x := &s.quads[i]
		for j, other := range x.at {
			if other < 0 || other == n {
				continue
			}
			if !s.spend(1) {
				return nil, ErrWork
			}
			hash := s.relatedHash(x, j, given)
			found[hash] = append(found[hash], other)
		}
	}
	return found, nil
}

// relatedHash is Hash Related Blank Node, §4.7.
func (s *state) relatedHash(x *indexed, place int, given *issuer) string {
	name := s.nodes[x.at[place]].first
	if known, found := s.name(x.at[place], given); found {
		name = known
	}
	if positions[place] == 'g' {
		return s.sum("g", name)
	}
	return s.sum(positions[place:place+1], "<", x.Predicate.Value, ">", name)
}

// name is the identifier of node n with "_:", the canonical one if it has been issued.
func (s *state) name(n int32, given *issuer) (string, bool) {
	if s.canonical.hasIssued(n) {
		return "_:c14n" + strconv.Itoa(s.canonical.id(n)), true
	}
	if given.hasIssued(n) {
		return "_:b" + strconv.Itoa(given.id(n)), true
	}
	return "", false
}

// walk is one way through a group of nodes that look alike.
type walk struct {
	path   string
	issued *issuer
}

// shortest is step 5.4: of all orders of the nodes, the one with the least path.
func (s *state) shortest(nodes []int32, given *issuer) (walk, error) {
	best := walk{}
	order := slices.Clone(nodes)
	slices.Sort(order)
	for more := true; more; more = nextPermutation(order) {
		w, err := s.walk(order, given, best.path)
		if err != nil {
			return best, err
		}
		if w.issued != nil && (best.issued == nil || w.path < best.path) {
			best = w
		}
	}
	return best, nil
}

// walk follows one order of the nodes. It gives up, with no issuer, as soon as the path can no longer
// be less than the best one.
func (s *state) walk(order []int32, given *issuer, best string) (walk, error) {
	if !s.spend(1 + len(order) + len(given.order)) {
		return walk{}, ErrWork
	}
	var path strings.Builder
	var inner []int32
	issued := given.clone()
	for _, n := range order {
		name, known := s.name(n, issued)
		if !known {
			inner = append(inner, n)
			issued.issue(n)
			name, _ = s.name(n, issued)
		}
		path.WriteString(name)
		if worse(path.String(), best) {
			return walk{}, nil
		}
	}
	for _, n := range inner {
		hash, next, err := s.nDegree(n, issued)
		if err != nil {
			return walk{}, err
		}
		name, _ := s.name(n, issued)
		path.WriteString(name + "<" + hash + ">")
		issued = next
		if worse(path.String(), best) {
			return walk{}, nil
		}
	}
	return walk{path.String(), issued}, nil
}

// worse is the test of steps 5.4.4.3 and 5.4.5.5.
func worse(path, best string) bool {
	return best != "" && len(path) >= len(best) && path > best
}

// spend takes n steps from what is left of the work and says whether there was enough.
func (s *state) spend(n int) bool {
	s.work -= n
	return s.work >= 0
}

// issuer hands out numbers in the order of asking (Issue Identifier Algorithm, §4.5). The order is
// part of the result.
type issuer struct {
	order   []int32
	numbers map[int32]int
}

func (is *issuer) hasIssued(n int32) bool {
	_, found := is.numbers[n]
	return found
}

// id is the number of n, which must have one.
func (is *issuer) id(n int32) int { return is.numbers[n] }

// issue gives n a number unless it has one.
func (is *issuer) issue(n int32) {
	if is.hasIssued(n) {
		return
	}
	if is.numbers == nil {
		is.numbers = map[int32]int{}
	}
	is.numbers[n] = len(is.order)
	is.order = append(is.order, n)
}

func (is *issuer) clone() *issuer {
	c := &issuer{order: slices.Clone(is.order), numbers: make(map[int32]int, len(is.order)+1)}
	for i, n := range is.order {
		c.numbers[n] = i
	}
	return c
}

// nextPermutation turns a into its successor in lexical order, and says whether there was one. Equal
// elements are not exchanged, so no order comes twice.
func nextPermutation(a []int32) bool {
	i := len(a) - 2
	for i >= 0 && a[i] >= a[i+1] {
		i--
	}
	if i < 0 {
		return false
	}
	j := len(a) - 1
	for a[j] <= a[i] {
		j--
	}
	a[i], a[j] = a[j], a[i]
	slices.Reverse(a[i+1:])
	return true
}
