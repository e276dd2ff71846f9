package jsonld

import (
	"maps"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

const (
	rdfType = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
	rdfJSON = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"
)

// subject is the resource that the object describes.
func (c *converter) subject(a *active, o map[string]any) (rdf.Term, error) {
	name, found, err := c.keyword(a, o, "@id")
	if err != nil {
		return rdf.Term{}, err
	}
	if !found {
		return c.blank(), nil
	}
	id, is := o[name].(string)
	if !is {
		return rdf.Term{}, c.fail(Malformed, "%.100s is no string", name)
	}
	return c.resource(a.expand(id, false), id)
}

// resource makes a term of an expanded id, which must be absolute by now.
func (c *converter) resource(iri, written string) (rdf.Term, error) {
	if label, is := strings.CutPrefix(iri, "_:"); is {
		return c.named(label), nil
	}
	if !rdf.ValidIRI(iri) {
		return rdf.Term{}, c.fail(RelativeIRI, "%.100q", written)
	}
	return rdf.Term{Kind: rdf.IRI, Value: iri}, nil
}

// emitTypes states the types, which the context outside of them defines.
func (c *converter) emitTypes(n *node, outer *active, types []string) error {
	for _, t := range types {
		iri := outer.expand(t, true)
		if !rdf.ValidIRI(iri) {
			return c.fail(UndefinedTerm, "type %.100q", t)
		}
		if outer.shadowed(t, iri) {
			return c.fail(Unsupported, "type %.100q stands where the context has a term", t)
		}
		c.emit(n, rdfType, rdf.Term{Kind: rdf.IRI, Value: iri})
	}
	return nil
}

func (c *converter) members(n *node, o map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if name == "@context" {
			continue
		}
		if err := c.at(step{name: name, index: -1}, func() error { return c.member(n, name, o[name]) }); err != nil {
			return err
		}
	}
	return nil
}

// member converts one member of a node object (step 13).
func (c *converter) member(n *node, name string, v any) error {
	iri := n.context.expand(name, true)
	switch {
	case iri == "@id" || iri == "@type":
		return nil
	case strings.HasPrefix(iri, "@"):
		return c.fail(Unsupported, "keyword %.100s", iri)
	case !rdf.ValidIRI(iri):
		return c.fail(UndefinedTerm, "%.100q", name)
	}
	if iri == rdfType || n.context.shadowed(name, iri) {
		return c.fail(Unsupported, "%.100q stands where the context has a term", name)
	}
	return c.property(n, place{name, iri, n.context.terms[name]}, v)
}
