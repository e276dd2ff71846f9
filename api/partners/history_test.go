package partners_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// The history of an award and of a result, as their partner reads it.
func TestHistory(t *testing.T) {
	s := apitest.New(t)
	award := apitest.AwardID(s.Want(http.StatusCreated, "POST", "/results", apitest.Pass))
	s.Work(t)
	s.ShowTo(award, ledger.Private)
	s.Clock.Advance(time.Minute)
	s.Want(http.StatusOK, "POST", "/results/R-1/void", `{"reason":"mixed up","public_reason":"We made a mistake"}`)
	for path, want := range map[string]string{
		"/awards/" + award + "/history": "system  offered, person Ana Ruiz accepted, partner TestCo revoked mixed up",
		"/results/R-1/history":          "partner TestCo recorded, partner TestCo voided mixed up",
	} {
		var got []string
		body := s.Want(http.StatusOK, "GET", path, "")
		for _, item := range body["items"].([]any) {
			e := item.(map[string]any)
			a := e["actor"].(map[string]any)
			got = append(got, strings.TrimSpace(a["kind"].(string)+" "+a["name"].(string)+" "+e["change"].(string)+" "+e["reason"].(string)))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: got %s, want %s", path, strings.Join(got, ", "), want)
		}
	}
	s.Want(http.StatusNotFound, "GET", "/awards/nothere/history", "")
	s.Want(http.StatusNotFound, "GET", "/results/nothere/history", "")
}
