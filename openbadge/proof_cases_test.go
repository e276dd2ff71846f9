package openbadge

import (
	"crypto"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge/jsonld"
)

// exampleContexts are those that the W3C examples use and no badge does.
func exampleContexts(t testing.TB) jsonld.Options {
	t.Helper()
	readCase(t, "index.json")
	o := jsonld.Options{Contexts: map[string][]byte{}}
	for url, file := range map[string]string{
		"https://www.w3.org/ns/credentials/examples/v2": "credentials-examples-v2.json",
		"https://w3id.org/citizenship/v4rc1":            "citizenship-v4rc1.json",
	} {
		data, err := os.ReadFile(filepath.Join(shared, "../spec/contexts", file))
		if err != nil {
			t.Fatal(err)
		}
		o.Contexts[url] = data
	}
	return o
}

// keyOf gives the key of a verification method: from the did:key itself, or from the controller
// document among the resources of a case.
func keyOf(t *testing.T, c sharedCase, method string) crypto.PublicKey {
	t.Helper()
	if pub, err := ParseDIDKey(method); err == nil {
		return pub
	}
	var resources map[string]struct {
		Body string
		File string
	}
	if err := json.Unmarshal(readCase(t, c.Resources), &resources); err != nil {
		t.Fatal(err)
	}
	url, _, _ := strings.Cut(method, "#")
	if web, err := DIDWebURL(method); err == nil {
		url = web
	}
	body := []byte(resources[url].Body)
	if file := resources[url].File; file != "" {
		body = readCase(t, filepath.Join(filepath.Dir(c.Resources), file))
	}
	controller, err := ReadController(body)
	if err != nil {
		return nil
	}
	m, _ := controller.Method(method)
	return m.Key
}

func TestProofsOfSharedCases(t *testing.T) {
	contexts := exampleContexts(t)
	judged := 0
	for _, c := range sharedCases(t) {
		if c.Level != "proof" {
			continue
		}
		judged++
		t.Run(strings.TrimPrefix(c.ID, "ob3/"), func(t *testing.T) {
			s, err := ReadSecured(readCase(t, c.Input), contexts)
			if err != nil || len(s.Proofs) == 0 {
				t.Fatalf("got %v, %v", s, err)
			}
			for _, p := range s.Proofs {
				err := s.Verify(p, keyOf(t, c, p.VerificationMethod))
				if valid := c.Expect == "valid"; valid != (err == nil) {
					t.Errorf("%s: got %v, want %s", p.Suite(), err, c.Expect)
				}
				if err != nil && !errors.Is(err, ErrSignature) && !errors.Is(err, ErrMalformed) {
					t.Errorf("%s: got %v, want a signature that does not verify", p.Suite(), err)
				}
			}
		})
	}
	if judged < 30 {
		t.Errorf("only %d cases", judged)
	}
}

// proofOutcomes names the badges of the shared material whose proofs do not verify, or not with the
// material alone; the others do, whatever else is wrong with them.
var proofOutcomes = map[string]string{
	"signature": "java--simple-err-proof-value java--endorsement-err-schema-status-refresh verifier-core--testVC verifier-core--v1Tampered " +
		"verifier-core--v2Tampered verifier-core--v1ExpiredAndTampered verifier-core--v2ExpiredAndTampered generated--tampered-removed-field generated--tampered-added-known-field",
	"malformed": "generated--proofvalue-short",
	"undefined term": "java--simple-err-type java--simple-err-credential-subject-achievement-result-description-type java--simple-err-credential-subject-identifier-type " +
		"java--simple-err-credential-subject-profile-type java--simple-err-credential-subject-result-type java--simple-err-credential-subject-type java--simple-err-evidence-type " +
		"java--simple-err-issuer-otheridentifier-type java--simple-err-issuer-parentorg-type java--simple-err-issuer-type verifier-core--safeModeBreaker " +
		"verifier-core--v1NoContext verifier-core--v1NoVcContext verifier-core--v2NoContext verifier-core--v2NoVcContext",
	"relative IRI": "verifier-core--v1BadId verifier-core--v2BadId",
	"no key": "java--simple-err-context java--simple-err-proof-method java--simple-err-proof-method-no-scheme java--simple-err-proof-method-unknown-scheme " +
		"java--simple-err-proof-method-unknown-did-method java--complete_v1 verifier-core--v2WithBadDidWeb verifier-core--v2didWebMultikeyWithValidStatus-offline " +
		"verifier-core--v2didWebWithValidStatus-offline generated--forged-key-in-fragment",
}

func proofOutcome(pub crypto.PublicKey, err error) string {
	var unsafe *jsonld.Error
	switch {
	case errors.Is(err, ErrUnsupported):
		return "suite"
	case pub == nil:
		return "no key"
	case errors.As(err, &unsafe):
		return unsafe.Kind.String()
	case errors.Is(err, ErrMalformed):
		return "malformed"
	case errors.Is(err, ErrSignature):
		return "signature"
	}
	return fmt.Sprint(err)
}

func TestProofsOfSharedBadges(t *testing.T) {
	want := map[string]string{}
	for outcome, ids := range proofOutcomes {
		for _, id := range strings.Fields(ids) {
			want[id] = outcome
		}
	}
	verified := 0
	for _, c := range sharedCases(t) {
		id := strings.TrimPrefix(c.ID, "ob3/")
		doc := unpack(t, c)
		if c.Level == "proof" || !strings.HasPrefix(strings.TrimSpace(string(doc)), "{") {
			continue
		}
		s, err := ReadSecured(doc, jsonld.Options{})
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		for _, p := range s.Proofs {
			pub := keyOf(t, c, p.VerificationMethod)
			got := proofOutcome(pub, s.Verify(p, pub))
			switch {
			case got == "<nil>" && want[id] == "":
				verified++
			case got != want[id] && !(got == "suite" && p.Type == "SomeProofType"):
				t.Errorf("%s: %s: got %s, want %s", id, p.Suite(), got, want[id])
			}
		}
	}
	if verified < 60 {
		t.Errorf("only %d proofs verify", verified)
	}
}

// The hashes and signed bytes of the W3C documents.
func TestEdDSAVectors(t *testing.T) {
	contexts := exampleContexts(t)
	cases := map[string]string{"alumni": "eddsa-rdfc-2022-alumni", "employ": "eddsa-rdfc-2022-employ", "jcs": "eddsa-jcs-2022", "ed25519signature2020": "Ed25519Signature2020"}
	var vectors struct {
		EdDSA []struct {
			Name, Suite, DocumentHash, ProofHash, SignedBytes, ProofValue string
			ProofConfig                                                   json.RawMessage
		}
	}
	if err := json.Unmarshal(readCase(t, "vectors.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors.EdDSA {
		s, err := ReadSecured(readCase(t, "ob3/w3c--"+cases[v.Name]+"/input.json"), contexts)
		if err != nil || len(s.Proofs) != 1 {
			t.Fatalf("%s: got %v, %v", v.Name, s, err)
		}
		p := s.Proofs[0]
		if p.Suite() != v.Suite || p.Value != v.ProofValue {
			t.Errorf("%s: got %+v", v.Name, p)
		}
		for _, p := range []Proof{p, {Raw: v.ProofConfig, Cryptosuite: p.Cryptosuite, Type: p.Type}} {
			if got := hex.EncodeToString(testData(t, s, p, nil, ed25519.PublicKey{})); got != v.SignedBytes || got != v.ProofHash+v.DocumentHash {
				t.Errorf("%s: got signed bytes %s, want %s", v.Name, got, v.SignedBytes)
			}
		}
	}
	if len(vectors.EdDSA) < 4 {
		t.Errorf("only %d vectors", len(vectors.EdDSA))
	}
}
