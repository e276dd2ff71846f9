package openbadge

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/piprate/json-gold/ld"
	"pgregory.net/rapid"

	"github.com/open-insignia/insignia/openbadge/jsonld"
)

// ownAward is a credential as a server issues it, with everything that exams and issuer bring along.
func ownAward(n int) *Credential {
	base := "https://badges.example.org"
	c := NewCredential(fmt.Sprintf("%s/badges/Xq4Ab9%06dZ/credential.json", base, n))
	c.Name = "Windows Server Hybrid Administrator Associate"
	c.Description = "Administers core and advanced Windows Server workloads and services."
	c.Issuer = NewProfile(base+"/issuers/northwind/issuer.json", "Northwind Certification", "https://northwind.example")
	c.Issuer.Email, c.Issuer.Image = "badges@northwind.example", NewImage(base+"/issuers/northwind/logo.png", "Northwind")
	c.ValidFrom = time.Date(2026, 3, 4, 12, 0, n%60, 0, time.UTC)
	c.AwardedDate, c.ValidUntil = c.ValidFrom.Add(-2*time.Hour), c.ValidFrom.AddDate(1, 0, 0)
	a := NewAchievement(base+"/achievements/whs-2/achievement.json", c.Name, c.Description+" "+strings.Repeat("Plans, implements and manages hybrid identity, networks and storage. ", 5),
		Criteria{ID: base + "/achievements/whs-2", Narrative: "Pass the exams AZ-800 and AZ-801 within the validity of the certification."})
	a.AchievementType, a.HumanCode, a.InLanguage, a.Version = "Certification", "windows-server-hybrid", "en", "2"
	a.Image, a.Tag = NewImage(base+"/achievements/whs-2/image.png", "Badge: "+c.Name), []string{"Windows Server", "hybrid", "administration"}
	for _, skill := range []string{"Active Directory", "Hyper-V", "Azure Arc"} {
		a.Alignment = append(a.Alignment, Alignment{Type: []string{"Alignment"}, TargetName: skill, TargetURL: "https://skills.example/" + strings.ToLower(strings.ReplaceAll(skill, " ", "-"))})
	}
	a.Related = []Related{{ID: base + "/achievements/whs-2/badgeclass.json", Type: []string{"Related", "https://w3id.org/openbadges#BadgeClass"}, Version: "Open Badges v2p0"}}
	c.Subject = NewSubject(a, HashedEmail(HashIdentity(fmt.Sprintf("c%d@home.test", n), fmt.Sprintf("salt%08d", n)), fmt.Sprintf("salt%08d", n)))
	for i, exam := range []string{"AZ-800", "AZ-801"} {
		c.Evidence = append(c.Evidence, Evidence{ID: fmt.Sprintf("%s/badges/Ex%d%06d", base, i, n), Type: []string{"Evidence"}, Name: exam, Description: "Exam passed on 2026-03-04"})
	}
	c.Evidence = append(c.Evidence, Evidence{ID: strings.Replace(c.ID, "credential.json", "assertion.json", 1), Type: []string{"Evidence", "https://w3id.org/openbadges#Assertion"}})
	list := base + "/status/3"
	c.Status = &StatusEntry{ID: fmt.Sprintf("%s#%d", list, n), Type: "BitstringStatusListEntry", StatusPurpose: "revocation", StatusListIndex: fmt.Sprint(n), StatusListCredential: list}
	c.RefreshFrom(c.ID)
	c.NameSchema()
	return c
}

func documentOf(b testing.TB, c *Credential) []byte {
	b.Helper()
	doc, err := c.JSON()
	if err != nil {
		b.Fatal(err)
	}
	return doc
}

// compare runs two things in turn and reports how many times as fast as the second the first is.
func compare(b *testing.B, unit string, ours, other func()) {
	b.Helper()
	var mine, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		ours()
		between := time.Now()
		other()
		mine, theirs = mine+between.Sub(start), theirs+time.Since(between)
	}
	b.ReportMetric(float64(theirs)/float64(mine), unit)
	b.ReportMetric(float64(mine.Nanoseconds())/float64(b.N), "ours-ns")
	b.ReportMetric(0, "ns/op")
}

// The canonical form of one of our awards, against json-gold's.
func BenchmarkCanonicalText(b *testing.B) {
	doc := documentOf(b, ownAward(4711))
	if text, err := canonicalText(doc); err != nil || string(text) != goldNormalize(b, doc) {
		b.Fatal("json-gold has another canonical form")
	}
	compare(b, "x-json-gold", func() { _, _ = canonicalText(doc) }, func() { goldNormalize(b, doc) })
}

// goldNormalize is what signatures must never rest on (it drops what it does not know): the measure.
func goldNormalize(b rapid.TB, doc []byte) string {
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		b.Fatal(err)
	}
	o := ld.NewJsonLdOptions("")
	o.DocumentLoader, o.Algorithm, o.Format = goldLoader, ld.AlgorithmURDNA2015, "application/n-quads"
	text, err := ld.NewJsonLdProcessor().Normalize(v, o)
	if err != nil {
		b.Fatal(err)
	}
	return text.(string)
}

var goldLoader = embeddedLoader{}

type embeddedLoader map[string]*ld.RemoteDocument

func (l embeddedLoader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	if l[url] == nil {
		data, found := jsonld.Context(url)
		var v any
		if err := json.Unmarshal(data, &v); !found || err != nil {
			return nil, fmt.Errorf("no context %s", url)
		}
		l[url] = &ld.RemoteDocument{DocumentURL: url, Document: v}
	}
	return l[url], nil
}

// A whole proof, from the document to the document with its proof.
func BenchmarkAddProof(b *testing.B) {
	key := testKeys()["Ed25519"]
	doc := documentOf(b, ownAward(4711))
	digest := make([]byte, 64)
	compare(b, "of-sign+verify", func() {
		if _, err := AddProof(doc, proofOptions, key); err != nil {
			b.Fatal(err)
		}
	}, func() {
		if !ed25519.Verify(key.Public().(ed25519.PublicKey), digest, ed25519.Sign(key.(ed25519.PrivateKey), digest)) {
			b.Fatal()
		}
	})
}

// Verifying eddsa-rdfc-2022 of a basic badge of somebody else against json-gold's Normalize and the
// bare signature check on the same document (aim: 1.2 times).
func BenchmarkVerifyProof(b *testing.B) {
	key := testKeys()["Ed25519"]
	signed, err := AddProof(documentOf(b, sampleCredential()), proofOptions, key)
	if err != nil {
		b.Fatal(err)
	}
	pub := key.Public().(ed25519.PublicKey)
	compare(b, "x-json-gold", func() {
		proofs, err := ReadProofs(signed)
		if err != nil || VerifyProof(signed, proofs[0], pub) != nil {
			b.Fatal("does not verify")
		}
	}, func() {
		goldNormalize(b, signed)
		ed25519.Verify(pub, make([]byte, 64), make([]byte, 64))
	})
}

// The proof step of a token (reading it and its key, verifying) against the bare signature check
// (aims: 0.5 for a VC-JWT, 0.6 for a 2.0 JWS), and making one with its self-check against bare signing
// and checking.
func BenchmarkToken(b *testing.B) {
	body, err := Payload(ownAward(1))
	if err != nil {
		b.Fatal(err)
	}
	for alg, kind := range map[string]string{ES256: "P-256", RS256: "RSA"} {
		key := testKeys()[kind]
		header := Header{Alg: alg, KID: "https://badges.test/issuers/1/keys/abc.jwk"}
		token, err := Sign(header, body, key)
		if err != nil {
			b.Fatal(err)
		}
		j, err := ParseJWS(token)
		if err != nil {
			b.Fatal(err)
		}
		readKey := tokenKey(b, alg, key.Public())
		input := []byte(token[:strings.LastIndexByte(token, '.')])
		check := func() { bareCheck(b, key.Public(), input, j.Signature) }
		b.Run("verify-"+alg, func(b *testing.B) {
			compare(b, "of-bare", func() {
				j, err := ParseJWS(token)
				if err != nil || j.Verify(readKey(), alg) != nil {
					b.Fatal("does not verify")
				}
			}, check)
		})
		b.Run("sign-"+alg, func(b *testing.B) {
			compare(b, "of-bare", func() { _, _ = Sign(header, body, key) }, func() {
				sum := sha256.Sum256(input)
				_, _ = key.Sign(rand.Reader, sum[:], crypto.SHA256)
				check()
			})
		})
	}
}

// tokenKey reads a key as the two editions bring it: a JWK, a PEM.
func tokenKey(b *testing.B, alg string, pub crypto.PublicKey) func() crypto.PublicKey {
	jwk, err := PublicJWK(pub, "k")
	if err != nil {
		b.Fatal(err)
	}
	text, err := PublicKeyPEM(pub)
	if err != nil {
		b.Fatal(err)
	}
	return func() (key crypto.PublicKey) {
		if alg == RS256 {
			key, _ = ParsePublicKeyPEM(text)
			return key
		}
		key, _, _ = ParseJWK(jwk)
		return key
	}
}

func bareCheck(b *testing.B, pub crypto.PublicKey, input, signature []byte) {
	sum := sha256.Sum256(input)
	valid := false
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		valid = ecdsa.Verify(k, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	case *rsa.PublicKey:
		valid = rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], signature) == nil
	}
	if !valid {
		b.Fatal("does not verify")
	}
}

// Baking against decoding and encoding the picture again (aim: 100 times).
func BenchmarkBake(b *testing.B) {
	picture := image.NewNRGBA(image.Rect(0, 0, 600, 600))
	for i := range picture.Pix {
		picture.Pix[i] = byte(i/2400) ^ byte(i*i>>12)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		b.Fatal(err)
	}
	doc := string(documentOf(b, ownAward(1)))
	b.Run("png", func(b *testing.B) {
		compare(b, "x-decode+encode", func() {
			if _, err := Bake(file.Bytes(), Chunk{Keyword: KeywordOB2, Text: doc}, Chunk{Keyword: KeywordOB3, Text: doc}); err != nil {
				b.Fatal(err)
			}
		}, func() {
			decoded, err := png.Decode(bytes.NewReader(file.Bytes()))
			if err != nil || png.Encode(io.Discard, decoded) != nil {
				b.Fatal(err)
			}
		})
	})
	svg := []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600">` + strings.Repeat(`<path d="M10.5 20.25L30 40Q50 60 70 80Z" fill="#123456"/>`, 500) + `</svg>`)
	b.Run("svg", func(b *testing.B) {
		compare(b, "x-decode+encode", func() {
			if _, err := BakeSVG(svg, SVGBadge{KeywordOB2, "a.b.c", ""}, SVGBadge{KeywordOB3, "", doc}); err != nil {
				b.Fatal(err)
			}
		}, func() { recode(b, svg) })
	})
}

func recode(b *testing.B, svg []byte) {
	e := xml.NewEncoder(io.Discard)
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil || e.EncodeToken(token) != nil {
			b.Fatal(err)
		}
	}
}
