package api

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/verifier"
)

// site is a server on a real issuer. Each call to the partner API is held against the OpenAPI document.
type site struct {
	*Server
	*issuertest.World
	*Own
	t   testing.TB
	doc *openapi3.T
	log bytes.Buffer

	mailed mailed // to accounts
}

// mailed keeps what would have been mailed to accounts.
type mailed struct {
	codes []earner.CodeLetter
	added []earner.Added
}

func (m *mailed) Code(_ context.Context, _ *database.Tx, l earner.CodeLetter) error {
	m.codes = append(m.codes, l)
	return nil
}

func (m *mailed) Added(_ context.Context, _ *database.Tx, a earner.Added) error {
	m.added = append(m.added, a)
	return nil
}

func newSite(t testing.TB, options ...func(*Options)) *site {
	t.Helper()
	s := &site{World: issuertest.New(t), t: t, doc: loadOpenAPI(t)}
	s.Artist = square{}
	o := Options{
		Issuer: s.Issuer, Partners: s.Partners, Queue: s.Queue, BaseURL: issuertest.BaseURL, Site: "Acme Badges", Secret: s.Secret, Now: s.Clock.Now,
		Earners: earner.New(s.DB, earner.Options{Secret: s.Secret, Letters: &s.mailed, Now: s.Clock.Now}),
		Log:     slog.New(slog.NewJSONHandler(&s.log, nil)),
		Version: "test",
	}
	for _, change := range options {
		change(&o)
	}
	s.Issuer.Accounts = o.Earners
	s.Own = NewOwn(s.Issuer, o.BaseURL, o.Log)
	if o.Verifier == nil {
		o.Verifier = verifier.New(verifier.Options{Own: s.Own, Now: s.Clock.Now})
	}
	s.Server = New(o)
	s.checks = newThrottle(1000, 1000, o.Now)
	return s
}

// square draws real pictures of one colour.
type square struct{ issuertest.Artist }

func (square) Raster(_ []byte, size int) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White}))
	return b.Bytes(), err
}

// ask is a request without a key.
func (s *site) ask(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for k := 0; k < len(headers); k += 2 {
		r.Header.Del(headers[k])
		if headers[k+1] != "" {
			r.Header.Add(headers[k], headers[k+1])
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	s.check(r, body, w)
	return w
}

// call is a request of TestCo's.
func (s *site) call(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.ask(method, target, body, append([]string{"Authorization", "Bearer " + s.Key}, headers...)...)
}

// post is a call that must be answered with the status; the answer is decoded.
func (s *site) want(status int, method, path, body string, headers ...string) map[string]any {
	s.t.Helper()
	w := s.call(method, apiPath+path, body, headers...)
	if w.Code != status {
		s.t.Fatalf("%s %s: got %d %s, want %d", method, path, w.Code, w.Body, status)
	}
	return object(s.t, w)
}

func object(t testing.TB, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("answer %q: %v", w.Body, err)
	}
	return v
}

// check holds a request and its answer against the OpenAPI document: every answer, and every request that
// was not refused.
func (s *site) check(r *http.Request, body string, w *httptest.ResponseRecorder) {
	s.t.Helper()
	path, inside := strings.CutPrefix(r.URL.EscapedPath(), apiPath)
	if !inside || path == "/docs" || path == "/openapi.json" || r.Method == http.MethodHead || w.Code == 404 && strings.Contains(w.Body.String(), "nothing at this") || w.Code == 405 {
		return
	}
	route, parameters := s.route(r.Method, path)
	if route == nil {
		s.t.Fatalf("%s %s is not in the OpenAPI document", r.Method, path)
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: parameters, QueryParams: r.URL.Query(), Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true}}
	if w.Code < 300 {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			s.t.Errorf("%s %s was taken, but the OpenAPI document has: %v", r.Method, path, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: w.Code, Header: w.Header(),
		Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())), Options: in.Options}
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		s.t.Errorf("answer to %s %s: %v\n%s", r.Method, path, err, w.Body)
	}
}

// route finds the operation of a path as it was sent.
func (s *site) route(method, path string) (*routers.Route, map[string]string) {
	sent := strings.Split(path, "/")
	for _, pattern := range s.doc.Paths.InMatchingOrder() {
		item := s.doc.Paths.Value(pattern)
		parts, parameters := strings.Split(pattern, "/"), map[string]string{}
		same := len(parts) == len(sent)
		for k := 0; same && k < len(parts); k++ {
			if name, isParameter := strings.CutPrefix(parts[k], "{"); isParameter {
				parameters[strings.TrimSuffix(name, "}")], _ = url.PathUnescape(sent[k])
			} else {
				same = parts[k] == sent[k]
			}
		}
		if operation := item.Operations()[method]; same && operation != nil {
			return &routers.Route{Spec: s.doc, Server: s.doc.Servers[0], Path: pattern, PathItem: item, Method: method, Operation: operation}, parameters
		}
	}
	return nil, nil
}

// accept makes an award visible to strangers, or private.
func (s *site) accept(award, visibility string) {
	s.t.Helper()
	h := issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}
	if err := s.Accept(context.Background(), h, award, visibility); err != nil {
		s.t.Fatal(err)
	}
	if err := s.Show(context.Background(), h, award, visibility); err != nil {
		s.t.Fatal(err)
	}
}

const pass = `{"id":"R-1","candidate":{"id":"C-77","email":"ana@home.test","name":"Ana Ruiz","locale":"es"},
 "exam":"E2","outcome":"pass","score":812,"max_score":1000,"taken_at":"2026-03-04T10:00:00Z",
 "identity_check":{"method":"government-id","matched":true}}`

// passOf is a pass of an exam under an id.
func passOf(id, exam string) string {
	return strings.NewReplacer(`"R-1"`, `"`+id+`"`, `"E2"`, `"`+exam+`"`).Replace(pass)
}

// awardID is the first award in a receipt.
func awardID(receipt map[string]any) string {
	return receipt["awards"].([]any)[0].(map[string]any)["id"].(string)
}
