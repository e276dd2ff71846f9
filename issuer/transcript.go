package issuer

import (
	"context"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// LedgerEntry is a result as its candidate sees it, with what it did.
type LedgerEntry struct {
	Result    ledger.Result
	Partner   string
	Decisions []ledger.Decision
}

// Transcript is every result of a holder's, the newest first, with today's reasons: of the same people whose badges
// the holder may take (see owner.go).
func (rs *Records) Transcript(ctx context.Context, h Holder) (list []LedgerEntry, err error) {
	t := rs.db.Reader()
	rows, err := selectTranscript(ctx, t, h)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	with, err := selectKnown(ctx, t, h, "")
	if err != nil {
		return nil, err
	}
	ledgers, err := transcriptLedgers(ctx, t, rows)
	if err != nil {
		return nil, fmt.Errorf("read candidates: %w", err)
	}
	kin := map[*ledger.Ledger]ledger.Kinship{}
	for _, l := range ledgers {
		kin[l] = l.Kin(l.Root())
	}
	for k := range rows {
		r := &rows[k].Result
		l := ledgers[r.CandidateID]
		p := l.Person(r, kin[l])
		if with[known{r.CandidateID, p.Email}] || slices.Contains(h.Addresses, p.Address(l.Root())) {
			list = append(list, LedgerEntry{Result: *r, Partner: rows[k].Partner, Decisions: r.Decisions})
		}
	}
	return list, nil
}

// selectTranscript are the results of the candidates at addresses, of those of whom something is offered there, and
// of those of whom an account has accepted something, or whose profile it has connected, and of those merged with them.
func selectTranscript(ctx context.Context, t *database.Tx, h Holder) (list []transcriptRow, err error) {
	addresses := h.Addresses
	if len(addresses) == 0 {
		addresses = []string{""}
	}
	err = t.Select(ctx, &list, `
		SELECT r.partner_id, r.id, r.candidate_id, r.exam, r.outcome, r.score, r.max_score, r.identity_method, r.identity_matched,
			r.state, r.digest, r.decisions, r.awards, r.taken_at, r.recorded_at, r.candidate_email, r.candidate_name, r.candidate_locale, p.name AS partner
		FROM result r
		JOIN partner p ON p.id = r.partner_id
		WHERE r.candidate_id IN (
			SELECT id FROM candidate WHERE email IN (?)
			UNION SELECT candidate_id FROM award WHERE owner_email IN (?) AND owner_email <> ''
			UNION SELECT candidate_id FROM award WHERE holder = ? AND holder <> '' AND state = 'accepted'
			UNION SELECT candidate_id FROM connection WHERE account_id = ?
			UNION SELECT c.id FROM connection n JOIN candidate c ON c.ledger = n.candidate_id WHERE n.account_id = ?
			UNION SELECT m.id FROM `+mergedAt+` WHERE `+mergedAtHolder+`)
			AND p.sandbox >= ?
		ORDER BY r.taken_at DESC, r.id
		LIMIT 10000`, addresses, addresses, h.ID, h.ID, h.ID, addresses, database.Flag(h.Sandbox), h.ID, database.Flag(h.Sandbox))
	return list, err
}

// transcriptLedgers are the results by candidate, with what else tells whose they are.
func transcriptLedgers(ctx context.Context, t *database.Tx, rows []transcriptRow) (map[string]*ledger.Ledger, error) {
	byID, ids := map[string]*ledger.Ledger{}, []string(nil)
	for _, r := range rows {
		if byID[r.CandidateID] == nil {
			byID[r.CandidateID] = ledger.Of(ledger.Candidate{ID: r.CandidateID})
			ids = append(ids, r.CandidateID)
		}
		byID[r.CandidateID].Results = append(byID[r.CandidateID].Results, r.Result)
	}
	candidates, err := selectCandidates(ctx, t, ids)
	if err != nil {
		return nil, err
	}
	for _, c := range candidates {
		byID[c.ID].Candidates = ledger.Of(c).Candidates
	}
	corrections, err := selectCorrections(ctx, t, ids)
	for _, c := range corrections {
		byID[c.CandidateID].Corrected = append(byID[c.CandidateID].Corrected, c)
	}
	return byID, err
}

type transcriptRow struct {
	ledger.Result
	Partner string `db:"partner"`
}
