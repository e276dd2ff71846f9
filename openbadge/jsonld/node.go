package jsonld

import (
	"slices"

	"github.com/piprate/json-gold/ld"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// object converts a node object that is the value of the term via, or the document itself if via is
// nil (JSON-LD 1.1 API §5.1.2, steps 7 to 13).
func (c *converter) object(a *active, via *ld.TermDefinition, o map[string]any, graph rdf.Term) (*node, error) {
	outer, err := c.enter(a, via, o)
	if err != nil {
		return nil, err
	}
	types, err := c.types(outer, o)
	if err != nil {
		return nil, err
	}
	inner, err := c.scope(outer, types)
	if err != nil {
		return nil, err
	}
	n := &node{graph: graph, context: inner}
	if n.subject, err = c.subject(inner, o); err != nil {
		return nil, err
	}
	if c.root == nil {
		c.root = n
	}
	if err := c.emitTypes(n, outer, types); err != nil {
		return nil, err
	}
	return n, c.members(n, o)
}

// enter finds the active context inside the object: back out of a type-scoped one, into the
// property-scoped one, into its own.
func (c *converter) enter(a *active, via *ld.TermDefinition, o map[string]any) (*active, error) {
	if a.previous != nil && !c.isReference(a, o) {
		a = a.previous
	}
	var err error
	if via != nil && via.HasContext {
		if a, err = c.follow(a, edge{term: via, how: propertyScoped}); err != nil {
			return nil, err
		}
	}
	own, found := o["@context"]
	if !found {
		return a, nil
	}
	for _, u := range listOf(own) {
		url, is := u.(string)
		if !is {
			return nil, c.fail(InlineContext, "@context holds something else than URLs")
		}
		if a, err = c.follow(a, edge{url: url, how: local}); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// isReference says whether an object is nothing but an id.
func (c *converter) isReference(a *active, o map[string]any) bool {
	for name := range o {
		return len(o) == 1 && a.expand(name, true) == "@id"
	}
	return false
}

// types gives the types of the object as written.
func (c *converter) types(a *active, o map[string]any) ([]string, error) {
	name, found, err := c.keyword(a, o, "@type")
	if !found {
		return nil, err
	}
	var types []string
	for _, v := range listOf(o[name]) {
		t, is := v.(string)
		if !is {
			return nil, c.fail(Malformed, "a type is no string")
		}
		types = append(types, t)
	}
	return types, nil
}

// keyword finds the member that stands for a keyword. JSON-LD merges two of @type; readers do not.
func (c *converter) keyword(a *active, o map[string]any, keyword string) (name string, found bool, err error) {
	for n := range o {
		if n != keyword && (a.terms[n] == nil || a.terms[n].ID != keyword) {
			continue
		}
		if found {
			return "", false, c.fail(Malformed, "two members mean %s", keyword)
		}
		name, found = n, true
	}
	return name, found, nil
}

// scope applies the contexts of the types, in the order of their names (step 11).
func (c *converter) scope(outer *active, types []string) (*active, error) {
	a := outer
	for _, name := range slices.Sorted(slices.Values(types)) {
		t := outer.terms[name]
		if t == nil || !t.HasContext {
			continue
		}
		var err error
		if a, err = c.follow(a, edge{term: t, how: typeScoped}); err != nil {
			return nil, err
		}
	}
	return a, nil
}
