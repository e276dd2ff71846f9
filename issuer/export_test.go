package issuer

import (
	"context"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/partner"
)

// Busy is how many batches of results are being recorded.
func (i *Issuer) Busy() int { return len(i.posts.lanes) }

// DoDue does all that is due.
func (i *Issuer) DoDue(ctx context.Context) (int, error) { return agenda{i}.doDue(ctx) }

// RecordAnd records a result and does something else in the same transaction.
func (i *Issuer) RecordAnd(ctx context.Context, caller partner.Caller, r Result, more func(*database.Tx) error) error {
	r, exam, err := i.admit(ctx, r)
	if err != nil {
		return err
	}
	p, err := newPosting(caller, r, exam)
	if err != nil {
		return err
	}
	return i.inWrite(ctx, func(w *write) error {
		if err := w.recordAll(ctx, []*posting{p}, nil); err != nil {
			return err
		}
		return more(w.t)
	})
}

// SetBit sets one place of a status list.
func (i *Issuer) SetBit(ctx context.Context, list, position int64) error {
	return i.db.InTx(ctx, func(t *database.Tx) error {
		rows := [][]any{{list, position, i.now()}}
		_, err := t.InsertRows(ctx, `INSERT INTO status_bit (list, position, set_at)`, rows, ``)
		return err
	})
}

// Tokens are all signed editions of an award, the oldest first.
func (i *Issuer) Tokens(ctx context.Context, award string) (tokens []string, err error) {
	var rows []credential.Packed
	err = i.db.Reader().Select(ctx, &rows, `SELECT jwt FROM credential WHERE award_id = ? ORDER BY version`, award)
	for _, r := range rows {
		tokens = append(tokens, string(r))
	}
	return tokens, err
}

// ByValue is a JSON number in the one spelling of its value.
func ByValue(text string) string { return byValue(jsonNumber(text)).String() }

// Join has candidates of partners share one ledger, of which the first is the root. They are to be known.
func (i *Issuer) Join(ctx context.Context, list ...ledger.CandidateKey) error {
	ids := make([]string, len(list))
	for n, k := range list {
		ids[n] = candidateID(k.Partner, k.Number)
	}
	return i.db.InTx(ctx, func(t *database.Tx) error {
		n, err := t.Exec(ctx, `UPDATE candidate SET ledger = ? WHERE id IN (?)`, ids[0], ids)
		if err == nil && int(n) != len(ids) {
			err = errNoCandidate
		}
		return err
	})
}
