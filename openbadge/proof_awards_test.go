package openbadge

import (
	"fmt"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

// shape is what awards of one achievement have in common.
type shape struct {
	identifiers, evidence, results int
	until, narrative, holder       bool
}

func drawShape(t *rapid.T) shape {
	return shape{
		rapid.IntRange(1, 3).Draw(t, "identifiers"), rapid.IntRange(0, 3).Draw(t, "evidence"), rapid.IntRange(0, 3).Draw(t, "results"),
		rapid.Bool().Draw(t, "until"), rapid.Bool().Draw(t, "narrative"), rapid.Bool().Draw(t, "holder"),
	}
}

// awardText draws ordinary texts, and some that are hard to write or equal to each other. Those that RDFC-1.0
// escapes and json-gold, which is of before, does not are left out.
var awardText = rapid.OneOf(
	rapid.StringMatching(`[A-Za-z0-9 .,]{1,20}`),
	rapid.SampledFrom([]string{"x", "", `"\`, "a\nb\r", "\uFFFD", "é漢😀", "@type", "https://badges.test/a", "<b>&", "]]>", "_:b0", "\u2028"}),
	rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return !unicode.IsControl(r) && r != 0xFFFE && r != 0xFFFF })),
)

func drawAward(t *rapid.T, s shape) *Credential {
	id := func(name string) string {
		return "https://badges.test/" + rapid.OneOf(rapid.StringMatching(`[a-z0-9-]{1,12}(/[A-Za-z0-9._~-]{1,8}){0,2}(#[0-9]{1,6})?`), rapid.SampledFrom([]string{"a", "b"})).Draw(t, name)
	}
	moment := func(name string) time.Time {
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, name), 0).UTC()
	}
	c := sampleCredential()
	c.ID, c.ValidFrom, c.AwardedDate, c.ValidUntil = "https://badges.test/c"+id("id")[len("https://badges.test/"):], moment("from"), moment("awarded"), time.Time{}
	if s.until {
		c.ValidUntil = c.ValidFrom.Add(time.Hour)
	}
	c.RefreshFrom(rapid.SampledFrom([]string{c.ID, id("refresh")}).Draw(t, "itself"))
	c.NameSchema()
	c.Status.ID, c.Status.StatusListCredential, c.Status.StatusListIndex = id("status"), id("list"), fmt.Sprint(rapid.IntRange(0, 1<<20).Draw(t, "index"))
	c.Subject.Identifier = nil
	for range s.identifiers {
		i := HashedEmail(awardText.Draw(t, "hash"), awardText.Draw(t, "salt")+"s")
		i.IdentityType = rapid.SampledFrom([]string{"emailAddress", "name"}).Draw(t, "identityType")
		c.Subject.Identifier = append(c.Subject.Identifier, i)
	}
	for i := range s.evidence {
		e := Evidence{Type: []string{"Evidence"}, Name: awardText.Draw(t, "evidence") + "e", Narrative: awardText.Draw(t, "what") + "n"}
		if i > 0 {
			e.ID = id("evidence id")
		}
		c.Evidence = append(c.Evidence, e)
	}
	for range s.results {
		c.Subject.Result = append(c.Subject.Result, Result{Type: []string{"Result"}, Value: awardText.Draw(t, "value") + "v", Status: rapid.SampledFrom([]string{"Completed", "Failed"}).Draw(t, "status")})
	}
	if s.narrative {
		c.Subject.Narrative = awardText.Draw(t, "narrative") + "s"
	}
	if s.holder {
		c.Subject.ID = "did:example:" + rapid.StringMatching(`[a-z0-9]{1,9}`).Draw(t, "holder")
	}
	return c
}

// awardDocument is the credential as marshal writes it: JSON would take control characters out.
func awardDocument(t rapid.TB, c *Credential) []byte {
	t.Helper()
	w := c.withWholeSeconds()
	doc, err := marshal(&w)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// Our own awards have the canonical form that json-gold gives them, also those with blank nodes that only
// a closer look tells apart and those that make a statement twice.
//
// proves: 3.0 §5 issued: `eddsa-rdfc-2022`, checked before it is stored; canonical form as json-gold's
func TestAwardsAreCanonicalAsInJSONGold(t *testing.T) {
	compared, all := 0, 0
	check := func(t rapid.TB, c *Credential) {
		doc := awardDocument(t, c)
		all++
		got, err := canonicalText(doc)
		if err != nil {
			return // it says things about one id in two places
		}
		compared++
		if want := goldNormalize(t, doc); string(got) != want {
			t.Fatalf("got\n%s\nwant\n%s\nof %s", got, want, doc)
		}
	}
	rapid.Check(t, func(r *rapid.T) { check(r, drawAward(r, drawShape(r))) })
	if compared < all*9/10 {
		t.Errorf("compared only %d of %d awards", compared, all)
	}
	c := sampleCredential()
	for _, two := range [][3]string{{"3", "3", "2"}, {"1", "2", "1"}, {"1", "1", "1"}} {
		c.Subject.Result = []Result{{Type: []string{"Result"}, Value: two[0]}, {Type: []string{"Result"}, Value: two[1]}}
		c.Evidence = []Evidence{{ID: "https://badges.test/1", Type: []string{"Evidence"}}, {ID: "https://badges.test/" + two[2], Type: []string{"Evidence"}}}
		check(t, c)
	}
}
