package ob2

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// throughJSONLD reads a document by expansion and compaction, plain or not.
func throughJSONLD(d *Document, from, want string) *Object {
	o := &Object{Version: detect(d.m), Raw: d.raw, document: d}
	m := d.m
	if o.checkContext(m["@context"]); len(o.problems) == 0 {
		m = o.compact(m, nil)
	}
	o.m = o.normal(m)
	o.upgrade(from, want)
	o.settle(want)
	return o
}

// TestPlainIsTheSame: reading plain documents as they stand gives what expansion and compaction give,
// for every document of the shared cases.
func TestPlainIsTheSame(t *testing.T) {
	var cases []sharedCase
	if err := json.Unmarshal(readCase(t, "index.json"), &cases); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	plain := 0
	check := func(data []byte, from string) {
		d, err := Parse(data)
		if err != nil || seen[string(data)] || !isPlain(d.m) || detect(d.m) == "0.5" {
			return
		}
		seen[string(data)] = true
		plain++
		for _, want := range []string{"", KindAssertion, KindProfile} {
			fast, whole := d.Read(from, want, nil), throughJSONLD(d, from, want)
			if a, b := problems(fast), problems(whole); a != b {
				t.Errorf("%s: plain %q, JSON-LD %q", data, a, b)
			}
			if fast.ID != whole.ID || fast.Kind != whole.Kind || !slices.Equal(fast.Types, whole.Types) || fast.Home() != whole.Home() || fast.Recipient() != whole.Recipient() {
				t.Errorf("%s: plain %+v, JSON-LD %+v", data, fast, whole)
			}
			if !reflect.DeepEqual(fast.links("badge", ""), whole.links("badge", "")) && fast.Badge().Embedded == nil {
				t.Errorf("%s: badge %+v and %+v", data, fast.Badge(), whole.Badge())
			}
		}
	}
	for _, c := range cases {
		if !strings.HasPrefix(c.ID, "ob2/") {
			continue
		}
		var network map[string]struct{ Body string }
		if err := json.Unmarshal(readCase(t, c.Resources), &network); err != nil {
			t.Fatal(err)
		}
		for address, r := range network {
			check([]byte(r.Body), address)
		}
		if c.Kind == "json" {
			check(readCase(t, filepath.FromSlash(c.Input)), "https://x.test/input")
		}
	}
	for _, document := range good {
		check([]byte(document), "https://x.test/good")
	}
	if plain < 100 {
		t.Errorf("only %d plain documents", plain)
	}
	t.Logf("%d plain documents", plain)
}

// otherSpellings say the same as the good documents in other terms: full IRIs, compact IRIs, other
// contexts and value objects.
var otherSpellings = map[string]string{
	KindAssertion: `{"@context":{"id":"@id","kind":"@type","ob":"https://w3id.org/openbadges#","xs":"http://www.w3.org/2001/XMLSchema#",
		"award":{"@id":"ob:badge","@type":"@id"},"on":{"@id":"ob:issueDate","@type":"xs:dateTime"}},
		"kind":"ob:Assertion","id":"https://x.test/a","award":"https://x.test/b","on":"2016-12-31T23:59:59Z",
		"ob:recipient":{"kind":"email","ob:hashed":{"@value":false,"@type":"xs:boolean"},"ob:identityHash":"a@x.test"},
		"https://w3id.org/openbadges#verify":{"kind":"ob:HostedBadge"}}`,
	KindBadgeClass: `{"@context":["https://w3id.org/openbadges/v2",{"titel":{"@id":"http://schema.org/name","@language":"de"}}],"@type":"obi:BadgeClass","@id":"https://x.test/b",
		"titel":"N","schema:description":"D","image":{"@id":"https://x.test/b.png"},"obi:criteria":{"@id":"https://x.test/c"},"issuer":{"@id":"https://x.test/i"}}`,
	KindProfile: `{"@context":["https://w3id.org/openbadges/v2",{"web":{"@id":"schema:url","@type":"@id"}}],"type":["https://w3id.org/openbadges#Profile","https://x.test/School"],
		"id":"https://x.test/i","http://schema.org/name":[{"@value":"N"}],"web":"https://x.test","email":"n@x.test"}`,
	KindEndorsement: `{"@context":"https://w3id.org/openbadges/v2","@type":"cred:Credential","id":"https://x.test/e","cred:claim":{"@id":"https://x.test/b","endorsementComment":"good"},
		"issuer":"https://x.test/i","issuedOn":"2017-10-01T00:00Z","verification":{"type":"HostedBadge"}}`,
	KindKey: `{"@context":["https://w3id.org/openbadges/v2"],"type":"https://w3id.org/security#Key","id":"https://x.test/k","sec:owner":{"id":"https://x.test/i"},"sec:publicKeyPem":"PEM"}`,
}

// proves: 2.0 §1 judged: expanded and compacted before names are looked at: IRIs, aliases, other contexts, value objects
func TestOtherSpellings(t *testing.T) {
	for kind, document := range otherSpellings {
		o, err := Read([]byte(document), "", "")
		if err != nil || o.Kind != kind || problems(o) != "" {
			t.Errorf("%s: got %v, %q, %v", kind, o, problems(o), err)
			continue
		}
		plain, _ := Read([]byte(good[kind]), "", "")
		if o.ID != plain.ID || o.Badge().ID != plain.Badge().ID || o.Issuer().ID != plain.Issuer().ID || o.Text("name") != plain.Text("name") ||
			o.VerificationType() != plain.VerificationType() || o.Recipient() != plain.Recipient() || o.Image() != plain.Image() || o.IssuedOn() != plain.IssuedOn() {
			t.Errorf("%s: other terms mean something else: %+v", kind, o.m)
		}
	}
}

// TestTermsMean: a name counts for what the document's own context makes of it.
//
// proves: 2.0 §1 judged: `@context` is or contains v2; other parts of the standard under their other addresses
func TestTermsMean(t *testing.T) {
	profile := good[KindProfile]
	for name, c := range map[string]struct{ context, want string }{
		"a term is given away":            {`["https://w3id.org/openbadges/v2",{"email":"https://evil.test/email"}]`, "MISSING_PROPERTY:email"},
		"a term is taken out":             {`["https://w3id.org/openbadges/v2",{"name":null}]`, "MISSING_PROPERTY:name"},
		"an extension's context for all":  {`["https://w3id.org/openbadges/v2","https://w3id.org/openbadges/extensions/applyLinkExtension/context.json"]`, "MISSING_PROPERTY:url"},
		"no context of the standard":      {`"https://x.test/context"`, "CONTEXT:@context"},
		"no context at all, only numbers": {`[1,2]`, "CONTEXT:@context"},
		"a context that was not fetched":  {`["https://w3id.org/openbadges/v2","https://x.test/context"]`, "CONTEXT:@context"},
		"a context that is none":          {`{"name":7}`, "CONTEXT:@context"},
		"http instead of https":           {`"http://w3id.org/openbadges/v2"`, ""},
		"the older home":                  {`["https://openbadgespec.org/v2/context.json",{}]`, ""},
		"an alias beside something":       {`["http://w3id.org/openbadges/v2",{"foo":"https://x.test/foo"}]`, ""},
	} {
		o, err := Read(change(t, profile, map[string]string{"@context": c.context}), "", "")
		if err != nil || problems(o) != c.want {
			t.Errorf("%s: got %q, %v, want %q", name, problems(o), err, c.want)
		}
	}
}

// TestClaimAsID: an object with no more than an id is the same as that id.
//
// proves: 2.0 §1 judged: `x` and `[x]` are the same; several values refused where one is written; unmapped members mean nothing
func TestClaimAsID(t *testing.T) {
	o, err := Read(change(t, good[KindEndorsement], map[string]string{"claim": `"https://x.test/b"`}), "", "")
	about, comment := o.Claim()
	if err != nil || problems(o) != "" || about != "https://x.test/b" || comment != "" {
		t.Errorf("got %q %q, %q, %v", about, comment, problems(o), err)
	}
	if o, _ = Read([]byte(good[KindEndorsement]), "", ""); o == nil {
		t.Fatal("nothing was read")
	}
	if about, comment = o.Claim(); about != "https://x.test/b" || comment != "good" {
		t.Errorf("got %q %q", about, comment)
	}
	if profile, _ := Read([]byte(good[KindProfile]), "", ""); !profile.AtHome("https://x.test/k") || profile.AtHome("https://y.test/k") || profile.AtHome("https://x.test@y.test/") {
		t.Error("the host of a profile")
	}
}

func TestForeignContexts(t *testing.T) {
	document := change(t, good[KindProfile], map[string]string{"@context": `["https://w3id.org/openbadges/v2","https://x.test/context"]`, "email": "", "mail": `"n@x.test"`})
	d, err := Parse(document)
	if err != nil || !slices.Equal(d.Contexts(), []string{"https://x.test/context"}) {
		t.Fatalf("got %v, %v", d.Contexts(), err)
	}
	context := []byte(`{"@context":["https://x.test/more","http://w3id.org/openbadges/v2",{"mail":"http://schema.org/email"}]}`)
	if got := MoreContexts(context); !slices.Equal(got, []string{"https://x.test/more"}) || !IsContext(context) {
		t.Errorf("got %v", got)
	}
	o := d.Read("", "", map[string][]byte{"https://x.test/context": context, "https://x.test/more": []byte(`{"@context":{"schema":"http://schema.org/"}}`)})
	if problems(o) != "" || o.Text("email") != "n@x.test" {
		t.Errorf("got %q, %v", problems(o), o.m)
	}
	for _, data := range []string{"", "[]", "{}", `{"a":1}`, `"x"`} {
		if IsContext([]byte(data)) || len(MoreContexts([]byte(data))) > 0 {
			t.Errorf("%q is no context", data)
		}
	}
	for _, plain := range good {
		if d, _ := Parse([]byte(plain)); d.Contexts() != nil {
			t.Errorf("%s needs %v", plain, d.Contexts())
		}
	}
	if d, _ := Parse([]byte(`{"@context":"https://x.test/other","name":{"@value":1}}`)); d.Contexts() != nil {
		t.Error("a document without the standard's context is refused before anything is fetched")
	}
}

// TestOldTerms: 1.0 had no context, and means that of 1.1.
//
// proves: 2.0 §7 judged: 1.x signed: PEM at verify.url on the issuer's host, id is uid, plain list
func TestOldTerms(t *testing.T) {
	o, err := Read([]byte(`{"name":"N","schema:description":"D","image":"https://x.test/b.png","criteria":"https://x.test/c","issuer":"https://x.test/i"}`), "https://x.test/b", KindBadgeClass)
	if err != nil || problems(o) != "" || o.Version != "1.0" || o.Text("description") != "D" {
		t.Errorf("got %+v, %q, %v", o, problems(o), err)
	}
	signed := `{"@context":"https://w3id.org/openbadges/v1","type":"Assertion","uid":"f1","verify":{"type":"signed","url":"https://x.test/k"},"badge":"https://x.test/b",
		"issuedOn":"2015-01-01","recipient":{"type":"email","hashed":false,"identity":"a@x.test"}}`
	if o, err = Read([]byte(signed), "", ""); err != nil || o.ID != "uid:f1" || problems(o) != "" {
		t.Errorf("got %+v, %q, %v", o, problems(o), err)
	}
}

func TestParseErrors(t *testing.T) {
	for _, data := range []string{"", "[]", "1", `{"a":1,"a":2}`, `{`} {
		if d, err := Parse([]byte(data)); err == nil {
			t.Errorf("%q became %v", data, d)
		}
	}
}

// TestReadingChangesNothing: a document may be read again, for another link.
func TestReadingChangesNothing(t *testing.T) {
	for _, document := range append(slices.Collect(mapValues(good)), slices.Collect(mapValues(otherSpellings))...) {
		d, err := Parse([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		before, _ := json.Marshal(d.m)
		d.Read("https://x.test/", "", nil).Problems()
		d.Read("https://x.test/", KindProfile, nil).Extensions(true)
		after, _ := json.Marshal(d.m)
		if diff := cmp.Diff(string(before), string(after)); diff != "" {
			t.Error(diff)
		}
	}
}

func mapValues(m map[string]string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}
