package api

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/open-insignia/insignia/refusal"
)

// What decode takes without a fault, encoding/json reads the same way.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{pass, `{"candidate":{"id":"x"},"score":1}`, `{"identity_check":{"matched":false}}`, `{"id":"\ud83d\ude00"}`, `{"id":"\ud83d"}`, `{"taken_at":"2026-03-04T10:00:00.5+01:00"}`, `{"a":[{"b":null}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var ours, theirs resultRequest
		found, err := decode(body, &ours)
		if (err == nil) && !json.Valid(body) {
			t.Fatal("took what is no JSON")
		}
		for _, fault := range found {
			if !utf8.ValidString(fault.Pointer) || !strings.HasPrefix(fault.Pointer, "/") || fault.Detail == "" {
				t.Errorf("%+v", fault)
			}
		}
		if err != nil || len(found) > 0 {
			return
		}
		if err := json.Unmarshal(body, &theirs); err != nil {
			var time *time.ParseError
			if errors.As(err, &time) { // not all of RFC 3339
				return
			}
			t.Fatal(err)
		}
		if ours.TakenAt != nil && theirs.TakenAt != nil && ours.TakenAt.Equal(*theirs.TakenAt) {
			theirs.TakenAt = ours.TakenAt
		}
		if !reflect.DeepEqual(ours, theirs) {
			t.Errorf("got %+v, encoding/json %+v", ours, theirs)
		}
	})
}

func TestLoneSurrogate(t *testing.T) {
	for body, want := range map[string]bool{
		`"\ud83d\ude00"`: false, `"\ud83d"`: true, `"\ude00"`: true, `"\ud83d\ud83d\ude00"`: true, `"\ud83dx"`: true, `"\ud83d\n"`: true,
		`"\\ud83d"`: false, `"\\\ud83d"`: true, `"\u0041"`: false, `"\uD83D\uDE00\uDFFF"`: true, `"a\\"`: false, `"\ud7ff\ue000"`: false,
	} {
		if got := loneSurrogate([]byte(body)); got != want {
			t.Errorf("%s: got %v", body, got)
		}
	}
}

func TestApart(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"exam", "exma", 1}, {"exam", "exams", 1}, {"takenat", "taken", 2}, {"abc", "xyz", 3}} {
		if got := apart(c.a, c.b); got != c.want {
			t.Errorf("%s %s: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestUnder(t *testing.T) {
	faults := []refusal.Field{{Pointer: "/candidate"}, {Pointer: "/identity_check/matched"}}
	for pointer, want := range map[string]bool{"/candidate": true, "/candidate/id": true, "/candidates": false, "/identity_check": true, "/identity_check/method": false} {
		if got := under(faults, pointer); got != want {
			t.Errorf("%s: got %v", pointer, got)
		}
	}
}
