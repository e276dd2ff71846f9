package ledger

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
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
//   - Who may take it is the account that has confirmed that address, the one that has accepted another badge of the
//     same person from the same candidate, and the one that has connected their profile, whatever its addresses
//     (rows 43 and 121). Merged candidates are one person: as long as nobody else has connected the profile, the
//     address of each does for all.

// Address is that of a person who is another one than the candidate's, if there is any.
func (f Person) Address(c *Candidate) string { return cmp.Or(f.Email, c.Email) }

// followOwners has each award belong to the person of its result, and what waits follow its owner to another address.
func (c *Changes) followOwners(l *Ledger) {
	kin := map[string]Kinship{}
	for _, of := range l.Candidates {
		kin[of.ID] = l.Kin(of)
	}
	for _, a := range l.Awards {
		of := l.Candidate(a.CandidateID)
		before := cmp.Or(a.OwnerEmail, of.Before)
		if owner := l.owner(a, kin[of.ID]); owner.Email != a.OwnerEmail || owner.Name != a.OwnerName {
			a.OwnerEmail, a.OwnerName = owner.Email, owner.Name
			c.Change(a)
		}
		if a.Address(of) != before && !slices.Contains(c.Made, a) {
			c.move(l, a)
		}
	}
	for _, of := range l.Candidates {
		of.Before = of.Email
	}
}

// move has an offer follow its owner: the links to the address before end, the credential names the new one, and
// with it goes a new letter. What was decided about stays as it is.
func (c *Changes) move(l *Ledger, a *Award) {
	if of := (Moved{l.Candidate(a.CandidateID), l}); !slices.Contains(c.Moved, of) {
		c.Moved = append(c.Moved, of)
	}
	if a.Offered() && a.DisputedAt != nil { // by somebody else than those to whom it goes now
		a.DisputedAt, a.Dispute = nil, ""
		c.AwardEvent("badge.undisputed", l, a, c.Reason.Text)
	}
	switch {
	case !a.Offered():
	case a.Signed < a.Version:
		c.Change(a) // it may be signed for the address before at this moment, and is looked at again
	default:
		c.Reissue(a)
		c.TellAward("badge.updated", l, a, c.Reason.Text)
		c.Note(ChangeReaddressed, a, c.Reason.Text)
	}
}

// owner is to whom an award belongs; the zero facts where that is the person of the candidate's facts. One whose
// earning rests on a pass of another candidate by now stays whose it is.
func (l *Ledger) owner(a *Award, kin Kinship) Person {
	r := l.Result(a.By())
	if r != nil && r.CandidateID != a.CandidateID {
		return Person{Email: a.OwnerEmail, Name: a.OwnerName}
	}
	return l.Person(r, kin)
}

// Person is whose a result is, like owner, by the kinship of its candidate. One that does not count, or is not there any
// more, is believed nothing.
func (l *Ledger) Person(r *Result, kin Kinship) Person {
	if kin == nil || r == nil || !r.present() || kin.same(r.CandidateEmail, l.Candidate(r.CandidateID).Email) {
		return Person{}
	}
	theirs := slices.DeleteFunc(slices.Clone(l.results(r.CandidateID)), func(other Result) bool { return !kin.same(other.CandidateEmail, r.CandidateEmail) })
	corrected := slices.DeleteFunc(l.corrections(r.CandidateID), func(c Correction) bool { return kin.find(c.keys()[0]) != kin.find(emailKey(r.CandidateEmail)) })
	return factsOf(r.Person(), theirs, corrected)
}

// Kinship tells which addresses and words of names of a candidate are one person's. It leads from each towards the
// one that stands for all.
type Kinship map[string]string

// Kin reads a candidate's people from its results and corrections; nil where all results say the same address.
func (l *Ledger) Kin(of *Candidate) Kinship {
	results := l.results(of.ID)
	if !slices.ContainsFunc(results, func(r Result) bool { return r.present() && r.CandidateEmail != of.Email }) {
		return nil
	}
	k := Kinship{}
	for n := range results {
		if r := &results[n]; r.present() {
			k.join(append(nameKeys(r.CandidateName), emailKey(r.CandidateEmail)))
		}
	}
	for _, c := range l.corrections(of.ID) {
		k.join(c.keys())
	}
	return k
}

// keys are those of a person that a correction joins.
func (c *Correction) keys() []string {
	if c.Member == MemberEmail {
		return []string{emailKey(c.Was), emailKey(c.Value)}
	}
	return append(nameKeys(c.Was), nameKeys(c.Value)...)
}

func (k Kinship) same(email, other string) bool {
	return k.find(emailKey(email)) == k.find(emailKey(other))
}

func (k Kinship) find(key string) string {
	for k[key] != "" {
		key = k[key]
	}
	return key
}

func (k Kinship) join(keys []string) {
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

// OwnerAt is the address under which the awards of a candidate's person with an address are kept; empty where that is the
// person of the candidate's facts.
func (l *Ledger) OwnerAt(of *Candidate, address string) string {
	kin := l.Kin(of)
	if kin == nil || kin.same(address, of.Email) {
		return ""
	}
	results := l.results(of.ID)
	for k := range results {
		if r := &results[k]; r.present() && kin.same(r.CandidateEmail, address) {
			return l.Person(r, kin).Email
		}
	}
	return address
}

// Addresses are those that results and corrections give the person of a candidate's facts, and those that were
// corrected away.
func (l *Ledger) Addresses(of *Candidate) (right, wrong []string) {
	kin := l.Kin(of)
	right = []string{of.Email}
	results := l.results(of.ID)
	for k := range results {
		if r := &results[k]; r.present() && l.Person(r, kin) == (Person{}) {
			right = append(right, r.CandidateEmail)
		}
	}
	for _, c := range l.corrections(of.ID) {
		if c.Member == MemberEmail {
			wrong = append(wrong, c.Was)
			wrong = slices.DeleteFunc(wrong, func(address string) bool { return address == c.Value })
		}
	}
	right = slices.DeleteFunc(right, func(address string) bool { return slices.Contains(wrong, address) })
	return right, wrong
}
