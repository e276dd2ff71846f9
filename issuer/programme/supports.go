package programme

import "slices"

// supports are the passes that a satisfied requirement rests on, the one being judged among them: for each exam its first pass, or
// the pass being judged; for each certification what that rests on itself. Where more is satisfied than needed, the way that uses
// the pass being judged is taken, or else the first. What is earned by this pass only because a certification that it names is (step 2)
// rests on that one as well, even where its requirement is satisfied in another way.
func (f *fold) supports(c *candidate) []int {
	places := union(f.rests(c.cert.Requires), []int{f.at})
	if c.through != nil {
		places = union(places, c.through.supports)
	}
	return places
}

func (f *fold) rests(r Requirement) []int {
	if leaf, is := r.leaf(); is {
		if leaf.Kind == KindCertification {
			return union(f.last[leaf].supports, f.last[leaf].renewals) // without its renewals it might be over
		}
		if leaf.Code == f.code {
			return []int{f.at}
		}
		return []int{f.passed[leaf.Code]}
	}
	n, of := r.branches()
	var ways [][]int
	for _, branch := range of {
		if branch.Satisfied(f.have) {
			ways = append(ways, f.rests(branch))
		}
	}
	slices.SortStableFunc(ways, func(a, b []int) int { return compareBools(f.uses(b), f.uses(a)) })
	var all []int
	for _, way := range ways[:n] {
		all = union(all, way)
	}
	return all
}

// uses reports whether the pass being judged is among these.
func (f *fold) uses(places []int) bool { return slices.Contains(places, f.at) }

// union is both sets of places, ascending; neither is changed.
func union(a, b []int) []int {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
