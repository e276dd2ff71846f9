package partners_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
)

func TestBadResults(t *testing.T) {
	s := apitest.New(t)
	change := func(pairs ...string) string {
		for k := 0; k < len(pairs); k += 2 {
			if !strings.Contains(apitest.Pass, pairs[k]) {
				t.Fatalf("%q is not in the body", pairs[k])
			}
		}
		return strings.NewReplacer(pairs...).Replace(apitest.Pass)
	}
	long := strings.Repeat("x", 201)
	for _, c := range []struct {
		name, body string
		status     int
		code       string
		faults     []string
	}{
		{"empty object", `{}`, 422, "validation_failed", []string{"/id required", "/candidate/id required", "/candidate/name required", "/candidate/email required", "/exam required", "/outcome required", "/taken_at required"}},
		{"nothing", "", 400, "empty_body", nil},
		{"blank", "  \n", 400, "unreadable", nil},
		{"array", `[]`, 400, "unreadable", nil},
		{"null", `null`, 400, "unreadable", nil},
		{"text", `"R-1"`, 400, "unreadable", nil},
		{"cut off", apitest.Pass[:100], 400, "unreadable", nil},
		{"two values", apitest.Pass + apitest.Pass, 400, "unreadable", nil},
		{"rubbish after it", apitest.Pass + "}", 400, "unreadable", nil},
		{"trailing comma", change(`"matched":true`, `"matched":true,`), 400, "unreadable", nil},
		{"single quotes", `{'id':'R-1'}`, 400, "unreadable", nil},
		{"comment", `{/* no */}`, 400, "unreadable", nil},
		{"NaN", change("812", "NaN"), 400, "unreadable", nil},
		{"Infinity", change("812", "Infinity"), 400, "unreadable", nil},
		{"leading zero", change("812", "0812"), 400, "unreadable", nil},
		{"byte order mark", "\xef\xbb\xbf" + apitest.Pass, 400, "unreadable", nil},
		{"Latin-1", change("Ana", "An\xe1"), 400, "unreadable", nil},
		{"UTF-16", "\xff\xfe{\x00}\x00", 400, "unreadable", nil},
		{"NUL", "\x00", 400, "unreadable", nil},
		{"half a surrogate pair", change("Ana", `\ud83d`), 400, "unreadable", nil},
		{"other half", change("Ana", `\udc00 x`), 400, "unreadable", nil},
		{"control character", change("Ana", "A\x01"), 400, "unreadable", nil},
		{"escaped control character", change("Ana", `A\u0000`), 422, "validation_failed", []string{"/candidate/name bad_text"}},
		{"text that turns round", change("Ana", `A\u202en`), 422, "validation_failed", []string{"/candidate/name bad_text"}},
		{"name that cannot be seen", change("Ana Ruiz", `\u200b\u200b`), 422, "validation_failed", []string{"/candidate/name bad_text"}},
		{"deep", strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), 400, "unreadable", nil},
		{"deep arrays", `{"id":` + strings.Repeat(`[`, 100_000), 400, "unreadable", nil},
		{"many members", `{` + strings.Repeat(`"a":1,`, 2000) + `"b":1}`, 400, "unreadable", nil},
		{"unknown members", change(`"score"`, `"scored":1,"score"`, `"taken_at"`, `"takenAt"`, `"locale"`, `"lang"`), 422, "validation_failed",
			[]string{"/candidate/lang unknown_member", "/scored unknown_member", "/takenAt unknown_member", "/taken_at required"}},
		{"members in capitals", change(`"exam"`, `"Exam"`), 422, "validation_failed", []string{"/Exam unknown_member", "/exam required"}},
		{"twice", change(`"exam":"E2"`, `"exam":"E2","exam":"E3"`), 422, "validation_failed", []string{"/exam duplicate_member"}},
		{"twice, escaped", change(`"exam":"E2"`, `"exam":"E2","\u0065xam":"E3"`), 422, "validation_failed", []string{"/exam duplicate_member"}},
		{"wrong types", change(`"R-1"`, "1", `{"id":"C-77","email":"ana@home.test","name":"Ana Ruiz","locale":"es"}`, `"Ana"`, `"pass"`, "true", "812", `"812"`, `"2026-03-04T10:00:00Z"`, "1772618400"), 422, "validation_failed",
			[]string{"/id wrong_type", "/candidate wrong_type", "/outcome wrong_type", "/score wrong_type", "/taken_at wrong_type"}},
		{"wrong types inside", change(`"C-77"`, "77", `true`, `"true"`), 422, "validation_failed", []string{"/candidate/id wrong_type", "/identity_check/matched wrong_type"}},
		{"array for an object", change(`{"method":"government-id","matched":true}`, "[]"), 422, "validation_failed", []string{"/identity_check wrong_type"}},
		{"no match told", change(`,"matched":true`, ""), 422, "validation_failed", []string{"/identity_check/matched required"}},
		{"nulls", change(`"R-1"`, "null", `"E2"`, "null", `"2026-03-04T10:00:00Z"`, "null"), 422, "validation_failed", []string{"/id required", "/exam required", "/taken_at required"}},
		{"form and content at once", change(`"outcome":"pass"`, `"outcome":"passed","colour":"red"`, "ana@home.test", "ana@", "812", "1001", "2026-03-04T10:00:00Z", "yesterday"), 422, "validation_failed",
			[]string{"/colour unknown_member", "/taken_at bad_time", "/candidate/email bad_email", "/outcome bad_value", "/score bad_value"}},
		{"unknown exam", change(`"E2"`, `"E9"`), 422, "unknown_exam", []string{"/exam unknown_exam"}},
		{"exam in the wrong case", change(`"E2"`, `"e2"`), 422, "unknown_exam", []string{"/exam unknown_exam"}},
		{"future", change("2026-03-04T10", "2026-03-05T10"), 422, "validation_failed", []string{"/taken_at in_future"}},
		{"long ago", change("2026", "1899"), 422, "validation_failed", []string{"/taken_at bad_value"}},
		{"no zone", change("10:00:00Z", "10:00:00"), 422, "validation_failed", []string{"/taken_at bad_time"}},
		{"day only", change("T10:00:00Z", ""), 422, "validation_failed", []string{"/taken_at bad_time"}},
		{"February 30", change("03-04", "02-30"), 422, "validation_failed", []string{"/taken_at bad_time"}},
		{"year 10000", change("2026", "10000"), 422, "validation_failed", []string{"/taken_at bad_time"}},
		{"long texts", change(`"R-1"`, `"`+long+`"`, "C-77", long, "Ana Ruiz", long, "government-id", long), 422, "validation_failed",
			[]string{"/id bad_text", "/candidate/id bad_text", "/candidate/name bad_text", "/identity_check/method bad_text"}},
		{"long e-mail", change("ana@", strings.Repeat("a", 254)+"@"), 422, "validation_failed", []string{"/candidate/email bad_text"}},
		{"address of no domain", change("ana@home.test", "ana@[192.0.2.7]"), 422, "validation_failed", []string{"/candidate/email bad_email"}},
		{"two addresses", change("ana@home.test", "ana@home.test,b@home.test"), 422, "validation_failed", []string{"/candidate/email bad_email"}},
		{"header in the address", change("ana@home.test", `ana@home.test\r\nBcc: x@y.test`), 422, "validation_failed", []string{"/candidate/email bad_text"}},
		{"score above the most", change("812", "1000.5"), 422, "validation_failed", []string{"/score bad_value"}},
		{"negative score", change("812", "-1"), 422, "validation_failed", []string{"/score bad_value"}},
		{"absurd score", change("812", "1e400"), 422, "validation_failed", []string{"/score bad_value"}},
		{"absurd most", change("1000", "9"+strings.Repeat("0", 400)), 422, "validation_failed", []string{"/max_score bad_value"}},
		{"member with a slash", change(`"score"`, `"a/b~c":1,"score"`), 422, "validation_failed", []string{"/a~1b~0c unknown_member"}},
		{"empty name", change(`"score"`, `"":1,"score"`), 422, "validation_failed", []string{"/ unknown_member"}},
		{"too large", `{"id":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "body_too_large", nil},
		{"20 MB", strings.Repeat(" ", 20<<20), 413, "body_too_large", nil},
	} {
		for _, path := range []string{"/results", "/results/explain"} {
			w := s.Call("POST", web.APIPath+path, c.body)
			if w.Code != c.status || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: got %d %s, want %d", c.name, w.Code, w.Body, c.status)
				continue
			}
			p := apitest.Object(t, w)
			if p["code"] != c.code || p["instance"] != web.APIPath+path || p["request_id"] != w.Header().Get("X-Request-Id") {
				t.Errorf("%s: got %v", c.name, p)
			}
			if diff := cmp.Diff(c.faults, apitest.Faults(p)); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
			if w.Body.Len() > 10_000 {
				t.Errorf("%s: answer of %d bytes", c.name, w.Body.Len())
			}
		}
	}
	if got := s.Want(http.StatusOK, "GET", "/results", ""); len(got["items"].([]any)) != 0 {
		t.Error("something was stored:", got)
	}
}

func TestDetailsHelp(t *testing.T) {
	s := apitest.New(t)
	for body, want := range map[string]string{
		`{"takenAt":1}`:                               "Did you mean taken_at?",
		`{"maxscore":1}`:                              "Did you mean max_score?",
		`{"exma":1}`:                                  "Did you mean exam?",
		`{"email":"x"}`:                               "It belongs at /candidate/email.",
		`{"candidateId":"x"}`:                         "It belongs at /candidate/id.",
		`{"matched":true}`:                            "It belongs at /identity_check/matched.",
		`{"candidate":{"e_mail":"x"}}`:                "Did you mean email?",
		`{"candidate":{"exam":"x"}}`:                  "It belongs at /exam.",
		`{"quux":1}`:                                  `"is not known."`,
		"{\"id\":\"R-1\",\n \"exam\": E2}":            "line 2, column 10",
		`{"id":"R-1"`:                                 "unexpected end of JSON input",
		strings.Replace(apitest.Pass, "E2", "E22", 1): `Did you mean `,
		`{"score":"812"}`:                             "must be a number, not a string",
		`{"` + strings.Repeat("ü", 5000) + `":1}`:     strings.Repeat("ü", 100) + "…",
	} {
		if w := s.Call("POST", web.APIPath+"/results", body); !strings.Contains(w.Body.String(), want) {
			t.Errorf("%.60s: got %.400s, want %s", body, w.Body, want)
		}
	}
}

func TestContentTypes(t *testing.T) {
	s := apitest.New(t)
	for _, c := range []struct {
		header, value string
		want          int
	}{
		{"Content-Type", "application/json", 201},
		{"Content-Type", "application/json; charset=utf-8", 200},
		{"Content-Type", "Application/JSON; charset=UTF-8", 200},
		{"Content-Type", "application/json; charset=iso-8859-1", 415},
		{"Content-Type", "application/json; charset=utf-16", 415},
		{"Content-Type", "text/json", 415},
		{"Content-Type", "application/x-www-form-urlencoded", 415},
		{"Content-Type", "application/json; charset", 415},
		{"Content-Type", "text/plain", 415},
		{"Content-Type", "", 415},
		{"Content-Encoding", "gzip", 415},
	} {
		if w := s.Call("POST", web.APIPath+"/results", apitest.Pass, c.header, c.value); w.Code != c.want {
			t.Errorf("%s %q: got %d %s, want %d", c.header, c.value, w.Code, w.Body, c.want)
		}
	}
}

func TestOptionalMembersMayBeNull(t *testing.T) {
	s := apitest.New(t)
	s.Want(http.StatusCreated, "POST", "/results", `{"id":"R-1","candidate":{"id":"C-77","email":"ana@home.test","name":"Ana","locale":null},
		"exam":"E2","outcome":"pass","score":null,"max_score":null,"taken_at":"2026-03-04T11:00:00.5+01:00","identity_check":null}`)
	got := s.Want(http.StatusOK, "GET", "/results/R-1", "")["result"].(map[string]any)
	if _, told := got["score"]; told || got["taken_at"] != "2026-03-04T10:00:00.5Z" {
		t.Error(got)
	}
}

func FuzzPostResult(f *testing.F) {
	for _, seed := range []string{apitest.Pass, `{}`, `{"candidate":{"id":1}}`, `{"a":{"b":[{"c":"\ud800"}]}}`, `{"score":1e5}`, `[1`, "\xff", `{"taken_at":"2026-13-01T00:00:00Z"}`} {
		f.Add(seed)
	}
	s := apitest.New(f)
	f.Fuzz(func(t *testing.T, body string) {
		s.T = t
		w := s.Call("POST", web.APIPath+"/results", body)
		if w.Code >= 500 || w.Code < 200 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
}
