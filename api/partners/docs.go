package partners

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"go.yaml.in/yaml/v3"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/templates"
)

// docs are the description of the door, for programs and for people.
type docs struct {
	site    *web.Site
	openAPI web.Document
	page    templates.APIDocs // without its frame
}

// routes need no key.
func (ds *docs) routes() []web.Route {
	return web.Table(web.Open(web.SpecPath, ds.getSpec), web.Get(web.DocsPath, ds.getDocs))
}

func newDocs(site *web.Site) *docs {
	description := readSpec(site.BaseURL)
	return &docs{site, description.document(), layOut(description, site.Name, site.BaseURL)}
}

// getDocs, GET /api/v1/docs, is the description for people, made from the same tree as the one for programs.
func (ds *docs) getDocs(c echo.Context) error {
	d := ds.page
	d.Page = ds.site.Page(c)
	c.Response().Header().Set(echo.HeaderCacheControl, "private, no-cache")
	return web.Show(c, d)
}

// layOut lays the description out: the first hour, operations by tag, types, problems. It is about the site under
// the site's name.
func layOut(s spec, site, baseURL string) templates.APIDocs {
	named := strings.NewReplacer("Insignia", site)
	d := templates.APIDocs{
		DocTitle: named.Replace(text(s.root, "info", "title")), Version: text(s.root, "info", "version"),
		SpecURL: web.SpecPath,
		First:   s.firstHour(baseURL), Problems: problemSections(),
	}
	about := paragraphs(named.Replace(text(s.root, "info", "description")))
	d.Intro, d.Rules = about[0], about[1:]
	for _, tag := range pairs(at(s.root, "tags")) {
		name := text(tag.value, "name")
		d.Sections = append(d.Sections, templates.APISection{
			ID: strings.ToLower(name), Title: name, Text: paragraphs(text(tag.value, "description")),
			Operations: s.operations(name, baseURL),
		})
	}
	for _, schema := range pairs(at(s.root, "components", "schemas")) {
		if fields := s.fields(schema.value, "", false); len(fields) > 0 {
			d.Types = append(d.Types, templates.APISection{
				ID: "type-" + schema.name, Title: schema.name,
				Text: paragraphs(text(schema.value, "description")), Fields: fields,
			})
		}
	}
	return d
}

// firstHour leads from a key to a badge that was checked, with the example of POST /results.
func (s spec) firstHour(baseURL string) []templates.APIStep {
	post := at(s.root, "paths", "/results", "post")
	return []templates.APIStep{
		{
			Title: "Get a test key",
			Text:  "Whoever runs the server makes one with this command; it is shown once. What a test key posts is a sandbox of its own: nothing is earned, nothing is mailed to anybody.",
			Code:  `insignia partner add "Your name" --sandbox` + "\nexport INSIGNIA_KEY=insignia_test_…",
		},
		{
			Title: "Post a result",
			Text:  "Use an exam of the programme: GET /exams lists their codes. The answer says what was earned, why, and under which address the badge will stand.",
			Code:  s.examples(http.MethodPost, "/results", post, baseURL)[0].Code,
		},
		{
			Title: "Read the letter",
			Text:  "Letters of a sandbox stay on this server. Where its built-in mailbox is open, as in the demo, the offer lies at " + baseURL + web.MailboxPath + "; awards say whether the letter was sent.",
		},
		{
			Title: "Claim the badge",
			Text:  "Open the link in the letter and type the six digits that are mailed next, to the same mailbox. Then choose who can see the badge.",
		},
		{
			Title: "Check it",
			Text:  "Judge the badge as a stranger would. The report says that it is a test; a live one would be valid.",
			Code:  "curl " + baseURL + web.APIPath + "/verify \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"input\": \"" + baseURL + "/badges/AWARD_ID\"}'",
		},
	}
}

func paragraphs(text string) []string {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return strings.Split(text, "\n\n")
}

// problemSections explain every code; the type of a problem is the address of its entry.
func problemSections() []templates.APIProblems {
	return []templates.APIProblems{
		{ID: "problems", Title: "Problems", List: problemsOf(web.PartnerProblems),
			Text: "Every error is application/problem+json (RFC 9457). code names it for programs and never changes; its type leads here."},
		{ID: "page-problems", Title: "Problems of pages", List: problemsOf(web.PageProblems),
			Text: "These come from pages and forms that people use, never from the partner API."},
	}
}

func problemsOf(list []web.ProblemInfo) (all []templates.APIProblem) {
	for _, p := range list {
		all = append(all, templates.APIProblem{
			ID: "problem-" + p.Code, Status: p.Status, Code: p.Code, Title: p.Title, Fix: p.Fix,
		})
	}
	return all
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
		ID: text(n, "operationId"), Method: method, Path: web.APIPath + path, Summary: text(n, "summary"),
		Text: paragraphs(text(n, "description")),
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
		if status.name >= "400" {
			o.Problems = append(o.Problems, status.name)
			continue
		}
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
			Name: prefix + member.name, In: "body", Type: s.typeOf(member.value),
			Required: slices.Contains(required, member.name), Text: text(inner, "description"),
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
	call := "curl " + baseURL + web.APIPath + path
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
			Title: text(sample.value, "label"), Lang: text(sample.value, "lang"),
			Code: strings.TrimSpace(text(sample.value, "source")),
		})
	}
	for _, status := range pairs(at(n, "responses")) {
		if example := at(s.resolve(status.value), "content", echo.MIMEApplicationJSON, "example"); example != nil {
			list = append(list, templates.APIExample{
				Title: "Answer " + status.name, Lang: "json", Code: string(indented(example)),
			})
		}
	}
	return list
}

// openAPI is the description of the partner API, written by hand: it comes first, and tests hold every
// answer of the handlers against it.
//
//go:embed openapi.yaml
var openAPI string

// exampleBase stands for this server in the examples of the description.
const exampleBase = "https://badges.example"

// spec is the description as a tree.
type spec struct{ root *yaml.Node }

// readSpec reads the embedded description; one that is no YAML is a programmer's mistake.
func readSpec(baseURL string) spec {
	var file yaml.Node
	if err := yaml.Unmarshal([]byte(strings.ReplaceAll(openAPI, exampleBase, baseURL)), &file); err != nil {
		panic("api: openapi.yaml: " + err.Error())
	}
	return spec{root: file.Content[0]}
}

// document is the description as the JSON that is served.
func (s spec) document() web.Document {
	return web.NewDocument(echo.MIMEApplicationJSON, append(indented(s.root), '\n'))
}

// getSpec answers GET /api/v1/openapi.json.
func (ds *docs) getSpec(c echo.Context) error { return web.Serve(c, ds.openAPI, web.CacheHour) }

// indented is a node as JSON for people.
func indented(n *yaml.Node) []byte {
	var plain, pretty bytes.Buffer
	writeJSON(&plain, n)
	_ = json.Indent(&pretty, plain.Bytes(), "", "  ") // what writeJSON wrote is JSON
	return pretty.Bytes()
}

// writeJSON writes a node with its members in the order of the file.
func writeJSON(w *bytes.Buffer, n *yaml.Node) {
	switch n.Kind {
	case yaml.AliasNode:
		writeJSON(w, n.Alias)
	case yaml.MappingNode:
		w.WriteByte('{')
		for k := 0; k < len(n.Content); k += 2 {
			comma(w, k)
			w.Write(quoted(n.Content[k].Value))
			w.WriteByte(':')
			writeJSON(w, n.Content[k+1])
		}
		w.WriteByte('}')
	case yaml.SequenceNode:
		w.WriteByte('[')
		for k, item := range n.Content {
			comma(w, k)
			writeJSON(w, item)
		}
		w.WriteByte(']')
	default:
		switch n.Tag {
		case "!!int", "!!float", "!!bool", "!!null":
			w.WriteString(n.Value)
		default:
			w.Write(quoted(n.Value))
		}
	}
}

func comma(w *bytes.Buffer, k int) {
	if k > 0 {
		w.WriteByte(',')
	}
}

func quoted(text string) []byte { return bytes.TrimSpace(web.EncodeJSON(text)) }

// at follows member names; nil where one is missing.
func at(n *yaml.Node, names ...string) *yaml.Node {
	for _, name := range names {
		n = follow(n)
		if n == nil || n.Kind != yaml.MappingNode {
			return nil
		}
		var next *yaml.Node
		for k := 0; k < len(n.Content); k += 2 {
			if n.Content[k].Value == name {
				next = n.Content[k+1]
			}
		}
		n = next
	}
	return follow(n)
}

func follow(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// resolve follows a $ref within the description.
func (s spec) resolve(n *yaml.Node) *yaml.Node {
	if ref := text(n, "$ref"); ref != "" {
		return at(s.root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return follow(n)
}

// text is a scalar member; empty where there is none.
func text(n *yaml.Node, names ...string) string {
	if n = at(n, names...); n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// pairs are the members of a mapping, or the elements of a sequence without names, in order.
func pairs(n *yaml.Node) (list []pair) {
	n = follow(n)
	switch {
	case n == nil:
	case n.Kind == yaml.MappingNode:
		for k := 0; k < len(n.Content); k += 2 {
			list = append(list, pair{n.Content[k].Value, follow(n.Content[k+1])})
		}
	case n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			list = append(list, pair{"", follow(item)})
		}
	}
	return list
}

type pair struct {
	name  string
	value *yaml.Node
}
