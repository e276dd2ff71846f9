package jsonld

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const geo = "https://w3id.org/openbadges/extensions/geoCoordinatesExtension/context.json"

// One assertion in several disguises (OB 2.0: terms, aliases, full and compact IRIs, other contexts)
// comes out the same.
func TestCompact(t *testing.T) {
	want := `{"@context":"https://w3id.org/openbadges/v2","id":"https://e.example/a","type":"Assertion","badge":"https://e.example/b","issuedOn":"2026-01-15T10:00:00Z",
	 "recipient":{"type":"email","identity":"a@b.test","hashed":false},"verification":{"type":"hosted"}}`
	for name, doc := range map[string]string{
		"plain":   want,
		"array":   `{"@context":["https://w3id.org/openbadges/v2"],"id":"https://e.example/a","type":["Assertion"],"badge":["https://e.example/b"],"issuedOn":"2026-01-15T10:00:00Z","recipient":[{"type":"email","identity":"a@b.test","hashed":false}],"verification":{"type":"hosted"}}`,
		"aliases": `{"@context":"https://openbadgespec.org/v2/context.json","@id":"https://e.example/a","@type":"obi:Assertion","badge":{"@id":"https://e.example/b"},"issuedOn":"2026-01-15T10:00:00Z","recipient":{"type":"email","identity":"a@b.test","hashed":false},"verify":{"type":"hosted"},"unmapped":"x"}`,
		"inline":  `{"@context":["https://w3id.org/openbadges/v2",{"won":"obi:badge","b":"https://e.example/"}],"id":"b:a","type":"Assertion","won":{"id":"https://e.example/b"},"issuedOn":"2026-01-15T10:00:00Z","recipient":{"type":"email","identity":"a@b.test","hashed":false},"verification":{"type":"HostedBadge"}}`,
	} {
		given := object(t, []byte(doc))
		got, err := Compact(given, OB2, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(object(t, []byte(want)), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if !reflect.DeepEqual(given, object(t, []byte(doc))) {
			t.Errorf("%s: the document was changed", name)
		}
	}
}

// Extension contexts may be embedded or given; the fetched text of a context may have other members.
func TestCompactExtensions(t *testing.T) {
	extra := map[string][]byte{"https://ext.example/c": []byte(`{"@context":{"obi":"https://w3id.org/openbadges#","grade":"https://ext.example/grade"},"obi:validation":[]}`)}
	doc := object(t, []byte(`{"@context":"https://w3id.org/openbadges/v2","id":"urn:x","type":"BadgeClass",
	 "schema:location":{"@context":"`+geo+`","type":["Extension","extensions:GeoCoordinates"],"geo":{"latitude":1.5,"longitude":2}},
	 "extensions:grade":{"@context":["https://ext.example/c"],"type":["Extension","extensions:Grade"],"grade":"A"}}`))
	if diff := cmp.Diff([]string{"https://ext.example/c"}, Needs(doc)); diff != "" {
		t.Error(diff)
	}
	_, err := Compact(doc, OB2, nil)
	wantKind(t, "missing context", err, UnknownContext)
	got, err := Compact(doc, OB2, extra)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"@context":"https://w3id.org/openbadges/v2","id":"urn:x","type":"BadgeClass","extensions:grade":{"type":["Extension","extensions:Grade"],"https://ext.example/grade":"A"},
	 "schema:location":{"type":["Extension","extensions:GeoCoordinates"],"schema:geo":{"schema:latitude":1.5,"schema:longitude":2}}}`
	if diff := cmp.Diff(object(t, []byte(want)), got); diff != "" {
		t.Error(diff)
	}
}

func TestNeeds(t *testing.T) {
	doc := object(t, []byte(`{"@context":["https://b.example",{"x":{"@id":"urn:x","@context":"https://c.example"}},"https://w3id.org/openbadges/v2"],
	 "a":[{"@context":"https://a.example"},{"b":{"@context":["https://b.example",5,null]}}],"context":"https://d.example"}`))
	if diff := cmp.Diff([]string{"https://a.example", "https://b.example", "https://c.example"}, Needs(doc)); diff != "" {
		t.Error(diff)
	}
	if got := Needs("https://a.example"); len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
}

func TestCompactRefuses(t *testing.T) {
	many := make([]any, maxCompact)
	large, urls := map[string][]byte{}, []any{}
	for i := range maxContexts - 4 {
		url := fmt.Sprint("urn:c", i)
		large[url], urls = []byte(`{"@context":{`+manyTerms(1000)+`}}`), append(urls, url)
	}
	for name, c := range map[string]struct {
		doc   map[string]any
		extra map[string][]byte
		want  Kind
	}{
		"unknown":      {map[string]any{"@context": "https://e.example"}, nil, UnknownContext},
		"no context":   {map[string]any{"@context": 5}, nil, Malformed},
		"bad context":  {map[string]any{"@context": "https://e.example"}, map[string][]byte{"https://e.example": []byte(`{`)}, Malformed},
		"1.1":          {map[string]any{"@context": map[string]any{"@version": 1.1}}, nil, Malformed},
		"panic":        {map[string]any{"@context": map[string]any{"a": nil, "b": map[string]any{"@id": "a:b"}}, "b": "x"}, nil, Malformed},
		"container":    {map[string]any{"@context": map[string]any{"a": map[string]any{"@id": "urn:a", "@container": 5.0}}}, nil, Malformed},
		"cycle":        {map[string]any{"@context": map[string]any{"a": "b:x", "b": "a:x"}}, nil, Malformed},
		"number id":    {map[string]any{"@context": OB2, "id": json.Number("1")}, nil, Malformed},
		"values":       {map[string]any{"@context": OB2, "name": many}, nil, TooLarge},
		"contexts":     {map[string]any{"@context": slicesOf(maxContexts+1, OB2)}, nil, TooLarge},
		"terms":        {map[string]any{"@context": object(t, []byte("{"+manyTerms(maxTerms+1)+"}"))}, nil, TooLarge},
		"loaded terms": {map[string]any{"@context": urls}, large, TooLarge},
		"itself":       {map[string]any{"@context": "https://e.example"}, map[string][]byte{"https://e.example": []byte(`{"@context":["https://e.example"]}`)}, TooLarge},
	} {
		_, err := Compact(c.doc, OB2, c.extra)
		wantKind(t, name, err, c.want)
	}
	_, err := Compact(map[string]any{}, "https://e.example", nil)
	wantKind(t, "target", err, UnknownContext)
}

func slicesOf(n int, v any) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = v
	}
	return list
}

func TestCompactSeveralNodes(t *testing.T) {
	got, err := Compact(object(t, []byte(`{"@context":"https://w3id.org/openbadges/v2","@graph":[{"id":"urn:a","name":"A"},{"id":"urn:b","name":"B"}]}`)), OB2, nil)
	if graph, _ := got["@graph"].([]any); err != nil || len(graph) != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}

// Every 2.x document of the cases that has a context we know compacts, and keeps its members.
func TestCasesCompact(t *testing.T) {
	names, err := filepath.Glob(shared + "cases/ob2/*/resources.json")
	if err != nil || len(names) == 0 {
		t.Skip("no cases: ../shared is not here")
	}
	compacted := 0
	for _, name := range names {
		var resources map[string]struct{ Body string }
		data, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(data, &resources)
		}
		if err != nil {
			t.Fatal(err)
		}
		for url, r := range resources {
			v, err := Decode([]byte(r.Body))
			doc, is := v.(map[string]any)
			if err != nil || !is || len(Needs(doc)) > 0 || doc["@context"] == nil {
				continue
			}
			got, err := Compact(doc, OB2, nil)
			if err != nil || len(got) < len(doc) {
				t.Errorf("%s %s: got %v, %v of %v", filepath.Base(filepath.Dir(name)), url, got, err, doc)
			}
			compacted++
		}
	}
	if compacted < 300 {
		t.Errorf("compacted %d documents, want at least 300", compacted)
	}
}

var hostileContexts = []string{
	`{"@context":{"a":null,"b":{"@id":"a:b"}}}`, `{"@context":[[["https://e.example"]]]}`, `{"@context":{"@context":{"@context":"https://e.example"}}}`,
	`{"@context":{"@base":5,"@vocab":{},"@language":[]}}`, `{"@context":{"@type":{"@container":"@set"}}}`, `{"@context":{"":"urn:x"}}`, `{"@context":{"a":{"@reverse":"a"}}}`,
}

// Compact never panics and never takes long, whatever the document and the contexts say.
func FuzzCompact(f *testing.F) {
	for i, c := range hostileContexts {
		f.Add([]byte(fmt.Sprintf(`{"@context":["https://e.example",%s],"a":{"@value":%d},"@type":"b","b":[{"@id":"a:b"}]}`, strings.TrimSuffix(strings.TrimPrefix(c, `{"@context":`), "}"), i)), []byte(c))
	}
	f.Add([]byte(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"urn:x","badge":{"id":"urn:b","@index":"x","@reverse":{"badge":{"@list":[1]}}}}`), []byte(`{"@context":"https://w3id.org/openbadges/v1"}`))
	f.Fuzz(func(t *testing.T, doc, context []byte) {
		v, err := Decode(doc)
		o, is := v.(map[string]any)
		if err != nil || !is {
			return
		}
		got, err := Compact(o, OB2, map[string][]byte{"https://e.example": context})
		if err == nil && got == nil {
			t.Error("nothing, and no error")
		}
	})
}
