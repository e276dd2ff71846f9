package verifier

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge"
)

// BenchmarkVerify is the whole report with documents in memory; bare/op and report/op in the same run
// give the ratio to the one signature check that cannot be avoided.
func BenchmarkVerify(b *testing.B) {
	w := newWorld(b)
	token := w.token()
	hosted := newWorld(b)
	publishHosted(hosted)
	signed := newWorld(b)
	jws := signed.sign(signedBadge(signed))
	sealed := newSealedWorld(b)
	proof := sealed.seal(nil)
	for _, c := range []struct {
		name string
		w    *world
		data string
	}{
		{"jwt", w, token}, {"jwt-png", w, picture(b, openbadge.Chunk{Keyword: openbadge.KeywordOB3, Text: token})},
		{"hosted", hosted, assertionID}, {"jws", signed, jws}, {"eddsa-rdfc-2022", sealed, proof},
	} {
		b.Run(c.name, func(b *testing.B) {
			v := New(Options{Fetch: c.w.network, Now: func() time.Time { return today }})
			in := Input{Data: []byte(c.data)}
			b.ReportAllocs()
			from := processor()
			for b.Loop() {
				if r := v.Verify(context.Background(), in); !r.Valid {
					b.Fatal(r.Verdict)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reports/s")
			b.ReportMetric(float64(b.N)/(processor()-from).Seconds(), "reports/core-s") // what one core does, however busy the machine is
		})
	}
}

// BenchmarkProof is the proof step alone (header, key from memory, signature) beside the bare check.
func BenchmarkProof(b *testing.B) {
	w := newWorld(b)
	token := w.token()
	parts := strings.Split(token, ".")
	parsed, err := openbadge.ParseJWS(token)
	w.must(err)
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	r, s := new(big.Int).SetBytes(parsed.Signature[:32]), new(big.Int).SetBytes(parsed.Signature[32:])
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			if !ecdsa.Verify(&keys().ec.PublicKey, sum[:], r, s) {
				b.Fatal("bare check")
			}
		}
	})
	b.Run("step", func(b *testing.B) {
		v := New(Options{Fetch: w.network, Now: func() time.Time { return today }})
		for b.Loop() {
			x := v.newExamination(Input{}).ob3(newStatusLists())
			token, err := openbadge.ParseJWS(token)
			if err != nil {
				b.Fatal(err)
			}
			if _, f := x.keys.tokenSigner(context.Background(), token, issuerID); f != nil {
				b.Fatal("proof step")
			}
		}
	})
}
