package verifier

import (
	"strings"
	"testing"

	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/jsonld"
)

// TestUnseal reads whatever a list, an edition or an endorsement may come as.
//
// proves: limits judged: size, repeated members, depth and number of parts; 1 s of CPU and 64 MB
func TestUnseal(t *testing.T) {
	w := newSealedWorld(t)
	heavy := `{"type":"OpenBadgeCredential","x":[` + strings.Repeat("1,", maxCredentialValues) + `1]}`
	for _, c := range []struct{ name, data, code string }{
		{"proofs", w.seal(nil), ""},
		{"token", " " + w.token() + "\n", ""},
		{"envelope", toJSON(t, object{"type": enveloped, "id": "data:application/vc+jwt," + w.token()}), ""},
		{"envelope of nothing", toJSON(t, object{"type": enveloped, "id": "data:application/vc+jwt,x"}), BadValue},
		{"nothing", "", BadValue},
		{"a list", "[]", BadValue},
		{"member twice", `{"a":1,"a":2}`, NotJSON},
		{"something else", `{"a":1}`, UnsupportedType},
		{"token of something else", w.sign([]byte(`{"a":1}`)), UnsupportedType},
		{"too large", strings.Repeat("x", openbadge.MaxToken+1), BadInput},
		{"too many parts", heavy, BadInput},
		{"too many parts in a token", w.sign([]byte(heavy)), BadInput},
	} {
		s, f := unseal([]byte(c.data))
		if (f == nil) != (c.code == "") || f != nil && f.code != c.code || f == nil && s.Received == nil {
			t.Errorf("%s: got %+v", c.name, f)
		}
	}
	want(t, w.verify(heavy), Invalid, "BAD_INPUT")
	want(t, w.verify(w.sign([]byte(heavy))), Invalid, "BAD_INPUT")
	if isVouchedFor(toJSON(t, w.document())) || !isVouchedFor(w.seal(nil)) || !isVouchedFor(w.token()) {
		t.Error("what is vouched for")
	}
}

// TestLinkedFault: every kind of refusal has its code, and none is silent.
func TestLinkedFault(t *testing.T) {
	for kind := jsonld.Malformed; kind <= jsonld.DisputedNumber; kind++ {
		f := linkedFault(&jsonld.Error{Kind: kind, Pointer: "/a/0/b"})
		if f == nil || f.message == "" || f.property != "a.0.b" && kind != jsonld.UnknownContext || verdicts[f.code] != "" && f.code != Unsupported && f.verdict == "" {
			t.Errorf("%s: %+v", kind, f)
		}
	}
	if linkedFault(openbadge.ErrSignature) != nil {
		t.Error("a bad signature is taken for bad linked data")
	}
}

// FuzzUnseal: whatever comes in is read or refused, and what is read can be judged.
//
// proves: limits judged: size, repeated members, depth and number of parts; 1 s of CPU and 64 MB
func FuzzUnseal(f *testing.F) {
	w := newSealedWorld(f)
	for _, seed := range []string{w.seal(nil), w.token(), oldModel, toJSON(f, w.embed(nil)), toJSON(f, w.listDocument(nil)), "{}", "a.b.c", `{"type":["EnvelopedVerifiableCredential"],"id":"data:,"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, fault := unseal(data)
		if fault != nil {
			return
		}
		s.departures()
		s.checkLinkedData()
		s.period()
		findEndorsements(s.members(), "", nil)
	})
}

// FuzzSealed judges what is left of a sealed badge after any change of its text: it is never valid, unless
// only white space, the order of members or a spelling was changed.
//
// proves: 3.0 §5 judged: document, options or key changed: altered
func FuzzSealed(f *testing.F) {
	w := newSealedWorld(f)
	sealed := w.seal(func(doc, _ object) { doc["endorsement"] = []any{w.embed(nil)} })
	for _, at := range []int{0, 100, 300, len(sealed) - 5} {
		f.Add(at, "x")
	}
	f.Fuzz(func(t *testing.T, at int, with string) {
		if at < 0 || at > len(sealed) {
			return
		}
		changed := sealed[:at] + with + sealed[min(len(sealed), at+len(with)):]
		r := w.verify(changed)
		if !r.Valid {
			return
		}
		a, _ := unseal([]byte(sealed))
		b, f := unseal([]byte(changed))
		if f != nil {
			t.Fatalf("valid and unreadable: %s", changed)
		}
		for _, m := range []object{a.members(), b.members()} {
			delete(m, "proof")
		}
		if toJSON(t, a.members()) != toJSON(t, b.members()) {
			t.Errorf("valid after a change at %d: %s", at, changed)
		}
	})
}
