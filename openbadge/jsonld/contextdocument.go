package jsonld

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
)

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
