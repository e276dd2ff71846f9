package jsonld

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

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
