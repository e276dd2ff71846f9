package jsonld

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

const (
	vc2 = `"https://www.w3.org/ns/credentials/v2"`
	vc1 = `"https://www.w3.org/2018/credentials/v1"`
	ob3 = `"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"`
)

// refusals are documents that must not be turned into statements, with the place of the fault.
var refusals = map[string]struct {
	doc     string
	kind    Kind
	pointer string
}{
	"no JSON":                {`{`, Malformed, ""},
	"array":                  {`[]`, Malformed, ""},
	"text":                   {`"x"`, Malformed, ""},
	"repeated member":        {`{"@context":` + vc2 + `,"name":"a","na\u006de":"b"}`, Malformed, ""},
	"no context":             {`{"name":"x"}`, UndefinedTerm, "/name"},
	"unknown context":        {`{"@context":[` + vc2 + `,"https://evil.example/context"]}`, UnknownContext, ""},
	"relative context":       {`{"@context":"v2"}`, UnknownContext, ""},
	"extension schema":       {`{"@context":"https://w3id.org/openbadges/extensions/exampleExtension/schema.json"}`, UnknownContext, ""},
	"inline context":         {`{"@context":[` + vc2 + `,{"motto":"https://schema.org/name"}],"motto":"x"}`, InlineContext, ""},
	"null context":           {`{"@context":[` + vc2 + `,null]}`, InlineContext, ""},
	"inner inline context":   {`{"@context":` + vc2 + `,"type":"VerifiableCredential","issuer":{"@context":{"@vocab":"urn:"}}}`, InlineContext, "/issuer"},
	"inner unknown context":  {`{"@context":` + vc2 + `,"type":"VerifiableCredential","evidence":[{"@context":"urn:c"}]}`, UnknownContext, "/evidence/0"},
	"conflicting contexts":   {`{"@context":[` + vc2 + `,` + vc1 + `]}`, Malformed, ""},
	"undefined member":       {`{"@context":` + vc2 + `,"rank":"gold"}`, UndefinedTerm, "/rank"},
	"undefined, null":        {`{"@context":` + vc2 + `,"rank":null}`, UndefinedTerm, "/rank"},
	"undefined, no values":   {`{"@context":` + vc2 + `,"rank":[]}`, UndefinedTerm, "/rank"},
	"not defined here":       {`{"@context":` + vc2 + `,"validUntil":"2030-01-01T00:00:00Z"}`, UndefinedTerm, "/validUntil"},
	"inner undefined":        {`{"@context":` + vc2 + `,"type":"VerifiableCredential","evidence":[{"id":"urn:x","a/b~":1}]}`, UndefinedTerm, "/evidence/0/a~1b~0"},
	"empty member name":      {`{"@context":` + vc2 + `,"":"x"}`, UndefinedTerm, "/"},
	"member with a space":    {`{"@context":` + vc2 + `,"a b:c":"gold"}`, UndefinedTerm, "/a b:c"},
	"blank member":           {`{"@context":` + vc2 + `,"_:rank":"gold"}`, UndefinedTerm, "/_:rank"},
	"reserved word":          {`{"@context":` + vc2 + `,"@rank":"gold"}`, Unsupported, "/@rank"},
	"no keyword":             {`{"@context":` + vc2 + `,"@r1":"gold"}`, Unsupported, "/@r1"},
	"just @":                 {`{"@context":` + vc2 + `,"@":"gold"}`, Unsupported, "/@"},
	"undefined type":         {`{"@context":` + vc2 + `,"type":["VerifiableCredential","GoldBadge"]}`, UndefinedTerm, ""},
	"keyword type":           {`{"@context":` + vc2 + `,"type":"@id"}`, UndefinedTerm, ""},
	"blank type":             {`{"@context":` + vc2 + `,"type":"_:x"}`, UndefinedTerm, ""},
	"empty type":             {`{"@context":` + vc2 + `,"type":""}`, UndefinedTerm, ""},
	"number type":            {`{"@context":` + vc2 + `,"type":[1]}`, Malformed, ""},
	"null type":              {`{"@context":` + vc2 + `,"type":null}`, Malformed, ""},
	"two types":              {`{"@context":` + vc2 + `,"type":"VerifiableCredential","@type":"VerifiableCredential"}`, Malformed, ""},
	"two ids":                {`{"@context":` + vc2 + `,"id":"urn:x","@id":"urn:y"}`, Malformed, ""},
	"type as IRI":            {`{"@context":` + vc2 + `,"type":"https://www.w3.org/2018/credentials#VerifiableCredential"}`, Unsupported, ""},
	"type as property":       {`{"@context":` + vc2 + `,"http://www.w3.org/1999/02/22-rdf-syntax-ns#type":"x"}`, Unsupported, "/http:~1~1www.w3.org~11999~102~122-rdf-syntax-ns#type"},
	"relative id":            {`{"@context":` + vc2 + `,"id":"abc"}`, RelativeIRI, ""},
	"empty id":               {`{"@context":` + vc2 + `,"id":""}`, RelativeIRI, ""},
	"keyword id":             {`{"@context":` + vc2 + `,"id":"@type"}`, RelativeIRI, ""},
	"number id":              {`{"@context":` + vc2 + `,"id":1}`, Malformed, ""},
	"null id":                {`{"@context":` + vc2 + `,"id":null}`, Malformed, ""},
	"id with a statement":    {`{"@context":` + vc2 + `,"id":"urn:x> <urn:p> <urn:o> .\n<urn:y"}`, RelativeIRI, ""},
	"relative reference":     {`{"@context":` + vc2 + `,"type":"VerifiableCredential","issuer":"me"}`, RelativeIRI, "/issuer"},
	"relative in a list":     {`{"@context":` + vc2 + `,"type":"VerifiableCredential","evidence":["urn:a",["b c"]]}`, RelativeIRI, "/evidence/1/0"},
	"undefined vocabulary":   {`{"@context":` + vc2 + `,"type":"DataIntegrityProof","proofPurpose":"assertion"}`, RelativeIRI, "/proofPurpose"},
	"graph":                  {`{"@context":` + vc2 + `,"@graph":[]}`, Unsupported, "/@graph"},
	"included":               {`{"@context":` + vc2 + `,"@included":[{"name":"x"}]}`, Unsupported, "/@included"},
	"reverse":                {`{"@context":` + vc2 + `,"@reverse":{"name":{"id":"urn:x"}}}`, Unsupported, "/@reverse"},
	"nest":                   {`{"@context":` + vc2 + `,"@nest":{"name":"x"}}`, Unsupported, "/@nest"},
	"index":                  {`{"@context":` + vc2 + `,"@index":"gold"}`, Unsupported, "/@index"},
	"set":                    {`{"@context":` + vc2 + `,"name":{"@set":["x"]}}`, Unsupported, "/name/@set"},
	"set hides a fault":      {`{"@context":` + vc2 + `,"name":{"@set":[{"rank":"gold"}]}}`, Unsupported, "/name/@set"},
	"list":                   {`{"@context":` + vc2 + `,"name":{"@list":["x"]}}`, Unsupported, "/name/@list"},
	"language alone":         {`{"@context":` + vc2 + `,"name":{"@language":"en"}}`, Unsupported, "/name/@language"},
	"plain value object":     {`{"@context":` + vc2 + `,"name":{"@value":"x"}}`, Unsupported, "/name"},
	"typed as string":        {`{"@context":` + vc2 + `,"name":{"@value":"x","@type":"http://www.w3.org/2001/XMLSchema#string"}}`, Unsupported, "/name"},
	"typed as the term":      {`{"@context":` + vc2 + `,"type":"VerifiableCredential","validUntil":{"@value":"2030-01-01T00:00:00Z","@type":"http://www.w3.org/2001/XMLSchema#dateTime"}}`, Unsupported, "/validUntil"},
	"typed as number":        {`{"@context":` + vc2 + `,"name":{"@value":3,"@type":"http://www.w3.org/2001/XMLSchema#integer"}}`, Unsupported, "/name"},
	"typed as boolean":       {`{"@context":` + vc2 + `,"name":{"@value":true,"@type":"http://www.w3.org/2001/XMLSchema#boolean"}}`, Unsupported, "/name"},
	"direction":              {`{"@context":` + vc2 + `,"name":{"@value":"x","@language":"ar","@direction":"rtl"}}`, Unsupported, "/name"},
	"value with index":       {`{"@context":` + vc2 + `,"name":{"@value":"x","@language":"en","@index":"gold"}}`, Unsupported, "/name"},
	"value with member":      {`{"@context":` + vc2 + `,"name":{"@value":"x","@language":"en","description":"y"}}`, Unsupported, "/name"},
	"value with context":     {`{"@context":` + vc2 + `,"name":{"@value":"x","@language":"en","@context":` + vc2 + `}}`, Unsupported, "/name"},
	"two value types":        {`{"@context":` + vc2 + `,"name":{"@value":"x","@type":"urn:a","type":"urn:b"}}`, Unsupported, "/name"},
	"bad language":           {`{"@context":` + vc2 + `,"name":{"@value":"x","@language":"en_GB"}}`, Malformed, "/name"},
	"number language":        {`{"@context":` + vc2 + `,"name":{"@value":"x","@language":1}}`, Unsupported, "/name"},
	"language of a number":   {`{"@context":` + vc2 + `,"name":{"@value":1,"@language":"en"}}`, Malformed, "/name"},
	"language and type":      {`{"@context":` + vc2 + `,"name":{"@value":"x","@language":"en","@type":"urn:t"}}`, Malformed, "/name"},
	"relative datatype":      {`{"@context":` + vc2 + `,"name":{"@value":"x","@type":"t"}}`, Malformed, "/name"},
	"relative datatype, 1":   {`{"@context":` + vc2 + `,"name":{"@value":1,"@type":"t"}}`, Malformed, "/name"},
	"null value":             {`{"@context":` + vc2 + `,"name":{"@value":null}}`, Malformed, "/name"},
	"object value":           {`{"@context":` + vc2 + `,"name":{"@value":{"a":1}}}`, Malformed, "/name"},
	"array value":            {`{"@context":` + vc2 + `,"name":{"@value":["x"],"@type":"urn:t"}}`, Malformed, "/name"},
	"half a surrogate":       {`{"@context":` + vc2 + `,"name":"\uD800"}`, Malformed, ""},
	"member as IRI":          {`{"@context":` + vc2 + `,"https://schema.org/name":"x"}`, Unsupported, "/https:~1~1schema.org~1name"},
	"expiry as IRI":          {`{"@context":` + vc2 + `,"type":"VerifiableCredential","https://www.w3.org/2018/credentials#validUntil":{"@value":"2020-01-01T00:00:00Z","@type":"http://www.w3.org/2001/XMLSchema#dateTime"}}`, Unsupported, "/https:~1~1www.w3.org~12018~1credentials#validUntil"},
	"expiry by another name": {`{"@context":[` + vc2 + `,"https://w3id.org/security/v1"],"type":"DataIntegrityProof","expiration":"2020-01-01T00:00:00Z"}`, Unsupported, "/expiration"},
	"expiry elsewhere":       {`{"@context":` + vc2 + `,"id":"urn:x","type":"VerifiableCredential","evidence":{"id":"urn:x","type":"VerifiableCredential","validUntil":"2020-01-01T00:00:00Z"}}`, Unsupported, "/evidence/validUntil"},
	"proof without content":  {`{"@context":` + vc2 + `,"type":"VerifiableCredential","proof":{"id":"urn:p"}}`, Unsupported, "/proof"},
	"proof by reference":     {`{"@context":` + vc2 + `,"type":"VerifiableCredential","proof":"urn:p"}`, Unsupported, "/proof"},
	"proof, a number":        {`{"@context":` + vc2 + `,"type":"VerifiableCredential","proof":[5]}`, Unsupported, "/proof/0"},
	"list in a list":         {`{"@context":[` + vc2 + `,` + ob3 + `],"type":"ResultDescription","allowedValue":["a",["b"]]}`, Unsupported, "/allowedValue"},
	"fault in a list":        {`{"@context":[` + vc2 + `,` + ob3 + `],"type":"ResultDescription","allowedValue":["a",{"rank":1}]}`, UndefinedTerm, "/allowedValue/1/rank"},
	"large exponent":         {`{"@context":` + vc2 + `,"name":[1e400]}`, BadNumber, "/name/0"},
	"typed, no double":       {`{"@context":` + vc2 + `,"name":{"@value":1e999,"@type":"urn:t"}}`, BadNumber, "/name"},
	"large in JSON":          {`{"@context":` + vc2 + `,"type":"JsonSchema","jsonSchema":{"a":[1,1e400]}}`, BadNumber, "/jsonSchema/a/1"},
	"large in JSON value":    {`{"@context":` + vc2 + `,"name":{"@value":{"a":1e400},"@type":"@json"}}`, BadNumber, "/name/a"},
}

func TestToRDFRefuses(t *testing.T) {
	for name, r := range refusals {
		quads, err := ToRDF([]byte(r.doc), Options{})
		if e := wantKind(t, name, err, r.kind); e.Pointer != r.pointer {
			t.Errorf("%s: pointer %q, want %q (%v)", name, e.Pointer, r.pointer, e)
		}
		if quads != nil {
			t.Errorf("%s: gives statements beside an error", name)
		}
	}
}

// Numbers as JSON-LD writes them; ? before those that other programs write otherwise.
func TestNumberText(t *testing.T) {
	for datatype, numbers := range map[string]map[string]string{
		"": {
			"0": "0", "1": "1", "-7": "-7", "10": "10", "1.0": "1", "1e2": "100", "1.5e1": "15", "9007199254740992": "9007199254740992", "-9007199254740992": "-9007199254740992",
			"4.5": "4.5E0", "-0.5": "-5.0E-1", "0.01": "1.0E-2", "123.456": "1.23456E2", "1.5e-7": "1.5E-7", "0.000001": "1.0E-6", "1.25e-10": "1.25E-10", "3.3333333333333335": "3.333333333333333E0",
			"100.5": "1.005E2", "0.1": "1.0E-1", "0e5": "0", "0.0": "0", "0.30000000000000004": "3.0E-1",
			"9007199254740993": "9007199254740992", "-9007199254740993": "-9007199254740992", "9007199254740994": "9007199254740994", "1e16": "10000000000000000",
			"1E+2": "100", "12e-1": "1.2E0", "1.0e0": "1", "2e20": "200000000000000000000", "1152921504606846976": "1152921504606846976", "1152921504606847000": "1152921504606846976",
			"999999999999999934463": "999999999999999868928", "999999999999999999999": "1.0E21", "1000000000000000000000": "1.0E21",
			"1e21": "1.0E21", "1.0E21": "1.0E21", "-1e21": "-1.0E21", "1.5e21": "1.5E21", "1e22": "1.0E22", "1e23": "9.999999999999999E22", "123456789012345678901234": "1.234567890123457E23",
			"1.7976931348623157e308": "1.797693134862316E308", "1.5e-300": "1.5E-300", "2.5e-7": "2.5E-7",
			"-0": "0", "-0.0": "0", "-0e3": "0", "1e-400": "0", "-1e-400": "0", "0.000e-400": "0",
			"5e-7": "?5.0E-7", "-5e-7": "?-5.0E-7", "1e-300": "?1.0E-300", "0.0000005": "?5.0E-7", "5e-324": "?4.940656458412465E-324",
			"1234567890123456.5": "?1.234567890123456E15", "-1234567890123456.5": "?-1.234567890123456E15", "1234567890123457.5": "1.234567890123458E15", "1234567890123456.75": "1.234567890123457E15",
		},
		xsdDouble: {
			"0": "0.0E0", "3": "3.0E0", "100": "1.0E2", "-25": "-2.5E1", "1e16": "1.0E16", "1e21": "1.0E21", "9007199254740993": "9.007199254740992E15",
			"5e-7": "5.0E-7", "1e-300": "1.0E-300", "-0": "?-0.0E0", "-0.0": "?-0.0E0", "1234567890123456.5": "?1.234567890123456E15",
		},
		xsdInteger: {"1.5": "1.5E0", "7": "7", "-0": "0", "5e-7": "?5.0E-7"},
	} {
		for written, want := range numbers {
			f, problem := readNumber(json.Number(written))
			text, _ := numberText(f, datatype)
			if disputedNumber(f, datatype) {
				text = "?" + text
			}
			if text != want || problem != "" {
				t.Errorf("%s as %s: got %q, %q, want %q", written, datatype, text, problem, want)
			}
		}
	}
	for _, v := range []any{math.Inf(1), math.NaN(), "1", 7, json.Number("x"), json.Number(""), json.Number("1e400"), json.Number("-1e400")} {
		if f, problem := readNumber(v); problem == "" {
			t.Errorf("%v: got %v, want a refusal", v, f)
		}
	}
	if f, problem := readNumber(4.5); f != 4.5 || problem != "" {
		t.Errorf("got %v, %q", f, problem)
	}
}

// A disputed number is told only of a document that has no other fault, and where it is not the number
// itself that a signature covers, nothing is disputed.
func TestDisputedNumbers(t *testing.T) {
	const double = `"http://www.w3.org/2001/XMLSchema#double"`
	for doc, want := range map[string]Kind{
		`"name":5e-7`:                                                         DisputedNumber,
		`"name":["x",5e-7]`:                                                   DisputedNumber,
		`"name":5e-7,"rank":"gold"`:                                           UndefinedTerm,
		`"name":[5e-7,1e400]`:                                                 BadNumber,
		`"name":{"@value":5e-7,"@type":"urn:t"}`:                              DisputedNumber,
		`"name":{"@value":5e-7,"@type":` + double + `}`:                       0,
		`"name":{"@value":5e-7}`:                                              Unsupported,
		`"name":{"@value":-0,"@type":` + double + `}`:                         DisputedNumber,
		`"name":{"@value":"1.50","@type":` + double + `}`:                     DisputedNumber,
		`"name":{"@value":"1.5x","@type":` + double + `}`:                     DisputedNumber,
		`"name":{"@value":"INF","@type":` + double + `}`:                      DisputedNumber,
		`"name":{"@value":"1.5E0","@type":` + double + `}`:                    0,
		`"type":"JsonSchema","jsonSchema":{"a":[5e-7,-0,1234567890123456.5]}`: 0,
	} {
		_, err := ToRDF([]byte(`{"@context":`+vc2+`,`+doc+`}`), Options{})
		if want != 0 {
			wantKind(t, doc, err, want)
		} else if err != nil {
			t.Errorf("%s: %v", doc, err)
		}
	}
}

func TestErrorText(t *testing.T) {
	long := failure(Malformed, []step{{name: strings.Repeat("é", 400), index: -1}}, "%s", strings.Repeat("x", 400))
	if len(long.Detail) > 310 || len(long.Pointer) > 310 {
		t.Errorf("got %d and %d bytes, want them cut", len(long.Detail), len(long.Pointer))
	}
	if got, want := failure(BadNumber, []step{{name: "a", index: -1}, {index: 2}}, "1e400").Error(), "bad number: 1e400 at /a/2"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
	if got, want := failure(TooLarge, nil, "x").Error(), "too large: x"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
	if got := Kind(99).String(); got != "?" {
		t.Errorf("got %q", got)
	}
}
