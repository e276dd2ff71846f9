package openbadge

import (
	"crypto"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

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
		if got := full([]byte(text)); got != want {
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
