package jsonld

import (
	"embed"
	"encoding/json"
	"slices"
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
