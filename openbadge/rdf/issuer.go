package rdf

import "slices"

// issuer hands out numbers in the order of asking (Issue Identifier Algorithm, §4.5). The order is
// part of the result.
type issuer struct {
	order   []int32
	numbers map[int32]int
}

func (is *issuer) has(n int32) bool {
	_, found := is.numbers[n]
	return found
}

// id is the number of n, which must have one.
func (is *issuer) id(n int32) int { return is.numbers[n] }

// issue gives n a number unless it has one.
func (is *issuer) issue(n int32) {
	if is.has(n) {
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
