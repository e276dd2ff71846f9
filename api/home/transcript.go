package home

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/paper"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
)

// transcripts are what somebody can show of their record (flows 2.8).
type transcripts struct {
	site   *web.Site
	issuer *issuer.Issuer
	paper  *paper.Fonts
	codes  *shareCodes
}

const transcriptPath = "/me/transcript"

func (ts *transcripts) routes() []web.Route {
	return web.Table(
		ts.site.Form(transcriptPath, ts.site.SignedIn(ts.getTranscript), ts.site.SignedIn(ts.postTranscript)),
		web.Get(transcriptPath+".pdf", ts.site.Personal(ts.site.SignedIn(ts.getTranscriptPDF))),
		web.Get(transcriptPath+".clr.json", ts.site.Personal(ts.site.SignedIn(ts.record(credential.LearnerRecords.JSON)))),
		web.Get(transcriptPath+".clr.jwt", ts.site.Personal(ts.site.SignedIn(ts.record(credential.LearnerRecords.JWT)))),
	)
}

// getTranscript, GET /me/transcript, is the transcript for its owner to look at first.
func (ts *transcripts) getTranscript(c echo.Context, who *web.Person) error {
	t, err := ts.withCodes(c, who, templates.UsualShareCode())
	if err != nil {
		return err
	}
	return web.Show(c, t)
}

// postTranscript, POST /me/transcript, makes a share code of it.
func (ts *transcripts) postTranscript(c echo.Context, who *web.Person) error {
	if c.Request().PostForm.Get("do") != "code" {
		return web.NewProblem(web.CodeUnreadable, "The form does not say what to do.")
	}
	return ts.codes.post(c, who, "", func(form templates.ShareCodeForm) (web.Drawable, error) { return ts.withCodes(c, who, form) })
}

func (ts *transcripts) withCodes(c echo.Context, who *web.Person, form templates.ShareCodeForm) (t templates.Transcript, err error) {
	if t, err = ts.transcript(c, who); err == nil {
		t.Codes, err = ts.codes.section(c, who, "", t.Page, form)
	}
	return t, err
}

// ownTranscript is all that an owner may show, without scores.
var ownTranscript = templates.TranscriptChoice{Past: true, Exams: true}

func (ts *transcripts) transcript(c echo.Context, who *web.Person) (t templates.Transcript, err error) {
	page := ts.site.FormPage(c)
	page.NoIndex, page.Sandbox = true, who.Sandbox
	t, err = wording.Transcript(c.Request().Context(), ts.issuer, holderOf(who), who.Name, page.Lang, ownTranscript)
	t.Page, t.MadeAt, t.CheckURL = page, ts.site.Now().UTC(), ts.site.BaseURL+web.VerifyPath
	t.PDFURL, t.LetterURL = transcriptPath+".pdf?lang="+page.Lang, transcriptPath+".pdf?paper=letter&lang="+page.Lang
	if err != nil {
		return t, err
	}
	awards, _, err := wording.RecordAwards(c.Request().Context(), ts.issuer, holderOf(who), ownTranscript, false)
	if len(awards) > 0 {
		t.RecordURL = transcriptPath + ".clr"
	}
	return t, err
}

// record, GET /me/transcript.clr.json and .clr.jwt, is the transcript as a signed Comprehensive Learner Record 2.0, with
// the badges that only its owner sees.
func (ts *transcripts) record(sign wording.SignRecord) func(c echo.Context, who *web.Person) error {
	return func(c echo.Context, who *web.Person) error {
		of := wording.RecordFor{Holder: holderOf(who), Name: who.Name, Lang: ts.site.Language(c), With: ownTranscript}
		d, err := wording.Record(c.Request().Context(), ts.site, ts.issuer, of, sign)
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, d.Type, d.Body)
	}
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
