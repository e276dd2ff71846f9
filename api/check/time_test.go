package check_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/check"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/templates"
)

// TestTimesOfOutsiders: every door takes the times of RFC 3339 and no others, and means the same by them.
func TestTimesOfOutsiders(t *testing.T) {
	s := apitest.New(t)
	ten := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	send := func(unchecked bool, method, target, body, contentType string) *httptest.ResponseRecorder {
		if !unchecked {
			return s.Call(method, web.APIPath+target, body, "Content-Type", contentType)
		}
		r := httptest.NewRequest(method, web.APIPath+target, strings.NewReader(body))
		r.Header = http.Header{"Authorization": {"Bearer " + s.Key}, "Content-Type": {contentType}}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	const asJSON = "application/json"
	n := 0
	for text, want := range map[string]time.Time{
		"2026-03-04T10:00:00Z":        ten,
		"2026-03-04t10:00:00z":        ten, // §5.6: may be lower case
		"2026-03-04T10:00:00.250Z":    ten.Add(250 * time.Millisecond),
		"2026-03-04T11:30:00+01:30":   ten,
		"2026-03-04T10:00:00-00:00":   ten,
		"2026-03-05T09:59:00+23:59":   ten,
		"2016-12-31T23:59:60Z":        time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC),
		"2017-01-01T00:59:60+01:00":   time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC),
		"2026-03-04T10:00:60Z":        {}, // no leap second
		"2026-03-04T10:00:00,5Z":      {},
		"2026-03-04T1:00:00Z":         {},
		"2026-3-04T10:00:00Z":         {},
		"2026-03-04T10:00:00+00:60":   {},
		"2026-03-04T00:30:00+24:00":   {},
		"2026-03-04T10:00:00+0100":    {},
		"2026-03-04T10:00:00+01":      {},
		"2026-03-04T10:00:00":         {},
		"2026-03-04 10:00:00Z":        {},
		"2026-03-04T10:00Z":           {},
		"2026-03-04T24:00:00Z":        {},
		"2026-02-29T10:00:00Z":        {},
		"2026-03-04T10:00:00.Z":       {},
		"2026-03-04T10:00:00 Z":       {},
		" 2026-03-04T10:00:00Z":       {},
		"+2026-03-04T10:00:00Z":       {},
		"２０２６-03-04T10:00:00Z":        {},
		"Wed, 04 Mar 2026 10:00:00 Z": {},
		"1772618400":                  {},
	} {
		n++
		lower := strings.ContainsAny(text, "tz") // which the checker of our OpenAPI document does not know
		body := strings.NewReplacer("2026-03-04T10:00:00Z", text, `"R-1"`, `"R-`+strconv.Itoa(n)+`"`).Replace(apitest.Pass)
		for _, path := range []string{"/results/explain", "/results"} {
			w := send(lower, "POST", path, body, asJSON)
			if want.IsZero() != (w.Code == 422 && strings.Contains(w.Body.String(), "bad_time")) || !want.IsZero() && w.Code >= 300 {
				t.Errorf("%s: %q got %d %s", path, text, w.Code, w.Body)
			} else if w.Code == http.StatusCreated {
				if got := apitest.Object(t, w)["result"].(map[string]any)["taken_at"]; got != want.Format(time.RFC3339Nano) {
					t.Errorf("%q became %v, want %v", text, got, want)
				}
			}
		}
		status := http.StatusOK
		if want.IsZero() {
			status = 422
		}
		if w := send(lower, "POST", "/verify", string(web.EncodeJSON(map[string]string{"input": "x", "at": text})), asJSON); w.Code != status {
			t.Errorf("verify at %q: got %d %s", text, w.Code, w.Body)
		}
		multipart, contentType := apitest.Form(t, "input", "x", "at", text)
		if w := send(lower, "POST", "/verify", multipart, contentType); w.Code != status {
			t.Errorf("verify, as a form, at %q: got %d %s", text, w.Code, w.Body)
		}
		for _, list := range []string{"/results", "/awards"} {
			if w := send(lower, "GET", list+"?since="+url.QueryEscape(text), "", ""); w.Code != status {
				t.Errorf("%s since %q: got %d %s", list, text, w.Code, w.Body)
			}
		}
		// People type less than that; what they type in full is held to it.
		if at, problem := check.ReadMoment(text); !want.IsZero() && (problem != "" || !at.Equal(want)) {
			t.Errorf("the form reads %q as %v, %s", text, at, problem)
		}
	}
	for _, text := range []string{"2026-03-04T10:00:00,5Z", "2026-03-04T1:00:00Z", "2026-03-04T00:30:00+24:00", "soon"} {
		if _, problem := check.ReadMoment(text); problem != templates.ProblemBadTime {
			t.Errorf("the form reads %q", text)
		}
	}
	w := s.Call("POST", web.APIPath+"/results", strings.Replace(apitest.Pass, "2026-03-04T10:00:00Z", "0001-01-01T00:00:00Z", 1))
	if w.Code != 422 || !strings.Contains(w.Body.String(), "before the year 1900") || strings.Contains(w.Body.String(), "is required") {
		t.Errorf("the first moment: got %d %s", w.Code, w.Body)
	}
}
