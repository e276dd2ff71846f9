package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/open-insignia/insignia/api"
	"github.com/open-insignia/insignia/api/badges"
	"github.com/open-insignia/insignia/api/check"
	"github.com/open-insignia/insignia/api/home"
	"github.com/open-insignia/insignia/api/partners"
	walletdoor "github.com/open-insignia/insignia/api/wallet"
	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner/identity"
	"github.com/open-insignia/insignia/earner/leaving"
	"github.com/open-insignia/insignia/earner/sharecode"
	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/issuer/wallet"
	"github.com/open-insignia/insignia/letter"
	"github.com/open-insignia/insignia/paper"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/partner/webhook"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

type serveCommand struct{ config }

// Run serves until SIGINT, SIGTERM or SIGHUP.
func (s *serveCommand) Run(ctx context.Context, t *terminal) error {
	if err := s.check(); err != nil {
		return fmt.Errorf("configuration:\n%w", err)
	}
	log := newLog(t.err, s.LogLevel)
	server, err := s.newServer(ctx, log, time.Now)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return errors.Join(err, server.db.Close())
	}
	log.Info("listening", "addr", listener.Addr().String(), "base_url", s.BaseURL, "version", version)
	if err := server.greet(ctx, t.err, log); err != nil {
		return errors.Join(err, listener.Close(), server.db.Close())
	}
	return server.run(ctx, listener)
}

// server is everything that serve and demo run.
type server struct {
	*core
	config    config
	letters   *letter.Office
	checks    *check.Door
	providers *identity.Providers
	leaving   *leaving.Requests
	exports   *leaving.Exports
	codes     *sharecode.Codes
	webhooks  *webhook.Webhooks
	wallets   *wallet.Wallets
	handler   *api.Server
	log       *slog.Logger
	now       func() time.Time
}

// newServer wires the parts. Each receives the few values it needs; none reads the environment.
func (c config) newServer(ctx context.Context, log *slog.Logger, now func() time.Time) (*server, error) {
	proxies, err := c.proxies()
	if err != nil {
		return nil, err
	}
	proxy, err := egressProxy(c.EgressProxy)
	if err != nil {
		return nil, err
	}
	k, err := c.openCore(ctx, toFound, log, now)
	if err != nil {
		return nil, err
	}
	if err := k.keys.Ensure(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("make keys: %w", err), k.db.Close())
	}
	if err := k.db.Remember(ctx, settingBaseURL, c.BaseURL); err != nil {
		return nil, errors.Join(fmt.Errorf("remember the base address: %w", err), k.db.Close())
	}
	c.warnOfBaseURL(log)
	if c.MailFolder != "" {
		log.Warn("INSIGNIA_MAIL_FOLDER means nothing any more: the built-in mailbox is in the database, and the folder may be deleted")
	}
	letters, err := letter.New(letter.Options{
		Outbox: k.outbox, Issuer: k.issuer, Earners: k.earners,
		BaseURL: c.BaseURL, Site: c.Site, SMTP: c.SMTP, From: c.MailFrom, Now: now,
	})
	if err != nil {
		return nil, errors.Join(err, k.db.Close())
	}
	s := &server{core: k, config: c, letters: letters, log: log, now: now, codes: sharecode.New(k.db, now)}
	site := web.New(web.Options{
		Name: c.Site, BaseURL: c.BaseURL, Secret: k.secret, TrustedProxies: proxies,
		Accounts: s.earners, Log: log, Now: now, Unavailable: database.Unavailable,
	})
	out := egress.New(egress.Options{Proxy: proxy, Loopback: c.insecureFetch})
	s.providers = identity.NewProviders(identity.Options{
		DB: k.db, Secret: k.secret, Providers: c.providers, BaseURL: c.BaseURL, Transport: c.wayToProviders(out), Now: now,
	})
	if s.webhooks, err = webhook.New(webhook.Options{
		DB: k.db, Secret: k.secret, OldSecret: []byte(c.SecretOld), Out: c.wayToReceivers(proxy), Now: now,
		Failed: func(err error) { log.Error("webhooks", "error", err) },
		Disabled: func(ctx context.Context, t *database.Tx, w webhook.Webhook) error {
			log.Warn("a webhook was disabled after days of failures", "webhook", w.ID, "partner", w.Partner)
			return k.outbox.WebhookDisabled(ctx, t, w.Partner, w.URL, *w.FailingSince)
		},
	}); err == nil {
		err = s.webhooks.Reseal(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, k.db.Close())
	}
	s.leaving = leaving.NewRequests(k.db, k.queue, leaving.Options{
		Accounts: k.earners, Register: register{k.issuer.Leaving}, Letters: k.outbox, Now: now,
	})
	passkeys := identity.NewPasskeys(k.db, k.secret, c.BaseURL, c.Site, now)
	checks := verifier.New(verifier.Options{
		Fetch: out,
		Own:   check.NewOwn(k.issuer, c.BaseURL, log),
		Known: c.known,
		Now:   now,
		Panicked: func(problem any, stack []byte) {
			log.Error("a check of a badge panicked", "problem", problem, "stack", string(stack))
		},
	})
	var mailbox http.Handler
	switch {
	case c.showMailbox():
		mailbox = onlyHere(letters.Mailbox(site.FrameOf))
	case c.SMTP == "":
		log.Warn("letters reach nobody: INSIGNIA_SMTP is not set, and the built-in mailbox has a page on this machine only")
	}
	papers := paper.NewFonts(c.Fonts)
	s.exports = leaving.NewExports(k.db, k.queue, leaving.ExportOptions{
		Accounts: k.earners, Letters: k.outbox, Now: now,
		Archive: home.NewArchive(site, home.ArchiveOptions{Issuer: k.issuer, Accounts: k.earners, Letters: k.outbox, Codes: s.codes, Paper: papers}),
	})
	s.wallets = wallet.New(k.db, wallet.Options{Credentials: k.issuer.Publisher, Secret: k.secret, PINHint: templates.WalletPIN, Now: now})
	s.checks = check.New(site, check.Options{
		Issuer: k.issuer, Verifier: checks, Records: recordSigner{k.keys, k.issuer.KeyURL}, Version: version, Paper: papers, Codes: s.codes,
	})
	s.handler = api.New(api.Options{
		Site: site, OldHosts: c.OldHosts,
		Doors: []api.Door{
			partners.New(site, partners.Options{Issuer: k.issuer, Trainings: k.trainings, Merging: k.merging, Partners: k.partners, Webhooks: s.webhooks, Imports: k.imports, Rate: partner.NewRate(k.db, c.RateLimit, now)}),
			badges.New(site, badges.Options{Issuer: k.issuer, Verifier: checks, Fonts: k.fonts, Paper: papers, Codes: s.codes}),
			home.New(site, home.Options{
				Profiles: k.profiles, Merging: k.merging,
				Leaving: s.leaving, Exports: s.exports, Letters: k.outbox, Issuer: k.issuer, Trainings: k.trainings, Accounts: s.earners, Wallets: s.wallets, Providers: s.providers, Passkeys: passkeys, Mailbox: mailbox != nil, Sender: c.MailFrom, Paper: papers, Codes: s.codes,
			}),
			s.checks, walletdoor.New(site, s.wallets),
		},
		Ready: k.db.Ready, MetricsToken: c.MetricsToken, Mailbox: mailbox, Version: version,
		Counts: api.Counts{
			Made: k.issuer.Made, Letters: letters.Sent, Statements: k.db.Statements, Checked: s.checks.Verdicts,
			Jobs: func(ctx context.Context) (api.Jobs, error) {
				stats, err := k.queue.Stats(ctx)
				return api.Jobs(stats), err
			},
		},
	})
	return s, nil
}

// wayToProviders is the guarded way out. A site on this machine, which nobody else reaches, may have its providers there.
func (c config) wayToProviders(out *egress.Client) http.RoundTripper {
	if public, err := url.Parse(c.BaseURL); err == nil && web.ThisMachine(public.Host) {
		out = egress.New(egress.Options{Loopback: true})
	}
	return out.RoundTripper(egress.Limits{})
}

// wayToReceivers is the guarded way to partners' webhooks, with room for many who do not answer. Those of a site on this
// machine, which nobody else reaches, may be there too.
func (c config) wayToReceivers(proxy *url.URL) *egress.Client {
	public, err := url.Parse(c.BaseURL)
	here := err == nil && web.ThisMachine(public.Host)
	return egress.New(egress.Options{Proxy: proxy, Loopback: here, UnderWay: 1000})
}

// showMailbox keeps the letters of strangers from strangers: the built-in mailbox has a page only where
// nothing but this machine can reach it. Behind a proxy, which the public address tells, the world could.
func (c config) showMailbox() bool {
	public, err := url.Parse(c.BaseURL)
	return err == nil && c.SMTP == "" && web.ThisMachine(c.Addr) && web.ThisMachine(public.Host)
}

// onlyHere answers what was asked under a name of this machine, so that no page of somebody's, whose name
// was made to lead here, reads along.
func onlyHere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !web.ThisMachine(r.Host) {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// known reports whether an issuer id is ours or trusted by setting.
func (c config) known(issuer string) bool {
	for _, id := range c.TrustedIssuers {
		if id == issuer {
			return true
		}
	}
	return len(issuer) > len(c.BaseURL) && issuer[:len(c.BaseURL)+1] == c.BaseURL+"/"
}

const (
	jobWorkers   = 32 // most of them wait for the mail relay; the kinds that do leave room for the others
	stopPatience = 20 * time.Second
	tidyEvery    = time.Hour
	gcPercent    = 200 // twice Go's: little is in use, and each award leaves some 100 kB of garbage behind
)

// run serves and works until the context ends, then lets requests and jobs that have begun finish.
func (s *server) run(ctx context.Context, listener net.Listener) error {
	if os.Getenv("GOGC") == "" { // otherwise whoever runs the server has said how much memory may wait to be collected
		debug.SetGCPercent(gcPercent)
	}
	web := &http.Server{
		Handler: s.letters.Beside(s.handler), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	group, loops := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-loops.Done()
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
		defer cancel()
		return web.Shutdown(stopping)
	})
	group.Go(func() error { return s.issuer.IssueLoop(loops) })
	group.Go(func() error { return s.issuer.AgendaLoop(loops) })
	group.Go(func() error {
		return s.issuer.Views.Loop(loops, func(err error) { s.log.Warn("store views of badges", "error", err) })
	})
	group.Go(func() error {
		return s.leaving.Loop(loops, func(err error) { s.log.Error("forget people who left", "error", err) })
	})
	group.Go(func() error { return s.queue.Run(loops, jobWorkers) })
	group.Go(func() error { return s.webhooks.Run(loops) })
	group.Go(func() error { return s.imports.Run(loops) })
	group.Go(func() error { return s.checks.JudgeLoop(loops) })
	group.Go(func() error { return s.tidy(loops) })
	err := group.Wait()
	if ctx.Err() != nil {
		s.log.Info("stopped")
	}
	return errors.Join(err, s.db.Close())
}

// tidy deletes once an hour what has served its time.
func (s *server) tidy(ctx context.Context) error {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		for what, do := range map[string]func(context.Context) error{
			"old answers":  s.partners.Forget,
			"old sessions": s.earners.Forget,
			"old sign-ins": s.providers.Forget,
			"last letters": s.outbox.Forget,
			"old exports":  s.exports.Forget,
			"old codes":    s.codes.Forget,
			"old counters": func(ctx context.Context) error { return s.db.ForgetCounters(ctx, s.now().Add(-48*time.Hour)) },
			"old webhooks": s.webhooks.Forget,
			"old imports":  s.imports.Forget,
			"old offers":   s.wallets.Forget,
		} {
			if err := do(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("tidy up", "what", what, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

type migrateCommand struct{ databaseConfig }

// Run applies the migrations.
func (m *migrateCommand) Run(ctx context.Context, t *terminal) error {
	s, err := m.open(ctx, toFound)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.out, "The database is up to date.")
	return s.db.Close()
}
