package api

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

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// told is what a place tells of a badge.
type told struct{ Status, Issued, Expires, Holder, Reason string }

// life is what may become of a badge of C7, earned on a day, and what is then to be told of it everywhere.
type life struct {
	name, first string
	live        func(v *visitors, award string)
	want        told
}

func lives() []life {
	post := func(path, body string) func(v *visitors, award string) {
		return func(v *visitors, award string) {
			v.want(http.StatusOK, "POST", strings.ReplaceAll(path, "{a}", award), body)
		}
	}
	const both, internal = `{"reason":"case 4711","public_reason":"We are looking into it"}`, `{"reason":"case 4711"}`
	return []life{
		{"current", "2026-02-01", nil, told{"valid", "2026-02-01", "2027-02-01", "Ana Ruiz", ""}},
		{"over before it was signed", "2024-02-29", nil, told{"expired", "2024-02-29", "2025-02-28", "Ana Ruiz", ""}},
		{"over before it was signed, renamed", "2024-02-29", post("/candidates/C-77/name", `{"name":"Ana M. Ruiz","reason":"typo"}`), told{"expired", "2024-02-29", "2025-02-28", "Ana M. Ruiz", ""}},
		{"over later", "2026-02-01", func(v *visitors, _ string) { v.Clock.Advance(400 * 24 * time.Hour) }, told{"expired", "2026-02-01", "2027-02-01", "Ana Ruiz", ""}},
		{"renewed", "2025-04-01", func(v *visitors, _ string) { v.record(issuertest.Pass("R-2", "E7", "2026-02-01")) }, told{"valid", "2025-04-01", "2027-04-01", "Ana Ruiz", ""}},
		{"renamed", "2026-02-01", post("/candidates/C-77/name", `{"name":"Ana M. Ruiz","reason":"typo"}`), told{"valid", "2026-02-01", "2027-02-01", "Ana M. Ruiz", ""}},
		{"suspended", "2026-02-01", post("/awards/{a}/suspend", both), told{"suspended", "2026-02-01", "2027-02-01", "Ana Ruiz", "We are looking into it"}},
		{"suspended without a word", "2026-02-01", post("/awards/{a}/suspend", internal), told{"suspended", "2026-02-01", "2027-02-01", "Ana Ruiz", ""}},
		{"reinstated", "2026-02-01", func(v *visitors, award string) {
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
			for _, a := range v.record(issuertest.Pass("R-1", "E7", c.first)) {
				award = a.ID
			}
			v.accept(award, issuer.ByLink)
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
			a := v.want(http.StatusOK, "GET", "/awards/"+award, "")
			same("awards API", told{a["validity"].(string), a["earned_on"].(string), a["expires_on"].(string), c.want.Holder, c.want.Reason})

			page := issuertest.BaseURL + "/badges/" + award
			inputs := map[string]string{"page": page, "assertion.json": page + "/assertion.json"}
			for _, form := range []string{"/assertion.jws", "/credential.json", "/credential.jwt"} {
				inputs[form[1:]] = v.ask("GET", "/badges/"+award+form, "").Body.String()
			}
			for name, input := range inputs {
				same("POST /verify of "+name, toldBy(v, v.ask("POST", apiPath+"/verify", string(encode(map[string]string{"input": input})))))
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
	for name, live := range map[string]func(v *visitors){
		"renewed": func(v *visitors) { v.record(issuertest.Pass("R-2", "E7", "2026-02-01")) },
		"renamed": func(v *visitors) {
			v.want(http.StatusOK, "POST", "/candidates/C-77/name", `{"name":"Ana M. Ruiz","reason":"typo"}`)
		},
		"in another's place": func(v *visitors) { v.record(issuertest.Pass("R-0", "E7", "2024-12-01")) },
	} {
		v := newVisitors(t)
		first := "2025-04-01"
		if name == "in another's place" { // two earnings, which the late result joins
			v.record(issuertest.Pass("R-9", "E7", "2024-02-01"))
			first = "2025-11-01"
		}
		awards := v.record(issuertest.Pass("R-1", "E7", first))
		award := awards[len(awards)-1].ID
		v.accept(award, issuer.ByLink)
		before := map[string]string{}
		for _, form := range []string{"/assertion.jws", "/credential.json", "/credential.jwt"} {
			before[form] = v.ask("GET", "/badges/"+award+form, "").Body.String()
		}
		v.Clock.Advance(time.Minute)
		live(v)
		v.Clock.Advance(2 * time.Minute)
		for form, input := range before {
			w := v.ask("POST", apiPath+"/verify", string(encode(map[string]string{"input": input})))
			if got := toldBy(v, w); got.Status != "superseded" || got.Issued != first {
				t.Errorf("%s, %s: got %+v\n%s", name, form, got, w.Body)
			}
		}
	}
}

// toldBy reads a report.
func toldBy(v *visitors, w *httptest.ResponseRecorder) told {
	v.t.Helper()
	var r verifier.Report
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || r.Badge == nil {
		v.t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return toldIn(&r)
}

func toldIn(r *verifier.Report) told {
	return told{string(r.Verdict), dayOf(r.Badge.IssuedOn), dayOf(r.Badge.ExpiresOn), r.Badge.Recipient, r.Reason}
}

func dayOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.DateOnly)
}

// toldInTable has a link judged in a list of many. Its reason is a sentence that ends with the issuer's.
func toldInTable(v *visitors, link string) told {
	v.t.Helper()
	b := v.open()
	p := b.get("/verify/many").press("Check these badges", "input", link)
	judgeNext(v, context.Background())
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.get(p.path+"/results.csv").body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 {
		v.t.Fatalf("got %v, error %v", rows, err)
	}
	cell := func(name string) string { return rows[1][slices.Index(rows[0], name)] }
	_, reason, _ := strings.Cut(cell("reason"), "Reason: ")
	day := func(name string) string { d, _, _ := strings.Cut(cell(name), "T"); return d }
	return told{cell("verdict"), day("issued_on"), day("expires_on"), cell("recipient"), reason}
}

// toldToPeople reads the badge's page, the answer of a check, and the record of it as page, JSON and PDF. None of
// them names the person in a record.
func toldToPeople(v *visitors, award string, want told) {
	v.t.Helper()
	b := v.open()
	date := func(day string) string {
		d, err := time.Parse(time.DateOnly, day)
		if err != nil {
			v.t.Fatal(err)
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
	b.get("/badges/"+award).want(200, want.Holder).says(says...)
	answer := b.get("/verify?url=" + issuertest.BaseURL + "/badges/" + award).says(append(says, want.Holder, date(want.Expires))...)
	answer.press("Page to print").want(200, "Record of a check").says(append(says, date(want.Expires))...).hides(want.Holder)
	var file recordFile
	var r verifier.Receipt
	if err := json.Unmarshal([]byte(answer.press("JSON file").body), &file); err != nil {
		v.t.Fatal(err)
	}
	if err := json.Unmarshal(file.Record, &r); err != nil || r.Badge == nil {
		v.t.Fatalf("%s: %v", file.Record, err)
	}
	got := told{string(r.Verdict), dayOf(r.Badge.IssuedOn), dayOf(r.Badge.ExpiresOn), want.Holder, r.Reason}
	if diff := cmp.Diff(want, got); diff != "" {
		v.t.Errorf("record (-want +got):\n%s", diff)
	}
	if pdf := answer.press("PDF"); !bytes.HasPrefix([]byte(pdf.body), []byte("%PDF-")) || !strings.Contains(pdf.body, file.Signed) {
		v.t.Error("the PDF is no record of the same text")
	} else if program, err := exec.LookPath("pdftotext"); err == nil {
		command := exec.Command(program, "-", "-")
		command.Stdin = strings.NewReader(pdf.body)
		text, err := command.Output()
		words := strings.Join(strings.Fields(string(text)), " ")
		if reason == "" {
			reason = " " // any words at all
		}
		if err != nil || !strings.Contains(words, reason) || !strings.Contains(words, says[0]) || strings.Contains(words, want.Holder) {
			v.t.Errorf("the PDF says %q, error %v", words, err)
		}
	}
}

// toldToStrangers judges with a verifier that knows nothing but what this server serves, as the command line does.
// 3.0 has one bit for holds and withdrawals, a withdrawn 2.0 badge has no dates, and only credentials name people.
func toldToStrangers(v *visitors, name, input string, want told) {
	v.t.Helper()
	r := verifier.New(verifier.Options{Fetch: overTheWire{v}, Now: v.Clock.Now}).Verify(context.Background(), verifier.Input{Data: []byte(input)})
	if want.Status == "suspended" {
		want.Status = "revoked"
	}
	if r.Badge == nil || string(r.Verdict) != want.Status {
		v.t.Errorf("%s, to a stranger: got %s, want %s\n%s", name, r.Verdict, want.Status, encode(r.Checks))
		return
	}
	got := toldIn(r)
	if got.Issued != "" && (got.Issued != want.Issued || got.Expires != want.Expires) || personal(got.Holder) && got.Holder != want.Holder ||
		got.Reason != "" && got.Reason != want.Reason && (want.Reason != "" || !strings.HasSuffix(got.Reason, "by its issuer.")) {
		v.t.Errorf("%s, to a stranger: got %+v, want %+v", name, got, want)
	}
	for k, check := range r.Checks {
		if check.Outcome == verifier.Warning || slices.Contains(r.Checks[:k], check) {
			v.t.Errorf("%s, to a stranger: %+v", name, check)
		}
	}
}

// overTheWire fetches from a site as others do.
type overTheWire struct{ v *visitors }

func (f overTheWire) Fetch(_ context.Context, r egress.Request) (*egress.Response, error) {
	path := strings.TrimPrefix(r.URL, issuertest.BaseURL)
	w := f.v.ask("GET", path, "", "Accept", r.Accept)
	return &egress.Response{URL: r.URL, Status: w.Code, ContentType: w.Header().Get("Content-Type"), Body: w.Body.Bytes()}, nil
}
