package badges_test

import (
	"net/http/httptest"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// BenchmarkQR draws the QR code of a badge's page, which is kept afterwards: each time for a server that has kept nothing
// yet. Its budget is 2 ms.
func BenchmarkQR(b *testing.B) {
	s := apitest.New(b)
	path := "/badges/" + s.Badge1(ledger.Public) + "/qr.png"
	var bytes int64
	for b.Loop() {
		b.StopTimer()
		s.Forget()
		b.StartTimer()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		bytes = int64(w.Body.Len())
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/code")
	b.SetBytes(bytes)
}
