package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/earner"
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
)

//go:embed sample
var sample embed.FS

const defaultAddr = "127.0.0.1:8080"

type demoCommand struct {
	Addr     string    `env:"INSIGNIA_ADDR" default:"127.0.0.1:8080" help:"Where to listen; another free port is taken when the default is in use."`
	Now      time.Time `env:"INSIGNIA_NOW" help:"What the clock says at the start, RFC 3339."`
	LogLevel string    `env:"INSIGNIA_LOG_LEVEL" default:"warn" enum:"debug,info,warn,error" help:"Least level that is logged."`
}

// demoSite is what the sample programme calls its issuer: nobody who gets a letter knows another name.
const demoSite = "Northlight Institute"

// Run serves a throw-away installation that has seen some results.
func (d *demoCommand) Run(ctx context.Context, t *terminal) error {
	folder, err := os.MkdirTemp("", "insignia-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	listener, err := d.listen()
	if err != nil {
		return err
	}
	c := config{
		databaseConfig: databaseConfig{Database: filepath.Join(folder, "insignia.db")},
		Addr:           listener.Addr().String(), Site: demoSite, JWTAlg: "ES256", LogLevel: d.LogLevel, insecureFetch: true,
	}
	if err := c.check(); err != nil {
		return err
	}
	s, err := c.newServer(ctx, newLog(t.err, d.LogLevel), d.clock())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- s.run(ctx, listener) }()
	if err := s.tellStory(ctx, t.out); err != nil {
		cancel()
		return errors.Join(err, <-stopped)
	}
	return <-stopped
}

// listen takes another port when the default one is in use, so that the demo always starts.
func (d *demoCommand) listen() (net.Listener, error) {
	l, err := net.Listen("tcp", d.Addr)
	if errors.Is(err, syscall.EADDRINUSE) && d.Addr == defaultAddr {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	return l, err
}

// clock is the real one, or one that started at the given time.
func (d *demoCommand) clock() func() time.Time {
	if d.Now.IsZero() {
		return time.Now
	}
	ahead := time.Until(d.Now)
	return func() time.Time { return time.Now().Add(ahead) }
}

// demoResults are what the demo's partner posts: an exam that is a certification by itself, a pair of
// exams that make one together, and one that still lacks its pair.
func demoResults(now time.Time) []map[string]any {
	result := func(n int, candidate, name, email, locale, exam string, daysAgo int) map[string]any {
		return map[string]any{
			"id": fmt.Sprintf("R-%d", 1000+n), "exam": exam, "outcome": "pass", "score": 812 + n, "max_score": 1000,
			"taken_at":       now.UTC().AddDate(0, 0, -daysAgo).Truncate(time.Minute).Format(time.RFC3339),
			"candidate":      map[string]any{"id": candidate, "name": name, "email": email, "locale": locale},
			"identity_check": map[string]any{"method": "government-id", "matched": true},
		}
	}
	return []map[string]any{
		result(1, "C-77", "Ana Ruiz", "ana@home.test", "es", "NL-100", 3),
		result(2, "C-78", "Ben Okafor", "ben@work.test", "en", "NL-210", 20),
		result(3, "C-78", "Ben Okafor", "ben@work.test", "en", "NL-220", 2),
		result(4, "C-79", "Chloé Martin", "chloe@ecole.test", "fr", "NL-210", 1),
	}
}

// tellStory sets the demo up and prints what to try. Results come in by HTTP, as a partner posts them;
// programme, partner and acceptance by the calls that commands and pages make.
func (s *server) tellStory(ctx context.Context, out io.Writer) error {
	if err := s.applySample(ctx); err != nil {
		return fmt.Errorf("apply the sample programme: %w", err)
	}
	_, key, err := s.partners.Add(ctx, "TestCo", false, partner.ScopeResults, partner.ScopeWebhooks, partner.ScopeProgramme)
	if err != nil {
		return err
	}
	var first string
	for _, r := range demoResults(s.now()) {
		award, err := s.postResult(ctx, key, r)
		if err != nil {
			return fmt.Errorf("post result %s: %w", r["id"], err)
		}
		if first == "" {
			first = award
		}
	}
	if err := s.acceptAs(ctx, "ana@home.test", "Ana Ruiz", first); err != nil {
		return fmt.Errorf("accept the first badge: %w", err)
	}
	if err := s.lettersOut(ctx); err != nil {
		return err
	}
	base := s.config.BaseURL
	fmt.Fprintf(out, `Insignia is running with sample data. It forgets everything when you press Ctrl+C.

  Mailbox, with badges to claim  %[1]s/mailbox
  A badge that was accepted      %[1]s/badges/%[2]s
  Its holder                     ana@home.test, who signs in at %[1]s/sign-in with a code from the mailbox
  Check a badge                  %[1]s/verify
  API documentation              %[1]s/api/v1/docs

  Partner key  %[3]s

Post a result as a testing partner would:

  curl %[1]s/api/v1/results -H 'Authorization: Bearer %[3]s' -H 'Content-Type: application/json' \
    -d '{"id":"R-2001","candidate":{"id":"C-79","email":"chloe@ecole.test","name":"Chloé Martin"},"exam":"NL-220","outcome":"pass","taken_at":"%[4]s"}'

`, base, first, key, s.now().UTC().Truncate(time.Second).Format(time.RFC3339))
	return nil
}

func (s *server) applySample(ctx context.Context) error {
	f, err := sample.Open("sample/programme.yaml")
	if err != nil {
		return err
	}
	defer f.Close()
	p, err := programme.Parse(f, "sample/programme.yaml")
	if err != nil {
		return err
	}
	plan, err := s.issuer.PlanProgramme(ctx, p, programme.Date{}, nil)
	if err != nil {
		return err
	}
	return s.issuer.ApplyProgramme(ctx, plan)
}

// postResult posts through the API and returns the id of the first award.
func (s *server) postResult(ctx context.Context, key string, result map[string]any) (string, error) {
	body, err := json.Marshal(result)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.BaseURL+"/api/v1/results", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var receipt struct {
		Awards []struct {
			ID string `json:"id"`
		} `json:"awards"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&receipt); err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusCreated || len(receipt.Awards) == 0 {
		return "", fmt.Errorf("answered %s with %d awards", answer.Status, len(receipt.Awards))
	}
	return receipt.Awards[0].ID, nil
}

// acceptAs is what somebody does who types the code from their mail and accepts a badge.
func (s *server) acceptAs(ctx context.Context, email, name, award string) error {
	browser, pocket := earner.NewBrowser(), new(pocket)
	earners := earner.New(s.db, earner.Options{Secret: s.secret, Letters: pocket, Now: s.now})
	_, err := earners.Begin(ctx, earner.Request{Address: email, Browser: browser, Purpose: earner.Claim, Return: "/me/badges"})
	if err != nil {
		return err
	}
	done, err := earners.Finish(ctx, earner.Answer{Browser: browser, Code: pocket.code, Name: name, Language: "es"})
	if err != nil {
		return err
	}
	return s.issuer.Accept(ctx, issuer.Holder{ID: done.Account.ID, Addresses: []string{email}}, award, ledger.Public)
}

// pocket takes a code at once instead of mailing it.
type pocket struct{ code string }

func (p *pocket) Code(_ context.Context, _ *database.Tx, l earner.CodeLetter) error {
	p.code = l.Code
	return nil
}

func (*pocket) Added(context.Context, *database.Tx, earner.Added) error { return nil }

func (*pocket) Changed(context.Context, *database.Tx, earner.Change) error { return nil }

// lettersOut waits until the mailbox has the offers, so that the printed address shows them.
func (s *server) lettersOut(ctx context.Context) error {
	for {
		stats, err := s.queue.Stats(ctx)
		if err != nil || stats.Ready+stats.Running == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
