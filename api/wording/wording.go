// Package wording says what the issuer and the programme know in the types of templates: names in the reader's
// language, decisions, scores. Doors share it; it reads nothing but what it is given, and decides nothing.
package wording

import (
	"context"
	"strconv"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// Organisation is who issues, in words for a page; without a programme the site speaks for itself.
func Organisation(ctx context.Context, i *issuer.Issuer, site *web.Site, lang string) (templates.Issuer, programme.Issuer, error) {
	org, err := i.Organisation(ctx)
	if NoProgramme(err) {
		return templates.Issuer{Name: templates.Text{Value: site.Name}, Domain: site.Base.Host}, org, nil
	}
	if err != nil {
		return templates.Issuer{}, org, err
	}
	return templates.Issuer{
		Name: templates.Spoken(lang)(org.Name.Spoken(lang)), Domain: site.Base.Host, URL: web.WebAddress(org.URL),
		PageURL: "/issuers/" + org.ID,
	}, org, nil
}

// NoProgramme reports whether there is no issuer yet, because no programme was applied.
func NoProgramme(err error) bool {
	return refusal.Is(err, "no_programme")
}

// InLanguage is a text of an achievement on a page in a language.
func InLanguage(a *catalogue.Achievement, text map[string]string, lang string) templates.Text {
	return templates.Spoken(lang)(a.Spoken(text, lang))
}

// SubjectName is what the programme calls a subject, on a page in a language.
func SubjectName(h programme.History, s programme.Subject, lang string) templates.Text {
	return templates.Spoken(lang)(catalogue.NameSpoken(h, s, lang))
}

// PictureURL is the picture of an achievement for readers of a language.
func PictureURL(a *catalogue.Achievement, lang string) string {
	address := "/achievements/" + a.ID + "/image.svg"
	if image := a.ImageIn(lang); image != "" && !programme.IsVector(image) { // a PNG is wrapped into an SVG of twice its size
		address = "/achievements/" + a.ID + "/image.png"
	}
	if a.PicturedIn(lang) {
		address += "?lang=" + lang
	}
	return address
}

// IssuerName is who awards an achievement, in a language.
func IssuerName(a *catalogue.Achievement, lang string) templates.Text {
	return InLanguage(a, a.Issuer, lang)
}

// Retired is the day on which an exam or certification was retired; no day while it is alive.
func Retired(h programme.History, subject programme.Subject, today programme.Date) templates.Day {
	var day programme.Date
	if e, found := h.Exam(subject.Code); found && subject.Kind == programme.KindExam {
		day = e.Retired
	}
	if k, found := h.Certification(subject.Code); found && subject.Kind == programme.KindCertification {
		day = k.Retired
	}
	if day.IsZero() || today.Before(day) {
		return templates.Day{}
	}
	return day.Time()
}

// Decision is a decision in the words of the programme, ready to be written as a sentence.
func Decision(h programme.History, d programme.Decision, lang string) templates.Decision {
	e := templates.Decision{
		Outcome: string(d.Outcome), Reason: string(d.Reason), Date: d.Date.Time(),
		Subject: subjectOf(h, d.Subject, lang),
	}
	if d.Reason == programme.CertificationRenewed {
		e.Date = d.Expires.Time()
	}
	if d.Certification != "" {
		e.Certification = SubjectName(h, programme.Subject{
			Kind: programme.KindCertification, Code: d.Certification,
		}, lang)
	}
	if d.Missing != nil {
		needs := needed(h, *d.Missing, lang)
		e.Needs = &needs
		e.Book = bookings(h, *d.Missing, lang)
	}
	return e
}

// bookings are the exams of a requirement that can be booked.
func bookings(h programme.History, r programme.Requirement, lang string) (list []templates.Booking) {
	for _, s := range r.Named() {
		e, found := h.Exam(s.Code)
		if s.Kind != programme.KindExam || !found || !e.Retired.IsZero() || web.WebAddress(e.ScheduleURL) == "" {
			continue
		}
		list = append(list, templates.Booking{Exam: subjectOf(h, s, lang).Title(), URL: e.ScheduleURL})
	}
	return list
}

// Exams are exams by their codes and names, and where they can be booked.
func Exams(h programme.History, codes []string, lang string) (list []templates.Booking) {
	for _, code := range codes {
		b := templates.Booking{Exam: subjectOf(h, programme.Subject{Kind: programme.KindExam, Code: code}, lang).Title()}
		if e, found := h.Exam(code); found {
			b.URL = web.WebAddress(e.ScheduleURL)
		}
		list = append(list, b)
	}
	return list
}

func subjectOf(h programme.History, s programme.Subject, lang string) templates.Subject {
	return templates.Subject{Kind: string(s.Kind), Code: s.Code, Name: SubjectName(h, s, lang)}
}

// needed is a requirement as people read it: exams by their codes, which is how they are booked, and names,
// certifications by their names.
func needed(h programme.History, r programme.Requirement, lang string) templates.Needs {
	return programme.Convert(r, func(s programme.Subject) templates.Needs {
		if s.Kind == programme.KindExam {
			return templates.Needs{Exam: subjectOf(h, s, lang).Title()}
		}
		return templates.Needs{Certification: SubjectName(h, s, lang)}
	}, templates.NeedsList)
}

// ScoreText is a score for people; empty for none.
func ScoreText(value, most string) string {
	if value != "" && most != "" {
		return value + " / " + most
	}
	return value
}

// Scores are scores with the names of their exams.
func Scores(h programme.History, scores []ledger.Score, lang string) (list []templates.Score) {
	for _, s := range scores {
		exam := programme.Subject{Kind: programme.KindExam, Code: s.Exam}
		list = append(list, templates.Score{
			Code: s.Exam, Title: SubjectName(h, exam, lang), Text: ScoreText(s.Value, s.Max),
		})
	}
	return list
}

// DecidedOn is when the holder accepted or declined an award; zero where they have not.
func DecidedOn(a *ledger.Award) time.Time {
	if a.DecidedAt == nil {
		return time.Time{}
	}
	return a.DecidedAt.UTC()
}

// Downloads are the files that prove a badge, while it proves anything, and the certificate in a language.
func Downloads(v ledger.Validity, path, lang string) []templates.Download {
	if v != ledger.Valid && v != ledger.Expired {
		return nil
	}
	return []templates.Download{
		{Kind: "png", URL: path + "/badge.png"}, {Kind: "svg", URL: path + "/badge.svg"},
		{Kind: "json3", URL: path + "/credential.json"}, {Kind: "jwt", URL: path + "/credential.jwt"},
		{Kind: "jws", URL: path + "/assertion.jws"},
		{Kind: "pdf", URL: path + "/certificate.pdf?lang=" + lang}, {Kind: "pdf_letter", URL: path + "/certificate.pdf?paper=letter&lang=" + lang},
	}
}

// CardURL is the preview of a badge's page. Other sites keep what they fetched, so that its address changes with all
// that it says (row 92).
func CardURL(address, lang string, a *ledger.Award, v ledger.Validity) string {
	version := strconv.FormatInt(a.Revision, 36)
	if v != ledger.Valid {
		version += "-" + string(v)
	}
	return address + "/card.png?lang=" + lang + "&v=" + version
}
