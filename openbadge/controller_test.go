package openbadge

import (
	"encoding/json"
	"testing"
)

func TestReadController(t *testing.T) {
	multikey, _ := Multikey(public("Ed25519"))
	jwk, _ := PublicJWK(public("P-256"), "")
	document := `{"@context":["https://www.w3.org/ns/did/v1"],"id":"https://x.test/i","alsoKnownAs":"did:web:x.test",
	 "verificationMethod":[
	  {"id":"https://x.test/i#a","type":"Multikey","controller":"https://x.test/i","publicKeyMultibase":"` + multikey + `"},
	  {"id":"#b","type":["JsonWebKey"],"controller":"https://x.test/i","publicKeyJwk":` + string(jwk) + `,"revoked":"2026-01-01T00:00:00Z","expires":"2027-01-01T00:00:00Z"},
	  {"id":"#c","type":"Multikey","publicKeyMultibase":"zzz"},{"type":"Multikey"},"x"],
	 "assertionMethod":["#b",{"id":"#d","type":"Multikey","publicKeyMultibase":"` + multikey + `"}]}`
	c, err := ReadController([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if c.ID != "https://x.test/i" || len(c.AlsoKnownAs) != 1 || len(c.Methods) != 4 {
		t.Fatalf("got %+v", c)
	}
	for id, want := range map[string]struct{ key, assert bool }{
		"https://x.test/i#a": {true, false},
		"https://x.test/i#b": {true, true},
		"https://x.test/i#c": {false, false},
		"https://x.test/i#d": {true, true},
	} {
		m, found := c.Method(id)
		if !found || (m.Key != nil) != want.key || c.MayAssert(id) != want.assert {
			t.Errorf("%s: got %+v, found %v, may assert %v", id, m, found, c.MayAssert(id))
		}
	}
	b, _ := c.Method("https://x.test/i#b")
	if !samePublic(b.Key, public("P-256")) || b.Revoked.IsZero() || b.Expires.IsZero() || b.Type != "JsonWebKey" {
		t.Errorf("got %+v", b)
	}
	if _, found := c.Method("#b"); found {
		t.Error("a relative id names no method")
	}
	if _, found := c.Method(""); found || c.MayAssert("") {
		t.Error("an empty id names no method")
	}
	for _, bad := range []string{"", "[]", "{}", `{"id":1}`} {
		if _, err := ReadController([]byte(bad)); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
}

func TestWrittenControllerReadsBack(t *testing.T) {
	multikey, _ := Multikey(public("Ed25519"))
	id := "https://x.test/issuers/1/issuer.json"
	method := VerificationMethod{ID: id + "#" + multikey, Type: "Multikey", Controller: id, PublicKeyMultibase: multikey}
	issuer := IssuerDocument{
		Context: []string{"https://www.w3.org/ns/did/v1", ContextOB3}, Profile: NewProfile(id, "Name", "https://x.test"),
		AlsoKnownAs: []string{"did:web:x.test"}, VerificationMethod: []VerificationMethod{method}, AssertionMethod: []string{method.ID},
	}
	did := DIDDocument{Context: []string{"https://www.w3.org/ns/did/v1"}, ID: "did:web:x.test", AssertionMethod: []string{"did:web:x.test#1"},
		VerificationMethod: []VerificationMethod{{ID: "did:web:x.test#1", Type: "Multikey", Controller: "did:web:x.test", PublicKeyMultibase: multikey}}}
	for want, document := range map[string]any{method.ID: issuer, "did:web:x.test#1": did} {
		raw, err := Document(document)
		if err != nil || !json.Valid(raw) {
			t.Fatal(err)
		}
		c, err := ReadController(raw)
		if err != nil {
			t.Fatal(err)
		}
		if m, found := c.Method(want); !found || !samePublic(m.Key, public("Ed25519")) || !c.MayAssert(want) {
			t.Errorf("%s: got %+v", want, c)
		}
	}
	if _, err := Document(func() {}); err == nil {
		t.Error("what JSON cannot hold must be an error")
	}
}
