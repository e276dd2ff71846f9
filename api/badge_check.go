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
		statusCheck(b), datesCheck(b))
}

func statusCheck(b *issuer.Badge) templates.Check {
	k := templates.Check{Name: verifier.CheckStatus, Outcome: "pass", Detail: "The issuer's record was read for this page."}
	switch b.Validity {
	case issuer.Revoked:
		k.Outcome, k.Code, k.Detail = "fail", verifier.CodeRevoked, "Revoked at "+moment(b.Award.RevokedAt)+"."
	case issuer.Suspended:
		k.Outcome, k.Code, k.Detail = "fail", verifier.CodeSuspended, "Suspended at "+moment(b.Award.SuspendedAt)+"."
	}
	return k
}

func datesCheck(b *issuer.Badge) templates.Check {
	detail := []string{"Earned on " + b.Award.EarnedOn.String(), "signed at " + moment(&b.IssuedAt)}
	if b.Award.ExpiresOn.IsZero() {
		detail = append(detail, "does not expire.")
	} else {
		detail = append(detail, "valid until "+b.Award.ExpiresOn.String()+".")
	}
	k := templates.Check{Name: verifier.CheckDates, Outcome: "pass", Detail: strings.Join(detail, ", ")}
	if b.Validity == issuer.Expired {
		k.Outcome, k.Code = "fail", verifier.CodeExpired
	}
	return k
}

// moment writes an instant for technical details.
func moment(t *time.Time) string { return t.UTC().Format(time.RFC3339) }
