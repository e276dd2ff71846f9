package issuer

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/open-insignia/insignia/issuer/programme"
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

// addresses are those that results and corrections give the person of the candidate's facts, and those that were
// corrected away.
func (l *ledger) addresses() (right, wrong []string) {
	kin := l.kin()
	right = []string{l.candidate.Email}
	for k := range l.results {
		if r := &l.results[k]; r.present() && l.person(r, kin) == (facts{}) {
			right = append(right, r.CandidateEmail)
		}
	}
	for _, c := range l.corrected {
		if c.Member == memberEmail {
			wrong = append(wrong, c.Was)
			wrong = slices.DeleteFunc(wrong, func(address string) bool { return address == c.Value })
		}
	}
	right = slices.DeleteFunc(right, func(address string) bool { return slices.Contains(wrong, address) })
	return right, wrong
}
