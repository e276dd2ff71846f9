// Package apitest is a whole server on a real issuer for tests of the doors, and browsers that visit it.
package apitest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/open-insignia/insignia/api"
	"github.com/open-insignia/insignia/api/badges"
	"github.com/open-insignia/insignia/api/check"
	"github.com/open-insignia/insignia/api/home"
	"github.com/open-insignia/insignia/api/partners"
	walletdoor "github.com/open-insignia/insignia/api/wallet"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/identity"
	"github.com/open-insignia/insignia/earner/leaving"
	"github.com/open-insignia/insignia/earner/sharecode"
	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/issuer/intake"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/merging"
	"github.com/open-insignia/insignia/issuer/training"
	"github.com/open-insignia/insignia/issuer/wallet"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/paper"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/partner/webhook"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/templates/art"
	"github.com/open-insignia/insignia/verifier"
)

// Stuck has the way out for letters take no offer.
func (s *Site) Stuck(why error) {
	s.World.Letters.Refuse = func(issuer.OfferLetter) error { return why }
}

// Site is a server on a real issuer. Each call to the partner API is held against the OpenAPI document.
type Site struct {
	*api.Server
	*issuertest.World
	*check.Own
	Given Options
	Web   *web.Site
	API   *partners.Door
	Check *check.Door
	T     testing.TB

	Trainings *training.Trainings
	Wallets   *wallet.Wallets
	Webhooks  *webhook.Webhooks
	Merging   *merging.Merging
	Imports   *intake.Imports
	Doc       *openapi3.T
	Log       bytes.Buffer

	Mailed  Mailed // to accounts
	Leaving *leaving.Requests
	Exports *leaving.Exports

	Profiles *connection.Connections
}

// Options are what a test may want otherwise.
type Options struct {
	Issuer    *issuer.Issuer
	Partners  *partner.Partners
	Earners   *earner.Accounts
	Verifier  *verifier.Verifier
	Queue     *jobs.Queue
	Elsewhere []identity.Provider // where people sign in

	BaseURL        string
	OldHosts       []string
	Site           string
	Sender         string
	Secret         []byte
	TrustedProxies []netip.Prefix
	Log            *slog.Logger
	Now            func() time.Time

	Letters      func() int64
	Ready        func(ctx context.Context) error
	Unavailable  func(err error) bool
	MetricsToken string
	Mailbox      func(frame func(*http.Request) templates.Page) http.Handler

	Records check.RecordSigner
	Version string
	Fonts   *art.Fonts
	Paper   *paper.Fonts
	Artist  catalogue.Artist

	KeyRate              int // requests a second; 0: no end of them
	Sizes, Checks, Lists *web.Throttle
	More                 func(s *Site) []web.Route // beside those of the doors
}

// The library that holds answers against the document does not know this type of itself.
func init() {
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", openapi3filter.FileBodyDecoder)
}

// New is a site with the standard programme.
func New(t testing.TB, options ...func(*Options)) *Site {
	t.Helper()
	artist := &exchanged{issuertest.Artist{}}
	s := &Site{World: issuertest.New(t, func(p *issuertest.Parts) { p.Artist = artist }), T: t}
	artist.Artist = Square{}
	s.Given = Options{
		Issuer: s.Issuer, Partners: s.Partners, Queue: s.Queue, BaseURL: issuertest.BaseURL,
		Site: "Acme Badges", Sender: "Acme Certification <badges@acme.test>", Secret: s.Secret, Now: s.Clock.Now,
		Earners: earner.New(s.DB, earner.Options{Secret: s.Secret, Letters: &s.Mailed, Now: s.Clock.Now}),
		Log:     slog.New(slog.NewJSONHandler(&s.Log, nil)), Version: "test",
		Checks: web.NewThrottle(1000, 1000, s.Clock.Now),
	}
	for _, change := range options {
		change(&s.Given)
	}
	if s.Given.Artist != nil {
		artist.Artist = s.Given.Artist
	}
	s.World.Earners = s.Given.Earners
	s.Leaving = leaving.NewRequests(s.DB, s.Queue, leaving.Options{
		Accounts: s.Given.Earners, Register: register{s.Issuer.Leaving}, Letters: &s.Mailed, Now: s.Given.Now,
	})
	s.Own = check.NewOwn(s.Issuer, s.Given.BaseURL, s.Given.Log)
	if s.Given.Verifier == nil {
		s.Given.Verifier = verifier.New(verifier.Options{Own: s.Own, Now: s.Clock.Now})
	}
	var err error
	if s.Webhooks, err = webhook.New(webhook.Options{
		DB: s.DB, Secret: s.Given.Secret, Out: egress.New(egress.Options{Loopback: true}), Now: s.Given.Now,
		Failed: func(err error) { t.Error(err) },
	}); err != nil {
		t.Fatal(err)
	}
	s.open()
	s.Doc = s.description()
	s.Log.Reset()
	return s
}

// open opens the doors as the program does.
func (s *Site) open() {
	o := s.Given
	s.Profiles = connection.New(s.DB, o.Queue, o.Earners.Ways, o.Now)
	s.Web = web.New(web.Options{
		Name: o.Site, BaseURL: o.BaseURL, Secret: o.Secret, TrustedProxies: o.TrustedProxies,
		Accounts: o.Earners, Log: o.Log, Now: o.Now, Unavailable: o.Unavailable,
	})
	codes := sharecode.New(s.DB, o.Now)
	if s.Exports == nil {
		s.Exports = leaving.NewExports(s.DB, s.Queue, leaving.ExportOptions{
			Accounts: o.Earners, Letters: &s.Mailed, Now: o.Now,
			Archive: home.NewArchive(s.Web, home.ArchiveOptions{Issuer: o.Issuer, Accounts: o.Earners, Letters: &s.Mailed, Codes: codes, Paper: paper.NewFonts("")}),
		})
	}
	s.Trainings = training.New(s.DB, o.Now)
	s.Merging = merging.New(s.DB, o.Issuer)
	s.Imports = intake.New(intake.Options{
		DB: s.DB, Issuer: o.Issuer, Partners: o.Partners, Now: o.Now, Failed: func(err error) { s.T.Error(err) },
		Read: func(ctx context.Context, body []byte) (issuer.Result, error) {
			return partners.ReadResult(ctx, o.Issuer, body)
		},
	})
	s.API = partners.New(s.Web, partners.Options{Issuer: o.Issuer, Trainings: s.Trainings, Merging: s.Merging, Partners: o.Partners, Webhooks: s.Webhooks, Imports: s.Imports, Rate: partner.NewRate(s.DB, cmp.Or(o.KeyRate, 1_000_000), o.Now)})
	s.Check = check.New(s.Web, check.Options{
		Issuer: o.Issuer, Verifier: o.Verifier, Records: o.Records, Version: o.Version, Checks: o.Checks,
		Lists: o.Lists, Codes: codes,
	})
	s.Wallets = wallet.New(s.DB, wallet.Options{Credentials: o.Issuer.Publisher, Secret: o.Secret, PINHint: templates.WalletPIN, Now: o.Now})
	doors := []api.Door{
		s.API, s.Check, walletdoor.New(s.Web, s.Wallets),
		badges.New(s.Web, badges.Options{Issuer: o.Issuer, Verifier: o.Verifier, Fonts: o.Fonts, Paper: o.Paper, Sizes: o.Sizes, Codes: codes}),
		home.New(s.Web, home.Options{
			Leaving: s.Leaving, Exports: s.Exports, Letters: &s.Mailed, Issuer: o.Issuer, Trainings: s.Trainings, Accounts: o.Earners, Wallets: s.Wallets, Mailbox: o.Mailbox != nil, Sender: o.Sender, Codes: codes,
			Passkeys: identity.NewPasskeys(s.DB, o.Secret, o.BaseURL, o.Site, o.Now),
			Providers: identity.NewProviders(identity.Options{
				DB: s.DB, Secret: o.Secret, Providers: o.Elsewhere, BaseURL: o.BaseURL, Transport: http.DefaultTransport, Now: o.Now,
			}),
			Profiles: s.Profiles, Merging: s.Merging,
		}),
	}
	if o.More != nil {
		doors = append(doors, more{o.More(s)})
	}
	var mailbox http.Handler
	if o.Mailbox != nil {
		mailbox = o.Mailbox(s.Web.FrameOf)
	}
	s.Server = api.New(api.Options{
		Site: s.Web, OldHosts: o.OldHosts, Doors: doors, Ready: o.Ready, MetricsToken: o.MetricsToken, Mailbox: mailbox,
		Version: o.Version,
		Counts: api.Counts{
			Made: o.Issuer.Made, Letters: o.Letters, Statements: s.DB.Statements, Checked: s.Check.Verdicts,
			Jobs: func(ctx context.Context) (api.Jobs, error) {
				stats, err := o.Queue.Stats(ctx)
				return api.Jobs(stats), err
			},
		},
	})
}

// Forget is the site as it is when it starts, with nothing rendered yet.
func (s *Site) Forget() { s.open() }

type more struct{ routes []web.Route }

func (m more) Routes() []web.Route { return m.routes }

// description is the OpenAPI document as it is served.
func (s *Site) description() *openapi3.T {
	s.T.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", web.SpecPath, nil))
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		s.T.Fatal(err)
	}
	return doc
}

// exchanged is an artist that comes when the programme stands.
type exchanged struct{ catalogue.Artist }

// Square draws real pictures of one colour.
type Square struct{ issuertest.Artist }

func (Square) Raster(_ []byte, size int) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White}))
	return b.Bytes(), err
}

// Ask is a request without a key.
func (s *Site) Ask(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	s.T.Helper()
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

// Call is a request of TestCo's.
func (s *Site) Call(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	s.T.Helper()
	return s.Ask(method, target, body, append([]string{"Authorization", "Bearer " + s.Key}, headers...)...)
}

// post is a call that must be answered with the status; the answer is decoded.
func (s *Site) Want(status int, method, path, body string, headers ...string) map[string]any {
	s.T.Helper()
	w := s.Call(method, web.APIPath+path, body, headers...)
	if w.Code != status {
		s.T.Fatalf("%s %s: got %d %s, want %d", method, path, w.Code, w.Body, status)
	}
	return Object(s.T, w)
}

func Object(t testing.TB, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("answer %q: %v", w.Body, err)
	}
	return v
}

// check holds a request and its answer against the OpenAPI document: every answer, and every request that
// was not refused.
func (s *Site) check(r *http.Request, body string, w *httptest.ResponseRecorder) {
	s.T.Helper()
	path, inside := strings.CutPrefix(r.URL.EscapedPath(), web.APIPath)
	if !inside || path == "/docs" || path == "/openapi.json" || r.Method == http.MethodHead || w.Code == 404 && strings.Contains(w.Body.String(), "nothing at this") || w.Code == 405 {
		return
	}
	route, parameters := s.route(r.Method, path)
	if route == nil {
		s.T.Fatalf("%s %s is not in the OpenAPI document", r.Method, path)
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	in := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: parameters, QueryParams: r.URL.Query(), Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
			MultiError: true,
		},
	}
	if w.Code < 300 {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			s.T.Errorf("%s %s was taken, but the OpenAPI document has: %v", r.Method, path, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: w.Code, Header: w.Header(),
		Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())), Options: in.Options}
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		s.T.Errorf("answer to %s %s: %v\n%s", r.Method, path, err, w.Body)
	}
}

// route finds the operation of a path as it was sent.
func (s *Site) route(method, path string) (*routers.Route, map[string]string) {
	sent := strings.Split(path, "/")
	for _, pattern := range s.Doc.Paths.InMatchingOrder() {
		item := s.Doc.Paths.Value(pattern)
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
			return &routers.Route{
				Spec: s.Doc, Server: s.Doc.Servers[0], Path: pattern, PathItem: item, Method: method,
				Operation: operation,
			}, parameters
		}
	}
	return nil, nil
}

// ShowTo makes an award visible to strangers, or private.
func (s *Site) ShowTo(award, visibility string) {
	s.T.Helper()
	h := issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}
	if err := s.Accept(context.Background(), h, award, visibility); err != nil {
		s.T.Fatal(err)
	}
	if err := s.Show(context.Background(), h, award, visibility); err != nil {
		s.T.Fatal(err)
	}
}

const Pass = `{"id":"R-1","candidate":{"id":"C-77","email":"ana@home.test","name":"Ana Ruiz","locale":"es"},
 "exam":"E2","outcome":"pass","score":812,"max_score":1000,"taken_at":"2026-03-04T10:00:00Z",
 "identity_check":{"method":"government-id","matched":true}}`

// PassOf is a pass of an exam under an id.
func PassOf(id, exam string) string {
	return strings.NewReplacer(`"R-1"`, `"`+id+`"`, `"E2"`, `"`+exam+`"`).Replace(Pass)
}

// AwardID is the first award in a receipt.
func AwardID(receipt map[string]any) string {
	return receipt["awards"].([]any)[0].(map[string]any)["id"].(string)
}

// Varies reports whether an answer says that it depends on a request header.
func Varies(h http.Header, name string) bool { return slices.Contains(h.Values("Vary"), name) }

func Itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func WrongCode(right, other string) string {
	if right == other {
		return "999999"
	}
	return other
}

func HeldCheck() *issuer.IdentityCheck { return &issuer.IdentityCheck{Method: "government-id"} }

func NewRequest() *http.Request { r, _ := http.NewRequest("GET", "/", nil); return r }

func MustPrefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }

func Form(t *testing.T, parts ...string) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k := 0; k < len(parts); k += 2 {
		name, isFile := strings.CutPrefix(parts[k], "@")
		create := w.CreateFormField
		if isFile {
			create = func(name string) (io.Writer, error) { return w.CreateFormFile(name, "badge.png") }
		}
		part, err := create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(parts[k+1]))
	}
	_ = w.Close()
	return b.String(), w.FormDataContentType()
}

const Issuer1 = "https://badges.acme.test"

// Faults are the pointers and codes of a problem's errors, in order.
func Faults(problem map[string]any) (list []string) {
	errors, _ := problem["errors"].([]any)
	for _, e := range errors {
		m := e.(map[string]any)
		list = append(list, fmt.Sprint(m["pointer"], " ", m["code"]))
	}
	return list
}

// Forms are the addresses below /badges/{id} that are no page.
var Forms = []string{
	"/assertion.json", "/assertion.jws", "/credential.json", "/credential.jwt", "/badge.png", "/badge.svg",
	"/image.png", "/card.png", "/qr.png", "/qr.svg",
}

// badge posts a pass and makes its badge visible.
func (s *Site) Badge1(visibility string) string {
	s.T.Helper()
	id := AwardID(s.Want(http.StatusCreated, "POST", "/results", Pass))
	s.ShowTo(id, visibility)
	return id
}

// Mailed keeps what would have been mailed to accounts.
type Mailed struct {
	Codes   []earner.CodeLetter
	Joined  []earner.Added
	Changes []earner.Change
	Left    []leaving.Letter
}

func (m *Mailed) Code(_ context.Context, _ *database.Tx, l earner.CodeLetter) error {
	m.Codes = append(m.Codes, l)
	return nil
}

func (m *Mailed) Added(_ context.Context, _ *database.Tx, a earner.Added) error {
	m.Joined = append(m.Joined, a)
	return nil
}

func (m *Mailed) Changed(_ context.Context, _ *database.Tx, c earner.Change) error {
	m.Changes = append(m.Changes, c)
	return nil
}

// Leaving keeps the letter to somebody who leaves.
func (m *Mailed) Leaving(_ context.Context, _ *database.Tx, l leaving.Letter) error {
	m.Left = append(m.Left, l)
	return nil
}

// Sent are those that somebody got about leaving.
func (m *Mailed) Sent(context.Context, leaving.Person) (list []leaving.Sent, err error) {
	for _, l := range m.Left {
		list = append(list, leaving.Sent{Kind: "leaving", To: l.Person.Addresses[0], State: "sent"})
	}
	return list, nil
}

// Erase forgets nothing: tests look at what was written.
func (*Mailed) Erase(context.Context, *database.Tx, leaving.Person) error { return nil }

// register is the issuer for those who have data erased, as the program has it.
type register struct{ departures issuer.Departures }

func holder(p leaving.Person) issuer.Holder {
	return issuer.Holder{ID: p.Account, Addresses: p.Addresses, Sandbox: p.Sandbox}
}

func (r register) Withdraw(ctx context.Context, p leaving.Person) error {
	return r.departures.Withdraw(ctx, holder(p))
}

func (r register) Erase(ctx context.Context, t *database.Tx, p leaving.Person, withdrawn bool) (left int, err error) {
	return r.departures.Erase(ctx, t, holder(p), withdrawn)
}

// Achievement1 is the achievement of a badge.
func (s *Site) Achievement1(badge string) string {
	s.T.Helper()
	b, _, err := s.Published(context.Background(), badge)
	if err != nil {
		s.T.Fatal(err)
	}
	return b.Achievement.ID
}
