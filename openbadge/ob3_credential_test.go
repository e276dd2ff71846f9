package openbadge

import (
	"bytes"
	"crypto"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sampleCredential() *Credential {
	c := NewCredential("https://badges.test/badges/7f1c/credential.json")
	c.Name = "Robotics <Basics> & more"
	c.Issuer = NewProfile("https://badges.test/issuers/1/issuer.json", "Example Centre", "https://example.org")
	c.ValidFrom = time.Date(2026, 1, 15, 11, 0, 0, 500, time.FixedZone("", 3600))
	c.ValidUntil = time.Date(2028, 1, 15, 10, 0, 0, 0, time.UTC)
	c.AwardedDate = time.Date(2026, 1, 14, 9, 0, 0, 0, time.UTC)
	a := NewAchievement("https://badges.test/achievements/9/achievement.json", "Robotics <Basics> & more", "Built a robot.", Criteria{Narrative: "Pass the exam."})
	a.AchievementType, a.Image, a.Tag = "Certification", NewImage("https://badges.test/i/9.png", "A robot"), []string{"robots"}
	c.Subject = NewSubject(a, HashedEmail(HashIdentity("ana@home.test", "Kosher"), "Kosher"))
	c.Status = &StatusEntry{
		ID: "https://badges.test/status/3#94567", Type: "BitstringStatusListEntry", StatusPurpose: "revocation",
		StatusListIndex: "94567", StatusListCredential: "https://badges.test/status/3",
	}
	return c
}

const samplePayload = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],` +
	`"id":"https://badges.test/badges/7f1c/credential.json","type":["VerifiableCredential","OpenBadgeCredential"],"name":"Robotics <Basics> & more",` +
	`"credentialSubject":{"type":["AchievementSubject"],"identifier":[{"type":"IdentityObject","hashed":true,` +
	`"identityHash":"sha256$ffb7fd8b8db5d3c7df3b3d5d4bd6a8fcf8d5d8c4a1e3d3d7a60e0f3f5c1d1e1f","identityType":"emailAddress","salt":"Kosher"}],` +
	`"achievement":{"id":"https://badges.test/achievements/9/achievement.json","type":["Achievement"],"achievementType":"Certification",` +
	`"criteria":{"narrative":"Pass the exam."},"description":"Built a robot.","image":{"id":"https://badges.test/i/9.png","type":"Image","caption":"A robot"},` +
	`"name":"Robotics <Basics> & more","tag":["robots"]}},"issuer":{"id":"https://badges.test/issuers/1/issuer.json","type":["Profile"],"name":"Example Centre",` +
	`"url":"https://example.org"},"validFrom":"2026-01-15T10:00:00Z","validUntil":"2028-01-15T10:00:00Z","awardedDate":"2026-01-14T09:00:00Z",` +
	`"credentialStatus":{"id":"https://badges.test/status/3#94567","type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"94567",` +
	`"statusListCredential":"https://badges.test/status/3"}`

func TestPayloadBytes(t *testing.T) {
	c := sampleCredential()
	got, err := Payload(c)
	if err != nil {
		t.Fatal(err)
	}
	hash := HashIdentity("ana@home.test", "Kosher")
	want := strings.Replace(samplePayload, "sha256$ffb7fd8b8db5d3c7df3b3d5d4bd6a8fcf8d5d8c4a1e3d3d7a60e0f3f5c1d1e1f", hash, 1)
	claims := `,"iss":"https://badges.test/issuers/1/issuer.json","jti":"https://badges.test/badges/7f1c/credential.json","nbf":1768471200,"exp":1831543200}`
	if diff := cmp.Diff(want+claims, string(got)); diff != "" {
		t.Errorf("payload differs (-want +got):\n%s", diff)
	}
	document, err := c.JSON()
	if err != nil || string(document) != want+"}" {
		t.Errorf("document: %v\n%s", err, cmp.Diff(want+"}", string(document)))
	}
	again, _ := Payload(c)
	if !bytes.Equal(got, again) {
		t.Error("two payloads of one credential differ")
	}
	if c.ValidFrom.Nanosecond() != 500 {
		t.Error("the credential was changed")
	}
}

func TestPayloadReadsBackClean(t *testing.T) {
	c := sampleCredential()
	c.Subject.ID = "did:example:learner"
	c.Subject.Result = []Result{{Type: []string{"Result"}, ResultDescription: "urn:uuid:1", Value: "812"}}
	c.Subject.Achievement.ResultDescription = []ResultDescription{{ID: "urn:uuid:1", Type: []string{"ResultDescription"}, Name: "Score", ResultType: "RawScore", ValueMax: "1000"}}
	c.Evidence = []Evidence{{ID: "https://x.test/e", Type: []string{"Evidence"}}}
	c.RefreshFrom("https://x.test/r")
	c.NameSchema()
	c.Subject.Achievement.Related = []Related{{ID: "https://x.test/2", Type: []string{"Related", "https://w3id.org/openbadges#BadgeClass"}, Version: "Open Badges v2p0"}}
	c.Subject.Achievement.Alignment = []Alignment{{Type: []string{"Alignment"}, TargetName: "n", TargetURL: "https://x.test/t"}}
	c.Issuer.OtherIdentifier = []IdentifierEntry{{Type: "IdentifierEntry", Identifier: "1", IdentifierType: "systemId"}}
	body, err := Payload(c)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadClaims(body)
	if err != nil {
		t.Fatal(err)
	}
	if problems := r.Conformance(); len(problems) > 0 {
		t.Errorf("our own credential has problems: %v", problems)
	}
	if r.Model != 2 || len(r.Claims.Missing) > 0 || r.Claims.Subject != "did:example:learner" || !r.IsBadge() || r.IsEndorsement() || r.IsStatusList() {
		t.Errorf("got %+v", r)
	}
	if diff := cmp.Diff([]Service{{ID: schemaAchievement, Type: typeSchema}}, r.Schema); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Service{{ID: "https://x.test/r", Type: typeRefresh}}, r.Refresh); diff != "" {
		t.Errorf("refresh service (-want +got):\n%s", diff)
	}
	if r.Subject.Achievement.Image != "https://badges.test/i/9.png" || r.Subject.Achievement.ImageCaption != "A robot" || r.Status[0].Index != 94567 {
		t.Errorf("got %+v", r)
	}
}

func TestPayloadRefusesIncomplete(t *testing.T) {
	for name, spoil := range map[string]func(*Credential){
		"context":           func(c *Credential) { c.Context = []string{ContextOB3, ContextVC2} },
		"no context":        func(c *Credential) { c.Context = nil },
		"one context":       func(c *Credential) { c.Context = c.Context[:1] },
		"another context":   func(c *Credential) { c.Context[1] = ContextExtensions },
		"id":                func(c *Credential) { c.ID = "" },
		"name":              func(c *Credential) { c.Name = "" },
		"issuer name":       func(c *Credential) { c.Issuer.Name = "" },
		"validFrom":         func(c *Credential) { c.ValidFrom = time.Time{} },
		"until before from": func(c *Credential) { c.ValidUntil = c.ValidFrom.Add(-time.Hour) },
		"recipient":         func(c *Credential) { c.Subject.Identifier = nil },
		"achievement":       func(c *Credential) { c.Subject.Achievement.Description = "" },
		"criteria":          func(c *Credential) { c.Subject.Achievement.Criteria = Criteria{} },
	} {
		c := sampleCredential()
		spoil(c)
		if _, err := Payload(c); err == nil {
			t.Errorf("%s: Payload took it", name)
		}
		if _, err := c.JSON(); err == nil {
			t.Errorf("%s: JSON took it", name)
		}
	}
}

// A badge that expires never, cannot be revoked, names its earner by an id alone and has a result that nothing describes.
func TestPayloadOfTheLeast(t *testing.T) {
	c := sampleCredential()
	c.ValidUntil, c.Status = time.Time{}, nil
	c.Subject.ID, c.Subject.Identifier = "did:example:learner", nil
	c.Subject.Result = []Result{{Type: []string{"Result"}, Value: "812"}}
	if _, err := Payload(c); err != nil {
		t.Error(err)
	}
}

// What 1EdTech defines beside the standard brings its context along.
func TestExtensionsBringTheirContext(t *testing.T) {
	for name, extend := range map[string]func(*Credential){
		"schema": (*Credential).NameSchema, "refresh": func(c *Credential) { c.RefreshFrom("https://x.test/r") },
	} {
		c := sampleCredential()
		if extend(c); !slices.Contains(c.Context, ContextExtensions) {
			t.Errorf("%s: contexts %v", name, c.Context)
		}
		c.Context = c.Context[:2]
		if _, err := Payload(c); err == nil {
			t.Errorf("%s: Payload took it without the context", name)
		}
	}
}

func TestPayloadWithoutEnd(t *testing.T) {
	c := sampleCredential()
	c.ValidUntil, c.AwardedDate = time.Time{}, time.Time{}
	body, err := Payload(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, absent := range []string{"exp", "validUntil", "awardedDate", `"sub"`, "null"} {
		if strings.Contains(string(body), absent) {
			t.Errorf("%s must be absent in %s", absent, body)
		}
	}
}

func TestStatusListCredential(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 7, time.UTC)
	issuer := NewProfile("https://x.test/i", "N", "https://x.test")
	list := NewStatusList(0)
	list.SetBit(5, true)
	s := NewStatusListCredential("https://x.test/status/1", issuer, "revocation", list.Encode(), from, from.AddDate(0, 0, 7))
	s.Subject.TTL = 60000
	body, err := s.Payload()
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadClaims(body)
	if err != nil || len(r.Problems) > 0 || len(r.Conformance()) > 0 || !r.IsStatusList() || len(r.Claims.Missing) > 0 {
		t.Fatalf("got %+v, %v", r, err)
	}
	again, err := DecodeStatusList(r.Subject.Members["encodedList"].(string), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if set, found := again.Bit(5); !set || !found {
		t.Error("bit 5 got lost")
	}
	if _, err := (&StatusListCredential{}).Payload(); err == nil {
		t.Error("an empty list credential must be refused")
	}
}

func TestDocumentOfAchievement(t *testing.T) {
	a := AchievementDocument{Context: []string{ContextVC2, ContextOB3}, Achievement: sampleCredential().Subject.Achievement}
	raw, err := Document(a)
	var m map[string]any
	if err != nil || json.Unmarshal(raw, &m) != nil || m["id"] != a.ID || !strings.HasPrefix(string(raw), `{"@context":[`) {
		t.Errorf("got %s, %v", raw, err)
	}
}

func BenchmarkPayload(b *testing.B) {
	c := sampleCredential()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Payload(c); err != nil {
			b.Fatal(err)
		}
	}
}

func private(kind string) crypto.Signer { return testKeys()[kind] }

func sampleList() *StatusListCredential {
	list := NewStatusList(0)
	list.SetBit(5, true)
	s := NewStatusListCredential("https://badges.test/status/3", issuerProfile(), "revocation", list.Encode(), morning, morning.AddDate(0, 0, 1))
	s.Subject.TTL = 60000
	return s
}

func TestControlCharactersAreTakenOut(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                      `"plain"`,
		"a\x00b\x1fc":                `"abc"`,
		"\b\f":                       `""`,
		"a\tb\nc\rd":                 `"a\tb\nc\rd"`,
		"del\x7f":                    `"del"`,
		"\u0080\u009f\u00a0é":        "\"\u00a0é\"",
		`back\u0001slash \ "quoted"`: `"back\\u0001slash \\ \"quoted\""`,
		"\u2028\U0001F600":           `"\u2028` + "\U0001F600\"",
		"\xff":                       `"\ufffd"`,
	} {
		got, err := Document(text)
		if err != nil || string(got) != want {
			t.Errorf("%q: got %s, %v, want %s", text, got, err, want)
		}
	}
	if got := withoutControls([]byte(`\u00`)); string(got) != `\u00` {
		t.Errorf("got %s", got)
	}
	for escaped, want := range map[string]string{
		`"\u0000"`: `""`, `"\u001f"`: `""`, `"\u0020"`: `"\u0020"`, `"\u0009\u000A\u000d"`: `"\u0009\u000A\u000d"`, `"\u007e"`: `"\u007e"`,
		`"\u007f"`: `""`, `"\u0080"`: `""`, `"\u009F"`: `""`, `"\u00a0"`: `"\u00a0"`, `"a\u0001b\u0002"`: `"ab"`, `"\\u0001"`: `"\\u0001"`,
	} {
		if got := withoutControls([]byte(escaped)); string(got) != want {
			t.Errorf("%s: got %s, want %s", escaped, got, want)
		}
	}
	if got := withoutControls([]byte("\xc2")); string(got) != "\xc2" {
		t.Errorf("got %q", got)
	}
}

func TestFull(t *testing.T) {
	for text, want := range map[string]bool{
		`{"a":1,"b":[true,"[]"],"c":"\"{}null"}`: true,
		`{"a":null}`:                             false,
		`{"a":[]}`:                               false,
		`{"a":{}}`:                               false,
		`{"a":""}`:                               false,
		`{"a":"\\","b":""}`:                      false,
	} {
		if got := nothingEmpty([]byte(text)); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

// What must not be issued, besides the cases of TestPayloadRefusesIncomplete.
func TestNotIssued(t *testing.T) {
	for name, spoil := range map[string]func(*Credential){
		"null in a list":       func(c *Credential) { c.Evidence[0].Type = nil },
		"empty list":           func(c *Credential) { c.Issuer.Type = []string{} },
		"empty text":           func(c *Credential) { c.Subject.Achievement.Related[0].ID = "" },
		"name of controls":     func(c *Credential) { c.Name = "\x01\u0085 " },
		"spaces for a name":    func(c *Credential) { c.Issuer.Name = " " },
		"spaces for words":     func(c *Credential) { c.Subject.Achievement.Description = " " },
		"spaces for a title":   func(c *Credential) { c.Subject.Achievement.Name = " " },
		"spaces for criteria":  func(c *Credential) { c.Subject.Achievement.Criteria = Criteria{Narrative: " "} },
		"criteria of controls": func(c *Credential) { c.Subject.Achievement.Criteria = Criteria{Narrative: "\x7f"} },
		"extensions context":   func(c *Credential) { c.Context = c.Context[:2] },
		"unknown result":       func(c *Credential) { c.Subject.Result[0].ResultDescription += "2" },
		"entry is its list":    func(c *Credential) { c.Status.ID = c.Status.StatusListCredential },
		"endorsement's proof": func(c *Credential) {
			c.Endorsement = []json.RawMessage{[]byte(`{"name":"a\u0001"}`)}
		},
		"no JSON":    func(c *Credential) { c.Endorsement = []json.RawMessage{[]byte("{")} },
		"year 10000": func(c *Credential) { c.ValidUntil = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		c := fullCredential()
		spoil(c)
		if got, err := c.JSON(); err == nil {
			t.Errorf("%s: JSON gave %s", name, got)
		}
		if got, err := Payload(c); err == nil {
			t.Errorf("%s: Payload gave %s", name, got)
		}
	}
}

func TestEndorsementIsKeptAsItCame(t *testing.T) {
	c := fullCredential()
	c.Endorsement = []json.RawMessage{[]byte(`{"type":["VerifiableCredential","EndorsementCredential"],"name":"\u0041é<"}`)}
	got, err := c.JSON()
	if err != nil || !strings.Contains(string(got), string(c.Endorsement[0])) {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestStatusListNotIssued(t *testing.T) {
	for name, spoil := range map[string]func(*StatusListCredential){
		"no id":            func(s *StatusListCredential) { s.ID = "" },
		"no issuer":        func(s *StatusListCredential) { s.Issuer.ID = "" },
		"no validFrom":     func(s *StatusListCredential) { s.ValidFrom = time.Time{} },
		"no list":          func(s *StatusListCredential) { s.Subject.EncodedList = "" },
		"list is its file": func(s *StatusListCredential) { s.Subject.ID = s.ID },
		"ends too early":   func(s *StatusListCredential) { s.ValidUntil = s.ValidFrom.Add(-time.Second) },
	} {
		s := sampleList()
		spoil(s)
		if got, err := s.JSON(); err == nil {
			t.Errorf("%s: JSON gave %s", name, got)
		}
		if got, err := s.Payload(); err == nil {
			t.Errorf("%s: Payload gave %s", name, got)
		}
	}
	s := sampleList()
	s.ValidUntil = time.Time{}
	if _, err := s.JSON(); err != nil {
		t.Errorf("without an end: %v", err)
	}
}

func TestStatusListDocument(t *testing.T) {
	s := sampleList()
	document, err := s.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, claim := range []string{`"vc"`, `"iss"`, `"nbf"`} {
		if strings.Contains(string(document), claim) {
			t.Errorf("got %s in %s", claim, document)
		}
	}
	if _, err := AddProof(document, ProofOptions{VerificationMethod: issuerID + "#1", Created: morning}, private("Ed25519")); err != nil {
		t.Error(err)
	}
	payload, err := s.Payload()
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		VC            any
		Iss, Jti, Sub string
		Nbf, Exp      int64
		ValidFrom, ID string
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.VC != nil || claims.Iss != issuerID || claims.Jti != s.ID || claims.Sub != s.ID+"#list" || claims.Nbf != morning.Unix() ||
		claims.Exp != morning.AddDate(0, 0, 1).Unix() || claims.ValidFrom != "2026-01-15T10:00:00Z" {
		t.Errorf("got %+v", claims)
	}
	for name, spoil := range map[string]func(*StatusListCredential){
		"no list":      func(s *StatusListCredential) { s.Subject.EncodedList = "" },
		"list's id":    func(s *StatusListCredential) { s.Subject.ID = s.ID },
		"ends early":   func(s *StatusListCredential) { s.ValidUntil = s.ValidFrom.Add(-time.Second) },
		"empty member": func(s *StatusListCredential) { s.Subject.StatusPurpose = "" },
	} {
		s := sampleList()
		spoil(s)
		if _, err := s.JSON(); err == nil {
			t.Errorf("%s: JSON took it", name)
		}
		if _, err := s.Payload(); err == nil {
			t.Errorf("%s: Payload took it", name)
		}
	}
}
