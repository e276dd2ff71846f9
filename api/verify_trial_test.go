package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/verifier"
)

// A badge that was paused and stands again is never called withdrawn, whichever edition is handed in.
func TestReinstatedIsNotWithdrawn(t *testing.T) {
	v, ctx := newVisitors(t), context.Background()
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	b := v.open()
	paste := func(input string) *page {
		t.Helper()
		return b.get("/verify").press("Check this badge", "input", input)
	}
	jwt, jws := b.get("/badges/"+id+"/credential.jwt").body, b.get("/badges/"+id+"/assertion.jws").body
	if _, err := v.Issuer.SuspendAward(ctx, v.Caller, id, issuer.Reason{Text: "case 4711", Public: "under review"}); err != nil {
		t.Fatal(err)
	}
	for name, input := range map[string]string{"3.0": jwt, "signed 2.0": jws, "page": issuertest.BaseURL + "/badges/" + id, "address of 2.0": issuertest.BaseURL + "/badges/" + id + "/assertion.json"} {
		p := paste(input).want(200, "Genuine, but on hold")
		if !strings.Contains(p.body, "under review") {
			t.Errorf("%s: no reason", name)
		}
	}
	if _, err := v.ReinstateAward(ctx, v.Caller, id, "cleared"); err != nil {
		t.Fatal(err)
	}
	paste(jwt).want(200, "Genuine, but there is a newer version").says("See the current one").hides("withdrawn it", "withdrew it")
	paste(issuertest.BaseURL+"/badges/"+id).want(200, "Genuine and current")
	paste(b.get("/badges/"+id+"/credential.jwt").body).want(200, "Genuine and current")
}

// The record is told of badges that are shown, and not to somebody else who names one of ours as its own.
func TestRecordOf(t *testing.T) {
	v, ctx := newVisitors(t), context.Background()
	id := v.record(anasPass("R-7", "E7"))[0].ID
	badge, issuerID := issuertest.BaseURL+"/badges/"+id+"/credential.json", issuertest.BaseURL+"/issuers/acme/issuer.json"
	told := func(badge, issuerID string, want bool) {
		t.Helper()
		if r, found := v.RecordOf(ctx, badge, issuerID); found != want || found && (r.State != verifier.Valid || r.Holder != "Ana Ruiz") {
			t.Errorf("%s by %q: got %+v, %v", badge, issuerID, r, found)
		}
	}
	told(badge, issuerID, false) // not accepted yet
	v.accept(id, issuer.Private)
	told(badge, issuerID, false)
	v.accept(id, issuer.ByLink)
	told(badge, issuerID, true)
	told(badge, "", true)
	told(strings.Replace(badge, "https:", "http:", 1), issuerID, true)
	told(badge, "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", false)
	told(issuertest.BaseURL+"/badges/none", issuerID, false)
	told("https://elsewhere.test/badges/"+id, issuerID, false)
}

// Something genuine that is no badge is not called a genuine badge.
func TestNoBadge(t *testing.T) {
	v := newVisitors(t)
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	b := v.open()
	p := b.get("/verify?url="+issuertest.BaseURL+"/status/1").want(200, "Signed, but this is no badge").hides("Genuine and current")
	if !strings.Contains(p.body, `class="strip neutral"`) {
		t.Error("not neutral")
	}
	for _, c := range checksShown(v, issuertest.BaseURL+"/status/1", "") {
		if c.Name == verifier.CheckParse && c.Outcome == verifier.Warning {
			if row := runRow(1, "x", &verifier.Report{Verdict: verifier.Valid, Checks: []verifier.Check{c}}); row.Look != "no_badge" {
				t.Error(row.Look)
			}
			return
		}
	}
	t.Error("no remark")
}

func checksShown(v *visitors, input, name string) []verifier.Check {
	v.t.Helper()
	w := v.ask("POST", apiPath+"/verify", string(encode(map[string]string{"input": input, "name": name})))
	var r verifier.Report
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != http.StatusOK {
		v.t.Fatal(w.Code, err)
	}
	return r.Checks
}

// The name on the CV is compared in four levels, and for badges of ours that say none with our record.
func TestNameOnTheCV(t *testing.T) {
	v := newVisitors(t)
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	b := v.open()
	for _, address := range []string{"/badges/" + id, "/badges/" + id + "/assertion.json"} {
		for name, want := range map[string]string{
			"ana  RUIZ": "Genuine and current", "Ana Ruíz": "Genuine and current", "Ruiz, Ana": "Genuine and current", "Ana María Ruiz": "Genuine and current",
			"Ben Okafor": "Genuine, but issued to someone else", "Ana": "Genuine, but names differ",
		} {
			p := b.get("/verify").press("Check this badge", "input", issuertest.BaseURL+address, "name", name).want(200, want)
			similar := strings.Contains(p.body, "apart from accents, order or middle names. Compare")
			if wantNote := strings.HasPrefix(want, "Genuine and") && name != "ana  RUIZ"; similar != wantNote {
				t.Errorf("%s, %s: note %v", address, name, similar)
			}
			p.hides("was not compared")
		}
	}
	r := &verifier.Report{Verdict: verifier.Valid, Checks: []verifier.Check{{Name: verifier.CheckRecipient, Outcome: verifier.Warning}}}
	if notes := v.result(r, verifier.Input{Person: "Ana"}, v.docs.Page).Notes(); len(notes) != 1 || notes[0] != "result.note.uncompared" {
		t.Error(notes)
	}
}

func TestTypedAddresses(t *testing.T) {
	v := newVisitors(t)
	const ours = issuertest.BaseURL + "/badges/7q3zk5mwn2ahx6dtfcyu"
	bare := strings.TrimPrefix(ours, "https://")
	for text, want := range map[string]string{
		ours: ours, ours + ".": ours, ours + ",": ours, ours + ";": ours, ours + "/": ours, ours + "/.": ours, "<" + ours + ">": ours, "<" + ours + ">.": ours,
		`"` + ours + `"`: ours, "“" + ours + "”,": ours, bare: ours, bare + "/": ours, "(" + ours + ")": ours,
		"certs.example/1": "https://certs.example/1", "<certs.example/1/>": "https://certs.example/1/", "https://certs.example/a_(b)": "https://certs.example/a_(b)",
		"https://certs.example/1/": "https://certs.example/1/",
		"hello":                    "hello", "eyJh.eyJi.c2ln": "eyJh.eyJi.c2ln", `{"a":"b"}`: `{"a":"b"}`, "see certs.example/1 please": "see certs.example/1 please", "a/b": "a/b", "": "",
	} {
		if got := v.typed(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	list := links([]byte(v.typedLines("name,link\n\"Ruiz, Ana\",\"" + bare + "/\"\nBen,<" + ours + ">.\n"))).addresses()
	if len(list) != 2 || list[0] != ours || list[1] != ours {
		t.Error(list)
	}
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	address := issuertest.BaseURL + "/badges/" + id
	v.open().get("/verify").press("Check this badge", "input", "<"+address+"/>.").want(200, "Genuine and current").says(address)
	w := v.ask("POST", apiPath+"/verify", string(encode(map[string]string{"input": strings.TrimPrefix(address, "https://") + "."})))
	if got := object(t, w); got["verdict"] != "valid" || got["input"] != address {
		t.Error(w.Body)
	}
}

// A file of a hosted badge that says something else than its issuer's is shown as such.
func TestChangedCopy(t *testing.T) {
	v := newVisitors(t)
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	b := v.open()
	same := v.ask("GET", "/badges/"+id+"/assertion.json", "").Body.String()
	changed := strings.Replace(same, `"issuedOn":"2026`, `"issuedOn":"2016`, 1)
	if changed == same {
		t.Fatal(same)
	}
	const note = "Your file differs from the issuer's copy"
	b.upload("a.json", []byte(same)).want(200, "Genuine and current").hides(note)
	b.upload("a.json", []byte(changed)).want(200, "Genuine and current").says(note)
}

func TestDamagedFiles(t *testing.T) {
	v := newVisitors(t)
	id := v.record(anasPass("R-7", "E7"))[0].ID
	v.accept(id, issuer.ByLink)
	b := v.open()
	b.upload("notes.txt", []byte("hello")).want(200, "No badge inside this file").says("neither a link nor a badge").hides("screenshot")
	png := b.get("/badges/" + id + "/badge.png").body
	jwt := b.get("/badges/" + id + "/credential.jwt").body
	b.upload("badge.png", []byte(png[:len(png)/2])).want(200, "Not a valid badge").says("damaged", "original").hides("breaks the rules of the Open Badges")
	head, rest, _ := strings.Cut(jwt, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	b.upload("badge.jwt", []byte(head+"."+claims[:len(claims)/2]+"."+signature)).want(200, "Not a valid badge").says("damaged").hides("breaks the rules of the Open Badges")
}
