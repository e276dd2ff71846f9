package templates

import (
	"io"
)

// APIDocs is the human page of the partner API, from plain data of the OpenAPI
// document. Its body is English whatever the frame's language is.
type APIDocs struct {
	Page
	DocTitle string
	Version  string
	Intro    string
	Rules    []string  // for all calls; paragraphs
	SpecURL  string    // openapi.json
	First    []APIStep // the first hour, step by step
	Sections []APISection
	Types    []APISection // of bodies; they have fields only
	Problems []APIProblems
}

// APIStep is one of those from a key to a badge that somebody checked.
type APIStep struct {
	Title string
	Text  string
	Code  string // to copy; empty: none
}

// APIProblems are those that partners meet, or those that only people in a browser do.
type APIProblems struct {
	ID    string // fragment
	Title string
	Text  string
	List  []APIProblem
}

// APIProblem is a code of a problem.
type APIProblem struct {
	ID     string // fragment; the type of the problem leads here
	Status int
	Code   string
	Title  string
	Fix    string
}

// APISection groups operations.
type APISection struct {
	ID         string // fragment
	Title      string
	Text       []string // paragraphs
	Operations []APIOperation
	Fields     []APIField // of a schema section
	Examples   []APIExample
}

// APIOperation is one method and path.
type APIOperation struct {
	ID       string // fragment
	Method   string
	Path     string
	Summary  string
	Text     []string
	Scope    string // scope a key needs; empty: none
	Fields   []APIField
	Answers  []APIAnswer // that are no problems
	Problems []string    // statuses of the others; what they mean is said once
	Examples []APIExample
}

// APIField is a parameter or member of a body.
type APIField struct {
	Name     string
	In       string // path, query, header or body
	Type     string
	Required bool
	Text     string
}

// APIAnswer is a status an operation answers.
type APIAnswer struct {
	Status string
	Text   string
}

// APIExample is something to copy.
type APIExample struct {
	Title string
	Lang  string // curl, go, python, json
	Code  string
}

// StylePath is the address of the page's own stylesheet.
func (APIDocs) StylePath() string { return docsStylesheet.Path }

// Render writes the page.
func (p APIDocs) Render(w io.Writer) error { return render(w, "api_docs", p) }
