package issuer

import "strings"

// Kind says what sort of refusal an Error is; the api gives each its status.
type Kind int

// The kinds of refusal.
const (
	Invalid    Kind = iota + 1 // the request's content is against the rules
	NotFound                   // no such thing, or not for this caller
	Conflict                   // the thing's state does not allow it
	Forbidden                  // the caller may not do that
	WrongKey                   // no valid API key
	KeyReused                  // an Idempotency-Key came with another body
	InProgress                 // the first request with that Idempotency-Key has not ended
)

// Field is one fault in a request's content.
type Field struct {
	Pointer string // JSON Pointer into the request body, RFC 6901
	Code    string
	Detail  string
}

// Error is a refusal that the caller may hear about. Everything else that goes wrong is ours.
type Error struct {
	Kind   Kind
	Code   string // stable, for machines
	Detail string // a sentence for a person
	Fields []Field
}

// Error is the detail and the fields, for logs.
func (e *Error) Error() string {
	parts := []string{e.Detail}
	for _, f := range e.Fields {
		parts = append(parts, f.Pointer+": "+f.Detail)
	}
	return strings.Join(parts, "; ")
}

func refuse(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}
