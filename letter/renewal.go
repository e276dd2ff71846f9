package letter

import (
	"context"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/programme"
	post "github.com/open-insignia/insignia/mail"
	"github.com/open-insignia/insignia/templates"
)

// calendarFile is the name of the file with a deadline.
const calendarFile = "renewal.ics"

// renewal tells that a certification ends (flows 2.10). The first letter about an end has it as a file for calendars.
func (p *Office) renewal(ctx context.Context, due issuer.Letter) (w written, unsent issuer.Unsent, err error) {
	n, unsent, err := p.Issuer.Renewals.Letter(ctx, due)
	if err != nil || unsent != "" {
		return w, unsent, err
	}
	w.to = candidateBox(n.Recipient)
	if err := p.answers.makeWay(ctx, w.to); err != nil {
		return w, "", err
	}
	lang := language(n.Locale, n.Organisation.Languages)
	w.Letter = p.stoppable(n.Recipient, lang)
	w.ListID = "renewals"
	content := templates.RenewalLetter{
		Letter: p.letter(n.Recipient, lang), Name: n.Name, Title: titleOf(n.Badge.Achievement, lang),
		State: renewalState(n), Expires: n.Badge.Award.ExpiresOn.Time(), RetiredOn: n.Renewal.Retired.Time(),
		Days: n.Today.DaysUntil(n.Badge.Award.ExpiresOn.Date), URL: p.BaseURL + "/me/badges/" + n.Badge.Award.ID + "#renewal",
	}
	content.StopList = templates.StopRenewals
	exams := n.Renewal.Exams
	if n.Renewal.Over(n.Today) {
		exams = nil
	}
	for _, code := range exams {
		exam := programme.Subject{Kind: programme.KindExam, Code: code}
		name := templates.Spoken(lang)(catalogue.NameSpoken(n.Programme, exam, lang))
		content.Exams = append(content.Exams, templates.Subject{Kind: "exam", Code: code, Name: name}.Title())
	}
	for _, code := range n.Renewal.Holds {
		held := programme.Subject{Kind: programme.KindCertification, Code: code}
		content.Holds = append(content.Holds, templates.Spoken(lang)(catalogue.NameSpoken(n.Programme, held, lang)))
	}
	if n.First && content.State == templates.RenewalOpen {
		last := n.Renewal.LastDay(n.Badge.Award.ExpiresOn.Date)
		d := templates.RenewalDeadline(lang, n.Badge.Award.ID, content.Title, last.Time(), content.URL, p.Now())
		content.Calendar = &d
		w.Files = []post.File{{Name: calendarFile, Type: templates.CalendarType, Data: d.ICS()}}
	}
	w.content = content
	return w, "", nil
}

// renewalState is what there is to say.
func renewalState(n issuer.RenewalLetter) string {
	switch {
	case !n.Today.Before(n.Badge.Award.ExpiresOn.Date):
		return templates.RenewalOver
	case n.Renewal.Over(n.Today):
		return templates.RenewalRetired
	}
	return templates.RenewalOpen
}
