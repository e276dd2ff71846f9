//go:build conformance

package main

import (
	"testing"

	"github.com/open-insignia/insignia/issuer/credential"
)

// TestConformanceLearnerRecord has the JavaScript reference stack judge a transcript as Comprehensive Learner Record 2.0,
// in both forms and against 1EdTech's schema, which it names.
func TestConformanceLearnerRecord(t *testing.T) {
	for _, alg := range []string{"ES256", "RS256"} {
		t.Run(alg, func(t *testing.T) {
			b := newSite(t, func(c *config) { c.JWTAlg = alg })
			var awards []string
			for _, badge := range b.issued(t) {
				awards = append(awards, badge[len(b.name+"/badges/"):])
			}
			records := credential.NewLearnerRecords(b.issuer.Publisher)
			of := credential.RecordOf{Title: "Relevé : Zoë “Ж” O'Neill-🛰", Name: "Zoë “Ж” O'Neill-🛰", Address: "zoë@home.test", Awards: awards, Partial: true}
			document, err := records.JSON(t.Context(), of)
			if err != nil {
				t.Fatal(err)
			}
			token, err := records.JWT(t.Context(), of)
			if err != nil {
				t.Fatal(err)
			}
			whole := string(document.Body)
			for _, r := range b.judgeOB3(t, []ob3Job{
				{Name: "record", Kind: "credential", Text: whole},
				{Name: "record as a token", Kind: "token", Text: string(token.Body)},
				{Name: "record, a badge in it changed", Kind: "credential", Text: change(t, whole, `"achievementType":"`, `"fieldOfStudy":"Medicine","achievementType":"`), wrong: "ignature"},
				{Name: "record, whole", Kind: "credential", Text: change(t, whole, `"partial":true`, `"partial":false`), wrong: "ignature"},
				{Name: "record as a token, altered", Kind: "token", Text: alter(string(token.Body)), wrong: "signature verification failed"},
			}) {
				if r.Facts["alg"] != "" && r.Facts["alg"] != alg {
					t.Errorf("%s: got algorithm %s, want %s", r.Name, r.Facts["alg"], alg)
				}
			}
		})
	}
}
