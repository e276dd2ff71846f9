package verifier

import (
	"strings"
	"testing"
)

// wrapped puts every value of a document, on every level, into a list of one.
func wrapped(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for name, inner := range v {
			if name == "@context" || name == "id" || name == "type" || name == "proof" {
				m[name] = inner // an id is one, by JSON-LD
				continue
			}
			m[name] = []any{wrapped(inner)}
		}
		return m
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = wrapped(v[i])
		}
		if len(all) == 1 {
			return all[0] // and a list of one becomes the value
		}
		return all
	}
	return v
}

// One value and a list of one are the same wherever they stand, in what is judged and in what is shown.
func TestOneValueAndAListOfOne(t *testing.T) {
	w := newSealedWorld(t)
	w.badge.Status = nil
	plain := w.verify(w.sealWith(w.document(), options(), keys().ed))
	want(t, plain, Valid, "")
	other := wrapped(w.document()).(map[string]any)
	r := w.verify(w.sealWith(other, options(), keys().ed))
	want(t, r, Valid, "")
	if got, want := toJSON(t, r.Badge), toJSON(t, plain.Badge); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A member that is null is absent, with a remark: where it may be absent the badge is as good as without,
// where it is required it is missing; the signature is over the document as it came.
func TestNullIsAbsent(t *testing.T) {
	for path, codes := range map[string]string{
		"validUntil": "", "credentialStatus": "", "description": "", "evidence": "", "credentialSubject.result": "", "issuer.image": "",
		"credentialSubject.achievement.alignment": "", "credentialSubject.achievement.tag": "", "credentialSubject.achievement.creator": "",
		"validFrom": "MISSING_PROPERTY", "name": "", "credentialSubject.achievement.name": "MISSING_PROPERTY", "credentialSubject.achievement.criteria": "MISSING_PROPERTY",
	} {
		t.Run(path, func(t *testing.T) {
			w := newSealedWorld(t)
			w.badge.Status = nil
			document := w.document()
			at := document
			names := strings.Split(path, ".")
			for _, name := range names[:len(names)-1] {
				at = at[name].(map[string]any)
			}
			at[names[len(names)-1]] = nil
			verdict := Valid
			if codes != "" {
				verdict = Invalid
			}
			r := w.verify(w.sealWith(document, options(), keys().ed))
			want(t, r, verdict, codes)
			remarked := false
			for _, c := range r.Checks {
				remarked = remarked || c.Outcome == Warning && c.Property == path
			}
			if !remarked {
				t.Errorf("no remark on %s: %s", path, toJSON(t, r.Checks))
			}
			w.badge.Status = nil
			token := w.edited(func(m map[string]any) {
				at := m
				for _, name := range names[:len(names)-1] {
					at = at[name].(map[string]any)
				}
				at[names[len(names)-1]] = nil
			})
			if path != "validFrom" { // which a claim repeats
				want(t, w.verify(token), verdict, codes)
			}
		})
	}
	t.Run("in a list of alignments", func(t *testing.T) {
		w := newSealedWorld(t)
		w.badge.Status = nil
		document := w.document()
		document["credentialSubject"].(map[string]any)["achievement"].(map[string]any)["alignment"] = []any{
			nil, object{"type": []any{"Alignment"}, "targetName": "Robots", "targetUrl": "https://issuer.test/robots", "targetDescription": nil}}
		want(t, w.verify(w.sealWith(document, options(), keys().ed)), Valid, "")
	})
	t.Run("2.0", func(t *testing.T) {
		for _, name := range []string{"narrative", "evidence", "expires", "image"} {
			w := newWorld(t)
			badge := edit(t, signedBadge(w), set(name, nil))
			r := w.verify(w.sign(badge))
			want(t, r, Valid, "")
			if !strings.Contains(r.codes(Warning), BadValue) {
				t.Errorf("%s: no remark: %s", name, toJSON(t, r.Checks))
			}
		}
	})
	t.Run("null in a context is no absence", func(t *testing.T) {
		w := newSealedWorld(t)
		w.badge.Status = nil
		token := w.edited(func(m map[string]any) { m["@context"] = append(m["@context"].([]any), nil) })
		if r := w.verify(token); r.Verdict != Invalid {
			t.Errorf("got %s", r.Verdict)
		}
	})
}
