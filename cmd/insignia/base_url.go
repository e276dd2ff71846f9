package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"github.com/open-insignia/insignia/api/web"
	"github.com/open-insignia/insignia/database"
)

// The base address is signed into every badge, so a wrong one cannot be mended later: it is checked,
// brought into one spelling and remembered by the installation.

// settingBaseURL names the address that the badges of an installation carry.
const settingBaseURL = "base_url"

// parseBaseURL is the one spelling of a public address: scheme and host in lower case, names as A-labels,
// no default port and no slash at the end.
func parseBaseURL(text string) (string, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.User != nil ||
		u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%q must be http(s)://host[:port] and nothing more", text)
	}
	host, err := publicHost(u.Hostname())
	if err != nil {
		return "", fmt.Errorf("%q %w", text, err)
	}
	switch port := u.Port(); {
	case port == "0":
		return "", fmt.Errorf("%q has the port 0, which nobody can reach", text)
	case port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme]:
		return u.Scheme + "://" + net.JoinHostPort(host, port), nil
	case strings.Contains(host, ":"):
		return u.Scheme + "://[" + host + "]", nil
	}
	return u.Scheme + "://" + host, nil
}

// publicHost is the one spelling of a host that others can ask for.
func publicHost(host string) (string, error) {
	if host == "" {
		return "", errors.New("names no host")
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.IsUnspecified() {
			return "", errors.New("is every address of this machine and no address for others")
		}
		return ip.String(), nil
	}
	if ascii, err := idna.New(idna.MapForLookup(), idna.Transitional(false)).ToASCII(host); err == nil {
		return ascii, nil
	}
	return "", errors.New("has a host that is no name")
}

// defaultBaseURL is the address of a server that only this machine can reach.
func defaultBaseURL(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "" || port == "0" || !web.ThisMachine(host) {
		return "", errors.New("is needed, because INSIGNIA_ADDR is no loopback address with a port: it is part of every badge")
	}
	return parseBaseURL("http://" + addr)
}

// agreeOnBaseURL takes the address that the installation's badges carry, and refuses another one.
func (c *config) agreeOnBaseURL(ctx context.Context, db *database.DB) error {
	known, found, err := db.Setting(ctx, settingBaseURL)
	switch {
	case err != nil:
		return fmt.Errorf("read the base address: %w", err)
	case found && c.BaseURL == "":
		c.BaseURL = known
	case found && c.BaseURL != known && !c.ChangeBaseURL:
		return fmt.Errorf("the badges of this installation carry the address %s, and this start says %s: set INSIGNIA_BASE_URL=%s,"+
			" or start once with --change-base-url, after which badges that were handed out no longer lead here", known, c.BaseURL, known)
	}
	return nil
}

// warnOfBaseURL says what an address will mean for whoever gets a badge.
func (c *config) warnOfBaseURL(log *slog.Logger) {
	u, err := url.Parse(c.BaseURL)
	if err == nil && !web.ThisMachine(u.Host) && web.ThisMachine(c.Addr) && len(c.TrustedProxies) == 0 {
		log.Warn("a proxy must stand before this server, and none is trusted: all visitors share one limit, and some will be refused;"+
			" set INSIGNIA_TRUSTED_PROXIES to its address", "base_url", c.BaseURL, "addr", c.Addr)
	}
	if err == nil && u.Scheme == "http" && !web.ThisMachine(u.Host) {
		log.Warn("the public address is plain http: links and codes can be read on their way, and other verifiers refuse such badges", "base_url", c.BaseURL)
	}
}
