package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/open-insignia/insignia/api/partners"
	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/earner/leaving"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/issuer/connection"
	"github.com/open-insignia/insignia/issuer/credential"
	"github.com/open-insignia/insignia/issuer/intake"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/issuer/merging"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/issuer/training"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/letter"
	"github.com/open-insignia/insignia/migrations"
	"github.com/open-insignia/insignia/partner"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/templates/art"
)

// store is an open, migrated database with its secret.
type store struct {
	db     *database.DB
	secret []byte
}

// access is how much a command may make or change by merely opening an installation.
type access int

const (
	toRead   access = iota // nothing
	toChange               // the schema, which is brought up to date
	toFound                // also a database and a secret when there are none; never keys
)

var errNoInstallation = errors.New("there is no database of Insignia yet; serve, programme apply and partner add make one")

func (c *databaseConfig) open(ctx context.Context, a access) (*store, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if a != toFound && c.absent() {
		return nil, fmt.Errorf("%s: %w", c.Database, errNoInstallation)
	}
	secret, err := c.secret(a == toFound && c.empty())
	if err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, db, a); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &store{db, secret}, nil
}

// absent reports that the SQLite file is not there. Opening would make it.
func (c *databaseConfig) absent() bool {
	_, err := os.Stat(c.Database)
	return !c.postgres() && errors.Is(err, fs.ErrNotExist)
}

// empty reports that there is nothing yet that a secret could have sealed.
func (c *databaseConfig) empty() bool {
	info, err := os.Stat(c.Database)
	return errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0
}

// migrate brings the schema up to date as far as the command may. A newer one is fine: what is added
// to it does not disturb the program before.
func migrate(ctx context.Context, db *database.DB, a access) error {
	if a != toFound {
		version, err := migrations.Version(ctx, db.SQL(), db.Postgres())
		switch {
		case err != nil:
			return err
		case version == 0:
			return errNoInstallation
		case a == toRead && version < migrations.Newest():
			return errors.New("the database is older than this program: run insignia migrate, or start the server, first")
		case a == toRead:
			return nil
		}
	}
	_, err := migrations.Apply(ctx, db.SQL(), db.Postgres())
	return err
}

// core is the issuer with its keys and queue, as every command that touches awards needs it.
type core struct {
	*store
	keys     *keyring.Keyring
	queue    *jobs.Queue
	partners *partner.Partners
	outbox   *letter.Outbox
	earners  *earner.Accounts
	profiles *connection.Connections
	issuer   *issuer.Issuer
	fonts    *art.Fonts

	trainings *training.Trainings
	imports   *intake.Imports
	merging   *merging.Merging
}

// openCore wires the issuer and makes no keys. Letters that become due wait for a server.
func (c *config) openCore(ctx context.Context, a access, log *slog.Logger, now func() time.Time) (*core, error) {
	s, err := c.open(ctx, a)
	if err != nil {
		return nil, err
	}
	if err := c.agreeOnBaseURL(ctx, s.db); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	k := &core{store: s, queue: jobs.New(s.db, log, now), partners: partner.New(s.db, now), fonts: art.NewFonts(c.Fonts)}
	offers := catalogue.New(s.db, artist{k.fonts}, words{}, now)
	k.keys, err = keyring.Open(ctx, s.db, keyring.Options{
		Secret: s.secret, OldSecret: []byte(c.SecretOld), Algorithm: c.JWTAlg, Overlap: c.keyOverlap(), Now: now, ReadOnly: a == toRead,
		KeyURL:      func(kid string) string { return credential.KeyURL(c.BaseURL, offers.OrganisationID(), kid) },
		ProofKeyURL: func(kid string) string { return credential.ProofKeyURL(c.BaseURL, offers.OrganisationID(), kid) },
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open keys: %w", err), s.db.Close())
	}
	k.trainings = training.New(s.db, now)
	k.outbox = letter.NewOutbox(s.db, k.queue, now)
	k.earners = earner.New(s.db, earner.Options{Secret: s.secret, Letters: k.outbox, Now: now})
	k.profiles = connection.New(s.db, k.queue, k.earners.Ways, now)
	k.issuer = issuer.New(s.db, k.queue, issuer.Options{
		Catalogue: offers, Partners: k.partners, Letters: k.outbox, Accounts: k.earners,
		BaseURL: c.BaseURL, Secret: s.secret, Signer: signer{k.keys}, Keys: signer{k.keys}, Words: words{}, Now: now, Log: log,
	})
	k.merging = merging.New(s.db, k.issuer)
	k.imports = intake.New(intake.Options{
		DB: s.db, Issuer: k.issuer, Partners: k.partners, Now: now,
		Read: func(ctx context.Context, body []byte) (issuer.Result, error) {
			return partners.ReadResult(ctx, k.issuer, body)
		},
		Failed: func(err error) { log.Error("imports", "error", err) },
	})
	return k, nil
}

// keyOverlap is how long a new key is published before it signs: longer than anybody should keep a copy
// of the issuer's documents.
func (c *config) keyOverlap() time.Duration {
	if c.atOnce {
		return 0
	}
	return 24 * time.Hour
}

// signer is the keyring as the issuer asks for it.
type signer struct{ *keyring.Keyring }

// Keys are the public halves.
func (s signer) Keys(ctx context.Context) (list []credential.PublicKey, err error) {
	keys, err := s.Keyring.Keys(ctx)
	for _, k := range keys {
		if k.Public == nil {
			continue // the row was tampered with
		}
		list = append(list, credential.PublicKey{
			ID: k.ID, Purpose: credential.Purpose(k.Purpose), Algorithm: k.Algorithm, Public: k.Public, Created: k.Created,
			Begins: k.Begins, FirstUsed: k.FirstUsed, Retired: k.Retired, Revoked: k.Revoked, Reason: k.Reason,
		})
	}
	return list, err
}

// artist is templates/art as the issuer asks for it.
type artist struct{ fonts *art.Fonts }

// Draw draws a badge.
func (a artist) Draw(p catalogue.Picture) []byte {
	return art.Badge(art.Design{Title: p.Title, Kind: p.Kind, Level: p.Level, Issuer: p.Issuer, Code: p.Code, Lang: p.Language, Fonts: a.fonts})
}

// Raster renders what Draw made.
func (artist) Raster(svg []byte, size int) ([]byte, error) { return art.PNG(svg, size) }

// words is the message catalogue as the issuer asks for it.
type words struct{}

// Criteria says what has to be done.
func (words) Criteria(lang string, c catalogue.Criteria) string {
	if c.Requires == nil {
		return templates.ExamCriteria(lang, c.Name)
	}
	return templates.CertificationCriteria(lang, c.Name, needs(*c.Requires, lang, c.NameOf))
}

// Passed says that an exam was passed.
func (words) Passed(lang string, on programme.Date) string { return templates.Passed(lang, on.Time()) }

// Test marks a text as that of a test.
func (words) Test(lang, text string) string { return templates.Test(lang, text) }

// Score names the score in an exam.
func (words) Score(lang, exam string) string { return templates.ScoreIn(lang, exam) }

// register is the issuer as those ask for it who have data erased.
type register struct{ departures issuer.Departures }

func holder(p leaving.Person) issuer.Holder {
	return issuer.Holder{ID: p.Account, Addresses: p.Addresses, Sandbox: p.Sandbox}
}

// Withdraw ends all badges of somebody.
func (r register) Withdraw(ctx context.Context, p leaving.Person) error {
	return r.departures.Withdraw(ctx, holder(p))
}

// Erase takes out how to reach somebody.
func (r register) Erase(ctx context.Context, t *database.Tx, p leaving.Person, withdrawn bool) (left int, err error) {
	return r.departures.Erase(ctx, t, holder(p), withdrawn)
}
