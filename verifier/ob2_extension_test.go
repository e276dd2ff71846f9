package verifier

import (
	"fmt"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge/ob2"
)

const (
	homeContext = "https://w3id.org/openbadges/extensions/applyLinkExtension/context.json"
	ownContext  = "https://terms.test/context.json"
	ownSchema2  = "https://terms.test/schema.json"
)

// applied gives the class an extension of the standard's own.
func applied(members map[string]any) func(w *world) {
	e := map[string]any{"@context": homeContext, "type": []string{"Extension", "extensions:ApplyLink"}}
	for name, value := range members {
		e[name] = value
	}
	return to(classID, "extensions:applyLink", e)
}

// measured gives the class an extension of somebody's own, with this schema.
func measured(schema string, value any) func(w *world) {
	return func(w *world) {
		w.put(ownContext, "application/ld+json", `{"@context":{"m":"https://terms.test/#","height":"m:height","inner":"m:inner"},"obi:validation":[{"obi:validatesType":"m:Measure","obi:validationSchema":"`+ownSchema2+`"}]}`)
		w.put(ownSchema2, "application/json", schema)
		w.change(classID, set("m:measure", map[string]any{"@context": ownContext, "type": []string{"Extension", "m:Measure"}, "height": value}))
		w.change(classID, set("@context", []any{ob2.Context, map[string]any{"m": "https://terms.test/#"}}))
	}
}

const heightSchema = `{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","properties":{"height":{"type":"number","minimum":0,"exclusiveMinimum":true}},"required":["height"]}`

// TestMust2Extension: extensions are held to the schemas that their contexts prescribe (spec 2.0 section
// 2), fetched like any other document.
//
// proves: 2.0 §2 judged: Extension: own context, types, obi:validation schema (draft 4) on the compacted object
func TestMust2Extension(t *testing.T) {
	good := measured(heightSchema, 3)
	and := func(change func(w *world)) func(w *world) { return all(good, change) }
	doubling := `{"definitions":{"d0":{"type":"object"}` + func() string {
		var b strings.Builder
		for i := range 40 {
			fmt.Fprintf(&b, `,"d%d":{"allOf":[{"$ref":"#/definitions/d%d"},{"$ref":"#/definitions/d%d"}]}`, i+1, i, i)
		}
		return b.String()
	}() + `},"$ref":"#/definitions/d40"}`
	judged(t, []must{
		{"of the standard", applied(map[string]any{"url": "https://issuer.test/apply"}), Valid, ""},
		{"of the standard, malformed", applied(map[string]any{"url": 7}), Invalid, "EXTENSION_SCHEMA"},
		{"of the standard, incomplete", applied(nil), Invalid, "EXTENSION_SCHEMA"},
		{"of somebody's own", good, Valid, ""},
		{"that is not as its schema wants", measured(heightSchema, 0), Invalid, "EXTENSION_SCHEMA"},
		{"of another type than the schema's", and(func(w *world) {
			w.change(classID, set("m:measure", map[string]any{"@context": ownContext, "type": []string{"Extension", "m:Other"}, "height": "x"}))
		}), Valid, ""},
		{"without any context", to(classID, "extensions:x", map[string]any{"type": []string{"Extension"}, "y": 1}), Valid, ""},
		{"in a hint counts for nothing", func(w *world) {
			w.change(assertionID, set("badge", map[string]any{"id": classID, "type": "BadgeClass", "x:y": map[string]any{"@context": homeContext, "type": []string{"Extension", "extensions:ApplyLink"}}}))
		}, Valid, ""},
		{"context missing", and(serve(ownContext, 404, "")), Invalid, "CONTEXT"},
		{"context out of reach", and(serve(ownContext, 500, "")), Undetermined, "CONTEXT"},
		{"context that is none", and(serve(ownContext, 200, "[]")), Invalid, "CONTEXT"},
		{"schema missing", and(serve(ownSchema2, 404, "")), Invalid, "EXTENSION_SCHEMA"},
		{"schema out of reach", and(serve(ownSchema2, 503, "")), Undetermined, "EXTENSION_SCHEMA"},
		{"schema not JSON", and(serve(ownSchema2, 200, "<html>")), Invalid, "EXTENSION_SCHEMA"},
		{"schema malformed", and(serve(ownSchema2, 200, `{"type":7}`)), Invalid, "EXTENSION_SCHEMA"},
		{"schema with a pattern of another language", and(serve(ownSchema2, 200, `{"properties":{"height":{"pattern":"(?=x)"}}}`)), Undetermined, "EXTENSION_SCHEMA"},
		{"schema without an end", and(serve(ownSchema2, 200, doubling)), Undetermined, "EXTENSION_SCHEMA"},
		{"too large", measured(heightSchema, strings.Repeat("x", maxExtended)), Undetermined, "EXTENSION_SCHEMA"},
		{"that its own context forbids", and(to(classID, "m:measure", map[string]any{"@context": []any{ownContext, map[string]any{"height": 7}}, "type": []string{"Extension", "m:Measure"}})), Invalid, "EXTENSION_SCHEMA"},
		{"too many", func(w *world) {
			for i := range maxExtensions + 1 {
				w.change(classID, set(fmt.Sprintf("extensions:x%d", i), map[string]any{"@context": homeContext, "type": "Extension"}))
			}
		}, Undetermined, "EXTENSION_SCHEMA"},
	})
}

// TestExtensionSigned: in a signed badge the extensions of embedded objects count.
//
// proves: 2.0 §2 judged: Extension: own context, types, obi:validation schema (draft 4) on the compacted object
func TestExtensionSigned(t *testing.T) {
	w := newWorld(t)
	badge := signedBadge(w)
	with := func(url any) string {
		return w.sign(edit(t, badge, func(m map[string]any) {
			m["badge"].(map[string]any)["extensions:applyLink"] = map[string]any{"@context": homeContext, "type": []string{"Extension", "extensions:ApplyLink"}, "url": url}
		}))
	}
	want(t, w.verify(with("https://issuer.test/apply")), Valid, "")
	want(t, w.verify(with(1)), Invalid, "EXTENSION_SCHEMA")
}
