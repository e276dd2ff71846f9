package ob2

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/openbadge/jsonld"
)

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
			return one(value)
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
