// Package jsonld turns JSON-LD documents into RDF statements that a signature may be made over, and
// brings Open Badges 2.x documents into the one vocabulary that readers know. The contexts of both
// editions of the standard are embedded; nothing is ever fetched.
//
// ToRDF is strict where a signature would otherwise cover less than a reader sees: whatever would be
// dropped on the way to RDF, or could be written in a second way that readers do not recognise, is
// refused with an *Error. So it takes the part of JSON-LD 1.1 that verifiable credentials use:
// contexts by URL, scoped contexts, terms, language tags, lists, graph containers. It must never be
// loosened to make a badge verify.
//
// It is pure but for a cache of parsed contexts. It must not judge badges, and json-gold, whose
// context processing and compaction it uses, must not show through. json-gold's conversion and
// canonicalization are not used: they drop statements silently (properties in Normalize, IRIs that do
// not look like web addresses, errors inside @list and @set), and they take any time.
package jsonld

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/open-insignia/insignia/openbadge/strictjson"
)

// Kind says what is wrong with a document.
type Kind uint8

// The kinds of refusals.
const (
	Malformed      Kind = iota + 1 // no strict JSON, or against the grammar of JSON-LD
	TooLarge                       // over a limit of size, depth or work
	UnknownContext                 // a context URL that is neither embedded nor given
	InlineContext                  // a context that is an object or null instead of a URL
	UndefinedTerm                  // a property or type that no context defines
	RelativeIRI                    // an id or reference that is no absolute IRI
	Unsupported                    // a form whose meaning a signature would not cover, or a second way to write a term
	BadNumber                      // a number that is no finite double
	DisputedNumber                 // a number that implementations write differently as RDF; the document has no other fault
)

var kindNames = [...]string{
	"?", "malformed", "too large", "unknown context", "inline context",
	"undefined term", "relative IRI", "unsupported", "bad number", "disputed number",
}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[0]
}

// Error is what every function of this package returns when it refuses a document.
type Error struct {
	Kind    Kind
	Pointer string // JSON Pointer (RFC 6901) to the place, empty for the whole document
	Detail  string // the offending word, or what was expected
}

func (e *Error) Error() string {
	if e.Pointer == "" {
		return fmt.Sprintf("%s: %s", e.Kind, e.Detail)
	}
	return fmt.Sprintf("%s: %s at %s", e.Kind, e.Detail, e.Pointer)
}

// step is one step of the way to a place in a document: a member, or an element if name is empty and
// index is not negative.
type step struct {
	name  string
	index int
}

// failure makes an Error; what was found is cut to a length that a report can show.
func failure(k Kind, path []step, format string, args ...any) *Error {
	var pointer strings.Builder
	for _, s := range path {
		if s.index >= 0 {
			pointer.WriteString("/" + strconv.Itoa(s.index))
			continue
		}
		pointer.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(clip(s.name)))
	}
	return &Error{Kind: k, Pointer: clip(pointer.String()), Detail: clip(fmt.Sprintf(format, args...))}
}

func clip(s string) string {
	const most = 300
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// The limits of a document. The largest credential of the official test material has 17 kB, a depth
// below 20 and some 700 values; a status list is one long string.
const (
	MaxBytes  = 4 << 20
	MaxDepth  = 100
	MaxValues = 30_000 // objects, arrays and scalars
)

// Decode is strictjson.Decode within MaxBytes, MaxDepth and MaxValues. Errors are *Error of kind Malformed or
// TooLarge.
func Decode(doc []byte) (any, error) {
	v, err := strictjson.Decode(doc, strictjson.Limits{Bytes: MaxBytes, Depth: MaxDepth, Values: MaxValues})
	if refused, is := errors.AsType[*strictjson.Error](err); is {
		kind := Malformed
		if refused.TooLarge {
			kind = TooLarge
		}
		return nil, failure(kind, nil, "%s", refused.Detail)
	}
	return v, err
}
