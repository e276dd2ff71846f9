package programme

import (
	"slices"
)

// candidate is a certification that the pass being judged may bear on.
type candidate struct {
	cert    *Certification
	place   int     // in the programme
	named   bool    // the certification names the exam; otherwise a certification that it names was earned by this pass
	through *tenure // where it is not named: the certification that it names, earned by this pass
	was     *tenure // its latest earning before the pass, or nil
	held    bool    // whether that held before the pass
	now     *tenure // earned by this pass
	renewed bool    // by this pass
}

func (c *candidate) subject() Subject { return Subject{KindCertification, c.cert.Code} }

func (c *candidate) inProgramme(day Date) bool {
	return counts(c.cert.InProgrammeSince, c.cert.Retired, day)
}

func (f *fold) candidate(place int, through *tenure) *candidate {
	c := &candidate{cert: &f.version.Programme.Certifications[place], place: place, named: through == nil, through: through}
	c.was = f.last[c.subject()]
	c.held = c.was != nil && c.was.held(f.day)
	return c
}

func (c *candidate) expiry(from Date) Date {
	if c.cert.ValidFor == 0 {
		return Date{}
	}
	return from.AddMonths(int(c.cert.ValidFor))
}

// opens is the first day on which a pass renews what is held; zero where nothing expires.
func (c *candidate) opens() Date {
	if c.was.Expires.IsZero() {
		return Date{}
	}
	window := c.cert.RenewalWindow
	if c.cert.ValidFor == 0 {
		window = c.cert.ValidFor.window() // held from a version in which it still expired
	}
	return c.was.Expires.AddDays(-int(window))
}

func (c *candidate) inWindow(day Date) bool {
	return !c.was.Expires.IsZero() && !day.Before(c.opens())
}

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
		if branch.satisfied(f.passedOrHolds) {
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
