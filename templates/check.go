package templates

import (
	"slices"
	"strings"
)

// Check is one answer of a verification as the report tells it (contract 5).
type Check struct {
	Name     string // step of the verifier (extract, fetch, parse, proof, key, dates, status, refresh, scope, image, recipient, endorsement, contents, test), or issuer
	Outcome  string // pass, fail, warning, unknown or skipped
	Code     string // of contract 5, of a check that did not pass
	Property string // member of the document at fault, as a path
	Detail   string // technical detail, folded; English, as the verifier says it
	Format   string // of the report; a hosted badge has no signature to speak of. VerifyResult fills it
	Variant  string // of the wording: what was asked about the person (an Asked constant). VerifyResult fills it
}

// What somebody asked about the person whom a badge names.
const (
	AskedEmail = "email"
	AskedName  = "name"
	AskedBoth  = "both"
)

// CheckText is the sentence of one check: by its name, outcome and code, by the code of contract 5
// alone, by name and outcome, else by the outcome alone. A remark is never as bad as its code sounds,
// so its name goes before the code.
func CheckText(lang string, k Check) string { return in(lang).checkText(k) }

// CheckQuestion is what a step asked, and why that matters; both empty for a name without words.
func CheckQuestion(lang, name, format string) (question, why string) {
	s := Step{Name: name, Format: format}
	return in(lang).stepWord("ask", s), in(lang).stepWord("why", s)
}

func (c *catalogue) checkText(k Check) string {
	step, code := "check."+k.Name+"."+k.Outcome, "check.code."+k.Code
	keys := []string{step + "." + k.Code, code, step}
	if k.Outcome == "warning" || k.Outcome == "skipped" {
		keys = []string{step + "." + k.Code, step, code}
	}
	for _, key := range append(keys, "check.outcome."+k.Outcome) {
		if variant := c.variant(key, k); variant != "" {
			return c.text(variant)
		}
	}
	return c.text("check.outcome.unknown")
}

// variant is the key of the variant or for hosted badges, the key itself, or none of them.
func (c *catalogue) variant(key string, k Check) string {
	for _, special := range []string{k.Variant, hosting(k.Format)} {
		if special != "" && c.has(key+"."+special) {
			return key + "." + special
		}
	}
	if c.has(key) {
		return key
	}
	return ""
}

// hosting tells formats apart that rest on the issuer's server and not on a signature.
func hosting(format string) string {
	if strings.HasSuffix(format, "-hosted") {
		return "hosted"
	}
	return ""
}

// Step is all checks of one name: one question with one answer.
type Step struct {
	Name    string
	Outcome string // the worst of its checks
	Format  string
	weight  int     // of that one
	Checks  []Check // for the technical detail, the first of them
	More    int     // further ones
}

const checksOfStep = 12

// outcomeOrder orders outcomes, the worst first.
var outcomeOrder = []string{"fail", "unknown", "warning", "pass", "skipped"}

// weight is how grave a check is, the worst 0. That something could not be asked goes before what went well, so
// that "cannot be withdrawn" is never told as "not withdrawn".
func (k Check) weight() int {
	if k.Code == codeNoStatus {
		return 2*slices.Index(outcomeOrder, "pass") - 1
	}
	return 2 * slices.Index(outcomeOrder, k.Outcome)
}

const codeNoStatus = "NO_STATUS"

// Passed reports whether there is nothing to tell about a step.
func (s Step) Passed() bool { return s.weight >= 2*slices.Index(outcomeOrder, "pass") }

// passed are the steps that went well, failing those that did not.
func passed(all []Step, well bool) (list []Step) {
	for _, s := range all {
		if s.Passed() == well {
			list = append(list, s)
		}
	}
	return list
}

// steps puts checks of the same name together, in the order of the first of each but with those before
// the others that were not simply in order.
func steps(checks []Check) (list []Step) {
	for _, k := range checks {
		i := slices.IndexFunc(list, func(s Step) bool { return s.Name == k.Name })
		if i < 0 {
			i, list = len(list), append(list, Step{Name: k.Name, Outcome: k.Outcome, Format: k.Format, weight: k.weight()})
		}
		s := &list[i]
		if k.weight() < s.weight {
			s.Outcome, s.weight = k.Outcome, k.weight()
		}
		s.Checks = append(s.Checks, k)
	}
	for i := range list {
		list[i].shorten()
	}
	slices.SortStableFunc(list, func(a, b Step) int { return a.urgency() - b.urgency() })
	return list
}

// urgency is the place of the outcome in gravity, where all good ones are the same.
func (s Step) urgency() int {
	return min(s.weight, 2*slices.Index(outcomeOrder, "pass"))
}

// shorten keeps the gravest checks.
func (s *Step) shorten() {
	slices.SortStableFunc(s.Checks, func(a, b Check) int { return a.weight() - b.weight() })
	s.More = max(len(s.Checks)-checksOfStep, 0)
	s.Checks = s.Checks[:len(s.Checks)-s.More]
}

// Codes are those of the step's checks, each once.
func (s Step) Codes() (list []string) {
	for _, k := range s.Checks {
		if k.Code != "" && !slices.Contains(list, k.Code) {
			list = append(list, k.Code)
		}
	}
	return list
}

// answers are the sentences of a step: everything that is not simply in order, else that it is.
func (c *catalogue) answers(s Step) (list []string) {
	for _, k := range s.Checks {
		plain := k.Outcome == "pass" || k.Outcome == "skipped"
		if text := c.checkText(k); (!plain || k.Outcome == s.Outcome) && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

// stepWord is the question of a step ("ask") or why it matters ("why").
func (c *catalogue) stepWord(word string, s Step) string {
	if key := c.variant("check."+s.Name+"."+word, Check{Format: s.Format}); key != "" {
		return c.text(key)
	}
	return ""
}
