package issuer

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
)

const secretLength = 26 // characters of 5 bits

// derive makes a secret of 130 bits that nobody can guess and that need not be stored.
func (i *Issuer) derive(purpose, about string) string {
	mac := hmac.New(sha256.New, i.Secret)
	mac.Write([]byte("insignia " + purpose + "\x00" + about))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)))[:secretLength]
}

// stopToken names the candidate and proves that we wrote it in a letter to this address.
func (i *Issuer) stopToken(c ledger.Candidate) string {
	return strings.TrimPrefix(c.ID, "cnd_") + i.stopProof(c.ID, c.Email)
}

func (i *Issuer) stopProof(candidate, email string) string {
	return i.derive("stop", candidate+"\x00"+email)
}

// StopAddress is the address that a stop link ends mail to: the one that its letter went to, even if
// the partner corrected it since. It changes nothing.
func (i *Issuer) StopAddress(ctx context.Context, token string) (address string, found bool, err error) {
	if len(token) <= secretLength || !line.Storable(token) {
		return "", false, nil
	}
	id, proof := "cnd_"+token[:len(token)-secretLength], token[len(token)-secretLength:]
	emails, err := selectEmails(ctx, i.db.Reader(), id)
	if err != nil {
		return "", false, err
	}
	// Letters of before addresses had one spelling were proved with another.
	wrote := func(spelling string) bool { return hmac.Equal([]byte(proof), []byte(i.stopProof(id, spelling))) }
	k := slices.IndexFunc(emails, func(e string) bool { return slices.ContainsFunc(email.Spellings(e), wrote) })
	if k < 0 {
		return "", false, nil
	}
	return emails[k], true, nil
}

// StopMail ends all mail about badges to the address of a stop link; codes still come.
func (i *Issuer) StopMail(ctx context.Context, token string) (found bool, err error) {
	address, found, err := i.StopAddress(ctx, token)
	if err != nil || !found {
		return found, err
	}
	return true, i.db.InTx(ctx, func(t *database.Tx) error { return insertMailStop(ctx, t, address, i.now()) })
}
