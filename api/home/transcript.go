package home

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/paper"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// transcripts are what somebody can show of their record (flows 2.8).
type transcripts struct {
	site   *web.Site
	issuer *issuer.Issuer
	paper  *paper.Fonts
}

const transcriptPath = "/me/transcript"

func (ts *transcripts) routes() []web.Route {
	return web.Table(
		web.Get(transcriptPath, ts.site.Personal(ts.site.SignedIn(ts.getTranscript))),
		web.Get(transcriptPath+".pdf", ts.site.Personal(ts.site.SignedIn(ts.getTranscriptPDF))),
	)
}

// getTranscript, GET /me/transcript, is the transcript for its owner to look at first.
func (ts *transcripts) getTranscript(c echo.Context, who *web.Person) error {
	t, err := ts.transcript(c, who)
	if err != nil {
		return err
	}
	return web.Show(c, t)
}

func (ts *transcripts) transcript(c echo.Context, who *web.Person) (t templates.Transcript, err error) {
	ctx := c.Request().Context()
	badges, err := ts.issuer.Backpack(ctx, holderOf(who))
	if err != nil {
		return t, err
	}
	results, err := ts.issuer.Transcript(ctx, holderOf(who))
	if err != nil {
		return t, err
	}
	h, err := ts.issuer.History(ctx)
	if err != nil {
		return t, err
	}
	page := ts.site.FormPage(c)
	page.NoIndex = true
	t = templates.Transcript{
		Page: page, Name: who.Name, With: templates.TranscriptChoice{Past: true, Exams: true}, Exams: transcriptExams(h, results, page.Lang), MadeAt: ts.site.Now().UTC(),
		CheckURL: ts.site.BaseURL + "/verify", PDFURL: transcriptPath + ".pdf?lang=" + page.Lang,
		LetterURL: transcriptPath + ".pdf?paper=letter&lang=" + page.Lang,
	}
	if t.Name == "" && len(results) > 0 { // somebody who has claimed nothing yet
		t.Name = results[0].Result.CandidateName
	}
	for _, b := range badges {
		switch row, status := ts.row(b, page.Lang); {
		case b.Award.Kind != programme.KindCertification, status == ledger.Superseded, status == ledger.Revoked, b.Award.Disputed():
		case status == ledger.Valid:
			t.Active = append(t.Active, row)
		default:
			t.Past = append(t.Past, row)
		}
	}
	for _, list := range [][]templates.TranscriptBadge{t.Active, t.Past} {
		slices.SortStableFunc(list, func(a, b templates.TranscriptBadge) int { return b.EarnedOn.Compare(a.EarnedOn) })
	}
	return t, nil
}

// row is a certification with its number where others may see it. Declining a badge does not undo what was earned.
func (ts *transcripts) row(b issuer.OfferedBadge, lang string) (templates.TranscriptBadge, ledger.Validity) {
	f := b.Award.Facts(ts.issuer.Today())
	row := templates.TranscriptBadge{
		Name: wording.InLanguage(b.Achievement, b.Achievement.Name, lang), Code: b.Award.Code,
		EarnedOn: f.EarnedOn.Time(), Expires: f.ExpiresOn.Time(), Verdict: string(f.Status),
	}
	for _, day := range b.Award.Renewed {
		row.Renewals = append(row.Renewals, day.Time())
	}
	if b.Award.Shown() {
		row.Award, row.URL = b.Award.ID, ts.issuer.BadgeURL(b.Award.ID)
	}
	return row, f.Status
}

// transcriptExams are the exams that were passed, each once, by its first pass, the newest first.
func transcriptExams(h programme.History, results []issuer.LedgerEntry, lang string) (list []templates.TranscriptExam) {
	entries := map[string]issuer.LedgerEntry{}
	for _, e := range results { // the newest first
		if e.Result.Outcome == programme.Pass && e.Result.State == ledger.StateRecorded {
			entries[e.Result.Exam] = e
		}
	}
	for _, p := range passedExams(h, results, lang) {
		e := entries[p.Code]
		list = append(list, templates.TranscriptExam{
			Name: p.Name, Code: p.Code, On: p.On, Partner: e.Partner,
			NoBadge: slices.ContainsFunc(e.Decisions, func(d ledger.Decision) bool {
				return d.Subject.Kind == programme.KindExam && (d.Reason == programme.BadgeNever || d.Reason == programme.NotInBadgeProgramme)
			}),
		})
	}
	return list
}

// getTranscriptPDF, GET /me/transcript.pdf, is the transcript on paper (?paper=, ?lang=). One is drawn at a time.
func (ts *transcripts) getTranscriptPDF(c echo.Context, who *web.Person) error {
	size := paper.Size(cmp.Or(c.QueryParam("paper"), string(paper.A4)))
	if size != paper.A4 && size != paper.Letter {
		p := web.NewProblem(web.CodeInvalid, "The paper is not one of ours.")
		p.Fields = []refusal.Field{{Pointer: web.InQuery + "paper", Code: "bad_value", Detail: "must be a4 or letter"}}
		return p
	}
	t, err := ts.transcript(c, who)
	if err != nil {
		return err
	}
	by, _, err := wording.Organisation(c.Request().Context(), ts.issuer, ts.site, t.Lang)
	if err != nil {
		return err
	}
	t.Site = ts.site.PublicName(by.Name.Value)
	pdf, err := ts.draw(c.Request().Context(), paper.Transcript{Transcript: t.Worded(), Size: size, Program: t.Site, Made: t.MadeAt})
	if no := (*paper.NoFontError)(nil); errors.As(err, &no) {
		page := templates.NoCertificate{Page: ts.site.Page(c), Characters: no.Names(), Scripts: no.Scripts, BadgeURL: transcriptPath, Transcript: true}
		return ts.site.AsPage(c, web.NewProblem("no_font", "No font here can write "+strings.Join(no.Names(), " ")+"."), page)
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition,
		`inline; filename="transcript.pdf"; filename*=UTF-8''`+strings.ReplaceAll(url.QueryEscape(t.Words().DocumentTitle+".pdf"), "+", "%20"))
	return c.Blob(http.StatusOK, "application/pdf", pdf)
}

func (ts *transcripts) draw(ctx context.Context, t paper.Transcript) ([]byte, error) {
	leave, err := ts.site.Drawing.Enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return ts.paper.Transcript(t)
}
