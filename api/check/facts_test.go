package check_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/check"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// life is what may become of a badge of C7, earned on a day, and what is then to be told of it everywhere.
type life struct {
	name, first string
	live        func(v *apitest.Visitors, award string)
	want        told
}

func lives() []life {
	post := func(path, body string) func(v *apitest.Visitors, award string) {
		return func(v *apitest.Visitors, award string) {
			v.Want(http.StatusOK, "POST", strings.ReplaceAll(path, "{a}", award), body)
		}
	}
	const both, internal = `{"reason":"case 4711","public_reason":"We are looking into it"}`, `{"reason":"case 4711"}`
	return []life{
		{"current", "2026-02-01", nil, told{"valid", "2026-02-01", "2027-02-01", "Ana Ruiz", ""}},
		{"over before it was signed", "2024-02-29", nil, told{"expired", "2024-02-29", "2025-02-28", "Ana Ruiz", ""}},
		{"over before it was signed, renamed", "2024-02-29", post("/candidates/C-77/name", `{"name":"Ana M. Ruiz","reason":"typo"}`), told{"expired", "2024-02-29", "2025-02-28", "Ana M. Ruiz", ""}},
		{"over later", "2026-02-01", func(v *apitest.Visitors, _ string) { v.Clock.Advance(400 * 24 * time.Hour) }, told{"expired", "2026-02-01", "2027-02-01", "Ana Ruiz", ""}},
		{"renewed", "2025-04-01", func(v *apitest.Visitors, _ string) { v.Post(issuertest.Pass("R-2", "E7", "2026-02-01")) }, told{"valid", "2025-04-01", "2027-04-01", "Ana Ruiz", ""}},
		{"renamed", "2026-02-01", post("/candidates/C-77/name", `{"name":"Ana M. Ruiz","reason":"typo"}`), told{"valid", "2026-02-01", "2027-02-01", "Ana M. Ruiz", ""}},
		{"suspended", "2026-02-01", post("/awards/{a}/suspend", both), told{"suspended", "2026-02-01", "2027-02-01", "Ana Ruiz", "We are looking into it"}},
		{"suspended without a word", "2026-02-01", post("/awards/{a}/suspend", internal), told{"suspended", "2026-02-01", "2027-02-01", "Ana Ruiz", ""}},
		{"reinstated", "2026-02-01", func(v *apitest.Visitors, award string) {
			post("/awards/{a}/suspend", both)(v, award)
			v.Clock.Advance(time.Minute)
			post("/awards/{a}/reinstate", both)(v, award)
		}, told{"valid", "2026-02-01", "2027-02-01", "Ana Ruiz", ""}},
		{"revoked", "2026-02-01", post("/awards/{a}/revoke", both), told{"revoked", "2026-02-01", "2027-02-01", "Ana Ruiz", "We are looking into it"}},
		{"revoked without a word", "2026-02-01", post("/awards/{a}/revoke", internal), told{"revoked", "2026-02-01", "2027-02-01", "Ana Ruiz", ""}},
		{"voided", "2026-02-01", post("/results/R-1/void", internal), told{"revoked", "2026-02-01", "2027-02-01", "Ana Ruiz", "result_voided"}},
	}
}

// Every place that tells something of a badge of ours tells the same: pages, files, answers, table, record, and a
// stranger's verifier as far as the documents say it to strangers.
func TestOneSetOfFacts(t *testing.T) {
	for _, c := range lives() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v, _ := newRecorders(t)
			award := ""
			for _, a := range v.Post(issuertest.Pass("R-1", "E7", c.first)) {
				award = a.ID
			}
			v.ShowTo(award, ledger.ByLink)
			if c.live != nil {
				c.live(v, award)
				v.Clock.Advance(2 * time.Minute) // what may be kept for a minute is over
				v.Work(t)
			}
			same := func(place string, got told) {
				t.Helper()
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", place, diff)
				}
			}
			a := v.Want(http.StatusOK, "GET", "/awards/"+award, "")
			same("awards API", told{a["validity"].(string), a["earned_on"].(string), a["expires_on"].(string), c.want.Holder, c.want.Reason})

			page := issuertest.BaseURL + "/badges/" + award
			inputs := map[string]string{"page": page, "assertion.json": page + "/assertion.json"}
			for _, form := range []string{"/assertion.jws", "/credential.json", "/credential.jwt"} {
				inputs[form[1:]] = v.Ask("GET", "/badges/"+award+form, "").Body.String()
			}
			for name, input := range inputs {
				same("POST /verify of "+name, toldBy(v, v.Ask("POST", web.APIPath+"/verify", string(web.EncodeJSON(map[string]string{"input": input})))))
				toldToStrangers(v, name, input, c.want)
			}
			same("table", toldInTable(v, page))
			same("table of 2.0", toldInTable(v, page+"/assertion.json"))
			toldToPeople(v, award, c.want)
		})
	}
}

// An edition that was replaced says so in every form, and tells what was so when it was signed.
func TestReplacedEditionsSaySo(t *testing.T) {
	for name, live := range map[string]func(v *apitest.Visitors){
		"renewed": func(v *apitest.Visitors) { v.Post(issuertest.Pass("R-2", "E7", "2026-02-01")) },
		"renamed": func(v *apitest.Visitors) {
			v.Want(http.StatusOK, "POST", "/candidates/C-77/name", `{"name":"Ana M. Ruiz","reason":"typo"}`)
		},
		"in another's place": func(v *apitest.Visitors) { v.Post(issuertest.Pass("R-0", "E7", "2024-12-01")) },
	} {
		v := apitest.NewVisitors(t)
		first := "2025-04-01"
		if name == "in another's place" { // two earnings, which the late result joins
			v.Post(issuertest.Pass("R-9", "E7", "2024-02-01"))
			first = "2025-11-01"
		}
		awards := v.Post(issuertest.Pass("R-1", "E7", first))
		award := awards[len(awards)-1].ID
		v.ShowTo(award, ledger.ByLink)
		before := map[string]string{}
		for _, form := range []string{"/assertion.jws", "/credential.json", "/credential.jwt"} {
			before[form] = v.Ask("GET", "/badges/"+award+form, "").Body.String()
		}
		v.Clock.Advance(time.Minute)
		live(v)
		v.Clock.Advance(2 * time.Minute)
		for form, input := range before {
			w := v.Ask("POST", web.APIPath+"/verify", string(web.EncodeJSON(map[string]string{"input": input})))
			if got := toldBy(v, w); got.Status != "superseded" || got.Issued != first {
				t.Errorf("%s, %s: got %+v\n%s", name, form, got, w.Body)
			}
		}
	}
}

// toldBy reads a report.
func toldBy(v *apitest.Visitors, w *httptest.ResponseRecorder) told {
	v.T.Helper()
	var r verifier.Report
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || r.Badge == nil {
		v.T.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return toldIn(&r)
}

// toldInTable has a link judged in a list of many. Its reason is a sentence that ends with the issuer's.
func toldInTable(v *apitest.Visitors, link string) told {
	v.T.Helper()
	b := v.Open()
	p := b.Get("/verify/many").Press("Check these badges", "input", link)
	v.Check.JudgeNext(context.Background())
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.Get(p.Path+"/results.csv").Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 {
		v.T.Fatalf("got %v, error %v", rows, err)
	}
	cell := func(name string) string { return rows[1][slices.Index(rows[0], name)] }
	_, reason, _ := strings.Cut(cell("reason"), "Reason: ")
	day := func(name string) string { d, _, _ := strings.Cut(cell(name), "T"); return d }
	return told{cell("verdict"), day("issued_on"), day("expires_on"), cell("recipient"), reason}
}

// toldToPeople reads the badge's page, the answer of a check, and the record of it as page, JSON and PDF. None of
// them names the person in a record.
func toldToPeople(v *apitest.Visitors, award string, want told) {
	v.T.Helper()
	b := v.Open()
	date := func(day string) string {
		d, err := time.Parse(time.DateOnly, day)
		if err != nil {
			v.T.Fatal(err)
		}
		return templates.Date("en", d)
	}
	says := []string{date(want.Issued)}
	if want.Status == "valid" || want.Status == "expired" {
		says = append(says, date(want.Expires))
	}
	reason := want.Reason
	if reason == "result_voided" {
		reason = "exam result corrected"
	}
	if reason != "" {
		says = append(says, reason)
	}
	b.Get("/badges/"+award).Want(200, want.Holder).Says(says...)
	answer := b.Get("/verify?url=" + issuertest.BaseURL + "/badges/" + award).Says(append(says, want.Holder, date(want.Expires))...)
	answer.Press("Page to print").Want(200, "Record of a check").Says(append(says, date(want.Expires))...).Hides(want.Holder)
	var file check.RecordFile
	var r verifier.Receipt
	if err := json.Unmarshal([]byte(answer.Press("JSON file").Body), &file); err != nil {
		v.T.Fatal(err)
	}
	if err := json.Unmarshal(file.Record, &r); err != nil || r.Badge == nil {
		v.T.Fatalf("%s: %v", file.Record, err)
	}
	got := told{string(r.Verdict), dayOf(r.Badge.IssuedOn), dayOf(r.Badge.ExpiresOn), want.Holder, r.Reason}
	if diff := cmp.Diff(want, got); diff != "" {
		v.T.Errorf("record (-want +got):\n%s", diff)
	}
	if pdf := answer.Press("PDF"); !bytes.HasPrefix([]byte(pdf.Body), []byte("%PDF-")) || !strings.Contains(pdf.Body, file.Signed) {
		v.T.Error("the PDF is no record of the same text")
	} else if program, err := exec.LookPath("pdftotext"); err == nil {
		command := exec.Command(program, "-", "-")
		command.Stdin = strings.NewReader(pdf.Body)
		text, err := command.Output()
		words := strings.Join(strings.Fields(string(text)), " ")
		if reason == "" {
			reason = " " // any words at all
		}
		if err != nil || !strings.Contains(words, reason) || !strings.Contains(words, says[0]) || strings.Contains(words, want.Holder) {
			v.T.Errorf("the PDF says %q, error %v", words, err)
		}
	}
}

// toldToStrangers judges with a verifier that knows nothing but what this server serves, as the command line does.
// 3.0 has one bit for holds and withdrawals, a withdrawn 2.0 badge has no dates, and only credentials name people.
func toldToStrangers(v *apitest.Visitors, name, input string, want told) {
	v.T.Helper()
	r := verifier.New(verifier.Options{Fetch: overTheWire{v}, Now: v.Clock.Now}).Verify(context.Background(), verifier.Input{Data: []byte(input)})
	if want.Status == "suspended" {
		want.Status = "revoked"
	}
	if r.Badge == nil || string(r.Verdict) != want.Status {
		v.T.Errorf("%s, to a stranger: got %s, want %s\n%s", name, r.Verdict, want.Status, web.EncodeJSON(r.Checks))
		return
	}
	got := toldIn(r)
	if got.Issued != "" && (got.Issued != want.Issued || got.Expires != want.Expires) || check.Personal(got.Holder) && got.Holder != want.Holder ||
		got.Reason != "" && got.Reason != want.Reason && (want.Reason != "" || !strings.HasSuffix(got.Reason, "by its issuer.")) {
		v.T.Errorf("%s, to a stranger: got %+v, want %+v", name, got, want)
	}
	for k, check := range r.Checks {
		if check.Outcome == verifier.Warning || slices.Contains(r.Checks[:k], check) {
			v.T.Errorf("%s, to a stranger: %+v", name, check)
		}
	}
}

// told is what a place tells of a badge.
type told struct{ Status, Issued, Expires, Holder, Reason string }

func toldIn(r *verifier.Report) told {
	return told{string(r.Verdict), dayOf(r.Badge.IssuedOn), dayOf(r.Badge.ExpiresOn), r.Badge.Recipient, r.Reason}
}

// overTheWire fetches from a site as others do.
type overTheWire struct{ v *apitest.Visitors }

func (f overTheWire) Fetch(_ context.Context, r egress.Request) (*egress.Response, error) {
	path := strings.TrimPrefix(r.URL, issuertest.BaseURL)
	w := f.v.Ask("GET", path, "", "Accept", r.Accept)
	return &egress.Response{URL: r.URL, Status: w.Code, ContentType: w.Header().Get("Content-Type"), Body: w.Body.Bytes()}, nil
}

func dayOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.DateOnly)
}
