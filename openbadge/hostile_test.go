package openbadge

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// allocated is how many bytes a call takes from the heap in all. It stands in for time: what copies
// its text again for every piece allocates with the square of the length.
func allocated(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Ten times the input may cost ten times as much, with room for chance, and not a hundred times.
func TestHostileInputCostsLinear(t *testing.T) {
	members := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"m%d":1,`, i)
		}
		return b.String()
	}
	for name, call := range map[string]func(n int){
		"svg text in pieces": func(n int) {
			badges, err := ExtractSVG([]byte(`<svg><c:credential xmlns:c="https://purl.imsglobal.org/ob/v3p0">` + strings.Repeat("ab<!---->", n) + `</c:credential></svg>`))
			if err != nil || len(badges) != 1 || len(badges[0].Body) != 2*n {
				t.Errorf("svg: %v", err)
			}
		},
		"svg badges": func(n int) {
			_, _ = ExtractSVG([]byte(`<svg xmlns:c="https://purl.imsglobal.org/ob/v3p0">` + strings.Repeat(`<c:credential/>`, n) + `</svg>`))
		},
		"dots":           func(n int) { _, _ = ParseJWS(strings.Repeat(".", n)) },
		"wide object":    func(n int) { _, _ = ReadCredential([]byte(`{` + members(n) + `"type":"x"}`)) },
		"wrong evidence": func(n int) { conformanceOf(`"evidence":[1` + strings.Repeat(",1", n) + `]`) },
		"closed object":  func(n int) { conformanceOf(`"image":{` + members(n) + `"type":"Image"}`) },
		"png chunks": func(n int) {
			data := appendChunk([]byte(pngSignature), "IHDR", "")
			for range n {
				data = appendChunk(data, "tEXt", "openbadges\x00x")
			}
			_, _ = Extract(appendChunk(data, "IEND", ""))
		},
	} {
		call(10)
		small, large := allocated(func() { call(2000) }), allocated(func() { call(20000) })
		if large > 30*small {
			t.Errorf("%s: ten times the input takes %d times the memory", name, large/small)
		}
	}
}

func conformanceOf(members string) {
	if r, err := ReadCredential([]byte(`{"type":["VerifiableCredential","OpenBadgeCredential"],` + members + `}`)); err == nil {
		r.Conformance()
	}
}
