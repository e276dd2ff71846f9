package jsonld

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// vocabulary has the terms of a context and those of each type in it.
type vocabulary struct {
	url   string
	all   []string
	types []string
	of    map[string][]string
}

// differs are the terms that json-gold gets wrong: JSON literals, and the graph container with a null
// context (TestConvertGoesBeyondJSONGold).
var differs = map[string]bool{"jsonSchema": true, "jwk": true, "_sd": true, "publicKeyJwk": true, "verifiableCredential": true}

func readVocabulary(t testing.TB, url string) vocabulary {
	t.Helper()
	data, _ := Context(url)
	local, err := readContext(data)
	if err != nil {
		t.Fatal(err)
	}
	v := vocabulary{url: url, of: map[string][]string{}}
	names := map[string]bool{}
	for name, definition := range local.(map[string]any) {
		if strings.HasPrefix(name, "@") {
			continue
		}
		o, _ := definition.(map[string]any)
		scoped, _ := o["@context"].(map[string]any)
		if scoped != nil {
			v.types = append(v.types, name)
		}
		names[name] = true
		for inner := range scoped {
			if !strings.HasPrefix(inner, "@") && inner != "id" && inner != "type" && !differs[inner] {
				v.of[name] = append(v.of[name], inner)
				names[inner] = true
			}
		}
		slices.Sort(v.of[name])
	}
	maps.DeleteFunc(names, func(name string, _ bool) bool { return name == "id" || name == "type" || differs[name] })
	v.all = slices.Sorted(maps.Keys(names))
	slices.Sort(v.types)
	return v
}

// drawNode draws an object of one or two types with members that mostly belong to them.
func drawNode(t *rapid.T, vs []vocabulary, depth int) map[string]any {
	o := map[string]any{}
	v := rapid.SampledFrom(vs).Draw(t, "vocabulary")
	types := rapid.SliceOfNDistinct(rapid.SampledFrom(v.types), 0, 2, rapid.ID).Draw(t, "types")
	var terms []string
	for _, name := range types {
		terms = append(terms, v.of[name]...)
	}
	if len(terms) == 0 || rapid.IntRange(0, 30).Draw(t, "stray") == 0 {
		terms = append(terms, v.all...)
	}
	switch len(types) {
	case 1:
		o["type"] = types[0]
	case 2:
		o["type"] = []any{types[0], types[1]}
	}
	if rapid.Bool().Draw(t, "named") {
		o["id"] = rapid.SampledFrom([]string{"urn:a", "urn:b", "urn:c", "_:a", "_:b"}).Draw(t, "id")
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(terms), 0, 4, rapid.ID).Draw(t, "members") {
		o[name] = drawValue(t, vs, depth)
	}
	return o
}

func drawValue(t *rapid.T, vs []vocabulary, depth int) any {
	kinds := 9
	if depth == 0 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 0:
		return json.Number(rapid.SampledFrom([]string{"0", "1", "-5", "4.5", "1e2", "0.25", "1000.125"}).Draw(t, "number"))
	case 1:
		return rapid.Bool().Draw(t, "flag")
	case 2:
		return map[string]any{"@value": rapid.StringMatching(`[a-c]{0,3}`).Draw(t, "text"), "@language": rapid.SampledFrom([]string{"en", "fr-CA"}).Draw(t, "language")}
	case 3:
		return rapid.StringMatching(`[a-z\n"\\é]{0,5}`).Draw(t, "text")
	case 4, 5, 6:
		return rapid.SampledFrom([]string{"urn:a", "https://example.org/x?y#z", "did:key:z6Mk", "2026-01-15T10:00:00Z", "_:a", "assertionMethod"}).Draw(t, "iri")
	case 7:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "size") {
			list = append(list, drawValue(t, vs, depth-1))
		}
		return list
	}
	return drawNode(t, vs, depth-1)
}

// Random documents in the words of the contexts: what we take, json-gold takes with the same
// statements; where it refuses, so do we.
func TestRandomDocumentsEqualJSONGold(t *testing.T) {
	const status, old = "https://www.w3.org/ns/credentials/status/v1", "https://www.w3.org/2018/credentials/v1"
	env := newEnvironment(nil)
	taken, all := 0, 0
	for _, urls := range [][]string{
		{"https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"},
		{old, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json", "https://w3id.org/security/suites/ed25519-2020/v1", status},
		{old, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json", "https://w3id.org/security/data-integrity/v1"},
	} {
		var vs []vocabulary
		var context []any
		for _, u := range urls {
			context = append(context, u)
			vs = append(vs, readVocabulary(t, u))
		}
		rapid.Check(t, func(t *rapid.T) {
			doc := drawNode(t, vs, 4)
			doc["@context"] = context
			got, err := env.convert(doc)
			want, goldErr := goldQuads(doc, env)
			all++
			var e *Error
			if err != nil {
				if !errors.As(err, &e) {
					t.Fatalf("no *Error: %v", err)
				}
				if goldErr == nil && e.Kind != Unsupported && e.Kind != RelativeIRI && e.Kind != UndefinedTerm {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if goldErr != nil {
				t.Fatalf("json-gold refuses: %v", goldErr)
			}
			taken++
			if got, want := canonical(t, got), canonical(t, want); got != want {
				t.Fatalf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	t.Logf("%d of %d documents taken", taken, all)
	if taken*5 < all {
		t.Errorf("%d of %d documents taken: too few to prove something", taken, all)
	}
}
