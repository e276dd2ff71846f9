package jsonld

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/piprate/json-gold/ld"
)

// Source tells where an embedded document comes from.
type Source struct {
	URL     string `json:"url"`
	File    string `json:"file"`
	SHA256  string `json:"sha256"`
	Licence string `json:"licence"`
	Source  string `json:"source"` // the repository or package that the text was taken from
	Need    string `json:"need"`   // required, optional, ob2, ob2-schema, fallback
	Note    string `json:"note"`
}

//go:embed contexts/*.json
var files embed.FS

// sources are all embedded documents, documents those that a URL stands for.
var sources, documents = load()

// load reads the manifest. A text marked fallback is an older one of the same URL: context-3.0.3.json
// has had three texts (2024-03; 2025-11, which adds jti; 2026-06, which adds endorsementJwt), and the
// newest is the one in use. The texts give the same statements unless one of these two terms occurs.
func load() ([]Source, map[string][]byte) {
	var manifest struct{ Entries []Source }
	if err := json.Unmarshal(file("manifest.json"), &manifest); err != nil {
		panic(err)
	}
	byURL := map[string][]byte{}
	for _, s := range manifest.Entries {
		if s.Need != "fallback" {
			byURL[s.URL] = file(s.File)
		}
	}
	return manifest.Entries, byURL
}

func file(name string) []byte {
	data, err := files.ReadFile("contexts/" + name)
	if err != nil {
		panic(err)
	}
	return data
}

// Document gives the embedded text of a context, or of the JSON Schema of one of the five extensions
// that 1EdTech publishes for Open Badges 2.0. The bytes must not be changed.
func Document(url string) (data []byte, found bool) {
	data, found = documents[url]
	return data, found
}

// Context gives the embedded text of the context at url. The bytes must not be changed.
func Context(url string) (data []byte, found bool) {
	data, found = documents[url]
	if found && !isContext(url) {
		return nil, false
	}
	return data, found
}

func isContext(url string) bool {
	i := slices.IndexFunc(sources, func(s Source) bool { return s.URL == url && s.Need == "ob2-schema" })
	return i < 0
}

// decoded are the embedded contexts that have been read: URL -> value of @context.
var decoded sync.Map

// read gives the value of @context in the document at a URL; the embedded one wins. It must not be
// changed.
func (e *environment) read(url string) (any, error) {
	if local, found := decoded.Load(url); found {
		return local, nil
	}
	data, own := Context(url)
	if !own {
		data = e.extra[url]
	}
	if data == nil {
		return nil, failure(UnknownContext, nil, "%s", url)
	}
	local, err := readContext(data)
	if err != nil {
		return nil, failure(Malformed, nil, "context %s: %v", url, err)
	}
	if own {
		decoded.Store(url, local)
	}
	return local, nil
}

// resolve reads a context document and those that it refers to by URL.
func (e *environment) resolve(url string, trail []string) ([]any, error) {
	if slices.Contains(trail, url) || len(trail) > 8 {
		return nil, failure(Malformed, nil, "context %s includes itself", url)
	}
	local, err := e.read(url)
	if err != nil {
		return nil, err
	}
	if err := checkSafe(local); err != nil {
		return nil, failure(Malformed, nil, "context %s: %v", url, err)
	}
	if _, own := Context(url); !own {
		e.terms += countTerms(local)
	}
	if e.terms > maxTerms {
		return nil, failure(TooLarge, nil, "contexts with more than %d terms", maxTerms)
	}
	var list []any
	for _, c := range listOf(local) {
		switch c := c.(type) {
		case map[string]any:
			list = append(list, c)
		case string:
			inner, err := e.resolve(c, append(trail, url))
			if err != nil {
				return nil, err
			}
			list = append(list, inner...)
		default:
			return nil, failure(Malformed, nil, "context %s has a part that is neither object nor URL", url)
		}
	}
	if len(list) > 16 {
		return nil, failure(TooLarge, nil, "context %s has %d parts", url, len(list))
	}
	return list, nil
}

// The limits of a context document that is not embedded.
const (
	maxContextBytes = 256 << 10
	maxContextTerms = 4000
)

// unsafeContext are the entries of a context that would change what a document says in ways that the
// conversion does not follow.
var unsafeContext = []string{"@base", "@import", "@propagate", "@reverse", "@nest", "@direction", "@index"}

// readContext gives the value of the @context member. Its numbers are float64: json-gold compares
// @version with 1.1.
func readContext(data []byte) (any, error) {
	if len(data) > maxContextBytes {
		return nil, fmt.Errorf("more than %d bytes", maxContextBytes)
	}
	if _, err := Decode(data); err != nil {
		return nil, err
	}
	var document map[string]any
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&document); err != nil {
		return nil, err
	}
	local, found := document["@context"]
	if !found {
		return nil, errors.New("no @context")
	}
	if terms := countTerms(local); terms > maxContextTerms {
		return nil, fmt.Errorf("%d terms, more than %d", terms, maxContextTerms)
	}
	return local, nil
}

// checkSafe looks for unsafeContext at any depth.
func checkSafe(v any) error {
	for _, v := range listOf(v) {
		object, _ := v.(map[string]any)
		for name, inner := range object {
			if slices.Contains(unsafeContext, name) {
				return fmt.Errorf("%s is not supported", name)
			}
			if err := checkSafe(inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// countTerms counts the members of all objects in a context.
func countTerms(v any) int {
	n := 0
	for _, v := range listOf(v) {
		object, _ := v.(map[string]any)
		for _, inner := range object {
			n += 1 + countTerms(inner)
		}
	}
	return n
}

// listOf gives the elements of an array, or the value as the only one.
func listOf(v any) []any {
	if list, is := v.([]any); is {
		return list
	}
	return []any{v}
}

// maxKept is how many active contexts an environment keeps. The credentials of the official test
// material need some hundred all together; hostile ones could ask for any combination of types.
const maxKept = 500

// environment is a set of context documents and the active contexts that were made of them.
type environment struct {
	extra   map[string][]byte
	initial *active
	kept    atomic.Int32

	mu     sync.Mutex
	parsed map[string][]any // URL -> context objects, references resolved
	terms  int              // of the contexts that are not embedded
}

// embedded is the environment of documents that need no further contexts.
var embedded atomic.Pointer[environment]

// environmentOf gives the environment of a document with these further contexts. One that is full is
// replaced, so that strangers cannot fill it for good.
func environmentOf(extra map[string][]byte) *environment {
	if len(extra) > 0 {
		return newEnvironment(maps.Clone(extra))
	}
	e := embedded.Load()
	if e != nil && e.kept.Load() < maxKept {
		return e
	}
	fresh := newEnvironment(nil)
	embedded.CompareAndSwap(e, fresh)
	return fresh
}

func newEnvironment(extra map[string][]byte) *environment {
	e := &environment{extra: extra, parsed: map[string][]any{}}
	o := ld.NewJsonLdOptions("")
	o.DocumentLoader = noLoader{}
	o.SafeMode = true
	e.initial = e.activate(ld.NewContext(nil, o), nil)
	return e
}

// noLoader stands where json-gold would fetch: all references are resolved before.
type noLoader struct{}

func (noLoader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	return nil, fmt.Errorf("reference to %s inside a context", url)
}

// contexts gives the context objects that a URL stands for.
func (e *environment) contexts(url string) ([]any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if list, found := e.parsed[url]; found {
		return list, nil
	}
	list, err := e.resolve(url, nil)
	if err == nil {
		e.parsed[url] = list
	}
	return list, err
}
