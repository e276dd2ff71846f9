package jsonld

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
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
	return c.stringLiteral(literal)
}

// stringLiteral is a literal whose text the document writes itself.
func (c *converter) stringLiteral(t rdf.Term) (rdf.Term, error) {
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
		return c.stringLiteral(rdf.Term{Kind: rdf.Literal, Value: text, Datatype: datatype, Language: language})
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

const (
	xsdBoolean = "http://www.w3.org/2001/XMLSchema#boolean"
	xsdInteger = "http://www.w3.org/2001/XMLSchema#integer"
	xsdDouble  = "http://www.w3.org/2001/XMLSchema#double"
)

// maxInteger is where JSON-LD begins to write integers as doubles.
const maxInteger = 1e21

// readNumber gives the double that is next to what a document writes, or the problem with it.
func readNumber(v any) (f float64, problem string) {
	switch v := v.(type) {
	case float64:
		f = v
	case json.Number:
		var err error
		if f, err = strconv.ParseFloat(string(v), 64); errors.Is(err, strconv.ErrSyntax) {
			return 0, "not a JSON value"
		}
	default:
		return 0, "not a JSON value"
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, "no finite double"
	}
	return f, ""
}

// numberText gives the lexical form and the datatype of a number as JSON-LD 1.1 API §8.2.2 has it: an
// integer if it is one below 10^21, else the canonical form of xsd:double.
func numberText(f float64, datatype string) (text, own string) {
	switch {
	case f != math.Trunc(f) || math.Abs(f) >= maxInteger || datatype == xsdDouble:
		return canonicalDouble(f), xsdDouble
	case f == 0:
		return "0", xsdInteger // minus zero is no other integer
	}
	return strconv.FormatFloat(f, 'f', 0, 64), xsdInteger
}

// canonicalDouble has 16 significant digits without zeros at the end, and one digit at least behind
// the point: 4.5E0, 1.0E-2.
func canonicalDouble(f float64) string {
	m, e, _ := strings.Cut(strconv.FormatFloat(f, 'E', 15, 64), "E")
	m = strings.TrimRight(m, "0")
	if strings.HasSuffix(m, ".") {
		m += "0"
	}
	sign, digits := "", strings.TrimLeft(e, "+-0")
	if strings.HasPrefix(e, "-") {
		sign = "-"
	}
	if digits == "" {
		sign, digits = "", "0"
	}
	return m + "E" + sign + digits
}

// disputedNumber says whether the JavaScript processor, with which most badges are signed, writes a number
// otherwise than the standard: tiny ones of one digit like 5e-7 become the integer 0 there, minus zero
// loses its sign as a double, and what lies halfway between two forms of 16 digits is rounded up.
func disputedNumber(f float64, datatype string) bool {
	switch {
	case f == 0:
		return math.Signbit(f) && datatype == xsdDouble
	case datatype != xsdDouble && f == math.Trunc(f) && math.Abs(f) < maxInteger:
		return false
	}
	return datatype != xsdDouble && oneDigit(f) || halfway(f)
}

// oneDigit says whether ECMAScript writes f without a decimal point, as in 5e-7.
func oneDigit(f float64) bool {
	text := strconv.FormatFloat(f, 'e', -1, 64)
	return math.Abs(f) < 1e-6 && !strings.Contains(text, ".")
}

// halfway says whether the 17th digit of f is 5 and its last, behind an even one: printf rounds to that,
// ECMAScript up.
func halfway(f float64) bool {
	const digits = 800 // more than any double has
	seventeen, _, _ := strings.Cut(strconv.FormatFloat(f, 'e', 16, 64), "e")
	if seventeen[len(seventeen)-1] != '5' || (seventeen[len(seventeen)-2]-'0')%2 != 0 {
		return false
	}
	all, _, _ := strings.Cut(strconv.FormatFloat(f, 'e', digits, 64), "e")
	return strings.TrimRight(all, "0") == seventeen
}

// disputedText says the same of a text that is typed as xsd:double: the standard leaves it as it is, and
// the JavaScript processor writes the canonical form of what it reads in it.
func disputedText(text string) bool {
	f, err := strconv.ParseFloat(text, 64)
	return err != nil || math.IsInf(f, 0) || canonicalDouble(f) != text || disputedNumber(f, xsdDouble)
}
