package api_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// BenchmarkDocuments compares what the server does for a document with Echo serving the same bytes from
// memory.
func BenchmarkDocuments(b *testing.B) {
	s := apitest.New(b, func(o *apitest.Options) { o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil)) })
	id := s.Badge1(ledger.Public)
	for _, form := range []string{"/assertion.json", "/credential.jwt", "/badge.png", ""} {
		body := s.Ask("GET", "/badges/"+id+form, "").Body.Bytes()
		e := echo.New()
		e.GET("/badges/:id"+form, func(c echo.Context) error { return c.Blob(http.StatusOK, "text/plain", body) })
		for name, handler := range map[string]http.Handler{"insignia": s, "echo": e} {
			b.Run(name+form, func(b *testing.B) {
				b.ReportAllocs()
				r := httptest.NewRequest("GET", "/badges/"+id+form, nil)
				r.Header.Set("Accept", "text/html")
				for b.Loop() {
					w := httptest.NewRecorder()
					handler.ServeHTTP(w, r)
					if w.Code != http.StatusOK {
						b.Fatal(w.Code, w.Body)
					}
				}
			})
		}
	}
}
