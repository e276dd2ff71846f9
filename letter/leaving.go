package letter

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/leaving"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/templates"
)

// leave is the kind of letters to people who take their data along, or leave.
const leave = "leaving"

// leavingAbout is a letter to somebody who takes their data along, or leaves.
type leavingAbout struct {
	To      string    `json:"to"`
	Sandbox bool      `json:"sandbox,omitempty"` // of To
	Kind    string    `json:"kind"`
	Choice  string    `json:"choice,omitempty"`
	On      time.Time `json:"on"`
	Account bool      `json:"account"` // they have one, or had
	Lang    string    `json:"lang"`
}

// Leaving takes a letter to each address of somebody.
func (o *Outbox) Leaving(ctx context.Context, t *database.Tx, l leaving.Letter) error {
	lang, account := templates.Match("", "", l.Lang), l.Person.Account
	for _, address := range l.Person.Addresses {
		to := earner.Mailbox{Address: address, Sandbox: l.Person.Sandbox}
		about := leavingAbout{to.Address, to.Sandbox, l.Kind, l.Choice, l.On, account != "", lang}
		r := row{Kind: leave, Account: account, Language: lang}
		if l.Kind == leaving.LetterDone {
			r.Account = "" // there is none any more
		}
		if err := o.addTo(ctx, t, to, r, about); err != nil {
			return err
		}
	}
	return nil
}

// Sent are the letters to somebody of whom it is known where they went, the earliest first.
func (o *Outbox) Sent(ctx context.Context, p leaving.Person) (list []leaving.Sent, err error) {
	addresses := p.Addresses
	if len(addresses) == 0 {
		addresses = []string{" "} // that of nobody
	}
	err = o.db.Reader().Select(ctx, &list, `
		SELECT kind, recipient, language, state, created_at
		FROM letter
		WHERE (recipient IN (?) OR account_id = ? AND account_id <> '') AND sandbox >= ?
		ORDER BY created_at, id
		LIMIT 10000`, addresses, p.Account, database.Flag(p.Sandbox))
	if err != nil {
		return nil, fmt.Errorf("read letters to somebody: %w", err)
	}
	for n := range list {
		list[n].At = list[n].At.UTC()
	}
	return list, nil
}

// Erase forgets what was written to somebody, and what is still to be: nothing but a letter that is on its way at this
// moment reaches them any more.
func (o *Outbox) Erase(ctx context.Context, t *database.Tx, p leaving.Person) error {
	if p.Account != "" {
		if err := deleteLetters(ctx, t, `account_id = ? AND account_id <> ''`, p.Account); err != nil {
			return err
		}
	}
	for _, address := range p.Addresses {
		name, err := json.Marshal(address)
		if err != nil {
			return err
		}
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(string(name)) + "%"
		if err := deleteLetters(ctx, t, `recipient = ? AND sandbox >= ?`, address, database.Flag(p.Sandbox)); err != nil {
			return err
		}
		// What was not written yet has no recipient; notices to accounts know theirs already.
		if err := deleteLetters(ctx, t, `recipient = '' AND about LIKE ? ESCAPE '\' AND sandbox >= ?`, like, database.Flag(p.Sandbox)); err != nil {
			return err
		}
	}
	return nil
}

// deleteLetters deletes letters with the copies that stayed here. A job whose letter is gone has nothing to send.
func deleteLetters(ctx context.Context, t *database.Tx, where string, args ...any) error {
	if _, err := t.Exec(ctx, `
		DELETE FROM letter_copy
		WHERE letter_id IN (SELECT id FROM letter WHERE `+where+`)`, args...); err != nil {
		return err
	}
	_, err := t.Exec(ctx, `
		DELETE FROM letter
		WHERE `+where, args...)
	return err
}

// keepLast is how long it is known where the last letter to somebody went who left.
const keepLast = 7 * 24 * time.Hour

// Forget deletes the last letters to people who left, once they had time to arrive.
func (o *Outbox) Forget(ctx context.Context) error {
	return o.db.InTx(ctx, func(t *database.Tx) error {
		return deleteLetters(ctx, t, `kind = ? AND account_id = '' AND created_at < ?`, leave, o.time().Add(-keepLast))
	})
}

// leaving is a letter to somebody who takes their data along, or leaves.
func (p *Office) leaving(ctx context.Context, about string) (w written, unsent issuer.Unsent, err error) {
	var l leavingAbout
	if err := json.Unmarshal([]byte(about), &l); err != nil {
		return w, "", fmt.Errorf("read what a letter is about: %w", err)
	}
	org, err := p.Issuer.Organisation(ctx)
	if err != nil {
		return w, "", err
	}
	content := templates.LeavingLetter{
		Letter: p.letter(issuer.Recipient{Organisation: org}, l.Lang),
		Kind:   l.Kind, Choice: l.Choice, On: l.On.UTC(), URL: p.BaseURL + "/me/settings#data", ContactURL: "mailto:" + org.Email,
	}
	if !l.Account {
		content.Kind, content.URL = l.Kind+"_data", p.BaseURL+"/privacy/data"
		if content.Choice != "" {
			content.Choice = "data"
		}
	}
	w.to, w.Lang, w.content = accountBox(earner.Mailbox{Address: l.To, Sandbox: l.Sandbox}), l.Lang, content
	return w, "", nil
}
