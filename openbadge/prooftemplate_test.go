package openbadge

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge/jsonld"
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

// texts of awards: ordinary ones, and some that are hard to write or equal to each other.
var awardText = rapid.OneOf(
	rapid.StringMatching(`[A-Za-z0-9 .,]{1,20}`),
	rapid.SampledFrom([]string{"x", "", `"\`, "a\nb\tc\r", "\u0001\u007f\u0080", "\uFFFE\uFFFF\uFFFD", "é漢😀", "@type", "https://badges.test/a", "<b>&", "]]>", "_:b0", "\u2028"}),
	rapid.String(),
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
func awardDocument(t testing.TB, c *Credential) []byte {
	t.Helper()
	w := c.written()
	doc, err := marshal(&w)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// The template and the JSON-LD processor must agree on every award: where the template gives a
// canonical form, it is that of the whole way.
func TestTemplateEqualsWhole(t *testing.T) {
	fitted, all := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		s := drawShape(r)
		made, err := NewTemplate(awardDocument(t, drawAward(r, s)))
		if err != nil {
			return // it says things about one id in two places
		}
		for range 5 {
			doc := awardDocument(t, drawAward(r, s))
			got, found := made.Canonical(doc)
			all++
			if !found {
				continue
			}
			fitted++
			want, err := canonicalText(doc)
			if err != nil || !bytes.Equal(got, want) {
				r.Fatalf("%v\ngot\n%s\nwant\n%s\nof %s", err, got, want, doc)
			}
		}
	})
	if fitted < all*9/10 {
		t.Errorf("template fits only %d of %d awards", fitted, all)
	}
}

func TestTemplateDoesNotFit(t *testing.T) {
	first, err := sampleCredential().JSON()
	if err != nil {
		t.Fatal(err)
	}
	made, err := NewTemplate(first)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new string }{
		"achievement":    {"Built a robot.", "Built two robots."},
		"issuer":         {"Example Centre", "Example"},
		"type":           {`"OpenBadgeCredential"`, `"AchievementCredential"`},
		"context":        {`context-3.0.3.json`, `context.json`},
		"number":         {`"hashed":true`, `"hashed":false`},
		"white space":    {`"id":"https://badges.test/badges`, `"id": "https://badges.test/badges`},
		"member":         {`"validUntil"`, `"awardedDate2"`},
		"one more":       {`"credentialStatus":{`, `"name":"x","credentialStatus":{`},
		"end":            {`"https://badges.test/status/3"}}`, `"https://badges.test/status/3"}} `},
		"cut off":        {`"https://badges.test/status/3"}}`, `"https://badges.test/status/3`},
		"cut off before": {`,"statusListCredential":"https://badges.test/status/3"}}`, ``},
		"other scheme":   {`"https://badges.test/status/3"}}`, `"http://badges.test/status/3"}}`},
		"no IRI":         {`"https://badges.test/status/3"}}`, `"https://badges.test/status 3"}}`},
		"relative IRI":   {`"https://badges.test/status/3"}}`, `"status/3"}}`},
		"bare scheme":    {`"https://badges.test/status/3"}}`, `"https://"}}`},
		"control":        {`Kosher`, "Ko\nsher"},
		"bad UTF-8":      {`Kosher`, "Ko\xffsher"},
		"bad escape":     {`Kosher`, `Ko\qsher`},
		"half character": {`Kosher`, `Ko\ud800sher`},
	} {
		doc := strings.Replace(string(first), c.old, c.new, 1)
		if doc == string(first) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if got, found := made.Canonical([]byte(doc)); found {
			t.Errorf("%s: got %s", name, got)
		}
	}
	if _, found := made.Canonical([]byte(strings.Replace(string(first), "Kosher", strings.Repeat("K", jsonld.MaxBytes), 1))); found {
		t.Error("a document that is too large fits")
	}
	if got, found := made.Canonical([]byte(strings.Replace(string(first), "Kosher", `Ko\u0073h\"er\ud83d\ude00`, 1))); !found || !strings.Contains(string(got), `"Kosh\"er😀"`) {
		t.Errorf("escapes: got %v\n%s", found, got)
	}
}

func TestNewTemplateRefuses(t *testing.T) {
	ok, err := sampleCredential().JSON()
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, new string) string { return strings.Replace(string(ok), old, new, 1) }
	for name, c := range map[string]struct {
		doc  string
		want error
	}{
		"no JSON":      {"{", ErrJSON},
		"no object":    {"[]", ErrTemplate},
		"no context":   {`{"type":["VerifiableCredential"]}`, ErrTemplate},
		"no type":      {`{"@context":["` + ContextVC2 + `"],"id":"urn:x:1"}`, ErrTemplate},
		"signed":       {change(`{`, `{"proof":[],`), ErrTemplate},
		"our own mark": {change("Kosher", "https://slot.invalid/s1/"), ErrTemplate},
	} {
		if _, err := NewTemplate([]byte(c.doc)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	for name, doc := range map[string]string{
		"undefined member": change(`"validFrom"`, `"rank":"gold","validFrom"`),
		"unknown context":  change(ContextOB3, "https://x.test/context.json"),
	} {
		if _, err := NewTemplate([]byte(doc)); err == nil {
			t.Errorf("%s: got a template", name)
		}
	}
}

// A member that the RDF shows in another way than as its text is no slot: it must be the same.
func TestTemplateGivesUpSlots(t *testing.T) {
	doc := `{"@context":["` + ContextVC2 + `","` + ContextOB3 + `"],"id":"a%20b:c","type":["VerifiableCredential","OpenBadgeCredential"],"name":"N","validFrom":"2026-01-01T00:00:00Z"}`
	doc = strings.Replace(doc, "a%20b:c", "x+y:c", 1) // a scheme that iriPrefix does not know
	made, err := NewTemplate([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	if _, found := made.Canonical([]byte(doc)); !found {
		t.Error("does not fit its own document")
	}
	if _, found := made.Canonical([]byte(strings.Replace(doc, "x+y:c", "x+y:d", 1))); found {
		t.Error("fits another id")
	}
	if _, found := made.Canonical([]byte(strings.Replace(doc, `"N"`, `"M"`, 1))); !found {
		t.Error("does not fit another name")
	}
}

// Something else with the id of the document goes the whole way, which may refuse it.
func TestTemplateRepeatedRoot(t *testing.T) {
	c := sampleCredential()
	c.Evidence = []Evidence{{ID: "https://badges.test/evidence", Type: []string{"Evidence"}, Name: "E"}}
	made, err := NewTemplate(awardDocument(t, c))
	if err != nil {
		t.Fatal(err)
	}
	c.Evidence[0].ID = c.ID
	if _, found := made.Canonical(awardDocument(t, c)); found {
		t.Error("evidence with the id of the credential fits")
	}
	c.Evidence[0].ID, c.ID = "https://badges.test/evidence", c.Issuer.ID
	if _, found := made.Canonical(awardDocument(t, c)); found {
		t.Error("credential with the id of its issuer fits")
	}
}

// Two alike: blank nodes that only a closer look tells apart, and a statement that is made twice.
func TestTemplateAlike(t *testing.T) {
	c := sampleCredential()
	two := func(first, second, id string) []byte {
		c.Subject.Result = []Result{{Type: []string{"Result"}, Value: first}, {Type: []string{"Result"}, Value: second}}
		c.Evidence = []Evidence{{ID: "https://badges.test/1", Type: []string{"Evidence"}}, {ID: id, Type: []string{"Evidence"}}}
		return awardDocument(t, c)
	}
	made, err := NewTemplate(two("1", "2", "https://badges.test/2"))
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range [][]byte{two("3", "3", "https://badges.test/2"), two("1", "2", "https://badges.test/1"), two("1", "1", "https://badges.test/1")} {
		got, found := made.Canonical(doc)
		want, err := canonicalText(doc)
		if err != nil || !found || !bytes.Equal(got, want) {
			t.Errorf("%v, %v\ngot\n%s\nwant\n%s", err, found, got, want)
		}
	}
}
