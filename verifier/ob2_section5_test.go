package verifier

import (
	"testing"

	"github.com/open-insignia/insignia/openbadge"
)

// TestMust5Recipient: whom a badge was issued to (spec 2.0 section 5).
//
// proves: 2.0 §5 judged: hash of identity and salt, hex in either case, no salt is empty, each value of the property tried
func TestMust5Recipient(t *testing.T) {
	plain := func(kind, identity string) map[string]any {
		return map[string]any{"type": kind, "hashed": false, "identity": identity}
	}
	hashed := func(kind, identity, salt string) map[string]any {
		m := map[string]any{"type": kind, "hashed": true, "identity": openbadge.HashIdentity(identity, salt)}
		if salt != "" {
			m["salt"] = salt
		}
		return m
	}
	const known = "sha256$ecf5409f3f4b91ab60cc5ef4c02aef7032354375e70cf4d8e43f6a1d29891942"
	for _, c := range []struct {
		name      string
		recipient map[string]any
		people    []string
		person    string
		match     bool
	}{
		{"hash and salt", hashed("email", ana, "salt"), []string{ana}, "", true},
		{"the published value", map[string]any{"type": "email", "hashed": true, "salt": "deadsea", "identity": known}, []string{"nobody@example.org"}, "", true},
		{"no salt", hashed("email", ana, ""), []string{ana}, "", true},
		{"typed in capitals", hashed("email", ana, "s"), []string{"ANA@HOME.TEST"}, "", true},
		{"with spaces around", hashed("email", ana, "s"), []string{"  " + ana + "\n"}, "", true},
		{"somebody else", hashed("email", ana, "s"), []string{"bob@home.test"}, "", false},
		{"another salt", map[string]any{"type": "email", "hashed": true, "salt": "x", "identity": openbadge.HashIdentity(ana, "s")}, []string{ana}, "", false},
		{"one of several addresses", hashed("email", ana, "s"), []string{"other@home.test", ana}, "", true},
		{"none of several", hashed("email", ana, "s"), []string{"other@home.test", "third@home.test"}, "", false},
		{"plain", plain("email", ana), []string{ana}, "", true},
		{"mailto", plain("email", "mailto:"+ana), []string{ana}, "", true},
		{"a web address", hashed("url", "https://ana.test/", "s"), []string{"https://ana.test"}, "", true},
		{"a web address with a slash", plain("url", "https://ana.test"), []string{"https://ana.test/"}, "", true},
		{"a telephone number", hashed("telephone", "+34600123456", "s"), []string{"+34 600 12-34.56"}, "", true},
		{"a telephone number with its scheme", plain("telephone", "tel:+34600123456"), []string{"+34600123456"}, "", true},
		{"another number", plain("telephone", "+34600123456"), []string{"+34600123457"}, "", false},
		{"a name", plain("name", "Ana Ruiz"), nil, "ana  RUIZ", true},
		{"a hashed name", hashed("schema:name", "Ana Ruiz", "s"), nil, "Ana Ruiz", true},
		{"another name", plain("name", "Ana Ruiz"), nil, "Bob", false},
		{"a badge that names nobody", hashed("email", ana, "s"), nil, "Bob", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			publishHosted(w)
			w.change(assertionID, set("recipient", c.recipient))
			w.in.Recipients, w.in.Person = c.people, c.person
			if !c.match {
				want(t, w.verify(assertionID), WrongRecipient, "RECIPIENT_MISMATCH")
				return
			}
			want(t, w.verify(assertionID), Valid, "")
		})
	}
	w := newWorld(t)
	publishHosted(w)
	w.in.Recipient, w.in.Recipients = "other@home.test", []string{"", ana}
	want(t, w.verify(assertionID), Valid, "")
}
