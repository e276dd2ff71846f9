package ob2

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/jsonld"
)

const (
	profileURL = "https://x.test/i/1/profile.json"
	keyURL     = "https://x.test/i/1/keys/k1.json"
	keyProfile = "https://x.test/i/1/keys/k1/profile.json"
	keyClass   = "https://x.test/a/1/badgeclass.json?key=k1"
)

func sampleProfile() Profile {
	p := NewProfile(profileURL, "N", "https://x.test", "n@x.test")
	p.Description, p.RevocationList = "Certifies.", "https://x.test/i/1/revocations.json"
	p.Related = []Related{RelatedProfile("https://x.test/i/1/issuer.json")}
	return p
}

// translatedClass is a class in Spanish with a link to it in English.
func translatedClass() BadgeClass {
	b := sampleClass()
	b.Language = "es"
	b.Related = []Related{RelatedAchievement("https://x.test/a/1/achievement.json"), Translation("https://x.test/a/1/badgeclass.json?lang=en", "en")}
	return b
}

func sampleSigned() SignedAssertion {
	a := NewSignedAssertion(UUID([16]byte{1, 2, 3, 4}), translatedClass().ForKey(keyClass, keyProfile), keyURL, HashedEmail(openbadge.HashIdentity("a@x.test", "s"), "s"), issued, expires)
	a.Evidence = []Evidence{{Type: "Evidence", Name: "ROB-1", Description: "Passed."}}
	return a
}

// Every document reads back without a problem, and nothing in it is null or empty.
//
// proves: 2.0 §2 issued: Assertion, BadgeClass, Profile, CryptographicKey and RevocationList have all required members
func TestWrittenDocumentsHaveNoProblems(t *testing.T) {
	hosted := NewAssertion("https://x.test/b/1/assertion.json", "https://x.test/a/1/badgeclass.json", HashedEmail(openbadge.HashIdentity("a@x.test", "s"), "s"), issued, expires)
	hosted.Image, hosted.Narrative = "https://x.test/b/1/badge.png", "Two exams."
	hosted.Evidence = []Evidence{{ID: "https://x.test/b/2", Type: "Evidence"}}
	for name, document := range map[string]any{
		"assertion": hosted, "signed": sampleSigned(), "class": translatedClass(), "profile": sampleProfile(),
		"key profile": sampleProfile().ForKey(keyProfile, keyURL), "key": NewCryptographicKey(keyURL, keyProfile, "PEM\n"),
		"list":    NewRevocationList("https://x.test/i/1/revocations.json", "", Revocation{ID: "urn:uuid:1", Reason: "w"}),
		"revoked": NewRevoked("https://x.test/b/1/assertion.json", "an error"),
	} {
		raw, err := openbadge.Document(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, hole := range []string{"null", "[]", "{}", `""`} {
			if bytes.Contains(raw, []byte(hole)) {
				t.Errorf("%s: got %s in %s", name, hole, raw)
			}
		}
		o, err := Read(raw, "", "")
		if err != nil || len(o.Problems()) > 0 {
			t.Errorf("%s: got %v, %v, want no problems", name, o.Problems(), err)
		}
		// The standard puts @language on objects, where it says nothing in RDF.
		plain := regexp.MustCompile(`"@language":"..",?`).ReplaceAll(raw, nil)
		if _, err := jsonld.ToRDF(bytes.ReplaceAll(plain, []byte(`,}`), []byte(`}`)), jsonld.Options{}); err != nil {
			t.Errorf("%s: a member or type means nothing: %v", name, err)
		}
	}
}

func TestProfileForKey(t *testing.T) {
	p := sampleProfile()
	k := p.ForKey(keyProfile, keyURL)
	if k.ID != keyProfile || k.PublicKey != keyURL || k.Name != p.Name || k.RevocationList != p.RevocationList || p.PublicKey != "" || p.ID != profileURL {
		t.Errorf("got %+v from %+v", k, p)
	}
}

func TestClassForKey(t *testing.T) {
	b := translatedClass()
	k := b.ForKey(keyClass, keyProfile)
	if k.ID != keyClass || k.Issuer != keyProfile || len(b.Related) != 2 || b.Issuer != profileURL {
		t.Errorf("got %+v from %+v", k, b)
	}
	if diff := cmp.Diff(Related{ID: b.ID, Type: []string{typeBadgeClass}, Version: "2"}, k.Related[2]); diff != "" {
		t.Errorf("the class of hosted badges is not linked (-want +got):\n%s", diff)
	}
}

func TestUUIDs(t *testing.T) {
	for got, want := range map[string]string{
		UUID([16]byte{}): "urn:uuid:00000000-0000-4000-8000-000000000000",
		UUID([16]byte(bytes.Repeat([]byte{0xff}, 16))): "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff",
	} {
		if got != want || !uuidForm.MatchString(got) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// The badge is signed with one key, read back, found with the key that its creator names, and on the list.
func TestSignedBadgeRoundTrip(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := openbadge.PublicKeyPEM(private.Public())
	if err != nil || strings.Contains(pem, "\r") || !strings.HasPrefix(pem, "-----BEGIN PUBLIC KEY-----\n") || !strings.HasSuffix(pem, "\n") {
		t.Fatalf("got %q, %v, want SPKI with LF", pem, err)
	}
	payload, err := sampleSigned().Payload()
	if err != nil {
		t.Fatal(err)
	}
	token, err := openbadge.Sign(openbadge.Header{Alg: openbadge.RS256}, payload, private)
	if err != nil {
		t.Fatal(err)
	}
	j, err := openbadge.ParseJWS(token)
	if err != nil || j.Header.Alg != openbadge.RS256 {
		t.Fatal(j, err)
	}
	o, err := Read(j.Payload, "", "")
	if err != nil || o.Creator() != keyURL || o.VerificationType() != "SignedBadge" || len(o.Problems()) > 0 {
		t.Fatalf("got %+v, %v", o, err)
	}
	class := o.Badge().Embedded
	if class == nil || len(class.Problems()) > 0 || class.Issuer().ID != keyProfile {
		t.Fatalf("got %+v, want the class inside with the key's profile", class)
	}
	raw, err := openbadge.Document(sampleProfile().ForKey(keyProfile, keyURL))
	if err != nil {
		t.Fatal(err)
	}
	profile, err := Read(raw, keyProfile, KindProfile)
	if err != nil || len(profile.PublicKeys()) != 1 || profile.PublicKeys()[0].ID != o.Creator() {
		t.Errorf("got %+v, %v, want exactly the key", profile, err)
	}
	raw, err = openbadge.Document(NewCryptographicKey(keyURL, keyProfile, pem))
	if err != nil {
		t.Fatal(err)
	}
	key, err := Read(raw, keyURL, KindKey)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := openbadge.ParsePublicKeyPEM(key.Text("publicKeyPem"))
	if err != nil || j.Verify(pub, openbadge.RS256) != nil || key.Text("owner") != profile.ID {
		t.Errorf("got %v: the badge does not verify with the key that it names", err)
	}
	raw, err = openbadge.Document(NewRevocationList("https://x.test/r", "", Revocation{ID: o.ID, Reason: "an error"}))
	if err != nil {
		t.Fatal(err)
	}
	list, err := Read(raw, "", KindRevocationList)
	if revoked, reason := list.Listed(o.ID, ""); err != nil || !revoked || reason != "an error" {
		t.Errorf("got %v, %q, %v, want it listed", revoked, reason, err)
	}
}

func TestSignedPayloadRefusesIncomplete(t *testing.T) {
	for name, spoil := range map[string]func(*SignedAssertion){
		"no id":             func(a *SignedAssertion) { a.ID = "" },
		"web id":            func(a *SignedAssertion) { a.ID = "https://x.test/1" },
		"version 7":         func(a *SignedAssertion) { a.ID = "urn:uuid:019a9e54-0000-7000-8000-000000000000" },
		"no creator":        func(a *SignedAssertion) { a.Verification.Creator = "" },
		"class context":     func(a *SignedAssertion) { a.Badge.Context = Context },
		"no issuer":         func(a *SignedAssertion) { a.Badge.Issuer = "" },
		"no picture":        func(a *SignedAssertion) { a.Badge.Image = "" },
		"no criteria":       func(a *SignedAssertion) { a.Badge.Criteria = Criteria{} },
		"address in clear":  func(a *SignedAssertion) { a.Recipient.Identity = "a@x.test" },
		"no date":           func(a *SignedAssertion) { a.IssuedOn = time.Time{} },
		"date without form": func(a *SignedAssertion) { a.IssuedOn = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		a := sampleSigned()
		spoil(&a)
		if got, err := a.Payload(); err == nil {
			t.Errorf("%s: got %s, want an error", name, got)
		}
	}
}

func TestControlCharactersAreNotWritten(t *testing.T) {
	b := sampleClass()
	b.Name, b.Description = "a\x00b\u0085", "one\ntwo\x7f"
	raw, err := openbadge.Document(b)
	if err != nil {
		t.Fatal(err)
	}
	var got BadgeClass
	if err := json.Unmarshal(raw, &got); err != nil || got.Name != "ab" || got.Description != "one\ntwo" {
		t.Errorf("got %q and %q, %v", got.Name, got.Description, err)
	}
}
