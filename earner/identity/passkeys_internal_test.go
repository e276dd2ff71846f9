package identity

import "testing"

// Passkeys belong to the name of the site, however its address is written; a number has none.
func TestRelyingParty(t *testing.T) {
	for base, want := range map[string][2]string{
		"https://badges.acme.test":        {"badges.acme.test", "https://badges.acme.test"},
		"HTTPS://Badges.Acme.test.:443/x": {"badges.acme.test", "https://badges.acme.test"},
		"https://münchen.test:8443":       {"xn--mnchen-3ya.test", "https://xn--mnchen-3ya.test:8443"},
		"http://localhost:8080":           {"localhost", "http://localhost:8080"},
		"http://127.0.0.1:8080":           {},
		"https://[2001:db8::1]":           {},
	} {
		name, origin := relyingParty(base)
		if name != want[0] || origin != want[1] {
			t.Errorf("%s: got %q %q, want %q", base, name, origin, want)
		}
	}
}
