package openbadge

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const shared = "../../shared/cases"

// readCase reads a file of the shared material; the test is skipped where the folder is absent.
func readCase(t testing.TB, path string) []byte {
	t.Helper()
	if _, err := os.Stat(shared); err != nil {
		t.Skip("no ../shared folder beside the repository: its test material is not part of it")
	}
	data, err := os.ReadFile(filepath.Join(shared, path))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

type sharedCase struct {
	ID, Input, Kind, Resources, Expect, Level string
}

func sharedCases(t testing.TB) []sharedCase {
	t.Helper()
	var cases []sharedCase
	if err := json.Unmarshal(readCase(t, "index.json"), &cases); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(cases, func(c sharedCase) bool { return !strings.HasPrefix(c.ID, "ob3/") })
}

// unpack gives the credential of a case, whatever container it travels in.
func unpack(t *testing.T, c sharedCase) []byte {
	t.Helper()
	data := readCase(t, c.Input)
	switch c.Kind {
	case "png":
		chunks, err := Extract(data)
		i := slices.IndexFunc(chunks, func(c Chunk) bool { return c.Keyword == KeywordOB3 })
		if err != nil || i < 0 {
			t.Fatalf("no 3.0 badge in the PNG: %v", err)
		}
		return []byte(chunks[i].Text)
	case "svg":
		badges, err := ExtractSVG(data)
		if err != nil || len(badges) != 1 || badges[0].Keyword != KeywordOB3 {
			t.Fatalf("got %v, %v", badges, err)
		}
		return []byte(badges[0].Verify + badges[0].Body)
	}
	return data
}

func readAny(data []byte) (*Received, error) {
	if strings.HasPrefix(strings.TrimSpace(string(data)), "{") {
		return ReadCredential(data)
	}
	token, err := ParseJWS(string(data))
	if err != nil {
		return nil, err
	}
	return ReadClaims(token.Payload)
}

// What is wrong with the documents of the shared cases, as far as it can be seen in the document
// alone. Every case that is not named here must conform, whether its proof is good or not.
var sharedProblems = map[string]string{
	"java--simple.jwt":        "CONTEXT:@context MISSING_PROPERTY:credentialSubject.achievement",
	"java--simple-noproof":    "MISSING_PROPERTY:credentialSubject.achievement",
	"java--simple-err-issued": "MISSING_PROPERTY:credentialSubject.achievement",
	"java--simple-err-issuer": "MISSING_PROPERTY:issuer MISSING_PROPERTY:credentialSubject.achievement",
	"java--simple-err-credential-subject-achievement-result-description-type": "BAD_VALUE:credentialSubject.achievement.resultDescription[2].type",
	"java--simple-err-credential-subject-identifier-type":                     "BAD_VALUE:credentialSubject.identifier.type IDENTITY_FORMAT:credentialSubject.identifier",
	"java--simple-err-credential-subject-profile-type":                        "BAD_VALUE:credentialSubject.source.type",
	"java--simple-err-credential-subject-result-type":                         "BAD_VALUE:credentialSubject.result[1].type BAD_VALUE:credentialSubject.result.resultDescription",
	"java--simple-err-credential-subject-type":                                "BAD_VALUE:credentialSubject.type",
	"java--simple-err-evidence-type":                                          "BAD_VALUE:evidence[1].type",
	"java--simple-err-issuer-otheridentifier-type":                            "BAD_VALUE:issuer.otherIdentifier[1].type",
	"java--simple-err-issuer-parentorg-type":                                  "BAD_VALUE:issuer.parentOrg.type",
	"java--simple-err-issuer-type":                                            "BAD_VALUE:issuer.type",
	"java--simple-err-context":                                                "CONTEXT:@context MISSING_PROPERTY:credentialSubject.achievement",
	"java--complete_v1":                                                       "BAD_VALUE:credentialSubject.identifier[0].identityType BAD_VALUE:credentialSubject.identifier[1].identityType",
	"generated--tampered-removed-field":                                       "MISSING_PROPERTY:credentialSubject.achievement.criteria.narrative",
	"generated--schema-date-only":                                             "BAD_VALUE:validFrom",
}

func TestConformanceOfSharedCases(t *testing.T) {
	for _, c := range sharedCases(t) {
		id := strings.TrimPrefix(c.ID, "ob3/")
		if c.Level != "ob" || id == "generated--jwt-payload-not-json" || id == "java--simple-err-type" {
			continue
		}
		t.Run(id, func(t *testing.T) {
			r, err := readAny(unpack(t, c))
			if err != nil {
				t.Fatal(err)
			}
			if got := problemText(r.Conformance()); got != sharedProblems[id] {
				t.Errorf("got %q, want %q", got, sharedProblems[id])
			}
			if r.ID == "" || r.Issuer.ID == "" && id != "java--simple-err-issuer" {
				t.Errorf("id %q, issuer %q", r.ID, r.Issuer.ID)
			}
		})
	}
}

// Credentials of level "vc" and "proof" are judged by their envelope.
func TestEnvelopeOfSharedCases(t *testing.T) {
	want := map[string]string{
		"verifier-core--v1NoContext": "CONTEXT:@context CONTEXT:@context", "verifier-core--v1NoVcContext": "CONTEXT:@context CONTEXT:@context",
		"verifier-core--v2NoContext": "CONTEXT:@context CONTEXT:@context", "verifier-core--v2NoVcContext": "CONTEXT:@context CONTEXT:@context",
		"verifier-core--v1BadId": "BAD_VALUE:id", "verifier-core--v2BadId": "BAD_VALUE:id",
	}
	for _, c := range sharedCases(t) {
		id := strings.TrimPrefix(c.ID, "ob3/")
		if c.Level == "ob" {
			continue
		}
		r, err := readAny(unpack(t, c))
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if got := problemText(r.Problems); got != want[id] {
			t.Errorf("%s: got %q, want %q", id, got, want[id])
		}
	}
}

func problemText(problems []Problem) string {
	var all []string
	for _, p := range problems {
		all = append(all, p.String())
	}
	return strings.Join(all, " ")
}
