package issuer_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	. "github.com/open-insignia/insignia/issuer/issuertest"
)

// BenchmarkForms signs each award in every form and says how long the proof takes and how much of the
// database an award with all forms needs.
func BenchmarkForms(b *testing.B) {
	w := New(b)
	const awards = 500
	var ids []string
	before := size(b, w)
	for n := range awards {
		r := Pass(fmt.Sprintf("R-%d", n), "E1", "2026-03-04")
		r.Candidate.ID, r.Candidate.Email = r.ID, r.ID+"@home.test"
		ids = append(ids, record(b, w, r).Awards[0].ID)
	}
	w.Work(b)
	jwt := size(b, w)
	begin := time.Now()
	for _, id := range ids {
		mustDocument(b, w.CredentialJSON, published(b, w, id))
	}
	proofs := time.Since(begin)
	for _, id := range ids {
		mustDocument(b, w.SignedAssertion, published(b, w, id))
	}
	b.ReportMetric(float64(jwt-before)/awards, "B/award")
	b.ReportMetric(float64(size(b, w)-before)/awards, "B/award-with-all-forms")
	b.ReportMetric(proofs.Seconds()*1000/awards, "ms/credential.json")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkStatusListOfAMillion builds and signs a list of 1,000,000 entries of which 10,000 are set, after
// each change of one bit.
func BenchmarkStatusListOfAMillion(b *testing.B) {
	ctx := context.Background()
	w := New(b)
	err := w.DB.InTx(ctx, func(t *database.Tx) error {
		if _, err := t.Exec(ctx, `INSERT INTO status_list (number, seed, size, taken, revision, created_at) VALUES (7, ?, 1000000, 1000000, 1, ?)`, make([]byte, 32), Start); err != nil {
			return err
		}
		rows := make([][]any, 0, 10_000)
		for n := range 10_000 {
			rows = append(rows, []any{7, n * 99, Start})
		}
		_, err := t.InsertRows(ctx, `INSERT INTO status_bit (list, position, set_at)`, rows, ``)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		if err := w.SetBit(ctx, 7, int64(n*99+1)); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, found, err := w.StatusList(ctx, 7); !found || err != nil {
			b.Fatal(found, err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/rebuild")
}

// size is that of the database in bytes.
func size(b *testing.B, w *World) (n int64) {
	b.Helper()
	if _, err := w.DB.Reader().Get(context.Background(), &n, `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`); err != nil {
		b.Fatal(err)
	}
	return n
}
