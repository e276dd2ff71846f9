package verifier

import "context"

// refreshed looks for a newer edition of the badge (spec 3.0 section 9). Whatever goes wrong on the
// way, the edition at hand stands.
func (x *examination) refreshed(ctx context.Context, s *sealed) {
	for _, service := range s.Refresh {
		if service.Type != "1EdTechCredentialRefresh" {
			continue
		}
		newer, message := x.newerEdition(ctx, service.ID, s)
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

// newerEdition reports whether address serves an edition of the same badge, well-formed and signed by
// the same issuer, that is valid from a later moment; else why that could not be told ("" when this
// one is newest). An edition's own refresh service is not followed.
func (x *examination) newerEdition(ctx context.Context, address string, s *sealed) (newer bool, message string) {
	response, f := x.get(ctx, address, acceptToken)
	if f != nil {
		return false, "The issuer's newest edition could not be fetched; this one was judged."
	}
	edition, f := unseal(response.Body)
	if f != nil {
		return false, "What the issuer serves as newest edition is no credential; this one was judged."
	}
	if !sameID(edition.ID, s.ID) || edition.Issuer.ID != s.Issuer.ID {
		return false, "What the issuer serves as newest edition is another badge; this one was judged."
	}
	if faults, _ := edition.departures(); len(faults) > 0 || edition.class() != s.class() {
		return false, "What the issuer serves as newest edition is malformed; this one was judged."
	}
	if _, _, f := x.signerOf(ctx, edition); f != nil {
		return false, "What the issuer serves as newest edition is not signed by the issuer; this one was judged."
	}
	from, _ := edition.period()
	mine, _ := s.period()
	if from.After(mine) && !from.After(x.at.Add(skew)) {
		return true, "The issuer has signed a newer edition of this badge."
	}
	return false, ""
}
