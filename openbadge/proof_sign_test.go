package openbadge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// A document to sign in tests, and the members that every proof of it has.
const (
	plainDoc     = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"id":"https://x.test/1","type":["VerifiableCredential","OpenBadgeCredential"],"name":"N","issuer":{"id":"https://x.test/i","type":["Profile"],"name":"I"},"validFrom":"2026-01-01T00:00:00Z","credentialSubject":{"type":["AchievementSubject"],"identifier":[{"type":"IdentityObject","hashed":false,"identityHash":"a","identityType":"name"},{"type":"IdentityObject","hashed":false,"identityHash":"b","identityType":"name"}]}}`
	plainOptions = `"created":"2026-01-02T00:00:00Z","verificationMethod":"https://x.test/i#key","proofPurpose":"assertionMethod"`
)

func suiteOptions(suite string) string {
	return `{"type":"DataIntegrityProof","cryptosuite":"` + suite + `",` + plainOptions + `}`
}

// withProof signs doc as its suite says and adds the proof to those that are there.
func withProof(t testing.TB, doc, options string, key crypto.Signer) string {
	t.Helper()
	p, _ := readProof([]byte(options))
	s, err := ReadSecured([]byte(doc), noContexts)
	if err != nil {
		t.Fatal(err)
	}
	previous, err := s.previous(p)
	if err != nil {
		t.Fatal(err)
	}
	return addValue(t, doc, options, encodeValue(signRaw(t, key, testData(t, s, p, previous, key.Public()))))
}

func testData(t testing.TB, s *Secured, p Proof, previous [][]byte, pub crypto.PublicKey) []byte {
	t.Helper()
	if p.Suite() == "eddsa-jcs-2022" {
		context, err := s.jcsContext(p)
		if err != nil {
			t.Fatal(err)
		}
		first, err := canonicalJSON(p.options(nil))
		if err != nil {
			t.Fatal(err)
		}
		second, err := canonicalJSON(s.document(context, previous))
		if err != nil {
			t.Fatal(err)
		}
		return slices.Concat(digest(crypto.SHA256, first), digest(crypto.SHA256, second))
	}
	hash := suiteHash(KeyAlgorithm(pub))
	first, err := s.optionsHash(p, hash)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.documentHash(previous, hash)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(first, second)
}

// signRaw makes a signature in the form of Data Integrity.
func signRaw(t testing.TB, key crypto.Signer, data []byte) []byte {
	t.Helper()
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(k, data)
	case *ecdsa.PrivateKey:
		alg := KeyAlgorithm(k.Public())
		r, s, err := ecdsa.Sign(rand.Reader, k, digest(suiteHash(alg), data))
		if err != nil {
			t.Fatal(err)
		}
		raw := make([]byte, signatureSize(alg))
		r.FillBytes(raw[:len(raw)/2])
		s.FillBytes(raw[len(raw)/2:])
		return raw
	}
	t.Fatalf("cannot sign with %T", key)
	return nil
}

func addValue(t testing.TB, doc, options, value string) string {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(doc), &m); err != nil {
		t.Fatal(err)
	}
	proof := strings.TrimSuffix(options, "}") + `,"proofValue":"` + value + `"}`
	proofs, _ := json.Marshal(append(rawList(m["proof"]), json.RawMessage(proof)))
	if _, found := m["proof"]; !found {
		return strings.TrimSuffix(doc, "}") + `,"proof":` + string(proofs) + `}`
	}
	return strings.Replace(doc, string(m["proof"]), string(proofs), 1)
}

// verifyLast verifies the last proof of a document.
func verifyLast(doc string, pub crypto.PublicKey) error {
	s, err := ReadSecured([]byte(doc), noContexts)
	if err != nil {
		return err
	}
	return s.Verify(s.Proofs[len(s.Proofs)-1], pub)
}

// derivation says how derivedProof departs from a proper one.
type derivation struct {
	mandatory []int
	change    func(*derived)
	encode    func(*derived) []byte
}

// derivedProof makes a proof of ecdsa-sd-2023 as a holder would who shows everything.
func derivedProof(t testing.TB, doc string, d derivation) string {
	t.Helper()
	options := suiteOptions("ecdsa-sd-2023")
	p, _ := readProof([]byte(options))
	s, err := ReadSecured([]byte(doc), noContexts)
	if err != nil {
		t.Fatal(err)
	}
	quads, err := s.quads(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := rdf.Canonicalize(quads, rdf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	v := &derived{labels: map[string]string{}, mandatory: map[int]bool{}}
	for _, label := range c.Labels {
		name := sha256.Sum256([]byte(label))
		v.labels[label] = "u" + b64.EncodeToString(name[:])
	}
	for _, i := range d.mandatory {
		v.mandatory[i] = true
	}
	lines, err := s.sdLines(v.labels, nil)
	if err != nil {
		t.Fatal(err)
	}
	own := testKeys()["P-256"] // of the statements; the issuer's is the other one
	v.keyText, err = multicodec(own.Public())
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for i, line := range lines {
		if v.mandatory[i] {
			shown = append(shown, line)
			continue
		}
		v.signatures = append(v.signatures, signRaw(t, own, []byte(line)))
	}
	hash, err := s.optionsHash(p, crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	mandatory := sha256.Sum256([]byte(strings.Join(shown, "")))
	v.base = signRaw(t, sdIssuer, slices.Concat(hash, v.keyText, mandatory[:]))
	if d.change != nil {
		d.change(v)
	}
	encode := encodeDerived
	if d.encode != nil {
		encode = d.encode
	}
	return addValue(t, doc, options, "u"+b64.EncodeToString(encode(v)))
}
