package wallet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/refusal"
)

// The names of what can be had for an offer.
const (
	ConfigurationJWT = "openbadge_jwt"
	ConfigurationLDP = "openbadge_ldp"
)

// formats are the forms of a credential by the names of what can be had.
var formats = map[string]credential.CopyForm{ConfigurationJWT: credential.CopyJWT, ConfigurationLDP: credential.CopyLDP}

// ConfigurationOf is the name of what can be had in a format; empty for any other.
func ConfigurationOf(f credential.CopyForm) string {
	for name, form := range formats {
		if form == f {
			return name
		}
	}
	return ""
}

// Request is what a wallet asks for.
type Request struct {
	Token         string
	Configuration string // one of those that were offered
	Proof         string // that it holds the key which the credential is to be bound to
}

// Issued is a credential for a wallet: compact text, or a JSON object.
type Issued struct {
	Form credential.CopyForm
	Body []byte
}

// issueAttempts bounds how often a badge may change just while it is signed.
const issueAttempts = 3

// Issue signs the badge that a token is for, bound to the key of the proof (OpenID4VCI 1.0 §8). The token serves each
// format once, the nonce once; of two who ask at once with one of them only one is served.
func (w *Wallets) Issue(ctx context.Context, r Request) (Issued, error) {
	o, found, err := selectRedeemed(ctx, w.db.Reader(), digest(r.Token), w.now().Add(-tokenLife))
	switch {
	case err != nil:
		return Issued{}, fmt.Errorf("read an offer by its token: %w", err)
	case r.Token == "" || !found:
		return Issued{}, refusal.New(InvalidToken, "The access token is not known, or has ended.")
	}
	form, known := formats[r.Configuration]
	if !known {
		return Issued{}, refusal.New(UnknownConfiguration, "The credential_configuration_id is none that was offered.")
	}
	proof, end, err := w.proof(ctx, r.Proof)
	if err != nil {
		return Issued{}, err
	}
	for range issueAttempts {
		made, err := w.issue(ctx, o, form, proof, end)
		if !errors.Is(err, errChanged) {
			return made, err
		}
	}
	return Issued{}, fmt.Errorf("issue award %s to a wallet: %w", o.Award, errChanged)
}

// proof reads a proof whose nonce is ours, has not ended and was not used.
func (w *Wallets) proof(ctx context.Context, text string) (p openbadge.HolderProof, end time.Time, err error) {
	p, err = openbadge.ReadHolderProof(text, w.Issuer(), w.now())
	if err != nil {
		return p, end, refusal.New(InvalidProof, "The proof cannot be taken: "+err.Error()+".")
	}
	end, ours := w.secrets.nonceEnd(p.Nonce)
	if !ours || !end.After(w.now()) {
		return p, end, badNonce()
	}
	used, err := selectNonceUsed(ctx, w.db.Reader(), digest(p.Nonce))
	if err != nil {
		return p, end, fmt.Errorf("look for a nonce: %w", err)
	}
	if used {
		return p, end, badNonce()
	}
	return p, end, nil
}

func badNonce() error {
	return refusal.New(InvalidNonce, "The nonce of the proof is none of ours, has ended, or was used.")
}

// errChanged says that the award has changed while it was signed.
var errChanged = errors.New("the award changed meanwhile")

func (w *Wallets) issue(ctx context.Context, o offerRow, form credential.CopyForm, proof openbadge.HolderProof, end time.Time) (Issued, error) {
	b, found, err := w.badges.Published(ctx, o.Award)
	if err != nil {
		return Issued{}, err
	}
	if !found || !Transferable(b) || b.Award.Holder != o.Holder {
		return Issued{}, refusal.New(Denied, "The badge does not stand any more, or is not its holder's.")
	}
	if taken := o.takenAt(form); taken != nil {
		return Issued{}, alreadyTaken()
	}
	made, err := w.copies.Sign(ctx, b, proof.Holder, form)
	if err != nil {
		return Issued{}, err
	}
	err = w.db.InTx(ctx, func(t *database.Tx) error { return w.hand(ctx, t, o, made, digest(proof.Nonce), end) })
	if err != nil {
		w.discard(made, err)
		return Issued{}, err
	}
	return Issued{form, made.Body}, nil
}

// takenAt is when the offer was taken in a format; nil if it was not.
func (r *offerRow) takenAt(form credential.CopyForm) *time.Time {
	if form == credential.CopyLDP {
		return r.LDPAt
	}
	return r.JWTAt
}

func alreadyTaken() error {
	return refusal.New(Denied, "The token has served this format already, or the offer was replaced.")
}

// hand notes in one transaction all that makes handing out a credential happen once.
func (w *Wallets) hand(ctx context.Context, t *database.Tx, o offerRow, made *credential.Copy, nonce string, end time.Time) error {
	now := w.now()
	stored, err := w.copies.Store(ctx, t, made, now)
	if err != nil {
		return err
	}
	if !stored {
		return errChanged
	}
	take := takeJWT
	if made.Form == credential.CopyLDP {
		take = takeLDP
	}
	if taken, err := take(ctx, t, o.Token, now); err != nil {
		return fmt.Errorf("take an offer of award %s: %w", o.Award, err)
	} else if !taken {
		return alreadyTaken()
	}
	if first, err := useNonce(ctx, t, nonce, end); err != nil {
		return fmt.Errorf("use a nonce: %w", err)
	} else if !first {
		return badNonce()
	}
	return nil
}

// discard gives back the place of a copy that is certainly not stored: not after a commit whose fate is not known.
func (w *Wallets) discard(made *credential.Copy, err error) {
	if errors.Is(err, errChanged) || refusal.Is(err, Denied, InvalidNonce) {
		w.copies.Discard(made)
	}
}
