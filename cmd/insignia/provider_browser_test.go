package main

import (
	"bufio"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// TestProvidersInBrowser: somebody signs in at a real provider, in a real browser, and then replaces it by another one in
// one step; the first one opens nothing any more.
//
// row 11: one personal account; row 12: replaced in one step; row 13: the account of before is nobody's; row 22: the new
// one works at once.
func TestProvidersInBrowser(t *testing.T) {
	b := newChromium(t)
	local := onLocalhost(t)
	var base config
	local(&base)
	// Each has a host of its own, since browsers do not tell cookies by port.
	site := "http://" + base.Addr
	startProvider(t, "HOME", "localhost", "home.test", site+"/sign-in/home/callback")
	startProvider(t, "SPARE", "127.0.0.1", "spare.test", site+"/sign-in/spare/callback")
	s := startServer(t, func(c *config) { c.Addr = base.Addr })
	s.call(t, http.StatusCreated, "/results", passed("R-1", "NL-100", "ben@home.test", "Ben Okafor", 3), nil)

	w := b.tab(t, s.base)
	w.open("/sign-in").look("70-sign-in-elsewhere", "en").click(`main a[href^="/sign-in/home"]`).says("h1", "Sign-in")
	w.atProvider("ben").says("h1", "Overview").says("main", "1 badge")
	w.open("/me/settings").look("71-settings-elsewhere", "en").click(`main a[href^="/me/settings/identity/replace"]`).look("72-replace-account", "en")
	w.click(`main a[href^="/me/settings/identity/start"][href*="spare"]`)
	w.atProvider("ben").says("h1", "Connect this account?").says("main", "ben@spare.test").look("73-connect-account", "en")
	w.click("button.primary").says("main", "Replaced.")

	other := b.tab(t, s.base)
	other.open("/sign-in/home")
	other.atProvider("ben").says("h1", "No account here uses that").look("74-unknown-account", "en")
	other.open("/sign-in/spare")
	other.atProvider("ben").says("h1", "Overview").open("/me/settings").says("main", "ben@spare.test")
	evaluate[any](other, "document.querySelector('.menu summary').click()")
	other.click(".menu button").says("h1", "You are signed out").look("75-signed-out", "en")
}

// atProvider signs in at a provider and agrees to what it asks. What the provider's own pages do is not ours.
func (w *tab) atProvider(name string) *tab {
	w.t.Helper()
	w.fill("[name=login]", name).fill("[name=password]", "any").click("[type=submit]")
	w.click("[type=submit]")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = nil
	return w
}

// startProvider runs a provider on this machine, and has the servers that start later know it.
func startProvider(t *testing.T, name, host, domain, callback string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	issuer := strings.Replace("http://"+l.Addr().String(), "127.0.0.1", host, 1)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	program := exec.Command("node", "provider.mjs", issuer, domain, callback)
	program.Dir = "../../.ci/browser"
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatalf("start a provider, which .ci/install test installs: %v", err)
	}
	t.Cleanup(func() {
		_ = program.Process.Kill()
		_ = program.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Fatalf("the provider says %q, %v; .ci/install test installs it", line, err)
	}
	for member, value := range map[string]string{"ISSUER": issuer, "CLIENT_ID": "insignia", "CLIENT_SECRET": "a secret of:the client", "DOMAINS": domain} {
		t.Setenv("INSIGNIA_OIDC_"+name+"_"+member, value)
	}
}
