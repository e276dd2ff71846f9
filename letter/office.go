package letter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/jobs"
	post "github.com/open-insignia/insignia/mail"
)

// Options are the parts and facts that an Office is made of.
type Options struct {
	DB      *database.DB
	Queue   *jobs.Queue
	Issuer  *issuer.Issuer
	Earners *earner.Accounts

	BaseURL string // no slash at its end
	Site    string // the one product name that people see
	SMTP    string // address of the relay; empty: all letters stay in the built-in mailbox
	From    string // sender of all mail, "Name <address>"
	Folder  string // of the built-in mailbox
	Now     func() time.Time
}

// Office writes the letters that are due and hands them to the mail. Those for sandbox candidates always stay in the
// built-in mailbox.
type Office struct {
	Options
	sender   post.Sender
	mailbox  *post.Mailbox
	pictures *thumbnails
	answers  *answering
	sent     atomic.Int64 // letters that the relay or the mailbox took, since the start
}

// How many letters of a kind are on their way at a time: each waits for the relay, which may take minutes, and leaves
// workers to the other kinds. Those of sandboxes never do.
var atOnce = map[string]int{issuer.LetterOffer: 8, issuer.LetterWithdrawn: 4, issuer.LetterNotice: 4, issuer.LetterDisputed: 4, code: 6, added: 2}

const sandboxAtOnce = 1

// New is an office that sends what the queue has. It opens the mailbox and reads the address of the relay.
func New(o Options) (*Office, error) {
	mailbox, err := post.NewMailbox(o.Folder)
	if err != nil {
		return nil, fmt.Errorf("open mailbox: %w", err)
	}
	if err := mailbox.SetFrom(o.From); err != nil {
		return nil, err
	}
	p := &Office{Options: o, sender: mailbox, mailbox: mailbox, pictures: &thumbnails{svg: o.Issuer.SVGIn}, answers: newAnswering()}
	if o.SMTP != "" {
		if p.sender, err = post.NewSMTP(o.SMTP, o.From); err != nil {
			return nil, err
		}
	}
	for _, kind := range kinds() {
		send := func(ctx context.Context, j jobs.Job) error { return p.send(ctx, kind, j) }
		o.Queue.Handle(jobKind(kind, false), send, jobs.AtMost(atOnce[kind]), jobs.Timeout(post.Patience))
		o.Queue.Handle(jobKind(kind, true), send, jobs.AtMost(sandboxAtOnce))
	}
	return p, nil
}

// Sent is how many letters the relay or the mailbox took since the start.
func (p *Office) Sent() int64 { return p.sent.Load() }

// Mailbox keeps all letters without a relay, and those of sandboxes always.
func (p *Office) Mailbox() *post.Mailbox { return p.mailbox }

// send writes the letter of a job, unless there is nothing left to say, and sends it. One that can never arrive is given
// up, and one that has probably arrived is sent again seldom.
func (p *Office) send(ctx context.Context, kind string, j jobs.Job) error {
	about := struct{ Claim string }{}
	if err := j.Decode(&about); err != nil {
		return err
	}
	due := issuer.Letter{Kind: kind, Claim: about.Claim, About: string(j.Payload)}
	l, unsent, err := p.write(ctx, due)
	if err != nil || unsent != "" {
		return err
	}
	if l.MessageID == "" {
		l.MessageID = messageID(j.ID)
	}
	err = p.hand(ctx, l)
	switch {
	case err == nil:
		p.sent.Add(1)
		j.Then(func(ctx context.Context, t *database.Tx) error { return p.Issuer.Delivered(ctx, t, due) })
		return nil
	case post.NoSuchAddress(err):
		bounced := p.DB.InTx(ctx, func(t *database.Tx) error { return p.Issuer.Bounced(ctx, t, due) })
		return jobs.Permanent(errors.Join(fmt.Errorf("nobody gets mail at this address: %w", err), bounced))
	case post.Permanent(err):
		return jobs.Permanent(err)
	case post.Doubtful(err):
		return jobs.Doubtful(err)
	}
	return err
}

// written is a letter that is ready to go, and to whom.
type written struct {
	post.Letter
	to      recipient
	content content
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

// write has the letter written by whoever knows its kind. Offers and notices make way for requests first.
func (p *Office) write(ctx context.Context, l issuer.Letter) (written, issuer.Unsent, error) {
	switch l.Kind {
	case issuer.LetterOffer:
		return p.offer(ctx, l)
	case issuer.LetterWithdrawn:
		return p.withdrawn(ctx, l)
	case issuer.LetterNotice:
		return p.notice(ctx, l)
	case issuer.LetterDisputed:
		return p.disputed(ctx, l)
	case code:
		return p.code(ctx, l.About)
	default:
		return p.added(ctx, l.About)
	}
}

// hand renders the letter and hands it to the relay or the mailbox.
func (p *Office) hand(ctx context.Context, w written) error {
	var textErr, htmlErr error
	l := w.Letter
	l.Subject = w.content.Subject()
	l.Text, textErr = w.content.Text()
	l.HTML, htmlErr = w.content.HTML()
	if err := errors.Join(textErr, htmlErr); err != nil {
		return jobs.Permanent(err)
	}
	l.To, l.ReplyTo, l.Date = w.to.Address, p.replyTo(), p.Now()
	if w.to.live {
		return p.sender.Send(ctx, l)
	}
	return p.mailbox.Send(ctx, l)
}

func (p *Office) replyTo() post.Address {
	a, err := mail.ParseAddress(p.From)
	if err != nil {
		return post.Address{}
	}
	return post.Address{Name: a.Name, Address: a.Address}
}

func messageID(id string) string { return strings.ReplaceAll(id, "_", ".") }

// Beside is around a handler whose answers go before letters.
func (p *Office) Beside(next http.Handler) http.Handler { return p.answers.count(next) }

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
