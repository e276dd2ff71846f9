package partners_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// TestTextOfPartners: whatever text a partner sends, one that cannot be seen as it is gets refused, with the place,
// in every member of every body that the OpenAPI document has.
func TestTextOfPartners(t *testing.T) {
	s := apitest.New(t)
	members := 0
	for path, item := range s.Doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil || op.RequestBody.Value.Content["application/json"] == nil || path == "/verify" || strings.HasSuffix(path, "/resend") { // which store none of it
				continue
			}
			example, err := json.Marshal(op.RequestBody.Value.Content["application/json"].Example)
			if err != nil {
				t.Fatal(err)
			}
			body := map[string]any{}
			if err := json.Unmarshal(example, &body); err != nil {
				t.Fatal(method, path, err)
			}
			if body == nil { // the document has no example
				body = map[string]any{}
			}
			if strings.HasPrefix(path, "/results/explain") || path == "/results" {
				body["exam"] = "E1"
			}
			schema := op.RequestBody.Value.Content["application/json"].Schema.Value
			for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
				if inner, is := body[name].(map[string]any); is {
					for _, name2 := range slices.Sorted(maps.Keys(schema.Properties[name].Value.Properties)) {
						if schema.Properties[name].Value.Properties[name2].Value.Type.Includes("string") {
							members++
							refuseText(s, method, path, body, inner, name2, "/"+name+"/"+name2)
						}
					}
				} else if schema.Properties[name].Value.Type.Includes("string") {
					members++
					refuseText(s, method, path, body, body, name, "/"+name)
				}
			}
		}
	}
	if members < 25 {
		t.Errorf("only %d members were tried", members)
	}
}

func refuseText(s *apitest.Site, method, path string, body, at map[string]any, name, pointer string) {
	s.T.Helper()
	before, there := at[name]
	defer func() {
		if at[name] = before; !there {
			delete(at, name)
		}
	}()
	target := web.APIPath + strings.NewReplacer("{id}", "x", "{award}", "x").Replace(path)
	for _, odd := range []string{
		"Ana\u2028Ruiz", "Ana\u2029Ruiz", "Ana\nRuiz", "Ana\tRuiz", "Ana\u0085Ruiz", "Ana\x00Ruiz", "\tAna", "Ana\u202eRuiz", "Ana\u2066Ruiz",
		"Ana\u200bRuiz", "Ana\u2060Ruiz", "Ana\ufeffRuiz", "Ana\u00adRuiz", "Ana\u3164Ruiz", "Ana\u115fRuiz", "Ana\uffa0Ruiz", "Ana\U000e0041Ruiz", "Ana\u206aRuiz",
		" ", "\u00a0", "\u3000", "\u2800", "\u3164", "\u200b", "\u200d", "\ufe0f", "\u200e", "\u2800\u3164 \u200d",
	} {
		at[name] = odd
		if w := s.Call(method, target, string(web.EncodeJSON(body))); w.Code != 422 || !strings.Contains(w.Body.String(), `"pointer":"`+pointer+`"`) {
			s.T.Errorf("%s %s: %s %q got %d %s", method, path, pointer, odd, w.Code, w.Body)
		}
	}
	// What people write is tidied, ids are refused.
	people := slices.Contains([]string{"name", "email", "reason", "public_reason", "title", "description"}, name)
	for _, odd := range []string{"Ana ", " Ana", "\u00a0Ana", "Ana\u3000", "Ana\u200b", "\ufeffAna", "Ana\u2800"} {
		if at[name] = odd; name == "email" {
			at[name] = strings.Replace(odd, "Ana", "ana@home.test", 1)
		}
		w := s.Call(method, target, string(web.EncodeJSON(body)))
		if told := w.Code == 422 && strings.Contains(w.Body.String(), `"pointer":"`+pointer+`"`); told == people {
			s.T.Errorf("%s %s: %s %q got %d %s", method, path, pointer, odd, w.Code, w.Body)
		}
	}
}

// TestTextThatNamesNeed: what scripts need stays, and what people write is kept composed and without blanks around it.
func TestTextThatNamesNeed(t *testing.T) {
	s := apitest.New(t)
	for name, want := range map[string]string{
		"می\u200cخواهم":          "می\u200cخواهم", // Persian writes joiners
		"श्\u200dरी":             "श्\u200dरी",
		"葛\U000e0100城":           "葛\U000e0100城", // a person's own form of a character
		"\u200fאבי כהן\u200f":    "\u200fאבי כהן\u200f",
		" Ana Ruiz\u3000":        "Ana Ruiz",
		"Jose\u0301 Ruiz":        "José Ruiz",
		"\ufeffBen Okafor\u00a0": "Ben Okafor",
		"D’Arcy-Müller Jr.":      "D’Arcy-Müller Jr.",
	} {
		body := strings.NewReplacer("Ana Ruiz", name, `"R-1"`, `"R-`+want+`"`, "C-77", "C-"+want).Replace(apitest.Pass)
		if w := s.Call("POST", web.APIPath+"/results", body); w.Code != http.StatusCreated {
			t.Errorf("%q: got %d %s", name, w.Code, w.Body)
		}
		s.Work(t)
		if got := s.Letters.Offers(); len(got) == 0 || got[len(got)-1].Name != want {
			t.Errorf("%q is written to as %+v, want %q", name, got[len(got)-1].Name, want)
		}
	}
	award := s.Badge1(ledger.ByLink)
	s.Want(http.StatusOK, "POST", "/awards/"+award+"/revoke", `{"reason":" cheated ","public_reason":"\u00a0Cheated. "}`)
	b, _, err := s.Published(t.Context(), award)
	if err != nil || b.Award.Told() != "Cheated." {
		t.Errorf("got %q, %v", b.Award.Told(), err)
	}
}
