package verifier

import (
	"embed"
	"errors"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/jsonld"
	"github.com/open-insignia/insignia/openbadge/rdf"
)

//go:embed contexts/*.json
var contextFiles embed.FS

// foreignContexts are allowed besides those of openbadge/jsonld in credentials that are no badges (see
// contexts/README.md).
var foreignContexts = map[string][]byte{
	"https://www.w3.org/ns/credentials/examples/v2": contextFile("credentials-examples-v2.json"),
	"https://w3id.org/citizenship/v4rc1":            contextFile("citizenship-v4rc1.json"),
}

func contextFile(name string) []byte {
	data, err := contextFiles.ReadFile("contexts/" + name)
	if err != nil {
		panic(err)
	}
	return data
}

func contextsFor(c class) jsonld.Options {
	if c == aCredential {
		return jsonld.Options{Contexts: foreignContexts}
	}
	return jsonld.Options{}
}

// linked converts the credential to RDF for the sake of what is refused on the way: contexts that are
// not known, words that none defines, relative ids (spec 3.0 section 3). A proof over RDF does the
// same; a token or a proof over the text of the JSON would let all that pass.
func (s *sealed) linked() *fault {
	doc := map[string]any{}
	for name, v := range s.withoutClaims() {
		if name != "proof" {
			doc[name] = v
		}
	}
	_, err := jsonld.MapToRDF(doc, contextsFor(s.class()))
	var e *jsonld.Error
	if errors.As(err, &e) && e.Kind == jsonld.DisputedNumber {
		return nil // what was signed is the text of the number
	}
	return linkedFault(err)
}

// linkedFault says what an error of linked data means; nil for an error of another kind.
func linkedFault(err error) *fault {
	if errors.Is(err, rdf.ErrWork) || errors.Is(err, rdf.ErrTooLarge) {
		return &fault{verdict: Invalid, code: BadInput, message: "The document takes too long to judge."}
	}
	var e *jsonld.Error
	if !errors.As(err, &e) {
		return nil
	}
	f := &fault{code: BadContext, property: strings.ReplaceAll(strings.TrimPrefix(e.Pointer, "/"), "/", ".")}
	switch e.Kind {
	case jsonld.TooLarge:
		f.verdict, f.code, f.message = Invalid, BadInput, "The document is too large to judge."
	case jsonld.Malformed, jsonld.BadNumber:
		f.code, f.message = BadValue, "The document holds a value that linked data does not allow."
	case jsonld.DisputedNumber:
		f.check, f.code, f.message = CheckProof, Unsupported, "The document holds a number that programs sign in different ways."
	case jsonld.UnknownContext:
		// Others may stand behind the first two (spec 3.0 sections 2.1 and 3), and none is fetched.
		f = unsupported("@context", "The document uses a context that is not known here, so its words have no certain meaning.")
	case jsonld.InlineContext:
		f.message = "The document brings its own context, which could rename what was signed."
	case jsonld.UndefinedTerm:
		f.message = "The document uses a word that no context defines, so the signature would not cover it."
	case jsonld.RelativeIRI:
		f.message = "The document has an id that is not absolute."
	default:
		f.message = "The document is written in a form that the signature would not cover."
	}
	return f
}

// wholly makes sure of what a proof over the text of the JSON does not see.
func (p *proofs) wholly(i int) *fault {
	if !strings.Contains(p.secured.Proofs[i].Suite(), "-jcs-") {
		return nil
	}
	return p.s.linked()
}

// linkedProblem is linked as a problem of the document, for tokens.
func (s *sealed) linkedProblem() []openbadge.Problem {
	if s.token == nil || len(s.Context) == 0 || s.InlineContext {
		return nil // these are problems already
	}
	f := s.linked()
	if f == nil {
		return nil
	}
	return []openbadge.Problem{{Code: f.code, Property: f.property, Message: strings.TrimSuffix(f.message, ".")}}
}
