package templates

import "io"

// APIDocs is the human page of the partner API, from plain data of the OpenAPI
// document. Its body is English whatever the frame's language is.
type APIDocs struct {
	Page
	DocTitle string
	Version  string
	Intro    []string // paragraphs
	SpecURL  string   // openapi.json
	Sections []APISection
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
	Answers  []APIAnswer
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

// Render writes the page.
func (p APIDocs) Render(w io.Writer) error { return render(w, "api_docs", p) }
