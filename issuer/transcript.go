package issuer

import "context"

// LedgerEntry is a result as its candidate sees it, with what it did.
type LedgerEntry struct {
	Result    Recorded
	Partner   string
	Decisions []Decision
}

// Transcript is every result at the addresses of a holder, the newest first, with today's reasons.
func (i *Issuer) Transcript(ctx context.Context, h Holder) ([]LedgerEntry, error) {
	if len(h.Addresses) == 0 {
		return nil, nil
	}
	rows, err := selectTranscript(ctx, i.db.Reader(), h.Addresses)
	if err != nil {
		return nil, err
	}
	list := make([]LedgerEntry, 0, len(rows))
	for _, r := range rows {
		list = append(list, LedgerEntry{Result: r.Recorded, Partner: r.Partner, Decisions: r.Decisions})
	}
	return list, nil
}
