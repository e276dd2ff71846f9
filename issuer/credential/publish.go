package credential

import (
	"context"
	"time"

	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/openbadge"
)

// Badge is an award with what its page and documents are made of.
type Badge struct {
	Award       *ledger.Award
	Achievement *catalogue.Achievement
	Validity    ledger.Validity
	HolderName  string    // the whole of it, whatever is shown: see ShownName
	IssuedAt    time.Time // of the current edition
	Sandbox     bool
	Renewals    []programme.Date

	Presentation Presentation // as the holder chose

	credential credential
}

// Published is an award with its current edition, whoever may see it; found is false for an unknown
// id. Every call reads the award's revision, which every change raises, so that privacy and status
// hold on every request; the rest is read again only when it changed.
func (p *Publisher) Published(ctx context.Context, id string) (*Badge, bool, error) {
	revision, found, err := selectRevision(ctx, p.db.Reader(), id)
	if err != nil || !found {
		return nil, false, err
	}
	return edition(ctx, p, id, revision)
}

// Seen is a published badge as somebody sees it: strangers, "", those that are shown, and its holder their private ones
// too. All others cost what an unknown id costs, which is one read, so that no clock tells them apart (flows 2.0, rule 6).
func (p *Publisher) Seen(ctx context.Context, id, by string) (*Badge, bool, error) {
	revision, found, err := selectSeen(ctx, p.db.Reader(), id, by)
	if err != nil || !found {
		return nil, false, err
	}
	b, found, err := edition(ctx, p, id, revision)
	if err != nil || !found || !b.Award.Shown() && (b.Award.State != ledger.Accepted || b.Award.Holder != by || by == "") { // it changed this moment
		return nil, false, err
	}
	return b, true, nil
}

// edition is an award with its current edition, from memory where its revision is the same.
func edition(ctx context.Context, p *Publisher, id string, revision int64) (*Badge, bool, error) {
	if b, ok := p.badges.Load(id); ok && b.Award.Revision == revision {
		b.Validity = b.Award.Validity(programme.DateOf(p.now()))
		return &b, true, nil
	}
	row, found, err := p.readBadge(ctx, id)
	if err != nil || !found {
		return nil, false, err
	}
	a, err := p.catalogue.OfAward(ctx, id, row.credential.AchievementID)
	if err != nil {
		return nil, false, err
	}
	row.Achievement = a
	row.Validity = row.Award.Validity(programme.DateOf(p.now()))
	if row.current() {
		p.badges.Store(id, *row)
	}
	return row, true, nil
}

// readAttempts bounds how often an award may change just while it is issued.
const readAttempts = 3

// readBadge reads an award and its newest edition. One that the loop has not come to yet is issued now;
// where that does not succeed, the edition before it stands.
func (p *Publisher) readBadge(ctx context.Context, id string) (*Badge, bool, error) {
	var failed error
	for attempt := 1; ; attempt++ {
		b, found, err := selectBadge(ctx, p.db.Reader(), id)
		switch {
		case err != nil:
			return nil, false, err
		case found && (b.current() || failed != nil || attempt > readAttempts):
			return b, true, nil
		case failed != nil || attempt > readAttempts:
			return nil, false, failed
		}
		_, failed = p.issueAwards(ctx, []string{id})
	}
}

// current reports whether the edition says what the award says.
func (b *Badge) current() bool { return b.Award.Signed == b.Award.Version }

// CredentialJWT is the badge's current edition as VC-JWT: what was signed once, for ever.
func (b *Badge) CredentialJWT() catalogue.Document {
	return catalogue.NewDocument(catalogue.TypeJWT, b.credential.JWT)
}

// BadgeClass is an achievement in Open Badges 2.0, in one of the programme's languages; empty: the first.
func (p *Publisher) BadgeClass(ctx context.Context, a *catalogue.Achievement, lang string) (catalogue.Document, error) {
	org, err := p.catalogue.Organisation(ctx)
	if err != nil {
		return catalogue.Document{}, err
	}
	return ldDocument(p.badgeClassOf(a, a.Speak(lang), org))
}

// BadgeClassForKey is the achievement as badges that were signed with a key embed it.
func (p *Publisher) BadgeClassForKey(ctx context.Context, a *catalogue.Achievement, kid string) (doc catalogue.Document, found bool, err error) {
	org, err := p.catalogue.Organisation(ctx)
	if err != nil {
		return doc, false, err
	}
	docs, _, err := p.IssuerDocuments(ctx, org.ID)
	if err != nil {
		return doc, false, err
	}
	if k, known := docs.key(kid); !known || k.Purpose != ForOB2 {
		return doc, false, nil
	}
	doc, err = ldDocument(p.badgeClassForKey(a, docs, kid))
	return doc, true, err
}

// AchievementDocument is an achievement in Open Badges 3.0, in one of the programme's languages; empty:
// the first.
func (p *Publisher) AchievementDocument(a *catalogue.Achievement, lang string) (catalogue.Document, error) {
	return ldDocument(openbadge.NewAchievementDocument(p.achievementOf(a, a.Speak(lang))))
}

// Versions is how a history of editions is told.
func (p *Publisher) Versions(ctx context.Context, b *Badge) ([]Edition, error) {
	return selectEditions(ctx, p.db.Reader(), b.Award.ID)
}

// Edition is one signed version of a badge.
type Edition struct {
	Version    int64      `db:"version"`
	IssuedAt   time.Time  `db:"issued_at"`
	HolderName string     `db:"holder_name"`
	NameShown  string     `db:"name_shown"` // how it says the name
	EarnedOn   ledger.Day `db:"earned_on"`
	ExpiresOn  ledger.Day `db:"expires_on"`
}

// Today is the issuer's day.
func (p *Publisher) Today() programme.Date { return programme.DateOf(p.now()) }

// Facts are those of the badge at this moment.
func (p *Publisher) Facts(b *Badge) ledger.Facts { return b.Award.Facts(p.Today()) }
