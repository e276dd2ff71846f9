package verifier

import (
	"fmt"
	"strings"
	"testing"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
	"github.com/open-insignia/insignia/openbadge/ob2"
)

// fat is a document of almost 2 MiB with as many values as are read, in front of the given members.
func fat(members string) string {
	return members[:len(members)-1] + `,"filler":[` + strings.TrimSuffix(strings.Repeat(`"12345678",`, maxParts-1000), ",") + "]}"
}

// heavy2 is one with as much JSON-LD work in it as can be.
func heavy2(members string, values int) string {
	m := strings.Replace(members, `"https://w3id.org/openbadges/v2"`, `["https://w3id.org/openbadges/v2",{"x":"https://x.test/x"}]`, 1)
	return m[:len(m)-1] + `,"x":[` + strings.TrimSuffix(strings.Repeat(`{"x":1},`, values/2), ",") + "]}"
}

// TestHostile2: nothing of 2.x that a stranger can write or serve costs more than the budget.
//
// proves: limits judged: size, repeated members, depth and number of parts; 1 s of CPU and 64 MB
func TestHostile2(t *testing.T) {
	svg := func(inner string) string {
		return svgHead + inner + "</svg>"
	}
	chunk := func(text string) openbadge.Chunk { return openbadge.Chunk{Keyword: openbadge.KeywordOB2, Text: text} }
	head := `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"` + assertionID + `"}`
	for name, input := range map[string]func(w *world) string{
		"4 MB of empty lists":        func(*world) string { return head[:len(head)-1] + `,"x":[` + strings.Repeat("[],", 1_300_000) + "1]}" },
		"4 MB of empty objects":      func(*world) string { return head[:len(head)-1] + `,"x":[` + strings.Repeat("{},", 1_300_000) + "1]}" },
		"as many values as are read": func(*world) string { return fat(head) },
		"4 MB of text":               func(*world) string { return head[:len(head)-1] + `,"x":"` + strings.Repeat("a", 4<<20-300) + `"}` },
		"4 MB of addresses": func(*world) string {
			return head[:len(head)-1] + `,"evidence":["` + strings.Repeat(`https://x.test/aaaaaaaaaaaaaaaaaaaaaaa","`, 90_000) + `x"]}`
		},
		"10,000 nested": func(*world) string { return strings.Repeat(`{"badge":`, 10_000) + "1" + strings.Repeat("}", 10_000) },
		"a picture as text of 4 MB": func(w *world) string {
			w.change(classID, set("image", "data:image/png;base64,"+strings.Repeat("A", 2<<20-2000)))
			return assertionID
		},
		"a picture of chunks": func(w *world) string {
			p := picture(w.t)
			return p[:33] + strings.Repeat("\x00\x00\x00\x00tEXt\x0b\x0f\xc1\x11", 700_000) + p[33:]
		},
		"a picture of one text": func(w *world) string { return picture(w.t, chunk(strings.Repeat("x", 10<<20))) },
		"a picture of elements": func(*world) string { return svg(strings.Repeat("<a/>", 2_500_000)) },
		"elements, nested":      func(*world) string { return svg(strings.Repeat("<a>", 3_000_000)) },
		"as many elements as are read": func(*world) string {
			return svg(strings.Repeat("<a/>", maxElements-10) + `<o:assertion verify="` + assertionID + `x"/>`)
		},
		"attributes": func(*world) string { return svg("<a " + strings.Repeat(`b="c" `, 1_500_000) + "/>") },
		"a body in pieces": func(*world) string {
			return svg("<o:assertion>" + strings.Repeat("a<![CDATA[b]]>", 90_000) + "</o:assertion>")
		},
		"one long attribute": func(*world) string { return svg(`<o:assertion verify="` + strings.Repeat("a", 8<<20) + `"/>`) },
		"a token of nothings": func(*world) string {
			return handmade(`{"alg":"RS256"}`, []byte("["+strings.Repeat("[],", 900_000)+"1]"), []byte("x"))
		},
		"keys without end": func(w *world) string {
			var many []string
			for i := range 100 {
				address := fmt.Sprintf("https://issuer.test/k/%d", i)
				many = append(many, address)
				w.put(address, "application/json", fat(`{"@context":"https://w3id.org/openbadges/v2","type":"CryptographicKey","id":"`+address+`","owner":"`+profileID+`"}`))
			}
			w.change(profileID, set("publicKey", many))
			return w.sign(edit(w.t, signedBadgeAs(w), set("verification", map[string]any{"type": "SignedBadge"})))
		},
		"a large revocation list": func(w *world) string {
			token := w.sign(signedBadgeAs(w))
			var b strings.Builder
			for i := range 40_000 {
				fmt.Fprintf(&b, `"urn:uuid:%08d-0000-4000-8000-000000000000",`, i)
			}
			w.put(revokedID, "application/json", `{"@context":"https://w3id.org/openbadges/v2","type":"RevocationList","revokedAssertions":[`+b.String()+`"`+uuidID+`"]}`)
			return token
		},
		"JSON-LD everywhere": func(w *world) string {
			for _, address := range []string{assertionID, classID, profileID} {
				w.put(address, "application/json", heavy2(w.network[address].Body, 9000))
			}
			return assertionID
		},
		"JSON-LD beyond what is read": func(w *world) string {
			for _, address := range []string{assertionID, classID, profileID} {
				w.put(address, "application/json", heavy2(w.network[address].Body, 140_000))
			}
			return assertionID
		},
		"contexts within contexts": func(w *world) string {
			var terms strings.Builder
			for i := range 8000 {
				fmt.Fprintf(&terms, `,"t%d":"p:%d"`, i, i)
			}
			w.put("https://terms.test/c", "application/json", `{"@context":{"p":"https://p.test/"`+terms.String()+"}}")
			for _, address := range []string{assertionID, classID, profileID} {
				w.change(address, set("@context", []string{ob2.Context, "https://terms.test/c"}))
			}
			return assertionID
		},
		"endorsements that are heavy": func(w *world) string {
			var many []string
			for i := range maxEndorsements {
				address := fmt.Sprintf("%s/%d", endorsementID, i)
				many = append(many, address)
				m := endorsementOf(classID)
				m["id"] = address
				w.put(address, "application/json", heavy2(toJSON(w.t, m), 9000))
			}
			w.change(classID, set("endorsement", many))
			return assertionID
		},
		"1,000 endorsements inside": func(w *world) string {
			var many []any
			for range 1000 {
				many = append(many, endorsementWith("id", "_:e"))
			}
			w.change(classID, set("endorsement", many))
			return assertionID
		},
		"extensions that are heavy": func(w *world) string {
			for i := range maxExtensions {
				var values []int
				for range 3000 {
					values = append(values, i)
				}
				w.change(classID, set(fmt.Sprintf("extensions:x%d", i), map[string]any{"@context": homeContext, "type": []string{"Extension", "extensions:ApplyLink"}, "url": values}))
			}
			return assertionID
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			publishHosted(w)
			data := input(w)
			r := w.within(data)
			if len(r.Checks) > 200 {
				t.Errorf("%d checks", len(r.Checks))
			}
			t.Logf("%d bytes: %s %s", len(data), r.Verdict, clip(r.codes(Fail)+r.codes(Unknown)))
		})
	}
}

// signedBadgeAs is signedBadge for an issuer who is published already.
func signedBadgeAs(w *world) []byte {
	network := egress.Memory{}
	for address, r := range w.network {
		network[address] = r
	}
	badge := signedBadge(w)
	for address, r := range network {
		w.network[address] = r
	}
	return badge
}

// proves: limits judged: size, repeated members, depth and number of parts; 1 s of CPU and 64 MB
func TestTooComplex(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "[1,2]": false, `"` + strings.Repeat(",", 2*maxParts) + `"`: false, `"\"` + strings.Repeat("[", 2*maxParts) + `"`: false, `"unfinished`: false, `"\`: false,
		strings.Repeat("[", maxParts+1): true, `["a",` + strings.Repeat("1,", maxParts) + "1]": true,
	} {
		if got := tooComplex([]byte(text)); got != want {
			t.Errorf("%.20s: got %v", text, got)
		}
	}
	if tokenTooComplex([]byte("a.!.b")) || tokenTooComplex([]byte("nothing")) {
		t.Error("what cannot be decoded is somebody else's matter")
	}
	if pngTooComplex([]byte("\x89PNG")) || pngTooComplex([]byte("\x89PNG\r\n\x1a\n\xff\xff\xff\xffIDATxxxx")) {
		t.Error("a broken picture is somebody else's matter")
	}
}
