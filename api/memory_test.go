package api_test

import (
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
)

// TestMemoryOfBodies: no body that a handler takes makes it use more memory than it should, however it is made.
// What is allocated is counted and not what is held at the worst moment, which is less and hangs on the collector.
func TestMemoryOfBodies(t *testing.T) {
	s := apitest.New(t, func(o *apitest.Options) {
		o.Lists = web.NewThrottle(1e6, 1e6, o.Now)
	})
	const formMost = 64 << 10
	const manyPath, recordPath, cellsMost = "/verify/many", "/verify/record", 500 * 200
	parts := func(name, text string) (body, media string) { return apitest.Form(t, name, text) }
	typed := func(name, text string) (body, media string) {
		return url.Values{name: {text}}.Encode(), "application/x-www-form-urlencoded"
	}
	asJSON := func(_, text string) (body, media string) { return `{"input":"` + text + `"}`, "application/json" }
	whole := func(_, text string) (body, media string) { return text, "application/json" }
	fill := func(text string, size int) string { return strings.Repeat(text, size/len(text)) }
	const list, document = web.ListBodyMost - 100, web.VerifyBodyMost - 1000
	verify := web.APIPath + "/verify"

	type worst struct {
		name, path string
		write      func(name, text string) (body, media string)
		part, text string
		most       uint64 // MiB
	}
	cases := []worst{
		{"list of commas", manyPath, parts, "@file", fill(",", list), 16},
		{"list of short lines", manyPath, parts, "@file", fill("a\n", list), 16},
		{"list of words", manyPath, parts, "@file", fill("a ", list), 16},
		{"list of links", manyPath, parts, "@file", fill("https://a.test/\n", list), 64},
		{"list of cells that just fit", manyPath, parts, "@file", fill("a,", 2*cellsMost), 64},
		{"list of quotes", manyPath, parts, "@file", fill(`"`, list), 64},
		{"list in UTF-16", manyPath, parts, "@file", "\xff\xfe" + fill(",\x00", list), 24},
		{"pasted list", manyPath, typed, "input", fill(",", list/3), 16},
		{"list of 8 MB", manyPath, parts, "@file", fill("a,", document), 16},
		{"links to /verify", web.VerifyPath, typed, "input", fill("https://a.test/\n", list/2), 64},
		{"lines to /verify", web.VerifyPath, typed, "input", "https://a.test/\n" + fill("a\n", list/3), 64},
		{"commas as a file", web.VerifyPath, parts, "@file", fill(",", document), 96},
		{"nested JSON", web.VerifyPath, parts, "@file", fill("[", document), 96},
		{"many members", web.VerifyPath, parts, "@file", "[" + fill("{},", document) + "{}]", 96},
		{"nested JSON by the API", verify, parts, "@file", fill("[", document), 96},
		{"many members by the API", verify, parts, "@file", "[" + fill("{},", document) + "{}]", 96},
		{"text by the API", verify, asJSON, "", fill("a ", document), 128},
		{"record", recordPath, parts, "record", fill("eyJ.", document), 96},
		{"record as a file", web.VerifyPath, parts, "@file", "%PDF-" + fill("eyJa.eyJa.a ", document), 96},
	}
	for _, r := range s.Routes() {
		if r.Method == "POST" || r.Method == "PUT" || r.Method == "PATCH" || r.Method == "DELETE" {
			path := strings.NewReplacer(":", "x", "*", "x").Replace(r.Path)
			cases = append(cases,
				worst{r.Method + " commas", path, whole, "", fill(",", document), 128},
				worst{r.Method + " members", path, whole, "", `{"results":[` + fill("{},", web.BodyMost-100) + `{}]}`, 128},
				worst{r.Method + " fields", path, typed, "a", fill("%26", formMost), 64})
		}
	}
	for _, c := range cases {
		body, media := c.write(c.part, c.text)
		method, _, _ := strings.Cut(c.name, " ")
		if strings.ToUpper(method) != method {
			method = "POST"
		}
		r := httptest.NewRequest(method, c.path, strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if strings.HasPrefix(c.path, web.APIPath) {
			r.Header.Set("Authorization", "Bearer "+s.Key)
		}
		w := httptest.NewRecorder()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s.ServeHTTP(w, r)
		runtime.ReadMemStats(&after)
		used := (after.TotalAlloc - before.TotalAlloc) >> 20
		if w.Code >= 500 || used > raceFactor*c.most {
			t.Errorf("%s to %s: %d MiB of %d, status %d", c.name, c.path, used, c.most, w.Code)
		}
	}
}
