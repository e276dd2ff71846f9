package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/keyring"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/jobs"
	"github.com/open-insignia/insignia/migrations"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/templates/art"
)

// store is an open, migrated database with its secret.
type store struct {
	db     *database.DB
	secret []byte
}

func (c *databaseConfig) open(ctx context.Context) (*store, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	secret, err := c.secret()
	if err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	if _, err := migrations.Apply(ctx, db.SQL(), db.Postgres()); err != nil {
		return nil, fmt.Errorf("%w (close: %v)", err, db.Close())
	}
	return &store{db, secret}, nil
}

// core is the issuer with its keys and queue, as every command that touches awards needs it.
type core struct {
	*store
	keys   *keyring.Keyring
	queue  *jobs.Queue
	issuer *issuer.Issuer
}

// openCore wires the issuer. letters may be nil for commands that send none.
func (c *config) openCore(ctx context.Context, log *slog.Logger, now func() time.Time, letters issuer.Letters) (*core, error) {
	s, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	k := &core{store: s, queue: jobs.New(s.db, log, now)}
	k.keys, err = keyring.Open(ctx, s.db, keyring.Options{
		Secret: s.secret, OldSecret: []byte(c.SecretOld), Algorithm: c.JWTAlg, Overlap: c.keyOverlap(), Now: now,
		KeyURL:     func(kid string) string { return k.issuer.KeyURL(kid) },
		Controller: func() string { return k.issuer.ControllerURL() },
	})
	if err == nil {
		err = k.keys.Ensure(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("open keys: %w (close: %v)", err, s.db.Close())
	}
	k.issuer = issuer.New(s.db, k.queue, issuer.Options{
		BaseURL: c.BaseURL, Secret: s.secret, Signer: signer{k.keys}, Keys: signer{k.keys}, Artist: artist{}, Letters: letters, Words: words{}, Now: now, Log: log,
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
func (s signer) Keys(ctx context.Context) (list []issuer.PublicKey, err error) {
	keys, err := s.Keyring.Keys(ctx)
	for _, k := range keys {
		if k.Public == nil {
			continue // the row was tampered with
		}
		list = append(list, issuer.PublicKey{
			ID: k.ID, Purpose: issuer.Purpose(k.Purpose), Algorithm: k.Algorithm, Public: k.Public, Created: k.Created,
			Begins: k.Begins, FirstUsed: k.FirstUsed, Retired: k.Retired, Revoked: k.Revoked, Reason: k.Reason,
		})
	}
	return list, err
}

// artist is templates/art as the issuer asks for it.
type artist struct{}

// Draw draws a badge.
func (artist) Draw(p issuer.Picture) []byte {
	return art.Badge(art.Design{Title: p.Title, Kind: p.Kind, Level: p.Level, Issuer: p.Issuer, Code: p.Code, Lang: p.Language})
}

// Raster renders what Draw made.
func (artist) Raster(svg []byte, size int) ([]byte, error) { return art.PNG(svg, size) }

// words is the message catalogue as the issuer asks for it.
type words struct{}

// Criteria says what has to be done.
func (words) Criteria(lang string, c issuer.Criteria) string {
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
