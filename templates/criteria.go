package templates

// ExamCriteria says how an exam's badge is earned, for credentials and pages.
func ExamCriteria(lang, exam string) string { return in(lang).text("criteria.exam", "exam", exam) }

// CertificationCriteria says how a certification is earned: what has to be passed or held.
func CertificationCriteria(lang, certification string, n Needs) string {
	c := in(lang)
	if n.Exam != "" {
		return c.text("criteria.certification_exam", "certification", certification, "exam", n.Exam)
	}
	return c.text("criteria.certification", "certification", certification, "needs", c.takes(n))
}

// Test marks a name or description as that of a test.
func Test(lang, text string) string { return in(lang).text("criteria.test", "text", text) }

// ScoreIn is what the score in an exam is called.
func ScoreIn(lang, exam string) string { return in(lang).text("criteria.score", "exam", exam) }

// Passed says that an exam was passed on a day.
func Passed(lang string, on Day) string {
	c := in(lang)
	return c.text("page.passed", "date", c.date(on))
}
