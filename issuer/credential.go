package issuer

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
	"time"

	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
)

// credential is a signed edition of an award: what was said, and when. It is stored once and never
// changes.
type credential struct {
	AwardID       string    `db:"award_id"`
	Version       int64     `db:"version"`
	HolderName    string    `db:"holder_name"`
	Recipient     string    `db:"recipient"` // hash of the address, as both standards write it
	AchievementID string    `db:"achievement_id"`
	EarnedOn      day       `db:"earned_on"`
	ExpiresOn     day       `db:"expires_on"`
	StatusList    int64     `db:"status_list"`
	StatusIndex   int64     `db:"status_index"`
	IssuedAt      time.Time `db:"issued_at"`
	JWT           token     `db:"jwt"`

	Salt   string       `db:"salt"` // the award's
	packed driver.Value // JWT as a column
}

// compose writes the Open Badges 3.0 credential of an edition (OB 3.0 §2, VC Data Model 2.0). It is
// pure: the same edition gives the same bytes.
func (i *Issuer) compose(c credential, a *Achievement, org programme.Issuer) ([]byte, error) {
	oc := openbadge.NewCredential(i.badgeURL(c.AwardID, "/credential.json"))
	oc.Context = append(oc.Context, openbadge.ContextExtensions)
	oc.Name = a.In(a.Name, a.Language)
	oc.Issuer = i.profile(org)
	oc.ValidFrom = c.IssuedAt
	oc.AwardedDate = c.EarnedOn.Time()
	if !c.ExpiresOn.IsZero() {
		// A late result can make an award that had run out before this edition was made.
		oc.ValidUntil = later(c.ExpiresOn.Time(), c.IssuedAt)
	}
	oc.Subject = openbadge.NewSubject(i.achievementOf(a),
		openbadge.IdentityObject{Type: "IdentityObject", Hashed: true, IdentityHash: c.Recipient, IdentityType: "emailAddress", Salt: c.Salt},
		openbadge.IdentityObject{Type: "IdentityObject", IdentityHash: c.HolderName, IdentityType: "name"})
	index := strconv.FormatInt(c.StatusIndex, 10)
	oc.Status = &openbadge.StatusEntry{
		ID: i.statusURL(c.StatusList) + "#" + index, Type: "BitstringStatusListEntry", StatusPurpose: "revocation",
		StatusListIndex: index, StatusListCredential: i.statusURL(c.StatusList),
	}
	oc.RefreshService = &openbadge.Service{ID: i.badgeURL(c.AwardID, "/credential.jwt"), Type: "1EdTechCredentialRefresh"}
	return openbadge.Payload(oc)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (c *credential) place() statusIndex { return statusIndex{c.StatusList, c.StatusIndex} }

// sign returns the edition as VC-JWT, packed as it is stored.
func (i *Issuer) sign(ctx context.Context, c credential, org programme.Issuer) (driver.Value, error) {
	a, err := i.achievementOfAward(ctx, c.AwardID, c.AchievementID)
	if err != nil {
		return nil, err
	}
	payload, err := i.compose(c, a, org)
	if err != nil {
		return nil, fmt.Errorf("compose credential of award %s: %w", c.AwardID, err)
	}
	jwt, err := i.Signer.SignJWT(ctx, payload)
	if err != nil {
		return nil, fmt.Errorf("sign credential of award %s: %w", c.AwardID, err)
	}
	return token(jwt).Value()
}
