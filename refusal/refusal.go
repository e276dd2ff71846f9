// Package refusal is how every room says no to somebody who may hear it: a code for machines, a sentence for a
// person and what is at fault. Everything else that goes wrong is our own fault and is no refusal. A refusal knows
// nothing of HTTP: the api has a status and a page for each code.
package refusal

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Error is a refusal.
type Error struct {
	Code      string // stable, for machines
	Detail    string // a sentence for a person, in English; pages have their own words by Code
	Fields    []Field
	TriesLeft int       // of a code that was typed; 0 where they are not counted
	When      time.Time // from when on it may be tried again; zero where waiting does not help
}

// Field is one fault in a request's content.
type Field struct {
	Pointer string // JSON Pointer into the request body, RFC 6901
	Code    string
	Detail  string
}

// New makes a refusal.
func New(code, detail string, fields ...Field) *Error {
	return &Error{Code: code, Detail: detail, Fields: fields}
}

// Error is the detail and the fields, for logs.
func (e *Error) Error() string {
	parts := []string{e.Detail}
	for _, f := range e.Fields {
		parts = append(parts, f.Pointer+": "+f.Detail)
	}
	return strings.Join(parts, "; ")
}

// Is reports whether err is a refusal with one of these codes.
func Is(err error, codes ...string) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}
