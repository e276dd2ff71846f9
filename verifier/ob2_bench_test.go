package verifier

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// BenchmarkProof2 is the proof step of a signed 2.0 badge alone (header check, key document from memory,
// signature) beside the bare check of the signature.
func BenchmarkProof2(b *testing.B) {
	w := newWorld(b)
	token := w.sign(signedBadge(w))
	at := strings.LastIndex(token, ".")
	parsed, err := openbadge.ParseJWS(token)
	w.must(err)
	o, err := ob2.Read(parsed.Payload, "", "")
	w.must(err)
	profile, err := ob2.Read([]byte(w.network[profileID].Body), profileID, ob2.KindProfile)
	w.must(err)
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			sum := sha256.Sum256([]byte(token[:at]))
			if rsa.VerifyPKCS1v15(&keys().rsa.PublicKey, crypto.SHA256, sum[:], parsed.Signature) != nil {
				b.Fatal("bare check")
			}
		}
	})
	b.Run("step", func(b *testing.B) {
		v := New(Options{Fetch: w.network, Now: func() time.Time { return today }})
		for b.Loop() {
			x := v.newExamination(Input{}).ob2()
			token, err := openbadge.ParseJWS(token)
			if err != nil {
				b.Fatal(err)
			}
			if (ob2Signature{x, token, o, profile}).check(context.Background()); !x.sound() {
				b.Fatal("proof step")
			}
		}
	})
}

// BenchmarkMany is a run over badges of one issuer, documents in memory.
func BenchmarkMany(b *testing.B) {
	w := newWorld(b)
	inputs := manyBadges(w, 100)
	v := New(Options{Fetch: w.network, Now: func() time.Time { return today }})
	for b.Loop() {
		for _, r := range v.VerifyAll(context.Background(), inputs, 2, nil) {
			if !r.Valid {
				b.Fatal(r.Verdict)
			}
		}
	}
	b.ReportMetric(float64(b.N*len(inputs))/b.Elapsed().Seconds(), "reports/s")
}
