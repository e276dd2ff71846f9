package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/verifier"
)

// proof is a document that proves a badge, and where it came from.
type proof struct {
	url  string
	data []byte
}

// download fetches everything that a badge's page offers as proof.
func download(t *testing.T, v *visitor, badge string) (list []proof) {
	t.Helper()
	for name, media := range map[string]string{
		"assertion.json": "application/ld+json", "credential.jwt": "text/plain; charset=utf-8", "badge.png": "image/png",
	} {
		if v.open(badge + "/" + name); v.status != http.StatusOK || v.header.Get("Content-Type") != media {
			t.Errorf("%s: got %d %s, want 200 %s", name, v.status, v.header.Get("Content-Type"), media)
		}
		list = append(list, proof{badge + "/" + name, v.body})
	}
	return list
}

// verify has every proof judged by address and as a file: by the server, by a verifier that knows
// nothing but the network, and by the command line without any network.
func (s *stage) verify(t *testing.T, proofs []proof, want verifier.Verdict) {
	t.Helper()
	check := func(how string, p proof, r verifier.Report, known bool) {
		t.Helper()
		if r.Verdict != want || r.Valid != (want == verifier.Valid) || r.Valid && r.IssuerKnown != known { // what is left of a withdrawn assertion names no issuer
			t.Errorf("%s %s: got %s, valid %v, known %v; want %s, known %v\n%+v", path.Base(p.url), how, r.Verdict, r.Valid, r.IssuerKnown, want, known, r.Checks)
		}
	}
	network := &recorder{next: egress.New(egress.Options{Loopback: true}), seen: egress.Memory{}}
	stranger := verifier.New(verifier.Options{Fetch: network, Now: time.Now})
	folder := t.TempDir()
	args := []string{"verify", "--json", "--resources", filepath.Join(folder, "resources.json")}
	for _, p := range proofs {
		var byAddress, byFile verifier.Report
		s.call(t, http.StatusOK, "/verify", map[string]any{"input": p.url}, &byAddress)
		s.sendFile(t, p, &byFile)
		check("by address", p, byAddress, true)
		check("as a file", p, byFile, true)
		check("to a stranger by address", p, *stranger.Verify(context.Background(), verifier.Input{Data: []byte(p.url)}), false)
		check("to a stranger as a file", p, *stranger.Verify(context.Background(), verifier.Input{Data: p.data}), false)
		file := filepath.Join(folder, path.Base(p.url))
		if err := os.WriteFile(file, p.data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, p.url, file)
	}
	network.save(t, folder)
	code, out, errOut := runCommand(t, "", args...)
	var reports []verifier.Report
	if err := json.Unmarshal([]byte(out), &reports); err != nil || len(reports) != 2*len(proofs) {
		t.Fatalf("insignia verify: %v, %d reports, %s", err, len(reports), errOut)
	}
	for k, r := range reports {
		check("on the command line", proofs[k/2], r, false)
	}
	if wantCode := map[bool]int{true: 0, false: exitNotValid}[want == verifier.Valid]; code != wantCode {
		t.Errorf("insignia verify: got exit code %d, want %d", code, wantCode)
	}
}

// sendFile has a proof verified as an uploaded file.
func (s *stage) sendFile(t *testing.T, p proof, v any) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	w, err := form.CreateFormFile("file", path.Base(p.url))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(p.data); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	s.send(t, http.StatusOK, "/verify", form.FormDataContentType(), body.Bytes(), v)
}

// recorder fetches over the network and remembers what it got.
type recorder struct {
	next egress.Fetcher
	mu   sync.Mutex
	seen egress.Memory
}

func (r *recorder) Fetch(ctx context.Context, q egress.Request) (*egress.Response, error) {
	answer, err := r.next.Fetch(ctx, q)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seen[q.URL] = egress.Resource{Status: answer.Status, Headers: map[string]string{"Content-Type": answer.ContentType}, Body: string(answer.Body)}
	}
	return answer, err
}

// save writes a --resources file, with the bodies in files beside it.
func (r *recorder) save(t *testing.T, folder string) {
	t.Helper()
	index := egress.Memory{}
	for url, answer := range r.seen {
		answer.File = fmt.Sprintf("answer%d", len(index))
		if err := os.WriteFile(filepath.Join(folder, answer.File), []byte(answer.Body), 0o600); err != nil {
			t.Fatal(err)
		}
		answer.Body = ""
		index[url] = answer
	}
	data, err := json.Marshal(index)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "resources.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
}
