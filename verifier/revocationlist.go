package verifier

import (
	"context"
	"net/url"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

// revocationEntry asks a 1EdTechRevocationList (spec 3.0 section 8, deprecated). The list is not signed:
// the badge, which is, says where it lies, and it must name the badge's issuer if it names one.
func (x *examination) revocationEntry(ctx context.Context, entry openbadge.Status, s *sealed) {
	response, f := x.get(ctx, entry.ID, acceptPart)
	if f != nil {
		x.refuse(CheckStatus, f.as(BadStatus).later())
		return
	}
	var m map[string]any
	if tooComplex(response.Body) || openbadge.UnmarshalStrict(trim(response.Body), &m) != nil || m["revokedCredential"] == nil {
		x.refuse(CheckStatus, badList("There is no revocation list where the badge says."))
		return
	}
	m = openbadge.OneForm(m)
	if m["issuer"] != nil && partyID(m["issuer"]) != s.Issuer.ID {
		x.refuse(CheckStatus, badList("The revocation list is by somebody else than the badge's issuer."))
		return
	}
	entries, isList := m["revokedCredential"].([]any)
	if !isList {
		entries = []any{m["revokedCredential"]}
	}
	for _, entry := range entries {
		one, isObject := entry.(map[string]any)
		if !isObject {
			one = map[string]any{"id": entry}
		}
		id := textOf(one["id"])
		switch lifted := one["revoked"] == false; {
		case id == "":
			x.refuse(CheckStatus, badList("The revocation list is malformed: revokedCredential."))
			return
		case !lifted && sameID(id, s.ID):
			x.takenBack(ctx, "The issuer has revoked the badge.", textOf(one["revocationReason"]))
			return
		}
	}
	x.pass(CheckStatus, "The badge is not on the issuer's revocation list.")
}

// partyID gives the id of an issuer, written as an object or as the id alone.
func partyID(v any) string {
	if m, isObject := v.(map[string]any); isObject {
		return textOf(m["id"])
	}
	return textOf(v)
}

// sameID compares ids after percent-decoding and trimming (spec 3.0 section 2.6).
func sameID(a, b string) bool { return plainID(a) == plainID(b) && plainID(a) != "" }

func plainID(id string) string {
	id = strings.TrimSpace(id)
	if plain, err := url.PathUnescape(id); err == nil {
		return plain
	}
	return id
}
