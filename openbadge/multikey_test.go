package openbadge

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/mr-tron/base58"
)

// Examples of the did:key specification: Ed25519, P-256, P-384.
var didKeyExamples = map[string]string{
	"z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK":                        EdDSA,
	"zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169":                       ES256,
	"z82LkvCwHNreneWpsgPEbV3gu1C6NFJEBg4srfJ5gdxEsMGRJUz2sG9FE42shbn2xkZJh54": ES384,
}

func TestMultikeyExamples(t *testing.T) {
	for text, alg := range didKeyExamples {
		pub, err := parseMultikey(text)
		if err != nil || KeyAlgorithm(pub) != alg {
			t.Fatalf("%s: got %T, %v; want %s", text, pub, err, alg)
		}
		if again, err := Multikey(pub); err != nil || again != text {
			t.Errorf("%s: written back as %s, %v", text, again, err)
		}
	}
}

func TestParseMultikeyRefuses(t *testing.T) {
	ed, _ := Multikey(public("Ed25519"))
	raw := append([]byte(codecEd25519), make([]byte, 31)...)
	offCurve := append([]byte(codecP256), append([]byte{2}, []byte(strings.Repeat("\xff", 32))...)...)
	for name, text := range map[string]string{
		"empty": "", "base only": "z", "other base": "f" + ed[1:], "not base58": "z0OIl", "too long": "z" + strings.Repeat("1", maxMultikey),
		"short key": "z" + base58.Encode(raw), "unknown codec": "z" + base58.Encode(append([]byte{0xe7, 1}, make([]byte, 33)...)),
		"off the curve": "z" + base58.Encode(offCurve), "one byte": "z2", "too much padding": "u" + b64.EncodeToString(append([]byte(codecEd25519), make([]byte, 32)...)) + strings.Repeat("=", 3), "bad base64": "u!!",
	} {
		if pub, err := parseMultikey(text); !errors.Is(err, ErrKey) {
			t.Errorf("%s: got %v, %v; want ErrKey", name, pub, err)
		}
	}
	for _, kind := range []string{"Ed25519", "P-256", "P-384", "P-521"} { // a good key under another name
		text, _ := Multikey(public(kind))
		raw, _ := base58.Decode(text[1:])
		if pub, err := parseMultikey("z" + base58.Encode(append([]byte{0xe7, 1}, raw[2:]...))); !errors.Is(err, ErrKey) {
			t.Errorf("%s under another codec: got %v, %v; want ErrKey", kind, pub, err)
		}
	}
	if _, err := Multikey(public("RSA")); !errors.Is(err, ErrKey) {
		t.Errorf("RSA: got %v, want ErrKey", err)
	}
}

func TestMultikeyBase64(t *testing.T) {
	raw := append([]byte(codecEd25519), public("Ed25519").(ed25519.PublicKey)...)
	pub, err := parseMultikey("u" + b64.EncodeToString(raw))
	if err != nil || !samePublic(pub, public("Ed25519")) {
		t.Errorf("got %v, %v", pub, err)
	}
}

func TestMultikeyVectors(t *testing.T) {
	var vectors struct {
		Multikey []struct {
			SeedHex, PublicKeyMultibase, DID, RawPublicKeyHex, MulticodecHex string
			JWK                                                              json.RawMessage
		}
	}
	if err := json.Unmarshal(readCase(t, "vectors.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Multikey) < 3 {
		t.Fatalf("got %d vectors", len(vectors.Multikey))
	}
	for _, v := range vectors.Multikey {
		seed, _ := hex.DecodeString(v.SeedHex)
		pub := ed25519.NewKeyFromSeed(seed).Public()
		if got, _ := Multikey(pub); got != v.PublicKeyMultibase {
			t.Errorf("multikey: got %s, want %s", got, v.PublicKeyMultibase)
		}
		if got, _ := DIDKey(pub); got != v.DID {
			t.Errorf("did: got %s, want %s", got, v.DID)
		}
		if got := hex.EncodeToString(pub.(ed25519.PublicKey)); got != v.RawPublicKeyHex {
			t.Errorf("raw: got %s, want %s", got, v.RawPublicKeyHex)
		}
		if read, _, err := ParseJWK(v.JWK); err != nil || !samePublic(read, pub) {
			t.Errorf("jwk: got %v, %v", read, err)
		}
	}
}
