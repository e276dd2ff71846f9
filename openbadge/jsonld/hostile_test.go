package jsonld

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/open-insignia/insignia/openbadge/rdf"
)

// cost is the processor time and the memory of a call.
func cost(call func()) (time.Duration, uint64) {
	var before, after runtime.MemStats
	var from, to syscall.Rusage
	runtime.GC()
	runtime.ReadMemStats(&before)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &from)
	call()
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &to)
	runtime.ReadMemStats(&after)
	return time.Duration(to.Utime.Nano() + to.Stime.Nano() - from.Utime.Nano() - from.Stime.Nano()), after.TotalAlloc - before.TotalAlloc
}

const ob3Head = `{"@context":[` + vc2 + `,` + ob3 + `],"id":"urn:x","type":["VerifiableCredential","OpenBadgeCredential"],`

func list(n int, element func(i int) string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(element(i))
	}
	return b.String()
}

// hostile documents, and the contexts that come with some of them.
var hostile = map[string]func() (doc string, contexts map[string]string){
	"10 MB text": func() (string, map[string]string) {
		return ob3Head + `"name":"` + strings.Repeat("x", 10<<20) + `"}`, nil
	},
	"10 MB arrays": func() (string, map[string]string) {
		return ob3Head + `"name":[` + strings.Repeat("[],", 3<<20) + `1]}`, nil
	},
	"4 MB of objects": func() (string, map[string]string) {
		return ob3Head + `"name":[` + strings.Repeat("{},", 1<<20) + `1]}`, nil
	},
	"4 MB text": func() (string, map[string]string) {
		return ob3Head + `"name":"` + strings.Repeat("é\\n", 1<<20-1000) + `"}`, nil
	},
	"4 MB digits": func() (string, map[string]string) {
		return ob3Head + `"name":1` + strings.Repeat("0", 4<<20-1000) + `}`, nil
	},
	"4 MB name": func() (string, map[string]string) {
		return ob3Head + `"a` + strings.Repeat("/", 4<<20-1000) + `":1}`, nil
	},
	"10,000 nested": func() (string, map[string]string) {
		return strings.Repeat(`{"evidence":`, 10_000) + "1" + strings.Repeat("}", 10_000), nil
	},
	"100 nested": func() (string, map[string]string) {
		return ob3Head + `"evidence":` + strings.Repeat(`{"id":"urn:y","type":["VerifiableCredential"],"evidence":[`, 48) + strings.Repeat("]}", 48) + "}", nil
	},
	"many members": func() (string, map[string]string) {
		return `{` + list(29_000, func(i int) string { return fmt.Sprintf(`"urn:p%d":"x"`, i) }) + `}`, nil
	},
	"many evidences": func() (string, map[string]string) {
		return ob3Head + `"evidence":[` + list(9_500, func(int) string { return `{"type":["Evidence"]}` }) + `]}`, nil
	},
	"1,000 endorsements": func() (string, map[string]string) {
		return ob3Head + `"endorsement":[` + list(1000, func(i int) string {
			return fmt.Sprintf(`{"@context":[%s,%s],"id":"urn:e%d","type":["VerifiableCredential","EndorsementCredential"],"issuer":{"id":"urn:i%d","type":"Profile","name":"x"},"validFrom":"2026-01-15T10:00:00Z","credentialSubject":{"id":"urn:x","type":"EndorsementSubject","endorsementComment":"good"},"proof":{"type":"DataIntegrityProof","proofValue":"z"}}`, vc2, ob3, i, i)
		}) + `]}`, nil
	},
	"all sets of types": func() (string, map[string]string) {
		types := []string{"Achievement", "AchievementSubject", "Address", "Alignment", "Criteria", "EndorsementSubject", "Evidence", "GeoCoordinates", "IdentifierEntry", "IdentityObject", "Image", "Profile", "Related", "Result", "ResultDescription"}
		return ob3Head + `"evidence":[` + list(5000, func(int) string {
			rand.Shuffle(len(types), func(i, j int) { types[i], types[j] = types[j], types[i] })
			return `{"type":["` + types[0] + `","` + types[1] + `","` + types[2] + `"]}`
		}) + `]}`, nil
	},
	"one context again and again": func() (string, map[string]string) {
		return `{"@context":[` + list(29_000, func(int) string { return ob3 }) + `]}`, nil
	},
	"all orders of contexts": func() (string, map[string]string) {
		urls := []string{vc2, ob3, `"https://w3id.org/security/suites/ed25519-2020/v1"`, `"https://w3id.org/vc/status-list/2021/v1"`, `"https://w3id.org/security/multikey/v1"`, `"https://w3id.org/security/data-integrity/v2"`}
		return `{"urn:p":[` + list(2000, func(int) string {
			rand.Shuffle(len(urls), func(i, j int) { urls[i], urls[j] = urls[j], urls[i] })
			return `{"@context":[` + strings.Join(urls, ",") + `],"id":"urn:y"}`
		}) + `]}`, nil
	},
	"root again and again": func() (string, map[string]string) {
		return ob3Head + `"name":"n","evidence":[` + list(9_000, func(int) string { return `{"id":"urn:x","name":"n"}` }) + `]}`, nil
	},
	"poison": func() (string, map[string]string) {
		return ob3Head + `"evidence":[` + list(12, func(i int) string {
			return fmt.Sprintf(`{"id":"_:%d","evidence":[%s]}`, i, list(12, func(j int) string { return fmt.Sprintf(`{"id":"_:%d"}`, j) }))
		}) + `]}`, nil
	},
	"huge context": func() (string, map[string]string) {
		return `{"@context":"urn:c","t1":"x"}`, map[string]string{"urn:c": `{"@context":{` + manyTerms(100_000) + `}}`}
	},
	"large context": func() (string, map[string]string) {
		return `{"@context":"urn:c","t1":"x"}`, map[string]string{"urn:c": `{"@context":{` + manyTerms(maxContextTerms) + `}}`}
	},
	"large contexts": func() (string, map[string]string) {
		texts := map[string]string{}
		for i := range 60 {
			texts[fmt.Sprint("urn:c", i)] = `{"@context":{` + strings.ReplaceAll(manyTerms(maxContextTerms), `"t`, fmt.Sprintf(`"t%d-`, i)) + `}}`
		}
		return `{"@context":[` + list(60, func(i int) string { return fmt.Sprintf(`"urn:c%d"`, i) }) + `],"t1":"x"}`, texts
	},
	"large inline contexts": func() (string, map[string]string) {
		return `{"@context":{` + manyTerms(9000) + `},"t1":[` + list(60, func(int) string { return `{"@context":{"a":"urn:a"},"t2":"x"}` }) + `]}`, nil
	},
	"nested inline contexts": func() (string, map[string]string) {
		return `{"@context":{` + manyTerms(9000) + `},"t1":` + strings.Repeat(`{"@context":{"a":"urn:a"},"t1":`, 60) + "1" + strings.Repeat("}", 61), nil
	},
	"two contexts, each in the other": func() (string, map[string]string) {
		return `{"@context":"urn:c","t1":"x"}`, map[string]string{"urn:c": `{"@context":["urn:d","urn:d"]}`, "urn:d": `{"@context":["urn:c","urn:c"]}`}
	},
	"chain of contexts": func() (string, map[string]string) {
		texts := map[string]string{}
		for i := range 50 {
			texts[fmt.Sprint("urn:c", i)] = fmt.Sprintf(`{"@context":["urn:c%d","urn:c%d"]}`, i+1, i+1)
		}
		return `{"@context":"urn:c0","t1":"x"}`, texts
	},
	"chain of prefixes": func() (string, map[string]string) {
		return `{"@context":"urn:c","t0:x":"x"}`, map[string]string{"urn:c": `{"@context":{` + list(maxContextTerms-1, func(i int) string { return fmt.Sprintf(`"t%d":"t%d:x/"`, i, i+1) }) + `}}`}
	},
	"recursive scoped context": func() (string, map[string]string) {
		return strings.Repeat(`{"@context":"urn:c","@type":"T","p":[{"@type":["T","U"],"p":`, 30) + "1" + strings.Repeat("}]}", 30), map[string]string{"urn:c": `{"@context":{"p":{"@id":"urn:p","@context":{"q":"urn:q"}},"T":{"@id":"urn:T","@context":{"T":{"@id":"urn:T","@context":{"r":"urn:r"}}}},"U":{"@id":"urn:U","@context":{` + manyTerms(2000) + `}}}}`}
	},
	"scoped context that loads itself": func() (string, map[string]string) {
		return `{"@context":"urn:c","p":{"p":{"p":1}}}`, map[string]string{"urn:c": `{"@context":{"p":{"@id":"urn:p","@context":"urn:c"}}}`}
	},
	"large scoped contexts": func() (string, map[string]string) {
		return `{"@context":"urn:c","@type":"T0","p":[` + list(3000, func(i int) string { return fmt.Sprintf(`{"@type":["T%d","T%d"],"p":1}`, i%40, i%39) }) + `]}`,
			map[string]string{"urn:c": `{"@context":{"p":"urn:p",` + list(40, func(i int) string { return fmt.Sprintf(`"T%d":{"@id":"urn:T%d","@context":{%s}}`, i, i, manyTerms(90)) }) + `}}`}
	},
}

// Whatever a stranger sends, it is converted and brought into canonical form, or compacted, or
// refused, with less than 1 s of processor time and 64 MB.
func TestHostileDocuments(t *testing.T) {
	for name, make := range hostile {
		t.Run(name, func(t *testing.T) {
			text, texts := make()
			contexts := map[string][]byte{}
			for url, c := range texts {
				contexts[url] = []byte(c)
			}
			doc := []byte(text)
			var results [2]string
			for i, call := range []func() error{
				func() error { return canonicalizeHostile(doc, contexts) },
				func() error { return compactHostile(doc, contexts) },
			} {
				took, memory := cost(func() {
					if err := call(); err != nil {
						results[i] = err.Error()
					}
				})
				t.Logf("%v, %d MB: %.100s", took, memory>>20, results[i])
				if took > raceFactor*time.Second || memory > raceFactor*64<<20 {
					t.Errorf("took %v and %d MB", took, memory>>20)
				}
			}
		})
	}
}

func canonicalizeHostile(doc []byte, contexts map[string][]byte) error {
	quads, err := ToRDF(doc, Options{Contexts: contexts})
	if err == nil {
		_, err = rdf.Canonicalize(quads, rdf.Options{})
	}
	return refusal(err)
}

func compactHostile(doc []byte, contexts map[string][]byte) error {
	v, err := Decode(doc)
	if err == nil {
		o := v.(map[string]any)
		Needs(o)
		_, err = Compact(o, OB2, contexts)
	}
	return refusal(err)
}

// refusal passes errors that callers know.
func refusal(err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) || errors.Is(err, rdf.ErrWork) || errors.Is(err, rdf.ErrTooLarge) {
		return err
	}
	panic(err)
}

// Whatever ToRDF accepts has a canonical form that parses, and the same one again.
func FuzzToRDF(f *testing.F) {
	f.Add([]byte(basicCredential))
	for _, r := range refusals {
		f.Add([]byte(r.doc))
	}
	f.Add([]byte(ob3Head + `"evidence":[{"id":"_:a","type":"Evidence","name":"x"},{"id":"_:b","evidence":{"id":"_:a"}}],"proof":{"type":"DataIntegrityProof","proofPurpose":"assertionMethod"}}`))
	f.Add([]byte(`{"@context":"https://example.org/c","list":[1,2.5,true,{"label":"x"}],"json":{"a":[1.5]},"type":["Typed"],"only":{"@value":"x","@language":"en"}}`))
	f.Add([]byte(`{"@context":"https://example.org/v","a":[1e-7,1.5e-9,"x"],"b:c":{"type":"T"}}`))
	contexts := map[string][]byte{}
	for url, text := range testEnvironment().extra {
		contexts[url] = text
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		quads, err := ToRDF(doc, Options{Contexts: contexts})
		if err != nil {
			wantSomeKind(t, err)
			return
		}
		c, err := rdf.Canonicalize(quads, rdf.Options{Work: 5000})
		if err != nil {
			if !errors.Is(err, rdf.ErrWork) {
				t.Errorf("statements that have no form: %v", err)
			}
			return
		}
		if lines := bytes.Count(c.Text(), []byte("\n")); lines != len(c.Lines) {
			t.Errorf("%d statements make %d lines:\n%s", len(c.Lines), lines, c.Text())
		}
	})
}

func wantSomeKind(t *testing.T, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Kind < Malformed || e.Kind > DisputedNumber {
		t.Errorf("got %v, want an *Error", err)
	}
}
