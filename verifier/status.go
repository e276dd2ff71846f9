package verifier

import (
	"context"
	"slices"

	"github.com/open-insignia/insignia/openbadge"
)

// Bounds of status: an unpacked list of 8 MiB has 67 million entries; the standard allows a badge one
// entry, and a few are read of those who write more.
const (
	maxList    = 8 << 20
	maxEntries = 4
)

// credentialStatus asks each status list that bears on validity (spec 3.0 section 8).
func (x *examination) credentialStatus(ctx context.Context, r *openbadge.Received) {
	if len(r.Status) == 0 {
		x.pass(CheckStatus, "The issuer published no way to withdraw this badge.")
		return
	}
	if len(r.Status) > maxEntries {
		x.refuse(CheckStatus, badList("The badge has more status entries than are read."))
		return
	}
	for _, s := range r.Status {
		x.statusEntry(ctx, s, r.Issuer.ID)
	}
}

func (x *examination) statusEntry(ctx context.Context, s openbadge.Status, issuer string) {
	switch {
	case s.Type != "BitstringStatusListEntry":
		x.refuse(CheckStatus, &fault{verdict: unsure, code: BadStatus, message: "The badge can be withdrawn in a way that cannot be checked yet."})
		return
	case s.Purpose == "":
		x.refuse(CheckStatus, &fault{code: BadStatus, property: "credentialStatus", message: "The status entry does not say what it is for."})
		return
	case s.Purpose != "revocation" && s.Purpose != "suspension":
		x.skip(CheckStatus, "A status entry is for something that does not bear on validity.")
		return
	}
	list, f := x.statusList(ctx, s, issuer)
	if f != nil {
		x.refuse(CheckStatus, f)
		return
	}
	value, f := entryValue(list, s)
	switch {
	case f != nil:
		x.refuse(CheckStatus, f)
	case value == 0:
		x.pass(CheckStatus, map[string]string{"revocation": "The badge is not revoked.", "suspension": "The badge is not suspended."}[s.Purpose])
	case s.Purpose == "revocation":
		x.fail(CheckStatus, CodeRevoked, "The issuer has revoked the badge.")
	default:
		x.fail(CheckStatus, CodeSuspended, "The issuer has suspended the badge.")
	}
}

// entryValue reads one entry; the list must have as many as hide whose it is (STATUS_LIST_LENGTH_ERROR)
// and hold this one (RANGE_ERROR).
func entryValue(list *openbadge.StatusList, s openbadge.Status) (uint32, *fault) {
	if s.Size < 1 || s.Index < 0 {
		return 0, badList("The status entry is malformed.")
	}
	if list.Len()/s.Size < openbadge.MinStatusList {
		return 0, badList("The status list is shorter than the standard allows.")
	}
	value, found := list.Value(s.Index, s.Size)
	if !found {
		return 0, badList("The status list has no entry for this badge.")
	}
	return value, nil
}

func badList(message string) *fault {
	return &fault{code: BadStatus, property: "credentialStatus", message: message}
}

// statusList fetches the list of an entry and verifies it as the credential that it is.
func (x *examination) statusList(ctx context.Context, s openbadge.Status, issuer string) (*openbadge.StatusList, *fault) {
	response, f := x.get(ctx, s.List, acceptToken)
	if f != nil {
		return nil, f.as(BadStatus).later()
	}
	r, f := x.listCredential(ctx, trim(response.Body), issuer)
	if f != nil {
		return nil, f
	}
	subject := r.Subject.Members
	switch text, _ := subject["encodedList"].(string); {
	case !slices.Contains(r.Types, "BitstringStatusListCredential") || !slices.Contains(r.Subject.Types, "BitstringStatusList") || text == "":
		return nil, badList("There is no status list where the badge says.")
	case !slices.Contains(textsOf(subject["statusPurpose"]), s.Purpose):
		return nil, badList("The status list is for another purpose than the entry.")
	default:
		list, err := openbadge.DecodeStatusList(text, maxList)
		if err != nil {
			return nil, badList("The status list cannot be unpacked.")
		}
		return list, nil
	}
}

// listCredential verifies proof, issuer and dates of a list. That its issuer is the badge's is our
// policy: a list of somebody else's says nothing that the issuer has signed.
func (x *examination) listCredential(ctx context.Context, data []byte, issuer string) (*openbadge.Received, *fault) {
	var m map[string]any
	text := string(data)
	if openbadge.UnmarshalStrict(data, &m) == nil {
		token, found := envelopedToken(m)
		if !found {
			return nil, jsonListFault(data)
		}
		text = token
	}
	token, err := openbadge.ParseJWS(text)
	if err != nil {
		return nil, badList("There is no status list where the badge says.")
	}
	r, err := openbadge.ReadClaims(token.Payload)
	if err != nil {
		return nil, badList("There is no status list where the badge says.")
	}
	if r.Issuer.ID != issuer {
		return nil, badList("The status list is by somebody else than the badge's issuer.")
	}
	if f := x.tokenFault(ctx, token, issuer); f != nil {
		if f.unknown() {
			return nil, f.as(BadStatus).later()
		}
		return nil, badList("The status list's own signature does not hold.")
	}
	return r, x.listDates(r)
}

// listDates: a list that is no longer (or not yet) current says nothing about today. Judged as of an
// earlier moment, today's list is the best there is.
func (x *examination) listDates(r *openbadge.Received) *fault {
	early, late := x.at, x.now
	if late.Before(early) {
		early, late = late, early
	}
	if r.ValidFrom.Time.After(late.Add(skew)) || !r.ValidUntil.IsZero() && !r.ValidUntil.Time.After(early) {
		return &fault{verdict: unsure, code: BadStatus, message: "The status list is not current, so the present status is not known."}
	}
	return nil
}

func jsonListFault(data []byte) *fault {
	r, err := openbadge.ReadCredential(data)
	switch {
	case err != nil || !r.IsStatusList():
		return badList("There is no status list where the badge says.")
	case len(r.Proof) == 0:
		return badList("The status list is not signed.")
	}
	return &fault{verdict: unsure, code: BadStatus, message: "The status list carries a kind of proof that cannot be checked yet."}
}
