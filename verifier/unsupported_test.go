package verifier

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/mr-tron/base58"

	"github.com/open-insignia/insignia/openbadge"
)

// foreignKey is a multikey of a kind that is not known: secp256k1.
var foreignKey = "z" + base58.Encode(append([]byte{0xe7, 0x01, 2}, make([]byte, 32)...))

const foreignJWK = `{"kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"}`

// TestUnsupported: what this verifier does not know is no fault of the badge, wherever it stands
// (contract 5).
func TestUnsupported(t *testing.T) {
	token := func(issuer, kid, alg string) func(w *world) string {
		return func(w *world) string {
			w.badge.Issuer.ID, w.badge.Status = issuer, nil
			return handmade(`{"alg":"`+alg+`","kid":"`+kid+`"}`, w.payload(), []byte("signature"))
		}
	}
	method := func(change func(method object)) func(w *world) string {
		return func(w *world) string {
			w.putJSON(issuerID, w.controller(issuerID, keys().ed.Public(), func(_, method object) {
				delete(method, "publicKeyMultibase")
				change(method)
			}))
			return w.seal(nil)
		}
	}
	proof := func(change func(doc, options object)) func(w *world) string {
		return func(w *world) string { return w.altered(w.seal(nil), func(m object) { change(m, proofOf(m)) }) }
	}
	didJWK := "did:jwk:" + b64([]byte(foreignJWK))
	for name, sealed := range map[string]func(w *world) string{
		"method of a kind of key": method(func(m object) { m["publicKeyMultibase"] = foreignKey }),
		"method with such a JWK": method(func(m object) {
			m["type"], m["publicKeyJwk"] = "JsonWebKey", object{"kty": "OKP", "crv": "Ed448", "x": "AAAA"}
		}),
		"method that writes another": method(func(m object) {
			m["type"], m["publicKeyBase58"] = "Ed25519VerificationKey2018", "3M5RCDjPTWPkKSN3sxUmmMqHbmRPegYP1tjcKyrDbt9J"
		}),
		"cryptosuite":   proof(func(_, o object) { o["cryptosuite"] = "bbs-2023" }),
		"type of proof": proof(func(_, o object) { o["type"], o["jws"] = "MerkleProof2019", "x"; delete(o, "proofValue") }),
		"type of proof, other members": proof(func(_, o object) {
			o["type"], o["creator"] = "RsaSignature2018", issuerID
			delete(o, "verificationMethod")
		}),
		"beside a proof of no key": proof(func(m, o object) {
			m["proof"] = []any{object{"type": "DataIntegrityProof", "cryptosuite": "bbs-2023", "proofPurpose": "assertionMethod", "verificationMethod": issuerID + "#2", "proofValue": "z1"},
				object{"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod", "verificationMethod": issuerID + "#none", "proofValue": o["proofValue"]}}
		}),
		"DID method": proof(func(m, o object) { m["issuer"].(object)["id"], o["verificationMethod"] = "did:ion:1", "did:ion:1#k" }),
		"did:key": proof(func(m, o object) {
			m["issuer"].(object)["id"], o["verificationMethod"] = "did:key:"+foreignKey, "did:key:"+foreignKey+"#"+foreignKey
		}),
		"context": proof(func(m, _ object) { m["@context"] = append(m["@context"].([]any), "https://wallet.test/context.json") }),
		"number that programs sign in different ways": proof(func(m, _ object) {
			m["credentialSubject"].(object)["achievement"].(object)["creditsAvailable"] = json.Number("5e-7")
		}),
		"kind of status": func(w *world) string {
			return w.seal(func(doc, _ object) {
				doc["credentialStatus"] = object{"type": "https://issuer.test/types#Other"}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newSealedWorld(t)
			want(t, w.verify(sealed(w)), Undetermined, Unsupported)
		})
	}
	for name, signed := range map[string]func(w *world) string{
		"algorithm":              token(issuerID, keyID, "ML-DSA-44"),
		"algorithm of curve k1":  token(issuerID, keyID, "ES256K"),
		"key of a DID":           token("did:key:"+foreignKey, "did:key:"+foreignKey+"#"+foreignKey, "ES256"),
		"key of a did:jwk":       token(didJWK, didJWK+"#0", "ES256"),
		"issuer of a DID method": token("did:ion:1", keyID, "ES256"),
		"context of a token": func(w *world) string {
			return w.edited(func(m object) { m["@context"] = append(m["@context"].([]any), "https://wallet.test/c") })
		},
		"JWK at the key's address": func(w *world) string {
			w.put(keyID, "application/jwk+json", foreignJWK)
			return w.token()
		},
		"status list": func(w *world) string {
			list, _ := openbadge.ParseJWS(w.network[listID].Body)
			w.put(listID, "application/jwt", handmade(`{"alg":"ML-DSA-44","kid":"`+keyID+`"}`, list.Payload, []byte("x")))
			return w.token()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			want(t, w.verify(signed(w)), Undetermined, Unsupported)
		})
	}
	t.Run("2.0", func(t *testing.T) {
		w := newWorld(t)
		badge := signedBadge(w)
		want(t, w.verify(handmade(`{"alg":"ML-DSA-44"}`, badge, []byte("x"))), Undetermined, Unsupported)
		type spki struct {
			Algorithm struct{ Algorithm, Curve asn1.ObjectIdentifier }
			Key       asn1.BitString
		}
		k := spki{Key: asn1.BitString{Bytes: make([]byte, 65), BitLength: 520}}
		k.Algorithm.Algorithm, k.Algorithm.Curve = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, asn1.ObjectIdentifier{1, 3, 132, 0, 10}
		der, _ := asn1.Marshal(k)
		if _, err := openbadge.ParsePublicKeyPEM(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))); err == nil || !strings.Contains(err.Error(), openbadge.ErrUnsupported.Error()) {
			t.Errorf("a PEM of secp256k1 gives %v", err)
		}
	})
	t.Run("none and shared secrets prove nothing", func(t *testing.T) {
		for _, alg := range []string{"none", "NONE", "nOnE", "HS256", "HS384", "HS512", "hs256"} {
			w := newWorld(t)
			want(t, w.verify(token(issuerID, keyID, alg)(w)), Invalid, BadSignature)
		}
	})
}

// TestSupportedKeys: every algorithm and kind of did:key that is known, each with a badge that it signs.
func TestSupportedKeys(t *testing.T) {
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	p521, _ := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	rsaKey := "z" + base58.Encode(append([]byte{0x85, 0x24}, x509.MarshalPKCS1PublicKey(keys().rsa.Public().(*rsa.PublicKey))...))
	jwk, _ := openbadge.PublicJWK(keys().ec.Public(), "")
	jwkKey := "z" + base58.Encode(append([]byte{0xd1, 0xd6, 0x03}, jwk...))
	ecdsaOf := func(hash crypto.Hash, size int) func(crypto.Signer, []byte) []byte {
		return func(key crypto.Signer, input []byte) []byte {
			h := hash.New()
			h.Write(input)
			r, s, _ := ecdsa.Sign(rand.Reader, key.(*ecdsa.PrivateKey), h.Sum(nil))
			return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
		}
	}
	rsaOf := func(hash crypto.Hash, pss bool) func(crypto.Signer, []byte) []byte {
		return func(key crypto.Signer, input []byte) []byte {
			h := hash.New()
			h.Write(input)
			var opts crypto.SignerOpts = hash
			if pss {
				opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
			}
			signature, _ := key.Sign(rand.Reader, h.Sum(nil), opts)
			return signature
		}
	}
	plain := func(key crypto.Signer, input []byte) []byte { return ed25519.Sign(key.(ed25519.PrivateKey), input) }
	for _, c := range []struct {
		alg  string
		key  crypto.Signer
		did  string // "" : that of the key
		sign func(crypto.Signer, []byte) []byte
	}{
		{"ES256", keys().ec, "", ecdsaOf(crypto.SHA256, 32)},
		{"ES384", p384, "", ecdsaOf(crypto.SHA384, 48)},
		{"ES512", p521, "", ecdsaOf(crypto.SHA512, 66)},
		{"EdDSA", keys().ed, "", plain},
		{"Ed25519", keys().ed, "", plain},
		{"RS256", keys().rsa, rsaKey, rsaOf(crypto.SHA256, false)},
		{"RS384", keys().rsa, rsaKey, rsaOf(crypto.SHA384, false)},
		{"RS512", keys().rsa, rsaKey, rsaOf(crypto.SHA512, false)},
		{"PS256", keys().rsa, rsaKey, rsaOf(crypto.SHA256, true)},
		{"ES256", keys().ec, jwkKey, ecdsaOf(crypto.SHA256, 32)},
	} {
		t.Run(c.alg, func(t *testing.T) {
			if c.did == "" {
				c.did, _ = openbadge.Multikey(c.key.Public())
			}
			did := "did:key:" + c.did
			w := newWorld(t)
			w.badge.Issuer.ID, w.badge.Status = did, nil
			input := b64([]byte(`{"alg":"`+c.alg+`","kid":"`+did+"#"+c.did+`"}`)) + "." + b64(w.payload())
			good := c.sign(c.key, []byte(input))
			want(t, w.verify(input+"."+b64(good)), Valid, "")
			good[len(good)/2] ^= 1
			want(t, w.verify(input+"."+b64(good)), Altered, BadSignature)
		})
	}
}

// TestPresentation: a presentation of any form is no badge, and the answer says what to hand over.
func TestPresentation(t *testing.T) {
	w := newWorld(t)
	inside := toJSON(t, object{"type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt," + w.token()})
	v1, v2 := "https://www.w3.org/2018/credentials/v1", openbadge.ContextVC2
	whole := func(context, typ string) string {
		return `{"@context":["` + context + `"],"type":"` + typ + `","verifiableCredential":[` + inside + `]}`
	}
	for name, in := range map[string]string{
		"JSON 2.0":      whole(v2, "VerifiablePresentation"),
		"JSON 1.1":      whole(v1, "VerifiablePresentation"),
		"without type":  `{"verifiableCredential":` + inside + `}`,
		"without badge": `{"@context":"` + v2 + `","type":["VerifiablePresentation"]}`,
		"JWT 1.1":       w.sign([]byte(`{"iss":"did:example:1","vp":` + whole(v1, "VerifiablePresentation") + `}`)),
		"JWT 2.0":       w.sign([]byte(whole(v2, "VerifiablePresentation"))),
		"enveloped":     `{"@context":"` + v2 + `","type":"EnvelopedVerifiablePresentation","id":"data:application/vp+jwt,` + w.token() + `"}`,
	} {
		r := w.verify(in)
		want(t, r, NotABadge, UnsupportedType)
		if !r.Presentation() || !strings.Contains(r.Checks[len(r.Checks)-1].Message, "hand over the badge inside") {
			t.Errorf("%s: got %s", name, toJSON(t, r.Checks))
		}
	}
	if r := w.verify(w.token()); r.Presentation() || !r.Valid {
		t.Errorf("a badge: %s", toJSON(t, r))
	}
}

// TestClaimsOfOldTokens: a credential of 1.1 leaves any of five members to the claims, and contradicts
// none (VC Data Model 1.1 section 6.3.1).
func TestClaimsOfOldTokens(t *testing.T) {
	old := func(change func(claims, vc object)) func(w *world) string {
		return func(w *world) string {
			return w.sign(edit(t, []byte(oldModel), func(m map[string]any) { change(m, m["vc"].(object)) }))
		}
	}
	subject := func(vc object) object { return vc["credentialSubject"].(object) }
	issuer := func(vc object) object { return vc["issuer"].(object) }
	for name, c := range map[string]struct {
		change  func(claims, vc object)
		verdict Verdict
	}{
		"nothing left out":    {func(_, _ object) {}, Valid},
		"id":                  {func(_, vc object) { delete(vc, "id") }, Valid},
		"issuer.id":           {func(_, vc object) { delete(issuer(vc), "id") }, Valid},
		"issuer.id in a list": {func(_, vc object) { delete(issuer(vc), "id"); vc["issuer"] = []any{vc["issuer"]} }, Valid},
		"subject id":          {func(m, vc object) { m["sub"] = "did:example:ana"; delete(subject(vc), "id") }, Valid},
		"subject id in a list": {func(m, vc object) {
			m["sub"] = "did:example:ana"
			delete(subject(vc), "id")
			vc["credentialSubject"] = []any{subject(vc)}
		}, Valid},
		"issuanceDate":          {func(_, vc object) { delete(vc, "issuanceDate") }, Valid},
		"expirationDate":        {func(m, vc object) { m["exp"] = 4102444800; delete(vc, "expirationDate") }, Valid},
		"expirationDate passed": {func(m, vc object) { m["exp"] = 1771000000; delete(vc, "expirationDate") }, Expired},
		"iss of another":        {func(m, vc object) { issuer(vc)["id"] = issuerID; m["iss"] = evilHost }, Invalid},
		"jti of another":        {func(m, _ object) { m["jti"] = "urn:uuid:0" }, Invalid},
		"sub of another":        {func(m, vc object) { subject(vc)["id"] = "did:example:bob"; m["sub"] = "did:example:ana" }, Invalid},
		"nbf of another":        {func(m, _ object) { m["nbf"] = 1 }, Invalid},
		"exp of another":        {func(m, vc object) { vc["expirationDate"] = "2099-01-01T00:00:00Z"; m["exp"] = 4102444800 }, Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.verify(old(c.change)(w))
			if r.Verdict != c.verdict {
				t.Errorf("got %s, want %s: %s", r.Verdict, c.verdict, toJSON(t, r.Checks))
			}
		})
	}
}

// TestSameIdentity: identifiers are compared after the decoding that their scheme asks for.
func TestSameIdentity(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"mailto:ana%2Btag@school.example", "ana+tag@school.example", true},
		{"mailto:Ana+tag@school.example", "mailto:ana%2btag@school.example", true},
		{"MAILTO:ana@school.example?subject=x", "ana@school.example", true},
		{"mailto:ana%zz@school.example", "ana%zz@school.example", true},
		{"tel:+1-201-555-0123", "+1 201 555 0123", false}, // typed without its scheme it is a text
		{"tel:+1-201-555-0123;ext=1", "tel:+12015550123", true},
		{"did:web:issuer.test%3A8443", "did:web:issuer.test:8443", true},
		{"ana%2Btag@school.example", "ana+tag@school.example", false},
		{"https://a.test/%2B", "https://a.test/+", false},
		{"", "", false},
	} {
		if got := sameIdentity(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: got %v", c.a, c.b, got)
		}
	}
}

// TestNoEmptyReasons: a text about a fault never ends in a reason that is not there.
func TestNoEmptyReasons(t *testing.T) {
	for _, got := range []string{
		withWhy("The list is malformed", ""), withReason("It was withdrawn.", ""), withReason("It was withdrawn.", " \n"),
		problemFault(openbadge.Problem{Message: "no property"}).message,
	} {
		if strings.Contains(got, ": .") || strings.HasSuffix(got, ": ") || strings.HasPrefix(got, ":") || strings.HasSuffix(got, "Reason: ") || !strings.HasSuffix(got, ".") {
			t.Errorf("got %q", got)
		}
	}
	for _, c := range sharedCases(t) {
		for _, k := range c.report(t, c.people(t)[0].addresses...).Checks {
			if strings.Contains(k.Message, ": .") || strings.HasSuffix(k.Message, ":") || strings.HasSuffix(k.Message, ": ") || strings.HasPrefix(k.Message, ":") {
				t.Errorf("%s: %s says %q", c.ID, k.Name, k.Message)
			}
		}
	}
}

// TestStatusListAlphabets: StatusList2021 asked for base64 and showed base64url, so both are read.
func TestStatusListAlphabets(t *testing.T) {
	bits := openbadge.NewStatusList(openbadge.MinStatusList)
	for i := range 4000 {
		bits.SetBit(i*31%openbadge.MinStatusList, i%3 == 0)
	}
	url := strings.TrimPrefix(bits.Encode(), "u")
	std := strings.NewReplacer("-", "+", "_", "/").Replace(url)
	if url == std {
		t.Fatal("the alphabets do not differ here")
	}
	for _, text := range []string{"u" + url, url, std, std + strings.Repeat("=", (4-len(std)%4)%4)} {
		if got, err := openbadge.DecodeStatusList(text, 1<<20); err != nil || got.Encode() != "u"+url {
			t.Errorf("%.10s…: %v", text, err)
		}
	}
	if _, err := openbadge.DecodeStatusList("u"+std, 1<<20); err == nil {
		t.Error("multibase u is base64url alone")
	}
}
