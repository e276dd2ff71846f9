package issuer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/database/databasetest"
	"github.com/open-insignia/insignia/issuer"
	. "github.com/open-insignia/insignia/issuer/issuertest"
	"github.com/open-insignia/insignia/issuer/ledger"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/refusal"
)

// odd are texts that a database or a careless program chokes on.
var odd = []string{"\x00", "a\x00b", "\xff\xfe", "a\xc3", "\xed\xa0\x80", "%00", "'; DROP TABLE award; --", "\u2028", strings.Repeat("é", 5000)}

// TestOddTexts asks every verb for things under odd names: they are unknown or refused, and never our
// fault.
func TestOddTexts(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		holder := issuer.Holder{ID: "acc_1", Addresses: []string{"ana@home.test"}}
		verbs := map[string]func(s string) error{
			"result":  func(s string) error { _, err := w.Result(ctx, w.Caller, s); return err },
			"void":    func(s string) error { _, err := w.Void(ctx, w.Caller, s, "r"); return err },
			"release": func(s string) error { _, err := w.Release(ctx, w.Caller, s, "r"); return err },
			"correct": func(s string) error {
				_, err := w.Correct(ctx, w.Caller, s, issuer.Correction{Outcome: "fail", Reason: "r"})
				return err
			},
			"award":       func(s string) error { _, err := w.Award(ctx, w.Caller, s); return err },
			"revoke":      func(s string) error { _, err := w.RevokeAward(ctx, w.Caller, s, "r"); return err },
			"suspend":     func(s string) error { _, err := w.SuspendAward(ctx, w.Caller, s, "r"); return err },
			"reinstate":   func(s string) error { _, err := w.ReinstateAward(ctx, w.Caller, s, "r"); return err },
			"resend":      func(s string) error { _, err := w.Resend(ctx, w.Caller, s); return err },
			"accept":      func(s string) error { return w.Accept(ctx, holder, s, ledger.Public) },
			"decline":     func(s string) error { return w.Decline(ctx, holder, s) },
			"show":        func(s string) error { return w.Show(ctx, holder, s, ledger.Public) },
			"published":   func(s string) error { _, found, err := w.Published(ctx, s); return unknown(found, err) },
			"achievement": func(s string) error { _, found, err := w.Achievement(ctx, s); return unknown(found, err) },
			"svg":         func(s string) error { _, found, err := w.SVG(ctx, s); return unknown(found, err) },
			"png":         func(s string) error { _, found, err := w.PNG(ctx, s); return unknown(found, err) },
			"issuer":      func(s string) error { _, found, err := w.IssuerDocuments(ctx, s); return unknown(found, err) },
			"claim":       func(s string) error { _, found, err := w.Claim(ctx, s); return unknown(found, err) },
			"dispute":     func(s string) error { found, err := w.Dispute(ctx, s, ledger.NeverTook); return unknown(found, err) },
			"stop":        func(s string) error { found, err := w.StopMail(ctx, s); return unknown(found, err) },
			"address":     func(s string) error { found, _, err := w.KnownAddress(ctx, s); return unknown(found, err) },
			"waiting":     func(s string) error { list, err := w.Waiting(ctx, s); return unknown(len(list) > 0, err) },
			"key":         func(s string) error { found, err := w.Partners.RevokeKey(ctx, s); return unknown(found, err) },
			"caller":      func(s string) error { _, err := w.Partners.Authenticate(ctx, s); return err },
			"of": func(s string) error {
				list, _, err := w.Results(ctx, w.Caller, issuer.Page{Candidate: s})
				return unknown(len(list) > 0, err)
			},
		}
		for name, verb := range verbs {
			for _, s := range odd {
				if err := verb(s); !errors.Is(err, errUnknown) && code(err) == "" {
					t.Errorf("%s %q: got %v, want it unknown or refused", name, s, err)
				}
			}
		}
		for _, s := range odd { // a refusal or none, as the text is
			_, once := w.Partners.Once(ctx, w.Caller, s, "digest")
			again := w.SendAgain(ctx, s)
			_, _, partner := w.Partners.Add(ctx, s, false)
			for name, err := range map[string]error{"idempotency key": once, "again": again, "partner": partner} {
				if err != nil && code(err) == "" {
					t.Errorf("%s %q: got %v", name, s, err)
				}
			}
		}
	})
}

var errUnknown = errors.New("not found")

func unknown(found bool, err error) error {
	if err != nil || found {
		return fmt.Errorf("found: %v, %w", found, err)
	}
	return errUnknown
}

// TestOddResults puts odd texts into each member of a result: it is refused with that pointer, or
// recorded and read back as it was.
func TestOddResults(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		w := On(t, db)
		members := map[string]func(r *issuer.Result, s string){
			"/id":                    func(r *issuer.Result, s string) { r.ID = s },
			"/candidate/id":          func(r *issuer.Result, s string) { r.Candidate.ID = s },
			"/candidate/name":        func(r *issuer.Result, s string) { r.Candidate.Name = s },
			"/candidate/email":       func(r *issuer.Result, s string) { r.Candidate.Email = s },
			"/candidate/locale":      func(r *issuer.Result, s string) { r.Candidate.Locale = s },
			"/exam":                  func(r *issuer.Result, s string) { r.Exam = s },
			"/outcome":               func(r *issuer.Result, s string) { r.Outcome = programme.Mark("pass" + s) },
			"/score":                 func(r *issuer.Result, s string) { r.Score = number(s) },
			"/max_score":             func(r *issuer.Result, s string) { r.MaxScore = number(s) },
			"/identity_check/method": func(r *issuer.Result, s string) { r.Identity = &issuer.IdentityCheck{Method: s, Matched: true} },
		}
		texts := append(slices.Clone(odd), "NaN", "Inf", "0x10", "1_000", "012", "-1", "1e999", ".5", "", " ", "\n", "a\rb", "123456789012345678901", "名前", "👩‍🎓", "R/1?#%", `"\`)
		n := 0
		for pointer, set := range members {
			for _, s := range texts {
				n++
				r := Pass(fmt.Sprintf("R-%d", n), "E4", "2026-01-01")
				r.Candidate.ID = r.ID
				set(&r, s)
				_, err := w.Record(ctx, w.Caller, r)
				if err == nil {
					if got, err := w.Result(ctx, w.Caller, r.ID); err != nil || got.Result.ID != r.ID {
						t.Errorf("%s %q: read back %+v, %v", pointer, s, got.Result, err)
					}
					continue
				}
				var pointers []string
				for _, f := range fields(err) {
					pointers = append(pointers, f.Pointer)
				}
				if !slices.Equal(pointers, []string{pointer}) {
					t.Errorf("%s %q: got %v, want a refusal of that member only", pointer, s, err)
				}
			}
		}
		for _, at := range []time.Time{{}, Start.Add(5*time.Minute + time.Second), time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
			r := Pass("R-time", "E4", "2026-01-01")
			r.TakenAt = at
			if _, err := w.Record(ctx, w.Caller, r); len(fields(err)) != 1 || fields(err)[0].Pointer != "/taken_at" {
				t.Errorf("taken at %v: got %v, want a refusal", at, err)
			}
		}
		score, most := json.Number("1001"), json.Number("1000")
		r := Pass("R-score", "E4", "2026-01-01")
		r.Score, r.MaxScore = &score, &most
		if _, err := w.Record(ctx, w.Caller, r); len(fields(err)) != 1 {
			t.Errorf("got %v, want a refusal of a score above the maximum", err)
		}
	})
}

func fields(err error) []refusal.Field {
	var e *refusal.Error
	if !errors.As(err, &e) {
		return nil
	}
	return e.Fields
}
