package programme

import (
	"cmp"
	"slices"
)

// Kind is what a subject is. Exams and certifications are separate name spaces.
type Kind string

// The kinds of subjects.
const (
	KindExam          Kind = "exam"
	KindCertification Kind = "certification"
)

// Subject is an exam or a certification by its code; as a requirement's leaf, as what was earned and as what a decision is about.
type Subject struct {
	Kind Kind   `json:"kind"`
	Code string `json:"code"`
}

// Compare orders certifications before exams, and each by code.
func (s Subject) Compare(other Subject) int {
	return cmp.Or(cmp.Compare(s.Kind, other.Kind), cmp.Compare(s.Code, other.Code)) // "certification" < "exam"
}

// Requirement is what a certification takes. Exactly one of its fields is set; lists are never empty. Its JSON is the grammar of
// the programme file.
type Requirement struct {
	Exam          string        `json:"exam,omitempty"`
	Certification string        `json:"certification,omitempty"`
	All           []Requirement `json:"all,omitempty"`
	Any           []Requirement `json:"any,omitempty"`
	AtLeast       *AtLeast      `json:"at_least,omitempty"`
}

// AtLeast asks for N of several requirements, 1 <= N <= len(Of).
type AtLeast struct {
	N  int           `json:"n"`
	Of []Requirement `json:"of"`
}

// Equal reports whether both trees are the same, order included.
func (r Requirement) Equal(s Requirement) bool {
	if r.Exam != s.Exam || r.Certification != s.Certification || (r.AtLeast == nil) != (s.AtLeast == nil) {
		return false
	}
	if r.AtLeast != nil && (r.AtLeast.N != s.AtLeast.N || !equalTrees(r.AtLeast.Of, s.AtLeast.Of)) {
		return false
	}
	return equalTrees(r.All, s.All) && equalTrees(r.Any, s.Any)
}

func equalTrees(a, b []Requirement) bool { return slices.EqualFunc(a, b, Requirement.Equal) }

// Named are the exams and certifications anywhere in the tree, each once, in the order of the file. What a named certification
// needs in turn is not part of it.
func (r Requirement) Named() []Subject {
	var named []Subject
	seen := map[Subject]bool{}
	r.leaves(func(s Subject) {
		if !seen[s] {
			seen[s] = true
			named = append(named, s)
		}
	})
	return named
}

func (r Requirement) leaves(visit func(Subject)) {
	if leaf, is := r.leaf(); is {
		visit(leaf)
	}
	_, of := r.branches()
	for _, branch := range of {
		branch.leaves(visit)
	}
}

// leaf is the subject of a requirement that is one exam or one certification.
func (r Requirement) leaf() (Subject, bool) {
	if r.Exam != "" {
		return Subject{KindExam, r.Exam}, true
	}
	return Subject{KindCertification, r.Certification}, r.Certification != ""
}

// branches reads every list as "n of these": all of them, one of them, or N.
func (r Requirement) branches() (n int, of []Requirement) {
	if r.AtLeast != nil {
		return r.AtLeast.N, r.AtLeast.Of
	}
	if r.Any != nil {
		return 1, r.Any
	}
	return len(r.All), r.All
}

// Convert makes the same tree of another type. leaf converts an exam or a certification; list gets the converted branches as the
// list that the requirement has: all, any, or n of them.
func Convert[T any](r Requirement, leaf func(Subject) T, list func(all, any []T, n int, of []T) T) T {
	if s, is := r.leaf(); is {
		return leaf(s)
	}
	_, branches := r.branches()
	converted := make([]T, len(branches))
	for i, branch := range branches {
		converted[i] = Convert(branch, leaf, list)
	}
	switch {
	case r.AtLeast != nil:
		return list(nil, nil, r.AtLeast.N, converted)
	case r.Any != nil:
		return list(nil, converted, 0, nil)
	}
	return list(converted, nil, 0, nil)
}

// satisfied reports whether the requirement is met by somebody of whom have says which exams were passed and which certifications
// are held. An empty requirement, which Parse never lets through, is not met.
func (r Requirement) satisfied(have func(Subject) bool) bool {
	if leaf, is := r.leaf(); is {
		return have(leaf)
	}
	n, of := r.branches()
	if len(of) == 0 {
		return false
	}
	for i, branch := range of {
		if n > len(of)-i {
			return false
		}
		if branch.satisfied(have) {
			n--
		}
		if n <= 0 {
			return true
		}
	}
	return false
}

// Missing is what somebody still needs, as the shortest requirement that says so ("also needs A, and B or C"); nil when nothing is.
// have is as in satisfied. open says what can still be got; ways that lead nowhere, such as a retired exam, are left out as long as
// another way remains. A nil open takes everything to be open.
func (r Requirement) Missing(have, open func(Subject) bool) *Requirement {
	if r.satisfied(have) {
		return nil
	}
	if open == nil || !r.satisfied(func(s Subject) bool { return have(s) || open(s) }) {
		open = func(Subject) bool { return true }
	}
	rest := r.remainder(have, open)
	return &rest
}

// remainder is what is left of a requirement that is not met but can be.
func (r Requirement) remainder(have, open func(Subject) bool) Requirement {
	if _, is := r.leaf(); is {
		return r
	}
	n, of := r.branches()
	var left []Requirement
	for _, branch := range of {
		if branch.satisfied(have) {
			n--
			continue
		}
		if branch.satisfied(func(s Subject) bool { return have(s) || open(s) }) {
			left = append(left, branch.remainder(have, open))
		}
	}
	return someOf(n, left)
}

// someOf is the simplest requirement for n of these.
func someOf(n int, of []Requirement) Requirement {
	switch {
	case n == len(of):
		list := flat(of, func(r Requirement) []Requirement { return r.All })
		return single(list, func(l []Requirement) Requirement { return Requirement{All: l} })
	case n == 1:
		list := flat(of, func(r Requirement) []Requirement { return r.Any })
		return single(list, func(l []Requirement) Requirement { return Requirement{Any: l} })
	}
	return Requirement{AtLeast: &AtLeast{N: n, Of: of}}
}

// flat lifts the lists of the same kind out of a list and drops repeats.
func flat(of []Requirement, inner func(Requirement) []Requirement) []Requirement {
	var list []Requirement
	for _, r := range of {
		parts := inner(r)
		if parts == nil {
			parts = []Requirement{r}
		}
		for _, part := range parts {
			if !slices.ContainsFunc(list, part.Equal) {
				list = append(list, part)
			}
		}
	}
	return list
}

func single(list []Requirement, several func([]Requirement) Requirement) Requirement {
	if len(list) == 1 {
		return list[0]
	}
	return several(list)
}
