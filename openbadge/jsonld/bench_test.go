package jsonld

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/piprate/json-gold/ld"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// basicCredential is the size of badge that most issuers write.
const basicCredential = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
 "id":"https://badges.example/credentials/7f1c","type":["VerifiableCredential","OpenBadgeCredential"],"name":"Robotics Basics",
 "issuer":{"id":"https://badges.example/issuers/1","type":["Profile"],"name":"Example Centre","url":"https://example.org"},
 "validFrom":"2026-01-15T10:00:00Z","awardedDate":"2026-01-15T10:00:00Z",
 "credentialSubject":{"type":["AchievementSubject"],
   "identifier":[{"type":"IdentityObject","hashed":true,"identityType":"emailAddress","salt":"a1b2","identityHash":"sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"}],
   "achievement":{"id":"https://badges.example/achievements/9","type":["Achievement"],"achievementType":"Badge","name":"Robotics Basics",
     "description":"Knows the basics of robotics.","criteria":{"narrative":"Pass the exam."},"image":{"id":"https://badges.example/i/9.png","type":"Image","caption":"A robot"}}},
 "credentialStatus":{"id":"https://badges.example/status/3#94567","type":"BitstringStatusListEntry","statusPurpose":"revocation",
   "statusListIndex":"94567","statusListCredential":"https://badges.example/status/3"}}`

func ours(b testing.TB, doc []byte) *rdf.Canonical {
	quads, err := ToRDF(doc, Options{})
	if err != nil {
		b.Fatal(err)
	}
	c, err := rdf.Canonicalize(quads, rdf.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// goldNormalize is what we must never use, as the measure of speed: contexts in memory, parsed JSON.
func goldNormalize(b testing.TB, doc []byte) string {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		b.Fatal(err)
	}
	o := goldOptions(environmentOf(nil))
	o.Algorithm, o.Format = ld.AlgorithmURDNA2015, "application/n-quads"
	text, err := ld.NewJsonLdProcessor().Normalize(v, o)
	if err != nil {
		b.Fatal(err)
	}
	return text.(string)
}

// From the bytes of a credential to its canonical text: how many times as fast as json-gold.
func BenchmarkCanonical(b *testing.B) {
	complete, err := os.ReadFile(shared + "cases/ob3/java--complete/input.json")
	if err != nil {
		b.Log("no complete credential: ", err)
	}
	for name, doc := range map[string][]byte{"basic": []byte(basicCredential), "complete": complete} {
		if len(doc) == 0 {
			continue
		}
		b.Run(name, func(b *testing.B) {
			if got, want := string(ours(b, doc).Text()), goldNormalize(b, doc); got != want {
				b.Fatalf("got\n%s\nwant\n%s", got, want)
			}
			gold := testingTime(50, func() { goldNormalize(b, doc) })
			b.ResetTimer()
			for b.Loop() {
				ours(b, doc)
			}
			b.ReportMetric(float64(gold)/(float64(b.Elapsed())/float64(b.N)), "of_json-gold")
		})
	}
}

func testingTime(n int, f func()) time.Duration {
	from := time.Now()
	for range n {
		f()
	}
	return time.Since(from) / time.Duration(n)
}
