//go:build conformance

package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/verifier"
)

// walletJob is an offer that a foreign wallet is to take, see wallet.mjs.
type walletJob struct {
	Name     string `json:"name"`
	Offer    string `json:"offer"`
	PIN      string `json:"pin"`
	Key      string `json:"key"`
	Twice    bool   `json:"twice"`    // redeems it again
	OldNonce bool   `json:"oldNonce"` // uses one nonce for both formats

	wrong string // what the wallet must be told
}

type walletReport struct {
	Name, Version, Holder string
	Credentials           map[string]string
	Faults                []string
}

// TestConformanceWallet has a foreign wallet library take badges by OpenID4VCI 1.0, in both formats and with each way of
// naming its key, from offers by value and by reference. What it holds is judged by the JavaScript stack and by us, before
// and after the badge is revoked. What it does wrong it is told as the specification has it.
func TestConformanceWallet(t *testing.T) {
	b := newSite(t, nil)
	badge := b.award(t, passed("R-1", "NL-310", "ben@work.test", "Ben Okafor", 9))
	id := badge[strings.LastIndexByte(badge, '/')+1:]
	var held []ob3Job
	take := func(job walletJob) {
		t.Helper()
		o := b.walletOffer(t, id)
		if job.Offer = o.Link; job.Name == "by reference" {
			job.Offer = o.Reference
		}
		if job.PIN == "" {
			job.PIN = o.PIN
		} else if job.PIN == o.PIN {
			job.PIN = "111111"
		}
		var reports []walletReport
		b.script(t, "wallet.mjs", []walletJob{job}, &reports)
		b.noStrays(t)
		r := reports[0]
		if job.wrong != "" {
			if !strings.Contains(strings.Join(r.Faults, " "), job.wrong) {
				t.Errorf("%s: the wallet was told %q, want %s", job.Name, r.Faults, job.wrong)
			}
			return
		}
		if len(r.Faults) > 0 || len(r.Credentials) != 2 || r.Version != "V1" {
			t.Errorf("%s: got %+v, want both formats by version 1", job.Name, r)
			return
		}
		for format, text := range r.Credentials {
			held = append(held, ob3Job{Name: job.Name + " " + format, Kind: map[string]string{"jwt_vc_json": "token", "ldp_vc": "credential"}[format], Text: text})
			b.holds(t, job.Name+" "+format, text, r.Holder, verifier.Valid)
		}
	}
	for _, job := range []walletJob{
		{Name: "did:key", Key: "did:key"}, {Name: "did:jwk", Key: "did:jwk"}, {Name: "jwk", Key: "jwk"}, {Name: "by reference", Key: "did:key"},
		{Name: "wrong PIN", Key: "did:key", PIN: "000000", wrong: "invalid_grant"},
		{Name: "offer taken twice", Key: "did:key", Twice: true, wrong: "invalid_grant"},
		{Name: "old nonce", Key: "did:jwk", OldNonce: true, wrong: "invalid_nonce"},
	} {
		take(job)
	}
	if len(held) == 0 {
		return
	}
	b.judgeOB3(t, held)
	b.act(t, badge, "revoke")
	b.judgeOB3(t, ended(held))
	for _, one := range held {
		b.holds(t, one.Name, one.Text, "", verifier.Revoked)
	}
	t.Logf("a foreign wallet took %d credentials", len(held))
}

// holds judges what a wallet holds, as this server does for anybody: it is bound to the key of its holder, if that is
// given, and was issued to their address.
func (b *site) holds(t *testing.T, name, text, holder string, want verifier.Verdict) {
	t.Helper()
	for _, recipient := range []string{holder, "ben@work.test"} {
		var report struct{ Verdict verifier.Verdict }
		b.call(t, http.StatusOK, "/verify", map[string]any{"input": text, "recipient": recipient}, &report)
		if report.Verdict != want {
			t.Errorf("%s, for %.40q: got %s, want %s", name, recipient, report.Verdict, want)
		}
	}
}
