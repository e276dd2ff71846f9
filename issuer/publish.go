package issuer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// Badge is an award with what its page and documents are made of.
type Badge struct {
	Award       *Award
	Achievement *Achievement
	Validity    Validity
	HolderName  string    // as signed
	IssuedAt    time.Time // of the current edition
	Sandbox     bool
	Renewals    []programme.Date

	credential credential
}

// Published is an award with its current edition, whoever may see it; found is false for an unknown
// id. Every call reads the award's revision, which every change raises, so that privacy and status
// hold on every request; the rest is read again only when it changed.
func (i *Issuer) Published(ctx context.Context, id string) (*Badge, bool, error) {
	revision, found, err := selectRevision(ctx, i.db.Reader(), id)
	if err != nil || !found {
		return nil, false, err
	}
	if b, ok := i.badges.load(id, revision); ok {
		b.Validity = b.Award.Validity(programme.DateOf(i.now()))
		return &b, true, nil
	}
	row, found, err := i.readBadge(ctx, id)
	if err != nil || !found {
		return nil, false, err
	}
	a, err := i.achievementOfAward(ctx, id, row.credential.AchievementID)
	if err != nil {
		return nil, false, err
	}
	row.Achievement = a
	row.Validity = row.Award.Validity(programme.DateOf(i.now()))
	i.badges.keep(*row)
	return row, true, nil
}

// readBadge reads an award and its newest edition. One that the loop has not come to yet is issued now.
func (i *Issuer) readBadge(ctx context.Context, id string) (*Badge, bool, error) {
	b, found, err := selectBadge(ctx, i.db.Reader(), id)
	if err != nil || found && b.Award.Signed == b.Award.Version {
		return b, found, err
	}
	waiting, err := selectDue(ctx, i.db.Reader(), []string{id})
	if err != nil || len(waiting) == 0 {
		return nil, false, err
	}
	if err := i.issue(ctx, waiting); err != nil {
		return nil, false, err
	}
	return selectBadge(ctx, i.db.Reader(), id)
}

// badgeCache holds signed badges by id, each as of one revision of its award.
type badgeCache struct {
	mu   sync.Mutex
	byID map[string]Badge
}

const badgesCached = 2000

func (c *badgeCache) load(id string, revision int64) (Badge, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.byID[id]
	return b, ok && b.Award.Revision == revision
}

func (c *badgeCache) keep(b Badge) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil || len(c.byID) >= badgesCached {
		c.byID = map[string]Badge{}
	}
	c.byID[b.Award.ID] = b
}

// CredentialJWT is the badge's current edition as VC-JWT: what was signed once, for ever.
func (b *Badge) CredentialJWT() Document { return newDocument(typeJWT, []byte(b.credential.JWT)) }

// Assertion is the badge's Open Badges 2.0 hosted assertion, or, when it was revoked or suspended,
// the small document that goes with 410 (OB 2.0 "Assertion", spec 2.0 §8).
func (i *Issuer) Assertion(b *Badge) (Document, error) {
	id := i.badgeURL(b.Award.ID, "/assertion.json")
	if b.Validity == Revoked || b.Validity == Suspended {
		body, err := openbadge.Document(ob2.NewRevoked(id, b.Award.Reason))
		d := newDocument(typeJSONLD, body)
		d.Gone = true
		return d, err
	}
	c := b.credential
	recipient := ob2.Identity{Type: "email", Hashed: true, Salt: c.Salt, Identity: c.Recipient}
	a := ob2.NewAssertion(id, i.achievementURL(c.AchievementID, "/badgeclass.json"), recipient, c.EarnedOn.Time(), c.ExpiresOn.Time())
	a.Image = i.badgeURL(b.Award.ID, "/badge.png")
	body, err := openbadge.Document(a)
	return newDocument(typeJSONLD, body), err
}

// BakedPNG is the badge's picture with both standards inside (spec 2.0 §9, spec 3.0 §11).
func (i *Issuer) BakedPNG(ctx context.Context, b *Badge) (Document, error) {
	png, _, err := i.PNG(ctx, b.credential.AchievementID)
	if err != nil {
		return Document{}, err
	}
	assertion, err := i.Assertion(b)
	if err != nil {
		return Document{}, err
	}
	baked, err := openbadge.Bake(png,
		openbadge.Chunk{Keyword: openbadge.KeywordOB2, Text: string(assertion.Body)},
		openbadge.Chunk{Keyword: openbadge.KeywordOB3, Text: string(b.credential.JWT)})
	if err != nil {
		return Document{}, fmt.Errorf("bake badge %s: %w", b.Award.ID, err)
	}
	return newDocument(typePNG, baked), nil
}

// BadgeClass is an achievement in Open Badges 2.0, AchievementDocument in 3.0.
func (i *Issuer) BadgeClass(ctx context.Context, a *Achievement) (Document, error) {
	org, err := i.Organisation(ctx)
	if err != nil {
		return Document{}, err
	}
	body, err := openbadge.Document(i.badgeClassOf(a, org))
	return newDocument(typeJSONLD, body), err
}

// AchievementDocument is an achievement in Open Badges 3.0.
func (i *Issuer) AchievementDocument(a *Achievement) (Document, error) {
	body, err := openbadge.Document(openbadge.AchievementDocument{
		Context: []string{openbadge.ContextVC2, openbadge.ContextOB3}, Achievement: i.achievementOf(a),
	})
	return newDocument(typeJSONLD, body), err
}

// Versions is how a history of editions is told.
func (i *Issuer) Versions(ctx context.Context, b *Badge) ([]Edition, error) {
	return selectEditions(ctx, i.db.Reader(), b.Award.ID)
}

// Edition is one signed version of a badge.
type Edition struct {
	Version    int64     `db:"version"`
	IssuedAt   time.Time `db:"issued_at"`
	HolderName string    `db:"holder_name"`
	EarnedOn   day       `db:"earned_on"`
	ExpiresOn  day       `db:"expires_on"`
}

// Today is the issuer's day.
func (i *Issuer) Today() programme.Date { return programme.DateOf(i.now()) }
