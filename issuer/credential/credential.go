package credential

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
)

// credential is a signed edition of an award: what was said, and when. It is stored once and never
// changes.
type credential struct {
	AwardID       string     `db:"award_id"`
	Version       int64      `db:"version"`
	HolderName    string     `db:"holder_name"` // the whole of it
	NameShown     string     `db:"name_shown"`  // how it says the name; empty: in full
	Recipient     string     `db:"recipient"`   // hash of the address, as both standards write it
	AchievementID string     `db:"achievement_id"`
	EarnedOn      ledger.Day `db:"earned_on"`
	ExpiresOn     ledger.Day `db:"expires_on"`
	Scores        bool       `db:"scores"` // it tells them
	StatusList    int64      `db:"status_list"`
	StatusIndex   int64      `db:"status_index"`
	IssuedAt      time.Time  `db:"issued_at"`
	ValidFrom     *time.Time `db:"valid_from"` // nil: IssuedAt
	SignedBy      string     `db:"signed_by"`  // id of the key
	JWT           Packed     `db:"jwt"`

	Salt   string       `db:"salt"` // the award's
	stored driver.Value // JWT as a column, packed before a transaction is open
}

// compose writes the Open Badges 3.0 credential of an edition (OB 3.0 §2, VC Data Model 2.0). It is
// pure: the same edition gives the same bytes. The forms differ only in where a newer one is found.
func (p *Publisher) compose(c credential, a *catalogue.Achievement, org programme.Issuer, g grounds, f form) *openbadge.Credential {
	oc := openbadge.NewCredential(p.badgeURL(c.AwardID, string(formJSON)))
	oc.Name = a.In(a.Name, a.Language)
	oc.Issuer = p.profile(org)
	oc.ValidFrom, oc.AwardedDate = c.begins(), c.EarnedOn.Time()
	if !c.ExpiresOn.IsZero() {
		oc.ValidUntil = c.ExpiresOn.Time()
	}
	oc.Subject = openbadge.NewSubject(p.achievementOf(a, a.Language),
		openbadge.HashedEmail(c.Recipient, c.Salt))
	if name := shownName(c.HolderName, c.NameShown); name != "" {
		oc.Subject.Identifier = append(oc.Subject.Identifier, openbadge.Named(name))
	}
	if c.Scores {
		g.tellScores(&oc.Subject, p.achievementURL(a.ID, "/achievement.json"))
	}
	oc.Evidence = append([]openbadge.Evidence{openbadge.AssertionEvidence(p.badgeURL(c.AwardID, "/assertion.json"))}, g.evidence...)
	oc.Status = openbadge.NewStatusEntry(p.statusURL(c.StatusList), c.StatusIndex)
	oc.NameSchema()
	oc.RefreshFrom(p.badgeURL(c.AwardID, string(f)))
	return oc
}

// begins is validFrom of the edition. Of one that was over when it was signed, before beginnings were kept, a form
// may be signed only now: it must not end before it begins either (see lateStart).
func (c *credential) begins() time.Time {
	switch {
	case c.ValidFrom != nil:
		return c.ValidFrom.UTC()
	case !c.ExpiresOn.IsZero() && c.IssuedAt.After(c.ExpiresOn.Time()):
		return c.EarnedOn.Time()
	}
	return c.IssuedAt
}

func (c *credential) place() statusIndex { return statusIndex{c.StatusList, c.StatusIndex} }

// sign signs the edition as VC-JWT.
func (p *Publisher) sign(ctx context.Context, c *credential, org programme.Issuer, g grounds) error {
	a, err := p.catalogue.OfAward(ctx, c.AwardID, c.AchievementID)
	if err != nil {
		return err
	}
	payload, err := openbadge.Payload(p.compose(*c, a, org, g, formJWT))
	if err != nil {
		return fmt.Errorf("compose credential of award %s: %w", c.AwardID, err)
	}
	jwt, err := p.signer.SignJWT(ctx, payload)
	if err != nil {
		return fmt.Errorf("sign credential of award %s: %w", c.AwardID, err)
	}
	j, err := openbadge.ParseJWS(jwt)
	if err != nil {
		return fmt.Errorf("read the token of award %s that was just signed: %w", c.AwardID, err)
	}
	c.SignedBy, c.JWT = keyID(j.Header.KID), Packed(jwt)
	c.stored, err = c.JWT.Value()
	return err
}
