package issuer

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/jobs"
)

// Claim is what a claim link leads to. Reading it changes nothing, and the link alone proves only
// that somebody saw the letter: accepting takes an account that has confirmed Email.
type Claim struct {
	ID          string
	CandidateID string
	Email       string // where the letter went
	Name        string // of the candidate
	Locale      string
	Partner     string
	Sandbox     bool
	SentAt      time.Time
	ReplacedAt  *time.Time // when a newer link took its place
	Disowned    bool       // somebody said that this is not them
	Badges      []OfferedBadge
}

// claimRow is a row of claim.
type claimRow struct {
	ID          string     `db:"id"`
	Digest      string     `db:"digest"`
	CandidateID string     `db:"candidate_id"`
	Email       string     `db:"email"`
	Awards      idList     `db:"awards"`
	CreatedAt   time.Time  `db:"created_at"`
	ReplacedAt  *time.Time `db:"replaced_at"`
	DisownedAt  *time.Time `db:"disowned_at"`
}

func (i *Issuer) newClaim(c candidate, offers []*Award) claimRow {
	row := claimRow{ID: newID("clm"), CandidateID: c.ID, Email: c.Email}
	row.Digest = digest(i.claimToken(row.ID))
	for _, a := range offers {
		row.Awards = append(row.Awards, a.ID)
	}
	return row
}

// claimToken is the secret of a claim link. Only its digest is stored.
func (i *Issuer) claimToken(claim string) string { return i.derive("claim", claim) }

// Claim finds what a token of a claim link stands for.
func (i *Issuer) Claim(ctx context.Context, token string) (*Claim, bool, error) {
	t := i.db.Reader()
	row, found, err := selectClaim(ctx, t, digest(token))
	if err != nil || !found {
		return nil, false, err
	}
	c, _, err := selectCandidate(ctx, t, row.CandidateID)
	if err != nil {
		return nil, false, err
	}
	partner, _, err := selectPartner(ctx, t, c.PartnerID)
	if err != nil {
		return nil, false, err
	}
	claim := &Claim{ID: row.ID, CandidateID: c.ID, Email: row.Email, Name: c.Name, Locale: c.Locale, Partner: partner.Name, Sandbox: partner.Sandbox,
		SentAt: row.CreatedAt, ReplacedAt: row.ReplacedAt, Disowned: row.DisownedAt != nil}
	claim.Badges, err = i.offered(ctx, t, row.Awards)
	return claim, err == nil, err
}

func (i *Issuer) offered(ctx context.Context, t *database.Tx, ids []string) (list []OfferedBadge, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	awards, err := selectAwards(ctx, t, ids)
	if err != nil {
		return nil, err
	}
	return i.withAchievements(ctx, awards)
}

func (i *Issuer) withAchievements(ctx context.Context, awards []*Award) (list []OfferedBadge, err error) {
	slices.SortStableFunc(awards, func(a, b *Award) int { return cmp.Compare(a.Kind, b.Kind) }) // certifications first
	for _, a := range awards {
		achievement, _, err := i.Achievement(ctx, a.AchievementID)
		if err != nil {
			return nil, err
		}
		list = append(list, OfferedBadge{a, achievement})
	}
	return list, nil
}

// Disown notes that the person who got the letter says it is not theirs. No more letters go to that
// claim; the confirmed owner of the address can still accept.
func (i *Issuer) Disown(ctx context.Context, token, reason string) (found bool, err error) {
	err = i.db.InTx(ctx, func(t *database.Tx) error {
		found, err = disownClaim(ctx, t, digest(token), reason, i.now())
		return err
	})
	return found, err
}

// Waiting are the badges that wait for the owner of an address.
func (i *Issuer) Waiting(ctx context.Context, email string) ([]OfferedBadge, error) {
	awards, err := selectOffers(ctx, i.db.Reader(), []string{email})
	if err != nil {
		return nil, err
	}
	return i.withAchievements(ctx, awards)
}

// SendAgain has a letter sent with everything that waits at an address, which replaces the links
// sent before. It does the same work for every address, so that its time tells nothing; nothing is
// sent where nothing waits.
func (i *Issuer) SendAgain(ctx context.Context, email string) error {
	email = strings.ToLower(email)
	return i.db.InTx(ctx, func(t *database.Tx) error {
		return i.queue.Add(ctx, t, jobs.Task{Kind: jobAgain, Key: email, Payload: againPayload{email}})
	})
}

type againPayload struct {
	Email string `json:"email"`
}

// sendAgain looks up what waits at an address and queues one letter for each candidate there.
func (i *Issuer) sendAgain(ctx context.Context, j jobs.Job) error {
	var p againPayload
	if err := j.Decode(&p); err != nil {
		return err
	}
	awards, err := selectOffers(ctx, i.db.Reader(), []string{p.Email})
	if err != nil {
		return fmt.Errorf("read offers: %w", err)
	}
	offers := map[string][]*Award{}
	for _, a := range awards {
		offers[a.CandidateID] = append(offers[a.CandidateID], a)
	}
	return i.db.InTx(ctx, func(t *database.Tx) error {
		for _, candidate := range slices.Sorted(maps.Keys(offers)) {
			if err := i.replaceClaims(ctx, t, candidate, offers[candidate]); err != nil {
				return err
			}
		}
		return nil
	})
}

// replaceClaims ends the earlier links of a candidate and queues a letter with a new one.
func (i *Issuer) replaceClaims(ctx context.Context, t *database.Tx, candidate string, offers []*Award) error {
	c, found, err := selectCandidate(ctx, t, candidate)
	if err != nil || !found {
		return err
	}
	if err := replaceClaims(ctx, t, candidate, i.now()); err != nil {
		return err
	}
	claim := i.newClaim(c, offers)
	if err := storeClaims(ctx, t, []claimRow{claim}, i.now()); err != nil {
		return err
	}
	return i.queue.Add(ctx, t, jobs.Task{Kind: jobOffer, Payload: letterPayload{Candidate: candidate, Claim: claim.ID, Again: true}})
}
