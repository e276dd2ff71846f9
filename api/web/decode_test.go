package web

import (
	"testing"

	"github.com/open-insignia/insignia/refusal"
)

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
		if got := HasFault(faults, pointer); got != want {
			t.Errorf("%s: got %v", pointer, got)
		}
	}
}
