package issuer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/partner"
)

// Claim is what a claim link leads to. Reading it changes nothing, and the link alone proves only
// that somebody saw the letter: accepting takes an account that has confirmed Email.
type Claim struct {
	ID          string
	CandidateID string
	Email       string // where the letter went
	Name        string // of whom it is for
	Locale      string
	Partner     string
	Sandbox     bool
	SentAt      time.Time
	ReplacedAt  *time.Time // when a newer link took its place
	Badges      []OfferedBadge
}

// claimRow is a row of claim.
type claimRow struct {
	ID          string        `db:"id"`
	Digest      string        `db:"digest"`
	CandidateID string        `db:"candidate_id"`
	Email       string        `db:"email"`
	Awards      ledger.IDList `db:"awards"`
	CreatedAt   time.Time     `db:"created_at"`
	ReplacedAt  *time.Time    `db:"replaced_at"`
	DisownedAt  *time.Time    `db:"disowned_at"` // somebody used it, or another one of the candidate, to say that this is not them
	Reminded    int           `db:"reminded"`    // how often, also by the links that it replaced
}

func (of *Offers) newClaim(candidate, email string) claimRow {
	row := claimRow{ID: newID("clm"), CandidateID: candidate, Email: email}
	row.Digest = digest(of.claimToken(row.ID))
	return row
}

// claimToken is the secret of a claim link. Only its digest is stored.
func (of *Offers) claimToken(claim string) string { return of.derive("claim", claim) }

// Claim finds what a token of a claim link stands for.
func (of *Offers) Claim(ctx context.Context, token string) (*Claim, bool, error) {
	t := of.db.Reader()
	row, found, err := selectClaim(ctx, t, digest(token))
	if err != nil || !found {
		return nil, false, err
	}
	c, _, err := selectCandidate(ctx, t, row.CandidateID)
	if err != nil {
		return nil, false, err
	}
	p, _, err := partner.Find(ctx, t, c.PartnerID)
	if err != nil {
		return nil, false, err
	}
	claim := &Claim{ID: row.ID, CandidateID: c.ID, Email: row.Email, Name: c.Name, Locale: c.Locale, Partner: p.Name, Sandbox: p.Sandbox,
		SentAt: row.CreatedAt, ReplacedAt: row.ReplacedAt}
	if claim.Badges, err = of.claimed(ctx, t, row, row.Email); err != nil {
		return nil, false, err
	}
	for _, b := range claim.Badges {
		if b.Award.OwnerEmail == row.Email {
			claim.Name = b.Award.OwnerName
		}
	}
	return claim, true, nil
}

// claimed are the badges of a claim. Those of other candidates belong to it as long as they are offered at its
// address.
func (of *Offers) claimed(ctx context.Context, t *database.Tx, row claimRow, address string) ([]OfferedBadge, error) {
	if len(row.Awards) == 0 {
		return nil, nil
	}
	awards, err := selectAwardsAt(ctx, t, row.Awards, row.CandidateID, address)
	if err != nil {
		return nil, err
	}
	if awards, err = withHeirs(ctx, t, awards); err != nil {
		return nil, err
	}
	return of.withAchievements(ctx, awards)
}

// withHeirs adds the awards that took the place of others among them: a link leads to what there is now.
func withHeirs(ctx context.Context, t *database.Tx, awards []*ledger.Award) ([]*ledger.Award, error) {
	known, next := map[string]bool{}, []string(nil)
	for _, a := range awards {
		known[a.ID] = true
	}
	for k := 0; k < len(awards); k++ {
		if heir := awards[k].Successor; heir != "" && !known[heir] {
			known[heir], next = true, append(next, heir)
		}
		if k < len(awards)-1 || len(next) == 0 {
			continue
		}
		heirs, err := selectAwards(ctx, t, next)
		if err != nil {
			return nil, err
		}
		awards, next = append(awards, heirs...), nil
	}
	return awards, nil
}

// selectAwardsAt are those of the awards that are a candidate's, or somebody's at an address.
func selectAwardsAt(ctx context.Context, t *database.Tx, ids []string, candidate, email string) (list []*ledger.Award, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+ledger.QualifiedAwardColumns+`
		FROM award a
		JOIN candidate c ON c.id = a.candidate_id
		WHERE a.id IN (?) AND (a.candidate_id = ? OR a.owner_email = ? OR a.owner_email = '' AND c.email = ?)
		ORDER BY a.kind, a.created_at, a.id`, ids, candidate, email, email)
	return list, err
}

func (of *Offers) offered(ctx context.Context, t *database.Tx, ids []string) (list []OfferedBadge, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	awards, err := selectAwards(ctx, t, ids)
	if err != nil {
		return nil, err
	}
	return of.withAchievements(ctx, awards)
}

func (of *Offers) withAchievements(ctx context.Context, awards []*ledger.Award) (list []OfferedBadge, err error) {
	slices.SortStableFunc(awards, func(a, b *ledger.Award) int { return cmp.Compare(a.Kind, b.Kind) }) // certifications first
	for _, a := range awards {
		achievement, err := of.catalogue.OfAward(ctx, a.ID, a.AchievementID)
		if err != nil {
			return nil, err
		}
		list = append(list, OfferedBadge{a, achievement})
	}
	return list, nil
}

// Waiting are the badges that wait for the owner of an address.
func (of *Offers) Waiting(ctx context.Context, typed string) ([]OfferedBadge, error) {
	address, ok := email.Canonical(typed)
	if !ok {
		return nil, nil
	}
	awards, err := selectWaiting(ctx, of.db.Reader(), address)
	if err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	return of.withAchievements(ctx, awards)
}

// selectWaiting are the awards that wait for the owner of an address.
func selectWaiting(ctx context.Context, t *database.Tx, email string) (list []*ledger.Award, err error) {
	if !line.Storable(email) {
		return nil, nil
	}
	err = t.Select(ctx, &list, `
		SELECT `+ledger.QualifiedAwardColumns+`
		FROM candidate c
		JOIN award a ON a.candidate_id = c.id
		WHERE c.email = ? AND a.owner_email = '' AND a.state = 'offered' AND a.revoked_at IS NULL AND a.superseded_by = '' AND a.disputed_at IS NULL
		UNION ALL
		SELECT `+ledger.AwardColumns+`
		FROM award
		WHERE owner_email = ? AND owner_email <> '' AND state = 'offered' AND revoked_at IS NULL AND superseded_by = '' AND disputed_at IS NULL
		ORDER BY created_at, id
		LIMIT 500`, email, email)
	return list, err
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
