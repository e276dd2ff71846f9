package programme

import (
	"fmt"
	"slices"
	"strings"
)

// cycles refuses certifications that need themselves, directly or through others; each circle is told once.
func (c *checker) cycles() {
	needs := map[string][]string{}
	at := map[string]string{}
	for i, cert := range c.p.Certifications {
		if _, twice := at[cert.Code]; twice {
			continue
		}
		at[cert.Code] = fmt.Sprintf("/certifications/%d/requires", i)
		for _, s := range cert.Requires.Named() {
			if s.Kind == KindCertification {
				needs[cert.Code] = append(needs[cert.Code], s.Code)
			}
		}
	}
	w := walker{needs: needs, onPath: map[string]bool{}, done: map[string]bool{}}
	for _, cert := range c.p.Certifications {
		w.walk(cert.Code)
	}
	for _, circle := range w.circles {
		way := strings.Join(append(circle, circle[0]), " -> ")
		c.refuse(at[circle[0]], "", "certifications need each other in a circle: %s", way)
	}
}

type walker struct {
	needs   map[string][]string
	onPath  map[string]bool
	done    map[string]bool
	path    []string
	circles [][]string
}

func (w *walker) walk(code string) {
	if w.onPath[code] {
		w.circles = append(w.circles, slices.Clone(w.path[slices.Index(w.path, code):]))
		return
	}
	if w.done[code] {
		return
	}
	w.path, w.onPath[code] = append(w.path, code), true
	for _, needed := range w.needs[code] {
		w.walk(needed)
	}
	w.path, w.onPath[code] = w.path[:len(w.path)-1], false
	w.done[code] = true
}
