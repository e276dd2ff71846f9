package templates

import "strings"

// Check is one step of a verification as the report tells it (contract 5).
type Check struct {
	Name    string // step of the verifier (extract, fetch, parse, proof, key, dates, status, refresh, scope, image, recipient, endorsement), or issuer
	Outcome string // pass, fail, warning, unknown or skipped
	Code    string // of contract 5, of a check that did not pass
	Detail  string // technical detail, folded; English, as the verifier says it
	Format  string // of the report; a hosted badge has no signature to speak of. VerifyResult fills it
}

// CheckText is the sentence of one verification step: by its code if that is one
// of contract 5, else by its name and outcome, else by its outcome alone.
func CheckText(lang string, k Check) string { return in(lang).checkText(k) }

func (c *catalogue) checkText(k Check) string {
	step := "check." + k.Name + "." + k.Outcome
	if strings.HasSuffix(k.Format, "-hosted") && c.has(step+".hosted") {
		step += ".hosted"
	}
	for _, key := range []string{"check.code." + k.Code, step, "check.outcome." + k.Outcome} {
		if c.has(key) {
			return c.text(key)
		}
	}
	return c.text("check.outcome.unknown")
}
