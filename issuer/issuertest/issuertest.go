// Package issuertest gives tests a real issuer on a real database with the fixtures of the product
// description: exams E1 to E7, their certifications, the partner TestCo. Only the clock and the
// letters' way out are fakes.
package issuertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/partner"
)

// BaseURL is the public address of the test's server.
const BaseURL = "https://badges.acme.test"

// Start is when every test begins.
var Start = time.Date(2026, 3, 5, 9, 42, 0, 0, time.UTC)

// Programme is the fixtures' programme file.
const Programme = `
issuer:
  id: acme
  name: Acme Certification
  url: https://acme.test
  email: badges@acme.test
  languages: [en, es, fr]
exams:
  - {code: E1, name: {en: Cloud Basics Exam, es: Examen de nube, fr: Examen du nuage}, skills: [cloud]}
  - {code: E2, name: Operating Clouds, skills: [operations, monitoring], aliases: [E2-OLD]}
  - {code: E3, name: Securing Clouds, skills: [security]}
  - {code: E4, name: Stand-alone Exam}
  - {code: E5, name: Legacy Exam, in_programme_since: 2020-01-01, retired: 2024-06-30}
  - {code: E6, name: Very Old Exam, badge: never}
  - {code: E7, name: Yearly Exam}
certifications:
  - {code: C1, name: {en: Cloud Fundamentals, es: Fundamentos de nube, fr: Fondamentaux du nuage}, level: fundamentals, requires: {exam: E1}}
  - {code: C2, name: Cloud Operator, level: associate, requires: {all: [{exam: E2}, {exam: E3}]}}
  - {code: C5, name: Legacy Certification, in_programme_since: 2020-01-01, retired: 2024-06-30, requires: {exam: E5}}
  - {code: C7, name: Yearly Certification, valid_for: 12 months, requires: {exam: E7}}
`

// World is an issuer and what surrounds it in a test.
type World struct {
	*issuer.Issuer
	DB       *database.DB
	Partners *partner.Partners
	Queue    *jobs.Queue
	Keys     *keyring.Keyring
	Hook     *Hook // signs; a test may put something in between
	Clock    *Clock
	Letters  *Letters
	Accounts Accounts        // with their addresses
	Earners  issuer.Accounts // nil, or in the place of Accounts
	Caller   partner.Caller  // TestCo
	Key      string          // its API key
	Secret   []byte
}

// Hook is a signer that can be exchanged.
type Hook struct{ credential.Signer }

// Parts are what a test may put in another's place.
type Parts struct{ Artist catalogue.Artist }

// New is a World on a SQLite database of its own with the fixtures' programme in force.
func New(t testing.TB, change ...func(*Parts)) *World {
	t.Helper()
	return On(t, databasetest.New(t), change...)
}

// On is a World on a migrated database. A second one on the same database is a second process.
func On(t testing.TB, db *database.DB, change ...func(*Parts)) *World {
	t.Helper()
	ctx := context.Background()
	w := &World{DB: db, Clock: &Clock{now: Start}, Letters: &Letters{}, Accounts: Accounts{}, Secret: []byte("a secret of the tests, 32 bytes.")}
	log := slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	var err error
	w.Keys, err = keyring.Open(ctx, db, keyring.Options{
		Secret: w.Secret, Now: w.Clock.Now, KeyURL: func(kid string) string { return credential.KeyURL(BaseURL, "acme", kid) },
		ProofKeyURL: func(kid string) string { return credential.ProofKeyURL(BaseURL, "acme", kid) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Hook = &Hook{Signer{w.Keys}}
	if err := w.Keys.Ensure(ctx); err != nil {
		t.Fatal(err)
	}
	w.Partners = partner.New(db, w.Clock.Now)
	w.Queue = jobs.New(db, log, w.Clock.Now)
	w.Letters.db, w.Letters.queue = db, w.Queue
	parts := Parts{Artist: Artist{}}
	for _, c := range change {
		c(&parts)
	}
	w.Issuer = issuer.New(db, w.Queue, issuer.Options{
		Catalogue: catalogue.New(db, parts.Artist, Words{}, w.Clock.Now), Partners: w.Partners, Letters: w.Letters, Accounts: people{w},
		BaseURL: BaseURL, Secret: w.Secret, Signer: w.Hook, Keys: Signer{w.Keys}, Words: Words{}, Now: w.Clock.Now, Log: log,
	})
	w.Queue.Handle(jobLetter, func(ctx context.Context, j jobs.Job) error { return w.Letters.send(ctx, w.Issuer, j) })
	w.Apply(t, Programme)
	w.Caller, w.Key = w.Partner(t, "TestCo", false)
	return w
}

// Apply puts a programme file into force.
func (w *World) Apply(t testing.TB, file string) {
	t.Helper()
	p, err := programme.Parse(strings.NewReader(file), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := w.PlanProgramme(context.Background(), p, programme.Date{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.ApplyProgramme(context.Background(), plan); err != nil {
		t.Fatal(err)
	}
}

// Partner makes a partner and returns it as a caller, with its key.
func (w *World) Partner(t testing.TB, name string, sandbox bool) (partner.Caller, string) {
	t.Helper()
	_, key, err := w.Partners.Add(context.Background(), name, sandbox, partner.ScopeResults, partner.ScopeWebhooks, partner.ScopeProfiles, partner.ScopeProgramme)
	if err != nil {
		t.Fatal(err)
	}
	caller, err := w.Partners.Authenticate(context.Background(), key)
	if err != nil {
		t.Fatal(err)
	}
	return caller, key
}

// Pass is a passed exam of Ana's, taken at 10 o'clock on a day.
func Pass(id, exam, day string) issuer.Result {
	taken, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return issuer.Result{
		ID: id, Exam: exam, Outcome: programme.Pass, TakenAt: taken.Add(10 * time.Hour),
		Candidate: issuer.Candidate{ID: "C-77", Email: "ana@home.test", Name: "Ana Ruiz", Locale: "es"},
	}
}

// Work signs and offers what waits and does all jobs that are due, which may make more work.
func (w *World) Work(t testing.TB) {
	t.Helper()
	for {
		issued, err := w.IssuePending(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		done, err := w.Queue.Drain(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if issued+done == 0 {
			return
		}
	}
}

// Void is the issuer's, for a reason that nobody reads; so are the others below.
func (w *World) Void(ctx context.Context, c partner.Caller, id, reason string) (issuer.Receipt, error) {
	return w.Issuer.Void(ctx, c, id, ledger.Reason{Text: reason})
}

// Release is the issuer's.
func (w *World) Release(ctx context.Context, c partner.Caller, id, reason string) (issuer.Receipt, error) {
	return w.Issuer.Release(ctx, c, id, ledger.Reason{Text: reason})
}

// RevokeAward is the issuer's.
func (w *World) RevokeAward(ctx context.Context, c partner.Caller, id, reason string) (*ledger.Award, error) {
	return w.Issuer.RevokeAward(ctx, c, id, ledger.Reason{Text: reason})
}

// SuspendAward is the issuer's.
func (w *World) SuspendAward(ctx context.Context, c partner.Caller, id, reason string) (*ledger.Award, error) {
	return w.Issuer.SuspendAward(ctx, c, id, ledger.Reason{Text: reason})
}

// ReinstateAward is the issuer's.
func (w *World) ReinstateAward(ctx context.Context, c partner.Caller, id, reason string) (*ledger.Award, error) {
	return w.Issuer.ReinstateAward(ctx, c, id, ledger.Reason{Text: reason})
}

// CorrectName is the issuer's.
func (w *World) CorrectName(ctx context.Context, c partner.Caller, candidate, name, reason string) ([]*ledger.Award, error) {
	return w.Issuer.CorrectName(ctx, c, candidate, name, ledger.Reason{Text: reason})
}

// CorrectEmail is the issuer's.
func (w *World) CorrectEmail(ctx context.Context, c partner.Caller, candidate, email, reason string) ([]*ledger.Award, error) {
	return w.Issuer.CorrectEmail(ctx, c, candidate, email, ledger.Reason{Text: reason})
}

// Accounts are the addresses that accounts have confirmed. It is filled before it is used.
type Accounts map[string][]string

// people are the accounts that the issuer asks for.
type people struct{ *World }

func (p people) Confirmed(ctx context.Context, t *database.Tx, account string) ([]string, error) {
	if p.Earners != nil {
		return p.Earners.Confirmed(ctx, t, account)
	}
	return p.Accounts[account], nil
}

func (p people) Accepting(ctx context.Context, t *database.Tx, addresses []string, sandbox bool) (map[string]string, error) {
	if p.Earners != nil {
		return p.Earners.Accepting(ctx, t, addresses, sandbox)
	}
	return nil, nil
}

func (p people) Accepts(ctx context.Context, t *database.Tx, account, issuer string) (visibility string, automatic bool, err error) {
	if p.Earners != nil {
		return p.Earners.Accepts(ctx, t, account, issuer)
	}
	return "", false, nil
}

// Clock is a clock that tests move.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the time on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Letters keeps what would have been mailed.
type Letters struct {
	Adding func(*database.Tx) error // in the transaction in which letters become due

	// Refuse, if not nil, is asked before an offer or what was accepted for somebody is mailed, and may say why it
	// cannot be. Of the latter it gets the recipient.
	Refuse func(issuer.OfferLetter) error

	db        *database.DB
	queue     *jobs.Queue
	mu        sync.Mutex
	offers    []issuer.OfferLetter
	accepted  []issuer.AcceptedLetter
	withdrawn []issuer.WithdrawnLetter
	told      []issuer.NoticeLetter
	disputed  []issuer.DisputedLetter
	renewals  []issuer.RenewalLetter
}

// ErrNoSuchAddress is for Refuse: nobody will ever get mail there.
var ErrNoSuchAddress = errors.New("no such address")

const jobLetter = "letter"

// Add has letters mailed by a job each.
func (l *Letters) Add(ctx context.Context, t *database.Tx, letters ...issuer.Letter) error {
	tasks := make([]jobs.Task, len(letters))
	for n, letter := range letters {
		tasks[n] = jobs.Task{Kind: jobLetter, Payload: letter, Lane: letter.Partner}
	}
	err := l.queue.Add(ctx, t, tasks...)
	if l.Adding != nil {
		err = errors.Join(err, l.Adding(t))
	}
	return err
}

func (l *Letters) send(ctx context.Context, i *issuer.Issuer, j jobs.Job) error {
	var letter issuer.Letter
	if err := j.Decode(&letter); err != nil {
		return err
	}
	unsent, err := l.write(ctx, i, letter)
	switch {
	case errors.Is(err, ErrNoSuchAddress):
		bounced := func(t *database.Tx) error { return i.Bounced(ctx, t, letter) }
		return jobs.Permanent(errors.Join(err, l.db.InTx(ctx, bounced)))
	case err == nil && unsent == "":
		j.Then(func(ctx context.Context, t *database.Tx) error { return i.Delivered(ctx, t, letter) })
	}
	return err
}

func (l *Letters) write(ctx context.Context, i *issuer.Issuer, letter issuer.Letter) (issuer.Unsent, error) {
	switch letter.Kind {
	case issuer.LetterOffer, issuer.LetterReminder:
		o, unsent, err := i.OfferLetter(ctx, letter)
		if err == nil && unsent == "" && l.Refuse != nil {
			err = l.Refuse(o)
		}
		return keep(l, &l.offers, o, unsent, err)
	case issuer.LetterAccepted:
		o, unsent, err := i.AcceptedLetter(ctx, letter)
		if err == nil && unsent == "" && l.Refuse != nil {
			err = l.Refuse(issuer.OfferLetter{Recipient: o.Recipient})
		}
		return keep(l, &l.accepted, o, unsent, err)
	case issuer.LetterWithdrawn:
		o, unsent, err := i.WithdrawnLetter(ctx, letter)
		return keep(l, &l.withdrawn, o, unsent, err)
	case issuer.LetterNotice:
		o, unsent, err := i.NoticeLetter(ctx, letter)
		return keep(l, &l.told, o, unsent, err)
	case issuer.LetterRenewal:
		o, unsent, err := i.Renewals.Letter(ctx, letter)
		return keep(l, &l.renewals, o, unsent, err)
	default:
		o, unsent, err := i.DisputedLetter(ctx, letter)
		return keep(l, &l.disputed, o, unsent, err)
	}
}

func keep[T any](l *Letters, list *[]T, letter T, unsent issuer.Unsent, err error) (issuer.Unsent, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && unsent == "" {
		*list = append(*list, letter)
	}
	return unsent, err
}

// Renewals are the letters about ends so far, the oldest first.
func (l *Letters) Renewals() []issuer.RenewalLetter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]issuer.RenewalLetter(nil), l.renewals...)
}

// Disputes are the letters to the issuer so far.
func (l *Letters) Disputes() []issuer.DisputedLetter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]issuer.DisputedLetter(nil), l.disputed...)
}

// Told are the notices of anything but withdrawals so far.
func (l *Letters) Told() []issuer.NoticeLetter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]issuer.NoticeLetter(nil), l.told...)
}

// Offers are the offers so far, the oldest first.
func (l *Letters) Offers() []issuer.OfferLetter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]issuer.OfferLetter(nil), l.offers...)
}

// Accepted are the letters about badges that were accepted as their holder chose so far.
func (l *Letters) Accepted() []issuer.AcceptedLetter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]issuer.AcceptedLetter(nil), l.accepted...)
}

// Notices are the notices of withdrawal so far.
func (l *Letters) Notices() []issuer.WithdrawnLetter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]issuer.WithdrawnLetter(nil), l.withdrawn...)
}

// Signer is the keyring as the issuer asks for it.
type Signer struct{ *keyring.Keyring }

// Keys are the keyring's keys.
func (s Signer) Keys(ctx context.Context) (list []credential.PublicKey, err error) {
	keys, err := s.Keyring.Keys(ctx)
	for _, k := range keys {
		list = append(list, credential.PublicKey{
			ID: k.ID, Purpose: credential.Purpose(k.Purpose), Algorithm: k.Algorithm, Public: k.Public, Created: k.Created,
			Begins: k.Begins, FirstUsed: k.FirstUsed, Retired: k.Retired, Revoked: k.Revoked, Reason: k.Reason,
		})
	}
	return list, err
}

// Artist draws the plainest picture.
type Artist struct{}

// Draw is an empty picture with the title.
func (Artist) Draw(p catalogue.Picture) []byte {
	return []byte(fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600"><title>%s</title></svg>`, p.Code))
}

// Raster is one transparent pixel, whatever the size.
func (Artist) Raster([]byte, int) ([]byte, error) { return pixel, nil }

// Words writes criteria as a mere list.
type Words struct{}

// Criteria lists what is named.
func (Words) Criteria(lang string, c catalogue.Criteria) string {
	if c.Requires == nil {
		return "Pass " + c.Name
	}
	var names []string
	for _, s := range c.Requires.Named() {
		names = append(names, c.NameOf(s, lang))
	}
	return "Pass " + strings.Join(names, " and ")
}

// Passed is the plainest sentence.
func (Words) Passed(_ string, on programme.Date) string { return "Passed on " + on.String() }

// Test marks a text.
func (Words) Test(_, text string) string { return "TEST: " + text }

// Score names a score.
func (Words) Score(_, exam string) string { return "Score in " + exam }

type testWriter struct{ testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

var pixel = func() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		panic(err)
	}
	return b.Bytes()
}()
