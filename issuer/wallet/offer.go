package wallet

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/refusal"
)

// All that guessing depends on. A code of 144 bits cannot be guessed; whoever saw it has as many tries at a PIN of six
// digits: 1 in 200,000, and for another offer they need its holder.
const (
	offerLife = 10 * time.Minute
	tokenLife = 5 * time.Minute // from when the code was redeemed
	pinTries  = 5

	offersMost = 50 // of one badge in a day: what a wallet takes fills a status list
)

// OffersPath is below the issuer's address and before a reference: where offers are read.
const OffersPath = "/wallet/offers/"

// State is how an offer stands.
type State string

// The states.
const (
	Open     State = "open"     // it waits for a wallet
	Taken    State = "taken"    // a wallet has the badge, in one format at least
	Redeemed State = "redeemed" // a wallet has handed in the PIN, and takes the badge
	Guessed  State = "guessed"  // too many wrong PINs
)

// Offer is a badge that waits for its holder's wallet.
type Offer struct {
	State     State
	Link      string // opens a wallet on this device; carries all of the offer
	Reference string // the same, short, for a picture: where the offer is read
	PIN       string
	TriesLeft int
	EndsAt    time.Time
}

// Offer offers a badge, which the caller has found to be its holder's, for some minutes. An offer of it that was made
// before ends, and so does what a wallet has not fetched of that.
func (w *Wallets) Offer(ctx context.Context, b *credential.Badge, lang string) error {
	if !Transferable(b) {
		return refusal.New("withdrawn", "A badge that does not stand cannot be put into a wallet.")
	}
	now := w.now()
	if n, err := w.db.Count(ctx, "wallet offers "+b.Award.ID, 24*time.Hour, now); err != nil {
		return fmt.Errorf("count offers of award %s: %w", b.Award.ID, err)
	} else if n > offersMost {
		return &refusal.Error{Code: "too_many_requests", Detail: "This badge was offered to wallets too often today.", When: now.Truncate(24 * time.Hour).Add(24 * time.Hour)}
	}
	nonce := rand.Text()
	o := offerRow{
		Award: b.Award.ID, Holder: b.Award.Holder, Lang: lang, Nonce: nonce, Reference: digest(w.secrets.reference(nonce)),
		Code: digest(w.secrets.code(nonce)), CreatedAt: now, ExpiresAt: now.Add(offerLife),
	}
	if err := w.db.InTx(ctx, func(t *database.Tx) error { return putOffer(ctx, t, o) }); err != nil {
		return fmt.Errorf("offer award %s to a wallet: %w", b.Award.ID, err)
	}
	return nil
}

// Forget deletes offers and used nonces that have ended.
func (w *Wallets) Forget(ctx context.Context) error {
	now := w.now()
	return w.db.InTx(ctx, func(t *database.Tx) error { return deleteEnded(ctx, t, now.Add(-tokenLife), now) })
}

// OfferOf is the offer of a badge as its holder reads it; found is false where there is none, or none any more.
func (w *Wallets) OfferOf(ctx context.Context, b *credential.Badge) (o Offer, found bool, err error) {
	row, found, err := selectOfferOf(ctx, w.db.Reader(), b.Award.ID, b.Award.Holder, w.now())
	if err != nil {
		return o, false, fmt.Errorf("read offer of award %s: %w", b.Award.ID, err)
	}
	if !found {
		return o, false, nil
	}
	o = Offer{State: row.state(), PIN: w.secrets.pin(row.Nonce), TriesLeft: pinTries - int(row.Tries), EndsAt: row.ExpiresAt.UTC()}
	o.Link = offerScheme + "credential_offer=" + encoded(string(w.document(row)))
	o.Reference = offerScheme + "credential_offer_uri=" + encoded(w.Issuer()+OffersPath+w.secrets.reference(row.Nonce))
	return o, true, nil
}

const offerScheme = "openid-credential-offer://?"

func encoded(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func (r *offerRow) state() State {
	switch {
	case r.JWTAt != nil || r.LDPAt != nil:
		return Taken
	case r.RedeemedAt != nil:
		return Redeemed
	case r.Tries >= pinTries:
		return Guessed
	}
	return Open
}

// Document is the offer at a reference, as wallets read it (OpenID4VCI 1.0 §4.1); found is false where there is none
// that can still be redeemed.
func (w *Wallets) Document(ctx context.Context, reference string) (body []byte, found bool, err error) {
	row, found, err := selectOfferAt(ctx, w.db.Reader(), digest(reference), w.now())
	if err != nil {
		return nil, false, fmt.Errorf("read an offer: %w", err)
	}
	if !found || row.state() != Open {
		return nil, false, nil
	}
	return w.document(row), true, nil
}

// offerDocument is a Credential Offer.
type offerDocument struct {
	Issuer         string          `json:"credential_issuer"`
	Configurations []string        `json:"credential_configuration_ids"`
	Grants         map[string]code `json:"grants"`
}

type code struct {
	Code string `json:"pre-authorized_code"`
	PIN  struct {
		Mode        string `json:"input_mode"`
		Length      int    `json:"length"`
		Description string `json:"description"`
	} `json:"tx_code"`
}

// GrantType is that of a pre-authorised code.
const GrantType = "urn:ietf:params:oauth:grant-type:pre-authorized_code"

func (w *Wallets) document(row offerRow) []byte {
	grant := code{Code: w.secrets.code(row.Nonce)}
	grant.PIN.Mode, grant.PIN.Length, grant.PIN.Description = "numeric", len(w.secrets.pin(row.Nonce)), w.pinHint(row.Lang)
	body, err := json.Marshal(offerDocument{w.Issuer(), []string{ConfigurationJWT, ConfigurationLDP}, map[string]code{GrantType: grant}})
	if err != nil {
		panic(err) // texts and numbers
	}
	return body
}
