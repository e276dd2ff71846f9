package issuer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/open-insignia/insignia/database"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/partner"
)

// Whose is a badge? A candidate's id is the partner's word that its results are those of one person, and people
// marry, move and get another mailbox: what waits follows them. But partners use ids again, too, and a result must
// never hand somebody's badge to somebody else. The rule:
//
//   - Two results of a candidate are of one person when they have the address in common or a word of the name, or
//     when others or corrections lead from the one to the other.
//   - A badge belongs to the person of the result that completed it. That of the person whom the candidate's facts
//     are about is offered at the candidate's address, whichever that is; one of anybody else stays with the
//     address and the name that this person had last, and a partner who means the same person says so by a
//     correction.
//   - Who may take it is the account that has confirmed that address, and the one that has accepted another badge
//     of the same person from the same candidate, whatever its addresses (row 121).

// owns reports whether the holder may decide about an award of a candidate.
func (h Holder) owns(ctx context.Context, t *database.Tx, a *Award, c candidate) (bool, error) {
	switch {
	case h.ID == "":
		return false, nil
	case a.Holder != "":
		return a.Holder == h.ID, nil
	case slices.Contains(h.Addresses, a.address(c)):
		return h.reaches(ctx, t, a)
	}
	with, err := selectConnections(ctx, t, h.ID, a.CandidateID)
	return with[connection{a.CandidateID, a.OwnerEmail}], err
}

// reaches reports whether an award at an address of the holder is of the kind that they have confirmed it for.
func (h Holder) reaches(ctx context.Context, t *database.Tx, a *Award) (bool, error) {
	if !h.Sandbox {
		return true, nil
	}
	p, _, err := partner.Find(ctx, t, a.PartnerID)
	if err != nil {
		return false, fmt.Errorf("read partner of an award: %w", err)
	}
	return p.Sandbox, nil
}

// address is where the award is offered and where its letters go.
func (a *Award) address(c candidate) string { return cmp.Or(a.OwnerEmail, c.Email) }

// address is that of a person who is another one than the candidate's, if there is any.
func (f facts) address(c candidate) string { return cmp.Or(f.Email, c.Email) }

// followOwners has each award belong to the person of its result, and what waits follow its owner to another address.
func (c *changes) followOwners(l *ledger) {
	kin := l.kin()
	for _, a := range l.awards {
		before := cmp.Or(a.OwnerEmail, l.address)
		if owner := l.owner(a, kin); owner.Email != a.OwnerEmail || owner.Name != a.OwnerName {
			a.OwnerEmail, a.OwnerName = owner.Email, owner.Name
			c.change(a)
		}
		if a.address(l.candidate) != before && !slices.Contains(c.made, a) {
			c.move(l, a)
		}
	}
	l.address = l.candidate.Email
}

// move has an offer follow its owner: the links to the address before end, the credential names the new one, and
// with it goes a new letter. What was decided about stays as it is.
func (c *changes) move(l *ledger, a *Award) {
	if !slices.Contains(c.moved, l) {
		c.moved = append(c.moved, l)
	}
	if a.offered() && a.DisputedAt != nil { // by somebody else than those to whom it goes now
		a.DisputedAt, a.Dispute = nil, ""
		c.awardEvent("badge.undisputed", l, a, c.reason.Text)
	}
	switch {
	case !a.offered():
	case a.Signed < a.Version:
		c.change(a) // it may be signed for the address before at this moment, and is looked at again
	default:
		c.reissue(a)
		c.tellAward("badge.updated", l, a, c.reason.Text)
		c.note(changeReaddressed, a, c.reason.Text)
	}
}

// endLinks ends the claim links that went to addresses where nothing of their candidates is offered any more.
func endLinks(ctx context.Context, w *write) error {
	for _, l := range w.moved {
		addresses := []string{l.candidate.Email}
		for _, a := range l.awards {
			addresses = append(addresses, a.address(l.candidate))
		}
		if err := replaceClaimsElsewhere(ctx, w.t, l.candidate.ID, addresses, w.now); err != nil {
			return err
		}
	}
	return nil
}

// owner is to whom an award belongs; the zero facts where that is the person of the candidate's facts.
func (l *ledger) owner(a *Award, kin kinship) facts {
	return l.person(l.result(programme.ResultKey{Partner: a.PartnerID, ID: a.ResultID}), kin)
}

// person is whose a result is, like owner. One that does not count, or is not there any more, is believed nothing.
func (l *ledger) person(r *Recorded, kin kinship) facts {
	if kin == nil || r == nil || !r.present() || kin.same(r.CandidateEmail, l.candidate.Email) {
		return facts{}
	}
	theirs := slices.DeleteFunc(slices.Clone(l.results), func(other Recorded) bool { return !kin.same(other.CandidateEmail, r.CandidateEmail) })
	corrected := slices.DeleteFunc(slices.Clone(l.corrected), func(c correction) bool { return kin.find(c.keys()[0]) != kin.find(emailKey(r.CandidateEmail)) })
	return factsOf(r.facts(), theirs, corrected)
}

// kinship tells which addresses and words of names of a candidate are one person's. It leads from each towards the
// one that stands for all.
type kinship map[string]string

// kin reads the ledger's people from its results and corrections; nil where all results say the same address.
func (l *ledger) kin() kinship {
	if !slices.ContainsFunc(l.results, func(r Recorded) bool { return r.present() && r.CandidateEmail != l.candidate.Email }) {
		return nil
	}
	k := kinship{}
	for n := range l.results {
		if r := &l.results[n]; r.present() {
			k.join(append(nameKeys(r.CandidateName), emailKey(r.CandidateEmail)))
		}
	}
	for _, c := range l.corrected {
		k.join(c.keys())
	}
	return k
}

// keys are those of a person that a correction joins.
func (c *correction) keys() []string {
	if c.Member == memberEmail {
		return []string{emailKey(c.Was), emailKey(c.Value)}
	}
	return append(nameKeys(c.Was), nameKeys(c.Value)...)
}

func (k kinship) same(email, other string) bool {
	return k.find(emailKey(email)) == k.find(emailKey(other))
}

func (k kinship) find(key string) string {
	for k[key] != "" {
		key = k[key]
	}
	return key
}

func (k kinship) join(keys []string) {
	for _, key := range keys {
		if a, b := k.find(keys[0]), k.find(key); a != b {
			k[b] = a
		}
	}
}

func emailKey(email string) string { return "@" + email }

// particles are words that names of strangers have in common.
var particles = []string{"von", "van", "der", "den", "del", "della", "dos", "das", "los", "las", "bin", "bint", "ibn", "abu"}

// nameKeys are the words of a name, whatever its case and accents: those that tell something, or else the whole.
func nameKeys(name string) (keys []string) {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(name))
	for _, word := range strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		latin := !strings.ContainsFunc(word, func(r rune) bool { return !unicode.Is(unicode.Latin, r) })
		if slices.Contains(particles, word) || latin && utf8.RuneCountInString(word) < 3 {
			continue
		}
		keys = append(keys, word)
	}
	if len(keys) == 0 {
		return []string{plain}
	}
	return keys
}
