package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/open-insignia/insignia/partner"
)

type partnerCommand struct {
	Add    partnerAddCommand    `cmd:"" help:"Make an API key for a partner, and the partner when it is new. The key is shown once."`
	List   partnerListCommand   `cmd:"" help:"List partners and their keys."`
	Revoke partnerRevokeCommand `cmd:"" help:"End a key."`
}

type partnerAddCommand struct {
	config
	Name      string   `arg:"" help:"The partner's name, as people will read it."`
	Sandbox   bool     `help:"A key for tests: its badges are marked and mailed to nobody."`
	Scope     []string `help:"What the key may: results, webhooks, profiles:write, programme:write. Without it the first two." sep:"none" placeholder:"S"`
	Programme bool     `help:"The key may also change the programme."`
	Contact   string   `help:"Whom to ask at the partner: an e-mail address or the https address of a page. Letters about webhooks go there."`
}

// Run makes and prints a key.
func (p *partnerAddCommand) Run(ctx context.Context, t *terminal) error {
	return p.withPartners(ctx, toFound, func(all *partner.Partners) error {
		scopes := p.Scope
		if len(scopes) == 0 {
			scopes = []string{partner.ScopeResults, partner.ScopeWebhooks}
		}
		if p.Programme && !slices.Contains(scopes, partner.ScopeProgramme) {
			scopes = append(scopes, partner.ScopeProgramme)
		}
		made, key, err := all.Add(ctx, p.Name, p.Sandbox, scopes...)
		if err != nil {
			return err
		}
		if p.Contact != "" {
			if err := all.SetContact(ctx, made.ID, p.Contact); err != nil {
				return err
			}
		}
		fmt.Fprintf(t.out, "Partner %s (%s)\nKey, shown only now:\n%s\n", made.Name, made.ID, key)
		return nil
	})
}

type partnerListCommand struct{ config }

// Run lists the keys without their secrets.
func (p *partnerListCommand) Run(ctx context.Context, t *terminal) error {
	return p.withPartners(ctx, toRead, func(all *partner.Partners) error {
		keys, err := all.Keys(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "KEY\tPARTNER\tKIND\tSCOPES\tMADE\tLAST USED\tREVOKED")
		for _, k := range keys {
			kind := "live"
			if k.Sandbox {
				kind = "sandbox"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, kind, k.Scopes, dateText(&k.CreatedAt), dateText(k.LastUsedAt), dateText(k.RevokedAt))
		}
		return w.Flush()
	})
}

type partnerRevokeCommand struct {
	config
	KeyID string `arg:"" help:"Id of the key, as partner list shows it."`
}

// Run ends a key.
func (p *partnerRevokeCommand) Run(ctx context.Context, t *terminal) error {
	return p.withPartners(ctx, toChange, func(all *partner.Partners) error {
		found, err := all.RevokeKey(ctx, p.KeyID)
		if err == nil && !found {
			err = fmt.Errorf("no key %s that could be revoked", p.KeyID)
		}
		if err == nil {
			fmt.Fprintln(t.out, "Revoked. Running servers refuse it within seconds.")
		}
		return err
	})
}

// withPartners opens the partners for a command.
func (c *config) withPartners(ctx context.Context, a access, do func(*partner.Partners) error) error {
	return c.withCore(ctx, a, func(k *core) error { return do(k.partners) })
}

// withCore opens database, keys and issuer for a command and closes them after it.
func (c *config) withCore(ctx context.Context, a access, do func(*core) error) error {
	if err := c.checkValues(); err != nil {
		return err
	}
	k, err := c.openCore(ctx, a, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		return err
	}
	defer k.db.Close()
	return do(k)
}

func dateText(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Format(time.DateOnly)
}
