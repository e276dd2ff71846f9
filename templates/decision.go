package templates

import "html/template"

// Decision is what the rules decided about one subject of a result (contract 1 and 3).
type Decision struct {
	Outcome       string // awarded, renewed, skipped, not_yet, none, held or revoked
	Reason        string // exam_passed, requirement_missing, …
	Subject       Subject
	Certification Text   // name of the certification of implied_by_certification
	Needs         *Needs // what is still missing, for requirement_missing
	// Date goes with the reason: the retirement day (exam_retired), the new
	// expiry (certification_renewed), the day it was first earned (already_earned).
	Date Day
	Book []Booking // exams that are missing and can be booked
}

// Booking is where an exam can be booked.
type Booking struct {
	Exam Text
	URL  string
}

// Subject is the exam or certification that a decision is about.
type Subject struct {
	Kind string // exam or certification
	Code string
	Name Text // in the reader's language; empty: the code is shown
}

// Sentence is the one plain sentence that explains a decision, for pages, letters
// and the partner API alike. A reason it does not know gives the general sentence of the outcome.
func Sentence(lang string, d Decision) string { return in(lang).plainVoice().sentence(d) }

// sentence is the same for a page.
func (c *catalogue) sentence(d Decision) template.HTML {
	return template.HTML(c.markupVoice().sentence(d)) // made of markup
}

func (v voice) sentence(d Decision) string {
	subject := d.Subject.Title()
	key := "decision." + d.Reason
	for _, k := range []string{key + "." + d.Subject.Kind, key} {
		if !d.Date.IsZero() && v.has(k+".date") {
			return v.decided(k+".date", subject, d)
		}
		if v.has(k) {
			return v.decided(k, subject, d)
		}
	}
	if key = "decision.outcome." + d.Outcome; v.has(key) {
		return v.decided(key, subject, d)
	}
	return v.fill("decision.outcome.none", "subject", v.name(subject))
}

// Title is the subject's name, for an exam behind its code: exams and certifications often share names.
func (s Subject) Title() Text {
	switch {
	case s.Name.Value == "" || s.Name.Value == s.Code:
		return Text{Value: s.Code}
	case s.Kind == "exam":
		return Text{Value: s.Code + " " + s.Name.Value, Lang: s.Name.Lang}
	}
	return s.Name
}

func (v voice) decided(key string, subject Text, d Decision) string {
	needs := ""
	if d.Needs != nil {
		needs = v.needs(*d.Needs)
	}
	return v.fill(key, "subject", v.name(subject), "certification", v.name(d.Certification), "needs", needs, "date", v.ownText(v.date(d.Date)))
}
