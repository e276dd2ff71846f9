package issuer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// write is one transaction and what it changes of ledgers and awards, which flush stores together, so that many
// results cost few statements.
type write struct {
	i *Issuer
	t *database.Tx
	ledger.Changes
	letters    []dueLetter
	again      []offeredAgain
	deliveries map[string]Delivery // of the awards that events tell of, once they are stored
}

var errTooOften = errors.New("other processes were always faster")

// writeAttempts bounds how often other processes may be faster.
const writeAttempts = 10

// inWrite runs fn in a transaction whose changes are stored at its end.
func (i *Issuer) inWrite(ctx context.Context, fn func(w *write) error) error {
	for range writeAttempts {
		if err := i.tryWrite(ctx, fn); !errors.Is(err, errOvertaken) {
			return err
		}
	}
	return errTooOften
}

func (i *Issuer) tryWrite(ctx context.Context, fn func(w *write) error) error {
	return i.db.InTx(ctx, func(t *database.Tx) error {
		h, err := i.HistoryIn(ctx, t)
		if err != nil {
			return err
		}
		w := &write{i: i, t: t, deliveries: map[string]Delivery{}, Changes: ledger.Changes{History: h, Now: i.now(), IDs: newIDs}}
		if err := fn(w); err != nil {
			return err
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
		t.OnCommit(func() {
			i.recorded.Add(int64(len(w.Results)))
			i.awarded.Add(int64(len(w.Made)))
		})
		if due := ledger.AwardIDs(w.Due); len(due) > 0 {
			t.OnCommit(func() { i.Due(due) })
		}
		return nil
	})
}

// flush stores everything; the order follows the foreign keys.
func (w *write) flush(ctx context.Context) error {
	for _, a := range w.Due {
		w.Edition(a)
	}
	for _, a := range w.Withdrawn {
		w.withdrawnLetter(a)
	}
	for _, step := range []struct {
		what string
		do   func(context.Context, *write) error
	}{
		{"candidates", updateCandidates},
		{"corrections", insertCorrections},
		{"results", insertResults},
		{"achievements", describeAwards},
		{"awards", insertAwards},
		{"changed awards", updateAwards},
		{"what awards rest on", storeSupports},
		{"agenda", updateAgenda},
		{"ended links", endLinks},
		{"status bits", endCredentials},
		{"history", insertEntries},
		{"letters", addLetters},
		{"offers again", addOffersAgain},
		{"events", appendEvents}, // last: they lock the feeds
	} {
		if err := step.do(ctx, w); err != nil {
			return fmt.Errorf("store %s: %w", step.what, err)
		}
	}
	return nil
}

// dueLetter is a letter and what else is to be known of it.
type dueLetter struct {
	Letter
	about any
}

func (w *write) letter(l Letter, about any) { w.letters = append(w.letters, dueLetter{l, about}) }

func addLetters(ctx context.Context, w *write) error {
	letters := make([]Letter, len(w.letters))
	for n, l := range w.letters {
		var err error
		if letters[n], err = w.i.letter(ctx, w.t, l.Letter, l.about); err != nil {
			return err
		}
	}
	return w.i.Letters.Add(ctx, w.t, letters...)
}

// describeAwards gives new awards the achievements of now, in a fixed order, since they may be new
// as well.
func describeAwards(ctx context.Context, w *write) error {
	made := slices.SortedFunc(slices.Values(w.Made), func(a, b *ledger.Award) int { return a.Subject().Compare(b.Subject()) })
	var last *catalogue.Achievement
	for _, a := range made {
		test, err := w.i.Partners.Sandbox(ctx, w.t, a.PartnerID)
		if err != nil {
			return err
		}
		if last == nil || last.Subject() != a.Subject() || last.Test != test {
			if last, err = w.i.CurrentIn(ctx, w.t, w.History, a.Subject(), test); err != nil {
				return err
			}
		}
		a.AchievementID = last.ID
	}
	return nil
}

// endLinks ends the claim links that went to addresses where nothing of their candidates is offered any more.
func endLinks(ctx context.Context, w *write) error {
	for _, l := range w.Moved {
		addresses := []string{l.Candidate.Email}
		for _, a := range l.Awards {
			addresses = append(addresses, a.Address(l.Candidate))
		}
		if err := replaceClaimsElsewhere(ctx, w.t, l.Candidate.ID, addresses, w.Now); err != nil {
			return err
		}
	}
	return nil
}

func endCredentials(ctx context.Context, w *write) error {
	return w.i.End(ctx, w.t, ledger.AwardIDs(w.Ended))
}
