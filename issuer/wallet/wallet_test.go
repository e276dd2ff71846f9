package wallet_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/wallet"
	"github.com/open-insignia/insignia/issuer/wallet/wallettest"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/refusal"
)

var ana = issuer.Holder{ID: "ern_ana", Addresses: []string{"ana@home.test"}}

// world is an issuer with one accepted badge of Ana's, and what hands it to wallets.
type world struct {
	*issuertest.World
	*wallet.Wallets
	t     testing.TB
	badge string
	key   wallettest.Key
}

func newWorld(t testing.TB, db *database.DB) *world {
	t.Helper()
	w := &world{World: issuertest.On(t, db), t: t, key: wallettest.NewKey(t, openbadge.EdDSA)}
	w.Wallets = w.another()
	receipt, err := w.Record(context.Background(), w.Caller, issuertest.Pass("R-1", "E4", "2026-03-04"))
	if err != nil {
		t.Fatal(err)
	}
	w.badge = receipt.Awards[0].ID
	w.Work(t)
	if err := w.Accept(context.Background(), ana, w.badge, ledger.ByLink); err != nil {
		t.Fatal(err)
	}
	return w
}

// another is what another process on the same database would be.
func (w *world) another() *wallet.Wallets {
	return wallet.New(w.DB, wallet.Options{
		Credentials: w.Publisher, Secret: w.Secret, Now: w.Clock.Now, PINHint: func(lang string) string { return "PIN " + lang },
	})
}

func (w *world) published() *credential.Badge {
	w.t.Helper()
	b, found, err := w.Published(context.Background(), w.badge)
	if err != nil || !found {
		w.t.Fatal(found, err)
	}
	return b
}

// offer makes an offer and reads the code in it.
func (w *world) offer() (code, pin string) {
	w.t.Helper()
	if err := w.Wallets.Offer(context.Background(), w.published(), "es"); err != nil {
		w.t.Fatal(err)
	}
	o := w.offered()
	return grantOf(w.t, o.Link).Code, o.PIN
}

func (w *world) offered() wallet.Offer {
	w.t.Helper()
	o, found, err := w.OfferOf(context.Background(), w.published())
	if err != nil || !found {
		w.t.Fatal(found, err)
	}
	return o
}

type grant struct {
	Code string                   `json:"pre-authorized_code"`
	PIN  struct{ Length float64 } `json:"tx_code"`
}

// grantOf is the grant in a link that carries its offer.
func grantOf(t testing.TB, link string) grant {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	var o struct{ Grants map[string]grant }
	if err := json.Unmarshal([]byte(u.Query().Get("credential_offer")), &o); err != nil {
		t.Fatal(link, err)
	}
	return o.Grants[wallet.GrantType]
}

// token redeems a new offer.
func (w *world) token() string {
	w.t.Helper()
	token, _, err := w.Redeem(context.Background(), first(w.offer()), w.offered().PIN)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func first(a, _ string) string { return a }

func (w *world) proof(nonce string) string {
	w.t.Helper()
	return w.key.Proof(w.t, issuertest.BaseURL, nonce, w.Clock.Now(), nil, nil)
}

// take asks for a format with a fresh proof.
func (w *world) take(token, configuration string) (wallet.Issued, error) {
	w.t.Helper()
	return w.Issue(context.Background(), wallet.Request{Token: token, Configuration: configuration, Proof: w.proof(w.Nonce())})
}

// wants reports errors that are not a refusal with the code; empty: none.
func wants(t testing.TB, what string, err error, code string) {
	t.Helper()
	if code == "" && err != nil || code != "" && !refusal.Is(err, code) {
		t.Errorf("%s: got %v, want %q", what, err, code)
	}
}

// held is what a wallet has, of either format.
type held struct {
	ID      string
	Subject struct {
		ID         string
		Identifier []struct{ IdentityHash, IdentityType, Salt string }
	} `json:"credentialSubject"`
	Status struct{ StatusListIndex, StatusListCredential string } `json:"credentialStatus"`
	Sub    string
}

func read(t testing.TB, i wallet.Issued) (h held) {
	t.Helper()
	body := i.Body
	if i.Form == credential.CopyJWT {
		j, err := openbadge.ParseJWS(string(body))
		if err != nil {
			t.Fatal(err)
		}
		body = j.Payload
	}
	if err := json.Unmarshal(body, &h); err != nil {
		t.Fatal(err)
	}
	return h
}

// TestIssue: one offer gives both formats, each bound to the wallet's key and still saying whose it is, each with a place
// of its own in a status list.
func TestIssue(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db)
		token := w.token()
		if o := w.offered(); o.State != wallet.Redeemed || o.TriesLeft != 5 {
			t.Errorf("got %+v", o)
		}
		places := map[string]bool{}
		published := read(t, wallet.Issued{Form: credential.CopyJWT, Body: w.published().CredentialJWT().Body})
		for configuration, form := range map[string]credential.CopyForm{wallet.ConfigurationJWT: credential.CopyJWT, wallet.ConfigurationLDP: credential.CopyLDP} {
			got, err := w.take(token, configuration)
			if err != nil || got.Form != form {
				t.Fatalf("%s: got %s, %v", configuration, got.Form, err)
			}
			h := read(t, got)
			if h.Subject.ID != w.key.DID || form == credential.CopyJWT && h.Sub != w.key.DID || h.ID != published.ID || fmt.Sprint(h.Subject.Identifier) != fmt.Sprint(published.Subject.Identifier) {
				t.Errorf("%s: got %+v, want the badge of %s", configuration, h, w.key.DID)
			}
			places[fmt.Sprint(h.Status)] = true
			_, err = w.take(token, configuration)
			wants(t, configuration+" again", err, wallet.Denied)
		}
		if places[fmt.Sprint(published.Status)] = true; len(places) != 3 {
			t.Errorf("got places %v, want three", places)
		}
		if o := w.offered(); o.State != wallet.Taken {
			t.Errorf("got %+v", o)
		}
	})
}

// TestWays: keys are named as did:key, did:jwk and jwk.
func TestWays(t *testing.T) {
	w := newWorld(t, databasetest.New(t))
	for _, algorithm := range []string{openbadge.ES256, openbadge.EdDSA} {
		key := wallettest.NewKey(t, algorithm)
		jwk, did := key.JWK(t)
		for want, header := range map[string]wallettest.Members{
			key.DID: nil, did: {"kid": did + "#0"}, did + " by jwk": {"kid": nil, "jwk": jwk},
		} {
			got, err := w.Issue(t.Context(), wallet.Request{
				Token: w.token(), Configuration: wallet.ConfigurationLDP, Proof: key.Proof(t, issuertest.BaseURL, w.Nonce(), w.Clock.Now(), header, nil),
			})
			want = strings.TrimSuffix(want, " by jwk")
			if err != nil || read(t, got).Subject.ID != want {
				t.Errorf("%s: got %v, %v, want %s", algorithm, read(t, got).Subject.ID, err, want)
			}
		}
	}
}

// TestOffer: by value and by reference the same, in the language of the holder; ended by a newer one and by time.
func TestOffer(t *testing.T) {
	w := newWorld(t, databasetest.New(t))
	w.offer()
	o := w.offered()
	reference, err := url.Parse(o.Reference)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.TrimPrefix(reference.Query().Get("credential_offer_uri"), issuertest.BaseURL+wallet.OffersPath)
	body, found, err := w.Document(t.Context(), at)
	if err != nil || !found || !strings.Contains(o.Link, url.QueryEscape(`"credential_issuer":"`+issuertest.BaseURL+`"`)) {
		t.Fatal(found, err, o.Link)
	}
	if u, _ := url.Parse(o.Link); u.Query().Get("credential_offer") != string(body) || !strings.Contains(string(body), "PIN es") {
		t.Errorf("by value %s, by reference %s", u.Query().Get("credential_offer"), body)
	}
	if len(o.PIN) != 6 || o.State != wallet.Open || o.TriesLeft != 5 {
		t.Errorf("got %+v", o)
	}
	old := grantOf(t, o.Link).Code
	w.offer()
	if _, found, _ := w.Document(t.Context(), at); found || w.offered().PIN == o.PIN {
		t.Error("the offer before is still there")
	}
	_, _, err = w.Redeem(t.Context(), old, o.PIN)
	wants(t, "replaced", err, wallet.InvalidGrant)
	last := w.offered()
	w.Clock.Advance(10 * time.Minute)
	_, _, err = w.Redeem(t.Context(), grantOf(t, last.Link).Code, last.PIN)
	wants(t, "ended", err, wallet.InvalidGrant)
	if _, found, err := w.OfferOf(t.Context(), w.published()); found || err != nil {
		t.Error("an offer that ended is still read", err)
	}
	if _, found, err := w.Document(t.Context(), "nothing"); found || err != nil {
		t.Error(found, err)
	}
}

// TestOffersOfADay: a badge is offered so often a day, since each copy takes a place in a status list for ever.
func TestOffersOfADay(t *testing.T) {
	w := newWorld(t, databasetest.New(t))
	for range 50 {
		w.offer()
	}
	last := w.offered()
	if err := w.Wallets.Offer(t.Context(), w.published(), "en"); !refusal.Is(err, "too_many_requests") || w.offered() != last {
		t.Errorf("got %v, and %+v", err, w.offered())
	}
	w.Clock.Advance(24 * time.Hour)
	w.offer()
}

// TestPIN: a wrong one counts, five end the offer, the right one too late; none was tried where it is missing.
func TestPIN(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db)
		code, pin := w.offer()
		_, _, err := w.Redeem(t.Context(), code, "")
		wants(t, "no PIN", err, wallet.InvalidRequest)
		_, _, err = w.Redeem(t.Context(), "", pin)
		wants(t, "no code", err, wallet.InvalidRequest)
		for k := range 4 {
			_, _, err := w.Redeem(t.Context(), code, wrong(pin, k))
			wants(t, "wrong PIN", err, wallet.InvalidGrant)
		}
		if o := w.offered(); o.TriesLeft != 1 || o.State != wallet.Open {
			t.Errorf("after four: %+v", o)
		}
		token, life, err := w.Redeem(t.Context(), code, pin)
		if err != nil || token == "" || life <= 0 {
			t.Fatal(token, life, err)
		}
		_, _, err = w.Redeem(t.Context(), code, pin)
		wants(t, "replayed offer", err, wallet.InvalidGrant)

		code, pin = w.offer()
		for k := range 5 {
			_, _, err := w.Redeem(t.Context(), code, wrong(pin, k))
			wants(t, "wrong PIN", err, wallet.InvalidGrant)
		}
		if o := w.offered(); o.TriesLeft != 0 || o.State != wallet.Guessed {
			t.Errorf("after five: %+v", o)
		}
		_, _, err = w.Redeem(t.Context(), code, pin)
		wants(t, "right PIN after five wrong ones", err, wallet.InvalidGrant)
	})
}

// wrong is a PIN that is not the right one.
func wrong(pin string, k int) string {
	if guess := fmt.Sprintf("%06d", k); guess != pin {
		return guess
	}
	return "999999"
}

// TestPINGuessedAtOnce: a crowd gets no more tries than one.
func TestPINGuessedAtOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db)
		code, pin := w.offer()
		var group sync.WaitGroup
		for k := range 40 {
			group.Go(func() { _, _, _ = w.Redeem(context.Background(), code, wrong(pin, k)) })
		}
		group.Wait()
		var tries int64
		if _, err := db.Reader().Get(t.Context(), &tries, `SELECT tries FROM wallet_offer`); err != nil || tries != 5 {
			t.Errorf("got %d tries, %v", tries, err)
		}
	})
}

// TestAtOnce: of many wallets with one code one gets a token, and of many with one token one gets each format.
func TestAtOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db)
		processes := []*wallet.Wallets{w.Wallets, w.another()}
		code, pin := w.offer()
		var group sync.WaitGroup
		var tokens sync.Map
		var redeemed, served atomic.Int64
		for k := range 12 {
			group.Go(func() {
				token, _, err := processes[k%2].Redeem(context.Background(), code, pin)
				if err == nil {
					redeemed.Add(1)
					tokens.Store("one", token)
				} else if !refusal.Is(err, wallet.InvalidGrant) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if redeemed.Load() != 1 {
			t.Fatalf("%d wallets redeemed one offer", redeemed.Load())
		}
		token, _ := tokens.Load("one")
		for k := range 12 {
			proof := w.proof(w.Nonce())
			group.Go(func() {
				_, err := processes[k%2].Issue(context.Background(), wallet.Request{Token: token.(string), Configuration: wallet.ConfigurationJWT, Proof: proof})
				if err == nil {
					served.Add(1)
				} else if !refusal.Is(err, wallet.Denied) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		var copies int64
		if _, err := db.Reader().Get(t.Context(), &copies, `SELECT COUNT(*) FROM credential_copy`); err != nil || copies != 1 || served.Load() != 1 {
			t.Errorf("%d wallets were served one format, %d copies were stored, %v", served.Load(), copies, err)
		}
	})
}

// TestNonceOnce: a nonce counts once, whoever shows it, at once or later, and not after its end.
func TestNonceOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db)
		token, nonce := w.token(), w.Nonce()
		ask := func(configuration, nonce string) error {
			_, err := w.Issue(context.Background(), wallet.Request{Token: token, Configuration: configuration, Proof: w.proof(nonce)})
			return err
		}
		var group sync.WaitGroup
		var served atomic.Int64
		for _, configuration := range []string{wallet.ConfigurationJWT, wallet.ConfigurationLDP} {
			group.Go(func() {
				if err := ask(configuration, nonce); err == nil {
					served.Add(1)
				} else if !refusal.Is(err, wallet.InvalidNonce) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if served.Load() != 1 {
			t.Errorf("%d requests with one nonce were served", served.Load())
		}
		token = w.token()
		wants(t, "replayed nonce", ask(wallet.ConfigurationJWT, nonce), wallet.InvalidNonce)
		wants(t, "nonce of somebody else", ask(wallet.ConfigurationJWT, "AAAA"), wallet.InvalidNonce)
		old := w.Nonce()
		changed := []byte(old)
		changed[5] ^= 1
		wants(t, "changed nonce", ask(wallet.ConfigurationJWT, string(changed)), wallet.InvalidNonce)
		w.Clock.Advance(5 * time.Minute)
		token = w.token()
		wants(t, "old nonce", ask(wallet.ConfigurationJWT, old), wallet.InvalidNonce)
		wants(t, "young nonce", ask(wallet.ConfigurationJWT, w.Nonce()), "")
	})
}

// TestRefused: what a request for a credential may have that is not as it should be. None of it uses the token up.
func TestRefused(t *testing.T) {
	w := newWorld(t, databasetest.New(t))
	token, other := w.token(), wallettest.NewKey(t, openbadge.EdDSA)
	proof := func(key wallettest.Key, audience string, header, claims wallettest.Members) string {
		return key.Proof(t, audience, w.Nonce(), w.Clock.Now(), header, claims)
	}
	for name, c := range map[string]struct {
		token, configuration, proof, want string
	}{
		"no token":            {"", wallet.ConfigurationJWT, w.proof(w.Nonce()), wallet.InvalidToken},
		"foreign token":       {"ABCDEFGHIJKLMNOP", wallet.ConfigurationJWT, w.proof(w.Nonce()), wallet.InvalidToken},
		"configuration":       {token, "sd-jwt", w.proof(w.Nonce()), wallet.UnknownConfiguration},
		"no proof":            {token, wallet.ConfigurationJWT, "", wallet.InvalidProof},
		"no nonce":            {token, wallet.ConfigurationJWT, proof(w.key, issuertest.BaseURL, nil, wallettest.Members{"nonce": nil}), wallet.InvalidProof},
		"another audience":    {token, wallet.ConfigurationJWT, proof(w.key, "https://other.test", nil, nil), wallet.InvalidProof},
		"somebody else's key": {token, wallet.ConfigurationJWT, proof(w.key, issuertest.BaseURL, wallettest.Members{"kid": other.DID}, nil), wallet.InvalidProof},
		"no typ":              {token, wallet.ConfigurationJWT, proof(w.key, issuertest.BaseURL, wallettest.Members{"typ": nil}, nil), wallet.InvalidProof},
		"strange typ":         {token, wallet.ConfigurationJWT, proof(w.key, issuertest.BaseURL, wallettest.Members{"typ": "dpop+jwt"}, nil), wallet.InvalidProof},
		"no alg":              {token, wallet.ConfigurationJWT, proof(w.key, issuertest.BaseURL, wallettest.Members{"alg": nil}, nil), wallet.InvalidProof},
		"alg none":            {token, wallet.ConfigurationJWT, proof(w.key, issuertest.BaseURL, wallettest.Members{"alg": "none"}, nil), wallet.InvalidProof},
		"shared secret":       {token, wallet.ConfigurationJWT, proof(w.key, issuertest.BaseURL, wallettest.Members{"alg": "HS256"}, nil), wallet.InvalidProof},
	} {
		_, err := w.Issue(t.Context(), wallet.Request{Token: c.token, Configuration: c.configuration, Proof: c.proof})
		wants(t, name, err, c.want)
	}
	_, err := w.take(token, wallet.ConfigurationJWT)
	wants(t, "after all that", err, "")
	w.Clock.Advance(5 * time.Minute)
	_, err = w.take(token, wallet.ConfigurationLDP)
	wants(t, "a token that ended", err, wallet.InvalidToken)
}

// TestBadgeThatEnds: a badge that is withdrawn, on hold, removed or another's by the time that a wallet asks is not handed
// out, and is offered to none any more.
func TestBadgeThatEnds(t *testing.T) {
	for name, end := range map[string]func(w *world) error{
		"revoked": func(w *world) error {
			_, err := w.RevokeAward(context.Background(), w.Caller, w.badge, "misconduct")
			return err
		},
		"suspended": func(w *world) error {
			_, err := w.SuspendAward(context.Background(), w.Caller, w.badge, "case")
			return err
		},
		"removed": func(w *world) error { return w.Decline(context.Background(), ana, w.badge) },
		"taken back by a result": func(w *world) error {
			_, err := w.Void(context.Background(), w.Caller, "R-1", "wrong person")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				w := newWorld(t, db)
				token := w.token()
				if err := end(w); err != nil {
					t.Fatal(err)
				}
				_, err := w.take(token, wallet.ConfigurationJWT)
				wants(t, name, err, wallet.Denied)
				if err := w.Wallets.Offer(context.Background(), w.published(), "en"); !refusal.Is(err, "withdrawn") {
					t.Errorf("offered again: %v", err)
				}
			})
		})
	}
}

// TestCopyEndsWithItsAward: what wallets hold is in the status list as the file is, with the badge that was private, and
// again after a hold with another place.
//
// row 110: a private badge can be handed over, and goes on being judged.
func TestCopyEndsWithItsAward(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db)
		if err := w.Show(t.Context(), ana, w.badge, ledger.Private); err != nil {
			t.Fatal(err)
		}
		token := w.token()
		var copies []held
		for _, configuration := range []string{wallet.ConfigurationJWT, wallet.ConfigurationLDP} {
			made, err := w.take(token, configuration)
			if err != nil {
				t.Fatal(err)
			}
			copies = append(copies, read(t, made))
		}
		bits := func(want string) {
			t.Helper()
			got := ""
			for _, c := range copies {
				got += map[bool]string{true: "1", false: "0"}[w.bit(c)]
			}
			if got != want {
				t.Errorf("got bits %s, want %s", got, want)
			}
		}
		bits("00")
		if _, err := w.SuspendAward(t.Context(), w.Caller, w.badge, "case"); err != nil {
			t.Fatal(err)
		}
		bits("11")
		if _, err := w.ReinstateAward(t.Context(), w.Caller, w.badge, "cleared"); err != nil {
			t.Fatal(err)
		}
		w.Work(t)
		made, err := w.take(w.token(), wallet.ConfigurationJWT)
		if err != nil {
			t.Fatal(err)
		}
		copies = append(copies, read(t, made))
		bits("110")
		if _, err := w.RevokeAward(t.Context(), w.Caller, w.badge, "misconduct"); err != nil {
			t.Fatal(err)
		}
		bits("111")
	})
}

// bit is what the status list says of a copy.
func (w *world) bit(c held) bool {
	w.t.Helper()
	var list, index int
	_, err := fmt.Sscan(c.Status.StatusListCredential[strings.LastIndexByte(c.Status.StatusListCredential, '/')+1:], &list)
	_, failed := fmt.Sscan(c.Status.StatusListIndex, &index)
	if err = errors.Join(err, failed); err != nil {
		w.t.Fatal(err)
	}
	d, found, err := w.StatusList(context.Background(), int64(list))
	if err != nil || !found {
		w.t.Fatal(found, err)
	}
	var doc struct {
		CredentialSubject struct{ EncodedList string }
	}
	if err := json.Unmarshal(d.Body, &doc); err != nil {
		w.t.Fatal(err)
	}
	bits, err := openbadge.DecodeStatusList(doc.CredentialSubject.EncodedList, 1<<20)
	if err != nil {
		w.t.Fatal(err)
	}
	set, _ := bits.Bit(index)
	return set
}

// TestRevokedMeanwhile: of a badge that is revoked while a copy of it is signed no copy gets out, or one that the status
// list knows.
func TestRevokedMeanwhile(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db)
		token := w.token()
		w.Hook.Signer = &revoking{Signer: w.Hook.Signer, do: func() {
			if _, err := w.RevokeAward(context.Background(), w.Caller, w.badge, "misconduct"); err != nil {
				t.Error(err)
			}
		}}
		_, err := w.take(token, wallet.ConfigurationJWT)
		wants(t, "revoked while it was signed", err, wallet.Denied)
	})
}

// revoking does something when a token is to be signed, once.
type revoking struct {
	credential.Signer
	once sync.Once
	do   func()
}

func (r *revoking) SignJWT(ctx context.Context, payload []byte) (string, error) {
	r.once.Do(r.do)
	return r.Signer.SignJWT(ctx, payload)
}

// TestForget deletes offers and nonces that ended, and nothing that still counts.
func TestForget(t *testing.T) {
	w := newWorld(t, databasetest.New(t))
	if _, err := w.take(w.token(), wallet.ConfigurationJWT); err != nil {
		t.Fatal(err)
	}
	rows := func(offers, nonces int64) {
		t.Helper()
		if err := w.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		for table, want := range map[string]int64{"wallet_offer": offers, "wallet_nonce": nonces, "credential_copy": 1} {
			var n int64
			if _, err := w.DB.Reader().Get(t.Context(), &n, `SELECT COUNT(*) FROM `+table); err != nil || n != want {
				t.Errorf("%s has %d rows, want %d (%v)", table, n, want, err)
			}
		}
	}
	rows(1, 1)
	w.Clock.Advance(6 * time.Minute)
	rows(1, 0)
	w.Clock.Advance(10 * time.Minute)
	rows(0, 0)
}

// TestEndedAtOnce: of a badge that ends at the very moment when a wallet takes it, the wallet gets nothing, or what the status
// list says has ended.
func TestEndedAtOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db)
		handed := 0
		for range 12 {
			token := w.token()
			var group sync.WaitGroup
			var copies sync.Map
			for _, configuration := range []string{wallet.ConfigurationJWT, wallet.ConfigurationLDP} {
				proof := w.proof(w.Nonce())
				group.Go(func() {
					made, err := w.Issue(context.Background(), wallet.Request{Token: token, Configuration: configuration, Proof: proof})
					if err == nil {
						copies.Store(configuration, made)
					} else if !refusal.Is(err, wallet.Denied) {
						t.Error(err)
					}
				})
			}
			group.Go(func() {
				if _, err := w.SuspendAward(context.Background(), w.Caller, w.badge, "case"); err != nil {
					t.Error(err)
				}
			})
			group.Wait()
			for configuration, made := range copies.Range {
				handed++
				if !w.bit(read(t, made.(wallet.Issued))) {
					t.Errorf("%s was handed out and has not ended", configuration)
				}
			}
			if _, err := w.ReinstateAward(t.Context(), w.Caller, w.badge, "cleared"); err != nil {
				t.Fatal(err)
			}
			w.Work(t)
		}
		t.Logf("%d of 24 were handed out", handed)
	})
}
