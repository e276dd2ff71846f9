package jsonld

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/piprate/json-gold/ld"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// Options of ToRDF; the zero value is right for Open Badges 3.0.
type Options struct {
	// Contexts are further context documents by URL. They never replace an embedded one, and they
	// are refused when they use what the conversion does not follow (@import, @propagate, @base …).
	Contexts map[string][]byte
}

// ToRDF decodes a document strictly and gives its statements, as the deserialization algorithm of
// JSON-LD 1.1 does without a base. The order is that of the sorted member names; statements may
// repeat. Blank nodes are named b0, b1 …. Errors are *Error.
func ToRDF(doc []byte, o Options) ([]rdf.Quad, error) {
	v, err := Decode(doc)
	if err != nil {
		return nil, err
	}
	object, is := v.(map[string]any)
	if !is {
		return nil, failure(Malformed, nil, "the document is no object")
	}
	return MapToRDF(object, o)
}

// MapToRDF is ToRDF for a document that has been decoded already, with numbers as json.Number or
// float64. The document is not changed. Whoever decodes must have refused repeated members.
func MapToRDF(doc map[string]any, o Options) ([]rdf.Quad, error) {
	return environmentOf(o.Contexts).convert(doc)
}

func (e *environment) convert(doc map[string]any) ([]rdf.Quad, error) {
	c := converter{budget: maxMade, labels: map[string]string{}}
	if _, err := c.object(e.initial, nil, doc, rdf.Term{}); err != nil {
		return nil, err
	}
	if err := c.checkRootStatements(); err != nil {
		return nil, err
	}
	if c.disputed != nil {
		return nil, c.disputed
	}
	return c.quads, nil
}

// maxMade is the budget of one document for active contexts that are not kept yet. A unit is some
// 0.1 ms; the credentials of the official test material need less than 40 when nothing is kept.
const maxMade = 600

// converter collects the statements of one document.
type converter struct {
	quads  []rdf.Quad
	labels map[string]string // label in the document -> ours
	blanks int
	values int
	budget int
	path   []step

	root      *node                // the document itself
	elsewhere []statementElsewhere // what is said about it elsewhere
	disputed  *Error               // the first number that other programs write otherwise
}

// node is an object of the document that stands for a resource.
type node struct {
	subject, graph rdf.Term
	context        *active
}

func (c *converter) fail(k Kind, format string, args ...any) *Error {
	return failure(k, c.path, format, args...)
}

// at runs what converts one member or element, with the path to it.
func (c *converter) at(s step, convert func() error) error {
	if c.values++; c.values > MaxValues {
		return c.fail(TooLarge, "more than %d values", MaxValues)
	}
	if len(c.path) >= MaxDepth {
		return c.fail(TooLarge, "nested deeper than %d", MaxDepth)
	}
	c.path = append(c.path, s)
	err := convert()
	c.path = c.path[:len(c.path)-1]
	return err
}

// follow is active.follow with the place in the errors.
func (c *converter) follow(a *active, e edge) (*active, error) {
	next, err := a.follow(e, &c.budget)
	if err != nil {
		err := err.(*Error)
		return nil, c.fail(err.Kind, "%s", err.Detail)
	}
	return next, nil
}

func (c *converter) blank() rdf.Term {
	c.blanks++
	return rdf.Term{Kind: rdf.Blank, Value: "b" + strconv.Itoa(c.blanks-1)}
}

// named is the blank node that the document calls label.
func (c *converter) named(label string) rdf.Term {
	name, known := c.labels[label]
	if !known {
		t := c.blank()
		c.labels[label] = t.Value
		return t
	}
	return rdf.Term{Kind: rdf.Blank, Value: name}
}

// statementElsewhere is a statement about the root that is made elsewhere in the document: its index and place.
type statementElsewhere struct {
	quad int
	path []step
}

// checkRootStatements refuses a document that hides a property of its root in another object with the same
// id, as in {"id":"urn:a", "evidence":{"id":"urn:a", "validUntil":…}}: the statements, and so the
// signature, are the same as if it stood at the root, where readers look for it. It may be repeated
// elsewhere.
func (c *converter) checkRootStatements() error {
	if len(c.elsewhere) == 0 {
		return nil
	}
	elsewhere, said := map[int]bool{}, map[rdf.Quad]bool{}
	for _, s := range c.elsewhere {
		elsewhere[s.quad] = true
	}
	for i, q := range c.quads {
		if q.Subject == c.root.subject && !elsewhere[i] {
			said[q] = true
		}
	}
	for _, s := range c.elsewhere {
		if q := c.quads[s.quad]; !said[q] && c.root.context.meaning(q.Predicate.Value).defined {
			return failure(Unsupported, s.path, "a property of the document stands apart from it")
		}
	}
	return nil
}

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
