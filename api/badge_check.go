package api

import (
	"context"
	"strings"
	"time"

	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/templates"
	"github.com/open-insignia/insignia/verifier"
)

// badgeChecks is "How this was checked": signature and key are verified as a stranger would, from the
// signed credential; status and dates are those of the record, which is newer than any list.
func (s *Server) badgeChecks(ctx context.Context, b *issuer.Badge, org string) []templates.Check {
	f := s.o.Issuer.Facts(b)
	report := s.o.Verifier.Verify(ctx, verifier.Input{Data: b.CredentialJWT().Body})
	var checks []templates.Check
	for _, name := range []string{verifier.CheckProof, verifier.CheckKey} {
		for _, k := range report.Checks {
			if k.Name == name {
				checks = append(checks, templates.Check{Name: k.Name, Outcome: string(k.Outcome), Code: k.Code, Detail: k.Message, Format: report.Format})
			}
		}
	}
	return append(checks,
		templates.Check{Name: "issuer", Outcome: "pass", Detail: "Issuer: " + s.o.BaseURL + "/issuers/" + org + "/issuer.json"},
		statusCheck(f), datesCheck(b, f))
}

func statusCheck(f issuer.Facts) templates.Check {
	k := templates.Check{Name: verifier.CheckStatus, Outcome: "pass", Detail: "The issuer's record was read for this page."}
	switch f.Status {
	case issuer.Revoked:
		k.Outcome, k.Code, k.Detail = "fail", verifier.CodeRevoked, "Revoked at "+moment(&f.Since)+"."
	case issuer.Suspended:
		k.Outcome, k.Code, k.Detail = "fail", verifier.CodeSuspended, "Suspended at "+moment(&f.Since)+"."
	}
	return k
}

func datesCheck(b *issuer.Badge, f issuer.Facts) templates.Check {
	detail := []string{"Earned on " + f.EarnedOn.String(), "signed at " + moment(&b.IssuedAt)}
	if f.ExpiresOn.IsZero() {
		detail = append(detail, "does not expire.")
	} else {
		detail = append(detail, "valid until "+f.ExpiresOn.String()+".")
	}
	k := templates.Check{Name: verifier.CheckDates, Outcome: "pass", Detail: strings.Join(detail, ", ")}
	if f.Status == issuer.Expired {
		k.Outcome, k.Code = "fail", verifier.CodeExpired
	}
	return k
}

// moment writes an instant for technical details.
func moment(t *time.Time) string { return t.UTC().Format(time.RFC3339) }
