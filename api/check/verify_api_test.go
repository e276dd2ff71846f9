package check_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/check"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

func TestVerifyOurOwn(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.ByLink)
	page := apitest.Issuer1 + "/badges/" + id
	token := s.Ask("GET", "/badges/"+id+"/credential.jwt", "").Body.String()
	check := func(name, input, recipient, want string) {
		t.Helper()
		w := s.Ask("POST", web.APIPath+"/verify", string(web.EncodeJSON(map[string]string{"input": input, "recipient": recipient})))
		if w.Code != 200 || apitest.Object(t, w)["verdict"] != want {
			t.Errorf("%s: got %d %s, want %s", name, w.Code, w.Body, want)
		}
	}
	check("page", page, "", "valid")
	check("assertion", page+"/assertion.json", "", "valid")
	check("picture", page+"/badge.png", "", "valid")
	check("token", token, "", "valid")
	check("token at its address", page+"/credential.jwt", "", "valid")
	check("right person", page, "ana@home.test", "valid")
	check("wrong person", page, "ben@home.test", "wrong_recipient")
	check("text", "hello", "", "not_a_badge")
	check("unknown of ours", apitest.Issuer1+"/badges/2222222222aaaaaaaaaa", "", "not_shared")
	check("not for strangers", apitest.Issuer1+"/metrics", "", "not_shared")
	s.ShowTo(id, ledger.Private)
	check("private", page, "", "not_shared")
	check("copy of a private badge", token, "", "valid")
	s.ShowTo(id, ledger.ByLink)
	s.Want(http.StatusOK, "POST", "/awards/"+id+"/revoke", `{"reason":"cheated"}`)
	check("revoked page", page, "", "revoked")
	check("revoked token", token, "", "revoked")
}

func TestPostVerifyForm(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.ByLink)
	picture := s.Ask("GET", "/badges/"+id+"/badge.png", "").Body.String()
	for _, c := range []struct {
		name   string
		parts  []string
		status int
		want   any // verdict or faults
	}{
		{"file", []string{"@file", picture}, 200, "valid"},
		{"file and person", []string{"@file", picture, "recipient", "ben@home.test"}, 200, "wrong_recipient"},
		{"file and time", []string{"@file", picture, "at", "2020-01-01"}, 200, "invalid"},
		{"text", []string{"input", apitest.Issuer1 + "/badges/" + id, "@file", ""}, 200, "valid"},
		{"nothing", nil, 422, []string{"/file required"}},
		{"empty file", []string{"@file", ""}, 422, []string{"/file required"}},
		{"both", []string{"@file", picture, "input", "x"}, 422, []string{"/input duplicate_member"}},
		{"twice", []string{"@file", picture, "@file", picture}, 422, []string{"/file duplicate_member"}},
		{"unknown", []string{"@file", picture, "colour", "red"}, 422, []string{"/colour unknown_member"}},
		{"time", []string{"@file", picture, "at", "yesterday"}, 422, []string{"/at bad_time"}},
		{"time to come", []string{"@file", picture, "at", "9999-01-01T00:00:00Z"}, 422, []string{"/at bad_time"}},
		{"no time", []string{"@file", picture, "at", "0001-01-01T00:00:00Z"}, 422, []string{"/at bad_time"}},
		{"person", []string{"@file", picture, "recipient", strings.Repeat("x", 255)}, 422, []string{"/recipient bad_text"}},
		{"too large", []string{"@file", strings.Repeat("x", 8<<20)}, 413, []string(nil)},
		{"many parts", []string{"a", "", "b", "", "c", "", "d", "", "e", "", "f", "", "g", "", "h", "", "i", "", "j", "", "k", ""}, 400, []string(nil)},
	} {
		body, contentType := apitest.Form(t, c.parts...)
		w := s.Ask("POST", web.APIPath+"/verify", body, "Content-Type", contentType)
		got := apitest.Object(t, w)
		if w.Code != c.status {
			t.Errorf("%s: got %d %.300s, want %d", c.name, w.Code, w.Body, c.status)
			continue
		}
		if c.status == 200 {
			if got["verdict"] != c.want {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
		} else if diff := cmp.Diff(c.want, apitest.Faults(got)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestBadVerifyRequests(t *testing.T) {
	s := apitest.New(t)
	for _, c := range []struct {
		body, contentType string
		status            int
	}{
		{"", "application/json", 400},
		{"{}", "application/json", 422},
		{`{"input":""}`, "application/json", 422},
		{`{"input":{"@context":"x"}}`, "application/json", 422},
		{`{"input":"x","at":"soon"}`, "application/json", 422},
		{`{"input":"x","at":"9999-01-01T00:00:00Z"}`, "application/json", 422},
		{`{"input":"x","at":"0001-01-01T00:00:00Z"}`, "application/json", 422},
		{`{"input":"x","at":"0001-01-01T00:00:01Z"}`, "application/json", 200},
		{`{"input":"x","at":null}`, "application/json", 200},
		{`{"input":"x","recipient":"a\u0000b"}`, "application/json", 422},
		{`{"input":"x","file":"y"}`, "application/json", 422},
		{`{"input":"x"`, "application/json", 400},
		{`{"input":"x"}`, "text/plain", 415},
		{`x`, "multipart/form-data", 400},
		{`x`, "multipart/form-data; boundary=b", 400},
		{"--b\r\n\r\nx", "multipart/form-data; boundary=b", 400},
		{`{"input":"` + strings.Repeat("x", 9<<20) + `"}`, "application/json", 413},
		{`{"input":"` + strings.Repeat("x", 5<<20) + `"}`, "application/json", 200},
		{`{"input":"\ud800"}`, "application/json", 400},
		{`{"input":"{\"@context\":\"https://w3id.org/openbadges/v2\",\"type\":\"Assertion\",\"id\":\"urn:uuid:x\",\"issuedOn\":\"9999-12-31T23:59:59-23:59\",\"expires\":\"9999-12-31T23:59:59-23:59\"}"}`, "application/json", 200},
	} {
		if w := s.Ask("POST", web.APIPath+"/verify", c.body, "Content-Type", c.contentType); w.Code != c.status {
			t.Errorf("%.60s as %s: got %d %.300s, want %d", c.body, c.contentType, w.Code, w.Body, c.status)
		}
	}
}

// Every report is an answer that the OpenAPI document describes, whatever somebody hands in.
func TestVerifySharedCases(t *testing.T) {
	const folder = "../../../shared/cases"
	data, err := os.ReadFile(folder + "/index.json")
	if err != nil {
		t.Skipf("the folder of shared cases is absent: %v", err)
	}
	var cases []struct{ ID, Input, Resources, At, Expect string }
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	var network egress.Memory
	general := generalWords("en")
	s := apitest.New(t, func(o *apitest.Options) { o.Verifier = verifier.New(verifier.Options{Fetch: &network}) })
	for _, c := range cases {
		input, err := os.ReadFile(folder + "/" + c.Input)
		if err != nil {
			t.Fatal(err)
		}
		network = nil
		if c.Resources != "" {
			if network, err = egress.Resources(folder + "/" + c.Resources); err != nil {
				t.Fatal(err)
			}
		}
		body, contentType := apitest.Form(t, "@file", string(input), "at", c.At)
		w := s.Ask("POST", web.APIPath+"/verify", body, "Content-Type", contentType)
		if w.Code != 200 {
			t.Errorf("%s: got %d %s", c.ID, w.Code, w.Body)
		}
		var report verifier.Report
		if err := json.Unmarshal(w.Body.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		for _, k := range check.ChecksOf(&report) {
			if text := templates.CheckText("en", k); general[text] {
				t.Errorf("%s: %+v says only %q", c.ID, k, text)
			}
		}
	}
}

// The documentation says how often somebody may ask.
func TestLimitsAreInTheDocs(t *testing.T) {
	page := apitest.New(t).Ask("GET", web.DocsPath, "").Body.String()
	limit := fmt.Sprintf("; POST /verify %d a second for each network, %d at once; ", check.VerifyPerSecond, check.VerifyBurst)
	if !strings.Contains(page, limit) {
		t.Error("the limits are others:", limit)
	}
}

func TestVerifyLimits(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) { o.BaseURL, o.Checks = "http://127.0.0.1:8080", web.NewThrottle(1, 2, o.Now) })
	from := func(address string) int {
		r := httptest.NewRequest("POST", web.APIPath+"/verify", strings.NewReader(`{"input":"x"}`))
		r.Header.Set("Content-Type", "application/json")
		r.RemoteAddr = address
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	for k, want := range []int{200, 200, 429} {
		if got := from("198.51.100." + apitest.Itoa(k) + ":1"); got != want {
			t.Errorf("request %d of a network: got %d, want %d", k, got, want)
		}
	}
	for range 5 {
		if got := from("127.0.0.1:1"); got != 200 {
			t.Error("this machine:", got)
		}
	}
	if got := from("203.0.113.1:1"); got != 200 {
		t.Error("another network:", got)
	}
	s.Clock.Advance(time.Second)
	if got := from("198.51.100.1:1"); got != 200 {
		t.Error("a second later:", got)
	}
}

func TestOnlySoManyAtOnce(t *testing.T) {
	s := apitest.New(t)
	s.Check.FillPlaces()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Check.Judge(ctx, "", verifier.Input{Data: []byte("x")}); err == nil {
		t.Error("no error for somebody who left while waiting")
	}
	s.Check.FreePlace()
	if report, err := s.Check.Judge(context.Background(), "", verifier.Input{Data: []byte("x")}); err != nil || report.Verdict != verifier.NotABadge {
		t.Error(report, err)
	}
}

func FuzzVerifyForm(f *testing.F) {
	s := apitest.New(f)
	f.Add("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--b--\r\n")
	f.Add("--b\r\nContent-Disposition: form-data; name=\"at\"\r\n\r\n2026\r\n--b\r\n\r\n--b--")
	f.Add("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--b") // cut off
	f.Fuzz(func(t *testing.T, body string) {
		s.T = t
		if w := s.Ask("POST", web.APIPath+"/verify", body, "Content-Type", "multipart/form-data; boundary=b"); w.Code >= 500 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
}
