package issuer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/ledger"
)

// Mail is what became of the letter that offers an award.
type Mail string

// The states of that letter.
const (
	MailWaiting Mail = "waiting" // to go out
	MailSent    Mail = "sent"    // the relay took it
	MailBounced Mail = "bounced" // the address was refused for good
	MailStopped Mail = "stopped" // the address wants no letters about badges
	MailNone    Mail = "none"    // there is none
)

// Delivery is for whom an award was made, and whether they were told.
type Delivery struct {
	Candidate string // the partner's own id
	Mail      Mail
}

// deliver tells receipts what became of the letters of their awards, read in one statement for all that do not
// know it.
func (i *Issuer) deliver(ctx context.Context, receipts ...*Receipt) error {
	var awards []*ledger.Award
	for _, r := range receipts {
		if r.Deliveries == nil {
			awards = append(awards, r.Awards...)
		}
	}
	all, err := i.Deliveries(ctx, awards...)
	for _, r := range receipts {
		if r.Deliveries == nil {
			r.Deliveries = all
		}
	}
	return err
}

// Deliveries are those of awards, by their ids, read in one statement for all.
func (i *Issuer) Deliveries(ctx context.Context, awards ...*ledger.Award) (map[string]Delivery, error) {
	return deliveriesOf(ctx, i.db.Reader(), awards)
}

func deliveriesOf(ctx context.Context, t *database.Tx, awards []*ledger.Award) (map[string]Delivery, error) {
	all := make(map[string]Delivery, len(awards))
	if len(awards) == 0 {
		return all, nil
	}
	var candidates []string
	for _, a := range awards {
		candidates = append(candidates, a.CandidateID)
	}
	slices.Sort(candidates)
	letters, err := selectLetters(ctx, t, slices.Compact(candidates))
	if err != nil {
		return nil, fmt.Errorf("read letters of awards: %w", err)
	}
	for _, a := range awards {
		all[a.ID] = deliveryOf(a, letters[a.CandidateID])
	}
	return all, nil
}

// candidateLetter is a claim letter of a candidate that no newer one replaced. There is a row without one for a
// candidate who has none.
type candidateLetter struct {
	Candidate string        `db:"id"`
	Number    string        `db:"number"`
	StoppedAt *time.Time    `db:"stopped_at"`
	Awards    ledger.IDList `db:"awards"`
	SentAt    *time.Time    `db:"sent_at"`
	BouncedAt *time.Time    `db:"bounced_at"`
}

// deliveryOf is what the letters of its candidate, the oldest first, say of an award. A letter that has not gone
// out goes only while there is something to offer.
func deliveryOf(a *ledger.Award, letters []candidateLetter) (d Delivery) {
	d.Mail = MailNone
	if a.Signed == 0 && a.Waits() {
		d.Mail = MailWaiting // its letter is made when it is signed
	}
	for _, l := range letters {
		d.Candidate = l.Number
		switch {
		case l.StoppedAt != nil:
			d.Mail = MailStopped
		case !slices.Contains(l.Awards, a.ID):
		case l.BouncedAt != nil:
			d.Mail = MailBounced
		case l.SentAt != nil:
			d.Mail = MailSent
		case a.Waits():
			d.Mail = MailWaiting
		}
	}
	return d
}
