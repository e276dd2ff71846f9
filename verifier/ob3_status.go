package verifier

import (
	"context"
	"crypto"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

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

// ob3Status finds out whether a credential is withdrawn. who made it.
type ob3Status struct {
	*ob3Examination
	badge *sealed
	who   signer
}

// check asks each status list of the credential (spec 3.0 section 8).
func (x ob3Status) check(ctx context.Context) {
	s := x.badge
	switch {
	case len(s.Status) == 0:
		x.noStatus()
		return
	case len(s.Status) > maxEntries:
		x.refuse(CheckStatus, badList("The badge has more status entries than are read."))
		return
	}
	if !slices.ContainsFunc(s.Status, func(e openbadge.Status) bool { return !(statusEntry{Status: e}).informsOnly() }) {
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
			x.statusEntry(ctx, statusEntry{entry, m})
		case revocationList:
			x.revocationEntry(ctx, entry)
		default:
			x.refuse(CheckStatus, unsupported("credentialStatus.type", "The badge can be withdrawn in a way that cannot be checked here.").aboutState())
		}
	}
}

// statusEntry is one entry, read and as it was written.
type statusEntry struct {
	openbadge.Status
	written map[string]any
}

// final: does a list with this purpose speak about the badge's validity?
func (e statusEntry) bearsOnValidity() bool {
	return e.Purpose == "revocation" || e.Purpose == "suspension"
}

// besides: does the entry only tell something that does not bear on validity?
func (e statusEntry) informsOnly() bool {
	return (e.Type == bitstringEntry || e.Type == list2021Entry) && e.Purpose != "" && !e.bearsOnValidity()
}

func (x ob3Status) statusEntry(ctx context.Context, e statusEntry) {
	known := e.bearsOnValidity() || e.Purpose == "refresh" || e.Purpose == "message"
	if e.Purpose != "" && !known {
		x.skip(CheckStatus, "A status entry is for something that does not bear on validity.")
		return
	}
	var value uint32
	f := e.malformed()
	if f == nil {
		value, f = x.statusValue(ctx, e)
	}
	switch {
	case f != nil && known && !e.bearsOnValidity():
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
		x.noteWithdrawn(ctx, "The issuer has revoked the badge.", "")
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
	case e.Purpose == "message" && len(e.messages()) == 0,
		e.Size > 1 && e.written["statusMessage"] != nil && len(e.messages()) != 1<<min(e.Size, 20):
		return badList("The status entry does not say what its values mean.")
	}
	return nil
}

func (e statusEntry) messages() []map[string]any { return objectsOf(e.written["statusMessage"]) }

// statusMessage tells what the issuer says by a value.
func (x ob3Status) statusMessage(e statusEntry, value uint32) {
	for _, m := range e.messages() {
		if n, isNumber := hexNumber(textOf(m["status"])); isNumber && n == value {
			x.add(Check{Name: CheckStatus, Outcome: Pass, Property: "credentialStatus.statusMessage",
				Message: "The issuer's message about the badge: " + clip(textOf(m["message"]))})
			return
		}
	}
	x.warn(CheckStatus, BadStatus, "The issuer has set a status whose meaning the badge does not tell.")
}

// hexNumber reads a status value, "0x1f".
func hexNumber(text string) (uint32, bool) {
	digits, isHex := strings.CutPrefix(strings.ToLower(text), "0x")
	n, err := strconv.ParseUint(digits, 16, 32)
	return uint32(n), isHex && err == nil
}

// statusValue gets the list and reads one entry of it.
func (x ob3Status) statusValue(ctx context.Context, e statusEntry) (uint32, *fault) {
	bits, f := x.statusBits(ctx, e)
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

// Bounds of unpacked lists, of one and of all that a badge and its endorsements name: 4 MiB have 33
// million entries.
const (
	maxList  = 4 << 20
	maxLists = 8 << 20
)

// olderStatusList is how many entries the lists of the reference implementation had before the standard
// set a minimum. The minimum hides whose entry is asked for; what an entry says is as good in a list
// of just that size, of which there are many.
const olderStatusList = 100_000

// listed is a status list that was fetched and verified as the credential that it is, whoever made it.
type listed struct {
	*sealed
	by   signer
	bits *openbadge.StatusList
}

// listKind are the types of a list credential and its subject, for each kind of entry.
type listKind struct{ credential, subject string }

var listKinds = map[string]listKind{
	bitstringEntry: {"BitstringStatusListCredential", "BitstringStatusList"},
	list2021Entry:  {"StatusList2021Credential", "StatusList2021"},
}

// statusBits fetches the list of an entry. A list of somebody else's says nothing that the badge's
// issuer stands for: its issuer must be the badge's, or known to the operator, or be the very key that
// signed the badge.
func (x ob3Status) statusBits(ctx context.Context, e statusEntry) (*openbadge.StatusList, *fault) {
	list, f := x.statusList(ctx, e.List)
	kind := listKinds[e.Type]
	switch {
	case f != nil:
		return nil, f
	case !slices.Contains(list.Types, kind.credential) || !slices.Contains(list.Subject.Types, kind.subject):
		return nil, badList("There is no status list of the right kind where the badge says.")
	case list.Issuer.ID != x.who.id && !x.known(list.Issuer.ID) && !isKey(list.Issuer.ID, x.who.key):
		return nil, badList("The status list is by somebody else than the badge's issuer.")
	case !slices.Contains(textsOf(list.Subject.Members["statusPurpose"]), e.Purpose):
		return nil, badList("The status list is for another purpose than the entry.")
	}
	return list.bits, nil
}

// isKey reports whether an identity is nothing but this key.
func isKey(id string, key crypto.PublicKey) bool {
	for _, parse := range []func(string) (crypto.PublicKey, error){openbadge.ParseDIDKey, openbadge.ParseDIDJWK} {
		if other, err := parse(id); err == nil {
			k, hasEqual := key.(interface{ Equal(crypto.PublicKey) bool })
			return hasEqual && k.Equal(other)
		}
	}
	return false
}

// statusList fetches a list and verifies it, once for all entries that it has.
func (x ob3Status) statusList(ctx context.Context, address string) (listed, *fault) {
	known, found := x.lists.known[address]
	if !found {
		known.list, known.fault = x.newList(ctx, address)
		x.lists.known[address] = known
	}
	return known.list, known.fault
}

// statusLists are the lists that a badge and its endorsements name.
type statusLists struct {
	known map[string]knownList
	room  int // bytes that may still be unpacked
}

func newStatusLists() *statusLists {
	return &statusLists{known: map[string]knownList{}, room: maxLists}
}

// knownList is what came of fetching a list.
type knownList struct {
	list  listed
	fault *fault
}

func (x ob3Status) newList(ctx context.Context, address string) (listed, *fault) {
	response, f := x.get(ctx, address, acceptToken)
	if f != nil {
		return listed{}, f.as(BadStatus).aboutState()
	}
	s, f := unseal(response.Body)
	if f != nil || !s.IsStatusList() {
		return listed{}, badList("There is no status list where the badge says.")
	}
	by, _, f := x.keys.signerOf(ctx, s)
	switch {
	case f != nil && f.unknown():
		return listed{}, f.as(BadStatus).aboutState()
	case f != nil && f.code == NotSigned:
		return listed{}, badList("The status list is not signed.")
	case f != nil:
		return listed{}, badList("The status list's own signature does not hold.")
	}
	bits, f := x.listBits(s)
	if f == nil {
		f = x.listDates(s)
	}
	return listed{s, by, bits}, f
}

// listBits reads the subject of a list credential.
func (x ob3Status) listBits(s *sealed) (*openbadge.StatusList, *fault) {
	subject := s.Subject.Members
	if faults, _ := s.departures(); len(faults) > 0 {
		if slices.ContainsFunc(faults, func(p openbadge.Problem) bool { return p.Code != Unsupported }) {
			return nil, badList(withWhy("The status list is malformed", faults[0].Property))
		}
		return nil, problemFault(faults[0]).aboutState()
	}
	if ttl, found := subject["ttl"]; found && !isCount(ttl) {
		return nil, badList("The status list is malformed: credentialSubject.ttl.")
	}
	text := textOf(subject["encodedList"])
	if slices.Contains(s.Subject.Types, "BitstringStatusList") && !strings.HasPrefix(text, "u") {
		return nil, badList("The status list is not encoded as the standard asks.")
	}
	room := min(maxList, x.lists.room)
	bits, err := openbadge.DecodeStatusList(text, room)
	switch {
	case err != nil && room < maxList:
		return nil, &fault{verdict: unsure, code: BadStatus,
			message: "The badge names more status lists than are unpacked."}
	case err != nil || text == "":
		return nil, badList("The status list cannot be unpacked.")
	}
	x.lists.room -= bits.Len() / 8
	return bits, nil
}

// isCount: a number of milliseconds, whole and not negative.
func isCount(v any) bool {
	n, isNumber := v.(json.Number)
	_, err := strconv.ParseUint(n.String(), 10, 63)
	return isNumber && err == nil
}

// listDates: a list that is no longer (or not yet) current says nothing about today. Judged as of an
// earlier moment, today's list is the best there is.
func (x ob3Status) listDates(s *sealed) *fault {
	early, late := x.at, x.now
	if late.Before(early) {
		early, late = late, early
	}
	from, until := s.period()
	if from.After(late.Add(skew)) || !until.IsZero() && !until.After(early) {
		return &fault{verdict: unsure, code: BadStatus,
			message: "The status list is not current, so the present status is not known."}
	}
	return nil
}

// listAlone is for a status list that was handed in itself.
func (x ob3Status) listAlone() {
	bits, f := x.listBits(x.badge)
	if f == nil && bits.Len() < openbadge.MinStatusList {
		f = badList("The status list is shorter than the standard allows.")
	}
	if f != nil {
		f.property = "credentialSubject"
		x.refuse(CheckParse, f)
	}
}

// revocationEntry asks a 1EdTechRevocationList (spec 3.0 section 8, deprecated). The list is not signed:
// the badge, which is, says where it lies, and it must name the badge's issuer if it names one.
func (x ob3Status) revocationEntry(ctx context.Context, entry openbadge.Status) {
	response, f := x.get(ctx, entry.ID, acceptPart)
	if f != nil {
		x.refuse(CheckStatus, f.as(BadStatus).aboutState())
		return
	}
	var m map[string]any
	if tooComplex(response.Body) || openbadge.UnmarshalStrict(trim(response.Body), &m) != nil || m["revokedCredential"] == nil {
		x.refuse(CheckStatus, badList("There is no revocation list where the badge says."))
		return
	}
	m = openbadge.OneForm(m)
	if m["issuer"] != nil && partyID(m["issuer"]) != x.badge.Issuer.ID {
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
		case !lifted && sameID(id, x.badge.ID):
			x.noteWithdrawn(ctx, "The issuer has revoked the badge.", textOf(one["revocationReason"]))
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
