package openbadge

import (
	"fmt"
	"time"
)

// claims are what a VC-JWT has beside the credential's own members (spec 3.0 section 6).
type claims struct {
	Iss string `json:"iss"`
	JTI string `json:"jti"`
	Sub string `json:"sub,omitempty"`
	NBF int64  `json:"nbf"`
	Exp int64  `json:"exp,omitempty"`
}

func newClaims(issuer, id, subject string, from, until time.Time) claims {
	c := claims{Iss: issuer, JTI: id, Sub: subject, NBF: from.Unix()}
	if !until.IsZero() {
		c.Exp = until.Unix()
	}
	return c
}

// Payload gives the bytes to sign as VC-JWT (spec 3.0 section 6): the credential's members at top
// level and the claims iss, jti, sub (when the subject has an id), nbf and, with ValidUntil, exp, all
// taken from the credential; there is no vc claim, which belongs to VC Data Model 1.1. The same
// credential gives the same bytes; c is not changed. Control characters but for tab, LF and CR are
// taken out (section 18, trap 4). An error means that c must not be issued: a required member is
// missing or empty.
func Payload(c *Credential) ([]byte, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("credential %s: %w", c.ID, err)
	}
	w := c.written()
	return write(struct {
		*Credential
		claims
	}{&w, newClaims(w.Issuer.ID, w.ID, w.Subject.ID, w.ValidFrom, w.ValidUntil)})
}

// JSON gives the credential as a document of its own, without claims: what a Data Integrity proof is
// added to. Otherwise as Payload.
func (c *Credential) JSON() ([]byte, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("credential %s: %w", c.ID, err)
	}
	w := c.written()
	return write(&w)
}

// written is the credential with its times as we write them.
func (c *Credential) written() Credential {
	w := *c
	w.ValidFrom, w.ValidUntil, w.AwardedDate = whole(c.ValidFrom), whole(c.ValidUntil), whole(c.AwardedDate)
	w.Subject.ActivityStartDate = whole(c.Subject.ActivityStartDate)
	w.Subject.ActivityEndDate = whole(c.Subject.ActivityEndDate)
	return w
}
