package home_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/openbadge"
)

// judged is what the API says of a document: verdict, format and, of what is in it, the verdicts.
func judged(t *testing.T, v *apitest.Visitors, document string) string {
	t.Helper()
	body, _ := json.Marshal(map[string]string{"input": document, "recipient": "ana@home.test"})
	w := v.Ask("POST", "/api/v1/verify", string(body))
	if w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	var r struct {
		Verdict, Format string
		Known           bool `json:"issuer_known"`
		Contains        []struct{ Verdict, Name string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	said := []string{fmt.Sprint(r.Verdict, " ", r.Format, " ", r.Known)}
	for _, c := range r.Contains {
		said = append(said, c.Name+" "+c.Verdict)
	}
	slices.Sort(said[1:]) // badges of one day are in no order
	return strings.Join(said, ", ")
}

// clrSchema is 1EdTech's own schema of a ClrCredential.
func clrSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	const name = "clr_v2p0_clrcredential_schema.json"
	data, err := os.ReadFile("../../openbadge/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(data)); sum != "59d778659204b0bd593e9e2ab1683fb6f688e339885c44019f606ed6feb4caee" {
		t.Errorf("the schema is another one: %s", sum)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile(name)
}

// row 37, row 58: the transcript as a signed Comprehensive Learner Record 2.0 fits 1EdTech's schema, is valid in both
// forms, and says of each badge in it how it stands.
func TestLearnerRecord(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E1"), apitest.AnasPass("R-2", "E4"))
	ana := accepted(v)
	page := ana.Get("/me/transcript").Says("Signed record: Comprehensive Learner Record 2.0 (JSON)")
	data, token := page.Follow("Learner Record 2.0 (JSON)"), page.Follow("Learner Record 2.0 (JWT)")
	if data.Header.Get("Content-Type") != "application/vc" || token.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Error(data.Header, token.Header)
	}
	jws, err := openbadge.ParseJWS(token.Body)
	if err != nil {
		t.Fatal(err)
	}
	schema := clrSchema(t)
	for form, document := range map[string]string{"json": data.Body, "jwt": string(jws.Payload)} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", form, err)
		}
		if strings.Contains(document, "ana@home.test") {
			t.Errorf("%s tells the address", form)
		}
	}
	const contents = ", Cloud Fundamentals valid, Stand-alone Exam valid"
	if got := judged(t, v, data.Body); got != "valid ob3-data-integrity true"+contents {
		t.Error(got)
	}
	if got := judged(t, v, token.Body); got != "valid ob3-jwt true"+contents {
		t.Error(got)
	}
	if got := judged(t, v, strings.Replace(data.Body, "Stand-alone Exam", "Stand-alone exam", 1)); !strings.HasPrefix(got, "altered ") {
		t.Error(got)
	}
}

// Of a badge that is withdrawn after a record was handed out, the record says so wherever it is judged.
func TestLearnerRecordAfterRevocation(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	ana := accepted(v)
	record := ana.Get("/me/transcript.clr.jwt").Body
	if _, err := v.RevokeAward(t.Context(), v.Caller, id, "by mistake"); err != nil {
		t.Fatal(err)
	}
	if got := judged(t, v, record); got != "valid ob3-jwt true, Stand-alone Exam revoked" {
		t.Error(got)
	}
	v.Open().Get("/verify").Press("Check this badge", "input", record).Want(http.StatusOK, "Genuine and current").Says("Badges in it", "Stand-alone Exam", "Withdrawn by the issuer")
	ana.Get("/me/transcript.clr.json").Want(http.StatusNotFound, "")
	ana.Get("/me/transcript").Hides("Learner Record")
}

// A share code hands out the record of what others may see, as far as it shows exams and past certifications; what only
// the owner sees is in their own record alone.
func TestSharedLearnerRecord(t *testing.T) {
	v := apitest.NewVisitors(t, everybody)
	v.Post(apitest.AnasPass("R-1", "E1"))
	exam := v.Post(apitest.AnasPass("R-2", "E4"))[0].ID
	ana := accepted(v)
	all := codeOn(t, ana.Get("/me/transcript").Press("Make the code"))
	little := codeOn(t, ana.Get("/me/transcript").Press("Make the code", "exams", ""))
	badge := codeOn(t, ana.Get("/badges/"+exam+"/share").Press("Make the code"))
	reader := from(v, "198.51.100.7")
	record := func(code string) string {
		t.Helper()
		return judged(t, v, reader.Get("/shared/"+code).Follow("Learner Record 2.0 (JSON)").Body)
	}
	if got := record(all); got != "valid ob3-data-integrity true, Cloud Fundamentals valid, Stand-alone Exam valid" {
		t.Error(got)
	}
	if got := record(little); got != "valid ob3-data-integrity true, Cloud Fundamentals valid" {
		t.Error(got)
	}
	if err := v.Show(t.Context(), v.Holder("ana@home.test"), exam, ledger.Private); err != nil {
		t.Fatal(err)
	}
	if got := record(all); got != "valid ob3-data-integrity true, Cloud Fundamentals valid" {
		t.Errorf("with a private badge: %s", got)
	}
	if got := judged(t, v, ana.Get("/me/transcript.clr.jwt").Body); !strings.Contains(got, "Stand-alone Exam valid") {
		t.Errorf("its owner's: %s", got)
	}
	if got := judged(t, v, all); got != "valid ob3-jwt true, Cloud Fundamentals valid" {
		t.Errorf("/verify by code: %s", got)
	}
	if p := reader.Get("/shared/" + badge + "/transcript.clr.json"); p.Status != http.StatusNotFound {
		t.Errorf("a record by the code of a badge: %d", p.Status)
	}
}
