package partners_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// A test key's awards say so.
func TestAwardsOfTestKeys(t *testing.T) {
	s := apitest.New(t)
	_, s.Key = s.Partner(t, "Sandy", true)
	if a := s.Want(http.StatusCreated, "POST", "/results", apitest.Pass)["awards"].([]any)[0].(map[string]any); a["test"] != true || a["mail"] != "waiting" {
		t.Errorf("got %v", a)
	}
}

// An award tells its partner whose it is, what it rests on and whether the letter arrived, in the same words
// wherever it stands.
func TestAwardsTellWhoseTheyAreAndWhetherTheLetterArrived(t *testing.T) {
	for _, c := range []struct {
		mail string
		live func(s *apitest.Site, award string)
	}{
		{"waiting", func(*apitest.Site, string) {}},
		{"sent", func(s *apitest.Site, _ string) { s.Work(s.T) }},
		{"sent", func(s *apitest.Site, award string) { s.Work(s.T); s.ShowTo(award, ledger.ByLink) }},
		{"waiting", func(s *apitest.Site, award string) { // the new letter has not gone out, the old link is no good any more
			s.Work(s.T)
			s.Want(http.StatusOK, "POST", "/awards/"+award+"/resend", "")
			s.Stuck(errors.New("the relay is away"))
			s.Work(s.T)
		}},
		{"bounced", func(s *apitest.Site, _ string) {
			s.Stuck(issuertest.ErrNoSuchAddress)
			s.Work(s.T)
		}},
		{"stopped", func(s *apitest.Site, _ string) {
			s.Work(s.T)
			offer := s.World.Letters.Offers()[0]
			if found, err := s.StopMail(context.Background(), offer.StopURL[strings.LastIndex(offer.StopURL, "/")+1:]); !found || err != nil {
				s.T.Fatal(found, err)
			}
		}},
		{"none", func(s *apitest.Site, award string) {
			s.Want(http.StatusOK, "POST", "/awards/"+award+"/revoke", `{"reason":"x"}`)
		}},
	} {
		s := apitest.New(t)
		s.Want(http.StatusCreated, "POST", "/results", apitest.PassOf("R-2", "E2"))
		receipt := s.Want(http.StatusCreated, "POST", "/results", apitest.PassOf("R-3", "E3"))
		award := apitest.AwardID(receipt) // C2
		c.live(s, award)
		want := map[string]any{"candidate": map[string]any{"id": "C-77"}, "results": []any{"R-2", "R-3"}, "mail": c.mail, "test": false}
		for path, list := range map[string]func(map[string]any) any{
			"/awards/" + award:       func(a map[string]any) any { return []any{a} },
			"/awards":                func(a map[string]any) any { return a["items"] },
			"/results/R-3":           func(a map[string]any) any { return a["awards"] },
			"/results":               func(a map[string]any) any { return a["items"].([]any)[1].(map[string]any)["awards"] },
			"/awards?candidate=C-77": func(a map[string]any) any { return a["items"] },
		} {
			found := list(s.Want(http.StatusOK, "GET", path, "")).([]any)
			k := slices.IndexFunc(found, func(a any) bool { return a.(map[string]any)["id"] == award })
			if k < 0 {
				t.Fatalf("%s: no award %s in %v", path, award, found)
			}
			got := map[string]any{}
			for member := range want {
				got[member] = found[k].(map[string]any)[member]
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", c.mail, path, diff)
			}
		}
		reached := c.mail // whether the candidate can be written to
		if c.mail != "bounced" && c.mail != "stopped" {
			reached = "ok"
		}
		profile := map[string]any{"id": "C-77", "name": "Ana Ruiz", "email": "ana@home.test", "locale": "es", "merged_with": []any{}, "mail": reached, "created_at": "2026-03-05T09:42:00Z"}
		if diff := cmp.Diff(profile, s.Want(http.StatusOK, "GET", "/candidates/C-77", "")); diff != "" {
			t.Errorf("%s, candidate (-want +got):\n%s", c.mail, diff)
		}
	}
}
