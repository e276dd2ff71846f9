package partners_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/ledger"
)

func TestPostResult(t *testing.T) {
	s := apitest.New(t)
	w := s.Call("POST", web.APIPath+"/results", apitest.Pass)
	if w.Code != http.StatusCreated {
		t.Fatal(w.Code, w.Body)
	}
	got := apitest.Object(t, w)
	id := apitest.AwardID(got)
	want := map[string]any{
		"result": map[string]any{"id": "R-1", "exam": "E2", "outcome": "pass", "score": 812.0, "max_score": 1000.0, "state": "recorded",
			"taken_at": "2026-03-04T10:00:00Z", "recorded_at": "2026-03-05T09:42:00Z"},
		"decisions": []any{
			map[string]any{"subject": map[string]any{"kind": "exam", "code": "E2"}, "outcome": "awarded", "reason": "exam_passed",
				"message": "You passed E2 Operating Clouds and earned its badge.", "award": id},
			map[string]any{"subject": map[string]any{"kind": "certification", "code": "C2"}, "outcome": "not_yet", "reason": "requirement_missing",
				"missing": map[string]any{"exam": "E3"}, "message": "Cloud Operator also needs E3 Securing Clouds."},
		},
		"awards": []any{map[string]any{"id": id, "achievement": map[string]any{"kind": "exam", "code": "E2", "name": "Operating Clouds"},
			"state": "offered", "validity": "valid", "earned_on": "2026-03-04", "expires_on": nil,
			"issued_at": "2026-03-05T09:42:00Z", "url": "https://badges.acme.test/badges/" + id,
			"candidate": map[string]any{"id": "C-77"}, "results": []any{"R-1"}, "mail": "waiting", "test": false}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "Content-Language": "en",
		"X-Content-Type-Options": "nosniff", "Ratelimit": `"default";r=999999;t=1`, "Ratelimit-Policy": `"default";q=1000000;w=1`} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}

	again := s.Want(http.StatusOK, "POST", "/results", apitest.Pass)
	if again["replayed"] != true || apitest.AwardID(again) != id {
		t.Error("repeat:", again)
	}
	problem := s.Want(http.StatusConflict, "POST", "/results", strings.Replace(apitest.Pass, "812", "813", 1))
	if problem["code"] != "result_conflict" || problem["type"] != "https://badges.acme.test/api/v1/docs#problem-result_conflict" {
		t.Error("other content:", problem)
	}
}

func TestMessagesInTheLanguageOfTheCaller(t *testing.T) {
	s := apitest.New(t)
	got := s.Want(http.StatusCreated, "POST", "/results", apitest.PassOf("R-1", "E1"), "Accept-Language", "fr;q=0.9, es")
	for _, d := range got["decisions"].([]any) {
		if message := d.(map[string]any)["message"].(string); !strings.Contains(message, "nube") {
			t.Errorf("got %q, want Spanish with the name in Spanish", message)
		}
	}
	if name := got["awards"].([]any)[0].(map[string]any)["achievement"].(map[string]any)["name"]; name != "Fundamentos de nube" {
		t.Error("name of the award:", name)
	}
}

func TestExplainStoresNothing(t *testing.T) {
	s := apitest.New(t)
	got := s.Want(http.StatusOK, "POST", "/results/explain", apitest.PassOf("R-1", "E1"))
	want := []any{map[string]any{"kind": "offer", "to": "ana@home.test",
		"badges": []any{map[string]any{"kind": "certification", "code": "C1", "name": "Cloud Fundamentals"}}}}
	if diff := cmp.Diff(want, got["mails"]); diff != "" {
		t.Error(diff)
	}
	if reason := got["decisions"].([]any)[0].(map[string]any)["reason"]; reason != "implied_by_certification" {
		t.Error("first reason:", reason)
	}
	s.Want(http.StatusNotFound, "GET", "/results/R-1", "")
	s.Work(t)
	if n := len(s.Letters.Offers()); n != 0 {
		t.Error("letters:", n)
	}
	s.Want(http.StatusCreated, "POST", "/results", apitest.PassOf("R-1", "E1"))
	if got := s.Want(http.StatusOK, "POST", "/results/explain", apitest.PassOf("R-1", "E1")); got["replayed"] != true || len(got["mails"].([]any)) != 0 {
		t.Error("explain a recorded result:", got)
	}
}

func TestResultChanges(t *testing.T) {
	s := apitest.New(t)
	id := apitest.AwardID(s.Want(http.StatusCreated, "POST", "/results", apitest.Pass))
	got := s.Want(http.StatusOK, "POST", "/results/R-1/corrections", `{"score":612,"outcome":"fail","reason":"wrong key"}`)
	if r := got["result"].(map[string]any); r["outcome"] != "fail" || r["score"] != 612.0 {
		t.Error("corrected:", r)
	}
	if a := s.Want(http.StatusOK, "GET", "/awards/"+id, ""); a["validity"] != "revoked" {
		t.Error("award after the correction:", a)
	}
	got = s.Want(http.StatusOK, "POST", "/results/R-1/void", `{"reason":"posted twice"}`)
	if r := got["result"].(map[string]any); r["state"] != "voided" {
		t.Error("voided:", r)
	}
	if p := s.Want(http.StatusConflict, "POST", "/results/R-1/corrections", `{"outcome":"pass","reason":"no"}`); p["code"] != "result_voided" {
		t.Error("correct a voided result:", p)
	}
	held := strings.Replace(apitest.PassOf("R-2", "E3"), `"matched":true`, `"matched":false`, 1)
	if got := s.Want(http.StatusCreated, "POST", "/results", held); got["result"].(map[string]any)["state"] != "held" {
		t.Error("held:", got)
	}
	got = s.Want(http.StatusOK, "POST", "/results/R-2/release", `{"reason":"checked by video"}`)
	if got["result"].(map[string]any)["state"] != "recorded" || len(got["awards"].([]any)) != 1 {
		t.Error("released:", got)
	}
	s.Want(http.StatusUnprocessableEntity, "POST", "/results/R-2/corrections", `{"reason":"nothing else"}`)
	s.Want(http.StatusNotFound, "POST", "/results/R-3/corrections", `{"reason":"x","outcome":"fail"}`)
	for _, path := range []string{"/results/R-2/void", "/results/R-2/release"} {
		if p := s.Want(http.StatusUnprocessableEntity, "POST", path, `{"reason":""}`); p["code"] != "validation_failed" {
			t.Error(path, p)
		}
		s.Want(http.StatusNotFound, "POST", strings.Replace(path, "R-2", "R-3", 1), `{"reason":"x"}`)
	}
}

func TestIDsWithAnyCharacters(t *testing.T) {
	s := apitest.New(t)
	for _, id := range []string{"a/b", "50%", "50%25", "a b", "ü/é", "explain", "?x=1#y", "a+b", "a%2Fb", ".", "..", "void", "a/void", `\`, "日本"} {
		body, _ := json.Marshal(id)
		s.Want(http.StatusCreated, "POST", "/results", strings.Replace(apitest.Pass, `"R-1"`, string(body), 1))
		got := s.Want(http.StatusOK, "GET", "/results/"+url.PathEscape(id), "")
		if got["result"].(map[string]any)["id"] != id {
			t.Errorf("id %q: got %v", id, got["result"])
		}
		s.Want(http.StatusOK, "POST", "/results/"+url.PathEscape(id)+"/void", `{"reason":"x"}`)
	}
	if got := s.Want(http.StatusOK, "GET", "/results/%61%2F%62", ""); got["result"].(map[string]any)["id"] != "a/b" {
		t.Error("over-encoded:", got)
	}
}

func TestAwardChanges(t *testing.T) {
	s := apitest.New(t)
	id := apitest.AwardID(s.Want(http.StatusCreated, "POST", "/results", apitest.Pass))
	s.Want(http.StatusOK, "POST", "/awards/"+id+"/resend", "")
	s.Want(http.StatusOK, "POST", "/awards/"+id+"/resend", `{"reason":"they asked"}`)
	for _, step := range []struct{ verb, validity string }{{"suspend", "suspended"}, {"reinstate", "valid"}, {"revoke", "revoked"}, {"revoke", "revoked"}} {
		s.Clock.Advance(60e9)
		got := s.Want(http.StatusOK, "POST", "/awards/"+id+"/"+step.verb, `{"reason":"under review"}`)
		if got["validity"] != step.validity {
			t.Errorf("%s: got %v, want %s", step.verb, got["validity"], step.validity)
		}
		if step.verb == "reinstate" && got["issued_at"] != "2026-03-05T09:44:00Z" {
			t.Error("a reinstated award has a new edition:", got["issued_at"])
		}
	}
	for _, verb := range []string{"suspend", "reinstate"} {
		if p := s.Want(http.StatusConflict, "POST", "/awards/"+id+"/"+verb, `{"reason":"x"}`); p["code"] != "award_revoked" {
			t.Error(verb, p)
		}
	}
	if p := s.Want(http.StatusConflict, "POST", "/awards/"+id+"/resend", ""); p["code"] != "not_waiting" {
		t.Error("resend:", p)
	}
	s.Want(http.StatusUnprocessableEntity, "POST", "/awards/"+id+"/revoke", `{}`)
	s.Want(http.StatusNotFound, "POST", "/awards/nothere/revoke", `{"reason":"x"}`)
	s.Want(http.StatusNotFound, "GET", "/awards/nothere", "")
}

// An award without its achievement is a fault of ours, which the log can name.
func TestAwardWithoutAchievement(t *testing.T) {
	s := apitest.New(t)
	err := s.API.AwardAnswer(t.Context(), &ledger.Award{ID: "aw", AchievementID: "none"}, "en")
	if err == nil || err.Error() != "no achievement none of award aw" {
		t.Error(err)
	}
}

func TestLists(t *testing.T) {
	s := apitest.New(t)
	for k, exam := range []string{"E2", "E3", "E4"} {
		s.Want(http.StatusCreated, "POST", "/results", apitest.PassOf("R-"+string(rune('1'+k)), exam))
		s.Clock.Advance(60e9)
	}
	for _, list := range []struct {
		path string
		want int
	}{{"/results", 3}, {"/awards", 4}} {
		seen, cursor := map[string]bool{}, ""
		for pages := 0; ; pages++ {
			got := s.Want(http.StatusOK, "GET", list.path+"?limit=2&candidate=C-77&since=2026-03-05T00:00:00Z&cursor="+url.QueryEscape(cursor), "")
			for _, item := range got["items"].([]any) {
				text, _ := json.Marshal(item)
				seen[string(text)] = true
			}
			if got["next"] == nil {
				break
			}
			cursor = got["next"].(string)
			if pages > 5 {
				t.Fatal(list.path, "does not end")
			}
		}
		if len(seen) != list.want {
			t.Errorf("%s: got %d items, want %d", list.path, len(seen), list.want)
		}
	}
	if got := s.Want(http.StatusOK, "GET", "/awards?state=accepted", ""); len(got["items"].([]any)) != 0 {
		t.Error("accepted:", got)
	}
	if got := s.Want(http.StatusOK, "GET", "/awards?since=2026-03-06", ""); len(got["items"].([]any)) != 0 {
		t.Error("since tomorrow:", got)
	}
	item := s.Want(http.StatusOK, "GET", "/results?limit=1", "")["items"].([]any)[0].(map[string]any)
	if diff := cmp.Diff(s.Want(http.StatusOK, "GET", "/results/R-1", ""), item); diff != "" {
		t.Error("an item is the same as the result alone:", diff)
	}
	p := s.Want(http.StatusUnprocessableEntity, "GET", "/awards?limit=0&state=stolen&since=now&colour=red&cursor=%00&candidate=", "")
	var names []string
	for _, e := range p["errors"].([]any) {
		names = append(names, e.(map[string]any)["parameter"].(string))
	}
	if diff := cmp.Diff([]string{"candidate", "colour", "cursor", "limit", "since", "state"}, names); diff != "" {
		t.Error(diff)
	}
	s.Want(http.StatusUnprocessableEntity, "GET", "/results?limit=1&limit=2", "")
	s.Want(http.StatusUnprocessableEntity, "GET", "/results?cursor=invented", "")
}

func TestProgramme(t *testing.T) {
	s := apitest.New(t)
	exams := s.Want(http.StatusOK, "GET", "/exams", "")["items"].([]any)
	if len(exams) != 7 || exams[1].(map[string]any)["aliases"].([]any)[0] != "E2-OLD" {
		t.Error("exams:", exams)
	}
	certifications := s.Want(http.StatusOK, "GET", "/certifications", "")["items"].([]any)
	if len(certifications) != 4 || certifications[3].(map[string]any)["valid_for"] != "12 months" {
		t.Error("certifications:", certifications)
	}
}

func TestPartnersSeeTheirOwn(t *testing.T) {
	s := apitest.New(t)
	id := apitest.AwardID(s.Want(http.StatusCreated, "POST", "/results", apitest.Pass))
	_, other := s.Partner(t, "OtherCo", false)
	as := []string{"Authorization", "Bearer " + other}
	for _, path := range []string{"/results/R-1", "/awards/" + id} {
		if w := s.Ask("GET", web.APIPath+path, "", as...); w.Code != http.StatusNotFound {
			t.Error(path, w.Code)
		}
	}
	for _, path := range []string{"/results/R-1/void", "/results/R-1/release", "/awards/" + id + "/revoke", "/awards/" + id + "/suspend", "/awards/" + id + "/reinstate"} {
		if w := s.Ask("POST", web.APIPath+path, `{"reason":"mischief"}`, as...); w.Code != http.StatusNotFound {
			t.Error(path, w.Code, w.Body)
		}
	}
	if w := s.Ask("POST", web.APIPath+"/awards/"+id+"/resend", "", as...); w.Code != http.StatusNotFound {
		t.Error("resend", w.Code)
	}
	if w := s.Ask("POST", web.APIPath+"/candidates/C-77/name", `{"name":"Mallory","reason":"mischief"}`, as...); w.Code != http.StatusNotFound {
		t.Error("name", w.Code)
	}
	if w := s.Ask("POST", web.APIPath+"/candidates/C-77/email", `{"email":"mallory@other.test","reason":"mischief"}`, as...); w.Code != http.StatusNotFound {
		t.Error("email", w.Code)
	}
	if w := s.Ask("GET", web.APIPath+"/candidates/C-77", "", as...); w.Code != http.StatusNotFound {
		t.Error("candidate", w.Code)
	}
	if w := s.Ask("GET", web.APIPath+"/results?candidate=C-77", "", as...); !strings.Contains(w.Body.String(), `"items":[]`) {
		t.Error("list:", w.Body)
	}
}

func TestCorrectName(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.ByLink)
	before := s.Ask("GET", "/badges/"+id+"/credential.jwt", "").Body.String()
	s.Clock.Advance(60e9)
	body := `{"name":"Ana Ruíz","reason":"as on the passport"}`
	for _, want := range []int{1, 0} {
		got := s.Want(http.StatusOK, "POST", "/candidates/C-77/name", body)
		if list, ok := got["awards"].([]any); !ok || len(list) != want {
			t.Errorf("got %v, want %d awards", got, want)
		}
	}
	if w := s.Ask("GET", "/badges/"+id, "", "Accept", "text/html"); !strings.Contains(w.Body.String(), "Ana Ruíz") {
		t.Error("the page has the old name")
	}
	if after := s.Ask("GET", "/badges/"+id+"/credential.jwt", "").Body.String(); after == before {
		t.Error("the credential was not signed again")
	}
	s.Want(http.StatusUnprocessableEntity, "POST", "/candidates/C-77/name", `{"name":"","reason":""}`)
	s.Want(http.StatusNotFound, "POST", "/candidates/C-0/name", body)
}

// TestCorrectEmail: the badge of an account that has the wrong address only waits again, for the right one.
func TestCorrectEmail(t *testing.T) {
	v := apitest.NewVisitors(t)
	award := v.Post(apitest.AnasPass("R-1", "E1"))[0].ID
	v.Work(t)
	wrong, right := v.Open(), v.Open()
	v.SignIn(wrong, "ana@home.test")
	wrong.Get("/me/badges").Press("Accept").Says("Accepted.")
	v.Clock.Advance(time.Hour)
	body := `{"email":"ana@right.test","reason":"a slip","public_reason":null}`
	for _, want := range []int{1, 0} {
		got := v.Want(http.StatusOK, "POST", "/candidates/C-77/email", body)
		if list, ok := got["awards"].([]any); !ok || len(list) != want {
			t.Errorf("got %v, want %d awards", got, want)
		}
	}
	v.Work(t)
	if state := v.State(award); !strings.HasPrefix(state, ledger.Offered) {
		t.Errorf("the badge is %s", state)
	}
	wrong.Get("/me/badges").Hides("Cloud Fundamentals")
	v.SignIn(right, "ana@right.test")
	right.Get("/me/badges").Says("Waiting for you", "Cloud Fundamentals")
	v.Want(http.StatusUnprocessableEntity, "POST", "/candidates/C-77/email", `{"email":"nobody","reason":""}`)
	v.Want(http.StatusNotFound, "POST", "/candidates/C-0/email", body)
}
