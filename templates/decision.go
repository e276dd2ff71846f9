package templates

// Decision is what the rules decided about one subject of a result (contract 1 and 3).
type Decision struct {
	Outcome       string // awarded, renewed, skipped, not_yet, none, held or revoked
	Reason        string // exam_passed, requirement_missing, …
	Subject       Subject
	Certification string // name of the certification of implied_by_certification
	Needs         *Needs // what is still missing, for requirement_missing
	// Date goes with the reason: the retirement day (exam_retired), the new
	// expiry (certification_renewed), the day it was first earned (already_earned).
	Date Day
}

// Subject is the exam or certification that a decision is about.
type Subject struct {
	Kind string // exam or certification
	Code string
	Name string // in the reader's language; empty: the code is shown
}

// Sentence is the one plain sentence that explains a decision, for pages, letters
// and the partner API alike. A reason it does not know gives the general sentence of the outcome.
func Sentence(lang string, d Decision) string { return in(lang).sentence(d) }

func (c *catalogue) sentence(d Decision) string {
	subject := d.Subject.Name
	if subject == "" {
		subject = d.Subject.Code
	}
	key := "decision." + d.Reason
	for _, k := range []string{key + "." + d.Subject.Kind, key} {
		if !d.Date.IsZero() && c.has(k+".date") {
			return c.decided(k+".date", subject, d)
		}
		if c.has(k) {
			return c.decided(k, subject, d)
		}
	}
	if key = "decision.outcome." + d.Outcome; c.has(key) {
		return c.decided(key, subject, d)
	}
	return c.text("decision.outcome.none", "subject", subject)
}

func (c *catalogue) decided(key, subject string, d Decision) string {
	needs := ""
	if d.Needs != nil {
		needs = c.needs(*d.Needs)
	}
	return c.text(key, "subject", subject, "certification", d.Certification, "needs", needs, "date", c.date(d.Date))
}
