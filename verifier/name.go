package verifier

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// nameMatch is how alike two names are, the closer the larger.
type nameMatch int

// Levels of likeness.
const (
	nameUnsaid    nameMatch = iota // there is no name to compare with
	nameDifferent                  // another name
	namePartial                    // one of them is short for the other, or for another person's: initials, or a part of it
	nameSimilar                    // the same apart from accents, order or middle names
	nameSame                       // the same but for case, spaces and ways of writing an accent
)

// CompareName says how close a name that somebody typed is to a written one: "same", "similar" (the same apart from
// accents, order or middle names), "partly" or "different".
func CompareName(written, typed string) string {
	switch compareNames(written, typed) {
	case nameSame:
		return "same"
	case nameSimilar:
		return "similar"
	case namePartial:
		return "partly"
	}
	return "different"
}

// check is the check of a report that tells the likeness between the badge's name and the one that was
// asked about. namePartial, nameSimilar and nameUnsaid are remarks, told apart by their code, that never change a
// verdict; nameDifferent stands for WrongRecipient.
func (m nameMatch) check() Check {
	switch m {
	case nameSame:
		return Check{Name: CheckRecipient, Outcome: Pass, Message: "The badge was issued to somebody of this name."}
	case nameSimilar:
		return Check{Name: CheckRecipient, Outcome: Warning, Code: RecipientMismatch,
			Message: "The badge was issued to somebody whose name is the same apart from accents, order or middle names."}
	case namePartial:
		return Check{Name: CheckRecipient, Outcome: Warning, Code: NamePartial,
			Message: "The badge was issued to somebody whose name fits this one only in part or by initials: compare the two."}
	case nameDifferent:
		return Check{Name: CheckRecipient, Outcome: Fail, Code: RecipientMismatch,
			Message: "The badge was issued to somebody of another name."}
	}
	return Check{Name: CheckRecipient, Outcome: Warning,
		Message: "The badge does not say its holder's name, so the name was not compared."}
}

// compareNames compares a person's name as a badge writes it with the same as somebody types it.
func compareNames(written, typed string) nameMatch {
	a, b := plainName(written), plainName(typed)
	switch {
	case a == "" || b == "":
		return nameUnsaid
	case a == b:
		return nameSame
	case similarNames(nameParts(a), nameParts(b)):
		return nameSimilar
	case partlySameNames(nameParts(a), nameParts(b)):
		return namePartial
	}
	return nameDifferent
}

func plainName(name string) string {
	return cases.Fold().String(norm.NFKC.String(strings.Join(strings.Fields(name), " ")))
}

// lettersWithoutAccent are those that no decomposition makes an accent of, as people type them without it.
var lettersWithoutAccent = strings.NewReplacer("ø", "o", "đ", "d", "ð", "d", "ł", "l", "ħ", "h", "ı", "i", "æ", "ae", "œ", "oe", "þ", "th")

// nameParts are the words of a folded name without accents, in alphabetical order.
func nameParts(name string) []string {
	bare := strings.Map(func(r rune) rune {
		switch {
		case r == '\'' || r == '’' || r == 'ʼ' || accent(r):
			return -1
		case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
			return r
		}
		return ' ' // hyphens, commas and full stops part words
	}, norm.NFD.String(name))
	parts := strings.Fields(lettersWithoutAccent.Replace(bare))
	slices.Sort(parts)
	return parts
}

// accent reports whether a mark only adorns the letters of Latin, Greek and Cyrillic; in other scripts a
// mark is a vowel or part of a letter.
func accent(r rune) bool { return r >= '\u0300' && r <= '\u036f' }

// similarNames reports whether the words of the shorter name, two at least, all stand in the longer one. The same
// letters in one word, as in scripts that part no words, differ in accents only.
func similarNames(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 1 && len(b) == 1 {
		return a[0] == b[0]
	}
	if len(a) < 2 {
		return false
	}
	k := 0
	for _, word := range b {
		if k < len(a) && a[k] == word {
			k++
		}
	}
	return k == len(a)
}

// partlySameNames reports whether every word of the shorter name stands in the longer one, or is an initial of a word there or has
// its initial there, and one word at least is the same.
func partlySameNames(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	b, rest := slices.Clone(b), []string(nil)
	for _, word := range a {
		if k := slices.Index(b, word); k >= 0 && !isInitial(word) {
			b = slices.Delete(b, k, k+1)
			continue
		}
		rest = append(rest, word)
	}
	if len(rest) == len(a) {
		return false
	}
	for _, word := range rest {
		k := slices.IndexFunc(b, func(other string) bool {
			return isInitial(word) && strings.HasPrefix(other, word) || isInitial(other) && strings.HasPrefix(word, other)
		})
		if k < 0 {
			return false
		}
		b = slices.Delete(b, k, k+1)
	}
	return true
}

func isInitial(word string) bool { return utf8.RuneCountInString(word) == 1 }
