package jsonld

import (
	"strconv"

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
	if err := c.checkApart(); err != nil {
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

	root     *node   // the document itself
	apart    []apart // what is said about it elsewhere
	disputed *Error  // the first number that other programs write otherwise
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
