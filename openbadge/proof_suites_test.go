package openbadge

import (
	"crypto"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge/jsonld"
	"github.com/open-insignia/insignia/openbadge/rdf"
)

var noContexts = jsonld.Options{}

const legacyContext = `"https://w3id.org/security/suites/ed25519-2020/v1"`

func TestSuites(t *testing.T) {
	legacy := strings.Replace(plainDoc, `context-3.0.3.json"`, `context-3.0.3.json",`+legacyContext, 1)
	jcsOptions := strings.Replace(suiteOptions("eddsa-jcs-2022"), `{`, `{"@context":["https://www.w3.org/ns/credentials/v2"],`, 1)
	for name, c := range map[string]struct {
		doc, options, key string
	}{
		"eddsa-rdfc-2022":              {plainDoc, suiteOptions("eddsa-rdfc-2022"), "Ed25519"},
		"eddsa-2022":                   {plainDoc, suiteOptions("eddsa-2022"), "Ed25519"},
		"eddsa-jcs-2022":               {plainDoc, suiteOptions("eddsa-jcs-2022"), "Ed25519"},
		"eddsa-jcs-2022 and a context": {plainDoc, jcsOptions, "Ed25519"},
		"ecdsa-rdfc-2019 P-256":        {plainDoc, suiteOptions("ecdsa-rdfc-2019"), "P-256"},
		"ecdsa-rdfc-2019 P-384":        {plainDoc, suiteOptions("ecdsa-rdfc-2019"), "P-384"},
		"Ed25519Signature2020":         {legacy, `{"type":"Ed25519Signature2020",` + plainOptions + `}`, "Ed25519"},
	} {
		signed := withProof(t, c.doc, c.options, testKeys()[c.key])
		if err := verifyLast(signed, public(c.key)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for what, forged := range map[string]string{
			"document": strings.Replace(signed, `"N"`, `"M"`, 1),
			"created":  strings.Replace(signed, "2026-01-02T00:00:00Z", "2026-01-02T00:00:00.0Z", 1), // the same moment
			"expires":  strings.Replace(signed, `"created"`, `"expires":"2036-01-01T00:00:00Z","created"`, 1),
			"method":   strings.Replace(signed, `/i#key`, `/i#kez`, 1),
		} {
			if err := verifyLast(forged, public(c.key)); !errors.Is(err, ErrSignature) {
				t.Errorf("%s: another %s: got %v", name, what, err)
			}
		}
		for _, kind := range []string{"Ed25519", "P-256", "P-384", "P-521", "RSA"} {
			want := ErrAlgorithm
			if KeyAlgorithm(public(c.key)) == ES256 && kind == "P-384" || KeyAlgorithm(public(c.key)) == ES384 && kind == "P-256" {
				want = ErrMalformed // the suite has both curves, and the length tells them apart
			}
			if err := verifyLast(signed, public(kind)); kind != c.key && !errors.Is(err, want) {
				t.Errorf("%s with a key of %s: got %v, want %v", name, kind, err, want)
			}
		}
		if err := verifyLast(signed, nil); !errors.Is(err, ErrAlgorithm) {
			t.Errorf("%s without key: got %v", name, err)
		}
	}
}

func TestProofIsMalformed(t *testing.T) {
	signed := withProof(t, plainDoc, suiteOptions("eddsa-rdfc-2022"), testKeys()["Ed25519"])
	jcs := withProof(t, plainDoc, suiteOptions("eddsa-jcs-2022"), testKeys()["Ed25519"])
	sd := derivedProof(t, plainDoc, derivation{})
	value := signed[strings.Index(signed, `"proofValue":"`)+14 : strings.LastIndex(signed, `"`)]
	for name, c := range map[string]struct {
		doc, old, new string
		want          error
	}{
		"unknown suite":        {signed, `"eddsa-rdfc-2022"`, `"eddsa-rdf-2022"`, ErrUnsupported},
		"no suite":             {signed, `"cryptosuite":"eddsa-rdfc-2022",`, ``, ErrMalformed},
		"unknown type":         {signed, `"DataIntegrityProof"`, `"RsaSignature2018"`, ErrUnsupported},
		"suite as type":        {signed, `"DataIntegrityProof","cryptosuite"`, `"eddsa-rdfc-2022","x"`, ErrUnsupported},
		"no method":            {signed, `"verificationMethod":"https://x.test/i#key",`, ``, ErrMalformed},
		"other purpose":        {signed, `"assertionMethod"`, `"authentication"`, ErrMalformed},
		"no purpose":           {signed, `"proofPurpose":"assertionMethod",`, ``, ErrMalformed},
		"no value":             {signed, `,"proofValue":"` + value + `"`, ``, ErrMalformed},
		"value is number":      {signed, `"proofValue":"` + value + `"`, `"proofValue":1`, ErrMalformed},
		"created is a date":    {signed, `2026-01-02T00:00:00Z`, `2026-01-02`, ErrMalformed},
		"created without zone": {signed, `2026-01-02T00:00:00Z`, `2026-01-02T00:00:00`, ErrMalformed},
		"expires is number":    {signed, `"created"`, `"expires":1,"created"`, ErrMalformed},
		"id is object":         {signed, `"created"`, `"id":{},"created"`, ErrMalformed},
		"no multibase":         {signed, `"` + value, `"` + value[1:], ErrMalformed},
		"base64url":            {signed, `"` + value, `"u` + b64.EncodeToString(make([]byte, 64)), ErrMalformed},
		"short":                {signed, value, value[:len(value)-3], ErrMalformed},
		"long":                 {signed, value, value + strings.Repeat("1", 1000), ErrMalformed},
		"no base58":            {signed, value, value[:20] + "0" + value[21:], ErrMalformed},
		"previous is object":   {signed, `"created"`, `"previousProof":{},"created"`, ErrMalformed},
		"previous is empty":    {signed, `"created"`, `"previousProof":[],"created"`, ErrMalformed},
		"previous is mixed":    {signed, `"created"`, `"previousProof":["a",1],"created"`, ErrMalformed},
		"previous is missing":  {signed, `"created"`, `"previousProof":"urn:x","created"`, ErrMalformed},
		"previous is itself":   {signed, `"created"`, `"id":"urn:x","previousProof":"urn:x","created"`, ErrMalformed},
		"JCS: short":           {jcs, `"proofValue":"z`, `"proofValue":"z1`, ErrMalformed},
		"JCS: other context":   {jcs, `"cryptosuite"`, `"@context":["https://x.test/"],"cryptosuite"`, ErrMalformed},
		"JCS: more context":    {jcs, `"cryptosuite"`, `"@context":["https://www.w3.org/ns/credentials/v2",2,3],"cryptosuite"`, ErrMalformed},
		"JCS: vast context":    {jcs, `"cryptosuite"`, `"@context":[9007199254740993],"cryptosuite"`, ErrMalformed},
		"JCS: vast in proof":   {jcs, `"cryptosuite"`, `"n":9007199254740993,"cryptosuite"`, ErrMalformed},
		"JCS: vast in badge":   {jcs, `"name"`, `"n":[-9007199254740993],"name"`, ErrMalformed},
		"JCS: no number":       {jcs, `"name"`, `"n":1e999,"name"`, ErrMalformed},
		"SD: previous":         {sd, `"created"`, `"previousProof":"urn:x","created"`, ErrMalformed},
	} {
		doc := strings.Replace(c.doc, c.old, c.new, 1)
		if doc == c.doc {
			t.Fatalf("%s: nothing was changed", name)
		}
		pub := public("Ed25519")
		if c.doc == sd {
			pub = sdIssuer.Public()
		}
		if err := verifyLast(doc, pub); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	for _, proof := range []string{`1`, `"x"`, `[[]]`} {
		if err := verifyLast(strings.TrimSuffix(plainDoc, "}")+`,"proof":`+proof+`}`, public("Ed25519")); !errors.Is(err, ErrMalformed) {
			t.Errorf("proof %s: got %v", proof, err)
		}
	}
}

// A holder may add contexts to a document whose JCS proof names its own, and nothing else.
func TestContextsAfterJCSProof(t *testing.T) {
	const more = `,"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"`
	first := strings.Replace(plainDoc, more, "", 1)
	options := strings.Replace(suiteOptions("eddsa-jcs-2022"), `{`, `{"@context":["https://www.w3.org/ns/credentials/v2"],`, 1)
	signed := withProof(t, first, options, testKeys()["Ed25519"])
	added := strings.Replace(signed, `credentials/v2"`, `credentials/v2"`+more, 1)
	if err := verifyLast(added, public("Ed25519")); err != nil || added == signed {
		t.Errorf("a context more: %v", err)
	}
	without := strings.Replace(withProof(t, first, suiteOptions("eddsa-jcs-2022"), testKeys()["Ed25519"]), `credentials/v2"`, `credentials/v2"`+more, 1)
	if err := verifyLast(without, public("Ed25519")); !errors.Is(err, ErrSignature) {
		t.Errorf("a context more, where the proof names none: got %v, want %v", err, ErrSignature)
	}
}

// A large integer is signed as the double that it is, and has to be written as that.
func TestLargeNumbersUnderJCS(t *testing.T) {
	large := strings.Replace(plainDoc, `"name"`, `"n":[9007199254740992,-12345678901234567000,1e21,5e-7,-0],"name"`, 1)
	signed := withProof(t, large, suiteOptions("eddsa-jcs-2022"), testKeys()["Ed25519"])
	if err := verifyLast(signed, public("Ed25519")); err != nil {
		t.Error(err)
	}
	for _, other := range []string{"9007199254740993", "9007199254740992.0", "9007199254740991.9999"} {
		if err := verifyLast(strings.Replace(signed, "9007199254740992", other, 1), public("Ed25519")); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want %v", other, err, ErrMalformed)
		}
	}
}

// What the conversion to RDF refuses is not hidden behind another error.
func TestProofPassesErrorsOn(t *testing.T) {
	signed := withProof(t, plainDoc, suiteOptions("eddsa-rdfc-2022"), testKeys()["Ed25519"])
	for name, c := range map[string]struct {
		old, new string
		want     jsonld.Kind
	}{
		"undefined member":  {`"name"`, `"rank":"gold","name"`, jsonld.UndefinedTerm},
		"undefined type":    {`"OpenBadgeCredential"`, `"Medal"`, jsonld.UndefinedTerm},
		"undefined in it":   {`"created"`, `"rank":"gold","created"`, jsonld.UndefinedTerm},
		"relative id":       {`"https://x.test/1"`, `"1"`, jsonld.RelativeIRI},
		"relative method":   {`"https://x.test/i#key"`, `"#key"`, jsonld.RelativeIRI},
		"inline context":    {`"@context":[`, `"@context":[{"rank":"https://x.test/rank"},`, jsonld.InlineContext},
		"unknown context":   {`"@context":[`, `"@context":["https://x.test/context",`, jsonld.UnknownContext},
		"number not finite": {`"name":"N"`, `"name":1e999`, jsonld.BadNumber},
	} {
		var got *jsonld.Error
		err := verifyLast(strings.Replace(signed, c.old, c.new, 1), public("Ed25519"))
		if !errors.As(err, &got) || got.Kind != c.want {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := verifyLast(strings.Replace(signed, `"@context"`, `"context"`, 1), public("Ed25519")); err == nil {
		t.Error("a document without context verifies")
	}
}

// poison is a document whose blank nodes nobody can tell apart in reasonable time.
func poison() string {
	var nodes []string
	for _, a := range "abcdefghij" {
		var related []string
		for _, b := range "abcdefghij" {
			if a != b {
				related = append(related, `{"id":"_:`+string(b)+`","type":["Evidence"]}`)
			}
		}
		nodes = append(nodes, `{"id":"_:`+string(a)+`","type":["Evidence"],"https://x.test/p":[`+strings.Join(related, ",")+`]}`)
	}
	return strings.Replace(plainDoc, `"name":"N"`, `"name":"N","evidence":[`+strings.Join(nodes, ",")+`]`, 1)
}

func TestPoisonIsRefused(t *testing.T) {
	for _, suite := range []string{"eddsa-rdfc-2022", "ecdsa-sd-2023"} {
		signed, pub := withProof(t, plainDoc, suiteOptions("eddsa-rdfc-2022"), testKeys()["Ed25519"]), public("Ed25519")
		if suite == "ecdsa-sd-2023" {
			signed, pub = derivedProof(t, plainDoc, derivation{}), sdIssuer.Public()
		}
		doc := strings.TrimSuffix(poison(), "}") + signed[strings.Index(signed, `,"proof":`):]
		if err := verifyLast(doc, pub); !errors.Is(err, rdf.ErrWork) {
			t.Errorf("%s: got %v", suite, err)
		}
	}
}

// Many proofs do not add up to more work than one document may take.
func TestProofsTogetherAreLimited(t *testing.T) {
	large := strings.Replace(plainDoc, `"name":"N"`, `"name":"`+strings.Repeat("N", 1<<20)+`"`, 1)
	jcs := withProof(t, large, suiteOptions("eddsa-jcs-2022"), testKeys()["Ed25519"])
	var lines []string
	for i := range 1900 {
		lines = append(lines, fmt.Sprint(`"`, i, `"`))
	}
	many := strings.Replace(plainDoc, `"name":"N"`, `"name":"N","https://x.test/p":[`+strings.Join(lines, ",")+`]`, 1)
	for name, c := range map[string]struct {
		doc string
		pub crypto.PublicKey
	}{"JCS": {jcs, public("Ed25519")}, "SD": {derivedProof(t, many, derivation{}), sdIssuer.Public()}} {
		s, err := ReadSecured([]byte(c.doc), noContexts)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(s.Proofs[0], c.pub); err != nil {
			t.Errorf("%s: the first: %v", name, err)
		}
		times := 1
		for err = nil; err == nil && times < MaxProofs; times++ {
			err = s.Verify(s.Proofs[0], c.pub)
		}
		if !errors.Is(err, rdf.ErrWork) || !errors.Is(s.Verify(s.Proofs[0], c.pub), rdf.ErrWork) {
			t.Errorf("%s: verified %d times, then %v", name, times, err)
		}
	}
}

// The proofs of a set stand each alone; a chain is signed over what it names.
func TestProofSetAndChain(t *testing.T) {
	keys := []crypto.Signer{testKeys()["Ed25519"], testKeys()["P-256"]}
	for _, suite := range []string{"eddsa-rdfc-2022", "eddsa-jcs-2022"} {
		option := func(more string) string {
			return strings.Replace(suiteOptions(suite), `{`, `{`+more, 1)
		}
		doc := withProof(t, plainDoc, option(`"id":"urn:x:1",`), keys[0])
		doc = withProof(t, doc, option(`"id":"urn:x:2",`), keys[0])
		doc = withProof(t, doc, option(`"id":"urn:x:3","previousProof":"urn:x:1",`), keys[0])
		doc = withProof(t, doc, option(`"previousProof":["urn:x:2","urn:x:3"],`), keys[0])
		s, err := ReadSecured([]byte(doc), noContexts)
		if err != nil || len(s.Proofs) != 4 {
			t.Fatalf("got %v, %v", s, err)
		}
		for i, p := range s.Proofs {
			if err := s.Verify(p, keys[0].Public()); err != nil {
				t.Errorf("%s: proof %d: %v", suite, i, err)
			}
		}
		// Without the second, the fourth has lost what it stands on; the others have not.
		second := string(s.Proofs[1].Raw)
		left, err := ReadSecured([]byte(strings.Replace(doc, second+",", "", 1)), noContexts)
		if err != nil || len(left.Proofs) != 3 {
			t.Fatalf("got %v, %v", left, err)
		}
		for i, want := range []error{nil, nil, ErrMalformed} {
			if err := left.Verify(left.Proofs[i], keys[0].Public()); !errors.Is(err, want) {
				t.Errorf("%s: without the second: proof %d: got %v, want %v", suite, i, err, want)
			}
		}
		// A changed first breaks the third, which is signed over it.
		changed := strings.Replace(doc, `"id":"urn:x:1",`, `"id":"urn:x:1","domain":"https://x.test",`, 1)
		s, err = ReadSecured([]byte(changed), noContexts)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []error{ErrSignature, nil, ErrSignature, nil} {
			if err := s.Verify(s.Proofs[i], keys[0].Public()); !errors.Is(err, want) {
				t.Errorf("%s: changed first: proof %d: got %v, want %v", suite, i, err, want)
			}
		}
		// Two of one name lead nowhere.
		double := strings.Replace(doc, `"id":"urn:x:2"`, `"id":"urn:x:1"`, 1)
		s, err = ReadSecured([]byte(double), noContexts)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(s.Proofs[2], keys[0].Public()); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: two of one id: got %v", suite, err)
		}
	}
	// A chain over an undefined proof cannot be read.
	doc := withProof(t, plainDoc, strings.Replace(suiteOptions("eddsa-rdfc-2022"), `{`, `{"id":"urn:x:1",`, 1), keys[0])
	doc = withProof(t, doc, strings.Replace(suiteOptions("eddsa-rdfc-2022"), `{`, `{"previousProof":"urn:x:1",`, 1), keys[0])
	var got *jsonld.Error
	if err := verifyLast(strings.Replace(doc, `"id":"urn:x:1",`, `"id":"urn:x:1","rank":1,`, 1), keys[0].Public()); !errors.As(err, &got) {
		t.Errorf("undefined member in a previous proof: got %v", err)
	}
}
