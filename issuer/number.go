package issuer

import (
	"encoding/json"
	"strconv"
	"strings"
)

// byValue is a JSON number in the one spelling of its value: 812, 812.0 and 8.12e2 are one number, and so are 0
// and -0 (contract 3). Nothing is rounded. Numbers of a usual size come out as most programs write them.
func byValue(n *json.Number) *json.Number {
	if n == nil {
		return nil
	}
	text, negative := strings.CutPrefix(n.String(), "-")
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	point, _ := strconv.Atoi(exponent) // few digits: maxScoreDigits
	point -= len(fraction)
	if short := strings.TrimRight(digits, "0"); len(short) < len(digits) {
		point += len(digits) - len(short)
		digits = short
	}
	value := json.Number(spell(digits, point))
	if negative && digits != "" {
		value = "-" + value
	}
	return &value
}

// spell writes digits times ten to the power of point.
func spell(digits string, point int) string {
	switch before := len(digits) + point; {
	case digits == "":
		return "0"
	case point > maxScoreDigits || point < -maxScoreDigits:
		return digits + "e" + strconv.Itoa(point)
	case point >= 0:
		return digits + strings.Repeat("0", point)
	case before > 0:
		return digits[:before] + "." + digits[before:]
	default:
		return "0." + strings.Repeat("0", -before) + digits
	}
}
