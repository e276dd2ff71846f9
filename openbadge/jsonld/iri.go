package jsonld

import "strings"

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
