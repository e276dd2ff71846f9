package openbadge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"
)

var (
	proofTime = time.Date(2026, 3, 5, 9, 42, 0, 0, time.UTC)
	audience  = "https://badges.acme.test"
)

// holderProof signs a proof, with members of header and claims that are to be otherwise; nil takes one out.
func holderProof(t testing.TB, key crypto.Signer, header, claims map[string]any) string {
	t.Helper()
	did, err := DIDKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	h := map[string]any{"alg": KeyAlgorithm(key.Public()), "typ": holderProofType, "kid": did + "#" + did[len("did:key:"):]}
	c := map[string]any{"aud": audience, "iat": proofTime.Unix(), "nonce": "n-1"}
	maps.Copy(h, header)
	maps.Copy(c, claims)
	for _, members := range []map[string]any{h, c} {
		maps.DeleteFunc(members, func(_ string, v any) bool { return v == nil })
	}
	return signedAs(t, h, c, key)
}

// signedAs is a token with any header.
func signedAs(t testing.TB, header, claims map[string]any, key crypto.Signer) string {
	t.Helper()
	protected, _ := json.Marshal(header)
	payload, _ := json.Marshal(claims)
	input := b64.EncodeToString(protected) + "." + b64.EncodeToString(payload)
	if private, isEd := key.(ed25519.PrivateKey); isEd {
		return input + "." + b64.EncodeToString(ed25519.Sign(private, []byte(input)))
	}
	signature, err := signBytes(KeyAlgorithm(key.Public()), []byte(input), key)
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64.EncodeToString(signature)
}

// TestHolderProof: proofs with keys of each kind, in each way to name them.
func TestHolderProof(t *testing.T) {
	for _, kind := range []string{"P-256", "P-384", "Ed25519"} {
		key := private(kind)
		byKey, _ := DIDKey(key.Public())
		byJWK, _ := DIDJWK(key.Public())
		jwk, _ := PublicJWK(key.Public(), "")
		for name, c := range map[string]struct {
			header, claims map[string]any
			holder         string
		}{
			"did:key":              {nil, nil, byKey},
			"did:key, no fragment": {map[string]any{"kid": byKey}, nil, byKey},
			"did:jwk":              {map[string]any{"kid": byJWK + "#0"}, nil, byJWK},
			"jwk":                  {map[string]any{"kid": nil, "jwk": json.RawMessage(jwk)}, nil, byJWK},
			"iss, exp, more":       {nil, map[string]any{"iss": "wallet", "exp": proofTime.Unix() + 60, "x": []any{1}}, byKey},
			"list of one audience": {nil, map[string]any{"aud": []any{audience}}, byKey},
			"half a second":        {nil, map[string]any{"iat": float64(proofTime.Unix()) + 0.5}, byKey},
			"clock ahead":          {nil, map[string]any{"iat": proofTime.Unix() + 299}, byKey},
		} {
			p, err := ReadHolderProof(holderProof(t, key, c.header, c.claims), audience, proofTime)
			if err != nil || p.Holder != c.holder || p.Nonce != "n-1" {
				t.Errorf("%s, %s: got %+v, %v", kind, name, p, err)
			}
		}
	}
	if p, err := ReadHolderProof(holderProof(t, private("Ed25519"), map[string]any{"alg": Ed25519}, nil), audience, proofTime); err != nil {
		t.Errorf("RFC 9864: got %+v, %v", p, err)
	}
}

// TestHolderProofRefused: another audience, time, type or algorithm, and keys that are not the signer's.
func TestHolderProofRefused(t *testing.T) {
	key, other := private("P-256"), private("Ed25519")
	foreign, _ := DIDKey(other.Public())
	jwk, _ := PublicJWK(key.Public(), "")
	jwkRSA, _ := PublicJWK(private("RSA").Public(), "")
	for name, c := range map[string]struct {
		header, claims map[string]any
		want           error
	}{
		"another audience":    {nil, map[string]any{"aud": "https://other.test"}, ErrMalformed},
		"audience with slash": {nil, map[string]any{"aud": audience + "/"}, ErrMalformed},
		"two audiences":       {nil, map[string]any{"aud": []any{audience, "https://other.test"}}, ErrMalformed},
		"audience and number": {nil, map[string]any{"aud": []any{audience, 1}}, ErrMalformed},
		"no audience":         {nil, map[string]any{"aud": nil}, ErrMalformed},
		"old":                 {nil, map[string]any{"iat": proofTime.Unix() - 601}, ErrMalformed},
		"from tomorrow":       {nil, map[string]any{"iat": proofTime.Unix() + 86400}, ErrMalformed},
		"no time":             {nil, map[string]any{"iat": nil}, ErrMalformed},
		"time as text":        {nil, map[string]any{"iat": "now"}, ErrMalformed},
		"ended":               {nil, map[string]any{"exp": proofTime.Unix() - 1}, ErrMalformed},
		"end as text":         {nil, map[string]any{"exp": "never"}, ErrMalformed},
		"no nonce":            {nil, map[string]any{"nonce": nil}, ErrMalformed},
		"empty nonce":         {nil, map[string]any{"nonce": ""}, ErrMalformed},
		"nonce as number":     {nil, map[string]any{"nonce": 5}, ErrMalformed},
		"no typ":              {map[string]any{"typ": nil}, nil, ErrMalformed},
		"typ JWT":             {map[string]any{"typ": "JWT"}, nil, ErrMalformed},
		"no alg":              {map[string]any{"alg": nil}, nil, ErrMalformed},
		"alg none":            {map[string]any{"alg": "none"}, nil, ErrAlgorithm},
		"alg of another key":  {map[string]any{"alg": EdDSA}, nil, ErrAlgorithm},
		"shared secret":       {map[string]any{"alg": "HS256"}, nil, ErrAlgorithm},
		"RSA":                 {map[string]any{"alg": RS256, "kid": nil, "jwk": json.RawMessage(jwkRSA)}, nil, ErrAlgorithm},
		"somebody else's key": {map[string]any{"kid": foreign, "alg": ES256}, nil, ErrAlgorithm},
		"kid and jwk":         {map[string]any{"jwk": json.RawMessage(jwk)}, nil, ErrMalformed},
		"no key":              {map[string]any{"kid": nil}, nil, ErrMalformed},
		"certificate":         {map[string]any{"kid": nil, "x5c": []any{"MIIB"}}, nil, ErrMalformed},
		"did:web":             {map[string]any{"kid": "did:web:wallet.test#1"}, nil, ErrDID},
		"number":              {map[string]any{"kid": "1"}, nil, ErrDID},
		"broken did:key":      {map[string]any{"kid": "did:key:zzzz"}, nil, ErrKey},
		"private key":         {map[string]any{"kid": nil, "jwk": json.RawMessage(`{"kty":"EC","crv":"P-256","d":"AA"}`)}, nil, ErrKey},
	} {
		if _, err := ReadHolderProof(holderProof(t, key, c.header, c.claims), audience, proofTime); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	mine, _ := DIDKey(key.Public())
	thief, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	stolen := holderProof(t, thief, map[string]any{"kid": mine}, nil)
	if _, err := ReadHolderProof(stolen, audience, proofTime); !errors.Is(err, ErrSignature) {
		t.Errorf("signed by another key of that kind: got %v", err)
	}
	for _, bad := range []string{"", "a.b.c", "e30.e30.e30", string(make([]byte, holderProofMost+1))} {
		if _, err := ReadHolderProof(bad, audience, proofTime); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.20q: got %v", bad, err)
		}
	}
}

func FuzzReadHolderProof(f *testing.F) {
	good := holderProof(f, private("Ed25519"), nil, nil)
	f.Add(good)
	f.Add(holderProof(f, private("P-256"), map[string]any{"typ": "JWT"}, nil))
	f.Fuzz(func(t *testing.T, token string) {
		if p, err := ReadHolderProof(token, audience, proofTime); err == nil && (p.Holder == "" || p.Nonce == "") {
			t.Errorf("%q: got %+v", token, p)
		}
	})
}
