package partners_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/partner"
)

// A webhook from its making to its end, over HTTP; every answer is held against the OpenAPI document.
func TestWebhooks(t *testing.T) {
	s := apitest.New(t)
	arrived := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.Header.Get("webhook-id")
		_, _ = w.Write([]byte("thanks"))
	}))
	t.Cleanup(receiver.Close)
	made := s.Want(http.StatusCreated, "POST", "/webhooks", `{"url":"`+receiver.URL+`","events":["badge.*"],"description":"Live records"}`)
	id := made["id"].(string)
	if made["state"] != "active" || !strings.HasPrefix(made["secret"].(string), "whsec_") || made["failing_since"] != nil {
		t.Errorf("got %+v", made)
	}
	if got := s.Want(http.StatusOK, "GET", "/webhooks/"+id, ""); got["secret"] != nil || got["url"] != receiver.URL {
		t.Errorf("got %+v", got)
	}
	changed := s.Want(http.StatusOK, "PATCH", "/webhooks/"+id, `{"events":["badge.offered","result.*"]}`)
	if changed["url"] != receiver.URL || len(changed["events"].([]any)) != 2 || changed["description"] != "Live records" {
		t.Errorf("got %+v", changed)
	}
	if secret := s.Want(http.StatusOK, "POST", "/webhooks/"+id+"/secret", ""); secret["secret"] == made["secret"] || secret["old_until"] == nil {
		t.Errorf("got %+v", secret)
	}
	s.Want(http.StatusCreated, "POST", "/results", apitest.Pass)
	test := s.Want(http.StatusAccepted, "POST", "/webhooks/"+id+"/test", "")
	if test["state"] != "waiting" || test["type"] != "webhook.test" {
		t.Errorf("got %+v", test)
	}
	if err := s.Webhooks.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	list := s.Want(http.StatusOK, "GET", "/webhooks/"+id+"/deliveries?limit=2", "")
	items := list["items"].([]any)
	if len(items) != 2 || items[0].(map[string]any)["type"] != "webhook.test" || items[1].(map[string]any)["type"] != "badge.offered" {
		t.Fatalf("got %+v", items)
	}
	offered := items[1].(map[string]any)
	if try := offered["attempts"].([]any)[0].(map[string]any); offered["state"] != "delivered" || try["status"] != 200.0 || try["body"] != "thanks" {
		t.Errorf("got %+v", offered)
	}
	rest := s.Want(http.StatusOK, "GET", "/webhooks/"+id+"/deliveries?cursor="+list["next"].(string), "")
	if len(rest["items"].([]any)) != 1 || rest["next"] != nil {
		t.Errorf("got %+v", rest)
	}
	s.Want(http.StatusAccepted, "POST", "/webhooks/"+id+"/deliveries/"+offered["id"].(string)+"/resend", "")
	if err := s.Webhooks.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(arrived) != 4 {
		t.Errorf("%d requests arrived, want 4", len(arrived))
	}
	if all := s.Want(http.StatusOK, "GET", "/webhooks?limit=1", ""); len(all["items"].([]any)) != 1 || all["next"] != id {
		t.Errorf("got %+v", all)
	}
	if w := s.Call("DELETE", web.APIPath+"/webhooks/"+id, ""); w.Code != http.StatusNoContent || w.Body.Len() != 0 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	s.Want(http.StatusNotFound, "GET", "/webhooks/"+id, "")
	s.Want(http.StatusNotFound, "GET", "/webhooks/"+id+"/deliveries", "")
}

// What is no webhook is refused with everything that is wrong with it, and a key without the scope may do nothing.
func TestBadWebhookRequests(t *testing.T) {
	s := apitest.New(t)
	for body, pointers := range map[string][]string{
		`{}`: {"/url"},
		`{"url":"https://10.0.0.8/","events":["badge.exploded"]}`:                             {"/url", "/events/0"},
		`{"url":"https://partner.example/","events":[1]}`:                                     {"/events/0"},
		`{"url":"https://partner.example/","events":"badge.*"}`:                               {"/events"},
		`{"url":1,"events":["badge.*"],"colour":"red","state":"active"}`:                      {"/url", "/colour", "/state"},
		`{"url":"https://partner.example/","events":[` + strings.Repeat(`"*",`, 60) + `"*"]}`: {"/events"},
	} {
		answer := s.Want(http.StatusUnprocessableEntity, "POST", "/webhooks", body)
		got := map[string]bool{}
		for _, e := range answer["errors"].([]any) {
			got[e.(map[string]any)["pointer"].(string)] = true
		}
		for _, p := range pointers {
			if !got[p] {
				t.Errorf("%s: %v, want %s among them", body, got, p)
			}
		}
	}
	s.Want(http.StatusUnprocessableEntity, "GET", "/webhooks/x/deliveries?cursor=first", "")
	s.Want(http.StatusBadRequest, "PATCH", "/webhooks/x", `{`)
	s.Want(http.StatusNotFound, "PATCH", "/webhooks/x", `{"state":"active"}`)
	_, key, err := s.Partners.Add(t.Context(), "Deaf", false, partner.ScopeResults)
	if err != nil {
		t.Fatal(err)
	}
	s.Key = key
	for _, call := range [][2]string{{"GET", "/webhooks"}, {"POST", "/webhooks"}, {"PATCH", "/webhooks/x"}, {"DELETE", "/webhooks/x"}, {"POST", "/webhooks/x/test"}} {
		if answer := s.Want(http.StatusForbidden, call[0], call[1], `{}`); answer["code"] != "scope_missing" {
			t.Errorf("%v: got %+v", call, answer)
		}
	}
}
