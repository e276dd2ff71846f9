package openbadge

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge/jsonld"
)

var proofOptions = ProofOptions{VerificationMethod: "https://badges.test/issuers/1/issuer.json#key-1", Created: time.Date(2026, 1, 15, 11, 0, 0, 999, time.FixedZone("", 3600))}

func TestAddProof(t *testing.T) {
	credential, err := sampleCredential().JSON()
	if err != nil {
		t.Fatal(err)
	}
	list, err := Document(NewStatusListCredential("https://badges.test/status/3", sampleCredential().Issuer, "revocation", NewStatusList(0).Encode(), proofOptions.Created, proofOptions.Created.Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	didKey := proofOptions
	didKey.VerificationMethod = "did:key:z6Mk#z6Mk"
	pub := public("Ed25519")
	device := hsm{pub, func(d []byte, o crypto.SignerOpts) ([]byte, error) { return testKeys()["Ed25519"].Sign(nil, d, o) }}
	for name, c := range map[string]struct {
		doc    string
		o      ProofOptions
		signer crypto.Signer
	}{
		"credential":       {string(credential), proofOptions, testKeys()["Ed25519"]},
		"status list":      {string(list), proofOptions, testKeys()["Ed25519"]},
		"did":              {string(credential), didKey, testKeys()["Ed25519"]},
		"device":           {string(credential), proofOptions, device},
		"with white space": {" " + strings.Replace(string(credential), ",", " ,\n", 5) + "\n", proofOptions, testKeys()["Ed25519"]},
	} {
		signed, err := AddProof([]byte(c.doc), c.o, c.signer)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		end := strings.LastIndex(c.doc, "}")
		head := c.doc[:end] + `,"proof":[{"type":"DataIntegrityProof","cryptosuite":"eddsa-rdfc-2022","created":"2026-01-15T10:00:00Z","verificationMethod":"` + c.o.VerificationMethod + `","proofPurpose":"assertionMethod","proofValue":"z`
		if !strings.HasPrefix(string(signed), head) || !strings.HasSuffix(string(signed), `"}]`+c.doc[end:]) {
			t.Errorf("%s: got %s", name, signed)
		}
		proofs, err := ReadProofs(signed)
		if err != nil || len(proofs) != 1 || !proofs[0].Created.Time.Equal(proofOptions.Created.Truncate(time.Second)) {
			t.Fatalf("%s: got %v, %v", name, proofs, err)
		}
		if err := VerifyProof(signed, proofs[0], pub); err != nil {
			t.Errorf("%s: does not verify: %v", name, err)
		}
	}
}

// The signed bytes of our own credentials never change: documents that are out there were signed so.
//
// proves: 3.0 §5 issued: `eddsa-rdfc-2022`, checked before it is stored; canonical form as json-gold's
func TestAddProofBytes(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	for name, c := range map[string]struct {
		credential *Credential
		want       string
	}{
		"sample": {sampleCredential(), "z53fquisYCah5TY7QAuqzagZmx6npnQSMzR3WB1cEYmykFeLTjPSqV1d5JXpK81PA6zU3uFyZPunpA9M3uiDzhrGr"},
		"award":  {ownAward(4711), "z34wa3bYZuHfiGTGuiepbAAaToRHRu6ytyWVnCtBCVaZAndAhmThh2Q2Z4bctuAvyZ2G6WoG2V24zr9HxGLYKNTL8"},
	} {
		signed, err := AddProof(documentOf(t, c.credential), proofOptions, key)
		if err != nil {
			t.Fatal(err)
		}
		proofs, err := ReadProofs(signed)
		if err != nil {
			t.Fatal(err)
		}
		if got := proofs[0].Value; got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestAddProofRefuses(t *testing.T) {
	key := testKeys()["Ed25519"]
	broken := errors.New("device is gone")
	undated, nameless := proofOptions, proofOptions
	undated.Created, nameless.VerificationMethod = time.Time{}, ""
	answer := func(signature []byte, err error) crypto.Signer {
		return hsm{public("Ed25519"), func([]byte, crypto.SignerOpts) ([]byte, error) { return signature, err }}
	}
	for name, c := range map[string]struct {
		doc    string
		o      ProofOptions
		signer crypto.Signer
		want   error
	}{
		"P-256":           {plainDoc, proofOptions, testKeys()["P-256"], ErrAlgorithm},
		"RSA":             {plainDoc, proofOptions, testKeys()["RSA"], ErrAlgorithm},
		"no JSON":         {plainDoc[1:], proofOptions, key, ErrJSON},
		"two of one name": {strings.Replace(plainDoc, `{`, `{"name":"M",`, 1), proofOptions, key, ErrJSON},
		"no object":       {`[]`, proofOptions, key, ErrMalformed},
		"no context":      {`{"type":[]}`, proofOptions, key, ErrMalformed},
		"signed":          {withProof(t, plainDoc, suiteOptions("eddsa-rdfc-2022"), key), proofOptions, key, ErrMalformed},
		"empty proof":     {strings.Replace(plainDoc, `{`, `{"proof":[],`, 1), proofOptions, key, ErrMalformed},
		"device fails":    {plainDoc, proofOptions, answer(nil, broken), broken},
		"device lies":     {plainDoc, proofOptions, answer(make([]byte, 64), nil), ErrSignature},
		"device is short": {plainDoc, proofOptions, answer(make([]byte, 63), nil), ErrSignature},
	} {
		if got, err := AddProof([]byte(c.doc), c.o, c.signer); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
	for name, c := range map[string]struct {
		doc string
		o   ProofOptions
	}{"undated": {plainDoc, undated}, "nameless": {plainDoc, nameless}} {
		if got, err := AddProof([]byte(c.doc), c.o, key); err == nil {
			t.Errorf("%s: got %s", name, got)
		}
	}
	relative := proofOptions
	relative.VerificationMethod = "#key-1"
	var unsafe *jsonld.Error
	if _, err := AddProof([]byte(plainDoc), relative, key); !errors.As(err, &unsafe) || unsafe.Kind != jsonld.RelativeIRI {
		t.Errorf("relative method: got %v", err)
	}
	if _, err := AddProof([]byte(strings.Replace(plainDoc, `"name"`, `"rank":1,"name"`, 1)), proofOptions, key); !errors.As(err, &unsafe) || unsafe.Kind != jsonld.UndefinedTerm {
		t.Errorf("undefined member: got %v", err)
	}
}

func TestReadProofs(t *testing.T) {
	proof := `{"id":"urn:x:1","type":"DataIntegrityProof","cryptosuite":"c","created":"2026-01-02T00:00:00.50+01:00","expires":"2027-01-02T00:00:00Z","verificationMethod":"v","proofPurpose":"p","proofValue":"z1","previousProof":["a","b"]}`
	got, err := ReadProofs([]byte(`{"proof": [ ` + proof + ` , 1, {"type":"T","previousProof":"a"}]}`))
	if err != nil || len(got) != 3 {
		t.Fatalf("got %v, %v", got, err)
	}
	p := got[0]
	if string(p.Raw) != proof || p.ID != "urn:x:1" || p.Suite() != "c" || p.VerificationMethod != "v" || p.Purpose != "p" || p.Value != "z1" || strings.Join(p.Previous, " ") != "a b" ||
		p.Created.Text != "2026-01-02T00:00:00.50+01:00" || p.Expires.Text != "2027-01-02T00:00:00Z" {
		t.Errorf("got %+v", p)
	}
	if got[1].Suite() != "" || got[2].Suite() != "T" || strings.Join(got[2].Previous, " ") != "a" {
		t.Errorf("got %+v", got[1:])
	}
	for doc, n := range map[string]int{`{}`: 0, `{"proof":null}`: 0, `{"proof":[]}`: 0, `{"proof":{}}`: 1} {
		if got, err := ReadProofs([]byte(doc)); err != nil || len(got) != n {
			t.Errorf("%s: got %v, %v", doc, got, err)
		}
	}
	many := `{"proof":[` + strings.Repeat(`{},`, MaxProofs) + `{}]}`
	for doc, want := range map[string]error{`{`: ErrJSON, `{"proof":1,"proof":2}`: ErrJSON, `[]`: ErrMalformed, many: ErrMalformed, `{"a":"\ud800"}`: ErrJSON} {
		if _, err := ReadProofs([]byte(doc)); !errors.Is(err, want) {
			t.Errorf("%.40s: got %v, want %v", doc, err, want)
		}
		if err := VerifyProof([]byte(doc), Proof{}, nil); !errors.Is(err, want) {
			t.Errorf("%.40s: verify: got %v, want %v", doc, err, want)
		}
	}
}

// A proof is only ever verified in its own document.
func TestProofOfAnotherDocument(t *testing.T) {
	signed := withProof(t, plainDoc, suiteOptions("eddsa-rdfc-2022"), testKeys()["Ed25519"])
	proofs, err := ReadProofs([]byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	changed := proofs[0]
	changed.Raw = []byte(strings.Replace(string(changed.Raw), "z", "u", 1))
	for name, p := range map[string]Proof{"none": {}, "no JSON": {Raw: []byte("{")}, "changed": changed} {
		if err := VerifyProof([]byte(signed), p, public("Ed25519")); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := VerifyProof([]byte(plainDoc), proofs[0], public("Ed25519")); !errors.Is(err, ErrMalformed) {
		t.Errorf("unsigned document: got %v", err)
	}
	shown := proofs[0]
	shown.Type, shown.Cryptosuite, shown.Value = "x", "y", "z" // what counts is Raw
	if err := VerifyProof([]byte(signed), shown, public("Ed25519")); err != nil {
		t.Error(err)
	}
}

// Whatever the bytes, nothing panics, and no document verifies but the one that was signed.
func FuzzVerifyProof(f *testing.F) {
	key := testKeys()["Ed25519"]
	var seeds []string
	for _, suite := range []string{"eddsa-rdfc-2022", "eddsa-jcs-2022"} {
		signed := withProof(f, plainDoc, strings.Replace(suiteOptions(suite), `{`, `{"id":"urn:x:1",`, 1), key)
		seeds = append(seeds, signed, withProof(f, signed, strings.Replace(suiteOptions(suite), `{`, `{"previousProof":"urn:x:1",`, 1), key))
	}
	seeds = append(seeds, derivedProof(f, plainDoc, derivation{mandatory: []int{1}}), `{"proof":[[]]}`, `{}`)
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	keys := []crypto.PublicKey{key.Public(), sdIssuer.Public(), public("P-384"), nil}
	f.Fuzz(func(t *testing.T, doc []byte) {
		s, err := ReadSecured(doc, noContexts)
		if err != nil {
			return
		}
		for _, p := range s.Proofs {
			for _, pub := range keys {
				if s.Verify(p, pub) == nil && !saysPlain(s, p) {
					t.Errorf("a forged document verifies: %s", doc)
				}
			}
		}
		if signed, err := AddProof(doc, proofOptions, key); err == nil {
			proofs, err := ReadProofs(signed)
			if err != nil || len(proofs) != 1 || VerifyProof(signed, proofs[0], key.Public().(ed25519.PublicKey)) != nil {
				t.Errorf("our own proof does not verify: %v in %s", err, signed)
			}
		}
	})
}

// saysPlain reports whether a document says what plainDoc says, in the terms of the proof's suite.
func saysPlain(s *Secured, p Proof) bool {
	if p.Suite() == "eddsa-jcs-2022" {
		want, _ := ReadSecured([]byte(plainDoc), noContexts)
		first, err := canonicalJSON(s.document([]byte("0"), nil))
		second, _ := canonicalJSON(want.document([]byte("0"), nil))
		return err == nil && bytes.Equal(first, second)
	}
	first, err := canonicalText(s.document(nil, nil))
	second, _ := canonicalText([]byte(plainDoc))
	return err == nil && bytes.Equal(first, second)
}
