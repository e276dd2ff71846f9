package jsonld

import (
	"maps"
	"strings"
	"sync"

	"github.com/piprate/json-gold/ld"
)

// active is an active context (JSON-LD 1.1 API §4.1). It is never changed, so that it can be shared;
// the contexts that follow from it are made once and kept.
type active struct {
	env      *environment
	ld       *ld.Context
	terms    map[string]*ld.TermDefinition
	previous *active // where a type-scoped context ends

	mu   sync.RWMutex
	next map[edge]*active

	once sync.Once
	iris map[string]meaning
}

// edge is what leads from one active context to the next: a URL, or the scoped context of a term.
type edge struct {
	url  string
	term *ld.TermDefinition
	how  scope
}

type scope uint8

const (
	local scope = iota
	typeScoped
	propertyScoped
)

func (e *environment) activate(c *ld.Context, previous *active) *active {
	return &active{env: e, ld: c, terms: c.TermDefinitions, previous: previous, next: map[edge]*active{}}
}

// follow gives the active context that comes after an edge. A context that is not kept yet takes from
// the budget by its size: parsing and copying is what takes time.
func (a *active) follow(e edge, budget *int) (*active, error) {
	a.mu.RLock()
	found := a.next[e]
	a.mu.RUnlock()
	if found != nil {
		return found, nil
	}
	contexts, err := a.contexts(e)
	if err != nil {
		return nil, err
	}
	if *budget -= price(a, contexts); *budget < 0 {
		return nil, failure(TooLarge, nil, "too many different contexts")
	}
	made, err := a.make(e, contexts)
	if err != nil {
		return nil, err
	}
	if a.env.kept.Add(1) > maxKept {
		return made, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if found := a.next[e]; found != nil {
		return found, nil
	}
	a.next[e] = made
	return made, nil
}

// price is what it takes to copy the terms of an active context and to define those of new ones.
func price(a *active, contexts []any) int {
	sum := 1 + len(a.terms)/256
	for _, c := range contexts {
		if o, is := c.(map[string]any); is {
			sum += len(o) / 16
		}
	}
	return sum
}

// contexts gives the context objects that an edge stands for; nil is the one that forgets all terms.
func (a *active) contexts(e edge) ([]any, error) {
	if e.how == local {
		return a.env.contexts(e.url)
	}
	_, is := e.term.Context.(map[string]any)
	if !is && (e.term.Context != nil || e.how == typeScoped) {
		return nil, failure(Unsupported, nil, "scoped context of %.100s is no object", e.term.ID)
	}
	return []any{e.term.Context}, nil
}

// make processes the contexts of an edge. json-gold may panic over those of strangers.
func (a *active) make(e edge, contexts []any) (made *active, err error) {
	defer func() {
		if r := recover(); r != nil {
			made, err = nil, failure(Malformed, nil, "context: %v", r)
		}
	}()
	switch {
	case e.how == local:
		return a.parse(contexts, a.previous)
	case e.how == propertyScoped && contexts[0] == nil:
		return a.env.initial, nil
	case e.how == propertyScoped:
		return a.override(contexts)
	case a.previous != nil:
		return a.parse(contexts, a.previous)
	}
	return a.parse(contexts, a)
}

func (a *active) parse(contexts []any, previous *active) (*active, error) {
	parsed, err := a.ld.Parse(contexts)
	if err != nil {
		return nil, failure(Malformed, nil, "context: %v", err)
	}
	return a.env.activate(parsed, previous), nil
}

// override processes a property-scoped context, which may redefine protected terms (JSON-LD 1.1 API
// §4.1.2, override protected): the terms are unprotected for it and those that stay are protected
// again.
func (a *active) override(contexts []any) (*active, error) {
	open := ld.CopyContext(a.ld)
	clear(open.Protected)
	copies := map[*ld.TermDefinition]*ld.TermDefinition{}
	for name, t := range open.TermDefinitions {
		if t != nil && t.Protected {
			c := t.Copy()
			c.Protected = false
			copies[c] = t
			open.TermDefinitions[name] = c
		}
	}
	parsed, err := open.Parse(contexts)
	if err != nil {
		return nil, failure(Malformed, nil, "context: %v", err)
	}
	for name, t := range parsed.TermDefinitions {
		if original, is := copies[t]; is {
			parsed.TermDefinitions[name] = original
		}
	}
	maps.Copy(parsed.Protected, a.ld.Protected)
	return a.env.activate(parsed, a.previous), nil
}

// expand is IRI expansion (JSON-LD 1.1 API §5.2) without a base: what stays relative is told from an
// absolute IRI by the caller. Empty means that the context maps the word to nothing.
func (a *active) expand(word string, vocabulary bool) string {
	if strings.HasPrefix(word, "@") && keywordLike(word) {
		return word
	}
	if t, found := a.terms[word]; vocabulary && found {
		if t == nil {
			return ""
		}
		return t.ID
	}
	if i := strings.IndexByte(word, ':'); i > 0 {
		if word[:i] == "_" || strings.HasPrefix(word[i+1:], "//") {
			return word
		}
		if t := a.terms[word[:i]]; t != nil && t.ID != "" && t.Prefix != nil && *t.Prefix {
			return t.ID + word[i+1:]
		}
		return word
	}
	if vocabulary && a.ld.Values.Vocab != nil {
		return *a.ld.Values.Vocab + word
	}
	return word
}

// keywordLike words have the form of a keyword, known or reserved.
func keywordLike(word string) bool {
	for _, c := range []byte(word[1:]) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return len(word) > 1
}

// meaning says which terms of a context mean an IRI: some term, a protected one.
type meaning struct{ defined, protected bool }

func (a *active) meaning(iri string) meaning {
	a.once.Do(func() {
		a.iris = make(map[string]meaning, len(a.terms))
		for _, t := range a.terms {
			if t != nil {
				a.iris[t.ID] = meaning{true, t.Protected || a.iris[t.ID].protected}
			}
		}
	})
	return a.iris[iri]
}

// shadowed says whether a word is a second way to write what a term of the context means, one that
// readers do not look for: an IRI instead of the term ("https://…#validUntil"), or a term of some
// other context instead of a protected one ("expiration" of security/v1 instead of "expires").
func (a *active) shadowed(word, iri string) bool {
	t := a.terms[word]
	if t == nil {
		return a.meaning(iri).defined
	}
	return !t.Protected && a.meaning(iri).protected
}
