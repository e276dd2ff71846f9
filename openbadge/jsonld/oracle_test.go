package jsonld

import (
	"fmt"

	"github.com/piprate/json-gold/ld"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// textLoader gives json-gold the same contexts as we use.
type textLoader struct{ env *environment }

func (l textLoader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	local, err := l.env.read(url)
	return &ld.RemoteDocument{DocumentURL: url, Document: map[string]any{"@context": local}}, err
}

func goldOptions(env *environment) *ld.JsonLdOptions {
	o := ld.NewJsonLdOptions("")
	o.DocumentLoader = textLoader{env}
	o.SafeMode = true
	return o
}

// goldQuads is what json-gold's ToRDF makes of a document.
func goldQuads(doc map[string]any, env *environment) (quads []rdf.Quad, err error) {
	defer func() { // as over {"proof":5}
		if r := recover(); r != nil {
			err = fmt.Errorf("json-gold panics: %v", r)
		}
	}()
	dataset, err := ld.NewJsonLdProcessor().ToRDF(ld.CloneDocument(doc), goldOptions(env))
	if err != nil {
		return nil, err
	}
	for _, graph := range dataset.(*ld.RDFDataset).Graphs {
		for _, q := range graph {
			quads = append(quads, rdf.Quad{Subject: goldTerm(q.Subject), Predicate: goldTerm(q.Predicate), Object: goldTerm(q.Object), Graph: goldTerm(q.Graph)})
		}
	}
	return quads, nil
}

func goldTerm(n ld.Node) rdf.Term {
	switch n := n.(type) {
	case nil:
		return rdf.Term{}
	case ld.IRI:
		return rdf.Term{Kind: rdf.IRI, Value: n.Value}
	case ld.BlankNode:
		return rdf.Term{Kind: rdf.Blank, Value: n.Attribute[2:]}
	case ld.Literal:
		t := rdf.Term{Kind: rdf.Literal, Value: n.Value, Datatype: n.Datatype, Language: n.Language}
		if t.Datatype == rdf.XSDString {
			t.Datatype = ""
		}
		return t
	}
	panic(fmt.Sprintf("unknown term %T", n))
}

// canonical is the canonical text of statements.
func canonical(t interface {
	Helper()
	Fatal(...any)
}, quads []rdf.Quad) string {
	t.Helper()
	c, err := rdf.Canonicalize(quads, rdf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return string(c.Text())
}
