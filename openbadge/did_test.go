package openbadge

import (
	"errors"
	"strings"
	"testing"
)

func TestDIDKey(t *testing.T) {
	for _, kind := range []string{"P-256", "P-384", "Ed25519"} {
		did, err := DIDKey(public(kind))
		if err != nil {
			t.Fatal(err)
		}
		key := did[len("did:key:"):]
		for _, id := range []string{did, did + "#" + key} {
			if pub, err := ParseDIDKey(id); err != nil || !samePublic(pub, public(kind)) {
				t.Errorf("%s: got %v, %v", id, pub, err)
			}
		}
		other, _ := Multikey(public("Ed25519"))
		if kind != "Ed25519" {
			if _, err := ParseDIDKey(did + "#" + other); !errors.Is(err, ErrDID) {
				t.Errorf("other key in the fragment: got %v, want ErrDID", err)
			}
		}
	}
	if _, err := DIDKey(public("RSA")); err == nil {
		t.Error("RSA has no did:key")
	}
	raw, _ := multicodec(public("Ed25519"))
	for _, bad := range []string{"did:key:u" + b64.EncodeToString(raw), "", "did:key:", "did:key:uAAAA", "did:web:x", "z6Mk", "did:key:z6Mk#"} {
		if _, err := ParseDIDKey(bad); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
}

// The first example of the did:jwk specification.
const didJWK = "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"

func TestDIDJWK(t *testing.T) {
	for _, id := range []string{didJWK, didJWK + "#0"} {
		if pub, err := ParseDIDJWK(id); err != nil || KeyAlgorithm(pub) != ES256 {
			t.Errorf("got %v, %v", pub, err)
		}
	}
	for _, kind := range []string{"P-256", "P-521", "RSA", "Ed25519"} {
		did, err := DIDJWK(public(kind))
		if err != nil {
			t.Fatal(err)
		}
		if pub, err := ParseDIDJWK(did); err != nil || !samePublic(pub, public(kind)) {
			t.Errorf("%s: got %v, %v", kind, pub, err)
		}
	}
	long, _ := PublicJWK(public("P-256"), strings.Repeat("k", maxDID))
	for _, bad := range []string{"did:jwk:" + b64.EncodeToString(long), "", "did:jwk:", "did:jwk:e30", "did:jwk:!", "did:key:z", didJWK + "#1", "did:jwk:bm90IGpzb24"} {
		if _, err := ParseDIDJWK(bad); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
}

func TestDIDWeb(t *testing.T) {
	for did, address := range map[string]string{
		"did:web:badges.example":                   "https://badges.example/.well-known/did.json",
		"did:web:badges.example:issuers:1":         "https://badges.example/issuers/1/did.json",
		"did:web:localhost%3A8443:issuers:abc-_.x": "https://localhost:8443/issuers/abc-_.x/did.json",
		"did:web:registrar%3A3000:d:www.a-b.com":   "https://registrar:3000/d/www.a-b.com/did.json",
	} {
		if got, err := DIDWebURL(did); err != nil || got != address {
			t.Errorf("DIDWebURL(%s) = %s, %v; want %s", did, got, err, address)
		}
		if got, err := DIDWebURL(did + "#key-1"); err != nil || got != address {
			t.Errorf("with fragment: %s, %v", got, err)
		}
		if got, err := DIDWeb(address); err != nil || got != did {
			t.Errorf("DIDWeb(%s) = %s, %v; want %s", address, got, err, did)
		}
	}
	for _, bad := range []string{
		"", "did:web:", "did:web:a/b", "did:web:user@host", "did:web:user%40host", "did:web:host:..:x", "did:web:host::x", "did:web:host:%2e%2e",
		"did:web:host:.", "did:web:host:a?b", "did:web:host:a b", "did:web:host:" + strings.Repeat("a", maxDID), "did:web:host:a%2Fb", "did:web:10.0.0.1", "did:web:%5B%3A%3A1%5D", "did:web:host:%zz", "did:web:%zz", "did:web:host?x", "did:key:host", "did:web:host%2Fpath",
	} {
		if got, err := DIDWebURL(bad); !errors.Is(err, ErrDID) {
			t.Errorf("DIDWebURL(%q) = %s, %v; want ErrDID", bad, got, err)
		}
	}
	for _, bad := range []string{"", "ftp://x/did.json", "https://x/", "https://x/did.json", "https:///a/did.json", "https://u@x/a/did.json", "https://x/a/did.json?q", "https://x/a/did.json#f", "x/a/did.json", "ftp://x/a/did.json", "%"} {
		if got, err := DIDWeb(bad); !errors.Is(err, ErrDID) {
			t.Errorf("DIDWeb(%q) = %s, %v; want ErrDID", bad, got, err)
		}
	}
}
