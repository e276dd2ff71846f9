package rdf

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

func blank(n int) Term { return Term{Kind: Blank, Value: "e" + strconv.Itoa(n)} }

func iri(s string) Term { return Term{Kind: IRI, Value: s} }

// poison makes graphs whose blank nodes all look alike.
var poison = map[string]func() []Quad{
	"clique 8":       func() []Quad { return clique(8) },
	"clique 12":      func() []Quad { return clique(12) },
	"clique 200":     func() []Quad { return clique(200) },
	"cycle 2000":     func() []Quad { return cycle(2000, 1) },
	"cycle 50000":    func() []Quad { return cycle(50000, 1) },
	"double cycle":   func() []Quad { return slices.Concat(cycle(300, 1), cycle(300, 7)) },
	"grid":           func() []Quad { return slices.Concat(cycle(400, 1), cycle(400, 20)) },
	"lattice":        func() []Quad { return slices.Concat(cycle(6, 1), cycle(6, 2), cycle(6, 3), cycle(6, 5)) },
	"star":           func() []Quad { return star(12) },
	"star of 20,000": func() []Quad { return star(20000) },
	"pairs":          func() []Quad { return pairs(20000) },
}

func clique(n int) []Quad {
	var quads []Quad
	for i := range n {
		for j := range n {
			if i != j {
				quads = append(quads, Quad{Subject: blank(i), Predicate: iri("urn:p"), Object: blank(j)})
			}
		}
	}
	return quads
}

func cycle(n, stride int) []Quad {
	var quads []Quad
	for i := range n {
		quads = append(quads, Quad{Subject: blank(i), Predicate: iri("urn:p"), Object: blank((i + stride) % n)})
	}
	return quads
}

// star is n alike nodes around two alike centres, so that the centres are not told apart first.
func star(n int) []Quad {
	var quads []Quad
	for i := range n {
		quads = append(quads, Quad{Subject: blank(n + i%2), Predicate: iri("urn:p"), Object: blank(i)})
	}
	return quads
}

func pairs(n int) []Quad {
	var quads []Quad
	for i := range n {
		quads = append(quads, Quad{Subject: blank(2 * i), Predicate: iri("urn:p"), Object: blank(2*i + 1)})
	}
	return quads
}

// What is refused is refused soon and with little memory; what is not has its one form.
func TestPoisonIsRefusedSoon(t *testing.T) {
	for name, make := range poison {
		t.Run(name, func(t *testing.T) {
			quads := make()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			from := time.Now()
			_, err := Canonicalize(quads, Options{})
			took := time.Since(from)
			runtime.ReadMemStats(&after)
			if err != nil && !errors.Is(err, ErrWork) {
				t.Errorf("got %v, want ErrWork", err)
			}
			t.Log(len(quads), "quads", took, fmt.Sprintf("%d MB", (after.TotalAlloc-before.TotalAlloc)>>20), err)
			if megabytes := (after.TotalAlloc - before.TotalAlloc) >> 20; megabytes > 64 {
				t.Errorf("took %d MB", megabytes)
			}
		})
	}
}
