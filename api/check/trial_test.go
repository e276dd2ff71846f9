package check_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/api/check"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/verifier"
)

// A badge that was paused and stands again is never called withdrawn, whichever edition is handed in.
func TestReinstatedIsNotWithdrawn(t *testing.T) {
	v, ctx := apitest.NewVisitors(t), context.Background()
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	b := v.Open()
	paste := func(input string) *apitest.Page {
		t.Helper()
		return b.Get("/verify").Press("Check this badge", "input", input)
	}
	jwt, jws := b.Get("/badges/"+id+"/credential.jwt").Body, b.Get("/badges/"+id+"/assertion.jws").Body
	if _, err := v.Issuer.SuspendAward(ctx, v.Caller, id, ledger.Reason{Text: "case 4711", Public: "under review"}); err != nil {
		t.Fatal(err)
	}
	for name, input := range map[string]string{"3.0": jwt, "signed 2.0": jws, "page": issuertest.BaseURL + "/badges/" + id, "address of 2.0": issuertest.BaseURL + "/badges/" + id + "/assertion.json"} {
		p := paste(input).Want(200, "Genuine, but on hold")
		if !strings.Contains(p.Body, "under review") {
			t.Errorf("%s: no reason", name)
		}
	}
	if _, err := v.ReinstateAward(ctx, v.Caller, id, "cleared"); err != nil {
		t.Fatal(err)
	}
	paste(jwt).Want(200, "Genuine, but there is a newer version").Says("See the current one").Hides("withdrawn it", "withdrew it")
	paste(issuertest.BaseURL+"/badges/"+id).Want(200, "Genuine and current")
	paste(b.Get("/badges/"+id+"/credential.jwt").Body).Want(200, "Genuine and current")
}

// Something genuine that is no badge is not called a genuine badge.
func TestNoBadge(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	b := v.Open()
	p := b.Get("/verify?url="+issuertest.BaseURL+"/status/1").Want(200, "Signed, but this is no badge").Hides("Genuine and current")
	if !strings.Contains(p.Body, `class="strip neutral"`) {
		t.Error("not neutral")
	}
	for _, c := range checksShown(v, issuertest.BaseURL+"/status/1", "") {
		if c.Name == verifier.CheckParse && c.Outcome == verifier.Warning {
			if row := check.RunRow(1, "x", &verifier.Report{Verdict: verifier.Valid, Checks: []verifier.Check{c}}); row.Look != "no_badge" {
				t.Error(row.Look)
			}
			return
		}
	}
	t.Error("no remark")
}

func checksShown(v *apitest.Visitors, input, name string) []verifier.Check {
	v.T.Helper()
	w := v.Ask("POST", web.APIPath+"/verify", string(web.EncodeJSON(map[string]string{"input": input, "name": name})))
	var r verifier.Report
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != http.StatusOK {
		v.T.Fatal(w.Code, err)
	}
	return r.Checks
}

// The name on the CV is compared in four levels, and for badges of ours that say none with our record.
func TestNameOnTheCV(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	b := v.Open()
	for _, address := range []string{"/badges/" + id, "/badges/" + id + "/assertion.json"} {
		for name, want := range map[string]string{
			"ana  RUIZ": "Genuine and current", "Ana Ruíz": "Genuine and current", "Ruiz, Ana": "Genuine and current", "Ana María Ruiz": "Genuine and current",
			"Ben Okafor": "Genuine, but issued to someone else", "Ana": "Genuine, but names differ",
		} {
			p := b.Get("/verify").Press("Check this badge", "input", issuertest.BaseURL+address, "name", name).Want(200, want)
			similar := strings.Contains(p.Body, "apart from accents, order or middle names. Compare")
			if wantNote := strings.HasPrefix(want, "Genuine and") && name != "ana  RUIZ"; similar != wantNote {
				t.Errorf("%s, %s: note %v", address, name, similar)
			}
			p.Hides("was not compared")
		}
	}
	r := &verifier.Report{Verdict: verifier.Valid, Checks: []verifier.Check{{Name: verifier.CheckRecipient, Outcome: verifier.Warning}}}
	if notes := v.Check.ResultPage(r, verifier.Input{Person: "Ana"}).Notes(); len(notes) != 1 || notes[0] != "result.note.uncompared" {
		t.Error(notes)
	}
}

func TestTypedAddresses(t *testing.T) {
	v := apitest.NewVisitors(t)
	const ours = issuertest.BaseURL + "/badges/7q3zk5mwn2ahx6dtfcyu"
	bare := strings.TrimPrefix(ours, "https://")
	for text, want := range map[string]string{
		ours: ours, ours + ".": ours, ours + ",": ours, ours + ";": ours, ours + "/": ours, ours + "/.": ours, "<" + ours + ">": ours, "<" + ours + ">.": ours,
		`"` + ours + `"`: ours, "“" + ours + "”,": ours, bare: ours, bare + "/": ours, "(" + ours + ")": ours,
		"certs.example/1": "https://certs.example/1", "<certs.example/1/>": "https://certs.example/1/", "https://certs.example/a_(b)": "https://certs.example/a_(b)",
		"https://certs.example/1/": "https://certs.example/1/",
		"hello":                    "hello", "eyJh.eyJi.c2ln": "eyJh.eyJi.c2ln", `{"a":"b"}`: `{"a":"b"}`, "see certs.example/1 please": "see certs.example/1 please", "a/b": "a/b", "": "",
	} {
		if got := v.Check.Typed(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	list := v.Check.TypedLinks("name,link\n\"Ruiz, Ana\",\"" + bare + "/\"\nBen,<" + ours + ">.\n")
	if len(list) != 2 || list[0] != ours || list[1] != ours {
		t.Error(list)
	}
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	address := issuertest.BaseURL + "/badges/" + id
	v.Open().Get("/verify").Press("Check this badge", "input", "<"+address+"/>.").Want(200, "Genuine and current").Says(address)
	w := v.Ask("POST", web.APIPath+"/verify", string(web.EncodeJSON(map[string]string{"input": strings.TrimPrefix(address, "https://") + "."})))
	if got := apitest.Object(t, w); got["verdict"] != "valid" || got["input"] != address {
		t.Error(w.Body)
	}
}

// A file of a hosted badge that says something else than its issuer's is shown as such.
func TestChangedCopy(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	b := v.Open()
	same := v.Ask("GET", "/badges/"+id+"/assertion.json", "").Body.String()
	changed := strings.Replace(same, `"issuedOn":"2026`, `"issuedOn":"2016`, 1)
	if changed == same {
		t.Fatal(same)
	}
	const note = "Your file differs from the issuer's copy"
	b.Upload("a.json", []byte(same)).Want(200, "Genuine and current").Hides(note)
	b.Upload("a.json", []byte(changed)).Want(200, "Genuine and current").Says(note)
}

func TestDamagedFiles(t *testing.T) {
	v := apitest.NewVisitors(t)
	id := v.Post(apitest.AnasPass("R-7", "E7"))[0].ID
	v.ShowTo(id, ledger.ByLink)
	b := v.Open()
	b.Upload("notes.txt", []byte("hello")).Want(200, "No badge inside this file").Says("neither a link nor a badge").Hides("screenshot")
	png := b.Get("/badges/" + id + "/badge.png").Body
	jwt := b.Get("/badges/" + id + "/credential.jwt").Body
	b.Upload("badge.png", []byte(png[:len(png)/2])).Want(200, "Not a valid badge").Says("damaged", "original").Hides("breaks the rules of the Open Badges")
	head, rest, _ := strings.Cut(jwt, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	b.Upload("badge.jwt", []byte(head+"."+claims[:len(claims)/2]+"."+signature)).Want(200, "Not a valid badge").Says("damaged").Hides("breaks the rules of the Open Badges")
}
