package ob2

import (
	"fmt"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/jsonld"
)

// Document is JSON of a 2.x or older document, decoded and not yet read. It is not changed by reading
// and may be read more than once.
type Document struct {
	raw []byte
	m   map[string]any
}

// Parse decodes a document. An error means that there is nothing to judge (it wraps openbadge.ErrJSON
// or ErrNoObject).
func Parse(data []byte) (*Document, error) {
	var v any
	if err := openbadge.UnmarshalStrict(data, &v); err != nil {
		return nil, err
	}
	m, isObject := v.(map[string]any)
	if !isObject {
		return nil, fmt.Errorf("%w: JSON is no object", ErrNoObject)
	}
	return &Document{raw: data, m: m}, nil
}

// Read brings the document up to the names of 2.0 (spec 2.0 sections 1 and 11). from is the URL that it
// was fetched from ("" when it came without one): older editions have no id of their own. want is the
// kind that the link which led here asks for, "" for the document a check starts with. contexts holds
// what Contexts asked for, by address. All faults are told by Problems.
//
// A document in the plain spelling of the standard's contexts is read as it stands; any other goes
// through JSON-LD expansion and compaction into the 2.0 context, which gives the same for plain ones.
func (d *Document) Read(from, want string, contexts map[string][]byte) *Object {
	o := &Object{Version: detect(d.m), Raw: d.raw}
	if hasExtension(d.m) {
		o.document = d // no longer needed without
	}
	m := d.m
	if !o.asItStands(want) { // a list of 1.0 may give null for a reason
		m, o.Nulls = openbadge.WithoutNulls(m)
	}
	if o.checkContext(m["@context"]); len(o.problems) == 0 && !o.asItStands(want) && !isPlain(m) {
		m = o.compact(m, contexts)
	}
	o.m = o.normal(m)
	o.upgrade(from, want)
	o.settle(want)
	return o
}

// asItStands: what is older than JSON-LD, and the list of 1.0, whose names are the ids that it revokes.
func (o *Object) asItStands(want string) bool {
	return o.Version == "0.5" || o.Version == "1.0" && want == KindRevocationList
}

// compact brings a document into the terms of the 2.0 context. One that JSON-LD cannot make sense of
// keeps its own terms and gets a problem.
func (o *Object) compact(m map[string]any, contexts map[string][]byte) map[string]any {
	document := withoutExtensions(m)
	if document["@context"] == nil {
		document["@context"] = contextV1 // 1.0 -> 1.1: spec 2.0 section 11
	}
	compacted, err := jsonld.Compact(document, Context, withAliases(contexts))
	if err != nil {
		o.problems = append(o.problems, openbadge.Problem{
			Code: openbadge.ContextProblem, Property: "@context", Message: "the document cannot be read as JSON-LD",
		})
		return m
	}
	return compacted
}
