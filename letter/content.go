package letter

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"sync"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	post "github.com/open-insignia/insignia/mail"
	"github.com/open-insignia/insignia/refusal"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/templates/art"
)

// written is a letter that is ready to go, and to whom.
type written struct {
	post.Letter
	to       recipient
	content  content
	pictures []picture // of badges, with the HTML part
}

// content is a letter type of templates.
type content interface {
	Subject() string
	Text() (string, error)
	HTML() (string, error)
}

// recipient is who reads a letter. Whether it may leave this machine is part of who that is; that of the zero
// value may not. There are two ways to make one: candidateBox and accountBox.
type recipient struct {
	post.Address
	live bool
}

func candidateBox(r issuer.Recipient) recipient {
	return recipient{post.Address{Name: r.Name, Address: r.Email}, !r.Sandbox}
}

func accountBox(m earner.Mailbox) recipient {
	return recipient{post.Address{Address: m.Address}, !m.Sandbox}
}

// write has the letter written by whoever knows its kind.
func (p *Office) write(ctx context.Context, r row) (written, issuer.Unsent, error) {
	switch r.Kind {
	case issuer.LetterOffer, issuer.LetterReminder:
		return p.offer(ctx, r.due())
	case issuer.LetterAccepted:
		return p.accepted(ctx, r.due())
	case issuer.LetterWithdrawn:
		return p.withdrawn(ctx, r.due())
	case issuer.LetterNotice:
		return p.notice(ctx, r.due())
	case issuer.LetterDisputed:
		return p.disputed(ctx, r.due())
	case issuer.LetterRenewal:
		return p.renewal(ctx, r.due())
	case code:
		return p.code(ctx, r.About)
	case changed:
		return p.changed(ctx, r.About)
	case leave:
		return p.leaving(ctx, r.About)
	case webhook:
		return p.webhookDisabled(ctx, r.About)
	default:
		return p.added(ctx, r.About)
	}
}

// offer is an offer, or a reminder of one (flows 2.1.2 and 2.2).
func (p *Office) offer(ctx context.Context, due issuer.Letter) (w written, unsent issuer.Unsent, err error) {
	o, unsent, err := p.Issuer.OfferLetter(ctx, due)
	if err != nil || unsent != "" {
		return w, unsent, err
	}
	w.to = candidateBox(o.Recipient)
	if err := p.answers.makeWay(ctx, w.to); err != nil {
		return w, "", err
	}
	lang := language(o.Locale, o.Organisation.Languages)
	w.Letter = p.stoppable(o.Recipient, lang)
	w.MessageID = messageID(o.Key)
	if o.First != "" {
		w.References = []string{messageID(o.First)}
	}
	content := templates.OfferLetter{
		Letter: p.letter(o.Recipient, lang), Name: o.Name, Partner: o.Partner, Again: o.Again,
		ClaimURL: o.ClaimURL, NotMeURL: o.ClaimURL + "/not-me", Reminder: o.Reminder, Last: o.Last,
	}
	if !o.Again && o.Reminder == 0 {
		content.DataURL = p.BaseURL + "/privacy/data?lang=" + lang
	}
	if content.Badges, w.pictures, err = p.badges(ctx, o.Badges, o.Recipient, lang); err != nil {
		return w, "", err
	}
	w.content = content
	return w, "", nil
}

// badges are badges as letters show them, with the pictures of the first ones.
func (p *Office) badges(ctx context.Context, list []issuer.OfferedBadge, to issuer.Recipient, lang string) (badges []templates.LetterBadge, pictures []picture, err error) {
	for n, b := range list {
		badge := templates.LetterBadge{
			Title: titleOf(b.Achievement, lang), Issuer: templates.Spoken(lang)(to.Organisation.Name.Spoken(lang)),
			EarnedOn: b.Award.EarnedOn.Time(), Expires: b.Award.ExpiresOn.Time(),
			Expired: b.Award.Validity(programme.DateOf(p.Now())) == ledger.Expired,
		}
		if n < picturesMost {
			shown := thumbnailOf(b.Achievement, lang)
			png, err := p.pictures.png(ctx, shown)
			if err != nil {
				return nil, nil, err
			}
			if png != nil {
				badge.CID = fmt.Sprintf("badge%d@insignia", n+1)
				pictures = append(pictures, picture{badge.CID, shown})
			}
		}
		badges = append(badges, badge)
	}
	return badges, pictures, nil
}

// accepted says that badges were accepted as their holder chose (flows 2.3).
func (p *Office) accepted(ctx context.Context, due issuer.Letter) (w written, unsent issuer.Unsent, err error) {
	a, unsent, err := p.Issuer.AcceptedLetter(ctx, due)
	if err != nil || unsent != "" {
		return w, unsent, err
	}
	w.to = candidateBox(a.Recipient)
	if err := p.answers.makeWay(ctx, w.to); err != nil {
		return w, "", err
	}
	lang := language(a.Locale, a.Organisation.Languages)
	w.Letter = p.stoppable(a.Recipient, lang)
	content := templates.AcceptedLetter{
		Letter: p.letter(a.Recipient, lang), Name: a.Name, Visibility: a.Badges[0].Award.Visibility,
		SeeURL: p.BaseURL + "/me/badges", RemoveURL: p.BaseURL + "/me/badges", SettingsURL: p.BaseURL + "/me/settings#accepting",
	}
	if len(a.Badges) == 1 {
		id := a.Badges[0].Award.ID
		content.SeeURL, content.RemoveURL = p.BaseURL+"/badges/"+id, content.RemoveURL+"/"+id
	}
	if content.Badges, w.pictures, err = p.badges(ctx, a.Badges, a.Recipient, lang); err != nil {
		return w, "", err
	}
	w.content = content
	return w, "", nil
}

// stoppable is a letter about badges that programs can stop in one click (RFC 8058), or by a mail to whoever answers
// for the issuer.
func (p *Office) stoppable(r issuer.Recipient, lang string) post.Letter {
	l := post.Letter{Lang: lang, ListID: "badges", ListUnsubscribe: r.StopURL}
	if r.Organisation.Email != "" {
		l.UnsubscribeMail, l.UnsubscribeSubject = r.Organisation.Email, "stop "+path.Base(r.StopURL)
	}
	return l
}

func titleOf(a *catalogue.Achievement, lang string) templates.Text {
	return templates.Spoken(lang)(a.Spoken(a.Name, lang))
}

// picture is one that the HTML part shows as <img src="cid:…">.
type picture struct {
	CID string `json:"cid"`
	thumbnail
}

// thumbnail is whose picture it is, and its language where the achievement has one of its own there.
type thumbnail struct {
	Achievement string `json:"achievement"`
	Lang        string `json:"lang,omitempty"`
}

func thumbnailOf(a *catalogue.Achievement, lang string) thumbnail {
	if a.PicturedIn(lang) {
		return thumbnail{a.ID, lang}
	}
	return thumbnail{Achievement: a.ID}
}

// thumbnails are the pictures of letters, each rendered once; what they show never changes. They are shown at 160 pixels
// and twice as large, for sharp screens.
type thumbnails struct {
	svg  func(ctx context.Context, achievement, lang string) (catalogue.Document, bool, error)
	mu   sync.Mutex
	kept map[thumbnail][]byte
}

const (
	thumbnailSize  = 320
	thumbnailsKept = 500
	picturesMost   = 5 // in one letter: relays limit its size, and who reads on sees the rest behind the link
)

// png is a picture, nil if there is none.
func (n *thumbnails) png(ctx context.Context, key thumbnail) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if png, ok := n.kept[key]; ok {
		return png, nil
	}
	svg, found, err := n.svg(ctx, key.Achievement, key.Lang)
	if err != nil || !found {
		return nil, err
	}
	png, err := art.PNG(svg.Body, thumbnailSize)
	if err != nil {
		return nil, err
	}
	if n.kept == nil {
		n.kept = map[thumbnail][]byte{}
	}
	for other := range n.kept { // any one makes room; never all of them
		if len(n.kept) < thumbnailsKept {
			break
		}
		delete(n.kept, other)
	}
	n.kept[key] = png
	return png, nil
}

// withdrawn is the notice that a badge was revoked.
func (p *Office) withdrawn(ctx context.Context, due issuer.Letter) (w written, unsent issuer.Unsent, err error) {
	r, unsent, err := p.Issuer.WithdrawnLetter(ctx, due)
	if err != nil || unsent != "" {
		return w, unsent, err
	}
	w.to = candidateBox(r.Recipient)
	if err := p.answers.makeWay(ctx, w.to); err != nil {
		return w, "", err
	}
	lang := language(r.Locale, r.Organisation.Languages)
	w.Lang = lang
	b := r.Badge
	content := templates.RevokedLetter{
		Letter: p.letter(r.Recipient, lang), Name: r.Name, Title: titleOf(b.Achievement, lang),
		Reason: b.Award.Told(), ContactURL: "mailto:" + r.Organisation.Email, Reference: b.Award.ID,
	}
	if b.Award.RevokedAt != nil {
		content.On = *b.Award.RevokedAt
	}
	w.content = content
	return w, "", nil
}

// notice is what else was done to badges, or to a result.
func (p *Office) notice(ctx context.Context, due issuer.Letter) (w written, unsent issuer.Unsent, err error) {
	n, unsent, err := p.Issuer.NoticeLetter(ctx, due)
	if err != nil || unsent != "" {
		return w, unsent, err
	}
	w.to = candidateBox(n.Recipient)
	if err := p.answers.makeWay(ctx, w.to); err != nil {
		return w, "", err
	}
	lang := language(n.Locale, n.Organisation.Languages)
	w.Lang = lang
	content := templates.NoticeLetter{
		Letter: p.letter(n.Recipient, lang), Kind: n.Kind, Name: n.Name, On: n.On, Reason: n.Reason,
		ContactURL: "mailto:" + n.Organisation.Email, Reference: n.Reference,
	}
	if n.Kind == issuer.NoticeCorrected {
		content.Outcome = string(n.Outcome)
	}
	for _, b := range n.Badges {
		content.Titles = append(content.Titles, titleOf(b.Achievement, lang))
	}
	if n.Exam.Code != "" {
		content.Titles = []templates.Text{templates.Spoken(lang)(catalogue.NameSpoken(n.Programme, n.Exam, lang))}
	}
	w.content = content
	return w, "", nil
}

// disputed tells the issuer's staff that somebody says of an offer that it is not theirs (flows 2.1.4, S14).
func (p *Office) disputed(ctx context.Context, due issuer.Letter) (w written, unsent issuer.Unsent, err error) {
	d, unsent, err := p.Issuer.DisputedLetter(ctx, due)
	if err != nil || unsent != "" {
		return w, unsent, err
	}
	lang := templates.Match("", "", d.Locale)
	w.to, w.Lang = candidateBox(d.Recipient), lang
	content := templates.DisputedLetter{
		Letter: p.letter(d.Recipient, lang), Reason: d.Reason, On: d.On,
		Partner: d.Partner, Candidate: d.Candidate, Exam: strings.Join(d.Exams, ", "),
	}
	for _, b := range d.Badges {
		content.Titles = append(content.Titles, titleOf(b.Achievement, lang))
		content.Awards = append(content.Awards, b.Award.ID)
	}
	w.content = content
	return w, "", nil
}

// letter is what all letters have. Before there is a programme, the site's name is the issuer's.
func (p *Office) letter(r issuer.Recipient, lang string) templates.Letter {
	from := templates.Spoken(lang)(r.Organisation.Name.Spoken(lang))
	if from.Value == "" {
		from.Value = p.Site
	}
	return templates.Letter{
		Lang: lang, Site: p.Site, Issuer: from,
		PrivacyURL: p.BaseURL + "/privacy?lang=" + lang, StopURL: r.StopURL,
	}
}

// language is the candidate's, if we speak it, or else the programme's first.
func language(locale string, programme []string) string {
	if locale == "" && len(programme) > 0 {
		locale = programme[0]
	}
	return templates.Match("", "", locale)
}

// code is the letter with a code, while that is good for anything.
func (p *Office) code(ctx context.Context, about string) (w written, unsent issuer.Unsent, err error) {
	var c codeAbout
	if err := json.Unmarshal([]byte(about), &c); err != nil {
		return w, "", fmt.Errorf("read what a letter is about: %w", err)
	}
	code, good, err := p.Earners.Letter(ctx, c.Ref)
	if err != nil || !good {
		return w, issuer.Overtaken, err
	}
	org, err := p.Issuer.Organisation(ctx)
	if err != nil && !refusal.Is(err, "no_programme") {
		return w, "", err
	}
	content := templates.CodeLetter{
		Letter: p.letter(issuer.Recipient{Organisation: org}, c.Lang),
		Code:   code.Code, LinkURL: p.BaseURL + "/confirm/" + code.Link, Claim: code.Purpose == earner.Claim,
	}
	if code.Joins != "" {
		content.Joins = templates.Masked(code.Joins)
	}
	w.to, w.Lang, w.content = accountBox(code.To), c.Lang, content
	return w, "", nil
}

// added is the notice that an address joined an account, to one that it had before.
func (p *Office) added(ctx context.Context, about string) (w written, unsent issuer.Unsent, err error) {
	var a addedAbout
	if err := json.Unmarshal([]byte(about), &a); err != nil {
		return w, "", fmt.Errorf("read what a letter is about: %w", err)
	}
	org, err := p.Issuer.Organisation(ctx)
	if err != nil {
		return w, "", err
	}
	content := templates.AddedLetter{
		Letter:  p.letter(issuer.Recipient{Organisation: org}, a.Lang),
		Address: a.Address, ContactURL: "mailto:" + org.Email,
	}
	w.to, w.Lang, w.content = accountBox(earner.Mailbox{Address: a.To, Sandbox: a.Sandbox}), a.Lang, content
	return w, "", nil
}

// changed is the notice of a change of the ways into an account, to one of its addresses.
func (p *Office) changed(ctx context.Context, about string) (w written, unsent issuer.Unsent, err error) {
	var c changedAbout
	if err := json.Unmarshal([]byte(about), &c); err != nil {
		return w, "", fmt.Errorf("read what a letter is about: %w", err)
	}
	org, err := p.Issuer.Organisation(ctx)
	if err != nil {
		return w, "", err
	}
	content := templates.ChangedLetter{
		Letter: p.letter(issuer.Recipient{Organisation: org}, c.Lang),
		Kind:   c.Kind, What: c.What, ContactURL: "mailto:" + org.Email,
	}
	if c.Kind == connection.ToldMoved || c.Kind == connection.ToldGiven {
		content.NextURL = p.BaseURL + "/me/connect"
	}
	if c.Removal != "" {
		link, until, err := p.Earners.Ways.UndoLink(ctx, c.Removal)
		if err != nil {
			return w, "", err
		}
		if link != "" {
			content.UndoURL, content.Until = p.BaseURL+"/undo/"+link, until.UTC()
		}
	}
	w.to, w.Lang, w.content = accountBox(earner.Mailbox{Address: c.To, Sandbox: c.Sandbox}), c.Lang, content
	return w, "", nil
}

// webhookDisabled is the notice to a partner's contact that a webhook gets nothing any more.
func (p *Office) webhookDisabled(ctx context.Context, about string) (w written, unsent issuer.Unsent, err error) {
	var a webhookAbout
	if err := json.Unmarshal([]byte(about), &a); err != nil {
		return w, "", fmt.Errorf("read what a letter is about: %w", err)
	}
	org, err := p.Issuer.Organisation(ctx)
	if err != nil {
		return w, "", err
	}
	lang := language("", org.Languages)
	w.to, w.Lang = accountBox(earner.Mailbox{Address: a.To, Sandbox: a.Sandbox}), lang
	w.content = templates.WebhookLetter{
		Letter: p.letter(issuer.Recipient{Organisation: org}, lang),
		URL:    a.URL, Since: a.Since, Partner: a.Partner, DocsURL: p.BaseURL + "/api/v1/docs#webhooks",
	}
	return w, "", nil
}
