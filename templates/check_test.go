package templates

import (
	"slices"
	"strings"
	"testing"
)

func TestSteps(t *testing.T) {
	var many []Check
	for range 30 {
		many = append(many, Check{Name: "fetch", Outcome: "pass", Detail: "The document was fetched."})
	}
	many[29].Outcome, many[29].Code = "warning", "CONTENT_TYPE"
	list := steps(append(many, Check{Name: "proof", Outcome: "pass"}, Check{Name: "status", Outcome: "skipped"}, Check{Name: "dates", Outcome: "fail", Code: "EXPIRED"},
		Check{Name: "status", Outcome: "unknown", Code: "FETCH_FAILED"}))
	var got []string
	for _, s := range list {
		got = append(got, s.Name+" "+s.Outcome)
	}
	if want := []string{"dates fail", "status unknown", "fetch warning", "proof pass"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	fetch := list[2]
	if fetch.More != 18 || len(fetch.Checks) != checksOfStep || fetch.Checks[0].Code != "CONTENT_TYPE" || !slices.Equal(fetch.Codes(), []string{"CONTENT_TYPE"}) {
		t.Errorf("got %+v", fetch)
	}
	if got := in("en").answers(fetch); len(got) != 1 {
		t.Errorf("got %q, want the remark alone", got)
	}
}

// What was asked and what was handed in change the words.
func TestWordings(t *testing.T) {
	for _, c := range []struct {
		name string
		page VerifyResult
		want string
	}{
		{"e-mail", VerifyResult{Verdict: "wrong_recipient", AskedEmail: "a@b.test"}, "The e-mail you typed doesn't match."},
		{"name", VerifyResult{Verdict: "wrong_recipient", AskedName: "Ana"}, "The name you typed doesn't match."},
		{"both", VerifyResult{Verdict: "wrong_recipient", AskedName: "Ana", AskedEmail: "a@b.test"}, "The name or e-mail you typed doesn't match."},
		{"picture", VerifyResult{Verdict: "not_a_badge", Given: GivenFile}, "Looks like a screenshot"},
		{"text", VerifyResult{Verdict: "not_a_badge", Given: GivenText}, "neither a link nor a badge"},
		{"link", VerifyResult{Verdict: "not_a_badge", Given: GivenLink}, "no badge at this address"},
		{"pdf", VerifyResult{Verdict: "not_a_badge", Given: GivenPDF}, "A PDF can't carry a badge"},
		{"broken", VerifyResult{Verdict: "invalid", Checks: []Check{{Outcome: "fail", Code: "BAD_VALUE"}}}, "breaks the rules"},
		{"key", VerifyResult{Verdict: "invalid", Checks: []Check{{Outcome: "fail", Code: "KEY_OWNER"}}}, "signed with a key"},
		{"unsigned", VerifyResult{Verdict: "invalid", Checks: []Check{{Outcome: "fail", Code: "NOT_SIGNED"}}}, "no signature"},
		{"future", VerifyResult{Verdict: "invalid", Checks: []Check{{Outcome: "fail", Code: "NOT_YET_ISSUED"}}}, "dated in the future"},
		{"gone", VerifyResult{Verdict: "invalid", Checks: []Check{{Outcome: "fail", Code: "FETCH_FAILED"}}}, "doesn't exist at the address"},
	} {
		if got := c.page.Text().Sentence; !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	newer := []Check{{Name: "refresh", Outcome: "warning"}}
	for verdict, want := range map[string]string{"superseded": "There is a newer version.", "valid": "There may be a newer version. This one was judged."} {
		if got := CheckText("en", VerifyResult{Verdict: verdict, Checks: newer}.Steps()[0]); got != want {
			t.Errorf("%s: got %q, want %q", verdict, got, want)
		}
	}
}

// A hosted badge that the issuer's server leads on to is not said to be published there.
func TestServedElsewhere(t *testing.T) {
	told := map[string]bool{}
	for _, property := range []string{"", "id"} {
		p := VerifyResult{Verdict: "valid", Format: "ob2-hosted", Checks: []Check{{Name: "proof", Outcome: "pass", Property: property}}}
		for _, l := range Languages {
			text := CheckText(l.Code, p.Steps()[0])
			if told[text] {
				t.Errorf("%s: %q is said of both", l.Code, text)
			}
			told[text] = true
		}
	}
	if !told["The issuer's own server leads on to another one, which publishes this badge."] {
		t.Errorf("got %v", told)
	}
}
