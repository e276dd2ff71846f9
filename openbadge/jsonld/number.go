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

// numberText gives the lexical form and the datatype of a JSON number as JSON-LD 1.1 API §8.2.2 has it:
// the double that is next to what was written, as an integer if it is one below 10^21, else in the
// canonical form of xsd:double. It gives the problem instead where implementations disagree: numbers that
// are no finite double, minus zero (its sign is kept or not), and tiny numbers of one digit like 5e-7,
// which the JavaScript stack writes as the integer 0.
func numberText(v any, datatype string) (text, own, problem string) {
	f, written := 0.0, ""
	switch v := v.(type) {
	case float64:
		f, written = v, strconv.FormatFloat(v, 'g', -1, 64)
	case json.Number:
		written = string(v)
		var err error
		if f, err = strconv.ParseFloat(written, 64); errors.Is(err, strconv.ErrSyntax) {
			return "", "", "not a JSON value"
		}
	default:
		return "", "", "not a JSON value"
	}
	switch {
	case math.IsInf(f, 0) || math.IsNaN(f):
		return "", "", "no finite double"
	case f == 0 && (math.Signbit(f) || strings.ContainsAny(mantissa(written), "123456789")):
		return "", "", "not zero and yet zero as a double"
	case f != math.Trunc(f) && oneDigit(f):
		return "", "", "so small that it is read as an integer"
	case f != math.Trunc(f) || math.Abs(f) >= maxInteger || datatype == xsdDouble:
		return canonicalDouble(f), xsdDouble, ""
	}
	return strconv.FormatFloat(f, 'f', 0, 64), xsdInteger, ""
}

func mantissa(written string) string {
	m, _, _ := strings.Cut(strings.ToLower(written), "e")
	return m
}

// oneDigit says whether ECMAScript writes f without a decimal point, as in 5e-7.
func oneDigit(f float64) bool {
	text := strconv.FormatFloat(f, 'e', -1, 64)
	return math.Abs(f) < 1e-6 && !strings.Contains(text, ".")
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
