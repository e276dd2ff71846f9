package home_test

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// codeOn is the share code on its owner's page.
func codeOn(t *testing.T, p *apitest.Page) string {
	t.Helper()
	link := typed(p, "link")
	_, code, found := strings.Cut(link, "/shared/")
	if !found || len(code) != 14 {
		t.Fatalf("link %q", link)
	}
	return code
}

// everybody is a server behind a proxy, so that tests come from networks of their own.
func everybody(o *apitest.Options) {
	o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("203.0.113.9/32")}
}

// from is a stranger's browser in a network.
func from(v *apitest.Visitors, address string) *apitest.Browser {
	b := v.Open()
	b.Header.Set("X-Forwarded-For", address)
	return b
}

// row 37: a share code opens the transcript in a private window, with the time of the check; ended, it is the same neutral
// page as one that never was.
func TestShareTranscript(t *testing.T) {
	v := apitest.NewVisitors(t, everybody)
	v.Post(apitest.AnasPass("R-1", "E1"), apitest.AnasPass("R-2", "E4"))
	ana := accepted(v)
	label := strings.Repeat(`<script>alert("1")</script>`, 8)[:200]
	page := ana.Get("/me/transcript").Press("Make the code", "label", label)
	page.Want(http.StatusOK, "Your share code").Says("The code is made.", label, "ends on 3 June 2026", "opened 0 times")
	if strings.Contains(page.Body, "<script>alert") {
		t.Error("the label is HTML")
	}
	code := codeOn(t, page)
	if mail := typed(page, "mail"); !strings.Contains(mail, "/shared/"+code) || !strings.Contains(mail, "This code ends 3 June 2026.") {
		t.Errorf("mail: %s", mail)
	}
	if qr := ana.Get("/shared/" + code + "/qr.svg"); qr.Status != http.StatusOK || !strings.Contains(qr.Body, "/shared/"+code) {
		t.Error(qr.Status)
	}
	for _, typed := range []string{code, strings.ToLower(code), strings.ReplaceAll(code, "-", "")} {
		seen := from(v, "198.51.100.7").Get("/shared/"+typed).Want(http.StatusOK, "Transcript: Ana Ruiz")
		seen.Says("Checked 5 March 2026", "This code ends 3 June 2026.", "Cloud Fundamentals", "Stand-alone Exam").Hides("812", label, "ana@home.test")
		if h := seen.Header; h.Get("Cache-Control") != "no-store" || h.Get("X-Robots-Tag") != "noindex" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Error(h)
		}
	}
	reader := from(v, "198.51.100.7")
	for lang, words := range map[string]string{"es": "Este código termina el 3 de junio de 2026.", "fr": "Ce code prend fin le 3 juin 2026."} {
		reader.Get("/shared/" + code + "?lang=" + lang).Says(words)
	}
	text := apitest.PDFInfo(t, reader.Get("/shared/"+code+"/transcript.pdf?lang=en").Body, "-struct-text")
	for _, words := range []string{"Ana Ruiz", "Cloud Fundamentals", "Checked 5 March 2026", "with the code " + code, "/shared/" + code, "Figure"} {
		if !strings.Contains(text, words) {
			t.Errorf("no %q in\n%s", words, text)
		}
	}
	ana.Get("/shared/"+code).Want(http.StatusOK, "Transcript: Ana Ruiz").Says("your visits are not counted")
	ana.Get("/me/transcript").Says("opened 5 times").Follow(label).Says("5 March 2026: 5").Press("End now").Says("This code has ended")
	ended, never := reader.Get("/shared/"+code+"?lang=en"), reader.Get("/shared/A2B3-C4D5-E6F7?lang=en")
	ended.Want(http.StatusNotFound, "This code shows nothing")
	if ended.Body != never.Body || never.Status != http.StatusNotFound {
		t.Error("a code that was ended is another page than one that never was")
	}
	if pdf := reader.Get("/shared/" + code + "/transcript.pdf?lang=en"); pdf.Status != http.StatusNotFound {
		t.Error(pdf.Status)
	}
}

// row 37: a code shows what its owner chose, as it stands: scores where they want, past certifications and exams where
// they want, and what happens later too.
func TestShareChoices(t *testing.T) {
	v := apitest.NewVisitors(t, everybody)
	scored, score, most := apitest.AnasPass("R-2", "E4"), json.Number("812"), json.Number("1000")
	scored.Score, scored.MaxScore = &score, &most
	v.Post(apitest.AnasPass("R-1", "E1"), scored)
	ana := accepted(v)
	all := codeOn(t, ana.Get("/me/transcript").Press("Make the code", "scores", "on"))
	little := codeOn(t, ana.Get("/me/transcript").Press("Make the code", "exams", "", "past", ""))
	reader := from(v, "198.51.100.7")
	reader.Get("/shared/"+all).Says("Score: 812 / 1000", "Stand-alone Exam")
	reader.Get("/shared/"+little).Says("Cloud Fundamentals").Hides("Stand-alone Exam", "Exams passed", "812")
	reader.Get("/shared/" + all).Hides("E2")
	v.Post(apitest.AnasPass("R-3", "E2"))
	reader.Get("/shared/" + all).Says("E2")
}

// row 110: a code of a private badge opens it for one reader, and nobody else sees it; the files that it hands out
// prove themselves. It ends with its time.
func TestSharePrivateBadge(t *testing.T) {
	v := apitest.NewVisitors(t, everybody)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	ana := accepted(v)
	if err := v.Show(t.Context(), v.Holder("ana@home.test"), id, ledger.Private); err != nil {
		t.Fatal(err)
	}
	share := ana.Get("/badges/"+id+"/share").Says("Only you can see this badge.", "Share codes")
	code := codeOn(t, share.Press("Make the code", "label", "Contoso", "life", "7").Says("Stand-alone Exam", "ends on 12 March 2026"))
	reader := from(v, "198.51.100.7")
	reader.Get("/badges/"+id).Want(http.StatusNotFound, "Nothing to show here")
	page := reader.Get("/shared/"+code).Want(http.StatusOK, "Ana Ruiz").Says("Stand-alone Exam", "Valid", "This code ends 12 March 2026.")
	for _, link := range page.Links() {
		if strings.Contains(link, "/badges/"+id) {
			t.Errorf("it leads to %s, which shows nothing", link)
		}
	}
	for form, kind := range map[string]string{"credential.jwt": "text/plain; charset=utf-8", "credential.json": "application/vc", "badge.png": "image/png", "certificate.pdf": "application/pdf", "badge.svg": "image/svg+xml", "assertion.jws": "text/plain; charset=utf-8"} {
		if f := reader.Get("/shared/" + code + "/" + form); f.Status != http.StatusOK || f.Header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", form, f.Status, f.Header.Get("Content-Type"))
		}
	}
	if f := reader.Get("/shared/" + code + "/transcript.pdf"); f.Status != http.StatusNotFound {
		t.Errorf("a transcript by the code of a badge: %d", f.Status)
	}
	if _, err := v.RevokeAward(t.Context(), v.Caller, id, "by mistake"); err != nil {
		t.Fatal(err)
	}
	reader.Get("/shared/" + code).Says("Acme Certification withdrew it")
	v.Clock.Advance(7 * 24 * time.Hour)
	reader.Get("/shared/"+code).Want(http.StatusNotFound, "This code shows nothing")
}

// Five wrong PINs: the code answers 429 to everybody but its owner, for ten minutes; the right one opens it in that
// browser, files too.
func TestShareWithPIN(t *testing.T) {
	v := apitest.NewVisitors(t, everybody)
	v.Post(apitest.AnasPass("R-1", "E1"))
	ana := accepted(v)
	ana.Get("/me/transcript").Press("Make the code", "pin", "4711").Want(http.StatusUnprocessableEntity, "Transcript").Says("A PIN has 6 to 12 digits.")
	code := codeOn(t, ana.Get("/me/transcript").Press("Make the code", "pin", "482 913").Says("asks for a PIN"))
	reader, other := from(v, "198.51.100.7"), from(v, "192.0.2.7")
	page := reader.Get("/shared/"+code).Want(http.StatusOK, "This code has a PIN").Hides("Ana", "Cloud Fundamentals")
	reader.Get("/shared/"+code+"/transcript.pdf").Want(http.StatusOK, "This code has a PIN")
	page.Press("Show", "pin", "000000").Want(http.StatusUnprocessableEntity, "This code has a PIN").Says("4 tries left")
	page.Press("Show", "pin", "482913").Want(http.StatusOK, "Transcript: Ana Ruiz")
	if pdf := reader.Get("/shared/" + code + "/transcript.pdf"); pdf.Header.Get("Content-Type") != "application/pdf" {
		t.Error(pdf.Status, pdf.Header)
	}
	asked := other.Get("/shared/"+code).Want(http.StatusOK, "This code has a PIN")
	for range 5 {
		asked.Press("Show", "pin", "000000").Want(http.StatusUnprocessableEntity, "This code has a PIN")
	}
	late := asked.Press("Show", "pin", "482913")
	if late.Status != http.StatusTooManyRequests || late.Header.Get("Retry-After") != "600" {
		t.Errorf("%d, again in %s", late.Status, late.Header.Get("Retry-After"))
	}
	if again := reader.Get("/shared/" + code); again.Status != http.StatusTooManyRequests {
		t.Errorf("who had typed it: %d", again.Status)
	}
	ana.Get("/shared/"+code).Want(http.StatusOK, "Transcript: Ana Ruiz")
	v.Clock.Advance(10 * time.Minute)
	asked.Press("Show", "pin", "482913").Want(http.StatusOK, "Transcript: Ana Ruiz")
	reader.Get("/shared/"+code).Want(http.StatusOK, "Transcript: Ana Ruiz")
	v.Clock.Advance(time.Hour)
	reader.Get("/shared/"+code).Want(http.StatusOK, "This code has a PIN")
}

// Five unknown codes: the network answers 429 for ten minutes, and never the owner.
func TestGuessedShareCodes(t *testing.T) {
	v := apitest.NewVisitors(t, everybody)
	v.Post(apitest.AnasPass("R-1", "E1"))
	ana := accepted(v)
	ana.Header.Set("X-Forwarded-For", "198.51.100.7")
	code := codeOn(t, ana.Get("/me/transcript").Press("Make the code"))
	guesser := from(v, "198.51.100.9")
	for _, guess := range []string{"AAAA-AAAA-AAAA", "AAAA-AAAA-AAAB", "nothing", "AAAA-AAAA-AAAC", strings.Repeat("x", 500)} {
		guesser.Get("/shared/"+guess).Want(http.StatusNotFound, "This code shows nothing")
	}
	for _, guess := range []string{"AAAA-AAAA-AAAD", code} {
		if p := guesser.Get("/shared/" + guess); p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d", guess, p.Status)
		}
	}
	ana.Get("/shared/"+code).Want(http.StatusOK, "Transcript: Ana Ruiz")
	from(v, "192.0.2.7").Get("/shared/"+code).Want(http.StatusOK, "Transcript: Ana Ruiz")
	v.Clock.Advance(10 * time.Minute)
	guesser.Get("/shared/"+code).Want(http.StatusOK, "Transcript: Ana Ruiz")
}

// A code of a deleted account is as one that never was, and one of a badge that its owner has put away.
func TestShareCodeOfNobody(t *testing.T) {
	v := apitest.NewVisitors(t, everybody)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	ana := accepted(v)
	transcript := codeOn(t, ana.Get("/me/transcript").Press("Make the code"))
	badge := codeOn(t, ana.Get("/badges/"+id+"/share").Press("Make the code"))
	if err := v.Decline(t.Context(), v.Holder("ana@home.test"), id); err != nil {
		t.Fatal(err)
	}
	reader := from(v, "198.51.100.7")
	never := reader.Get("/shared/AAAA-AAAA-AAAA?lang=en").Want(http.StatusNotFound, "This code shows nothing")
	if got := reader.Get("/shared/" + badge + "?lang=en"); got.Status != http.StatusNotFound || got.Body != never.Body {
		t.Errorf("a badge that was put away: %d", got.Status)
	}
	account, _, err := v.Given.Earners.AccountOf(t.Context(), "ana@home.test")
	if err != nil {
		t.Fatal(err)
	}
	if err := v.DB.InTx(t.Context(), func(tx *database.Tx) error {
		for _, q := range []string{`DELETE FROM session WHERE account_id = ?`, `DELETE FROM address WHERE account_id = ?`, `DELETE FROM account WHERE id = ?`} {
			if _, err := tx.Exec(t.Context(), q, account.ID); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := reader.Get("/shared/" + transcript + "?lang=en"); got.Status != http.StatusNotFound || got.Body != never.Body {
		t.Errorf("the code of a deleted account: %d", got.Status)
	}
}

// What is wrong in the form for a code is said beside it, and nothing that was typed is lost but the PIN.
func TestShareCodeForm(t *testing.T) {
	v := apitest.NewVisitors(t)
	v.Post(apitest.AnasPass("R-1", "E4"))
	ana := accepted(v)
	for words, fields := range map[string][]string{
		"at most 200 characters": {"label", strings.Repeat("x", 201)},
		"Choose a last day":      {"life", "date", "date", "2026-03-04", "label", "Contoso"},
		"6 to 12 digits":         {"pin", "abc", "label", "Contoso"},
	} {
		p := ana.Get("/me/transcript").Press("Make the code", fields...)
		p.Want(http.StatusUnprocessableEntity, "Transcript").Says(words)
		for k := 0; k < len(fields); k += 2 {
			if values := attribute(p, "input", "value"); fields[k] != "pin" && !strings.Contains(strings.Join(values, "\n"), fields[k+1]) {
				t.Errorf("%s is lost", fields[k])
			}
		}
	}
	ana.Get("/me/transcript").Press("Make the code", "life", "date", "date", "2026-03-05").Says("ends on 5 March 2026")
	ana.Get("/me/codes/shc_none").Want(http.StatusNotFound, "")
	mine := ana.Get("/me/transcript").Open("/me/codes/")
	v.Post(apitest.PassBy("R-9", "E4", "C-78", "ben@work.test", "Ben", "en"))
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	ben.Get(mine.Path).Want(http.StatusNotFound, "")
}

// row 105: /verify takes a code as it takes a link, without an account: a person is led to what it shows, a program is
// told about the badge behind it.
func TestVerifyTakesShareCodes(t *testing.T) {
	v := apitest.NewVisitors(t, everybody)
	id := v.Post(apitest.AnasPass("R-1", "E4"))[0].ID
	ana := accepted(v)
	if err := v.Show(t.Context(), v.Holder("ana@home.test"), id, ledger.Private); err != nil {
		t.Fatal(err)
	}
	code := codeOn(t, ana.Get("/badges/"+id+"/share").Press("Make the code"))
	locked := codeOn(t, ana.Get("/badges/"+id+"/share").Press("Make the code", "pin", "482913"))
	reader := from(v, "198.51.100.7")
	for _, typed := range []string{code, " " + strings.ToLower(code) + "\n", "https://badges.acme.test/shared/" + code} {
		reader.Get("/verify").Press("Check this badge", "input", typed).Want(http.StatusOK, "Ana Ruiz").Says("This code ends 3 June 2026.")
	}
	reader.Get("/verify?url="+code).Want(http.StatusOK, "Ana Ruiz")
	verdict := func(input string) string {
		t.Helper()
		w := v.Ask("POST", "/api/v1/verify", `{"input":"`+input+`"}`)
		if w.Code != http.StatusOK {
			t.Fatal(w.Code, w.Body)
		}
		report := apitest.Object(t, w)
		return report["verdict"].(string) + " " + report["input"].(string)
	}
	address := "https://badges.acme.test/shared/"
	for input, want := range map[string]string{
		code: "valid " + address + code, address + strings.ToLower(code): "valid " + address + code,
		locked: "not_shared " + address + locked, "AAAA-AAAA-AAAA": "not_shared " + address + "AAAA-AAAA-AAAA",
	} {
		if got := verdict(input); got != want {
			t.Errorf("%s: %s, want %s", input, got, want)
		}
	}
	if _, err := v.RevokeAward(t.Context(), v.Caller, id, "by mistake"); err != nil {
		t.Fatal(err)
	}
	if got := verdict(code); !strings.HasPrefix(got, "revoked ") {
		t.Error(got)
	}
}
