package training

import (
	"context"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// Completed is a training as its person sees it.
type Completed struct {
	Training
	Sandbox bool `db:"sandbox"` // nothing real was completed
}

// mostCompleted is how many trainings are looked through for one person, the newest first.
const mostCompleted = 10_000

// Of are a holder's trainings, the newest first: those that were posted for an address that they have confirmed, and
// those of a candidate of whom they have accepted a badge that went to the same address, or whose profile they have
// connected. Where a partner has corrected
// the address of a candidate since, the right one counts, and the wrong one has nothing.
func (ts *Trainings) Of(ctx context.Context, h issuer.Holder) (list []Completed, err error) {
	if h.ID == "" {
		return nil, nil
	}
	t := ts.db.Reader()
	if list, err = selectCompleted(ctx, t, h); err != nil || len(list) == 0 {
		return nil, err
	}
	corrections, err := selectCorrections(ctx, t, list)
	if err != nil {
		return nil, fmt.Errorf("read corrections of addresses: %w", err)
	}
	connected, err := selectConnected(ctx, t, h)
	if err != nil {
		return nil, fmt.Errorf("read connected candidates: %w", err)
	}
	return slices.DeleteFunc(list, func(c Completed) bool {
		address := corrected(c.Email, corrections[c.CandidateID])
		return !slices.Contains(h.Addresses, address) && !connected[connection{c.CandidateID, address}]
	}), nil
}

// connection is a candidate at an address: at another one it may have been somebody else.
type connection struct {
	Candidate string `db:"candidate_id"`
	Address   string `db:"address"`
}

// correction of the address of a candidate.
type correction struct {
	Candidate string `db:"candidate_id"`
	Was       string `db:"was"`
	Value     string `db:"value"`
}

// corrected is an address as it is now, after corrections in their order.
func corrected(address string, list []correction) string {
	for _, c := range list {
		if c.Was == address {
			address = c.Value
		}
	}
	return address
}

// selectCompleted are the trainings that may be a holder's: each statement in it has an index of its own.
func selectCompleted(ctx context.Context, t *database.Tx, h issuer.Holder) (list []Completed, err error) {
	addresses := h.Addresses
	if len(addresses) == 0 {
		addresses = []string{""}
	}
	const of = `SELECT t.partner_id, t.id AS id, t.candidate_id, t.number, t.email, t.title, t.url, t.completed_at AS completed_at, t.recorded_at, t.digest, p.sandbox`
	err = t.Select(ctx, &list, of+`
		FROM training t
		JOIN partner p ON p.id = t.partner_id
		WHERE t.email IN (?) AND p.sandbox >= ?
		UNION
		`+of+`
		FROM candidate c
		JOIN training t ON t.candidate_id = c.id
		JOIN partner p ON p.id = t.partner_id
		WHERE c.email IN (?) AND p.sandbox >= ?
		UNION
		`+of+`
		FROM award a
		JOIN training t ON t.candidate_id = a.candidate_id
		JOIN partner p ON p.id = t.partner_id
		WHERE a.holder = ? AND a.holder <> '' AND a.state = 'accepted'
		UNION
		`+of+`
		FROM connection n
		JOIN training t ON t.candidate_id = n.candidate_id
		JOIN partner p ON p.id = t.partner_id
		WHERE n.account_id = ?
		UNION
		`+of+`
		FROM connection n
		JOIN candidate c ON c.ledger = n.candidate_id
		JOIN training t ON t.candidate_id = c.id
		JOIN partner p ON p.id = t.partner_id
		WHERE n.account_id = ?
		ORDER BY completed_at DESC, id
		LIMIT ?`, addresses, database.Flag(h.Sandbox), addresses, database.Flag(h.Sandbox), h.ID, h.ID, h.ID, mostCompleted)
	if err != nil {
		err = fmt.Errorf("read trainings: %w", err)
	}
	return list, err
}

// selectCorrections are those of the addresses of the candidates of trainings, in their order.
func selectCorrections(ctx context.Context, t *database.Tx, list []Completed) (map[string][]correction, error) {
	ids := make([]string, len(list))
	for k, c := range list {
		ids[k] = c.CandidateID
	}
	slices.Sort(ids)
	var rows []correction
	err := t.Select(ctx, &rows, `
		SELECT candidate_id, was, value
		FROM candidate_correction
		WHERE candidate_id IN (?) AND member = ?
		ORDER BY candidate_id, number`, slices.Compact(ids), ledger.MemberEmail)
	of := map[string][]correction{}
	for _, r := range rows {
		of[r.Candidate] = append(of[r.Candidate], r)
	}
	return of, err
}

// selectConnected are the candidates of whom a holder has accepted badges, each at the address to which those went, and
// those of the profile that they have connected.
func selectConnected(ctx context.Context, t *database.Tx, h issuer.Holder) (map[connection]bool, error) {
	var rows []connection
	err := t.Select(ctx, &rows, `
		SELECT DISTINCT a.candidate_id, COALESCE(NULLIF(a.owner_email, ''), c.email) AS address
		FROM award a
		JOIN candidate c ON c.id = a.candidate_id
		WHERE a.holder = ? AND a.holder <> '' AND a.state = 'accepted'
		UNION
		SELECT n.candidate_id, COALESCE(NULLIF(n.owner_email, ''), c.email)
		FROM connection n
		JOIN candidate c ON c.id = n.candidate_id
		WHERE n.account_id = ?
		UNION
		SELECT c.id, c.email
		FROM connection n
		JOIN candidate c ON c.ledger = n.candidate_id
		WHERE n.account_id = ? AND n.owner_email = ''`, h.ID, h.ID, h.ID)
	connected := make(map[connection]bool, len(rows))
	for _, r := range rows {
		connected[r] = true
	}
	return connected, err
}
