package issuer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/partner"
)

// Offers makes claims for awards that were signed, and knows what letters about awards say and to whom they go. It is
// complete before the rest of the issuer.
type Offers struct {
	db        *database.DB
	queue     *jobs.Queue
	catalogue *catalogue.Catalogue
	letters   Letters
	partners  *partner.Partners
	accounts  Accounts
	baseURL   string
	secret    []byte // the tokens of links follow from it
	clock     func() time.Time
}

// now is the one clock of this package: UTC, whole seconds.
func (of *Offers) now() time.Time { return of.clock().UTC().Truncate(time.Second) }

// Offer queues one letter for all that is offered to somebody and has no link yet, since it is offered for the
// first time or at another address, and makes the claim that its link leads to. Whoever chose so has it accepted instead.
func (of *Offers) Offer(ctx context.Context, t *database.Tx, awards []credential.Due, now time.Time) error {
	offers := map[offeree][]*credential.Due{}
	var order []offeree
	linked, err := alreadyLinked(ctx, t, awards)
	if err != nil {
		return fmt.Errorf("read links: %w", err)
	}
	for n := range awards {
		a := &awards[n]
		if !a.Waits() || linked[link{a.ID, a.Email}] {
			continue
		}
		p := offeree{a.CandidateID, a.Email}
		if offers[p] == nil {
			order = append(order, p)
		}
		offers[p] = append(offers[p], a)
	}
	accounts, err := of.accepting(ctx, t, offers)
	if err != nil {
		return err
	}
	var claims []claimRow
	var letters []Letter
	var accepts []jobs.Task
	for _, p := range order {
		list := offers[p]
		row := of.newClaim(p.candidate, p.email)
		for _, a := range list {
			row.Awards = append(row.Awards, a.ID)
		}
		if account := accounts[p]; account != "" {
			task, err := of.acceptTask(ctx, t, list[0].PartnerID, acceptPayload{account, p.candidate, p.email, row.Awards})
			if err != nil {
				return err
			}
			accepts = append(accepts, task)
			continue
		}
		claims = append(claims, row)
		l, err := of.offer(ctx, t, list[0].PartnerID, row, false)
		if err != nil {
			return err
		}
		letters = append(letters, l)
	}
	if err := insertClaims(ctx, t, claims, now); err != nil {
		return fmt.Errorf("store claims: %w", err)
	}
	if err := of.queue.Add(ctx, t, accepts...); err != nil {
		return err
	}
	return of.letters.Add(ctx, t, letters...)
}

// offer is the letter of a claim.
func (of *Offers) offer(ctx context.Context, t *database.Tx, partner string, c claimRow, again bool) (Letter, error) {
	return of.letter(ctx, t, Letter{Kind: LetterOffer, Partner: partner, Candidate: c.CandidateID, Claim: c.ID, Awards: c.Awards},
		letterPayload{Candidate: c.CandidateID, Claim: c.ID, Again: again})
}

// link is an award and an address to which a link to it went.
type link struct{ award, email string }

// alreadyLinked are those of the awards that wait and have a link. New ones have none, and are not looked for.
func alreadyLinked(ctx context.Context, t *database.Tx, awards []credential.Due) (map[link]bool, error) {
	var candidates []string
	for n := range awards {
		if a := &awards[n]; a.Signed > 0 && a.Waits() && !slices.Contains(candidates, a.CandidateID) {
			candidates = append(candidates, a.CandidateID)
		}
	}
	if len(candidates) == 0 {
		return nil, nil
	}
	return selectLinked(ctx, t, candidates)
}

func candidateID(partner, number string) string {
	return ledger.CandidateKey{Partner: partner, Number: number}.ID()
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
