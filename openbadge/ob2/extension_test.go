package ob2

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

const (
	exampleContext = "https://w3id.org/openbadges/extensions/exampleExtension/context.json"
	exampleSchema  = "https://openbadgespec.org/extensions/exampleExtension/schema.json"
	applyContext   = "https://w3id.org/openbadges/extensions/applyLinkExtension/context.json"
	applySchema    = "https://openbadgespec.org/extensions/applyLinkExtension/schema.json"
)

// published are the contexts of extensions by address.
func published(t *testing.T, addresses ...string) map[string][]byte {
	all := map[string][]byte{}
	for _, address := range addresses {
		data, found := Published(address)
		if !found {
			t.Fatalf("%s is not at hand", address)
		}
		all[address] = data
	}
	return all
}

func extensionsOf(t *testing.T, document string, whole bool) []Extension {
	o, err := Read([]byte(document), "", "")
	if err != nil {
		t.Fatal(err)
	}
	return o.Extensions(whole)
}

// proves: 2.0 §2 judged: Extension: own context, types, obi:validation schema (draft 4) on the compacted object
func TestExtensions(t *testing.T) {
	for name, c := range map[string]struct {
		document, names string
		schemas         []string
		compacted       string
	}{
		"own context": {`{"@context":"https://w3id.org/openbadges/v2","extensions:x":{"@context":"` + exampleContext + `","type":["Extension","extensions:ExampleExtension"],"exampleProperty":"short"}}`,
			"extensions:x", []string{exampleSchema}, `"exampleProperty":"short"`},
		"context of the document, old spelling, full IRI": {`{"@context":["https://w3id.org/openbadges/v2","` + exampleContext + `"],"extensions:x":{"type":["Extension","obi:extensions/#ExampleExtension"],"http://schema.org/text":1337}}`,
			"extensions:x", []string{exampleSchema}, `"exampleProperty":1337`},
		"two types": {`{"@context":["https://w3id.org/openbadges/v2"],"ext":{"@context":["` + exampleContext + `","` + applyContext + `"],"@type":["obi:Extension","extensions:ExampleExtension","https://w3id.org/openbadges/extensions#ApplyLink"],"exampleProperty":"x","url":"https://x.test"}}`,
			"ext", []string{exampleSchema, applySchema}, `"url":"https://x.test"`},
		"in a list, and deeper": {`{"@context":"https://w3id.org/openbadges/v2","evidence":{"id":"https://x.test/e","a:b":[{"@context":"` + applyContext + `","type":["Extension"],"url":"u"}]}}`,
			"evidence.a:b", nil, `"url":"u"`},
		"a type without schema": {`{"@context":"https://w3id.org/openbadges/v2","x":{"@context":"` + applyContext + `","type":["Extension","extensions:Other"],"url":"u"}}`,
			"x", nil, `"url":"u"`},
		"without any context": {`{"x":{"type":"Extension","url":"u"}}`, "x", nil, `"url":"u"`},
		"no extension":        {`{"@context":"https://w3id.org/openbadges/v2","x":{"type":"Evidence"}}`, "", nil, ""},
	} {
		found := extensionsOf(t, c.document, false)
		var names []string
		for _, e := range found {
			names = append(names, e.Name)
		}
		if strings.Join(names, " ") != c.names {
			t.Errorf("%s: got %v", name, names)
			continue
		}
		for _, e := range found {
			if slices.Contains(e.Types, "Extension") || slices.Contains(e.Types, "obi:Extension") {
				t.Errorf("%s: types %v, want those beside Extension", name, e.Types)
			}
			contexts := published(t, e.Contexts...)
			if got := e.Schemas(contexts); !slices.Equal(got, c.schemas) {
				t.Errorf("%s: schemas %v", name, got)
			}
			compacted, err := e.Compacted(contexts)
			if text, _ := json.Marshal(compacted); err != nil || !strings.Contains(string(text), c.compacted) || strings.Contains(string(text), "@context") {
				t.Errorf("%s: got %s, %v", name, text, err)
			}
		}
	}
}

// TestExtensionsOfHints: what an embedded copy with an address carries counts only in a signed document.
func TestExtensionsOfHints(t *testing.T) {
	document := `{"@context":"https://w3id.org/openbadges/v2","badge":{"id":"https://x.test/b","x":{"type":"Extension"}},"issuer":{"id":"_:b","y":{"type":["Extension"]}}}`
	if got := extensionsOf(t, document, false); len(got) != 1 || got[0].Name != "issuer.y" {
		t.Errorf("got %+v", got)
	}
	if got := extensionsOf(t, document, true); len(got) != 2 || got[0].Name != "badge.x" {
		t.Errorf("got %+v", got)
	}
	o, _ := Read([]byte(document), "", "")
	if got := o.Badge().Embedded.Extensions(true); got != nil {
		t.Errorf("an embedded object has %+v of its own", got)
	}
}

// TestPrescriptions reads obi:validation in its spellings.
//
// proves: 2.0 §2 judged: Extension: own context, types, obi:validation schema (draft 4) on the compacted object
func TestPrescriptions(t *testing.T) {
	const schema = `"https://x.test/schema"`
	for name, context := range map[string]string{
		"prefix":     `{"@context":{"ex":"https://x.test/v#"},"obi:validation":[{"obi:validatesType":"ex:Thing","obi:validationSchema":` + schema + `}]}`,
		"plain, one": `{"@context":{"ex":"https://x.test/v#"},"validation":{"validatesType":"ex:Thing","validationSchema":{"@id":` + schema + `}}}`,
		"full":       `{"@context":[{"ex":{"@id":"https://x.test/v#"}}],"https://w3id.org/openbadges#validation":[{"obi:validatesType":["https://x.test/v#Thing"],"obi:validationSchema":` + schema + `}]}`,
		"term":       `{"@context":{"Thing":"https://x.test/v#Thing"},"obi:validation":[{"obi:validatesType":"Thing","obi:validationSchema":` + schema + `}]}`,
		"chain":      `{"@context":{"v":"https://x.test/","ex":"v:v#"},"obi:validation":[{"obi:validatesType":"ex:Thing","obi:validationSchema":` + schema + `}]}`,
	} {
		e := Extension{Types: []string{"https://x.test/v#Thing"}, Contexts: []string{"c"}}
		if got := e.Schemas(map[string][]byte{"c": []byte(context)}); !slices.Equal(got, []string{"https://x.test/schema"}) {
			t.Errorf("%s: got %v", name, got)
		}
	}
	for _, context := range []string{"", "[]", "{}", `{"validation":1}`, `{"validation":[{"validatesType":"Thing"}]}`, `{"@context":{"a":"b:x","b":"a:x"},"validation":{"validatesType":"a:x","validationSchema":"s"}}`} {
		e := Extension{Types: []string{"https://x.test/v#Thing"}, Contexts: []string{"c", "unknown"}}
		if got := e.Schemas(map[string][]byte{"c": []byte(context)}); got != nil {
			t.Errorf("%s: got %v", context, got)
		}
	}
}

// TestExtensionErrors: an extension that JSON-LD cannot read is an error, not a panic.
func TestExtensionErrors(t *testing.T) {
	for _, document := range []string{
		`{"x":{"@context":"https://x.test/unknown","type":"Extension"}}`, `{"x":{"@context":{"a":1},"type":"Extension","a":1}}`,
	} {
		e := extensionsOf(t, document, true)[0]
		if got, err := e.Compacted(nil); err == nil {
			t.Errorf("%s became %v", document, got)
		}
	}
	if e := extensionsOf(t, `{"x":{"@context":[{"a":"https://x.test/a"},null],"type":"Extension","a":1}}`, true)[0]; !e.Inline {
		t.Error("the context inside is not noticed")
	}
}

func TestPublished(t *testing.T) {
	for _, address := range []string{exampleContext, exampleSchema, applySchema, Context, "http://openbadgespec.org/extensions/geoCoordinatesExtension/schema.json"} {
		if _, found := Published(address); !found {
			t.Errorf("%s is not at hand", address)
		}
	}
	if _, found := Published("https://w3id.org/openbadges/extensions/none/context.json"); found {
		t.Error("found what is not there")
	}
}
