package templates

import (
	"strings"
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	fourth := time.Date(2026, time.March, 4, 10, 42, 0, 0, time.FixedZone("CET", 3600))
	first := time.Date(2026, time.August, 1, 0, 0, 0, 0, time.UTC)
	for lang, want := range map[string][3]string{
		"en": {"4 March 2026", "1 August 2026", "4 March 2026, 10:42 CET"},
		"es": {"4 de marzo de 2026", "1 de agosto de 2026", "4 de marzo de 2026, 10:42 CET"},
		"fr": {"4 mars 2026", "1er août 2026", "4 mars 2026, 10:42 CET"},
		"xx": {"4 March 2026", "1 August 2026", "4 March 2026, 10:42 CET"},
	} {
		if got := [3]string{Date(lang, fourth), Date(lang, first), in(lang).moment(fourth)}; got != want {
			t.Errorf("%s: got %q, want %q", lang, got, want)
		}
	}
	if got := Date("en", Day{}) + in("en").moment(time.Time{}); got != "" {
		t.Errorf("no day gives %q", got)
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct{ query, cookie, accept, want string }{
		{"", "", "", "en"},
		{"fr", "es", "en", "fr"},
		{"", "es", "fr", "es"},
		{"", "", "fr-CA, en;q=0.5", "fr"},
		{"", "", "de, es-419;q=0.8, en;q=0.7", "es"},
		{"", "", "de", "en"},
		{"xx", "fr-FR", "es", "fr"},
		{"../etc", "<b>", ";;;q=", "en"},
		{"", "", strings.Repeat("fr,", 1000), "en"},
	} {
		if got := Match(c.query, c.cookie, c.accept); got != c.want {
			t.Errorf("Match(%q, %q, %.20q) = %s, want %s", c.query, c.cookie, c.accept, got, c.want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("es", "fr-CA", "de;q=0.5, en")
	f.Fuzz(func(t *testing.T, query, cookie, accept string) {
		if got := Match(query, cookie, accept); !known(got) {
			t.Errorf("Match(%q, %q, %q) = %q", query, cookie, accept, got)
		}
	})
}

func TestNeeds(t *testing.T) {
	exams := func(codes ...string) (all []Needs) {
		for _, c := range codes {
			all = append(all, Needs{Exam: Text{Value: c}})
		}
		return all
	}
	for _, c := range []struct {
		needs      Needs
		en, es, fr string
	}{
		{Needs{Exam: Text{Value: "A"}}, "A", "A", "A"},
		{Needs{Certification: Text{Value: "C"}}, "the certification C", "la certificación C", "la certification C"},
		{Needs{All: exams("A")}, "A", "A", "A"},
		{Needs{All: exams("A", "B")}, "A and B", "A y B", "A et B"},
		{Needs{All: exams("A", "B", "D")}, "A, B and D", "A, B y D", "A, B et D"},
		{Needs{Any: exams("A")}, "A", "A", "A"},
		{Needs{Any: exams("A", "B", "D")}, "one of A, B or D", "uno de los siguientes: A, B o D", "l’un des suivants : A, B ou D"},
		{Needs{AtLeast: 2, Of: exams("A", "B", "D", "E")}, "2 more of A, B, D and E", "2 más de A, B, D y E", "2 de plus parmi A, B, D et E"},
		{Needs{All: []Needs{{Exam: Text{Value: "A"}}, {Any: exams("B", "D")}}}, "A and (one of B or D)", "A y (uno de los siguientes: B o D)", "A et (l’un des suivants : B ou D)"},
		{Needs{Any: exams("Excel", "Outlook")}, "one of Excel or Outlook", "uno de los siguientes: Excel u Outlook", "l’un des suivants : Excel ou Outlook"},
		{Needs{All: exams("Word", "Identidad")}, "Word and Identidad", "Word e Identidad", "Word et Identidad"},
		{Needs{}, "", "", ""},
	} {
		for lang, want := range map[string]string{"en": c.en, "es": c.es, "fr": c.fr} {
			if got := in(lang).plainVoice().needs(c.needs); got != want {
				t.Errorf("%s: got %q, want %q", lang, got, want)
			}
		}
	}
}

func TestCriteria(t *testing.T) {
	exam := func(code string) Needs { return Needs{Exam: Text{Value: code}} }
	a, b, d, c := exam("A"), exam("B"), exam("D"), Needs{Certification: Text{Value: "C"}}
	for _, test := range []struct {
		needs      Needs
		en, es, fr string
	}{
		{a, "To earn X, pass the exam A.", "Para conseguir X hay que aprobar el examen A.", "Pour obtenir X, réussir l’examen A."},
		{Needs{All: []Needs{a, b}}, "To earn X, pass both exams: A and B.", "Para conseguir X hay que aprobar los dos exámenes: A y B.", "Pour obtenir X, il faut réussir les deux examens : A et B."},
		{Needs{All: []Needs{a, b, d}}, "To earn X, pass all 3 exams: A, B and D.", "Para conseguir X hay que aprobar los 3 exámenes: A, B y D.", "Pour obtenir X, il faut réussir les 3 examens : A, B et D."},
		{Needs{Any: []Needs{a, b}}, "To earn X, pass one of these exams: A or B.", "Para conseguir X hay que aprobar uno de estos exámenes: A o B.", "Pour obtenir X, il faut réussir l’un de ces examens : A ou B."},
		{Needs{AtLeast: 2, Of: []Needs{a, b, d}}, "To earn X, pass 2 of these exams: A, B and D.", "Para conseguir X hay que aprobar 2 de estos exámenes: A, B y D.", "Pour obtenir X, il faut réussir 2 de ces examens : A, B et D."},
		{Needs{All: []Needs{a, {Any: []Needs{b, d}}}}, "To earn X, pass A and (one of B or D).", "Para conseguir X hay que aprobar A y (uno de los siguientes: B o D).", "Pour obtenir X, il faut réussir A et (l’un des suivants : B ou D)."},
		{Needs{All: []Needs{c, {Certification: Text{Value: "E"}}}}, "To earn X, hold the certification C and the certification E.", "Para conseguir X hay que tener la certificación C y la certificación E.", "Pour obtenir X, il faut détenir la certification C et la certification E."},
		{Needs{All: []Needs{a, c}}, "To earn X, pass A and hold the certification C.", "Para conseguir X hay que aprobar A y tener la certificación C.", "Pour obtenir X, il faut réussir A et détenir la certification C."},
		{Needs{All: []Needs{c, {AtLeast: 2, Of: []Needs{a, b, d}}}}, "To earn X, hold the certification C and pass 2 of A, B and D.", "Para conseguir X hay que tener la certificación C y aprobar 2 de A, B y D.", "Pour obtenir X, il faut détenir la certification C et réussir 2 parmi A, B et D."},
		{Needs{AtLeast: 2, Of: []Needs{a, b, c}}, "To earn X, do 2 of these: pass A, pass B and hold the certification C.", "Para conseguir X hay que cumplir 2 de estas condiciones: aprobar A, aprobar B y tener la certificación C.", "Pour obtenir X, il faut remplir 2 de ces conditions : réussir A, réussir B et détenir la certification C."},
	} {
		for lang, want := range map[string]string{"en": test.en, "es": test.es, "fr": test.fr} {
			if got := CertificationCriteria(lang, "X", test.needs); got != want {
				t.Errorf("%s: got %q, want %q", lang, got, want)
			}
		}
	}
	if got, want := ExamCriteria("fr", "A"), "Réussir l’examen A."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// reasons of contract 1 and 3.
var reasons = []string{"exam_retired", "not_in_badge_programme", "already_earned", "implied_by_certification", "badge_never", "exam_passed", "certification_earned",
	"certification_renewed", "requirement_missing", "not_passed", "identity_mismatch", "result_voided"}

func TestEveryReasonHasASentence(t *testing.T) {
	for _, l := range Languages {
		for _, reason := range reasons {
			for _, kind := range []string{"exam", "certification"} {
				for _, date := range []Day{{}, time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)} {
					d := Decision{Reason: reason, Subject: Subject{Kind: kind, Code: "X1", Name: Text{Value: "Xylo"}}, Certification: Text{Value: "Certo"}, Needs: &Needs{Exam: Text{Value: "Y2"}}, Date: date}
					got := Sentence(l.Code, d)
					if !strings.HasSuffix(got, ".") || strings.ContainsAny(got, "{}") || strings.Contains(got, "decision.") {
						t.Errorf("%s %s %s: %q is no sentence", l.Code, reason, kind, got)
					}
					if got == Sentence(l.Code, Decision{Outcome: "none", Subject: d.Subject}) {
						t.Errorf("%s %s %s has no sentence of its own", l.Code, reason, kind)
					}
				}
			}
		}
		for _, outcome := range []string{"awarded", "renewed", "skipped", "not_yet", "none", "held", "revoked", "?"} {
			if got := Sentence(l.Code, Decision{Outcome: outcome, Reason: "new_reason", Subject: Subject{Code: "X1"}}); !strings.Contains(got, "X1") {
				t.Errorf("%s %s: got %q", l.Code, outcome, got)
			}
		}
	}
}

func TestSentences(t *testing.T) {
	c2 := Subject{Kind: "certification", Code: "C2", Name: Text{Value: "Cloud Operator"}}
	for _, c := range []struct {
		lang string
		d    Decision
		want string
	}{
		{"en", Decision{Reason: "requirement_missing", Subject: c2, Needs: &Needs{Exam: Text{Value: "E3"}}}, "Cloud Operator also needs E3."},
		{"es", Decision{Reason: "requirement_missing", Subject: c2, Needs: &Needs{Exam: Text{Value: "E3"}}}, "Para Cloud Operator falta también E3."},
		{"fr", Decision{Reason: "requirement_missing", Subject: c2, Needs: &Needs{Exam: Text{Value: "E3"}}}, "Cloud Operator exige aussi E3."},
		{"en", Decision{Reason: "implied_by_certification", Subject: Subject{Kind: "exam", Code: "E1"}, Certification: Text{Value: "C1"}}, "The exam E1 gives you the certification C1 by itself, so the badge is for the certification."},
		{"es", Decision{Reason: "badge_never", Subject: Subject{Kind: "exam", Code: "E6"}}, "No existe insignia para este examen. Aparece en tu expediente."},
		{"fr", Decision{Reason: "already_earned", Subject: Subject{Kind: "exam", Code: "E4"}, Date: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)}, "Vous avez déjà le badge d’E4, obtenu le 1er mars 2024."},
	} {
		if got := Sentence(c.lang, c.d); got != c.want {
			t.Errorf("%s: got %q, want %q", c.lang, got, c.want)
		}
	}
}

var codes = strings.Fields(`MISSING_PROPERTY BAD_VALUE CONTEXT NOT_JSON FETCH_FAILED CONTENT_TYPE UNSUPPORTED UNSUPPORTED_TYPE BAD_INPUT NOT_SIGNED BAD_SIGNATURE KEY_FETCH
	KEY_NOT_OWNED KEY_OWNER VERIFICATION_TYPE REVOKED REVOCATION_LIST EXPIRED EXPIRES_BEFORE_ISSUED NOT_YET_ISSUED ORIGIN_SCOPE STARTS_WITH IDENTITY_FORMAT
	RECIPIENT_MISMATCH IMAGE_FETCH IMAGE_TYPE NO_BADGE_IN_IMAGE BAD_BAKE BAD_IMAGE EXTENSION_SCHEMA SCHEMA STATUS SUSPENDED`)

func TestEveryCheckHasAText(t *testing.T) {
	for _, l := range Languages {
		seen := map[string]string{}
		for _, code := range codes {
			got := CheckText(l.Code, Check{Name: "anything", Outcome: "fail", Code: code})
			if other, twice := seen[got]; twice {
				t.Errorf("%s: %s reads like %s: %q", l.Code, code, other, got)
			}
			seen[got] = code
		}
		for _, outcome := range []string{"pass", "fail", "warning", "unknown", "skipped"} {
			if got := CheckText(l.Code, Check{Name: "brand new", Outcome: outcome, Code: "NEW"}); got != in(l.Code).text("check.outcome."+outcome) {
				t.Errorf("%s %s: got %q", l.Code, outcome, got)
			}
		}
	}
	if got, want := CheckText("en", Check{Name: "proof", Outcome: "pass"}), "The signature is intact: nothing was changed."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := CheckText("en", Check{Name: "proof", Outcome: "pass", Format: "ob2-hosted"}), "The issuer's own server publishes this badge."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := CheckText("en", Check{Outcome: "?"}); got != "This step could not be checked." {
		t.Errorf("an unknown outcome reads %q", got)
	}
}

func TestVerdicts(t *testing.T) {
	fourth := time.Date(2027, time.March, 4, 0, 0, 0, 0, time.UTC)
	full := VerdictFacts{Verdict: "valid", IssuerKnown: true, Issuer: "Acme", Domain: "acme.example", Recipient: "Ana Ruiz", Expires: fourth, Since: fourth, Reason: "result_voided"}
	with := func(change func(*VerdictFacts)) VerdictFacts { f := full; change(&f); return f }
	for _, c := range []struct {
		name  string
		facts VerdictFacts
		want  VerdictText
	}{
		{"valid", full, VerdictText{"Genuine and current", "Acme issued this to Ana Ruiz. Valid until 4 March 2027."}},
		{"no recipient", with(func(f *VerdictFacts) { f.Recipient = "" }), VerdictText{"Genuine and current", "Acme issued this. Valid until 4 March 2027."}},
		{"for ever", with(func(f *VerdictFacts) { f.Expires = Day{} }), VerdictText{"Genuine and current", "Acme issued this to Ana Ruiz. It does not expire."}},
		{"nothing known", VerdictFacts{Verdict: "valid", IssuerKnown: true}, VerdictText{"Genuine and current", "It is authentic, unchanged and not withdrawn."}},
		{"unknown issuer", with(func(f *VerdictFacts) { f.IssuerKnown = false }), VerdictText{"Intact, but we don't know this issuer", "The file was signed by the holder of the key at acme.example and not changed since. We can't say who that is. Check the domain yourself."}},
		{"unknown and hosted", VerdictFacts{Verdict: "valid", Format: "ob2-hosted"}, VerdictText{"Intact, but we don't know this issuer", "The badge is published by its issuer. We can't say who that is."}},
		{"revoked", with(func(f *VerdictFacts) { f.Verdict = "revoked" }), VerdictText{"Withdrawn by the issuer", "On 4 March 2027. Reason: exam result corrected."}},
		{"revoked, own words", VerdictFacts{Verdict: "revoked", Reason: "Issued in error."}, VerdictText{"Withdrawn by the issuer", "Reason: Issued in error."}},
		{"unheard of", VerdictFacts{Verdict: "brand new"}, VerdictText{"Couldn't finish the check", "The issuer's server didn't answer. What we could check is listed. Try again."}},
	} {
		if got := Verdict("en", c.facts); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestEveryVerdictHasALook: without any colour, by drawing and by word, no two verdicts are the same (WCAG 1.4.1).
func TestEveryVerdictHasALook(t *testing.T) {
	looks, words := map[string]string{}, map[string]string{}
	for _, f := range []VerdictFacts{{Verdict: "valid", IssuerKnown: true}, {Verdict: "valid"}, {Verdict: "expired"}, {Verdict: "superseded"}, {Verdict: "suspended"}, {Verdict: "revoked"}, {Verdict: "wrong_recipient"},
		{Verdict: "altered"}, {Verdict: "not_a_badge"}, {Verdict: "invalid"}, {Verdict: "not_shared"}, {Verdict: "undetermined"}} {
		drawing := string(icon(f.Look()))
		if drawing == "" {
			t.Errorf("%s has no icon", f.Look())
		}
		if other, twice := looks[drawing]; twice {
			t.Errorf("%s looks like %s", f.Look(), other)
		}
		looks[drawing] = f.Look()
		for _, l := range Languages {
			word := l.Code + " " + VerdictWord(l.Code, f.Look())
			if other, twice := words[word]; twice || strings.Contains(word, "word.") {
				t.Errorf("%s is called %q, as %q is", f.Look(), word, other)
			}
			words[word] = f.Look()
			if v := Verdict(l.Code, f); strings.Contains(v.Headline+v.Sentence, "verdict.") {
				t.Errorf("%s %s: %+v", l.Code, f.Look(), v)
			}
		}
	}
	if len(looks) != 12 {
		t.Errorf("got %d looks, want 12", len(looks))
	}
}
