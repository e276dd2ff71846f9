package ob2

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge/jsonld"
)

// Extension is an object with terms of its own inside a document (spec 2.0 section 2). Contexts are the
// addresses that give its terms their meaning beside the standard's, in order; Types are as written.
type Extension struct {
	Name     string // of the member that holds it, as a path
	Contexts []string
	Types    []string
	Inline   bool // a context stands inside the document

	m       map[string]any
	context []any // all of them, in order
}

const extensionIRI = "https://w3id.org/openbadges#Extension"

// isExtension: an object whose types contain Extension, in any spelling of the standard's contexts.
func isExtension(value any) bool {
	m := object(value)
	if m == nil {
		return false
	}
	return slices.ContainsFunc(append(texts(m["type"]), texts(m["@type"])...), func(t string) bool {
		return t == "Extension" || t == "obi:Extension" || t == extensionIRI
	})
}

// hasExtension reports whether there is an extension anywhere inside.
func hasExtension(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			if isExtension(inner) || hasExtension(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(inner any) bool { return isExtension(inner) || hasExtension(inner) })
	}
	return false
}

// Extensions gives the extensions of a whole document, in the order of their names. Those inside an embedded
// badge class, profile, key or endorsement with an address are left out, since such a copy is only a
// hint (spec 2.0 section 6, step 5), unless whole is set: everything in a signed document counts.
func (o *Object) Extensions(whole bool) []Extension {
	if o.document == nil {
		return nil
	}
	w := extensionWalk{whole: whole}
	w.object(o.document.m, "", nil)
	return w.found
}

type extensionWalk struct {
	whole bool
	found []Extension
}

func (w *extensionWalk) object(m map[string]any, path string, outer []any) {
	context := append(slices.Clone(outer), list(m["@context"])...)
	for _, name := range slices.Sorted(maps.Keys(m)) {
		for _, value := range list(m[name]) {
			inner := object(value)
			switch {
			case inner == nil || name == "@context":
			case isExtension(inner):
				w.extension(inner, path+name, context)
			case w.whole || !isHint(name, inner):
				w.object(inner, path+name+".", context)
			}
		}
	}
}

func isHint(name string, m map[string]any) bool {
	links := []string{"badge", "issuer", "publicKey", "endorsement", "revocationList"}
	return slices.Contains(links, name) && (isWeb(text(m["id"])) || isWeb(text(m["@id"])))
}

func (w *extensionWalk) extension(m map[string]any, path string, outer []any) {
	e := Extension{Name: path, m: m, context: append(slices.Clone(outer), list(m["@context"])...)}
	e.Types = slices.DeleteFunc(append(texts(m["type"]), texts(m["@type"])...), func(t string) bool {
		return t == "Extension" || t == "obi:Extension" || t == extensionIRI
	})
	for _, c := range e.context {
		address := text(c)
		switch {
		case address == "":
			e.Inline = e.Inline || c != nil
		case !IsStandard(address) && !slices.Contains(e.Contexts, address):
			e.Contexts = append(e.Contexts, address)
		}
	}
	w.found = append(w.found, e)
	// What sits inside an extension is the extension's matter.
}

// prefixesOf are the short names that expand the types of an extension: those of the standard, and of
// its own context.
func prefixesOf(context map[string]any) map[string]string {
	known := map[string]string{
		"extensions": "https://w3id.org/openbadges/extensions#", "obi": "https://w3id.org/openbadges#", "schema": "http://schema.org/",
	}
	for name, value := range context {
		iri := text(value)
		if m := object(value); m != nil {
			iri = text(m["@id"])
		}
		if _, taken := known[name]; !taken && iri != "" {
			known[name] = iri
		}
	}
	return known
}

// fullType expands the name of a type. The first extensions were named under another address, which
// means the same ("obi:extensions/#ApplyLink").
func fullType(name string, known map[string]string) string {
	for range 4 { // a prefix may be a compact IRI itself
		prefix, rest, compact := strings.Cut(name, ":")
		iri, found := known[prefix]
		switch {
		case !compact && known[name] != "" && known[name] != name:
			name = known[name]
			continue
		case !compact || !found || strings.HasPrefix(rest, "//"):
		default:
			name = iri + rest
			continue
		}
		break
	}
	for _, old := range []string{"https://w3id.org/openbadges#extensions/#", "https://w3id.org/openbadges/extensions/#"} {
		if rest, found := strings.CutPrefix(name, old); found {
			return known["extensions"] + rest
		}
	}
	return name
}

// Published gives a context or schema of the standard's own, which never has to be fetched, also under
// the http form of its address. The bytes must not be changed.
func Published(address string) (data []byte, found bool) {
	if rest, plain := strings.CutPrefix(address, "http://"); plain {
		address = "https://" + rest
	}
	return jsonld.Document(address)
}

// Schemas gives the addresses of the JSON schemas that the contexts of an extension prescribe for its
// types, without repeats. Extensions without any are nothing special.
func (e Extension) Schemas(contexts map[string][]byte) []string {
	var schemas []string
	for _, address := range e.Contexts {
		for _, rule := range rulesOf(contexts[address]) {
			wanted := fullType(rule.class, rule.prefixes)
			named := slices.ContainsFunc(e.Types, func(t string) bool { return fullType(t, rule.prefixes) == wanted })
			if named && !slices.Contains(schemas, rule.schema) {
				schemas = append(schemas, rule.schema)
			}
		}
	}
	return schemas
}

// Work estimates what judging the extension costs, as Document.Work does.
func (e Extension) Work(contexts map[string][]byte) int {
	return work(e.m) + 100*len(e.context) + contextWork(contexts)
}

// prescription is one entry of obi:validation: objects of the class have to pass the schema.
type prescription struct {
	class, schema string
	prefixes      map[string]string
}

// IsContext reports whether data can be the document of a JSON-LD context.
func IsContext(data []byte) bool {
	v, err := jsonld.Decode(data)
	return err == nil && object(v)["@context"] != nil
}

func rulesOf(data []byte) []prescription {
	v, err := jsonld.Decode(data)
	document := object(v)
	if err != nil || document == nil {
		return nil
	}
	known := map[string]any{}
	for _, c := range list(document["@context"]) {
		for name, value := range object(c) {
			known[name] = value
		}
	}
	var rules []prescription
	for _, entry := range list(member(document, "validation")) {
		m := object(entry)
		class, schema := reference(member(m, "validatesType")), reference(member(m, "validationSchema"))
		if class != "" && schema != "" {
			rules = append(rules, prescription{class, schema, prefixesOf(known)})
		}
	}
	return rules
}

// member finds a term of the standard under its names.
func member(m map[string]any, name string) any {
	for _, spelling := range []string{"obi:" + name, name, "https://w3id.org/openbadges#" + name} {
		if value, found := m[spelling]; found {
			return withoutListOfOne(value)
		}
	}
	return nil
}

func reference(v any) string {
	if m := object(v); m != nil {
		return text(m["@id"]) + text(m["id"])
	}
	return text(v)
}

// extensionContext is the name under which all contexts of an extension are handed to the compaction.
const extensionContext = "https://w3id.org/openbadges/extensions#all"

// Compacted gives the extension in the terms of its own contexts, the form that its schemas are for.
// The error is jsonld's.
func (e Extension) Compacted(contexts map[string][]byte) (map[string]any, error) {
	document := maps.Clone(e.m)
	own := slices.DeleteFunc(slices.Clone(e.context), func(c any) bool { return c == nil })
	if !namesStandard(own) {
		own = append([]any{Context}, own...)
	}
	document["@context"] = own
	target := []any{Context}
	for _, address := range e.Contexts {
		target = append(target, address)
	}
	all, err := json.Marshal(map[string]any{"@context": target})
	if err != nil {
		return nil, fmt.Errorf("extension %s: %w", e.Name, err)
	}
	extra := withAliases(contexts)
	extra[extensionContext] = all
	compacted, err := jsonld.Compact(document, extensionContext, extra)
	if err != nil {
		return nil, fmt.Errorf("extension %s: %w", e.Name, err)
	}
	delete(compacted, "@context")
	return compacted, nil
}
