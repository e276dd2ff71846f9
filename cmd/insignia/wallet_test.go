package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/issuer/wallet"
	"github.com/open-insignia/insignia/issuer/wallet/wallettest"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// walletOffer offers a badge to a wallet, as its holder's share page does.
func (s *stage) walletOffer(t *testing.T, award string) wallet.Offer {
	t.Helper()
	offers := wallet.New(s.db, wallet.Options{Credentials: s.issuer.Publisher, Secret: s.secret, PINHint: templates.WalletPIN, Now: time.Now})
	b, found, err := s.issuer.Published(t.Context(), award)
	if err == nil && found {
		err = offers.Offer(t.Context(), b, "en")
	}
	if err != nil || !found {
		t.Fatal(found, err)
	}
	o, _, err := offers.OfferOf(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestWalletCopyByCommand: insignia verify judges what a wallet took over HTTP, in both formats, before and after the badge
// is revoked.
//
// row 92: the status is part of what a wallet holds.
func TestWalletCopyByCommand(t *testing.T) {
	s := startServer(t, nil)
	var r receipt
	s.call(t, http.StatusCreated, "/results", passed("R-1", "NL-310", "ben@work.test", "Ben Okafor", 9), &r)
	award := r.Awards[0].ID
	if err := s.acceptAs(t.Context(), "ben@work.test", "Ben Okafor", award); err != nil {
		t.Fatal(err)
	}
	e := evidence{folder: t.TempDir()}
	held := s.takeIntoWallet(t, s.walletOffer(t, award))
	for format, text := range held {
		e.write(t, format, text)
	}
	judge := func(want string, exit int) {
		t.Helper()
		network := &recorder{next: egress.New(egress.Options{Loopback: true}), seen: egress.Memory{}}
		for _, text := range held {
			verifier.New(verifier.Options{Fetch: network, Now: time.Now}).Verify(t.Context(), verifier.Input{Data: text})
		}
		network.save(t, e.folder)
		for format := range held {
			code, out, errOut := runCommand(t, "", "verify", e.file(format), "--json", "--recipient", "ben@work.test", "--resources", e.file("resources.json"))
			var report struct{ Verdict string }
			if err := json.Unmarshal([]byte(out), &report); err != nil || report.Verdict != want || code != exit {
				t.Errorf("%s: got exit %d, %s %s, want %s", format, code, out, errOut, want)
			}
		}
	}
	judge("valid", 0)
	s.call(t, http.StatusOK, "/awards/"+award+"/revoke", map[string]any{"reason": "A mistake."}, nil)
	judge("revoked", 1)
}

// takeIntoWallet has a wallet take both formats over HTTP, by format.
func (s *stage) takeIntoWallet(t *testing.T, o wallet.Offer) map[string][]byte {
	t.Helper()
	link, err := url.Parse(o.Link)
	if err != nil {
		t.Fatal(err)
	}
	var offer struct {
		Grants map[string]struct {
			Code string `json:"pre-authorized_code"`
		}
	}
	if err := json.Unmarshal([]byte(link.Query().Get("credential_offer")), &offer); err != nil {
		t.Fatal(err)
	}
	key := wallettest.NewKey(t, openbadge.EdDSA)
	token := postWallet[struct {
		Token string `json:"access_token"`
	}](t, s.base+"/wallet/token", "application/x-www-form-urlencoded", "", url.Values{
		"grant_type": {wallet.GrantType}, "pre-authorized_code": {offer.Grants[wallet.GrantType].Code}, "tx_code": {o.PIN},
	}.Encode()).Token
	held := map[string][]byte{}
	for format, configuration := range map[string]string{"jwt_vc_json": wallet.ConfigurationJWT, "ldp_vc": wallet.ConfigurationLDP} {
		nonce := postWallet[map[string]string](t, s.base+"/wallet/nonce", "", "", "")["c_nonce"]
		body, _ := json.Marshal(map[string]any{"credential_configuration_id": configuration, "proofs": map[string]any{
			"jwt": []string{key.Proof(t, s.base, nonce, time.Now(), nil, nil)}},
		})
		answer := postWallet[struct {
			Credentials []struct{ Credential json.RawMessage }
		}](t, s.base+"/wallet/credential", "application/json", token, string(body))
		held[format] = answer.Credentials[0].Credential
		if text := ""; json.Unmarshal(held[format], &text) == nil {
			held[format] = []byte(text)
		}
	}
	return held
}

func postWallet[T any](t *testing.T, address, media, token, body string) (v T) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", media)
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&v); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s, %v, %+v", address, answer.Status, err, v)
	}
	return v
}
