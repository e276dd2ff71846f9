package issuer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/jobs"
)

// write is one transaction and what it changes of ledgers and awards, which flush stores together, so that many
// results cost few statements.
type write struct {
	i *Issuer
	t *database.Tx
	ledger.Changes
	letters    []dueLetter
	again      []offeredAgain
	deliveries map[string]Delivery        // of the awards that events tell of, once they are stored
	newcomers  map[string]candidateLetter // candidates that this transaction made, who have no letter yet
}

func newWrite(i *Issuer, t *database.Tx, changes ledger.Changes) *write {
	return &write{i: i, t: t, deliveries: map[string]Delivery{}, newcomers: map[string]candidateLetter{}, Changes: changes}
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
		w := newWrite(i, t, ledger.Changes{History: h, Now: i.now(), IDs: newIDs})
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

// Transaction is a transaction for what stands above this room: what it changes of ledgers is stored at its end.
type Transaction struct{ *write }

// Change runs fn in such a transaction, and again where other processes were faster.
func Change(ctx context.Context, i *Issuer, fn func(tx Transaction) error) error {
	return i.inWrite(ctx, func(w *write) error { return fn(Transaction{w}) })
}

// Tx is the database's.
func (tx Transaction) Tx() *database.Tx { return tx.t }

// Notify has a letter of notice written to each address at which something of a ledger may be offered.
func (tx Transaction) Notify(l *ledger.Ledger, kind, reference string) {
	var told []string
	for _, c := range l.Candidates {
		if !slices.Contains(told, c.Email) {
			told = append(told, c.Email)
			tx.notice(c.PartnerID, c.ID, noticePayload{Kind: kind, Reference: reference})
		}
	}
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
		{"connections", followConnections},
		{"results", insertResults},
		{"achievements", describeAwards},
		{"awards", insertAwards},
		{"changed awards", updateAwards},
		{"choices", updateChoices},
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

// updateCandidates stores new facts of candidates that this transaction has locked.
func updateCandidates(ctx context.Context, w *write) error {
	for _, c := range w.Restated {
		delete(w.newcomers, c.ID) // mail to another address may be stopped
		_, err := w.t.Exec(ctx, `
			UPDATE candidate
			SET email = ?, name = ?, locale = ?
			WHERE id = ?`, c.Email, c.Name, c.Locale, c.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// followConnections has the accounts of ledgers whose facts have changed stay with their people.
func followConnections(ctx context.Context, w *write) error {
	for _, l := range w.Refounded {
		if err := connection.Follow(ctx, w.t, l); err != nil {
			return err
		}
	}
	return nil
}

// insertResults stores the new results. One that another process stored meanwhile is reported as
// errOvertaken.
func insertResults(ctx context.Context, w *write) error {
	rows := make([][]any, 0, len(w.Results))
	inKeyOrder := slices.SortedFunc(slices.Values(w.Results), func(a, b ledger.Result) int {
		return cmp.Or(cmp.Compare(a.PartnerID, b.PartnerID), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range inKeyOrder { // so that two processes with the same results never wait for each other
		rows = append(rows, []any{r.PartnerID, r.ID, r.CandidateID, r.Exam, string(r.Outcome), r.Score, r.MaxScore, r.IdentityMethod,
			r.IdentityMatched, r.State, r.Digest, r.Decisions, r.Awards, r.TakenAt, r.RecordedAt,
			r.CandidateEmail, r.CandidateName, r.CandidateLocale})
	}
	n, err := w.t.InsertRows(ctx, `INSERT INTO result (`+ledger.ResultColumns+`)`, rows, `ON CONFLICT DO NOTHING`)
	if err == nil && int(n) != len(rows) {
		return errOvertaken
	}
	return err
}

func insertCorrections(ctx context.Context, w *write) error {
	rows := make([][]any, 0, len(w.Corrections))
	for _, c := range w.Corrections {
		rows = append(rows, []any{c.CandidateID, c.Number, c.Member, c.Was, c.Value, c.Reason, c.CreatedAt})
	}
	_, err := w.t.InsertRows(ctx, `
		INSERT INTO candidate_correction (candidate_id, number, member, was, value, reason, created_at)`, rows, ``)
	return err
}

// updateAwards stores what was changed, in the order in which lockRevisions locks. What the holder chose
// without changing the credential has statements of its own.
func updateAwards(ctx context.Context, w *write) error {
	for _, a := range slices.SortedFunc(slices.Values(w.Changed), func(a, b *ledger.Award) int { return cmp.Compare(a.ID, b.ID) }) {
		a.Revision++
		_, err := w.t.Exec(ctx, `
			UPDATE award
			SET programme_version = ?, result_id = ?, supports = ?, earned_on = ?, expires_on = ?, renewed = ?, identity_checked = ?, scores = ?, version = ?,
				revision = revision + 1, kept = ?, revocation = ?, reason = ?, superseded_by = ?, issued_at = ?, revoked_at = ?, suspended_at = ?,
				public_reason = ?, valid_from = ?, disputed_at = ?, dispute = ?, owner_email = ?, owner_name = ?, result_partner = ?, inherits = ?
			WHERE id = ?`,
			a.Programme, a.ResultID, a.Supports, a.EarnedOn, a.ExpiresOn, a.Renewed, a.Identity, database.Flag(a.Scores), a.Version,
			database.Flag(a.Kept), a.Revocation, a.Reason, a.Successor, a.IssuedAt, a.RevokedAt, a.SuspendedAt,
			a.PublicReason, a.ValidFrom, a.DisputedAt, a.Dispute, a.OwnerEmail, a.OwnerName, a.ResultOf, a.Inherits, a.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// updateChoices stores what became of holders' choices by what became of other awards.
func updateChoices(ctx context.Context, w *write) error {
	for _, a := range w.Chosen {
		_, err := w.t.Exec(ctx, `
			UPDATE award
			SET state = ?, holder = ?, visibility = ?, decided_at = ?
			WHERE id = ?`, a.State, a.Holder, a.Visibility, a.DecidedAt, a.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// storeSupports stores what new awards rest on, and anew what changed ones do. The column of that name says the same
// for the program before.
func storeSupports(ctx context.Context, w *write) error {
	if len(w.Rebased) > 0 {
		_, err := w.t.Exec(ctx, `
			DELETE FROM award_support
			WHERE award_id IN (?)`, []string(ledger.AwardIDs(w.Rebased)))
		if err != nil {
			return err
		}
	}
	rows := make([][]any, 0, len(w.Made)+len(w.Rebased))
	for _, list := range [][]*ledger.Award{w.Made, w.Rebased} {
		for _, a := range list {
			for n, k := range a.Supports {
				rows = append(rows, []any{a.ID, n, k.Partner, k.ID})
			}
		}
	}
	_, err := w.t.InsertRows(ctx, `INSERT INTO award_support (award_id, position, partner_id, result_id)`, rows, ``)
	return err
}

func insertAwards(ctx context.Context, w *write) error {
	rows := make([][]any, 0, len(w.Made))
	for _, a := range w.Made {
		rows = append(rows, []any{a.ID, a.CandidateID, a.PartnerID, string(a.Kind), a.Code, a.AchievementID, a.Programme, a.ResultID, a.Supports,
			a.EarnedOn, a.ExpiresOn, a.Renewed, a.Identity, a.Salt, a.State, a.Visibility, a.Holder, database.Flag(a.Scores), a.Version, a.Signed, a.Revision,
			database.Flag(a.Kept), a.Revocation, a.Reason, a.Successor, a.CreatedAt, a.IssuedAt, a.DecidedAt, a.RevokedAt, a.SuspendedAt, a.PublicReason, a.ValidFrom, a.DisputedAt, a.Dispute,
			a.OwnerEmail, a.OwnerName, a.ResultOf, a.Inherits})
	}
	_, err := w.t.InsertRows(ctx, `INSERT INTO award (`+ledger.NewAwardColumns+`)`, rows, ``)
	return err
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
	for _, m := range w.Moved {
		if err := replaceClaimsElsewhere(ctx, w.t, m.ID, m.Addresses(), w.Now); err != nil {
			return err
		}
	}
	return nil
}

func replaceClaimsElsewhere(ctx context.Context, t *database.Tx, candidate string, addresses []string, now time.Time) error {
	_, err := t.Exec(ctx, `
		UPDATE claim
		SET replaced_at = ?
		WHERE candidate_id = ? AND replaced_at IS NULL AND email NOT IN (?)`, now, candidate, addresses)
	return err
}

func endCredentials(ctx context.Context, w *write) error {
	return w.i.End(ctx, w.t, ledger.AwardIDs(w.Ended))
}

func insertEntries(ctx context.Context, w *write) error {
	rows := make([][]any, 0, len(w.Entries))
	for n, e := range w.Entries {
		rows = append(rows, []any{newOrderedID("ent", w.i.Now(), n), e.Award, e.Change, string(e.Actor.Kind), e.Actor.Name, e.Actor.PartnerID, e.Reason, e.At})
	}
	_, err := w.t.InsertRows(ctx, `INSERT INTO award_entry (id, award_id, change, actor_kind, actor_name, actor_id, reason, created_at)`, rows, ``)
	return err
}

func addOffersAgain(ctx context.Context, w *write) error {
	if len(w.again) == 0 {
		return nil
	}
	tasks := make([]jobs.Task, len(w.again))
	for n, a := range w.again {
		kind := jobAgain
		sandbox, err := w.i.Partners.Sandbox(ctx, w.t, a.partner)
		if err != nil {
			return err
		}
		if sandbox {
			kind = sandboxJob + kind
		}
		tasks[n] = jobs.Task{Kind: kind, Key: a.whose.Candidate + a.whose.Owner, Payload: a.whose, Lane: a.partner}
	}
	return w.i.queue.Add(ctx, w.t, tasks...)
}
