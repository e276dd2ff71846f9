package issuer

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/email"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/refusal"
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
	MailOK      Mail = "ok"      // of a candidate: nothing is known against writing to it
)

// Delivery is for whom an award was made, and whether they were told.
type Delivery struct {
	Candidate string // the partner's own id
	Mail      Mail
}

// deliver tells receipts what became of the letters of their awards, read together for all that do not know it.
func (rs *Records) deliver(ctx context.Context, receipts ...*Receipt) error {
	var awards []*ledger.Award
	for _, r := range receipts {
		if r.Deliveries == nil {
			awards = append(awards, r.Awards...)
		}
	}
	all, err := deliveriesOf(ctx, rs.db.Reader(), awards, nil)
	for _, r := range receipts {
		if r.Deliveries == nil {
			r.Deliveries = all
		}
	}
	return err
}

// Deliveries are those of awards as they are now, by their ids, read in few statements for all.
func (of *Offers) Deliveries(ctx context.Context, awards ...*ledger.Award) (map[string]Delivery, error) {
	return deliveriesOf(ctx, of.db.Reader(), awards, nil)
}

// deliveriesOf need not look for those of newcomers, who have no letter yet.
func deliveriesOf(ctx context.Context, t *database.Tx, awards []*ledger.Award, newcomers map[string]candidateLetter) (map[string]Delivery, error) {
	all := make(map[string]Delivery, len(awards))
	if len(awards) == 0 {
		return all, nil
	}
	letters := make(map[string][]candidateLetter, len(awards))
	var offered, fresh []string // candidates
	for _, a := range awards {
		if a.Signed > 0 {
			offered = append(offered, a.CandidateID)
		}
	}
	for _, a := range awards {
		if n, known := newcomers[a.CandidateID]; known {
			letters[a.CandidateID] = []candidateLetter{n}
		} else if !slices.Contains(offered, a.CandidateID) {
			fresh = append(fresh, a.CandidateID)
		}
	}
	for query, candidates := range map[string][]string{lettersQuery: offered, stopsQuery: fresh} {
		if err := selectLetters(ctx, t, letters, query, candidates); err != nil {
			return nil, fmt.Errorf("read letters of awards: %w", err)
		}
	}
	for _, a := range awards {
		all[a.ID] = deliveryOf(a, letters[a.CandidateID])
	}
	return all, nil
}

// stopsQuery is lettersQuery for candidates who were offered nothing yet: a letter is made when its awards are signed.
const stopsQuery = `
	SELECT c.id, c.number, s.created_at AS stopped_at
	FROM candidate c
	LEFT JOIN mail_stop s ON s.email = c.email
	WHERE c.id IN (?)`

// selectLetters adds the letters of candidates that hold links that still count, by candidate, the oldest first.
func selectLetters(ctx context.Context, t *database.Tx, letters map[string][]candidateLetter, query string, candidates []string) error {
	if len(candidates) == 0 {
		return nil
	}
	slices.Sort(candidates)
	var rows []candidateLetter
	err := t.Select(ctx, &rows, query, slices.Compact(candidates))
	for _, r := range rows {
		letters[r.Candidate] = append(letters[r.Candidate], r)
	}
	return err
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

const secretLength = 26 // characters of 5 bits

// derive makes a secret of 130 bits that nobody can guess and that need not be stored.
func (of *Offers) derive(purpose, about string) string {
	mac := hmac.New(sha256.New, of.secret)
	mac.Write([]byte("insignia " + purpose + "\x00" + about))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)))[:secretLength]
}

// stopToken names the candidate and proves that we wrote it in a letter to this address.
func (of *Offers) stopToken(c ledger.Candidate) string {
	return strings.TrimPrefix(c.ID, "cnd_") + of.stopProof(c.ID, c.Email)
}

func (of *Offers) stopProof(candidate, email string) string {
	return of.derive("stop", candidate+"\x00"+email)
}

// StopAddress is the address that a stop link ends mail to: the one that its letter went to, even if
// the partner corrected it since. It changes nothing.
func (of *Offers) StopAddress(ctx context.Context, token string) (address string, found bool, err error) {
	if len(token) <= secretLength || !line.Storable(token) {
		return "", false, nil
	}
	id, proof := "cnd_"+token[:len(token)-secretLength], token[len(token)-secretLength:]
	emails, err := selectEmails(ctx, of.db.Reader(), id)
	if err != nil {
		return "", false, err
	}
	// Letters of before addresses had one spelling were proved with another.
	wrote := func(spelling string) bool { return hmac.Equal([]byte(proof), []byte(of.stopProof(id, spelling))) }
	k := slices.IndexFunc(emails, func(e string) bool { return slices.ContainsFunc(email.Spellings(e), wrote) })
	if k < 0 {
		return "", false, nil
	}
	return emails[k], true, nil
}

// selectEmails are the addresses that letters for a candidate go to or went to.
func selectEmails(ctx context.Context, t *database.Tx, candidate string) (list []string, err error) {
	err = t.Select(ctx, &list, `
		SELECT email
		FROM candidate
		WHERE id = ?
		UNION
		SELECT email
		FROM claim
		WHERE candidate_id = ?
		LIMIT 100`, candidate, candidate)
	return list, err
}

// MailStopped reports whether all mail about badges to an address was ended.
func (of *Offers) MailStopped(ctx context.Context, address string) (bool, error) {
	return selectMailStop(ctx, of.db.Reader(), address)
}

// StopMail ends all mail about badges to the address of a stop link, that about renewals too; codes still come.
func (of *Offers) StopMail(ctx context.Context, token string) (found bool, err error) {
	return of.changeStop(ctx, token, func(t *database.Tx, address string) error {
		if err := insertMailStop(ctx, t, address, of.now()); err != nil {
			return err
		}
		return insertRenewalStop(ctx, t, address, of.now())
	})
}

// ResumeMail undoes StopMail. What was not written meanwhile is not written later.
func (of *Offers) ResumeMail(ctx context.Context, token string) (found bool, err error) {
	return of.changeStop(ctx, token, func(t *database.Tx, address string) error {
		if err := deleteMailStop(ctx, t, address); err != nil {
			return err
		}
		return deleteRenewalStop(ctx, t, address)
	})
}

// StopMailTo ends all mail about badges to an address that a holder has confirmed, or begins it again.
func (of *Offers) StopMailTo(ctx context.Context, h Holder, address string, stop bool) error {
	if !slices.Contains(h.Addresses, address) {
		return refusal.New("not_found", "That address is not yours.")
	}
	return of.db.InTx(ctx, func(t *database.Tx) error {
		if stop {
			return insertMailStop(ctx, t, address, of.now())
		}
		return deleteMailStop(ctx, t, address)
	})
}

func (of *Offers) changeStop(ctx context.Context, token string, change func(t *database.Tx, address string) error) (found bool, err error) {
	address, found, err := of.StopAddress(ctx, token)
	if err != nil || !found {
		return found, err
	}
	return true, of.db.InTx(ctx, func(t *database.Tx) error { return change(t, address) })
}

func deleteMailStop(ctx context.Context, t *database.Tx, email string) error {
	_, err := t.Exec(ctx, `
		DELETE FROM mail_stop
		WHERE email = ?`, email)
	return err
}

func insertMailStop(ctx context.Context, t *database.Tx, email string, now time.Time) error {
	_, err := t.Exec(ctx, `
		INSERT INTO mail_stop (email, created_at)
		VALUES (?, ?)
		ON CONFLICT DO NOTHING`, email, now)
	return err
}
