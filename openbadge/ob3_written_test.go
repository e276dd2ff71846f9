package openbadge

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/open-insignia/insignia/openbadge/jsonld"
)

const (
	issuerID = "https://badges.test/issuers/1/issuer.json"
	issuer2  = "https://badges.test/issuers/1/profile.json"
	issuerIs = "did:web:badges.test:issuers:1"
	award    = "https://badges.test/badges/7f1c"
	earnable = "https://badges.test/achievements/9"
)

var morning = time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC)

// issuerProfile is the issuer with every member that we write.
func issuerProfile() Profile {
	p := NewProfile(issuerID, "Example Centre", "https://example.test")
	p.Description, p.Email, p.Phone = "Certifies.", "badges@example.test", "+34600000000"
	p.Image = NewImage("https://badges.test/logo.png", "Example Centre")
	p.OtherIdentifier = []IdentifierEntry{{Type: "IdentifierEntry", Identifier: issuer2, IdentifierType: "identifier"}}
	return p
}

// fullCredential has everything that an award can bring.
func fullCredential() *Credential {
	c := sampleCredential()
	c.ID, c.Issuer, c.Description = award+"/credential.json", issuerProfile(), "Knows robots."
	c.Image = NewImage(award+"/image.png", "A robot")
	a := &c.Subject.Achievement
	a.ID, a.InLanguage, a.Version, a.HumanCode = earnable+"/achievement.json", "en", "2", "ROB-1"
	a.Criteria = Criteria{ID: earnable, Narrative: "Pass **ROB-1**.\n\nThen wait."}
	a.Specialization, a.FieldOfStudy = "expert", "Robotics"
	a.Creator = &Profile{ID: issuerID, Type: []string{"Profile"}, Name: "Example Centre"}
	a.Alignment = []Alignment{NewAlignment("soldering", earnable+"#skill-soldering")}
	a.Related = []Related{RelatedBadgeClass(earnable + "/badgeclass.json"), Translation(earnable+"/achievement.json?lang=es", "es")}
	a.OtherIdentifier = []IdentifierEntry{{Type: "IdentifierEntry", Identifier: "ROB-1", IdentifierType: "ext:examCode"}}
	described, result := NewScore(earnable+"/achievement.json#score", "Score", "812", "1000")
	passed := ResultDescription{
		ID: earnable + "/achievement.json#status", Type: []string{"ResultDescription"}, Name: "Outcome", ResultType: "Status",
		AllowedValue: []string{"Failed", "Completed"}, RequiredValue: "Completed",
		RubricCriterionLevel: []RubricCriterionLevel{{
			ID: earnable + "/achievement.json#level", Type: []string{"RubricCriterionLevel"}, Name: "Expert", Level: "3", Points: "10",
		}},
	}
	a.ResultDescription = []ResultDescription{described, passed}
	c.Subject.Result = []Result{result, {
		Type: []string{"Result"}, ResultDescription: passed.ID, Status: "Completed", AchievedLevel: earnable + "/achievement.json#level",
	}}
	c.Subject.Identifier = append(c.Subject.Identifier, Named("Ana Ruiz"))
	c.Subject.ActivityStartDate, c.Subject.ActivityEndDate = morning.AddDate(0, -1, 0), morning
	c.Subject.Narrative, c.Subject.LicenseNumber, c.Subject.Source = "Two exams.", "L-1", a.Creator
	c.Evidence = []Evidence{AssertionEvidence(award + "/assertion.json"), NewEvidence("https://badges.test/badges/8a/", "ROB-1", "Passed on 14 January 2026.")}
	c.Evidence[1].Genre = "exam"
	c.Status = NewStatusEntry("https://badges.test/status/3", 94567)
	c.NameSchema()
	c.RefreshFrom(award + "/credential.json")
	return c
}

// schema compiles one of the 1EdTech schemas of the shared material; the test is skipped without it.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	path := filepath.Join("../../shared/spec/contexts/schemas", name)
	if _, err := os.Stat(path); err != nil {
		t.Skip("no ../shared folder beside the repository: the schemas are not part of it")
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	s, err := compiler.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func matches(t *testing.T, s *jsonschema.Schema, document []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(value); err != nil {
		t.Errorf("%#v\n%s", err, document)
	}
}

// safe checks that every member and type of a document means something (JSON-LD safe mode).
func safe(t *testing.T, document []byte) {
	t.Helper()
	if _, err := jsonld.ToRDF(document, jsonld.Options{}); err != nil {
		t.Errorf("not JSON-LD safe: %v\n%s", err, document)
	}
	if !nothingEmpty(document) {
		t.Errorf("null or empty members in %s", document)
	}
}

// issuerDocuments are the issuer and its did:web with a key for proofs, two for tokens, and revoked ones.
func issuerDocuments(t *testing.T) (issuer, did []byte) {
	t.Helper()
	methods := func(controller, kid string) (list []VerificationMethod) {
		for _, revoked := range []time.Time{{}, morning} {
			proof, err := NewMultikey(controller, "", public("Ed25519"), revoked)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, proof)
			for _, kind := range []string{"P-256", "RSA"} {
				token, err := NewJSONWebKey(controller, kid+kind, public(kind), revoked)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, token)
			}
		}
		for i := 3; i < 6; i++ { // others than those in use
			list[i].ID += "-old"
		}
		return list
	}
	issuer, err := Document(NewIssuerDocument(issuerProfile(), issuerIs, methods(issuerID, "https://badges.test/keys/")...))
	if err != nil {
		t.Fatal(err)
	}
	did, err = Document(NewDIDDocument(issuerIs, issuerID, methods(issuerIs, issuerIs+"#")...))
	if err != nil {
		t.Fatal(err)
	}
	return issuer, did
}

func TestWrittenDocumentsFollowTheSchemas(t *testing.T) {
	issuer, _ := issuerDocuments(t)
	matches(t, schema(t, "ob_v3p0_profile.json"), issuer)
	badge := schema(t, "ob_v3p0_achievementcredential.json")
	for name, c := range map[string]*Credential{"full": fullCredential(), "small": sampleCredential()} {
		document, err := c.JSON()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		matches(t, badge, document)
		proven, err := AddProof(document, ProofOptions{VerificationMethod: issuerID + "#key", Created: morning}, private("Ed25519"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		matches(t, badge, proven)
		payload, err := Payload(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		matches(t, badge, payload)
	}
}

// proves: 3.0 §2 issued: arrays always, no null, nothing empty; every rule of the standard's classes
// proves: 3.0 §3 issued: contexts in order; every member and type means something in JSON-LD
func TestWrittenDocumentsAreSafe(t *testing.T) {
	issuer, did := issuerDocuments(t)
	badge, err := fullCredential().JSON()
	if err != nil {
		t.Fatal(err)
	}
	achievement, err := Document(NewAchievementDocument(fullCredential().Subject.Achievement))
	if err != nil {
		t.Fatal(err)
	}
	list, err := sampleList().JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range [][]byte{issuer, did, badge, achievement, list} {
		safe(t, document)
	}
}

// proves: 3.0 §2 issued: arrays always, no null, nothing empty; every rule of the standard's classes
// proves: 3.0 §3 issued: contexts in order; every member and type means something in JSON-LD
func TestWrittenCredentialConforms(t *testing.T) {
	c := fullCredential()
	document, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{ContextVC2, ContextOB3, ContextExtensions}
	if !slices.Equal(c.Context, want) {
		t.Errorf("got contexts %v, want %v", c.Context, want)
	}
	r, err := ReadCredential(document)
	if err != nil || len(r.Conformance()) > 0 {
		t.Errorf("got %v, %v, want no problems", r.Conformance(), err)
	}
	payload, err := Payload(c)
	if err != nil {
		t.Fatal(err)
	}
	r, err = ReadClaims(payload)
	if err != nil || len(r.Conformance()) > 0 || len(r.Claims.Missing) > 0 {
		t.Errorf("got %v, %v, want no problems", r.Conformance(), err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if _, found := claims["vc"]; found || claims["iss"] != issuerID || claims["jti"] != c.ID || claims["nbf"] != float64(c.ValidFrom.Unix()) {
		t.Errorf("got claims %v", claims)
	}
}

// A proof is found good by the key that the issuer's document lists, and revoked keys are told apart.
func TestIssuerDocumentVouchesForTheProof(t *testing.T) {
	issuer, did := issuerDocuments(t)
	for id, raw := range map[string][]byte{issuerID: issuer, issuerIs: did} {
		c, err := ReadController(raw)
		if err != nil || c.ID != id || len(c.Methods) != 6 || len(c.Assertion) != 3 {
			t.Fatalf("%s: got %+v, %v", id, c, err)
		}
		for _, m := range c.Methods {
			if m.Key == nil || m.Controller != id || m.Revoked.IsZero() != c.MayAssert(m.ID) {
				t.Errorf("%s: got %+v, may assert %v", id, m, c.MayAssert(m.ID))
			}
		}
		document, err := fullCredential().JSON()
		if err != nil {
			t.Fatal(err)
		}
		proven, err := AddProof(document, ProofOptions{VerificationMethod: c.Methods[0].ID, Created: morning}, private("Ed25519"))
		if err != nil {
			t.Fatal(err)
		}
		proofs, err := ReadProofs(proven)
		if err != nil || len(proofs) != 1 {
			t.Fatal(proofs, err)
		}
		found, _ := c.Method(proofs[0].VerificationMethod)
		if err := VerifyProof(proven, proofs[0], found.Key); err != nil {
			t.Error(err)
		}
	}
	if got := alsoKnownAs(t, issuer); got != issuerIs {
		t.Errorf("got %s, want %s", got, issuerIs)
	}
	if got := alsoKnownAs(t, did); got != issuerID {
		t.Errorf("got %s, want %s", got, issuerID)
	}
}

func alsoKnownAs(t *testing.T, document []byte) string {
	t.Helper()
	c, err := ReadController(document)
	if err != nil || len(c.AlsoKnownAs) != 1 {
		t.Fatal(c, err)
	}
	return c.AlsoKnownAs[0]
}

func TestKeysWithoutAForm(t *testing.T) {
	if _, err := NewMultikey(issuerID, "", public("RSA"), time.Time{}); err == nil {
		t.Error("there is no multikey for RSA")
	}
	if _, err := NewJSONWebKey(issuerID, issuerID+"#1", "no key", time.Time{}); err == nil {
		t.Error("a text is no key")
	}
}

// Whatever the programme and the partners put into texts: what is written has no control characters
// but tab, LF and CR, loses nothing else, conforms and can be signed.
func TestAnyTextCanBeSigned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\x00\x01\b\f\n\r\t\x1f\x7f\u0080\u009f\u2028\"\\<&é\U0001F600"))))
		c := fullCredential()
		members := func(c *Credential) []*string {
			a := &c.Subject.Achievement
			return []*string{
				&c.Name, &c.Issuer.Name, &a.Name, &a.Description, &a.Alignment[0].TargetName,
				&c.Subject.Narrative, &c.Subject.Identifier[1].IdentityHash, &c.Evidence[1].Name,
			}
		}
		var asked []string
		for _, member := range members(c) {
			*member = "x" + texts.Draw(t, "text")
			asked = append(asked, *member)
		}
		document, err := c.JSON()
		if err != nil {
			t.Fatal(err)
		}
		got := new(Credential)
		if err := json.Unmarshal(document, got); err != nil {
			t.Fatal(err)
		}
		for i, member := range members(got) {
			if want := strings.Map(printable, asked[i]); *member != want {
				t.Fatalf("got %q, want %q", *member, want)
			}
		}
		if r, err := ReadCredential(document); err != nil || len(r.Conformance()) > 0 {
			t.Fatalf("got %v, %v", r, err)
		}
		if _, err := AddProof(document, ProofOptions{VerificationMethod: issuerID + "#1", Created: morning}, private("Ed25519")); err != nil {
			t.Fatal(err)
		}
	})
}

func printable(r rune) rune {
	if r < ' ' && !strings.ContainsRune("\t\n\r", r) || r >= 0x7f && r < 0xa0 {
		return -1
	}
	return r
}
