package issuer

import (
	"context"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/jobs"
)

// Whoever chose so has new badges accepted without being asked (flows 2.3). A job does it after the badge was signed,
// and looks at everything again; what it may not accept is offered as ever.

// automatic accepts badges for people who chose so.
type automatic struct{ *Issuer }

// jobAccept accepts what was offered to an account.
const jobAccept = "accept"

// acceptPayload is what is to be accepted, and for whom.
type acceptPayload struct {
	Account   string   `json:"account"`
	Candidate string   `json:"candidate"`
	Email     string   `json:"email"`
	Awards    []string `json:"awards"`
}

// offeree is to whom awards are offered.
type offeree struct{ candidate, email string }

// accepting are the accounts that have badges accepted for them, by the addresses to which those are offered.
func (of *Offers) accepting(ctx context.Context, t *database.Tx, offers map[offeree][]*credential.Due) (map[offeree]string, error) {
	if of.accounts == nil || len(offers) == 0 {
		return nil, nil
	}
	byKind := map[bool][]offeree{}
	for o, awards := range offers {
		sandbox, err := of.partners.Sandbox(ctx, t, awards[0].PartnerID)
		if err != nil {
			return nil, err
		}
		byKind[sandbox] = append(byKind[sandbox], o)
	}
	found := map[offeree]string{}
	for sandbox, list := range byKind {
		addresses := make([]string, len(list))
		for n, o := range list {
			addresses[n] = o.email
		}
		accounts, err := of.accounts.Accepting(ctx, t, addresses, sandbox)
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			if account := accounts[o.email]; account != "" {
				found[o] = account
			}
		}
	}
	return found, nil
}

// acceptTask has awards of a partner's candidate accepted.
func (of *Offers) acceptTask(ctx context.Context, t *database.Tx, partner string, p acceptPayload) (jobs.Task, error) {
	kind := jobAccept
	sandbox, err := of.partners.Sandbox(ctx, t, partner)
	if sandbox {
		kind = sandboxJob + kind
	}
	return jobs.Task{Kind: kind, Payload: p, Lane: partner}, err
}

// accept accepts the badges of a job that may be, and offers the others.
func (au automatic) accept(ctx context.Context, j jobs.Job) error {
	var p acceptPayload
	if err := j.Decode(&p); err != nil {
		return err
	}
	return au.db.InTx(ctx, func(t *database.Tx) error {
		c, found, err := lockCandidate(ctx, t, p.Candidate)
		if err != nil || !found {
			return err
		}
		waiting, err := selectAwards(ctx, t, p.Awards)
		if err != nil {
			return err
		}
		waiting = slices.DeleteFunc(waiting, func(a *ledger.Award) bool {
			return a.CandidateID != c.ID || !a.Waits() || a.Address(&c) != p.Email
		})
		linked, err := selectLinked(ctx, t, []string{c.ID})
		if err != nil {
			return err
		}
		waiting = slices.DeleteFunc(waiting, func(a *ledger.Award) bool { return linked[link{a.ID, p.Email}] }) // by this job
		if len(waiting) == 0 {
			return nil
		}
		visibility, accepted, err := au.acceptable(ctx, t, p, c, waiting)
		if err != nil {
			return err
		}
		if err := au.acceptAll(ctx, t, p, c, accepted, visibility); err != nil {
			return err
		}
		rest := slices.DeleteFunc(waiting, func(a *ledger.Award) bool { return slices.Contains(accepted, a) })
		return au.offerTo(ctx, t, c, p.Email, ledger.AwardIDs(rest))
	})
}

// acceptable are those of the awards that may be accepted without asking, and who is then to see them. Never are: those
// at an address that is not the account's any more; the first badge of an issuer; those of somebody whom the partner
// knows twice (D04), and those that rest on a result whose identity check did not match (D07).
func (au automatic) acceptable(ctx context.Context, t *database.Tx, p acceptPayload, c ledger.Candidate, waiting []*ledger.Award) (visibility string, list []*ledger.Award, err error) {
	sandbox, err := au.Partners.Sandbox(ctx, t, c.PartnerID)
	if err != nil {
		return "", nil, err
	}
	confirmed, err := au.Accounts.Accepting(ctx, t, []string{p.Email}, sandbox)
	if err != nil || confirmed[p.Email] != p.Account {
		return "", nil, err
	}
	visibility, wanted, err := au.Accounts.Accepts(ctx, t, p.Account, au.OrganisationID())
	if err != nil || !wanted {
		return "", nil, err
	}
	again, err := selectAcceptedBefore(ctx, t, p.Account)
	if err != nil || !again {
		return "", nil, err
	}
	twice, err := selectTwice(ctx, t, c)
	if err != nil || twice {
		return "", nil, err
	}
	mismatched, err := selectMismatched(ctx, t, ledger.AwardIDs(waiting))
	if err != nil {
		return "", nil, err
	}
	for _, a := range waiting {
		if !slices.Contains(mismatched, a.ID) {
			list = append(list, a)
		}
	}
	return visibility, list, nil
}

// selectAcceptedBefore reports whether an account has accepted a badge. All badges here are one issuer's.
func selectAcceptedBefore(ctx context.Context, t *database.Tx, account string) (bool, error) {
	var one int
	return t.Get(ctx, &one, `
		SELECT 1
		FROM award
		WHERE holder = ? AND holder <> '' AND state = 'accepted'
		LIMIT 1`, account)
}

// selectTwice reports whether the partner of a candidate has another one with the same address that is not joined with it.
func selectTwice(ctx context.Context, t *database.Tx, c ledger.Candidate) (bool, error) {
	var one int
	return t.Get(ctx, &one, `
		SELECT 1
		FROM candidate
		WHERE email = ? AND partner_id = ? AND COALESCE(ledger, id) <> ?
		LIMIT 1`, c.Email, c.PartnerID, c.Root())
}

// selectMismatched are those of the awards that rest on a result whose identity check did not match.
func selectMismatched(ctx context.Context, t *database.Tx, awards []string) (list []string, err error) {
	err = t.Select(ctx, &list, `
		SELECT DISTINCT s.award_id
		FROM award_support s
		JOIN result r ON r.partner_id = s.partner_id AND r.id = s.result_id
		WHERE s.award_id IN (?) AND r.identity_matched = 'no'`, awards)
	return list, err
}

// acceptAll accepts awards as their holder would, who is told in one letter.
func (au automatic) acceptAll(ctx context.Context, t *database.Tx, p acceptPayload, c ledger.Candidate, awards []*ledger.Award, visibility string) error {
	if len(awards) == 0 {
		return nil
	}
	w := newWrite(au.Issuer, t, ledger.Changes{Now: au.now(), Actor: ledger.Actor{Kind: ledger.ByPerson, Name: c.Name}})
	for _, a := range awards {
		accepted, err := acceptAward(ctx, t, a.ID, p.Account, visibility, w.Now)
		if err != nil {
			return fmt.Errorf("accept award %s: %w", a.ID, err)
		}
		if !accepted {
			return fmt.Errorf("award %s changed under its lock", a.ID)
		}
		test, err := au.Partners.Sandbox(ctx, t, c.PartnerID)
		if err != nil {
			return err
		}
		if err := names(au).accepted(ctx, t, Holder{ID: p.Account, Sandbox: test}, a); err != nil {
			return err
		}
		now, _, err := selectAward(ctx, t, a.ID)
		if err != nil {
			return err
		}
		w.AwardEvent("badge.accepted", ledger.Of(c), now, "automatically, as the holder chose")
	}
	w.letter(Letter{Kind: LetterAccepted, Partner: c.PartnerID, Candidate: c.ID, Awards: ledger.AwardIDs(awards)},
		letterPayload{Candidate: c.ID, Awards: ledger.AwardIDs(awards)})
	if err := insertEntries(ctx, w); err != nil {
		return err
	}
	if err := addLetters(ctx, w); err != nil {
		return err
	}
	return appendEvents(ctx, w)
}

// offerTo makes the claim for awards of a candidate, and has its letter written.
func (of *Offers) offerTo(ctx context.Context, t *database.Tx, c ledger.Candidate, email string, awards ledger.IDList) error {
	if len(awards) == 0 {
		return nil
	}
	claim := of.newClaim(c.ID, email)
	claim.Awards = awards
	if err := insertClaims(ctx, t, []claimRow{claim}, of.now()); err != nil {
		return fmt.Errorf("store claim: %w", err)
	}
	l, err := of.offer(ctx, t, c.PartnerID, claim, false)
	if err != nil {
		return err
	}
	return of.letters.Add(ctx, t, l)
}

// AcceptedLetter says that badges were accepted as their holder chose.
type AcceptedLetter struct {
	Recipient
	Badges []OfferedBadge
}

// AcceptedLetter is about those that are still in the collection.
func (of *Offers) AcceptedLetter(ctx context.Context, l Letter) (a AcceptedLetter, unsent Unsent, err error) {
	var p letterPayload
	if err := l.about(&p); err != nil {
		return a, "", err
	}
	to, badges, unsent, err := of.addressee(ctx, p.Candidate, p.Awards)
	if err != nil || unsent != "" {
		return a, unsent, err
	}
	badges = slices.DeleteFunc(badges, func(b OfferedBadge) bool { return b.Award.State != ledger.Accepted || !b.Award.Stands() })
	if len(badges) == 0 {
		return a, Overtaken, nil
	}
	return AcceptedLetter{Recipient: to, Badges: badges}, "", nil
}
