package issuer

import (
	"context"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// Whoever does nothing about an offer is reminded of it twice, and then never again (flows 2.2). The first reminder is
// put on the agenda when the mail took the letter over, the second when the first one is due. A claim that was replaced,
// disowned or bounced has no more of them, nor one of which nothing waits; a stop is seen when the letter is written.

// dueReminder is a reminder of what a claim link offers, by the id of the claim.
const dueReminder = "claim.reminder"

const day = 24 * time.Hour

// reminderAfter is when reminders go out, after the letter that offers.
var reminderAfter = []time.Duration{7 * day, 30 * day}

// remindLater puts the first reminder of a claim on the agenda whose letter has gone out, or that which is left of the
// links that it replaced.
func (of *Offers) remindLater(ctx context.Context, t *database.Tx, l Letter, reminded int) error {
	if reminded >= len(reminderAfter) {
		return nil
	}
	after := reminderAfter[reminded]
	if reminded > 0 {
		after -= reminderAfter[reminded-1]
	}
	clock := lifeClock
	if l.Sandbox {
		clock = l.Partner
	}
	return upsertDue(ctx, t, []due{{dueReminder, l.Claim, clock, of.now().Add(after)}})
}

// remind does the reminders among what was taken off the agenda. Those of one person that fall due on the same day are
// one letter: the link in it leads to all that they are about, and the other links stay good.
func (w *write) remind(ctx context.Context, taken []due) error {
	done := map[string]bool{} // claims
	for _, d := range taken {
		if d.Kind != dueReminder || done[d.Subject] {
			continue
		}
		done[d.Subject] = true
		claim, open, err := takeReminder(ctx, w.t, digest(w.i.claimToken(d.Subject)))
		if err != nil {
			return err
		}
		if !open {
			continue
		}
		if err := w.joinReminders(ctx, &claim, taken, done); err != nil {
			return err
		}
		awards, err := selectAwards(ctx, w.t, claim.Awards)
		if err != nil {
			return err
		}
		awards = slices.DeleteFunc(awards, func(a *ledger.Award) bool { return !a.Waits() })
		if len(awards) == 0 {
			continue
		}
		partner, err := selectPartnerOf(ctx, w.t, claim.CandidateID)
		if err != nil {
			return err
		}
		w.letter(Letter{Kind: LetterReminder, Partner: partner, Candidate: claim.CandidateID, Claim: claim.ID, Awards: ledger.AwardIDs(awards)},
			letterPayload{Candidate: claim.CandidateID, Claim: claim.ID, Reminder: claim.Reminded})
		if err := w.remindAgain(ctx, d, claim.Reminded); err != nil {
			return err
		}
	}
	return nil
}

// joinReminders has the link of a claim lead also to what other links of the same person offer of which they are to be
// reminded within a day, and takes those reminders off the agenda.
func (w *write) joinReminders(ctx context.Context, claim *claimRow, taken []due, done map[string]bool) error {
	others, err := selectOpenClaims(ctx, w.t, claim.CandidateID, claim.Email, claim.ID)
	if err != nil || len(others) == 0 {
		return err
	}
	before := len(claim.Awards)
	for _, o := range others {
		soon := slices.ContainsFunc(taken, func(d due) bool { return d.Kind == dueReminder && d.Subject == o.ID }) && !done[o.ID]
		if !soon {
			rows, err := deleteDue(ctx, w.t, dueReminder, []string{o.ID}, w.Now.Add(day))
			if err != nil {
				return err
			}
			soon = len(rows) > 0
		}
		if !soon {
			continue
		}
		done[o.ID] = true
		for _, id := range o.Awards {
			if !slices.Contains(claim.Awards, id) {
				claim.Awards = append(claim.Awards, id)
			}
		}
	}
	if len(claim.Awards) == before {
		return nil
	}
	return updateClaimAwards(ctx, w.t, *claim)
}

// selectOpenClaims are the other links of a candidate to an address that nothing has ended, the oldest first.
func selectOpenClaims(ctx context.Context, t *database.Tx, candidate, email, but string) (list []claimRow, err error) {
	err = t.Select(ctx, &list, `
		SELECT `+claimColumns+`
		FROM claim
		WHERE candidate_id = ? AND email = ? AND id <> ? AND replaced_at IS NULL AND disowned_at IS NULL AND bounced_at IS NULL
		ORDER BY created_at, id
		LIMIT 100`, candidate, email, but)
	return list, err
}

func updateClaimAwards(ctx context.Context, t *database.Tx, c claimRow) error {
	_, err := t.Exec(ctx, `
		UPDATE claim
		SET awards = ?
		WHERE digest = ?`, c.Awards, c.Digest)
	return err
}

// takeReminder counts a reminder of a claim, unless there are to be no more.
func takeReminder(ctx context.Context, t *database.Tx, digest string) (c claimRow, open bool, err error) {
	open, err = t.Get(ctx, &c, `
		UPDATE claim
		SET reminded = reminded + 1
		WHERE digest = ? AND replaced_at IS NULL AND disowned_at IS NULL AND bounced_at IS NULL AND reminded < ?
		RETURNING `+claimColumns, digest, len(reminderAfter))
	return c, open, err
}

func selectPartnerOf(ctx context.Context, t *database.Tx, candidate string) (partner string, err error) {
	_, err = t.Get(ctx, &partner, `SELECT partner_id FROM candidate WHERE id = ?`, candidate)
	return partner, err
}

// remindAgain puts the next reminder on the agenda. After a time without a server two of them do not come at once; the
// clock of a sandbox is moved by its partner, who wants to see them all.
func (w *write) remindAgain(ctx context.Context, last due, reminded int) error {
	if reminded >= len(reminderAfter) {
		return nil
	}
	next := last
	next.At = last.At.Add(reminderAfter[reminded] - reminderAfter[reminded-1])
	if last.Clock == lifeClock {
		next.At = ledger.Later(next.At, w.Now.Add(reminderAfter[0]))
	}
	return upsertDue(ctx, w.t, []due{next})
}
