package jsonld

import (
	"maps"
	"slices"

	"github.com/piprate/json-gold/ld"
)

// OB2 is the context that Open Badges 2.x documents are compacted into.
const OB2 = "https://w3id.org/openbadges/v2"

// The limits of Compact: how many contexts a document may bring along, by URL or inline, and how many
// terms they may have all together. Each of them is processed anew wherever it stands.
const (
	maxContexts = 64
	maxTerms    = 10_000
	maxCompact  = 10_000 // values of a document
)

// Needs lists the context URLs that occur anywhere in a decoded document, or in a decoded context
// document, and are not embedded; sorted. They are as written: relative ones, too.
func Needs(doc any) []string {
	found := map[string]bool{}
	walk(doc, MaxDepth, func(context any) {
		for _, c := range listOf(context) {
			if url, is := c.(string); is {
				if _, known := Context(url); !known {
					found[url] = true
				}
			}
		}
	})
	return slices.Sorted(maps.Keys(found))
}

// walk visits the value of every @context member, also inside contexts, and counts the values.
func walk(v any, depth int, visit func(context any)) int {
	if depth == 0 {
		return maxCompact + 1
	}
	n := 1
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			n += walk(inner, depth-1, visit)
		}
	case map[string]any:
		for name, inner := range v {
			if name == "@context" {
				visit(inner)
			}
			n += walk(inner, depth-1, visit)
		}
	}
	return n
}

// Compact expresses a 2.x document in the terms of a context (JSON-LD 1.0 API, expansion and
// compaction): whatever way its properties, types and ids were written, they come out under the names
// of that context; members that no context maps are left out. The document may use embedded contexts,
// those in extra (by URL), and inline ones. A property with one value has no array. Several nodes at
// the top come out under @graph. Errors are *Error.
func Compact(doc map[string]any, context string, extra map[string][]byte) (compacted map[string]any, err error) {
	if err := checkCompact(doc); err != nil {
		return nil, err
	}
	l := &budgetLoader{environment: &environment{extra: extra}}
	defer func() { // json-gold panics over some malformed documents and contexts
		if r := recover(); r != nil {
			compacted, err = nil, failure(Malformed, nil, "JSON-LD: %v", r)
		}
	}()
	o := ld.NewJsonLdOptions("")
	o.ProcessingMode = ld.JsonLd_1_0
	o.DocumentLoader = l
	compacted, err = ld.NewJsonLdProcessor().Compact(doc, context, o)
	if l.refused != nil {
		return nil, l.refused
	}
	if err != nil {
		return nil, failure(Malformed, nil, "JSON-LD: %v", err)
	}
	return compacted, nil
}

func checkCompact(doc map[string]any) error {
	contexts, terms := 0, 0
	values := walk(doc, MaxDepth, func(context any) {
		contexts += len(listOf(context))
		terms += countTerms(context)
	})
	switch {
	case values > maxCompact:
		return failure(TooLarge, nil, "more than %d values or nested deeper than %d", maxCompact, MaxDepth)
	case contexts > maxContexts || terms > maxTerms:
		return failure(TooLarge, nil, "more than %d contexts or %d terms", maxContexts, maxTerms)
	}
	return nil
}

// budgetLoader hands contexts to json-gold until the budget is used up, which also ends contexts that
// include themselves.
type budgetLoader struct {
	*environment
	loads, terms int
	refused      error
}

func (l *budgetLoader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	local, err := l.spend(url)
	if err != nil {
		if l.refused == nil {
			l.refused = err
		}
		return nil, err
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: map[string]any{"@context": local}}, nil
}

func (l *budgetLoader) spend(url string) (any, error) {
	local, err := l.read(url)
	if err != nil {
		return nil, err
	}
	l.loads++
	if l.terms += countTerms(local); l.loads > maxContexts || l.terms > maxTerms {
		return nil, failure(TooLarge, nil, "more than %d contexts or %d terms", maxContexts, maxTerms)
	}
	return local, nil
}
