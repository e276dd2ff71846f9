package wording

import (
	"context"
	"slices"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

// Transcript is what somebody can show of their record (flows 2.8), as far as they chose, in a language: certifications
// that were earned and exams that were passed. What was withdrawn, disputed or not passed is not in it.
func Transcript(ctx context.Context, i *issuer.Issuer, of issuer.Holder, name, lang string, with templates.TranscriptChoice) (t templates.Transcript, err error) {
	badges, err := i.Backpack(ctx, of)
	if err != nil {
		return t, err
	}
	results, err := i.Transcript(ctx, of)
	if err != nil {
		return t, err
	}
	h, err := i.History(ctx)
	if err != nil {
		return t, err
	}
	t = templates.Transcript{Name: name, With: with}
	if with.Exams {
		t.Exams = transcriptExams(h, results, lang, with.Scores)
	}
	if t.Name == "" && len(results) > 0 { // somebody who has claimed nothing yet
		t.Name = results[0].Result.CandidateName
	}
	for _, b := range badges {
		switch row, status := transcriptBadge(i, b, lang); {
		case b.Award.Kind != programme.KindCertification, status == ledger.Superseded, status == ledger.Revoked, b.Award.Disputed():
		case status == ledger.Valid:
			t.Active = append(t.Active, row)
		case with.Past:
			t.Past = append(t.Past, row)
		}
	}
	for _, list := range [][]templates.TranscriptBadge{t.Active, t.Past} {
		slices.SortStableFunc(list, func(a, b templates.TranscriptBadge) int { return b.EarnedOn.Compare(a.EarnedOn) })
	}
	return t, nil
}

// transcriptBadge is a certification with its number where others may see it. Declining a badge does not undo what was
// earned.
func transcriptBadge(i *issuer.Issuer, b issuer.OfferedBadge, lang string) (templates.TranscriptBadge, ledger.Validity) {
	f := b.Award.Facts(i.Today())
	row := templates.TranscriptBadge{
		Name: InLanguage(b.Achievement, b.Achievement.Name, lang), Code: b.Award.Code,
		EarnedOn: f.EarnedOn.Time(), Expires: f.ExpiresOn.Time(), Verdict: string(f.Status),
	}
	for _, day := range b.Award.Renewed {
		row.Renewals = append(row.Renewals, day.Time())
	}
	if b.Award.Shown() {
		row.Award, row.URL = b.Award.ID, i.BadgeURL(b.Award.ID)
	}
	return row, f.Status
}

// transcriptExams are the exams that were passed, each once, by its first pass, the newest first; the score is that of
// the same pass.
func transcriptExams(h programme.History, results []issuer.LedgerEntry, lang string, scores bool) (list []templates.TranscriptExam) {
	entries := map[string]issuer.LedgerEntry{}
	for _, e := range results { // the newest first
		if e.Result.Outcome == programme.Pass && e.Result.State == ledger.StateRecorded {
			entries[e.Result.Exam] = e
		}
	}
	for _, p := range PassedExams(h, results, lang) {
		e := entries[p.Code]
		exam := templates.TranscriptExam{
			Name: p.Name, Code: p.Code, On: p.On, Partner: e.Partner,
			NoBadge: slices.ContainsFunc(e.Decisions, func(d ledger.Decision) bool {
				return d.Subject.Kind == programme.KindExam && (d.Reason == programme.BadgeNever || d.Reason == programme.NotInBadgeProgramme)
			}),
		}
		if scores {
			exam.Score = ScoreText(e.Result.Score, e.Result.MaxScore)
		}
		list = append(list, exam)
	}
	return list
}

// PassedExams are the exams that were passed, each once, by its first pass, the newest first.
func PassedExams(h programme.History, results []issuer.LedgerEntry, lang string) (list []templates.PassedExam) {
	place := map[string]int{}
	for _, e := range results { // the newest first
		if e.Result.Outcome != programme.Pass || e.Result.State != ledger.StateRecorded {
			continue
		}
		exam := programme.Subject{Kind: programme.KindExam, Code: e.Result.Exam}
		p := templates.PassedExam{Code: exam.Code, Name: SubjectName(h, exam, lang), On: e.Result.TakenAt.UTC()}
		if k, again := place[exam.Code]; again {
			list[k].On = p.On
			continue
		}
		place[exam.Code] = len(list)
		list = append(list, p)
	}
	return list
}

// recordMost are the badges of a record, the newest: verifiers bound what they read.
const recordMost = 200

// RecordAwards are the badges for a signed record of somebody (CLR 2.0): accepted ones that prove anything, as far as
// they chose, and where others read it only those that others may see. partial: there is more on their record.
func RecordAwards(ctx context.Context, i *issuer.Issuer, of issuer.Holder, with templates.TranscriptChoice, others bool) (awards []string, partial bool, err error) {
	badges, err := i.Backpack(ctx, of)
	for _, b := range badges {
		a, status := b.Award, b.Award.Facts(i.Today()).Status
		switch {
		case a.State != ledger.Accepted || a.Holder != of.ID || a.Signed == 0 || a.Disputed(),
			status != ledger.Valid && (status != ledger.Expired || !with.Past),
			a.Kind == programme.KindExam && !with.Exams,
			others && !a.Shown():
			partial = true
		case len(awards) == recordMost:
			partial = true
		default:
			awards = append(awards, a.ID)
		}
	}
	return awards, partial, err
}

// RecordFor is whose signed record it is, and what it has.
type RecordFor struct {
	Holder issuer.Holder
	Name   string
	Lang   string
	With   templates.TranscriptChoice
	Others bool // others than its owner read it
}

// SignRecord makes one form of a record.
type SignRecord func(l credential.LearnerRecords, ctx context.Context, of credential.RecordOf) (catalogue.Document, error)

// ErrNoRecord is that somebody has no badge for a record.
var ErrNoRecord error = web.NewProblem(web.CodeNotFound, "There is no badge for a record.")

// Record signs the record of somebody; where there is no badge for one it is not found. One is signed at a time, as files
// are drawn.
func Record(ctx context.Context, site *web.Site, i *issuer.Issuer, of RecordFor, sign SignRecord) (d catalogue.Document, err error) {
	awards, partial, err := RecordAwards(ctx, i, of.Holder, of.With, of.Others)
	if err != nil {
		return d, err
	}
	if len(awards) == 0 || len(of.Holder.Addresses) == 0 {
		return d, ErrNoRecord
	}
	if of.Name == "" { // who has never been called anything here
		b, _, err := i.Published(ctx, awards[0])
		if err != nil {
			return d, err
		}
		of.Name = b.HolderName
	}
	leave, err := site.Drawing.Enter(ctx)
	if err != nil {
		return d, err
	}
	defer leave()
	title := templates.Transcript{Page: templates.Page{Lang: of.Lang}, Name: of.Name}.Words().DocumentTitle
	return sign(credential.NewLearnerRecords(i.Publisher), ctx, credential.RecordOf{
		Title: title, Name: of.Name, Address: of.Holder.Addresses[0], Awards: awards, Partial: partial,
	})
}

// HolderOf is the person of an account, and what they are called; false: there is no such account.
func HolderOf(ctx context.Context, site *web.Site, account string) (name string, h issuer.Holder, found bool, err error) {
	who, found, err := site.Accounts.Account(ctx, account)
	if err != nil || !found {
		return "", h, false, err
	}
	h.ID = who.ID
	addresses, err := site.Accounts.Addresses(ctx, who.ID)
	for _, a := range addresses {
		h.Addresses, h.Sandbox = append(h.Addresses, a.Address), h.Sandbox || a.Sandbox
	}
	return who.Name, h, true, err
}
