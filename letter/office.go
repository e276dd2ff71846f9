// Package letter is what is written to people: which letter says what, in which language, and by which way it
// goes. It must not decide when anything is written: issuer and earner do, in the transactions that make it so.
package letter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/jobs"
	post "github.com/open-insignia/insignia/mail"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/templates/art"
)

// Kinds of jobs: mailing a confirmation code, and the notice that an address joined an account. Those of
// sandboxes are apart, as the issuer's are.
const (
	jobCode  = "letter.code"
	jobAdded = "letter.added"
)

// How many of them are on their way at a time, like the issuer's.
const (
	codesAtOnce   = 6
	addedAtOnce   = 2
	sandboxAtOnce = 1
)

// Office turns what issuer and earner have to say into letters and hands them to the mail.
// Letters for sandbox candidates always stay in the built-in mailbox.
type Office struct {
	Options
	sender  post.Sender
	mailbox *post.Mailbox
	picture *thumbnails
	answers *answering
	sent    atomic.Int64 // letters that the relay or the mailbox took, since the start
}

// Sent is how many letters the relay or the mailbox took since the start.
func (p *Office) Sent() int64 { return p.sent.Load() }

// Mailbox keeps all letters without a relay, and those of sandboxes always.
func (p *Office) Mailbox() *post.Mailbox { return p.mailbox }

// Beside is around a handler whose answers go before letters.
func (p *Office) Beside(next http.Handler) http.Handler { return p.answers.count(next) }

// Options are the facts that an Office is made of.
type Options struct {
	BaseURL string // no slash at its end
	Site    string // the one product name that people see
	SMTP    string // address of the relay; empty: all letters stay in the built-in mailbox
	From    string // sender of all mail, "Name <address>"
	Folder  string // of the built-in mailbox
	Now     func() time.Time
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

// answering counts the requests that wait for an answer. Offers and notices make way for them: writing one
// takes the processor as much as answering does.
type answering struct {
	waiting          atomic.Int64
	forLive, forTest *rate.Limiter // of letters meanwhile
}

// lettersBeside is how many letters a second are written while requests wait for an answer.
const lettersBeside = 50

func newAnswering() *answering {
	return &answering{forLive: rate.NewLimiter(lettersBeside, 1), forTest: rate.NewLimiter(lettersBeside, 1)}
}

// count is around a handler.
func (a *answering) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.waiting.Add(1)
		defer a.waiting.Add(-1)
		next.ServeHTTP(w, r)
	})
}

// makeWay waits a moment if requests do.
func (a *answering) makeWay(ctx context.Context, to recipient) error {
	switch {
	case a.waiting.Load() == 0:
		return nil
	case to.live:
		return a.forLive.Wait(ctx)
	}
	return a.forTest.Wait(ctx)
}

// New opens the mailbox and reads the address of the relay.
func New(o Options) (*Office, error) {
	mailbox, err := post.NewMailbox(o.Folder)
	if err != nil {
		return nil, fmt.Errorf("open mailbox: %w", err)
	}
	if err := mailbox.SetFrom(o.From); err != nil {
		return nil, err
	}
	p := &Office{Options: o, sender: mailbox, mailbox: mailbox, answers: newAnswering()}
	if o.SMTP == "" {
		return p, nil
	}
	p.sender, err = post.NewSMTP(o.SMTP, o.From)
	return p, err
}

// Handle registers the letters to accounts with the queue. i has the pictures of badges.
func (p *Office) Handle(queue *jobs.Queue, i *issuer.Issuer, earners *earner.Accounts) {
	p.picture = &thumbnails{svg: i.SVGIn}
	added := func(ctx context.Context, j jobs.Job) error { return p.sendAdded(ctx, i, j) }
	code := func(ctx context.Context, j jobs.Job) error { return p.sendCode(ctx, earners, j) }
	queue.Handle(jobAdded, added, jobs.AtMost(addedAtOnce), jobs.Timeout(post.Patience))
	queue.Handle(jobCode, code, jobs.AtMost(codesAtOnce), jobs.Timeout(post.Patience))
	queue.Handle(issuer.SandboxJob+jobAdded, added, jobs.AtMost(sandboxAtOnce))
	queue.Handle(issuer.SandboxJob+jobCode, code, jobs.AtMost(sandboxAtOnce))
}

// Kinds are the kinds of jobs that are letters.
func Kinds() (kinds []string) {
	for _, kind := range append(issuer.LetterKinds(), jobCode, jobAdded) {
		kinds = append(kinds, kind, issuer.SandboxJob+kind)
	}
	return kinds
}

// letter is a letter type of templates.
type letter interface {
	Subject() string
	Text() (string, error)
	HTML() (string, error)
}

// send renders and sends. A letter that can never arrive is given up, and one that has probably arrived is sent
// again seldom.
func (p *Office) send(ctx context.Context, to recipient, l post.Letter, content letter) error {
	var textErr, htmlErr error
	l.Subject = content.Subject()
	l.Text, textErr = content.Text()
	l.HTML, htmlErr = content.HTML()
	if err := errors.Join(textErr, htmlErr); err != nil {
		return jobs.Permanent(err)
	}
	l.To, l.ReplyTo, l.Date = to.Address, p.replyTo(), p.Now()
	var sender post.Sender = p.mailbox
	if to.live {
		sender = p.sender
	}
	err := sender.Send(ctx, l)
	switch {
	case err == nil:
		p.sent.Add(1)
	case post.NoSuchAddress(err):
		return jobs.Permanent(fmt.Errorf("%w: %w", issuer.ErrNoSuchAddress, err))
	case post.Permanent(err):
		return jobs.Permanent(err)
	case post.Doubtful(err):
		return jobs.Doubtful(err)
	}
	return err
}

func (p *Office) replyTo() post.Address {
	a, err := mail.ParseAddress(p.From)
	if err != nil {
		return post.Address{}
	}
	return post.Address{Name: a.Name, Address: a.Address}
}

// Offer sends an offer (flows 2.1.2).
func (p *Office) Offer(ctx context.Context, o issuer.OfferLetter) error {
	to := candidateBox(o.Recipient)
	if err := p.answers.makeWay(ctx, to); err != nil {
		return err
	}
	lang := language(o.Locale, o.Organisation.Languages)
	l := frame(lang, o.Key)
	l.ListID, l.ListUnsubscribe = "badges", o.StopURL
	content := templates.OfferLetter{
		Letter: p.letter(o.Recipient, lang), Name: o.Name, ClaimURL: o.ClaimURL, NotMeURL: o.ClaimURL + "/not-me", Partner: o.Partner, Again: o.Again,
	}
	for n, b := range o.Badges {
		badge := templates.LetterBadge{Title: titleOf(b.Achievement, lang), Issuer: templates.Spoken(lang)(o.Organisation.Name.Spoken(lang)), EarnedOn: b.Award.EarnedOn.Time(),
			Expires: b.Award.ExpiresOn.Time(), Expired: b.Award.Validity(programme.DateOf(p.Now())) == issuer.Expired}
		var png []byte
		if n < picturesMost {
			var err error
			if png, err = p.picture.of(ctx, b.Achievement, lang); err != nil {
				return err
			}
		}
		if png != nil {
			badge.CID = fmt.Sprintf("badge%d@insignia", n+1)
			l.Inline = append(l.Inline, post.Inline{CID: badge.CID, Type: "image/png", Data: png})
		}
		content.Badges = append(content.Badges, badge)
	}
	return p.send(ctx, to, l, content)
}

// thumbnails are the pictures of letters, each rendered once. They are shown at 160 pixels and twice
// as large, for sharp screens.
type thumbnails struct {
	svg func(ctx context.Context, achievement, lang string) (issuer.Document, bool, error)
	mu  sync.Mutex
	png map[thumbnail][]byte
}

// thumbnail is whose picture it is, and its language where the achievement has one of its own there.
type thumbnail struct{ achievement, lang string }

const (
	thumbnailSize  = 320
	thumbnailsKept = 500
	picturesMost   = 5 // in one letter: relays limit its size, and who reads on sees the rest behind the link
)

// of is the picture of an achievement for readers of a language, nil if it has none.
func (n *thumbnails) of(ctx context.Context, a *issuer.Achievement, lang string) ([]byte, error) {
	key := thumbnail{achievement: a.ID}
	if a.PicturedIn(lang) {
		key.lang = lang
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if png, ok := n.png[key]; ok {
		return png, nil
	}
	svg, found, err := n.svg(ctx, a.ID, lang)
	if err != nil || !found {
		return nil, err
	}
	png, err := art.PNG(svg.Body, thumbnailSize)
	if err != nil {
		return nil, err
	}
	if n.png == nil {
		n.png = map[thumbnail][]byte{}
	}
	for other := range n.png { // any one makes room; never all of them
		if len(n.png) < thumbnailsKept {
			break
		}
		delete(n.png, other)
	}
	n.png[key] = png
	return png, nil
}

func titleOf(a *issuer.Achievement, lang string) templates.Text {
	return templates.Spoken(lang)(a.Spoken(a.Name, lang))
}

// Withdrawn sends the notice that a badge was revoked.
func (p *Office) Withdrawn(ctx context.Context, w issuer.WithdrawnLetter) error {
	to := candidateBox(w.Recipient)
	if err := p.answers.makeWay(ctx, to); err != nil {
		return err
	}
	lang := language(w.Locale, w.Organisation.Languages)
	b := w.Badge
	content := templates.RevokedLetter{
		Letter: p.letter(w.Recipient, lang), Name: w.Name, Title: titleOf(b.Achievement, lang),
		Reason: b.Award.Told(), ContactURL: "mailto:" + w.Organisation.Email, Reference: b.Award.ID,
	}
	if b.Award.RevokedAt != nil {
		content.On = *b.Award.RevokedAt
	}
	return p.send(ctx, to, frame(lang, w.Key), content)
}

// Notice sends what else was done to badges, or to a result.
func (p *Office) Notice(ctx context.Context, n issuer.NoticeLetter) error {
	to := candidateBox(n.Recipient)
	if err := p.answers.makeWay(ctx, to); err != nil {
		return err
	}
	lang := language(n.Locale, n.Organisation.Languages)
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
	if len(n.Badges) == 0 {
		content.Titles = []templates.Text{templates.Spoken(lang)(issuer.NameSpoken(n.Programme, n.Exam, lang))}
	}
	return p.send(ctx, to, frame(lang, n.Key), content)
}

// Disputed tells the issuer's staff that somebody says of an offer that it is not theirs (flows 2.1.4, S14).
func (p *Office) Disputed(ctx context.Context, d issuer.DisputedLetter) error {
	to, lang := candidateBox(d.Recipient), templates.Match("", "", d.Locale)
	content := templates.DisputedLetter{
		Letter: p.letter(d.Recipient, lang), Reason: d.Reason, On: d.On, Partner: d.Partner, Candidate: d.Candidate, Exam: strings.Join(d.Exams, ", "),
	}
	for _, b := range d.Badges {
		content.Titles = append(content.Titles, titleOf(b.Achievement, lang))
		content.Awards = append(content.Awards, b.Award.ID)
	}
	return p.send(ctx, to, frame(lang, d.Key), content)
}

func frame(lang, key string) post.Letter {
	return post.Letter{Lang: lang, MessageID: strings.ReplaceAll(key, "_", ".")}
}

func (p *Office) letter(r issuer.Recipient, lang string) templates.Letter {
	return templates.Letter{
		Lang: lang, Site: p.Site, Issuer: templates.Spoken(lang)(r.Organisation.Name.Spoken(lang)), PrivacyURL: p.BaseURL + "/privacy?lang=" + lang, StopURL: r.StopURL,
	}
}

// language is the candidate's, if we speak it, or else the programme's first.
func language(locale string, programme []string) string {
	if locale == "" && len(programme) > 0 {
		locale = programme[0]
	}
	return templates.Match("", "", locale)
}

// codePayload is a letter with a code on its way to the mail. It holds no secret, since a job that fails for
// good is kept.
type codePayload struct {
	Ref  string `json:"ref"`
	Lang string `json:"lang"`
}

// kindOf is the kind of job for a letter to an account.
func kindOf(kind string, to earner.Mailbox) string {
	if to.Sandbox {
		return issuer.SandboxJob + kind
	}
	return kind
}

// Outbox takes what there is to say to accounts.
type Outbox struct{ queue *jobs.Queue }

// NewOutbox puts letters into a queue.
func NewOutbox(queue *jobs.Queue) *Outbox { return &Outbox{queue} }

// Code queues the letter with a code in the transaction that made the code.
func (o *Outbox) Code(ctx context.Context, t *database.Tx, l earner.CodeLetter) error {
	return o.queue.Add(ctx, t, jobs.Task{Kind: kindOf(jobCode, l.To), Payload: codePayload{Ref: l.Ref, Lang: cmp.Or(l.Lang, "en")}})
}

// sendCode mails a code while it is good for anything.
func (p *Office) sendCode(ctx context.Context, earners *earner.Accounts, j jobs.Job) error {
	var c codePayload
	if err := j.Decode(&c); err != nil {
		return err
	}
	code, good, err := earners.Letter(ctx, c.Ref)
	if err != nil || !good {
		return err
	}
	content := templates.CodeLetter{
		Letter: templates.Letter{Lang: c.Lang, Site: p.Site, PrivacyURL: p.BaseURL + "/privacy?lang=" + c.Lang},
		Code:   code.Code, LinkURL: p.BaseURL + "/confirm/" + code.Link, Claim: code.Purpose == earner.Claim,
	}
	if code.Joins != "" {
		content.Joins = templates.Masked(code.Joins)
	}
	return p.send(ctx, accountBox(code.To), frame(c.Lang, j.ID), content)
}

// addedPayload is a notice of an address that joined an account.
type addedPayload struct {
	To      string `json:"to"`
	Sandbox bool   `json:"sandbox,omitempty"` // of To
	Address string `json:"address"`
	Lang    string `json:"lang"`
}

// Added queues a notice to each address that the account had before.
func (o *Outbox) Added(ctx context.Context, t *database.Tx, a earner.Added) error {
	var tasks []jobs.Task
	for _, to := range a.To {
		tasks = append(tasks, jobs.Task{Kind: kindOf(jobAdded, to), Payload: addedPayload{To: to.Address, Sandbox: to.Sandbox, Address: a.Address, Lang: templates.Match("", "", a.Lang)}})
	}
	return o.queue.Add(ctx, t, tasks...)
}

func (p *Office) sendAdded(ctx context.Context, i *issuer.Issuer, j jobs.Job) error {
	var a addedPayload
	if err := j.Decode(&a); err != nil {
		return err
	}
	org, err := i.Organisation(ctx)
	if err != nil {
		return err
	}
	content := templates.AddedLetter{
		Letter:  p.letter(issuer.Recipient{Organisation: org}, a.Lang),
		Address: a.Address, ContactURL: "mailto:" + org.Email,
	}
	return p.send(ctx, accountBox(earner.Mailbox{Address: a.To, Sandbox: a.Sandbox}), frame(a.Lang, j.ID), content)
}
