package verifier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

const schemaID = "https://issuer.test/schema.json"

// schemaIn names a schema in a document.
func schemaIn(doc object, id, kind string) {
	doc["@context"] = append(doc["@context"].([]any), openbadge.ContextExtensions)
	doc["credentialSchema"] = []any{object{"id": id, "type": kind}}
}

// TestSection10Schemas: every named schema of a known type is fetched and applied (spec 3.0 section 10,
// step 1).
//
// proves: 3.0 §10 judged: every named schema of a known type applied; unreadable: error; unreachable: undetermined
func TestSection10Schemas(t *testing.T) {
	const edtech = "1EdTechJsonSchemaValidator2019"
	const own = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_"
	text := func(schema string) func(w *world) {
		return func(w *world) { w.put(schemaID, "application/schema+json", schema) }
	}
	cases := []struct {
		name    string
		schema  func(w *world)
		id      string
		verdict Verdict
		codes   string
	}{
		{"fits", text(`{"type":"object","required":["name","credentialSubject"]}`), "", Valid, ""},
		{"does not fit", text(`{"properties":{"name":{"const":"Master of Robots"}}}`), "", Invalid, "SCHEMA"},
		{"read by draft 2019-09", text(`{"properties":{"type":{"items":[{"const":"VerifiableCredential"}],"additionalItems":false}}}`), "", Invalid, "SCHEMA"},
		{"names its draft", text(`{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"type":{"prefixItems":[{"const":"X"}]}}}`), "", Invalid, "SCHEMA"},
		{"parts elsewhere", func(w *world) {
			w.put(schemaID, "application/json", `{"$ref":"parts.json#/$defs/named"}`)
			w.put("https://issuer.test/parts.json", "application/json", `{"$defs":{"named":{"required":["name"]}}}`)
		}, "", Valid, ""},
		{"parts elsewhere, unreachable", text(`{"$ref":"https://elsewhere.test/parts.json"}`), "", Undetermined, "SCHEMA"},
		{"parts in a file", text(`{"$ref":"file:///etc/passwd"}`), "", Invalid, "SCHEMA"},
		{"unreachable", func(*world) {}, "", Undetermined, "SCHEMA"},
		{"missing", func(w *world) { w.network[schemaID] = egress.Resource{Status: 404} }, "", Invalid, "SCHEMA"},
		{"no JSON", text("<html>"), "", Invalid, "SCHEMA"},
		{"no schema", text(`{"type":"badge"}`), "", Invalid, "SCHEMA"},
		{"member twice", text(`{"type":"object","type":"string"}`), "", Invalid, "SCHEMA"},
		{"no web address", func(*world) {}, "urn:schema", Invalid, "SCHEMA"},
		{"too large", text(`{"description":"` + strings.Repeat("a", maxSchemaBody) + `"}`), "", Invalid, "SCHEMA"},
		{"steps without end", text(forks(30)), "", Undetermined, "SCHEMA"},
		{"refers to itself", text(`{"$ref":"#"}`), "", Invalid, "SCHEMA"},
		{"pattern", text(`{"properties":{"name":{"pattern":"^L.*s$"}}}`), "", Valid, ""},
		{"pattern of another language", text(`{"properties":{"name":{"pattern":"^(?=L)"}}}`), "", Undetermined, "SCHEMA"},
		{"pattern too large", text(`{"properties":{"name":{"pattern":"((a{30}){30}){30}"}}}`), "", Undetermined, "SCHEMA"},
		{"pattern with too many instructions", text(`{"properties":{"name":{"pattern":"a{900}b{900}c{900}"}}}`), "", Undetermined, "SCHEMA"},
		{"reference that moves", text(`{"$schema":"https://json-schema.org/draft/2020-12/schema","$dynamicRef":"#x","$defs":{"a":{"$dynamicAnchor":"x"}}}`), "", Undetermined, "SCHEMA"},
		{"the standard's own", func(*world) {}, own + "achievementcredential_schema.json", Valid, ""},
		{"the standard's own for both models", func(*world) {}, own + "anyachievementcredential_schema.json", Valid, ""},
		{"the standard's own for compacted values", func(*world) {}, strings.Replace(own, "/json/", "/json-ld/", 1) + "achievementcredential_schema.json", Valid, ""},
		{"the standard's own of another class", func(*world) {}, own + "endorsementcredential_schema.json", Invalid, "SCHEMA"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, token := range []bool{false, true} {
				w := newSealedWorld(t)
				c.schema(w)
				id := schemaID
				if c.id != "" {
					id = c.id
				}
				data := ""
				if token {
					data = w.edited(func(m object) { schemaIn(m, id, edtech) })
				} else {
					data = w.seal(func(doc, _ object) { schemaIn(doc, id, edtech) })
				}
				want(t, w.within(data), c.verdict, c.codes)
			}
		})
	}
	t.Run("kind that is not known", func(t *testing.T) {
		w := newSealedWorld(t)
		r := w.verify(w.seal(func(doc, _ object) { schemaIn(doc, schemaID, "https://issuer.test/types#Schema") }))
		want(t, r, Valid, "")
		if r.codes(Warning) != BadSchema {
			t.Errorf("remarks %q", r.codes(Warning))
		}
	})
	t.Run("claims are no members", func(t *testing.T) {
		w := newSealedWorld(t)
		w.put(schemaID, "application/json", `{"properties":{"iss":false,"nbf":false,"jti":false}}`)
		want(t, w.verify(w.edited(func(m object) { schemaIn(m, schemaID, edtech) })), Valid, "")
	})
	t.Run("too many", func(t *testing.T) {
		w := newSealedWorld(t)
		r := w.verify(w.seal(func(doc, _ object) {
			schemaIn(doc, schemaID, edtech)
			one := doc["credentialSchema"].([]any)[0]
			doc["credentialSchema"] = []any{one, one, one, one, one}
		}))
		want(t, r, Invalid, "SCHEMA")
	})
	t.Run("all together too large", func(t *testing.T) {
		w := newSealedWorld(t)
		r := w.verify(w.seal(func(doc, _ object) {
			schemaIn(doc, schemaID, edtech)
			var all []any
			for i := range 3 {
				address := fmt.Sprintf("%s?%d", schemaID, i)
				w.put(address, "application/json", `{"description":"`+strings.Repeat("a", 100<<10)+`"}`)
				all = append(all, object{"id": address, "type": edtech})
			}
			doc["credentialSchema"] = all
		}))
		want(t, r, Invalid, "SCHEMA")
	})
}

// forks is a small schema with 2 to the power of n paths through it.
func forks(n int) string {
	var b strings.Builder
	b.WriteString(`{"$ref":"#/$defs/f0","$defs":{`)
	for i := range n {
		fmt.Fprintf(&b, `"f%d":{"allOf":[{"$ref":"#/$defs/f%d"},{"$ref":"#/$defs/f%d"}]},`, i, i+1, i+1)
	}
	fmt.Fprintf(&b, `"f%d":{}}}`, n)
	return b.String()
}

// TestSchemaMeter: every keyword that applies a schema counts.
//
// proves: 3.0 §10 judged: every named schema of a known type applied; unreadable: error; unreachable: undetermined
func TestSchemaMeter(t *testing.T) {
	const part = `{"type":["string","array","object"]}`
	for schema, least := range map[string]int{
		strings.ReplaceAll(`{"properties":{"a":{}},"patternProperties":{"^b":{}},"additionalProperties":{},"propertyNames":{},"unevaluatedProperties":{},"dependentSchemas":{"a":{}}}`, "{}", part): 9,
		strings.ReplaceAll(`{"allOf":[{}],"anyOf":[{}],"oneOf":[{}],"not":{"required":["z"]},"if":{},"then":{},"else":{}}`, "{}", part):                                                             11,
		strings.ReplaceAll(`{"properties":{"c":{"items":[{}],"additionalItems":{},"contains":{},"unevaluatedItems":{}}}}`, "{}", part):                                                              9,
		strings.ReplaceAll(`{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":{},"b":["c"]},"properties":{"a":{"format":"date"}}}`, "{}", part):                              6,
		strings.ReplaceAll(`{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"c":{"prefixItems":[{}],"items":{}}},"additionalProperties":false}`, "{}", part):                9,
	} {
		var doc any
		if err := openbadge.UnmarshalStrict([]byte(schema), &doc); err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		c.DefaultDraft(jsonschema.Draft2019)
		if err := c.AddResource("urn:s", doc); err != nil {
			t.Fatal(err)
		}
		compiled, err := c.Compile("urn:s")
		if err != nil {
			t.Fatal(err)
		}
		m := &meter{left: 1000}
		m.watch(compiled)
		_ = compiled.Validate(map[string]any{"a": "x", "b": "y", "c": []any{"1", "2"}})
		if counted := 1000 - m.left; counted < least {
			t.Errorf("%s: %d steps counted", schema, counted)
		}
	}
	if _, err := (&meter{}).regexp(`(`); err == nil {
		t.Error("a broken pattern is read")
	}
}

// TestOwnSchema compares our rules with the schemas that 1EdTech publishes, on the shared cases: what the
// schema takes we take. The other way round the published text of 2024 is stricter, since it does not
// know single values without their list.
func TestOwnSchema(t *testing.T) {
	const folder = "../../shared/spec/contexts/schemas"
	compile := func(name string) *jsonschema.Schema {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Skipf("the folder of shared schemas is absent: %v", err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		if err := c.AddResource("https://test/"+name, doc); err != nil {
			t.Fatal(err)
		}
		s, err := c.Compile("https://test/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	schemas := map[class]*jsonschema.Schema{aBadge: compile("ob_v3p0_achievementcredential.json"), anEndorsement: compile("ob_v3p0_endorsementcredential.json")}
	compared, both := 0, 0
	for _, c := range sharedCases(t) {
		if c.Kind != "json" || !strings.HasPrefix(c.ID, "ob3/") {
			continue
		}
		data := caseFile(t, c.Input)
		s, f := unseal(data)
		if f != nil || s.Model != 2 || schemas[s.class()] == nil {
			continue
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		compared++
		violation := schemas[s.class()].Validate(doc)
		problems, _ := s.departures()
		if violation == nil && len(problems) == 0 {
			both++
		}
		if beyond := beyondSchema(problems); violation == nil && len(beyond) > 0 {
			t.Errorf("%s: the schema takes it, we say %v", c.ID, beyond)
		}
	}
	t.Logf("%d documents compared, %d taken by both", compared, both)
}

// beyondSchema leaves out problems that are in the text of the standard and in no schema.
func beyondSchema(problems []openbadge.Problem) []openbadge.Problem {
	var left []openbadge.Problem
	for _, p := range problems {
		switch p.Property {
		case "credentialSubject.id", "credentialSubject.identifier", "credentialSubject.achievement.criteria.narrative", "credentialSubject.result.resultDescription":
		default:
			left = append(left, p)
		}
	}
	return left
}

// TestContextFiles: the files are those that their table names.
//
// proves: 3.0 §3 judged: contexts only from the embedded list; unknown and inline ones refused, further in too
func TestContextFiles(t *testing.T) {
	table, err := os.ReadFile("contexts/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for address, data := range foreignContexts {
		if !json.Valid(data) || !strings.Contains(string(table), "| "+address+" | "+sha256Hex(data)+" |") {
			t.Errorf("%s has hash %s", address, sha256Hex(data))
		}
	}
}
