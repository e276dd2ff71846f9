package jsonld

import (
	"slices"

	"github.com/piprate/json-gold/ld"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

const (
	rdfFirst = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first"
	rdfRest  = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest"
	rdfNil   = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"
)

// place is a property of a node as the document names it; the term is nil if the name is an IRI.
type place struct {
	name, iri string
	term      *ld.TermDefinition
}

// property states all values of a property.
func (c *converter) property(n *node, p place, v any) error {
	list, graph := false, false
	if p.term != nil {
		for _, container := range p.term.Container {
			switch container {
			case "@set":
			case "@list":
				list = true
			case "@graph":
				graph = true
			default:
				return c.fail(Unsupported, "container %s", container)
			}
		}
		if p.term.Reverse {
			return c.fail(Unsupported, "reverse property")
		}
	}
	switch {
	case p.term != nil && p.term.Type == "@json":
		literal, err := c.json(v)
		if err == nil {
			c.emit(n, p.iri, literal)
		}
		return err
	case list:
		return c.list(n, p, v)
	case graph:
		return c.forEachValue(v, func(v any) error { return c.inGraph(n, p, v) })
	}
	return c.forEachValue(v, func(v any) error {
		term, err := c.value(n, p, v)
		if err == nil {
			c.emit(n, p.iri, term)
		}
		return err
	})
}

// forEachValue converts the values of a set: arrays are flattened, null means no value.
func (c *converter) forEachValue(v any, convert func(any) error) error {
	list, is := v.([]any)
	if !is {
		if v == nil {
			return nil
		}
		return convert(v)
	}
	for i, v := range list {
		if err := c.at(step{index: i}, func() error { return c.forEachValue(v, convert) }); err != nil {
			return err
		}
	}
	return nil
}

// list states an ordered list. A list in a list is refused: the badge vocabularies have none.
func (c *converter) list(n *node, p place, v any) error {
	if slices.ContainsFunc(listOf(v), isArray) {
		return c.fail(Unsupported, "list in a list")
	}
	var items []rdf.Term
	err := c.forEachValue(v, func(v any) error {
		item, err := c.value(n, p, v)
		items = append(items, item)
		return err
	})
	if err != nil || v == nil {
		return err
	}
	head := rdf.Term{Kind: rdf.IRI, Value: rdfNil}
	for _, item := range slices.Backward(items) {
		cell := &node{subject: c.blank(), graph: n.graph}
		c.emit(cell, rdfFirst, item)
		c.emit(cell, rdfRest, head)
		head = cell.subject
	}
	c.emit(n, p.iri, head)
	return nil
}

func isArray(v any) bool {
	_, is := v.([]any)
	return is
}

// inGraph converts a value of a graph container: a node whose statements stand in a graph of their
// own. What states nothing there would vanish.
func (c *converter) inGraph(n *node, p place, v any) error {
	o, is := v.(map[string]any)
	if !is {
		return c.fail(Unsupported, "%.100s takes objects", p.name)
	}
	graph := c.blank()
	before := len(c.quads)
	if _, err := c.object(n.context, p.term, o, graph); err != nil {
		return err
	}
	if len(c.quads) == before {
		return c.fail(Unsupported, "%s holds an object that states nothing", p.name)
	}
	c.emit(n, p.iri, graph)
	return nil
}

// value converts one value, neither array nor null.
func (c *converter) value(n *node, p place, v any) (rdf.Term, error) {
	o, is := v.(map[string]any)
	if !is {
		a, err := c.inside(n, p)
		if err != nil {
			return rdf.Term{}, err
		}
		return c.scalar(a, a.terms[p.name], v)
	}
	name, found, err := c.keyword(n.context, o, "@value")
	if err != nil {
		return rdf.Term{}, err
	}
	if found {
		a, err := c.inside(n, p)
		if err != nil {
			return rdf.Term{}, err
		}
		return c.valueObject(a, a.terms[p.name], o, name)
	}
	inner, err := c.object(n.context, p.term, o, n.graph)
	if err != nil {
		return rdf.Term{}, err
	}
	return inner.subject, nil
}

// inside is the context for a scalar or value object of a property (JSON-LD 1.1 API §5.1.2, steps 4.2
// and 8).
func (c *converter) inside(n *node, p place) (*active, error) {
	if p.term == nil || !p.term.HasContext {
		return n.context, nil
	}
	return c.follow(n.context, edge{term: p.term, how: propertyScoped})
}

// emit states something about a node.
func (c *converter) emit(n *node, predicate string, object rdf.Term) {
	c.quads = append(c.quads, rdf.Quad{
		Subject: n.subject, Predicate: rdf.Term{Kind: rdf.IRI, Value: predicate}, Object: object, Graph: n.graph,
	})
	if n != c.root && n.subject == c.root.subject && n.graph == c.root.graph && predicate != rdfType {
		c.elsewhere = append(c.elsewhere, statementElsewhere{len(c.quads) - 1, slices.Clone(c.path)})
	}
}
