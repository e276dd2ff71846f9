package letter

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
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
	Outbox  *Outbox
	Issuer  *issuer.Issuer
	Earners *earner.Accounts

	BaseURL string // no slash at its end
	Site    string // the one product name that people see
	SMTP    string // address of the relay; empty: all letters stay in the built-in mailbox
	From    string // sender of all mail, "Name <address>"
	Now     func() time.Time
}

// Office writes the letters of an outbox and hands them to the mail. Those of sandboxes, and all where there is no relay,
// stay in the built-in mailbox: they are kept as they are, secrets and all.
type Office struct {
	Options
	relay    *post.SMTP // nil: there is none
	from     post.Address
	pictures *thumbnails
	answers  *answering
	sent     atomic.Int64 // letters that the relay or the mailbox took, since the start
}

// How many letters of a kind are on their way at a time: each waits for the relay, which may take minutes, and leaves
// workers to the other kinds. Those of sandboxes never do.
var atOnce = map[string]int{
	issuer.LetterOffer: 8, issuer.LetterReminder: 4, issuer.LetterAccepted: 4, issuer.LetterWithdrawn: 4, issuer.LetterNotice: 4, issuer.LetterDisputed: 4, issuer.LetterRenewal: 4, code: 6, added: 2, changed: 2, leave: 2,
}

const sandboxAtOnce = 1

// New is an office whose queue sends what the outbox has.
func New(o Options) (*Office, error) {
	from, err := mail.ParseAddress(o.From)
	if err != nil {
		return nil, fmt.Errorf("sender %q: want Name <address>", o.From)
	}
	p := &Office{Options: o, from: post.Address(*from), pictures: &thumbnails{svg: o.Issuer.SVGIn}, answers: newAnswering()}
	if o.SMTP != "" {
		if p.relay, err = post.NewSMTP(o.SMTP, o.From); err != nil {
			return nil, err
		}
	}
	queue := o.Outbox.queue
	for _, kind := range kinds() {
		queue.Handle(jobKind(kind, false), p.send, jobs.AtMost(atOnce[kind]), jobs.Timeout(post.Patience))
		queue.Handle(jobKind(kind, true), p.send, jobs.AtMost(sandboxAtOnce))
		queue.Handle(beforeRows+kind, o.Outbox.adopt(kind, false))
		queue.Handle(sandboxPrefix+beforeRows+kind, o.Outbox.adopt(kind, true))
	}
	return p, nil
}

// Sent is how many letters the relay or the mailbox took since the start.
func (p *Office) Sent() int64 { return p.sent.Load() }

// send writes the letter of a job, unless there is nothing left to say, and sends it. One that can never arrive is given
// up, and one that has probably arrived is sent again seldom.
func (p *Office) send(ctx context.Context, j jobs.Job) error {
	r, found, err := selectLetter(ctx, p.Outbox.db.Reader(), j.ID)
	if err != nil || !found {
		return err
	}
	w, unsent, err := p.write(ctx, r)
	if err != nil {
		return err
	}
	if unsent != "" {
		r.State = state(unsent)
		j.Then(func(ctx context.Context, t *database.Tx) error {
			_, err := endLetter(ctx, t, r, j.Attempt, p.Outbox.time())
			return err
		})
		return nil
	}
	r.Recipient, r.Language, w.MessageID = w.to.Address.Address, w.Lang, cmp.Or(w.MessageID, messageID(r.ID))
	if w.ReplyTo, err = p.replyTo(ctx, w.Lang); err != nil {
		return err
	}
	stays, err := p.hand(ctx, r, w)
	switch {
	case err == nil:
		p.sent.Add(1)
		r.State = sent
		j.Then(func(ctx context.Context, t *database.Tx) error { return p.delivered(ctx, t, r, j.Attempt, stays) })
		return nil
	case post.NoSuchAddress(err):
		r.State = bounced
		noted := p.Outbox.db.InTx(ctx, func(t *database.Tx) error {
			if ended, err := endLetter(ctx, t, r, j.Attempt, p.Outbox.time()); err != nil || !ended {
				return err
			}
			return p.Issuer.Bounced(ctx, t, r.due())
		})
		return jobs.Permanent(errors.Join(fmt.Errorf("nobody gets mail at this address: %w", err), noted))
	case post.Permanent(err):
		return jobs.Permanent(err)
	case post.Doubtful(err):
		return jobs.Doubtful(err)
	}
	return err
}

func selectLetter(ctx context.Context, t *database.Tx, id string) (r row, found bool, err error) {
	found, err = t.Get(ctx, &r, `
		SELECT `+letterColumns+`
		FROM letter
		WHERE id = ?`, id)
	return r, found, err
}

// delivered notes in the transaction that ends the job that the letter was taken over, and keeps what stays here.
func (p *Office) delivered(ctx context.Context, t *database.Tx, r row, tries int, stays *copyRow) error {
	ended, err := endLetter(ctx, t, r, tries, p.Outbox.time())
	if err != nil || !ended {
		return err
	}
	if stays != nil {
		if err := insertCopy(ctx, t, *stays); err != nil {
			return err
		}
	}
	return p.Issuer.Delivered(ctx, t, r.due())
}

func insertCopy(ctx context.Context, t *database.Tx, c copyRow) error {
	_, err := t.Exec(ctx, `
		INSERT INTO letter_copy (place, letter_id, partner_id, name, subject, body, content, pictures)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, c.Place, c.Letter, c.Partner, c.Name, c.Subject, c.Body, c.Content, c.Pictures)
	return err
}

// hand renders the letter and hands it to the relay, unless it stays: then it is what the mailbox is to keep.
func (p *Office) hand(ctx context.Context, r row, w written) (stays *copyRow, err error) {
	l := w.Letter
	l.To, l.ReplyTo, l.Date, l.Subject = w.to.Address, w.ReplyTo, p.Now(), w.content.Subject()
	if l.Text, err = w.content.Text(); err != nil {
		return nil, jobs.Permanent(err)
	}
	if p.relay == nil || r.Sandbox || !w.to.live {
		return p.copy(r, w, l)
	}
	if l.HTML, err = w.content.HTML(); err != nil {
		return nil, jobs.Permanent(err)
	}
	for _, picture := range w.pictures {
		png, err := p.pictures.png(ctx, picture.thumbnail)
		if err != nil {
			return nil, err
		}
		l.Inline = append(l.Inline, post.Inline{CID: picture.CID, Type: "image/png", Data: png})
	}
	return nil, p.relay.Send(ctx, l)
}

// replyTo is who answers people, or else the sender.
func (p *Office) replyTo(ctx context.Context, lang string) (post.Address, error) {
	h, err := p.Issuer.History(ctx)
	if err != nil || len(h) == 0 || h.Latest().Programme.Issuer.Email == "" {
		return p.from, err
	}
	org := h.Latest().Programme.Issuer
	return post.Address{Name: org.Name.In(lang), Address: org.Email}, nil
}

// copy is what the mailbox keeps of a letter that could have been sent.
func (p *Office) copy(r row, w written, l post.Letter) (*copyRow, error) {
	if err := post.Check(l); err != nil {
		return nil, err
	}
	content, err := json.Marshal(w.content)
	if err != nil {
		return nil, jobs.Permanent(err)
	}
	pictures, err := json.Marshal(w.pictures)
	if err != nil {
		return nil, jobs.Permanent(err)
	}
	return &copyRow{
		Place: newPlace(p.Now()), Letter: r.ID, Partner: r.Partner,
		Name: storable(l.To.Name), Subject: storable(l.Subject), Body: storable(l.Text),
		Content: string(content), Pictures: string(pictures),
	}, nil
}

// newPlace sorts by the time of arrival.
func newPlace(now time.Time) string {
	return now.UTC().Format("20060102T150405.000000000") + "-" + strings.ToLower(rand.Text()[:8])
}

// storable is what a TEXT column of PostgreSQL takes.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
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
