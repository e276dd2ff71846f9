package issuer

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/open-insignia/insignia/email"
)

// candidate is a certification profile: a partner's candidate, to whom one ledger belongs.
type candidate struct {
	ID        string `db:"id"`
	PartnerID string `db:"partner_id"`
	Number    string `db:"number"` // the partner's own id
	Email     string `db:"email"`  // in its one spelling
	Name      string `db:"name"`
	Locale    string `db:"locale"`
	First     string `db:"first_result"` // the result that made it; empty: the one of the earliest time
	Revision  int64  `db:"revision"`     // 1 for one that this transaction made
}

// candidateID follows from partner and number: 80 bits of their hash.
func candidateID(partner, number string) string {
	sum := sha256.Sum256([]byte(partner + "\x00" + number))
	return "cnd_" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

func (c candidate) key() candidateKey { return candidateKey{c.PartnerID, c.Number} }

// KnownAddress reports whether some candidate has this address: a live one, to whom mail may go, or one of a
// sandbox, whose mail stays here.
func (i *Issuer) KnownAddress(ctx context.Context, typed string) (live, sandbox bool, err error) {
	t := i.db.Reader()
	address, ok := email.Canonical(typed)
	if !ok {
		return false, false, nil
	}
	if live, err = candidateKnown(ctx, t, address, false); err != nil || live {
		return live, false, err
	}
	sandbox, err = candidateKnown(ctx, t, address, true)
	return false, sandbox, err
}
