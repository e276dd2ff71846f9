package issuer

import (
	"context"
	"crypto/hmac"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/refusal"
)

// Whoever has accepted a certification that ends is told when it can be renewed, and then nearer and nearer to its end
// (flows 2.10). One row of the agenda stands for each such award, and is put there anew for the next letter by whoever
// takes it away. It always goes by the end that the award has by then and by the programme of the day, so that a
// renewal, or another window, needs nothing of its own.

// dueRenewal is the next letter about the end of an award, by its id.
const dueRenewal = "award.renewal"

// renewalDays are the days before the end on which letters go out, beside the first one on which it can be renewed; the
// last one is the day after.
var renewalDays = []int{90, 30, 7, 1, -1}

// renewalHour is when they go out on those days, UTC.
const renewalHour = 6 * time.Hour

// renewalTimes are when letters about an end are due, in order.
func renewalTimes(opens, expires programme.Date) []time.Time {
	times := []time.Time{opens.Time().Add(renewalHour)}
	for _, before := range renewalDays {
		if day := expires.AddDays(-before); day.After(opens) {
			times = append(times, day.Time().Add(renewalHour))
		}
	}
	return times
}

// nextRenewal is the next time after a moment at which a letter about the end of an award is due; none where the award
// does not end, or is withdrawn.
func (w *write) nextRenewal(a *ledger.Award, after time.Time) (at time.Time, found bool) {
	if a.Kind != programme.KindCertification || a.ExpiresOn.IsZero() || !a.Stands() {
		return at, false
	}
	r, found := w.History.Renewal(a.Code, a.ExpiresOn.Date, programme.DateOf(w.Now))
	if !found {
		return at, false
	}
	for _, at := range renewalTimes(r.Opens, a.ExpiresOn.Date) {
		if at.After(after) {
			return at, true
		}
	}
	return at, false
}

// renew does the letters about ends among what was taken off the agenda. After a time without a server only the last
// one of those that were missed goes out.
func (w *write) renew(ctx context.Context, taken []due) error {
	rows := map[string]due{}
	var ids []string
	for _, d := range taken {
		if d.Kind == dueRenewal {
			rows[d.Subject], ids = d, append(ids, d.Subject)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	awards, err := selectAwards(ctx, w.t, ids)
	if err != nil {
		return err
	}
	var next []due
	for _, a := range awards {
		d := rows[a.ID]
		at, found := w.nextRenewal(a, d.At.Add(-time.Second))
		if found && !at.After(w.Now) {
			if err := w.renewalLetter(ctx, a); err != nil {
				return err
			}
		}
		if d.At, found = w.nextRenewal(a, w.Now); found {
			next = append(next, d)
		}
	}
	return upsertDue(ctx, w.t, next)
}

// renewalLetter tells the holder of an award how its end stands. Whoever declined it, or has not decided, is told
// nothing, nor of what is on hold; what cannot be renewed any more is told once.
func (w *write) renewalLetter(ctx context.Context, a *ledger.Award) error {
	if a.State != ledger.Accepted || a.SuspendedAt != nil || a.DisputedAt != nil {
		return nil
	}
	letters, err := countRenewalLetter(ctx, w.t, a)
	if err != nil {
		return err
	}
	r, _ := w.History.Renewal(a.Code, a.ExpiresOn.Date, programme.DateOf(w.Now))
	if letters > 1 && r.Over(programme.DateOf(w.Now)) && !a.OverAt(w.Now) {
		return nil
	}
	w.letter(Letter{Kind: LetterRenewal, Partner: a.PartnerID, Candidate: a.CandidateID, Awards: []string{a.ID}},
		renewalPayload{Award: a.ID, Expires: a.ExpiresOn.Date, First: letters == 1})
	return nil
}

// renewalPayload is a letter about the end of an award.
type renewalPayload struct {
	Award   string         `json:"award"`
	Expires programme.Date `json:"expires"`
	First   bool           `json:"first,omitempty"` // about this end
}

// countRenewalLetter counts a letter about the end that an award has, and returns which one it is.
func countRenewalLetter(ctx context.Context, t *database.Tx, a *ledger.Award) (letters int, err error) {
	_, err = t.Get(ctx, &letters, `
		INSERT INTO renewal_letter (award_id, expires_on, letters)
		VALUES (?, ?, 1)
		ON CONFLICT (award_id, expires_on) DO UPDATE SET letters = renewal_letter.letters + 1
		RETURNING letters`, a.ID, a.ExpiresOn)
	return letters, err
}

// Renewals knows what letters about the end of certifications say, to whom they go, and who wants none.
type Renewals struct{ i *Issuer }

// RenewalLetter tells somebody that a certification of theirs ends.
type RenewalLetter struct {
	Recipient
	Badge     OfferedBadge
	Renewal   programme.Renewal
	Programme programme.History // names the exams
	Today     programme.Date
	First     bool // about this end
}

// Letter is a letter about the end of an award, unless that was renewed or withdrawn or put away meanwhile.
func (rn Renewals) Letter(ctx context.Context, l Letter) (n RenewalLetter, unsent Unsent, err error) {
	var p renewalPayload
	if err := l.about(&p); err != nil {
		return n, "", err
	}
	t := rn.i.db.Reader()
	a, found, err := selectAward(ctx, t, p.Award)
	if err != nil || !found || a.State != ledger.Accepted || !a.Stands() || a.ExpiresOn.Date != p.Expires || a.SuspendedAt != nil {
		return n, Overtaken, err
	}
	c, found, err := selectCandidate(ctx, t, a.CandidateID)
	if err != nil || !found {
		return n, Overtaken, err
	}
	addresses, err := rn.addresses(ctx, t, a, c)
	if err != nil {
		return n, "", err
	}
	c.Email = addresses[0]
	if a.OwnerName != "" {
		c.Name = a.OwnerName
	}
	if stopped, err := selectRenewalStop(ctx, t, c.Email); err != nil || stopped {
		return n, Stopped, err
	}
	if n.Recipient, err = rn.i.recipient(ctx, t, c); err != nil {
		return n, "", err
	}
	n.StopURL = rn.i.BaseURL + "/stop/renewals/" + a.ID + rn.proof(a.ID, c.Email)
	badges, err := rn.i.withAchievements(ctx, []*ledger.Award{a})
	if err != nil {
		return n, "", err
	}
	if n.Programme, err = rn.i.History(ctx); err != nil {
		return n, "", err
	}
	n.Badge, n.Today, n.First = badges[0], rn.i.Today(), p.First
	n.Renewal, _ = n.Programme.Renewal(a.Code, a.ExpiresOn.Date, n.Today)
	return n, "", nil
}

// addresses are those of the account that holds an award, the one first that letters go to, and then the one at which
// it was offered.
func (rn Renewals) addresses(ctx context.Context, t *database.Tx, a *ledger.Award, c ledger.Candidate) (list []string, err error) {
	if rn.i.Accounts != nil {
		if list, err = rn.i.Accounts.Confirmed(ctx, t, a.Holder); err != nil {
			return nil, fmt.Errorf("read addresses of an account: %w", err)
		}
	}
	return append(slices.Clone(list), a.Address(&c)), nil
}

// proof shows that we wrote a stop link in a letter about an award to an address.
func (rn Renewals) proof(award, email string) string {
	return rn.i.derive("stop renewals", award+"\x00"+email)
}

// StopAddress is the address that a stop link of these letters is about. It changes nothing.
func (rn Renewals) StopAddress(ctx context.Context, token string) (address string, found bool, err error) {
	if len(token) <= secretLength || !line.Storable(token) {
		return "", false, nil
	}
	id, proof := token[:len(token)-secretLength], token[len(token)-secretLength:]
	t := rn.i.db.Reader()
	a, found, err := selectAward(ctx, t, id)
	if err != nil || !found {
		return "", false, err
	}
	c, _, err := selectCandidate(ctx, t, a.CandidateID)
	if err != nil {
		return "", false, err
	}
	addresses, err := rn.addresses(ctx, t, a, c)
	k := slices.IndexFunc(addresses, func(e string) bool { return hmac.Equal([]byte(proof), []byte(rn.proof(id, e))) })
	if err != nil || k < 0 {
		return "", false, err
	}
	return addresses[k], true, nil
}

// Stop ends these letters to the address of a stop link; others still come.
func (rn Renewals) Stop(ctx context.Context, token string) (found bool, err error) {
	address, found, err := rn.StopAddress(ctx, token)
	if err != nil || !found {
		return found, err
	}
	return true, rn.i.db.InTx(ctx, func(t *database.Tx) error { return insertRenewalStop(ctx, t, address, rn.i.now()) })
}

func insertRenewalStop(ctx context.Context, t *database.Tx, email string, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO renewal_stop (email, created_at)
		VALUES (?, ?)
		ON CONFLICT DO NOTHING`, email, now)
	return err
}

// Resume undoes Stop.
func (rn Renewals) Resume(ctx context.Context, token string) (found bool, err error) {
	address, found, err := rn.StopAddress(ctx, token)
	if err != nil || !found {
		return found, err
	}
	return true, rn.i.db.InTx(ctx, func(t *database.Tx) error { return deleteRenewalStop(ctx, t, address) })
}

func deleteRenewalStop(ctx context.Context, t *database.Tx, email string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM renewal_stop
		WHERE email = ?`, email)
	return err
}

// Stopped reports whether these letters to an address were ended.
func (rn Renewals) Stopped(ctx context.Context, address string) (bool, error) {
	return selectRenewalStop(ctx, rn.i.db.Reader(), address)
}

// MailsTo are which letters go to an address: those about badges, and those about renewals.
func (rn Renewals) MailsTo(ctx context.Context, address string) (badges, renewals bool, err error) {
	t := rn.i.db.Reader()
	stopped, err := selectMailStop(ctx, t, address)
	if err != nil {
		return false, false, err
	}
	none, err := selectRenewalStop(ctx, t, address)
	return !stopped, !none, err
}

// StopTo ends letters about renewals to an address that a holder has confirmed, or begins them again. What was not
// written meanwhile is not written later.
func (rn Renewals) StopTo(ctx context.Context, h Holder, address string, stop bool) error {
	if !slices.Contains(h.Addresses, address) {
		return refusal.New("not_found", "That address is not yours.")
	}
	return rn.i.db.InTx(ctx, func(t *database.Tx) error {
		if stop {
			return insertRenewalStop(ctx, t, address, rn.i.now())
		}
		return deleteRenewalStop(ctx, t, address)
	})
}

func selectRenewalStop(ctx context.Context, t *database.Tx, email string) (bool, error) {
	var one int
	return t.Get(ctx, &one, `SELECT 1 FROM renewal_stop WHERE email = ?`, email)
}
