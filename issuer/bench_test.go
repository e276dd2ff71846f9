package issuer_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
)

// BenchmarkRecordAll records results of five exams each for new candidates, 500 a transaction, and
// signs what they earned.
func BenchmarkRecordAll(b *testing.B) {
	ctx := context.Background()
	w := New(b)
	n := 0
	b.ResetTimer()
	for range b.N {
		var results []issuer.Result
		for range 400 {
			n++
			for _, exam := range []string{"E1", "E2", "E3", "E4", "E7"} {
				r := Pass(fmt.Sprintf("R-%d-%s", n, exam), exam, "2026-03-04")
				r.Candidate.ID = fmt.Sprintf("C-%d", n)
				results = append(results, r)
			}
		}
		for batch := range slices.Chunk(results, 500) {
			if _, errs := w.RecordAll(ctx, w.Caller, batch); slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
				b.Fatal(errs)
			}
		}
		if _, err := w.IssuePending(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*2000)/b.Elapsed().Seconds(), "results/s")
}

// BenchmarkRecord records one result of a new candidate after the other, each in a durable
// transaction of its own.
func BenchmarkRecord(b *testing.B) {
	ctx := context.Background()
	w := New(b)
	for n := range b.N {
		r := Pass(fmt.Sprintf("R-%d", n), "E1", "2026-03-04")
		r.Candidate.ID = r.ID
		if _, err := w.Record(ctx, w.Caller, r); err != nil {
			b.Fatal(err)
		}
	}
}
