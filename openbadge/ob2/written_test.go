package ob2

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/openbadge"
)

var (
	issued  = time.Date(2026, 3, 4, 11, 0, 0, 5, time.FixedZone("", 3600))
	expires = time.Date(2027, 3, 4, 10, 0, 0, 0, time.UTC)
)

func sampleClass() BadgeClass {
	b := NewBadgeClass("https://x.test/a/1/badgeclass.json", "Robots & <more>", "Built one.", "https://x.test/a/1/image.png",
		"https://x.test/i/1/profile.json", Criteria{ID: "https://x.test/a/1", Narrative: "Pass."})
	b.Alignment = []Alignment{{TargetName: "n", TargetURL: "https://x.test/t"}}
	b.Tags, b.Version = []string{"robots"}, "2"
	b.Related = []Related{{ID: "https://x.test/a/1/achievement.json", Type: []string{"https://purl.imsglobal.org/spec/vc/ob/vocab.html#Achievement"}, Version: "Open Badges v3p0"}}
	return b
}

// proves: 2.0 §5 issued: salted hash of the address in its canonical spelling
func TestWrittenBytes(t *testing.T) {
	recipient := HashedEmail(openbadge.HashIdentity("nobody@example.org", "deadsea"), "deadsea")
	const who = `"recipient":{"type":"email","hashed":true,"salt":"deadsea","identity":"sha256$ecf5409f3f4b91ab60cc5ef4c02aef7032354375e70cf4d8e43f6a1d29891942"}`
	for want, document := range map[string]any{
		`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://x.test/b/1/assertion.json",` + who +
			`,"badge":"https://x.test/a/1/badgeclass.json","verification":{"type":"HostedBadge"},"issuedOn":"2026-03-04T10:00:00Z","expires":"2027-03-04T10:00:00Z"}`: NewAssertion("https://x.test/b/1/assertion.json", "https://x.test/a/1/badgeclass.json", recipient, issued, expires),
		`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://x.test/b/1/assertion.json","revoked":true,"revocationReason":"an error"}`:                                                              NewRevoked("https://x.test/b/1/assertion.json", "an error"),
		`{"@context":"https://w3id.org/openbadges/v2","type":"Issuer","id":"https://x.test/i","name":"N","url":"https://x.test","email":"n@x.test"}`:                                                                          NewProfile("https://x.test/i", "N", "https://x.test", "n@x.test"),
		`{"@context":"https://w3id.org/openbadges/v2","type":"CryptographicKey","id":"https://x.test/k","owner":"https://x.test/i","publicKeyPem":"PEM\n"}`:                                                                   NewCryptographicKey("https://x.test/k", "https://x.test/i", "PEM\n"),
		`{"@context":"https://w3id.org/openbadges/v2","type":"RevocationList","id":"https://x.test/r","issuer":"https://x.test/i","revokedAssertions":[]}`:                                                                    NewRevocationList("https://x.test/r", "https://x.test/i"),
		`{"@context":"https://w3id.org/openbadges/v2","type":"RevocationList","id":"https://x.test/r","issuer":"https://x.test/i","revokedAssertions":[{"id":"urn:uuid:1","revocationReason":"w"},{"id":"` + padding + `"}]}`: NewRevocationList("https://x.test/r", "https://x.test/i", Revocation{ID: "urn:uuid:1", Reason: "w"}),
		`{"@context":"https://w3id.org/openbadges/v2","type":"BadgeClass","id":"https://x.test/a/1/badgeclass.json","name":"Robots & <more>","description":"Built one.",` +
			`"image":"https://x.test/a/1/image.png","criteria":{"id":"https://x.test/a/1","narrative":"Pass."},"issuer":"https://x.test/i/1/profile.json",` +
			`"alignment":[{"targetName":"n","targetUrl":"https://x.test/t"}],"tags":["robots"],"version":"2","related":[{"id":"https://x.test/a/1/achievement.json",` +
			`"type":["https://purl.imsglobal.org/spec/vc/ob/vocab.html#Achievement"],"version":"Open Badges v3p0"}]}`: sampleClass(),
	} {
		got, err := openbadge.Document(document)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("document differs (-want +got):\n%s", diff)
		}
		o, err := Read(got, "", "")
		if err != nil || len(o.Problems()) > 0 || o.Version != "2.0" {
			t.Errorf("our own document has problems: %v, %v", o.Problems(), err)
		}
	}
}

func TestSignedAssertion(t *testing.T) {
	a := NewSignedAssertion("urn:uuid:a953081a-4bbd-4927-9653-7219bca00e3b", sampleClass(), "https://x.test/k", HashedEmail(openbadge.HashIdentity("a@x.test", "s"), "s"), issued, time.Time{})
	raw, err := openbadge.Document(a)
	if err != nil || strings.Count(string(raw), "@context") != 1 || strings.Contains(string(raw), "expires") {
		t.Fatalf("got %s, %v", raw, err)
	}
	o, err := Read(raw, "", "")
	if err != nil || len(o.Problems()) > 0 || o.Creator() != "https://x.test/k" || o.VerificationType() != "SignedBadge" {
		t.Fatalf("got %+v, %v, %v", o, o.Problems(), err)
	}
	badge := o.Badge()
	if badge.ID != "https://x.test/a/1/badgeclass.json" || len(badge.Embedded.Problems()) > 0 || badge.Embedded.Issuer().ID != "https://x.test/i/1/profile.json" {
		t.Errorf("got %+v, %v", badge, badge.Embedded.Problems())
	}
	if !json.Valid(raw) {
		t.Error("no JSON")
	}
}

func TestRevocationListOfMany(t *testing.T) {
	l := NewRevocationList("https://x.test/r", "https://x.test/i", Revocation{ID: "urn:uuid:1"}, Revocation{ID: "urn:uuid:2"})
	if len(l.RevokedAssertions) != 2 {
		t.Errorf("got %v", l.RevokedAssertions)
	}
}
