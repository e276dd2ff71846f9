package openbadge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"strings"
	"testing"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
	"pgregory.net/rapid"
)

var payload = []byte(`{"x":1}`)

// hsm is a signer that only shows the crypto.Signer interface, as a device does.
type hsm struct {
	pub  crypto.PublicKey
	sign func(digest []byte, opts crypto.SignerOpts) ([]byte, error)
}

func (h hsm) Public() crypto.PublicKey { return h.pub }

func (h hsm) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return h.sign(digest, opts)
}

func behindDevice(kind string) hsm {
	key := testKeys()[kind]
	return hsm{key.Public(), func(d []byte, o crypto.SignerOpts) ([]byte, error) { return key.Sign(rand.Reader, d, o) }}
}

func TestSign(t *testing.T) {
	for name, c := range map[string]struct {
		alg    string
		signer crypto.Signer
	}{
		"ES256":        {ES256, testKeys()["P-256"]},
		"RS256":        {RS256, testKeys()["RSA"]},
		"ES256 device": {ES256, behindDevice("P-256")},
		"RS256 device": {RS256, behindDevice("RSA")},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := Sign(Header{Alg: c.alg, KID: "https://x.test/k", Typ: "JWT"}, payload, c.signer)
			if err != nil {
				t.Fatal(err)
			}
			j, err := ParseJWS(" " + token + "\n")
			if err != nil {
				t.Fatal(err)
			}
			if string(j.Payload) != string(payload) || j.Header.Alg != c.alg || j.Header.KID != "https://x.test/k" || j.Header.Typ != "JWT" || j.Token != token {
				t.Errorf("got %+v", j)
			}
			if err := j.Verify(c.signer.Public()); err != nil {
				t.Errorf("does not verify: %v", err)
			}
			if _, err := jws.Verify([]byte(token), jws.WithKey(jwa.SignatureAlgorithm(c.alg), c.signer.Public())); err != nil {
				t.Errorf("jwx does not verify it: %v", err)
			}
		})
	}
}

func TestSignHeaderBytes(t *testing.T) {
	for want, h := range map[string]Header{
		`{"alg":"ES256"}`:                                      {Alg: ES256},
		`{"alg":"ES256","kid":"https://x.test/k"}`:             {Alg: ES256, KID: "https://x.test/k"},
		`{"alg":"ES256","kid":"https://x.test/k","typ":"JWT"}`: {Alg: ES256, KID: "https://x.test/k", Typ: "JWT", JWK: []byte(`{}`)},
		`{"alg":"ES256","kid":"\"},{\"alg\":\"none\""}`:        {Alg: ES256, KID: `"},{"alg":"none"`},
	} {
		token, err := Sign(h, payload, testKeys()["P-256"])
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(token, ".")
		raw, _ := base64.RawURLEncoding.DecodeString(head)
		if string(raw) != want {
			t.Errorf("got header %s, want %s", raw, want)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	broken := errors.New("device is gone")
	der := func(r, s *big.Int) func([]byte, crypto.SignerOpts) ([]byte, error) {
		return func([]byte, crypto.SignerOpts) ([]byte, error) { return asn1.Marshal(struct{ R, S *big.Int }{r, s}) }
	}
	huge := new(big.Int).Lsh(big.NewInt(1), 300)
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	pub := public("P-256")
	for name, c := range map[string]struct {
		alg    string
		signer crypto.Signer
		want   error
	}{
		"alg of other key":   {ES256, testKeys()["RSA"], ErrAlgorithm},
		"curve too large":    {ES256, testKeys()["P-521"], ErrAlgorithm},
		"only for verifying": {PS256, testKeys()["RSA"], ErrAlgorithm},
		"EdDSA":              {EdDSA, testKeys()["Ed25519"], ErrAlgorithm},
		"none":               {"none", testKeys()["P-256"], ErrAlgorithm},
		"HMAC":               {"HS256", testKeys()["P-256"], ErrAlgorithm},
		"no alg":             {"", testKeys()["P-256"], ErrAlgorithm},
		"device fails":       {ES256, hsm{pub, func([]byte, crypto.SignerOpts) ([]byte, error) { return nil, broken }}, broken},
		"huge number":        {ES256, hsm{pub, der(huge, big.NewInt(1))}, ErrSignature},
		"negative number":    {ES256, hsm{pub, der(big.NewInt(-1), big.NewInt(1))}, ErrSignature},
		"wrong signature":    {ES256, hsm{pub, der(big.NewInt(1), big.NewInt(1))}, ErrSignature},
		"no DER":             {ES256, hsm{pub, func([]byte, crypto.SignerOpts) ([]byte, error) { return make([]byte, 64), nil }}, ErrSignature},
		"other key":          {ES256, hsm{pub, func(d []byte, o crypto.SignerOpts) ([]byte, error) { return other.Sign(rand.Reader, d, o) }}, ErrSignature},
		"RSA rubbish":        {RS256, hsm{public("RSA"), func([]byte, crypto.SignerOpts) ([]byte, error) { return []byte("x"), nil }}, ErrSignature},
	} {
		token, err := Sign(Header{Alg: c.alg}, payload, c.signer)
		if !errors.Is(err, c.want) || token != "" {
			t.Errorf("%s: got %q, %v; want %v", name, token, err, c.want)
		}
	}
}

// What could not be read back is not signed; what can just be is.
func TestSignKeepsToTheLimits(t *testing.T) {
	key := testKeys()["P-256"]
	most := b64.DecodedLen(MaxToken - 2*maxHeader)
	for _, c := range []struct {
		kid, body int
		ok        bool
	}{{10, most, true}, {10, most + 3, false}, {maxHeader / 2, 10, true}, {maxHeader, 10, false}} {
		token, err := Sign(Header{Alg: ES256, KID: strings.Repeat("k", c.kid)}, make([]byte, c.body), key)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("kid of %d, payload of %d: got %v, want success %v", c.kid, c.body, err, c.ok)
		}
		if _, err := ParseJWS(token); c.ok && err != nil {
			t.Errorf("kid of %d, payload of %d: cannot be read back: %v", c.kid, c.body, err)
		}
	}
}

// compact signs with any algorithm and any header bytes, as a stranger may.
func compact(t testing.TB, header string, body []byte, sign func(input []byte) []byte) string {
	t.Helper()
	input := b64.EncodeToString([]byte(header)) + "." + b64.EncodeToString(body)
	return input + "." + b64.EncodeToString(sign([]byte(input)))
}

func signES256(input []byte) []byte {
	sum := sha256.Sum256(input)
	r, s, _ := ecdsa.Sign(rand.Reader, testKeys()["P-256"].(*ecdsa.PrivateKey), sum[:])
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

func TestParseJWSRefuses(t *testing.T) {
	good := compact(t, `{"alg":"ES256"}`, payload, signES256)
	if j, err := ParseJWS(good); err != nil || j.Verify(public("P-256")) != nil {
		t.Fatalf("the untouched token must pass: %v", err)
	}
	headers := []string{
		`{"alg":"ES256","alg":"ES256"}`, `{"alg":"ES256","\u0061lg":"none"}`, `{"alg":"ES256","crit":["exp"]}`, `{"alg":"ES256","crit":[]}`,
		`{"alg":"ES256","b64":false}`, `{"alg":"ES256","b64":true}`, `{"alg":"ES256","jku":"https://x"}`, `{"alg":"ES256","x5u":"https://x"}`,
		`{"alg":"ES256","x5c":[]}`, `{"alg":"ES256","x5t":"x"}`, `{"alg":"ES256","x5t#S256":"x"}`, `{"alg":"ES256","zip":"DEF"}`,
		`{}`, `{"alg":null}`, `{"alg":1}`, `{"alg":""}`, `{"alg":["ES256"]}`, `{"alg":"ES256","kid":1}`, `{"alg":"ES256","typ":null}`,
		`{"Alg":"ES256"}`, `[]`, `null`, `"x"`, ``, `{"alg":"ES256"} `[:14], `{"alg":"ES256","kid":"` + strings.Repeat("x", maxHeader) + `"}`,
	}
	for _, h := range headers {
		if _, err := ParseJWS(compact(t, h, payload, signES256)); !errors.Is(err, ErrMalformed) {
			t.Errorf("header %.60s: got %v, want ErrMalformed", h, err)
		}
	}
	j, err := ParseJWS(compact(t, `{"alg":"ES256","cty":"JWT","x":[1],"jwk":{"kty":"EC"}}`, payload, signES256))
	if err != nil || string(j.Header.JWK) != `{"kty":"EC"}` {
		t.Errorf("a header with more than we need: got %+v, %v", j, err)
	}
	part := strings.Split(good, ".")
	for name, token := range map[string]string{
		"empty": "", "two parts": part[0] + "." + part[1], "four parts": good + ".x", "padding": good + "=",
		"line end inside": part[0] + "." + part[1][:4] + "\n" + part[1][4:] + "." + part[2], "carriage return": part[0] + "." + part[1] + "\r." + part[2], "standard base64": strings.Replace(good, part[2], "+/+/", 1),
		"JSON form": `{"payload":"","signatures":[]}`, "loose last bits": part[0] + "." + part[1] + ".AB", "too long": part[0] + "." + strings.Repeat("A", MaxToken) + "." + part[2],
	} {
		if _, err := ParseJWS(token); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want ErrMalformed", name, err)
		}
	}
}

// The traps of jwx that libraries.md reports: our own checks must stand in front of it.
func TestVerifyBindsAlgorithmToKey(t *testing.T) {
	es256 := compact(t, `{"alg":"ES256"}`, payload, signES256)
	rsaKey := testKeys()["RSA"].(*rsa.PrivateKey)
	rs256, err := jws.Sign(payload, jws.WithKey(jwa.RS256, rsaKey))
	ps256, err2 := jws.Sign(payload, jws.WithKey(jwa.PS256, rsaKey))
	rs512, err3 := jws.Sign(payload, jws.WithKey(jwa.RS512, rsaKey))
	es384, err4 := jws.Sign(payload, jws.WithKey(jwa.ES384, testKeys()["P-384"]))
	eddsa, err5 := jws.Sign(payload, jws.WithKey(jwa.EdDSA, testKeys()["Ed25519"]))
	wide, err6 := jws.Sign(payload, jws.WithKey(jwa.ES256, testKeys()["P-521"]))
	hmac, err7 := jws.Sign(payload, jws.WithKey(jwa.HS256, []byte("secret")))
	if err := errors.Join(err, err2, err3, err4, err5, err6, err7); err != nil {
		t.Fatal(err)
	}
	none := compact(t, `{"alg":"none"}`, payload, func([]byte) []byte { return nil })
	for name, c := range map[string]struct {
		token   string
		kind    string
		allowed []string
		want    error
	}{
		"ES256":               {es256, "P-256", nil, nil},
		"RS256":               {string(rs256), "RSA", nil, nil},
		"PS256":               {string(ps256), "RSA", nil, nil},
		"ES384":               {string(es384), "P-384", nil, nil},
		"EdDSA":               {string(eddsa), "Ed25519", nil, nil},
		"allowed":             {string(rs256), "RSA", []string{RS256}, nil},
		"not allowed":         {string(ps256), "RSA", []string{RS256}, ErrAlgorithm},
		"RS512":               {string(rs512), "RSA", nil, nil},
		"RS512 not listed":    {string(rs512), "RSA", []string{RS256}, ErrAlgorithm},
		"ES256 with P-521":    {string(wide), "P-521", nil, ErrAlgorithm},
		"ES256 with RSA":      {es256, "RSA", nil, ErrAlgorithm},
		"RS256 with P-256":    {string(rs256), "P-256", nil, ErrAlgorithm},
		"ES256 with P-384":    {es256, "P-384", nil, ErrAlgorithm},
		"none":                {none, "P-256", nil, ErrAlgorithm},
		"none though listed":  {none, "P-256", []string{"none"}, ErrAlgorithm},
		"HS256":               {string(hmac), "RSA", nil, ErrAlgorithm},
		"HS256 though listed": {string(hmac), "RSA", []string{"HS256"}, ErrAlgorithm},
		"other key":           {string(es384), "P-384 other", nil, ErrSignature},
	} {
		t.Run(name, func(t *testing.T) {
			pub := crypto.PublicKey(nil)
			if key, found := testKeys()[c.kind]; found {
				pub = key.Public()
			} else {
				other, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
				pub = other.Public()
			}
			j, err := ParseJWS(c.token)
			if err != nil {
				t.Fatal(err)
			}
			if err := j.Verify(pub, c.allowed...); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	j, _ := ParseJWS(es256)
	if err := j.Verify(nil); !errors.Is(err, ErrAlgorithm) {
		t.Errorf("no key: got %v, want ErrAlgorithm", err)
	}
}

func TestVerifyNoticesEveryChange(t *testing.T) {
	token := compact(t, `{"alg":"ES256","kid":"k"}`, payload, signES256)
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		to := rapid.SampledFrom([]byte("ABCxyz019-_.")).Draw(t, "to")
		if token[at] == to {
			return
		}
		changed := token[:at] + string(to) + token[at+1:]
		if j, err := ParseJWS(changed); err == nil && j.Verify(public("P-256")) == nil {
			t.Fatalf("changed at %d to %q and still verifies", at, to)
		}
	})
}

func TestDERSignatureRefused(t *testing.T) {
	token := compact(t, `{"alg":"ES256"}`, payload, func(input []byte) []byte {
		sum := sha256.Sum256(input)
		der, _ := testKeys()["P-256"].Sign(rand.Reader, sum[:], crypto.SHA256)
		return der
	})
	j, err := ParseJWS(token)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Verify(public("P-256")); !errors.Is(err, ErrSignature) {
		t.Errorf("got %v, want ErrSignature", err)
	}
}

// The tokens of the shared cases with their keys.
func TestSharedTokens(t *testing.T) {
	want := map[string]error{
		"ob3/generated--jwt-rs256": nil, "ob3/generated--jwt-eddsa": nil, "ob3/generated--jwt-alg-none": ErrAlgorithm,
		"ob3/generated--jwt-es256-der": ErrSignature, "ob3/generated--jwt-payload-not-json": nil,
	}
	for id, want := range want {
		j, err := ParseJWS(string(readCase(t, id+"/input.jwt")))
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		pub, _, err := ParseJWK(readCase(t, id+"/key.jwk"))
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if err := j.Verify(pub); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", id, err, want)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	for alg, kind := range map[string]string{ES256: "P-256", RS256: "RSA"} {
		b.Run(alg, func(b *testing.B) {
			body, _ := Payload(sampleCredential())
			for b.Loop() {
				if _, err := Sign(Header{Alg: alg, KID: "https://x.test/k"}, body, testKeys()[kind]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
