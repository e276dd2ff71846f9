package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestBaseURLHasOneSpelling finds that an address which nobody can reach is refused, and that each way of
// writing one that somebody can reach becomes the same text.
func TestBaseURLHasOneSpelling(t *testing.T) {
	for text, want := range map[string]string{
		"https://badges.example.org":          "https://badges.example.org",
		"https://badges.example.org/":         "https://badges.example.org",
		"HTTPS://Badges.Example.ORG:443":      "https://badges.example.org",
		"http://badges.example.org:80":        "http://badges.example.org",
		"https://badges.example.org:8443":     "https://badges.example.org:8443",
		"https://münchen.test":                "https://xn--mnchen-3ya.test",
		"https://MÜNCHEN.test":                "https://xn--mnchen-3ya.test",
		"https://xn--mnchen-3ya.test":         "https://xn--mnchen-3ya.test",
		"http://[0:0::1]:8080":                "http://[::1]:8080",
		"https://[2001:db8::1]:443":           "https://[2001:db8::1]",
		"http://127.0.0.1:8080":               "http://127.0.0.1:8080",
		"https://:443":                        "",
		"http://:8080":                        "",
		"http://0.0.0.0:8080":                 "",
		"http://[::]:8080":                    "",
		"http://127.0.0.1:0":                  "",
		"ftp://badges.example.org":            "",
		"https://badges.example.org/path":     "",
		"https://badges.example.org?":         "",
		"https://user@badges.example.org":     "",
		"https://badges.example.org#fragment": "",
		"badges.example.org":                  "",
		"https://a b.test":                    "",
	} {
		got, err := parseBaseURL(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, error %v, want %q", text, got, err, want)
		}
	}
}

// TestBaseURLIsNeededUnlessLocal finds that only a loopback listener with a port names an address by itself.
func TestBaseURLIsNeededUnlessLocal(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080", "[::1]:8080": "http://[::1]:8080", "localhost:8080": "http://localhost:8080",
		":8080": "", "0.0.0.0:8080": "", "[::]:8080": "", "127.0.0.1:0": "", "127.0.0.1:": "", "192.0.2.1:8080": "",
	} {
		c := config{Addr: addr, Site: "Insignia", JWTAlg: "ES256", databaseConfig: databaseConfig{Database: filepath.Join(t.TempDir(), "insignia.db")}}
		err := c.check()
		if c.BaseURL != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, error %v, want %q", addr, c.BaseURL, err, want)
		}
		if err != nil && !strings.Contains(err.Error(), "INSIGNIA_BASE_URL") {
			t.Errorf("%s: %v does not name the setting", addr, err)
		}
	}
}

// TestLettersNeverLinkToThisMachine finds that a relay elsewhere is not combined with an address of this machine.
func TestLettersNeverLinkToThisMachine(t *testing.T) {
	for relay, ok := range map[string]bool{"smtp://mail.example.org:587": false, "smtp://127.0.0.1:2525": true} {
		c := config{Addr: "127.0.0.1:8080", Site: "Insignia", JWTAlg: "ES256", SMTP: relay, MailFrom: "a@b.test",
			databaseConfig: databaseConfig{Database: filepath.Join(t.TempDir(), "insignia.db")}}
		if err := c.check(); (err == nil) != ok {
			t.Errorf("%s: got %v", relay, err)
		}
	}
}

// TestBaseURLIsRemembered finds that an installation keeps the address of its first start until somebody
// changes it on purpose, and that commands which name none use it.
func TestBaseURLIsRemembered(t *testing.T) {
	first := startServer(t, nil)
	first.stop()
	c := first.config
	starts := func(change func(*config)) error {
		c := c
		change(&c)
		s, err := c.newServer(t.Context(), slog.New(slog.DiscardHandler), time.Now)
		if err == nil {
			err = errors.Join(s.keys.Ensure(t.Context()), s.db.Close())
		}
		return err
	}
	other := func(c *config) { c.BaseURL = "https://badges.example.org" }
	if err := starts(other); err == nil || !strings.Contains(err.Error(), first.base) || !strings.Contains(err.Error(), "--change-base-url") {
		t.Errorf("got %v for another address, want a refusal that names %s and the way to change it", err, first.base)
	}
	if err := starts(func(*config) {}); err != nil {
		t.Errorf("the same address: %v", err)
	}
	if err := starts(func(c *config) { other(c); c.ChangeBaseURL = true }); err != nil {
		t.Errorf("changed on purpose: %v", err)
	}
	if err := starts(func(*config) {}); err == nil {
		t.Error("the address of before is taken after a change")
	}
	c.BaseURL = ""
	k, err := c.openCore(t.Context(), toChange, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer k.db.Close()
	if c.BaseURL != "https://badges.example.org" {
		t.Errorf("a command without an address uses %q", c.BaseURL)
	}
}

// TestPlainAddressIsWarnedOf finds a warning about http where others can listen, and nowhere else.
func TestPlainAddressIsWarnedOf(t *testing.T) {
	for address, want := range map[string]bool{"http://badges.example.org": true, "https://badges.example.org": false, "http://127.0.0.1:8080": false, "http://localhost:1": false} {
		var log bytes.Buffer
		(&config{BaseURL: address}).warnOfBaseURL(slog.New(slog.NewTextHandler(&log, nil)))
		if (log.Len() > 0) != want {
			t.Errorf("%s: logged %q", address, log.String())
		}
	}
}

// TestUntrustedProxyIsWarnedOf finds a warning where the public reaches a server on loopback by a proxy that is not
// trusted, and nowhere else.
func TestUntrustedProxyIsWarnedOf(t *testing.T) {
	for _, c := range []struct {
		config
		want bool
	}{
		{config{BaseURL: "https://badges.example.org", Addr: "127.0.0.1:8080"}, true},
		{config{BaseURL: "https://badges.example.org", Addr: "[::1]:8080"}, true},
		{config{BaseURL: "https://badges.example.org", Addr: "127.0.0.1:8080", TrustedProxies: []string{"127.0.0.1"}}, false},
		{config{BaseURL: "https://badges.example.org", Addr: ":8080"}, false},
		{config{BaseURL: "http://127.0.0.1:8080", Addr: "127.0.0.1:8080"}, false},
	} {
		var log bytes.Buffer
		c.warnOfBaseURL(slog.New(slog.NewTextHandler(&log, nil)))
		if strings.Contains(log.String(), "INSIGNIA_TRUSTED_PROXIES") != c.want {
			t.Errorf("%s on %s: logged %q", c.BaseURL, c.Addr, log.String())
		}
	}
}

// TestSecretIsNeverRemade finds that a database whose secret was lost gets no other one, from no command, and
// that the refusal names the file.
func TestSecretIsNeverRemade(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "insignia.secret")
	env := []string{"INSIGNIA_DATABASE=" + filepath.Join(folder, "insignia.db"), "INSIGNIA_ADDR=" + freeAddr(t)}
	must(t, env, "partner", "add", "TestCo")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"serve"}, {"migrate"}, {"partner", "add", "TestCo"}, {"partner", "list"}, {"programme", "apply", "--yes", "sample/programme.yaml"}} {
		var errOut bytes.Buffer
		c := program(env, args...)
		c.Stderr = &errOut
		if err := c.Run(); err == nil || !strings.Contains(errOut.String(), "insignia.secret is missing") {
			t.Errorf("%v: got %v and %q, want a refusal that names the file", args, err, errOut.String())
		}
		if _, err := os.Stat(file); err == nil {
			t.Fatalf("%v made another secret", args)
		}
	}
}

// TestFoldersAreNotMade finds that a typed-wrong folder of the database is refused and left alone.
func TestFoldersAreNotMade(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "typo")
	env := []string{"INSIGNIA_DATABASE=" + filepath.Join(folder, "insignia.db"), "INSIGNIA_ADDR=" + freeAddr(t)}
	for _, args := range [][]string{{"serve"}, {"migrate"}, {"partner", "add", "TestCo"}, {"partner", "list"}} {
		var errOut bytes.Buffer
		c := program(env, args...)
		c.Stderr = &errOut
		if err := c.Run(); err == nil || !strings.Contains(errOut.String(), "no folder") {
			t.Errorf("%v: got %v and %q, want a refusal", args, err, errOut.String())
		}
		if _, err := os.Stat(folder); err == nil {
			t.Fatalf("%v made the folder", args)
		}
	}
}

// TestEverySignalToEndIsGraceful finds that each of them lets the server finish and exit with 0.
func TestEverySignalToEndIsGraceful(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		n := newInstallation(t, "")
		c, err := serve(t, n.env, n.addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err != nil {
			t.Errorf("%v: the server ended with %v", signal, err)
		}
	}
}

// TestOldHostsAreHostNames in their one spelling, and never the host of the site itself.
func TestOldHostsAreHostNames(t *testing.T) {
	with := func(hosts ...string) (*config, error) {
		c := &config{
			databaseConfig: databaseConfig{Database: "x.db", Secret: "a secret for these tests"},
			Addr:           "127.0.0.1:8080", BaseURL: "https://badges.acme.test", JWTAlg: "ES256", Site: "Acme", OldHosts: hosts,
		}
		return c, c.check()
	}
	c, err := with("Badges.OLD.test", "bücher.example")
	if err != nil || strings.Join(c.OldHosts, " ") != "badges.old.test xn--bcher-kva.example" {
		t.Errorf("got %v, error %v", c.OldHosts, err)
	}
	for _, host := range []string{"https://badges.old.test", "badges.old.test:443", "", "badges.acme.test", "BADGES.acme.test", "a/b"} {
		if _, err := with(host); err == nil || !strings.Contains(err.Error(), "INSIGNIA_OLD_HOSTS") {
			t.Errorf("%q: got %v", host, err)
		}
	}
}
