package jsonld

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/piprate/json-gold/ld"
)

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
