package jsonld

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// testContext has what the embedded contexts use little or not at all.
const testContext = `{"@context":[{"@version":1.1,"@language":"FR","id":"@id","type":"@type","ex":"https://example.org/","label":"ex:label",
 "plain":{"@id":"ex:plain","@language":null},"german":{"@id":"ex:german","@language":"DE"},"any":{"@id":"ex:any","@type":"@none"},"gone":null,
 "link":{"@id":"ex:link","@type":"@id"},"word":{"@id":"ex:word","@type":"@vocab"},"list":{"@id":"ex:list","@container":"@list"},"links":{"@id":"ex:links","@type":"@id","@container":"@list"},
 "double":{"@id":"ex:double","@type":"http://www.w3.org/2001/XMLSchema#double"},"text":{"@id":"ex:text","@type":"http://www.w3.org/2001/XMLSchema#string"},
 "by":{"@id":"ex:by","@container":"@index"},"says":{"@id":"ex:says","@container":["@graph","@set"]},"json":{"@id":"ex:json","@type":"@json"},
 "fixed":{"@id":"ex:fixed","@protected":true},"bare":{"@id":"ex:bare","@context":null},
 "inner":{"@id":"ex:inner","@context":{"fixed":{"@id":"ex:other","@protected":true},"inner":{"@id":"ex:inner","@type":"@vocab"},"own":"ex:own"}},
 "Typed":{"@id":"ex:Typed","@context":{"label":"ex:typed","only":"ex:only"}},"Again":{"@id":"ex:Again","@context":{"label":"ex:again"}},
 "odd":{"@id":"ex:odd","@context":["https://example.org/none"]},"Odd":{"@id":"ex:Odd","@context":"https://example.org/none"}},
 "https://example.org/more"]}`

func testEnvironment() *environment {
	return newEnvironment(map[string][]byte{
		"https://example.org/c":    []byte(testContext),
		"https://example.org/more": []byte(`{"@context":{"more":"https://example.org/more#","flag":"https://example.org/flag"}}`),
		"https://example.org/v":    []byte(`{"@context":{"@vocab":"https://example.org/v#","id":"@id","type":"@type"}}`),
	})
}

// Documents that are converted, member by member of the part of JSON-LD that we take; json-gold says
// what they mean.
func TestConvertEqualsJSONGold(t *testing.T) {
	env := testEnvironment()
	ctx := `"@context":"https://example.org/c"`
	for _, doc := range []string{
		`{}`, `{` + ctx + `}`, `{` + ctx + `,"id":"urn:x"}`, `{"@id":"urn:x","urn:p":"x","urn:q":{"@value":"1","@type":"urn:d"}}`,
		`{` + ctx + `,"label":"x","plain":"y","german":"z","any":["a",true,1.5],"text":"t","more:a":"b"}`,
		`{` + ctx + `,"label":{"@value":"x","@language":"en-GB"},"german":[{"@value":"x"},{"@value":"x","@language":"DE-AT"}],"plain":{"@value":5,"@type":"ex:d"}}`,
		`{` + ctx + `,"label":[true,false,null,[],["x",["y"]]],"any":null}`,
		`{` + ctx + `,"link":["urn:a","_:b","ex:c",{"id":"_:b","label":"x"},{"id":"urn:a"},5,true],"word":["label","ex:w","urn:w",1]}`,
		`{` + ctx + `,"list":"x","links":["urn:a",null,"_:b",{"label":"x"}]}`, `{` + ctx + `,"list":[]}`, `{` + ctx + `,"list":null}`, `{` + ctx + `,"list":[1,2,2,"x",{"@value":"v"}]}`,
		`{` + ctx + `,"double":[1,2.5,0,"1.0E0"],"label":[1,2.5,100,-3]}`,
		`{` + ctx + `,"says":[{"label":"x","link":{"label":"y"}},{"id":"urn:s","says":{"label":"z"}}]}`,
		`{` + ctx + `,"json":{"b":[1,1.5,true,null,"\u0001é"],"a":{}}}`,
		`{` + ctx + `,"type":["Typed","Again"],"label":"x","only":"y","link":{"label":"z"}}`,
		`{` + ctx + `,"type":["Typed","ex:Some"],"only":"y","link":{"type":"Again","label":"z","link":{"type":"Typed","only":"w","link":{"id":"ex:only"}}}}`,
		`{` + ctx + `,"inner":{"fixed":"x","own":"y","inner":"own"}}`, `{` + ctx + `,"inner":["own","ex:b"],"fixed":"z"}`,
		`{` + ctx + `,"inner":{"@value":"x","@type":"own"}}`, `{` + ctx + `,"bare":{"@id":"urn:x","urn:p":"y"}}`, `{` + ctx + `,"bare":"x"}`,
		`{` + ctx + `,"link":{` + ctx + `,"label":"x","type":"Typed"},"fixed":"y"}`,
		`{` + ctx + `,"link":{"@context":["https://example.org/more"],"label":"x","flag":true}}`,
		`{` + ctx + `,"id":"_:r","link":{"id":"_:r","link":{"id":"_:r"}}}`,
		`{` + ctx + `,"id":"urn:r","label":"x","link":{"id":"urn:r","label":"x"}}`,
		`{"@context":"https://example.org/v","id":"urn:x","type":"T","p":{"type":["U","urn:V"],"q":1}}`,
		`{"@context":` + vc1 + `,"type":"VerifiableCredential","issuer":"urn:i","proof":{"@context":"https://w3id.org/security/data-integrity/v1","type":"DataIntegrityProof","proofPurpose":"assertionMethod"}}`,
		`{"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/jwk/v1"],"id":"did:ex:a","verificationMethod":[{"id":"did:ex:a#k","type":"JsonWebKey","publicKeyJwk":{"kty":"OKP","crv":"Ed25519","x":"abc"}}]}`,
	} {
		o := object(t, []byte(doc))
		got, err := env.convert(o)
		if err != nil {
			t.Errorf("%s: %v", doc, err)
			continue
		}
		want, err := goldQuads(o, env)
		if err != nil {
			t.Errorf("%s: json-gold: %v", doc, err)
			continue
		}
		if got, want := canonical(t, got), canonical(t, want); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", doc, got, want)
		}
		if again := object(t, []byte(doc)); !reflect.DeepEqual(o, again) {
			t.Errorf("%s: was changed to %v", doc, o)
		}
	}
}

// Where json-gold leaves statements out, or puts something else in, we go by the specification.
func TestConvertGoesBeyondJSONGold(t *testing.T) {
	env := testEnvironment()
	long := "https://example.org/" + strings.Repeat("x", 2100)
	for doc, want := range map[string]string{
		`{"@context":"https://example.org/c","link":"` + long + `"}`:                            "_:c14n0 <https://example.org/link> <" + long + "> .\n",
		`{"@context":"https://example.org/c","link":"http://under_score-.example:99999/x"}`:     "_:c14n0 <https://example.org/link> <http://under_score-.example:99999/x> .\n",
		`{"@context":"https://example.org/c","json":"x"}`:                                       "_:c14n0 <https://example.org/json> \"\\\"x\\\"\"^^<" + rdfJSON + "> .\n",
		`{"@context":"https://example.org/c","json":[1,null]}`:                                  "_:c14n0 <https://example.org/json> \"[1,null]\"^^<" + rdfJSON + "> .\n",
		`{"@context":"https://example.org/c","json":null}`:                                      "_:c14n0 <https://example.org/json> \"null\"^^<" + rdfJSON + "> .\n",
		`{"@context":"https://example.org/c","any":{"@value":{"b":1,"a":"x"},"@type":"@json"}}`: "_:c14n0 <https://example.org/any> \"{\\\"a\\\":\\\"x\\\",\\\"b\\\":1}\"^^<" + rdfJSON + "> .\n",
		// A property-scoped context holds after a type-scoped one ends, also if it redefines its own term
		// (JSON-LD 1.1 API §5.1.2, steps 3 and 8).
		`{"@context":"https://example.org/c","id":"urn:x","type":"Typed","inner":{"id":"urn:y","fixed":"x"}}`: "<urn:x> <" + rdfType + "> <https://example.org/Typed> .\n" +
			"<urn:x> <https://example.org/inner> <urn:y> .\n<urn:y> <https://example.org/other> \"x\"@fr .\n",
		// The container is that of the term, whatever its scoped context says (step 13.6).
		`{"@context":` + vc2 + `,"id":"urn:p","type":"VerifiablePresentation","verifiableCredential":{"@context":` + vc2 + `,"id":"urn:c","type":"VerifiableCredential","issuer":"urn:i"}}`: "" +
			"<urn:c> <" + rdfType + "> <https://www.w3.org/2018/credentials#VerifiableCredential> _:c14n0 .\n" +
			"<urn:c> <https://www.w3.org/2018/credentials#issuer> <urn:i> _:c14n0 .\n" +
			"<urn:p> <" + rdfType + "> <https://www.w3.org/2018/credentials#VerifiablePresentation> .\n" +
			"<urn:p> <https://www.w3.org/2018/credentials#verifiableCredential> _:c14n0 .\n",
	} {
		quads, err := env.convert(object(t, []byte(doc)))
		if err != nil {
			t.Errorf("%.80s: %v", doc, err)
			continue
		}
		if got := canonical(t, quads); got != want {
			t.Errorf("%.80s: got\n%s\nwant\n%s", doc, got, want)
		}
	}
}

func TestConvertRefusesOfOtherContexts(t *testing.T) {
	env := testEnvironment()
	for doc, want := range map[string]Kind{
		`"gone":"x"`:           UndefinedTerm,
		`"by":{"a":"x"}`:       Unsupported,
		`"odd":{"label":"x"}`:  Unsupported,
		`"type":"Odd"`:         Unsupported,
		`"odd":"x"`:            Unsupported,
		`"odd":{"@value":"x"}`: Unsupported,
		`"label":{"@value":"x","@language":"fr"}`:                  Unsupported,
		`"says":[{"label":"x"},{"says":{}}]`:                       Unsupported,
		`"fixed":{"@context":"https://example.org/p","fixed":"x"}`: Malformed,
		`"json":{"a":-1e400}`:                                      BadNumber,
		`"any":{"@value":"x","type":"_:t"}`:                        Malformed,
		`"link":{"@value":"x","@id":"urn:x"}`:                      Unsupported,
		`"link":[{"@value":"x","@value2":1}]`:                      Unsupported,
	} {
		env.extra["https://example.org/p"] = []byte(`{"@context":{"fixed":"urn:other"}}`)
		_, err := env.convert(object(t, []byte(`{"@context":"https://example.org/c",`+doc+`}`)))
		wantKind(t, doc, err, want)
	}
}

// Context documents that are given from outside and refused.
func TestContextRefusals(t *testing.T) {
	const url = "https://example.org/x"
	for text, want := range map[string]Kind{
		`{`:                                      Malformed,
		`[]`:                                     Malformed,
		`{"context":{}}`:                         Malformed,
		`{"@context":5}`:                         Malformed,
		`{"@context":[null]}`:                    Malformed,
		`{"@context":{"a":"urn:a","a":"urn:b"}}`: Malformed,
		`{"@context":{"a":"b","b":"a"}}`:         Malformed,
		`{"@context":{"a":5}}`:                   Malformed,
		`{"@context":{"a":{"@id":"urn:a","@container":5}}}`:                     Malformed,
		`{"@context":{"@protected":5}}`:                                         Malformed,
		`{"@context":{"a":null,"a:b":{"@type":"@id"}}}`:                         Malformed,
		`{"@context":"https://example.org/x"}`:                                  Malformed,
		`{"@context":["https://example.org/unknown"]}`:                          UnknownContext,
		`{"@context":{"@base":"https://example.org/"}}`:                         Malformed,
		`{"@context":{"@import":"https://www.w3.org/ns/credentials/v2"}}`:       Malformed,
		`{"@context":{"@propagate":false}}`:                                     Malformed,
		`{"@context":{"a":{"@reverse":"urn:a"}}}`:                               Malformed,
		`{"@context":{"a":{"@id":"urn:a","@context":{"@direction":"rtl"}}}}`:    Malformed,
		`{"@context":{"a":{"@id":"urn:a","@nest":"b"}}}`:                        Malformed,
		`{"@context":[` + strings.Repeat(`{},`, 20) + `{}]}`:                    TooLarge,
		`{"@context":{"a":"urn:` + strings.Repeat("a", maxContextBytes) + `"}}`: Malformed,
		`{"@context":{` + manyTerms(maxContextTerms+1) + `}}`:                   Malformed,
	} {
		_, err := ToRDF([]byte(`{"@context":"`+url+`","a":"x"}`), Options{Contexts: map[string][]byte{url: []byte(text)}})
		wantKind(t, fmt.Sprintf("%.80s", text), err, want)
	}
}

func manyTerms(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"t%d":"urn:t%d",`, i, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// An embedded context is never replaced, and one environment never sees the contexts of another.
func TestExtraContextsStayApart(t *testing.T) {
	o := Options{Contexts: map[string][]byte{"https://www.w3.org/ns/credentials/v2": []byte(`{"@context":{"rank":"urn:rank"}}`), "https://example.org/x": []byte(`{"@context":{"rank":"urn:rank"}}`)}}
	_, err := ToRDF([]byte(`{"@context":`+vc2+`,"rank":"x"}`), o)
	wantKind(t, "replaced context", err, UndefinedTerm)
	doc := []byte(`{"@context":"https://example.org/x","rank":"x"}`)
	if quads, err := ToRDF(doc, o); err != nil || len(quads) != 1 {
		t.Errorf("got %v, %v", quads, err)
	}
	_, err = ToRDF(doc, Options{})
	wantKind(t, "context of another document", err, UnknownContext)
}

// Decoded documents may have float64 numbers; what is no JSON value is refused.
func TestMapToRDF(t *testing.T) {
	var plain map[string]any
	if err := json.Unmarshal([]byte(basicCredential), &plain); err != nil {
		t.Fatal(err)
	}
	got, err := MapToRDF(plain, Options{})
	if err != nil || canonical(t, got) != string(ours(t, []byte(basicCredential)).Text()) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, v := range []any{7, []string{"x"}, struct{}{}} {
		_, err := MapToRDF(map[string]any{"@context": "https://www.w3.org/ns/credentials/v2", "name": v}, Options{})
		wantKind(t, fmt.Sprint(v), err, BadNumber)
	}
	deep := map[string]any{}
	for range 200 {
		deep = map[string]any{"urn:p": deep}
	}
	_, err = MapToRDF(deep, Options{})
	wantKind(t, "deep", err, TooLarge)
	wide := make([]any, MaxValues+1)
	_, err = MapToRDF(map[string]any{"urn:p": wide}, Options{})
	wantKind(t, "wide", err, TooLarge)
}

// Many goroutines share the contexts, also while they are thrown away because strangers filled them.
func TestConcurrent(t *testing.T) {
	want := string(ours(t, []byte(basicCredential)).Text())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				environmentOf(nil).kept.Add(int32(i) * 10)
				quads, err := ToRDF([]byte(basicCredential), Options{})
				if err != nil {
					t.Error(err)
					return
				}
				c, err := rdf.Canonicalize(quads, rdf.Options{})
				if err != nil || string(c.Text()) != want {
					t.Errorf("got %v, %v", c, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestErrorsAreErrors(t *testing.T) {
	for name, r := range refusals {
		_, err := ToRDF([]byte(r.doc), Options{})
		var e *Error
		if !errors.As(err, &e) || e.Detail == "" || !strings.HasPrefix(err.Error(), r.kind.String()+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
