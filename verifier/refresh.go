package verifier

import (
	"context"

	"github.com/open-insignia/insignia/openbadge"
)

// refreshed looks for a newer edition of the badge (spec 3.0 section 9). Whatever goes wrong on the
// way, the edition at hand stands.
func (x *examination) refreshed(ctx context.Context, r *openbadge.Received) {
	for _, service := range r.Refresh {
		if service.Type != "1EdTechCredentialRefresh" {
			continue
		}
		newer, message := x.newerEdition(ctx, service.ID, r)
		if newer {
			x.findings = append(x.findings, Superseded)
		}
		if newer || message != "" {
			x.warn(CheckRefresh, "", message)
			return
		}
		x.pass(CheckRefresh, "This is the newest edition of the badge.")
		return
	}
}

// newerEdition reports whether address serves an edition of the same badge, signed by the same issuer,
// that is valid from a later moment; else why that could not be told ("" when this one is newest).
func (x *examination) newerEdition(ctx context.Context, address string, r *openbadge.Received) (newer bool, message string) {
	response, f := x.get(ctx, address, acceptToken)
	if f != nil {
		return false, "The issuer's newest edition could not be fetched; this one was judged."
	}
	token, err := openbadge.ParseJWS(string(trim(response.Body)))
	if err != nil {
		return false, "The issuer's newest edition is of a kind that cannot be checked yet; this one was judged."
	}
	edition, err := openbadge.ReadClaims(token.Payload)
	if err != nil || edition.ID != r.ID || edition.Issuer.ID != r.Issuer.ID {
		return false, "What the issuer serves as newest edition is another badge; this one was judged."
	}
	if x.tokenFault(ctx, token, r.Issuer.ID) != nil {
		return false, "What the issuer serves as newest edition is not signed by the issuer; this one was judged."
	}
	from := edition.ValidFrom.Time
	if from.After(r.ValidFrom.Time) && !from.After(x.at.Add(skew)) {
		return true, "The issuer has signed a newer edition of this badge."
	}
	return false, ""
}
