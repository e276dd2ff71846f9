package jsonld

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every embedded text is the one that the manifest names, with its source and licence, and no file
// is embedded without an entry.
func TestManifest(t *testing.T) {
	listed := map[string]bool{"manifest.json": true}
	urls := map[string]bool{}
	for _, s := range sources {
		listed[s.File] = true
		data := file(s.File)
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != s.SHA256 {
			t.Errorf("%s has SHA-256 %x, the manifest says %s", s.File, sum, s.SHA256)
		}
		if s.Licence == "" || s.Source == "" || !strings.HasPrefix(s.URL, "https://") {
			t.Errorf("%s: licence %q, source %q, URL %q", s.File, s.Licence, s.Source, s.URL)
		}
		if s.Need == "fallback" {
			continue
		}
		if urls[s.URL] {
			t.Errorf("%s has two texts", s.URL)
		}
		urls[s.URL] = true
		if got, found := Document(s.URL); !found || !bytes.Equal(got, data) {
			t.Errorf("%s is not the document at %s", s.File, s.URL)
		}
	}
	entries, err := files.ReadDir("contexts")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !listed[e.Name()] {
			t.Errorf("%s is not in the manifest", e.Name())
		}
	}
}

// The digest that W3C publishes for its context (VCDM 2.0 appendix B), and the current one of the
// three texts of context-3.0.3.json.
func TestPinnedTexts(t *testing.T) {
	for url, want := range map[string]string{
		"https://www.w3.org/ns/credentials/v2":                           "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
		"https://www.w3.org/2018/credentials/v1":                         "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc",
		"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json":     "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
		"https://purl.imsglobal.org/spec/ob/v3p0/context.json":           "b077fa134d909d92c1dcd1c153f2af1b244aeb415967fdc1467d7fc5dd48ac10",
		"https://purl.imsglobal.org/spec/ob/v3p0/context/ob_v3p0.jsonld": "b077fa134d909d92c1dcd1c153f2af1b244aeb415967fdc1467d7fc5dd48ac10",
	} {
		data, found := Context(url)
		if sum := sha256.Sum256(data); !found || hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s has SHA-256 %x, want %s", url, sum, want)
		}
	}
}

// What is embedded is byte for byte what ../shared/spec/contexts has, and nothing that it needs is
// missing.
func TestSameAsSpecification(t *testing.T) {
	data, err := os.ReadFile(shared + "spec/contexts/manifest.json")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no contexts: ../shared is not here")
	}
	var manifest struct {
		Entries []struct{ URL, File, SHA256, Need string }
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	ours := map[string]bool{}
	for _, s := range sources {
		ours[s.URL+" "+s.SHA256] = true
	}
	for _, e := range manifest.Entries {
		if has := ours[e.URL+" "+e.SHA256]; has == (e.Need == "test") {
			t.Errorf("%s (%s) is needed as %s; embedded: %v", e.URL, e.File, e.Need, has)
		}
		if _, found := Document(e.URL); e.Need == "test" && found {
			t.Errorf("%s is for tests only", e.URL)
		}
	}
	extensions, err := filepath.Glob(shared + "spec/contexts/ob2-extensions/*Extension.*.json")
	if err != nil || len(extensions) != 10 {
		t.Fatalf("%d extension files, %v", len(extensions), err)
	}
	for _, name := range extensions {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		url := "https://w3id.org/openbadges/extensions/" + strings.Replace(filepath.Base(name), ".", "/", 1)
		if got, _ := Document(url); !bytes.Equal(got, want) {
			t.Errorf("%s differs from %s", url, name)
		}
	}
}

// Every embedded context parses here and in json-gold, refers to embedded ones only, and has no
// @vocab: a word that it does not define stays undefined.
func TestEmbeddedContextsWork(t *testing.T) {
	env := newEnvironment(nil)
	for _, s := range sources {
		if !isContext(s.URL) || s.Need == "fallback" {
			continue
		}
		doc := `{"@context":"` + s.URL + `","@id":"urn:x","noSuchTerm":"x"}`
		_, err := env.convert(object(t, []byte(doc)))
		wantKind(t, s.URL, err, UndefinedTerm)
		doc = `{"@context":"` + s.URL + `","@id":"urn:x"}`
		if quads, err := env.convert(object(t, []byte(doc))); err != nil || len(quads) != 0 {
			t.Errorf("%s: got %v, %v", s.URL, quads, err)
		}
	}
}

func TestContextAndDocument(t *testing.T) {
	schema := "https://w3id.org/openbadges/extensions/geoCoordinatesExtension/schema.json"
	if _, found := Context(schema); found {
		t.Error("a schema is no context")
	}
	if data, found := Document(schema); !found || !json.Valid(data) {
		t.Errorf("got %s, %v, want the schema", data, found)
	}
	if _, found := Context("https://example.org/unknown"); found {
		t.Error("an unknown URL has a context")
	}
}

// The older text of context-3.0.3.json gives the same statements for every case that does not use
// the terms that it lacks.
func TestOlderTextGivesTheSame(t *testing.T) {
	const url = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
	local, err := readContext(file("ob-v3p0-context-3.0.3.rev2024-03.json"))
	if err != nil {
		t.Fatal(err)
	}
	env, old := newEnvironment(testContexts(t)), newEnvironment(testContexts(t))
	old.parsed[url] = listOf(local)
	same := 0
	for _, doc := range caseDocuments(t) {
		quads, err := env.convert(object(t, doc.text))
		if err != nil || !bytes.Contains(doc.text, []byte(url)) || bytes.Contains(doc.text, []byte(`"endorsementJwt"`)) || bytes.Contains(doc.text, []byte(`"jti"`)) {
			continue
		}
		before, err := old.convert(object(t, doc.text))
		if err != nil || canonical(t, before) != canonical(t, quads) {
			t.Errorf("%s differs: %v", doc.ID, err)
		}
		same++
	}
	if same < 50 {
		t.Errorf("compared %d documents, want at least 50", same)
	}
	withJWT := strings.Replace(basicCredential, `"name":"Robotics Basics",`, `"name":"Robotics Basics","endorsementJwt":["e30.e30.x"],`, 1)
	if _, err := env.convert(object(t, []byte(withJWT))); err != nil {
		t.Errorf("the current text refuses endorsementJwt: %v", err)
	}
	_, err = old.convert(object(t, []byte(withJWT)))
	wantKind(t, "older text", err, UndefinedTerm)
}

func wantKind(t testing.TB, what string, err error, want Kind) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Errorf("%s: got %v, want %s", what, err, want)
		return &Error{}
	}
	if e.Kind != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
	return e
}
