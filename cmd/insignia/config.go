package main

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/earner/identity"
	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

// databaseConfig is all that a command needs to reach the database and its secrets.
type databaseConfig struct {
	Database  string `env:"INSIGNIA_DATABASE" default:"insignia.db" help:"SQLite file, or postgres:// URL."`
	Secret    string `env:"INSIGNIA_SECRET" help:"Seals private keys and derives links and cookies; at least 16 characters. Empty with SQLite: the file insignia.secret beside the database, made when absent."`
	SecretOld string `env:"INSIGNIA_SECRET_OLD" help:"The secret before this one, while it is being changed."`
}

// config is the server's configuration: environment variables, and flags of the same names that
// override them. This struct is the manual.
type config struct {
	atOnce bool // a new key signs at once
	databaseConfig
	Addr           string   `env:"INSIGNIA_ADDR" default:"127.0.0.1:8080" help:"Where to listen."`
	BaseURL        string   `env:"INSIGNIA_BASE_URL" help:"Public address, http(s)://host[:port]; part of every badge, so never change it. Needed unless ADDR is a loopback address with a port: then http://ADDR."`
	ChangeBaseURL  bool     `name:"change-base-url" help:"Take another public address than the one that the badges so far carry."`
	OldHosts       []string `env:"INSIGNIA_OLD_HOSTS" help:"Host names that were this site's before: whoever asks for one is led to BASE_URL for good."`
	Site           string   `env:"INSIGNIA_SITE" default:"Insignia" help:"The name of this site on pages and in mails."`
	SMTP           string   `name:"smtp" env:"INSIGNIA_SMTP" help:"smtp://user:pass@host:587 (STARTTLS when offered) or smtps://. Empty: letters go to the built-in mailbox."`
	MailFrom       string   `env:"INSIGNIA_MAIL_FROM" help:"Sender of all mail, as Name <address>. Needed with SMTP."`
	MailFolder     string   `env:"INSIGNIA_MAIL_FOLDER" help:"Means nothing any more: the built-in mailbox is in the database."`
	TrustedProxies []string `env:"INSIGNIA_TRUSTED_PROXIES" help:"Addresses or networks whose forwarded headers are believed. Default: none."`
	TrustedIssuers []string `env:"INSIGNIA_TRUSTED_ISSUERS" help:"Issuer ids that count as known when verifying, besides our own."`
	JWTAlg         string   `name:"jwt-alg" env:"INSIGNIA_JWT_ALG" default:"ES256" help:"Algorithm of signed credentials: ES256 or RS256."`
	EgressProxy    string   `env:"INSIGNIA_EGRESS_PROXY" help:"Proxy for fetching other issuers' documents: http://host:port or https://host:port. Names are resolved here, and private addresses refused, all the same."`
	Fonts          string   `env:"INSIGNIA_FONTS" default:"/usr/share/fonts" help:"Folder of the fonts for pictures and certificates with names in scripts that the program carries no font for: those of Debian's fonts-noto-core, fonts-droid-fallback and fonts-nanum are known. Without them pictures show codes and addresses instead, and there is no certificate."`
	MetricsToken   string   `env:"INSIGNIA_METRICS_TOKEN" help:"Bearer token for /metrics. Empty: only callers on this machine."`
	RateLimit      int      `env:"INSIGNIA_RATE_LIMIT" default:"1000" help:"Requests a second that each API key may make, in all processes on the database together."`
	LogLevel       string   `env:"INSIGNIA_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"Least level that is logged."`

	providers     []identity.Provider // of OpenID Connect, from INSIGNIA_OIDC_{NAME}_…
	insecureFetch bool                // demo and tests: documents may be fetched over http from this machine
}

// check is checkValues for a server, which needs an address of its own.
func (c *config) check() error {
	var missing error
	if c.BaseURL == "" {
		base, err := defaultBaseURL(c.Addr)
		if err != nil {
			missing = fmt.Errorf("INSIGNIA_BASE_URL: %w", err)
		}
		c.BaseURL = base
	}
	providers, problems := oidcProviders(os.Environ())
	c.providers = providers
	return errors.Join(missing, c.checkValues(), errors.Join(problems...))
}

// checkValues brings what is set into one spelling, fills defaults that depend on others and reports everything
// that is wrong at once.
func (c *config) checkValues() error {
	var errs []error
	wrong := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		wrong("INSIGNIA_ADDR", "%q is no host:port", c.Addr)
	}
	if c.BaseURL != "" {
		base, err := parseBaseURL(c.BaseURL)
		if err != nil {
			wrong("INSIGNIA_BASE_URL", "%v", err)
		}
		c.BaseURL = base
	}
	for n, host := range c.OldHosts {
		old, err := publicHost(host)
		base, _ := url.Parse(c.BaseURL)
		switch {
		case err != nil || strings.ContainsAny(host, "/:"):
			wrong("INSIGNIA_OLD_HOSTS", "%q is no host name", host)
		case base != nil && old == base.Hostname():
			wrong("INSIGNIA_OLD_HOSTS", "%s is that of INSIGNIA_BASE_URL", old)
		}
		c.OldHosts[n] = old
	}
	if c.SMTP != "" {
		relay, err := url.Parse(c.SMTP)
		if err != nil || relay.Scheme != "smtp" && relay.Scheme != "smtps" || relay.Host == "" {
			wrong("INSIGNIA_SMTP", "must be smtp://… or smtps://…")
		} else if base, err := url.Parse(c.BaseURL); err == nil && web.ThisMachine(base.Host) && !web.ThisMachine(relay.Host) {
			wrong("INSIGNIA_BASE_URL", "%s is this machine, and letters that go out by %s would link to it", c.BaseURL, relay.Host)
		}
		if c.MailFrom == "" {
			wrong("INSIGNIA_MAIL_FROM", "is needed with INSIGNIA_SMTP")
		}
	}
	if c.MailFrom == "" {
		c.MailFrom = c.Site + " <badges@localhost>"
	}
	if _, err := mail.ParseAddress(c.MailFrom); err != nil {
		wrong("INSIGNIA_MAIL_FROM", `%q is no address; a name with a comma or a full stop stands in quotation marks: "Acme, Inc." <badges@acme.example>`, c.MailFrom)
	}
	if _, err := c.proxies(); err != nil {
		wrong("INSIGNIA_TRUSTED_PROXIES", "%v", err)
	}
	if c.JWTAlg != openbadge.ES256 && c.JWTAlg != openbadge.RS256 {
		wrong("INSIGNIA_JWT_ALG", "%q must be ES256 or RS256", c.JWTAlg)
	}
	if c.RateLimit == 0 { // a command that serves nothing
		c.RateLimit = 1000
	}
	if c.RateLimit < 1 || c.RateLimit > 1_000_000 {
		wrong("INSIGNIA_RATE_LIMIT", "%d must be from 1 to 1,000,000", c.RateLimit)
	}
	if _, err := egressProxy(c.EgressProxy); err != nil {
		wrong("INSIGNIA_EGRESS_PROXY", "%v", err)
	}
	return errors.Join(append(errs, c.databaseConfig.check())...)
}

func (c *databaseConfig) check() error {
	if c.Secret == "" && c.postgres() {
		return errors.New("INSIGNIA_SECRET: is required with PostgreSQL")
	}
	if c.Secret != "" && len(c.Secret) < 16 {
		return errors.New("INSIGNIA_SECRET: must have at least 16 characters")
	}
	if folder := filepath.Dir(c.Database); !c.postgres() {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() { // made here, a slip of the pen would be an empty installation
			return fmt.Errorf("INSIGNIA_DATABASE: there is no folder %s", folder)
		}
	}
	return nil
}

func (c *databaseConfig) postgres() bool {
	return strings.HasPrefix(c.Database, "postgres://") || strings.HasPrefix(c.Database, "postgresql://")
}

// proxies are the networks whose forwarded headers are believed.
func (c *config) proxies() (list []netip.Prefix, err error) {
	for _, s := range c.TrustedProxies {
		s = strings.TrimSpace(s)
		if a, err := netip.ParseAddr(s); err == nil {
			list = append(list, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network", s)
		}
		list = append(list, p)
	}
	return list, nil
}

// egressProxy is the proxy for fetching other issuers' documents, nil for none.
func egressProxy(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	return egress.ParseProxy(text)
}
