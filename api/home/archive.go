package home

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/api/wording"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/leaving"
	"github.com/open-insignia/insignia/earner/sharecode"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/paper"
	"github.com/open-insignia/insignia/templates"
)

// ArchiveOptions are the parts that an archive is made of.
type ArchiveOptions struct {
	Issuer   *issuer.Issuer
	Accounts *earner.Accounts
	Letters  SentLetters
	Codes    *sharecode.Codes
	Paper    *paper.Fonts // of the transcript
}

// SentLetters knows what was mailed to somebody.
type SentLetters interface {
	Sent(ctx context.Context, p leaving.Person) ([]leaving.Sent, error)
}

// Archive writes what somebody takes along (flows 2.14): a ZIP file whose first page needs no network. Badges are made
// and written one after another.
type Archive struct {
	ArchiveOptions
	site *web.Site
}

// NewArchive makes one of a site.
func NewArchive(site *web.Site, o ArchiveOptions) *Archive {
	return &Archive{o, site}
}

// Write writes everything of a person, in a language.
func (ar *Archive) Write(ctx context.Context, w io.Writer, p leaving.Person, language string, progress func(done, total int) error) error {
	account, found, err := ar.Accounts.Account(ctx, p.Account)
	if err != nil || !found {
		return errors.Join(err, fmt.Errorf("the account of an export is there: %v", found))
	}
	who := &web.Person{Account: account, Addresses: p.Addresses, Sandbox: p.Sandbox}
	page := templates.Page{Lang: templates.Match(language, "", ""), Site: ar.site.Name, Sandbox: p.Sandbox}
	badges, err := ar.badges(ctx, who, page.Lang)
	if err != nil {
		return err
	}
	if err := progress(0, len(badges)); err != nil {
		return err
	}
	z := &zipped{zip.NewWriter(w), ar.site.Now().UTC()}
	if err := ar.writePages(ctx, z, who, page, badges); err != nil {
		return err
	}
	for n, b := range badges {
		if err := ar.writeBadge(ctx, z, b); err != nil {
			return fmt.Errorf("export award %s: %w", b.award.ID, err)
		}
		if err := progress(n+1, len(badges)); err != nil {
			return err
		}
	}
	return z.Close()
}

// zipped is a ZIP file that is being written.
type zipped struct {
	*zip.Writer
	made time.Time
}

// add writes one file. Pictures are compressed already.
func (z *zipped) add(name string, body []byte) error {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: z.made}
	if strings.HasSuffix(name, ".png") || strings.HasSuffix(name, ".pdf") {
		h.Method = zip.Store
	}
	f, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	return err
}

func (z *zipped) addJSON(name string, v any) error {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return z.add(name, append(body, '\n'))
}

// exportedBadge is a badge as badges.json has it.
type exportedBadge struct {
	ID          string          `json:"id"`
	Title       string          `json:"title"`
	Kind        string          `json:"kind"`
	Code        string          `json:"code"`
	State       string          `json:"state"`
	Visibility  string          `json:"visibility,omitempty"`
	Validity    string          `json:"validity"`
	EarnedOn    string          `json:"earned_on"`
	ExpiresOn   string          `json:"expires_on,omitempty"`
	Reason      string          `json:"reason,omitempty"`
	ScoresShown bool            `json:"scores_shown"`
	History     []exportedEvent `json:"history"`
	Files       []string        `json:"files"`

	award *ledger.Award
	card  templates.BadgeCard
}

// exportedEvent is something that happened.
type exportedEvent struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	Of   string    `json:"of,omitempty"`
}

// badges are all of somebody, with the names of the files of those that prove something: accepted ones that stand.
func (ar *Archive) badges(ctx context.Context, who *web.Person, lang string) (all []exportedBadge, err error) {
	h, err := ar.Issuer.History(ctx)
	if err != nil {
		return nil, err
	}
	list, err := ar.Issuer.Backpack(ctx, holderOf(who))
	if err != nil {
		return nil, err
	}
	today := ar.Issuer.Today()
	for _, b := range list {
		a := b.Award
		f := a.Facts(today)
		e := exportedBadge{
			ID: a.ID, Code: a.Code, State: a.State, Validity: string(f.Status), EarnedOn: f.EarnedOn.String(), Reason: f.Reason,
			ScoresShown: a.Scores, Files: []string{}, award: a, card: badgeCard(h, b, lang, today),
		}
		e.Title, e.Kind = e.card.Title.Value, e.card.Kind
		if !f.ExpiresOn.IsZero() {
			e.ExpiresOn = f.ExpiresOn.String()
		}
		entries, err := ar.Issuer.HolderHistory(ctx, a)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			e.History = append(e.History, exportedEvent{At: entry.At, What: entry.Change})
		}
		if a.State == ledger.Accepted {
			e.Visibility = a.Visibility
			if a.Stands() {
				published, found, err := ar.Issuer.Published(ctx, a.ID)
				if err != nil || !found {
					return nil, errors.Join(err, fmt.Errorf("award %s is there: %v", a.ID, found))
				}
				name, _ := wording.FileName(e.Title, published.ShownName())
				name = fmt.Sprintf("badges/%03d-%s/%s", len(all)+1, strings.ToLower(a.Code), name)
				for _, ext := range []string{".png", ".svg", ".json", ".jwt"} {
					e.Files = append(e.Files, name+ext)
				}
			}
		}
		all = append(all, e)
	}
	return all, nil
}

// writeBadge writes the files of a badge, which are the same that its page offers.
func (ar *Archive) writeBadge(ctx context.Context, z *zipped, e exportedBadge) error {
	if len(e.Files) == 0 {
		return nil
	}
	b, found, err := ar.Issuer.Published(ctx, e.ID)
	if err != nil || !found {
		return errors.Join(err, errors.New("the badge is gone"))
	}
	for _, name := range e.Files {
		body, err := ar.form(ctx, b, path.Ext(name))
		if err != nil {
			return err
		}
		if err := z.add(name, body); err != nil {
			return err
		}
	}
	return nil
}

// form is a badge in the form of a file with that ending.
func (ar *Archive) form(ctx context.Context, b *credential.Badge, ext string) ([]byte, error) {
	d := b.CredentialJWT()
	var err error
	switch ext {
	case ".png":
		d, err = ar.Issuer.BakedPNG(ctx, b)
	case ".svg":
		d, err = ar.Issuer.BakedSVG(ctx, b)
	case ".json":
		d, err = ar.Issuer.CredentialJSON(ctx, b)
	}
	return d.Body, err
}

// writePages writes the first page and what is not about one badge.
func (ar *Archive) writePages(ctx context.Context, z *zipped, who *web.Person, page templates.Page, badges []exportedBadge) error {
	x := templates.Export{Page: page, Name: who.Called(), MadeAt: z.made, Since: who.Created.UTC(), Addresses: who.Addresses}
	for _, b := range badges {
		row := templates.ExportBadge{BadgeCard: b.card, State: b.State, Visibility: b.Visibility, Verdict: b.Validity}
		for _, name := range b.Files {
			kind := strings.TrimPrefix(path.Ext(name), ".")
			if kind == "json" {
				kind = "json3"
			}
			row.Files = append(row.Files, templates.Download{Kind: kind, URL: name})
			if kind == "png" {
				row.Picture = name
			}
		}
		x.Badges = append(x.Badges, row)
	}
	transcript, err := ar.transcript(ctx, z, who, page, &x)
	if err != nil {
		return err
	}
	more := map[string]any{"badges.json": badges, "transcript.json": transcript}
	for name, make := range map[string]func(context.Context, *web.Person, *templates.Export) (any, error){
		"profile.json": ar.profile, "choices.json": ar.choices, "mails.json": ar.mails, "opened.json": ar.opened, "account.json": ar.history,
	} {
		if more[name], err = make(ctx, who, &x); err != nil {
			return fmt.Errorf("export %s: %w", name, err)
		}
	}
	var first bytes.Buffer
	if err := x.Render(&first); err != nil {
		return err
	}
	if err := z.add("index.html", first.Bytes()); err != nil {
		return err
	}
	if err := z.add("style.css", templates.Stylesheet.Body); err != nil {
		return err
	}
	for _, name := range x.JSON() {
		if err := z.addJSON(name, more[name]); err != nil {
			return err
		}
	}
	return nil
}

// exportedRecord is what somebody has earned and passed, as transcript.json has it.
type exportedRecord struct {
	Name           string                  `json:"name"`
	MadeAt         time.Time               `json:"made_at"`
	Certifications []exportedCertification `json:"certifications"`
	Exams          []exportedExam          `json:"exams"`
}

type exportedCertification struct {
	Code      string `json:"code"`
	Name      string `json:"name"`
	EarnedOn  string `json:"earned_on"`
	ExpiresOn string `json:"expires_on,omitempty"`
	Validity  string `json:"validity"`
}

type exportedExam struct {
	Partner  string    `json:"partner"`
	Result   string    `json:"result"`
	Exam     string    `json:"exam"`
	Outcome  string    `json:"outcome"`
	State    string    `json:"state"`
	Score    string    `json:"score,omitempty"`
	MaxScore string    `json:"max_score,omitempty"`
	TakenAt  time.Time `json:"taken_at"`
	Reported struct {
		Name  string `json:"name"`
		Email string `json:"email"`
	} `json:"reported"`
}

// transcript writes the transcript as a PDF, unless no font here can write it, and answers what transcript.json says:
// what was not passed as well.
func (ar *Archive) transcript(ctx context.Context, z *zipped, who *web.Person, page templates.Page, x *templates.Export) (r exportedRecord, err error) {
	t, err := wording.Transcript(ctx, ar.Issuer, holderOf(who), who.Name, page.Lang, ownTranscript)
	if err != nil {
		return r, err
	}
	t.Page, t.MadeAt, t.CheckURL = page, z.made, ar.site.BaseURL+web.VerifyPath
	pdf, err := ar.draw(ctx, t)
	if no := (*paper.NoFontError)(nil); err != nil && !errors.As(err, &no) {
		return r, err
	} else if err == nil {
		x.Transcript = "transcript.pdf"
		if err := z.add(x.Transcript, pdf); err != nil {
			return r, err
		}
	}
	x.Name = cmp.Or(t.Name, x.Name)
	r = exportedRecord{Name: t.Name, MadeAt: z.made, Certifications: []exportedCertification{}, Exams: []exportedExam{}}
	for _, list := range [][]templates.TranscriptBadge{t.Active, t.Past} {
		for _, b := range list {
			c := exportedCertification{Code: b.Code, Name: b.Name.Value, EarnedOn: b.EarnedOn.Format(time.DateOnly), Validity: b.Verdict}
			if !b.Expires.IsZero() {
				c.ExpiresOn = b.Expires.Format(time.DateOnly)
			}
			r.Certifications = append(r.Certifications, c)
		}
	}
	x.Exams = t.Exams
	results, err := ar.Issuer.Transcript(ctx, holderOf(who))
	for _, l := range results {
		e := exportedExam{
			Partner: l.Partner, Result: l.Result.ID, Exam: l.Result.Exam, Outcome: string(l.Result.Outcome), State: l.Result.State,
			Score: l.Result.Score, MaxScore: l.Result.MaxScore, TakenAt: l.Result.TakenAt.UTC(),
		}
		e.Reported.Name, e.Reported.Email = l.Result.CandidateName, l.Result.CandidateEmail
		r.Exams = append(r.Exams, e)
	}
	return r, err
}

// draw draws a transcript, when it is its turn.
func (ar *Archive) draw(ctx context.Context, t templates.Transcript) ([]byte, error) {
	by, _, err := wording.Organisation(ctx, ar.Issuer, ar.site, t.Lang)
	if err != nil {
		return nil, err
	}
	t.Site = ar.site.PublicName(by.Name.Value)
	leave, err := ar.site.Drawing.Enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return ar.Paper.Transcript(paper.Transcript{Transcript: t.Worded(), Size: paper.A4, Program: t.Site, Made: t.MadeAt})
}

// profile is who somebody is here and how they sign in.
func (ar *Archive) profile(ctx context.Context, who *web.Person, x *templates.Export) (any, error) {
	type way struct {
		Kind  string    `json:"kind"`
		Name  string    `json:"name"`
		Since time.Time `json:"since"`
		Used  time.Time `json:"used,omitzero"`
	}
	p := struct {
		Name     string    `json:"name"`
		Language string    `json:"language,omitempty"`
		Since    time.Time `json:"since"`
		Handle   string    `json:"handle,omitempty"`
		Shown    bool      `json:"profile_shown"`
		Ways     []way     `json:"ways_in"`
	}{Name: who.Name, Language: who.Language, Since: who.Created.UTC()}
	profile, err := ar.Accounts.Profile(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	p.Handle, p.Shown = profile.Handle, profile.Shown
	addresses, err := ar.Accounts.Addresses(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	for _, d := range addresses {
		p.Ways = append(p.Ways, way{Kind: "address", Name: d.Address, Since: d.Confirmed.UTC()})
	}
	identities, err := ar.Accounts.Identities.List(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	for _, i := range identities {
		p.Ways = append(p.Ways, way{i.Provider, i.Shown, i.Created.UTC(), i.Used.UTC()})
		x.Others = append(x.Others, i.Shown)
	}
	keys, err := ar.Accounts.Passkeys.List(ctx, who.ID)
	for _, k := range keys {
		p.Ways = append(p.Ways, way{"passkey", k.Name, k.Created.UTC(), k.Used.UTC()})
		x.Others = append(x.Others, k.Name)
	}
	return p, err
}

// choices are what somebody has consented to, and when.
func (ar *Archive) choices(ctx context.Context, who *web.Person, x *templates.Export) (any, error) {
	type choice struct {
		At         time.Time `json:"at"`
		What       string    `json:"what"`
		Issuer     string    `json:"issuer,omitempty"`
		On         bool      `json:"on"`
		Visibility string    `json:"visibility,omitempty"`
	}
	all := struct {
		NameShown string   `json:"name_shown"`
		Findable  bool     `json:"findable"`
		NoMail    []string `json:"no_mail_about_badges_to"`
		Accepting []choice `json:"accepting"`
	}{NoMail: []string{}, Accepting: []choice{}}
	shown, err := ar.Issuer.Presentation(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	all.NameShown, all.Findable = shown.Name, shown.Findable
	for _, address := range who.Addresses {
		stopped, err := ar.Issuer.MailStopped(ctx, address)
		if err != nil {
			return nil, err
		}
		if stopped {
			all.NoMail = append(all.NoMail, address)
		}
	}
	list, err := ar.Accounts.ChosenBy(ctx, who.ID)
	for _, c := range list {
		all.Accepting = append(all.Accepting, choice{c.At.UTC(), "accept badges automatically", c.Issuer, c.Automatic, c.Visibility})
		x.Choices = append(x.Choices, templates.ExportChoice{At: c.At.UTC(), On: c.Automatic})
	}
	return all, err
}

// mails are what was mailed to somebody, without what it said.
func (ar *Archive) mails(ctx context.Context, who *web.Person, x *templates.Export) (any, error) {
	list, err := ar.Letters.Sent(ctx, leaverOf(who))
	if list == nil {
		list = []leaving.Sent{}
	}
	for _, l := range list {
		x.Letters = append(x.Letters, templates.ExportLetter{Kind: l.Kind, At: l.At, To: l.To})
	}
	return list, err
}

// opened are somebody's share codes, and the days on which they were opened: by whom is not known.
func (ar *Archive) opened(ctx context.Context, who *web.Person, x *templates.Export) (any, error) {
	type day struct {
		On     string `json:"on"`
		Opened int    `json:"opened"`
	}
	type code struct {
		Code  string    `json:"code"`
		Label string    `json:"label"`
		Badge string    `json:"badge,omitempty"`
		Made  time.Time `json:"made"`
		Ends  time.Time `json:"ends"`
		Days  []day     `json:"days"`
	}
	all := []code{}
	list, err := ar.Codes.Of(ctx, who.ID)
	for _, l := range list {
		c := code{Code: l.Text(), Label: l.Label, Badge: l.Award, Made: l.Created.UTC(), Ends: l.Ends.UTC(), Days: []day{}}
		row := templates.ExportCode{Code: c.Code, Label: l.Label, Made: l.Created.UTC()}
		for _, d := range l.Days {
			c.Days = append(c.Days, day{d.On.Format(time.DateOnly), d.Opened})
			row.Opened = append(row.Opened, d.On)
		}
		all, x.Codes = append(all, c), append(x.Codes, row)
	}
	return all, err
}

// history is what was done about the account, and where somebody is signed in.
func (ar *Archive) history(ctx context.Context, who *web.Person, x *templates.Export) (any, error) {
	type session struct {
		Device string    `json:"device"`
		Means  string    `json:"means"`
		Since  time.Time `json:"since"`
		Seen   time.Time `json:"seen"`
	}
	h := struct {
		Changes  []exportedEvent `json:"changes"`
		Sessions []session       `json:"sessions"`
	}{Changes: []exportedEvent{}, Sessions: []session{}}
	changes, err := ar.Accounts.Ways.AllChanges(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		h.Changes = append(h.Changes, exportedEvent{c.At.UTC(), c.Kind, c.What})
		x.Changes = append(x.Changes, templates.AccountChange{Kind: c.Kind, What: c.What, At: c.At.UTC()})
	}
	sessions, err := ar.Accounts.Sessions(ctx, who.ID)
	for _, s := range sessions {
		h.Sessions = append(h.Sessions, session{s.Device, s.Means, s.Created.UTC(), s.Seen.UTC()})
	}
	return h, err
}
