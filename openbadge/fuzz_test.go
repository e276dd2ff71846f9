package openbadge

import (
	"bytes"
	"strings"
	"testing"
)

func FuzzParseJWS(f *testing.F) {
	for _, seed := range []string{
		"", "..", "a.b.c", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA", "eyJhbGciOiJub25lIn0.e30.", compact(f, `{"alg":"ES256","kid":"k","jwk":{}}`, payload, signES256),
	} {
		f.Add(seed)
	}
	pub := public("P-256")
	f.Fuzz(func(t *testing.T, token string) {
		j, err := ParseJWS(token)
		if err != nil {
			return
		}
		if j.Header.Alg == "" || strings.Count(j.Token, ".") != 2 {
			t.Errorf("accepted %q", token)
		}
		if j.Verify(pub) == nil && string(j.Payload) != string(payload) {
			t.Errorf("a forged token verifies: %q", token)
		}
	})
}

func FuzzExtract(f *testing.F) {
	plain := plainPNG(f)
	baked, _ := Bake(plain, Chunk{Keyword: KeywordOB2, Text: "{}"}, Chunk{Keyword: KeywordOB3, Text: "a.b.c"})
	f.Add(plain)
	f.Add(baked)
	f.Add(insert(plain, "tEXt", "openbadges\x00https://x.test"))
	f.Add([]byte(pngSignature))
	f.Fuzz(func(t *testing.T, data []byte) {
		before, err := Extract(data)
		if err != nil {
			return
		}
		fresh := Chunk{Keyword: KeywordOB3, Text: "new"}
		out, err := Bake(data, fresh)
		if err != nil {
			t.Fatalf("readable, but cannot be baked: %v", err)
		}
		after, err := Extract(out)
		if err != nil || len(after) == 0 || after[0] != fresh {
			t.Fatalf("before %v, after %v, %v", before, after, err)
		}
	})
}

func FuzzExtractSVG(f *testing.F) {
	for _, seed := range []string{
		`<svg/>`, `<svg xmlns:o="http://openbadges.org"><o:assertion verify="x"><![CDATA[{}]]></o:assertion></svg>`,
		`<!DOCTYPE svg><svg><credential xmlns="https://purl.imsglobal.org/ob/v3p0">{&quot;}</credential></svg>`, `<svg`, `<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		badges, err := ExtractSVG(data)
		for _, b := range badges {
			if err != nil || b.Keyword != KeywordOB2 && b.Keyword != KeywordOB3 {
				t.Errorf("got %v, %v", b, err)
			}
		}
		IsSVG(data)
	})
}

func FuzzDecodeStatusList(f *testing.F) {
	f.Add(NewStatusList(0).Encode())
	f.Add("")
	f.Add("uH4sIAAAAAAAA")
	f.Add("H4sIAAAAAAAA_2NgAAD___8DAA")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := DecodeStatusList(text, 64<<10)
		if err != nil {
			return
		}
		if len(l.bits) > 64<<10 {
			t.Fatalf("unpacked %d bytes", len(l.bits))
		}
		again, err := DecodeStatusList(l.Encode(), 64<<10)
		if err != nil || !bytes.Equal(again.bits, l.bits) {
			t.Fatalf("does not survive encoding: %v", err)
		}
		l.Value(3, 7)
	})
}

func FuzzReadCredential(f *testing.F) {
	body, _ := Payload(sampleCredential())
	for _, seed := range []string{foreign, string(body), `{"vc":` + foreign + `,"nbf":1.5e3}`, `{}`, `[]`, `{"issuer":[[]],"credentialSubject":[1],"credentialStatus":[[{}]],"type":{}}`, `{"vc":{"issuer":null}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := ReadCredential(data); err == nil {
			first, second := problemText(r.Conformance()), problemText(r.Conformance())
			if first != second || !bytes.Equal(r.Raw, data) {
				t.Errorf("reading is not stable: %q, %q", first, second)
			}
		}
		if r, err := ReadClaims(data); err == nil && r.Claims == nil {
			t.Error("claims are missing")
		}
		_, _ = ReadController(data)
	})
}

func FuzzParseMultikey(f *testing.F) {
	for text := range didKeyExamples {
		f.Add(text)
	}
	f.Add("u7QEAAA")
	f.Add("did:web:x%3A1:a")
	f.Add(didJWK)
	f.Fuzz(func(t *testing.T, text string) {
		if pub, err := parseMultikey(text); err == nil {
			again, err := Multikey(pub)
			if back, err2 := parseMultikey(again); err != nil || err2 != nil || !samePublic(back, pub) {
				t.Errorf("%q does not survive writing: %v, %v", text, err, err2)
			}
		}
		if address, err := DIDWebURL(text); err == nil && !strings.HasPrefix(address, "https://") {
			t.Errorf("%q leads to %q", text, address)
		}
		_, _ = ParseDIDKey(text)
		_, _ = ParseDIDJWK(text)
	})
}

func FuzzParseJWK(f *testing.F) {
	f.Add([]byte(`{` + rfcEC + `}`))
	f.Add([]byte(`{"keys":[{` + rfcOK + `}]}`))
	f.Add([]byte(`{"kty":"RSA","n":"AQAB","e":"AQAB"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if pub, _, err := ParseJWK(data); err == nil {
			if _, err := PublicJWK(pub, ""); err != nil {
				t.Errorf("read, but cannot be written: %v", err)
			}
		}
		_, _ = ParsePublicKeyPEM(string(data))
	})
}
