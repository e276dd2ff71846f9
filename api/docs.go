package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"go.yaml.in/yaml/v3"

	"github.com/open-insignia/insignia/templates"
)

// getDocs is the description for people, made from the same tree as the one for programs.
func (s *Server) getDocs(c echo.Context) error {
	d := s.docs
	d.Page = s.page(c)
	c.Response().Header().Set(echo.HeaderCacheControl, "private, no-cache")
	return s.show(c, d)
}

// newDocs lays the description out: operations by tag, then types, then problems.
func newDocs(s spec, baseURL string) templates.APIDocs {
	d := templates.APIDocs{
		DocTitle: text(s.root, "info", "title"), Version: text(s.root, "info", "version"),
		Intro: paragraphs(text(s.root, "info", "description")), SpecURL: specPath,
	}
	for _, tag := range pairs(at(s.root, "tags")) {
		name := text(tag.value, "name")
		d.Sections = append(d.Sections, templates.APISection{
			ID: strings.ToLower(name), Title: name, Text: paragraphs(text(tag.value, "description")), Operations: s.operations(name, baseURL),
		})
	}
	for _, schema := range pairs(at(s.root, "components", "schemas")) {
		if fields := s.fields(schema.value, "", false); len(fields) > 0 {
			d.Sections = append(d.Sections, templates.APISection{
				ID: "type-" + schema.name, Title: "Type " + schema.name, Text: paragraphs(text(schema.value, "description")), Fields: fields,
			})
		}
	}
	d.Sections = append(d.Sections, problemSection())
	return d
}

func paragraphs(text string) []string {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return strings.Split(text, "\n\n")
}

// problemSection explains every code; the type of a problem is the address of its entry.
func problemSection() templates.APISection {
	section := templates.APISection{ID: "problems", Title: "Problems", Text: []string{
		"Every error is application/problem+json (RFC 9457). code names it for programs and never changes; its type leads here.",
	}}
	for _, p := range problems {
		section.Operations = append(section.Operations, templates.APIOperation{
			ID: "problem-" + p.Code, Method: strconv.Itoa(p.Status), Path: p.Code, Summary: p.Title, Text: []string{p.Fix},
		})
	}
	return section
}

func (s spec) operations(tag, baseURL string) (list []templates.APIOperation) {
	for _, path := range pairs(at(s.root, "paths")) {
		for _, method := range pairs(path.value) {
			if !slices.ContainsFunc(pairs(at(method.value, "tags")), func(p pair) bool { return p.value.Value == tag }) {
				continue
			}
			list = append(list, s.operation(strings.ToUpper(method.name), path.name, method.value, baseURL))
		}
	}
	return list
}

func (s spec) operation(method, path string, n *yaml.Node, baseURL string) templates.APIOperation {
	o := templates.APIOperation{
		ID: text(n, "operationId"), Method: method, Path: apiPath + path, Summary: text(n, "summary"), Text: paragraphs(text(n, "description")),
	}
	for _, security := range pairs(at(n, "security")) {
		for _, scope := range pairs(at(security.value, "key")) {
			o.Scope = scope.value.Value
		}
	}
	for _, p := range pairs(at(n, "parameters")) {
		parameter := s.resolve(p.value)
		o.Fields = append(o.Fields, templates.APIField{
			Name: text(parameter, "name"), In: text(parameter, "in"), Type: s.typeOf(at(parameter, "schema")),
			Required: text(parameter, "required") == "true", Text: text(parameter, "description"),
		})
	}
	for _, media := range pairs(at(n, "requestBody", "content")) {
		in := "body"
		if media.name == echo.MIMEMultipartForm {
			in = "form"
		}
		for _, f := range s.fields(s.resolve(at(media.value, "schema")), "", true) {
			f.In = in
			o.Fields = append(o.Fields, f)
		}
	}
	for _, status := range pairs(at(n, "responses")) {
		o.Answers = append(o.Answers, templates.APIAnswer{Status: status.name, Text: s.answerText(status.value)})
	}
	o.Examples = s.examples(method, path, n, baseURL)
	return o
}

// answerText is what a status means, with the name of the type that comes with it.
func (s spec) answerText(n *yaml.Node) string {
	n = s.resolve(n)
	answer := text(n, "description")
	if name := refName(at(n, "content", echo.MIMEApplicationJSON, "schema")); name != "" {
		answer += " Body: " + name + "."
	}
	return answer
}

func refName(n *yaml.Node) string {
	ref := text(n, "$ref")
	return ref[strings.LastIndexByte(ref, '/')+1:]
}

// fields are the members of an object; with deep, those of the objects in it too.
func (s spec) fields(schema *yaml.Node, prefix string, deep bool) (list []templates.APIField) {
	var required []string
	for _, name := range pairs(at(schema, "required")) {
		required = append(required, name.value.Value)
	}
	for _, member := range pairs(at(schema, "properties")) {
		inner := s.resolve(member.value)
		f := templates.APIField{
			Name: prefix + member.name, In: "body", Type: s.typeOf(member.value), Required: slices.Contains(required, member.name), Text: text(inner, "description"),
		}
		list = append(list, f)
		if choices := pairs(at(inner, "anyOf")); len(choices) > 0 {
			inner = s.resolve(choices[0].value)
			list[len(list)-1].Text = text(inner, "description")
		}
		if deep {
			list = append(list, s.fields(inner, f.Name+".", true)...)
		}
	}
	return list
}

// typeOf says in a word or two what a value is.
func (s spec) typeOf(n *yaml.Node) string {
	if name := refName(n); name != "" {
		return name
	}
	var words []string
	for _, choice := range pairs(at(n, "anyOf")) {
		words = append(words, s.typeOf(choice.value))
	}
	for _, value := range pairs(at(n, "enum")) {
		words = append(words, value.value.Value)
	}
	switch t := at(n, "type"); {
	case len(words) > 0 || t == nil:
	case t.Kind == yaml.SequenceNode:
		for _, name := range pairs(t) {
			words = append(words, name.value.Value)
		}
	case t.Value == "array":
		return "list of " + s.typeOf(at(n, "items"))
	default:
		words = []string{t.Value}
	}
	if format := text(n, "format"); format != "" && len(words) > 0 {
		words[0] = format
	}
	return strings.Join(words, " or ")
}

// examples are a call with curl, what it answers, and the same in other languages.
func (s spec) examples(method, path string, n *yaml.Node, baseURL string) []templates.APIExample {
	for _, p := range pairs(at(n, "parameters")) {
		parameter := s.resolve(p.value)
		if text(parameter, "in") == "path" {
			path = strings.ReplaceAll(path, "{"+text(parameter, "name")+"}", text(parameter, "example"))
		}
	}
	call := "curl " + baseURL + apiPath + path
	if security := at(n, "security"); security == nil || len(security.Content) > 0 {
		call += " \\\n  -H \"Authorization: Bearer $INSIGNIA_KEY\""
	}
	if body := at(n, "requestBody", "content", echo.MIMEApplicationJSON, "example"); body != nil {
		call += " \\\n  -H 'Content-Type: application/json' \\\n  -d '" + string(indented(body)) + "'"
	} else if method == http.MethodPost {
		call = strings.Replace(call, "curl ", "curl -X POST ", 1)
	}
	list := []templates.APIExample{{Title: "curl", Lang: "curl", Code: call}}
	for _, sample := range pairs(at(n, "x-codeSamples")) {
		list = append(list, templates.APIExample{
			Title: text(sample.value, "label"), Lang: text(sample.value, "lang"), Code: strings.TrimSpace(text(sample.value, "source")),
		})
	}
	for _, status := range pairs(at(n, "responses")) {
		if example := at(s.resolve(status.value), "content", echo.MIMEApplicationJSON, "example"); example != nil {
			list = append(list, templates.APIExample{Title: "Answer " + status.name, Lang: "json", Code: string(indented(example))})
		}
	}
	return list
}
