// Package ob2 knows the vocabulary of Open Badges 2.x and of its forerunners 0.5, 1.0 and 1.1: the
// documents that we publish, and a tolerant reader of those that others publish, with the checks that
// follow from the documents alone (spec 2.0 sections 2, 3, 6, 7 and 11).
//
// Like its parent it is pure: the caller fetches (contexts and schemas of extensions, too), keeps the
// clock, finds the keys and gives the verdict. Documents in the plain spelling of the standard's own
// contexts are read as they stand; all others go through JSON-LD expansion and compaction first.
package ob2

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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

// detect is the official version detection, but an array of contexts is looked into.
func detect(m map[string]any) string {
	context, found := m["@context"]
	if !found {
		if _, isText := withoutListOfOne(m["recipient"]).(string); isText {
			return "0.5"
		}
		return "1.0"
	}
	urls := strings.Join(texts(context), " ")
	if strings.Contains(urls, "v1") && !strings.Contains(urls, "v2") {
		return "1.1"
	}
	return "2.0"
}

// asItStands: what is older than JSON-LD, and the list of 1.0, whose names are the ids that it revokes.
func (o *Object) asItStands(want string) bool {
	return o.Version == "0.5" || o.Version == "1.0" && want == KindRevocationList
}

// checkContext wants one of the standard's contexts, or an object that defines the terms inside the
// document.
func (o *Object) checkContext(context any) {
	if context == nil && (o.Version == "0.5" || o.Version == "1.0") || namesStandard(context) {
		return
	}
	o.problems = append(o.problems, openbadge.Problem{
		Code: openbadge.ContextProblem, Property: "@context", Message: "no known Open Badges context",
	})
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

// Contexts gives the addresses of the JSON-LD contexts that have to be fetched before the document can
// be read, sorted: those that it names beside the ones of the standard. A document without a context of
// the standard needs none, since it is refused. Contexts of extensions are not among them (Object.Extensions).
func (d *Document) Contexts() []string {
	if isPlain(d.m) || !namesStandard(d.m["@context"]) {
		return nil
	}
	return strangers(jsonld.Needs(withoutExtensions(d.m)))
}

// Work estimates what reading costs, in values handled; 0 for a plain document. Every context counts like
// a hundred values wherever it is named, and what was fetched by its length.
func (d *Document) Work(contexts map[string][]byte) int {
	if isPlain(d.m) {
		return 0
	}
	return work(d.m) + contextWork(contexts)
}

func contextWork(contexts map[string][]byte) int {
	n := 0
	for _, data := range contexts {
		n += len(data) / 10
	}
	return n
}

func work(value any) int {
	n := 1
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			n += work(inner)
			if name == "@context" {
				n += 100 * len(list(inner))
			}
		}
	case []any:
		for _, inner := range v {
			n += work(inner)
		}
	}
	return n
}

// MoreContexts gives the addresses of the contexts that a fetched context document names in its turn.
func MoreContexts(context []byte) []string {
	v, err := jsonld.Decode(context)
	if err != nil {
		return nil
	}
	return strangers(jsonld.Needs(v))
}

// strangers leaves out the standard's own contexts under whatever address.
func strangers(addresses []string) []string {
	return slices.DeleteFunc(addresses, IsStandard)
}

// withAliases adds the standard's contexts under their other addresses.
func withAliases(contexts map[string][]byte) map[string][]byte {
	all := maps.Clone(contexts)
	if all == nil {
		all = map[string][]byte{}
	}
	for _, edition := range [][]string{contextsV1, contextsV2} {
		data, _ := jsonld.Context(edition[0])
		for _, address := range edition {
			if _, embedded := jsonld.Context(address); !embedded {
				all[address] = data
			}
		}
	}
	return all
}

// withoutExtensions copies a document without its extensions, which are judged by their own rules and
// bring contexts that bear on nothing else.
func withoutExtensions(m map[string]any) map[string]any {
	out := maps.Clone(m)
	for name, value := range m {
		switch {
		case name == "@context":
		case isExtension(value):
			delete(out, name)
		default:
			out[name] = withoutExtensionsIn(value)
		}
	}
	return out
}

func withoutExtensionsIn(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return withoutExtensions(v)
	case []any:
		values := make([]any, 0, len(v))
		for _, one := range v {
			if !isExtension(one) {
				values = append(values, withoutExtensionsIn(one))
			}
		}
		return values
	}
	return value
}

const contextV1 = "https://w3id.org/openbadges/v1"

// Addresses of the standard's contexts. They are the same documents wherever they are named.
var (
	contextsV2 = []string{
		Context, "http://w3id.org/openbadges/v2",
		"https://openbadgespec.org/v2/context.json", "https://w3id.org/openbadges/v2/context.json",
	}
	contextsV1 = []string{
		contextV1, "http://w3id.org/openbadges/v1",
		"https://openbadgespec.org/v1", "http://openbadgespec.org/v1", "https://openbadgespec.org/v1/context.json",
	}
)

// IsStandard reports whether an address is one of a 1.x or 2.0 context of the standard.
func IsStandard(address string) bool {
	return slices.Contains(contextsV1, address) || slices.Contains(contextsV2, address)
}

// namesStandard reports whether one of the contexts is the standard's, or one inside the document that
// defines the terms (published test files carry the whole of v2 that way).
func namesStandard(context any) bool {
	return slices.ContainsFunc(list(context), func(c any) bool {
		address, isText := c.(string)
		_, isObject := c.(map[string]any)
		return isObject || isText && IsStandard(address)
	})
}

// idTerms are the members whose values are IRIs by the context.
var idTerms = []string{"id", "@id", "author", "claim", "creator", "endorsement", "image", "owner", "publicKey", "related", "url", "alignment",
	"badge", "criteria", "evidence", "issuer", "recipient", "revocationList", "verification", "verify"}

// prefixes of compact IRIs that the contexts define.
var prefixes = []string{"extensions:", "obi:", "ob:", "cred:", "dc:", "schema:", "sec:", "xsd:", "rdf:", "rdfs:"}

// isPlain reports whether an object, and everything in it but extensions, is in the spelling of the
// standard's own contexts, so that its names mean what they say.
func isPlain(m map[string]any) bool { return plainFor(m, plainContexts(m["@context"])) }

// plainContexts are the contexts that a nested object may repeat without changing anything; nil when
// the document's own are not all of one edition.
func plainContexts(context any) []string {
	addresses := texts(context)
	if len(addresses) != len(list(context)) {
		return nil
	}
	for _, edition := range [][]string{contextsV2, contextsV1} {
		if !slices.ContainsFunc(addresses, func(a string) bool { return !slices.Contains(edition, a) }) {
			return edition
		}
	}
	return nil
}

func plainFor(m map[string]any, edition []string) bool {
	if edition == nil {
		return false
	}
	for name, value := range m {
		switch {
		case isExtension(value):
		case name == "@context":
			if slices.ContainsFunc(list(value), func(c any) bool { return !slices.Contains(edition, text(c)) }) {
				return false
			}
		case name != "@id" && name != "@type" && name != "@language" && strings.ContainsAny(name, "@:"):
			return false
		case !plainValue(name, value, edition):
			return false
		}
	}
	return true
}

func plainValue(name string, value any, edition []string) bool {
	switch v := value.(type) {
	case map[string]any:
		return plainFor(v, edition)
	case []any:
		return !slices.ContainsFunc(v, func(one any) bool {
			_, isList := one.([]any)
			return isList || !isExtension(one) && !plainValue(name, one, edition)
		})
	case string:
		switch {
		case name == "type" || name == "@type":
			return !strings.Contains(v, ":") || slices.Contains(knownIRIs, v)
		case slices.Contains(idTerms, name):
			return !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(v, p) })
		}
	}
	return true
}

// knownIRIs are types that occur in plain documents and mean no class of section 2.
var knownIRIs = []string{"schema:ImageObject"}
