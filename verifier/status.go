package verifier

import (
	"context"
	"slices"

	"github.com/open-insignia/insignia/openbadge"
)

// maxEntries is how many status entries of a badge are read; the standard allows it one.
const maxEntries = 4

// Types of status entries that are known (spec 3.0 section 8).
const (
	bitstringEntry = "BitstringStatusListEntry"
	list2021Entry  = "StatusList2021Entry"
	revocationList = "1EdTechRevocationList"
)

// credentialStatus asks each status list of a credential (spec 3.0 section 8). who made the credential.
func (x *examination) credentialStatus(ctx context.Context, s *sealed, who signer) {
	switch {
	case len(s.Status) == 0:
		x.noStatus()
		return
	case len(s.Status) > maxEntries:
		x.refuse(CheckStatus, badList("The badge has more status entries than are read."))
		return
	}
	if !slices.ContainsFunc(s.Status, func(e openbadge.Status) bool { return !(statusEntry{Status: e}).besides() }) {
		x.noStatus()
	}
	written := objectsOf(s.members()["credentialStatus"])
	for i, entry := range s.Status {
		switch entry.Type {
		case bitstringEntry, list2021Entry:
			var m map[string]any
			if len(written) == len(s.Status) {
				m = written[i]
			}
			x.statusEntry(ctx, statusEntry{entry, m}, who)
		case revocationList:
			x.revocationEntry(ctx, entry, s)
		default:
			x.refuse(CheckStatus, unsupported("credentialStatus.type", "The badge can be withdrawn in a way that cannot be checked here.").later())
		}
	}
}

// noStatus tells that the badge cannot be withdrawn, which is something else than that it was not.
func (x *examination) noStatus() {
	x.add(Check{Name: CheckStatus, Outcome: Skipped, Code: NoStatus, Message: "The badge cannot be withdrawn: its issuer publishes no way."})
}

// statusEntry is one entry, read and as it was written.
type statusEntry struct {
	openbadge.Status
	written map[string]any
}

// final: does a list with this purpose speak about the badge's validity?
func (e statusEntry) final() bool { return e.Purpose == "revocation" || e.Purpose == "suspension" }

// besides: does the entry only tell something that does not bear on validity?
func (e statusEntry) besides() bool {
	return (e.Type == bitstringEntry || e.Type == list2021Entry) && e.Purpose != "" && !e.final()
}

func (x *examination) statusEntry(ctx context.Context, e statusEntry, who signer) {
	known := e.final() || e.Purpose == "refresh" || e.Purpose == "message"
	if e.Purpose != "" && !known {
		x.skip(CheckStatus, "A status entry is for something that does not bear on validity.")
		return
	}
	var value uint32
	f := e.malformed()
	if f == nil {
		value, f = x.statusValue(ctx, e, who)
	}
	switch {
	case f != nil && known && !e.final():
		// These two purposes tell something besides; without it the badge is what it is.
		x.add(Check{Name: CheckStatus, Outcome: Warning, Code: f.code, Property: f.property, Message: f.message})
	case f != nil:
		x.refuse(CheckStatus, f)
	case e.Purpose == "message":
		x.statusMessage(e, value)
	case value == 0 && e.Purpose == "refresh":
		x.pass(CheckRefresh, "The issuer announces no newer edition.")
	case value == 0:
		x.pass(CheckStatus, map[string]string{"revocation": "The badge is not revoked.", "suspension": "The badge is not suspended."}[e.Purpose])
	case e.Purpose == "revocation":
		x.takenBack(ctx, "The issuer has revoked the badge.", "")
	case e.Purpose == "suspension":
		x.fail(CheckStatus, CodeSuspended, "The issuer has suspended the badge.")
	default:
		// Bitstring Status List 1.0 section 2.1: this status does not invalidate the credential.
		x.warn(CheckRefresh, "", "The issuer announces a newer edition of this badge.")
	}
}

// malformed holds the rules of Bitstring Status List 1.0 section 2.1 that are about the entry alone.
func (e statusEntry) malformed() *fault {
	switch {
	case e.Purpose == "":
		return badList("The status entry does not say what it is for.")
	case e.Size < 1 || e.Index < 0:
		return badList("The status entry is malformed.")
	case e.ID != "" && e.ID == e.List:
		return badList("The status entry bears the address of the whole list.")
	case e.Purpose == "message" && len(e.messages()) == 0, e.Size > 1 && e.written["statusMessage"] != nil && len(e.messages()) != 1<<min(e.Size, 20):
		return badList("The status entry does not say what its values mean.")
	}
	return nil
}

// statusValue gets the list and reads one entry of it.
func (x *examination) statusValue(ctx context.Context, e statusEntry, who signer) (uint32, *fault) {
	bits, f := x.statusBits(ctx, e, who)
	if f != nil {
		return 0, f
	}
	if bits.Len()/e.Size == olderStatusList {
		x.warn(CheckStatus, BadStatus, "The status list is shorter than the standard allows now.")
	}
	return entryValue(bits, e.Status)
}

// entryValue reads one entry; the list must have as many as hide whose it is (STATUS_LIST_LENGTH_ERROR)
// and hold this one (RANGE_ERROR).
func entryValue(list *openbadge.StatusList, s openbadge.Status) (uint32, *fault) {
	if n := list.Len() / s.Size; n < openbadge.MinStatusList && n != olderStatusList {
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
