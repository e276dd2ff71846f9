// Package wallettest is the key of a wallet, for tests of what wallets are handed.
package wallettest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// Key is one that a wallet holds.
type Key struct {
	private crypto.Signer
	DID     string // did:key
}

// NewKey makes a key for ES256 or EdDSA.
func NewKey(t testing.TB, algorithm string) Key {
	t.Helper()
	var k Key
	var err error
	if algorithm == openbadge.ES256 {
		k.private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		_, k.private, err = ed25519.GenerateKey(rand.Reader)
	}
	if err == nil {
		k.DID, err = openbadge.DIDKey(k.private.Public())
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// JWK is the public key, and its DID.
func (k Key) JWK(t testing.TB) (jwk json.RawMessage, did string) {
	t.Helper()
	jwk, err := openbadge.PublicJWK(k.private.Public(), "")
	if err == nil {
		did, err = openbadge.DIDJWK(k.private.Public())
	}
	if err != nil {
		t.Fatal(err)
	}
	return jwk, did
}

// Members are those of a header or of claims.
type Members map[string]any

// Proof is a proof that the key is held; header and claims have members that are to be otherwise, or nil for none.
func (k Key) Proof(t testing.TB, audience, nonce string, now time.Time, header, claims Members) string {
	t.Helper()
	h := Members{"typ": "openid4vci-proof+jwt", "alg": openbadge.KeyAlgorithm(k.private.Public()), "kid": k.DID + "#" + k.DID[len("did:key:"):]}
	c := Members{"aud": audience, "iat": now.Unix(), "nonce": nonce}
	maps.Copy(h, header)
	maps.Copy(c, claims)
	var parts [2]string
	for n, m := range []Members{h, c} {
		maps.DeleteFunc(m, func(_ string, v any) bool { return v == nil })
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		parts[n] = base64.RawURLEncoding.EncodeToString(text)
	}
	text := parts[0] + "." + parts[1]
	return text + "." + base64.RawURLEncoding.EncodeToString(k.sign(t, []byte(text)))
}

func (k Key) sign(t testing.TB, text []byte) []byte {
	t.Helper()
	private, isEC := k.private.(*ecdsa.PrivateKey)
	if !isEC {
		return ed25519.Sign(k.private.(ed25519.PrivateKey), text)
	}
	sum := sha256.Sum256(text)
	r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}
