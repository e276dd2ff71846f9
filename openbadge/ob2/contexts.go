package ob2

import (
	"maps"
	"slices"

	"github.com/open-insignia/insignia/openbadge/jsonld"
)

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
