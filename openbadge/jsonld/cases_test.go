package jsonld

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

const shared = "../../../shared/"

// caseEntry is a line of ../shared/cases/index.json, with the text of its input.
type caseEntry struct {
	ID, Input, Kind, Expect, Why, Level string
	text                                []byte
}

func sharedJSON(t testing.TB, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(shared + name)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("../shared is not here")
	}
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// caseDocuments are the 3.0 cases whose input is a JSON document.
func caseDocuments(t testing.TB) []caseEntry {
	t.Helper()
	var index, documents []caseEntry
	sharedJSON(t, "cases/index.json", &index)
	for _, e := range index {
		if e.Kind != "json" || !strings.HasPrefix(e.Input, "ob3/") {
			continue
		}
		var err error
		if e.text, err = os.ReadFile(shared + "cases/" + e.Input); err != nil {
			t.Fatal(err)
		}
		documents = append(documents, e)
	}
	return documents
}

// testContexts are the texts that only the examples of W3C use; one has @vocab.
func testContexts(t testing.TB) map[string][]byte {
	t.Helper()
	texts := map[string][]byte{}
	for url, name := range map[string]string{
		"https://www.w3.org/ns/credentials/examples/v2":   "credentials-examples-v2.json",
		"https://www.w3.org/2018/credentials/examples/v1": "credentials-examples-v1.json",
		"https://www.w3.org/ns/odrl.jsonld":               "odrl.json",
		"https://w3id.org/citizenship/v4rc1":              "citizenship-v4rc1.json",
	} {
		data, err := os.ReadFile(filepath.Join(shared, "spec/contexts", name))
		if err != nil {
			t.Skip("no contexts for tests: ", err)
		}
		texts[url] = data
	}
	return texts
}

func object(t testing.TB, doc []byte) map[string]any {
	t.Helper()
	v, err := Decode(doc)
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

// Every 3.0 document of the cases, with its proof and without: the statements are those of json-gold,
// or the document is refused. No case that must verify is refused.
func TestCasesEqualJSONGold(t *testing.T) {
	env := newEnvironment(testContexts(t))
	same, refused := 0, 0
	for _, e := range caseDocuments(t) {
		bare := object(t, e.text)
		delete(bare, "proof")
		for _, doc := range []map[string]any{object(t, e.text), bare} {
			quads, err := env.convert(doc)
			if err != nil {
				if refused++; e.Expect == "valid" {
					t.Errorf("%s is valid and refused: %v", e.ID, err)
				}
				continue
			}
			want, err := goldQuads(doc, env)
			if err != nil {
				t.Errorf("%s: json-gold refuses: %v", e.ID, err)
				continue
			}
			if got, want := canonical(t, quads), canonical(t, want); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", e.ID, got, want)
			}
			same++
		}
	}
	if same < 200 {
		t.Errorf("compared %d documents, want at least 200", same)
	}
	t.Logf("%d documents the same, %d refused, %d contexts kept", same, refused, env.kept.Load())
}

// digest is the SHA-256 of the canonical form, as signatures use it.
func digest(t testing.TB, env *environment, doc map[string]any) string {
	t.Helper()
	quads, err := env.convert(doc)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(canonical(t, quads)))
	return hex.EncodeToString(sum[:])
}

// The W3C vectors, and the worked badge of the Open Badges specification: the hashes of document and
// proof configuration.
func TestVectors(t *testing.T) {
	env := newEnvironment(testContexts(t))
	var vectors struct {
		EdDSA []struct {
			Name, Suite, DocumentHash, ProofHash string
			ProofConfig                          map[string]any
		}
	}
	sharedJSON(t, "cases/vectors.json", &vectors)
	inputs := map[string]string{"alumni": "w3c--eddsa-rdfc-2022-alumni", "employ": "w3c--eddsa-rdfc-2022-employ", "ed25519signature2020": "w3c--Ed25519Signature2020"}
	checked := 0
	for _, v := range vectors.EdDSA {
		if inputs[v.Name] == "" {
			continue
		}
		checkDigests(t, env, inputs[v.Name], v.DocumentHash, v.ProofHash, v.ProofConfig)
		checked++
	}
	if checked != 3 {
		t.Errorf("%d vectors, want 3", checked)
	}
	checkDigests(t, env, "spec--linked-data-proof-ob", "87f65a76…0773", "d34009ce…5d19", nil)
}

func checkDigests(t *testing.T, env *environment, input, documentHash, proofHash string, config map[string]any) {
	t.Helper()
	var doc map[string]any
	sharedJSON(t, "cases/ob3/"+input+"/input.json", &doc)
	proof := listOf(doc["proof"])[0].(map[string]any)
	delete(doc, "proof")
	if got := digest(t, env, doc); !matches(got, documentHash) {
		t.Errorf("%s: document hash %s, want %s", input, got, documentHash)
	}
	if config == nil {
		config = maps.Clone(proof)
		delete(config, "proofValue")
		config["@context"] = doc["@context"]
	}
	if got := digest(t, env, config); !matches(got, proofHash) {
		t.Errorf("%s: proof hash %s, want %s", input, got, proofHash)
	}
}

// matches compares with a digest that may be shortened by an ellipsis.
func matches(digest, want string) bool {
	head, tail, _ := strings.Cut(want, "…")
	return strings.HasPrefix(digest, head) && strings.HasSuffix(digest, tail)
}

// Whatever text, number or boolean of a valid case is changed, member by member, the canonical form
// changes or the document is refused: nothing that a reader sees stands outside the signature.
func TestEveryValueCounts(t *testing.T) {
	env := newEnvironment(testContexts(t))
	changed, refused := 0, 0
	for _, e := range caseDocuments(t) {
		if e.Expect != "valid" {
			continue
		}
		doc := object(t, e.text)
		delete(doc, "proof")
		before := digest(t, env, doc)
		alter(doc, func(where string) {
			quads, err := env.convert(doc)
			if err != nil {
				refused++
				return
			}
			changed++
			c, err := rdf.Canonicalize(quads, rdf.Options{})
			if err != nil {
				t.Errorf("%s: %v", e.ID, err)
				return
			}
			// This one says the same about some nodes twice, so that once can be taken away.
			twice := e.ID == "ob3/spec--linked-data-proof-clr" && strings.HasPrefix(where, "the absence of ")
			if sum := sha256.Sum256(c.Text()); hex.EncodeToString(sum[:]) == before && !twice {
				t.Errorf("%s: a change of %s does not count", e.ID, where)
			}
		})
	}
	if changed < 1000 || refused < 500 {
		t.Errorf("%d changes counted, %d refused: too few to prove something", changed, refused)
	}
}

// alter changes each value of a document in turn, calls check, and puts the value back. It also takes
// each member away, and adds one that no context knows.
func alter(v any, check func(where string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range maps.Clone(v) {
			if name == "@context" {
				continue
			}
			if inner != nil && !isEmptyArray(inner) {
				delete(v, name)
				check("the absence of " + name)
			}
			if other := another(inner); other != nil {
				v[name] = other
				check(name)
			}
			v[name] = inner
			alter(inner, check)
		}
		v["rank"] = "gold"
		check("an unknown member")
		delete(v, "rank")
	case []any:
		for i, inner := range v {
			if other := another(inner); other != nil {
				v[i] = other
				check("an element")
				v[i] = inner
			}
			alter(inner, check)
		}
	}
}

func isEmptyArray(v any) bool {
	list, is := v.([]any)
	return is && len(list) == 0
}

func another(v any) any {
	switch v := v.(type) {
	case string:
		return v + "x"
	case json.Number:
		return v + "1"
	case bool:
		return !v
	}
	return nil
}
