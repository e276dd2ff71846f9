package partners

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/labstack/echo/v4"
	"go.yaml.in/yaml/v3"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
)

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
func (s spec) document() issuer.Document {
	return web.NewDocument(echo.MIMEApplicationJSON, append(indented(s.root), '\n'))
}

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
