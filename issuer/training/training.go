// Package training is what people have completed besides exams, as partners tell it: a line that its person reads, and
// nothing more. It earns no badge, offers nothing and mails nobody, so results and awards never ask it.
package training

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/line"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/refusal"
)

// Posted is a training as a partner posts it.
type Posted struct {
	ID          string           `json:"id"` // the partner's own, the natural key
	Candidate   issuer.Candidate `json:"candidate"`
	Title       string           `json:"title"`
	URL         string           `json:"url,omitempty"` // a page about it; empty: there is none
	CompletedAt time.Time        `json:"completed_at"`
}

// Training is one as it is kept. Of the person there are the candidate's number and the address alone.
type Training struct {
	PartnerID   string    `db:"partner_id"`
	ID          string    `db:"id"`
	CandidateID string    `db:"candidate_id"`
	Number      string    `db:"number"` // of the candidate, as the partner names it
	Email       string    `db:"email"`
	Title       string    `db:"title"`
	URL         string    `db:"url"`
	CompletedAt time.Time `db:"completed_at"`
	RecordedAt  time.Time `db:"recorded_at"`
	Digest      string    `db:"digest"`
}

const columns = `partner_id, id, candidate_id, number, email, title, url, completed_at, recorded_at, digest`

const (
	mostID    = 200
	mostTitle = 200
	mostURL   = 2000
	ahead     = 5 * time.Minute // how far in the future completed_at may lie, as taken_at of a result
)

// Trainings are all that partners have posted. It is safe for concurrent use, also by several processes on one database.
type Trainings struct {
	db  *database.DB
	now func() time.Time
}

// New returns the trainings on a migrated database.
func New(db *database.DB, now func() time.Time) *Trainings { return &Trainings{db, now} }

// Check finds everything that is wrong with a training, and does nothing else.
func (ts *Trainings) Check(p Posted) error {
	if f := p.faults(ts.now()); len(f) > 0 {
		return refusal.New("validation_failed", "The training cannot be recorded as it is.", f...)
	}
	return nil
}

func (p Posted) faults(now time.Time) (list []refusal.Field) {
	add := func(pointer, code, detail string) {
		list = append(list, refusal.Field{Pointer: pointer, Code: code, Detail: detail})
	}
	text := func(pointer, s string, most int) {
		if s == "" {
			add(pointer, "required", "is required")
		} else if problem := line.Problem(s, most); problem != "" {
			add(pointer, "bad_text", problem)
		}
	}
	text("/id", p.ID, mostID)
	list = append(list, p.Candidate.Check()...)
	text("/title", tidy(p.Title), mostTitle)
	if p.URL != "" && !webAddress(p.URL) {
		add("/url", "bad_value", "is no web address: write it like https://example.org/page")
	}
	switch at := p.CompletedAt; {
	case at.IsZero():
		add("/completed_at", "required", "is required")
	case at.After(now.Add(ahead)):
		add("/completed_at", "in_future", "lies in the future")
	case at.Year() < 1900:
		add("/completed_at", "bad_value", "lies before the year 1900")
	}
	return list
}

// tidy leaves a title of blanks alone as it is, so that it is told apart from none.
func tidy(title string) string {
	if tidied := line.Tidy(title); tidied != "" {
		return tidied
	}
	return title
}

// webAddress reports whether a link can stand on a page of ours: one that leads to a page, and not to somebody's account.
func webAddress(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && line.Problem(link, mostURL) == ""
}

// Record keeps a training of the caller's. The same content under the same id again changes nothing and is told as
// replayed; other content is refused.
func (ts *Trainings) Record(ctx context.Context, caller partner.Caller, p Posted) (t Training, replayed bool, err error) {
	if err := ts.Check(p); err != nil {
		return t, false, err
	}
	fresh, err := p.canonical(caller.ID)
	if err != nil {
		return t, false, err
	}
	fresh.RecordedAt = ts.now().UTC().Truncate(time.Second)
	err = ts.db.InTx(ctx, func(tx *database.Tx) error {
		made, err := insert(ctx, tx, fresh)
		if made || err != nil {
			t = fresh
			return err
		}
		replayed = true
		t, _, err = selectTraining(ctx, tx, caller.ID, p.ID)
		return err
	})
	switch {
	case err != nil:
		return t, false, fmt.Errorf("record training: %w", err)
	case t.Digest != fresh.Digest:
		return Training{}, false, refusal.New("training_conflict", "A training with this id was recorded with other content.")
	}
	return t, replayed, nil
}

// canonical is a training as it is kept and compared: the same by meaning is the same.
func (p Posted) canonical(partner string) (Training, error) {
	p.Candidate, p.Title = p.Candidate.Canonical(), tidy(p.Title)
	p.CompletedAt = p.CompletedAt.UTC().Truncate(time.Microsecond)
	data, err := json.Marshal(p)
	if err != nil {
		return Training{}, fmt.Errorf("digest training: %w", err)
	}
	sum := sha256.Sum256(data)
	return Training{
		PartnerID: partner, ID: p.ID, CandidateID: ledger.CandidateKey{Partner: partner, Number: p.Candidate.ID}.ID(),
		Number: p.Candidate.ID, Email: p.Candidate.Email, Title: p.Title, URL: p.URL, CompletedAt: p.CompletedAt, Digest: hex.EncodeToString(sum[:16]),
	}, nil
}

func insert(ctx context.Context, tx *database.Tx, t Training) (made bool, err error) {
	n, err := tx.Exec(ctx, `
		INSERT INTO training (`+columns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, t.PartnerID, t.ID, t.CandidateID, t.Number, t.Email, t.Title, t.URL, t.CompletedAt, t.RecordedAt, t.Digest)
	return n == 1, err
}

func selectTraining(ctx context.Context, tx *database.Tx, partner, id string) (t Training, found bool, err error) {
	found, err = tx.Get(ctx, &t, `
		SELECT `+columns+`
		FROM training
		WHERE partner_id = ? AND id = ?`, partner, id)
	return t, found, err
}

// Training is one of the caller's.
func (ts *Trainings) Training(ctx context.Context, caller partner.Caller, id string) (t Training, err error) {
	found := false
	if line.Storable(id) {
		if t, found, err = selectTraining(ctx, ts.db.Reader(), caller.ID, id); err != nil {
			return t, fmt.Errorf("read training: %w", err)
		}
	}
	if !found {
		return t, refusal.New("not_found", "No training with this id.")
	}
	return t, nil
}
