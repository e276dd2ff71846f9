package issuer

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/open-insignia/insignia/email"
)

// candidateID follows from partner and number: 80 bits of their hash.
func candidateID(partner, number string) string {
	sum := sha256.Sum256([]byte(partner + "\x00" + number))
	return "cnd_" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

// KnownAddress reports whether some candidate has this address: a live one, to whom mail may go, or one of a
// sandbox, whose mail stays here.
func (of *Offers) KnownAddress(ctx context.Context, typed string) (live, sandbox bool, err error) {
	t := of.db.Reader()
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
