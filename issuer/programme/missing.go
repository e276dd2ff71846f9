package programme

import "slices"

// Missing is what somebody still needs, as the shortest requirement that says so ("also needs A, and B or C"); nil when nothing is.
// have is as in Satisfied. open says what can still be got; ways that lead nowhere, such as a retired exam, are left out as long as
// another way remains. A nil open takes everything to be open.
func (r Requirement) Missing(have, open func(Subject) bool) *Requirement {
	if r.Satisfied(have) {
		return nil
	}
	if open == nil || !r.Satisfied(func(s Subject) bool { return have(s) || open(s) }) {
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
		if branch.Satisfied(have) {
			n--
			continue
		}
		if branch.Satisfied(func(s Subject) bool { return have(s) || open(s) }) {
			left = append(left, branch.remainder(have, open))
		}
	}
	return someOf(n, left)
}

// someOf is the simplest requirement for n of these.
func someOf(n int, of []Requirement) Requirement {
	switch {
	case n == len(of):
		return single(flat(of, func(r Requirement) []Requirement { return r.All }), func(l []Requirement) Requirement { return Requirement{All: l} })
	case n == 1:
		return single(flat(of, func(r Requirement) []Requirement { return r.Any }), func(l []Requirement) Requirement { return Requirement{Any: l} })
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
