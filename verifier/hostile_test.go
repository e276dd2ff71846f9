package verifier

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-insignia/insignia/egress"
	"github.com/open-insignia/insignia/openbadge"
)

// Budget of one judgement, whatever was handed in.
const (
	maxCPU    = raceFactor * time.Second
	maxMemory = 64 << 20
)

// TestHostile: nothing that a stranger can write costs more than the budget, and none of it is valid.
//
// proves: limits judged: size, repeated members, depth and number of parts; 1 s of CPU and 64 MB
func TestHostile(t *testing.T) {
	withSubject := func(change func(doc, achievement object)) func(w *world) string {
		return func(w *world) string {
			return w.altered(w.seal(nil), func(doc object) {
				change(doc, doc["credentialSubject"].(object)["achievement"].(object))
			})
		}
	}
	many := func(n int, make func(i int) any) []any {
		all := []any{}
		for i := range n {
			all = append(all, make(i))
		}
		return all
	}
	text := func(n int, part string) func(w *world) string {
		return withSubject(func(doc, a object) { a["tag"] = []any{strings.Repeat(part, n/len(part))} })
	}
	cases := map[string]func(w *world) string{
		"poison graph": withSubject(func(_, a object) { a["creator"] = clique(9) }),
		"blank nodes that look alike": withSubject(func(_, a object) {
			a["alignment"] = many(4000, func(int) any { return object{"type": "Alignment", "targetName": "x", "targetUrl": "https://x.test/"} })
		}),
		"10 MB of text":      text(10<<20, "a"),
		"4 MB of text":       text(4<<20-4000, "a"),
		"4 MB of escapes":    text(2<<20-4000, "\n"),
		"4 MB of numbers":    withSubject(func(_, a object) { a["tag"] = many(1_900_000, func(int) any { return 1 }) }),
		"4 MB of members":    withSubject(func(_, a object) { a["x"] = manyMembers(300_000) }),
		"as much as is read": withSubject(func(_, a object) { a["tag"] = many(maxCredentialValues-100, func(i int) any { return fmt.Sprint(i) }) }),
		"as many objects": withSubject(func(doc, _ object) {
			doc["evidence"] = many(6000, func(int) any { return object{"type": "Evidence", "name": "x"} })
		}),
		"10,000 nested": func(*world) string {
			return `{"type":"OpenBadgeCredential","x":` + strings.Repeat(`{"x":`, 10_000) + "1" + strings.Repeat("}", 10_001)
		},
		"10,000 nested lists": func(*world) string {
			return `{"type":"OpenBadgeCredential","x":` + strings.Repeat(`[`, 10_000) + strings.Repeat("]", 10_000) + "}"
		},
		"63 proofs": func(w *world) string {
			return w.altered(w.seal(nil), func(doc object) {
				p := proofOf(doc)
				p["created"] = "2026-02-04T10:00:01Z"
				doc["proof"] = many(63, func(int) any { return p })
			})
		},
		"proofs that build on one another": func(w *world) string {
			return w.altered(w.seal(nil), func(doc object) {
				var all []any
				var ids []any
				for i := range 60 {
					p := options()
					p["id"], p["proofValue"], p["previousProof"] = fmt.Sprintf("urn:p:%d", i), proofOf(doc)["proofValue"], ids
					if i == 0 {
						delete(p, "previousProof")
					}
					ids = append(ids[:len(ids):len(ids)], p["id"])
					all = append([]any{p}, all...)
				}
				doc["proof"] = all
			})
		},
		"long proofValue": func(w *world) string {
			return w.altered(w.seal(nil), func(doc object) { proofOf(doc)["proofValue"] = "z" + strings.Repeat("z", 1<<20) })
		},
		"token with a large payload": func(w *world) string {
			return handmade(`{"alg":"ES256","kid":"`+keyID+`"}`, []byte(`{"credentialSubject":{},"x":[`+strings.Repeat("1,", 1_400_000)+`1]}`), make([]byte, 64))
		},
		"token in a token's place": func(w *world) string { return strings.Repeat("a", 2<<20) + "." + strings.Repeat("a", 1<<20) + ".a" },
		"contexts without end": withSubject(func(doc, _ object) {
			doc["@context"] = many(10_000, func(i int) any { return []string{openbadge.ContextVC2, openbadge.ContextOB3}[i%2] })
		}),
	}
	for name, badge := range cases {
		t.Run(name, func(t *testing.T) {
			w := newSealedWorld(t)
			data := badge(w)
			r := w.within(data)
			if r.Valid || len(r.Checks) > 200 {
				t.Errorf("%s with %d checks", r.Verdict, len(r.Checks))
			}
			t.Logf("%d bytes: %s %s", len(data), r.Verdict, clip(r.codes(Fail)))
		})
	}
}

// TestHostileParts: neither does what a good badge leads to.
//
// proves: limits judged: size, repeated members, depth and number of parts; 1 s of CPU and 64 MB
func TestHostileParts(t *testing.T) {
	bomb := func(n int) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(make([]byte, 1<<20))
		_ = z.Close()
		return "u" + b64(bytes.Repeat(b.Bytes(), n)) // gzip files in a row are one file
	}
	cases := map[string]struct {
		badge   func(w *world) string
		verdict Verdict
	}{
		"gzip bomb in the status list": {func(w *world) string {
			w.put(listID, "application/vc+jwt", w.signList("revocation", issuerID, bomb(1024), time.Time{}))
			return w.seal(nil)
		}, Invalid},
		"largest status list": {func(w *world) string {
			w.put(listID, "application/vc+jwt", w.signList("revocation", issuerID, bomb(4), time.Time{}))
			return w.seal(nil)
		}, Valid},
		"every endorsement with a large status list": {func(w *world) string {
			return w.seal(func(doc, _ object) {
				var all []any
				packed := bomb(4)
				for i := range maxEndorsements {
					address := fmt.Sprintf("%s?%d", listID, i)
					w.put(address, "application/vc+jwt", w.signList("revocation", issuerID, packed, time.Time{}))
					all = append(all, w.endorse(func(e object) {
						e["credentialStatus"] = object{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "7", "statusListCredential": address}
					}))
				}
				doc["endorsementJwt"] = all
			})
		}, Valid},
		"every endorsement with a heavy schema": {func(w *world) string {
			return w.seal(func(doc, _ object) {
				var all []any
				w.put(schemaID, "application/json", forks(40))
				for range maxEndorsements {
					all = append(all, w.endorse(func(e object) { schemaIn(e, schemaID, "1EdTechJsonSchemaValidator2019") }))
				}
				doc["endorsementJwt"] = all
			})
		}, Valid},
		"schemas that are as large as is read": {func(w *world) string {
			return w.seal(func(doc, _ object) {
				schemaIn(doc, schemaID, "1EdTechJsonSchemaValidator2019")
				var all []any
				for i := range 2 {
					address := fmt.Sprintf("%s?%d", schemaID, i)
					w.put(address, "application/json", `{"allOf":[`+strings.Repeat(`{"required":["name"]},`, 5_800)+`{}]}`)
					all = append(all, object{"id": address, "type": "1EdTechJsonSchemaValidator2019"})
				}
				doc["credentialSchema"] = all
			})
		}, Valid},
		"schema with heavy patterns": {func(w *world) string {
			w.put(schemaID, "application/json", `{"properties":{"description":{"allOf":[`+strings.Repeat(`{"pattern":"(a{1,40}){1,40}c"},`, 500)+`{}]}}}`)
			return w.seal(func(doc, _ object) {
				schemaIn(doc, schemaID, "1EdTechJsonSchemaValidator2019")
				doc["description"] = strings.Repeat("ab", 500_000)
			})
		}, Undetermined},
		"1,000 endorsements": {func(w *world) string {
			token := w.endorse(nil)
			return w.seal(func(doc, _ object) {
				var all []any
				for range 1000 {
					all = append(all, token)
				}
				doc["endorsementJwt"] = all
			})
		}, Valid},
		"redirects in a circle": {func(w *world) string {
			w.network[listID] = egress.Resource{Status: 302, Headers: map[string]string{"Location": listID}}
			return w.seal(nil)
		}, Undetermined},
		"refresh that leads to itself": {func(w *world) string {
			sealed := w.seal(func(doc, _ object) { w.refreshable(doc) })
			w.put(refreshID, "application/json", sealed)
			return sealed
		}, Valid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newSealedWorld(t)
			r := w.within(c.badge(w))
			if r.Verdict != c.verdict || len(r.Checks) > 200 {
				t.Errorf("got %s, want %s: %s", r.Verdict, c.verdict, toJSON(t, r.Checks))
			}
		})
	}
}

// TestHostileSlow: a server that lets every question wait ends with the time for the whole badge.
//
// proves: limits judged: size, repeated members, depth and number of parts; 1 s of CPU and 64 MB
func TestHostileSlow(t *testing.T) {
	w := newSealedWorld(t)
	data := w.seal(func(doc, _ object) {
		w.refreshable(doc)
		var all []any
		for i := range 30 {
			all = append(all, w.embed(func(doc object) {
				doc["id"], doc["issuer"] = fmt.Sprintf("urn:e:%d", i), issuerID
			}))
		}
		doc["endorsement"] = all
	})
	synctest.Test(t, func(t *testing.T) {
		slow := fetcherFunc(func(ctx context.Context, r egress.Request) (*egress.Response, error) {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		})
		from := time.Now()
		r := New(Options{Fetch: slow}).Verify(t.Context(), Input{Data: []byte(data), At: today})
		if took := time.Since(from); took > badgeTime {
			t.Errorf("took %s", took)
		}
		if r.Verdict != Undetermined {
			t.Errorf("got %s", r.Verdict)
		}
	})
}

// within verifies and holds time of the processor and memory to the budget.
func (w *world) within(data string) *Report {
	w.t.Helper()
	stop, peak := make(chan bool), uint64(0)
	var watching sync.WaitGroup
	runtime.GC()
	before := heap()
	watching.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				peak = max(peak, heap())
			}
		}
	})
	from := processor()
	r := w.verify(data)
	spent := processor() - from
	close(stop)
	watching.Wait()
	w.t.Logf("%s, %d kB", spent, (int64(peak)-int64(before))>>10)
	if spent > maxCPU {
		w.t.Errorf("took %s of the processor", spent)
	}
	if peak > before && peak-before > maxMemory {
		w.t.Errorf("took %d MB", (peak-before)>>20)
	}
	return r
}

// heap is the size of what lives and of what has not been collected yet.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// clique is a graph of n profiles without names, each the parent of all others.
func clique(n int) any {
	all := []any{}
	for i := range n {
		parents := []any{}
		for j := range n {
			if i != j {
				parents = append(parents, object{"id": fmt.Sprintf("_:p%d", j), "type": []any{"Profile"}})
			}
		}
		all = append(all, object{"id": fmt.Sprintf("_:p%d", i), "type": []any{"Profile"}, "parentOrg": parents})
	}
	return all
}

func manyMembers(n int) object {
	m := object{}
	for i := range n {
		m[fmt.Sprintf("m%d", i)] = 1
	}
	return m
}

// refreshable names the refresh service of the world in a document.
func (w *world) refreshable(doc object) {
	doc["@context"] = append(doc["@context"].([]any), openbadge.ContextExtensions)
	doc["refreshService"] = object{"id": refreshID, "type": "1EdTechCredentialRefresh"}
}
