package verifier

import (
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge"
)

// recordOf is a learner record by the world's issuer, with a proof.
func (w *world) recordOf(change func(doc object), badges ...any) string {
	doc := object{
		"@context": []any{openbadge.ContextVC2, openbadge.ContextCLR, openbadge.ContextOB3}, "id": "urn:uuid:0c6f1f0a-61f8-4d9a-8f51-91b1a2f0a002",
		"type": []any{"VerifiableCredential", "ClrCredential"}, "name": "Transcript", "validFrom": "2026-02-04T10:00:00Z",
		"issuer":            object{"id": issuerID, "type": []any{"Profile"}, "name": "Example Makers"},
		"credentialSubject": object{"type": []any{"ClrSubject"}, "id": "did:key:z6MkkskrScNZZ2Gw9y6gLXfo7dDr61v3upfa8acp9nbF8bc2", "verifiableCredential": badges},
	}
	if change != nil {
		change(doc)
	}
	doc["proof"] = []any{w.prove(doc, options(), keys().ed)}
	return toJSON(w.t, doc)
}

// TestLearnerRecord: a Comprehensive Learner Record 2.0 is judged like any credential, and each badge in it by itself; what
// became of one takes nothing from the record, and is told.
//
// row 60: an altered record is told from one whose badges have ended.
func TestLearnerRecord(t *testing.T) {
	badge := func(w *world, change func(doc object)) any {
		var doc object
		sealed := w.seal(func(d, _ object) {
			if change != nil {
				change(d)
			}
		})
		w.must(openbadge.UnmarshalStrict([]byte(sealed), &doc))
		return doc
	}
	cases := []struct {
		name   string
		make   func(w *world) string
		want   Verdict
		codes  string
		inside string
	}{
		{"two badges", func(w *world) string { return w.recordOf(nil, badge(w, nil), badge(w, nil)) }, Valid, "", "valid valid"},
		{"one without a list", func(w *world) string {
			return w.recordOf(func(d object) { d["credentialSubject"].(object)["verifiableCredential"] = badge(w, nil) })
		}, Valid, "", "valid"},
		{"one that has ended", func(w *world) string {
			return w.recordOf(nil, badge(w, nil), badge(w, func(d object) { d["validUntil"] = "2026-02-05T10:00:00Z" }))
		}, Valid, "", "valid expired"},
		{"one that was altered before", func(w *world) string {
			forged := badge(w, nil).(map[string]any)
			forged["name"] = "Forged"
			return w.recordOf(nil, forged)
		}, Valid, "", "altered"},
		{"something that is no badge", func(w *world) string {
			return w.recordOf(nil, w.embed(nil))
		}, Valid, "", "invalid"},
		{"altered", func(w *world) string {
			return strings.Replace(w.recordOf(nil, badge(w, nil)), "Transcript", "Transcripts", 1)
		}, Altered, "BAD_SIGNATURE", ""},
		{"without badges", func(w *world) string { return w.recordOf(nil) }, Invalid, "MISSING_PROPERTY", ""},
		{"nobody's", func(w *world) string {
			return w.recordOf(func(d object) { delete(d["credentialSubject"].(object), "id") }, badge(w, nil))
		}, Invalid, "MISSING_PROPERTY", "valid"},
		{"contexts in another order", func(w *world) string {
			return w.recordOf(func(d object) {
				d["@context"] = []any{openbadge.ContextVC2, openbadge.ContextOB3, openbadge.ContextCLR}
			}, badge(w, nil))
		}, Invalid, "CONTEXT", "valid"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newSealedWorld(t)
			r := w.verify(c.make(w))
			if r.Verdict != c.want || c.codes != "" && !strings.Contains(r.codes(Fail), c.codes) {
				t.Fatalf("got %s %s, want %s %s\n%s", r.Verdict, r.codes(Fail), c.want, c.codes, toJSON(t, r.Checks))
			}
			var inside []string
			for _, b := range r.Contains {
				inside = append(inside, string(b.Verdict))
			}
			if got := strings.Join(inside, " "); got != c.inside && c.want != Invalid {
				t.Errorf("inside: %s, want %s\n%s", got, c.inside, toJSON(t, r.Checks))
			}
		})
	}
}

// A record with more badges than are judged says so.
func TestLearnerRecordOfMany(t *testing.T) {
	w := newSealedWorld(t)
	var one object
	w.must(openbadge.UnmarshalStrict([]byte(w.seal(func(_, _ object) {})), &one))
	all := make([]any, maxContained+1)
	for k := range all {
		all[k] = one
	}
	r := w.verify(w.recordOf(nil, all...))
	if r.Verdict != Valid || len(r.Contains) != maxContained {
		t.Errorf("%s, %d judged", r.Verdict, len(r.Contains))
	}
	if last := r.Checks[len(r.Checks)-1]; last.Name != CheckContents || last.Outcome != Skipped {
		t.Errorf("%+v", last)
	}
}
