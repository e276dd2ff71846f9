package verifier

import (
	"strconv"
	"strings"
)

func (e statusEntry) messages() []map[string]any { return objectsOf(e.written["statusMessage"]) }

// statusMessage tells what the issuer says by a value.
func (x *examination) statusMessage(e statusEntry, value uint32) {
	for _, m := range e.messages() {
		if n, isNumber := hexNumber(textOf(m["status"])); isNumber && n == value {
			x.add(Check{Name: CheckStatus, Outcome: Pass, Property: "credentialStatus.statusMessage", Message: "The issuer's message about the badge: " + clip(textOf(m["message"]))})
			return
		}
	}
	x.warn(CheckStatus, BadStatus, "The issuer has set a status whose meaning the badge does not tell.")
}

// hexNumber reads a status value, "0x1f".
func hexNumber(text string) (uint32, bool) {
	digits, isHex := strings.CutPrefix(strings.ToLower(text), "0x")
	n, err := strconv.ParseUint(digits, 16, 32)
	return uint32(n), isHex && err == nil
}
