package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/database"
)

// TestDatabaseThatTakesNoWrites finds that whatever has to be written is answered with 503 and when to come
// back, as a problem and as a page, and that reading goes on.
func TestDatabaseThatTakesNoWrites(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) { o.Unavailable = database.Unavailable })
	body := func(k int) string {
		return fmt.Sprintf(`{"id":"R-%d","candidate":{"id":"C-1","email":"ana@home.test","name":"Ana Ruiz"},"exam":"E2","outcome":"pass","taken_at":"2026-03-04T10:00:00Z"}`, k)
	}
	if w := s.Call("POST", web.APIPath+"/results", body(1)); w.Code != 201 {
		t.Fatal(w.Code, w.Body)
	}
	err := s.DB.InTx(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec(context.Background(), `PRAGMA query_only = 1`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func() (code int, retry, body string){
		"a result": func() (int, string, string) {
			w := s.Call("POST", web.APIPath+"/results", body(2))
			return w.Code, w.Header().Get("Retry-After"), w.Body.String()
		},
		"a void": func() (int, string, string) {
			w := s.Call("POST", web.APIPath+"/results/R-1/void", `{"reason":"a mistake"}`)
			return w.Code, w.Header().Get("Retry-After"), w.Body.String()
		},
		"a page": func() (int, string, string) {
			w := s.Ask("POST", "/claim/lost", "email=ana%40home.test", "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html", "Sec-Fetch-Site", "same-origin")
			return w.Code, w.Header().Get("Retry-After"), w.Body.String()
		},
	} {
		code, retry, answer := ask()
		if code != 503 || retry == "" || strings.Contains(answer, "readonly") {
			t.Errorf("%s: got %d, Retry-After %q, %s", name, code, retry, answer)
		}
	}
	if w := s.Call("GET", web.APIPath+"/results/R-1", ""); w.Code != 200 {
		t.Error("reading:", w.Code, w.Body)
	}
}
