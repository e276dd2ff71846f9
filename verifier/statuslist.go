package verifier

import (
	"context"
	"crypto"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/open-insignia/insignia/openbadge"
)

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
func (x *examination) statusBits(ctx context.Context, e statusEntry, who signer) (*openbadge.StatusList, *fault) {
	list, f := x.statusList(ctx, e.List)
	kind := listKinds[e.Type]
	switch {
	case f != nil:
		return nil, f
	case !slices.Contains(list.Types, kind.credential) || !slices.Contains(list.Subject.Types, kind.subject):
		return nil, badList("There is no status list of the right kind where the badge says.")
	case list.Issuer.ID != who.id && !x.options.Known(list.Issuer.ID) && !isKey(list.Issuer.ID, who.key):
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
func (x *examination) statusList(ctx context.Context, address string) (listed, *fault) {
	known, found := x.lists[address]
	if !found {
		known.list, known.fault = x.newList(ctx, address)
		x.lists[address] = known
	}
	return known.list, known.fault
}

// knownList is what came of fetching a list.
type knownList struct {
	list  listed
	fault *fault
}

func (x *examination) newList(ctx context.Context, address string) (listed, *fault) {
	response, f := x.get(ctx, address, acceptToken)
	if f != nil {
		return listed{}, f.as(BadStatus).later()
	}
	s, f := unseal(response.Body)
	if f != nil || !s.IsStatusList() {
		return listed{}, badList("There is no status list where the badge says.")
	}
	by, _, f := x.signerOf(ctx, s)
	switch {
	case f != nil && f.unknown():
		return listed{}, f.as(BadStatus).later()
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
func (x *examination) listBits(s *sealed) (*openbadge.StatusList, *fault) {
	subject := s.Subject.Members
	if faults, _ := s.departures(); len(faults) > 0 {
		if slices.ContainsFunc(faults, func(p openbadge.Problem) bool { return p.Code != Unsupported }) {
			return nil, badList(withWhy("The status list is malformed", faults[0].Property))
		}
		return nil, problemFault(faults[0]).later()
	}
	if ttl, found := subject["ttl"]; found && !isCount(ttl) {
		return nil, badList("The status list is malformed: credentialSubject.ttl.")
	}
	text := textOf(subject["encodedList"])
	if slices.Contains(s.Subject.Types, "BitstringStatusList") && !strings.HasPrefix(text, "u") {
		return nil, badList("The status list is not encoded as the standard asks.")
	}
	room := min(maxList, x.listRoom)
	bits, err := openbadge.DecodeStatusList(text, room)
	switch {
	case err != nil && room < maxList:
		return nil, &fault{verdict: unsure, code: BadStatus, message: "The badge names more status lists than are unpacked."}
	case err != nil || text == "":
		return nil, badList("The status list cannot be unpacked.")
	}
	x.listRoom -= bits.Len() / 8
	return bits, nil
}

// withWhy makes a sentence of what is the matter and the reason why, if there is one.
func withWhy(what, why string) string {
	if why == "" {
		return what + "."
	}
	return what + ": " + strings.TrimSuffix(why, ".") + "."
}

// isCount: a number of milliseconds, whole and not negative.
func isCount(v any) bool {
	n, isNumber := v.(json.Number)
	_, err := strconv.ParseUint(n.String(), 10, 63)
	return isNumber && err == nil
}

// listDates: a list that is no longer (or not yet) current says nothing about today. Judged as of an
// earlier moment, today's list is the best there is.
func (x *examination) listDates(s *sealed) *fault {
	early, late := x.at, x.now
	if late.Before(early) {
		early, late = late, early
	}
	from, until := s.period()
	if from.After(late.Add(skew)) || !until.IsZero() && !until.After(early) {
		return &fault{verdict: unsure, code: BadStatus, message: "The status list is not current, so the present status is not known."}
	}
	return nil
}

// listAlone is for a status list that was handed in itself.
func (x *examination) listAlone(s *sealed) {
	bits, f := x.listBits(s)
	if f == nil && bits.Len() < openbadge.MinStatusList {
		f = badList("The status list is shorter than the standard allows.")
	}
	if f != nil {
		f.property = "credentialSubject"
		x.refuse(CheckParse, f)
	}
}
