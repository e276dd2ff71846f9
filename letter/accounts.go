package letter

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/templates"
)

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
	content := templates.CodeLetter{
		Letter: templates.Letter{Lang: c.Lang, Site: p.Site, PrivacyURL: p.BaseURL + "/privacy?lang=" + c.Lang},
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
