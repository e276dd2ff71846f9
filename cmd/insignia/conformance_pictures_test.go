//go:build conformance

package main

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

// readPictures has a reader of its own kind look for what the pictures carry.
func (b *site) readPictures(t *testing.T, badges map[string]string) {
	type carried struct{ OpenBadges, OpenBadgeCredential, Faults []string }
	var jobs []map[string]string
	for kind, badge := range badges {
		for _, form := range []string{"png", "svg"} {
			if file := b.save(t, kind+"."+form, b.get(t, badge+"/badge."+form, "image/*")); file != "" {
				jobs = append(jobs, map[string]string{"name": kind + " " + form, "file": file})
			}
		}
	}
	found := map[string]carried{}
	b.script(t, "carriers.py", jobs, &found)
	for kind, badge := range badges {
		assertion, jws := b.get(t, badge+"/assertion.json", "*/*"), b.get(t, badge+"/assertion.jws", "*/*")
		credential := b.get(t, badge+"/credential.json", "application/vc")
		for form, ob2 := range map[string][]byte{"png": assertion, "svg": jws} {
			got := found[kind+" "+form]
			if len(got.Faults) != 0 {
				t.Errorf("%s %s: %q", kind, form, got.Faults)
			}
			if len(got.OpenBadges) != 1 || !bytes.Equal([]byte(got.OpenBadges[0]), ob2) {
				t.Errorf("%s %s: got Open Badges 2.0 %.200q, want %.200s", kind, form, got.OpenBadges, ob2)
			}
			if len(got.OpenBadgeCredential) != 1 || !bytes.Equal([]byte(got.OpenBadgeCredential[0]), credential) {
				t.Errorf("%s %s: got Open Badges 3.0 %.200q, want %.200s", kind, form, got.OpenBadgeCredential, credential)
			}
		}
	}
}

// named are the addresses of other documents in a credential.
type named struct {
	Issuer            struct{ ID string }
	CredentialStatus  struct{ StatusListCredential string }
	CredentialSubject struct{ Achievement struct{ ID string } }
}

func (b *site) names(t *testing.T, badge string) (n named) {
	t.Helper()
	decode(t, payloadOf(t, string(b.get(t, badge+"/credential.jwt", "text/plain"))), &n)
	return n
}

// payloadOf is what a token says, whoever signed it.
func payloadOf(t *testing.T, token string) []byte {
	t.Helper()
	_, rest, _ := strings.Cut(token, ".")
	text, _, _ := strings.Cut(rest, ".")
	payload, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// statusList is the list that a badge is on, in one of its forms.
func (b *site) statusList(t *testing.T, badge, form, accept string) []byte {
	t.Helper()
	return b.get(t, b.names(t, badge).CredentialStatus.StatusListCredential+form, accept)
}
