package partners_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
)

// candidatePass is a pass of another candidate at an address of its own.
func candidatePass(candidate, id, exam string) string {
	pass := strings.NewReplacer(`"id":"C-77"`, `"id":"`+candidate+`"`, "ana@home.test", strings.ToLower(candidate)+"@home.test")
	return pass.Replace(apitest.PassOf(id, exam))
}

// TestMerges: a partner merges two candidates of its own, reads that and undoes it.
// row 46: previewed before, and as many awards after it as the preview said.
func TestMerges(t *testing.T) {
	s := apitest.New(t)
	s.Want(http.StatusCreated, "POST", "/results", candidatePass("C-1", "R-1", "E2"))
	s.Want(http.StatusCreated, "POST", "/results", candidatePass("C-2", "R-2", "E3"))
	const body = `{"into":"C-1","from":"C-2","reason":"registered twice"}`
	preview := s.Want(http.StatusOK, "POST", "/profiles/merges?mode=check", body)
	want := map[string]any{
		"into": "C-1", "from": "C-2", "awards_before": 2.0, "awards_after": 3.0, "made": []any{map[string]any{"kind": "certification", "code": "C2"}}, "collapsed": []any{},
	}
	if diff := cmp.Diff(want, preview); diff != "" {
		t.Error("preview:", diff)
	}
	made := s.Want(http.StatusCreated, "POST", "/profiles/merges", body)
	id := made["id"].(string)
	got := s.Want(http.StatusOK, "GET", "/profiles/merges/"+id, "")
	if diff := cmp.Diff(made, got); diff != "" || made["state"] != "merged" || made["undo_until"] != "2026-04-04T09:42:00Z" || made["undone_at"] != nil || len(made["awards"].([]any)) != 1 {
		t.Error(made, diff)
	}
	if a := s.Want(http.StatusOK, "GET", "/awards?candidate=C-1", ""); len(a["items"].([]any)) != 3 {
		t.Error("awards of C-1:", a)
	}
	if c := s.Want(http.StatusOK, "GET", "/candidates/C-1", ""); cmp.Diff([]any{"C-2"}, c["merged_with"]) != "" {
		t.Error("C-1:", c)
	}
	events := s.Want(http.StatusOK, "GET", "/events?type=profile.merged", "")["items"].([]any)
	data := map[string]any{
		"candidate": map[string]any{"id": "C-1"}, "reason": "registered twice",
		"merge": map[string]any{"id": id, "into": "C-1", "from": "C-2", "undo_until": "2026-04-04T09:42:00Z"},
	}
	if len(events) != 1 || cmp.Diff(data, events[0].(map[string]any)["data"]) != "" {
		t.Error("told:", events)
	}
	if p := s.Want(http.StatusConflict, "POST", "/profiles/merges", body); p["code"] != "already_merged" {
		t.Error("again:", p)
	}
	_, foreign := s.Partner(t, "OtherCo", false)
	if w := s.Ask("POST", web.APIPath+"/profiles/merges/"+id+"/undo", "", "Authorization", "Bearer "+foreign); w.Code != http.StatusNotFound {
		t.Error("another partner undoes it:", w.Code)
	}
	for range 2 {
		undone := s.Want(http.StatusOK, "POST", "/profiles/merges/"+id+"/undo", `{"reason":"two people"}`)
		if undone["state"] != "undone" || undone["undone_at"] != "2026-03-05T09:42:00Z" || undone["awards"].([]any)[0].(map[string]any)["validity"] != "revoked" {
			t.Error("undone:", undone)
		}
	}
	if c := s.Want(http.StatusOK, "GET", "/candidates/C-1", ""); len(c["merged_with"].([]any)) != 0 {
		t.Error("C-1:", c)
	}
}

// TestBadMerges: everything that is wrong is told at once.
func TestBadMerges(t *testing.T) {
	s := apitest.New(t)
	s.Want(http.StatusCreated, "POST", "/results", candidatePass("C-1", "R-1", "E2"))
	p := s.Want(http.StatusUnprocessableEntity, "POST", "/profiles/merges", `{"into":"","from":"\u0000"}`)
	if list := p["errors"].([]any); len(list) != 3 {
		t.Error(p)
	}
	s.Want(http.StatusUnprocessableEntity, "POST", "/profiles/merges", `{"into":"C-1","from":"C-1","reason":"x"}`)
	s.Want(http.StatusUnprocessableEntity, "POST", "/profiles/merges?mode=walk", `{"into":"C-1","from":"C-2","reason":"x"}`)
	s.Want(http.StatusNotFound, "POST", "/profiles/merges", `{"into":"C-1","from":"C-2","reason":"x"}`)
	s.Want(http.StatusNotFound, "POST", "/profiles/merges?mode=check", `{"into":"C-1","from":"C-2","reason":"x"}`)
	s.Want(http.StatusNotFound, "GET", "/profiles/merges/mrg_nothere", "")
	s.Want(http.StatusNotFound, "POST", "/profiles/merges/mrg_nothere/undo", "")
	_, key, err := s.Partners.Add(t.Context(), "Poster", false, "results")
	if err != nil {
		t.Fatal(err)
	}
	w := s.Ask("POST", web.APIPath+"/profiles/merges", `{"into":"C-1","from":"C-2","reason":"x"}`, "Authorization", "Bearer "+key)
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "scope_missing") {
		t.Errorf("without the scope: %d %s", w.Code, w.Body)
	}
}
