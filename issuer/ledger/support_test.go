package ledger

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSupports reads rows in any order, and the column where the program before wrote it last.
func TestSupports(t *testing.T) {
	for text, want := range map[string]Supports{
		"p\n":                     nil,
		"p\n[\"R-1\"]\n0\tp\tR-1": {{Partner: "p", ID: "R-1"}},
		"p\n[\"R-1\",\"R-2\"]\n1\tq\tR-2\n0\tp\tR-1": {{Partner: "p", ID: "R-1"}, {Partner: "q", ID: "R-2"}},
		"p\n[\"R-1\"]":                    {{Partner: "p", ID: "R-1"}},
		"p\n[\"R-1\",\"R-2\"]\n0\tp\tR-1": {{Partner: "p", ID: "R-1"}, {Partner: "p", ID: "R-2"}},
		"p\n\n0\tp\tR-1":                  nil,
	} {
		var got Supports
		if err := got.Scan(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"p\n{", "p\n[]\nx\tp\tR-1"} {
		if err := new(Supports).Scan(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	if v, err := (Supports{{Partner: "p", ID: "R-1"}, {Partner: "q", ID: "R-2"}}).Value(); v != `["R-1","R-2"]` || err != nil {
		t.Errorf("got %v, error %v, want the ids", v, err)
	}
}
