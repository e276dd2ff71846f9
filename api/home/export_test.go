package home_test

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/earner/leaving"
	"github.com/open-insignia/insignia/openbadge"
)

// contents are the files of a ZIP file.
func contents(t *testing.T, body string) map[string]string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(f.Name, err)
		}
		files[f.Name] = string(data)
	}
	return files
}

// exported has an export made and downloads it.
func exported(v *apitest.Visitors, b *apitest.Browser) string {
	v.T.Helper()
	b.Get("/me/settings").Press("Prepare").Want(200, "Settings").Says("Your file waits for its turn.")
	v.Work(v.T)
	page := b.Get("/me/settings").Says("Made on 5 March 2026", "It is kept until 12 March 2026")
	return page.Follow("Download my file").Body
}

// TestTakingDataAlong downloads everything of somebody: the badges as their pages give them, the transcript, and what
// was done, chosen and mailed, on a first page whose links stay in the file.
//
// row 71: picture, JSON and JWT of each badge, under readable names; row 58: the metadata in the picture is the holder's.
func TestTakingDataAlong(t *testing.T) {
	v, ana, id, file := leaves(t)
	ana.Get("/me/transcript").Press("Make", "label", "Contoso") // a share code, that somebody opens
	ana.Get("/me/settings").Says("Take it along").Hides("Download my file")
	ana.Get("/me/export.zip").Want(200, "Settings")
	body := exported(v, ana)
	if l := v.Mailed.Left; len(l) != 1 || l[0].Kind != leaving.LetterExport || !l[0].On.Equal(v.Clock.Now().UTC().Add(7*24*time.Hour)) {
		t.Errorf("letters %+v", l)
	}
	files := contents(t, body)
	var badges []struct {
		ID, Code, State, Visibility, Validity string
		Files                                 []string
		History                               []struct{ What string }
	}
	if err := json.Unmarshal([]byte(files["badges.json"]), &badges); err != nil || len(badges) != 3 {
		t.Fatalf("%d badges, %v", len(badges), err)
	}
	for _, b := range badges {
		if b.State == "offered" != (len(b.Files) == 0) || b.State == "accepted" && len(b.Files) != 4 || len(b.History) == 0 {
			t.Errorf("%+v", b)
		}
		for _, name := range b.Files {
			if files[name] == "" {
				t.Errorf("no %s", name)
			}
		}
		if b.ID != id {
			continue
		}
		for n, form := range []string{"badge.png", "badge.svg", "credential.json", "credential.jwt"} {
			if !strings.HasSuffix(strings.TrimSuffix(b.Files[n], "."+form[strings.LastIndex(form, ".")+1:]), "/stand-alone-exam-ana-ruiz") {
				t.Errorf("%s is called %s", form, b.Files[n])
			}
			if files[b.Files[n]] != ana.Get("/me/badges/"+id+"/"+form).Body {
				t.Errorf("%s is another file than the page gives", b.Files[n])
			}
		}
		if chunks, err := openbadge.Extract([]byte(files[b.Files[0]])); err != nil || len(chunks) != 2 {
			t.Errorf("the picture carries %d documents, %v", len(chunks), err)
		}
		if files[b.Files[3]] != file {
			t.Error("the JWT is another one")
		}
	}
	for name, says := range map[string]string{
		"transcript.pdf": "%PDF-", "transcript.json": `"exam": "E4"`, "profile.json": "ana@home.test", "choices.json": `"name_shown": "full"`,
		"mails.json": "[", "opened.json": "Contoso", "account.json": leaving.ExportAsked, "style.css": "--paper",
	} {
		if !strings.Contains(files[name], says) {
			t.Errorf("%s does not say %s:\n%.300s", name, says, files[name])
		}
	}
	first := files["index.html"]
	for _, says := range []string{"Data of Ana Ruiz", "Stand-alone Exam", "Cloud Fundamentals", "Contoso", "You had your data put together."} {
		if !strings.Contains(first, says) {
			t.Errorf("the first page does not say %q", says)
		}
	}
	for _, attribute := range []string{`href="`, `src="`} {
		for _, rest := range strings.Split(first, attribute)[1:] {
			if target, _, _ := strings.Cut(rest, `"`); files[target] == "" {
				t.Errorf("the first page leads to %q, which is not in the file", target)
			}
		}
	}
}

// TestExportIsItsOwners: for nobody else, and no more after a week.
func TestExportIsItsOwners(t *testing.T) {
	v, ana, _, _ := leaves(t)
	exported(v, ana)
	v.Open().Get("/me/export.zip").Want(200, "Sign in")
	v.Post(apitest.PassBy("R-9", "E1", "C-9", "ben@work.test", "Ben", "en"))
	ben := v.Open()
	v.SignIn(ben, "ben@work.test")
	ben.Get("/me/export.zip").Want(200, "Settings").Hides("Download my file")
	if p := ana.Get("/me/export.zip"); p.Header.Get("Content-Type") != "application/zip" || !strings.Contains(p.Header.Get("Content-Disposition"), `"my-badges-2026-03-05.zip"`) ||
		p.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", p.Header)
	}
	for range 2 {
		v.Clock.Advance(4 * 24 * time.Hour)
		ana.Get("/me") // a session ends when it is not used
	}
	if err := v.Exports.Forget(context.Background()); err != nil {
		t.Fatal(err)
	}
	ana.Get("/me/export.zip").Want(200, "Settings").Hides("Download my file")
	var parts int
	if _, err := v.DB.Reader().Get(t.Context(), &parts, `SELECT COUNT(*) FROM leaving_export_part`); err != nil || parts != 0 {
		t.Errorf("%d parts are left, %v", parts, err)
	}
}

// TestExportAskedForManyTimes: one is made, however many ask at once.
func TestExportAskedForManyTimes(t *testing.T) {
	v, ana, _, _ := leaves(t)
	who := v.Holder("ana@home.test")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if err := v.Exports.Ask(context.Background(), who.ID, "en"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	v.Work(t)
	if n := len(v.Mailed.Left); n != 1 {
		t.Errorf("%d letters", n)
	}
	ana.Get("/me/settings").Says("Made on")
}

// TestExportCutOff: whoever has a part gets the rest, and whoever comes after another file was made gets that one whole.
func TestExportCutOff(t *testing.T) {
	v, ana, _, _ := leaves(t)
	whole := exported(v, ana)
	tag := ana.Get("/me/export.zip").Header.Get("ETag")
	half := len(whole) / 2
	part := func(tag string, from int) *apitest.Page {
		return ana.Do(http.MethodGet, "/me/export.zip", "", http.Header{"Range": {fmt.Sprintf("bytes=%d-", from)}, "If-Range": {tag}})
	}
	if rest := part(tag, half); rest.Status != http.StatusPartialContent || whole[:half]+rest.Body != whole {
		t.Errorf("the rest: %d, %d bytes of %d", rest.Status, len(rest.Body), len(whole)-half)
	}
	if tail := part(tag, len(whole)-1); tail.Body != whole[len(whole)-1:] {
		t.Errorf("the last byte: %d %q", tail.Status, tail.Body)
	}
	again := exported(v, ana)
	if rest := part(tag, half); rest.Status != http.StatusOK || rest.Body != again {
		t.Errorf("after another was made: %d, %d bytes of %d", rest.Status, len(rest.Body), len(again))
	}
}
