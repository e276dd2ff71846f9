package jsonld

import (
	"encoding/json"
	"strings"

	"github.com/gowebpki/jcs"
	"github.com/piprate/json-gold/ld"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// scalar converts a string, number or boolean that is the value of a term, nil if the property is
// named by its IRI (JSON-LD 1.1 API §5.3.2 and §8.2).
func (c *converter) scalar(a *active, t *ld.TermDefinition, v any) (rdf.Term, error) {
	coerced := ""
	if t != nil {
		coerced = t.Type
	}
	text, isText := v.(string)
	switch coerced {
	case "@id", "@vocab":
		if isText {
			return c.resource(a.expand(text, coerced == "@vocab"), text)
		}
		coerced = ""
	case "@none":
		coerced = ""
	}
	literal := rdf.Term{Kind: rdf.Literal, Value: text, Datatype: coerced}
	if !isText {
		return c.native(v, coerced)
	}
	if coerced == "" {
		literal.Language = a.ld.Values.Language
		if t != nil && t.HasLanguage {
			literal.Language = ""
			if t.Language != nil {
				literal.Language = *t.Language
			}
		}
	}
	return c.written(literal)
}

// written is a literal whose text the document writes itself.
func (c *converter) written(t rdf.Term) (rdf.Term, error) {
	if t.Datatype == xsdDouble && disputedText(t.Value) {
		c.dispute(t.Value)
	}
	return c.checked(t)
}

// checked refuses a literal that N-Quads cannot carry: a language that is no tag, a relative datatype.
func (c *converter) checked(t rdf.Term) (rdf.Term, error) {
	if t.Datatype == rdf.XSDString {
		t.Datatype = ""
	}
	if !t.Valid() {
		return t, c.fail(Malformed, "literal with datatype %.100q, language %.100q", t.Datatype, t.Language)
	}
	return t, nil
}

// valueObject converts an object with @value. One that says no more than a plain value would say is
// refused: readers of "validUntil" look for a string.
func (c *converter) valueObject(a *active, term *ld.TermDefinition, o map[string]any, valueName string) (rdf.Term, error) {
	datatype, language, err := c.tags(a, o)
	if err != nil {
		return rdf.Term{}, err
	}
	if datatype == "@json" {
		return c.json(o[valueName])
	}
	literal, err := c.tagged(o[valueName], datatype, language)
	if err != nil {
		return rdf.Term{}, err
	}
	disputed := c.disputed
	plain, err := c.scalar(a, term, o[valueName])
	if err == nil && plain == literal && c.disputed == disputed {
		return rdf.Term{}, c.fail(Unsupported, "@value where a plain value belongs")
	}
	c.disputed = disputed
	return literal, nil
}

// tags reads what stands beside @value.
func (c *converter) tags(a *active, o map[string]any) (datatype, language string, err error) {
	for name, v := range o {
		text, isText := v.(string)
		switch keyword := a.expand(name, true); {
		case keyword == "@value":
		case keyword == "@type" && isText && datatype == "":
			datatype = a.expand(text, true)
		case keyword == "@language" && isText && language == "":
			language = strings.ToLower(text)
		default:
			return "", "", c.fail(Unsupported, "%.100s beside @value", name)
		}
	}
	return datatype, language, nil
}

func (c *converter) tagged(v any, datatype, language string) (rdf.Term, error) {
	text, isText := v.(string)
	if isText {
		return c.written(rdf.Term{Kind: rdf.Literal, Value: text, Datatype: datatype, Language: language})
	}
	if language != "" || v == nil || isContainer(v) {
		return rdf.Term{}, c.fail(Malformed, "@value is no text")
	}
	return c.native(v, datatype)
}

func isContainer(v any) bool {
	_, isObject := v.(map[string]any)
	return isObject || isArray(v)
}

// native converts a number or boolean.
func (c *converter) native(v any, datatype string) (rdf.Term, error) {
	if b, is := v.(bool); is {
		text := "false"
		if b {
			text = "true"
		}
		return c.checked(rdf.Term{Kind: rdf.Literal, Value: text, Datatype: orElse(datatype, xsdBoolean)})
	}
	f, problem := readNumber(v)
	if problem != "" {
		return rdf.Term{}, c.fail(BadNumber, "%.40v: %s", v, problem)
	}
	if disputedNumber(f, datatype) {
		c.dispute(v)
	}
	text, own := numberText(f, datatype)
	return c.checked(rdf.Term{Kind: rdf.Literal, Value: text, Datatype: orElse(datatype, own)})
}

// dispute notes a number that makes the whole document unsure. The conversion goes on, so that whatever is
// worse is told instead.
func (c *converter) dispute(v any) {
	if c.disputed == nil {
		c.disputed = c.fail(DisputedNumber, "%.40v is written in several ways", v)
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// json makes a JSON literal (JSON-LD 1.1 API §8.2, step 2), in the form of RFC 8785.
func (c *converter) json(v any) (rdf.Term, error) {
	if err := c.checkNumbers(v); err != nil {
		return rdf.Term{}, err
	}
	data, err := json.Marshal(v)
	if err == nil {
		data, err = jcs.Transform(data)
	}
	if err != nil {
		return rdf.Term{}, c.fail(Malformed, "JSON literal: %v", err)
	}
	return rdf.Term{Kind: rdf.Literal, Value: string(data), Datatype: rdfJSON}, nil
}

func (c *converter) checkNumbers(v any) error {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if err := c.at(step{name: name, index: -1}, func() error { return c.checkNumbers(inner) }); err != nil {
				return err
			}
		}
	case []any:
		for i, inner := range v {
			if err := c.at(step{index: i}, func() error { return c.checkNumbers(inner) }); err != nil {
				return err
			}
		}
	case nil, string, bool:
	default:
		if _, problem := readNumber(v); problem != "" {
			return c.fail(BadNumber, "%.40v: %s", v, problem)
		}
	}
	return nil
}
