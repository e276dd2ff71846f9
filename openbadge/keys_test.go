package openbadge

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/mr-tron/base58"
)

// testKeys are made once: RSA keys take long.
var testKeys = sync.OnceValue(func() map[string]crypto.Signer {
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	p521, _ := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	rsa2048, _ := rsa.GenerateKey(rand.Reader, 2048)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	return map[string]crypto.Signer{"P-256": p256, "P-384": p384, "P-521": p521, "RSA": rsa2048, "Ed25519": ed}
})

func public(kind string) crypto.PublicKey { return testKeys()[kind].Public() }

func samePublic(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

func TestKeyAlgorithm(t *testing.T) {
	for kind, want := range map[string]string{"P-256": ES256, "P-384": ES384, "P-521": ES512, "RSA": RS256, "Ed25519": EdDSA} {
		if got := KeyAlgorithm(public(kind)); got != want {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
	small := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}
	even := &rsa.PublicKey{N: public("RSA").(*rsa.PublicKey).N, E: 65536}
	large := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 8192), E: 65537}
	one := &rsa.PublicKey{N: even.N, E: 1}
	for _, pub := range []crypto.PublicKey{
		nil, "text", small, large, even, one, (*rsa.PublicKey)(nil), &rsa.PublicKey{}, (*ecdsa.PublicKey)(nil), &ecdsa.PublicKey{}, ed25519.PublicKey("short"),
	} {
		if got := KeyAlgorithm(pub); got != "" {
			t.Errorf("%T: got %q, want none", pub, got)
		}
	}
}

func TestJWKRoundTrip(t *testing.T) {
	for _, kind := range []string{"P-256", "P-384", "P-521", "RSA", "Ed25519"} {
		raw, err := PublicJWK(public(kind), "https://x.test/keys/1.jwk")
		if err != nil {
			t.Fatal(err)
		}
		again, _ := PublicJWK(public(kind), "https://x.test/keys/1.jwk")
		if !bytes.Equal(raw, again) {
			t.Errorf("%s: two writings differ", kind)
		}
		pub, kid, err := ParseJWK(raw)
		if err != nil || kid != "https://x.test/keys/1.jwk" || !samePublic(pub, public(kind)) {
			t.Errorf("%s: read back %v, %q, %v", kind, pub, kid, err)
		}
		var m map[string]any
		_ = json.Unmarshal(raw, &m)
		if m["alg"] != KeyAlgorithm(pub) || m["use"] != "sig" || m["d"] != nil {
			t.Errorf("%s: got %s", kind, raw)
		}
	}
	//lint:ignore SA1019 only this way a key can be off its curve
	broken := &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)}
	for _, write := range []func(crypto.PublicKey) (string, error){Multikey, DIDKey, DIDJWK} {
		if _, err := write(broken); !errors.Is(err, ErrKey) {
			t.Errorf("point off the curve: got %v, want ErrKey", err)
		}
	}
}

// The example keys of RFC 7517 appendix A.1 and RFC 8037 appendix A.2.
const (
	rfcEC = `"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"`
	rfcOK = `"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`
)

func TestParseJWK(t *testing.T) {
	rsaRaw, _ := PublicJWK(public("RSA"), "")
	big := strings.Repeat("_", 4000)
	for name, c := range map[string]struct {
		jwk string
		ok  bool
	}{
		"EC":                 {`{` + rfcEC + `}`, true},
		"OKP":                {`{` + rfcOK + `,"kid":"1","extra":[1]}`, true},
		"use sig":            {`{` + rfcEC + `,"use":"sig","alg":"ES256","key_ops":["verify"]}`, true},
		"RSA for PS256":      {strings.Replace(string(rsaRaw), "RS256", "PS256", 1), true},
		"private":            {`{` + rfcEC + `,"d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}`, false},
		"symmetric":          {`{"kty":"oct","k":"AAAA"}`, false},
		"use enc":            {`{` + rfcEC + `,"use":"enc"}`, false},
		"only signs":         {`{` + rfcEC + `,"key_ops":["sign"]}`, false},
		"other alg":          {`{` + rfcEC + `,"alg":"RS256"}`, false},
		"alg no string":      {`{` + rfcEC + `,"alg":1}`, false},
		"kid no string":      {`{` + rfcEC + `,"kid":1}`, false},
		"member twice":       {`{` + rfcEC + `,"x":"AA"}`, false},
		"off the curve":      {strings.Replace(`{`+rfcEC+`}`, "4Etl6", "4Etl7", 1), false},
		"short x":            {strings.Replace(`{`+rfcEC+`}`, "MKBC", "", 1), false},
		"no y":               {`{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"}`, false},
		"padding":            {strings.Replace(`{`+rfcOK+`}`, `URo"`, `URo="`, 1), false},
		"curve of other kty": {`{"kty":"EC","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, false},
		"key agreement":      {strings.Replace(`{`+rfcOK+`}`, "Ed25519", "X25519", 1), false},
		"short Ed25519":      {`{"kty":"OKP","crv":"Ed25519","x":"AAAA"}`, false},
		"secp256k1":          {strings.Replace(`{`+rfcEC+`}`, "P-256", "secp256k1", 1), false},
		"small RSA":          {`{"kty":"RSA","n":"` + strings.Repeat("_", 171) + `","e":"AQAB"}`, false},
		"huge RSA":           {`{"kty":"RSA","n":"` + big + `","e":"AQAB"}`, false},
		"huge exponent":      {strings.Replace(string(rsaRaw), "AQAB", "AQABAQAB", 1), false},
		"exponent 1":         {strings.Replace(string(rsaRaw), "AQAB", "AQ", 1), false},
		"no exponent":        {strings.Replace(string(rsaRaw), "AQAB", "", 1), false},
		"no modulus":         {`{"kty":"RSA","e":"AQAB"}`, false},
		"array":              {`[]`, false},
		"null":               {`null`, false},
		"text":               {`hello`, false},
	} {
		pub, _, err := ParseJWK([]byte(c.jwk))
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrKey) || c.ok && KeyAlgorithm(pub) == "" {
			t.Errorf("%s: got %v, %v; want success %v", name, pub, err, c.ok)
		}
	}
}

func TestJWKSet(t *testing.T) {
	one, _ := PublicJWK(public("P-256"), "1")
	two, _ := PublicJWK(public("RSA"), "2")
	for want, keys := range map[string][][]byte{
		`{"keys":[]}`: nil,
		`{"keys":[` + string(one) + `,` + string(two) + `]}`: {one, two},
	} {
		if set, err := JWKSet(keys...); err != nil || string(set) != want {
			t.Errorf("got %s, %v, want %s", set, err, want)
		}
	}
}

func TestPublicKeyPEM(t *testing.T) {
	for _, kind := range []string{"P-256", "P-384", "RSA", "Ed25519"} {
		text, err := PublicKeyPEM(public(kind))
		if err != nil || !strings.HasPrefix(text, "-----BEGIN PUBLIC KEY-----\n") || strings.Contains(text, "\r") {
			t.Fatalf("%s: got %q, %v", kind, text, err)
		}
		pub, err := ParsePublicKeyPEM(text)
		if err != nil || !samePublic(pub, public(kind)) {
			t.Errorf("%s: read back %v, %v", kind, pub, err)
		}
	}
	pkcs1 := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(public("RSA").(*rsa.PublicKey))})
	if pub, err := ParsePublicKeyPEM(string(pkcs1)); err != nil || !samePublic(pub, public("RSA")) {
		t.Errorf("PKCS #1: %v", err)
	}
	if _, err := PublicKeyPEM("no key"); !errors.Is(err, ErrKey) {
		t.Errorf("got %v, want ErrKey", err)
	}
	p521, _ := PublicKeyPEM(public("P-521"))
	for _, bad := range []string{
		"", "text", strings.Repeat("\n", maxPEM) + p521,
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
	} {
		if _, err := ParsePublicKeyPEM(bad); !errors.Is(err, ErrKey) {
			t.Errorf("%.30q: got %v, want ErrKey", bad, err)
		}
	}
}

// A key of Ed25519 that fits every text is refused wherever such keys are read, in every spelling of the
// eight points of small order.
func TestSmallOrder(t *testing.T) {
	for _, y := range smallPoints {
		for _, sign := range []byte{0, 0x80} {
			raw, _ := hex.DecodeString(y)
			raw[31] |= sign
			multikey := "z" + base58.Encode(append([]byte(codecEd25519), raw...))
			jwk := `{"kty":"OKP","crv":"Ed25519","x":"` + b64.EncodeToString(raw) + `"}`
			der, err := x509.MarshalPKIXPublicKey(ed25519.PublicKey(raw))
			if err != nil {
				t.Fatal(err)
			}
			for form, read := range map[string]func() (crypto.PublicKey, error){
				"Multikey": func() (crypto.PublicKey, error) { return parseMultikey(multikey) },
				"did:key":  func() (crypto.PublicKey, error) { return ParseDIDKey("did:key:" + multikey) },
				"did:jwk":  func() (crypto.PublicKey, error) { return ParseDIDJWK("did:jwk:" + b64.EncodeToString([]byte(jwk))) },
				"PEM": func() (crypto.PublicKey, error) {
					return ParsePublicKeyPEM(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
				},
				"JWK": func() (crypto.PublicKey, error) {
					key, _, err := ParseJWK([]byte(jwk))
					return key, err
				},
			} {
				if key, err := read(); err == nil || !errors.Is(err, ErrKey) {
					t.Errorf("%s of %x: got %v, %v", form, raw, key, err)
				}
			}
		}
	}
}

// A key stands alone in its PEM: what others wrote around it is no statement of its owner.
func TestPEMAlone(t *testing.T) {
	good, err := PublicKeyPEM(public("RSA"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"as it is": good, "white space": "\r\n " + good + " \n\n", "CR LF": strings.ReplaceAll(good, "\n", "\r\n")} {
		if _, err := ParsePublicKeyPEM(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"in a page": "<pre>" + good + "</pre>", "after a text": "key:\n" + good, "before a text": good + "bye", "twice": good + good, "in quotes": `"` + good + `"`,
		"after half a block": "-----BEGIN PUBLIC KEY-----\nx\n" + good,
	} {
		if _, err := ParsePublicKeyPEM(text); !errors.Is(err, ErrKey) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
